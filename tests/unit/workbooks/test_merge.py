"""Merging: every row of every file arrives with its source, and nothing that contradicts is passed over."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests import rich, validator
from tests.workbooks import EXAMPLE, STYLES, cells_of, changed, complaints, package_of, place, valuehour
from valuehour.errors import DataError, UsageError
from valuehour.ooxml import Package, entered, patch_cells
from valuehour.workbooks.formula import Style
from valuehour.workbooks.lint import lint
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


@cache
def rich_pair() -> tuple[Package, Package]:
    before = rich.enriched(package_of(NORTH))
    filled, _ = merge([("a.xlsx", before), ("b.xlsx", package_of(SOUTH))])
    return before, Package.read(filled.package.to_bytes(), label="merged.xlsx")


@pytest.mark.parametrize("kind", rich.KINDS)
def test_merging_keeps_what_the_first_planner_added(kind: str) -> None:
    before, after = rich_pair()
    described = rich.KINDS[kind]
    assert set(described.parts) <= rich.reachable(after)
    for word in described.words:
        where = {name for name, data in before.parts.items() if word in data}
        assert where
        assert where == {name for name, data in after.parts.items() if word in data}


@pytest.mark.requires_validator
def test_merged_workbooks_open_without_a_repair_prompt(tmp_path: Path) -> None:
    for number, package in enumerate((rich_pair()[1], merged(NORTH, SOUTH, style=Style.LAMBDA)[0])):
        path = tmp_path / f"{number}.xlsm"
        package.write(path)
        assert validator.validate(path) == []
        assert [str(finding) for finding in lint(package)] == []


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
