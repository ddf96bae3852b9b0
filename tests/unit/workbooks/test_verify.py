"""What ``verify`` finds in a workbook that was touched, cell by cell, and what it leaves alone."""

from __future__ import annotations

import io
import json
import re
import time
from pathlib import Path

import openpyxl
import pytest

from tests import planners, soffice
from tests.workbooks import EMPTY, EXAMPLE, STYLES, cells_of, changed, complaints, file_of, package_of, place, valuehour
from valuehour.cli.verify import SHOWN
from valuehour.errors import CellError
from valuehour.ooxml import Package, column_letters, computed, parse_area, patch_cells
from valuehour.workbooks.formula import Style
from valuehour.workbooks.recalculation import recalculate
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
        (Style.NATIVE, ""),
        (Style.NATIVE, CellError.NUM),
        (Style.LAMBDA, 4293.45),
    ],
)
def test_a_poisoned_value_is_named(style: Style, value: float | str | bool | CellError) -> None:
    package = package_of(EXAMPLE, style)
    at = place(package, "out_value_per_hour_at_horizon")
    planners.poison(package, at, value)
    assert {found[:2] for found in found_in(package)} == {at}


@pytest.mark.parametrize("total", [8.8e7, 8.8e10])
def test_a_figure_that_is_a_millionth_off_is_named_however_large_the_numbers_it_is_made_of(total: float) -> None:
    package = package_of(changed({"total_value": total, "total_value_low": None, "total_value_high": None}))
    rows = next(table for table in package.tables() if table.name == "tblAllocation")
    area, heads = parse_area(rows.ref), [column.name for column in rows.columns]
    share = (rows.sheet, f"{column_letters(area.left + heads.index('Share'))}{area.top + 1}")
    wanted = {
        share,
        place(package, "out_value_per_hour"),
        place(package, "out_value_per_hour_per_employee"),
        place(package, "out_continuous_rate"),
    }
    cells = cells_of(package)
    for at in wanted:
        value = cells[at].value
        assert isinstance(value, float)
        assert value != 0
        planners.poison(package, at, value * (1 + 1e-6))
    # A poisoned share is read by nothing here: what stands beside the other formulas stays as it was calculated.
    assert {found[:2] for found in found_in(package)} == wanted


def test_an_empty_text_is_no_zero_and_a_zero_no_empty_text() -> None:
    package = package_of(EXAMPLE)
    planners.add_sheet(package, "Own", {"B1": ("1-1", 0), "B2": ('""', "")})
    assert found_in(package) == set()
    planners.poison(package, ("Own", "B1"), "")
    planners.poison(package, ("Own", "B2"), 0)
    assert {found[:2] for found in found_in(package)} == {("Own", "B1"), ("Own", "B2")}


def test_what_is_left_when_a_sum_cancels_may_differ_in_the_last_digit_of_what_was_added() -> None:
    package = package_of(EXAMPLE)
    formulas = {"B1": ("1E10+0.1-1E10-0.1", 0), "B2": ("(1E10+0.1-1E10)/1E10", 0.1 / 1e10), "B3": ("3/1E10", 3e-10)}
    planners.add_sheet(package, "Own", formulas)
    planners.poison(package, ("Own", "B1"), 1e-6)
    planners.poison(package, ("Own", "B3"), 3.0001e-10)
    assert {found[:2] for found in found_in(package)} == {("Own", "B3")}
    planners.poison(package, ("Own", "B2"), 1.1e-11 + 2e-12)
    assert {found[:2] for found in found_in(package)} == {("Own", "B2"), ("Own", "B3")}


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
    recalculate(package)  # as the program did in which the row was inserted: rank keys count rows
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


def renamed(package: Package, name: str, markup: bytes) -> None:
    """Put other markup in place of a defined name."""
    book = package.workbook_part
    pattern = rb'<definedName name="%s"[^>]*>[^<]*</definedName>' % name.encode()
    package.parts[book], count = re.subn(pattern, markup, package.parts[book])
    assert count == 1


@pytest.mark.parametrize("name", ["in_years", "live_years", "out_value_per_hour", "valuehour_style"])
@pytest.mark.parametrize("style", STYLES)
def test_a_name_that_is_gone_is_the_first_finding(style: Style, name: str) -> None:
    package = package_of(EXAMPLE, style)
    renamed(package, name, b"")
    first, *others = verify(package).differences
    assert (first.cell, first.kind, first.found) == (name, "missing name", "no such name")
    assert all(other.kind not in ("missing name", "moved name", "changed formula") for other in others)


