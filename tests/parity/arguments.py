"""Argument sets for every function: seeded, so that every run tries the same ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

from tests.parity.engines import RECORDS, RECORDS_DAY, TAXONOMY, Call
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS

Draw = Callable[[random.Random], Any]


def money(r: random.Random) -> float:
    return r.choice(
        [r.randint(-1000, 10**9), round(r.uniform(-1e4, 1e6), 2), r.uniform(0, 1e8), r.randint(0, 999) / 8, 0]
    )


def above_zero(r: random.Random) -> float:
    return r.choice([r.randint(1, 40), round(r.uniform(0.01, 12), 2), r.uniform(1e-3, 1e4), 0.1 + 0.2, 8760, 2080])


def rate(r: random.Random) -> float:
    return r.choice([0, round(r.uniform(-0.5, 0.9), 3), r.uniform(-0.9, 2), r.uniform(-1e-9, 1e-9), 0.08, 1e-17])


def fraction(r: random.Random) -> float:
    return r.choice([0, 1, 0.9, 0.7, round(r.random(), 2), r.random(), 0.3 * 3, r.randint(0, 20) / 20])


def scale(r: random.Random) -> float:
    return r.choice([1, 2, 3, 4, 5, 2.5, r.uniform(1, 5)])


def count(r: random.Random) -> float:
    return r.choice([r.randint(0, 2000), r.randint(0, 20), 1000, 400, 399.99, r.uniform(0, 3000)])


def weight(r: random.Random) -> float | None:
    return r.choice([r.randint(0, 9), 1, 1, round(r.uniform(0, 100), 2), r.random(), 0, None, r.randint(1, 10**6)])


def share(r: random.Random) -> float | None:
    return r.choice([r.randint(0, 5) / 20, round(r.uniform(0, 0.25), 3), r.uniform(0, 0.2), 0, None, 0.125])


def part(r: random.Random) -> Any:
    if r.random() < 0.02:
        return r.choice(["Team → x", " → ", "→"])
    return r.choice(["EMEA", "Support", "Tier 2", None, 0, "", 7, 2.5, -3, True, "0", "Ü & <b>"])


PLAUSIBLE: dict[str, Draw] = {
    "total_value": money,
    "total": money,
    "cost": money,
    "value": lambda r: r.choice(
        [money(r), r.uniform(-1, 1) * 10.0 ** r.randint(-12, 12), r.randint(1, 10**6) * 5 / 1000]
    ),
    "digits": lambda r: r.randint(1, 15),
    "decimals": lambda r: r.choice([2, 2, 0, 1, -1, -3, 4, 2.7, -9, 9]),
    "initial_value": money,
    "value_per_hour": money,
    "years": above_zero,
    "employees": above_zero,
    "hours_per_year": above_zero,
    "growth_rate": rate,
    "base_growth_rate": rate,
    "flywheel_growth_rate": rate,
    "multiplier": above_zero,
    "factor": lambda r: r.choice([1.12, 1.08, 1.06, r.uniform(0.5, 2), r.randint(1, 3), 0.95]),
    "weights": weight,
    "shares": share,
    "successes": count,
    "runs": count,
    "success_rate": fraction,
    "target": fraction,
    "monthly_runs": count,
    "monthly_cost": count,
    "cost_per_run": lambda r: r.choice([0, 0.35, r.random(), r.randint(0, 50)]),
    "importance": scale,
    "room": fraction,
    "frequent_at": count,
    "expensive_at": count,
    "critical_at": scale,
    "weak_at": scale,
    "healthy_at": fraction,
    "critical_below": fraction,
    "structure": lambda r: r.choice(
        [row[0] for row in TAXONOMY] + ["time structure", "REVENUE STRUCTURE", "Time", "*", "", 7, True, "none"]
    ),
    "part": part,
    "name": lambda r: r.choice(
        [record[0] for record in RECORDS] * 2
        + ["UPLIFT.k", "outcome.ü & <B>", "uplift.C", "uplift", "", 7, True, "none"]
    ),
    "as_of": lambda r: r.choice(
        [0, 0.5, RECORDS_DAY, RECORDS_DAY - 1, RECORDS_DAY + 0.25, RECORDS_DAY - 0.25, 46400, 2958465, 2958466, 61]
    ),
}
ERRORS = [CellError.DIV0, CellError.VALUE, CellError.REF, CellError.NAME, CellError.NUM, CellError.NA, CellError.NULL]
ODD: list[Any] = [
    None,
    0,
    -1,
    -0.5,
    1,
    -2.5,
    1e300,
    -1e300,
    1e-300,
    1e15,
    True,
    False,
    "text",
    "",
    "5",
    "1e3",
    "#N/A",
    *ERRORS,
]
SHAPES = [(1, 1), (3, 1), (1, 3), (2, 2), (2, 1), (1, 2), (4, 1), (3, 2)]


EVEN = [[1]] * 1000  # of 200,000,000,999 cents each of them is due a whole cent too many, once quotas are rounded
HUGE = (1e308, -1.7e308)  # with decimals they have more units than a number can count
SPECIAL = {
    "ALLOCATE": [
        Call("ALLOCATE", (2_000_000_009.99, [*EVEN, [0], [1e-12]])),
        Call("ALLOCATE", (-2_000_000_009.99, EVEN)),
    ],
    "ALLOCATE_SHARES": [Call("ALLOCATE_SHARES", (2_000_000_009.99, [[0.001]] * 1000))],
}


FAMILY = ("ALLOCATE", "ALLOCATE_SHARES", "UNALLOCATED")


def calls(name: str, number: int) -> list[Call]:
    """Any argument sets at all: blanks, errors, texts, huge and tiny numbers, ranges of all shapes, left-out ones."""
    r = random.Random(f"any {name}")
    huge = [Call(name, (t, [[1], [0]], d)) for t in HUGE for d in (2, 9, -9)] if name in FAMILY else []
    return (
        SPECIAL.get(name, [])
        + huge
        + [Call(name, tuple(_arguments(name, r, odd=r.choice([0, 0.1, 0.4])))) for _ in range(number)]
    )


def valid_calls(name: str, number: int) -> list[Call]:
    """Numbers and ranges of numbers within the domain of the function."""
    r = random.Random(f"valid {name}")
    found: list[Call] = SPECIAL.get(name, [])[:number]
    while len(found) < number:
        call = Call(name, tuple(_arguments(name, r, odd=0, ranges=FUNCTIONS[name].aggregates)))
        expected = call.expected
        rows = expected if isinstance(expected, list) else [[expected]]
        if not any(isinstance(cell, CellError) for row in rows for cell in row):
            found.append(call)
    return found


def _arguments(name: str, r: random.Random, *, odd: float, ranges: bool = True) -> Iterator[Any]:
    function = FUNCTIONS[name]
    fewest, most = function.counts
    for _, argument in function.named_arguments(r.randint(fewest, most)):
        draw = PLAUSIBLE[argument.name]

        def cell(draw: Draw = draw) -> Any:
            return r.choice(ODD) if r.random() < odd else draw(r)

        whole = argument.whole_range and (not argument.variadic or r.random() < 0.4)
        if whole or (ranges and not function.aggregates and r.random() < 0.2) or r.random() < odd / 20:
            height, width = r.choice(SHAPES)
            yield [[cell() for _ in range(width)] for _ in range(height)]
        else:
            yield cell()
