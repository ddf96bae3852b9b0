"""Recalibration: the worked example with measured factors, older dates, bridges, and when growth is held back."""

from __future__ import annotations

import datetime
import itertools
import math
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.ledgers import Clock, draft, reversal, rewrite, rows, tampering
from tests.workbooks import EXAMPLE, contents_of, file_of, valuehour
from valuehour import engine
from valuehour.errors import LedgerError
from valuehour.ledger import AsOf, Ledger
from valuehour.ledger.mapping import FIGURES
from valuehour.ledger.recalibration import Recalibrated, recalibrate
from valuehour.models.ledger import LedgerDraft
from valuehour.ooxml import Package, entered, format_cell, patch_cells, read_cells
from valuehour.workbooks.build import EMPTY, build
from valuehour.workbooks.formula import Style
from valuehour.workbooks.read import Contents, named_cells, read
from valuehour.workbooks.scenario import load_scenario
from valuehour.workbooks.templates import template
from valuehour.workbooks.templates.value_model.ledger import FEEDS
from valuehour.workbooks.verify import verify

DAY = datetime.date(2026, 11, 30)
FACTORS = {"uplift.K": "1.12", "uplift.P": "1.08", "uplift.C": "1.06"}
SCENARIO = load_scenario(template("value_model"), "decision_continuity")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Ledger:
    return Ledger.create(tmp_path / "l.db", "Test", clock)


@pytest.fixture
def measured(ledger: Ledger, clock: Clock) -> Ledger:
    """The three factors of the worked example, measured."""
    ledger.append([draft(name, value, reference="Pilot report, page 4") for name, value in FACTORS.items()], clock)
    return ledger


def made(ledger: Ledger, day: datetime.date = DAY, **settings: Any) -> Recalibrated:
    return recalibrate(ledger, AsOf.days(day), known_on=day, **{"base": SCENARIO, **settings})


def contents(found: Recalibrated) -> Contents:
    return read(Package.read(found.built.to_bytes()))


@pytest.mark.parametrize("style", list(Style))
def test_the_worked_example_with_measured_factors_gives_the_documented_figures_and_is_released(
    measured: Ledger, style: Style
) -> None:
    found = made(measured, style=style)
    package = Package.read(found.built.to_bytes())
    verdict = verify(package)
    assert verdict.ok, verdict.differences
    results = read(package).results
    assert round(results["value_per_hour"], 2) == 3348.55
    assert round(results["value_per_hour_at_horizon"], 2) == 4293.44
    assert results["continuous_rate"] == pytest.approx(math.log(1.282176) / 3, rel=1e-12)
    assert results["locked"] == 0
    assert results["evidence"] == "measured"
    assert results["checks_failed"] == 0
    assert found.locked is None
    # The same workbook with the factors assumed, as it is shipped, holds growth back.
    assert contents_of(EXAMPLE).results["locked"] == 1


def test_without_a_ledger_the_workbook_is_the_one_it_always_was() -> None:
    sheets = [sheet.name for sheet in Package.read(file_of(EXAMPLE)).worksheets()]
    assert "Ledger" not in sheets
    assert "Bridge" not in sheets
    assert build("value_model", filling=SCENARIO).to_bytes() == file_of(EXAMPLE)


def test_each_figure_says_which_entry_stands_behind_it(measured: Ledger) -> None:
    found = contents(made(measured))
    entry = measured.entry(1)
    (record,) = [record for record in found.tables["tblLedger"] if record["name"] == "uplift.K"]
    assert record == {
        "name": "uplift.K",
        "value": 1.12,
        "low": None,
        "high": None,
        "status": "measured",
        "entry": 1,
        "as_of": "2026-09-30",
        "evidence": "Pilot report, page 4",
        "hash": entry.hash,
    }
    assert found.inputs["uplift_k_source"] == "Ledger entry 1: Pilot study"
    assert found.inputs["uplift_k_date"] == "2026-09-30"
    assert found.inputs["ledger_id"] == measured.id
    assert found.inputs["ledger_entries"] == 3


