"""Inputs: the value and the hours that are grouped, how well they are known, and dimensions of the planner's own."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Accepts, Card, Column, Condition, Grid, Sheet, Table, row
from valuehour.workbooks.templates.entering import CURRENCY, DECIMALS, MODEL_NAME, VALUE, entry, evidence, single
from valuehour.workbooks.templates.phrases import figure_row, head, note, section

OWN_TABLE = "tblOwnDimensions"
OWN_ROWS = 12
OWN_STRUCTURE = "Own dimensions"
"""The structure for dimensions that belong to none of the catalog's."""

YES_NO = ("yes", "no")

MODEL = (MODEL_NAME, CURRENCY, DECIMALS)

_FIRST = 12
_MODEL_ROW = _FIRST + len(VALUE) + 3
OWN_HEAD_ROW = _MODEL_ROW + 9

_PLACE = f"{OWN_TABLE}[Place]"
_STRUCTURES = "tblTaxonomy[Structure]"

# Where a dimension of one's own stands among those of the catalog: after the last one of its structure.
_AFTER = (
    '=IF(([@Dimension]="")+([@Structure]="")>0,0,'
    f"IFERROR(MATCH([@Structure],{_STRUCTURES},0)+COUNTIF({_STRUCTURES},[@Structure])-1,ROWS({_STRUCTURES})+1))"
)
_PLACED = (
    f"=IF([@After]=0,0,MIN([@After],ROWS({_STRUCTURES}))"
    f'+COUNTIFS({OWN_TABLE}[After],">0",{OWN_TABLE}[After],"<"&[@After])'
    f"+COUNTIF({OWN_TABLE}[[#Headers],[After]]:[@After],[@After]))"
)

OWN_COLUMNS = (
    Column(
        head="Dimension",
        look=Look.INPUT,
        accepts=Accepts(title="Dimension", prompt="A dimension that the catalog does not have, e.g. Clinic."),
    ),
    Column(
        head="Divides hours",
        look=Look.INPUT,
        accepts=Accepts(
            kind="choice",
            choices=YES_NO,
            title="Divides hours",
            prompt="yes: each member has hours of its own, as a quarter has. no: all members share all hours.",
        ),
    ),
    Column(head="After", unit="in the list", format=Format.COUNT, formula=_AFTER),
    Column(head="Place", unit="in the list", format=Format.COUNT, formula=_PLACED),
    Column(
        head="Times",
        unit="of that name",
        format=Format.COUNT,
        formula=(
            '=IF([@Dimension]="",0,1+ISNUMBER(MATCH([@Dimension],tblTaxonomy[Dimension],0))'
            f"+(MATCH([@Dimension],{OWN_TABLE}[Dimension],0)<>ROW()-ROW({OWN_TABLE}[[#Headers],[Times]])))"
        ),
    ),
    Column(
        head="Structure",
        look=Look.INPUT,
        accepts=Accepts(
            source="lst_structure_names",
            title="Structure",
            prompt=f"The group it belongs to; {OWN_STRUCTURE} if it fits nowhere else.",
        ),
    ),
    Column(
        head="Definition",
        look=Look.INPUT,
        accepts=Accepts(title="Definition", prompt="One line that says what its members are."),
    ),
)

PER_HOUR = Card(
    label="Value per hour",
    figure="=SIGNIFICANT(out_value_per_hour,policy_significant_digits)",
    unit=(
        '=in_currency&" / hour, exact "&FIXED(out_value_per_hour,in_decimals)&'
        'IF((out_filled=1)*(in_total_value_status<>"measured")>0,", assumed","")'
    ),
    format=Format.CARD_MONEY,
)
TOTAL = Card(
    label="Value in scope",
    figure="=SIGNIFICANT(out_value_in_scope,policy_significant_digits)",
    unit='=in_currency&IF(out_filled=1," over "&in_years&" years","")',
    format=Format.CARD_MONEY,
)
COVERAGE = Card(
    label="Coverage",
    figure="=in_coverage+0",
    unit="of the value is fully in scope",
    format=Format.CARD_SHARE,
)

_POSITIVE = "MIN(in_years+0,in_hours_per_year+0)"


def _follows() -> Grid:
    return Grid(
        row=_MODEL_ROW,
        column="F",
        cells=(
            row(section("What follows")),
            figure_row("Value in scope", "=in_total_value*in_coverage", Format.MONEY, name="out_value_in_scope", gap=1),
            figure_row("Hours in the horizon", "=in_years*in_hours_per_year", Format.COUNT, name="out_hours", gap=1),
            figure_row(
                "Value per hour",
                f"=IF({_POSITIVE}<=0,0,VALUE_PER_HOUR(out_value_in_scope,in_years,1,in_hours_per_year))",
                Format.RATE,
                name="out_value_per_hour",
                gap=1,
                total=True,
            ),
            figure_row(
                "Value per hour and employee",
                f"=IF(MIN({_POSITIVE},in_employees+0)<=0,0,"
                "VALUE_PER_HOUR(out_value_in_scope,in_years,in_employees,in_hours_per_year))",
                Format.RATE,
                name="out_value_per_hour_per_employee",
                gap=1,
            ),
        ),
    )


def sheet(own_rows: int) -> Sheet:
    """Describe the sheet, with room for so many dimensions of the planner's own."""
    last = _FIRST + 1 + len(VALUE)
    return Sheet(
        name="Inputs",
        role=Role.INPUT,
        title="Inputs",
        subtitle="The value and the hours that are grouped, and how well they are known",
        question="What do we group, and what stands behind it?",
        message=(
            '=IF(out_filled=0,"Start here: enter the total value and the horizon",'
            'IF(in_total_value_status<>"measured","The total value is still assumed; replace it as evidence comes in",'
            '"The total value is measured"))'
        ),
        slots=(2, 2, 1, 1, 1),
        cards=(
            PER_HOUR,
            TOTAL,
            COVERAGE,
            Card(
                label="Per hour and employee",
                figure="=SIGNIFICANT(out_value_per_hour_per_employee,policy_significant_digits)",
                unit='=in_currency&" / hour"',
                format=Format.CARD_MONEY,
            ),
        ),
        blocks=(
            Grid(
                row=_FIRST,
                cells=(
                    row(section("Value and horizon")),
                    row(
                        head("Input"),
                        head("Value", figure=True),
                        head("Unit"),
                        head("Evidence"),
                        head("As of"),
                        head("Approver"),
                        head("Source"),
                    ),
                    *((*single(item)[:1], entry(item), single(item)[-1], *evidence(item)) for item in VALUE),
                ),
            ),
            Grid(row=_MODEL_ROW, cells=(row(section("Model")), *(single(item, across=2) for item in MODEL))),
            _follows(),
            Grid(
                row=OWN_HEAD_ROW - 3,
                cells=(
                    row(section("Dimensions of your own")),
                    row(
                        note("They stand in every list, after those of their structure. The catalog is on Dimensions.")
                    ),
                ),
            ),
            Table(name=OWN_TABLE, row=OWN_HEAD_ROW, columns=OWN_COLUMNS, rows=own_rows, identity=("dimension",)),
        ),
        conditions=(Condition(where=f"E{_FIRST + 2}:E{last}", formula=f'E{_FIRST + 2}="measured"', emphasis="ok"),),
        one_page=True,
    )
