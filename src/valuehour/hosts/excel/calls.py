"""One call of a function from a cell of Excel: what a sheet can ask for, and what the host looks up for it.

Nothing here needs xlwings: it also runs where Python runs in the browser.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, TypeAlias

from valuehour.errors import CellError
from valuehour.functions import Function, Records, Value
from valuehour.functions.broadcasting import plain_result
from valuehour.functions.ranges import is_range

NAMESPACE = "VH"
LARGEST_RESULT = 2_000_000
"""Cells. Two long ranges can ask for more than any machine holds: a column against a row gives a grid."""

RECORDS: ContextVar[Records | None] = ContextVar("records", default=None)
"""The records that whoever makes the call may see. A host that has a ledger sets them; elsewhere there are none."""

Rows: TypeAlias = Sequence[Sequence[str]]


def calculate(function: Function, cells: Sequence[Any], taxonomy: Callable[[], Rows]) -> Value:
    """The result of a call, as cells; ``taxonomy`` is asked only by functions that look something up there."""
    result: Value = plain_result(function, cells)  # straight away: nearly every cell of a sheet makes such a call
    if result is not None:
        return result
    if not _is_allowed(function, cells):
        return CellError.VALUE
    rows = taxonomy() if function.needs_taxonomy else None
    return function.evaluate(*cells, taxonomy=rows, records=RECORDS.get())


def _is_allowed(function: Function, cells: Sequence[Any]) -> bool:
    """Whether there are as many arguments, and will be as many results, as a sheet can take."""
    fewest, most = function.counts
    if not fewest <= len(cells) <= most:
        return False
    ranges: list[Any] = [cell for cell in cells if is_range(cell)]
    if function.aggregates or not ranges:
        return True
    return max(map(len, ranges)) * max(len(rows[0]) for rows in ranges) <= LARGEST_RESULT
