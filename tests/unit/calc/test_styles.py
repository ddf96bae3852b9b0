"""Workbooks that call our functions by name: the same sheets, cells and values as the others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.validator import validate
from tests.workbooks import EMPTY, EXAMPLE, cells_of, complaints, file_of, package_of, valuehour
from valuehour.functions import FUNCTIONS
from valuehour.hosts.calc.interface import OFFICEJS_PREFIX
from valuehour.ooxml import cached, patch_cells
from valuehour.workbooks.formula import Style, to_display
from valuehour.workbooks.lint import lint
from valuehour.workbooks.verify import verify

ADDIN_STYLES = [Style.XLWINGS, Style.OFFICEJS]
CALL = re.compile(rf"(?<![\w.])({OFFICEJS_PREFIX}|VH\.)?({'|'.join(FUNCTIONS)})\(")
FILLINGS = {"empty": EMPTY, "example": EXAMPLE}


@pytest.mark.parametrize("style", ADDIN_STYLES)
@pytest.mark.parametrize("name", FILLINGS)
def test_every_cell_holds_the_value_that_the_native_workbook_has_there(name: str, style: Style) -> None:
    native = cells_of(package_of(FILLINGS[name]))
    mine = cells_of(package_of(FILLINGS[name], style))
    assert mine.keys() == native.keys()
    said = {place for place, cell in mine.items() if cell.value == style.value}  # the sheet About names the style
    assert len(said) == 1
    assert {p: c.value for p, c in mine.items() if p not in said} == {
        p: c.value for p, c in native.items() if p not in said
    }


@pytest.mark.parametrize("style", ADDIN_STYLES)
def test_functions_are_called_by_the_names_of_their_host(style: Style) -> None:
    prefix = OFFICEJS_PREFIX if style is Style.OFFICEJS else ""
    formulas = [cell for cell in cells_of(package_of(EXAMPLE, style)).values() if cell.formula is not None]
    calls = [(cell, found) for cell in formulas for found in CALL.finditer(cell.formula or "")]
    assert len(calls) > 100
    assert {found[1] or "" for _, found in calls} == {prefix}
    assert all(cell.kind == "array" and cell.array_ref == cell.ref and cell.cm for cell, _ in calls)
    assert not any("LAMBDA" in name.text for name in package_of(EXAMPLE, style).defined_names())


@pytest.mark.parametrize("style", ADDIN_STYLES)
def test_the_formulas_are_those_of_the_lambda_style_in_other_spelling(style: Style) -> None:
    lambdas = cells_of(package_of(EXAMPLE, Style.LAMBDA))
    mine = cells_of(package_of(EXAMPLE, style))
    assert {p: c.formula and to_display(f"={c.formula}") for p, c in mine.items()} == {
        p: c.formula and to_display(f"={c.formula}") for p, c in lambdas.items()
    }


@pytest.mark.parametrize("style", list(Style))
def test_a_reader_without_the_addin_keeps_the_numbers(style: Style) -> None:
    package = package_of(EXAMPLE, style)
    found = re.search(rb"<calcPr\b[^>]*>", package.parts[package.workbook_part])
    assert found is not None
    calculates_on_opening = b"fullCalcOnLoad" in found[0] or b'calcId="191029"' not in found[0]
    assert calculates_on_opening is (style in (Style.NATIVE, Style.LAMBDA))


@pytest.mark.parametrize("style", ADDIN_STYLES)
def test_columns_of_tables_that_call_functions_are_marked_as_arrays(style: Style) -> None:
    columns = [column for table in package_of(EXAMPLE, style).tables() for column in table.columns]
    calling = [column for column in columns if column.formula is not None and CALL.search(column.formula)]
    assert calling
    assert all(column.array for column in calling)


@pytest.mark.parametrize("style", ADDIN_STYLES)
@pytest.mark.parametrize("name", FILLINGS)
def test_lint_and_verify_find_nothing(name: str, style: Style) -> None:
    package = package_of(FILLINGS[name], style)
    assert list(lint(package)) == []
    verdict = verify(package)
    assert verdict.differences == ()
    assert verdict.function_cells > 100


@pytest.mark.parametrize("style", ADDIN_STYLES)
def test_a_wrong_function_result_is_named(style: Style) -> None:
    package = package_of(EXAMPLE, style)
    (sheet, ref), _ = next(
        (place, cell) for place, cell in cells_of(package).items() if cell.formula and "UPLIFT(" in cell.formula
    )
    patch_cells(package, sheet, {ref: cached(9.0)})
    assert [(d.sheet, d.cell) for d in verify(package).differences][:1] == [(sheet, ref)]


@pytest.mark.requires_validator
@pytest.mark.parametrize("style", ADDIN_STYLES)
@pytest.mark.parametrize("name", FILLINGS)
def test_the_judge_of_files_accepts_it(name: str, style: Style, tmp_path: Path) -> None:
    path = tmp_path / "workbook.xlsx"
    path.write_bytes(file_of(FILLINGS[name], style))
    assert validate(path) == []


@pytest.mark.parametrize("style", ADDIN_STYLES)
def test_the_command_line_builds_checks_and_reads_it(style: Style, tmp_path: Path) -> None:
    options = ("--out", tmp_path, "--style", style, "--scenario", "decision_continuity")
    assert valuehour("build", "value_model", *options).exit_code == 0
    assert valuehour("build", "value_model", *options, "--check").exit_code == 0
    done = valuehour("read", tmp_path / "value_model.xlsx")
    assert (done.exit_code, complaints(done)) == (0, [])
    assert done.stdout.startswith(f"value_model 1.0.0, style {style}")
