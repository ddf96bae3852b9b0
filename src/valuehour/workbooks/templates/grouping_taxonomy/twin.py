"""Two amounts split side by side over the rows of one table: the value, and the value per hour."""

from __future__ import annotations

from dataclasses import dataclass

from valuehour.workbooks.look import Format, Look
from valuehour.workbooks.spec import Card, Cell, Column, Grid, row
from valuehour.workbooks.templates.phrases import figure_row, note, section
from valuehour.workbooks.templates.splitting import Row, Shares, Split, total_row

MEMBERS = "tblMembers"
KEYS = f"{MEMBERS}[Dim no]"
RATE_HEADS = ("Units per hour", "Rank key per hour", "Per hour")


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The value and the value per hour of a table, each to the cent and each with its own proof."""

    table: str
    value: str
    rate: str
    suffix: str = ""

    @property
    def shares(self) -> Shares:
        """The shares that both are split by."""
        return Shares(table=self.table, suffix=self.suffix)

    @property
    def splits(self) -> tuple[Split, Split]:
        """The value, and the value per hour."""
        return (
            Split(shares=self.shares, total=self.value, suffix=self.suffix),
            Split(
                shares=self.shares,
                total=self.rate,
                suffix=f"{self.suffix}_rate",
                heads=RATE_HEADS,
            ),
        )

    def columns(self) -> tuple[Column, ...]:
        """Whole units, key of the rank and amount, twice."""
        value, rate = self.splits
        return (*value.columns("=in_currency"), *rate.columns('=in_currency&" / hour"'))

    def after(self, before: int, behind: int) -> tuple[Row, Row]:
        """The unallocated line and the total, with so many columns before the share and behind the last amount."""
        value, rate = self.splits
        share = Format.PERCENT
        gap = [Cell(look=Look.LABEL)]

        def figure(formula: str, look: Look, name: str | None = None) -> Cell:
            return Cell(content=formula, look=look, format=share, name=name)

        rest = (
            Cell(content="Unallocated", look=Look.LABEL),
            *gap * before,
            figure(f"=IF({self.value}=0,0,{self.shares.rest})", Look.CALCULATION, self.shares.unallocated),
            *gap * 2,
            value.rest(),
            *gap * 2,
            rate.rest(),
            *gap * behind,
        )
        whole = (
            Cell(content="Total", look=Look.LABEL_TOTAL),
            *[None] * before,
            figure(f"={self.shares.sum}+{self.shares.unallocated}", Look.TOTAL),
            None,
            None,
            value.whole(),
            None,
            None,
            rate.whole(),
            *[None] * behind,
        )
        return row(*rest), total_row(whole)

    def steps(self, at: int) -> tuple[Grid, ...]:
        """How the odd cent is placed, and the proof, for both."""
        value, rate = self.splits

        def steps(split: Split, gap: int) -> tuple[Row, ...]:
            return (
                split.units_row(gap),
                split.left_row(gap),
                split.decimals_row(gap),
                split.last_row(gap),
                split.allocated_row(gap),
                split.proof_row(gap),
            )

        return (
            Grid(row=at, cells=(row(section("How the odd cent is placed: value")), *steps(value, 1))),
            Grid(row=at, column="F", cells=(row(section("and value per hour")), *steps(rate, 2))),
            Grid(
                row=at + 7,
                cells=(
                    row(
                        note(
                            "Everyone gets the whole units of their quota; the units left over go to the largest "
                            "rank keys: by remainder, equal ones to the earlier row. ALLOCATE_SHARES does the same "
                            "in one call; the gap between the two must be 0."
                        )
                    ),
                ),
            ),
        )

    def cards(self, whole: str) -> tuple[Card, ...]:
        """What is allocated, what is not, and by how much the two miss the whole."""
        value, rate = self.splits
        unallocated = value.name("out_unallocated")
        off = f"ABS({value.off})+ABS({rate.off})"
        return (
            Card(
                label="Allocated per hour",
                figure=f"=SIGNIFICANT({rate.name('out_allocated')},policy_significant_digits)",
                unit=f'="of "&FIXED({rate.total},in_decimals)&" "&in_currency&" / hour"',
                format=Format.CARD_MONEY,
            ),
            Card(
                label="Allocated",
                figure=f"=SIGNIFICANT({value.name('out_allocated')},policy_significant_digits)",
                unit=f'=in_currency&", exact "&FIXED({value.name("out_allocated")},in_decimals)',
                format=Format.CARD_MONEY,
            ),
            Card(
                label="Unallocated",
                figure=f"=SIGNIFICANT({unallocated},policy_significant_digits)",
                unit='=in_currency&", no owner yet"',
                format=Format.CARD_MONEY,
            ),
            Card(label="Carry a share", figure=f"={self.shares.members}", unit=whole, format=Format.CARD_COUNT),
            Card(
                label="Tie-out",
                figure=f"={off}",
                unit='=in_currency&" off the totals"',
                format=Format.CARD_CENTS,
                alarm=f"ROUND({off},in_decimals)<>0",
            ),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ByMember(Twin):
    """The twin split over the members of the dimension that was picked."""

    dimension: str
    """The name of the cell that holds the dimension."""
    hours: str = "out_hours"
    """The hours that the members share or divide."""

    @property
    def count(self) -> str:
        """The name of the count of members of the dimension."""
        return f"live_members{self.suffix}"

    @property
    def first(self) -> str:
        """The name of the place of the first one in the sorted list."""
        return f"live_first_member{self.suffix}"

    @property
    def key(self) -> str:
        """The name of the number of the dimension in the list of dimensions."""
        return f"live_dimension{self.suffix}"

    def member_columns(self) -> tuple[Column, ...]:
        """The whole table: the members of the dimension, their shares, both splits and the hours of their own."""
        number = f"ROW()-ROW({self.table}[[#Headers],[Row]])"

        def found(column: str, empty: str) -> str:
            return f"=IF([@Row]=0,{empty},INDEX({MEMBERS}[{column}],MAX([@Row],1)))"

        return (
            Column(head="Member", look=Look.LABEL_STRONG, formula=found("Member", '""')),
            Column(
                head="Row",
                unit="on Members",
                format=Format.COUNT,
                formula=f"=IF({number}<={self.count},MATCH({self.first}+{number}-1,{MEMBERS}[Place],0),0)",
            ),
            Column(head="Share", unit="of the value", format=Format.PERCENT, formula=found("Share", "0") + "+0"),
            *self.columns(),
            Column(
                head="Share of hours", unit="of the hours", format=Format.PERCENT, formula=found("Share of hours", "0")
            ),
            Column(
                head="In its hours",
                unit='=in_currency&" / hour"',
                format=Format.RATE,
                formula=(f"=IF({self.hours}*[@Share of hours]<=0,0,[@Amount]/({self.hours}*[@Share of hours]))"),
            ),
        )

    def found_rows(self) -> tuple[Row, ...]:
        """Where the members of the dimension stand."""
        return (
            figure_row(
                "Dimension, number in the list",
                f"=IF(COUNTA({self.dimension})=0,0,IFERROR(MATCH({self.dimension},lst_dimensions,0),0))",
                Format.COUNT,
                name=self.key,
                gap=1,
            ),
            figure_row(
                "Members of the dimension",
                f"=IF({self.key}=0,0,COUNTIF({KEYS},{self.key}))",
                Format.COUNT,
                name=self.count,
                gap=1,
            ),
            figure_row(
                "First of them in the sorted list",
                f'=IF({self.count}=0,0,COUNTIFS({KEYS},">0",{KEYS},"<"&{self.key})+1)',
                Format.COUNT,
                name=self.first,
                gap=1,
            ),
            figure_row(
                "Members with a share",
                f'=COUNTIF({self.table}[Share],">0")',
                Format.COUNT,
                name=self.shares.members,
                gap=1,
            ),
            self.shares.sum_row(1),
            self.shares.as_split_row(1),
            self.shares.fit_row(1),
        )
