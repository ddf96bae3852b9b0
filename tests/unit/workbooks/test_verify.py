"""What ``verify`` finds in a workbook that was touched, cell by cell, and what it leaves alone."""

from __future__ import annotations

import io
import json
import time
from pathlib import Path

import openpyxl
import pytest

from tests import planners
from tests.workbooks import EMPTY, EXAMPLE, STYLES, cells_of, complaints, file_of, package_of, place, valuehour
from valuehour.errors import CellError
from valuehour.ooxml import Package, column_letters, computed, parse_area, patch_cells
from valuehour.workbooks.formula import Style
from valuehour.workbooks.verify import verify

INSERTED = (("Inputs", 11), ("Cases", 9), ("Growth", 29), ("Allocation", 11), ("Workflows", 11))


def found_in(package: Package) -> set[tuple[str, str, str]]:
    """Sheet, cell and kind of everything that verify finds in the file."""
    verdict = verify(Package.read(package.to_bytes()))
    return {(difference.sheet, difference.cell, difference.kind) for difference in verdict.differences}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("data", [EMPTY, EXAMPLE], ids=["empty", "example"])
def test_a_workbook_as_built_is_verified_without_a_finding(data: dict[str, object], style: Style) -> None:
    verdict = verify(package_of(data, style))
    assert verdict.differences == ()
    assert verdict.formulas == sum(cell.formula is not None for cell in cells_of(package_of(data, style)).values())
    assert verdict.function_cells > 150


@pytest.mark.parametrize(
    ("style", "value"),
    [
        (Style.NATIVE, 4293.45),
        (Style.NATIVE, 4293.44 * (1 + 1e-6)),
        (Style.NATIVE, 0),
        (Style.NATIVE, "4293.44"),
        (Style.NATIVE, True),
        (Style.NATIVE, CellError.NUM),
        (Style.LAMBDA, 4293.45),
    ],
)
def test_a_poisoned_value_is_named(style: Style, value: float | str | bool | CellError) -> None:
    package = package_of(EXAMPLE, style)
    at = place(package, "out_value_per_hour_at_horizon")
    planners.poison(package, at, value)
    assert {found[:2] for found in found_in(package)} == {at}


@pytest.mark.parametrize("style", STYLES)
def test_a_poisoned_text_is_named(style: Style) -> None:
    package = package_of(EXAMPLE, style)
    at = place(package, "out_locked_reason")
    planners.poison(package, at, "Released: every uplift factor is measured")
    assert found_in(package) == {(*at, "cached value")}


@pytest.mark.parametrize("style", STYLES)
def test_a_value_in_its_last_digit_is_the_same_value(style: Style) -> None:
    package = package_of(EXAMPLE, style)
    at = place(package, "out_cumulative_value")
    value = cells_of(package)[at].value
    assert isinstance(value, float)
    planners.poison(package, at, value * (1 + 3e-16))
    assert found_in(package) == set()


@pytest.mark.parametrize("style", STYLES)
def test_a_number_typed_over_a_formula_is_named_even_when_it_is_the_right_number(style: Style) -> None:
    package = package_of(EXAMPLE, style)
    at = place(package, "out_value_per_hour")
    value = cells_of(package)[at].value
    assert isinstance(value, float)
    planners.overtype(package, at, value)
    assert found_in(package) == {(*at, "overwritten formula")}


@pytest.mark.parametrize("style", STYLES)
def test_another_number_typed_over_a_formula_is_named_with_every_cell_that_still_shows_the_old_one(
    style: Style,
) -> None:
    package = package_of(EXAMPLE, style)
    at = place(package, "out_value_per_hour")
    planners.overtype(package, at, 5000)
    found = found_in(package)
    assert (*at, "overwritten formula") in found
    assert (*place(package, "out_value_per_hour_at_horizon"), "cached value") in found


@pytest.mark.parametrize("style", STYLES)
def test_a_cleared_formula_is_named(style: Style) -> None:
    package = package_of(EXAMPLE, style)
    at = place(package, "out_gain")
    planners.overtype(package, at, None)
    assert (*at, "overwritten formula") in found_in(package)


@pytest.mark.parametrize("style", STYLES)
def test_a_changed_formula_is_named_even_when_its_value_fits(style: Style) -> None:
    package = package_of(EXAMPLE, style)
    at = place(package, "out_gain")
    value = cells_of(package)[at].value
    assert isinstance(value, float)
    planners.reformulate(package, at, "out_cumulative_value-live_total_value", value)
    assert found_in(package) == {(*at, "changed formula")}


@pytest.mark.parametrize("style", STYLES)
def test_a_formula_changed_in_one_row_of_a_table_is_named(style: Style) -> None:
    package = package_of(EXAMPLE, style)
    at = next(
        where
        for where, cell in cells_of(package).items()
        if where[0] == "Workflows"
        and cell.formula is not None
        and "live_case_scale" in cell.formula
        and cell.formula.startswith("IF(tblWorkflows")
    )
    value = cells_of(package)[at].value
    assert isinstance(value, float)
    planners.reformulate(package, at, "tblWorkflows[[#This Row],[Value]]*live_case_scale*1", value)
    assert {found[:2] for found in found_in(package)} == {at}


