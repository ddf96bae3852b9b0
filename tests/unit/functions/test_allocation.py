"""Where the odd cent goes."""

from __future__ import annotations

import pytest

from valuehour.errors import CellError, DomainError
from valuehour.functions import FUNCTIONS, allocate, allocate_shares, unallocated


@pytest.mark.parametrize(
    ("total", "weights", "decimals", "parts"),
    [
        (100, [1, 1, 1], 2, [33.34, 33.33, 33.33]),
        (-100, [1, 1, 1], 2, [-33.34, -33.33, -33.33]),
        (0.01, [1, 1, 1], 2, [0.01, 0, 0]),
        (0.02, [0, 1, 1, 1], 2, [0, 0.01, 0.01, 0]),
        (0, [1, 2], 2, [0, 0]),
        (10, [3, 3, 1], 0, [4, 4, 2]),  # quotas 4.2857, 4.2857, 1.4286: the largest remainder has the odd unit
        (1.005, [1], 2, [1.01]),  # rounded as it is shown, not as it is stored
        (2.5, [1], 0, [3]),
        (-2.5, [1], 0, [-3]),
        (12345, [1, 1], -3, [6000, 6000]),
        (12500, [1, 1], -3, [7000, 6000]),
        (7, [1, 1], 0.9, [4, 3]),  # decimals are truncated
        (7, [1, 1], -0.9, [4, 3]),
        (1, [1e-300, 1e-300], 0, [1, 0]),
        (1, [5e-324, 0], 2, [1, 0]),
        (0.3, [0.1, 0.2], 1, [0.1, 0.2]),
        (99_999_999_999.99, [1, 1], 2, [50_000_000_000.0, 49_999_999_999.99]),
        (100_000_000_000, [1, 2], 2, [33_333_333_333.33, 66_666_666_666.67]),
        # remainders of .4359 and .4427 are the same .44 beyond 1e11 units, so the earlier cell has the odd one
        (656_010_299_468, [615, 224, 331], 0, [344_825_926_644, 125_595_134_257, 185_589_238_567]),
    ],
)
def test_the_odd_units_go_where_the_rule_says(
    total: float, weights: list[float], decimals: float, parts: list[float]
) -> None:
    assert allocate(total, weights, decimals) == parts


def test_units_left_over_never_go_to_a_weight_of_zero() -> None:
    """Twenty-five thousand tiny quotas each round to nothing and leave more over than there are remainders."""
    weights = [0.0, 9.0] + [1 / 25_000] * 25_000
    parts = allocate(10, weights, 0)
    assert sum(parts) == 10
    assert parts[0] == 0
    assert parts[1] == 10  # all remainders are 0.0000 then, and this is the earliest cell with a weight


def test_units_too_many_are_taken_back_from_the_last_of_those_that_rounded_up() -> None:
    parts = allocate(2_000_000_009.99, [1.0] * 1000 + [0.0, 1e-12])
    assert parts == [2_000_000.01] * 999 + [2_000_000.0, 0.0, 0.0]


def test_shares_leave_a_rest_that_may_be_negative() -> None:
    assert allocate_shares(-100, [0.5, 0.3]) == [-50, -30]
    assert unallocated(-100, [0.5, 0.3]) == -20


def test_shares_that_sum_to_one_within_a_billionth_leave_nothing() -> None:
    nearly = [1 / 3 - 2e-10] * 3
    assert unallocated(1e6, nearly) == 0
    assert sum(allocate_shares(1e6, nearly)) == pytest.approx(1e6, abs=1e-9)
    assert unallocated(1e6, [1 / 3 - 2e-8] * 3) == 0.06
    assert FUNCTIONS["ALLOCATE_SHARES"].evaluate(1, [[0.5], [0.5 + 5e-10]]) == [[0.5], [0.5]]
    assert FUNCTIONS["ALLOCATE_SHARES"].evaluate(1, [[0.5], [0.5 + 5e-9]]) is CellError.NUM


def test_no_shares_give_nothing_and_leave_everything() -> None:
    assert allocate_shares(100, [0, None]) == [0, 0]  # type: ignore[list-item]
    assert unallocated(100, [0, None]) == 100  # type: ignore[list-item]


def test_more_units_than_can_be_counted_are_refused_and_fewer_decimals_help() -> None:
    assert FUNCTIONS["ALLOCATE"].evaluate(1e12, [[1], [1]]) is CellError.NUM
    assert FUNCTIONS["ALLOCATE"].evaluate(1e12, [[1], [1]], 1) == [[5e11], [5e11]]
    assert FUNCTIONS["ALLOCATE_SHARES"].evaluate(1e12, [[0.1]]) == [[1e11]]


@pytest.mark.parametrize("decimals", [9, 2, 0, -9])
@pytest.mark.parametrize("total", [1e308, -1.7976931348623157e308])
def test_a_total_that_no_cell_can_hold_in_units_is_refused(total: float, decimals: int) -> None:
    assert FUNCTIONS["ALLOCATE"].evaluate(total, [[1]], decimals) is CellError.NUM
    assert FUNCTIONS["ALLOCATE_SHARES"].evaluate(total, [[0.5]], decimals) is CellError.NUM
    assert FUNCTIONS["UNALLOCATED"].evaluate(total, [[0.5]], decimals) is CellError.NUM
    with pytest.raises(DomainError, match="too many units"):
        allocate(total, [1], decimals)
    with pytest.raises(DomainError, match="too many units"):
        unallocated(total, [0.5], decimals)


def test_what_is_left_of_a_huge_total_is_refused_once_its_units_cannot_be_counted_at_all() -> None:
    assert FUNCTIONS["UNALLOCATED"].evaluate(1e300, [[0]], 2) == 1e300
    assert FUNCTIONS["UNALLOCATED"].evaluate(1e307, [[0]], 2) is CellError.NUM


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ((100, [[1], [-1]]), CellError.NUM),
        ((100, [[0], [None]]), CellError.DIV0),
        ((100, [[0]], 10), CellError.NUM),  # the domain is judged before a zero sum
        ((100, [[1], ["x"]]), CellError.VALUE),
        ((100, [["x"], [CellError.REF]]), CellError.REF),
        (("x", [[CellError.NA]]), CellError.NA),
        (([[100], [100]], [[1]]), CellError.VALUE),
    ],
)
def test_one_bad_cell_spoils_the_call(arguments: tuple[object, ...], error: CellError) -> None:
    assert FUNCTIONS["ALLOCATE"].evaluate(*arguments) is error  # type: ignore[arg-type]
