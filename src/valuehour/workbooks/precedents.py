"""What a formula refers to: cells, ranges, names and table columns, as areas of sheets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from openpyxl.formula.tokenizer import Token

from valuehour.errors import FormulaError, ValuehourError
from valuehour.ooxml import Area, CellValue, Package, Table, parse_area, read_cells
from valuehour.workbooks.formula import tokens

_STRUCTURED = re.compile(r"^(?P<table>[^\[\]']+)\[(?P<inner>.*)\]$")
_ITEM = re.compile(r"\[([^\[\]]*)\]")


def _tokens(formula: str) -> list[Token]:
    """The tokens of a formula; none when it cannot be parsed, which the lint says."""
    try:
        return tokens(formula)
    except FormulaError:
        return []


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
        self._values: dict[str, dict[tuple[int, int], CellValue]] = {
            sheet.name: {(cell.row, cell.column): cell.value for cell in read_cells(package, sheet)}
            for sheet in package.worksheets()
        }

    def places(self, formula: str, sheet: str, row: int) -> Iterator[Place]:
        """The areas a formula (with its ``=``) of that sheet and row refers to directly."""
        for token in _tokens(formula):
            if token.type == Token.OPERAND and token.subtype == Token.RANGE:
                yield from self._resolve(token.value.strip(), sheet, row)

    def numbers(self, formula: str, sheet: str, row: int) -> Iterator[float]:
        """The numbers that stand in what a formula refers to directly, and those written in it."""
        for place in self.places(formula, sheet, row):
            values = self._values.get(place.sheet, {})
            area = place.area
            for r in range(area.top, area.bottom + 1):
                for c in range(area.left, area.right + 1):
                    value = values.get((r, c))
                    if isinstance(value, float):
                        yield value
        for token in _tokens(formula):
            if token.type == Token.OPERAND and token.subtype == Token.NUMBER:
                yield float(token.value)

    def plain(self, formula: str, row: int) -> str:
        """The formula with every table reference written as cells, for an engine that knows no tables."""
        pieces = []
        found = _tokens(formula)
        if not found:
            return formula
        for token in found:
            text = token.value
            structured = _STRUCTURED.match(text.strip()) if token.type == Token.OPERAND else None
            if structured and structured["table"].lower() in self._tables:
                place = next(self._structured(self._tables[structured["table"].lower()], structured["inner"], row))
                text = f"'{place.sheet.replace(chr(39), chr(39) * 2)}'!{place.area}"
            pieces.append(text)
        return "=" + "".join(pieces)

    def _resolve(self, text: str, sheet: str, row: int) -> Iterator[Place]:
        structured = _STRUCTURED.match(text)
        if structured and structured["table"].lower() in self._tables:
            yield from self._structured(self._tables[structured["table"].lower()], structured["inner"], row)
            return
        if text.lower() in self._names:
            yield from self._resolve(self._names[text.lower()].lstrip("="), sheet, row)
            return
        where, separator, ref = text.rpartition("!")
        try:
            yield Place(where.strip("'").replace("''", "'") if separator else sheet, parse_area(ref))
        except ValuehourError:
            return  # a LAMBDA's variable, a function's name or a name of nothing

    def _structured(self, table: Table, inner: str, row: int) -> Iterator[Place]:
        items = _ITEM.findall(inner) or [inner]
        area = parse_area(table.ref)
        heads = {column.name.lower(): index for index, column in enumerate(table.columns)}
        columns = [heads[item.lower()] for item in items if item.lower() in heads]
        first, last = area.top + table.header_rows, area.bottom - table.totals_rows
        if "#This Row" in items:
            first = last = row
        elif "#Headers" in items:
            first = last = area.top
        left = area.left + min(columns, default=0)
        right = area.left + max(columns, default=len(table.columns) - 1)
        yield Place(table.sheet, Area(first, left, last, right))