@pytest.mark.parametrize("style", STYLES)
def test_a_missing_value_is_named(style: Style) -> None:
    package = package_of(EXAMPLE, style)
    at = place(package, "out_unallocated")
    planners.without_value(package, at)
    assert found_in(package) == {(*at, "value-missing")}


def test_a_result_poisoned_together_with_all_that_follows_from_it_is_still_named() -> None:
    """The engine alone would be content: formula and values agree with each other. Python's function does not."""
    package = package_of(EXAMPLE)
    at = place(package, "out_continuous_rate")
    planners.reformulate(package, at, "(LN(out_uplift_multiplier)/live_years)*2", 0)
    found = found_in(planners.recalculated(package))
    assert (*at, "changed formula") in found


def test_a_named_lambda_that_was_changed_is_named_though_all_values_fit_it() -> None:
    package = package_of(EXAMPLE, Style.LAMBDA)
    book = package.workbook_part
    before = package.parts[book]
    start = before.index(b'name="CONTINUOUS_RATE"')
    end = before.index(b"</definedName>", start)
    assert b"LN(" in before[start:end]
    package.parts[book] = before[:start] + before[start:end].replace(b"LN(", b"2*LN(") + before[end:]
    assert {found[1:] for found in found_in(package)} == {("CONTINUOUS_RATE", "changed function")}


@pytest.mark.parametrize("style", STYLES)
def test_a_planners_own_sheet_is_verified_too(style: Style) -> None:
    package = package_of(EXAMPLE, style)
    value = cells_of(package)[place(package, "out_value_per_hour")].value
    assert isinstance(value, float)
    planners.add_sheet(
        package,
        "Our own & theirs",
        {
            "A1": ("out_value_per_hour*2", value * 2),
            "B2": ("SUM(tblAllocation[Amount])", 83_600_000),
            "C3": ('A1&""', "x"),
        },
    )
    assert found_in(package) == {("Our own & theirs", "C3", "cached value")}


def test_a_function_called_on_a_planners_own_sheet_is_checked_against_python() -> None:
    package = package_of(EXAMPLE, Style.LAMBDA)
    mark = next(cell.cm for cell in cells_of(package).values() if cell.cm is not None)
    planners.add_sheet(package, "Own", {})
    calls = {
        "A1": ("VALUE_PER_HOUR(88000000,3)", 88_000_000 / 26_280),
        "A2": ("VALUE_PER_HOUR(88000000,3)", 3349.62),
    }
    for ref, (formula, value) in calls.items():
        patch_cells(package, "Own", {ref: computed(formula, value, ref, mark)})
    assert {found[:2] for found in found_in(package)} == {("Own", "A2")}


@pytest.mark.parametrize(
    ("style", "sheet", "row"),
    [
        *((Style.NATIVE, *at) for at in INSERTED),
        (Style.LAMBDA, "Cases", 9),
        (Style.LAMBDA, "Allocation", 11),
    ],
)
def test_a_row_that_a_planner_inserts_raises_no_alarm(style: Style, sheet: str, row: int) -> None:
    package = package_of(EXAMPLE, style)
    planners.insert_row(package, sheet, row)
    assert found_in(package) == set()


@pytest.mark.parametrize("style", STYLES)
def test_after_an_inserted_row_a_number_typed_over_a_named_formula_is_still_named(style: Style) -> None:
    package = package_of(EXAMPLE, style)
    before = place(package, "out_value_per_hour")
    planners.insert_row(package, "Growth", 11)
    at = place(package, "out_value_per_hour")
    assert at != before
    value = cells_of(package)[at].value
    assert isinstance(value, float)
    planners.overtype(package, at, value)
    assert found_in(package) == {(*at, "overwritten formula")}


@pytest.mark.parametrize("table", ["tblWorkflows", "tblAllocation"])
def test_a_table_grows_by_a_row_and_everything_follows(table: str) -> None:
    package = package_of(EXAMPLE)
    found = next(item for item in package.tables() if item.name == table)
    area = parse_area(found.ref)
    planners.insert_row(package, found.sheet, area.bottom)
    grown = next(item for item in package.tables() if item.name == table)
    assert parse_area(grown.ref).bottom == area.bottom + 1
    name = "member" if table == "tblAllocation" else "workflow"
    columns = {column.name.lower(): area.left + index for index, column in enumerate(grown.columns)}
    for key, value in (
        {"member": "New", "weight": 300} if name == "member" else {"workflow": "New", "value": 5}
    ).items():
        ref = f"{column_letters(columns[key])}{area.bottom + 1}"
        planners.overtype(package, (found.sheet, ref), value)
    again = planners.recalculated(package)
    assert found_in(again) == set()
    if table == "tblAllocation":
        results = {name: cells_of(again)[place(again, name)].value for name in ("out_members", "out_unallocated")}
        assert results == {"out_members": 5, "out_unallocated": 88_000_000 * 0.02}


