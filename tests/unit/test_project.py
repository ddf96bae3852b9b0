"""What the project promises about itself: its walls, its locks, its wheel, and what its runs leave unproven."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.validator import validate

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "valuehour"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


# The walls between the rooms


def foreign_imports(source: str, room: str, allowed: tuple[str, ...]) -> list[str]:
    """Return what a module imports beyond the standard library, its own room and what is allowed."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names] if node.module == "valuehour" else []
            found += names or [str(node.module)]
    fine = (room, *allowed)
    return [
        name
        for name in found
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not any(name == place or name.startswith(f"{place}.") for place in fine)
    ]


FUNCTION_MODULES = sorted((SOURCE / "functions").rglob("*.py"))


def test_there_are_functions_to_examine() -> None:
    assert len(FUNCTION_MODULES) > 1


@pytest.mark.parametrize("path", [*FUNCTION_MODULES, SOURCE / "errors.py"], ids=lambda path: path.name)
def test_functions_run_where_only_the_standard_library_is(path: Path) -> None:
    assert foreign_imports(path.read_text(encoding="utf-8"), "valuehour.functions", ("valuehour.errors",)) == []


@pytest.mark.parametrize(
    ("line", "culprit"),
    [
        ("import openpyxl", ["openpyxl"]),
        ("def f():\n    from numpy.linalg import norm", ["numpy.linalg"]),
        ("from valuehour import models", ["valuehour.models"]),
        ("from valuehour.models import Scenario", ["valuehour.models"]),
        ("import valuehour", ["valuehour"]),
        ("import math, click", ["click"]),
        ("from valuehour.functions_extra import x", ["valuehour.functions_extra"]),
        ("from valuehour import errors\nfrom . import value\nimport math\nimport xml.etree", []),
    ],
)
def test_an_import_that_functions_may_not_have_is_seen(line: str, culprit: list[str]) -> None:
    assert foreign_imports(line, "valuehour.functions", ("valuehour.errors",)) == culprit


def test_no_room_is_hidden_from_the_checks() -> None:
    # Without its __init__.py a folder still imports, but import-linter and the docstring examples pass it by.
    hidden = {path.parent for path in SOURCE.rglob("*.py") if not (path.parent / "__init__.py").exists()}
    assert hidden == set()


