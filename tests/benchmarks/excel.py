"""Calls through xlwings' code for Office.js hosts: with our converter, and with xlwings' own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import xlwings
import xlwings.server

from tests.benchmarks.timing import Row, in_turns, timed
from tests.officejs import body, payload
from valuehour.functions import FUNCTIONS
from valuehour.hosts import udfs

NAME = "VALUE_PER_HOUR"


@xlwings.server.func
@xlwings.server.arg("total_value", ndim=2, err_to_str=True)
@xlwings.server.arg("years", ndim=2, err_to_str=True)
@xlwings.server.arg("employees", ndim=2, err_to_str=True)
@xlwings.server.arg("hours_per_year", ndim=2, err_to_str=True)
def with_their_converter(total_value: Any, years: Any, employees: Any = 1.0, hours_per_year: Any = 8760.0) -> Any:
    """The same function with xlwings' own conversion of ranges."""
    return FUNCTIONS[NAME].evaluate(total_value, years, employees, hours_per_year)


def rows(*, quick: bool) -> Iterator[Row]:
    """Many calls of one cell, and one call of many cells."""
    single, long, runs = (50, 500, 2) if quick else (10_000, 100_000, 7)
    theirs = SimpleNamespace(**{NAME: with_their_converter})
    column = [[88e6 + place] for place in range(long)]
    for what, bodies in (
        (f"{single:,} calls of one cell", [body(NAME, payload(NAME, (88e6 + place, 3))) for place in range(single)]),
        (f"one call of {long:,} cells", [body(NAME, payload(NAME, (column, 3)))]),
    ):
        with patch.dict(sys.modules, {"pyodide": None}):  # as the server has it
            own, others = in_turns(
                runs, timed(lambda b=bodies: _call(udfs, b)), timed(lambda b=bodies: _call(theirs, b))
            )
        yield Row(what=f"{what} through xlwings", own=own, rival="xlwings' own converter", others=others, most_times=1)


def _call(module: Any, bodies: list[dict[str, Any]]) -> None:
    async def every() -> None:
        for each in bodies:
            await xlwings.server.custom_functions_call(each, module)

    asyncio.run(every())
