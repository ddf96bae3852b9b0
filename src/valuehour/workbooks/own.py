"""What of a sheet is the planner's and what the template's: told from the empty workbook of the file's own version.

The file is read once. Of records, of which there are very many, only the styles are kept, column by column.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from valuehour.errors import WorkbookError
from valuehour.ooxml import Area, Cell, Package, Table, parse_area, read_cells
from valuehour.ooxml.remap import Offsets, SheetMove
from valuehour.workbooks.data import table_rules
from valuehour.workbooks.moves import BySheet, Label, Labels, Pair, Place, labels_of
from valuehour.workbooks.read import Values, named_cells
from valuehour.workbooks.spec import Template, column_key, column_keys

_FREE = ("in_", "valuehour_")


@dataclass(slots=True)
class Own:
    """What is the planner's on one sheet."""

    cells: dict[Place, Cell] = field(default_factory=dict)
    """Cells where the template has none, by their old place."""
    styles: dict[Place, int] = field(default_factory=dict)
    """Cells of the template that were drawn otherwise, by their old place."""
    overwritten: dict[Place, Cell] = field(default_factory=dict)
    """Labels and formulas of the template over which something else was typed."""


# Reading ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Drawn:
    """The rows of one column of records, and their styles."""

    rows: array[int] = field(default_factory=lambda: array("l"))
    styles: array[int] = field(default_factory=lambda: array("l"))


@dataclass(slots=True)
class Sheet:
    """What is known of a sheet once it was read."""

    bodies: dict[str, Area]
    """The template's part of each table on it."""
    records: dict[int, Area] = field(default_factory=dict)
    """The body that a column of typed records stands in, by column; no two of them share a column."""
    cells: list[Cell] = field(default_factory=list)
    """All cells but those records."""
    drawn: dict[int, Drawn] = field(default_factory=dict)
    """How the records are drawn, by column."""
    labels: Labels = field(default_factory=Labels)

    def body(self, place: Place) -> Area | None:
        """The body that a cell stands in."""
        return next((area for area in self.bodies.values() if place in area), None)


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read once."""

    to_fill: Collection[str]
    """The tables that take records."""
    texts: BySheet
    """The labels of the empty workbook."""
    sheets: Mapping[str, Sheet]

    def labels(self) -> BySheet:
        """Those of them that stand once in the file, with their rows there."""
        return {name: sheet.labels.rows for name, sheet in self.sheets.items()}


def reading(package: Package, empty: Package, spec: Template, values: Values | None = None) -> Reading:
    """Read a planner's file of a template whose empty workbook is given; into ``values`` go the values of all cells."""
    to_fill = table_rules(spec)
    texts = labels_of(empty)
    wanted = {label for labels in texts.values() for label in labels}
    keys = {table.name: {column_key(column.name) for column in table.columns} for table in empty.tables()}
    tables = [table for table in package.tables() if table.name in keys]
    sheets = {}
    for ref in package.worksheets():
        here = [table for table in tables if table.sheet == ref.name]
        sheet = Sheet({table.name: _body(table, keys[table.name]) for table in here})
        for table in here:
            if table.name in to_fill:
                sheet.records |= _record_columns(table, keys[table.name], sheet.bodies)
        _read(read_cells(package, ref), sheet, wanted, ref.name, values)
        sheets[ref.name] = sheet
    return Reading(to_fill, texts, sheets)


def _read(cells: Iterator[Cell], sheet: Sheet, wanted: Collection[Label], name: str, values: Values | None) -> None:
    for cell in cells:
        if values is not None:
            values.put(name, cell)
        row, column = cell.row, cell.column
        if isinstance(cell.value, str) and (column, cell.value) in wanted and cell.formula is None:
            sheet.labels.put((column, cell.value), row)
        body = sheet.records.get(column)
        if body is None or not body.top <= row <= body.bottom:
            sheet.cells.append(cell)
            continue
        drawn = sheet.drawn.get(column)
        if drawn is None:
            drawn = sheet.drawn[column] = Drawn()
        drawn.rows.append(row)
        drawn.styles.append(cell.style)


def _record_columns(table: Table, keys: Collection[str], bodies: Mapping[str, Area]) -> dict[int, Area]:
    """The template's columns of a table; none where another table stands above or below it."""
    body = bodies[table.name]
    others = [area for name, area in bodies.items() if name != table.name]
    if any(area.left <= body.right and body.left <= area.right for area in others):
        return {}
    found = column_keys(column.name for column in table.columns)
    return {body.left + index: body for index, key in enumerate(found) if key in keys}


def _body(table: Table, keys: Collection[str]) -> Area:
    """The template's part of a table, without its heads: columns that a planner added stand at its right."""
    area = parse_area(table.ref)
    found = column_keys(column.name for column in table.columns)
    last = max((index for index, key in enumerate(found) if key in keys), default=0)
    return Area(area.top + table.header_rows, area.left, area.bottom - table.totals_rows, area.left + last)


# Telling ----------------------------------------------------------------------------------------------------


