"""The quick way through a call of plain numbers ends where the judged way ends, also at the bounds of the domain."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

import pytest

from tests.parity import arguments
from valuehour.errors import FunctionError
from valuehour.functions import FUNCTIONS, Cell, Function
from valuehour.functions.broadcasting import plain_result

QUICK = [function for function in FUNCTIONS.values() if function.domain is not None]
LIMITS = sorted(
    {
        float(comparison.right)
        for function in FUNCTIONS.values()
        for rule in function.rules
        for comparison in rule.comparisons
        if not isinstance(comparison.right, str)
    }
)


def near(limit: float) -> Iterator[float]:
    for direction in (-math.inf, math.inf):
        step = limit
        for _ in range(3):
            step = math.nextafter(step, direction)
            yield step
        for share in (1e-16, 1e-15, 3e-15, 1e-14, 1e-13, 1e-12, 1e-6):
            yield limit + math.copysign(max(abs(limit), 1.0) * share, direction)
    yield limit


EDGES = [edge for limit in LIMITS for edge in near(limit)] + [-0.0, 1e300, -1e300, math.inf, -math.inf, math.nan]


def judged(function: Function, values: list[float]) -> Cell:
    try:
        return function.python(*values)  # type: ignore[no-any-return]
    except FunctionError as error:
        return error.cell_error


@pytest.mark.parametrize("function", QUICK, ids=lambda function: function.name)
def test_the_quick_way_gives_what_judging_gives(function: Function) -> None:
    r = random.Random(f"plain {function.name}")
    draws = [arguments.PLAUSIBLE[argument.name] for argument in function.arguments]
    quick = 0
    for _ in range(4000):
        count = r.randint(*function.counts)
        values = [float(r.choice(EDGES) if r.random() < 0.15 else draw(r) or 0) for draw in draws[:count]]
        result = plain_result(function, values)
        if result is not None:
            quick += 1
            assert result == judged(function, values), values
    assert quick > 1000


def test_nearly_every_function_of_single_numbers_has_a_quick_way() -> None:
    assert [function.name for function in FUNCTIONS.values() if function.domain is None] == [
        function.name for function in FUNCTIONS.values() if function.aggregates or function.needs_records
    ]
