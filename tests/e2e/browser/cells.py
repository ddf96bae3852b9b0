"""Ten thousand cells of every kind, as Office.js passes them, and what Python says that each of them is."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.e2e.browser.excel_page import Call
from tests.error_types import ERROR_TYPES
from valuehour.catalog import load_catalog
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS, Cell, Range


@dataclass(frozen=True)
class Formula:
    """One call, as a workbook might hold it."""

    name: str
    arguments: tuple[Cell | Range, ...]

    def call(self, address: str) -> Call:
        """The call as Office.js makes it: every argument in rows, what is left out as null, repeated ones together."""
        function = FUNCTIONS[self.name]
        passed: list[Any] = [_office(argument) for argument in self.arguments]
        if function.variadic:
            return self.name, [passed], address
        return self.name, passed + [None] * (len(function.arguments) - len(passed)), address

    def expected(self) -> list[list[Any]]:
        """What the cells must show, by Python."""
        rows = _taxonomy() if FUNCTIONS[self.name].needs_taxonomy else None
        value = FUNCTIONS[self.name].evaluate(*self.arguments, taxonomy=rows)
        return [[_shown(cell) for cell in row] for row in (value if isinstance(value, list) else [[value]])]


@cache
def _taxonomy() -> list[tuple[str, str]]:
    return [(structure, dimension) for structure, dimension in load_catalog().taxonomy()]


def _office(argument: Cell | Range) -> list[list[Any]]:
    rows = argument if isinstance(argument, (list, tuple)) else [[argument]]
    return [[_error(cell) if isinstance(cell, CellError) else cell for cell in row] for row in rows]


def _error(error: CellError) -> dict[str, str]:
    return {"type": "Error", "basicType": "Error", "basicValue": error.value, "errorType": ERROR_TYPES[error]}


def _shown(cell: Cell) -> Any:
    return {"error": ERROR_TYPES[cell]} if isinstance(cell, CellError) else "" if cell is None else cell


def shown(answer: dict[str, Any]) -> list[list[Any]] | str:
    """What a cell shows: its values, its cell errors, or why there is no answer at all."""
    if "value" not in answer:
        return f"{answer['error']}: {answer['message']}"
    rows = answer["value"]
    return [
        [{"error": c["errorType"]} if isinstance(c, dict) and c["type"] == "Error" else c for c in row] for row in rows
    ]


def addresses(count: int) -> list[str]:
    """So many cells of a sheet with a name that needs quotes, one column of a hundred after the other."""
    return [f"'Q1 & Q2'!{chr(65 + place // 1000)}{place % 1000 + 1}" for place in range(count)]


def formulas(count: int, seed: int = 20261120) -> list[Formula]:
    """Formulas of every kind in a mixed order: mostly plain numbers, as in a workbook, and everything else between."""
    chance = random.Random(seed)
    kinds = list(RARE)
    return [
        RARE[kinds[place // 8 % len(kinds)]](chance) if place % 8 == 0 else _plain(chance) for place in range(count)
    ]


def _plain(chance: random.Random) -> Formula:
    money, years = round(chance.uniform(-1e8, 1e8), 2), chance.randint(1, 12)
    return chance.choice(
        [
            Formula("VALUE_PER_HOUR", (money, years)),
            Formula("VALUE_PER_HOUR", (money, years, chance.randint(1, 900), 2080)),
            Formula("COMPOUND_DISCRETE", (money, chance.uniform(-0.5, 0.5), years)),
            Formula("CUMULATIVE_VALUE", (money, chance.uniform(-0.2, 0.2), years)),
            Formula("SUCCESS_RATE", (chance.randint(0, 50), chance.randint(50, 99))),
            Formula("SIGNIFICANT", (money, chance.randint(1, 15))),
        ]
    )


def _numbers(chance: random.Random, rows: int, columns: int, low: float = 0.5, high: float = 2.0) -> Range:
    return [[round(chance.uniform(low, high), 4) for _ in range(columns)] for _ in range(rows)]


RARE: dict[str, Callable[[random.Random], Formula]] = {
    "a spill": lambda chance: Formula("ALLOCATE", (chance.uniform(1, 1e6), _numbers(chance, 7, 1))),
    "a spill of two columns": lambda chance: Formula("GROUPINGS", ("Time structure",)),
    "ranges in repeated arguments": lambda chance: Formula(
        "UPLIFT", (_numbers(chance, 3, 2), 1.1, _numbers(chance, 1, 4))
    ),
    "a column against a row": lambda chance: Formula(
        "VALUE_PER_HOUR", (_numbers(chance, 4, 1, -9e6, 9e6), _numbers(chance, 1, 3, 1, 9))
    ),
    "one bad cell in a range": lambda chance: Formula("VALUE_PER_HOUR", ([[1e6], ["text"], [CellError.REF], [2e6]], 3)),
    "outside a shorter range": lambda chance: Formula(
        "SUCCESS_RATE", (_numbers(chance, 3, 1), _numbers(chance, 2, 1, 5, 9))
    ),
    "a divisor of zero": lambda chance: Formula("VALUE_PER_HOUR", (chance.uniform(1, 9), 0)),
    "outside the domain": lambda chance: Formula("VALUE_PER_HOUR", (chance.uniform(1, 9), -1)),
    "text for a number": lambda chance: Formula("VALUE_PER_HOUR", ("1,000", 3)),
    "an overflow": lambda chance: Formula("COMPOUND_CONTINUOUS", (1e300, chance.uniform(9, 99), 99)),
    "an error in an argument": lambda chance: Formula(
        "COST_PER_SUCCESS", (chance.choice([CellError.NA, CellError.DIV0, CellError.NUM]), 0)
    ),
    "a truth value": lambda chance: Formula("VALUE_PER_HOUR", (chance.uniform(1, 9), True)),
    "a blank cell": lambda chance: Formula("VALUE_PER_HOUR", (None, chance.randint(1, 9))),
    "a text result": lambda chance: Formula("OUTCOME_READ", (chance.uniform(100, 900), round(chance.random(), 2))),
    "text beyond ASCII": lambda chance: Formula("GROUP_PATH", ("Zürich", None, '"Ω" \\ \n', [["日本"], [None]])),
    "unknown": lambda chance: Formula("GROUPINGS", (f"no structure {chance.random()}",)),
}
