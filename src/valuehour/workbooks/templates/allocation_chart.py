"""The chart of Allocation and its data: shares sorted, the unallocated one last."""

from __future__ import annotations

from valuehour.workbooks import look
from valuehour.workbooks.look import Format, Look
from valuehour.workbooks.spec import Cell, Chart, Grid, Series, row
from valuehour.workbooks.templates.phrases import in_words

BARS = 10
DATA_ROW = 12
DATA_COLUMN = "O"


def data(table: str) -> Grid:
    """The chart's data: members by share, largest first, then what is unallocated.

    Every share is drawn: when there are more members than bars, the smallest ones share a bar. Nothing here has a
    row per member, so the table may grow.
    """
    head_at = DATA_ROW + 1
    first, last = head_at + 1, head_at + BARS
    rows: list[tuple[Cell | None, ...]] = [
        row(
            Cell(content="Chart data: shares, largest first", look=Look.DATA_HEAD),
            None,
            None,
            Cell(content="Members with a bar of their own", look=Look.DATA_HEAD),
            Cell(
                content=f"=IF(out_members<ROWS(O{first}:O{last}),out_members,ROWS(O{first}:O{last})-1-1)",
                look=Look.DATA,
                name="live_bars",
            ),
        ),
        row(
            *(
                Cell(content=text, look=Look.DATA_HEAD)
                for text in ("Place", "Label", "Share", "Unallocated", "Row in table", "Amount", "Member")
            )
        ),
    ]
    for at in range(first, last + 1):
        place, found = f"$O{at}", f"$S{at}"
        others = f"({place}=live_bars+1)*(out_members>live_bars)>0"
        # Of the rows with this share, the first whose member has no bar yet; where a name stands twice, the first row.
        # (Row numbers of a range would say it shorter, but engines do not agree on ROW over a range, and OFFSET makes
        # Excel calculate everything anew with every change.)
        named = "".join(f"*({table}[Member]<>U{above})" for above in range(first, at))
        first_row = f"MATCH(Q{at},{table}[Share],0)"
        next_row = f"IFERROR(MATCH(1,INDEX(({table}[Share]=Q{at}){named},0),0),{first_row})" if named else first_row

        def rest(whole: str, column: str, at: int = at) -> str:
            return f"{whole}-SUM({column}${head_at}:{column}{at - 1})"

        rows.append(
            row(
                Cell(content=f"=ROW()-ROW($O${head_at})", look=Look.DATA),
                Cell(
                    content=(
                        f'=IF(Q{at}>0,IF({found}>0,$U{at},(out_members-live_bars)&" others")&'
                        f'"   "&{in_words(f"T{at}", short=True)},'
                        f'IF(R{at}<>0,"Unallocated   "&{in_words("out_unallocated", short=True)}," "))'
                    ),
                    look=Look.DATA,
                ),
                Cell(
                    content=(
                        f"=IF({place}<=live_bars,LARGE({table}[Share],{place}),"
                        f"IF({others},ROUND({rest('out_shares', 'Q')},policy_share_decimals),0))"
                    ),
                    look=Look.DATA,
                    format=Format.PERCENT,
                ),
                Cell(
                    content=(
                        f"=IF({place}=live_bars+1+(out_members>live_bars),"
                        "ROUND(out_unallocated_share,policy_share_decimals),0)"
                    ),
                    look=Look.DATA,
                    format=Format.PERCENT,
                ),
                Cell(content=f"=IF({place}<=live_bars,{next_row},0)", look=Look.DATA),
                Cell(
                    content=(
                        f"=IF({found}>0,INDEX({table}[Amount],{found}),IF({others},{rest('out_allocated', 'T')},0))"
                    ),
                    look=Look.DATA,
                    format=Format.RATE,
                ),
                Cell(content=f'=IF({found}>0,INDEX({table}[Member],{found}),"")', look=Look.DATA),
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
