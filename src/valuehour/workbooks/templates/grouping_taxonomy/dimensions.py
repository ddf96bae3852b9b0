"""Dimensions: every structure and dimension of the catalog and of the planner's own, with how far it is filled."""

from __future__ import annotations

from dataclasses import replace

from valuehour.models import Catalog
from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Card, Column, Condition, Grid, Sheet, Table
from valuehour.workbooks.templates.grouping_taxonomy.inputs import OWN_STRUCTURE, OWN_TABLE
from valuehour.workbooks.templates.lists import Reference, taxonomy_list
from valuehour.workbooks.templates.phrases import figure_row

TABLE = "tblDimensions"
HEAD_ROW = 17
TIME_STRUCTURE = "time_structure"
# The clocks of all zones run through all hours: a zone divides the work, not the time.
SHARES_ALL_HOURS = frozenset({"time_zone"})

MEMBERS = "tblMembers"
KEYS = f"{MEMBERS}[Dim no]"

_NUMBER = f"ROW()-ROW({TABLE}[[#Headers],[Structure]])"
_PLACE = f"{OWN_TABLE}[Place]"


def _listed(column: str, own: str | None = None) -> str:
    """A column of the dimension that stands here: of the planner's own, or of the catalog."""
    catalog = f'INDEX(tblTaxonomy[{column}],{_NUMBER}-COUNTIFS({_PLACE},">0",{_PLACE},"<"&{_NUMBER}))'
    mine = own or f'INDEX({OWN_TABLE}[{column}],MATCH({_NUMBER},{_PLACE},0))&""'
    return f'=IF({_NUMBER}>out_dimensions,"",IFERROR({mine},{catalog}))'


COLUMNS = (
    Column(head="Structure", look=Look.LABEL, formula=_listed("Structure")),
    Column(head="Dimension", look=Look.LABEL_STRONG, formula=_listed("Dimension")),
    Column(
        head="Kind",
        look=Look.NOTE,
        formula=_listed("Kind", f'IF(MATCH({_NUMBER},{_PLACE},0)>0,"dimension","")'),
    ),
    Column(head="Divides hours", look=Look.NOTE, formula=_listed("Divides hours")),
    Column(head="Members", format=Format.COUNT, formula=f"=COUNTIF({KEYS},{_NUMBER})"),
    Column(
        head="Shares",
        unit="of the value",
        format=Format.PERCENT,
        formula=f"=ROUND(SUMIFS({MEMBERS}[Share],{KEYS},{_NUMBER}),policy_share_decimals)",
    ),
    Column(
        head="Hours",
        unit="of all hours",
        format=Format.PERCENT,
        formula=(
            f'=IF(([@Divides hours]="yes")*([@Members]>0)>0,'
            f"ROUND(SUMIFS({MEMBERS}[Share of hours],{KEYS},{_NUMBER}),policy_share_decimals),0)"
        ),
    ),
    Column(
        head="Status",
        look=Look.NOTE,
        formula=(
            '=IF([@Shares]=0,"",IF(MAX([@Shares],[@Hours])>1,"over 100%",'
            'IF([@Shares]=1,"complete","part unallocated")))'
        ),
    ),
    Column(head="Definition", look=Look.WRAPPED, formula=_listed("Definition")),
)


def taxonomy(catalog: Catalog) -> Reference:
    """Every dimension of the catalog, with whether its members have hours of their own."""
    reference = taxonomy_list(catalog)
    dividing = {
        dimension.name
        for dimension in catalog.dimensions
        if dimension.structure == TIME_STRUCTURE and dimension.id not in SHARES_ALL_HOURS
    }
    columns = list(reference.columns)
    columns.insert(3, Column(head="Divides hours", look=Look.NOTE))
    rows = tuple(
        {**entry, "divides_hours": "yes" if entry["dimension"] in dividing else "no"} for entry in reference.rows
    )
    return replace(reference, columns=tuple(columns), rows=rows, ranges={})


def structures(catalog: Catalog) -> Reference:
    """The structures that have dimensions, and the one for dimensions that fit nowhere else."""
    used = {dimension.structure for dimension in catalog.dimensions}
    rows = [
        {"structure": structure.name, "definition": structure.definition}
        for structure in catalog.structures
        if structure.id in used
    ]
    rows.append({"structure": OWN_STRUCTURE, "definition": "Dimensions of your own that belong to no other structure"})
    return Reference(
        table="tblStructures",
        title="Structures",
        columns=(Column(head="Structure", look=Look.LABEL), Column(head="Definition", look=Look.NOTE)),
        rows=tuple(rows),
        ranges={"lst_structure_names": "B"},
    )


