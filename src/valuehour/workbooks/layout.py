"""From a described sheet to its cells: where everything stands and what it shows.

The grid of every sheet: margin A, label column B, five slots, margin. A slot is one text column, two figure columns
or three narrow ones, so that all sheets are equally wide.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal

from valuehour.ooxml.reference import column_letters, column_number
from valuehour.workbooks.formula import Style, in_style, to_file
from valuehour.workbooks.look import Format, Look
from valuehour.workbooks.spec import Cell, Content, Grid, Sheet, Table

MARGIN_WIDTH = 2.71
LABEL_WIDTH = 30.71
SLOT_WIDTH = 27.42
DATA_WIDTH = 15.71
NARROW = 10.0
"""Below this width a head is drawn smaller, so that its words stay whole."""

ROW_HEIGHT = 19.0
FIXED_HEIGHTS = {1: 9.0, 2: 28.0, 3: 23.0, 4: 4.0, 6: 24.0, 8: 21.0, 9: 32.0, 10: 21.0}

FIRST_COLUMN = column_number("B")

_THIS_ROW = re.compile(r"\[@([^\]]+)\]")

Records = Mapping[str, Sequence[Mapping[str, Content]]]


def expand_this_row(formula: str, table: str) -> str:
    """Spell out ``[@Column]`` with its table, as files need it.

    >>> expand_this_row("=[@Weight]/2", "tblMembers")
    '=tblMembers[[#This Row],[Weight]]/2'
    """
    return _THIS_ROW.sub(lambda match: f"{table}[[#This Row],[{match[1]}]]", formula)


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """A table with the range it covers."""

    table: Table
    first_row: int
    last_row: int
    first_column: int
    last_column: int

    @property
    def ref(self) -> str:
        """The range from the heads to the last row."""
        return f"{column_letters(self.first_column)}{self.first_row}:{column_letters(self.last_column)}{self.last_row}"


@dataclass(slots=True)
class Plan:
    """One sheet, laid out: cells by (row, column), tables, sizes, the printed area."""

    sheet: Sheet
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)
    tables: list[PlacedTable] = field(default_factory=list)
    widths: dict[int, float] = field(default_factory=dict)
    heights: dict[int, float] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    last_column: int = 0
    last_row: int = 0

    def put(self, row: int, column: int, cell: Cell) -> None:
        """Place a cell; two cells in one place are a fault of the description."""
        if (row, column) in self.cells:
            raise ValueError(f"{self.sheet.name}: two cells at {column_letters(column)}{row}")
        self.cells[row, column] = cell


def styled(cell: Cell, style: Style, taxonomy: str | None) -> str | None:
    """The formula of a cell in file form, as a workbook of this style holds it."""
    if style is Style.NATIVE and cell.native is not None:
        return to_file(cell.native)
    return None if cell.formula is None else _in_file(cell.formula, style, taxonomy)


# The cells of a table column share one formula.
@lru_cache(maxsize=1024)
def _in_file(formula: str, style: Style, taxonomy: str | None) -> str:
    return to_file(in_style(formula, style, taxonomy))


def slot_columns(sheet: Sheet) -> list[tuple[int, int]]:
    """First and last column of the label column and of each slot."""
    spans = [(FIRST_COLUMN, FIRST_COLUMN)]
    for size in sheet.slots:
        start = spans[-1][1] + 1
        spans.append((start, start + size - 1))
    return spans


def place(table: Table, rows: int) -> PlacedTable:
    """Where a table stands that has so many rows."""
    first_column = column_number(table.column)
    return PlacedTable(
        table,
        table.row,
        table.row + rows,
        first_column,
        first_column + len(table.columns) - 1,
    )


def plan_sheet(sheet: Sheet, records: Records, named: Mapping[str, Content], *, bare: bool = False) -> Plan:
    """Lay out one sheet with what a scenario fills in: records by table, contents by cell name.

    A bare plan says what stands where: it has no heights, and not the cells of tables in which nothing stands.
    """
    plan = Plan(sheet)
    spans = slot_columns(sheet)
    plan.last_column = spans[-1][1]
    plan.widths = {1: MARGIN_WIDTH, FIRST_COLUMN: LABEL_WIDTH, plan.last_column + 1: MARGIN_WIDTH}
    for (start, end), size in zip(spans[1:], sheet.slots, strict=True):
        for column in range(start, end + 1):
            plan.widths[column] = round(SLOT_WIDTH / size, 2)
    plan.heights = {**FIXED_HEIGHTS}
    if not sheet.cards:
        for number in (8, 9, 10):
            del plan.heights[number]
    _band(plan, spans)
    _cards(plan, spans)
    for block in sheet.blocks:
        if isinstance(block, Table):
            _table(plan, block, records.get(block.name, ()), bare=bare)
        else:
            _grid(plan, block, named)
    plan.last_row = sheet.last_row or max(row for row, _ in plan.cells)
    for block in sheet.data:
        start = column_number(block.column)
        width = max(len(cells) for cells in block.cells)
        plan.widths.update(dict.fromkeys(range(start, start + width), DATA_WIDTH))
        _grid(plan, block, named)
    if not bare:
        for number in range(5, plan.last_row + 1):
            plan.heights.setdefault(number, ROW_HEIGHT)
        plan.heights.update(sheet.heights)
    return plan


def _band(plan: Plan, spans: list[tuple[int, int]]) -> None:
    sheet = plan.sheet
    last_start, last_end = spans[-1]
    for row in range(1, 5):
        for column in range(1, plan.last_column + 2):
            look = Look.STRIP if row == 4 else Look.BAND
            cell = Cell(look=look)
            if column == FIRST_COLUMN and row == 2:
                cell = Cell(content=sheet.title, look=Look.TITLE)
            elif column == FIRST_COLUMN and row == 3:
                cell = Cell(content=sheet.subtitle, look=Look.SUBTITLE)
            elif column == last_start and row == 2:
                cell = Cell(content="=out_checks_status", look=Look.CHIP, link=("Checks", "B6"))
            elif column == last_start and row == 3:
                cell = Cell(content="=out_context", look=Look.CONTEXT)
            elif last_start < column <= last_end and row in (2, 3):
                cell = Cell(look=Look.CHIP if row == 2 else Look.CONTEXT)
            plan.put(row, column, cell)
    if last_end > last_start:
        plan.merges += [(2, last_start, 2, last_end), (3, last_start, 3, last_end)]
    plan.put(6, FIRST_COLUMN, Cell(content=sheet.message, look=Look.MESSAGE))


def _cards(plan: Plan, spans: list[tuple[int, int]]) -> None:
    for card, (start, end) in zip(plan.sheet.cards, spans, strict=False):
        for row, content, look, fmt in (
            (8, card.label, Look.CARD_LABEL, Format.GENERAL),
            (9, card.figure, Look.CARD_FIGURE, card.format),
            (10, card.unit, Look.CARD_UNIT, Format.GENERAL),
        ):
            bar: Literal["ink", "faint"] = "faint" if card.held else "ink"
            for column in range(start, end + 1):
                first = column == start
                plan.put(
                    row,
                    column,
                    Cell(
                        content=content if first else None,
                        look=look,
                        format=fmt,
                        bar=bar if first else None,
                        gutter=column == end,
                    ),
                )
            if end > start:
                plan.merges.append((row, start, row, end))


def _table(plan: Plan, table: Table, records: Sequence[Mapping[str, Content]], *, bare: bool) -> None:
    filled = table.records or tuple(records) or table.prefilled
    rows = max(table.rows, len(filled))
    placed = place(table, rows)
    plan.tables.append(placed)
    tall = False
    for offset, column in enumerate(table.columns):
        number = placed.first_column + offset
        plan.widths.setdefault(number, DATA_WIDTH)
        if column.unit:
            plan.put(table.row - 1, number, Cell(content=column.unit, look=Look.UNIT_ABOVE))
        figure = column.look in (Look.CALCULATION, Look.RESULT, Look.INPUT_FIGURE)
        tall = tall or len(column.head) > plan.widths[number] + 0.6
        head = Look.HEAD_FIGURE if figure else Look.HEAD
        if figure and plan.widths[number] < NARROW:
            head = Look.HEAD_NARROW
        plan.put(table.row, number, Cell(content=column.head, look=head))
        formula = None if column.formula is None else expand_this_row(column.formula, table.name)
        like = Cell(
            content=formula,
            look=column.look,
            format=column.format,
            accepts=column.accepts,
            typed=column.text or (column.formula is None and not table.records),
            link=(formula, "A1") if column.links and formula else None,
        )
        for index in range(len(filled) if formula is None and bare else rows):
            content = None if formula is not None or index >= len(filled) else filled[index].get(column.key)
            if content is not None:
                link = (str(content), "A1") if column.links and content else None
                plan.put(table.row + 1 + index, number, replace(like, content=content, link=link))
            elif formula is not None or not bare:
                plan.put(table.row + 1 + index, number, like)
    plan.heights[table.row] = 32.0 if tall else 20.0
    for index, cells in enumerate(table.after):
        for offset, cell in enumerate(cells):
            if cell is not None:
                plan.put(placed.last_row + 1 + index, placed.first_column + offset, cell)


def _grid(plan: Plan, block: Grid, named: Mapping[str, Content]) -> None:
    start = column_number(block.column)
    for index, cells in enumerate(block.cells):
        for offset, cell in enumerate(cells):
            if cell is None:
                continue
            if cell.name is not None and cell.name in named:
                cell = replace(cell, content=named[cell.name], typed=True)
            at = block.row + index
            plan.put(at, start + offset, cell)
            if cell.across > 1:
                plan.merges.append((at, start + offset, at, start + offset + cell.across - 1))
                for covered in range(start + offset + 1, start + offset + cell.across):
                    plan.put(at, covered, Cell(look=cell.look))
            if cell.look is Look.SECTION:
                plan.heights.setdefault(at, 24.0)
