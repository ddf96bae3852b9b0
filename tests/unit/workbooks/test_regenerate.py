"""Regenerating: a filled workbook of version 0.9.0 becomes one of the current version, and nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from tests import older, rich, validator
from tests.fillings import FILLINGS
from tests.planners import add_sheet
from tests.workbooks import EXAMPLE, cells_of, package_of, place
from valuehour.errors import WorkbookError
from valuehour.ooxml import Cell, Package, cached, computed, entered, parse_area, patch_cells
from valuehour.ooxml.columns import add_column
from valuehour.ooxml.sections import Sections
from valuehour.workbooks.compare import differences
from valuehour.workbooks.drawn import drawing_of, drawn
from valuehour.workbooks.formula import Style
from valuehour.workbooks.lint import lint
from valuehour.workbooks.migrations import MIGRATIONS, Migration
from valuehour.workbooks.read import marks, read
from valuehour.workbooks.regenerate import Report, regenerate
from valuehour.workbooks.verify import verify

GUIDE = FILLINGS["guide_workflows"]
EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    FILLINGS[name]["template"]: FILLINGS[name]
    for name in ("decision_continuity", "enterprise_grouping", "guide_workflows")
}
every_template = pytest.mark.parametrize("name", EXAMPLES)


def renewed(package: Package, style: Style = Style.NATIVE) -> tuple[Package, Report]:
    found = marks(package)
    assert found is not None
    result, report = regenerate(package, empty=older.empty(found["template"], style))
    return Package.read(result.to_bytes(), label="renewed.xlsx"), report


def in_cells(found: Package, expected: Package) -> list[str]:
    return [str(difference) for difference in differences(found, expected) if difference.kind != "part"]


@pytest.mark.parametrize(
    ("name", "style"), [*((name, Style.NATIVE) for name in EXAMPLES), ("value_model", Style.LAMBDA)]
)
def test_an_old_workbook_becomes_the_current_one_cell_by_cell(name: str, style: Style) -> None:
    old = older.filled(older.data_of(EXAMPLES[name]), style)
    assert read(old).version == older.VERSION
    result, report = renewed(old, style)
    assert in_cells(result, package_of(older.carried(EXAMPLES[name]), style)) == []
    assert verify(result).ok
    assert report.conflicts == []
    renamed = {before: now for now, before in older.PAST[name].inputs.items()}
    assert renamed.items() <= report.renamed.items()


@every_template
def test_everything_around_the_cells_is_that_of_the_current_version(name: str) -> None:
    result, _ = renewed(older.filled(older.data_of(EXAMPLES[name])))
    expected = package_of(older.carried(EXAMPLES[name]))
    for sheet in expected.worksheets():
        mine = Sections.of(result.parts[result.sheet(sheet.name).part], sheet.name)
        theirs = Sections.of(expected.parts[sheet.part], sheet.name)
        for part in ("mergeCells", "dataValidations", "hyperlinks", "cols", "sheetViews", "pageSetup", "headerFooter"):
            assert mine.children.get(part, []) == theirs.children.get(part, []), (sheet.name, part)
        rules = [re.sub(rb'dxfId="\d+"', b"", item) for item in mine.children.get("conditionalFormatting", [])]
        assert rules == [
            re.sub(rb'dxfId="\d+"', b"", item) for item in theirs.children.get("conditionalFormatting", [])
        ]
        assert charts(result, sheet.name) == charts(expected, sheet.name), sheet.name
    assert {(n.name, n.scope, n.text) for n in result.defined_names()} == {
        (n.name, n.scope, n.text) for n in expected.defined_names()
    }
    assert {(t.name, t.sheet, t.ref) for t in result.tables()} == {(t.name, t.sheet, t.ref) for t in expected.tables()}


def charts(package: Package, sheet: str) -> list[tuple[str, tuple[int, ...], bytes]]:
    """The charts of a sheet: what they say of themselves, where they stand, what is in them."""
    return [(item.alt, item.cells, package.parts[item.part]) for item in drawn(package, sheet) if item.part is not None]


def test_a_sheet_that_is_new_comes_with_its_tables_and_its_chart() -> None:
    old = older.filled(older.data_of(GUIDE))
    assert "Trends" not in {sheet.name for sheet in old.sheets()}
    result, _ = renewed(old)
    assert result.sheets()[-1].name == "Trends"
    assert {table.name for table in result.tables() if table.sheet == "Trends"} == {"tblTrend", "tblChanges"}
    assert charts(result, "Trends") == charts(package_of(GUIDE), "Trends") != []
    part = next(item.part for item in drawn(result, "Trends"))
    assert part is not None
    assert result.content_type(part) == "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
    assert part in rich.reachable(result)


def test_a_sheet_of_the_planner_with_the_name_of_a_new_one_stops_it() -> None:
    old = older.filled(older.data_of(GUIDE))
    add_sheet(old, "Trends", {"A1": ("1+1", 2.0)})
    with pytest.raises(WorkbookError, match="a sheet of the planner is called 'Trends', as a new one of the template"):
        renewed(old)


def test_the_empty_workbook_of_the_other_function_style_serves_as_well() -> None:
    result, report = regenerate(older.filled(older.data_of(EXAMPLE), Style.LAMBDA), empty=older.empty())
    assert report.conflicts == []
    assert in_cells(result, package_of(older.carried(EXAMPLE), Style.LAMBDA)) == []


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


@every_template
def test_a_dropped_threshold_is_listed_with_its_value(name: str) -> None:
    data = older.data_of(EXAMPLES[name])
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
    with pytest.raises(WorkbookError, match=r"is version 0\.9\.0 of value_model, .* give this one with --layout"):
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
    sections.children["dataConsolidate"] = [b'<dataConsolidate function="sum"/>']
    old.parts[part] = sections.to_bytes()
    with pytest.raises(WorkbookError, match="Inputs: holds <dataConsolidate>, which cannot be carried"):
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


def at(package: Package, content: str) -> Cell:
    return next(cell for cell in cells_of(package).values() if cell.value == content)


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


# What refers to what is gone ----------------------------------------------------------------------------------


def with_threshold(name: str = "value_model") -> tuple[Package, str]:
    """An old workbook with the threshold filled in, and the cell where it stands."""
    data = older.data_of(EXAMPLES[name])
    data["inputs"]["review_threshold"] = 0.75
    old = older.filled(data)
    return old, place(old, "in_review_threshold")[1]


def test_formulas_that_refer_to_a_dropped_input_are_listed_with_their_cells() -> None:
    old, ref = with_threshold()
    old = rich.enriched(old, without=tuple(kind for kind in rich.KINDS if kind != "sheet of their own"))
    patch_cells(
        old,
        rich.OWN,
        {
            "C1": computed("in_review_threshold*2", 1.5),
            "C2": computed(f"Inputs!{ref}+1", 1.75),
            "C3": computed("in_projected_value", 0.0),
            "C4": computed('"in_review_threshold"', ""),
        },
    )
    patch_cells(old, "Workflows", {"N40": computed(f"Inputs!${ref[0]}${ref[1:]}", 0.75)})
    _, report = renewed(old)
    assert [(item["sheet"], item["cell"], item["found"]) for item in report.conflicts] == [
        ("Workflows", "N40", f"=Inputs!${ref[0]}${ref[1:]}"),
        (rich.OWN, "C1", "=in_review_threshold*2"),
        (rich.OWN, "C2", f"=Inputs!{ref}+1"),
    ]
    assert all("it has no in_review_threshold" in item["allowed"] for item in report.conflicts)


def test_formulas_that_refer_to_a_dropped_column_are_listed() -> None:
    old = older.filled(older.data_of(EXAMPLE))
    empty = older.empty()
    for package in (old, empty):  # a column of the old version that the new one does not have
        table = next(table for table in package.tables() if table.name == "tblWorkflows")
        add_column(package, table, "Sponsor")
    row = parse_area(table.ref).top + 1
    own = tuple(kind for kind in rich.KINDS if kind != "sheet of their own")
    old = rich.enriched(old, without=own)
    formulas = {"C1": "COUNTA(tblWorkflows[Sponsor])", "C2": f"Workflows!K{row}", "C3": "COUNTA(tblWorkflows[Value])"}
    patch_cells(old, rich.OWN, {ref: computed(formula, 0.0) for ref, formula in formulas.items()})
    patch_cells(old, "Workflows", {f"K{row}": entered("Anna")})
    changes = Migration(
        names=MIGRATIONS["value_model"][older.VERSION].names,
        columns=MIGRATIONS["value_model"][older.VERSION].columns,
        dropped_names=frozenset({"in_review_threshold"}),
        dropped_columns=frozenset({("tblWorkflows", "Sponsor")}),
    )
    with mock.patch.dict(MIGRATIONS, {"value_model": {older.VERSION: changes}}):  # type: ignore[arg-type]
        _, report = regenerate(old, empty=empty)
    assert [(item["cell"], item["found"]) for item in report.conflicts] == [
        ("C1", "=COUNTA(tblWorkflows[Sponsor])"),
        ("C2", f"=Workflows!K{row}"),
    ]
    assert report.dropped == [{"name": f"tblWorkflows.sponsor, row {row}", "value": "Anna"}]


def test_rules_names_and_charts_that_refer_to_a_dropped_input_are_listed() -> None:
    old, ref = with_threshold()
    old = rich.enriched(old)
    where = f"Inputs!${ref[0]}${ref[1:]}"
    chart = old.parts["xl/charts/ours.xml"]
    old.parts["xl/charts/ours.xml"] = re.sub(rb"<c:f>[^<]*<", b"<c:f>" + where.encode() + b"<", chart)
    book = old.parts[old.workbook_part]
    old.parts[old.workbook_part] = re.sub(rb'(name="our_values">)[^<]*', rb"\g<1>" + where.encode(), book)
    part = old.sheet("Workflows").part
    old.parts[part] = old.parts[part].replace(b"<formula>4321</formula>", b"<formula>in_review_threshold</formula>")
    _, report = renewed(old)
    beside = rich.spot(old).beside(0)
    assert {(item["sheet"], item["cell"], item["found"]) for item in report.conflicts} == {
        ("", "xl/charts/ours.xml", f"={where}"),
        ("", "our_values", f"={where}"),
        ("Workflows", beside, "=in_review_threshold"),
    }


def test_a_scenario_keeps_its_inputs_and_a_dropped_one_is_listed() -> None:
    old, ref = with_threshold()
    years = place(old, "in_years")[1]
    part = old.sheet("Inputs").part
    sections = Sections.of(old.parts[part], part)
    both = f'<inputCells r="{years}" val="5"/><inputCells r="{ref}" val="0.5"/>'
    gone = f'<inputCells r="{ref}" val="0.1"/>'
    sections.children["scenarios"] = [
        f'<scenarios current="1" show="1"><scenario name="Long" count="2">{both}</scenario>'
        f'<scenario name="Strict" count="1">{gone}</scenario></scenarios>'.encode()
    ]
    old.parts[part] = sections.to_bytes()
    result, report = renewed(old)
    (kept,) = Sections.of(result.parts[result.sheet("Inputs").part], "Inputs").children["scenarios"]
    now = place(result, "in_years")[1]
    left = f'<scenario name="Long" count="1"><inputCells r="{now}" val="5"/></scenario>'
    assert kept == f'<scenarios current="0" show="0">{left}</scenarios>'.encode()
    assert [(item["cell"], item["found"]) for item in report.conflicts] == [
        (ref, "'0.5' in the scenario 'Long'"),
        (ref, "'0.1' in the scenario 'Strict'"),
    ]


# Charts of the template ---------------------------------------------------------------------------------------


def template_chart(package: Package) -> str:
    """The first chart on Summary."""
    return next(item.part for item in drawn(package, "Summary") if item.part is not None)


def resaved(chart: bytes) -> bytes:
    """The same chart as another program writes it: other prefixes, more elements, its values stored beside."""
    text = chart.decode().replace("<chartSpace xmlns=", "<chartSpace xmlns:c=")
    text = re.sub(r"<(/?)(?![a-z]+:|\?)(\w+)", r"<\1c:\2", text)
    text = text.replace("<c:roundedCorners", '<c:date1904 val="0"/><c:lang val="en-US"/><c:roundedCorners', 1)
    text = text.replace("</c:f></c:numRef>", '</c:f><c:numCache><c:ptCount val="1"/></c:numCache></c:numRef>')
    unique = '<c:extLst><c:ext uri="{C3380CC4}"><c16:uniqueId xmlns:c16="urn:c16" val="{0}"/></c:ext></c:extLst>'
    return text.replace("</c:ser>", f"{unique}</c:ser>").replace('val="0.07000000000000001"', 'val="0.07"').encode()


@every_template
def test_a_chart_that_was_only_saved_again_comes_new(name: str) -> None:
    old = older.filled(older.data_of(EXAMPLES[name]))
    part = template_chart(old)
    before = old.parts[part]
    old.parts[part] = resaved(before)
    assert old.parts[part] != before
    result, report = renewed(old)
    assert report.redrawn == []
    assert charts(result, "Summary") == charts(package_of(older.carried(EXAMPLES[name])), "Summary")


def recoloured(old: Package) -> None:
    part = template_chart(old)
    old.parts[part] = re.sub(rb'(srgbClr val=")[0-9A-F]{6}', rb"\g<1>00FF00", old.parts[part], count=3)


def retitled(old: Package) -> None:
    part = template_chart(old)
    old.parts[part] = re.sub(rb"(<a:t>)[^<]+", rb"\g<1>Ours", old.parts[part], count=1)


def with_labels(old: Package) -> None:
    part = template_chart(old)
    old.parts[part] = old.parts[part].replace(b'<showVal val="0">', b'<showVal val="1">', 1)


def moved(old: Package) -> None:
    part = drawing_of(old, "Summary")
    assert part is not None
    old.parts[part] = old.parts[part].replace(b"<col>1</col>", b"<col>2</col>", 1)


def redrawn_from_other_cells(old: Package) -> None:
    part = template_chart(old)
    old.parts[part] = re.sub(rb"<f>[^<]*</f>", b"<f>Inputs!$B$14:$B$18</f>", old.parts[part], count=1)


def named_otherwise(old: Package) -> None:
    """Other words for those who cannot see it, which are what it is told by."""
    part = drawing_of(old, "Summary")
    assert part is not None
    old.parts[part] = re.sub(rb'descr="[^"]*"', b'descr="Our words"', old.parts[part], count=1)
    recoloured(old)


@pytest.mark.parametrize(
    "change", [recoloured, retitled, with_labels, moved, redrawn_from_other_cells, named_otherwise]
)
def test_a_chart_of_the_template_that_a_planner_drew_otherwise_stays_and_is_listed(
    change: Callable[[Package], None],
) -> None:
    old = older.filled(older.data_of(EXAMPLE))
    count = len(drawn(old, "Summary"))
    change(old)
    mine = drawn(old, "Summary")[0]
    result, report = renewed(old)
    assert len(report.redrawn) == 1
    assert report.redrawn[0].startswith("Summary: the chart")
    assert any(report.redrawn[0] in line for line in report.lines())
    now = drawn(result, "Summary")
    assert len(now) == count
    (kept,) = (item for item in now if item.alt == mine.alt)
    assert kept.cells == mine.cells
    assert kept.part is not None
    assert mine.part is not None
    assert result.parts[kept.part] == old.parts[mine.part]


def test_a_chart_drawn_from_a_dropped_input_comes_new_and_is_a_conflict() -> None:
    old, ref = with_threshold()
    part = template_chart(old)
    where = f"Inputs!${ref[0]}${ref[1:]}"
    old.parts[part] = re.sub(rb"<f>[^<]*</f>", f"<f>{where}</f>".encode(), old.parts[part], count=1)
    result, report = renewed(old)
    assert charts(result, "Summary") == charts(package_of(older.carried(EXAMPLE)), "Summary")
    (conflict,) = report.conflicts
    assert (conflict["sheet"], conflict["cell"]) == ("Summary", "B12")
    assert "drawn anew" in conflict["found"]
    assert "it has no in_review_threshold" in conflict["allowed"]


def test_a_copy_that_a_planner_made_of_a_chart_stays_beside_the_new_one() -> None:
    old = older.filled(older.data_of(EXAMPLE))
    part = drawing_of(old, "Summary")
    assert part is not None
    first = drawn(old, "Summary")[0]
    copy = first.anchor.replace(b"<row>", b"<row>4", 2)
    old.parts[part] = old.parts[part].replace(b"</wsDr>", copy + b"</wsDr>")
    result, report = renewed(old)
    assert report.redrawn == []
    assert len(drawn(result, "Summary")) == len(drawn(older.empty(), "Summary")) + 1
    assert {item.part for item in drawn(result, "Summary")} <= rich.reachable(result)


# Locks and filters --------------------------------------------------------------------------------------------


def test_a_sheet_that_a_planner_locked_stays_locked_and_the_templates_own_locks_come_new() -> None:
    old = older.filled(older.data_of(EXAMPLE))
    lock = b'<sheetProtection password="CC1A" sheet="1" objects="1" scenarios="1"/>'
    for name in ("Inputs", "About"):
        part = old.sheet(name).part
        sections = Sections.of(old.parts[part], part)
        if name == "Inputs":
            sections.children["sheetProtection"] = [lock]
        else:
            del sections.children["sheetProtection"]
        old.parts[part] = sections.to_bytes()
    result, _ = renewed(old)
    found = {
        sheet.name: Sections.of(result.parts[sheet.part], sheet.name).children.get("sheetProtection", [])
        for sheet in result.worksheets()
    }
    assert found["Inputs"] == [lock]
    expected = package_of(EXAMPLE)
    for name in ("About", "Checks"):
        assert found[name] == Sections.of(expected.parts[expected.sheet(name).part], name).children["sheetProtection"]
    assert found["Cases"] == []


@pytest.mark.requires_validator
def test_regenerated_workbooks_open_without_a_repair_prompt(tmp_path: Path) -> None:
    for number, package in enumerate(
        (
            renewed(older.filled(older.data_of(EXAMPLE), Style.LAMBDA), Style.LAMBDA)[0],
            renewed(older.filled(older.data_of(GUIDE)))[0],
        )
    ):
        path = tmp_path / f"{number}.xlsx"
        package.write(path)
        assert validator.validate(path) == []
        assert [str(finding) for finding in lint(package)] == []
