"""The new version's sheets, tables, charts and names put into a planner's file, part by part."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from valuehour.errors import WorkbookError
from valuehour.ooxml import Cell, Package, Patch, Table, format_cell, patch_cells
from valuehour.ooxml.columns import add_column
from valuehour.ooxml.locate import locate
from valuehour.ooxml.markup import append_child, elements, set_attributes, splice, to_attribute
from valuehour.ooxml.places import NODE, holds_places, moved_part, node, parts_of
from valuehour.ooxml.reference import parse_cell
from valuehour.ooxml.remap import Remap
from valuehour.ooxml.sections import Sections
from valuehour.ooxml.styles import Taken
from valuehour.workbooks.astray import Astray
from valuehour.workbooks.charting import Charting, free_name
from valuehour.workbooks.migrations import Migration
from valuehour.workbooks.moves import Pair
from valuehour.workbooks.own import Own
from valuehour.workbooks.spec import column_key, column_keys
from valuehour.workbooks.transplant import NO_CELLS, Graft

_MAIN = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TABLE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_NAMES = re.compile(rb"<definedNames\b[^>]*>.*?</definedNames\s*>|<definedNames\s*/>", re.DOTALL)

Crowded = list[tuple[str, Cell, str]]


@dataclass(slots=True)
class Grafting:
    """One run: ``result`` is changed."""

    package: Package
    empty: Package
    new: Package
    result: Package
    changes: Migration
    pairs: list[Pair]
    since: Mapping[str, str]
    """How the empty workbook calls each sheet of the file."""
    own: Mapping[str, Own]
    remap: Remap
    taken: Taken
    mark: int | None
    astray: Astray
    grown: Remap
    """Where the empty workbook's cells are in the planner's file."""
    titles: dict[str, str] = field(default_factory=dict)
    """What the new version's sheets are called in the result, by their own name in lower case."""
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    """What the planner added and refers to what the new version does not have."""
    charting: Charting = field(init=False)

    def __post_init__(self) -> None:
        """Give the charts what they need."""
        self.charting = Charting(self.package, self.empty, self.new, self.result, self.grown, self.astray, self._titled)

    def run(self) -> Crowded:
        """Put everything in; return the planner's cells whose place is taken, by sheet, with that place."""
        self._refuse_disorder()
        for pair in self.pairs:
            title = self.changes.sheets.get(pair.old, pair.old)
            if title != pair.new:
                self.titles[pair.new.lower()] = title
        self._move_parts()
        crowded: Crowded = []
        sheets: dict[str, tuple[dict[str, bytes], dict[str, int]]] = {}
        cells: dict[str, bytes] = {}
        for pair in self.pairs:
            own = self.own.get(pair.old, Own())
            graft = Graft(self.package, self.new, pair, own, self.remap, self.taken, self.mark, self.astray)
            raw, styles, lost = graft.patches()
            crowded += [(pair.old, cell, ref) for cell, ref in lost]
            sheets[pair.old] = (raw, styles)
            data = self.empty.parts[self.empty.sheet(self.since[pair.old]).part]
            part = self.package.sheet(pair.old).part
            around, inside = graft.part(Sections.of(data, pair.old))
            self.result.parts[part], cells[part] = self._titled(around), self._titled(inside)
            self.conflicts += graft.conflicts
            self.charting.replace(pair.old, self.since[pair.old], pair.new)
        self._tables()
        self._new_sheets()
        self._names()
        self._rename_sheets()
        for part in tuple(cells):
            before, _, behind = self.result.parts[part].partition(NO_CELLS)
            self.result.parts[part] = b"".join([before, cells.pop(part), behind])
        for pair in self.pairs:
            self._put_back(self.changes.sheets.get(pair.old, pair.old), *sheets[pair.old])
        self._own_columns()
        chain = self.result.related_part("calcChain")
        if chain is not None:
            self.result.remove_part(chain)
        return crowded

    def _refuse_disorder(self) -> None:
        """Where the new version reorders a sheet, whatever refers to its cells or floats over them has no place."""
        for pair in self.pairs:
            own = self.own.get(pair.old)
            if pair.move() is None and own is not None and (own.cells or own.styles):
                raise WorkbookError(
                    f"{self.package.label}: {pair.old}: the new version orders this sheet otherwise, so there is no "
                    "place for what was added; take it to a sheet of its own first"
                )

    def _titled(self, data: bytes) -> bytes:
        """A part of the new version whose formulas call the sheets as the planner does."""
        if not self.titles:
            return data
        return NODE.sub(node(Remap({}, titles=self.titles), None), data)

    # Parts that stay the planner's --------------------------------------------------------------------------

    def _move_parts(self) -> None:
        """Move the places that parts of the planner name: sheets of their own, charts, comments, pivots."""
        package = self.package
        homes = {}
        for sheet in package.sheets():
            homes[sheet.part] = sheet.name
            homes |= dict.fromkeys(parts_of(package, sheet), sheet.name)
        replaced = {package.sheet(pair.old).part for pair in self.pairs}
        known = {table.name for table in self.empty.tables()}
        replaced |= {table.part for table in package.tables() if table.name in known}
        replaced.add(package.workbook_part)
        for name, data in package.parts.items():
            if name in replaced or not holds_places(package.content_type(name) or ""):
                continue
            moved = moved_part(name, data, self.remap, homes.get(name))
            if moved != data:
                self.result.parts[name] = moved

    # Tables of the template ---------------------------------------------------------------------------------

    def _tables(self) -> None:
        """Write the new version's tables, and list all tables of each replaced sheet in it."""
        mine = {table.name: table for table in self.package.tables()}
        fresh = {table.name: table for table in self.new.tables()}
        known = {table.name for table in self.empty.tables()}
        parts = {pair.new: self.package.sheet(pair.old).part for pair in self.pairs}
        for name in known & mine.keys() - fresh.keys():
            self._drop_table(mine[name])
        free = max((table.id for table in mine.values()), default=0) + 1
        for name, table in fresh.items():
            data = self._titled(self.new.parts[table.part])
            here = table.sheet in parts
            if name in mine and name in known and here and self._part_of(mine[name]) == parts[table.sheet]:
                self.result.parts[mine[name].part] = _numbered(data, mine[name].id)
                continue
            if name in mine and name in known:
                self._drop_table(mine[name])
            elif name in mine:
                raise WorkbookError(
                    f"{self.package.label}: the table {name} of {mine[name].sheet!r} bears a name of the new version; "
                    "rename it first"
                )
            if here:
                part = free_name(self.result, "xl/tables/table{}.xml")
                self.result.add_part(part, _numbered(data, free), _TABLE_TYPE, parts[table.sheet], f"{_MAIN}/table")
                free += 1
        for part in parts.values():
            self._list_tables(part)

    def _part_of(self, table: Table) -> str:
        return self.package.sheet(table.sheet).part

    def _drop_table(self, table: Table) -> None:
        source = self._part_of(table)
        for link in self.result.relationships(source):
            if link.target == table.part:
                self.result.remove_link(source, link.id)

    def _list_tables(self, part: str) -> None:
        links = [link.id for link in self.result.relationships(part) if link.kind == "table"]
        sections = Sections.of(self.result.parts[part], part)
        sections.children["tableParts"] = []
        if links:
            items = b"".join(b'<tablePart r:id="%s"/>' % to_attribute(link) for link in links)
            sections.children["tableParts"] = [
                b'<tableParts xmlns:r="%s" count="%d">%s</tableParts>' % (_MAIN.encode(), len(links), items)
            ]
        self.result.parts[part] = sections.to_bytes()

    # Sheets and names ---------------------------------------------------------------------------------------

    def _new_sheets(self) -> None:
        """Add the sheets that the file does not have yet, behind all others."""
        have = {pair.new for pair in self.pairs}
        for sheet in self.new.worksheets():
            if sheet.name in have:
                continue
            strange = {link.kind for link in self.new.relationships(sheet.part)} - {"table", "drawing"}
            if strange:
                raise WorkbookError(
                    f"{self.package.label}: the new version has the sheet {sheet.name!r} with a part of the kind "
                    f"{min(strange)!r}, which cannot be added to a filled workbook; copy the sheet from a new workbook"
                )
            if any(other.name.lower() == sheet.name.lower() for other in self.package.sheets()):
                raise WorkbookError(
                    f"{self.package.label}: a sheet of the planner is called {sheet.name!r}, as a new one of the "
                    "template; rename it first"
                )
            pair = Pair(sheet.name, sheet.name)
            graft = Graft(self.package, self.new, pair, Own(), self.remap, self.taken, self.mark, self.astray)
            part = free_name(self.result, "xl/worksheets/sheet{}.xml")
            sections = Sections.of(self._titled(graft.restyled(self.new.parts[sheet.part])), sheet.name)
            sections.children.pop("drawing", None)
            data = sections.to_bytes()
            link = self.result.add_part(part, data, _SHEET_TYPE, self.result.workbook_part, f"{_MAIN}/worksheet")
            number = max(int(other.id) for other in self.result.sheets()) + 1
            book = self.result.parts[self.result.workbook_part]
            holder = next(item for item in elements(book) if item.path == ("workbook", "sheets"))
            entry = b'<{p}sheet xmlns:r="%s" name="%s" sheetId="%d" r:id="%s"/>' % (
                _MAIN.encode(),
                to_attribute(sheet.name),
                number,
                link.encode(),
            )
            self.result.parts[self.result.workbook_part] = append_child(book, holder, entry)
            free = max((table.id for table in self.result.tables()), default=0) + 1
            for table in self.new.tables():
                if table.sheet == sheet.name:
                    name = free_name(self.result, "xl/tables/table{}.xml")
                    numbered = _numbered(self._titled(self.new.parts[table.part]), free)
                    self.result.add_part(name, numbered, _TABLE_TYPE, part, f"{_MAIN}/table")
                    free += 1
            self._list_tables(part)
            self.charting.add(part, sheet.name)

    def _names(self) -> None:
        """The template's names come new, the planner's stay, with what they refer to moved."""
        result = self.result
        book = result.parts[result.workbook_part]
        titles = [self.changes.sheets.get(sheet.name, sheet.name) for sheet in self.package.sheets()]
        titles += [sheet.name for sheet in result.sheets()[len(titles) :]]
        known = {name.name.lower() for name in self.empty.defined_names() if name.scope is None}
        known |= {name.name.lower() for name in self.new.defined_names() if name.scope is None}
        replaced = {pair.old for pair in self.pairs}
        old_titles = [sheet.name for sheet in self.package.sheets()]
        kept = []
        for markup, attributes in _entries(book):
            scope = attributes.get("localSheetId")
            name = unescape(attributes.get("name", ""))
            if scope is None and name.lower() in known:
                continue
            if scope is not None and name.startswith("_xlnm.Print") and old_titles[int(scope)] in replaced:
                continue
            kept.append(NODE.sub(node(self.remap, None), markup))
        theirs = [sheet.name for sheet in self.new.sheets()]
        for markup, attributes in _entries(self.new.parts[self.new.workbook_part]):
            scope = attributes.get("localSheetId")
            entry = self._titled(markup)
            if scope is not None:
                title = self.titles.get(theirs[int(scope)].lower(), theirs[int(scope)])
                end = entry.index(b">") + 1
                entry = set_attributes(entry[:end], {b"localSheetId": b"%d" % titles.index(title)}) + entry[end:]
            kept.append(entry)
        markup = b"<definedNames>" + b"".join(kept) + b"</definedNames>"
        found = _NAMES.search(book)
        if found is not None:
            result.parts[result.workbook_part] = splice(book, [(found.start(), found.end(), markup)])
            return
        sheets = next(item for item in elements(book) if item.path == ("workbook", "sheets"))
        result.parts[result.workbook_part] = splice(book, [(sheets.end, sheets.end, markup)])

    def _rename_sheets(self) -> None:
        for old, new in self.changes.sheets.items():
            book = self.result.parts[self.result.workbook_part]
            for item in elements(book):
                if item.path == ("workbook", "sheets", "sheet") and item.attributes.get("name") == old:
                    tag = set_attributes(book[item.start : item.open_end], {b"name": to_attribute(new)})
                    self.result.parts[self.result.workbook_part] = splice(book, [(item.start, item.open_end, tag)])

    # What was added to the template's sheets ----------------------------------------------------------------

    def _put_back(self, sheet: str, raw: Mapping[str, bytes], styles: Mapping[str, int]) -> None:
        """Put the planner's cells and styles onto the new sheet."""
        patches = {ref: Patch(style=style) for ref, style in styles.items()}
        patches |= {ref: Patch(value=None, formula=None, style=0, result=False) for ref in raw}
        if not patches:
            return
        patch_cells(self.result, sheet, patches)
        if not raw:
            return
        part = self.result.sheet(sheet).part
        wanted: dict[int, list[int]] = {}
        for ref in raw:
            row, column = parse_cell(ref)
            wanted.setdefault(row, []).append(column)
        data = self.result.parts[part]
        edits = [
            (cell.span.start, cell.span.end, raw[format_cell(row, column)])
            for row, found in locate(data, wanted, sheet).rows.items()
            for column, cell in found.cells.items()
        ]
        self.result.parts[part] = splice(data, edits)

    def _own_columns(self) -> None:
        """Widen the template's tables by the columns that a planner had added, whose cells are there already."""
        known = {table.name: {column_key(c.name) for c in table.columns} for table in self.empty.tables()}
        for before in self.package.tables():
            if before.name not in known:
                continue
            keys = column_keys(column.name for column in before.columns)
            for key, column in zip(keys, before.columns, strict=True):
                table = next((item for item in self.result.tables() if item.name == before.name), None)
                if table is None or key in known[before.name]:
                    continue
                formula = None if column.formula is None else self.remap.formula(column.formula, before.sheet)
                add_column(self.result, table, column.name, formula=formula)


def _numbered(table: bytes, number: int) -> bytes:
    root = elements(table)[-1]
    tag = set_attributes(table[root.start : root.open_end], {b"id": b"%d" % number})
    return splice(table, [(root.start, root.open_end, tag)])


def _entries(book: bytes) -> list[tuple[bytes, dict[str, str]]]:
    found = [item for item in elements(book) if item.path == ("workbook", "definedNames", "definedName")]
    return [(book[item.start : item.end], item.attributes) for item in sorted(found, key=lambda item: item.start)]
