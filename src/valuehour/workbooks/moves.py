"""Where each place of an older layout is in another one: told by names and by tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from valuehour.ooxml import Package, Table, parse_area, read_cells
from valuehour.ooxml.remap import Offsets, Remap, SheetMove
from valuehour.workbooks.migrations import Migration
from valuehour.workbooks.read import named_cells
from valuehour.workbooks.spec import column_key, column_keys

Place = tuple[int, int]
Label = tuple[int, str]
"""A column and a text that stands in it."""
BySheet = Mapping[str, Mapping[Label, int]]


@dataclass(slots=True)
class Pair:
    """One sheet in two layouts: how each calls it, and the cells that correspond."""

    old: str
    new: str
    cells: dict[Place, Place] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    columns: dict[int, int] = field(default_factory=dict)
    disordered: bool = False

    def pin(self, old: Place, new: Place) -> None:
        """Say that two cells correspond."""
        self.cells[old] = new
        for known, before, after in ((self.rows, old[0], new[0]), (self.columns, old[1], new[1])):
            if known.setdefault(before, after) != after:
                self.disordered = True

    def move(self) -> SheetMove | None:
        """The move of the whole sheet; None when its parts moved past each other."""
        rows, columns = Offsets.through(self.rows), Offsets.through(self.columns)
        if rows is None or columns is None or self.disordered:
            return None
        return SheetMove(rows, columns, self.cells)


def pairs(old: Package, new: Package, changes: Migration, labels: tuple[BySheet, BySheet] | None = None) -> list[Pair]:
    """Every sheet of the new layout that the old one has, with the cells that correspond.

    Columns of a table that only one layout has are the template's own new ones, or were added at its right by a
    planner, who moved nothing by that. For a planner's file, ``labels`` are the rows of texts that stand once in their
    column, in both.
    """
    template_is_new = labels is None
    names_old, names_new = named_cells(old), named_cells(new)
    tables_old = {table.name: table for table in old.tables()}
    tables_new = {table.name: table for table in new.tables()}
    votes: dict[str, list[str]] = {}
    for name, (sheet, _, _) in names_old.items():
        target = changes.names.get(name, name)
        if target in names_new:
            votes.setdefault(names_new[target][0], []).append(sheet)
    for name, table in tables_old.items():
        if name in tables_new:
            votes.setdefault(tables_new[name].sheet, []).append(table.sheet)
    have = {sheet.name for sheet in old.worksheets()}
    called = {new_name: old_name for old_name, new_name in changes.sheets.items()}
    found = []
    for target_sheet in new.worksheets():
        known = votes.get(target_sheet.name, [])
        title = max(sorted(set(known)), key=known.count) if known else called.get(target_sheet.name, target_sheet.name)
        if title in have:
            found.append(Pair(title, target_sheet.name))
    for pair in found:
        _pin_names(pair, names_old, names_new, changes)
        for name, table in tables_old.items():
            if table.sheet == pair.old and name in tables_new and tables_new[name].sheet == pair.new:
                _pin_table(pair, table, tables_new[name], changes, template_is_new)
    if labels is not None:
        for pair in found:
            _pin_labels(pair, labels[0][pair.old], labels[1][pair.new])
    return found


def _pin_labels(pair: Pair, old: Mapping[Label, int], new: Mapping[Label, int]) -> None:
    """Labels that stand once in their column tell rows that have no name, where they agree with the names."""
    move = pair.move()
    if move is None:
        return
    for label, row in old.items():
        target = new.get(label)
        if target is None or row in pair.rows:
            continue
        rows = {**pair.rows, row: target}
        if Offsets.through(rows) is not None:
            pair.rows[row] = target


def labels_of(package: Package) -> BySheet:
    """The rows of texts that stand once in their column, by sheet."""
    found = {}
    for sheet in package.worksheets():
        labels = Labels()
        for cell in read_cells(package, sheet):
            if cell.formula is None and isinstance(cell.value, str) and cell.value:
                labels.put((cell.column, cell.value), cell.row)
        found[sheet.name] = labels.rows
    return found


class Labels:
    """Texts by column while a sheet is read: ``rows`` has those that stood there once so far."""

    def __init__(self) -> None:
        self.rows: dict[Label, int] = {}
        self._often: set[Label] = set()

    def put(self, label: Label, row: int) -> None:
        """Take note of a text."""
        if label in self.rows:
            del self.rows[label]
            self._often.add(label)
        elif label not in self._often:
            self.rows[label] = row


def _pin_names(
    pair: Pair,
    old: Mapping[str, tuple[str, int, int]],
    new: Mapping[str, tuple[str, int, int]],
    changes: Migration,
) -> None:
    for name, (sheet, row, column) in old.items():
        target = new.get(changes.names.get(name, name))
        if sheet == pair.old and target is not None and target[0] == pair.new:
            pair.pin((row, column), target[1:])


def _pin_table(pair: Pair, old: Table, new: Table, changes: Migration, template_is_new: bool) -> None:
    """Heads and records correspond by column; what follows the table follows it still."""
    before, after = parse_area(old.ref), parse_area(new.ref)
    known: dict[int, int] = {}
    heads = {column_key(column.name): index for index, column in enumerate(new.columns)}
    renamed = [changes.columns.get((old.name, column.name), column.name) for column in old.columns]
    for index, key in enumerate(column_keys(renamed)):
        at = heads.get(key)
        if at is None:
            continue
        known[index] = at
        pair.pin((before.top, before.left + index), (after.top, after.left + at))
    pair.rows[before.top] = after.top
    pair.rows[before.top + 1] = after.top + 1
    pair.rows[before.bottom + 1] = after.bottom + 1
    if known:
        last = max(known.values()) if not template_is_new else len(new.columns) - 1
        pair.columns.setdefault(before.left + max(known) + 1, after.left + last + 1)


def remap(found: list[Pair], changes: Migration) -> Remap:
    """The moves of all sheets, with the names that changed."""
    return Remap(
        {pair.old.lower(): move for pair in found if (move := pair.move()) is not None},
        {old.lower(): new for old, new in changes.names.items()},
        {(table.lower(), head.lower()): new for (table, head), new in changes.columns.items()},
        {old.lower(): new for old, new in changes.sheets.items()},
    )
