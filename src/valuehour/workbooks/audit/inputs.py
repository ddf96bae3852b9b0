"""Rules for inputs: where they stand, whether they are used, what they are measured in, how they are stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from valuehour.ooxml import Area, format_cell
from valuehour.workbooks.audit.model import Grid, Model, Spot
from valuehour.workbooks.audit.rules import Finding, finding
from valuehour.workbooks.lint.formulas import shortened

REACH = 6
"""How many columns away from a number its unit may stand."""
SHORT = 24
"""Letters a unit has at most."""

_CODES = (
    "AED|ARS|AUD|BGN|BRL|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW|KWD|MAD|MXN|MYR|NGN|NOK|"
    "NZD|PEN|PHP|PLN|QAR|RON|RSD|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|VND|ZAR"
)
_WORDS = (
    r"percent(?:age)?|pct|shares?|ratios?|factors?|multipliers?|multiples?|index|scores?|points?|ranks?|count|counts|"
    r"numbers?|no\.|qty|quantit(?:y|ies)|units?|items?|pieces|people|persons?|heads?|headcount|fte|ftes|employees|users|"
    r"customers|runs|attempts|successes|decisions|places|decimals|digits|cents?|dollars?|euros?|pounds?|thousands?|"
    r"millions?|billions?|seconds?|secs?|ms|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|quarters?|years?|yrs?|dates?|"
    r"per|each|kg|tons?|tonnes|km|miles|m2|sqm|kwh|mwh|litres?|liters?|gb|mb|tokens?"
)
_UNIT = re.compile(
    rf"[%‰$€£¥₹×°]|\([^()]{{1,24}}\)\s*$|\[[^\[\]]{{1,24}}\]|\b(?:{_CODES})\b|(?i:\b(?:{_WORDS})\b)|\w\s?/\s?\w"
)
_UNIT_HEAD = re.compile(r"\s*(?:units?|uom|unit of measure(?:ment)?|measured in|measure)\s*", re.IGNORECASE)
_NUMBER_TEXT = re.compile(r"\s*[-+]?(?:[0-9]{1,3}(?:[ ,'][0-9]{3})+|[0-9]+)(?:[.,][0-9]+)?\s*%?\s*")


def check_inputs(model: Model) -> Iterator[Finding]:
    """Yield what is wrong with the inputs of each sheet."""
    for grid in model.grids:
        yield from _misplaced(model, grid)
        yield from _unused(model, grid)
        yield from _without_unit(model, grid)
        yield from _as_text(grid)


def _typed(grid: Grid) -> Iterator[Spot]:
    for spot, cell in grid.cells.items():
        if cell.formula is None and isinstance(cell.value, float):
            yield spot


def _misplaced(model: Model, grid: Grid) -> Iterator[Finding]:
    if not model.marks_inputs or not grid.formulas:
        return
    spots = [s for s in _typed(grid) if (grid.name, *s) in model.used and not model.is_input(grid, s)]
    for run in _below_each_other(spots):
        where = str(Area(*run[0], *run[-1]))
        if len(run) == 1:
            found = f"{grid.cells[run[0]].value:.15g}, which formulas use"
        else:
            found = f"{len(run)} numbers, which formulas use"
        yield finding("input-misplaced", grid.name, where, found)


def _below_each_other(spots: Iterable[Spot]) -> list[list[Spot]]:
    """Cells in runs down their columns.

    >>> _below_each_other([(1, 2), (1, 1), (2, 1)])
    [[(1, 1), (2, 1)], [(1, 2)]]
    """
    runs: list[list[Spot]] = []
    for row, column in sorted(spots, key=lambda spot: (spot[1], spot[0])):
        if runs and runs[-1][-1] == (row - 1, column):
            runs[-1].append((row, column))
        else:
            runs.append([(row, column)])
    return runs


# Unused ----------------------------------------------------------------------------------------------------


def _unused(model: Model, grid: Grid) -> Iterator[Finding]:
    """Yield inputs nobody refers to: named or validated cells for numbers or choices, and numbers beside used ones.

    Texts that only explain (a source, an approver) are no inputs of a calculation.
    """
    told: set[Spot] = set()
    for (sheet, *at), name in model.name_of.items():
        spot = (at[0], at[1])
        if sheet != grid.name or spot in grid.formulas or grid.body_of(spot):
            continue
        kind = model.validated(grid, spot)
        counts = grid.is_number(spot) or kind in ("whole", "decimal", "list")
        if counts and (sheet, *spot) not in model.used:
            told.add(spot)
            yield finding("input-unused", sheet, format_cell(*spot), f"the input {name}")
    for rule in grid.around.validations:
        if rule.kind in ("whole", "decimal"):
            for area in rule.areas:
                yield from _unused_area(model, grid, area, told)
    columns = {c for r, c in _typed(grid) if (grid.name, r, c) in model.used and not grid.body_of((r, c))}
    for spot in _typed(grid):
        beside = spot[1] in columns and _is_labelled(grid, spot) and grid.body_of(spot) is None
        if beside and spot not in told and (grid.name, *spot) not in model.used:
            told.add(spot)
            found = f"{grid.cells[spot].value:.15g}, beside inputs in use"
            yield finding("input-unused", grid.name, format_cell(*spot), found)


def _unused_area(model: Model, grid: Grid, area: Area, told: set[Spot]) -> Iterator[Finding]:
    """A validated range; in a table it is one input a column."""
    if area.size > 100_000:
        return
    for spot in area.cells():
        if spot in told or spot in grid.formulas:
            continue
        table = grid.body_of(spot)
        if table is None:
            if (grid.name, *spot) not in model.used:
                told.add(spot)
                yield finding("input-unused", grid.name, format_cell(*spot), "a cell that takes a number")
            continue
        column = [(row, spot[1]) for row in range(table[1].top, table[1].bottom + 1)]
        if spot not in told and not any((grid.name, *one) in model.used for one in column):
            head = table[0].columns[spot[1] - table[1].left].name
            yield finding("input-unused", grid.name, format_cell(*column[0]), f"the column {head!r} of {table[0].name}")
        told.update(column)


def _is_labelled(grid: Grid, spot: Spot) -> bool:
    """Whether a text was typed left of a cell."""
    left = (grid.cells.get((spot[0], column)) for column in range(max(1, spot[1] - REACH), spot[1]))
    return any(cell is not None and cell.formula is None and isinstance(cell.value, str) for cell in left)


# Units -----------------------------------------------------------------------------------------------------


def _without_unit(model: Model, grid: Grid) -> Iterator[Finding]:
    told: set[tuple[str, int]] = set()
    above: Spot | None = None
    spots = {spot for spot in _typed(grid) if (grid.name, *spot) in model.used}
    for rule in grid.around.validations:
        if rule.kind in ("whole", "decimal"):
            areas = [area for area in rule.areas if area.size <= 100_000]
            spots |= {spot for area in areas for spot in area.cells() if spot not in grid.formulas}
    for spot in sorted(spots, key=lambda s: (s[1], s[0])):
        row, column = spot
        table = grid.body_of(spot)
        if table is not None:
            first = (table[1].top, column)
            if (table[0].name, column) in told:
                continue
            told.add((table[0].name, column))
            if not _has_unit(model, grid, spot, table[1].top - 1):
                head = table[0].columns[column - table[1].left].name
                yield finding("unit-missing", grid.name, format_cell(*first), f"the column {head!r} of {table[0].name}")
            continue
        if not _has_unit(model, grid, spot, None):
            # Numbers below each other are told once, at the first of them.
            if above != (row - 1, column):
                value = grid.cells[spot].value if spot in grid.cells else "a cell that takes a number"
                shown = f"{value:.15g}" if isinstance(value, float) else str(value)
                yield finding("unit-missing", grid.name, format_cell(row, column), shown)
            above = spot


def _has_unit(model: Model, grid: Grid, spot: Spot, head: int | None) -> bool:
    cell = grid.cells.get(spot)
    if cell is not None and cell.style in model.styles.with_unit:
        return True
    row, column = spot
    if head is None:
        for near in (*range(column - 1, max(0, column - REACH - 1), -1), *range(column + 1, column + REACH + 1)):
            text = _text(grid, (row, near))
            if text and (_UNIT.search(text) or _stands_under_unit(grid, (row, near))):
                return True
        head = next((r for r in range(row - 1, 0, -1) if _text(grid, (r, column))), None)
    if head is None:
        return False
    above = grid.cells.get((head - 1, column))
    if above is not None and isinstance(above.value, str) and len(above.value) <= SHORT:
        return True  # a line of units above the heads, blank as long as its own input is
    text = _text(grid, (head, column))
    return text is not None and _UNIT.search(text) is not None


def _stands_under_unit(grid: Grid, spot: Spot) -> bool:
    """Whether a text stands in a column that is headed "Unit"."""
    row, column = spot
    for above in range(row - 1, 0, -1):
        text = _text(grid, (above, column))
        if text is None and (above, column) not in grid.cells:
            continue
        if text is not None and _UNIT_HEAD.fullmatch(text):
            return True
    return False


def _text(grid: Grid, spot: Spot) -> str | None:
    cell = grid.cells.get(spot)
    return cell.value if cell is not None and isinstance(cell.value, str) else None


# Stored as text --------------------------------------------------------------------------------------------


def _as_text(grid: Grid) -> Iterator[Finding]:
    for spot, cell in grid.cells.items():
        if cell.formula is not None or not isinstance(cell.value, str) or not _NUMBER_TEXT.fullmatch(cell.value):
            continue
        row, column = spot
        table = grid.body_of(spot)
        near = [(row - 1, column), (row + 1, column)]
        if table is not None:
            near = [s for s in near if table[1].top <= s[0] <= table[1].bottom]
        elif spot not in _below_top(grid, spot):
            near = []
        if any(_is_amount(grid, one) for one in near):
            yield finding("number-as-text", grid.name, cell.ref, f"the text {shortened(cell.value)!r} among numbers")


def _below_top(grid: Grid, spot: Spot) -> tuple[Spot, ...]:
    """The spot itself unless it heads its column: a year written as text above figures is a heading."""
    row, column = spot
    return (spot,) if _is_amount(grid, (row - 1, column)) else ()


def _is_amount(grid: Grid, spot: Spot) -> bool:
    return spot in grid.cells and isinstance(grid.cells[spot].value, float)
