"""What is calculated from very many new rows: the engine is given what formulas look at, and no more.

Only for workbooks in plain formulas whose results rest on nothing but the values of cells; every other is left to the
engine as a whole. Formulas are handed over without the value they have, and with table references written as cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from openpyxl.formula.tokenizer import Token

from valuehour import engine
from valuehour.errors import CellError, FormulaError
from valuehour.ooxml import Area, Cell, CellValue, Package, SheetRef, read_cells
from valuehour.ooxml.bulk import GrownSheet
from valuehour.ooxml.markup import to_xml
from valuehour.ooxml.parts import Pieces
from valuehour.ooxml.patch import value_markup
from valuehour.workbooks.formula import tokens
from valuehour.workbooks.precedents import Precedents

Results = Mapping[SheetRef, Sequence[tuple[Cell, CellValue]]]
"""The formula cells of each sheet, each with what its formula gives."""
Row = tuple[int, bytes]
"""A row by its number, as markup."""

# What these give rests on the values and the places of what they are given, and on nothing else that a file says.
_PURE = """
ABS AND AVERAGE AVERAGEIF AVERAGEIFS CHOOSE COLUMN COLUMNS CONCATENATE COUNT COUNTA COUNTBLANK COUNTIF COUNTIFS DATE
DAY EDATE EOMONTH EXACT EXP FIND FIXED IF IFERROR IFNA IFS INDEX INT ISBLANK ISERROR ISNA ISNUMBER ISTEXT LARGE LEFT
LEN LN LOG10 LOOKUP LOWER MATCH MAX MAXIFS MEDIAN MID MIN MINIFS MOD MONTH N NOT OR POWER PRODUCT RANK REPT RIGHT ROUND
ROUNDDOWN ROUNDUP ROW ROWS SEARCH SIGN SINH SMALL SQRT SUBSTITUTE SUM SUMIF SUMIFS SUMPRODUCT TRIM TRUNC UPPER
VLOOKUP YEAR
"""

FUNCTIONS = frozenset(_PURE.split())

_HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="%s"/><sheetData>'
_TAIL = b"</sheetData></worksheet>"


class _UnfitError(Exception):
    """Something in the workbook needs the engine as a whole."""


def grown_sheets(package: Package) -> dict[SheetRef, GrownSheet]:
    """The sheets with rows that are not written out yet."""
    found = {sheet: package.parts.streamed(sheet.part) for sheet in package.worksheets()}
    return {sheet: part for sheet, part in found.items() if isinstance(part, GrownSheet)}


def lean_results(hollow: Package, grown: Mapping[SheetRef, GrownSheet]) -> Results | None:
    """What the formulas of a workbook give; None where only the engine as a whole can tell.

    ``hollow`` is the workbook without the rows of its ``grown`` sheets, whose formulas may not stand in those rows.
    """
    try:
        cells = {sheet: list(read_cells(hollow, sheet)) for sheet in hollow.worksheets()}
        scribe = _Scribe(hollow, grown)
        written = {sheet: list(scribe.rows(sheet, cells[sheet])) for sheet in cells}
        copy = hollow.copy()
        for sheet, rows in written.items():
            columns = scribe.columns.get(sheet, set())
            copy.parts.stream(sheet.part, Pieces(partial(_sheet, cells[sheet], rows, grown.get(sheet), columns)))
        formulas = {sheet: [cell for cell in found if cell.formula is not None] for sheet, found in cells.items()}
        places = [(sheet.name, cell.row, cell.column) for sheet, found in formulas.items() for cell in found]
        values = engine.evaluate_workbook(copy.to_bytes(compressed=False), places, {})
    except (_UnfitError, FormulaError):
        return None
    if CellError.NAME in values.values():
        return None
    return {
        sheet: [(cell, _as_read(values[sheet.name, cell.row, cell.column])) for cell in found]
        for sheet, found in formulas.items()
    }


def _sheet(cells: Sequence[Cell], rows: Sequence[Row], part: GrownSheet | None, columns: set[int]) -> Iterator[bytes]:
    """A sheet as the engine is given it. Told how far it reaches, the engine takes half the memory to read it."""
    last = max((cell.row for cell in cells), default=1)
    after = last if part is None else part.after
    last = last if part is None else max(last, after + part.rows.count)
    right = max([1, *columns, *(cell.column for cell in cells)])
    yield _HEAD % str(Area(1, 1, last, right)).encode()
    yield from (row for number, row in rows if number <= after)
    if part is not None:
        yield from part.bare(columns)
    yield from (row for number, row in rows if number > after)
    yield _TAIL


def _as_read(value: engine.Scalar) -> CellValue:
    return float(value) if type(value) is int else value


class _Scribe:
    """Writes the cells of a workbook for the engine; ``columns`` are those of the new rows that formulas look at."""

    def __init__(self, hollow: Package, grown: Mapping[SheetRef, GrownSheet]) -> None:
        self.columns: dict[SheetRef, set[int]] = {sheet: set() for sheet in grown}
        self._by_name = {sheet.name.lower(): (sheet, part) for sheet, part in grown.items()}
        self._precedents = Precedents(hollow)
        self._seen: set[tuple[str, SheetRef]] = set()
        if any(cell.formula is not None for part in grown.values() for cell in part.rows.cells):
            raise _UnfitError

    def rows(self, sheet: SheetRef, cells: Sequence[Cell]) -> Iterator[Row]:
        """The rows of a sheet by number."""
        row, found = 0, list[bytes]()
        for cell in cells:
            if cell.row != row and found:
                yield row, b'<row r="%d">%s</row>' % (row, b"".join(found))
                found = []
            row = cell.row
            if cell.formula is not None:
                if cell.kind not in ("normal", "shared"):
                    raise _UnfitError
                formula = to_xml(self._formula(cell.formula, sheet, cell.row))
                found.append(b'<c r="%s"><f>%s</f></c>' % (cell.ref.encode(), formula))
            elif cell.has_value:
                if cell.value in ("", None) or (cell.type == "e" and not isinstance(cell.value, CellError)):
                    raise _UnfitError
                kind, markup = value_markup(cell.value, b"", True, cell.ref)
                # The format of a number can make it a date.
                of_type = b' s="%d"' % cell.style if kind is None else b' t="%s"' % kind
                found.append(b'<c r="%s"%s>%s</c>' % (cell.ref.encode(), of_type, markup))
        if found:
            yield row, b'<row r="%d">%s</row>' % (row, b"".join(found))

    def _formula(self, formula: str, sheet: SheetRef, row: int) -> str:
        pieces = []
        for token in tokens(f"={formula}"):
            text = token.value
            if token.type == Token.OPERAND and token.subtype == Token.RANGE:
                if (text, sheet) not in self._seen:
                    self._note(text.strip(), sheet, row)
                    self._seen.add((text, sheet))
                text = self._precedents.spelled(text, row)
            elif token.type == Token.FUNC and token.subtype == Token.OPEN:
                if text[:-1].upper().removeprefix("_XLFN.") not in FUNCTIONS:
                    raise _UnfitError
            elif token.type == Token.OP_IN and text in (":", ","):
                raise _UnfitError
            pieces.append(text)
        return "".join(pieces)

    def _note(self, text: str, sheet: SheetRef, row: int) -> None:
        """Note which columns of new rows a reference covers; one to the formula's own row covers none of them."""
        if not self._precedents.is_certain(text, sheet.name, row):
            raise _UnfitError
        for place in self._precedents.resolve(text, sheet.name, row):
            found = self._by_name.get(place.sheet.lower())
            if found is None:
                continue
            of_sheet, part = found
            if place.area.top <= part.after + part.rows.count and place.area.bottom > part.after:
                filled = {number for number, _, _ in part.rows.columns()}
                self.columns[of_sheet] |= filled & set(range(place.area.left, place.area.right + 1))
