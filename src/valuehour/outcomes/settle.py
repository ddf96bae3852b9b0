"""What SQL leaves to Python: keys to workflows, odd numbers and times, cost of several workflows split to the unit."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from valuehour.outcomes.amounts import EXACT, added, amount, equal_parts, is_blank, read_number
from valuehour.outcomes.findings import Findings
from valuehour.outcomes.mapping import UNTAGGED
from valuehour.outcomes.times import FIRST, LAST, read_time

ZERO = Decimal(0)
COUNTS = ("tokens_in", "tokens_cached", "tokens_out", "retries")

# The columns of spend_groups that Python looks at, after the keys.
GROUP_COLUMNS = (
    "month", "odd_cost", "odd_time", "fault", "row_count", "cost", "residue", *COUNTS, "negatives", "negative_cost",
    "unpriced", "future",
)  # fmt: skip


class Whose(NamedTuple):
    """What a raw key combination stands for."""

    workflows: tuple[str, ...]
    label: str
    currency: str
    by: tuple[str, ...]


@dataclass(slots=True)
class Totals:
    """The sums of one currency: what was read, and where it went. Rows that could not be read count, without amount."""

    read: Decimal = ZERO
    matched: Decimal = ZERO
    unmatched: Decimal = ZERO
    refused: Decimal = ZERO
    residue: Decimal = ZERO
    rows_read: int = 0
    rows_matched: int = 0
    rows_unmatched: int = 0
    rows_refused: int = 0


@dataclass(slots=True)
class Part:
    """Settled spend of one workflow, currency, month and grouping path."""

    cost: Decimal = ZERO
    row_count: int = 0
    counts: list[Decimal] = field(default_factory=lambda: [ZERO] * len(COUNTS))


@dataclass(slots=True)
class Settled:
    """What came out: settled parts, refused money, and what was left without a workflow, by its label."""

    parts: dict[tuple[str, str, datetime.date, tuple[str, ...]], Part] = field(default_factory=dict)
    totals: dict[str, Totals] = field(default_factory=dict)
    unmatched: dict[tuple[str, str], Part] = field(default_factory=dict)

    def of(self, currency: str) -> Totals:
        """The totals of a currency."""
        return self.totals.setdefault(currency, Totals())


class Settler:
    """Goes through the groups: counts findings, sums the control totals, settles what is not regular."""

    def __init__(
        self, owners: Mapping[tuple[str, ...], Whose], where: ZoneInfo, findings: Findings, tomorrow: datetime.date
    ) -> None:
        self._owners, self._where, self._findings = owners, where, findings
        self._tomorrow = datetime.datetime.combine(tomorrow, datetime.time())
        self._several: dict[tuple[tuple[str, ...], str, datetime.date, tuple[str, ...]], Part] = {}
        self.result = Settled()

    def take(self, raw: tuple[str, ...], group: dict[str, Any], usage: bool) -> None:
        """Take one group of rows that are alike."""
        owner = self._owners[raw]
        rows = int(group["row_count"])
        totals = self.result.of(owner.currency)
        totals.rows_read += rows
        if group["fault"]:
            self._findings.add("irregular_row", rows, file=group["file"])
            self._findings.detail("irregular_row", group["fault"])
            totals.rows_refused += rows
            return
        cost, residue = self._cost(group, owner, rows, usage)
        if cost is None:
            totals.rows_refused += rows
            return
        totals.read = EXACT.add(totals.read, cost)
        totals.residue = EXACT.add(totals.residue, residue)
        month = self._month(group, rows)
        if month is None:
            self._findings.add("unreadable_time", rows, {owner.currency: cost}, group["file"])
            self._findings.detail("unreadable_time", repr((group["odd_time"] or str(group["month"]))[:40]))
            totals.refused = EXACT.add(totals.refused, cost)
            totals.rows_refused += rows
            return
        self._count(group, owner, usage)
        self._give(group, owner, month, cost, rows)

    def finish(self) -> Settled:
        """Split what belongs to several workflows, and return everything."""
        for (workflows, currency, month, by), part in sorted(self._several.items()):
            shares = equal_parts(part.cost, len(workflows))
            for place, (workflow, share) in enumerate(zip(workflows, shares, strict=True)):
                target = self.result.parts.setdefault((workflow, currency, month, by), Part())
                target.cost = EXACT.add(target.cost, share)
                if place == 0:  # rows and tokens are counted once
                    target.row_count += part.row_count
                    target.counts = [EXACT.add(a, b) for a, b in zip(target.counts, part.counts, strict=True)]
        return self.result

    def _cost(self, group: dict[str, Any], owner: Whose, rows: int, usage: bool) -> tuple[Decimal | None, Decimal]:
        """The cost of a group, from its sum or from the one text all its rows have."""
        odd = group["odd_cost"]
        if odd is None:
            return group["cost"] or ZERO, group["residue"] or ZERO
        if is_blank(odd):
            if usage:
                return ZERO, ZERO
            self._findings.add("unreadable_cost", rows, file=group["file"])
            self._findings.detail("unreadable_cost", "blank")
            return None, ZERO
        value = read_number(odd)
        if value is None:
            self._findings.add("unreadable_cost", rows, file=group["file"])
            self._findings.detail("unreadable_cost", repr(odd[:40]))
            return None, ZERO
        kept, residue = amount(value)
        if kept < 0:
            below = {owner.currency: EXACT.multiply(kept, Decimal(rows))}
            self._findings.add("negative_correction", rows, below, group["file"])
        return EXACT.multiply(kept, Decimal(rows)), EXACT.multiply(residue, Decimal(rows))

    def _month(self, group: dict[str, Any], rows: int) -> datetime.date | None:
        if group["odd_time"] is not None:
            moment = read_time(group["odd_time"], self._where)
            if moment is not None and moment >= self._tomorrow:
                self._findings.add("future_date", rows, file=group["file"])
            return moment.date().replace(day=1) if moment else None
        month = group["month"]
        if isinstance(month, datetime.date) and FIRST.date() <= month < LAST.date():
            return month
        return None

    def _count(self, group: dict[str, Any], owner: Whose, usage: bool) -> None:
        self._findings.add("future_date", int(group["future"]), file=group["file"])
        if group["negatives"]:
            below = {owner.currency: group["negative_cost"]}
            self._findings.add("negative_correction", int(group["negatives"]), below, group["file"])
        if group["unpriced"]:
            kind = "usage_without_cost" if usage else "tokens_without_cost"
            self._findings.add(kind, int(group["unpriced"]), file=group["file"])

    def _give(self, group: dict[str, Any], owner: Whose, month: datetime.date, cost: Decimal, rows: int) -> None:
        totals = self.result.of(owner.currency)
        counts = [Decimal(group[name] or 0) for name in COUNTS]
        if not owner.workflows:
            kind = "untagged" if owner.label == UNTAGGED else "unknown_workflow"
            self._findings.add(kind, rows, {owner.currency: cost}, group["file"])
            if kind == "unknown_workflow":
                self._findings.detail(kind, repr(owner.label[:60]))
            totals.unmatched = EXACT.add(totals.unmatched, cost)
            totals.rows_unmatched += rows
            _add(self.result.unmatched.setdefault((owner.label[:200], owner.currency), Part()), cost, rows, counts)
            return
        totals.matched = EXACT.add(totals.matched, cost)
        totals.rows_matched += rows
        if len(owner.workflows) > 1:
            self._findings.add("split_tags", rows, {owner.currency: cost}, group["file"])
            self._findings.detail("split_tags", ", ".join(owner.workflows[:5]))
            _add(
                self._several.setdefault((owner.workflows, owner.currency, month, owner.by), Part()), cost, rows, counts
            )
        elif group["odd_cost"] is not None or group["odd_time"] is not None:
            target = (owner.workflows[0], owner.currency, month, owner.by)
            _add(self.result.parts.setdefault(target, Part()), cost, rows, counts)


def _add(part: Part, cost: Decimal, rows: int, counts: Sequence[Decimal]) -> None:
    part.cost = EXACT.add(part.cost, cost)
    part.row_count += rows
    part.counts = [added((a, b)) for a, b in zip(part.counts, counts, strict=True)]
