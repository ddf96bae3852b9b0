"""Recalibration into a workbook that a planner has filled and added to: new figures, and nothing of theirs lost."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from tests.ledgers import Clock, draft
from tests.planners import add_sheet, overtype
from tests.workbooks import EXAMPLE, cells_of, complaints, package_of, valuehour
from valuehour.errors import LedgerError, WorkbookError
from valuehour.ledger import AsOf, Ledger
from valuehour.ledger.into import recalibrate_into
from valuehour.ooxml import Package
from valuehour.workbooks.build import build
from valuehour.workbooks.read import read
from valuehour.workbooks.verify import verify

DAY = datetime.date(2026, 11, 30)
NOTE = ("Growth", "J60")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    clock = Clock()
    ledger = Ledger.create(tmp_path / "l.db", "Test", clock)
    ledger.append([draft(name, value) for name, value in (("uplift.K", "1.2"), ("share.Region.NA", "0.4"))], clock)
    return ledger


@pytest.fixture
def planned() -> Package:
    """The worked example with a note, a figure of the planner's own and a sheet that uses the workbook."""
    package = package_of(EXAMPLE)
    overtype(package, NOTE, "Agreed with finance")
    add_sheet(package, "Our sheet", {"B2": ("out_value_per_hour*2", 2 * 88_000_000 / 26_280)})
    return package


def into(package: Package, ledger: Ledger) -> Package:
    _, result, report = recalibrate_into(package, ledger, AsOf.days(DAY), known_on=DAY)
    assert report.conflicts == []
    return Package.read(result.to_bytes())


def test_the_figures_are_the_ledgers_and_the_rest_is_the_planners(planned: Package, ledger: Ledger) -> None:
    before = planned.to_bytes()
    result = into(planned, ledger)
    assert planned.to_bytes() == before
    verdict = verify(result)
    assert verdict.ok, verdict.differences
    contents = read(result)
    assert contents.inputs["uplift_k"] == 1.2
    assert contents.inputs["uplift_k_status"] == "measured"
    assert contents.inputs["uplift_p"] == EXAMPLE["inputs"]["uplift_p"]
    assert [record["workflow"] for record in contents.tables["tblWorkflows"]] == [
        record["workflow"] for record in EXAMPLE["tables"]["tblWorkflows"]
    ]
    assert [record["name"] for record in contents.tables["tblLedger"]] == ["share.Region.NA", "uplift.K"]
    assert contents.results["bridge_horizon_before"] == 4293.44
    cells = cells_of(result)
    assert cells[NOTE].value == "Agreed with finance"
    assert cells["Our sheet", "B2"].formula == "out_value_per_hour*2"
    assert [sheet.name for sheet in result.worksheets()][-3:] == ["Our sheet", "Bridge", "Ledger"]


def test_a_workbook_is_recalibrated_again_and_again(planned: Package, ledger: Ledger) -> None:
    first = into(planned, ledger)
    clock = Clock().on("2026-10-05")
    more = (("uplift.K", "1.25"), ("projection.employees", "40"), ("share.Region.LATAM", "0.1"))
    ledger.append([draft(name, value, effective="2026-10-03") for name, value in more], clock)
    second = into(first, ledger)
    assert verify(second).ok
    contents = read(second)
    assert (contents.inputs["before_uplift_k"], contents.inputs["uplift_k"]) == (1.2, 1.25)
    assert len(contents.tables["tblLedger"]) == 4
    assert [sheet.name for sheet in second.worksheets()].count("Ledger") == 1
    assert cells_of(second)[NOTE].value == "Agreed with finance"
    assert cells_of(second)["Our sheet", "B2"].formula == "out_value_per_hour*2"


def test_what_does_not_fit_is_refused_and_the_file_stays(planned: Package, ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    overtype(planned, ("Inputs", "D14"), "plenty")
    planned.write(path)
    before = path.read_bytes()
    ledger.close()
    done = valuehour("recalibrate", "--ledger", ledger.path, "--into", path, "--as-of", "2026-11-30")
    assert done.exit_code == 2
    assert "total_value is 'plenty'" in complaints(done)[0]
    assert path.read_bytes() == before


def test_the_file_itself_is_changed_when_nothing_else_is_named(
    planned: Package, ledger: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "plan.xlsx"
    planned.write(path)
    ledger.close()
    done = valuehour("recalibrate", "--ledger", ledger.path, "--into", path, "--as-of", "2026-11-30")
    assert done.exit_code == 0, done.output
    assert read(Package.read(path)).inputs["uplift_k"] == 1.2


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "--out, or which filled workbook to change with --into"),
        (("--into", "x.xlsx", "--scenario", "decision_continuity"), "leave out --scenario and --style"),
    ],
)
def test_a_target_must_be_named_once(ledger: Ledger, arguments: tuple[str, ...], complaint: str) -> None:
    done = valuehour("recalibrate", "--ledger", ledger.path, *arguments)
    assert done.exit_code == 2
    assert complaint in complaints(done)[0]


def test_only_a_value_model_is_recalibrated(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="of the template 'grouping_taxonomy'"):
        into(build("grouping_taxonomy").package, ledger)
    with pytest.raises(WorkbookError, match="not a valuehour workbook"):
        into(unmarked(), ledger)


def unmarked() -> Package:
    """The worked example without the name that says what it is."""
    package = package_of(EXAMPLE)
    part = package.workbook_part
    package.parts[part] = package.parts[part].replace(b'"valuehour_template"', b'"something_else"')
    return package
