"""What a user sees in cells: defaults, blanks, errors, ranges."""

from __future__ import annotations

import pytest

from valuehour.errors import CellError, UsageError
from valuehour.functions import FUNCTIONS, Value

DIV0, NA, NUM, REF, VALUE = CellError.DIV0, CellError.NA, CellError.NUM, CellError.REF, CellError.VALUE


def cell(name: str, *arguments: object) -> Value:
    return FUNCTIONS[name].evaluate(*arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("VALUE_PER_HOUR", (8760, 1), 1),
        ("VALUE_PER_HOUR", (8760, 1, None), DIV0),  # a blank cell is 0, not the default
        ("VALUE_PER_HOUR", (8760, 1, True, 8760), 1),
        ("VALUE_PER_HOUR", (8760, -1, 0), NUM),  # negatives before zeros
        ("VALUE_PER_HOUR", (8760, 0, -1), NUM),
        ("VALUE_PER_HOUR", (8760, 0), DIV0),
        ("VALUE_PER_HOUR", (8760, "1"), VALUE),
        ("VALUE_PER_HOUR", ("x", REF, DIV0), REF),
        ("VALUE_PER_HOUR", (1e308, 1e-9), NUM),
        ("VALUE_PER_HOUR", (1, 1e200, 1e200), NUM),
        ("SIGNIFICANT", (0,), 0),
        ("SIGNIFICANT", (3348.55, 0), NUM),
        ("SIGNIFICANT", (3348.55, 16), NUM),
        ("SIGNIFICANT", (3348.55, 2.5), NUM),
        ("SIGNIFICANT", (2.5, 1), 3),
        ("SIGNIFICANT", (-2.5, 1), -3),
        ("SIGNIFICANT", (1.7e308, 1), NUM),
        ("COMPOUND_DISCRETE", (100, -1.5, 2), NUM),
        ("COMPOUND_DISCRETE", (100, -1, 0), NUM),
        ("COMPOUND_DISCRETE", (100, -1, -1), DIV0),
        ("COMPOUND_DISCRETE", (100, -1, 1), 0),
        ("COMPOUND_DISCRETE", (100, -1 - 2e-16, 2.5), 0),
        ("COMPOUND_DISCRETE", (100, 9, 400), NUM),
        ("COMPOUND_CONTINUOUS", (1, 1, 710), NUM),
        ("COMPOUND_CONTINUOUS", (1, -1, 800), 0),
        ("COMPOUND_FLYWHEEL", (1, 1, -1, 710), 1),
        ("CONTINUOUS_RATE", (0, 0), NUM),
        ("CONTINUOUS_RATE", (1, -1), NUM),
        ("CONTINUOUS_RATE", (1, 0), DIV0),
        ("CUMULATIVE_VALUE", (1, 0, 3), 26280),
        ("CUMULATIVE_VALUE", (1, 0.5, 0), 0),
        ("CUMULATIVE_VALUE", (1, 0.5, -1), NUM),
        ("CUMULATIVE_VALUE", (1, 0.5, 1, -1), NUM),
        ("CUMULATIVE_VALUE", (1, -16, 100), 547.5),
        ("CUMULATIVE_VALUE", (1, 8, 100), NUM),
        ("SUCCESS_RATE", (0, 0), DIV0),
        ("SUCCESS_RATE", (1, 0), NUM),  # more successes than runs is judged before the zero divisor
        ("SUCCESS_RATE", (-1, 0), NUM),
        ("SUCCESS_RATE", (5, 4), NUM),
        ("COST_PER_SUCCESS", (-5, 2), -2.5),
        ("COST_PER_SUCCESS", (5, -2), NUM),
        ("COST_PER_SUCCESS", (5, 0), DIV0),
        ("ROOM_TO_IMPROVE", (1.01,), NUM),
        ("ROOM_TO_IMPROVE", (0.5, -0.1), NUM),
        ("ROOM_TO_IMPROVE", (0.1 + 0.2 + 0.7,), 0),
        ("PRIORITY_SCORE", (1, 1, 0.9, 1), NUM),
        ("PRIORITY_SCORE", (1, 1, 5.1, 1), NUM),
        ("PRIORITY_SCORE", (-1, 1, 1, 1), NUM),
        ("PRIORITY_SCORE", (1, 1, 1, -1), NUM),
        ("PRIORITY_BAND", (5000, 5000, 5, 0), "low"),
        ("PRIORITY_BAND", (1000, 400, 4, 0.1), "high"),
        ("PRIORITY_BAND", (999, 400, 4, 0.1), "medium"),
        ("PRIORITY_BAND", (999, 399, 2, 0.1), "low"),
        ("PRIORITY_BAND", (999, 399, 2.1, 0.1), "medium"),
        ("PRIORITY_BAND", (10, 10, 3, 0.1, 5, 5, 3), "high"),
        ("OUTCOME_READ", (400, 0.3 * 3), "healthy"),
        ("OUTCOME_READ", (400, 0.7), "worth improving"),
        ("OUTCOME_READ", (400, 0.69), "high-priority"),
        ("OUTCOME_READ", (399, 0.69), "review"),
        ("OUTCOME_READ", (-1, 0.5), NUM),
        ("OUTCOME_READ", (400, 0.5, 0.6, 0.7), NUM),
    ],
)
def test_a_cell_shows_what_the_function_list_says(name: str, arguments: tuple[object, ...], result: Value) -> None:
    found = cell(name, *arguments)
    assert found == (result if isinstance(result, CellError | str) else pytest.approx(result, rel=1e-12))


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("UPLIFT", (1.5, [[2, None], [None, 2]]), 6),
        ("UPLIFT", (1.5, None), NUM),  # a single blank is 0
        ("UPLIFT", (1.5, [[None]]), NUM),
        ("UPLIFT", ([[None], [None]],), VALUE),
        ("UPLIFT", ([[1], ["x"]], [[0]]), VALUE),
        ("UPLIFT", ([[1], ["x"]], [[0], [REF]]), REF),
        ("UPLIFT", ([[1], [0]],), NUM),
        ("UPLIFT", ([[2], [True]],), 2),
        ("UPLIFT", (1e200, 1e200), NUM),
        ("UNALLOCATED", (100, [[0.25], [None]]), 75),
        ("UNALLOCATED", (100, 0.25), 75),
        ("UNALLOCATED", (100, [[0.6], [0.5]]), NUM),
        ("UNALLOCATED", (100, [[0.6], [-0.5]]), NUM),
        ("UNALLOCATED", ([[100], [200]], [[0.5]]), VALUE),  # an amount is one cell
        ("UNALLOCATED", ([[100]], [[0.5]], [[0]]), 50),
        ("GROUP_PATH", ("EMEA", None, 0, "", [["Support", 2.0]]), "EMEA → Support → 2"),
        ("GROUP_PATH", (None, 0, ""), VALUE),
        ("GROUP_PATH", ("a → b",), VALUE),
        ("GROUP_PATH", ("a", [[None], [NA]]), NA),
        (
            "GROUP_PATH",
            (True, 0.1 + 0.2, 1e15, 1e-5, 123456789012345678),
            "TRUE → 0.3 → 1E+15 → 1E-05 → 1.23456789012346E+17",
        ),
        ("GROUP_PATH", ("x" * 20000, "x" * 20000), VALUE),  # longer than a cell
    ],
)
def test_aggregating_functions_take_whole_ranges(name: str, arguments: tuple[object, ...], result: Value) -> None:
    found = cell(name, *arguments)
    assert found == (result if isinstance(result, CellError | str) else pytest.approx(result, rel=1e-12))