def own_cells(known: Reading, package: Package, empty: Package, pair: Pair, since: Pair) -> Own:
    """Tell a planner's cells from the template's: ``since`` says where the empty workbook's cells are now."""
    move = since.move()
    back = _backwards(since)
    if move is None or back is None:
        raise WorkbookError(
            f"{package.label}: on the sheet {pair.old!r} cells of the template were moved past each other, so what was "
            "added there cannot be told from it; put them back in their order"
        )
    sheet = known.sheets[pair.old]
    twins = _Twins({(cell.row, cell.column): cell for cell in read_cells(empty, since.old)}, move, back)
    fillable = [area for name, area in sheet.bodies.items() if name in known.to_fill]
    # Inputs, and what the workbook says it is: its function style may be another than the empty workbook's.
    inputs = {
        place[1:] for name, place in named_cells(package).items() if name.startswith(_FREE) and place[0] == pair.old
    }
    own = Own()
    counterparts: list[tuple[Place, Cell, Cell]] = []
    for cell in sheet.cells:
        place = (cell.row, cell.column)
        twin = twins.of(place, sheet.body(place))
        if twin is not None:
            counterparts.append((place, cell, twin))
        elif not is_blank(cell) or cell.style:
            own.cells[place] = cell
    groups, strange = twins.records(sheet)
    if strange:
        there = (cell for cell in read_cells(package, pair.old) if (cell.row, cell.column) in strange)
        own.cells |= {(cell.row, cell.column): cell for cell in there if not is_blank(cell) or cell.style}
        own.cells = dict(sorted(own.cells.items()))
    own.styles = _restyled(counterparts, groups)
    for place, cell, twin in counterparts:
        if place in inputs or any(place in area for area in fillable):
            continue
        if is_blank(twin):
            if not is_blank(cell):
                own.cells[place] = cell
        elif (twin.formula is None) != (cell.formula is None) or (twin.formula is None and twin.value != cell.value):
            own.overwritten[place] = cell
    return own


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing."""
    return cell.formula is None and cell.value is None


Group = tuple[int, int, Drawn]
"""A column, the style that the template gives these records of it, and how they are drawn."""


@dataclass(frozen=True, slots=True)
class _Twins:
    """The cells of the empty workbook, and where they are in the planner's file."""

    blank: Mapping[Place, Cell]
    move: SheetMove
    back: SheetMove

    def of(self, place: Place, body: Area | None) -> Cell | None:
        """What the template has in a place of the file."""
        old = self.back.cell(*place)
        known = self.blank.get(old) if self.move.cell(*old) == place else None
        if body is not None and known is None:
            known = self.first(body, place[1])
        return known

    def first(self, body: Area, column: int) -> Cell | None:
        """A row by which the table grew is drawn like its first."""
        return self.blank.get(self.back.cell(body.top, column))

    def records(self, sheet: Sheet) -> tuple[list[Group], set[Place]]:
        """The records by what the template has in their place, and the places for which it has nothing."""
        groups: list[Group] = []
        strange: set[Place] = set()
        rows = {body: self._rows(body) for body in set(sheet.records.values())}
        for column, drawn in sheet.drawn.items():
            body = sheet.records[column]
            first = self.first(body, column)
            by_style: dict[int, Drawn] = {}
            if first is not None:
                by_style[first.style] = Drawn()
            for row, style in zip(drawn.rows, drawn.styles, strict=True):
                twin = self.of((row, column), body) if row in rows[body] else first
                if twin is None:
                    strange.add((row, column))
                    continue
                group = by_style.get(twin.style)
                if group is None:
                    group = by_style[twin.style] = Drawn()
                group.rows.append(row)
                group.styles.append(style)
            groups += [(column, style, group) for style, group in by_style.items()]
        return groups, strange

    def _rows(self, body: Area) -> set[int]:
        """The rows of a body that the empty workbook may have too; the table grew by the others."""
        pinned = {row for row, _ in self.back.cells}
        moved = {row for row, _ in self.move.cells}
        found = set()
        for row in range(body.top, body.bottom + 1):
            old = self.back.rows.of(row)
            if self.move.rows.of(old) == row or row in pinned or old in moved:
                found.add(row)
        return found


def _restyled(counterparts: Iterable[tuple[Place, Cell, Cell]], groups: Iterable[Group]) -> dict[Place, int]:
    """Cells drawn otherwise than most that the template draws alike: whoever saves a file numbers its styles anew."""
    drawn: dict[int, dict[int, tuple[int, Place]]] = {}

    def count(twin: int, style: int, first: Place, times: int) -> None:
        counts = drawn.setdefault(twin, {})
        known, place = counts.get(style, (0, first))
        counts[style] = (known + times, min(place, first))

    for place, cell, twin in counterparts:
        count(twin.style, cell.style, place, 1)
    for column, style, records in groups:
        for found in set(records.styles):
            first = records.rows[records.styles.index(found)]
            count(style, found, (first, column), records.styles.count(found))
    # Of two that are as frequent, the one that comes first.
    usual = {
        twin: min((-times, place, style) for style, (times, place) in counts.items())[2]
        for twin, counts in drawn.items()
    }
    restyled = {place: cell.style for place, cell, twin in counterparts if cell.style != usual[twin.style]}
    for column, style, records in groups:
        if records.styles.count(usual[style]) < len(records.styles):
            each = zip(records.rows, records.styles, strict=True)
            restyled |= {(row, column): found for row, found in each if found != usual[style]}
    return restyled


def _backwards(pair: Pair) -> SheetMove | None:
    rows = Offsets.through({new: old for old, new in pair.rows.items()})
    columns = Offsets.through({new: old for old, new in pair.columns.items()})
    if rows is None or columns is None:
        return None
    return SheetMove(rows, columns, {new: old for old, new in pair.cells.items()})