@pytest.fixture
def copy_of_source(tmp_path: Path) -> Path:
    """The package and its settings in a place where walls may be broken."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(SOURCE, tmp_path / "valuehour", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def lint_imports(where: Path) -> subprocess.CompletedProcess[str]:
    script = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    return subprocess.run([sys.executable, "-c", script], cwd=where, capture_output=True, check=False, encoding="utf-8")


@pytest.mark.parametrize(
    ("module", "line", "wall"),
    [
        ("functions/intruder.py", "import valuehour.models", "Imports go down only"),
        ("ooxml/intruder.py", "import valuehour.catalog", "siblings do not import each other"),
        ("newroom.py", "import math", "Imports go down only"),
        ("ooxml/intruder.py", "import openpyxl", "openpyxl is opened in workbooks only"),
        ("workbooks/intruder.py", "import formualizer", "Calculation engines are opened in engine only"),
        ("ooxml/intruder.py", "import pydantic", "pydantic stands where outside data comes in"),
        ("workbooks/intruder.py", "import click", "click is opened in cli only"),
    ],
)
def test_a_broken_wall_fails_the_check(copy_of_source: Path, module: str, line: str, wall: str) -> None:
    (copy_of_source / "valuehour" / module).write_text(f"{line}\n", encoding="utf-8")
    done = lint_imports(copy_of_source)
    output = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1, output
    assert re.search(rf"{re.escape(wall)}((?!KEPT).)* BROKEN", output), output
    assert Path(module).stem in output, output


# The locks


def locked_versions(path: Path) -> dict[str, str]:
    """Return the version of each locked package, after checking that each line carries its hashes."""
    versions = {}
    for entry in re.sub(r"\\\n\s+", "", path.read_text(encoding="utf-8")).splitlines():
        if entry.startswith("#"):
            continue
        pinned = re.fullmatch(r"([\w.-]+)==(\S+) (?:; [^-]+ )?(--hash=sha256:[0-9a-f]{64} ?)+", entry)
        assert pinned, f"{path.name}: {entry[:60]} is not pinned with hashes"
        versions[canonicalize_name(pinned[1])] = pinned[2]
    return versions


def requirements_of(*groups: str) -> Iterator[Requirement]:
    for entry in [entry for group in groups for entry in PYPROJECT["dependency-groups"][group]]:
        if isinstance(entry, dict):
            yield from requirements_of(entry["include-group"])
        else:
            yield Requirement(entry)


def assert_fits(versions: dict[str, str], requirements: list[Requirement]) -> None:
    assert requirements
    for requirement in requirements:
        name = canonicalize_name(requirement.name)
        assert name == "valuehour" or requirement.specifier.contains(versions.get(name, "0")), f"make lock: {name}"


def test_what_is_installed_is_pinned_with_hashes_and_fits_the_project() -> None:
    # Spark is 400 MB and only for those who have a cluster: "make spark" installs it.
    optional = PYPROJECT["project"]["optional-dependencies"]
    extras = [entry for name, entries in optional.items() if name != "spark" for entry in entries]
    needed = [Requirement(entry) for entry in PYPROJECT["project"]["dependencies"] + extras]
    assert_fits(locked_versions(ROOT / "requirements.lock"), [*needed, *requirements_of("dev")])
    assert_fits(locked_versions(ROOT / "tests" / "validator" / "node.lock"), list(requirements_of("node")))


@pytest.mark.parametrize("folder", ["validator", "pyodide"])
def test_what_npm_installs_is_pinned_by_content(folder: str) -> None:
    lock = json.loads((ROOT / "tests" / folder / "package-lock.json").read_text(encoding="utf-8"))
    wanted = json.loads((ROOT / "tests" / folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert lock["packages"][""]["dependencies"] == wanted
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert {packages[f"node_modules/{name}"]["version"] for name in wanted} == set(wanted.values())


# What may not stand in any file: this file would be the first to hold them, so they are put together here.
REGISTRIES = [
    ".".join(parts)
    for parts in [
        ("pypi", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("conda", "anaconda", "org"),
    ]
]
MACHINE_PLACES = "|".join(["work", "tmp", "root", "home", "Users", "opt"])
ODD = re.compile("|".join([*map(re.escape, REGISTRIES), rf"(?<![\w.*$)}}~-])/(?:{MACHINE_PLACES})/\w"]).encode())


def project_files() -> Iterator[Path]:
    """All files of the project, without what .gitignore leaves out."""
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()} | {".git"}
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in ignored and not name.endswith(".egg-info"))
        yield from (Path(folder, name) for name in sorted(files))


def contents(path: Path) -> Iterator[tuple[str, bytes]]:
    """A file's content, and the parts inside when it is a workbook or another archive."""
    name = path.relative_to(ROOT).as_posix()
    yield name, path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            yield from ((f"{name}: {part}", package.read(part)) for part in package.namelist())


def test_no_file_names_a_package_registry_or_a_place_of_one_machine() -> None:
    read = [(name, content) for path in project_files() for name, content in contents(path)]
    assert {"pyproject.toml", "requirements.lock", "tests/unit/test_project.py"} <= {name for name, _ in read}
    assert [f"{name}: {odd[0].decode()}" for name, content in read for odd in ODD.finditer(content)] == []


@pytest.mark.parametrize(
    ("text", "is_odd"),
    [
        ("https://" + REGISTRIES[0] + "/simple", True),
        ("--find-links " + "/opt" + "/wheels", True),
        ("file://" + "/work" + "/main", True),
        ('"' + "/root" + '/x.xlsx"', True),
        ("xl/worksheets/sheet1.xml", False),
        ("/xl/workbook.xml", False),
        ("$(CURDIR)/work/x", False),
    ],
)
def test_a_place_of_one_machine_is_seen(text: str, is_odd: bool) -> None:
    assert bool(ODD.search(text.encode())) == is_odd


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    (built,) = folder.iterdir()
    return built


# The xlwings Server project goes into the wheel, without what is for people and for those who build images.
SERVER_PROJECT = "valuehour/hosts/server/project"
NOT_SHIPPED = ("README.md", "Dockerfile", "Dockerfile.dockerignore")


