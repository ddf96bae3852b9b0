"""Styles of one workbook taken into another: every cell looks as it did, and what is there already is used again."""

from __future__ import annotations

import io

import openpyxl
import pytest
from openpyxl.formatting.rule import Rule
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.styles.differential import DifferentialStyle

from tests.unit.ooxml.handmade import saved
from valuehour.errors import WorkbookError
from valuehour.ooxml import Package, Patch, format_cell, patch_cells, read_cells
from valuehour.ooxml.styles import take_styles


def looks(book: openpyxl.Workbook, ref: str) -> tuple[object, ...]:
    """What a person sees of a cell."""
    cell = book.active[ref]  # type: ignore[index]
    border = cell.border.bottom.style if cell.border and cell.border.bottom else None
    return (
        cell.font.name, cell.font.sz, cell.font.b, cell.font.color.rgb if cell.font.color else None,
        cell.fill.patternType, cell.fill.fgColor.rgb, border, cell.number_format, cell.alignment.horizontal,
    )  # fmt: skip


def drawn() -> openpyxl.Workbook:
    """A workbook with a few looks."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["A1"], page["A2"], page["A3"], page["A4"] = 1, 2, 3, "text"
    page["A1"].font = Font(name="Calibri", sz=14, b=True, color="FF112233")
    page["A2"].fill = PatternFill("solid", fgColor="FFFFF8DC")
    page["A2"].number_format = '#,##0.0,,"m"'
    page["A3"].border = Border(bottom=Side("thin", color="FF000000"))
    page["A3"].number_format = "0.00%"
    page["A4"].alignment = Alignment(horizontal="right", wrap_text=True)
    look = DifferentialStyle(font=Font(color="FFB23A0E"), fill=PatternFill("solid", bgColor="FFFBE9DF"))
    page.conditional_formatting.add("A1:A3", Rule(type="expression", formula=["A1>1"], dxf=look))
    return book


def other() -> openpyxl.Workbook:
    """A workbook of a planner, with looks of its own."""
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page["A1"] = 1
    page["A1"].font = Font(name="Arial", sz=8)
    page["A1"].number_format = '0" EUR"'
    page["B1"].fill = PatternFill("solid", fgColor="FFAABBCC")
    book.add_named_style(NamedStyle("Ours", font=Font(name="Courier New", sz=7)))
    return book


def opened(package: Package) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(package.to_bytes()))


def test_every_cell_looks_in_the_target_as_it_did_in_the_source() -> None:
    source, target = Package.read(saved(drawn())), Package.read(saved(other()))
    mine = {ref: looks(opened(target), ref) for ref in ("A1", "B1")}
    taken = take_styles(target, source)
    styles = {cell.ref: cell.style for cell in read_cells(source, "Sheet")}
    places = {format_cell(row, 5): styles[f"A{row}"] for row in range(1, 5)}
    patch_cells(target, "Sheet", {ref: Patch(style=taken.cells[style]) for ref, style in places.items()})
    result = opened(target)
    for row in range(1, 5):
        assert looks(result, f"E{row}") == looks(opened(source), f"A{row}")
    assert {ref: looks(result, ref) for ref in mine} == mine


def test_what_was_taken_once_is_used_again() -> None:
    source, target = Package.read(saved(drawn())), Package.read(saved(other()))
    first = take_styles(target, source)
    data = target.parts["xl/styles.xml"]
    assert take_styles(target, source) == first
    assert target.parts["xl/styles.xml"] == data


def test_what_conditions_draw_is_taken_too() -> None:
    source, target = Package.read(saved(drawn())), Package.read(saved(other()))
    taken = take_styles(target, source)
    (look,) = opened(target)._differential_styles.styles
    assert taken.conditions == {0: 0}
    assert look.font.color.rgb == "FFB23A0E"
    assert look.fill.bgColor.rgb == "FFFBE9DF"


def test_two_number_formats_of_one_number_stay_apart() -> None:
    """Both workbooks count their own formats from 164 on."""
    source, target = Package.read(saved(drawn())), Package.read(saved(other()))
    assert b'numFmtId="164"' in source.parts["xl/styles.xml"]
    assert b'numFmtId="164"' in target.parts["xl/styles.xml"]
    taken = take_styles(target, source)
    styles = {cell.ref: cell.style for cell in read_cells(source, "Sheet")}
    patch_cells(target, "Sheet", {"E2": Patch(style=taken.cells[styles["A2"]])})
    page = opened(target).active
    assert page is not None
    assert (page["A1"].number_format, page["E2"].number_format) == ('0" EUR"', '#,##0.0,,"m"')


def test_a_workbook_without_styles_or_in_a_strange_spelling_is_refused() -> None:
    source, target = Package.read(saved(drawn())), Package.read(saved(other()), label="theirs.xlsx")
    strange = target.copy()
    data = (
        strange.parts["xl/styles.xml"]
        .decode()
        .replace("<", "<x:")
        .replace("<x:/", "</x:")
        .replace("xmlns=", "xmlns:x=")
    )
    strange.parts["xl/styles.xml"] = data.encode()
    with pytest.raises(WorkbookError, match=r"theirs\.xlsx: xl/styles\.xml is not written as Excel writes it"):
        take_styles(strange, source)
    bare = target.copy()
    bare.remove_part("xl/styles.xml")
    with pytest.raises(WorkbookError, match=r"theirs\.xlsx: has no styles part"):
        take_styles(bare, source)
