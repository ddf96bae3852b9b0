"""An amount split over the rows of a table by the rule of ALLOCATE_SHARES, row by row, with its proof.

Nothing spills inside an Excel table, so every row has the whole units of its quota, the key of its rank and the
amount, by the formulas that the function itself gives for one row; one array call beside the table proves the result.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from valuehour.functions import FUNCTIONS
from valuehour.workbooks.look import Format, Look
from valuehour.workbooks.spec import Cell, Column, row
from valuehour.workbooks.templates.phrases import figure_row

Row = tuple[Cell | None, ...]

_NAMED = {"0.5": "policy_half", "10000": "policy_rank_last"}
"""Numbers of the rule that stand on Lists, where a reader finds what they mean."""
_NUMBER = re.compile(r"(?<![\w.])(?:" + "|".join(map(re.escape, _NAMED)) + r")(?![\w.])")


def both(name: str) -> tuple[str, str]:
    """A step that has one cell for all rows."""
    return name, name


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The column Share of a table, added up and judged; ``suffix`` sets the names of several tables apart."""

    table: str
    suffix: str = ""

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
        """The name of the sum that counts: all but exactly one is one."""
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
    def rest(self) -> str:
        """A formula piece: the share that no row has, without the last binary digits."""
        return f"ROUND(1-{self.as_split},policy_share_decimals)"

    def formulas(self, total: str, stands: Mapping[str, tuple[str, str]]) -> dict[str, str]:
        """The steps of ALLOCATE_SHARES for one row of the table; ``stands`` says where steps have their own cells."""
        given: dict[str, str | tuple[str, str]] = {
            "total": total,
            "shares": self.column("Share"),
            "decimals": "in_decimals",
        }
        everywhere = {
            "places": both("in_decimals"),
            "fine": both("live_unit_scale"),
            "coarse": both("1"),  # amounts never have fewer than 0 decimals
            "weight_sum": both(self.sum),
            "granted": both(self.as_split),
        }
        found = FUNCTIONS["ALLOCATE_SHARES"].row_native(given, {**everywhere, **stands})
        return {step: _NUMBER.sub(lambda match: _NAMED[match[0]], text) for step, text in found.items()}

    def column(self, head: str) -> tuple[str, str]:
        """A column of the table: the cell of this row, and all of them."""
        return f"{self.table}[[#This Row],[{head}]]", f"{self.table}[{head}]"

    def sum_row(self, gap: int = 0) -> Row:
        """What all rows have together."""
        return figure_row("Shares given out", f"=SUM({self.table}[Share])", Format.PERCENT, name=self.sum, gap=gap)

    def as_split_row(self, gap: int = 0) -> Row:
        """The same, except that all but exactly one counts as one, by the rule of ALLOCATE_SHARES."""
        no_split = {"whole": both("0"), "key": both("0")}
        formula = f"={self.formulas('0', no_split)['granted']}"
        return figure_row("Sum of shares, as split", formula, Format.UNITS, name=self.as_split, gap=gap)

    def fit_row(self, gap: int = 0) -> Row:
        """Whether every share is one, and all of them together too."""
        formula = f"=IF((MIN({self.table}[Share])>=0)*({self.as_split}<=1)>0,1,0)"
        return figure_row("Shares fit (1 = yes)", formula, Format.WHOLE, name=self.fit, gap=gap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """One amount, split by the shares of a table into a column of that table."""

    shares: Shares
    total: str
    """The name of the cell that holds what is split."""
    suffix: str = ""
    heads: tuple[str, str, str] = ("Whole units", "Rank key", "Amount")

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

    @property
    def possible(self) -> str:
        """A formula piece that is true when there are no more units than the rule can place."""
        return f"{self.name('live_units')}<=policy_units_most"

    @property
    def formulas(self) -> dict[str, str]:
        """The steps of the rule."""
        units, key, _ = self.heads
        stands = {
            "units": both(self.name("live_units")),
            "precision": both(self.name("live_quota_decimals")),
            "whole": self.shares.column(units),
            "remaining": both(self.name("live_units_left")),
            "key": self.shares.column(key),
            "last": both(self.name("live_last_rank")),
        }
        return self.shares.formulas(self.total, stands)

    def columns(self, unit: str, *, look: Look = Look.RESULT) -> tuple[Column, Column, Column]:
        """Whole units, key of the rank and amount of every row."""
        units, key, amount = self.heads
        formulas = self.formulas
        return (
            Column(head=units, unit="floor", format=Format.COUNT, formula=f"={formulas['whole']}"),
            Column(head=key, unit="highest first", format=Format.COUNT, formula=f"={formulas['key']}"),
            Column(
                head=amount,
                unit=unit,
                look=look,
                format=Format.RATE,
                formula=f"=IF({self.possible},{formulas['result']},0)",
            ),
        )

    def rest(self) -> Cell:
        """The line that nobody owns."""
        allocated = self.name("out_allocated")
        return Cell(
            content=(
                f"=IF(({self.shares.fit}=1)*({self.possible})>0,UNALLOCATED({self.total},{self.table}[Share],in_decimals),"
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
        formula = f"={self.formulas['units']}"
        return figure_row("Units to place", formula, Format.COUNT, name=self.name("live_units"), gap=gap)

    def left_row(self, gap: int = 0) -> Row:
        """How many go to the largest remainders; below 0, how many rounded quotas gave out too much."""
        formula = f"={self.formulas['remaining']}"
        label = "Units left for the largest remainders"
        return figure_row(label, formula, Format.WHOLE, name=self.name("live_units_left"), gap=gap)

    def decimals_row(self, gap: int = 0) -> Row:
        """How finely a quota is taken."""
        formula = f"=IF({self.name('live_units')}>policy_units_large,policy_quota_decimals_large,policy_quota_decimals)"
        name = self.name("live_quota_decimals")
        return figure_row("Decimals of a quota", formula, Format.WHOLE, name=name, gap=gap)

    def last_row(self, gap: int = 0) -> Row:
        """The key of the last row that gets a unit."""
        formula = f"={self.formulas['last']}"
        return figure_row(
            "Lowest rank key to get one", formula, Format.COUNT, name=self.name("live_last_rank"), gap=gap
        )

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
        given = f"SIGN({self.total})*{self.column}*live_unit_scale"
        quota = f"{self.name('live_units')}*{self.table}[Share]/{self.shares.sum}"
        applies = f"({self.shares.fit}=1)*({self.possible})*({self.shares.sum}>0)>0"
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