@pytest.mark.parametrize("factor", FACTORS)
def test_growth_is_held_back_with_the_reason_while_a_factor_is_only_assumed(
    ledger: Ledger, clock: Clock, factor: str
) -> None:
    for name, value in FACTORS.items():
        ledger.append([draft(name, value, status="assumed" if name == factor else "measured")], clock)
    found = made(ledger)
    results = contents(found).results
    assert results["locked"] == 1
    assert results["locked_reason"] == "Held back: 1 of 3 uplift factors are only assumed"
    assert found.locked == f"1 of 3 uplift factors are only assumed: {factor[-1]}"
    # It is computed all the same, only not a result yet.
    assert round(results["value_per_hour_at_horizon"], 2) == 4293.44


def test_a_measurement_is_not_undone_by_a_newer_assumption(measured: Ledger, clock: Clock) -> None:
    measured.append([draft("uplift.K", "1.5", status="assumed", effective="2026-10-31")], clock)
    found = made(measured)
    assert contents(found).inputs["uplift_k"] == 1.12
    assert [entry.number for entry in found.passed_over] == [4]
    assert found.locked is None


def test_an_approved_factor_is_a_measured_one_with_its_approver(measured: Ledger, clock: Clock) -> None:
    measured.append([draft("uplift.K", "1.2", status="approved", approver="bob", effective="2026-10-31")], clock)
    found = contents(made(measured))
    assert found.inputs["uplift_k_status"] == "measured"
    assert found.inputs["uplift_k_approver"] == "bob"
    assert found.results["locked"] == 0


def test_a_measurement_that_was_taken_back_locks_growth_again(measured: Ledger, clock: Clock) -> None:
    measured.append([reversal(1)], clock)
    results = contents(made(measured)).results
    assert results["locked"] == 1, "the scenario's own figure for K is assumed"


def test_the_band_of_an_entry_becomes_the_low_and_the_high_case(ledger: Ledger, clock: Clock) -> None:
    ledger.append([draft("uplift.K", "1.12", low="1.02", high="1.3")], clock)
    inputs = contents(made(ledger)).inputs
    assert (inputs["uplift_k_low"], inputs["uplift_k"], inputs["uplift_k_high"]) == (1.02, 1.12, 1.3)
    ledger.append([draft("uplift.K", "1.13")], clock)
    inputs = contents(made(ledger)).inputs
    assert inputs["uplift_k_low"] is None, "the band of an older figure does not stay beside a newer one"


# Older dates


def test_replay_as_of_an_older_date_gives_the_older_workbook(measured: Ledger, clock: Clock) -> None:
    october = datetime.date(2026, 10, 31)
    older = made(measured, october).built
    clock.on("2026-11-15")
    for name, value in (("uplift.K", "1.3"), ("projection.total_value", "96000000"), ("share.Region.EMEA", "0.5")):
        # Also one that is effective before the older date: it was not known then.
        measured.append([draft(name, value, effective="2026-09-30")], clock)
    assert made(measured).built.package.digest() != older.package.digest()
    assert made(measured, october).built.package.digest() == older.package.digest()
    assert made(measured, october).built.to_bytes() == older.to_bytes()


def test_every_number_replays_from_the_entries_up_to_the_one_it_names(measured: Ledger, clock: Clock) -> None:
    found = contents(made(measured))
    clock.on("2026-11-15")
    measured.append([draft("uplift.K", "1.3", effective="2026-10-31")], clock)
    through = int(found.inputs["ledger_entries"])  # type: ignore[arg-type]  # a count, always there
    again = recalibrate(measured, AsOf.days(DAY, DAY, through), known_on=DAY, base=SCENARIO)
    assert contents(again).as_dict() == found.as_dict()


# What changed


