"""Results into a ``workflow_outcomes`` workbook."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from valuehour.errors import OutcomesError
from valuehour.models import Catalog, Workflow
from valuehour.outcomes.amounts import plain
from valuehour.outcomes.findings import KINDS, NOTES
from valuehour.outcomes.results import MonthResult, Outcomes, WorkflowResult
from valuehour.workbooks.build import Built, build, described
from valuehour.workbooks.data import validate
from valuehour.workbooks.templates.workflow_outcomes.tie_out import fits

TEMPLATE = "workflow_outcomes"
MOST_GROUPS = 20_000
"""Rows of the breakdown; the engine takes some 100,000 formula cells a sheet."""

Record = dict[str, Any]

_ENGINES = {"duckdb": "DuckDB, in this process", "spark": "Spark"}


def workbook(outcomes: Outcomes, catalog: Catalog) -> Built:
    """Return the workbook of a result: workflows, months, thresholds, tie-out and findings, the latest month chosen.

    Turnaround is in seconds. A month's success rate there is of all its runs. Months are over all grouping columns;
    what they are made of stands on the sheet Breakdown and adds up to them.

    Raises
    ------
    OutcomesError
        A figure does not fit the workbook, such as a month's cost below 0, or there are too many groups.
    """
    if outcomes.by and len(outcomes.months) > MOST_GROUPS:
        raise OutcomesError(
            f"the workbook {TEMPLATE}: --by {' '.join(outcomes.by)} gives {len(outcomes.months):,} rows; "
            f"allowed: {MOST_GROUPS:,}; group by fewer columns, or write CSV or Parquet"
        )
    months = [_month(month) for month in outcomes.whole_months]
    data: Record = {
        "template": TEMPLATE,
        "inputs": {
            "currency": outcomes.currency,
            **{threshold.id: threshold.value for threshold in catalog.policy},
            **({"month": max(month.month for month in outcomes.months)} if months else {}),
            **_statement(outcomes),
        },
        "tables": {
            "tblWorkflows": list(_workflows(outcomes, catalog)),
            "tblMonths": months,
            "tblTieOut": [_amounts(outcomes, code) for code in outcomes.tie_out],
            "tblTieOutExact": [
                {"currency": code, **_lines(line.as_dict()), "finer": plain(line.residue)}
                for code, line in outcomes.tie_out.items()
            ],
            "tblTieOutRows": [{"currency": code, **line.rows()} for code, line in outcomes.tie_out.items()],
            "tblFindings": _findings(outcomes),
            "tblBreakdown": [_group(month) for month in outcomes.months] if outcomes.by else [],
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


def _workflows(outcomes: Outcomes, catalog: Catalog) -> Iterator[Record]:
    """The register: each workflow once, in the order of its first result."""
    seen: set[str] = set()
    for result in outcomes.workflows:
        if result.workflow not in seen:
            seen.add(result.workflow)
            yield _workflow(result, catalog.workflow(result.workflow))


def _workflow(result: WorkflowResult, workflow: Workflow) -> Record:
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


def _month(month: MonthResult) -> Record:
    counts = month.counts
    return _known(
        {
            "workflow": month.name,
            "month": month.month,
            "cost": counts.cost,
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
    )


def _group(month: MonthResult) -> Record:
    counts = month.counts
    return _known(
        {
            "workflow": month.name,
            "path": fits(" · ".join(f"{column}: {value}" for column, value in month.by.items())),
            "month": month.month,
            "cost": counts.cost,
            "runs": counts.runs,
            "successes": counts.successes,
            "accepted": counts.acceptances,
            "reviewed": counts.manual_reviews,
        }
    )


def _known(figures: Record) -> Record:
    """What is known; a cell holds a double."""
    return {
        name: float(value) if isinstance(value, Decimal) else value
        for name, value in figures.items()
        if value is not None
    }


def _statement(outcomes: Outcomes) -> Record:
    files = "; ".join(f"{Path(file).name} ({source})" for file, source in outcomes.sources)
    rates = [f"1 {code} = {rate} {outcomes.currency}" for code, rate in outcomes.exchange_rates.items() if code != "to"]
    return {
        "import_time_zone": outcomes.timezone,
        "import_as_of": outcomes.as_of.isoformat(),
        "import_engine": _ENGINES[outcomes.engine],
        "import_exchange": fits("; ".join(rates) or f"none: {outcomes.currency} alone is on Months"),
        "import_sources": fits(f"{len(outcomes.sources)} {'file' if len(outcomes.sources) == 1 else 'files'}: {files}"),
    }


def _amounts(outcomes: Outcomes, code: str) -> Record:
    line = outcomes.tie_out[code]
    rate = Decimal(1) if code == outcomes.currency else Decimal(outcomes.exchange_rates.get(code, "0"))
    amounts = {"read": line.read, "matched": line.matched, "unmatched": line.unmatched, "refused": line.refused}
    return _known({"currency": code, **amounts, "rate": rate})


def _lines(line: Record) -> Record:
    return {name: line[name] for name in ("read", "matched", "unmatched", "refused")}


def _findings(outcomes: Outcomes) -> list[Record]:
    return [
        {
            "finding": KINDS[finding.kind],
            "first_places": fits("; ".join(finding.places)),
            "found": fits(", ".join(finding.details)),
            "amounts": fits("; ".join(f"{code} {plain(value)}" for code, value in sorted(finding.amounts.items()))),
            "kind": finding.kind,
            "rows": finding.count,
            "weight": "note" if finding.kind in NOTES else "fault",
        }
        for finding in outcomes.findings
    ]
