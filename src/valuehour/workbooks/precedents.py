"""What a formula refers to: cells, ranges, names and table columns, as areas of sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from openpyxl.formula.tokenizer import Token

from valuehour.errors import FormulaError, ValuehourError
from valuehour.ooxml import Area, CellValue, Package, Table, parse_area, read_cells
from valuehour.workbooks.cancelling import cancelling_scale
from valuehour.workbooks.formula import tokens

_STRUCTURED = re.compile(r"^(?P<table>[^\[\]']+)\[(?P<inner>.*)\]$")
# A ":" between two table references, not the one inside tbl[[First]:[Last]].
_RANGE = re.compile(r"(?<=\]):(?=[^\[\]]+\[)")
_ITEM = re.compile(r"\[((?:[^\[\]']|'.)*)\]")
_ESCAPED = re.compile(r"'(.)")


_SPECIAL = frozenset(("#This Row", "#Headers", "#Totals", "#All", "#Data"))


def _items(inner: str) -> list[str]:
    """What stands between the brackets of a table reference: heads, and specials such as ``#This Row``."""
    return [_ESCAPED.sub(r"\1", item) for item in _ITEM.findall(inner) or [inner]]


def _tokens(formula: str) -> tuple[Token, ...]:
    """The tokens of a formula; none when it cannot be parsed, which the lint says."""
    try:
        return tokens(formula)
    except FormulaError:
        return ()


@dataclass(frozen=True, slots=True)
class Place:
    """An area of a sheet."""

    sheet: str
    area: Area


class Precedents:
    """Resolves the references of a workbook's formulas, and the values that stand there."""

    def __init__(self, package: Package) -> None:
        self._names = {name.name.lower(): name.text for name in package.defined_names() if name.scope is None}
        self._tables: dict[str, Table] = {table.name.lower(): table for table in package.tables()}
        self._sheets = {sheet.name.lower() for sheet in package.worksheets()}
        self._parsed: dict[tuple[str, str], tuple[Place, bool]] = {}
        self._package = package

    @cached_property
    def _values(self) -> dict[str, dict[tuple[int, int], CellValue]]:
        return {
            sheet.name: {(cell.row, cell.column): cell.value for cell in read_cells(self._package, sheet)}
            for sheet in self._package.worksheets()
        }

    @cached_property
    def _calculated(self) -> set[tuple[str, tuple[int, int]]]:
        return {
            (sheet.name, (cell.row, cell.column))
            for sheet in self._package.worksheets()
            for cell in read_cells(self._package, sheet)
            if cell.formula is not None
        }

    def places(self, formula: str, sheet: str, row: int) -> Iterator[Place]:
        """The areas a formula (with its ``=``) of that sheet and row refers to directly."""
        for token in _tokens(formula):
            if token.type == Token.OPERAND and token.subtype == Token.RANGE:
                yield from self.resolve(token.value.strip(), sheet, row)

    def is_certain(self, text: str, sheet: str, row: int) -> bool:
        """Whether there is no doubt which cells of this workbook one operand of a formula stands for."""
        ends = [_STRUCTURED.match(end) for end in _RANGE.split(text)]
        if any(ends):
            return all(end is not None and self._is_known(end["table"], end["inner"]) for end in ends)
        return any(place.sheet.lower() in self._sheets for place in self.resolve(text, sheet, row))

    def _is_known(self, name: str, inner: str) -> bool:
        table = self._tables.get(name.lower())
        if table is None:
            return False
        heads = {column.name.lower() for column in table.columns}
        others = [item for item in _items(inner) if item.lower() not in heads]
        return len(others) <= 1 and _SPECIAL.issuperset(others)

    def scale(self, formula: str, sheet: str, row: int) -> float:
        """The size of the numbers that a formula adds or subtracts, in the unit of its result: see cancelling_scale."""
        return cancelling_scale(_tokens(formula), lambda text: self._numbers(text, sheet, row))

    def _numbers(self, text: str, sheet: str, row: int) -> Iterator[tuple[float, bool]]:
        """The numbers that stand in what one operand of a formula refers to, and whether each was typed."""
        for place in self.resolve(text, sheet, row):
            values = self._values.get(place.sheet, {})
            # Whole columns and rows reach far beyond what is there.
            few = place.area.size <= len(values)
            for cell in place.area.cells() if few else (cell for cell in values if cell in place.area):
                value = values.get(cell)
                if isinstance(value, float):
                    yield value, (place.sheet, cell) not in self._calculated

    def plain(self, formula: str, row: int) -> str:
        """The formula with every table reference written as cells, for an engine that knows no tables."""
        found = _tokens(formula)
        if not found:
            return formula
        pieces = (self.spelled(token.value, row) if token.type == Token.OPERAND else token.value for token in found)
        return "=" + "".join(pieces)

    def spelled(self, text: str, row: int) -> str:
        """One operand of a formula; a table reference written as cells."""
        place = self._in_tables(text.strip(), row)
        return text if place is None else f"'{place.sheet.replace(chr(39), chr(39) * 2)}'!{place.area}"

    def resolve(self, text: str, sheet: str, row: int, within: frozenset[str] = frozenset()) -> Iterator[Place]:
        """The areas that one operand of a formula stands for: a reference, a name or a table reference.

        ``within`` holds the names that are being resolved: one that refers to itself stands for nothing.
        """
        in_tables = self._in_tables(text, row)
        if in_tables is not None:
            yield in_tables
            return
        name = text.lower()
        if name in self._names:
            if name not in within:
                yield from self.resolve(self._names[name].lstrip("="), sheet, row, within | {name})
            return
        where, separator, ref = text.rpartition("!")
        try:
            yield Place(where.strip("'").replace("''", "'") if separator else sheet, parse_area(ref))
        except ValuehourError:
            return  # a LAMBDA's variable, a function's name or a name of nothing

    def _in_tables(self, text: str, row: int) -> Place | None:
        """The area of a table reference, or of a range between two of them; None for any other reference."""
        found = [_STRUCTURED.match(end) for end in _RANGE.split(text)]
        tables = [self._tables.get(end["table"].lower()) if end else None for end in found]
        places = [self._structured(t, end["inner"], row) for t, end in zip(tables, found, strict=True) if t and end]
        if len(places) < len(found):
            return None
        areas = [place.area for place in places]
        return Place(
            places[0].sheet,
            Area(
                min(area.top for area in areas),
                min(area.left for area in areas),
                max(area.bottom for area in areas),
                max(area.right for area in areas),
            ),
        )

    def _structured(self, table: Table, inner: str, row: int) -> Place:
        known = self._parsed.get((table.part, inner))
        if known is None:
            known = self._parsed[table.part, inner] = self._without_row(table, inner)
        place, of_row = known
        return Place(place.sheet, Area(row, place.area.left, row, place.area.right)) if of_row else place

    def _without_row(self, table: Table, inner: str) -> tuple[Place, bool]:
        """The area of a table reference, and whether it is the row of the formula that counts."""
        items = _items(inner)
        area = parse_area(table.ref)
        heads = {column.name.lower(): index for index, column in enumerate(table.columns)}
        columns = [heads[item.lower()] for item in items if item.lower() in heads]
        first, last = area.top + table.header_rows, area.bottom - table.totals_rows
        if "#Headers" in items:
            first = last = area.top
        elif "#Totals" in items:
            first = last = area.bottom
        elif "#All" in items:
            first, last = area.top, area.bottom
        left = area.left + min(columns, default=0)
        right = area.left + max(columns, default=len(table.columns) - 1)
        return Place(table.sheet, Area(first, left, last, right)), "#This Row" in items
