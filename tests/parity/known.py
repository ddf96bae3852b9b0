"""The numbered differences of docs/differences.md, as far as they touch a comparison of generated calls.

A difference explains one pair of values exactly: what Python says and what the engine must then say. Anything else
that differs is a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from tests.parity.engines import Call, cells
from valuehour.errors import CellError
from valuehour.functions import Cell, group_path

EPSILON = 2.220446049250313e-16


class Known(NamedTuple):
    """One numbered difference in one engine."""

    number: int
    engine: str
    explains: Callable[[Call, Cell, Cell], bool]


def _power_overflows(call: Call, wanted: Cell, found: Cell) -> bool:
    return call.name == "COMPOUND_DISCRETE" and (wanted, found) == (CellError.NUM, CellError.DIV0)


def _tiny_numbers_are_equal(call: Call, wanted: Cell, found: Cell) -> bool:
    if not any(isinstance(cell, float) and 0 < abs(cell) < EPSILON for cell in cells(call.arguments)):
        return False
    return found == Call(call.name, tuple(_with_cells(call.arguments, _without_tiny))).expected


def _plain_digits_in_texts(call: Call, wanted: Cell, found: Cell) -> bool:
    if call.name != "GROUP_PATH" or not isinstance(wanted, str):
        return False
    return found == group_path(*_with_cells(call.arguments, _ironcalc_text))


def _booleans_as_numbers_in_texts(call: Call, wanted: Cell, found: Cell) -> bool:
    if call.name != "GROUP_PATH" or not isinstance(wanted, str):
        return False
    return found == group_path(*_with_cells(call.arguments, lambda c: str(int(c)) if isinstance(c, bool) else c))


def _power_underflows(call: Call, wanted: Cell, found: Cell) -> bool:
    return call.name == "COMPOUND_DISCRETE" and (wanted, found) == (0.0, CellError.NUM)


def _infinity_on_the_way(call: Call, wanted: Cell, found: Cell) -> bool:
    names = {"VALUE_PER_HOUR", "COMPOUND_CONTINUOUS", "COMPOUND_FLYWHEEL", "CUMULATIVE_VALUE"}
    return call.name in names and (wanted, found) == (CellError.NUM, 0.0)


KNOWN = (
    Known(5, "ironcalc", _power_overflows),
    Known(6, "ironcalc", _tiny_numbers_are_equal),
    Known(7, "ironcalc", _plain_digits_in_texts),
    Known(8, "ironcalc", _infinity_on_the_way),
    Known(10, "libreoffice", _power_underflows),
    Known(11, "libreoffice", _booleans_as_numbers_in_texts),
)


def _with_cells(arguments: Iterable[Any], change: Callable[[Any], Any]) -> list[Any]:
    return [
        [[change(cell) for cell in row] for row in argument] if isinstance(argument, list) else change(argument)
        for argument in arguments
    ]


def _without_tiny(cell: Any) -> Any:
    return 0.0 if isinstance(cell, float) and abs(cell) < EPSILON else cell


def _ironcalc_text(cell: Any) -> Any:
    if isinstance(cell, bool) or not isinstance(cell, int | float) or abs(cell) < EPSILON:
        return None if isinstance(cell, float) and abs(cell) < EPSILON else cell
    text = format(Decimal(repr(float(cell))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
