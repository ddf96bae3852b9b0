"""Functions over long ranges, against a plain Python loop of the bare formula."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from tests.benchmarks.timing import Row, in_turns, timed
from valuehour.functions import FUNCTIONS

TOTAL = 88_000_000.0

Column = list[list[Any]]


def rows(*, quick: bool) -> Iterator[Row]:
    """Allocation over many weights, and broadcasting over many rows."""
    size = 1_000 if quick else 100_000
    runs = 1 if quick else 9
    chance = random.Random(20260101)
    weights = [[chance.randrange(1, 100_000) / 100] for _ in range(size)]
    # Left a little short of 1, so that rounding cannot push the sum above it.
    whole = sum(weight for (weight,) in weights) * 1.001
    shares = [[weight / whole] for (weight,) in weights]
    values = [[chance.uniform(1e3, 1e9)] for _ in range(size)]
    years = [[chance.uniform(0.5, 10.0)] for _ in range(size)]
    rates = [[chance.uniform(-0.1, 0.3)] for _ in range(size)]
    costs = [[chance.uniform(0.0, 1e3)] for _ in range(size)]
    successes = [[chance.random()] for _ in range(size)]
    with_texts: Column = [["n/a"] if place % 1000 == 500 else value for place, value in enumerate(values)]

    def allocation(name: str, loop: Callable[[Column], object], column: Column) -> Row:
        evaluate = FUNCTIONS[name].evaluate
        own, others = in_turns(runs, timed(partial(evaluate, TOTAL, column)), timed(partial(loop, column)))
        rival = "a loop of round(…, 2), which loses cents"
        return Row(what=f"{name}, {size:,} rows", own=own, rival=rival, others=others, most=0.15)

    def row(name: str, loop: Callable[..., object], *columns: Column) -> Row:
        own, others = in_turns(runs, timed(partial(FUNCTIONS[name].evaluate, *columns)), timed(partial(loop, *columns)))
        rival = "a loop of the bare formula"
        return Row(what=f"{name}, {size:,} rows", own=own, rival=rival, others=others, most=0.1)

    yield allocation("ALLOCATE", _rounded_weights, weights)
    yield allocation("ALLOCATE_SHARES", _rounded_shares, shares)
    yield row("VALUE_PER_HOUR", _value_per_hour, values, years)
    yield row("SIGNIFICANT", _significant, values)
    yield row("COMPOUND_DISCRETE", _compound_discrete, values, rates, years)
    yield row("CUMULATIVE_VALUE", _cumulative_value, values, rates, years)
    yield row("OUTCOME_READ", _outcome_read, costs, successes)
    own, clean = in_turns(
        runs,
        timed(partial(FUNCTIONS["VALUE_PER_HOUR"].evaluate, with_texts, years)),
        timed(partial(FUNCTIONS["VALUE_PER_HOUR"].evaluate, values, years)),
    )
    yield Row(
        what=f"VALUE_PER_HOUR, {size:,} rows, 1 ‰ of them text", own=own, rival="the same without text", others=clean
    )


def _rounded_weights(weights: Column) -> Column:
    weight_sum = sum(weight for (weight,) in weights)
    return [[round(TOTAL * weight / weight_sum, 2)] for (weight,) in weights]


def _rounded_shares(shares: Column) -> Column:
    return [[round(TOTAL * share, 2)] for (share,) in shares]


def _value_per_hour(values: Column, years: Column) -> Column:
    return [[value / (span * 8760.0 * 1.0)] for (value,), (span,) in zip(values, years, strict=True)]


def _significant(values: Column) -> Column:
    return [[round(value, 2 - math.floor(math.log10(abs(value))))] for (value,) in values]


def _compound_discrete(values: Column, rates: Column, years: Column) -> Column:
    return [[value * (1.0 + rate) ** span] for (value,), (rate,), (span,) in zip(values, rates, years, strict=True)]


def _cumulative_value(values: Column, rates: Column, years: Column) -> Column:
    return [
        [value * 8760.0 * math.expm1(rate * span) / rate]
        for (value,), (rate,), (span,) in zip(values, rates, years, strict=True)
    ]


def _outcome_read(costs: Column, rates: Column) -> Column:
    return [
        [
            "healthy"
            if rate >= 0.9
            else ("high-priority" if rate < 0.7 else "worth improving")
            if cost >= 400.0
            else "review"
        ]
        for (cost,), (rate,) in zip(costs, rates, strict=True)
    ]
