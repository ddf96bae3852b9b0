"""The chart of Allocation and its data: shares sorted, the unallocated one last."""

from __future__ import annotations

from valuehour.workbooks import look
from valuehour.workbooks.look import Format, Look
from valuehour.workbooks.spec import Cell, Chart, Grid, Series, row
from valuehour.workbooks.templates.phrases import in_words

BARS = 10
DATA_ROW = 12
DATA_COLUMN = "O"


def data(count: int, table: str, head_row: int) -> Grid:
    """The chart's data: members by share, largest first, then what is unallocated."""
    head_at = DATA_ROW + 1
    first, last = head_at + 1, head_at + BARS
    member_first, member_last = head_row + 1, head_row + count
    rank_first = last + 3
    rank_last = rank_first + count - 1
    ranks = f"$P${rank_first}:$P${rank_last}"
    rows: list[tuple[Cell | None, ...]] = [
        row(Cell(content="Chart data: shares, largest first", look=Look.DATA_HEAD)),
        row(
            *(
                Cell(content=text, look=Look.DATA_HEAD)
                for text in ("Place", "Label", "Share", "Unallocated", "Row in table")
            )
        ),
    ]
    for index in range(BARS):
        at = first + index
        place = f"$O{at}"
        found = f"$S{at}"
        rows.append(
            row(
                Cell(content=f"=ROW()-ROW($O${head_at})", look=Look.DATA),
                Cell(
                    content=(
                        f'=IF({found}>0,INDEX({table}[Member],{found})&"   "&'
                        f"{in_words(f'INDEX({table}[Amount],{found})', 'm')},"
                        f'IF(R{at}<>0,"Unallocated   "&{in_words("out_unallocated", "m")}," "))'
                    ),
                    look=Look.DATA,
                ),
                Cell(content=f"=IF({found}>0,INDEX({table}[Share],{found}),0)", look=Look.DATA, format=Format.PERCENT),
                Cell(
                    content=f"=IF({place}=out_members+1,ROUND(out_unallocated_share,policy_share_decimals),0)",
                    look=Look.DATA,
                    format=Format.PERCENT,
                ),
                Cell(content=f"=IFERROR(MATCH({place},{ranks},0),0)", look=Look.DATA),
            )
        )
    rows.append(row(None))
    rows.append(row(Cell(content="Member row", look=Look.DATA_HEAD), Cell(content="Rank", look=Look.DATA_HEAD)))
    for index in range(count):
        at = rank_first + index
        share = f"D{member_first + index}"
        shares = f"$D${member_first}:$D${member_last}"
        rows.append(
            row(
                Cell(content=f"=ROW()-ROW($O${rank_first - 1})", look=Look.DATA),
                Cell(
                    content=f"=IF({share}>0,RANK({share},{shares})+COUNTIF($D${member_first}:{share},{share})-1,0)",
                    look=Look.DATA,
                ),
            )
        )
    return Grid(row=DATA_ROW, column=DATA_COLUMN, cells=tuple(rows))


def chart(anchor: tuple[str, str]) -> Chart:
    """The allocation chart, on whichever sheet."""
    first, last = DATA_ROW + 2, DATA_ROW + 1 + BARS
    labels = f"Allocation!$P${first}:$P${last}"
    return Chart(
        kind="bars",
        title="Share of the value in scope, by member",
        anchor=anchor,
        series=(
            Series(
                name=f"Allocation!$Q${DATA_ROW + 1}",
                values=f"Allocation!$Q${first}:$Q${last}",
                categories=labels,
                colour=look.BLUE,
            ),
            Series(
                name=f"Allocation!$R${DATA_ROW + 1}",
                values=f"Allocation!$R${first}:$R${last}",
                categories=labels,
                colour=look.SLATE,
                hatched=True,
            ),
        ),
        alt=(
            "Bar chart of the share of the value that each member of the chosen dimension carries, largest first, "
            "with the unallocated share last; the figures stand in the table on the sheet Allocation."
        ),
        points=BARS,
    )
