"""Bad input, through the command line: one clear line for each problem, no traceback, nothing written."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import rich
from tests.e2e.bad_files import BAD_FILES
from tests.planners import rename_sheet
from tests.workbooks import EXAMPLE, complaints, file_of, listing, package_of, valuehour
from valuehour.ooxml import Package, entered, patch_cells
from valuehour.ooxml.markup import elements, splice


def refused(folder: Path, *arguments: object) -> list[str]:
    """The complaints about a command that must be refused and leave the folder as it was."""
    before = listing(folder)
    result = valuehour(*arguments)
    assert result.exit_code == 2, result.output
    assert listing(folder) == before
    lines = complaints(result)
    assert lines
    return lines


@pytest.mark.parametrize("name", BAD_FILES)
@pytest.mark.parametrize("command", ["read", "verify", "check"])
def test_a_file_that_is_no_workbook_is_refused_in_one_line(name: str, command: str, tmp_path: Path) -> None:
    make, word = BAD_FILES[name]
    path = tmp_path / "value_model.xlsx"
    path.write_bytes(make())
    arguments = ("build", "--check", "--out", tmp_path) if command == "check" else (command, path)
    (line,) = refused(tmp_path, *arguments)
    assert str(path) in line
    assert word in line
    # As JSON too, the reason is for people and goes to standard error.
    if command == "read":
        assert refused(tmp_path, "read", path, "--json") == [line]


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_workbook_is_refused_in_one_line_wherever_it_is_given(name: str, tmp_path: Path) -> None:
    make, word = BAD_FILES[name]
    bad, good, data, out = (tmp_path / each for each in ("bad.xlsx", "good.xlsx", "data.toml", "out.xlsx"))
    bad.write_bytes(make())
    good.write_bytes(file_of(EXAMPLE))
    data.write_text("[inputs]\nyears = 5\n", "utf-8")
    for arguments in (
        ("fill", bad, "--data", data, "--out", out),
        ("fill", good, "--data", bad, "--out", out),
        ("merge", good, bad, "--out", out),
        ("merge", bad, good, "--out", out),
        ("regenerate", bad, "--out", out),
        ("regenerate", good, "--layout", bad, "--out", out),
        ("diff", good, bad),
        ("diff", bad, good),
        ("audit", bad),
    ):
        (line,) = refused(tmp_path, *arguments)
        assert str(bad) in line, arguments
        assert word in line, arguments


# Workbooks of ours that somebody spoiled ----------------------------------------------------------------------


def _without_column(package: Package) -> None:
    table = next(table for table in package.tables() if table.name == "tblWorkflows")
    data = package.parts[table.part]
    column = next(item for item in elements(data) if item.attributes.get("name") == "Evidence")
    data = splice(data, [(column.start, column.end, b"")])
    count = len(table.columns)
    package.parts[table.part] = data.replace(b'count="%d"' % count, b'count="%d"' % (count - 1))


def _without_table(package: Package) -> None:
    table = next(table for table in package.tables() if table.name == "tblWorkflows")
    package.parts[table.part] = package.parts[table.part].replace(b"tblWorkflows", b"Table7")


def _renamed(name: str, text: bytes) -> Callable[[Package], None]:
    def change(package: Package) -> None:
        book = package.workbook_part
        pattern = rb'(<definedName name="%s">)[^<]*' % name.encode()
        package.parts[book], count = re.subn(pattern, rb"\g<1>" + text, package.parts[book])
        assert count == 1

    return change


def _in_one_cell(package: Package) -> None:
    """One name was given to the cell of another input."""
    hours = next(found.text for found in package.defined_names() if found.name == "in_hours_per_year")
    _renamed("in_years", hours.encode())(package)


SPOILED: dict[str, tuple[Callable[[Package], None], str]] = {
    "a column was deleted": (_without_column, "without the column 'Evidence'"),
    "a table was deleted": (_without_table, "tblWorkflows: found no such table"),
    "an input was pasted over": (_renamed("in_years", b"#REF!"), "in_years: found the name refers to #REF!"),
    "two inputs in one cell": (_in_one_cell, "in_hours_per_year and in_years in one cell"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_spoiled_workbook_is_named_with_what_is_wrong_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    change, said = SPOILED[name]
    bad, good, out = (tmp_path / each for each in ("bad.xlsx", "good.xlsx", "out.xlsx"))
    package = package_of(EXAMPLE)
    change(package)
    package.write(bad)
    good.write_bytes(file_of(EXAMPLE))
    before = listing(tmp_path)
    for arguments in (
        ("read", bad),
        ("fill", good, "--data", bad, "--out", out),
        ("merge", good, bad, "--out", out),
        ("merge", bad, good, "--out", out),
    ):
        result = valuehour(*arguments)
        assert result.exit_code != 0, arguments
        assert any(said in line and "bad.xlsx" in line for line in complaints(result)), arguments
    assert valuehour("diff", good, bad).exit_code == 1
    assert listing(tmp_path) == before
    # Nothing is lost by bringing it up to date: what is wrong is in the report.
    done = valuehour("regenerate", bad, "--out", out)
    assert done.exit_code == 0
    assert any(said in line for line in done.stdout.splitlines())


def test_filling_what_was_deleted_is_refused_in_one_line(tmp_path: Path) -> None:
    data, bad = tmp_path / "data.toml", tmp_path / "bad.xlsx"
    record = "[[tables.tblWorkflows]]\nworkflow = 'A'\nevidence = 'measured'\n"
    for change, text, said in (
        (_without_column, record, "the table tblWorkflows has no column 'evidence'; it was deleted or renamed"),
        (_without_table, record, "has no table tblWorkflows; it was deleted or renamed"),
        (_renamed("in_years", b"#REF!"), "[inputs]\nyears = 2\n", "the name in_years refers to no cell of this file"),
    ):
        package = package_of(EXAMPLE)
        change(package)
        package.write(bad)
        data.write_text(text, "utf-8")
        (line,) = refused(tmp_path, "fill", bad, "--data", data, "--out", tmp_path / "out.xlsx")
        assert said in line
        assert "bad.xlsx" in line


@pytest.mark.parametrize("moved", ["sheet", "input"])
def test_renamed_sheets_and_cut_and_pasted_inputs_are_no_fault(moved: str, tmp_path: Path) -> None:
    """Names follow their cells: the file is read, filled, merged and brought up to date as if nothing had happened."""
    package = package_of(EXAMPLE)
    if moved == "sheet":
        rename_sheet(package, "Inputs", "Our inputs")
    else:
        _renamed("in_years", b"Inputs!$D$60")(package)
        patch_cells(package, "Inputs", {"D60": entered(3.0)})
    mine, good, out = (tmp_path / each for each in ("mine.xlsx", "good.xlsx", "out.xlsx"))
    package.write(mine)
    good.write_bytes(file_of(EXAMPLE))
    (tmp_path / "data.toml").write_text("[inputs]\nyears = 5\n", "utf-8")
    for arguments, years in (
        (("fill", mine, "--data", tmp_path / "data.toml"), 5),
        (("fill", good, "--data", mine), 3),
        (("merge", mine, good), 3),
        (("regenerate", mine), 3),
    ):
        done = valuehour(*arguments, "--out", out)
        assert done.exit_code == 0, done.output
        printed = json.loads(valuehour("read", out, "--json").stdout)
        assert printed["inputs"]["years"] == years, arguments


def test_a_workbook_with_macros_is_taken_and_never_written_under_a_name_without(tmp_path: Path) -> None:
    only = tuple(kind for kind in rich.KINDS if kind != "macros")
    mine, good = tmp_path / "mine.xlsm", tmp_path / "good.xlsx"
    rich.enriched(package_of(EXAMPLE), without=only).write(mine)
    good.write_bytes(file_of(EXAMPLE))
    (tmp_path / "data.toml").write_text("[inputs]\nyears = 5\n", "utf-8")
    for arguments in (
        ("fill", mine, "--data", tmp_path / "data.toml"),
        ("merge", mine, good),
        ("regenerate", mine),
    ):
        lines = refused(tmp_path, *arguments, "--out", tmp_path / "out.xlsx")
        assert lines == [f"{tmp_path / 'out.xlsx'}: the workbook holds macros, so its name must end in .xlsm"]
        assert valuehour(*arguments, "--out", tmp_path / "out.xlsm").exit_code == 0
        (tmp_path / "out.xlsm").unlink()
    assert valuehour("read", mine).exit_code == 0
    assert valuehour("audit", mine).exit_code == 0


@pytest.mark.parametrize("command", ["read", "verify"])
def test_a_missing_file_and_a_folder_are_refused(command: str, tmp_path: Path) -> None:
    assert refused(tmp_path, command, tmp_path / "no.xlsx") == [f"{tmp_path / 'no.xlsx'}: does not exist"]
    (line,) = refused(tmp_path, command, tmp_path)
    assert line == f"{tmp_path}: is a folder; give a workbook file (.xlsx)"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("build", "--out", "{}/out", "nonsense"), "there is no template 'nonsense'; there are: value_model"),
        (("build", "--out", "{}/out", "--style", "vba"), "invalid value for '--style': 'vba' is not one of"),
        (("build",), "missing option '--out'; see: valuehour build --help"),
        (("build", "--out", "{}/file"), "'{}/file' is a file"),
        (("build", "--out", "{}/file/below"), "{}/file/below: Not a directory"),
        (("build", "--out", "{}/out", "--scenario", "none"), "there is no scenario 'none'; there are: decision_"),
        (("build", "--out", "{}/out", "--scenario", "{}/none.toml"), "none.toml: cannot be read: No such file"),
        (("build", "--out", "{}/out", "--scenario", "{}/folder.toml"), "folder.toml: cannot be read: Is a directory"),
        (("build", "--out", "{}/out", "--scenario", "{}/not.toml"), "not.toml: not TOML: "),
        (("build", "--out", "{}/out", "--scenario", "{}/latin.toml"), "latin.toml: byte 16 is not UTF-8"),
        (("build", "--out", "{}/out", "--scenario", "{}/deep.toml"), "deep.toml: not usable TOML: lists or tables"),
        (("build", "--out", "{}/out", "--scenario", "{}/long.toml"), "long.toml: not usable TOML: a number is too"),
        (("build", "--out", "{}/out", "--catalog", "{}/none.toml"), "none.toml: cannot be read: found no file"),
        (("build", "--out", "{}/out", "--catalog", "{}/folder.toml"), "'{}/folder.toml' is a directory"),
        (("build", "--out", "{}/out", "--catalog", "{}/not.toml"), "not.toml, line 1: is not TOML"),
        (("build", "--out", "{}/out", "--catalog", "{}/twice.toml"), "dimension 'region' is listed twice"),
        (("verify",), "missing argument 'FILE...'; see: valuehour verify --help"),
        (("read",), "missing argument 'FILE'; see: valuehour read --help"),
        (("eval",), "missing argument 'FORMULA'; see: valuehour eval --help"),
        (("eval", "=ALLOCATE(100"), "cannot calculate '=ALLOCATE(100': "),
        (("eval", ""), "cannot calculate '': "),
        (("functions", "more"), "unexpected extra argument (more); see: valuehour functions --help"),
        (("nonsense",), "no such command 'nonsense'; see: valuehour --help"),
        (("biuld",), "no such command 'biuld'; did you mean 'build'?; see: valuehour --help"),
        (("--nonsense",), "no such option '--nonsense'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_wrong_command_is_refused_in_one_line(arguments: tuple[str, ...], line: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here")
    (tmp_path / "folder.toml").mkdir()
    (tmp_path / "not.toml").write_text("just words")
    (tmp_path / "latin.toml").write_bytes("[inputs]\n# Gesch\u00e4ft".encode("latin-1"))
    (tmp_path / "deep.toml").write_text("inputs = " + "[" * 100_000)
    (tmp_path / "long.toml").write_text("[inputs]\nyears = " + "9" * 5_000)
    entry = (
        '[dimensions.region]\nname = "Region"\nstructure = "organization"\nkind = "dimension"\ndefinition = "Where."\n'
    )
    (tmp_path / "twice.toml").write_text(entry * 2)
    (found,) = refused(tmp_path, *(argument.replace("{}", str(tmp_path)) for argument in arguments))
    assert line.replace("{}", str(tmp_path)) in found


def test_every_problem_of_a_scenario_has_its_line_with_file_and_place(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(
        "[inputs]\nyears = 0\ncase = 'Base'\ntotal_valu = 1\n"
        "[[tables.tblWorkflows]]\nvalue = 'much'\nowner = 'me'\n[[tables.tblAllocation]]\nweight = -1\n"
    )
    lines = refused(tmp_path, "build", "--scenario", path, "--out", tmp_path / "out")
    assert [line.partition(" is ")[0] for line in lines] == [
        "plan.toml: inputs.years",
        "plan.toml: inputs.case",
        "plan.toml: inputs.total_valu",
        "plan.toml: tables.tblWorkflows[1].value",
        "plan.toml: tables.tblWorkflows[1].owner",
        "plan.toml: tables.tblAllocation[1].weight",
    ]
    assert all("; allowed: " in line for line in lines)


def test_shares_over_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "shares.toml"
    path.write_text(
        "[inputs]\nweight_total = 100\n[[tables.tblAllocation]]\nweight = 60\n[[tables.tblAllocation]]\nweight = 60\n"
    )
    (line,) = refused(tmp_path, "build", "--scenario", path, "--out", tmp_path / "out")
    assert "the sum of weight is 120, 120.0% of weight_total" in line
    assert "shares may not exceed 100%" in line


def test_a_workbook_in_the_folder_survives_a_refused_build(tmp_path: Path) -> None:
    (tmp_path / "value_model.xlsx").write_bytes(file_of(EXAMPLE))
    (tmp_path / "bad.toml").write_text("[inputs]\nyears = -1\n")
    refused(tmp_path, "build", "--scenario", tmp_path / "bad.toml", "--out", tmp_path)


_AS_NOBODY = """
import json, os, sys
from click.testing import CliRunner
from valuehour.cli import main
runner = CliRunner()
# What the commands import lazily is loaded while that is allowed; one template is built in this very process.
warm = runner.invoke(main, ["build", "value_model", "--check", "--out", sys.argv[1] + "/nowhere"])
assert warm.exit_code == 1, warm.output
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
found = []
for command in json.loads(sys.argv[2]):
    result = runner.invoke(main, command)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    found.append([result.exit_code, result.stderr])