def measures(catalog: Catalog) -> Reference:
    """The measures, which are split by bands."""
    names = {structure.id: structure.name for structure in catalog.structures}
    return Reference(
        table="tblMeasures",
        title="Measures",
        columns=(
            Column(head="Measure", look=Look.LABEL),
            Column(head="Structure", look=Look.LABEL),
            Column(head="Definition", look=Look.NOTE),
        ),
        rows=tuple(
            {
                "measure": dimension.name,
                "structure": names[dimension.structure],
                "definition": dimension.definition,
            }
            for dimension in catalog.dimensions
            if dimension.kind == "measure"
        ),
        ranges={"lst_measures": "B"},
    )


def of_structure(cell: str) -> str:
    """The dropdown of the dimensions of the structure that stands in a cell."""
    return (
        f"OFFSET(lst_first_dimension,MATCH({cell},lst_dimension_structures,0)-1,0,"
        f"COUNTIF(lst_dimension_structures,{cell}),1)"
    )


def of_dimension(cell: str) -> str:
    """The dropdown of the members of the dimension that stands in a cell."""
    key = f"MATCH({cell},lst_dimensions,0)"
    return (
        f'OFFSET(lst_first_member,COUNTIFS(lst_member_keys,">0",lst_member_keys,"<"&{key}),0,'
        f"COUNTIF(lst_member_keys,{key}),1)"
    )


def sheet(rows: int) -> Sheet:
    """Describe the sheet, with room for so many dimensions."""
    last = HEAD_ROW + rows
    return Sheet(
        name="Dimensions",
        role=Role.CALCULATION,
        title="Dimensions",
        subtitle="Everything that value per hour can be grouped by, and how far each dimension is filled",
        question="By what can value be grouped, and which dimensions have shares?",
        message=(
            '=IF(out_dimensions_shared=0,out_dimensions&" dimensions to group by; none has shares yet: see Members",'
            'out_dimensions_shared&" of "&out_dimensions&" dimensions have shares; "&out_dimensions_complete&" of them '
            'add up to 100%")'
        ),
        slots=(1, 2, 2, 2, 1),
        cards=(
            Card(
                label="Dimensions",
                figure="=out_dimensions",
                unit='="of which your own: "&out_own_dimensions',
                format=Format.CARD_COUNT,
            ),
            Card(
                label="With shares",
                figure="=out_dimensions_shared",
                unit="at least one member has a share",
                format=Format.CARD_COUNT,
            ),
            Card(
                label="Complete",
                figure="=out_dimensions_complete",
                unit="shares add up to 100%",
                format=Format.CARD_COUNT,
            ),
            Card(
                label="Over 100%",
                figure="=out_dimensions_over",
                unit="must be zero",
                format=Format.CARD_COUNT,
                alarm="out_dimensions_over>0",
            ),
        ),
        blocks=(
            Grid(
                row=12,
                cells=(
                    figure_row(
                        "Dimensions listed",
                        "=ROWS(tblTaxonomy[Dimension])+out_own_dimensions",
                        Format.WHOLE,
                        name="out_dimensions",
                    ),
                    figure_row(
                        "Dimensions of your own", f'=COUNTIF({_PLACE},">0")', Format.WHOLE, name="out_own_dimensions"
                    ),
                ),
            ),
            Grid(
                row=12,
                column="E",
                cells=(
                    figure_row(
                        "With shares",
                        f'=COUNTIF({TABLE}[Shares],">0")',
                        Format.WHOLE,
                        name="out_dimensions_shared",
                        gap=1,
                    ),
                    figure_row(
                        "Complete",
                        f'=COUNTIF({TABLE}[Status],"complete")',
                        Format.WHOLE,
                        name="out_dimensions_complete",
                        gap=1,
                    ),
                    figure_row(
                        "Over 100%",
                        f'=COUNTIF({TABLE}[Status],"over 100%")',
                        Format.WHOLE,
                        name="out_dimensions_over",
                        gap=1,
                    ),
                ),
            ),
            Table(name=TABLE, row=HEAD_ROW, columns=COLUMNS, rows=rows),
        ),
        conditions=(
            Condition(where=f"I{HEAD_ROW + 1}:I{last}", formula=f'I{HEAD_ROW + 1}="over 100%"', emphasis="failed"),
            Condition(where=f"I{HEAD_ROW + 1}:I{last}", formula=f'I{HEAD_ROW + 1}="complete"', emphasis="ok"),
        ),
        heights=dict.fromkeys(range(HEAD_ROW + 1, last + 1), 37.0),
        ranges={
            "lst_dimension_structures": f"B{HEAD_ROW + 1}:B{last}",
            "lst_dimensions": f"C{HEAD_ROW + 1}:C{last}",
            "lst_first_dimension": f"C{HEAD_ROW + 1}",
        },
    )
