"""Results into a ``workflow_outcomes`` workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from valuehour.errors import OutcomesError, UsageError
from valuehour.models import Catalog, Workflow
from valuehour.outcomes.results import MonthResult, Outcomes, WorkflowResult
from valuehour.workbooks.build import Built, build, described
from valuehour.workbooks.data import validate

TEMPLATE = "workflow_outcomes"


def workbook(outcomes: Outcomes, catalog: Catalog) -> Built:
    """Return the workbook of a result: its workflows, its months, the thresholds, and the latest month chosen.

    Turnaround is in seconds. A month's success rate there is of all its runs.

    Raises
    ------
    UsageError
        The result is grouped by further columns, for which the workbook has no place.
    OutcomesError
        A figure does not fit the workbook, such as a month's cost below 0.
    """
    if outcomes.by:
        raise UsageError("a workbook has no place for grouping columns; leave out --by, or write JSON or CSV")
    months = [_month(month) for month in outcomes.months]
    data: dict[str, Any] = {
        "template": TEMPLATE,
        "inputs": {
            "currency": outcomes.currency,
            **{threshold.id: threshold.value for threshold in catalog.policy},
            **({"month": max(month.month for month in outcomes.months)} if months else {}),
        },
        "tables": {
            "tblWorkflows": [_workflow(result, catalog.workflow(result.workflow)) for result in outcomes.workflows],
            "tblMonths": months,
        },
    }
    spec = described(TEMPLATE, catalog)
    filling, problems = validate(spec, data)
    if problems:
        raise OutcomesError("\n".join(f"the workbook {TEMPLATE}: {problem}" for problem in problems[:20]))
    return build(TEMPLATE, filling=filling, catalog=catalog)


def write_workbook(outcomes: Outcomes, path: Path, catalog: Catalog) -> None:
    """Write the workbook of a result."""
    workbook(outcomes, catalog).package.write(path)


def _workflow(result: WorkflowResult, workflow: Workflow) -> dict[str, Any]:
    return {
        "workflow": workflow.name,
        **({"job_to_do": workflow.job} if workflow.job else {}),
        "success_rule": workflow.success_rule,
        "nearest_metric": workflow.nearest_metric.name,
        "unit": workflow.nearest_metric.unit,
        "importance": round(result.importance),
        "target": result.target,
        "in_scope": "yes",
    }


def _month(month: MonthResult) -> dict[str, Any]:
    counts = month.counts
    figures: dict[str, Any] = {
        "cost": None if counts.cost is None else float(counts.cost),
        "runs": counts.runs,
        "attempts": counts.attempts,
        "successes": counts.successes,
        "acceptances": counts.acceptances,
        "manual_reviews": counts.manual_reviews,
        "turnaround_p50": counts.turnaround_p50,
        "turnaround_p95": counts.turnaround_p95,
        "delivery_quality": counts.quality,
        "metric_value": counts.metric_value,
    }
    known = {name: value for name, value in figures.items() if value is not None}
    return {"workflow": month.name, "month": month.month, **known}
