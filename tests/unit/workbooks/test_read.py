"""What ``read`` gives back of a workbook that people filled and rearranged."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import planners
from tests.workbooks import (
    EMPTY,
    EXAMPLE,
    STYLES,
    cells_of,
    complaints,
    contents_of,
    file_of,
    package_of,
    place,
    valuehour,
)
from valuehour.errors import CellError, WorkbookError
from valuehour.ooxml import Package, column_letters, parse_area
from valuehour.workbooks.data import input_rules, table_rules
from valuehour.workbooks.formula import Style
from valuehour.workbooks.read import read
from valuehour.workbooks.templates import template


@pytest.mark.parametrize("style", STYLES)
def test_template_version_and_style_are_named(style: Style) -> None:
    contents = contents_of(EXAMPLE, style)
    assert (contents.template, contents.version, contents.style) == (
        "value_model",
        template("value_model").version,
        style,
    )


def test_every_input_is_there_and_blank_ones_are_null() -> None:
    inputs = contents_of(EMPTY).inputs
    assert set(inputs) == set(input_rules(template("value_model")))
    given = {name: value for name, value in inputs.items() if value is not None}
    assert given["hours_per_year"] == 8760
    assert given["employees"] == 1
    assert given["case"] == "base"
    assert "total_value" not in given
    assert "years_date" not in given


def test_values_keep_their_types() -> None:
    inputs = contents_of(EXAMPLE).inputs
    assert inputs["total_value"] == 88_000_000
    assert isinstance(inputs["total_value"], int)  # a whole number is written without a point
    assert inputs["uplift_k"] == 1.12
    assert inputs["years_date"] == "2026-09-30"
    assert inputs["currency"] == "USD"
    assert inputs["years_approver"] is None


def test_a_date_typed_in_a_workbook_of_the_1904_system_is_that_date() -> None:
    package = package_of(EXAMPLE)
    book = package.workbook_part
    package.parts[book] = re.sub(rb"<workbookPr\b", b'<workbookPr date1904="1"', package.parts[book])
    planners.overtype(package, place(package, "in_years_date"), 0 + 44_834)  # days since 1904-01-01
    assert read(package).inputs["years_date"] == "2026-10-01"


@pytest.mark.parametrize(
    ("typed", "found"),
    [("soon", "soon"), (0, 0), (-3, -3), (3e9, 3_000_000_000), (46_295.75, "2026-09-30"), (CellError.NA, "#N/A")],
)
def test_what_is_no_date_comes_as_it_stands(typed: float | str | CellError, found: float | str) -> None:
    package = package_of(EXAMPLE)
    planners.overtype(package, place(package, "in_years_date"), typed)
    assert read(package).inputs["years_date"] == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        (True, True),
        ("", None),
        ("  ", "  "),
        (0, 0),
        (1e15, 1e15),
        (-2.5, -2.5),
        (CellError.DIV0, "#DIV/0!"),
        ("=1+1", "=1+1"),
    ],
    ids=repr,
)
def test_cells_come_as_json_values(typed: float | str | CellError, found: float | str | None) -> None:
    package = package_of(EXAMPLE)
    planners.overtype(package, place(package, "in_total_value_source"), typed)
    value = read(package).inputs["total_value_source"]
    assert value == found
    assert isinstance(value, bool) == isinstance(found, bool)
    assert json.loads(json.dumps(value)) == found


def test_tables_come_as_records_by_table_name() -> None:
    tables = contents_of(EXAMPLE).tables
    for name, columns in table_rules(template("value_model")).items():
        assert len(tables[name]) == len(EXAMPLE["tables"][name])
        assert set(columns) < set(tables[name][0])
    assert tables["tblAllocation"][0]["share"] == 0.42
    assert contents_of(EMPTY).tables["tblAllocation"] == []


def test_a_row_with_anything_typed_is_a_record() -> None:
    package = package_of(EMPTY)
    table = next(table for table in package.tables() if table.name == "tblWorkflows")
    area = parse_area(table.ref)
    column = next(index for index, item in enumerate(table.columns) if item.name == "Basis")
    planners.overtype(package, (table.sheet, f"{column_letters(area.left + column)}{area.top + 3}"), "per year")
    records = read(package).tables["tblWorkflows"]
    assert len(records) == 1
    assert records[0]["basis"] == "per year"
    assert records[0]["workflow"] is None


@pytest.mark.parametrize("sheet", ["Inputs", "Allocation", "About", "Growth"])
def test_a_renamed_sheet_is_still_read(sheet: str) -> None:
    package = package_of(EXAMPLE)
    planners.rename_sheet(package, sheet, "Tom & Jerry's <figures>")
    found, before = read(Package.read(package.to_bytes())), contents_of(EXAMPLE)
    assert found.inputs == before.inputs
    assert found.results == before.results
    assert found.tables["tblAllocation"] == before.tables["tblAllocation"]


@pytest.mark.parametrize("sheet", ["Inputs", "Allocation", "Growth"])
def test_after_an_inserted_row_everything_is_still_read(sheet: str) -> None:
    package = package_of(EXAMPLE)
    planners.insert_row(package, sheet, 11)
    found, before = read(Package.read(package.to_bytes())), contents_of(EXAMPLE)
    assert found.inputs == before.inputs
    assert found.results == before.results
    assert found.tables["tblAllocation"] == before.tables["tblAllocation"]


def test_a_planners_own_column_is_read_with_the_record() -> None:
    package = package_of(EXAMPLE)
    table = next(table for table in package.tables() if table.name == "tblWorkflows")
    area = parse_area(table.ref)
    wider = f"{column_letters(area.left)}{area.top}:{column_letters(area.right + 1)}{area.bottom}"
    data = package.parts[table.part].decode()
    count = len(table.columns)
    data = data.replace(f'ref="{table.ref}"', f'ref="{wider}"').replace(
        f'<tableColumns count="{count}">', f'<tableColumns count="{count + 1}">'
    )
    data = data.replace(
        "</tableColumns>", f'<tableColumn id="{count + 1}" name="Owner (team)"></tableColumn></tableColumns>'
    )
    package.parts[table.part] = data.encode()
    letter = column_letters(area.right + 1)
    planners.overtype(package, (table.sheet, f"{letter}{area.top}"), "Owner (team)")
    planners.overtype(package, (table.sheet, f"{letter}{area.top + 1}"), "Ops")
    records = read(Package.read(package.to_bytes())).tables["tblWorkflows"]
    assert records[0]["owner_team"] == "Ops"
    assert records[1]["owner_team"] is None
    assert records[0]["workflow"] == "Customer onboarding"


def test_a_planners_own_table_and_names_are_read_too() -> None:
    package = package_of(EXAMPLE)
    book = package.workbook_part
    name = b"<definedName name=\"in_headroom\">'Inputs'!$C$14</definedName></definedNames>"
    package.parts[book] = package.parts[book].replace(b"</definedNames>", name)
    contents = read(Package.read(package.to_bytes()))
    assert contents.inputs["headroom"] == cells_of(package)["Inputs", "C14"].value


def test_a_workbook_that_is_not_ours_is_refused_with_a_way_on() -> None:
    package = package_of(EXAMPLE)
    book = package.workbook_part
    package.parts[book] = package.parts[book].replace(b"valuehour_template", b"other_template")
    with pytest.raises(WorkbookError, match="not a valuehour workbook: it has no name valuehour_template"):
        read(package)


def test_a_style_that_does_not_exist_is_refused() -> None:
    package = package_of(EXAMPLE)
    planners.overtype(package, place(package, "valuehour_style"), "macros")
    with pytest.raises(WorkbookError, match="the function style is 'macros'; allowed: native, lambda"):
        read(package)


def test_the_command_prints_one_json_object_and_a_summary_for_people(tmp_path: Path) -> None:
    path = tmp_path / "model.xlsx"
    path.write_bytes(file_of(EXAMPLE))
    result = valuehour("read", path, "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    assert json.loads(result.stdout) == contents_of(EXAMPLE).as_dict()
    assert list(json.loads(result.stdout)) == ["template", "version", "style", "inputs", "results", "tables"]
    shown = valuehour("read", path)
    assert shown.exit_code == 0
    assert "value_per_hour                       3,348.55403" in shown.stdout
    assert "tblAllocation                        4 records" in shown.stdout


def test_the_command_refuses_what_is_not_ours(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    package = package_of(EXAMPLE)
    package.parts[package.workbook_part] = package.parts[package.workbook_part].replace(b"valuehour_style", b"x_style")
    path.write_bytes(package.to_bytes())
    result = valuehour("read", path, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(complaints(result)) == 1
    assert complaints(result)[0].startswith(f"{path}: not a valuehour workbook")
