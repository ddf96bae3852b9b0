"""What the join gives: per workflow and per month, with the tie-out and the findings."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from valuehour.outcomes.amounts import plain
from valuehour.outcomes.findings import NOTES, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class TieOut:
    """Where the spend of one currency went: read = matched + unmatched + refused.

    Matched is spend of a workflow of the catalog, with or without outcomes; unmatched has no workflow; refused could
    not be read (where even the cost could not be, the row counts and the amount is 0). The residue is what the
    amounts had beyond twelve decimals.
    """

    read: Decimal
    matched: Decimal
    unmatched: Decimal
    refused: Decimal
    residue: Decimal
    rows_read: int
    rows_matched: int
    rows_unmatched: int
    rows_refused: int

    def as_dict(self) -> dict[str, object]:
        """The line for JSON: amounts as decimal texts."""
        return {
            "read": plain(self.read),
            "matched": plain(self.matched),
            "unmatched": plain(self.unmatched),
            "refused": plain(self.refused),
            "residue": plain(self.residue),
        }

    def rows(self) -> dict[str, int]:
        """How many rows went where."""
        return {
            "read": self.rows_read,
            "matched": self.rows_matched,
            "unmatched": self.rows_unmatched,
            "refused": self.rows_refused,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Spend and runs of a workflow in some span of time. Sides: both, spend only, or outcomes only.

    Turnaround is in seconds; rates are fractions; what has nothing to be divided by is left out (None).
    """

    sides: str
    cost: Decimal | None
    spend_rows: int
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    retries: int
    runs: int
    attempts: int
    judged: int
    successes: int
    manual_reviews: int
    acceptances: int
    success_rate: float | None
    cost_per_success: Decimal | None
    turnaround_p50: float | None
    turnaround_p95: float | None
    manual_review_rate: float | None
    acceptance_rate: float | None
    reliability: float | None
    quality: float | None
    metric_value: float | None

    def as_dict(self) -> dict[str, object]:
        """The counts for JSON."""
        return {
            name: plain(value) if isinstance(value, Decimal) else value
            for name in self.__slots__
            for value in (getattr(self, name),)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthResult:
    """A workflow in one month, on one path of the grouping columns."""

    workflow: str
    name: str
    month: datetime.date
    by: Mapping[str, str]
    counts: Counts

    def as_dict(self) -> dict[str, object]:
        """The record for JSON."""
        path = {"by": dict(self.by)} if self.by else {}
        month = self.month.isoformat()[:7]
        return {"workflow": self.workflow, "name": self.name, "month": month, **path, **self.counts.as_dict()}


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowResult:
    """A workflow over all its months: averages per month, its priority and how to read it."""

    workflow: str
    name: str
    by: Mapping[str, str]
    currency: str
    months: int
    monthly_runs: float
    cost_per_month: Decimal | None
    counts: Counts
    metric: str
    importance: float
    target: float
    room: float | None
    priority_score: float | None
    rank: int | None
    band: str | None
    read: str | None

    def as_dict(self) -> dict[str, object]:
        """The record for JSON."""
        return {
            "workflow": self.workflow,
            "name": self.name,
            **({"by": dict(self.by)} if self.by else {}),
            "currency": self.currency,
            "months": self.months,
            "monthly_runs": self.monthly_runs,
            "cost_per_month": None if self.cost_per_month is None else plain(self.cost_per_month),
            **self.counts.as_dict(),
            "metric": self.metric,
            "importance": self.importance,
            "target": self.target,
            "room": self.room,
            "priority_score": self.priority_score,
            "rank": self.rank,
            "band": self.band,
            "read": self.read,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """Spend whose key leads to no workflow."""

    key: str
    currency: str
    cost: Decimal
    rows: int

    def as_dict(self) -> dict[str, object]:
        """The record for JSON."""
        return {"key": self.key, "currency": self.currency, "cost": plain(self.cost), "rows": self.rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """The result of one join. Whole months are the months over all grouping columns."""

    timezone: str
    engine: str
    as_of: datetime.date
    currency: str
    exchange_rates: Mapping[str, str]
    by: tuple[str, ...]
    tie_out: Mapping[str, TieOut]
    findings: tuple[Finding, ...]
    workflows: tuple[WorkflowResult, ...]
    months: tuple[MonthResult, ...]
    whole_months: tuple[MonthResult, ...]
    unmatched: tuple[Unmatched, ...]
    sources: tuple[tuple[str, str], ...]

    @property
    def faults(self) -> tuple[Finding, ...]:
        """The findings that ``--strict`` does not let pass: all but notes."""
        return tuple(finding for finding in self.findings if finding.kind not in NOTES)

    def as_dict(self) -> dict[str, Any]:
        """The whole result for JSON."""
        return {
            "timezone": self.timezone,
            "engine": self.engine,
            "as_of": self.as_of.isoformat(),
            "currency": self.currency,
            **({"exchange_rates": dict(self.exchange_rates)} if self.exchange_rates else {}),
            "by": list(self.by),
            "tie_out": {code: line.as_dict() for code, line in self.tie_out.items()},
            "rows": {code: line.rows() for code, line in self.tie_out.items()},
            "findings": [finding.as_dict() for finding in self.findings],
            "workflows": [workflow.as_dict() for workflow in self.workflows],
            "months": [month.as_dict() for month in self.months],
            "unmatched": [each.as_dict() for each in self.unmatched],
            "sources": [{"file": file, "source": source} for file, source in self.sources],
        }

    def digest(self) -> str:
        """Return the sha256 of every figure: the same on each engine and for each order of rows and files."""
        named = ("engine", "findings", "sources")
        figures = {key: value for key, value in self.as_dict().items() if key not in named}
        figures["findings"] = [(finding.kind, finding.count) for finding in self.findings]
        return hashlib.sha256(json.dumps(figures, sort_keys=True).encode()).hexdigest()
