"""LEDGER and its sisters in workbooks: what a recalibrated workbook answers itself, and what a server once answered."""

from __future__ import annotations

import contextlib
import datetime
import io
from pathlib import Path
from typing import get_args

import ironcalc
import pytest

from tests import planners
from tests.ledgers import Clock, draft
from tests.workbooks import EXAMPLE, cells_of, complaints, package_of, valuehour
from valuehour.functions import FUNCTIONS
from valuehour.ledger import AsOf, Ledger
from valuehour.ledger.mapping import FIGURES
from valuehour.ledger.recalibration import recalibrate
from valuehour.ledger.verification import Change
from valuehour.ooxml import Package, computed, patch_cells
from valuehour.workbooks.formula import Style
from valuehour.workbooks.verify import verify

DAY = datetime.date(2026, 12, 31)
DRAFTS = (
    draft("projection.total_value", 88_000_000),
    draft("projection.years", 3),
    draft("uplift.K", "1.12", reference="Pilot report, page 4"),
    draft("uplift.P", "1.08", status="assumed"),
)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    clock = Clock()
    ledger = Ledger.create(tmp_path / "ledger.db", "Test", clock)
    ledger.append(DRAFTS, clock)
    return ledger


def recalibrated(ledger: Ledger, style: Style) -> Package:
    return Package.read(recalibrate(ledger, AsOf.days(DAY), known_on=DAY, style=style).built.to_bytes())


def asking(package: Package, formulas: dict[str, tuple[str, object]]) -> Package:
    """The workbook with a planner's sheet whose formulas call our functions by name."""
    mark = next((cell.cm for cell in cells_of(package).values() if cell.cm is not None), None)
    planners.add_sheet(package, "Own", {})
    for ref, (formula, value) in formulas.items():
        patch_cells(package, "Own", {ref: computed(formula, value, ref, mark)})  # type: ignore[arg-type]
    return package


def test_a_recalibrated_workbook_in_lambda_style_answers_from_its_own_records(ledger: Ledger, tmp_path: Path) -> None:
    asked = {
        'LEDGER("uplift.K")': "1.12",
        'LEDGER("uplift.K",DATE(2026,12,31))': "1.12",
        'LEDGER("uplift.K",DATE(2026,12,30))': "#N/A",
        'LEDGER_STATUS("uplift.P")': "assumed",
        'LEDGER_EVIDENCE("uplift.K")': "Pilot report, page 4",
        'LEDGER_EVIDENCE("uplift.P")': "none given",
        'LEDGER("uplift.C")': "#N/A",
        'LEDGER("uplift.C",-1)': "#NUM!",
    }
    package = asking(recalibrated(ledger, Style.LAMBDA), {f"A{row}": (text, 0.0) for row, text in enumerate(asked, 1)})
    path = tmp_path / "own.xlsx"
    path.write_bytes(package.to_bytes())
    with contextlib.redirect_stdout(io.StringIO()):
        model = ironcalc.load_from_xlsx(str(path))
        model.evaluate()
    sheet = [found["name"] for found in model.get_worksheets_properties()].index("Own")
    assert [str(model.get_cell_value(sheet, row, 1)) for row in range(1, len(asked) + 1)] == list(asked.values())
    assert verify(recalibrated(ledger, Style.LAMBDA)).ok


def test_a_workbook_without_records_names_no_function_that_would_look_for_them(ledger: Ledger) -> None:
    def names(package: Package) -> set[str]:
        return {name.name for name in package.defined_names() if name.name.isupper()}

    with_records = names(recalibrated(ledger, Style.LAMBDA))
    assert with_records - names(package_of(EXAMPLE, Style.LAMBDA)) == {"LEDGER", "LEDGER_STATUS", "LEDGER_EVIDENCE"}


