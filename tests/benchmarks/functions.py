"""Functions over long ranges, against a plain Python loop of the bare formula."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator

from tests.benchmarks.timing import Row, in_turns, timed
from valuehour.functions import FUNCTIONS

Column = list[list[float]]

TOTAL = 88_000_000.0


def rows(*, quick: bool) -> Iterator[Row]:
    """Allocation over many weights, and broadcasting over many rows."""
    size = 1_000 if quick else 100_000
    runs = 3 if quick else 15
    chance = random.Random(20260101)
    weights: Column = [[chance.randrange(1, 100_000) / 100] for _ in range(size)]
    # Left a little short of 1, so that rounding cannot push the sum above it.
    whole = sum(weight for (weight,) in weights) * 1.001
    shares: Column = [[weight / whole] for (weight,) in weights]
    values: Column = [[chance.uniform(1e3, 1e9)] for _ in range(size)]
    years: Column = [[chance.uniform(0.5, 10.0)] for _ in range(size)]
    rates: Column = [[chance.uniform(-0.1, 0.3)] for _ in range(size)]

    def rounded_weights() -> Column:
        weight_sum = sum(weight for (weight,) in weights)
        return [[round(TOTAL * weight / weight_sum, 2)] for (weight,) in weights]

    def rounded_shares() -> Column:
        return [[round(TOTAL * share, 2)] for (share,) in shares]

    def per_hour() -> Column:
        return [[value / (span * 8760.0 * 1.0)] for (value,), (span,) in zip(values, years, strict=True)]

    def cumulative() -> Column:
        return [
            [value * 8760.0 * math.expm1(rate * span) / rate]
            for (value,), (rate,), (span,) in zip(values, rates, years, strict=True)
        ]

    def row(call: str, own: Callable[[], object], rival: str, loop: Callable[[], object], most: float) -> Row:
        samples, others = in_turns(runs, timed(own), timed(loop))
        return Row(what=f"{call}, {size:,} rows", own=samples, rival=rival, others=others, most=most)

    allocate, allocate_shares = FUNCTIONS["ALLOCATE"], FUNCTIONS["ALLOCATE_SHARES"]
    value_per_hour, cumulative_value = FUNCTIONS["VALUE_PER_HOUR"], FUNCTIONS["CUMULATIVE_VALUE"]
    cents = "a loop of round(…, 2), which loses cents"
    formula = "a loop of the bare formula"
    yield row("ALLOCATE(total, weights)", lambda: allocate.evaluate(TOTAL, weights), cents, rounded_weights, 0.15)
    yield row(
        "ALLOCATE_SHARES(total, shares)", lambda: allocate_shares.evaluate(TOTAL, shares), cents, rounded_shares, 0.15
    )
    yield row("VALUE_PER_HOUR(range, range)", lambda: value_per_hour.evaluate(values, years), formula, per_hour, 0.1)
    yield row(
        "CUMULATIVE_VALUE(range, range, range)",
        lambda: cumulative_value.evaluate(values, rates, years),
        formula,
        cumulative,
        0.1,
    )
