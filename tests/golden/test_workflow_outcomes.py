"""The guide's four workflows read as in its table, and every figure of a month follows from what was entered."""

from __future__ import annotations

import copy
import datetime
import re
import tomllib
from collections.abc import Mapping
from typing import Any

import pytest

from tests.fillings import SCENARIOS
from tests.further_fillings import MANY_WORKFLOWS, ODD_OUTCOMES
from tests.golden.test_value_model import exactly
from tests.workbooks import STYLES, contents_of, package_of
from valuehour.catalog import load_catalog
from valuehour.functions import FUNCTIONS
from valuehour.workbooks.data import validate
from valuehour.workbooks.formula import Style
from valuehour.workbooks.read import Contents
from valuehour.workbooks.templates import template

EXAMPLE: dict[str, Any] = tomllib.loads(SCENARIOS.joinpath("guide_workflows.toml").read_text("utf-8"))

# Workflow, cost per month, success rate, outcome metric, read: the table of workflow_outcomes_guide.
GUIDE = (
    ("Support reply", 420, 0.88, "Average turnaround time", "worth improving"),
    ("Sales summary", 180, 0.94, "Handoff quality", "healthy"),
    ("Planning digest", 690, 0.61, "Planning cycle speed", "high-priority"),
    ("Onboarding assistant", 210, 0.72, "Setup completion rate", "review"),
)


def example(**inputs: Any) -> dict[str, Any]:
    data = copy.deepcopy(EXAMPLE)
    data["inputs"].update(inputs)
    return data


def by_workflow(contents: Contents, table: str) -> Mapping[str, Mapping[str, Any]]:
    return {str(r["workflow"]): r for r in contents.tables[table] if r["workflow"] is not None}


def failed(contents: Contents) -> set[str]:
    return {str(c["check"]) for c in contents.tables["tblChecks"] if c["status"] == "FAIL"}


@pytest.mark.parametrize("style", STYLES)
def test_the_four_workflows_read_as_in_the_guide(style: Style) -> None:
    contents = contents_of(EXAMPLE, style)
    found = by_workflow(contents, "tblOutcomes")
    assert len(found) == len(GUIDE)
    for workflow, cost, rate, metric, read in GUIDE:
        line = found[workflow]
        assert (line["cost"], line["nearest_metric"], line["read"]) == (cost, metric, read)
        assert line["success_rate"] == exactly(rate)
    assert contents.results["fix_first"] == 1
    assert contents.results["spend"] == 1500
    assert contents.results["spend_high_priority_share"] == exactly(690 / 1500)
    assert contents.results["checks_failed"] == 0


@pytest.mark.parametrize("style", STYLES)
def test_every_figure_of_the_month_follows_from_what_was_entered(style: Style) -> None:
    contents = contents_of(EXAMPLE, style)
    found = by_workflow(contents, "tblResults")
    ranked = [r["workflow"] for r in contents.tables["tblOutcomes"] if r["workflow"]]
    assert ranked == ["Planning digest", "Support reply", "Onboarding assistant", "Sales summary"]
    register = {r["workflow"]: r for r in EXAMPLE["tables"]["tblWorkflows"]}
    september = [r for r in EXAMPLE["tables"]["tblMonths"] if r["month"] == datetime.date(2026, 9, 1)]
    assert len(september) == 4
    for entered in september:
        line = found[entered["workflow"]]
        importance, target = (register[entered["workflow"]][key] for key in ("importance", "target"))
        rate = entered["successes"] / entered["runs"]
        expected = {
            "success_rate": rate,
            "cost_per_success": entered["cost"] / entered["successes"],
            "reliability": entered["runs"] / entered["attempts"],
            "manual_review_rate": entered["manual_reviews"] / entered["runs"],
            "acceptance_rate": entered["acceptances"] / entered["runs"],
            "turnaround_p50": entered["turnaround_p50"],
            "turnaround_p95": entered["turnaround_p95"],
            "delivery_quality": entered["delivery_quality"],
            "metric_value": entered["metric_value"],
            "room": target - rate,
        }
        for key, value in expected.items():
            assert line[key] == exactly(value), key
        # Cost is per run, so that volume counts once.
        score = entered["runs"] * (entered["cost"] / entered["runs"]) * importance * (target - rate)
        assert line["score"] == pytest.approx(score, abs=1e-6)
        band = FUNCTIONS["PRIORITY_BAND"].evaluate(entered["runs"], entered["cost"], importance, target - rate)
        assert by_workflow(contents, "tblOutcomes")[entered["workflow"]]["band"] == band