ANSWERS = {
    "A1": ('_xldudf_VH_LEDGER("outcome.refunds")', 0.97),
    "A2": ('_xldudf_VH_VALUE_PER_HOUR(_xldudf_VH_LEDGER("projection.total_value"),3)', 3348.55),
    "A3": ('IFERROR(_xldudf_VH_LEDGER("nobody"),1)', 1.0),
    "A4": ('_xldudf_VH_LEDGER_EVIDENCE("outcome.refunds")', "Monthly export"),
    "A5": ("_xldudf_VH_VALUE_PER_HOUR(88000000,3)", 88_000_000 / 26_280),
    "A6": ("A1*2", 1.94),
}


def test_what_a_server_answered_is_taken_as_it_stands_and_calculated_with() -> None:
    """The ledger is not in the workbook, so nobody can say here what it should have answered."""
    assert verify(asking(package_of(EXAMPLE, Style.OFFICEJS), ANSWERS)).differences == ()
    wrong = {**ANSWERS, "A5": (ANSWERS["A5"][0], 1.0), "A6": ("A1*2", 1.95)}
    found = verify(asking(package_of(EXAMPLE, Style.OFFICEJS), wrong)).differences
    assert {one.cell for one in found} == {"A5", "A6"}


def test_filling_a_workbook_keeps_what_a_server_answered(tmp_path: Path) -> None:
    package = asking(package_of(EXAMPLE, Style.OFFICEJS), ANSWERS)
    path = tmp_path / "asking.xlsx"
    path.write_bytes(package.to_bytes())
    data = tmp_path / "data.json"
    data.write_text('{"inputs": {"total_value": 90000000}}', encoding="utf-8")
    done = valuehour("fill", path, "--data", data, "--out", tmp_path / "filled.xlsx")
    assert done.exit_code == 0, done.output
    cells = cells_of(Package.read(tmp_path / "filled.xlsx"))
    for ref, (formula, value) in ANSWERS.items():
        assert (cells["Own", ref].formula, cells["Own", ref].value) == (formula, value)


# On the command line


def test_a_formula_is_evaluated_against_a_ledger(ledger: Ledger) -> None:
    def said(formula: str) -> tuple[int, str]:
        done = valuehour("eval", formula, "--ledger", ledger.path)
        return done.exit_code, done.stdout.strip()

    assert said('=VALUE_PER_HOUR(LEDGER("projection.total_value"),LEDGER("projection.years"))')[1].startswith("3348.55")
    assert said('=LEDGER_STATUS("Uplift.k")') == (0, "measured")
    assert said('=LEDGER({"uplift.K";"uplift.P"})') == (0, "1.12\n1.08")
    assert said('=LEDGER("uplift.K",DATE(2026,9,30))') == (1, "#N/A")  # recorded the day after
    assert said('=LEDGER("uplift.K",DATE(2026,10,1))') == (0, "1.12")


def test_without_a_ledger_the_answer_says_what_is_missing(tmp_path: Path) -> None:
    done = valuehour("eval", '=LEDGER("uplift.K")')
    assert (done.exit_code, done.stdout.strip()) == (1, "#REF!")
    assert complaints(done) == ["#REF!: a reference to nothing, or no ledger to ask (name one with --ledger)"]
    done = valuehour("eval", '=LEDGER("uplift.K")', "--ledger", tmp_path / "none.db")
    assert done.exit_code == 2
    assert "there is no such ledger; make one with: valuehour ledger init" in complaints(done)[0]


def test_the_documentation_names_every_figure_every_change_and_every_function() -> None:
    text = (Path(__file__).parents[2] / "docs" / "ledger.md").read_text(encoding="utf-8")
    for name in FIGURES:
        namespace, _, rest = name.partition(".")
        assert f"`{name}`" in text or (f"`{namespace}." in text and f"`.{rest}`" in text), name
    for change in get_args(Change):
        assert change in text or change in ("guards", "damaged file", "other ledger", "balance"), change
    for function in FUNCTIONS.values():
        if function.needs_records:
            assert f"| `{function.signature.replace('=0', '')}` |" in text
    assert "VALUEHOUR_LEDGER_FILE" in text
    assert "VALUEHOUR_LEDGER_NAMES" in text
