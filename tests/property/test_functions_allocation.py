"""The laws of allocation: nothing lost, nothing made, the odd cent where the rule puts it."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from tests.property import strategies as some
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS, allocate, allocate_shares, unallocated
from valuehour.functions.rounding import round_half_away


def exact(amount: float) -> Decimal:
    """An amount as the decimal number that it shows."""
    return Decimal(repr(amount))


def rounded(amount: float, decimals: int) -> Decimal:
    return exact(round_half_away(amount, decimals))


def unit(decimals: int) -> Decimal:
    return Decimal(10) ** -decimals


@given(some.amounts, some.weight_lists, some.decimals)
def test_the_parts_sum_to_the_rounded_total_exactly(total: float, weights: list[float], decimals: int) -> None:
    parts = allocate(total, weights, decimals)
    assert sum(map(exact, parts)) == rounded(total, decimals)
    assert all(part % unit(decimals) == 0 for part in map(exact, parts))


@given(some.amounts, some.weight_lists, some.decimals)
def test_no_part_is_further_than_one_unit_from_its_quota(total: float, weights: list[float], decimals: int) -> None:
    units = Fraction(rounded(total, decimals) / unit(decimals))
    whole = sum(map(Fraction, weights))
    for part, weight in zip(allocate(total, weights, decimals), weights, strict=True):
        quota = units * Fraction(weight) / whole
        assert abs(Fraction(exact(part) / unit(decimals)) - quota) < 1 + Fraction(1, 10_000)


@given(some.amounts, some.weight_lists, some.decimals)
def test_whoever_weighs_nothing_gets_nothing(total: float, weights: list[float], decimals: int) -> None:
    cells = [0.0, None, *weights, 0.0]
    parts = allocate(total, cells, decimals)
    assert [parts[0], parts[1], parts[-1]] == [0, 0, 0]
    assert parts[2:-1] == allocate(total, weights, decimals)


@given(some.amounts, some.weight_lists, some.decimals)
def test_equal_weights_differ_by_one_unit_at_most_and_the_earlier_one_has_it(
    total: float, weights: list[float], decimals: int
) -> None:
    units = [abs(exact(part)) / unit(decimals) for part in allocate(total, weights, decimals)]
    for weight in set(weights):
        shares = [share for share, other in zip(units, weights, strict=True) if other == weight]
        assert max(shares) - min(shares) <= 1
        assert shares == sorted(shares, reverse=True)


@given(some.amounts, some.weight_lists, some.decimals, st.randoms(use_true_random=False))
def test_the_order_of_the_weights_decides_only_about_odd_units(
    total: float, weights: list[float], decimals: int, random: object
) -> None:
    order = list(range(len(weights)))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis gives a Random
    parts = allocate(total, weights, decimals)
    shuffled = allocate(total, [weights[place] for place in order], decimals)
    for place, part in zip(order, shuffled, strict=True):
        assert abs(exact(part) - exact(parts[place])) <= unit(decimals)


@given(some.amounts, some.weight_lists, some.decimals)
def test_a_negative_total_is_split_as_its_opposite(total: float, weights: list[float], decimals: int) -> None:
    assert allocate(-total, weights, decimals) == [-part for part in allocate(total, weights, decimals)]


@given(some.amounts, some.weight_lists, st.integers(1, 6), some.decimals)
def test_rows_and_columns_are_read_row_by_row(total: float, weights: list[float], width: int, decimals: int) -> None:
    assume(len(weights) % width == 0)
    rows = [weights[start : start + width] for start in range(0, len(weights), width)]
    parts = allocate(total, rows, decimals)
    assert [len(row) for row in parts] == [width] * len(rows)
    assert [cell for row in parts for cell in row] == allocate(total, weights, decimals)
    assert parts == FUNCTIONS["ALLOCATE"].evaluate(total, rows, decimals)


@given(st.integers(1, 10**9), st.lists(st.integers(0, 10**4), min_size=1, max_size=12).filter(any))
def test_ordinary_figures_follow_the_rule_in_exact_arithmetic(cents: int, weights: list[int]) -> None:
    """Largest remainder of quotas rounded to four decimals, worked out in fractions."""
    quotas = [round_fraction(Fraction(cents * weight * 10_000, sum(weights))) for weight in weights]
    wanted = [quota // 10_000 for quota in quotas]
    left = cents - sum(wanted)
    ranking = sorted(range(len(weights)), key=lambda i: (weights[i] == 0, -(quotas[i] % 10_000), i))
    for place in ranking[:left]:
        wanted[place] += 1
    assert [round(part * 100) for part in allocate(cents / 100, weights)] == wanted


def round_fraction(value: Fraction) -> int:
    return int(value + Fraction(1, 2))


@given(
    st.floats(-1.7e308, 1.7e308) | st.floats(1e290, 1.7e308),
    st.lists(st.floats(0, 1.7e308), min_size=1, max_size=5),
    st.floats(0, 1),
    st.integers(-9, 9),
)
def test_a_total_of_any_size_gives_parts_or_an_error_cell(
    total: float, weights: list[float], share: float, decimals: int
) -> None:
    for name, cells in (("ALLOCATE", weights), ("ALLOCATE_SHARES", [share]), ("UNALLOCATED", [share])):
        found = FUNCTIONS[name].evaluate(total, [cells], decimals)
        parts = found[0] if isinstance(found, list) else [found]
        assert all(isinstance(part, CellError) or math.isfinite(part) for part in parts)  # type: ignore[arg-type]


@given(some.amounts, some.share_lists, some.decimals)
def test_shares_and_the_rest_make_up_the_total(total: float, shares: list[float], decimals: int) -> None:
    given_out = sum(map(exact, allocate_shares(total, shares, decimals)))
    assert given_out + exact(unallocated(total, shares, decimals)) == rounded(total, decimals)


@given(some.amounts, some.weight_lists, some.decimals)
def test_shares_of_everything_leave_nothing(total: float, weights: list[float], decimals: int) -> None:
    shares = [weight / sum(weights) for weight in weights]
    assert unallocated(total, shares, decimals) == 0
    assert sum(map(exact, allocate_shares(total, shares, decimals))) == rounded(total, decimals)


@given(st.integers(300, 2000), st.integers(1, 10**9))
def test_quotas_that_all_round_up_make_no_unit(parties: int, cents_each: int) -> None:
    """Beyond 1e11 units quotas have two decimals, and many of them can round to one unit too many."""
    units = (cents_each + 10**9) * parties - 1
    assume(10**11 < units < 10**13)
    parts = allocate(units, [1.0] * parties, 0)
    assert sum(parts) == units
    assert parts == [float(cents_each + 10**9)] * (parties - 1) + [float(cents_each + 10**9 - 1)]
