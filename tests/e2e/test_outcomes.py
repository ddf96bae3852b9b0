"""``valuehour outcomes`` as people call it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from tests.outcome_files import GUIDE, Folder, guide_runs, guide_spend, table
from valuehour.cli import main
from valuehour.ooxml import Package
from valuehour.outcomes.frames import frames
from valuehour.workbooks.read import read as read_workbook
from valuehour.workbooks.verify import verify


@pytest.fixture
def guide(tmp_path: Path) -> list[str]:
    """The options that name the guide's rows, in two files of spend."""
    folder = Folder(tmp_path)
    rows = guide_spend()
    spend = [folder.file(f"spend{n}.csv", table(rows[n::2])) for n in range(2)]
    runs = folder.file("runs.csv", table(guide_runs()))
    return ["--spend", *map(str, spend), "--runs", str(runs), "--as-of", "2026-06-30"]


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["outcomes", *words])


def test_json_gives_the_tie_out_the_findings_and_the_workflows(guide: list[str]) -> None:
    done = run(*guide, "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    line = {name: Decimal(value) for name, value in found["tie_out"]["USD"].items()}
    assert line == {"read": 1500, "matched": 1500, "unmatched": 0, "refused": 0, "residue": 0}
    assert found["findings"] == []
    assert {each["workflow"]: each["read"] for each in found["workflows"]} == {
        name: read for name, (_, _, read) in GUIDE.items()
    }


def test_the_terminal_shows_workflows_the_tie_out_and_where_findings_are(guide: list[str], tmp_path: Path) -> None:
    odd = Folder(tmp_path).file("odd.csv", "date,workflow,cost\n2026-05-01,mystery,7\n")
    done = run("--spend", str(odd), *guide[1:])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    figures = "Planning digest 690.00 100 61.0% 11.31 110 s 154 s 25.0% medium high-priority"
    assert " ".join(lines[1].split()) == figures
    assert ["USD", "1507.00", "1500.00", "7.00", "0.00", "0.00"] in [line.split() for line in lines]
    assert f"first: {odd} row 2" in done.output


def test_strict_fails_on_findings_and_not_without(guide: list[str], tmp_path: Path) -> None:
    assert run(*guide, "--strict").exit_code == 0
    odd = Folder(tmp_path).file("odd.csv", "date,workflow,cost\n2026-05-01,mystery,7\n")
    assert run("--spend", str(odd), "--strict").exit_code == 1
    assert run("--spend", str(odd)).exit_code == 0


def test_every_form_of_output_holds_the_same_figures(guide: list[str], tmp_path: Path) -> None:
    costs = {name: cost for name, (cost, _, _) in GUIDE.items()}
    for name in ("o.json", "o.csv", "o.parquet", "all"):
        assert run(*guide, "--out", str(tmp_path / name)).exit_code == 0
    from_json = json.loads((tmp_path / "o.json").read_text("utf-8"))["workflows"]
    assert {each["workflow"]: Decimal(each["cost"]) for each in from_json} == costs
    for path in (tmp_path / "o.csv", tmp_path / "all" / "workflows.csv"):
        rows = csv.DictReader(io.StringIO(path.read_text("utf-8")))
        assert {each["workflow"]: Decimal(each["cost"]) for each in rows} == costs
    parquet = duckdb.read_parquet(str(tmp_path / "o.parquet")).project("workflow, cost")
    assert dict(parquet.fetchall()) == costs
    names = {path.stem for path in (tmp_path / "all").glob("*.csv")}
    assert names == {"workflows", "months", "tie_out", "unmatched", "findings"}
    others = {path.name for path in (tmp_path / "all").iterdir() if path.suffix != ".csv"}
    assert others == {"outcomes.json", "outcomes.xlsx"}
    months = read_workbook(Package.read(tmp_path / "all" / "outcomes.xlsx")).tables["tblMonths"]
    assert sum(row["cost"] or 0 for row in months) == pytest.approx(float(sum(costs.values())), abs=1e-9)


def test_the_workbook_reads_as_the_guide_does(guide: list[str], tmp_path: Path) -> None:
    path = tmp_path / "outcomes.xlsx"
    done = run(*guide, "--out", str(path))
    assert done.exit_code == 0, done.output
    package = Package.read(path)
    assert verify(package).ok
    contents = read_workbook(package)
    assert {row["workflow"]: row["cost"] for row in contents.tables["tblMonths"] if row.get("workflow")} == {
        "Support reply": 420,
        "Sales summary": 180,
        "Planning digest": 690,
        "Onboarding assistant": 210,
    }


def test_frames_keep_money_exact(guide: list[str], tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    found = frames(folder.join(table(guide_spend()), table(guide_runs())))
    workflows = found["workflows"].set_index("workflow")
    assert workflows["cost"].map(type).eq(Decimal).all()
    assert workflows.loc["planning_digest", "cost"] == 690
    assert (workflows["rank"].tolist(), len(found["months"])) == ([1, 2, 3, 4], 4)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--out", "x.docx", "--spend", "x.csv"],
            "x.docx: unknown form '.docx'; allowed: .json, .csv, .parquet, .xlsx, or a folder",
        ),
        (
            ["--spend", "missing.csv"],
            "missing.csv: cannot be read: found no file; allowed: CSV, JSON, JSONL or Parquet",
        ),
        ([], "no files were given; allowed: at least one file of spend or of runs"),
        (["--memory", "0.01", "--spend", "x.csv"], "--memory is 0.01; allowed: at least 0.1 (GB)"),
        (["--spend"], "option '--spend' requires an argument"),
    ],
)
def test_a_mistake_is_one_line(words: list[str], message: str) -> None:
    done = run(*words)
    assert (done.exit_code, done.output) == (2, f"valuehour: {message}\n")


def test_nothing_is_shown_of_progress_when_piped(guide: list[str]) -> None:
    command = [sys.executable, "-m", "valuehour", "outcomes", *guide, "--json"]
    done = subprocess.run(command, capture_output=True, check=True, encoding="utf-8")
    assert done.stderr == ""
    assert json.loads(done.stdout)["tie_out"]["USD"]["read"] == "1500.00"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_is_told_what_is_being_done_and_left_clean(guide: list[str]) -> None:
    import pty

    screen, terminal = pty.openpty()
    command = [sys.executable, "-m", "valuehour", "outcomes", *guide, "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, check=True, encoding="utf-8")
    os.close(terminal)
    said = os.read(screen, 100_000).decode()
    os.close(screen)
    assert [text for text in ("reading spend", "reading runs", "joining") if text in said] == [
        "reading spend",
        "reading runs",
        "joining",
    ]
    assert said.endswith("\r\x1b[K")
    assert json.loads(done.stdout)["tie_out"]["USD"]["read"] == "1500.00"