def test_the_bridge_says_what_each_step_changed_in_its_order_and_to_the_cent(measured: Ledger, clock: Clock) -> None:
    measured.append(
        [
            draft("projection.total_value", "96000000", status="approved", approver="bob", effective="2026-10-31"),
            draft("projection.years", "2.5", effective="2026-10-31"),
            draft("projection.coverage", "0.9", effective="2026-10-31"),
            draft("uplift.K", "1.15", effective="2026-10-31"),
        ],
        clock,
    )
    found = made(measured)
    hours = 8760
    levels = [
        88_000_000 / (3 * hours),
        96_000_000 / (3 * hours),
        96_000_000 / (2.5 * hours),
        96_000_000 / (2.5 * hours),
        96_000_000 * 0.9 / (2.5 * hours),
    ]
    expected = [round(new, 2) - round(old, 2) for old, new in itertools.pairwise(levels)]
    assert [float(step.today) for step in found.bridge.steps[:4]] == pytest.approx(expected, abs=1e-9)
    assert [step.name for step in found.bridge.steps if step.at_horizon] == [
        "total_value",
        "years",
        "coverage",
        "uplift_k",
    ]
    results = contents(found).results
    assert Decimal(str(results["bridge_horizon_before"])) == found.bridge.horizon_before == Decimal("4293.44")
    assert Decimal(str(results["bridge_horizon"])) == found.bridge.horizon
    assert Decimal(str(results["bridge_today"])) == found.bridge.today
    change = found.bridge.horizon - found.bridge.horizon_before
    assert Decimal(str(results["bridge_horizon_change"])) == change == sum(s.at_horizon for s in found.bridge.steps)
    cells = {cell.ref: cell.value for cell in sheet_cells(found, "Bridge")}
    for index, step in enumerate(found.bridge.steps):
        assert cells[f"H{15 + index}"] == float(step.today)
        assert cells[f"I{15 + index}"] == float(step.at_horizon)


def sheet_cells(found: Recalibrated, sheet: str) -> Any:
    return read_cells(found.built.package, sheet)


def test_the_bridge_of_the_shares_moves_value_between_members_and_loses_none(measured: Ledger, clock: Clock) -> None:
    shares = {"EMEA": "0.35", "NA": "0.4", "Nowhere before": "0.1"}
    measured.append([draft(f"share.Region.{name}", share) for name, share in shares.items()], clock)
    measured.append([draft("projection.total_value", "96000000", effective="2026-10-31")], clock)
    found = contents(made(measured))
    allocated = {record["member"]: record["share"] for record in found.tables["tblAllocation"]}
    assert allocated == {"EMEA": 0.35, "NA": 0.4, "Nowhere before": 0.1}
    lines = {record["member"]: record for record in found.tables["tblShares"]}
    assert list(lines) == ["NA", "EMEA", "APAC", "LATAM", "Nowhere before"]
    before, now = 88_000_000 / 26_280, 96_000_000 / 26_280
    emea = lines["EMEA"]
    assert emea["before"] == round(0.31 * before, 2)
    assert emea["by_the_rate"] == pytest.approx(round(0.31 * now, 2) - round(0.31 * before, 2), abs=1e-9)
    assert emea["by_the_share"] == pytest.approx(round(0.35 * now, 2) - round(0.31 * now, 2), abs=1e-9)
    for line in lines.values():
        parts = [Decimal(str(line[key])) for key in ("before", "by_the_rate", "by_the_share")]
        assert sum(parts) == Decimal(str(line["now"]))
    cells = {cell.ref: cell.value for cell in sheet_cells(made(measured), "Bridge")}
    unallocated, total = 40, 41
    assert cells[f"B{unallocated}"] == "Unallocated"
    for column in "EFGH":
        parts = [Decimal(str(cells[f"{column}{row}"])) for row in range(35, 41)]
        assert sum(parts) == Decimal(str(cells[f"{column}{total}"])), column
    assert cells[f"G{total}"] == 0


def test_figures_are_compared_with_those_of_an_earlier_day_when_one_is_named(measured: Ledger, clock: Clock) -> None:
    clock.on("2026-11-15")
    measured.append([draft("uplift.K", "1.15", effective="2026-11-01")], clock)
    clock.on("2026-11-25")
    measured.append([draft("uplift.K", "1.2", effective="2026-11-20")], clock)
    since = AsOf.days(datetime.date(2026, 11, 20))
    step = made(measured, since=since).bridge.steps[4]
    assert (step.before, step.now) == (Decimal("1.15"), Decimal("1.2"))
    step = made(measured).bridge.steps[4]
    assert (step.before, step.now) == (Decimal("1.12"), Decimal("1.2")), "else with those of the scenario"