@pytest.mark.parametrize("name", ["in_years", "live_years", "out_value_per_hour", "valuehour_style"])
def test_a_name_that_points_elsewhere_is_the_first_finding(name: str) -> None:
    package = package_of(EXAMPLE)
    sheet, ref = place(package, name)
    renamed(package, name, f'<definedName name="{name}">Inputs!$D$40</definedName>'.encode())
    first, *others = verify(package).differences
    assert (first.cell, first.kind, first.found) == (name, "moved name", "Inputs!D40")
    assert first.expected in (f"{sheet}!{ref}", "the cell that says it")
    assert all(other.kind not in ("missing name", "moved name", "changed formula") for other in others)


def test_two_names_that_changed_places_are_both_named() -> None:
    package = package_of(EXAMPLE)
    places = {name: place(package, name) for name in ("in_years", "in_total_value")}
    for name, other in (("in_years", "in_total_value"), ("in_total_value", "in_years")):
        sheet, ref = places[other]
        column, row = ref.rstrip("0123456789"), ref.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        renamed(package, name, f'<definedName name="{name}">{sheet}!${column}${row}</definedName>'.encode())
    assert {(d.cell, d.kind) for d in verify(package).differences[:2]} == {(name, "moved name") for name in places}


def test_many_findings_are_cut_for_people_and_not_for_programs(tmp_path: Path) -> None:
    package = package_of(EXAMPLE)
    renamed(package, "in_years", b"")
    path = tmp_path / "touched.xlsx"
    path.write_bytes(package.to_bytes())
    count = len(verify(package).differences)
    assert count > SHOWN
    lines = valuehour("verify", path).stdout.splitlines()
    assert len(lines) == SHOWN + 2
    assert lines[1].startswith("  (names)!in_years: missing name: found no such name, expected Inputs!")
    assert lines[-1] == f"  and {count - SHOWN} more; --all shows them"
    assert len(valuehour("verify", path, "--all").stdout.splitlines()) == count + 1
    assert len(json.loads(valuehour("verify", path, "--json").stdout)["files"][0]["findings"]) == count


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (b"1E-12", b"0.000000000001"),
        (b"1E-15", b"1E-015"),
        (b",TRUE,", b",TRUE(),"),
    ],
)
def test_a_formula_that_another_program_only_spells_differently_is_not_changed(ours: bytes, theirs: bytes) -> None:
    package = package_of(EXAMPLE)
    for sheet in package.worksheets():
        package.parts[sheet.part] = re.sub(
            rb"<f\b[^>]*>[^<]*</f>", lambda match: match[0].replace(ours, theirs), package.parts[sheet.part]
        )
    assert package.parts != package_of(EXAMPLE).parts
    assert {kind for *_, kind in found_in(package)} <= {"table-formula"}


def test_another_number_in_a_formula_is_still_a_change() -> None:
    package = package_of(EXAMPLE)
    part = package.sheet("Cases").part
    package.parts[part] = package.parts[part].replace(b"1E-15", b"1E-14")
    assert ("Cases", "C29", "changed formula") in found_in(package)


def test_counts_that_a_file_may_leave_out_do_not_keep_its_values_from_being_compared() -> None:
    package = package_of(EXAMPLE)
    for part, data in package.parts.items():
        package.parts[part] = re.sub(rb'(<(?:tableParts|tableColumns)) count="[0-9]+"', rb"\1", data)
    assert package.parts != package_of(EXAMPLE).parts
    assert found_in(package) == set()
    at = place(package, "out_gain")
    planners.poison(package, at, 1)
    assert found_in(package) == {(*at, "cached value")}


def test_where_the_engine_refuses_a_workbook_the_results_of_functions_are_compared_all_the_same() -> None:
    package = package_of(EXAMPLE)
    planners.add_sheet(package, "Own", {})
    part = package.sheet("Own").part
    package.parts[part] = package.parts[part].replace(b"<sheetData/>", b'<sheetData/><tableParts count="x"/>')
    at = place(package, "out_value_per_hour")
    planners.poison(package, at, 1)
    assert found_in(package) == {("-", "-", "engine"), (*at, "function result")}


@pytest.mark.requires_libreoffice
def test_a_workbook_that_libreoffice_saved_is_verified_to_the_last_cell(tmp_path: Path) -> None:
    path = tmp_path / "value_model.xlsx"
    path.write_bytes(file_of(EXAMPLE))
    (tmp_path / "saved").mkdir()
    (saved,) = soffice.convert([path], "xlsx", tmp_path / "saved")
    package = Package.read(saved)
    assert any(b"<tableParts>" in data for data in package.parts.values())
    assert found_in(package) == set()
    assert verify(package).formulas > 700
    at = place(package, "out_gain")
    planners.poison(package, at, 1)
    assert found_in(package) == {(*at, "cached value")}
