"""What is made for Python in the browser: the small package, a workbook of xlwings Lite, and the static site."""

from __future__ import annotations

import ast
import base64
import csv
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

import pytest
import xlwings.server
from click.testing import CliRunner, Result

from tests.e2e import test_manifest as rules
from valuehour.catalog import load_catalog
from valuehour.cli import main
from valuehour.errors import UsageError
from valuehour.functions import FUNCTIONS
from valuehour.hosts import udfs
from valuehour.hosts.archive import archive
from valuehour.hosts.lite import packed, workbook
from valuehour.hosts.lite.address import checked
from valuehour.hosts.lite.site import metadata, site

TAXONOMY = load_catalog().taxonomy()
URL = "https://intranet.example/vh"
FLEET = (
    '[dimensions.fleet]\nname = "Fleet"\nstructure = "operations_structure"\ndefinition = "Cars"\nmembers = ["Vans"]\n'
)
OFFICE = "{http://schemas.microsoft.com/office/appforoffice/1.1}"
TYPES = "{http://schemas.microsoft.com/office/officeappbasictypes/1.0}"


def valuehour(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture
def pyodide(tmp_path: Path) -> Path:
    """A folder with the files of a Pyodide distribution, by their names."""
    folder = tmp_path / "pyodide"
    folder.mkdir()
    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"):
        (folder / name).write_text(name, encoding="utf-8")
    return folder


# The small package


def test_the_wheel_is_whole_pure_and_needs_nothing() -> None:
    with zipfile.ZipFile(io.BytesIO(packed.wheel(TAXONOMY))) as wheel:
        content = {name: wheel.read(name) for name in wheel.namelist()}
    info = packed.WHEEL.split("-py3")[0] + ".dist-info"
    listed = {
        path: (digest, size) for path, digest, size in csv.reader(content[f"{info}/RECORD"].decode().splitlines())
    }
    assert set(listed) == set(content)
    for path, data in content.items():
        if not path.endswith("RECORD"):
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            assert listed[path] == (f"sha256={digest}", str(len(data)))
    assert "Requires-Dist" not in content[f"{info}/METADATA"].decode()
    assert content[f"{info}/WHEEL"].decode().endswith("Root-Is-Purelib: true\nTag: py3-none-any\n")
    assert b"MIT" in content[f"{info}/licenses/LICENSE"]
    assert {Path(path).suffix for path in content if not path.startswith(info)} == {".py", ".json"}


def test_pip_installs_the_wheel(tmp_path: Path) -> None:
    (tmp_path / packed.WHEEL).write_bytes(packed.wheel(TAXONOMY))
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--target", "there", packed.WHEEL],
        cwd=tmp_path,
        check=True,
    )
    assert (tmp_path / "there" / "valuehour" / "hosts" / "lite" / "taxonomy.json").exists()


def test_the_package_imports_itself_xlwings_and_the_standard_library_alone() -> None:
    package = packed.package(TAXONOMY)
    allowed = {*sys.stdlib_module_names, "xlwings", "valuehour"}
    own = {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in package}
    for path, text in package.items():
        for node in ast.walk(ast.parse(text)) if path.endswith(".py") else ():
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            assert all(name.partition(".")[0] in allowed for name in names), path
            assert all(name in own for name in names if name.startswith("valuehour.")), path


