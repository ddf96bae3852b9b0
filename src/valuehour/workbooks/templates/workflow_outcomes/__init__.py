"""Workflow outcomes: what each workflow costs and achieves by the measure nearest to it, and what to fix first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from valuehour.models import Catalog
from valuehour.workbooks.look import Look
from valuehour.workbooks.spec import Column, Template
from valuehour.workbooks.templates.about import about as about_sheet
from valuehour.workbooks.templates.checking import checks as checks_sheet
from valuehour.workbooks.templates.lists import (
    CONSTANTS,
    Reference,
    lists,
    taxonomy_list,
    taxonomy_range,
    workflow_list,
)
from valuehour.workbooks.templates.reference import functions
from valuehour.workbooks.templates.workflow_outcomes import (
    breakdown,
    checks,
    months,
    outcomes,
    outcomes_chart,
    policy,
    register,
    results,
    rules,
    summary,
    tie_out,
    trends,
)

NAME = "workflow_outcomes"
VERSION = "1.0.0"
TITLE = "Workflow outcomes"

CHANGES = (("1.0.0", "First version"),)


def _metrics(catalog: Catalog) -> Reference:
    """The measures nearest to the workflows of the catalog, each once."""
    units = {workflow.nearest_metric.name: workflow.nearest_metric.unit for workflow in catalog.workflows}
    return Reference(
        table="tblMetrics",
        title="Nearest metrics",
        columns=(Column(head="Metric", look=Look.LABEL), Column(head="Unit", look=Look.NOTE)),
        rows=tuple({"metric": name, "unit": unit} for name, unit in units.items()),
        ranges={"lst_metrics": "B"},
    )


def template(catalog: Catalog, rows: Mapping[str, int]) -> Template:
    """Describe the workflow outcomes for a catalog; ``rows`` gives tables more rows than they come with."""

    def room(table: str, least: int) -> int:
        return max(least, rows.get(table, 0))

    constants = (*CONSTANTS, *register.CONSTANTS, *results.CONSTANTS, *outcomes_chart.CONSTANTS, *trends.CONSTANTS)
    references = (workflow_list(catalog), _metrics(catalog), replace(taxonomy_list(catalog), ranges={}))
    registered = room(register.TABLE, register.ROWS)
    ranked = rows.get(outcomes.TABLE, registered)
    working = (
        summary.sheet(ranked),
        register.sheet(registered),
        register.chains(room(register.CHAINS, registered)),
        policy.sheet(catalog),
        months.sheet(room(months.TABLE, months.ROWS)),
        tie_out.sheet(
            max(room(table, tie_out.CURRENCIES) for table in (tie_out.TABLE, tie_out.EXACT, tie_out.COUNTED)),
            room(tie_out.FINDINGS, tie_out.FOUND),
        ),
        breakdown.sheet(room(breakdown.TABLE, breakdown.ROWS)),
        results.sheet(rows.get(results.TABLE, registered)),
        outcomes.sheet(ranked),
        trends.sheet(rows.get(trends.CHANGES, registered)),
    )
    closing = (
        lists(
            constants,
            references,
            question="Which workflows and metrics can we pick, and what do they mean?",
            message=f"{len(catalog.workflows)} workflows with their success rules and nearest metrics",
        ),
        functions(),
        checks_sheet(checks.CHECKS, filled=checks.FILLED, context=checks.CONTEXT),
    )
    about = about_sheet(
        title=TITLE,
        subtitle="What each workflow costs and achieves, by the measure nearest to it, and what to fix first",
        message=outcomes.MESSAGE,
        purpose=(
            "Joins what workflows cost with how often they succeed, reads each by your thresholds, and ranks them by "
            "leverage; dollar values count only with evidence."
        ),
        steps=(
            (
                "1   Register",
                "Workflows: job, success rule, nearest metric. Chains: how each of them leads to value.",
            ),
            ("2   Set", "Policy: from when on a workflow is healthy, critical, expensive, frequent."),
            ("3   Enter", "Months: one row a workflow and month. Blank means unknown, and is shown as –."),
            ("4   Read", "Outcomes says what to fix first, Trends whether it is getting better. Checks must pass."),
        ),
        sheets=(*working, *closing),
        version=VERSION,
        name=NAME,
        changes=CHANGES,
        held="Held back: no evidence",
    )
    return Template(
        name=NAME,
        version=VERSION,
        title=TITLE,
        sheets=(about, *working, *closing),
        rules=(rules.workflows_refer, rules.thresholds_fit(catalog)),
        taxonomy=taxonomy_range(constants, references),
    )
