"""The same numbers, texts and errors in every place where a function can be calculated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.formula import ArrayFormula

from tests.parity import arguments, engines
from tests.parity.engines import Call, Difference, Sheet
from tests.parity.known import KNOWN
from valuehour.functions import FUNCTIONS, Value
from valuehour.workbooks.formula import to_file

ENGINES = {
    "ironcalc": engines.in_ironcalc,
    "formualizer": engines.in_formualizer,
    "libreoffice": engines.in_libreoffice,
}
EVERY_ENGINE = [
    "ironcalc",
    "formualizer",
    pytest.param("libreoffice", marks=pytest.mark.requires_libreoffice),
]
ARRAYS = ["ALLOCATE", "ALLOCATE_SHARES"]  # spelled out as one array formula they need an engine that rounds arrays
ANY_CALLS = 2500
VALID_CALLS = 800
ARRAY_CALLS = 300


def unexplained(differences: Sequence[Difference], engine: str) -> list[str]:
    return [
        str(d)
        for d in differences
        if not any(known.engine == engine and known.explains(d.call, d.wanted, d.found) for known in KNOWN)
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_named_lambda_gives_the_same_cells_as_python(name: str, tmp_path: Path) -> None:
    calls = arguments.calls(name, ANY_CALLS)
    results = engines.in_ironcalc(Sheet(calls, engines.by_name, names=True), tmp_path)
    assert unexplained(engines.differences(calls, results), "ironcalc") == []


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_a_native_formula_gives_the_same_cells_as_python(engine: str, tmp_path: Path) -> None:
    names = [name for name in FUNCTIONS if name not in ARRAYS]
    calls = [call for name in names for call in arguments.valid_calls(name, VALID_CALLS) if _fits(call, engine)]
    results = ENGINES[engine](Sheet(calls, engines.natively), tmp_path)
    assert unexplained(engines.differences(calls, results), engine) == []


@pytest.mark.requires_libreoffice
@pytest.mark.parametrize("name", ARRAYS)
def test_a_native_array_formula_allocates_the_same_cents_as_python(name: str, tmp_path: Path) -> None:
    calls = arguments.valid_calls(name, ARRAY_CALLS)
    results = engines.in_libreoffice(Sheet(calls, engines.natively), tmp_path)
    assert engines.differences(calls, results) == []


@pytest.mark.parametrize("engine", EVERY_ENGINE)
@pytest.mark.parametrize("name", ARRAYS)
def test_native_formulas_row_by_row_allocate_the_same_cents_as_python(name: str, engine: str, tmp_path: Path) -> None:
    calls = [column_call(call) for call in arguments.valid_calls(name, ARRAY_CALLS)]
    results = ENGINES[engine](RowSheet(calls), tmp_path)
    assert engines.differences(calls, results) == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_of_every_function_shows_its_own_result(name: str, tmp_path: Path) -> None:
    function = FUNCTIONS[name]
    sheet = Sheet([], engines.by_name, names=True)
    rows = function.example_result if isinstance(function.example_result, list) else [[function.example_result]]
    start, end = "A1", f"{get_column_letter(len(rows[0]))}{len(rows)}"
    sheet.sheet["A1"] = ArrayFormula(f"{start}:{end}", to_file(function.example))
    sheet.places = [(1, len(rows), len(rows[0]))]
    sheet.result_column = 1
    (result,) = engines.in_ironcalc(sheet, tmp_path)
    assert all(
        engines.agree(wanted, found, 0.0)
        for wanted_row, found_row in zip(rows, result, strict=True)
        for wanted, found in zip(wanted_row, found_row, strict=True)
    ), result


def _fits(call: Call, engine: str) -> bool:
    """ironcalc joins no array formula (difference 9): there only paths of single cells are compared."""
    return not (engine == "ironcalc" and call.name == "GROUP_PATH" and any(isinstance(a, list) for a in call.arguments))


def column_call(call: Call) -> Call:
    """The same call with its weights in one column, as a table holds them."""
    total, weights, *decimals = call.arguments
    return Call(call.name, (total, [[cell] for row in weights for cell in row], *decimals))


class RowSheet(Sheet):
    """Calls whose formulas stand row by row beside the weights, with a column for each step that needs one."""

    STEPS = ("quota", "whole", "key")

    def __init__(self, calls: Sequence[Call]) -> None:
        super().__init__([], engines.by_name)
        top = 1
        for call in calls:
            top = self._rows(call, top)

    def _rows(self, call: Call, top: int) -> int:
        total, weights, *decimals = call.arguments
        bottom = top + len(weights) - 1
        engines.put(self.sheet, top, 1, total)
        if decimals:
            engines.put(self.sheet, top, 2, decimals[0])

        def column(number: int, row: int) -> tuple[str, str]:
            letter = get_column_letter(number)
            return f"{letter}{row}", f"{letter}{top}:{letter}{bottom}"

        function = FUNCTIONS[call.name]
        for row, (weight,) in enumerate(weights, top):
            if weight is not None:
                engines.put(self.sheet, row, 3, weight)
            given = {"total": f"$A${top}", function.arguments[1].name: column(3, row)}
            if decimals:
                given["decimals"] = f"$B${top}"
            formulas = function.row_native(given, {step: column(4 + n, row) for n, step in enumerate(self.STEPS)})
            for number, step in enumerate((*self.STEPS, "result"), 4):
                self.sheet.cell(row, number).value = to_file("=" + formulas[step])
        self.places.append((top, len(weights), 1))
        self.result_column = 7
        return bottom + 1


def test_generated_calls_reach_results_and_every_kind_of_error() -> None:
    """A generator that produced only errors, or none, would prove nothing."""
    for name in FUNCTIONS:
        seen: list[Value] = [call.expected for call in arguments.calls(name, 500)]
        flat = [cell for value in seen for cell in engines.cells([value])]
        errors = {str(cell) for cell in flat if isinstance(cell, engines.CellError)}
        assert len(errors) >= 4, name
        assert sum(not isinstance(cell, engines.CellError) for cell in flat) > 250, name
