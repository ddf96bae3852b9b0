"""Find every difference of two workbooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from valuehour.ooxml import Area, Cell, Package, format_cell
from valuehour.workbooks.compare import same
from valuehour.workbooks.diff.change import Change, Changes, Kind, content
from valuehour.workbooks.diff.placed import Place, Side, body
from valuehour.workbooks.diff.regions import SheetPair, Strip, TablePair, pair_sheet, pair_sheets
from valuehour.workbooks.diff.translate import Translation
from valuehour.workbooks.precedents import Precedents
from valuehour.workbooks.read import plain

_ORDER = {kind: at for at, kind in enumerate(Kind)}


def diff(old: Package, new: Package) -> Changes:
    """Compare what two workbooks hold: inputs, formulas and values, sheet by sheet and table by table.

    Rows, columns, tables and sheets that were inserted, removed, moved or renamed are found first and told once; all
    other cells are compared with the cell they were. A formula is the same when it refers to the same cells, wherever
    they stand now. What was typed must be equal; values of formulas may differ as :func:`compare.same` allows.

    Raises
    ------
    WorkbookError
        A file is damaged so far that its sheets, cells or tables cannot be read.
    """
    before, after = Side.of(old), Side.of(new)
    names = pair_sheets(before, after)
    pairs = {mine: pair_sheet(before, after, mine, yours) for mine, yours in names.items()}
    translate = Translation(pairs)
    found = [*_sheets(before, after, names), *_tables(before, after, pairs), *_names(old, new, translate)]
    precedents = Precedents(new)
    for pair in pairs.values():
        found += _Comparison(before, after, pair, translate, precedents).changes()
    found.sort(key=lambda change: _ORDER[change.kind])
    touched = {sheet.part for package in (old, new) for sheet in package.worksheets()}
    mine, yours = old.part_digests(), new.part_digests()
    parts = sorted(part for part in mine.keys() | yours.keys() if mine.get(part) != yours.get(part))
    other = [part for part in parts if part not in touched and not part.endswith("sharedStrings.xml")]
    return Changes(tuple(found), tuple(other))


def _sheets(before: Side, after: Side, names: dict[str, str]) -> Iterator[Change]:
    for name in before.sheets:
        if name not in names:
            yield Change(Kind.SHEET, "removed", name, "", old=f"{len(before.sheets[name])} cells")
        elif names[name] != name:
            yield Change(Kind.SHEET, "renamed", names[name], "", old=name, new=names[name])
        if name in names and before.states[name] != after.states[names[name]]:
            states = before.states[name], after.states[names[name]]
            yield Change(Kind.SHEET, "changed", names[name], "", old=states[0], new=states[1])
    known = set(names.values())
    for name in after.sheets:
        if name not in known:
            yield Change(Kind.SHEET, "added", name, "", new=f"{len(after.sheets[name])} cells")


def _tables(before: Side, after: Side, pairs: dict[str, SheetPair]) -> Iterator[Change]:
    for key, (table, area) in before.tables.items():
        other = after.tables.get(key)
        if other is None:
            if table.sheet in pairs:
                yield Change(Kind.TABLE, "removed", table.sheet, str(area), name=table.name)
        elif table.sheet not in pairs or pairs[table.sheet].new != other[0].sheet:
            was = f"{table.sheet}!{area}"
            yield Change(Kind.TABLE, "moved", other[0].sheet, str(other[1]), name=other[0].name, before=was)
    for key, (table, area) in after.tables.items():
        if key not in before.tables and any(pair.new == table.sheet for pair in pairs.values()):
            yield Change(Kind.TABLE, "added", table.sheet, str(area), name=table.name)
    for pair in pairs.values():
        for both in pair.tables:
            yield from _table(pair, both)


def _table(pair: SheetPair, table: TablePair) -> Iterator[Change]:
    mine, yours = table.old[1], table.new[1]
    name = table.new[0].name
    if (mine.top, mine.left) != (yours.top, yours.left):
        yield Change(Kind.TABLE, "moved", pair.new, str(yours), name=name, before=str(mine))
    grown = (yours.bottom - yours.top) - (mine.bottom - mine.top)
    if grown not in (0, len(table.come) - len(table.gone)):
        old, new = (f"{area.bottom - area.top + 1} rows" for area in (body(*table.old), body(*table.new)))
        yield Change(Kind.TABLE, "changed", pair.new, str(yours), old, new, name, str(mine))
    if table.reordered:
        yield Change(Kind.TABLE, "reordered", pair.new, str(body(*table.new)), name=name)
    for at, column in enumerate(table.old[0].columns):
        if mine.left + at not in table.columns:
            where = format_cell(mine.top, mine.left + at)
            yield Change(Kind.COLUMN, "removed", pair.new, where, old=column.name, name=f"{name}[{column.name}]")
    known = set(table.columns.values())
    for at, column in enumerate(table.new[0].columns):
        if yours.left + at not in known:
            where = format_cell(yours.top, yours.left + at)
            yield Change(Kind.COLUMN, "added", pair.new, where, new=column.name, name=f"{name}[{column.name}]")


def _names(old: Package, new: Package, translate: Translation) -> Iterator[Change]:
    # Print areas and other names that Excel keeps for itself say nothing about the numbers.
    mine, yours = (
        {(n.scope or "", n.name.lower()): n for n in package.defined_names() if not n.name.startswith("_xlnm.")}
        for package in (old, new)
    )
    for key, name in mine.items():
        other = yours.get(key)
        if other is None:
            yield Change(Kind.NAME, "removed", "", name.name, old=f"={name.text}")
        elif other.text != name.text and _bare(other.text) != _bare(translate(name.text, name.scope or "")):
            yield Change(Kind.NAME, "changed", "", other.name, f"={name.text}", f"={other.text}")
    for key, name in yours.items():
        if key not in mine:
            yield Change(Kind.NAME, "added", "", name.name, new=f"={name.text}")


def _bare(text: str) -> str:
    return text.replace("'", "")


def _by_row(cells: Mapping[Place, Cell]) -> dict[int, list[Place]]:
    rows: dict[int, list[Place]] = {}
    for place in cells:
        rows.setdefault(place[0], []).append(place)
    return rows


class _Comparison:
    """The cells of one sheet."""

    def __init__(
        self, before: Side, after: Side, pair: SheetPair, translate: Translation, precedents: Precedents
    ) -> None:
        self._before, self._after, self._pair, self._translate = before, after, pair, translate
        self._precedents = precedents
        self._mine = before.sheets[pair.old]
        self._yours = after.sheets[pair.new]
        self._left = dict(self._yours)
        self._my_rows, self._your_rows = _by_row(self._mine), _by_row(self._yours)
        self._inside = {  # bodies of tables that both have: their rows are paired on their own
            "old": [body(*table.old) for table in pair.tables],
            "new": [body(*table.new) for table in pair.tables],
        }

    def changes(self) -> Iterator[Change]:
        """The differences, columns and rows first."""
        for column in self._pair.columns_gone:
            places = [p for p in self._mine if p[1] == column and not self._is_told("old", p)]
            yield from self._line(Kind.COLUMN, "removed", places, self._mine)
        for column in self._pair.columns_come:
            places = [p for p in self._yours if p[1] == column and not self._is_told("new", p)]
            yield from self._line(Kind.COLUMN, "added", places, self._yours)
        for table in self._pair.tables:
            yield from self._table_rows(table)
        for strip in self._pair.strips:
            yield from self._strip_rows(strip)
        yield from self._cells()

    def _is_inside(self, side: str, place: Place) -> bool:
        return any(place in area for area in self._inside[side])

    def _is_told(self, side: str, place: Place) -> bool:
        """Whether a cell is told with its table: in a column or row that only one of the two tables has."""
        for table in self._pair.tables:
            area = table.old[1] if side == "old" else table.new[1]
            if place not in area:
                continue
            columns = table.columns.keys() if side == "old" else table.columns.values()
            rows = table.rows.keys() if side == "old" else table.rows.values()
            return place[1] not in columns or (self._is_inside(side, place) and place[0] not in rows)
        return False

    def _line(self, kind: Kind, action: str, places: list[Place], cells: dict[Place, Cell]) -> Iterator[Change]:
        """One row or column that was added or removed; its cells need no more words."""
        for place in places:
            if action == "added":
                self._left.pop(place, None)
        if places:
            places.sort()
            rows, columns = [p[0] for p in places], [p[1] for p in places]
            where = str(Area(min(rows), min(columns), max(rows), max(columns)))
            held = tuple((format_cell(*p), content(cells[p])) for p in places)
            texts = [str(value) for _, value in held if not str(value).startswith("=")] or [str(held[0][1])]
            shown = ", ".join(texts[:4]) + (", ..." if len(texts) > 4 else "")
            old, new = (shown, None) if action == "removed" else (None, shown)
            name = self._called(places[0], action == "removed")
            yield Change(kind, action, self._pair.new, where, old, new, name, cells=held)

    def _called(self, place: Place, gone: bool = False) -> str:
        """What a cell is called: its name, or its table column and row."""
        side, sheet = (self._before, self._pair.old) if gone else (self._after, self._pair.new)
        name = side.names.get((sheet, *place))
        if name:
            return name
        for pair in self._pair.tables:
            table, area = pair.old if gone else pair.new
            if place in body(table, area):
                column = table.columns[place[1] - area.left].name
                label = side.sheets[sheet].get((place[0], area.left))
                row = label.value if label is not None and isinstance(label.value, str) else f"row {place[0]}"
                return f"{table.name}[{column}], {row}"
        return ""

    def _table_rows(self, table: TablePair) -> Iterator[Change]:
        for row in table.gone:
            inside = body(*table.old)
            places = [p for p in self._my_rows.get(row, ()) if p in inside]
            yield from self._line(Kind.ROW, "removed", places, self._mine)
        for row in table.come:
            inside = body(*table.new)
            places = [p for p in self._your_rows.get(row, ()) if p in inside]
            yield from self._line(Kind.ROW, "added", places, self._yours)

    def _strip_rows(self, strip: Strip) -> Iterator[Change]:
        across = set(strip.columns.values())
        for row in sorted(strip.gone):
            mine = self._my_rows.get(row, ())
            places = [p for p in mine if p[1] in strip.columns and not self._is_inside("old", p)]
            yield from self._line(Kind.ROW, "removed", places, self._mine)
        for row in strip.come:
            yours = self._your_rows.get(row, ())
            places = [p for p in yours if p[1] in across and not self._is_inside("new", p)]
            yield from self._line(Kind.ROW, "added", places, self._yours)

    def _gone(self, place: Place) -> bool:
        """Whether the row or column of an earlier cell was told to be removed."""
        if self._is_inside("old", place):
            return self._is_told("old", place)
        if place[1] in self._pair.columns_gone or self._is_told("old", place):
            return True
        return any(place[1] in strip.columns and place[0] in strip.gone for strip in self._pair.strips)

    def _cells(self) -> Iterator[Change]:
        for place, cell in self._mine.items():
            if self._gone(place):
                continue
            target = self._pair.moved(*place)
            other = None if target is None else self._left.pop(target, None)
            if target is not None:
                yield from self._cell(cell, other, target)
        for place, cell in self._left.items():
            if not self._is_told("new", place):
                yield from self._cell(None, cell, place)

    def _cancels(self, old: Cell | None, new: Cell | None) -> bool:
        """Whether two results differ by no more than what is left over when their large operands cancel."""
        if old is None or new is None or new.formula is None:
            return False
        return same(old.value, new.value, self._precedents.scale(f"={new.formula}", self._pair.new, new.row))

    def _cell(self, old: Cell | None, new: Cell | None, place: Place) -> Iterator[Change]:
        formulas = [None if cell is None else cell.formula for cell in (old, new)]
        if old is not None and old.formula is not None:
            formulas[0] = self._translate(old.formula, self._pair.old)
        action = "added" if old is None else "removed" if new is None else "changed"
        where = format_cell(*place)
        moved = "" if old is None or (old.row, old.column) == place else old.ref
        name = self._called(place)
        if formulas[0] != formulas[1]:
            yield Change(Kind.FORMULA, action, self._pair.new, where, content(old), content(new), name, moved)
            return
        mine, yours = (None if cell is None else cell.value for cell in (old, new))
        if formulas[0] is None:
            if type(mine) is not type(yours) or mine != yours:
                yield Change(Kind.INPUT, action, self._pair.new, where, content(old), content(new), name, moved)
        elif not same(mine, yours) and not self._cancels(old, new):
            yield Change(Kind.VALUE, action, self._pair.new, where, plain(mine), plain(yours), name, moved)
