"""An amount split over the rows of a table by the rule of ALLOCATE_SHARES, row by row, with its proof.

Nothing spills inside an Excel table, so every row has the whole units of its quota, the remainder and the amount;
one array call beside the table proves that they are what the function gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from valuehour.workbooks.look import Format, Look
from valuehour.workbooks.spec import Cell, Column, row
from valuehour.workbooks.templates.phrases import figure_row

Row = tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The column Share of a table, added up and judged; ``suffix`` sets the names of several tables apart."""

    table: str
    suffix: str = ""
    ready: str = ""
    """A factor, with its ``*``, that is false while nothing can be split."""

    @property
    def members(self) -> str:
        """The name of the count of rows that carry something."""
        return f"out_members{self.suffix}"

    @property
    def sum(self) -> str:
        """The name of the sum of the shares."""
        return f"out_shares{self.suffix}"

    @property
    def as_split(self) -> str:
        """The name of the sum that quotas are taken of."""
        return f"live_shares{self.suffix}"

    @property
    def fit(self) -> str:
        """The name of the cell that is 1 when the shares can be split by."""
        return f"out_shares_fit{self.suffix}"

    @property
    def unallocated(self) -> str:
        """The name of the share that no row has."""
        return f"out_unallocated_share{self.suffix}"

    @property
    def split(self) -> str:
        """A formula piece that is true when there is something to split by."""
        return f"{self.ready}({self.sum}>0)>0" if self.ready else f"{self.sum}>0"

    def sum_row(self, gap: int = 0) -> Row:
        """What all rows have together."""
        formula = f"=ROUND(SUM({self.table}[Share]),policy_share_decimals)"
        return figure_row("Shares given out", formula, Format.PERCENT, name=self.sum, gap=gap)

    def as_split_row(self, gap: int = 0) -> Row:
        """The same without rounding, except that all but exactly one counts as one."""
        formula = f"=IF({self.sum}=1,1,SUM({self.table}[Share]))"
        return figure_row("Sum of shares, as split", formula, Format.UNITS, name=self.as_split, gap=gap)

    def fit_row(self, gap: int = 0) -> Row:
        """Whether every share is one, and all of them together too."""
        formula = f"=IF((MIN({self.table}[Share])>=0)*({self.sum}<=1)>0,1,0)"
        return figure_row("Shares fit (1 = yes)", formula, Format.WHOLE, name=self.fit, gap=gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One amount, split by the shares of a table into a column of that table."""

    shares: Shares
    total: str
    """The name of the cell that holds what is split."""
    word: str = "value"
    """What that is, in labels."""
    suffix: str = ""
    heads: tuple[str, str, str] = ("Whole units", "Remainder", "Amount")

    def name(self, stem: str) -> str:
        """A name of this split's own."""
        return f"{stem}{self.suffix}"

    @property
    def table(self) -> str:
        """The table that is split over."""
        return self.shares.table

    @property
    def column(self) -> str:
        """The column of the amounts."""
        return f"{self.table}[{self.heads[2]}]"

    def columns(self, unit: str, *, look: Look = Look.RESULT) -> tuple[Column, Column, Column]:
        """Whole units, remainder and amount of every row."""
        units, remainder, amount = self.heads
        head_to_here = f"{self.table}[[#Headers],[{remainder}]]:[@{remainder}]"
        shares_to_here = f"{self.table}[[#Headers],[Share]]:[@Share]"
        # Equal remainders from the first row to this one. A range from the heads to this row grows with the table.
        equal_so_far = f'COUNTIFS({head_to_here},[@{remainder}],{shares_to_here},">0")'
        decimals = self.name("live_quota_decimals")
        quota = f"ROUND({self.name('live_units')}*[@Share]/{self.shares.as_split},{decimals})"
        return (
            Column(
                head=units,
                unit="floor",
                format=Format.COUNT,
                formula=f"=IF({self.shares.split},INT({quota}),0)",
            ),
            Column(
                head=remainder,
                unit="of a unit",
                format=Format.UNITS,
                formula=f"=IF({self.shares.split},ROUND({quota}-[@{units}],{decimals}),0)",
            ),
            Column(
                head=amount,
                unit=unit,
                look=look,
                format=Format.RATE,
                formula=(
                    f"={self.name('live_sign')}*([@{units}]+IF([@Share]<=0,0,IF("
                    f"SUMPRODUCT(({self.table}[{remainder}]>[@{remainder}])*1)+{equal_so_far}"
                    f"<={self.name('live_units_left')},1,0)))/live_unit_scale"
                ),
            ),
        )

    def rest(self) -> Cell:
        """The line that nobody owns."""
        allocated = self.name("out_allocated")
        return Cell(
            content=(
                f"=IF({self.shares.fit}=1,UNALLOCATED({self.total},{self.table}[Share],in_decimals),"
                f"ROUND(ROUND({self.total},in_decimals)-{allocated},in_decimals))"
            ),
            look=Look.CALCULATION,
            format=Format.RATE,
            name=self.name("out_unallocated"),
        )

    def whole(self) -> Cell:
        """Amounts and the unallocated line together."""
        return Cell(
            content=f"=ROUND({self.name('out_allocated')}+{self.name('out_unallocated')},in_decimals)",
            look=Look.TOTAL,
            format=Format.RATE,
            name=self.name("out_allocation_total"),
        )

    @property
    def off(self) -> str:
        """A formula piece: by how much the total is missed."""
        return f"ROUND({self.name('out_allocation_total')}-ROUND({self.total},in_decimals),in_decimals)"

    def units_row(self, gap: int = 0) -> Row:
        """How many of the smallest units there are to place."""
        formula = f"=ROUND(ABS({self.total})*{self.shares.as_split}*live_unit_scale,0)"
        return figure_row("Units to place", formula, Format.COUNT, name=self.name("live_units"), gap=gap)

    def left_row(self, gap: int = 0) -> Row:
        """How many go to the largest remainders."""
        formula = f"={self.name('live_units')}-SUM({self.table}[{self.heads[0]}])"
        label = "Units left for the largest remainders"
        return figure_row(label, formula, Format.WHOLE, name=self.name("live_units_left"), gap=gap)

    def decimals_row(self, gap: int = 0) -> Row:
        """How finely a quota is taken."""
        formula = f"=IF({self.name('live_units')}>policy_units_large,policy_quota_decimals_large,policy_quota_decimals)"
        name = self.name("live_quota_decimals")
        return figure_row("Decimals of a quota", formula, Format.WHOLE, name=name, gap=gap)

    def sign_row(self, gap: int = 0) -> Row:
        """A negative amount is split as its opposite."""
        formula = f"=IF({self.total}<0,-1,1)"
        return figure_row(f"Sign of the {self.word}", formula, Format.WHOLE, name=self.name("live_sign"), gap=gap)

    def allocated_row(self, gap: int = 0) -> Row:
        """What the rows have together."""
        formula = f"=ROUND(SUM({self.column}),in_decimals)"
        name = self.name("out_allocated")
        return figure_row("Allocated, sum of the amounts", formula, Format.EXACT, name=name, gap=gap)

    def proof_row(self, gap: int = 0) -> Row:
        """The gap between the rows and one call of ALLOCATE_SHARES.

        No plain formula rounds a whole range in every engine, so the native style proves the rule by what defines it:
        no amount is a whole unit or more from its quota, and none got a unit while a larger remainder got none.
        """
        given = f"{self.name('live_sign')}*{self.column}*live_unit_scale"
        quota = f"{self.name('live_units')}*{self.table}[Share]/{self.shares.as_split}"
        applies = f"({self.shares.fit}=1)*{self.shares.ready}({self.shares.sum}>0)>0"
        return figure_row(
            "Largest gap to ALLOCATE_SHARES",
            f"=IF({applies},SUMXMY2(ALLOCATE_SHARES({self.total},{self.table}[Share],in_decimals),{self.column}),0)",
            Format.EXACT,
            name=self.name("out_allocation_gap"),
            native=(
                f"=IF({applies},MAX(0,ROUND(SUMPRODUCT(MAX({given}-{quota}))-SUMPRODUCT(MIN({given}-{quota})),"
                f"{self.name('live_quota_decimals')})-1),0)"
            ),
            gap=gap,
        )


def scale_row(gap: int = 0) -> Row:
    """How many of the smallest units make one of the currency; once a workbook."""
    return figure_row("Units in one of the currency", "=10^in_decimals", Format.COUNT, name="live_unit_scale", gap=gap)


def total_row(cells: Sequence[Cell | None]) -> Row:
    """A row of totals: what has no figure carries the panel on."""
    return row(*(Cell(look=Look.TOTAL) if cell is None else cell for cell in cells))