def test_the_package_answers_where_no_library_is(tmp_path: Path) -> None:
    (tmp_path / "small.zip").write_bytes(archive(packed.package([("Time", "Year"), ("Time", "Month")])))
    script = (
        "import sys; sys.path.insert(0, 'small.zip')\n"
        "from valuehour.hosts.lite.runtime import answer\n"
        """print(answer('[["GROUPINGS", [null]], ["UPLIFT", [[[[1.5]], [[2]]]]], ["LEDGER", [[["x"]], null]]]'))"""
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == [[["Time", "Year"], ["Time", "Month"]], [[3.0]], [[{"error": "#REF!"}]]]


# A workbook of xlwings Lite


@pytest.mark.parametrize("url", [None, URL])
def test_a_workbook_finds_its_functions(tmp_path: Path, url: str | None) -> None:
    for name, content in workbook.files_for(TAXONOMY, url=url).items():
        (tmp_path / name).write_bytes(content)
    site_packages = sysconfig.get_paths()["purelib"]  # xlwings is in there, our own package is not
    path = [site_packages, *([str(tmp_path / packed.WHEEL)] if url else [])]
    script = (
        f"import sys; sys.path[:0] = {path!r}\n"
        "import runpy; found = runpy.run_path('main.py', run_name='main')\n"
        "import valuehour; print(valuehour.__file__)\n"
        "print(found['VALUE_PER_HOUR'](88_000_000.0, 3.0), found['VALUE_PER_HOUR'].__module__)\n"
        "print(sorted(name for name, value in found.items() if hasattr(value, '__xlfunc__')))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    place, called, names = done.stdout.splitlines()
    assert ".zip" in place or packed.WHEEL in place
    assert called == "3348.5540334855405 main"
    assert ast.literal_eval(names) == sorted(FUNCTIONS)


def test_requirements_name_the_wheel_where_there_is_an_address_for_it() -> None:
    assert workbook.files_for(TAXONOMY)["requirements.txt"] == b"xlwings\n"
    named = workbook.files_for(TAXONOMY, url=f"{URL}/")
    assert named["requirements.txt"].decode() == f"xlwings\n{URL}/{packed.WHEEL}\n"
    assert len(named["main.py"]) < 1000 < len(workbook.files_for(TAXONOMY)["main.py"])


def test_code_can_be_pasted_into_an_editor() -> None:
    code = workbook.files_for(TAXONOMY)["main.py"].decode("ascii")
    assert max(map(len, code.splitlines())) <= 120
    assert len(code) < 100_000


def test_the_same_files_every_time_and_others_for_another_catalog(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(FLEET, encoding="utf-8")
    for folder, catalog in (("one", ()), ("two", ()), ("own", ("--catalog", own))):
        done = valuehour("addin", "build", "--lite", "--out", tmp_path / folder, *catalog)
        assert done.exit_code == 0, done.output
    contents = {
        folder: {path.name: path.read_bytes() for path in (tmp_path / folder).iterdir()}
        for folder in ("one", "two", "own")
    }
    assert set(contents["one"]) == {"main.py", "requirements.txt", packed.WHEEL}
    assert contents["one"] == contents["two"]
    assert contents["one"]["main.py"] != contents["own"]["main.py"]
    assert b'"Fleet"' in contents["own"][packed.WHEEL]


# The static site


def test_excel_is_told_the_same_as_by_xlwings() -> None:
    theirs = xlwings.server.custom_functions_meta(udfs)
    for function in theirs["functions"]:
        del function["options"]  # our page does not ask which cell calls
    ours = metadata()
    ours["functions"].sort(key=lambda function: function["id"])
    assert ours == theirs


def test_the_manifest_leads_to_the_files_of_the_site(pyodide: Path) -> None:
    files = dict(site(TAXONOMY, url=URL, pyodide=pyodide, support_url="https://help.example/"))
    root = ElementTree.fromstring(files["manifest.xml"])
    leads_to = {element.get("DefaultValue", "") for element in root.iter() if element.get("DefaultValue")}
    own = {address.removeprefix(f"{URL}/") for address in leads_to if address.startswith(f"{URL}/")}
    assert own <= set(files)
    assert {"functions.js", "functions.json", "taskpane.html"} <= own
    assert [element.get("DefaultValue") for element in root.iter(f"{OFFICE}SupportUrl")] == ["https://help.example/"]
    texts = {element.get("id"): element.get("DefaultValue") for element in root.iter(f"{TYPES}String")}
    assert texts["Functions.Namespace"] == "VH"
    assert "{{" not in files["manifest.xml"].decode()


@pytest.mark.parametrize("support_url", ["", "https://help.example/"])
def test_the_manifest_keeps_microsofts_rules(pyodide: Path, support_url: str) -> None:
    content = dict(site(TAXONOMY, url=URL, pyodide=pyodide, support_url=support_url))["manifest.xml"]
    manifest = rules.Manifest(
        ElementTree.fromstring(content), cast("Any", None), {"VALUEHOUR_PROVIDER_NAME": "valuehour"}
    )
    rules.test_every_element_has_its_children_in_the_order_of_the_schema(manifest)
    rules.test_it_says_who_it_is_in_the_form_that_is_asked_for(manifest)
    rules.test_resources_keep_to_the_lengths_and_every_reference_finds_its_own(manifest)
    rules.test_ids_of_controls_groups_and_panes_are_unique_and_short(manifest)


def test_a_site_is_known_by_its_address(pyodide: Path) -> None:
    def identifier(url: str) -> str:
        manifest = dict(site(TAXONOMY, url=url, pyodide=pyodide))["manifest.xml"].decode()
        return re.findall(r"<Id>(.+)</Id>", manifest)[0]

    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}", identifier(URL))
    assert identifier(URL) == identifier(f"{URL}/") != identifier("https://intranet.example/other")


def test_the_site_is_written_as_files(pyodide: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = valuehour("addin", "build", "--wasm", "--out", out, "--url", URL, "--pyodide", pyodide)
    assert done.exit_code == 0, done.output
    written = {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert written == dict(site(TAXONOMY, url=URL, pyodide=pyodide))


def test_a_folder_without_pyodide_is_refused(pyodide: Path, tmp_path: Path) -> None:
    (pyodide / "pyodide.asm.mjs").unlink()
    done = valuehour("addin", "build", "--wasm", "--out", tmp_path / "out", "--url", URL, "--pyodide", pyodide)
    assert done.exit_code == 2
    assert "pyodide.asm.js or pyodide.asm.mjs missing" in done.stderr
    assert not (tmp_path / "out").exists()
    (pyodide / "pyodide.asm.js").touch()  # as older ones have it
    assert "pyodide/pyodide.asm.js" in dict(site(TAXONOMY, url=URL, pyodide=pyodide))


def test_all_that_needs_no_more_than_a_folder_is_made_at_once(tmp_path: Path) -> None:
    done = valuehour("addin", "build", "--out", tmp_path)
    assert done.exit_code == 0, done.output
    assert {"valuehour.oxt", "valuehour.xlam", "main.py", packed.WHEEL} <= {path.name for path in tmp_path.iterdir()}
    assert not (tmp_path / "manifest.xml").exists()


def test_a_site_needs_its_address_and_python(tmp_path: Path) -> None:
    done = valuehour("addin", "build", "--wasm", "--out", tmp_path)
    assert done.exit_code == 2
    assert "--wasm needs --url and --pyodide" in done.stderr


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://intranet.example/vh", "https only"),
        ("ftp://localhost/vh", "https only"),
        ("intranet.example/vh", "address of a folder"),
        ("https:///vh", "address of a folder"),
        ("https://intranet.example/vh?x=1", "address of a folder"),
        ("https://me:secret@intranet.example/vh", "address of a folder"),
        ("https://intranet.example:port/vh", "Port"),
    ],
)
def test_an_address_that_excel_takes_nothing_from_is_refused(url: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        checked(url)


@pytest.mark.parametrize("support_url", ["help.example", "http://help.example", "javascript:alert(1)"])
def test_an_address_for_help_that_excel_does_not_take_is_refused(
    pyodide: Path, tmp_path: Path, support_url: str
) -> None:
    out = tmp_path / "out"
    address = ("--url", URL, "--support-url", support_url)
    done = valuehour("addin", "build", "--wasm", "--out", out, "--pyodide", pyodide, *address)
    assert done.exit_code == 2
    assert f"--support-url is '{support_url}'" in done.stderr
    assert not out.exists()


def test_a_site_on_this_computer_may_be_tried_without_a_certificate() -> None:
    assert checked("http://localhost:8000/") == "http://localhost:8000"