def test_the_latest_month_is_shown_unless_one_is_chosen() -> None:
    april = contents_of(example(month=datetime.date(2026, 4, 30)))
    assert april.results["context"].endswith("2026-04")
    support = by_workflow(april, "tblOutcomes")["Support reply"]
    assert (support["cost"], support["runs"], support["success_rate"]) == (345, 900, exactly(0.81))
    # The trend ends with the month shown.
    assert [r["runs"] for r in april.tables["tblTrend"]][-2:] == [0, 1500]


def test_a_month_without_rows_is_found() -> None:
    contents = contents_of(example(month=datetime.date(2020, 1, 1)))
    assert failed(contents) == {"The month shown has rows"}
    assert contents.results["workflows_run"] == 0


@pytest.mark.parametrize("style", STYLES)
def test_the_policy_decides_the_reads(style: Style) -> None:
    contents = contents_of(example(healthy_at=0.95, critical_below=0.9, expensive_at=200), style)
    reads = {name: line["read"] for name, line in by_workflow(contents, "tblOutcomes").items()}
    assert reads == {
        "Support reply": "high-priority",
        "Sales summary": "review",
        "Planning digest": "high-priority",
        "Onboarding assistant": "high-priority",
    }
    assert contents.results["policy_changed"] == 3


def test_thresholds_are_the_catalogs_unless_they_are_set() -> None:
    inputs = contents_of({"template": "workflow_outcomes"}).inputs
    for policy in load_catalog().policy:
        assert inputs[policy.id] == policy.value


@pytest.mark.parametrize("style", STYLES)
def test_a_dollar_value_without_evidence_is_assumed_and_never_a_result(style: Style) -> None:
    results = contents_of(EXAMPLE, style).results
    assert (results["value_assumed"], results["value_measured"], results["locked"]) == (3000, 0, 1)
    data = example()
    data["tables"]["tblChains"][0]["evidence"] = "Time study of September"
    contents = contents_of(data, style)
    assert contents.tables["tblChains"][0]["shown_as"] == "measured"
    assert (contents.results["value_assumed"], contents.results["value_measured"]) == (0, 3000)
    assert contents.results["locked"] == 0


def test_only_workflows_in_scope_count_with_their_value() -> None:
    contents = contents_of(ODD_OUTCOMES)
    shown = [(r["shown_as"], r["in_scope"]) for r in contents.tables["tblChains"]]
    assert shown == [("measured", 0), ("measured", 2000.55), ("assumed", 999.45), (None, 0)]
    assert contents.results["value_measured"] == exactly(2000.55)
    assert contents.results["value_assumed"] == exactly(999.45)
    # The share of the spend that is in scope is shown.
    assert contents.results["coverage"] == exactly((1e6 + 3) / (1e6 + 3 + 12.5 + 0.01))


def test_runs_that_never_succeed_or_never_cost_leave_no_error() -> None:
    found = by_workflow(contents_of(ODD_OUTCOMES), "tblResults")
    assert (found["All fail"]["success_rate"], found["All fail"]["cost_per_success"]) == (0, 0)
    assert found["All fail"]["reliability"] == 0.25
    assert found["Free"]["score"] == 0
    assert (found["Never run"]["runs"], found["Never run"]["rank"]) == (0, 0)
    # No importance, no priority: a check says so.
    assert found["No importance"]["score"] == 0
    assert "Every workflow has an importance" in failed(contents_of(ODD_OUTCOMES))