def files_below(folder: Path) -> Iterator[Path]:
    """The files of a folder, without what Python leaves there."""
    return (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def test_one_wheel_serves_every_platform(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as package:
        (metadata,) = (package.read(name).decode() for name in package.namelist() if name.endswith("/WHEEL"))
    assert "Root-Is-Purelib: true" in metadata


def test_the_wheel_holds_the_whole_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as package:
        shipped = {name for name in package.namelist() if ".dist-info/" not in name}
    source = {path.relative_to(SOURCE.parent).as_posix() for path in files_below(SOURCE)}
    project = {
        f"{SERVER_PROJECT}/{path.relative_to(ROOT / 'addin').as_posix()}" for path in files_below(ROOT / "addin")
    }
    assert shipped == source | (project - {f"{SERVER_PROJECT}/{name}" for name in NOT_SHIPPED})
    assert f"{SERVER_PROJECT}/lifespan.py" in shipped
    assert "valuehour/py.typed" in shipped
    assert any(name.startswith("valuehour/catalog/data/") and name.endswith(".toml") for name in shipped)
    # Code and texts, and what add-ins are made of; no libraries, no archives, nothing that was left lying about.
    kinds = {".py", ".toml", ".bas", ".css", ".html", ".js", ".png", ".xlsx", ".xml"}
    assert {Path(name).suffix for name in shipped if not name.endswith("py.typed")} <= kinds


def test_the_core_installs_without_the_heavy_parts(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as package:
        (metadata,) = (package.read(name).decode() for name in package.namelist() if name.endswith("/METADATA"))
    needs = [Requirement(line.partition(": ")[2]) for line in metadata.splitlines() if line.startswith("Requires-Dist")]
    core = {canonicalize_name(need.name) for need in needs if need.marker is None}
    with_all = {
        canonicalize_name(need.name) for need in needs if need.marker and need.marker.evaluate({"extra": "all"})
    }
    assert core == {"click", "pydantic"}
    assert with_all == {"duckdb", "formualizer", "jinja2", "openpyxl", "pandas", "pyopenvba", "pyyaml", "xlwings"}
    assert "License-Expression: MIT" in metadata


# What a run leaves unproven

PROOFS = """
import pytest

@pytest.mark.requires_libreoffice
@pytest.mark.parametrize("case", [1, 2])
def test_calc_agrees(case): pass

@pytest.mark.requires_poppler
@pytest.mark.requires_libreoffice
def test_the_page_looks_right(): pass

def test_always(): pass
"""


def run_proofs(tmp_path: Path, proofs: str, *, require_all: bool) -> subprocess.CompletedProcess[str]:
    """Run proofs with this project's own conftest on a machine without programs."""
    for name in ["conftest.py", "browser.py", "licence.py", "validator.py"]:
        (tmp_path / "tests").mkdir(exist_ok=True)
        shutil.copy(ROOT / "tests" / name, tmp_path / "tests")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "tests" / "test_proofs.py").write_text(proofs, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "VALUEHOUR"))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/test_proofs.py"],
        cwd=tmp_path,
        env={**kept, "PATH": str(tmp_path), "VALUEHOUR_REQUIRE_ALL": "1" if require_all else "0"},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )


def test_proofs_that_could_not_run_are_listed_by_name(tmp_path: Path) -> None:
    done = run_proofs(tmp_path, PROOFS, require_all=False)
    assert done.returncode == 0, done.stdout + done.stderr
    listed = done.stdout.partition("Proofs not run here")[2].splitlines()[1:]
    assert listed[:4] == [
        "because soffice (LibreOffice Calc) is missing:",
        "  tests/test_proofs.py::test_calc_agrees (2 cases)",
        "because soffice (LibreOffice Calc) and pdftoppm (poppler) are missing:",
        "  tests/test_proofs.py::test_the_page_looks_right",
    ]
    assert "1 passed, 3 skipped" in listed[-1]


def test_a_proof_that_could_not_run_fails_where_all_must_run(tmp_path: Path) -> None:
    done = run_proofs(tmp_path, PROOFS, require_all=True)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 passed, 3 errors" in done.stdout.splitlines()[-1]
    assert "test_calc_agrees[1] must run here (VALUEHOUR_REQUIRE_ALL): soffice (LibreOffice Calc) is" in done.stdout


