"""The join: spend and runs from files to results, stage by stage, with every total checked against what was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
        engine=shared.engine.name,
        as_of=shared.as_of,
        currency=currency,
        exchange_rates=shared.importer.settings.exchange_rates,
        by=shared.by,
        tie_out={code: _tie_out(settled, code) for code in sorted(settled.totals)},
        findings=shared.findings.listed(),
        workflows=workflow_results(totals, shared.keys, catalog, currency),
        months=months,
        whole_months=_months(shared, ()) if shared.by else months,
        unmatched=tuple(
            Unmatched(key=label, currency=code, cost=part.cost, rows=part.row_count)
            for (label, code), part in sorted(settled.unmatched.items(), key=lambda each: (-each[1].cost, each[0]))
        ),
        sources=tuple(sorted((f.table.label, f.source.name) for f in (*spend_side.files, *run_side.files))),
    )


def _outcomes(shared: Shared) -> tuple[tuple[MonthResult, ...], Totals]:
    """The full outer join of both sides, by month and over all months."""
    months = _months(shared, shared.by_names)
    active: dict[tuple[str, ...], int] = {}
    for month in months:
        where = (month.workflow, *month.by.values())
        active[where] = active.get(where, 0) + 1
    totals: Totals = []
    for found in _joined(shared, shared.by_names, by_month=False):
        path = _path(shared, found)
        totals.append((found["workflow"], path, active[found["workflow"], *path.values()], found))
    return months, totals


def _months(shared: Shared, names: Sequence[str]) -> tuple[MonthResult, ...]:
    months = [
        MonthResult(
            workflow=found["workflow"],
            name=shared.keys.names[found["workflow"]],
            month=found["month"],
            by=_path(shared, found) if names else {},
            counts=counts(found),
        )
        for found in _joined(shared, names, by_month=True)
    ]
    return tuple(sorted(months, key=lambda each: (each.workflow, tuple(each.by.values()), each.month)))


def _path(shared: Shared, found: Mapping[str, Any]) -> dict[str, str]:
    return {name: found[column] for name, column in zip(shared.by, shared.by_names, strict=True)}


def _joined(shared: Shared, names: Sequence[str], *, by_month: bool) -> list[dict[str, Any]]:
    """Both sides, summed by workflow and these columns before they meet."""
    stage = f"outcome_{'months' if by_month else 'totals'}{'' if len(names) == len(shared.by_names) else '_whole'}"
    query = stages.OUTCOMES.format(
        by="".join(f", COALESCE(s.{name}, r.{name}) AS {name}" for name in names),
        month=", COALESCE(s.month, r.month) AS month" if by_month else "",
        bare_by=stages.by_columns(len(names)),
        bare_month=", month" if by_month else "",
        all_months=0 if by_month else 1,
        all_paths=0 if len(names) == len(shared.by_names) else 1,
        on=stages.same("s", "r", ["workflow", *names, *(["month"] if by_month else [])]),
    )
    shared.engine.stage(stage, query)
    columns = ["workflow", *names, *(["month"] if by_month else []), *OUTCOME_COLUMNS]
    rows = shared.engine.fetch(f"SELECT {', '.join(columns)} FROM {stage}")
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _tie_out(settled: Settled, code: str) -> TieOut:
    totals = settled.totals[code]
    return TieOut(**{name: getattr(totals, name) for name in TieOut.__slots__})
