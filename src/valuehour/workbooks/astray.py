"""What a planner's formulas refer to and the new version does not have any more: dropped inputs, columns and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html import unescape

from valuehour.errors import WorkbookError
from valuehour.ooxml import Area, Package, Table, parse_area
from valuehour.ooxml.insertion import REFERENCE_TOKEN
from valuehour.ooxml.places import FORMULAS, NODE
from valuehour.ooxml.remap import sheet_in
from valuehour.workbooks.migrations import Migration
from valuehour.workbooks.moves import Pair, Place
from valuehour.workbooks.read import named_cells
from valuehour.workbooks.spec import column_key, column_keys


@dataclass(slots=True)
class Astray:
    """What is gone from a planner's file: cells by sheet, areas by sheet, names, tables and table columns."""

    cells: dict[str, dict[Place, str]] = field(default_factory=dict)
    """By sheet in lower case: the cells of names that are gone, with the name."""
    areas: dict[str, list[tuple[Area, str]]] = field(default_factory=dict)
    """By sheet in lower case: the columns of tables that are gone, with what they were called."""
    names: dict[str, str] = field(default_factory=dict)
    """Names that are gone, by their lower case."""
    tables: dict[str, str] = field(default_factory=dict)
    columns: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def between(cls, package: Package, empty: Package, new: Package, changes: Migration, pairs: list[Pair]) -> Astray:
        """Tell what the old version had, as it stands in the file, and the new version has not."""
        found = cls()
        replaced = {pair.old for pair in pairs}
        fresh = named_cells(new)
        theirs = {name.name for name in empty.defined_names() if name.scope is None}
        known = {name.name for name in new.defined_names() if name.scope is None}
        for name in theirs:
            if changes.names.get(name, name) not in known:
                found.names[name.lower()] = name
        for name, (sheet, row, column) in named_cells(package).items():
            if name in theirs and sheet in replaced and changes.names.get(name, name) not in fresh:
                found.cells.setdefault(sheet.lower(), {})[row, column] = name
        tables = {table.name: table for table in new.tables()}
        mine = {table.name: table for table in package.tables()}
        for blank in empty.tables():
            if blank.name in mine:
                found._table(mine[blank.name], blank, tables.get(blank.name), changes)
        return found

    def _table(self, mine: Table, blank: Table, new: Table | None, changes: Migration) -> None:
        area = parse_area(mine.ref)
        if new is None:
            self.tables[mine.name.lower()] = mine.name
            self.areas.setdefault(mine.sheet.lower(), []).append((area, mine.name))
            return
        heads = {column_key(column.name) for column in blank.columns}
        have = {column_key(column.name) for column in new.columns}
        keys = column_keys(column.name for column in mine.columns)
        for index, (key, column) in enumerate(zip(keys, mine.columns, strict=True)):
            called = column_key(changes.columns.get((mine.name, column.name), column.name))
            if key in heads and called not in have:
                at = area.left + index
                said = f"{mine.name}[{column.name}]"
                self.columns[mine.name.lower(), column.name.lower()] = said
                self.areas.setdefault(mine.sheet.lower(), []).append((Area(area.top, at, area.bottom, at), said))

    def cell(self, sheet: str, row: int, column: int) -> str | None:
        """What a cell was called that is gone; None for any other cell."""
        name = self.cells.get(sheet.lower(), {}).get((row, column))
        if name is not None:
            return name
        return next((said for area, said in self.areas.get(sheet.lower(), ()) if (row, column) in area), None)

    def of(self, formula: str, home: str | None) -> list[str]:
        """What a formula refers to and is gone; ``home`` is the sheet it stands on.

        >>> astray = Astray(cells={"inputs": {(14, 4): "in_old"}}, names={"in_old": "in_old"})
        >>> astray.of("Inputs!D14*2+in_old", "Notes"), astray.of('"in_old"&D14', "Notes")
        (['in_old'], [])
        """
        found = []
        for (table, head), said in self.columns.items():
            if any(f"[{head}]" in match.lower() for match in _references(table, formula)):
                found.append(said)
        found += [said for table, said in self.tables.items() if any(_references(table, formula))]
        for match in REFERENCE_TOKEN.finditer(formula):
            if match["other"] is not None:
                if match["other"].lower() in self.names:
                    found.append(self.names[match["other"].lower()])
            elif match["area"] is not None:
                at = self._at(match["area"], home if match["prefix"] is None else sheet_in(match["prefix"]))
                if at is not None:
                    found.append(at)
        return list(dict.fromkeys(found))

    def _at(self, reference: str, sheet: str | None) -> str | None:
        try:
            area = parse_area(reference.replace("$", ""))
        except WorkbookError:
            return None  # a name that looks like a cell
        if sheet is None:
            return None
        if area.size == 1:
            return self.cell(sheet, area.top, area.left)
        inside = (
            said
            for whole, said in self.areas.get(sheet.lower(), ())
            if (area.top, area.left) in whole and (area.bottom, area.right) in whole
        )
        return next(inside, None)

    def in_part(self, data: bytes, home: str | None) -> Iterator[tuple[str, list[str]]]:
        """The formulas of a part that refer to what is gone, each with that."""
        for match in NODE.finditer(data):
            if match[2].decode() in FORMULAS and match[4]:
                formula = unescape(match[4].decode())
                gone = self.of(formula, home)
                if gone:
                    yield formula, gone


def allowed(gone: Iterable[str]) -> str:
    """What a formula may refer to, as a report says it."""
    return f"what the new version has; it has no {', '.join(gone)}"


def _references(table: str, formula: str) -> list[str]:
    return re.findall(rf"(?i)(?<![\w.]){re.escape(table)}\[(?:[^\[\]]|\[[^\]]*\])*\]", formula)
