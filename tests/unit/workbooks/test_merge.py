"""Merging: every row of every file arrives with its source, and nothing that contradicts is passed over."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests import rich
from tests.workbooks import EXAMPLE, STYLES, cells_of, changed, complaints, package_of, place, valuehour
from valuehour.errors import DataError, UsageError
from valuehour.ooxml import Package, entered, format_cell, parse_area, patch_cells
from valuehour.ooxml.columns import add_column
from valuehour.workbooks.formula import Style
from valuehour.workbooks.merge import MergeReport, merge
from valuehour.workbooks.read import read
from valuehour.workbooks.verify import verify

NORTH = changed(
    {"weight_total": None}, tblAllocation=[{"member": "Oslo", "weight": 1.25}, {"member": "Rome", "weight": 2}]
)
SOUTH = changed(
    {"weight_total": None, "employees": 12, "employees_source": None},
    tblAllocation=[{"member": "Cairo", "weight": 0.1}, {"member": "Rome", "weight": 2}],
    tblWorkflows=[{"workflow": "Claims", "value": 7, "basis": "per year", "in_scope": "no", "evidence": "measured"}],
)


def merged(*data: dict[str, Any], style: Style = Style.NATIVE) -> tuple[Package, MergeReport]:
    names = ["north.xlsx", "south.xlsx", "west.xlsx"]
    filled, report = merge([(name, package_of(each, style)) for name, each in zip(names, data, strict=False)])
    return Package.read(filled.package.to_bytes(), label="merged.xlsx"), report


@pytest.mark.parametrize("style", STYLES)
def test_every_row_arrives_with_its_source(style: Style) -> None:
    package, report = merged(NORTH, SOUTH, style=style)
    rows = read(package).tables["tblWorkflows"]
    assert [row["workflow"] for row in rows] == [
        *(record["workflow"] for record in EXAMPLE["tables"]["tblWorkflows"]),
        "Claims",
    ]
    assert [row["source"] for row in rows] == ["north.xlsx"] * 6 + ["south.xlsx"]
    assert report.rows["tblWorkflows"] == {"north.xlsx": 6, "south.xlsx": 1}
    assert verify(package).ok


def test_where_a_chart_stands_beside_the_table_the_source_stands_beside_the_chart() -> None:
    package, _ = merged(NORTH, SOUTH)
    cells = cells_of(package)
    (head,) = (cell for (sheet, _), cell in cells.items() if sheet == "Allocation" and cell.value == "Source")
    column = head.ref.rstrip("0123456789")
    rows = range(head.row + 1, head.row + 5)
    members = [cells["Allocation", f"B{row}"].value for row in rows]
    assert members == ["Oslo", "Rome", "Cairo", "Rome"]
    sources = [cells["Allocation", f"{column}{row}"].value for row in rows]
    assert sources == ["north.xlsx", "north.xlsx", "south.xlsx", "south.xlsx"]


def test_totals_tie_to_the_sources() -> None:
    package, report = merged(NORTH, SOUTH)
    total = next(item for item in report.totals if (item["table"], item["column"]) == ("tblAllocation", "weight"))
    assert total["sources"] == {"north.xlsx": 3.25, "south.xlsx": 2.1}
    assert total["merged"] == pytest.approx(5.35, abs=1e-15)
    weights = [record["weight"] for record in read(package).tables["tblAllocation"]]
    assert sorted(weights) == [0.1, 1.25, 2, 2]  # type: ignore[type-var]


def test_contradicting_inputs_are_listed_and_the_first_one_stands() -> None:
    package, report = merged(NORTH, SOUTH)
    assert report.contradictions == [
        {"input": "employees", "kept": 1, "found": {"north.xlsx": 1, "south.xlsx": 12}},
    ]
    assert read(package).inputs["employees"] == 1


def test_an_input_that_only_one_file_gives_is_no_contradiction() -> None:
    package, report = merged(changed({"years_source": None}), changed({"years_source": "Plan"}))
    assert not [entry for entry in report.contradictions if entry["input"] == "years_source"]
    assert read(package).inputs["years_source"] == "Plan"


def test_double_rows_are_listed_and_kept() -> None:
    _, report = merged(NORTH, SOUTH)
    (double,) = (item for item in report.doubles if item["table"] == "tblAllocation")
    assert double == {
        "table": "tblAllocation",
        "times": 2,
        "sources": ["north.xlsx", "south.xlsx"],
        "row": {"member": "Rome", "weight": 2},
    }


def test_what_does_not_hold_between_the_merged_values_is_said() -> None:
    _, report = merged(changed({"weight_total": 9500}), changed({"weight_total": 9500}))
    assert len(report.rules) == 1
    assert "weight" in report.rules[0]


def test_merging_a_merged_file_keeps_the_first_source() -> None:
    once, _ = merged(NORTH, SOUTH)
    filled, _ = merge([("both.xlsx", once), ("west.xlsx", package_of(SOUTH))])
    rows = read(filled.package).tables["tblWorkflows"]
    assert [row["source"] for row in rows] == ["north.xlsx"] * 6 + ["south.xlsx", "west.xlsx"]


def test_what_other_planners_added_is_listed_as_left_out() -> None:
    only = tuple(kind for kind in rich.KINDS if kind != "sheet of their own")
    _, report = merge([("a.xlsx", package_of(NORTH)), ("b.xlsx", rich.enriched(package_of(SOUTH), without=only))])
    assert report.left == ["b.xlsx: the sheet 'Notes'"]


def test_files_with_values_that_do_not_fit_are_refused_all_at_once() -> None:
    files = []
    for name, value in (("a.xlsx", -1.0), ("b.xlsx", "three")):
        package = package_of(NORTH)
        sheet, ref = place(package, "in_years")
        patch_cells(package, sheet, {ref: entered(value)})
        files.append((name, package))
    with pytest.raises(DataError) as raised:
        merge(files)
    lines = str(raised.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["a.xlsx", "b.xlsx"]
    assert all("Inputs!" in line for line in lines)


def test_one_file_alone_and_files_of_two_versions_are_refused() -> None:
    with pytest.raises(UsageError, match="two files or more"):
        merge([("a.xlsx", package_of(NORTH))])
    other = package_of(SOUTH)
    sheet, ref = place(other, "valuehour_version")
    patch_cells(other, sheet, {ref: entered("0.1.0")})
    with pytest.raises(DataError, match=r"b.xlsx: About!.*found version 0\.1\.0"):
        merge([("a.xlsx", package_of(NORTH)), ("b.xlsx", other)])


# Rows of more than one file about one thing --------------------------------------------------------------------


def copies(*data: dict[str, Any]) -> tuple[Package, MergeReport]:
    """Copies of any template, merged."""
    filled, report = merge([(f"{number}.xlsx", package_of(each)) for number, each in enumerate(data, 1)])
    return filled.package, report


def members(*records: dict[str, Any]) -> dict[str, Any]:
    region = {"structure": "Organization structure", "dimension": "Region"}
    return {"template": "grouping_taxonomy", "inputs": {}, "tables": {"tblMembers": [region | r for r in records]}}


def test_rows_that_say_different_things_of_one_member_are_listed_and_kept() -> None:
    package, report = copies(members({"member": "NA", "share": 0.2}), members({"member": "na", "share": 0.3}))
    assert report.differing == [
        {
            "table": "tblMembers",
            "of": {"structure": "Organization structure", "dimension": "Region", "member": "NA"},
            "rows": [
                {"source": "1.xlsx", "values": {"share": 0.2}},
                {"source": "2.xlsx", "values": {"share": 0.3}},
            ],
        }
    ]
    assert [(row["member"], row["share"]) for row in read(package).tables["tblMembers"]] == [("NA", 0.2), ("na", 0.3)]
    assert any(line.startswith("tblMembers: rows for") and "all kept" in line for line in report.lines())


def test_months_of_one_workflow_in_two_files_differ_by_their_figures_only() -> None:
    def month(cost: float) -> dict[str, Any]:
        flow = {"workflow": "Support reply", "importance": 3, "in_scope": "yes"}
        row = {"workflow": "Support reply", "month": datetime.date(2026, 9, 1), "cost": cost}
        return {"template": "workflow_outcomes", "inputs": {}, "tables": {"tblWorkflows": [flow], "tblMonths": [row]}}

    _, report = copies(month(5), month(7))
    (item,) = report.differing
    assert [row["values"] for row in item["rows"]] == [{"cost": 5}, {"cost": 7}]
    assert [entry["table"] for entry in report.doubles] == ["tblWorkflows"]


def test_members_as_the_template_ships_them_are_nobodys_entries_and_stand_once() -> None:
    blank: dict[str, Any] = {"template": "grouping_taxonomy", "inputs": {}, "tables": {}}
    shipped = len(read(package_of(blank)).tables["tblMembers"])
    package, report = copies(blank, blank)
    assert len(read(package).tables["tblMembers"]) == shipped
    assert report.doubles == []
    assert report.rows["tblMembers"] == {"1.xlsx": shipped, "2.xlsx": 0}


def test_a_member_that_only_the_second_file_gives_a_share_has_one_row() -> None:
    blank: dict[str, Any] = {"template": "grouping_taxonomy", "inputs": {}, "tables": {}}
    package, report = copies(blank, members({"member": "NA", "share": 0.4}))
    regions = [row for row in read(package).tables["tblMembers"] if row["member"] == "NA"]
    assert [(row["share"], row["source"]) for row in regions] == [(0.4, "2.xlsx")]
    assert report.differing == []


def test_a_note_beside_a_shipped_member_keeps_its_row() -> None:
    blank: dict[str, Any] = {"template": "grouping_taxonomy", "inputs": {}, "tables": {}}
    package = package_of(blank)
    table = next(table for table in package.tables() if table.name == "tblMembers")
    wide = add_column(package, table, "Owner")
    area = parse_area(wide.ref)
    patch_cells(package, wide.sheet, {format_cell(area.top + 1, area.right): entered("Anna")})
    first = str(read(package).tables["tblMembers"][0]["member"])
    structure, dimension = (str(read(package).tables["tblMembers"][0][key]) for key in ("structure", "dimension"))
    other = {**members(), "tables": {"tblMembers": [{"structure": structure, "dimension": dimension, "member": first}]}}
    other["tables"]["tblMembers"][0]["share"] = 0.5
    filled, _ = merge([("1.xlsx", package), ("2.xlsx", package_of(other))])
    rows = [row for row in read(filled.package).tables["tblMembers"] if row["member"] == first]
    assert [(row["share"], row["owner"]) for row in rows] == [(None, "Anna"), (0.5, None)]


def test_the_command_prints_and_writes_the_report(tmp_path: Path) -> None:
    package_of(NORTH).write(tmp_path / "north.xlsx")
    package_of(SOUTH).write(tmp_path / "south.xlsx")
    arguments = ("merge", tmp_path / "north.xlsx", tmp_path / "south.xlsx", "--out", tmp_path / "all.xlsx")
    done = valuehour(*arguments, "--report", tmp_path / "report.json")
    assert done.exit_code == 0
    assert re.search(r"^input employees differs: north.xlsx: 1; south.xlsx: 12; kept: 1$", done.stdout, re.MULTILINE)
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["sources"] == ["north.xlsx", "south.xlsx"]
    assert read(Package.read(tmp_path / "all.xlsx")).tables["tblWorkflows"][6]["source"] == "south.xlsx"
    (tmp_path / "all.xlsx").unlink()
    strict = valuehour(*arguments, "--strict")
    assert strict.exit_code == 1
    assert not (tmp_path / "all.xlsx").exists()
    assert "contradict" in complaints(strict)[0]
