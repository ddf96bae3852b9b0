"""Filling: what was handed over arrives, nothing else changes, and what does not fit is refused with its place."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from tests import rich, soffice
from tests.fillings import FILLINGS
from tests.workbooks import EMPTY, EXAMPLE, NAME, STYLES, cells_of, changed, contents_of, file_of, package_of, place
from valuehour.errors import DataError, UsageError, WorkbookError
from valuehour.ooxml import Package, computed, entered, parse_area, patch_cells
from valuehour.workbooks.compare import differences
from valuehour.workbooks.fill import fill, fill_template
from valuehour.workbooks.formula import Style
from valuehour.workbooks.read import read
from valuehour.workbooks.sources import load
from valuehour.workbooks.templates import template
from valuehour.workbooks.verify import verify

MANY = [{"member": f"Team {number}", "weight": number + 1} for number in range(30)]


def in_cells(found: Package, expected: Package) -> list[str]:
    """Cells that differ; a template that was filled later numbers its styles otherwise."""
    return [str(difference) for difference in differences(found, expected) if difference.kind != "part"]


def reread(package: Package) -> Package:
    return Package.read(package.to_bytes(), label=package.label)


@pytest.mark.parametrize("style", STYLES)
def test_filling_with_what_was_read_changes_no_byte(style: Style) -> None:
    package = package_of(EXAMPLE, style)
    assert fill(package, read(package).as_dict()).package.parts == package.parts


@pytest.mark.parametrize("style", [Style.NATIVE, Style.LAMBDA])
def test_an_empty_template_filled_is_the_workbook_built_with_the_same_data(style: Style) -> None:
    data = read(package_of(EXAMPLE, style)).as_dict()
    assert in_cells(fill_template(NAME, data, style=style).package, package_of(EXAMPLE, style)) == []


@pytest.mark.parametrize("style", [Style.NATIVE, Style.LAMBDA])
def test_a_table_grows_into_the_workbook_that_is_built_with_more_rows(style: Style) -> None:
    filled = fill(package_of(EXAMPLE, style), {"tables": {"tblAllocation": MANY}})
    assert filled.grown == {"tblAllocation": 18}
    assert differences(reread(filled.package), package_of(changed(tblAllocation=MANY), style)) == []
    assert verify(reread(filled.package)).ok


def test_more_paths_than_rows_are_all_worked_out_level_by_level() -> None:
    """The table of their levels stands beside the table of paths and grows with it."""
    example = FILLINGS["enterprise_grouping"]
    paths = [*example["tables"]["tblPaths"], *({"path": f"Path {number}"} for number in range(5))]
    region = {"structure": "Organization structure", "dimension": "Region"}
    steps = [
        *example["tables"]["tblPathSteps"],
        *(
            {"path": f"Path {n}", **region, "member": member}
            for n, member in enumerate(("NA", "EMEA", "APAC", "LATAM", "NA"))
        ),
    ]
    more = {"tables": {"tblPaths": paths, "tblPathSteps": steps}}
    filled = fill(package_of(example), more)
    assert filled.grown == {"tblPaths": 3}
    wanted = package_of({**example, "tables": {**example["tables"], **more["tables"]}})
    tables, expected = read(reread(filled.package)).tables, read(wanted).tables
    assert {name: tables[name] for name in ("tblPaths", "tblPathLevels")} == {
        name: expected[name] for name in ("tblPaths", "tblPathLevels")
    }
    found = tables["tblPaths"]
    assert [row["share_of_value"] for row in found[4:]] == [0.42, 0.31, 0.15, 0.07, 0.42]


def test_results_follow_what_was_filled() -> None:
    before = read(package_of(EXAMPLE)).results["value_per_hour"]
    after = read(fill(package_of(EXAMPLE), {"inputs": {"total_value": 176_000_000}}).package).results["value_per_hour"]
    assert isinstance(before, float)
    assert after == pytest.approx(2 * before, rel=1e-12)


def test_only_sheets_with_changed_values_change() -> None:
    package = package_of(EXAMPLE)
    filled = fill(package, {"inputs": {"years_source": "Another plan"}}).package
    assert [name for name in package.parts if package.parts[name] != filled.parts[name]] == [
        package.sheet("Inputs").part
    ]


def test_the_given_package_stays_as_it_is() -> None:
    package = package_of(EXAMPLE)
    before = dict(package.parts)
    fill(package, {"inputs": {"total_value": 1}, "tables": {"tblAllocation": MANY}})
    assert package.parts == before


def test_null_leaves_an_input_blank_and_an_empty_list_a_table() -> None:
    package = package_of(EXAMPLE)
    contents = read(fill(package, {"inputs": {"years_source": None}, "tables": {"tblAllocation": []}}).package)
    assert contents.inputs["years_source"] is None
    assert contents.tables["tblAllocation"] == []


def test_a_column_that_no_record_gives_stays() -> None:
    records = [{"value": index} for index in range(6)]
    found = read(fill(package_of(EXAMPLE), {"tables": {"tblWorkflows": records}}).package).tables["tblWorkflows"]
    before = contents_of(EXAMPLE).tables["tblWorkflows"]
    assert [record["value"] for record in found] == list(range(6))
    assert [record["workflow"] for record in found] == [record["workflow"] for record in before]


@pytest.mark.parametrize(
    "text", ["=1+1", "+A1", "-5", "@SUM(A1)", "'quoted", "=cmd|' /C calc'!A0", "000123", "1e5", "TRUE"]
)
def test_text_stays_text_and_never_becomes_a_formula(text: str) -> None:
    filled = fill(
        package_of(EXAMPLE), {"inputs": {"model_name": text}, "tables": {"tblAllocation": [{"member": text}]}}
    )
    package = reread(filled.package)
    cell = cells_of(package)[place(package, "in_model_name")]
    assert (cell.formula, cell.value) == (None, text)
    assert read(package).tables["tblAllocation"][0]["member"] == text


def test_every_value_that_does_not_fit_is_named_and_nothing_is_filled() -> None:
    data: dict[str, Any] = {
        "inputs": {"years": -1, "case": "best", "total_value_date": "30.9.2026", "no_such": 1},
        "tables": {"tblAllocation": [{"member": "a", "weight": -3}, {"member": "b" * 300, "weight": "many"}]},
    }
    with pytest.raises(DataError) as raised:
        fill(package_of(EXAMPLE), data, label="data.json")
    lines = str(raised.value).splitlines()
    for where in (
        "inputs.years is -1",
        "inputs.case is 'best'",
        "inputs.total_value_date is '30.9.2026'",
        "inputs.no_such is not a setting",
        "tables.tblAllocation[1].weight is -3",
        "tables.tblAllocation[2].member is ",
        "tables.tblAllocation[2].weight is 'many'",
    ):
        assert any(line.startswith(f"data.json: {where}") for line in lines), (where, lines)
    assert all("allowed: " in line for line in lines)


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({"tabels": {}}, "tabels is not a part of this data (did you mean 'tables'?)"),
        ({"tables": {"tblAllocations": []}}, "did you mean 'tblAllocation'?"),
        ({"tables": {"tblAllocation": {"member": "a"}}}, "tables.tblAllocation is a table; allowed: a list of records"),
        ({"tables": {"tblAllocation": ["a"]}}, "tables.tblAllocation[1] is 'a'; allowed: a record"),
        ({"tables": {"tblAllocation": [{"wieght": 1}]}}, "did you mean 'weight'?"),
        ({"template": "another"}, "template is 'another'; allowed: 'value_model'"),
        ({"inputs": {"years": float("nan")}}, "inputs.years is nan"),
        ({"tables": {"tblAllocation": [{"weight": 10**16}]}}, "up to 1e+15 in size"),
        (
            {"inputs": {"weight_total": 1, "dimension": "Region"}, "tables": {"tblAllocation": [{"weight": 2}]}},
            "allowed: ",
        ),
    ],
)
def test_data_of_the_wrong_shape_is_refused_in_one_line(data: dict[str, Any], complaint: str) -> None:
    with pytest.raises(DataError) as raised:
        fill(package_of(EXAMPLE), data)
    assert complaint in str(raised.value)


def test_dates_are_days_in_the_workbooks_own_calendar() -> None:
    package = package_of(EXAMPLE)
    book = package.workbook_part
    package.parts[book] = package.parts[book].replace(b"<workbookPr>", b'<workbookPr date1904="1">')
    filled = fill(package, {"inputs": {"years_date": "2026-02-03", "coverage_date": datetime.date(2026, 2, 4)}}).package
    inputs = read(filled).inputs
    assert (inputs["years_date"], inputs["coverage_date"]) == ("2026-02-03", "2026-02-04")
    sheet, ref = place(filled, "in_years_date")
    assert cells_of(filled)[sheet, ref].value == float((datetime.date(2026, 2, 3) - datetime.date(1904, 1, 1)).days)


# What planners did to the file -------------------------------------------------------------------------------


def test_rows_left_blank_between_records_stay_blank() -> None:
    package = package_of(EXAMPLE)
    sheet, row = "Allocation", int(next(t for t in package.tables() if t.name == "tblAllocation").ref[1:3]) + 2
    patch_cells(package, sheet, {f"B{row}": entered(None), f"C{row}": entered(None)})
    data = read(package).as_dict()
    assert fill(package, data).package.parts == package.parts


def test_an_input_under_a_formula_takes_the_value() -> None:
    package = package_of(EXAMPLE)
    sheet, ref = place(package, "in_years")
    patch_cells(package, sheet, {ref: computed("1+1", 2.0)})
    cell = cells_of(fill(package, {"inputs": {"years": 2}}).package)[sheet, ref]
    assert (cell.formula, cell.value) == (None, 2.0)


def test_a_name_that_points_to_nothing_stops_the_fill() -> None:
    package = package_of(EXAMPLE)
    sheet, ref = place(package, "in_years")
    book = package.parts[package.workbook_part]
    absolute = f"'{sheet}'!${ref[0]}${ref[1:]}".encode()
    package.parts[package.workbook_part] = book.replace(
        b'<definedName name="in_years">' + absolute, b'<definedName name="in_years">#REF!'
    )
    with pytest.raises(WorkbookError, match="in_years refers to no cell"):
        fill(package, {"inputs": {"years": 2}})
    assert fill(package, {"inputs": {"employees": 2}}).inputs == 1


def test_a_workbook_of_another_version_is_not_filled() -> None:
    package = package_of(EXAMPLE)
    sheet, ref = place(package, "valuehour_version")
    patch_cells(package, sheet, {ref: entered("0.1.0")})
    with pytest.raises(WorkbookError, match="valuehour regenerate"):
        fill(package, {"inputs": {"years": 2}})


def test_a_table_beside_another_one_does_not_grow_through_it() -> None:
    package = rich.enriched(
        package_of(EXAMPLE), without=tuple(kind for kind in rich.KINDS if kind != "sheet of their own")
    )
    number = max(table.id for table in package.tables()) + 1
    markup = (
        f'<table xmlns="{rich.MAIN}" id="{number}" name="Beside" displayName="Beside" ref="N20:N30">'
        '<tableColumns count="1">'
        '<tableColumn id="1" name="x"/></tableColumns></table>'
    )
    part = package.sheet("Workflows").part
    package.add_part("xl/tables/beside.xml", markup.encode(), f"{rich.TYPES}.table+xml", part, f"{rich.LINKS}/table")
    records = [{"workflow": f"w{n}"} for n in range(20)]
    with pytest.raises(WorkbookError, match="Workflows!N20:N30: the table Beside stands beside tblWorkflows"):
        fill(package, {"tables": {"tblWorkflows": records}})


def test_a_part_of_an_unknown_kind_on_the_sheet_stops_a_table_from_growing() -> None:
    package = package_of(EXAMPLE)
    part = package.sheet("Workflows").part
    package.add_part("xl/strange.xml", b"<x/>", "application/xml", part, "http://example.org/relationships/strange")
    records = [{"workflow": f"w{n}"} for n in range(20)]
    with pytest.raises(WorkbookError, match="a part of the kind 'strange' hangs on its sheet"):
        fill(package, {"tables": {"tblWorkflows": records}})
    assert fill(package, {"tables": {"tblWorkflows": records[:12]}}).records == {"tblWorkflows": 12}


def test_formulas_beyond_the_engine_keep_their_value_and_are_named() -> None:
    package = rich.enriched(
        package_of(EXAMPLE), without=tuple(kind for kind in rich.KINDS if kind != "sheet of their own")
    )
    patch_cells(
        package,
        rich.OWN,
        {
            "C1": computed("[1]Other!A1", 41.0),
            "C2": computed("OURADDIN(A1)", 42.0),
            "C3": computed("_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1)(2)", 43.0),
        },
    )
    filled = fill(package, {"inputs": {"total_value": 5}})
    assert filled.kept == ["Notes!C1", "Notes!C2", "Notes!C3"]
    cells = cells_of(filled.package)
    assert [cells["Notes", f"C{n}"].value for n in (1, 2, 3)] == [41.0, 42.0, 43.0]
    assert filled.package.calculation_properties()["fullCalcOnLoad"] == "1"
    assert cells["Notes", "A4"].value == pytest.approx(2 * read(filled.package).results["value_per_hour"])  # type: ignore[operator]


def test_a_number_typed_over_a_formula_of_a_table_does_not_keep_the_rest_from_being_filled() -> None:
    package = package_of(EXAMPLE)
    table = next(table for table in package.tables() if table.name == "tblAllocation")
    row = parse_area(table.ref).top + 1
    patch_cells(package, "Allocation", {f"G{row}": entered(5.0)})  # its amount
    filled = fill(package, {"inputs": {"total_value": 44_000_000}})
    amounts = [record["amount"] for record in read(filled.package).tables["tblAllocation"]]
    assert amounts == [5, *(amount / 2 for amount in (27_280_000, 13_200_000, 6_160_000))]
    assert read(filled.package).results["checks_failed"]


def test_more_rows_than_can_be_calculated_are_refused_with_the_number_that_can() -> None:
    package = package_of(EMPTY)
    before = package.digest()
    formulas = sum(cell.formula is not None for cell in cells_of(package).values())
    most = 12 + (100_000 - formulas) // 4  # twelve rows are there; each new one brings four formulas
    with pytest.raises(WorkbookError, match=f"tblWorkflows cannot take 30,000 records.*allowed: {most:,} records"):
        fill(package, {"tables": {"tblWorkflows": [{"workflow": f"W {number}"} for number in range(30_000)]}})
    assert package.digest() == before


@pytest.mark.requires_libreoffice
def test_a_workbook_that_libreoffice_saved_is_read_and_filled_like_any_other(tmp_path: Path) -> None:
    """LibreOffice leaves the formulas of columns out of the tables, and the counts of lists."""
    source = tmp_path / "mine.xlsx"
    source.write_bytes(package_of(EXAMPLE).to_bytes())
    (path,) = soffice.convert([source], "xlsx", tmp_path / "saved")
    saved = Package.read(path)
    before = read(package_of(EXAMPLE)).tables
    assert {name: len(records) for name, records in read(saved).tables.items()} == {
        name: len(records) for name, records in before.items()
    }
    filled = fill(
        saved, {"inputs": {"total_value": 44_000_000, "weight_total": None}, "tables": {"tblAllocation": MANY}}
    )
    found = read(reread(filled.package))
    assert found.results["allocation_total"] == 44_000_000
    assert [row["member"] for row in found.tables["tblAllocation"]] == [row["member"] for row in MANY]
    assert sum(row["amount"] for row in found.tables["tblAllocation"]) == pytest.approx(44_000_000)  # type: ignore[misc]


# Data files ---------------------------------------------------------------------------------------------------

RECORDS = [{"member": "North", "weight": 1.5}, {"member": "=South", "weight": 2}]
TEXTS = {
    "data.toml": "[inputs]\nyears = 4\nyears_date = 2026-01-31\n"
    '[[tables.tblAllocation]]\nmember = "North"\nweight = 1.5\n'
    '[[tables.tblAllocation]]\nmember = "=South"\nweight = 2\n',
    "data.yaml": "inputs: {years: 4, years_date: 2026-01-31}\n"
    "tables:\n  tblAllocation:\n  - {member: North, weight: 1.5}\n"
    "  - {member: '=South', weight: 2}\n",
    "data.json": json.dumps({"inputs": {"years": 4, "years_date": "2026-01-31"}, "tables": {"tblAllocation": RECORDS}}),
}


@pytest.mark.parametrize("name", TEXTS)
def test_every_kind_of_data_file_fills_the_same(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(TEXTS[name], "utf-8")
    contents = read(fill_template(NAME, load(path, template(NAME))).package)
    assert (contents.inputs["years"], contents.inputs["years_date"]) == (4, "2026-01-31")
    assert [(r["member"], r["weight"]) for r in contents.tables["tblAllocation"]] == [("North", 1.5), ("=South", 2)]


def test_csv_and_plain_workbooks_fill_a_table(tmp_path: Path) -> None:
    from openpyxl import Workbook

    (tmp_path / "rows.csv").write_text("\ufeffMember,Weight\nNorth,1.5\n=South,2\n,\n", "utf-8")
    book = Workbook()
    sheet: Any = book.active
    sheet.title = "tblAllocation"
    for row in (["Member", "Weight"], ["North", 1.5], ["South", 2]):
        sheet.append(row)
    book.save(tmp_path / "rows.xlsx")
    spec = template(NAME)
    from_csv = fill(package_of(EMPTY), load(tmp_path / "rows.csv", spec, "tblAllocation")).package
    from_book = fill(package_of(EMPTY), load(tmp_path / "rows.xlsx", spec)).package
    assert [r["member"] for r in read(from_csv).tables["tblAllocation"]] == ["North", "=South"]
    assert [(r["member"], r["weight"]) for r in read(from_book).tables["tblAllocation"]] == [
        ("North", 1.5),
        ("South", 2),
    ]


def test_a_filled_workbook_is_data_too(tmp_path: Path) -> None:
    (tmp_path / "filled.xlsx").write_bytes(file_of(EXAMPLE))
    filled = fill(package_of(EMPTY), load(tmp_path / "filled.xlsx", template(NAME)))
    assert in_cells(filled.package, package_of(EXAMPLE)) == []


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("x.toml", "a = = 1", "x.toml: not TOML"),
        ("x.json", '{"inputs": {"years": 1, "years": 2}}', "the key 'years' is there twice"),
        ("x.json", '{"inputs": {"years": NaN}}', "NaN is no number"),
        ("x.json", "[1, 2]", "holds list"),
        ("x.yaml", "a: &x 1\nb: *x\n", "holds an alias"),
        ("x.yaml", "a: !!python/object/apply:os.system ['true']\n", "not YAML"),
        ("x.yaml", "inputs: {years: 1, years: 2}", "the key 'years' is there twice"),
        ("x.yaml", "a: [1", "not YAML"),
        ("x.json", "[" * 100_000, "not JSON"),
        ("x.json", b"\xff\xfe", "byte 0 is not UTF-8"),
    ],
)
def test_a_data_file_that_cannot_be_read_is_named_with_the_reason(
    name: str, text: str | bytes, complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DataError) as raised:
        load(path, template(NAME))
    assert complaint in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ("member,weight\na\n", "record 1 has 1 fields"),
        ("member,Member\na,b\n", "'member' is there twice"),
        ('member,weight\n"a,1\n', "not CSV"),
    ],
)
def test_a_csv_file_that_does_not_hold_a_table_is_refused(text: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(DataError) as raised:
        load(path, template(NAME), "tblAllocation")
    assert complaint in str(raised.value)


def test_a_csv_file_needs_its_table_and_the_table_must_exist(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n", "utf-8")
    with pytest.raises(UsageError, match="name it with --table"):
        load(tmp_path / "x.csv", template(NAME))
    with pytest.raises(UsageError, match="did you mean 'tblAllocation'"):
        load(tmp_path / "x.csv", template(NAME), "tblAlocation")
    with pytest.raises(UsageError, match="not a data file"):
        load(tmp_path / "x.txt", template(NAME))
