"""DataFrames and YAML: what pandas hands to people, and what is said where pandas or pyyaml is missing."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.fillings import FILLINGS
from tests.workbooks import EMPTY, EXAMPLE, NAME, complaints, contents_of, file_of, package_of, place, valuehour
from valuehour.errors import ProgramError, WorkbookError
from valuehour.ooxml import entered, patch_cells
from valuehour.workbooks.fill import fill
from valuehour.workbooks.frames import read_frames
from valuehour.workbooks.read import read
from valuehour.workbooks.sources import load
from valuehour.workbooks.templates import template

EXAMPLES = ("decision_continuity", "enterprise_grouping", "guide_workflows")


@pytest.mark.parametrize("scenario", EXAMPLES)
def test_every_record_and_every_column_arrives(scenario: str, tmp_path: Path) -> None:
    data = FILLINGS[scenario]
    (tmp_path / "x.xlsx").write_bytes(file_of(data))
    frames = read_frames(tmp_path / "x.xlsx")
    contents = contents_of(data)
    assert frames.keys() == {*contents.tables, "inputs", "results"}
    for table, records in contents.tables.items():
        frame = frames[table]
        assert len(frame) == len(records)
        if records:
            assert list(frame.columns) == list(records[0])
    for name, values in (("inputs", contents.inputs), ("results", contents.results)):
        assert dict(zip(frames[name]["name"], frames[name]["value"], strict=True)) == values


def test_figures_are_figures_dates_are_dates_and_blanks_are_missing(tmp_path: Path) -> None:
    data = FILLINGS["guide_workflows"]
    package = package_of(data)
    sheet = next(table.sheet for table in package.tables() if table.name == "tblMonths")
    patch_cells(package, sheet, {"D14": entered(None), "C15": entered(None)})
    package.write(tmp_path / "x.xlsx")
    months = read_frames(tmp_path / "x.xlsx")["tblMonths"]
    assert months["cost"].dtype == "float64"
    assert pd.isna(months["cost"][0])
    assert months["cost"].sum() == sum(record["cost"] for record in data["tables"]["tblMonths"][1:])
    assert pd.api.types.is_datetime64_any_dtype(months["month"])
    assert pd.isna(months["month"][1])
    assert months["month"][0] == pd.Timestamp(data["tables"]["tblMonths"][0]["month"])
    assert months["workflow"].dtype == object


def test_a_calculated_column_of_figures_holds_figures_and_one_of_words_words(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(file_of(EXAMPLE))
    frames = read_frames(tmp_path / "x.xlsx")
    assert frames["tblAllocation"]["amount"].dtype == "float64"
    assert frames["tblAllocation"]["amount"].sum() == 83_600_000
    assert frames["tblChecks"]["status"].tolist() == ["OK"] * len(frames["tblChecks"])


def test_an_empty_workbook_gives_empty_frames_with_their_columns(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(file_of(EMPTY))
    frame = read_frames(tmp_path / "x.xlsx")["tblWorkflows"]
    assert len(frame) == 0
    assert list(frame.columns)[:3] == ["workflow", "value_driver", "value"]


def test_data_frames_of_a_workbook_with_problems_are_refused(tmp_path: Path) -> None:
    package = package_of(EXAMPLE)
    sheet, ref = place(package, "in_years")
    patch_cells(package, sheet, {ref: entered(0.0)})
    package.write(tmp_path / "x.xlsx")
    with pytest.raises(WorkbookError, match=rf"Inputs!{ref}: found 0; allowed: a number above 0"):
        read_frames(tmp_path / "x.xlsx")


def test_without_pandas_the_way_to_get_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.xlsx").write_bytes(file_of(EXAMPLE))
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(
        ProgramError, match=r"DataFrames need pandas; install it with: pip install 'valuehour\[frames\]'"
    ):
        read_frames(tmp_path / "x.xlsx")


# YAML ---------------------------------------------------------------------------------------------------------

YAML = """\
template: value_model
inputs:
  model_name: "yes"
  years: 4
  years_date: 2026-01-31
  weight_unit: 'no'
  case: null
tables:
  tblAllocation:
    - {member: "NO", weight: 1.5}
    - member: =South
      weight: 2
"""


def test_a_yaml_file_fills_dates_words_and_records_as_they_stand_there(tmp_path: Path) -> None:
    path = tmp_path / "data.yml"
    path.write_text(YAML, "utf-8")
    data = load(path, template(NAME))
    assert data["inputs"]["years_date"] == datetime.date(2026, 1, 31)
    contents = read(fill(package_of(EMPTY), data).package)
    assert (contents.inputs["model_name"], contents.inputs["weight_unit"]) == ("yes", "no")
    assert contents.inputs["years_date"] == "2026-01-31"
    assert contents.inputs["case"] is None
    assert [(r["member"], r["weight"]) for r in contents.tables["tblAllocation"]] == [("NO", 1.5), ("=South", 2)]


def test_a_bare_no_in_yaml_is_no_text_and_refused_with_its_place(tmp_path: Path) -> None:
    """YAML reads a bare NO (or off, or yes) as a truth value; nobody's region becomes FALSE without a word."""
    (tmp_path / "data.yaml").write_text("tables:\n  tblAllocation:\n    - {member: NO, weight: 1}\n", "utf-8")
    done = valuehour("fill", NAME, "--data", tmp_path / "data.yaml", "--out", tmp_path / "out.xlsx")
    assert done.exit_code != 0
    (line,) = complaints(done)
    assert line.startswith("data.yaml: tables.tblAllocation[1].member is false; allowed: one line")
    assert not (tmp_path / "out.xlsx").exists()


def test_without_pyyaml_the_way_to_get_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "data.yaml").write_text(YAML, "utf-8")
    monkeypatch.setitem(sys.modules, "yaml", None)
    done = valuehour("fill", NAME, "--data", tmp_path / "data.yaml", "--out", tmp_path / "out.xlsx")
    assert done.exit_code != 0
    assert complaints(done) == [
        "data.yaml: YAML files need pyyaml; install it with: pip install 'valuehour[yaml]', or save it as JSON or TOML"
    ]
    assert not (tmp_path / "out.xlsx").exists()
    assert ProgramError.exit_code == done.exit_code
