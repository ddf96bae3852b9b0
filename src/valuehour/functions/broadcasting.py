"""Worksheet behaviour: cells and ranges in, cells out. One broadcasting mechanism for every function.

A range is worked off in blocks. A block of plain numbers that no rule can refuse goes straight through the bare
body; anything else is judged row by row, so a bad cell costs only its neighbourhood and spoils only its own result.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain, repeat
from typing import Any, cast

from valuehour.errors import CellError, FunctionError, UsageError
from valuehour.functions.definition import Definition
from valuehour.functions.ranges import Cell, Range, Value, is_range, shape, stretched

BLOCK = 2048
SMALL_BLOCK = 16
_OUTSIDE = object()  # where one range does not reach: #N/A, before anything is judged


def evaluate(definition: Definition, cells: Sequence[Cell | Range], tables: Mapping[str, object]) -> Value:
    """The function as a worksheet calculates it, with the tables of its host; bad cells come back as error cells."""
    definition.check_count(len(cells))
    result = plain_result(definition, cells)
    if result is not None:
        return cast(Cell, result)
    if definition.tables:
        definition = _with(definition, tables)
    given: list[Any] = [_rows(cell) if is_range(cell) else cell for cell in cells]
    shapes = [shape(cell) for cell in given if isinstance(cell, list)]
    if definition.aggregates:
        return _aggregate(definition, given)
    given += definition.defaults(len(given))
    if not shapes:
        return _one(definition, given)
    height, width = max(rows for rows, _ in shapes), max(columns for _, columns in shapes)
    columns = [_spread(cell, height, width) if isinstance(cell, list) else [cell] for cell in given]
    results: list[Cell] = []
    judged: dict[tuple[Any, ...], Cell] = {}
    for start in range(0, height * width, BLOCK):
        end = min(start + BLOCK, height * width)
        results += _block(definition, _part(columns, start, end), end - start, judged)
    if width == 1:
        return [[result] for result in results]
    return [results[start : start + width] for start in range(0, height * width, width)]


def plain_result(definition: Definition, cells: Sequence[Any]) -> Any:
    """The result of a call of plain numbers inside the domain; None for any other call.

    Thousands of cells make such a call at once: it goes straight to the body.
    """
    domain = definition.domain
    if domain is None:
        return None
    values = (*cells, *domain.defaults[len(cells) :])
    if not domain.holds(values):
        return None
    try:
        result = definition.body(*values)
    except (ArithmeticError, FunctionError):
        return None
    return None if isinstance(result, float) and not math.isfinite(result) else result


def _with(definition: Definition, tables: Mapping[str, object]) -> Definition:
    """The function with the tables that it looks up put in."""
    if definition.needs_taxonomy and tables["taxonomy"] is None:
        raise UsageError(f"{definition.name} looks up the taxonomy of its host; none was given")
    own = {name: tables[name] for name in definition.tables}
    return replace(definition, python=partial(definition.python, **own), body=partial(definition.body, **own))


def _aggregate(definition: Definition, given: list[Any]) -> Value:
    """One call over whole ranges; a range of one cell is that cell, a single weight a range of one."""
    values = []
    for (_, argument), value in zip(definition.named_arguments(len(given)), given, strict=True):
        is_block = argument.whole_range and not argument.variadic
        cell = value[0][0] if isinstance(value, list) and len(value) == len(value[0]) == 1 else value
        cell = 0.0 if cell is None and argument.kind == "number" else cell
        values.append([[cell]] if is_block and not isinstance(cell, list) else cell)
    try:
        result = definition.python(*values)
    except FunctionError as error:
        return error.cell_error
    return cast(Value, result)


def _rows(cell: Iterable[Any]) -> list[Any]:
    rows = list(cell)
    return rows if set(map(type, rows)) <= {list, tuple} else [list(row) if is_range(row) else row for row in rows]


def _spread(rows: list[Sequence[Any]], height: int, width: int) -> list[Any]:
    """The cells of a range in the shape of the result, row by row; #N/A where the range does not reach."""
    if len(rows[0]) == 1:
        rows = [[row[0]] * width for row in rows] if width > 1 else rows
    elif len(rows[0]) < width:
        rows = [[*row, *repeat(_OUTSIDE, width - len(row))] for row in rows]
    if len(rows) == 1:
        return list(rows[0]) * height
    flat = list(chain.from_iterable(rows))
    return flat + [_OUTSIDE] * (height * width - len(flat))


def _one(definition: Definition, values: Sequence[Any]) -> Cell:
    """One call over plain cells; a blank counts as 0."""
    if _OUTSIDE in values:
        return CellError.NA
    try:
        return cast(Cell, definition.python(*(0.0 if value is None else value for value in values)))
    except FunctionError as error:
        return error.cell_error


def _part(columns: list[list[Any]], start: int, end: int) -> list[list[Any]]:
    """Some rows of columns; a column of one cell stands for that cell in every row."""
    return [column if len(column) == 1 else column[start:end] for column in columns]


def _block(
    definition: Definition, columns: list[list[Any]], size: int, judged: dict[tuple[Any, ...], Cell]
) -> list[Cell]:
    """The results of a block of rows: at once if nothing in it needs judging, else half by half, then row by row.

    Rows that were judged are remembered: bad rows are often the same row many times, such as a blank one.
    """
    numbers = [_plain(column) for column in columns]
    if None not in numbers:
        plain = cast("list[list[float]]", numbers)
        by_name = {argument.name: column for argument, column in zip(definition.arguments, plain, strict=True)}
        if not any(rule.may_hold(by_name) for rule in definition.rules):
            results = _mapped(definition.body, [stretched(column, size) for column in plain])
            if results is not None:
                return results
    if size > SMALL_BLOCK:
        half = size // 2
        return _block(definition, _part(columns, 0, half), half, judged) + _block(
            definition, _part(columns, half, size), size - half, judged
        )
    cells = []
    for row in zip(*(stretched(column, size) for column in columns), strict=True):
        if row not in judged:
            judged[row] = _one(definition, row)
        cells.append(judged[row])
    return cells


def _plain(column: list[Any]) -> list[float] | None:
    """The column as finite floats, a blank as 0; None if it holds anything but plain numbers and blanks."""
    types = set(map(type, column))
    if type(None) in types and types <= {float, int, type(None)}:
        column = [0.0 if cell is None else cell for cell in column]
        types = set(map(type, column))
    if types == {float}:
        return column if all(map(math.isfinite, column)) else None
    if types <= {float, int}:
        try:
            return list(map(float, column))
        except OverflowError:
            return None
    return None


def _mapped(body: Callable[..., Any], columns: list[Iterable[float]]) -> list[Cell] | None:
    """The bare body over whole columns, or None if it refuses a row or a result is not a finite number."""
    try:
        results = list(map(body, *columns))
    except (ArithmeticError, FunctionError):
        return None
    if float in map(type, results[:1]) and not all(map(math.isfinite, results)):
        return None
    return results
