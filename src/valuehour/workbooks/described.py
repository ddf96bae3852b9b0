"""What the template says of a file: which formula belongs into which cell, also after planners worked on the sheets.

Sheets may be renamed and rows inserted. A sheet whose names and tables stand where the template puts them is compared
cell by cell; of any other sheet only the cells with a name can be told.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from openpyxl.formula.tokenizer import Token

from valuehour.errors import FormulaError
from valuehour.ooxml import Cell, Package, Table, format_cell, parse_area, read_cells
from valuehour.workbooks.compare import Difference, shown
from valuehour.workbooks.formula import Style, has_call, spelled_alike, tokens
from valuehour.workbooks.layout import Plan, plan_sheet, styled
from valuehour.workbooks.read import MARKS, marks, named_cells
from valuehour.workbooks.templates import TEMPLATES, template

Names = Mapping[str, tuple[str, int, int]]

_MARK = "the cell that says it"
_PLAIN_SHEET_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


@dataclass(frozen=True, slots=True)
class Description:
    """The sheets of a file as its template describes them, under the names they have in the file."""

    style: Style
    anchored: tuple[Plan, ...]
    """Sheets on which everything stands where the template puts it."""
    shifted: tuple[Plan, ...]
    """Sheets on which somebody inserted or moved cells."""
    moved: frozenset[str]
    """Sheets, under their names in the template and in the file, whose cells other formulas reach elsewhere now."""
    names: tuple[Difference, ...] = ()
    """Names of the template that are gone, or point elsewhere while their cell stands where it was."""

    @property
    def known(self) -> bool:
        """Whether the file is of a template and version that is known here."""
        return bool(self.anchored or self.shifted)

    def calls(self) -> dict[str, dict[str, str]]:
        """The formulas that call our functions in the template, by sheet and cell."""
        return {
            plan.sheet.name: {
                format_cell(row, column): cell.formula
                for (row, column), cell in plan.cells.items()
                if cell.formula is not None and has_call(cell.formula) and not self._reaches_moved(cell.formula)
            }
            for plan in self.anchored
        }

    def overwritten(
        self, package: Package, cells: Mapping[str, Mapping[str, Cell]], taxonomy: str | None
    ) -> Iterator[Difference]:
        """Formulas of the template that are something else now."""
        for plan in self.anchored:
            yield from self._on_anchored(plan, cells[plan.sheet.name], taxonomy)
        names = named_cells(package)
        for plan in self.shifted:
            for cell in plan.cells.values():
                if cell.formula is None or cell.name not in names:
                    continue
                sheet, row, column = names[cell.name]
                mine = cells.get(sheet, {}).get(format_cell(row, column))
                if mine is not None and mine.formula is None:
                    yield Difference(sheet, mine.ref, "overwritten formula", shown(mine.value), "a formula")

    def _on_anchored(self, plan: Plan, cells: Mapping[str, Cell], taxonomy: str | None) -> Iterator[Difference]:
        sheet = plan.sheet.name
        for (row, column), described in plan.cells.items():
            expected = styled(described, self.style, taxonomy)
            if expected is None:
                continue
            ref = format_cell(row, column)
            mine = cells.get(ref)
            if mine is None or mine.formula is None:
                yield Difference(sheet, ref, "overwritten formula", shown(mine.value if mine else None), expected)
            elif f"={mine.formula}" != expected and self._masked(f"={mine.formula}") != self._masked(expected):
                yield Difference(sheet, ref, "changed formula", f"={mine.formula}", expected)

    def _masked(self, formula: str) -> list[str]:
        """The formula without its spelling, and without its references to moved sheets, which follow their cells."""
        try:
            return ["?" if self._is_moved(token) else text for token, text in spelled_alike(formula)]
        except FormulaError:
            return [formula]  # the lint names a formula that cannot be parsed

    def _reaches_moved(self, formula: str) -> bool:
        return bool(self.moved) and any(self._is_moved(token) for token in tokens(formula))

    def _is_moved(self, token: Token) -> bool:
        sheet, separator, _ = token.value.rpartition("!")
        return bool(separator) and token.type == Token.OPERAND and unquoted(sheet) in self.moved


NOT_OURS = Description(Style.NATIVE, (), (), frozenset())


def description(package: Package) -> Description:
    """What the template says of this file; nothing when it is of no template and version that is known here."""
    names = named_cells(package)
    texts = {name.name: name.text for name in package.defined_names() if name.scope is None}
    found = marks(package)
    if found is None:
        lost = [name for name in (f"valuehour_{mark}" for mark in MARKS) if name not in names]
        some = len(lost) < len(MARKS)
        return replace(NOT_OURS, names=tuple(_missing(name, texts, _MARK) for name in lost if some))
    if found["template"] not in TEMPLATES:
        return NOT_OURS
    if found["style"] not in list(Style):
        return replace(NOT_OURS, names=(_moved("valuehour_style", texts, _MARK),))
    tables = {table.name: table for table in package.tables()}
    areas = {name: parse_area(table.ref) for name, table in tables.items()}
    described = template(found["template"], rows={name: area.bottom - area.top for name, area in areas.items()})
    if found["version"] != described.version:
        return NOT_OURS
    have = {sheet.name for sheet in package.worksheets()}
    anchored: list[Plan] = []
    shifted: list[Plan] = []
    moved: set[str] = set()
    astray: list[Difference] = []
    for sheet in described.sheets:
        plan = plan_sheet(sheet, {}, {}, bare=True)
        name = sheet.name if sheet.name in have else _renamed(plan, names, tables)
        if name is None:
            moved.add(sheet.name)
            continue
        plan.sheet = replace(sheet, name=name)
        off = list(_names_astray(package, plan, names, texts))
        astray += off
        stands = _is_anchored(plan, names, tables, {one.cell for one in off})
        (anchored if stands else shifted).append(plan)
        if not stands or name != sheet.name:
            moved |= {sheet.name, name}
    return Description(Style(found["style"]), tuple(anchored), tuple(shifted), frozenset(moved), tuple(astray))


def _names_astray(package: Package, plan: Plan, names: Names, texts: Mapping[str, str]) -> Iterator[Difference]:
    """The names of a sheet that are gone, and those that left their cells; a cell that moved takes its name along."""
    sheet = plan.sheet.name
    named = {at: cell.name for at, cell in plan.cells.items() if cell.name is not None}
    off = {at: name for at, name in named.items() if names.get(name) != (sheet, *at)}
    if not off:
        return
    cells = {(cell.row, cell.column): cell for cell in read_cells(package, sheet)}
    for at, name in off.items():
        place = f"{quoted(sheet)}!{format_cell(*at)}"
        if name not in texts or "#REF!" in texts[name]:
            yield _missing(name, texts, place)
        elif _stays(plan, at, cells):
            yield _moved(name, texts, place)


def _missing(name: str, texts: Mapping[str, str], place: str) -> Difference:
    return Difference("(names)", name, "missing name", texts.get(name, "no such name"), place)


def _moved(name: str, texts: Mapping[str, str], place: str) -> Difference:
    return Difference("(names)", name, "moved name", texts[name].replace("$", ""), place)


def _stays(plan: Plan, at: tuple[int, int], cells: Mapping[tuple[int, int], Cell]) -> bool:
    """Whether a cell stands where the template puts it, by the words beside and above it."""
    words = {
        (row, column): cell.content
        for (row, column), cell in plan.cells.items()
        if (row == at[0] or (row < at[0] and column == at[1]))
        and isinstance(cell.content, str)
        and cell.formula is None
        and cell.name is None
        and cell.accepts is None
    }
    if not any(row == at[0] for row, _ in words):
        return False
    if plan.cells[at].formula is not None and (at not in cells or cells[at].formula is None):
        return False
    return all(place in cells and cells[place].value == text for place, text in words.items())


def quoted(sheet: str) -> str:
    """A sheet name as it stands in a formula.

    >>> quoted("Lists"), quoted("Our lists")
    ('Lists', "'Our lists'")
    """
    return sheet if _PLAIN_SHEET_NAME.fullmatch(sheet) else "'" + sheet.replace("'", "''") + "'"


def unquoted(sheet: str) -> str:
    """A sheet name as it stands on its tab.

    >>> unquoted("'Our lists'")
    'Our lists'
    """
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet


def _renamed(plan: Plan, names: Names, tables: Mapping[str, Table]) -> str | None:
    """The sheet of the file on which the names and tables of a described sheet stand."""
    on = [names[cell.name][0] for cell in plan.cells.values() if cell.name is not None and cell.name in names]
    on += [tables[placed.table.name].sheet for placed in plan.tables if placed.table.name in tables]
    return max(sorted(set(on)), key=on.count, default=None)


def _is_anchored(plan: Plan, names: Names, tables: Mapping[str, Table], astray: Collection[str]) -> bool:
    sheet = plan.sheet.name
    return all(
        names.get(cell.name) == (sheet, row, column)
        for (row, column), cell in plan.cells.items()
        if cell.name is not None and cell.name not in astray
    ) and all(
        (table := tables.get(placed.table.name)) is not None and (table.sheet, table.ref) == (sheet, placed.ref)
        for placed in plan.tables
    )