def test_without_a_scenario_the_first_record_is_what_was_locked(ledger: Ledger, clock: Clock) -> None:
    baseline = {"projection.total_value": "88000000", "projection.years": "3"}
    ledger.append([draft(name, value, status="assumed") for name, value in baseline.items()], clock)
    ledger.append([draft("projection.total_value", "96000000", effective="2026-10-31")], clock)
    ledger.append([draft(name, value) for name, value in FACTORS.items()], clock)
    ledger.append([draft("workflow.Customer onboarding", "50000000")], clock)
    found = made(ledger, base=EMPTY)
    assert found.bridge.today_before == Decimal("3348.55")
    assert found.bridge.horizon_before == Decimal("3348.55"), "no uplift before a factor was recorded"
    assert found.bridge.today == Decimal("3652.97")
    workbook = contents(found)
    assert workbook.inputs["model_name"] == "Test"
    assert [record["workflow"] for record in workbook.tables["tblWorkflows"]] == ["Customer onboarding"]
    assert workbook.results["locked"] == 0


# In the workbook


def test_a_figure_typed_over_after_recalibration_fails_a_check(measured: Ledger) -> None:
    package = Package.read(made(measured).built.to_bytes())
    sheet, row, column = named_cells(package)["in_uplift_k"]
    patch_cells(package, sheet, {format_cell(row, column): entered(1.9)})
    changed = read(Package.read(engine.recalculate(package.to_bytes())))
    failed = [check["check"] for check in changed.tables["tblChecks"] if check["status"] == "FAIL"]
    assert failed == ["Inputs are those of the ledger"]


def test_a_factor_said_to_be_measured_without_a_record_fails_a_check(measured: Ledger, clock: Clock) -> None:
    measured.append([reversal(1)], clock)
    base = replace(SCENARIO, inputs={**SCENARIO.inputs, "uplift_k_status": "measured"})
    found = contents(made(measured, base=base))
    failed = [check["check"] for check in found.tables["tblChecks"] if check["status"] == "FAIL"]
    assert failed == ["Measured factors are in the ledger"]


def test_the_workbook_says_what_the_chain_proves_and_what_it_does_not(measured: Ledger) -> None:
    texts = " ".join(str(cell.value) for cell in sheet_cells(made(measured), "Ledger"))
    assert "does not show that a measurement is true" in texts


def test_the_ledger_and_the_workbook_name_the_same_inputs() -> None:
    assert {name: figure.input for name, figure in FIGURES.items()} == FEEDS


# Refusals


@pytest.mark.parametrize(
    ("drafts", "settings", "complaint"),
    [
        ([], {}, "holds no figure of the value model"),
        ([draft("outcome.x", 1)], {}, "holds no figure of the value model"),
        ([draft()], {"base": None}, "nothing says what total_value is"),
        (
            [draft("share.KPI.Quality", "0.5"), draft("share.Team.Blue", "0.5")],
            {},
            "choose with --dimension",
        ),
        ([draft("share.Region.NA", "0.5")], {"dimension": "Team"}, "has no shares of 'Team'; there are: Region"),
        ([draft("share.Region.NA", "0.6"), draft("share.Region.EMEA", "0.6")], {}, "shares may not exceed 100%"),
        ([draft("share.Continent.NA", "0.6")], {}, "a dimension of the catalog"),
    ],
)
def test_what_cannot_be_recalibrated_is_said_and_why(
    ledger: Ledger, clock: Clock, drafts: list[LedgerDraft], settings: dict[str, Any], complaint: str
) -> None:
    if drafts:
        ledger.append(drafts, clock)
    if "base" in settings:
        settings["base"] = EMPTY
    with pytest.raises(LedgerError, match=complaint):
        made(ledger, **settings)


def test_nothing_is_recalibrated_from_a_ledger_that_was_tampered_with(measured: Ledger) -> None:
    with tampering(measured.path) as connection:
        stored = rows(connection)
        rewrite(connection, [stored[0], *((n - 1, h, t) for n, h, t in stored[2:])])
    with pytest.raises(LedgerError, match="entry 2: delete"):
        made(measured)


@pytest.mark.parametrize("style", list(Style))
def test_an_auditor_finds_nothing_to_complain_about(measured: Ledger, clock: Clock, tmp_path: Path, style: str) -> None:
    measured.append([draft("share.Region.NA", "0.4"), draft("growth.discrete", "0.05")], clock)
    path = tmp_path / "model.xlsx"
    made(measured, style=style).built.package.write(path)
    done = valuehour("audit", path)
    assert done.exit_code == 0, done.output
    assert ": ok: " in done.stdout, done.stdout
