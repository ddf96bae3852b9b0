"""Regenerating: a filled workbook of version 0.9.0 becomes one of the current version, and nothing is lost."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests import older, rich, validator
from tests.workbooks import EXAMPLE, STYLES, cells_of, package_of, place
from valuehour.errors import WorkbookError
from valuehour.ooxml import Cell, Package, cached, computed, entered, patch_cells
from valuehour.ooxml.sections import Sections
from valuehour.workbooks.compare import differences
from valuehour.workbooks.formula import Style
from valuehour.workbooks.lint import lint
from valuehour.workbooks.read import read
from valuehour.workbooks.regenerate import Report, regenerate
from valuehour.workbooks.verify import verify

# Evidence of workflows did not exist before, so nothing stands there now.
CARRIED: dict[str, Any] = {
    **EXAMPLE,
    "tables": {
        **EXAMPLE["tables"],
        "tblWorkflows": [
            {key: value for key, value in record.items() if key != "evidence"}
            for record in EXAMPLE["tables"]["tblWorkflows"]
        ],
    },
}


def renewed(package: Package, style: Style = Style.NATIVE) -> tuple[Package, Report]:
    result, report = regenerate(package, empty=older.empty(style))
    return Package.read(result.to_bytes(), label="renewed.xlsx"), report


def in_cells(found: Package, expected: Package) -> list[str]:
    return [str(difference) for difference in differences(found, expected) if difference.kind != "part"]


@pytest.mark.parametrize("style", STYLES)
def test_an_old_workbook_becomes_the_current_one_cell_by_cell(style: Style) -> None:
    old = older.filled(older.data_of(EXAMPLE), style)
    assert read(old).version == older.VERSION
    result, report = renewed(old, style)
    assert in_cells(result, package_of(CARRIED, style)) == []
    assert verify(result).ok
    assert report.conflicts == []
    assert report.renamed["projected_value"] == "total_value"


def test_everything_around_the_cells_is_that_of_the_current_version() -> None:
    result, _ = renewed(older.filled(older.data_of(EXAMPLE)))
    expected = package_of(CARRIED)
    for sheet in expected.worksheets():
        mine = Sections.of(result.parts[result.sheet(sheet.name).part], sheet.name)
        theirs = Sections.of(expected.parts[sheet.part], sheet.name)
        for name in ("mergeCells", "dataValidations", "hyperlinks", "cols", "sheetViews", "pageSetup", "headerFooter"):
            assert mine.children.get(name, []) == theirs.children.get(name, []), (sheet.name, name)
        rules = [re.sub(rb'dxfId="\d+"', b"", item) for item in mine.children.get("conditionalFormatting", [])]
        assert rules == [
            re.sub(rb'dxfId="\d+"', b"", item) for item in theirs.children.get("conditionalFormatting", [])
        ]
    assert {(n.name, n.scope, n.text) for n in result.defined_names()} == {
        (n.name, n.scope, n.text) for n in expected.defined_names()
    }
    assert {(t.name, t.sheet, t.ref) for t in result.tables()} == {(t.name, t.sheet, t.ref) for t in expected.tables()}


def test_a_table_that_had_grown_keeps_all_its_records() -> None:
    data = older.data_of(EXAMPLE)
    data["tables"]["tblAllocation"] = [{"member": f"Team {n}", "units_held": n + 1} for n in range(40)]
    result, _ = renewed(older.filled(data))
    found = read(result).tables["tblAllocation"]
    assert [(record["member"], record["weight"]) for record in found] == [(f"Team {n}", n + 1) for n in range(40)]
    assert verify(result).ok


def test_an_input_that_was_blank_stays_blank_though_the_new_version_has_a_default() -> None:
    old = older.filled(older.data_of(EXAMPLE))
    sheet, ref = place(old, "in_hours_per_year")
    patch_cells(old, sheet, {ref: entered(None)})
    result, _ = renewed(old)
    assert read(result).inputs["hours_per_year"] is None


def test_a_dropped_threshold_is_listed_with_its_value() -> None:
    data = older.data_of(EXAMPLE)
    data["inputs"]["review_threshold"] = 0.75
    _, report = renewed(older.filled(data))
    assert report.dropped == [{"name": "in_review_threshold", "value": 0.75}]


def test_every_value_that_no_longer_fits_is_a_conflict_and_stands_in_the_report() -> None:
    old = older.filled(older.data_of(EXAMPLE))
    years, case = place(old, "in_years"), place(old, "in_case")
    table = next(table for table in old.tables() if table.name == "tblAllocation")
    row = int(re.findall(r"\d+", table.ref)[0]) + 1
    patch_cells(old, "Inputs", {years[1]: entered(-3.0), case[1]: entered("best")})
    patch_cells(old, "Allocation", {f"C{row}": entered("many")})
    result, report = renewed(old)
    found = {(item["sheet"], item["cell"]): item["found"] for item in report.conflicts}
    assert found == {years: "-3", case: "'best'", ("Allocation", f"C{row}"): "'many'"}
    assert all(item["allowed"] for item in report.conflicts)
    assert read(result).inputs["years"] is None
    assert any("found 'many'" in line for line in report.lines())


def test_a_label_that_was_typed_over_is_listed() -> None:
    old = older.filled(older.data_of(EXAMPLE))
    patch_cells(old, "Inputs", {"B14": entered("Our own words")})
    _, report = renewed(old)
    assert [(item["cell"], item["found"]) for item in report.conflicts] == [("B14", "'Our own words'")]


def test_a_formula_that_was_typed_over_is_listed_and_whole_again() -> None:
    old = older.filled(older.data_of(EXAMPLE))
    where, ref = place(old, "out_value_per_hour")
    patch_cells(old, where, {ref: entered(12.0)})
    result, report = renewed(old)
    assert [(item["cell"], item["found"]) for item in report.conflicts] == [(ref, "12")]
    assert verify(result).ok


def test_the_file_that_is_given_stays_as_it_is() -> None:
    old = older.filled(older.data_of(EXAMPLE))
    before = dict(old.parts)
    renewed(old)
    assert old.parts == before


# What stands in the way ---------------------------------------------------------------------------------------


def test_without_the_empty_workbook_of_its_version_a_file_is_refused() -> None:
    old = older.filled(older.data_of(EXAMPLE))
    with pytest.raises(WorkbookError, match=r"is version 0\.9\.0 of value_model, .* give it with --layout"):
        regenerate(old)
    with pytest.raises(WorkbookError, match=r"is not the empty workbook of value_model 0\.9\.0"):
        regenerate(old, empty=package_of({}))


def test_cells_moved_past_each_other_stop_it() -> None:
    old = older.filled(older.data_of(EXAMPLE))
    book = old.workbook_part
    names = {name.name: name.text for name in old.defined_names()}
    first, second = names["in_years"], names["in_uplift_k"]
    data = old.parts[book]
    for name, text in (("in_years", second), ("in_uplift_k", first)):
        data = re.sub(rf'(<definedName name="{name}">)[^<]*'.encode(), rb"\g<1>" + text.encode(), data)
    old.parts[book] = data
    with pytest.raises(WorkbookError, match="on the sheet 'Inputs' cells of the template were moved past each other"):
        renewed(old)


def test_an_element_that_cannot_be_carried_over_stops_it_and_is_named() -> None:
    old = older.filled(older.data_of(EXAMPLE))
    part = old.sheet("Inputs").part
    sections = Sections.of(old.parts[part], part)
    sections.children["scenarios"] = [
        b'<scenarios><scenario name="s" count="1"><inputCells r="D14" val="1"/></scenario></scenarios>'
    ]
    old.parts[part] = sections.to_bytes()
    with pytest.raises(WorkbookError, match="Inputs: holds <scenarios>, which cannot be carried"):
        renewed(old)


def test_a_table_of_the_planner_with_a_name_of_the_new_version_stops_it(monkeypatch: pytest.MonkeyPatch) -> None:
    old = older.filled(older.data_of(EXAMPLE))
    empty = older.empty()
    table = next(table for table in empty.tables() if table.name == "tblDrivers")
    empty.parts[table.part] = empty.parts[table.part].replace(b"tblDrivers", b"tblOther")
    with pytest.raises(WorkbookError, match="the table tblDrivers of 'Lists' bears a name of the new version"):
        regenerate(old, empty=empty)


# A file of the current version --------------------------------------------------------------------------------


def test_a_current_workbook_that_nobody_broke_keeps_every_byte() -> None:
    package = rich.enriched(package_of(EXAMPLE))
    result, report = regenerate(package)
    assert result.parts == package.parts
    assert report.conflicts == []


def test_a_current_workbook_gets_its_formulas_back() -> None:
    package = package_of(EXAMPLE)
    where, ref = place(package, "out_value_per_hour")
    patch_cells(package, where, {ref: entered(12.0)})
    result, report = regenerate(package)
    assert result.parts == package_of(EXAMPLE).parts
    assert [(item["sheet"], item["cell"], item["found"]) for item in report.conflicts] == [(where, ref, "12")]


# What planners added ------------------------------------------------------------------------------------------


@cache
def rich_pair() -> tuple[Package, Package]:
    before = rich.enriched(older.filled(older.data_of(EXAMPLE)))
    return before, renewed(before)[0]


@pytest.mark.parametrize("kind", rich.KINDS)
def test_regenerating_keeps_the_planners(kind: str) -> None:
    before, after = rich_pair()
    described = rich.KINDS[kind]
    assert set(described.parts) <= rich.reachable(after)
    for word in described.words:
        where = {name for name, data in before.parts.items() if word in data}
        assert where
        assert where == {name for name, data in after.parts.items() if word in data}


def test_no_part_of_the_planner_goes_and_those_without_places_keep_their_bytes() -> None:
    before, after = rich_pair()
    charts = {name for name in older.empty().parts if name.startswith("xl/charts/")}
    assert before.parts.keys() - charts <= after.parts.keys()
    for name in ("customXml/item1.xml", "customUI/customUI14.xml", "xl/vbaProject.bin", "xl/media/logo.png"):
        assert after.parts[name] == before.parts[name]


def at(package: Package, content: str) -> Cell:
    return next(cell for cell in cells_of(package).values() if cell.value == content)


def test_a_column_beside_the_table_follows_its_records() -> None:
    _, after = rich_pair()
    table = next(table for table in after.tables() if table.name == "tblWorkflows")
    top = int(re.findall(r"\d+", table.ref)[0])
    head = at(after, "Our factor")
    # The new version's table is one column wider and starts two rows higher.
    assert (head.ref, top) == (f"O{top}", 13)
    cells = cells_of(after)
    assert [cells["Workflows", f"O{row}"].formula for row in (14, 15)] == ["D14*2", "D15*2"]
    assert cells["Workflows", "O14"].value == 2 * 24_200_000


def test_formulas_of_the_planner_follow_the_cells_they_refer_to() -> None:
    _, after = rich_pair()
    cells = cells_of(after)
    assert (cells["Notes", "A2"].formula, cells["Notes", "A2"].value) == ("Workflows!B14", "Customer onboarding")
    assert cells["Notes", "A3"].value == 81_000_000
    assert b"Workflows!$D$14:$D$25" in after.parts["xl/charts/ours.xml"]
    names = {name.name: name.text for name in after.defined_names()}
    assert names["our_values"] == "Workflows!$D$12:$D$23"  # two rows up, as the table


def test_a_cell_that_was_drawn_otherwise_still_is() -> None:
    before, after = rich_pair()
    old = next(cell for (sheet, ref), cell in cells_of(before).items() if (sheet, ref) == ("Workflows", "C16"))
    new = cells_of(after)["Workflows", "C14"]
    assert new.style == old.style
    assert new.value == old.value


def test_renamed_names_and_columns_are_renamed_in_the_planners_formulas() -> None:
    old = rich.enriched(
        older.filled(older.data_of(EXAMPLE)), without=tuple(k for k in rich.KINDS if k != "sheet of their own")
    )
    patch_cells(
        old,
        rich.OWN,
        {"C1": computed("in_projected_value*2", 0.0), "C2": computed("SUM(tblAllocation[Units held])", 0.0)},
    )
    cells = cells_of(renewed(old)[0])
    assert (cells["Notes", "C1"].formula, cells["Notes", "C1"].value) == ("in_total_value*2", 176_000_000)
    assert (cells["Notes", "C2"].formula, cells["Notes", "C2"].value) == ("SUM(tblAllocation[Weight])", 9500)


def test_a_column_added_to_the_table_itself_is_added_again() -> None:
    from valuehour.ooxml.columns import add_column

    old = older.filled(older.data_of(EXAMPLE))
    table = next(table for table in old.tables() if table.name == "tblWorkflows")
    add_column(old, table, "Owner")
    row = int(re.findall(r"\d+", table.ref)[0]) + 1
    patch_cells(old, "Workflows", {f"K{row}": entered("Anna"), f"K{row + 1}": entered("Ben")})
    result, _ = renewed(old)
    records = read(result).tables["tblWorkflows"]
    assert [record["owner"] for record in records[:3]] == ["Anna", "Ben", None]
    assert [str(finding) for finding in lint(result)] == []


def test_rows_that_a_planner_inserted_do_not_confuse_it() -> None:
    from tests.planners import insert_row, recalculated

    old = older.filled(older.data_of(EXAMPLE))
    insert_row(old, "Inputs", 20)
    patch_cells(old, "Inputs", {"B20": entered("A line of our own")})
    result, report = renewed(recalculated(old))
    assert report.conflicts == []
    assert at(result, "A line of our own")
    assert read(result).inputs["uplift_k"] == 1.12


def test_a_poisoned_value_is_calculated_anew() -> None:
    old = older.filled(older.data_of(EXAMPLE))
    where, ref = place(old, "out_value_per_hour")
    patch_cells(old, where, {ref: cached(1.0)})
    assert verify(renewed(old)[0]).ok


@pytest.mark.requires_validator
def test_regenerated_workbooks_open_without_a_repair_prompt(tmp_path: Path) -> None:
    for number, package in enumerate(
        (*rich_pair(), renewed(older.filled(older.data_of(EXAMPLE), Style.LAMBDA), Style.LAMBDA)[0])
    ):
        path = tmp_path / f"{number}.xlsm"
        package.write(path)
        assert validator.validate(path) == []
        assert [str(finding) for finding in lint(package)] == []
