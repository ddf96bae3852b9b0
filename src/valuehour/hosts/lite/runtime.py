"""Calls of our functions from a page of our own: many at once, as one text each way. Runs in the browser.

The page hands over what Excel gave it. An argument is rows of cells, or null if it was left out; so a blank cell and
an argument that was left out stay apart, which they do not everywhere.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from valuehour.functions import FUNCTIONS, Function
from valuehour.hosts.excel.calls import calculate
from valuehour.hosts.excel.cells import received, sent
from valuehour.hosts.lite.functions import taxonomy


def answer(calls: str) -> str:
    """Answer calls, each ``[name, [argument, ...]]``, in their order, each with the rows of its result.

    An error stands in a row as ``{"error": "#NUM!"}``.

    >>> answer('[["SUCCESS_RATE", [[[1]], [[4]]]], ["SUCCESS_RATE", [[[5]], [[4]]]]]')
    '[[[0.25]], [[{"error": "#NUM!"}]]]'
    """
    return json.dumps([_result(name, arguments) for name, arguments in json.loads(calls)], allow_nan=False)


def _result(name: str, arguments: Sequence[Any]) -> list[list[Any]]:
    function = FUNCTIONS[name]
    return sent(calculate(function, _given(function, arguments), taxonomy), lambda error: {"error": str(error)})


def _given(function: Function, arguments: Sequence[Any]) -> list[Any]:
    if function.variadic:  # Excel hands over all of them as one
        return [_cells(rows) for rows in arguments[0]]
    return [
        argument.default if rows is None and argument.optional else _cells(rows)
        for argument, rows in zip(function.arguments, arguments, strict=False)
    ]


def _cells(rows: Any) -> Any:
    """An argument as the functions take it: one cell alone is no range."""
    cells = received(rows)
    return cells[0][0] if isinstance(cells, list) and len(cells) == len(cells[0]) == 1 else cells
