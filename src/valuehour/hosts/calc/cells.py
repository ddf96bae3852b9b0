"""Cells as Calc hands them to an add-in, and results as it takes them back. Runs inside LibreOffice.

Calc knows three kinds of arguments: a number (a blank cell is 0), a text, and rows of cells (a blank one is an empty
text). What is left out is nothing. An error is a number that is none, with Calc's error code in its last bits.

A function of single cells never sees rows: Calc itself calls it for every cell of a range. (It would also take an
array of results, but no text in an array equals the same text elsewhere: Calc compares where they are stored.)
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

from valuehour.errors import CellError
from valuehour.functions import Function, Records, Value
from valuehour.functions.broadcasting import plain_result

CODES = {
    CellError.NULL: 521,
    CellError.DIV0: 532,
    CellError.VALUE: 519,
    CellError.REF: 524,
    CellError.NAME: 525,
    CellError.NUM: 503,
    CellError.NA: 32767,
}
ARGUMENT_MISSING = 511

_ERRORS = {code: error for error, code in CODES.items()}
_NOT_A_NUMBER = 0x7FF8 << 48


def calculate(
    function: Function,
    arguments: Sequence[Any],
    taxonomy: Sequence[Sequence[str]] | None = None,
    records: Records | None = None,
) -> Any:
    """Call a function with what Calc hands over; give what Calc takes: a cell, or rows if the function gives an array.

    >>> from valuehour.functions import FUNCTIONS
    >>> calculate(FUNCTIONS["VALUE_PER_HOUR"], (87600.0, 2.0, None, None))
    5.0
    >>> calculate(FUNCTIONS["ALLOCATE"], (10.0, ((3.0,), ("",), (1.0,)), None))
    ((7.5,), (0.0,), (2.5,))
    """
    count = len(arguments)
    while count and arguments[count - 1] is None:
        count -= 1
    given = arguments[:count]
    result = plain_result(function, given)  # straight away: nearly every cell of a sheet makes such a call
    if result is not None:
        return result
    if count < function.counts[0]:
        result = error_number(ARGUMENT_MISSING)
    else:
        cells = [_received(argument) for argument in given]
        if not function.aggregates and list in map(type, cells):
            return error_number(CODES[CellError.VALUE])
        value: Value = function.evaluate(*cells, taxonomy=taxonomy, records=records)
        if isinstance(value, list):
            return tuple([tuple([_sent(cell) for cell in row]) for row in value])
        result = _sent(value)
    return ((result,),) if function.returns_array else result


def error_number(code: int) -> float:
    """An error of Calc, as a number that is none."""
    number: float = struct.unpack("<d", struct.pack("<Q", _NOT_A_NUMBER | code))[0]
    return number


def _received(argument: Any) -> Any:
    if not isinstance(argument, tuple):
        return _cell(argument)
    rows = [[_received_in_range(cell) for cell in row] for row in argument]
    return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows


def _received_in_range(cell: Any) -> Any:
    return None if cell == "" else _cell(cell)


def _cell(cell: Any) -> Any:
    if cell != cell:
        code = struct.unpack("<Q", struct.pack("<d", cell))[0] & 0xFFFF
        return _ERRORS.get(code, CellError.VALUE)
    return cell


def _sent(cell: Any) -> Any:
    return error_number(CODES.get(cell, CODES[CellError.VALUE])) if isinstance(cell, CellError) else cell