def test_a_whole_module_that_could_not_run_fails_where_all_must_run(tmp_path: Path) -> None:
    proofs = "import pytest\npytest.importorskip('a_library_that_is_not_there')\ndef test_always(): pass\n"
    assert run_proofs(tmp_path, proofs, require_all=False).returncode == 5
    done = run_proofs(tmp_path, proofs, require_all=True)
    assert done.returncode != 0
    assert "must run here (VALUEHOUR_REQUIRE_ALL): could not import" in done.stdout


def test_a_warning_and_an_unexpected_pass_are_failures(tmp_path: Path) -> None:
    proofs = (
        "import pytest, warnings\n"
        "def test_warns(): warnings.warn('old', DeprecationWarning)\n"
        "@pytest.mark.xfail\ndef test_passes(): pass\n"
    )
    assert "2 failed" in run_proofs(tmp_path, proofs, require_all=False).stdout.splitlines()[-1]


# The two commands of the README


def make(where: Path, *words: str, path: str) -> subprocess.CompletedProcess[str]:
    program = shutil.which("make")
    assert program, "this test needs make"
    return subprocess.run(
        [program, *words], cwd=where, env={"PATH": path}, capture_output=True, check=False, encoding="utf-8"
    )


@pytest.fixture
def bare_project(tmp_path: Path) -> Path:
    """The files that make starts from."""
    for name in ["Makefile", "pyproject.toml", "requirements.lock"]:
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def stand_in(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def test_an_old_python_is_told_what_is_needed(bare_project: Path) -> None:
    stand_in(bare_project / "bin" / "python3.10", "exit 1")
    done = make(bare_project, "demo", f"PYTHON={bare_project}/bin/python3.10", path=os.environ["PATH"])
    assert done.returncode == 2
    assert "valuehour needs Python 3.11 or newer; none was found as: " in done.stderr
    assert not (bare_project / ".venv").exists()


def test_a_python_without_venv_is_told_how_to_get_it(bare_project: Path) -> None:
    stand_in(bare_project / "bin" / "python3", 'test "$1" = -c')
    done = make(bare_project, "demo", f"PYTHON={bare_project}/bin/python3", path=os.environ["PATH"])
    assert done.returncode == 2
    assert "apt install python3-venv" in done.stderr
    assert not (bare_project / ".venv").exists()


def test_an_installation_that_was_cut_short_is_made_anew(bare_project: Path) -> None:
    # A Python whose environments are made at once and whose pip fails as if the network had gone.
    stand_in(bare_project / "bin" / "pip-fails", 'test "$2" != pip || test "$3" = --version')
    stand_in(
        bare_project / "bin" / "python3",
        f'test "$1" = -c || {{ mkdir -p "$3/bin" && cp {bare_project}/bin/pip-fails "$3/bin/python"; }}',
    )
    arguments = ["demo", f"PYTHON={bare_project}/bin/python3"]
    assert make(bare_project, *arguments, path=os.environ["PATH"]).returncode == 2
    assert not (bare_project / ".venv" / ".valuehour-ready").exists()
    (bare_project / ".venv" / "half-made").touch()
    again = make(bare_project, *arguments, path=os.environ["PATH"])
    assert "was cut short: .venv is made anew" in again.stdout
    assert not (bare_project / ".venv" / "half-made").exists()


def test_make_alone_says_what_can_be_asked_of_it() -> None:
    done = make(ROOT, path=os.environ["PATH"])
    asked = set(re.findall(r"^make (\w+)", done.stdout, flags=re.MULTILINE))
    assert asked == {"help", "demo", "test", "spark", "lint", "format", "bench", "lock", "clean"}


# The judge of files

PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.'
    'openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="One" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/worksheets/sheet1.xml": '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData></worksheet>',
}


def workbook(path: Path, old: str = "", new: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as package:
        for name, text in PARTS.items():
            package.writestr(name, text.replace(old, new))
    return path


@pytest.mark.requires_validator
def test_the_judge_passes_a_sound_workbook_and_names_the_fault_of_a_broken_one(tmp_path: Path) -> None:
    assert validate(workbook(tmp_path / "sound.xlsx")) == []
    (fault,) = validate(workbook(tmp_path / "broken.xlsx", "<v>1</v>", "<w>1</w>"))
    assert "/xl/worksheets/sheet1.xml /x:worksheet[1]/x:sheetData[1]/x:row[1]/x:c[1]: " in fault
    (tmp_path / "torn.xlsx").write_bytes(b"PK not a package")
    assert len(validate(tmp_path / "torn.xlsx")) == 1
