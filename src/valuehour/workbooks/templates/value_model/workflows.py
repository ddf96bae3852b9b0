"""Workflows: what each workflow is worth, in total, per hour, and per hour and employee."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import STATUSES, Accepts, Bar, Card, Cell, Column, Condition, Grid, Sheet, Table, row
from valuehour.workbooks.templates.phrases import figure_row, in_years, note, percent
from valuehour.workbooks.templates.value_model.inputs import NO_HOURS, PER_HOUR

TABLE = "tblWorkflows"
ROWS = 12
HEAD_ROW = 13
BASES = ("in total", "per year")


COLUMNS = (
    Column(
        head="Workflow",
        look=Look.INPUT,
        accepts=Accepts(
            source="lst_workflows", open=True, title="Workflow", prompt="One from the catalog, or a name of your own."
        ),
    ),
    Column(
        head="Value driver",
        look=Look.INPUT,
        accepts=Accepts(
            source="lst_drivers",
            open=True,
            title="Value driver",
            prompt="What the value comes from, e.g. labour cost avoided.",
        ),
    ),
    Column(
        head="Value",
        unit="=in_currency",
        look=Look.INPUT_FIGURE,
        format=Format.MONEY,
        accepts=Accepts(kind="number", title="Value", prompt="For the base case, over the horizon or per year."),
    ),
    Column(
        head="Basis",
        look=Look.INPUT,
        accepts=Accepts(
            kind="choice",
            choices=BASES,
            title="Basis",
            prompt="in total: over the whole horizon; per year is multiplied by it.",
        ),
    ),
    Column(
        head="In scope",
        look=Look.INPUT,
        accepts=Accepts(
            kind="choice", choices=("yes", "no"), title="In scope", prompt="yes: runs wholly through the measured path."
        ),
    ),
    Column(
        head="Evidence",
        look=Look.INPUT,
        accepts=Accepts(
            kind="choice", choices=STATUSES, title="Evidence", prompt="measured: a record stands behind the value."
        ),
    ),
    Column(
        head="Total value",
        unit="=in_currency",
        format=Format.MONEY,
        formula='=IF([@Basis]="per year",[@Value]*in_years,[@Value]+0)*live_case_scale',
    ),
    Column(
        head="Share",
        unit="of total",
        format=Format.PERCENT,
        formula="=IF(live_total_value=0,0,[@Total value]/live_total_value)",
    ),
    Column(
        head="Per hour",
        unit='=in_currency&" / hour"',
        look=Look.RESULT,
        format=Format.RATE,
        formula=(
            f'=IF(([@In scope]<>"yes")+({NO_HOURS})>0,0,'
            "VALUE_PER_HOUR([@Total value],live_years,1,live_hours_per_year))"
        ),
    ),
    Column(
        head="Per employee",
        unit='=in_currency&" / hour"',
        format=Format.RATE,
        formula=(
            f'=IF(([@In scope]<>"yes")+({NO_HOURS})+(live_employees<=0)>0,0,'
            "VALUE_PER_HOUR([@Total value],live_years,live_employees,live_hours_per_year))"
        ),
    ),
)


def _total(column: str, fmt: Format, name: str) -> Cell:
    return Cell(content=f"=SUM({TABLE}[{column}])", look=Look.TOTAL, format=fmt, name=name)


_TOTALS = row(
    Cell(content="Total", look=Look.LABEL_TOTAL),
    *(Cell(look=Look.LABEL_TOTAL) for _ in range(5)),
    _total("Total value", Format.MONEY, "out_workflows_value"),
    _total("Share", Format.PERCENT, "out_workflows_share"),
    _total("Per hour", Format.RATE, "out_workflows_per_hour"),
    _total("Per employee", Format.RATE, "out_workflows_per_employee"),
)


def sheet(rows: int) -> Sheet:
    """Describe the sheet, with so many rows to fill."""
    last = HEAD_ROW + rows
    below = last + 3
    return Sheet(
        name="Workflows",
        role=Role.INPUT,
        title="Workflows",
        subtitle="What each workflow is worth: in total, per hour, and per hour and employee",
        question="Which workflow creates the value, per hour and per employee?",
        message=(
            f'=IF(SUM({TABLE}[Value])=0,"Name the workflows that create the value, one row each",'
            f"INDEX({TABLE}[Workflow],MATCH(MAX({TABLE}[Total value]),{TABLE}[Total value],0))&"
            f'" is the largest source of value: "&{percent(f"MAX({TABLE}[Share])")}&" of the total")'
        ),
        slots=(1, 2, 2, 2, 2),
        cards=(
            PER_HOUR,
            Card(
                label="Total value",
                figure="=SIGNIFICANT(live_total_value,policy_significant_digits)",
                unit=f'=in_currency&IF(out_filled=1," over "&{in_years("live_years")},"")',
                format=Format.CARD_MONEY,
            ),
            Card(
                label="Hours in the horizon",
                figure="=out_hours",
                unit='=live_years&" × "&FIXED(live_hours_per_year,0)',
                format=Format.CARD_COUNT,
            ),
            Card(
                label="Named in workflows",
                figure="=out_workflows_share",
                unit="of the total value",
                format=Format.CARD_SHARE,
            ),
            Card(
                label="In scope",
                figure="=out_scope_share",
                unit='="of it; Inputs says "&' + percent("live_coverage"),
                format=Format.CARD_SHARE,
            ),
            Card(
                label="Largest workflow",
                figure=f"=MAX({TABLE}[Per hour])",
                unit='=in_currency&" / hour"',
                format=Format.CARD_MONEY,
            ),
        ),
        blocks=(
            Table(name=TABLE, row=HEAD_ROW, columns=COLUMNS, rows=rows, after=(_TOTALS,), identity=("workflow",)),
            Grid(
                row=below,
                cells=(
                    figure_row(
                        "Case scale, shown ÷ base value",
                        "=IF(COUNT(in_total_value)=0,1,IF(in_total_value=0,1,live_total_value/in_total_value))",
                        Format.FACTOR_FINE,
                        name="live_case_scale",
                    ),
                    figure_row(
                        "Workflow value in scope",
                        f'=SUMIFS({TABLE}[Total value],{TABLE}[In scope],"yes")',
                        Format.MONEY,
                        name="out_scope_value",
                    ),
                    figure_row(
                        "Share of it in scope",
                        "=IF(out_workflows_value=0,0,out_scope_value/out_workflows_value)",
                        Format.PERCENT,
                        name="out_scope_share",
                    ),
                ),
            ),
            Grid(
                row=below,
                column="E",
                cells=(
                    row(note("Values are entered for the base case; another case scales them with the total value.")),
                    row(note("Per hour counts workflows in scope only: those wholly on the measured path.")),
                ),
            ),
        ),
        bars=(Bar(where=f"I{HEAD_ROW + 1}:I{last}"),),
        conditions=(Condition(where=f"G{HEAD_ROW + 1}:G{last}", formula=f'G{HEAD_ROW + 1}="measured"', emphasis="ok"),),
        one_page=True,
    )
