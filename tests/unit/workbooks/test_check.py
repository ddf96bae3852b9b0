"""``build --check``: whether a workbook in a folder is what would be built, and where it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests import planners
from tests.workbooks import EXAMPLE, STYLES, cells_of, complaints, file_of, listing, package_of, place, valuehour
from valuehour.ooxml import Package
from valuehour.workbooks.build import build_in_styles
from valuehour.workbooks.formula import Style
from valuehour.workbooks.templates import TEMPLATES

FILE = "value_model.xlsx"


def check(folder: Path, style: Style = Style.NATIVE) -> tuple[int, list[str]]:
    """The exit code and the lines of a check, which never writes."""
    before = listing(folder)
    result = valuehour(
        "build", "value_model", "--scenario", "decision_continuity", "--style", style, "--check", "--out", folder
    )
    assert listing(folder) == before
    assert result.stderr == ""
    return result.exit_code, result.stdout.splitlines()


def put(folder: Path, package: Package) -> None:
    (folder / FILE).write_bytes(package.to_bytes())


@pytest.mark.parametrize("style", STYLES)
def test_what_was_just_built_is_current(style: Style, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(file_of(EXAMPLE, style))
    code, lines = check(tmp_path, style)
    assert code == 0
    assert lines == [f"{tmp_path / FILE}: current  {package_of(EXAMPLE, style).digest()[:16]}"]


def test_a_file_packed_by_another_zlib_is_current(tmp_path: Path) -> None:
    """What counts is what is in the parts, not how they are compressed."""
    package = package_of(EXAMPLE)
    repacked = planners.repacked(package)
    assert repacked != package.to_bytes()
    (tmp_path / FILE).write_bytes(repacked)
    assert check(tmp_path)[0] == 0


def test_a_missing_file_is_named_with_the_command_that_builds_it(tmp_path: Path) -> None:
    code, lines = check(tmp_path)
    assert code == 1
    assert lines == [f"{tmp_path / FILE}: missing; build it with: valuehour build value_model --out {tmp_path}"]


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    code, lines = check(folder)
    assert code == 1
    assert "missing" in lines[0]
    assert not folder.exists()


@pytest.mark.parametrize("style", STYLES)
def test_a_changed_input_is_named_with_both_values(style: Style, tmp_path: Path) -> None:
    package = package_of(EXAMPLE, style)
    sheet, ref = place(package, "in_years")
    planners.overtype(package, (sheet, ref), 4)
    put(tmp_path, package)
    code, lines = check(tmp_path, style)
    assert code == 1
    assert lines == [
        f"{tmp_path / FILE}: differs in 1 place from what would be built",
        f"  {sheet}!{ref}: value: found 4, expected 3",
    ]


@pytest.mark.parametrize("style", STYLES)
def test_a_changed_formula_is_named_with_both_formulas(style: Style, tmp_path: Path) -> None:
    package = package_of(EXAMPLE, style)
    sheet, ref = place(package, "out_gain")
    formula, value = cells_of(package)[sheet, ref].formula, cells_of(package)[sheet, ref].value
    assert isinstance(value, float)
    planners.reformulate(package, (sheet, ref), "out_cumulative_value-0", value)
    put(tmp_path, package)
    code, lines = check(tmp_path, style)
    assert code == 1
    assert lines[1:] == [f"  {sheet}!{ref}: formula: found =out_cumulative_value-0, expected ={formula}"]


def test_a_changed_cached_value_and_an_added_cell_are_named(tmp_path: Path) -> None:
    package = package_of(EXAMPLE)
    at = place(package, "out_value_per_hour")
    planners.poison(package, at, 1)
    planners.overtype(package, ("Summary", "Z99"), "note")
    put(tmp_path, package)
    code, lines = check(tmp_path)
    assert code == 1
    assert any(line.startswith(f"  {at[0]}!{at[1]}: value: found 1, expected 3348.55") for line in lines)
    assert "  Summary!Z99: value: found 'note', expected nothing" in lines


def test_a_number_stored_as_text_is_a_difference(tmp_path: Path) -> None:
    package = package_of(EXAMPLE)
    at = place(package, "in_years")
    planners.overtype(package, at, "3")
    put(tmp_path, package)
    assert check(tmp_path)[1][1:] == [f"  {at[0]}!{at[1]}: value: found '3', expected 3"]


def test_a_part_that_changed_without_a_cell_is_named(tmp_path: Path) -> None:
    package = package_of(EXAMPLE)
    package.parts["docProps/app.xml"] = package.parts["docProps/app.xml"].replace(b"valuehour", b"someone")
    put(tmp_path, package)
    code, lines = check(tmp_path)
    assert code == 1
    assert lines[1:] == ["  docProps/app.xml!-: part: found other bytes, expected as built"]


def test_a_sheet_too_much_and_one_that_was_renamed_are_named(tmp_path: Path) -> None:
    package = package_of(EXAMPLE)
    planners.add_sheet(package, "Own", {"A1": ("1+1", 2)})
    put(tmp_path, package)
    assert check(tmp_path)[1][1:] == ["  Own!A1: sheet: found a further sheet, expected no such sheet"]
    package = package_of(EXAMPLE)
    planners.rename_sheet(package, "About", "Info")
    put(tmp_path, package)
    lines = check(tmp_path)[1]
    assert "  About!A1: sheet: found no such sheet, expected the sheet" in lines
    assert "  Info!A1: sheet: found a further sheet, expected no such sheet" in lines


def test_many_differences_are_counted_and_the_first_are_shown(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(file_of({}))
    code, lines = check(tmp_path)
    assert code == 1
    count = int(lines[0].partition("differs in ")[2].partition(" ")[0])
    assert count > 100
    assert len(lines) == 22
    assert lines[-1] == f"  and {count - 20} more"


def test_the_other_style_is_a_difference(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(file_of(EXAMPLE, Style.LAMBDA))
    assert check(tmp_path)[0] == 1


def test_a_file_that_is_no_workbook_is_refused_and_stays(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("a,b\n1,2\n")
    result = valuehour("build", "value_model", "--check", "--out", tmp_path)
    assert result.exit_code == 2
    assert len(complaints(result)) == 1
    assert (tmp_path / FILE).read_text() == "a,b\n1,2\n"


def test_several_styles_are_built_and_checked_by_one_command(tmp_path: Path) -> None:
    command = ("build", "value_model", "--scenario", "decision_continuity", "--out", tmp_path)
    both = ("--style", "native", "--style", "lambda")
    assert valuehour(*command, *both).exit_code == 0
    assert (tmp_path / "native" / FILE).read_bytes() == file_of(EXAMPLE, Style.NATIVE)
    assert (tmp_path / "lambda" / FILE).read_bytes() == file_of(EXAMPLE, Style.LAMBDA)
    assert check(tmp_path / "lambda", Style.LAMBDA)[0] == 0

    (tmp_path / "lambda" / FILE).unlink()
    result = valuehour(*command, *both, "--check")
    assert result.exit_code == 1
    assert f"{tmp_path / 'native' / FILE}: current" in result.stdout
    rebuild = f"valuehour build value_model --style lambda --out {tmp_path / 'lambda'}"
    assert f"{tmp_path / 'lambda' / FILE}: missing; build it with: {rebuild}" in result.stdout


def test_templates_built_in_processes_of_their_own_are_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "valuehour", "build", "--style", "native", "--style", "lambda", "--out"]
    run = subprocess.run([*command, tmp_path], capture_output=True, text=True, check=True)
    built = {
        f"{style}/{name}.xlsx": package.digest()
        for name in TEMPLATES
        for style, package in zip(STYLES, (each.package for each in build_in_styles(name, STYLES)), strict=True)
    }
    assert {str(path.relative_to(tmp_path)) for path in tmp_path.glob("*/*.xlsx")} == set(built)
    assert {name: Package.read(tmp_path / name).digest() for name in built} == built
    assert len(run.stdout.splitlines()) == len(built)
