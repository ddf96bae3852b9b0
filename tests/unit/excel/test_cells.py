"""What Excel hands over, from Office.js and from COM, and what it gets back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS
from valuehour.hosts.excel.calls import LARGEST_RESULT, calculate
from valuehour.hosts.excel.cells import received, sent
from valuehour.hosts.excel.converter import Cells

NUM = {"type": "Error", "basicType": "Error", "basicValue": "#NUM!", "errorType": "Num"}


class JsNull:
    """What Pyodide hands over for null."""


@pytest.mark.parametrize(
    ("given", "cell"),
    [
        (3, 3.0),
        (0.5, 0.5),
        (True, True),
        ("low", "low"),
        ("#NUM!", "#NUM!"),
        ("", None),
        (None, None),
        (JsNull(), None),
        (NUM, CellError.NUM),
        ({"type": "Error", "basicValue": "#BUSY!"}, CellError.VALUE),
        ({"type": "Error", "basicValue": None}, CellError.VALUE),
        ({"type": "Entity", "basicType": "Error", "basicValue": "#VALUE!"}, CellError.VALUE),
        ({"type": "FormattedNumber", "basicType": "Double", "basicValue": 45000, "numberFormat": "d/m/yyyy"}, 45000.0),
        ({"type": "String", "basicValue": "x"}, "x"),
        ({"type": "Double", "basicValue": {"type": "Double"}}, CellError.VALUE),
        ({}, None),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
        ([1, NUM, ""], [[1.0, CellError.NUM, None]]),
        ([[1, [2]]], [[1.0, CellError.VALUE]]),
        (-2146826252, -2146826252.0),
    ],
)
def test_office_js_cells(given: Any, cell: Any) -> None:
    found = received(given)
    assert found == cell
    assert type(found) is type(cell)


@pytest.mark.parametrize(
    ("given", "cell"),
    [
        (3.0, 3.0),
        (True, True),
        (None, None),
        ("", ""),
        ("low", "low"),
        (Decimal("12.50"), 12.5),
        (datetime(2026, 11, 20, 18, tzinfo=UTC), 46346.75),
        (datetime(1900, 3, 1, tzinfo=UTC), 61.0),
        (7, 7.0),
        (-2146826281, CellError.DIV0),
        (-2146826246, CellError.NA),
        (-2146826259, CellError.NAME),
        (-2146826288, CellError.NULL),
        (-2146826252, CellError.NUM),
        (-2146826265, CellError.REF),
        (-2146826273, CellError.VALUE),
        (-2146826243, CellError.SPILL),
        (-2146826238, CellError.CALC),
        (-2146826245, CellError.VALUE),
        (object(), CellError.VALUE),
        (((1.0, 2.0),), ((1.0, 2.0),)),
        (((1.0,), (-2146826246,)), [[1.0], [CellError.NA]]),
        (((True,), (None,), ("",)), ((True,), (None,), ("",))),
    ],
)
def test_cells_of_classic_excel(given: Any, cell: Any) -> None:
    found = received(given, officejs=False)
    assert found == cell
    assert type(found) is type(cell)


@pytest.mark.parametrize("host", ["excel", "officejs"])
def test_the_converter_reads_ranges_and_values_of_each_host(host: str) -> None:
    context = SimpleNamespace(range=None, value=[[-2146826246, ""]], engine=SimpleNamespace(name=host))
    Cells.reader({})(context)
    assert context.value == ([[CellError.NA, ""]] if host == "excel" else [[-2146826246.0, None]])
    context = SimpleNamespace(range=SimpleNamespace(raw_value=5.0), value=None, engine=SimpleNamespace(name=host))
    Cells.reader({})(context)
    assert context.value == 5.0


def test_a_number_beyond_any_cell_is_refused_as_a_number() -> None:
    huge = received(10**400)
    assert calculate(FUNCTIONS["SUCCESS_RATE"], [huge, 1.0], list) is CellError.NUM
    assert calculate(FUNCTIONS["SUCCESS_RATE"], [received([[10**400], [1]]), 1.0], list) == [[CellError.NUM], [1.0]]


def test_ranges_of_numbers_are_not_copied() -> None:
    rows = [[1.0, 2], [3, 4.0]]
    assert received(rows) is rows


def test_results_are_rows_with_errors_as_the_host_writes_them() -> None:
    assert sent(2.5, str) == [[2.5]]
    assert sent(None, str) == [[""]]
    assert sent(CellError.NA, lambda error: {"error": str(error)}) == [[{"error": "#N/A"}]]
    assert sent([["a", CellError.NUM], [1.0, None]], str) == [["a", "#NUM!"], [1.0, ""]]
    rows = [[1.0], [2.0]]
    assert sent(rows, str) is rows


@pytest.mark.parametrize("error", [CellError.SPILL, CellError.CALC])
def test_errors_that_no_function_may_give_come_back_as_value(error: CellError) -> None:
    assert calculate(FUNCTIONS["SUCCESS_RATE"], [error, 1.0], list) is error
    assert sent(error, str) == [["#VALUE!"]]


def test_a_grid_that_no_machine_holds_is_refused_before_it_is_calculated() -> None:
    side = int(LARGEST_RESULT**0.5)
    column, row = [[1.0]] * side, [[1.0] * side]
    assert len(calculate(FUNCTIONS["SUCCESS_RATE"], [column, row], list)) == side
    assert calculate(FUNCTIONS["SUCCESS_RATE"], [[[1.0]] * 10**6, [[1.0] * 10**6]], list) is CellError.VALUE


@pytest.mark.parametrize("count", [0, 9])
def test_too_few_and_too_many_variable_arguments_are_an_error_in_the_cell(count: int) -> None:
    assert calculate(FUNCTIONS["UPLIFT"], [1.1] * count, list) is CellError.VALUE
