"""``valuehour verify --calc``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import soffice
from tests.workbooks import EXAMPLE, complaints, package_of, place, valuehour
from valuehour.hosts.calc.program import find
from valuehour.ooxml import cached, computed, patch_cells
from valuehour.workbooks.formula import Style


@pytest.fixture(params=[Style.XLWINGS, Style.OFFICEJS])
def style(request: pytest.FixtureRequest) -> Style:
    return Style(request.param)


@pytest.mark.requires_libreoffice
@pytest.mark.requires_calc_python
def test_sound_workbooks_pass_and_a_wrong_value_is_named_by_its_cell(style: Style, tmp_path: Path) -> None:
    sound, wrong = package_of(EXAMPLE, style), package_of(EXAMPLE, style)
    sheet, ref = place(wrong, "out_value_per_hour")
    patch_cells(wrong, sheet, {ref: cached(3349.62)})
    sound.write(tmp_path / "sound.xlsx")
    wrong.write(tmp_path / "wrong.xlsx")
    with soffice.turn():
        done = valuehour("verify", "--calc", tmp_path / "sound.xlsx", tmp_path / "wrong.xlsx")
    lines = done.stdout.splitlines()
    assert done.exit_code == 1
    assert lines[0].startswith(f"{tmp_path / 'sound.xlsx'}: ok: ")
    assert lines[0].endswith(f" recalculated in {find()}")
    found = [line for line in lines if f"{sheet}!{ref}: value in Calc: found 3349.62, expected 3348.55" in line]
    assert len(found) == 1


@pytest.mark.requires_libreoffice
@pytest.mark.requires_calc_python
def test_json_tells_what_calc_found(tmp_path: Path) -> None:
    package = package_of(EXAMPLE)
    sheet, ref = place(package, "out_value_per_hour")
    patch_cells(package, sheet, {ref: computed("1+1", 3.0)})
    package.write(tmp_path / "wrong.xlsx")
    with soffice.turn():
        done = valuehour("verify", "--calc", "--json", tmp_path / "wrong.xlsx")
    (file,) = json.loads(done.stdout)["files"]
    assert file["calc"]["program"] == str(find())
    assert file["calc"]["formulas"] > 600
    in_calc = [f for f in file["findings"] if f["kind"] == "value in Calc" and (f["sheet"], f["cell"]) == (sheet, ref)]
    assert [(f["found"], f["expected"]) for f in in_calc] == [("3", "2")]


@pytest.mark.requires_libreoffice
@pytest.mark.requires_calc_python
def test_a_file_that_is_no_workbook_keeps_no_other_from_being_recalculated(tmp_path: Path) -> None:
    (tmp_path / "bad.xlsx").write_bytes(b"no workbook")
    package_of(EXAMPLE).write(tmp_path / "good.xlsx")
    with soffice.turn():
        done = valuehour("verify", "--calc", tmp_path / "bad.xlsx", tmp_path / "good.xlsx")
    assert done.exit_code == 2
    assert len(complaints(done)) == 1
    assert "recalculated in" in done.stdout


def test_a_missing_libreoffice_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package_of(EXAMPLE).write(tmp_path / "good.xlsx")
    monkeypatch.setenv("PATH", str(tmp_path))
    done = valuehour("verify", "--calc", tmp_path / "good.xlsx")
    assert done.exit_code == 2
    assert complaints(done) == [
        "soffice (LibreOffice Calc) is missing; install LibreOffice, or put its soffice on the PATH"
    ]
