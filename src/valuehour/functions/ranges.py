"""Cells and ranges as hosts hand them over: a cell is a scalar, a range is a list of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, repeat
from typing import Any, TypeAlias, TypeGuard

from valuehour.errors import CellError, UsageError

Cell: TypeAlias = float | int | str | bool | CellError | None
Range: TypeAlias = Sequence[Sequence[Cell]]
Value: TypeAlias = Cell | list[list[Cell]]

MAX_VARIADIC = 8


def is_range(value: object) -> TypeGuard[Iterable[Any]]:
    """Whether this is a range (a sequence, an array, a column of a table) and not a single cell."""
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | type)


def shape(rows: list[Any]) -> tuple[int, int]:
    """Rows and columns of a range; a range without cells or with rows of unequal length is refused."""
    widths = {len(row) if isinstance(row, list | tuple) else 0 for row in rows}
    if len(widths) != 1 or 0 in widths:
        raise UsageError("a range is a list of rows of equal length, with at least one cell")
    return len(rows), widths.pop()


def flat(values: Iterable[Any]) -> list[Any]:
    """The cells of a flat or nested range, row by row.

    >>> flat([[1, 2], [3, 4]]), flat((1, 2))
    ([1, 2, 3, 4], [1, 2])
    """
    cells = list(values)
    if any(is_range(cell) for cell in _samples(cells)):
        return [cell for row in cells for cell in row]
    return cells


def like(parts: Sequence[float], values: Iterable[Any]) -> list[Any]:
    """Parts laid out in the shape of a flat or nested range.

    >>> like([1.0, 2.0, 3.0, 4.0], [[9, 9], [9, 9]])
    [[1.0, 2.0], [3.0, 4.0]]
    """
    rows = list(values)
    if not any(is_range(row) for row in _samples(rows)):
        return list(parts)
    widths = list(map(len, rows))
    if set(widths) == {1}:
        return [[part] for part in parts]
    ends = list(accumulate(widths))
    return [list(parts[end - width : end]) for end, width in zip(ends, widths, strict=True)]


def stretched(column: Sequence[Any], size: int) -> Iterable[Any]:
    """A column of that many cells; one cell alone is repeated."""
    return column if len(column) == size else repeat(column[0], size)


def _samples(cells: list[Any]) -> list[Any]:
    """One value of each type that occurs: whether a value is a range depends on its type alone."""
    return list(dict(zip(map(type, cells), cells, strict=True)).values())