print(json.dumps(found))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="folders are write-protected in another way there")
def test_what_a_person_may_not_read_or_write_is_named(open_folder: Path) -> None:
    """As someone who is not root, to whom nothing is forbidden."""
    secret = open_folder / "value_model.xlsx"
    secret.write_bytes(file_of(EXAMPLE))
    plan = open_folder / "plan.toml"
    plan.write_text("[inputs]\nyears = 3\n")
    closed = open_folder / "closed"
    closed.mkdir()
    for path in (secret, plan):
        path.chmod(0)
    closed.chmod(0o555)
    commands = [
        ["read", secret],
        ["verify", secret],
        ["build", "value_model", "--check", "--out", open_folder],
        ["build", "value_model", "--out", closed],
        ["build", "value_model", "--out", closed / "new"],
        ["build", "value_model", "--scenario", plan, "--out", open_folder / "out"],
        ["build", "value_model", "--catalog", plan, "--out", open_folder / "out"],
    ]
    done = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, open_folder, json.dumps(commands, default=str)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for command, (code, complaint) in zip(commands, json.loads(done.stdout), strict=True):
        assert code == 2, command
        (line,) = complaint.splitlines()
        assert line.startswith("valuehour: ")
        assert "Permission denied" in line or "is not readable" in line
    assert {path.name for path in open_folder.rglob("*")} == {"value_model.xlsx", "plan.toml", "closed"}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users reach, which pytest's own are not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        (folder / "closed").chmod(0o755)