@pytest.mark.parametrize(
    ("style", "sheet"),
    [
        *((Style.NATIVE, name) for name in ("Inputs", "Cases", "Growth", "Allocation", "Lists", "Checks")),
        (Style.LAMBDA, "Cases"),
        (Style.LAMBDA, "Lists"),
    ],
)
def test_a_renamed_sheet_raises_no_alarm(style: Style, sheet: str) -> None:
    package = package_of(EXAMPLE, style)
    planners.rename_sheet(package, sheet, f"Our {sheet}'s")
    assert found_in(package) == set()


@pytest.mark.parametrize("style", STYLES)
def test_on_a_renamed_sheet_a_number_typed_over_a_formula_is_still_named(style: Style) -> None:
    package = package_of(EXAMPLE, style)
    planners.rename_sheet(package, "Growth", "Wachstum")
    at = place(package, "out_value_per_hour")
    assert at[0] == "Wachstum"
    value = cells_of(package)[at].value
    assert isinstance(value, float)
    planners.overtype(package, at, value)
    assert found_in(package) == {(*at, "overwritten formula")}


def test_typed_inputs_are_what_a_planner_is_asked_for() -> None:
    package = package_of(EMPTY)
    for name, value in (("in_total_value", 1_000_000), ("in_years", 2), ("in_currency", "EUR"), ("in_case", "high")):
        planners.overtype(package, place(package, name), value)
    assert found_in(planners.recalculated(package)) == set()


@pytest.mark.parametrize("style", STYLES)
def test_the_command_names_the_cell_and_exits_with_one(style: Style, tmp_path: Path) -> None:
    package = package_of(EXAMPLE, style)
    sheet, ref = place(package, "out_value_per_hour")
    planners.poison(package, (sheet, ref), 3349.62)
    path = tmp_path / "touched.xlsx"
    path.write_bytes(package.to_bytes())
    result = valuehour("verify", path)
    assert result.exit_code == 1
    assert f"  {sheet}!{ref}: cached value: found 3349.62, expected 3348.5540" in result.stdout
    assert "1 finding:" in result.stdout
    assert result.stderr == ""


def test_several_files_are_all_verified_and_each_has_its_line(tmp_path: Path) -> None:
    good, bad, none = tmp_path / "good.xlsx", tmp_path / "bad.xlsx", tmp_path / "none.xlsx"
    good.write_bytes(file_of(EXAMPLE))
    package = package_of(EXAMPLE)
    planners.poison(package, place(package, "out_gain"), 1)
    bad.write_bytes(package.to_bytes())
    assert valuehour("verify", good, good).exit_code == 0
    result = valuehour("verify", bad, good)
    assert result.exit_code == 1
    assert [line.partition(": ")[2].partition(":")[0] for line in result.stdout.splitlines() if line[0] != " "] == [
        "1 finding",
        "ok",
    ]
    # A file that cannot be read does not keep the others from being verified.
    result = valuehour("verify", none, bad, good)
    assert result.exit_code == 2
    assert complaints(result) == [f"{none}: does not exist"]
    assert f"{good}: ok" in result.stdout
    assert f"{bad}: 1 finding" in result.stdout


def test_the_report_as_json_has_every_finding_with_its_place(tmp_path: Path) -> None:
    good, bad, none = tmp_path / "good.xlsx", tmp_path / "bad.xlsx", tmp_path / "none.xlsx"
    good.write_bytes(file_of(EXAMPLE))
    package = package_of(EXAMPLE)
    sheet, ref = place(package, "out_locked")
    planners.poison(package, (sheet, ref), 0)
    bad.write_bytes(package.to_bytes())
    result = valuehour("verify", good, bad, none, "--json")
    assert result.exit_code == 2
    report = json.loads(result.stdout)
    assert report["ok"] is False
    files = {Path(entry["file"]).name: entry for entry in report["files"]}
    assert files["good.xlsx"]["ok"] is True
    assert files["good.xlsx"]["findings"] == []
    assert files["good.xlsx"]["formulas"] == verify(package_of(EXAMPLE)).formulas
    assert files["bad.xlsx"]["findings"] == [
        {"sheet": sheet, "cell": ref, "kind": "cached value", "found": "0", "expected": "1"}
    ]
    assert files["none.xlsx"] == {"file": str(none), "ok": False, "error": f"{none}: does not exist"}


def test_a_workbook_of_someone_else_is_verified_by_its_formulas_and_values() -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in ((2, "=A1*3"), (5, "=SUM(A1:A2)"), ("x", '=A3&"y"')):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    package = planners.recalculated(Package.read(stream.getvalue()))
    assert found_in(package) == set()
    planners.poison(package, ("Sheet", "B2"), 8)
    assert found_in(package) == {("Sheet", "B2", "cached value")}


def test_a_formula_over_whole_columns_is_compared_in_a_moment() -> None:
    package = package_of(EXAMPLE)
    planners.add_sheet(package, "Own", {"B1": ("SUM(Inputs!A:XFD)-1", 5)})
    started = time.monotonic()
    assert found_in(package) == {("Own", "B1", "cached value")}
    assert time.monotonic() - started < 20
