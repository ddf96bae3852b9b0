"""The tie-out inside the workbook: every figure of the import, and a check that fails when one of them is changed."""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.outcome_files import Folder, guide_runs, guide_spend, spend_row, table
from tests.workbooks import STYLES, contents_of, package_of
from valuehour.catalog import load_catalog
from valuehour.errors import OutcomesError
from valuehour.ooxml import Package
from valuehour.outcomes import Outcomes
from valuehour.outcomes import workbook as outcomes_workbook
from valuehour.outcomes.workbook import workbook
from valuehour.workbooks.audit import audit
from valuehour.workbooks.build import formula_values
from valuehour.workbooks.formula import Style
from valuehour.workbooks.lint import lint
from valuehour.workbooks.read import Contents, read
from valuehour.workbooks.verify import verify

FINE = "7.023456789012"


def imported(folder: Path, by: tuple[str, ...] = (), mapping: str | None = None) -> Outcomes:
    """The guide's rows with teams, and one row of each fate."""
    spend = [{**row, "team": "ABC"[place % 3]} for place, row in enumerate(guide_spend())]
    first = spend_row("support_reply", 0, Decimal(1))
    spend += [
        {**first, "workflow": "mystery", "cost": FINE, "team": "A"},
        {**first, "cost": "abc", "team": "A"},
        {**first, "cost": "1.25", "timestamp": "soon", "team": "A"},
        {**first, "cost": "5.5", "currency": "EUR", "team": "A"},
    ]
    runs = [{**row, "team": "ABC"[place % 3]} for place, row in enumerate(guide_runs())]
    return Folder(folder).join(table(spend), table(runs), by=by, mapping=mapping)


def filled(contents: Contents, name: str, key: str) -> list[dict[str, Any]]:
    return [dict(row) for row in contents.tables[name] if row.get(key) is not None]


def statuses(contents: Contents) -> dict[str, str]:
    return {str(row["check"]): str(row["status"]) for row in contents.tables["tblChecks"]}


def test_every_currency_stands_in_the_workbook_as_number_and_to_the_last_decimal(tmp_path: Path) -> None:
    package = workbook(imported(tmp_path), load_catalog()).package
    contents = read(package)
    amounts = {row.pop("currency"): row for row in filled(contents, "tblTieOut", "currency")}
    assert amounts["EUR"] == {"read": 5.5, "matched": 5.5, "unmatched": 0, "refused": 0, "difference": 0, "rate": 0}
    dollars = amounts["USD"]
    assert (dollars["matched"], dollars["unmatched"], dollars["refused"], dollars["rate"]) == (
        1500,
        float(FINE),
        1.25,
        1,
    )
    assert dollars["difference"] == pytest.approx(0, abs=1e-12)
    exact = {row["currency"]: row for row in filled(contents, "tblTieOutExact", "currency")}["USD"]
    assert Decimal(exact["read"]) == Decimal(exact["matched"]) + Decimal(exact["unmatched"]) + Decimal(exact["refused"])
    assert (exact["read"], exact["unmatched"], exact["finer"]) == ("1508.273456789012", FINE, "0.00")
    rows = {row["currency"]: row for row in filled(contents, "tblTieOutRows", "currency")}["USD"]
    assert (rows["read"], rows["matched"], rows["unmatched"], rows["refused"], rows["difference"]) == (
        607,
        604,
        1,
        2,
        0,
    )
    assert set(statuses(contents).values()) == {"OK", "–"}
    assert verify(package).ok


def test_the_findings_stand_in_the_workbook_with_their_first_places(tmp_path: Path) -> None:
    contents = read(workbook(imported(tmp_path), load_catalog()).package)
    found = {row["kind"]: row for row in filled(contents, "tblFindings", "finding")}
    assert {kind: row["rows"] for kind, row in found.items()} == {
        "unreadable_cost": 1,
        "unreadable_time": 1,
        "unknown_workflow": 1,
        "mixed_currencies": 1,
    }
    unknown = found["unknown_workflow"]
    assert unknown["first_places"].endswith("spend.txt row 606")
    assert (unknown["found"], unknown["amounts"], unknown["weight"]) == ("'mystery'", f"USD {FINE}", "fault")
    assert contents.inputs["import_time_zone"] == "UTC"
    assert contents.inputs["import_as_of"] == "2026-06-30"
    assert contents.inputs["import_engine"] == "DuckDB, in this process"
    assert contents.inputs["import_sources"] == "2 files: runs.txt (plain); spend.txt (plain)"


def test_an_exchange_rate_is_stated_and_what_matched_in_both_currencies_is_on_months(tmp_path: Path) -> None:
    outcomes = imported(tmp_path, mapping='[exchange_rates]\nto = "USD"\nEUR = "1.1"\n')
    contents = read(workbook(outcomes, load_catalog()).package)
    assert contents.inputs["import_exchange"] == "1 EUR = 1.1 USD"
    costs = {row["check"]: (row["found"], row["expected"], row["status"]) for row in contents.tables["tblChecks"]}
    found, expected, status = costs["Costs of all months are what matched"]
    assert (round(float(found), 9), round(float(expected), 9), status) == (1506.05, 1506.05, "OK")