def test_every_workflow_is_ranked_once_and_equals_in_the_order_of_the_register() -> None:
    contents = contents_of(MANY_WORKFLOWS)
    results = [r for r in contents.tables["tblResults"] if r["workflow"]]
    ranks = [r["rank"] for r in results]
    assert sorted(ranks) == list(range(1, 21))
    expected = sorted(range(20), key=lambda n: (-results[n]["score"], n))
    assert [ranks[n] for n in expected] == list(range(1, 21))
    assert [r["workflow"] for r in contents.tables["tblOutcomes"]] == [f"Workflow {n}" for n in expected]


def test_a_trend_shows_twelve_months_of_one_workflow() -> None:
    contents = contents_of(EXAMPLE)
    trend = contents.tables["tblTrend"]
    assert len(trend) == 12
    assert [r["runs"] for r in trend] == [0] * 6 + [1500, 1600, 1750, 1850, 2000, 2100]
    assert trend[-1]["success_rate"] == exactly(0.61)
    changes = by_workflow(contents, "tblChanges")
    assert changes["Planning digest"]["rate_change"] == exactly(-0.02)
    assert changes["Planning digest"]["cost_change"] == exactly(690 / 650 - 1)
    assert {name: line["trend"] for name, line in changes.items()} == {
        "Support reply": "better",
        "Sales summary": "better",
        "Planning digest": "worse",
        "Onboarding assistant": "better",
    }


def test_the_chart_draws_each_workflow_and_the_thresholds_of_the_policy() -> None:
    package = package_of(EXAMPLE)
    drawing = next(r.target for r in package.relationships(package.sheet("Outcomes").part) if r.kind == "drawing")
    part = next(r.target for r in package.relationships(drawing) if r.kind == "chart")
    text = package.parts[part].decode()
    series = re.findall(r"<c:ser>.*?</c:ser>|<ser>.*?</ser>", text, re.DOTALL)
    rows = template("workflow_outcomes").table("tblOutcomes").rows
    # Three thresholds, four regions, circles, diamonds, and a name for each workflow.
    assert len(series) == 3 + 4 + 2 + rows
    assert sum("sysDash" in one for one in series) == 3
    assert sum('val="diamond"' in one for one in series) == 1
    assert sum('val="circle"' in one for one in series) == 1


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (lambda d: d["tables"]["tblMonths"].append(d["tables"]["tblMonths"][-1]), "One row a workflow and month"),
        (lambda d: d["tables"]["tblMonths"][-1].update(attempts=1), "Attempts are not below runs"),
        (lambda d: d["tables"]["tblMonths"][-1].pop("month"), "Every row has workflow and month"),
        (lambda d: d["tables"]["tblWorkflows"][0].pop("importance"), "Every workflow has an importance"),
        (lambda d: d["tables"]["tblWorkflows"][0].pop("success_rule"), "Every workflow has a success rule"),
        (lambda d: d["tables"]["tblChains"][0].pop("workflow"), "Every value has its workflow"),
    ],
)
def test_what_does_not_fit_is_found(change: Any, check: str) -> None:
    data = example()
    change(data)
    contents = contents_of(data)
    assert failed(contents) == {check}


@pytest.mark.parametrize(
    ("change", "where", "found"),
    [
        (
            lambda d: d["tables"]["tblMonths"][0].update(workflow="Suport reply"),
            "tables.tblMonths.0.workflow",
            "Support",
        ),
        (lambda d: d["tables"]["tblChains"][0].update(workflow="X"), "tables.tblChains.0.workflow", "X"),
        (lambda d: d["tables"]["tblMonths"][0].update(successes=901), "tables.tblMonths.0.successes", "901"),
        (
            lambda d: d["tables"]["tblWorkflows"][1].update(workflow="Support reply"),
            "tables.tblWorkflows.1.workflow",
            "twice",
        ),
        (lambda d: d["inputs"].update(critical_below=0.95), "inputs.critical_below", "0.95"),
        (lambda d: d["inputs"].update(healthy_at=0.5), "inputs.critical_below", "0.7"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(change: Any, where: str, found: str) -> None:
    data = example()
    change(data)
    _, problems = validate(template("workflow_outcomes"), data)
    assert str(problems[0].where) == where
    assert found in problems[0].found
