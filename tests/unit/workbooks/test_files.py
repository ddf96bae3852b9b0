"""Every generated file: complete, without an error cell, as Excel demands it, its sheets as the design describes."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests import soffice
from tests.fillings import FILLINGS
from tests.validator import validate
from tests.workbooks import STYLES, cells_of, file_of, package_of
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS
from valuehour.ooxml import Package, dynamic_array_index, parse_area
from valuehour.workbooks.compare import same
from valuehour.workbooks.data import input_rules
from valuehour.workbooks.formula import Style, has_call, to_display
from valuehour.workbooks.lint import lint
from valuehour.workbooks.look import TAB_COLOUR
from valuehour.workbooks.read import named_cells
from valuehour.workbooks.templates import TEMPLATES, template

# Newer functions that Excel 2019, every LibreOffice and both engines have.
SAFE_NEWER = {"IFS", "SWITCH", "TEXTJOIN", "CONCAT", "MAXIFS", "MINIFS"}
PROTECTED = {"About", "Functions", "Checks"}
every_filling = pytest.mark.parametrize("filling", FILLINGS)
every_style = pytest.mark.parametrize("style", STYLES)
every_template = pytest.mark.parametrize("name", TEMPLATES)


def empty(name: str, style: Style = Style.NATIVE) -> Package:
    return package_of({"template": name}, style)


def opened(name: str, style: Style = Style.NATIVE) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(file_of({"template": name}, style)))


def sheets(name: str) -> list[Worksheet]:
    return opened(name).worksheets


def is_error(value: object) -> bool:
    return isinstance(value, CellError) or (isinstance(value, str) and bool(re.match(r"#[A-Z/0!?]+[!?A]$", value)))


@every_style
@every_filling
def test_every_formula_cell_has_a_value_and_none_is_an_error(filling: str, style: Style) -> None:
    cells = cells_of(package_of(FILLINGS[filling], style))
    formulas = {place: cell for place, cell in cells.items() if cell.formula is not None}
    assert len(formulas) > 50
    assert [place for place, cell in formulas.items() if not cell.has_value] == []
    assert [place for place, cell in cells.items() if is_error(cell.value) or cell.type == "e"] == []


@every_filling
def test_both_styles_have_the_same_cells_and_the_same_values(filling: str) -> None:
    native, by_name = (cells_of(package_of(FILLINGS[filling], style)) for style in STYLES)
    assert native.keys() == by_name.keys()
    calls = 0
    for place, cell in native.items():
        other = by_name[place]
        assert (cell.formula is None) == (other.formula is None), place
        if cell.formula is None:
            style_mark = cell.value in list(Style)
            assert cell.value == other.value or style_mark, place
        else:
            assert type(cell.value) is type(other.value), place
            assert same(cell.value, other.value), place
            called = has_call(to_display(f"={other.formula}"))
            calls += called
            assert called or cell.formula == other.formula, place
        assert cell.style == other.style, place
    assert calls > 5


@every_style
@every_filling
def test_the_lint_finds_nothing(filling: str, style: Style) -> None:
    assert [str(finding) for finding in lint(package_of(FILLINGS[filling], style))] == []


@pytest.mark.requires_validator
@every_style
@every_filling
def test_the_open_xml_sdk_finds_nothing(filling: str, style: Style, tmp_path: Path) -> None:
    path = tmp_path / "workbook.xlsx"
    path.write_bytes(file_of(FILLINGS[filling], style))
    assert validate(path) == []


@pytest.mark.requires_libreoffice
def test_the_style_of_excel_365_opens_in_libreoffice_with_all_its_sheets_and_tables(tmp_path: Path) -> None:
    """Calc does not know LAMBDA, but who gets the file there still sees it; native files are compared cell by cell."""
    files = []
    for name in TEMPLATES:
        files.append(tmp_path / f"{name}.xlsx")
        files[-1].write_bytes(file_of({"template": name}, Style.LAMBDA))
    for name, file in zip(TEMPLATES, soffice.convert(files, "xlsx", tmp_path / "opened"), strict=True):
        found = Package.read(file)
        described = template(name)
        assert [sheet.name for sheet in found.sheets()] == [sheet.name for sheet in described.sheets]
        assert {table.name for table in found.tables()} == {table.name for table in described.tables}


@every_template
def test_only_the_sheets_that_take_no_input_are_protected_and_without_a_password(name: str) -> None:
    for sheet in sheets(name):
        assert sheet.protection.sheet == (sheet.title in PROTECTED), sheet.title
        assert sheet.protection.password is None
        assert sheet.protection.hashValue is None


@every_template
def test_every_sheet_stands_still_above_row_five_and_prints_as_a_page(name: str) -> None:
    for sheet in sheets(name):
        assert sheet.freeze_panes == "A5", sheet.title
        assert sheet.sheet_view.showGridLines is False
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.page_setup.fitToWidth == 1
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$1:$4"
        assert sheet.print_area
        assert sheet.oddFooter.right.text == "Page &P of &N"
        assert sheet.sheet_state == "visible"


@every_template
def test_the_tab_says_what_a_sheet_is_for(name: str) -> None:
    described = template(name)
    found = opened(name)
    assert found.sheetnames == [sheet.name for sheet in described.sheets]
    for sheet in described.sheets:
        colour = found[sheet.name].sheet_properties.tabColor
        assert colour is not None
        assert colour.rgb.endswith(TAB_COLOUR[sheet.role])
    assert found.active.title == described.sheets[0].name


@every_template
def test_every_font_is_calibri(name: str) -> None:
    styles = ElementTree.fromstring(empty(name).parts["xl/styles.xml"])
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    fonts = styles.find(f"{space}fonts")
    assert fonts is not None
    assert len(fonts) > 5
    for font in fonts:
        found = font.find(f"{space}name")
        assert found is not None
        assert found.get("val") == "Calibri"
        assert font.find(f"{space}sz") is not None


def drawings(package: Package) -> Mapping[str, bytes]:
    return {name: data for name, data in package.parts.items() if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name)}


@every_style
@every_template
def test_every_chart_has_an_alternative_text(name: str, style: Style) -> None:
    found = [
        element.get("descr", "")
        for data in drawings(empty(name, style)).values()
        for element in ElementTree.fromstring(data).iter()
        if element.tag.endswith("}cNvPr") and element.get("name", "").startswith("Chart")
    ]
    described = [chart.alt for sheet in template(name).sheets for chart in sheet.charts]
    assert sorted(found) == sorted(described)
    assert all(len(text) > 60 for text in found)


def rules(sheet: Worksheet) -> list[Any]:
    return list(sheet.data_validations.dataValidation)


@every_template
def test_every_input_has_a_rule_and_every_closed_one_an_error_message(name: str) -> None:
    book = opened(name)
    for input_name, accepts in input_rules(template(name)).items():
        place = book.defined_names[f"in_{input_name}"].attr_text
        sheet, _, ref = place.rpartition("!")
        cell = ref.replace("$", "")
        (rule,) = [r for r in rules(book[sheet.strip("'")]) if cell in r.sqref]
        assert rule.promptTitle or not accepts.prompt
        assert len(rule.promptTitle or "") <= 32
        assert len(rule.prompt or "") <= 255
        assert rule.showInputMessage == bool(accepts.prompt)
        assert rule.showErrorMessage == (not accepts.open)
        if not accepts.open:
            assert rule.errorStyle == "stop"
            assert rule.errorTitle
            assert rule.error == f"Allowed: {accepts.allowed}."
        if accepts.choices and not accepts.open:
            assert rule.type == "list"
            assert rule.formula1 == '"' + ",".join(accepts.choices) + '"'
        elif accepts.source:
            assert rule.type == "list"


@every_template
def test_every_typed_column_of_a_table_has_a_rule_in_every_row(name: str) -> None:
    book = opened(name)
    for table in template(name).tables:
        if not table.fillable:
            continue
        sheet = next(sheet for sheet in book.worksheets if table.name in sheet.tables)
        area = parse_area(sheet.tables[table.name].ref)
        for offset, column in enumerate(table.columns):
            for row in range(area.top + 1, area.bottom + 1):
                cell = sheet.cell(row, area.left + offset)
                covering = [rule for rule in rules(sheet) if cell.coordinate in rule.sqref]
                assert len(covering) == (column.formula is None), (table.name, cell.coordinate)


@every_style
@every_template
def test_every_input_and_result_is_a_named_cell_and_no_name_is_a_function(name: str, style: Style) -> None:
    package = empty(name, style)
    names = named_cells(package)
    described = [
        cell.name
        for sheet in template(name).sheets
        for block in (*sheet.blocks, *sheet.data)
        if hasattr(block, "cells")
        for cells in block.cells
        for cell in cells
        if cell is not None and cell.name is not None
    ]
    assert len(described) == len(set(described))
    assert set(described) <= set(names)
    assert {found for found in names if found.startswith("in_")} == {f"in_{key}" for key in input_rules(template(name))}
    assert not {found.upper() for found in names} & set(FUNCTIONS)
    places = [names[found] for found in described]
    assert len(places) == len(set(places))


@every_style
@every_filling
def test_every_formula_column_of_a_table_carries_the_formula_of_its_cells(filling: str, style: Style) -> None:
    package = package_of(FILLINGS[filling], style)
    cells = cells_of(package)
    columns = 0
    for table in package.tables():
        area = parse_area(table.ref)
        for offset, column in enumerate(table.columns):
            found = {
                cell.formula
                for (sheet, _), cell in cells.items()
                if sheet == table.sheet and cell.column == area.left + offset and area.top < cell.row <= area.bottom
            }
            if column.formula is not None:
                columns += 1
                assert found == {column.formula}, (table.name, column.name)
    assert columns > 2


@every_template
def test_calls_of_named_lambdas_are_stored_so_that_excel_shows_them_as_typed(name: str) -> None:
    package = empty(name, Style.LAMBDA)
    mark = dynamic_array_index(package)
    assert mark is not None
    called = 0
    for place, cell in cells_of(package).items():
        if cell.formula is not None and has_call(to_display(f"={cell.formula}")):
            called += 1
            assert (cell.kind, cell.array_ref, cell.cm) == ("array", place[1], mark), place
        else:
            assert cell.cm is None, place
    assert called > 5
    names = {found.name: found.text for found in package.defined_names()}
    defined = {name for name, function in FUNCTIONS.items() if not function.needs_records}  # there is no ledger yet
    assert set(FUNCTIONS) & set(names) == defined
    assert all(names[function].startswith("_xlfn.LAMBDA(") for function in defined)


@every_template
def test_native_workbooks_need_nothing_but_a_spreadsheet_program(name: str) -> None:
    package = empty(name)
    assert dynamic_array_index(package) is None
    assert not {found.name for found in package.defined_names()} & set(FUNCTIONS)
    for place, cell in cells_of(package).items():
        if cell.formula is not None:
            assert cell.cm is None, place
            assert not has_call(to_display(f"={cell.formula}")), place
            assert set(re.findall(r"_xlfn\.([\w.]+)", cell.formula)) <= SAFE_NEWER, place


@every_style
@every_template
def test_the_program_recalculates_on_opening(name: str, style: Style) -> None:
    """The values are there for who only looks; Excel and Calc calculate them again all the same."""
    properties = empty(name, style).calculation_properties()
    assert properties["fullCalcOnLoad"] == "1"


@every_style
@every_filling
def test_blank_cells_are_stored_as_blank(filling: str, style: Style) -> None:
    """Some readers take a blank cell of type number for a 0."""
    package = package_of(FILLINGS[filling], style)
    for sheet in package.worksheets():
        assert re.search(rb'<c\b[^<>]*? t="n"', package.parts[sheet.part]) is None, sheet.name


@every_template
def test_no_sheet_breaks_a_table_with_a_merged_or_covered_cell(name: str) -> None:
    for sheet in sheets(name):
        for table in sheet.tables.values():
            area = parse_area(table.ref)
            for merged in sheet.merged_cells.ranges:
                assert not area.overlaps(parse_area(merged.coord)), (sheet.title, table.name, merged.coord)
