"""Laws that hold for every argument: broadcasting, the order of judgement, identities of growth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from tests.property import strategies as some
from valuehour.errors import CellError
from valuehour.functions import (
    FUNCTIONS,
    Function,
    Snapshot,
    compound_continuous,
    compound_discrete,
    compound_flywheel,
    continuous_rate,
    cost_per_success,
    cumulative_value,
    group_path,
    outcome_read,
    priority_band,
    priority_score,
    room_to_improve,
    significant,
    success_rate,
    uplift,
    value_per_hour,
)
from valuehour.functions.rounding import round_half_away

BROADCASTING = [function for function in FUNCTIONS.values() if not function.aggregates]
AGGREGATING = [function for function in FUNCTIONS.values() if function.aggregates]
TAXONOMY = [["Time", "Year"], ["Time", "Month"]]
RECORDS = Snapshot.of(3, [("text", 1.12, "measured", "Pilot report"), ("5", -7, "assumed", "none given")])
NUMBERS_ONLY = [f for f in BROADCASTING if all(argument.kind == "number" for argument in f.arguments)]


def evaluate(function: Function, *arguments: Any) -> Any:
    """A function with what a host gives it to look things up in."""
    return function.evaluate(*arguments, taxonomy=TAXONOMY, records=RECORDS)


@st.composite
def broadcasting_calls(
    draw: st.DrawFn,
    cells: st.SearchStrategy[object] = some.scalars_or_ranges,
    functions: Sequence[Function] = BROADCASTING,
) -> tuple:
    function: Function = draw(st.sampled_from(functions))
    fewest, most = function.counts
    count = draw(st.integers(fewest, most))
    return function, [draw(cells) for _ in range(count)]


def at(argument: object, row: int, column: int) -> object:
    """The cell that an argument has at a place of the result."""
    if not isinstance(argument, list):
        return argument
    y, x = (0 if len(argument) == 1 else row), (0 if len(argument[0]) == 1 else column)
    return argument[y][x] if y < len(argument) and x < len(argument[0]) else CellError.NA


@given(broadcasting_calls())
def test_a_range_gives_what_its_cells_give_one_by_one(call: tuple[Function, list[object]]) -> None:
    function, arguments = call
    areas = [a for a in arguments if isinstance(a, list)]
    result = evaluate(function, *arguments)
    if not areas:
        assert not isinstance(result, list)
        return
    assert len(result) == max(len(a) for a in areas)
    for row, line in enumerate(result):
        assert len(line) == max(len(a[0]) for a in areas)
        for column, cell in enumerate(line):
            reached = all((len(a) == 1 or row < len(a)) and (len(a[0]) == 1 or column < len(a[0])) for a in areas)
            alone = evaluate(function, *(at(a, row, column) for a in arguments)) if reached else CellError.NA
            assert cell == alone or (cell, alone) == (0.0, -0.0), (function.name, row, column)


@given(broadcasting_calls(), st.integers(2, 3000))
def test_long_columns_give_what_short_ones_give(call: tuple[Function, list[object]], length: int) -> None:
    """Blocks of plain numbers take a faster path, which must not show."""
    function, arguments = call
    singles = [at(a, 0, 0) for a in arguments]
    column = evaluate(function, [[singles[0]]] * length, *singles[1:])
    assert column == [[evaluate(function, *singles)]] * length


@given(broadcasting_calls(some.any_cells), st.data())
def test_the_first_error_among_the_arguments_comes_back(
    call: tuple[Function, list[object]], data: st.DataObject
) -> None:
    function, arguments = call
    place = data.draw(st.integers(0, len(arguments) - 1))
    arguments[place] = data.draw(some.errors)
    first = next(argument for argument in arguments if isinstance(argument, CellError))
    assert evaluate(function, *arguments) is first


@given(broadcasting_calls(some.numbers, NUMBERS_ONLY), st.data())
def test_a_text_is_refused_before_any_number_is_looked_at(
    call: tuple[Function, list[object]], data: st.DataObject
) -> None:
    function, arguments = call
    arguments[data.draw(st.integers(0, len(arguments) - 1))] = data.draw(st.sampled_from(["", "text", "5"]))
    assert function.evaluate(*arguments) is CellError.VALUE


@given(broadcasting_calls(some.any_cells))
def test_blanks_are_0_and_booleans_1_and_0(call: tuple[Function, list[object]]) -> None:
    function, arguments = call
    plain = [0 if a is None else int(a) if isinstance(a, bool) else a for a in arguments]
    assert evaluate(function, *arguments) == evaluate(function, *plain)


@given(st.sampled_from(AGGREGATING), st.data(), some.errors)
def test_one_bad_cell_in_a_range_spoils_the_call(function: Function, data: st.DataObject, error: CellError) -> None:
    assume(any(argument.whole_range for argument in function.arguments))
    cells = data.draw(some.ranges(st.floats(0.01, 0.05)))
    row, column = data.draw(st.integers(0, len(cells) - 1)), data.draw(st.integers(0, len(cells[0]) - 1))
    cells[row][column] = error
    arguments = [cells] if function.variadic else [100, cells]
    assert function.evaluate(*arguments) is error


@given(st.sampled_from(list(FUNCTIONS.values())), st.data())
def test_no_cells_at_all_raise_anything(function: Function, data: st.DataObject) -> None:
    fewest, most = function.counts
    arguments = [data.draw(some.scalars_or_ranges) for _ in range(data.draw(st.integers(fewest, most)))]
    result = evaluate(function, *arguments)
    cells = [cell for row in result for cell in row] if isinstance(result, list) else [result]
    assert all(isinstance(cell, CellError | str) or math.isfinite(cell) for cell in cells)


@given(some.amounts, some.rates, some.spans)
def test_growing_and_shrinking_back_gives_the_start(value: float, rate: float, years: float) -> None:
    for grow in (compound_discrete, compound_continuous):
        assert math.isclose(grow(grow(value, rate, years), rate, -years), value, rel_tol=1e-9, abs_tol=1e-9)


@given(some.amounts, some.rates, some.spans)
def test_continuous_growth_at_the_logarithm_of_a_yearly_rate_is_yearly_growth(
    value: float, rate: float, years: float
) -> None:
    yearly = compound_discrete(value, rate, years)
    assert math.isclose(compound_continuous(value, math.log1p(rate), years), yearly, rel_tol=1e-9, abs_tol=1e-9)


@given(some.amounts, some.rates, some.rates, some.spans)
def test_a_flywheel_adds_its_rate(value: float, base: float, flywheel: float, years: float) -> None:
    assert compound_flywheel(value, base, flywheel, years) == compound_continuous(value, base + flywheel, years)


@given(st.floats(0.01, 100), some.spans)
def test_the_continuous_rate_reaches_the_multiplier(multiplier: float, years: float) -> None:
    assert math.isclose(compound_continuous(1, continuous_rate(multiplier, years), years), multiplier, rel_tol=1e-9)


@given(st.floats(0.1, 1e4), st.floats(-1, 1), st.floats(0.01, 20), st.floats(0.01, 20))
@example(100.0, 1e-16, 3.0, 3.0)
@example(100.0, 1e-9, 3.0, 3.0)
def test_what_is_earned_in_two_spans_is_what_is_earned_in_both(
    value: float, rate: float, first: float, second: float
) -> None:
    later = compound_continuous(value, rate, first)
    parts = cumulative_value(value, rate, first) + cumulative_value(later, rate, second)
    assert math.isclose(parts, cumulative_value(value, rate, first + second), rel_tol=1e-9)


@given(st.floats(0.1, 1e4), st.floats(1e-6, 1), st.floats(0.01, 20))
def test_earnings_of_a_growing_rate_lie_between_the_start_rate_and_the_end_rate(
    value: float, rate: float, years: float
) -> None:
    hours = 8760 * years
    earned = cumulative_value(value, rate, years)
    assert value * hours < earned < compound_continuous(value, rate, years) * hours


@given(st.floats(0.1, 1e4), st.floats(-1e-14, 1e-14), st.floats(0.01, 20))
def test_tiny_rates_earn_what_no_growth_earns(value: float, rate: float, years: float) -> None:
    assert math.isclose(cumulative_value(value, rate, years), cumulative_value(value, 0, years), rel_tol=1e-12)


@given(some.amounts, some.spans, st.integers(1, 500))
def test_employees_share_the_value_per_hour(total: float, years: float, employees: int) -> None:
    whole = value_per_hour(total, years)
    assert math.isclose(value_per_hour(total, years, employees) * employees, whole, rel_tol=1e-12)


@given(st.lists(st.floats(0.5, 2), min_size=1, max_size=8), st.data())
def test_an_uplift_does_not_depend_on_how_factors_are_handed_over(factors: list[float], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(factors) - 1))
    assert math.isclose(uplift(*factors), math.prod(factors), rel_tol=1e-12)
    assert uplift(
        *factors[:cut],
        [
            factors[cut:],
        ],
    ) == uplift(*factors)


@given(st.integers(0, 10**6), st.integers(1, 10**6), some.amounts)
def test_cost_per_success_times_successes_is_the_cost(successes: int, more: int, cost: float) -> None:
    runs = successes + more
    rate = success_rate(successes, runs)
    assert 0 <= rate < 1
    assume(successes)
    assert math.isclose(cost_per_success(cost, successes) * rate * runs, cost, rel_tol=1e-9)


@given(st.floats(0, 1), st.floats(0, 1))
def test_room_and_rate_reach_the_target_or_lie_above_it(rate: float, target: float) -> None:
    room = room_to_improve(rate, target)
    assert room >= 0
    assert math.isclose(rate + room, max(rate, target), rel_tol=1e-12)


@given(st.floats(0, 1e6), st.floats(0, 1e3), st.floats(1, 5), st.floats(0, 1))
def test_more_of_anything_never_lowers_a_priority(runs: float, cost: float, importance: float, room: float) -> None:
    score = priority_score(runs, cost, importance, room)
    assert priority_score(runs * 2, cost, importance, room) >= score
    assert priority_score(runs, cost * 2, importance, room) >= score
    order = ["low", "medium", "high"]
    band = order.index(priority_band(runs, cost, importance, room))
    assert order.index(priority_band(runs + 1000, cost, importance, room)) >= band
    assert order.index(priority_band(runs, cost + 400, importance, room)) >= band
    assert order.index(priority_band(runs, cost, 5, room)) >= band


@given(st.floats(0, 1e4), st.floats(0, 1))
def test_every_workflow_gets_exactly_the_read_of_the_rule(cost: float, rate: float) -> None:
    assume(all(abs(rate - limit) > 1e-8 for limit in (0.7, 0.9)) and abs(cost - 400) > 1e-8)
    if rate >= 0.9:
        wanted = "healthy"
    elif cost >= 400:
        wanted = "high-priority" if rate < 0.7 else "worth improving"
    else:
        wanted = "review"
    assert outcome_read(cost, rate) == wanted


@given(st.lists(st.text("abc xyz-&", min_size=1), min_size=1, max_size=8))
def test_a_path_can_be_taken_apart_again(parts: list[str]) -> None:
    assert group_path(*parts).split(" → ") == parts


shown = st.one_of(
    st.floats(-1e15, 1e15, allow_subnormal=False), st.integers(-(10**9), 10**9).map(lambda n: n * 5 / 1000)
)


@given(shown, st.integers(1, 15))
def test_significant_figures_are_those_of_the_fifteen_digits_shown(value: float, digits: int) -> None:
    exact = Decimal(f"{value:.14e}")
    wanted = exact.quantize(Decimal((0, (1,), exact.adjusted() + 1 - digits)), ROUND_HALF_UP) if exact else exact
    assert significant(value, digits) == float(wanted)
    assert significant(significant(value, digits), digits) == significant(value, digits)


@given(shown, st.integers(-6, 9))
def test_rounding_is_half_away_from_zero_on_fifteen_digits(value: float, decimals: int) -> None:
    wanted = Decimal(f"{value:.14e}").quantize(Decimal((0, (1,), -decimals)), ROUND_HALF_UP)
    assert round_half_away(value, decimals) == float(wanted)
