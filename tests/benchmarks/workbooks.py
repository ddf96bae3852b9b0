"""Building and verifying the example workbook, against openpyxl saving the same cells."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from copy import copy
from functools import partial
from typing import Any, NamedTuple

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell

from tests.benchmarks.timing import Row, in_turns, timed
from valuehour.ooxml import Package
from valuehour.workbooks.build import build, described
from valuehour.workbooks.formula import Style
from valuehour.workbooks.scenario import load_scenario
from valuehour.workbooks.verify import verify

TEMPLATE = "value_model"
SCENARIO = "decision_continuity"

NOTE = """\
[1] A new openpyxl.Workbook() with the same sheets, the same contents (formulas and values) in the same cells and, for
    each cell, the same font, fill, border, alignment and number format, given by assigning ready-made objects as
    openpyxl documents it; saved to memory. It has no calculated values, tables, charts, names, merged cells, widths,
    dropdowns, conditional formats or print set-up, and its bytes differ from run to run.
[2] The same without any style: contents only.
    What is timed on our side is build(...).to_bytes(): description, lay-out, rendering, calculation by the engine,
    canonical XML, values patched in, alternative texts, zip. Before each build everything that an earlier one
    remembered (formulas, styles, the catalog) is forgotten, as in a fresh process."""


class Look(NamedTuple):
    """The style of a cell as openpyxl takes it."""

    font: Any
    fill: Any
    border: Any
    alignment: Any
    number_format: str


class Written(NamedTuple):
    """A cell to write."""

    row: int
    column: int
    content: Any
    look: Look


Sheets = dict[str, list[Written]]


def rows(*, quick: bool) -> Iterator[Row]:
    """Building in each style, and verifying."""
    runs = 1 if quick else 9
    filling = load_scenario(described(TEMPLATE), SCENARIO)

    def built(style: Style) -> bytes:
        return build(TEMPLATE, style=style, filling=filling).to_bytes()

    for style in Style:
        sheets = written(built(style))
        own, styled, plain = in_turns(
            runs,
            timed(partial(built, style), forget),
            timed(partial(bare, sheets, styled=True)),
            timed(partial(bare, sheets, styled=False)),
        )
        what = f"build {TEMPLATE}, {SCENARIO}, {style}"
        yield Row(what=what, own=own, rival="openpyxl, same cells and styles [1]", others=styled, most_times=3)
        yield Row(what=what, own=own, rival="openpyxl, same cells, no styles [2]", others=plain)

    data = built(Style.NATIVE)

    def verified() -> None:
        assert verify(Package.read(data)).ok

    own, building = in_turns(runs, timed(verified, forget), timed(partial(built, Style.NATIVE), forget))
    yield Row(what=f"verify {TEMPLATE}, {SCENARIO}", own=own, rival="building it", others=building)


def forget() -> None:
    """Empty every cache of the package."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "valuehour":
            for thing in vars(module).values():
                clear = getattr(thing, "cache_clear", None)
                if clear is not None:
                    clear()


def written(data: bytes) -> Sheets:
    """What stands in the cells of a workbook, with one object for each style."""
    looks: dict[int, Look] = {}

    def look(cell: Cell) -> Look:
        if cell.style_id not in looks:
            looks[cell.style_id] = Look(
                copy(cell.font), copy(cell.fill), copy(cell.border), copy(cell.alignment), cell.number_format
            )
        return looks[cell.style_id]

    return {
        sheet.title: [
            Written(cell.row, cell.column, cell.value, look(cell))
            for row in sheet.iter_rows()
            for cell in row
            if isinstance(cell, Cell) and (cell.value is not None or cell.has_style)
        ]
        for sheet in load_workbook(io.BytesIO(data)).worksheets
    }


def bare(sheets: Sheets, *, styled: bool) -> bytes:
    """Write the cells into a new workbook and save it."""
    book = Workbook()
    del book["Sheet"]
    for title, cells in sheets.items():
        sheet = book.create_sheet(title)
        for row, column, content, look in cells:
            cell: Any = sheet.cell(row, column, content)
            if styled:
                cell.font = look.font
                cell.fill = look.fill
                cell.border = look.border
                cell.alignment = look.alignment
                cell.number_format = look.number_format
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