def test_a_column_against_a_row_gives_a_grid() -> None:
    assert cell("SUCCESS_RATE", [[1], [2], [REF]], [[4, 0]]) == [[0.25, NUM], [0.5, NUM], [REF, REF]]


def test_where_a_range_does_not_reach_there_is_na_whatever_stands_elsewhere() -> None:
    assert cell("SUCCESS_RATE", [[1], [2], ["x"]], [[4], [4]]) == [[0.25], [0.5], [NA]]
    assert cell("SUCCESS_RATE", REF, [[4, 4]]) == [[REF, REF]]
    assert cell("COMPOUND_CONTINUOUS", REF, [[1], [1]], [[1], [1], [1]]) == [[REF], [REF], [NA]]


def test_a_single_cell_range_keeps_its_shape() -> None:
    assert cell("SUCCESS_RATE", [[1]], 4) == [[0.25]]
    assert cell("ALLOCATE", 5, 3) == [[5]]


def test_a_bad_cell_in_a_long_column_spoils_its_own_row_only() -> None:
    column: list[list[object]] = [[float(n)] for n in range(1, 10_001)]
    column[17], column[5000], column[9999] = ["x"], [-1], [0]
    result = cell("VALUE_PER_HOUR", 8760, column)
    assert isinstance(result, list)
    assert [result[17], result[5000], result[9999]] == [[VALUE], [NUM], [DIV0]]
    assert sum(isinstance(row[0], float) for row in result) == 9_997


def test_huge_integers_are_numbers_out_of_reach() -> None:
    assert cell("SUCCESS_RATE", [[10**400], [1]], [[10**400], [2]]) == [[NUM], [0.5]]
    assert cell("ROOM_TO_IMPROVE", float("nan")) is NUM


@pytest.mark.parametrize("bad", [[1, 2, 3], [[1, 2], [3]], [], [[]]])
def test_a_range_that_is_no_rectangle_is_a_mistake_of_the_host(bad: list[object]) -> None:
    with pytest.raises(UsageError, match="rows of equal length"):
        cell("SUCCESS_RATE", bad, 1)


def test_rows_may_be_tuples() -> None:
    assert cell("SUCCESS_RATE", ((1,), (2,)), 4) == [[0.25], [0.5]]
    assert cell("ALLOCATE", 3, ((1, 2),), 0) == [[1, 2]]
