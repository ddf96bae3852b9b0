"""What ``read`` gives back of a workbook that people filled and rearranged."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import jsonschema
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
from valuehour.ooxml import Package, column_letters, entered, parse_area, patch_cells
from valuehour.ooxml.columns import add_column
from valuehour.workbooks.build import build
from valuehour.workbooks.data import input_rules, table_rules
from valuehour.workbooks.formula import Style
from valuehour.workbooks.read import read
from valuehour.workbooks.templates import TEMPLATES, template
from valuehour.workbooks.validated import validated


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


def test_a_planners_column_whose_head_reads_like_one_of_ours_does_not_take_its_place() -> None:
    package = package_of(EXAMPLE)
    before = read(package).tables["tblAllocation"]
    table = next(table for table in package.tables() if table.name == "tblAllocation")
    add_column(package, table, "Weight %")
    area = parse_area(table.ref)
    planners.overtype(package, (table.sheet, f"{column_letters(area.right + 1)}{area.top + 1}"), 77)
    records = read(Package.read(package.to_bytes())).tables["tblAllocation"]
    assert records[0]["weight_2"] == 77
    assert [{key: record[key] for key in before[0]} for record in records[: len(before)]] == before


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


# Validated ----------------------------------------------------------------------------------------------------


def found_in(package: Package) -> dict[str, str]:
    """What reading complains about, by place."""
    return {f"{p.sheet}!{p.cell}" if p.sheet else p.cell: p.found for p in validated(package)[1]}


@pytest.mark.parametrize("style", STYLES)
def test_a_workbook_that_was_filled_right_has_no_problem(style: Style) -> None:
    assert validated(package_of(EXAMPLE, style))[1] == []
    assert validated(package_of(EMPTY, style))[1] == []


def test_every_problem_is_named_with_its_cell_at_once() -> None:
    package = package_of(EXAMPLE)
    years, case, date = (place(package, f"in_{name}") for name in ("years", "case", "coverage_date"))
    patch_cells(package, "Inputs", {years[1]: entered(-1.0), case[1]: entered("best"), date[1]: entered("soon")})
    area = parse_area(next(table for table in package.tables() if table.name == "tblAllocation").ref)
    weights = [f"C{area.top + 1 + index}" for index in range(2)]
    patch_cells(package, "Allocation", {weights[0]: entered(-2.0), weights[1]: entered(CellError.DIV0)})
    assert found_in(package) == {
        f"Inputs!{years[1]}": "-1",
        f"Inputs!{case[1]}": "'best'",
        f"Inputs!{date[1]}": "'soon'",
        f"Allocation!{weights[0]}": "-2",
        f"Allocation!{weights[1]}": "#DIV/0!",
    }
    assert all(problem.allowed for problem in validated(package)[1])


def test_what_does_not_hold_between_values_is_named_with_its_cell() -> None:
    package = package_of(EXAMPLE)
    sheet, ref = place(package, "in_weight_total")
    patch_cells(package, sheet, {ref: entered(1.0)})
    (problem,) = validated(package)[1]
    assert problem.sheet == "Allocation"
    assert problem.cell != "-"


def test_an_error_in_a_text_input_is_no_text() -> None:
    package = package_of(EXAMPLE)
    sheet, ref = place(package, "in_model_name")
    patch_cells(package, sheet, {ref: entered(CellError.REF)})
    assert found_in(package) == {f"{sheet}!{ref}": "#REF!"}


def test_an_input_whose_name_is_lost_or_shared_is_named() -> None:
    package = package_of(EXAMPLE)
    texts = {name.name: name.text for name in package.defined_names()}
    book = package.parts[package.workbook_part]
    for name, text in (("in_years", "#REF!"), ("in_employees", texts["in_coverage"])):
        entry = f'<definedName name="{name}">{texts[name]}'.encode()
        book = book.replace(entry, f'<definedName name="{name}">{text}'.encode())
    gone = f'<definedName name="in_decimals">{texts["in_decimals"]}</definedName>'.encode()
    package.parts[package.workbook_part] = book.replace(gone, b"")
    found = found_in(package)
    assert found["in_years"] == "the name refers to #REF!"
    assert found["in_decimals"] == "no such name"
    assert "in_coverage" in found[f"Inputs!{place(package, 'in_coverage')[1]}"]


def test_a_deleted_table_and_a_deleted_column_are_named() -> None:
    package = package_of(EXAMPLE)
    table = next(table for table in package.tables() if table.name == "tblWorkflows")
    package.parts[table.part] = package.parts[table.part].replace(b'name="Basis"', b'name="Base"')
    patch_cells(package, "Workflows", {"E13": entered("Base")})
    other = next(table for table in package.tables() if table.name == "tblAllocation")
    package.parts[other.part] = package.parts[other.part].replace(b"tblAllocation", b"tblSplit")
    found = found_in(package)
    assert found["tblAllocation"] == "no such table"
    assert found["Workflows!B13"].startswith("tblWorkflows without the column 'Basis'")


def test_a_workbook_of_another_version_is_not_judged_by_this_one() -> None:
    package = package_of(EXAMPLE)
    sheet, ref = place(package, "valuehour_version")
    patch_cells(package, sheet, {ref: entered("0.1.0")})
    (problem,) = validated(package)[1]
    assert (problem.sheet, problem.cell, problem.found) == (sheet, ref, "version 0.1.0")
    assert "valuehour regenerate" in problem.allowed


def test_the_command_names_problems_and_fails(tmp_path: Path) -> None:
    package = package_of(EXAMPLE)
    sheet, ref = place(package, "in_years")
    patch_cells(package, sheet, {ref: entered(0.0)})
    package.write(tmp_path / "x.xlsx")
    plain = valuehour("read", tmp_path / "x.xlsx")
    assert plain.exit_code == 1
    assert [line.partition(":")[2].strip().partition(":")[0] for line in complaints(plain)] == [f"{sheet}!{ref}"]
    as_json = valuehour("read", tmp_path / "x.xlsx", "--json")
    assert as_json.exit_code == 1
    assert json.loads(as_json.stdout)["problems"] == [
        {"sheet": sheet, "cell": ref, "found": "0", "allowed": "a number above 0"}
    ]


def test_the_command_writes_a_table_a_file(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(file_of(EXAMPLE))
    assert valuehour("read", tmp_path / "x.xlsx", "--out", tmp_path / "out").exit_code == 0
    contents = contents_of(EXAMPLE)
    assert json.loads((tmp_path / "out" / "inputs.json").read_text("utf-8")) == contents.inputs
    with (tmp_path / "out" / "tblAllocation.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["member"] for row in rows] == [record["member"] for record in contents.tables["tblAllocation"]]


# The schema of what was read ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_read_prints_fits_the_printed_schema(name: str) -> None:
    schema = json.loads(valuehour("schema", name).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)
    printed = json.loads(json.dumps(read(build(name).package).as_dict()))
    assert [error.message for error in judge.iter_errors(printed)] == []
    assert [error.message for error in judge.iter_errors({**printed, "template": "another"})]
    table = next(iter(table_rules(template(name))))
    assert [error.message for error in judge.iter_errors({"tables": {table: [{"no_such_column": 1}]}})]


def test_the_schema_refuses_what_fill_refuses() -> None:
    judge = jsonschema.Draft202012Validator(json.loads(valuehour("schema", "value_model").stdout))
    for data in (
        {"inputs": {"years": 0}},
        {"inputs": {"case": "best"}},
        {"inputs": {"no": 1}},
        {"tables": {"tblNo": []}},
    ):
        assert [error.message for error in judge.iter_errors(data)], data
    assert not list(judge.iter_errors({"inputs": {"years": 2, "years_date": "2026-01-31", "case": None}}))
