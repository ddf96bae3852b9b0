"""Sums turned into rates, priorities and reads, by the worksheet functions of the same names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from valuehour.errors import FunctionError
from valuehour.functions.outcomes import outcome_read, priority_band, priority_score, room_to_improve
from valuehour.functions.rounding import round_half_away
from valuehour.models import Catalog
from valuehour.outcomes.amounts import EXACT, UNIT
from valuehour.outcomes.mapping import WorkflowKeys
from valuehour.outcomes.results import Counts, MonthResult, WorkflowResult

# The columns of the outcomes stages, after workflow, grouping columns and month.
OUTCOME_COLUMNS = (
    "sides", "cost", "row_count", "tokens_in", "tokens_cached", "tokens_out", "retries",
    "runs", "attempts", "successes", "judged", "manual_reviews", "review_known", "acceptances", "acceptance_known",
    "turnaround_p50", "turnaround_p95", "quality_sum", "quality_count", "metric_sum", "metric_count",
)  # fmt: skip

_NOT_WHOLE = ("sides", "cost", "turnaround_p50", "turnaround_p95", "quality_sum", "metric_sum")


def counts(row: Mapping[str, Any]) -> Counts:
    """Return the counts and rates of one row of the join."""
    whole = {
        name: int(row[name] or 0) for name in OUTCOME_COLUMNS if name not in ("sides", "cost") and "_p" not in name
    }
    cost = row["cost"]
    return Counts(
        sides=row["sides"],
        cost=cost,
        spend_rows=whole["row_count"],
        tokens_in=whole["tokens_in"],
        tokens_cached=whole["tokens_cached"],
        tokens_out=whole["tokens_out"],
        retries=whole["retries"],
        runs=whole["runs"],
        attempts=whole["attempts"],
        judged=whole["judged"],
        successes=whole["successes"],
        manual_reviews=whole["manual_reviews"],
        acceptances=whole["acceptances"],
        success_rate=_rate(whole["successes"], whole["judged"]),
        cost_per_success=_divided(cost, whole["successes"]),
        turnaround_p50=_seconds(row["turnaround_p50"]),
        turnaround_p95=_seconds(row["turnaround_p95"]),
        manual_review_rate=_rate(whole["manual_reviews"], whole["review_known"]),
        acceptance_rate=_rate(whole["acceptances"], whole["acceptance_known"]),
        reliability=_rate(whole["runs"], whole["attempts"]),
        quality=_mean(row["quality_sum"], whole["quality_count"]),
        metric_value=_mean(row["metric_sum"], whole["metric_count"]),
    )


def workflow_results(
    rows: Iterable[tuple[str, Mapping[str, str], int, Mapping[str, Any]]],
    keys: WorkflowKeys,
    catalog: Catalog,
    currency: str,
) -> tuple[WorkflowResult, ...]:
    """Return the results of all workflows, the highest priority first; ``rows`` give id, path, months and sums."""
    policy = {threshold.id: threshold.value for threshold in catalog.policy}
    results = [
        _result(workflow, path, months, counts(row), keys, catalog, currency, policy)
        for workflow, path, months, row in rows
    ]
    results.sort(key=lambda each: (-(each.priority_score or 0.0), each.priority_score is None, _place(each)))
    ranked = []
    for result in results:
        rank = None
        if result.priority_score is not None:
            higher = [each for each in results if (each.priority_score or 0.0) > result.priority_score]
            rank = 1 + len(higher)
        ranked.append(_with_rank(result, rank))
    return tuple(ranked)


def _result(
    workflow: str,
    path: Mapping[str, str],
    months: int,
    found: Counts,
    keys: WorkflowKeys,
    catalog: Catalog,
    currency: str,
    policy: Mapping[str, float],
) -> WorkflowResult:
    setting = keys.setting(workflow)
    monthly_runs = found.runs / months
    monthly_cost = _divided(found.cost, months)
    room = None if found.success_rate is None else room_to_improve(found.success_rate, setting.target)
    score = band = read = None
    if monthly_cost is not None and room is not None and found.success_rate is not None:
        cost_per_run = _divided(found.cost, found.runs)
        score = _calculated(priority_score, monthly_runs, float(cost_per_run or 0), setting.importance, room)
        limits = [policy[name] for name in ("frequent_at", "expensive_at", "critical_at", "weak_at")]
        band = _calculated(priority_band, monthly_runs, float(monthly_cost), setting.importance, room, *limits)
        limits = [policy[name] for name in ("healthy_at", "critical_below", "expensive_at")]
        read = _calculated(outcome_read, float(monthly_cost), found.success_rate, *limits)
    return WorkflowResult(
        workflow=workflow,
        name=keys.names[workflow],
        by=path,
        currency=currency,
        months=months,
        monthly_runs=monthly_runs,
        cost_per_month=monthly_cost,
        counts=found,
        metric=catalog.workflow(workflow).nearest_metric.name,
        importance=setting.importance,
        target=setting.target,
        room=room,
        priority_score=None if score is None else round_half_away(score, 9),
        rank=None,
        band=band,
        read=read,
    )


def _with_rank(result: WorkflowResult, rank: int | None) -> WorkflowResult:
    fields = {name: getattr(result, name) for name in result.__slots__}
    return WorkflowResult(**{**fields, "rank": rank})


def _calculated(function: Any, *arguments: float) -> Any:
    """A function's result; nothing where it refuses, as for a cost below 0 after corrections."""
    try:
        return function(*arguments)
    except FunctionError:
        return None


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _divided(cost: Decimal | None, count: int) -> Decimal | None:
    return EXACT.divide(cost, Decimal(count)).quantize(UNIT, context=EXACT) if cost is not None and count else None


def _mean(total: Decimal | None, count: int) -> float | None:
    return (
        float(EXACT.divide(Decimal(total), Decimal(count)).quantize(UNIT, context=EXACT))
        if count and total is not None
        else None
    )


def _seconds(value: float | None) -> float | None:
    # Engines interpolate with their last bit apart; no clock is that fine.
    return None if value is None else round(float(value), 6)


def _place(result: WorkflowResult | MonthResult) -> tuple[str, Sequence[str]]:
    return result.workflow, tuple(result.by.values())
