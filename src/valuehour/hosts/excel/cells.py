"""Cells as Excel hands them over, and results as it takes them back.

An error cell stays that error and is no text, a blank stays blank, ranges keep their rows, and a range of plain
numbers is taken as it is. Nothing here needs xlwings: it also runs where Python runs in the browser.

============  ==========================================  =====================================
cell          Office.js (Server, Lite, Wasm)              COM (classic)
============  ==========================================  =====================================
number        a number, or an object that holds it        float, or Decimal if it is a currency
date          its serial number                           datetime
blank         null, or an empty text                      None
error         an object that holds it                     a whole number
============  ==========================================  =====================================
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from valuehour.errors import CellError
from valuehour.functions import Cell, Range, Value

_READY_FROM_OFFICEJS = {float, int}
_READY_FROM_COM = {float, bool, str, type(None)}  # its whole numbers are errors
_ERRORS = {str(error): error for error in CellError}
_ERROR_NUMBERS = {
    -2146826288: CellError.NULL,
    -2146826281: CellError.DIV0,
    -2146826273: CellError.VALUE,
    -2146826265: CellError.REF,
    -2146826259: CellError.NAME,
    -2146826252: CellError.NUM,
    -2146826246: CellError.NA,
    -2146826243: CellError.SPILL,
    -2146826238: CellError.CALC,
}
_ANY_ERROR_NUMBER = range(-2146826288, -2146826188)
_NOT_RETURNED = (CellError.SPILL, CellError.CALC)  # no function may give these back
_JS_NULL = "JsNull"  # null in Pyodide, which has a type of its own for it
_DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001  cells know no time zone
_DAY = 86400.0


def received(value: Any, *, officejs: bool = True) -> Cell | Range:
    """An argument as our functions take it: a cell, or rows of cells.

    >>> received(3), received([[1.0], [""]]), received({"type": "Error", "basicValue": "#N/A"})
    (3.0, [[1.0], [None]], <CellError.NA: '#N/A'>)
    """
    cell = _from_officejs if officejs else _from_com
    if not isinstance(value, list | tuple):
        single: Cell = cell(value)
        return single
    rows = value if value and isinstance(value[0], list | tuple) else [value]
    if set(map(type, chain.from_iterable(rows))) <= (_READY_FROM_OFFICEJS if officejs else _READY_FROM_COM):
        return rows
    return [list(map(cell, row)) for row in rows]


def _from_officejs(value: Any) -> Any:
    kind = type(value)
    if kind is float or kind is bool or value is None:
        return value
    if kind is int:
        return _float(value)
    if kind is str:
        return value or None
    if kind is dict:
        basic = value.get("basicValue")
        if "Error" in (value.get("type"), value.get("basicType")):
            return _ERRORS.get(basic, CellError.VALUE) if type(basic) is str else CellError.VALUE
        return CellError.VALUE if type(basic) is dict else _from_officejs(basic)
    return None if kind.__name__ == _JS_NULL else CellError.VALUE


def _from_com(value: Any) -> Any:
    kind = type(value)
    if kind is float or kind is bool or kind is str or value is None:
        return value
    if kind is int:
        return _ERROR_NUMBERS.get(value, CellError.VALUE) if value in _ANY_ERROR_NUMBER else _float(value)
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - _DAY_ZERO).total_seconds() / _DAY
    return float(value) if kind is Decimal else CellError.VALUE


def _float(value: int) -> float | int:
    try:
        return float(value)
    except OverflowError:
        return value  # larger than any cell; our functions refuse it


def sent(value: Value, error: Callable[[CellError], Any]) -> list[list[Any]]:
    """A result as rows of cells, with each error as the host writes it.

    >>> sent(CellError.NUM, str), sent([[1.5, "low"]], str)
    ([['#NUM!']], [[1.5, 'low']])
    """
    rows: list[list[Any]] = value if isinstance(value, list) else [[value]]
    if {CellError, type(None)}.isdisjoint(map(type, chain.from_iterable(rows))):
        return rows
    return [[_sent(cell, error) for cell in row] for row in rows]


def _sent(cell: Cell, error: Callable[[CellError], Any]) -> Any:
    if isinstance(cell, CellError):
        return error(CellError.VALUE if cell in _NOT_RETURNED else cell)
    return "" if cell is None else cell
