"""Rules for cells: their formulas, cached values, marks and texts, also inside tables."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from valuehour.errors import CellError, WorkbookError
from valuehour.ooxml import (
    Area,
    Cell,
    SheetRef,
    Table,
    TableColumn,
    cell_record_count,
    parse_area,
    read_cells,
    shift_formula,
)
from valuehour.ooxml.metadata import METADATA_TYPE
from valuehour.workbooks.lint.context import Context
from valuehour.workbooks.lint.formulas import analyse, shortened
from valuehour.workbooks.lint.rules import Finding, finding
from valuehour.workbooks.vocabulary import SPILLING

MAX_TEXT = 32_767


@dataclass(slots=True)
class _Placed:
    """A table on its sheet: its whole area, its data rows, and the cells of it that were met."""

    table: Table
    area: Area
    first: int
    last: int
    headers: dict[int, Cell]
    met: set[tuple[int, int]]

    def column(self, number: int) -> TableColumn | None:
        at = number - self.area.left
        return self.table.columns[at] if at < len(self.table.columns) else None


def check_cells(context: Context, sheet: SheetRef, formula_cells: set[str]) -> Iterator[Finding]:
    """Yield the faults of a sheet's cells; its formula cells are added to ``formula_cells``."""
    placed = [_place(table, area) for table, area in table_areas(context.tables) if table.sheet == sheet.name]
    records = _metadata_records(context)
    for cell in read_cells(context.package, sheet):
        if cell.formula is not None or cell.kind != "normal":
            formula_cells.add(cell.ref)
            yield from _formula_cell(context, sheet.name, cell)
        yield from _value(sheet.name, cell)
        if cell.cm is not None and not 1 <= cell.cm <= records:
            yield finding("metadata", sheet.name, cell.ref, f"cm={cell.cm} with {records} metadata records")
        for table in placed:
            yield from _in_table(sheet.name, cell, table)
    for table in placed:
        yield from _after(sheet.name, table)


def table_areas(tables: tuple[Table, ...]) -> Iterator[tuple[Table, Area]]:
    """Yield the tables whose range can be read, and the range."""
    for table in tables:
        with contextlib.suppress(WorkbookError):
            yield table, parse_area(table.ref)


def _place(table: Table, area: Area) -> _Placed:
    return _Placed(table, area, area.top + table.header_rows, area.bottom - table.totals_rows, {}, set())


def _metadata_records(context: Context) -> int:
    """Return how many cell metadata records count: none unless part, content type and relationship are there."""
    part = context.package.related_part("sheetMetadata")
    if part is None or context.package.content_type(part) != METADATA_TYPE:
        return 0
    return cell_record_count(context.package)


def _formula_cell(context: Context, sheet: str, cell: Cell) -> Iterator[Finding]:
    if cell.kind != "dataTable":
        if cell.formula is None:
            yield finding("shared-master", sheet, cell.ref, "a shared formula without its master")
            return
        yield from context.formula(cell.formula, sheet, cell.ref)
        yield from _mark(context, sheet, cell, cell.formula)
    if not cell.has_value:
        yield finding("value-missing", sheet, cell.ref, f"={shortened(cell.formula or '')} without a value")


def _mark(context: Context, sheet: str, cell: Cell, formula: str) -> Iterator[Finding]:
    # An array formula without a mark is one entered by Ctrl+Shift+Enter, as long as it calls nothing newer than that.
    if cell.kind == "array" and cell.cm is not None:
        return
    analysis = analyse(formula)
    called = context.calls_function(analysis) or next(iter(sorted(analysis.functions & SPILLING)), None)
    if called is not None:
        yield finding("array-mark", sheet, cell.ref, f"a call of {called} in a formula that is no marked array")


def _value(sheet: str, cell: Cell) -> Iterator[Finding]:
    if cell.type == "e" and cell.value is not None:
        shown = cell.value.value if isinstance(cell.value, CellError) else cell.value
        yield finding("value-error", sheet, cell.ref, f"the value {shown}")
    elif isinstance(cell.value, str) and len(cell.value) > MAX_TEXT // 2:
        length = len(cell.value.encode("utf-16-le", "surrogatepass")) // 2
        if length > MAX_TEXT:
            yield finding("text-length", sheet, cell.ref, f"a text of {length:,} characters")


def _in_table(sheet: str, cell: Cell, placed: _Placed) -> Iterator[Finding]:
    place = cell.row, cell.column
    if cell.kind == "array" and cell.array_ref is not None:
        area = parse_area(cell.array_ref)
        if area.size > 1 and area.overlaps(placed.area):
            yield finding("table-array", sheet, cell.ref, f"an array over {area} in table {placed.table.name}")
    if place not in placed.area:
        return
    column = placed.column(cell.column)
    if cell.row < placed.first:
        placed.headers[cell.column] = cell
    elif cell.row <= placed.last and column is not None:
        placed.met.add(place)
        single = cell.kind == "array" and cell.array_ref == cell.ref
        if single and not column.array:
            found = f"an array formula in column {column.name!r}, whose calculatedColumnFormula is not marked array"
            yield finding("table-array", sheet, cell.ref, found)
        if column.formula is not None and not _same_formula(cell, column.formula, placed.first):
            shown = "no formula" if cell.formula is None else f"={shortened(cell.formula)}"
            found = f"{shown} where column {column.name!r} has ={shortened(column.formula)}"
            yield finding("table-formula", sheet, cell.ref, found)


def _same_formula(cell: Cell, formula: str, first_row: int) -> bool:
    # Relative references of a column formula are those of its first row.
    return cell.formula is not None and cell.formula in (formula, shift_formula(formula, cell.row - first_row, 0))


def _after(sheet: str, placed: _Placed) -> Iterator[Finding]:
    """Yield what only shows once all cells were met: headers, and cells that are missing."""
    for number, column in enumerate(placed.table.columns, placed.area.left):
        if placed.table.header_rows:
            header = placed.headers.get(number)
            place = str(Area(placed.area.top, number, placed.area.top, number))
            if header is None or header.value is None:
                yield finding(
                    "table-header", sheet, place, f"no text where table {placed.table.name} has {column.name!r}"
                )
            elif header.value != column.name or header.formula is not None:
                shown = shortened(str(header.value))
                found = f"{shown!r} where table {placed.table.name} has {column.name!r}"
                yield finding("table-header", sheet, place, found)
        if column.formula is not None:
            for row in range(placed.first, placed.last + 1):
                if (row, number) not in placed.met:
                    found = f"an empty cell where column {column.name!r} has ={shortened(column.formula)}"
                    yield finding("table-formula", sheet, str(Area(row, number, row, number)), found)
