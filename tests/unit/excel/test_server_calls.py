"""Every function through xlwings' own code for Office.js hosts: what a cell shows is what Python says."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import officejs
from tests.parity.arguments import calls
from tests.property import strategies as some
from valuehour.errors import CellError, UsageError
from valuehour.functions import FUNCTIONS, Function
from valuehour.hosts import udfs

ALL = pytest.mark.parametrize("name", FUNCTIONS)
LONG = 10_000  # a hundred thousand: tests/e2e/server


def shown(name: str, *arguments: Any) -> Any:
    return officejs.cells(officejs.post(udfs, name, officejs.payload(name, arguments)))


def said(name: str, *arguments: Any) -> Any:
    return officejs.expected(FUNCTIONS[name], arguments, udfs.taxonomy())


def same(found: Any, expected: Any) -> bool:
    if isinstance(expected, list):
        return isinstance(found, list) and len(found) == len(expected) and all(map(same_row, found, expected))
    return same_row([found], [expected])


def same_row(found: list[Any], expected: list[Any]) -> bool:
    """Equal cells, whether JSON writes 1.0 or 1; a number is no boolean."""
    return found == expected and [type(cell) is bool for cell in found] == [type(cell) is bool for cell in expected]


@ALL
def test_scalars_ranges_blanks_errors_and_texts(name: str) -> None:
    tried = calls(name, 150)
    assert len(tried) >= 150
    for call in tried:
        expected = said(name, *call.arguments)
        found = shown(name, *call.arguments)
        assert same(found, expected), f"{call}: {found} instead of {expected}"


@ALL
@given(st.data())
def test_anything_at_all(name: str, data: st.DataObject) -> None:
    fewest, most = FUNCTIONS[name].counts
    count = data.draw(st.integers(fewest, most))
    arguments = [data.draw(some.scalars_or_ranges) for _ in range(count)]
    assert same(shown(name, *arguments), said(name, *arguments))


@ALL
@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_never_leaves_as_one(name: str, number: float) -> None:
    fewest, _ = FUNCTIONS[name].counts
    assert same(shown(name, *[number] * max(fewest, 1)), said(name, *[number] * max(fewest, 1)))


def long_arguments(function: Function) -> list[Any]:
    """A column of 100,000 cells, most of them plausible, in the first argument that takes one."""
    arguments: list[Any] = [
        2 if argument.kind == "number" else "x" for argument in function.arguments[: max(function.counts[0], 1)]
    ]
    names = [argument.name for argument in function.arguments if argument.whole_range or not function.aggregates]
    place = next((place for place, argument in enumerate(function.arguments) if argument.name in names), 0)
    arguments[place] = [[_cell(function.arguments[place].name, row)] for row in range(LONG)]
    return arguments


def _cell(argument: str, row: int) -> Any:
    if row % 20_011 == 7:
        return None
    plausible = {"factor": 1 + row % 3 / 1e6, "shares": row % 5 / 1e6, "part": f"part {row % 7}", "name": "uplift.K"}
    return plausible.get(argument, 0.5 + row % 9)


@ALL
def test_ten_thousand_cells(name: str) -> None:
    if name == "GROUP_PATH":  # a path of that many parts fits into no cell
        assert shown(name, *long_arguments(FUNCTIONS[name])) is CellError.VALUE
        return
    arguments = long_arguments(FUNCTIONS[name])
    found = shown(name, *arguments)
    assert same(found, said(name, *arguments))
    if not FUNCTIONS[name].aggregates:
        assert len(found) == LONG


def test_what_is_left_out_is_the_default_and_a_blank_is_zero() -> None:
    assert shown("VALUE_PER_HOUR", 8760, 1) == 1
    assert shown("VALUE_PER_HOUR", 8760, 1, None) is CellError.DIV0
    assert officejs.cells(officejs.post(udfs, "VALUE_PER_HOUR", [[[8760]], [[1]], None, [[2]]])) == 4380
    assert officejs.cells(officejs.post(udfs, "SUCCESS_RATE", [[[None]], [[1]]])) == 0


def test_errors_are_real_errors_where_excel_takes_them_and_texts_in_older_ones() -> None:
    assert officejs.post(udfs, "SUCCESS_RATE", [[[2]], [[1]]]) == [[{"type": "Error", "errorType": "Num"}]]
    assert officejs.post(udfs, "SUCCESS_RATE", [[[2]], [[1]]], runtime="1.3") == [["#NUM!"]]


def test_a_text_that_looks_like_an_error_stays_a_text() -> None:
    assert shown("GROUP_PATH", "#NUM!", "x") == "#NUM! → x"
    assert officejs.post(udfs, "GROUP_PATH", [[[["#N/A"]]]]) == [["#N/A"]]


@pytest.mark.parametrize("ragged", [[[1, 2], [3]], [[]], []])
def test_a_malformed_range_is_refused(ragged: Any) -> None:
    with pytest.raises(UsageError, match="rows of equal length"):
        officejs.post(udfs, "SUCCESS_RATE", [ragged, [[1]]])
