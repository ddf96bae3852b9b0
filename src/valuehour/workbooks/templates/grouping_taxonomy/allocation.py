"""Allocation: value and value per hour split over the members of one dimension, exact to the cent."""

from __future__ import annotations

from valuehour.workbooks.look import Role
from valuehour.workbooks.spec import Condition, Grid, Sheet, Table, row
from valuehour.workbooks.templates import allocation_chart
from valuehour.workbooks.templates.grouping_taxonomy.picking import dimension, picked, structure
from valuehour.workbooks.templates.grouping_taxonomy.twin import ByMember
from valuehour.workbooks.templates.phrases import percent, section
from valuehour.workbooks.templates.splitting import scale_row

TABLE = "tblAllocation"
ROWS = 12
HEAD_ROW = 27
SHEET = "Allocation"

SPLIT = ByMember(table=TABLE, value="out_value_in_scope", rate="out_value_per_hour", dimension="in_dimension")

MESSAGE = (
    f'=IF(out_members=0,"Pick a dimension whose members have shares",'
    f'INDEX({TABLE}[Member],MATCH(MAX({TABLE}[Share]),{TABLE}[Share],0))&" carries "&'
    f'{percent(f"MAX({TABLE}[Share])")}&" of the value"&'
    f'IF(out_unallocated_share=0,"; every part has an owner","; "&{percent("out_unallocated_share")}&'
    '" has no owner yet"))'
)


def sheet(rows: int) -> Sheet:
    """Describe the sheet, with room for so many members."""
    last = HEAD_ROW + rows
    return Sheet(
        name=SHEET,
        role=Role.RESULT,
        title="Allocation",
        subtitle="Value and value per hour split over one dimension, exact to the cent, with what nobody owns shown",
        question="Who does the value belong to, to the cent?",
        message=MESSAGE,
        slots=(2, 2, 2, 2, 2),
        cards=SPLIT.cards('=IF(COUNTA(in_dimension)=0,"no dimension yet","by "&in_dimension)'),
        blocks=(
            Grid(
                row=12,
                cells=(
                    row(section("Split by")),
                    picked(structure("structure")),
                    picked(dimension("dimension", "Dimension", "$C$13")),
                ),
            ),
            Grid(row=16, cells=(row(section("What is found")), *SPLIT.found_rows(), scale_row(1))),
            Table(
                name=TABLE,
                row=HEAD_ROW,
                columns=SPLIT.member_columns(),
                rows=rows,
                after=SPLIT.after(before=1, behind=2),
            ),
            *SPLIT.steps(last + 4),
        ),
        charts=(allocation_chart.chart(("F12", "M26")),),
        conditions=(Condition(where=f"C{last + 1}:L{last + 1}", formula="out_unallocated_share=0", emphasis="quiet"),),
        ranges={"lst_first_allocated": f"B{HEAD_ROW + 1}"},
        data=(allocation_chart.data(TABLE),),
        one_page=True,
    )