def test_grouped_further_the_months_stay_whole_and_the_groups_add_up_to_them(tmp_path: Path) -> None:
    whole = read(workbook(imported(tmp_path), load_catalog()).package)
    package = workbook(imported(tmp_path, by=("team",)), load_catalog()).package
    contents = read(package)
    assert contents.tables["tblMonths"] == whole.tables["tblMonths"]
    groups = filled(contents, "tblBreakdown", "workflow")
    assert {row["path"] for row in groups} == {"team: A", "team: B", "team: C"}
    for month in filled(contents, "tblMonths", "workflow"):
        parts = [row for row in groups if (row["workflow"], row["month"]) == (month["workflow"], month["month"])]
        assert sum(row["cost"] for row in parts) == pytest.approx(month["cost"], abs=1e-9)
        for total, part in (("runs", "runs"), ("successes", "successes"), ("acceptances", "accepted")):
            assert sum(row[part] for row in parts) == month[total]
    found = statuses(contents)
    assert found["Costs by group are those of all months"] == found["Runs by group are those of all months"] == "OK"
    assert statuses(whole)["Costs by group are those of all months"] == "–"
    assert [str(one) for one in (*lint(package), *audit(package))] == []


def test_more_groups_than_a_workbook_takes_are_refused_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes_workbook, "MOST_GROUPS", 11)
    with pytest.raises(OutcomesError, match=r"--by team gives 12 rows; allowed: 11; group by fewer columns"):
        workbook(imported(tmp_path, by=("team",)), load_catalog())


def test_corrections_larger_than_a_months_costs_fit_the_workbook(tmp_path: Path) -> None:
    spend = "date,workflow,cost\n2026-05-01,support_reply,-5\n2026-04-01,support_reply,7\n"
    runs = "run_id,workflow,finished_at,success\n1,support_reply,2026-05-02,true\n"
    package = workbook(Folder(tmp_path).join(spend, runs), load_catalog()).package
    contents = read(package)
    assert [row["cost"] for row in filled(contents, "tblMonths", "workflow")] == [7, -5]
    assert set(statuses(contents).values()) == {"OK", "–"}
    assert verify(package).ok
    assert not any(str(value).startswith("#") for sheet in formula_values(package).values() for value in sheet.values())


@pytest.mark.parametrize("style", STYLES)
def test_a_blank_workbook_says_that_nothing_was_imported(style: Style) -> None:
    contents = contents_of({"template": "workflow_outcomes"}, style)
    assert filled(contents, "tblTieOut", "currency") == []
    assert contents.results["currencies_read"] == 0
    package = package_of({"template": "workflow_outcomes"}, style)
    assert formula_values(package)["Tie-out"]["B6"] == ("Nothing imported yet: what Months holds was entered by hand")


TIED: dict[str, Any] = {
    "template": "workflow_outcomes",
    "tables": {
        "tblWorkflows": [{"workflow": "Support reply", "success_rule": "It is right", "importance": 3}],
        "tblMonths": [{"workflow": "Support reply", "month": "2026-05-01", "cost": 12.5, "runs": 4, "successes": 2}],
        "tblTieOut": [
            {"currency": "USD", "read": 15, "matched": 7, "unmatched": 5, "refused": 3, "rate": 1},
            {"currency": "EUR", "read": 5, "matched": 5, "unmatched": 0, "refused": 0, "rate": 1.1},
        ],
        "tblTieOutRows": [{"currency": "USD", "read": 9, "matched": 7, "unmatched": 1, "refused": 1}],
        "tblBreakdown": [
            {"workflow": "Support reply", "path": "team: A", "month": "2026-05-01", "cost": 12.75, "runs": 3},
            {"workflow": "Support reply", "path": "team: B", "month": "2026-05-01", "cost": -0.25, "runs": 1},
        ],
    },
}


@pytest.mark.parametrize("style", STYLES)
def test_figures_that_tie_pass_in_every_style(style: Style) -> None:
    found = statuses(contents_of(TIED, style))
    assert [name for name, status in found.items() if status == "FAIL"] == []
    assert found["Costs by group are those of all months"] == "OK"


@pytest.mark.parametrize(
    ("place", "value", "check"),
    [
        (("tblTieOut", 0, "unmatched"), 5.25, "Spend that was read ties out"),
        (("tblTieOut", 1, "read"), 4.75, "Spend that was read ties out"),
        (("tblTieOutRows", 0, "refused"), 0, "Rows that were read tie out"),
        (("tblTieOut", 1, "rate"), 1, "Costs of all months are what matched"),
        (("tblBreakdown", 1, "runs"), 2, "Runs by group are those of all months"),
        (("tblBreakdown", 1, "cost"), 0, "Costs by group are those of all months"),
    ],
    ids=lambda part: ".".join(map(str, part)) if isinstance(part, tuple) else str(part),
)
def test_a_figure_changed_after_the_import_fails_its_check(
    place: tuple[str, int, str], value: float, check: str
) -> None:
    data = copy.deepcopy(TIED)
    name, row, key = place
    data["tables"][name][row][key] = value
    assert [name for name, status in statuses(contents_of(data)).items() if status == "FAIL"] == [check]


def test_a_month_changed_after_the_import_fails_too(tmp_path: Path) -> None:
    data = copy.deepcopy(TIED)
    data["tables"]["tblMonths"][0]["cost"] = 12.25
    failed = {name for name, status in statuses(contents_of(data)).items() if status == "FAIL"}
    assert failed == {"Costs of all months are what matched", "Costs by group are those of all months"}


def test_texts_of_the_import_are_never_formulas_and_fit_a_cell(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    name = "=cmd|' C'!A0 " + "x" * 180 + ".csv"
    path = folder.file(
        name, 'date,workflow,cost,team\n2026-05-01,=1+1_x0041_,5,"=SUM(A1)\nx"\n2026-05-01,support_reply,2,=2\n'
    )
    package = workbook(folder.join([path], by=("team",)), load_catalog()).package
    again = read(Package.read(package.to_bytes()))
    (unknown,) = filled(again, "tblFindings", "finding")
    assert unknown["found"] == "'=1+1_ x0041_'"
    assert filled(again, "tblBreakdown", "workflow")[0]["path"] == "team: =2"
    assert verify(package).ok
    assert [str(one) for one in lint(package)] == []
