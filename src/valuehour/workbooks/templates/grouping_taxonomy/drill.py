"""Drill-down: one member of the allocation, split further over the members of a second dimension."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Role
from valuehour.workbooks.spec import Accepts, Cell, Condition, Grid, Input, Sheet, Table, row
from valuehour.workbooks.templates.grouping_taxonomy.picking import dimension, picked, structure
from valuehour.workbooks.templates.grouping_taxonomy.twin import ByMember
from valuehour.workbooks.templates.phrases import figure_row, in_words, note, percent, section

TABLE = "tblDrillDown"
ROWS = 12
HEAD_ROW = 27
SHEET = "Drill-down"
ALLOCATION = "tblAllocation"

PARENT = Input(
    name="drill_member",
    label="Within the member",
    unit="",
    accepts=Accepts(
        source="OFFSET(lst_first_allocated,0,0,MAX(1,live_members),1)",
        title="Member",
        prompt="A member of the dimension that Allocation splits by.",
    ),
)

SPLIT = ByMember(
    table=TABLE,
    value="out_drill_value",
    rate="out_drill_value_per_hour",
    suffix="_drill",
    dimension="in_drill_dimension",
    hours="out_drill_hours",
)


def _parent(label: str, column: str, name: str, fmt: Format) -> tuple[Cell | None, ...]:
    formula = f"=IF(live_drill_row=0,0,INDEX({ALLOCATION}[{column}],MAX(live_drill_row,1)))"
    return figure_row(label, formula, fmt, name=name, gap=2)


def sheet(rows: int) -> Sheet:
    """Describe the sheet, with room for so many members."""
    last = HEAD_ROW + rows
    return Sheet(
        name=SHEET,
        role=Role.RESULT,
        title="Drill-down",
        subtitle="One member of the allocation split over a second dimension; the parts add up to their parent",
        question="What is inside one member, by a second dimension?",
        message=(
            '=IF(live_drill_row=0,"Pick a member of the allocation, then a second dimension",'
            'IF(out_members_drill=0,"Pick a second dimension whose members have shares",'
            f'INDEX({TABLE}[Member],MATCH(MAX({TABLE}[Share]),{TABLE}[Share],0))&" is "&'
            f'{percent(f"MAX({TABLE}[Share])")}&" of "&in_drill_member&": "&'
            f'{in_words(f"MAX({TABLE}[Per hour])")}&" "&in_currency&" / hour"))'
        ),
        slots=(2, 2, 2, 2, 2),
        cards=SPLIT.cards('=IF(live_drill_row=0,"no member yet","within "&in_drill_member)'),
        blocks=(
            Grid(
                row=12,
                cells=(
                    row(section("Split further")),
                    picked(PARENT),
                    picked(structure("drill_structure")),
                    picked(dimension("drill_dimension", "By the dimension", "$C$14")),
                ),
            ),
            Grid(row=17, cells=(row(section("What is found")), *SPLIT.found_rows())),
            Grid(
                row=12,
                column="F",
                cells=(
                    row(section("The parent")),
                    figure_row(
                        "Row in the allocation",
                        f"=IF(COUNTA(in_drill_member)=0,0,IFERROR(MATCH(in_drill_member,{ALLOCATION}[Member],0),0))",
                        Format.COUNT,
                        name="live_drill_row",
                        gap=2,
                    ),
                    _parent("Value", "Amount", "out_drill_value", Format.RATE),
                    _parent("Value per hour", "Per hour", "out_drill_value_per_hour", Format.RATE),
                    _parent("Share of the hours", "Share of hours", "out_drill_share_of_hours", Format.PERCENT),
                    figure_row(
                        "Hours", "=out_hours*out_drill_share_of_hours", Format.COUNT, name="out_drill_hours", gap=2
                    ),
                    row(None),
                    row(note("Each member's share is taken to be the same within the parent as overall: the two")),
                    row(note("dimensions are independent. Where they are not, enter a joint share on Paths.")),
                ),
            ),
            Table(
                name=TABLE,
                row=HEAD_ROW,
                columns=SPLIT.member_columns(),
                rows=rows,
                after=SPLIT.after(before=1, behind=2),
            ),
            *SPLIT.steps(last + 4),
        ),
        conditions=(
            Condition(where=f"C{last + 1}:L{last + 1}", formula="out_unallocated_share_drill=0", emphasis="quiet"),
        ),
        one_page=True,
    )
