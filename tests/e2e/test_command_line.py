"""The command line as people, pipes and CI meet it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

import valuehour as package
from tests.e2e.processes import COMMAND, environment, run
from tests.ledgers import Clock, draft
from tests.workbooks import changed, file_of, valuehour
from valuehour.cli import main
from valuehour.functions import FUNCTIONS
from valuehour.ledger import Ledger

COMMANDS = sorted(main.commands)
HEAVY = ("openpyxl", "formualizer", "ironcalc", "pydantic", "lxml", "numpy", "pandas", "valuehour.functions")


def test_the_module_and_the_program_are_the_same() -> None:
    script = Path(sys.executable).with_name("valuehour")
    by_script = subprocess.run([script, "--version"], capture_output=True, timeout=60, check=True)
    by_module = run("--version")
    assert by_module.returncode == 0
    assert by_module.stdout == by_script.stdout
    assert by_module.stdout.decode().strip() == f"valuehour, version {package.__version__}"


@pytest.mark.parametrize("command", ["", *COMMANDS])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_answers_for_every_command(command: str, option: str) -> None:
    result = valuehour(*filter(None, [command]), option)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert result.stdout.startswith(f"Usage: valuehour{' ' + command if command else ''} ")
    assert "\n\n  " in result.stdout  # what it does
    if not command:
        assert all(re.search(rf"^  {name}  +\S", result.stdout, re.MULTILINE) for name in COMMANDS)


def test_every_option_is_explained() -> None:
    for name, command in main.commands.items():
        for parameter in command.params:
            if parameter.param_type_name == "option" and not getattr(parameter, "hidden", False):
                assert getattr(parameter, "help", None), f"{name} {parameter.name}"


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)], ids=" ".join
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import sys\n"
        "from valuehour.cli import main\n"
        f"main({arguments!r}, standalone_mode=False)\n"
        f"loaded = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_without_a_command_the_help_is_shown() -> None:
    done = run()
    assert done.returncode == 2
    assert b"Commands:" in done.stderr
    assert b"build" in done.stderr


@pytest.mark.parametrize(
    ("formula", "lines"),
    [
        ("=VALUE_PER_HOUR(88000000,3)", ["3348.55403348554"]),
        ("VALUE_PER_HOUR(88000000,3)", ["3348.55403348554"]),
        ("=ALLOCATE(100,{1;1;1})", ["33.34", "33.33", "33.33"]),
        ("=ALLOCATE(100,{1,1,1})", ["33.34\t33.33\t33.33"]),
        ('=GROUP_PATH("Revenue","Region")', ["Revenue → Region"]),
        ("=1=1", ["TRUE"]),
        ("=1/8", ["0.125"]),
        ('=""', [""]),
        ("=TIME(12,0,0)", ["0.5"]),
        ("=DATE(2026,1,1)+0.25", ["46023.25"]),
        ("=DATE(2026,1,1)", ["46023"]),
        ("=DATE(1900,3,1)", ["61"]),
        ("=DATE(1900,2,28)", ["59"]),
        ("=DATE(1900,1,1)", ["1"]),
    ],
)
def test_a_formula_is_evaluated(formula: str, lines: list[str]) -> None:
    result = valuehour("eval", formula)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == lines
    assert result.stderr == ""


def test_groupings_come_from_the_catalog() -> None:
    result = valuehour("eval", '=GROUPINGS("Time structure")', "--json")
    rows = json.loads(result.stdout)
    assert ["Time structure", "Quarter"] in rows


@pytest.mark.parametrize(
    ("formula", "error"),
    [
        ("=VALUE_PER_HOUR(1,0)", "#DIV/0!"),
        ("=VALUE_PER_HOUR(1,-1)", "#NUM!"),
        ("=NOSUCH(1)", "#NAME?"),
        ('=1+"a"', "#VALUE!"),
    ],
)
def test_an_error_cell_is_a_result_with_its_meaning_and_exit_code_one(formula: str, error: str) -> None:
    result = valuehour("eval", formula)
    assert result.exit_code == 1
    assert result.stdout == f"{error}\n"
    assert result.stderr.startswith(f"valuehour: {error}: ")
    assert len(result.stderr.splitlines()) == 1
    assert json.loads(valuehour("eval", formula, "--json").stdout) == error


def test_a_time_of_day_is_a_number_in_json() -> None:
    assert json.loads(valuehour("eval", "=TIME(12,0,0)", "--json").stdout) == 0.5
    assert json.loads(valuehour("eval", "=DATE(2026,1,1)+TIME(6,0,0)", "--json").stdout) == 46023.25


def test_every_function_is_listed() -> None:
    listed = valuehour("functions")
    assert listed.exit_code == 0
    described = json.loads(valuehour("functions", "--json").stdout)
    assert [entry["name"] for entry in described] == list(FUNCTIONS)
    for entry in described:
        assert f"  {entry['signature']}\n" in listed.stdout
        assert entry["summary"]
        assert entry["arguments"]


@pytest.mark.parametrize("entry", list(FUNCTIONS))
def test_the_example_of_every_function_gives_the_result_beside_it(entry: str, tmp_path: Path) -> None:
    described = next(item for item in json.loads(valuehour("functions", "--json").stdout) if item["name"] == entry)
    asked = []
    if FUNCTIONS[entry].needs_records:
        asked = ["--ledger", tmp_path / "example.db"]
        with Ledger.create(tmp_path / "example.db", "Example", Clock()) as ledger:
            ledger.append([draft("uplift.K", "1.12", reference="Pilot report")], Clock())
    result = valuehour("eval", described["example"], "--json", *asked)
    assert result.exit_code == 0
    expected = described["example_result"]
    if isinstance(expected, float):
        assert json.loads(result.stdout) == pytest.approx(expected, rel=1e-9)
    else:
        assert json.loads(result.stdout) == expected


def test_a_pipe_gets_results_only_and_a_terminal_gets_progress_too(tmp_path: Path) -> None:
    piped = run("build", "value_model", "--out", tmp_path)
    assert piped.returncode == 0
    assert piped.stderr == b""
    assert len(piped.stdout.splitlines()) == 1
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, "build", "value_model", "--out", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment(),
    ) as process:
        stdout, _ = process.communicate(timeout=60)
    os.close(theirs)
    shown = os.read(ours, 10_000)
    os.close(ours)
    assert stdout == piped.stdout
    assert b"building value_model" in shown


TERMINALS = {
    "the C locale": ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "utf-8"),
    "ascii": ({"PYTHONIOENCODING": "ascii"}, "utf-8"),  # taken for a terminal that does not say what it knows
    "a Windows pipe": ({"PYTHONIOENCODING": "cp1252"}, "cp1252"),
    "a DOS box": ({"PYTHONIOENCODING": "cp437"}, "cp437"),
}


@pytest.mark.parametrize("terminal", TERMINALS)
def test_every_terminal_and_pipe_gets_every_command(terminal: str, tmp_path: Path) -> None:
    settings, encoding = TERMINALS[terminal]
    path = tmp_path / "modèle.xlsx"
    path.write_bytes(file_of(changed({"model_name": "Übersicht → 2027"})))
    for arguments in (["read", path], ["verify", path], ["functions"], ["eval", '=GROUP_PATH("a","b")'], ["--help"]):
        done = run(*arguments, settings=settings)
        assert done.returncode == 0, done.stderr
        assert done.stderr == b""
        done.stdout.decode(encoding)
    # JSON loses nothing, whatever the pipe takes.
    done = run("read", path, "--json", settings=settings)
    assert json.loads(done.stdout.decode(encoding))["inputs"]["model_name"] == "Übersicht → 2027"
    done = run("eval", '=GROUP_PATH("a","b")', "--json", settings=settings)
    assert json.loads(done.stdout.decode(encoding)) == "a → b"
    done = run("read", tmp_path / "né→.xlsx", settings=settings)
    assert done.returncode == 2
    assert done.stderr.startswith(b"valuehour: ")


def test_json_in_utf8_is_readable_as_it_stands() -> None:
    done = run("eval", '=GROUP_PATH("a","b")', "--json", settings={"PYTHONIOENCODING": "utf-8"})
    assert done.stdout.decode() == '"a → b"\n'


def test_a_reader_that_has_seen_enough_ends_the_command_quietly() -> None:
    with subprocess.Popen(
        [*COMMAND, "functions", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        complaint = process.stderr.read()
        process.wait(timeout=60)
    assert b"Traceback" not in complaint


def test_a_build_of_a_scenario_without_names_builds_its_template_only(tmp_path: Path) -> None:
    result = valuehour("build", "--scenario", "decision_continuity", "--out", tmp_path)
    assert result.exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["value_model.xlsx"]


def test_a_template_named_twice_is_built_once_and_its_folder_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    result = valuehour("build", "value_model", "value_model", "--out", folder)
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1
    assert [path.name for path in folder.iterdir()] == ["value_model.xlsx"]


def test_a_catalog_of_ones_own_is_in_the_dropdowns_and_the_workbook_verifies(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[dimensions.pod]\nname = "Delivery pod"\nstructure = "organization"\nkind = "dimension"\n'
        'definition = "A team around one product."\nmembers = [{ name = "Pod one" }, { name = "Pod two" }]\n'
    )
    plan = tmp_path / "plan.toml"
    plan.write_text('[inputs]\ntotal_value = 10\nyears = 1\ndimension = "Delivery pod"\n')
    built = valuehour("build", "value_model", "--catalog", own, "--scenario", plan, "--out", tmp_path / "out")
    assert built.exit_code == 0, built.output
    path = tmp_path / "out" / "value_model.xlsx"
    verified = valuehour("verify", path)
    assert verified.exit_code == 0, verified.stdout
    contents = json.loads(valuehour("read", path, "--json").stdout)
    assert {record["dimension"] for record in contents["tables"]["tblTaxonomy"]} >= {"Delivery pod", "Region"}
    assert [r["member"] for r in contents["tables"]["tblMembers"] if r["dimension"] == "Delivery pod"] == [
        "Pod one",
        "Pod two",
    ]
    assert contents["results"]["checks_failed"] == 0


def test_help_answers_at_once() -> None:
    run("--help")  # the modules are compiled now
    started = time.perf_counter()
    assert run("--help").returncode == 0
    # The aim is under 0.3 s; a busy machine may take longer, but not as long as one heavy import takes.
    assert time.perf_counter() - started < 1.5
