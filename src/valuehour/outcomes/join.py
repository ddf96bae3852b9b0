"""The join: spend and runs from files to results, stage by stage, with every total checked against what was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from valuehour.models import Catalog
from valuehour.outcomes import stages
from valuehour.outcomes.places import Places
from valuehour.outcomes.reading import OUTCOME_COLUMNS, counts, workflow_results
from valuehour.outcomes.results import MonthResult, Outcomes, TieOut, Unmatched
from valuehour.outcomes.run_side import RunSide
from valuehour.outcomes.settle import Settled
from valuehour.outcomes.side import Shared
from valuehour.outcomes.spend_side import SpendSide

Totals = list[tuple[str, Mapping[str, str], int, dict[str, Any]]]


def join(shared: Shared, catalog: Catalog, timezone: str, spend: Iterable[Path], runs: Iterable[Path]) -> Outcomes:
    """Join spend to runs and return the results.

    Raises
    ------
    OutcomesError
        A file cannot be read, a limit is reached, or the totals do not tie out.
    """
    shared.say("reading spend")
    spend_side, run_side = SpendSide(shared), RunSide(shared)
    settled = spend_side.read(spend)
    shared.say("reading runs")
    run_side.read(runs)
    shared.say("joining")
    spent = spend_side.months(settled)
    currency = spend_side.currency(settled)
    spend_side.costs(spent, currency)
    months, totals = _outcomes(shared)
    shared.say("looking up places")
    Places(shared, currency).find(spend_side, run_side)
    return Outcomes(
        timezone=timezone,
        as_of=shared.as_of,
        currency=currency,
        by=shared.by,
        tie_out={code: _tie_out(settled, code) for code in sorted(settled.totals)},
        findings=shared.findings.listed(),
        workflows=workflow_results(totals, shared.keys, catalog, currency),
        months=months,
        unmatched=tuple(
            Unmatched(key=label, currency=code, cost=part.cost, rows=part.row_count)
            for (label, code), part in sorted(settled.unmatched.items(), key=lambda each: (-each[1].cost, each[0]))
        ),
        sources=tuple(sorted((f.table.label, f.source.name) for f in (*spend_side.files, *run_side.files))),
    )


def _outcomes(shared: Shared) -> tuple[tuple[MonthResult, ...], Totals]:
    """The full outer join of both sides, by month and over all months."""
    names = shared.by_names
    by = stages.by_columns(len(names))
    coalesced = "".join(f", COALESCE(s.{name}, r.{name}) AS {name}" for name in names)
    for stage, runs, month in (("outcome_months", "run_months", ", month"), ("outcome_totals", "run_totals", "")):
        shared.engine.stage(runs, stages.RUN_SUMS.format(by=by, month=month))
        columns = ["workflow", *names, *(["month"] if month else [])]
        shared.engine.stage(
            stage,
            stages.OUTCOMES.format(
                by=coalesced,
                month=", COALESCE(s.month, r.month) AS month" if month else "",
                bare_by=by,
                bare_month=month,
                runs=runs,
                on=stages.same("s", "r", columns),
            ),
        )
    columns = ["workflow", *names, "month", *OUTCOME_COLUMNS]
    months: list[MonthResult] = []
    active: dict[tuple[str, ...], int] = {}
    for row in shared.engine.fetch(f"SELECT {', '.join(columns)} FROM outcome_months"):
        found = dict(zip(columns, row, strict=True))
        path = {name: found[column] for name, column in zip(shared.by, names, strict=True)}
        where = (found["workflow"], *path.values())
        active[where] = active.get(where, 0) + 1
        name = shared.keys.names[found["workflow"]]
        months.append(
            MonthResult(workflow=found["workflow"], name=name, month=found["month"], by=path, counts=counts(found))
        )
    months.sort(key=lambda each: (each.workflow, tuple(each.by.values()), each.month))
    columns.remove("month")
    totals: Totals = []
    for row in shared.engine.fetch(f"SELECT {', '.join(columns)} FROM outcome_totals"):
        found = dict(zip(columns, row, strict=True))
        path = {name: found[column] for name, column in zip(shared.by, names, strict=True)}
        totals.append((found["workflow"], path, active[found["workflow"], *path.values()], found))
    return tuple(months), totals


def _tie_out(settled: Settled, code: str) -> TieOut:
    totals = settled.totals[code]
    return TieOut(**{name: getattr(totals, name) for name in TieOut.__slots__})
