"""Cells as Excel sends them through Office.js, calls as xlwings' client code posts them, and results as cells again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import xlwings
import xlwings.server

from tests.error_types import ERROR_TYPES
from tests.parity.engines import CANCELS, agree, number
from tests.parity.engines import cells as every
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS, Function, Value


def payload(name: str, arguments: Sequence[Any]) -> list[Any]:
    """The arguments of a call: each is rows of cells; those of a variable argument stand in a list of their own."""
    function = FUNCTIONS[name]
    given = [rows_of(argument) for argument in arguments]
    if function.variadic:
        return [given]
    return given + [None] * (len(function.arguments) - len(given))


def rows_of(argument: Any) -> list[list[Any]]:
    """One argument as Excel on the desktop sends it: a blank single cell is 0, a blank in a range is null."""
    if isinstance(argument, list):
        return [[_sent(cell) for cell in row] for row in argument]
    return [[0 if argument is None else _sent(argument)]]


def _sent(cell: Any) -> Any:
    if isinstance(cell, CellError):
        return {"type": "Error", "basicType": "Error", "basicValue": str(cell), "errorType": ERROR_TYPES.get(cell)}
    return cell


def body(name: str, arguments: list[Any], *, runtime: str = "1.4") -> dict[str, Any]:
    """What the client code of xlwings posts for one call."""
    return {
        "client": "Office.js",
        "func_name": name,
        "args": arguments,
        "caller_address": "[Book1.xlsx]Sheet1!A1",
        "session_id": "1",
        "culture_info_name": "en-US",
        "date_format": "m/d/yyyy",
        "version": xlwings.__version__,
        "runtime": runtime,
    }


def post(module: ModuleType, name: str, arguments: list[Any], *, runtime: str = "1.4") -> Any:
    """One call through xlwings' own code for servers, as JSON there and back."""
    request = json.loads(json.dumps(body(name, arguments, runtime=runtime)))
    result = asyncio.run(xlwings.server.custom_functions_call(request, module))
    return json.loads(json.dumps(result, allow_nan=False))


def cells(result: Any) -> Value:
    """What Office.js makes of a result: a cell if it is one, else rows."""
    types = {name: error for error, name in ERROR_TYPES.items()}
    rows = [[types[cell["errorType"]] if isinstance(cell, dict) else cell for cell in row] for row in result]
    return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows


def expected(function: Function, arguments: Sequence[Any], taxonomy: Any) -> Value:
    """What Python says, in the shape that Office.js shows: with the differences that hosts of Excel have."""
    value = function.evaluate(*map(_blank_texts_gone, arguments), taxonomy=taxonomy)
    rows = value if isinstance(value, list) else [[value]]
    shown = [[CellError.VALUE if cell in (CellError.SPILL, CellError.CALC) else cell for cell in row] for row in rows]
    return shown[0][0] if len(shown) == len(shown[0]) == 1 else shown


def _blank_texts_gone(argument: Any) -> Any:
    if isinstance(argument, list):
        return [[None if cell == "" else cell for cell in row] for row in argument]
    return None if argument == "" else argument


def agrees(found: Sequence[Sequence[Any]], name: str, arguments: Sequence[Any], taxonomy: Any) -> bool:
    """Whether rows of cells hold what Python says, to twelve digits: arithmetic may differ between machines."""
    value = expected(FUNCTIONS[name], arguments, taxonomy)
    rows = value if isinstance(value, list) else [[value]]
    if [len(row) for row in rows] != [len(row) for row in found]:
        return False
    largest = max((abs(n) for n in map(number, every(arguments)) if n is not None), default=0.0)
    measure = largest if name in CANCELS else 0.0
    return all(agree(*pair, measure) for both in zip(rows, found, strict=True) for pair in zip(*both, strict=True))
