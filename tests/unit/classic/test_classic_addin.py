"""The add-in as a file: what is in it, what is not, and that another reader takes it."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

import pytest
from pyopenvba.cfb import CFB
from pyopenvba.vba import decompress

from tests import validator
from tests.workbooks import complaints, valuehour
from valuehour import __version__
from valuehour.hosts.classic.addin import UNVERIFIED, addin
from valuehour.hosts.classic.code import (
    FUNCTIONS_MODULE,
    HELP_MODULE,
    WORKBOOK_CODE,
    functions_module,
    help_module,
)
from valuehour.ooxml import Package, read_cells

OLEVBA = """
import sys
from pathlib import Path
from oletools.olevba import VBA_Parser
for _, stream, _, code in VBA_Parser(sys.argv[1]).extract_macros():
    Path(sys.argv[2], stream.rpartition("/")[2]).write_bytes(code.encode("cp1252"))
"""

SUSPICIONS = """
import sys
from oletools.olevba import VBA_Parser
for kind, keyword, _ in VBA_Parser(sys.argv[1]).analyze_macros():
    print(kind, keyword, sep="|")
"""


def test_a_scanner_for_macros_has_nothing_to_suspect_but_what_the_readme_explains(addin_file: Path) -> None:
    """Its words count for scanners too: "command" in a message looks like a shell to them."""
    done = subprocess.run([sys.executable, "-c", SUSPICIONS, addin_file], check=True, capture_output=True, text=True)
    found = {line for line in done.stdout.splitlines() if "|" in line}
    by_chance = {"run", "Hex Strings", "Base64 Strings"}  # "the cost of one run", the number of a class, ALLOCATE
    assert found == {"AutoExec|Workbook_Open", *(f"Suspicious|{word}" for word in {"CreateObject", *by_chance})}


def test_olevba_reads_every_module_as_it_was_generated(addin_file: Path, tmp_path: Path) -> None:
    """In a process of its own, because of what it warns of."""
    subprocess.run([sys.executable, "-c", OLEVBA, addin_file, tmp_path], check=True, capture_output=True)
    read = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(read) == {"ThisWorkbook", "Sheet2", FUNCTIONS_MODULE, HELP_MODULE}
    assert read[FUNCTIONS_MODULE] == functions_module().encode("ascii")
    assert read[HELP_MODULE] == help_module().encode("ascii")
    workbook = re.sub(rb"^Attribute .*\r\n", b"", read["ThisWorkbook"], flags=re.MULTILINE)
    assert workbook == WORKBOOK_CODE.replace("\n", "\r\n").encode("ascii")
    assert re.sub(rb"^Attribute .*\r\n", b"", read["Sheet2"], flags=re.MULTILINE) == b""


def test_the_same_version_gives_the_same_bytes(tmp_path: Path) -> None:
    done = valuehour("addin", "build", "--classic", "--out", tmp_path / "one")
    assert (done.exit_code, complaints(done)) == (0, [])
    elsewhere = subprocess.run(
        [sys.executable, "-m", "valuehour", "addin", "build", "--classic", "--out", tmp_path / "two"],
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        check=True,
        capture_output=True,
    )
    assert elsewhere.stderr == b""
    for name in ("valuehour.xlam", "valuehour.bas"):
        one, two = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two"))
        assert one == two
    assert (tmp_path / "one" / "valuehour.xlam").read_bytes() == addin()
    assert (tmp_path / "one" / "valuehour.bas").read_bytes() == functions_module().encode("ascii")


def test_without_a_choice_every_add_in_that_needs_no_key_is_built_and_what_is_unverified_is_said(
    tmp_path: Path,
) -> None:
    done = valuehour("addin", "build", "--out", tmp_path)
    assert (done.exit_code, complaints(done)) == (0, [])
    assert {"valuehour.oxt", "valuehour.xlam", "valuehour.bas"} <= {path.name for path in tmp_path.iterdir()}
    (line,) = (line for line in done.output.splitlines() if "valuehour.xlam" in line)
    assert UNVERIFIED in line


@pytest.mark.requires_validator
def test_the_open_xml_sdk_has_nothing_to_object_to(addin_file: Path) -> None:
    assert validator.validate(addin_file) == []


def test_nothing_of_the_templates_own_code_is_left(addin_file: Path) -> None:
    """Not even in streams that no list names, and not in what Excel would have compiled."""
    project = Package.read(addin_file).parts["xl/vbaProject.bin"]
    streams = CFB.from_bytes(project)
    modules = {"ThisWorkbook", "Sheet2", FUNCTIONS_MODULE, HELP_MODULE}
    assert set(streams.list_streams_in_storage("VBA")) == modules | {"dir", "_VBA_PROJECT"}
    assert set(streams.list_streams_in_storage("VBA")) | {"PROJECT", "PROJECTwm"} == set(streams.list_streams())
    compiled = streams.get_stream_in_storage("VBA", "_VBA_PROJECT")
    assert set(compiled[5:]) == {0}
    texts = [streams.get_stream("PROJECT"), streams.get_stream("PROJECTwm"), project]
    texts.append(decompress(streams.get_stream_in_storage("VBA", "dir")))
    for text in texts:
        for name in ("MyAddin", "RunPython", "RibbonMyAddin", "xlwings", "Dictionary", "MSForms"):
            assert name.encode() not in text
            assert name.encode("utf-16-le") not in text


def test_the_project_names_its_modules_and_nothing_else(addin_file: Path) -> None:
    text = CFB.from_bytes(Package.read(addin_file).parts["xl/vbaProject.bin"]).get_stream("PROJECT").decode("ascii")
    assert 'Name="valuehour"\r\n' in text
    windows = text.partition("[Workspace]\r\n")[2].split("\r\n")
    declared = re.findall(r"^(?:Document|Module|Class)=(\w+)", text, re.MULTILINE)
    assert declared == ["ThisWorkbook", "Sheet2", FUNCTIONS_MODULE, HELP_MODULE]
    assert [line.partition("=")[0] for line in windows] == [*declared, ""]


def test_the_button_calls_a_procedure_that_is_there_and_runs_nothing_else(addin_file: Path) -> None:
    ribbon = Package.read(addin_file).parts["customUI/customUI.xml"].decode()
    (callback,) = re.findall(r'\bon\w+="([^"]*)"|\bget\w+="([^"]*)"|\bload\w+="([^"]*)"', ribbon)
    module, _, procedure = callback[0].partition(".")
    assert module == HELP_MODULE
    assert f"Public Sub {procedure}(control As IRibbonControl)" in help_module()


def test_the_licences_of_both_are_inside_and_nobodys_name_or_folder_is(addin_file: Path) -> None:
    package = Package.read(addin_file)
    (sheet,) = package.worksheets()
    text = "\n".join(str(cell.value) for cell in read_cells(package, sheet))
    for name, file in (("valuehour", "licenses/LICENSE"), ("xlwings", "licenses/LICENSE.txt")):
        licence = distribution(name).read_text(file)
        assert licence is not None
        assert all(line in text for line in licence.splitlines())
    assert __version__ in text
    everything = b"".join(data for name, data in package.parts.items() if not name.endswith(".bin"))
    assert b"Felix" not in everything
    assert b"C:\\" not in everything
    assert b"_myaddin" not in everything


def test_who_names_a_catalog_is_told_where_the_add_in_takes_it(tmp_path: Path) -> None:
    """The file itself holds no catalog: the Python that is installed with it does."""
    own = tmp_path / "our groups.toml"
    own.write_text(
        '[dimensions.fleet]\nname = "Fleet"\nstructure = "operations_structure"\n'
        'definition = "The vehicles that are run together"\nmembers = ["Vans"]\n',
        encoding="utf-8",
    )
    done = valuehour("addin", "build", "--classic", "--catalog", own, "--out", tmp_path / "out")
    assert (done.exit_code, complaints(done)) == (0, [])
    assert f'valuehour addin install "--catalog={own}"' in done.output


@pytest.mark.parametrize("option", ["--url", "--pyodide", "--support-url"])
def test_an_option_that_would_do_nothing_is_refused(tmp_path: Path, option: str) -> None:
    done = valuehour("addin", "build", "--classic", option, tmp_path, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert f"{option} " in complaints(done)[0]
    assert not (tmp_path / "out").exists()


def test_a_workbook_is_no_add_in_to_install(tmp_path: Path) -> None:
    from valuehour.errors import WorkbookError
    from valuehour.hosts.classic.install import signed

    with pytest.raises(WorkbookError, match="is no Excel add-in"):
        signed(Path("workbook_templates/value_model.xlsx"))
    path = tmp_path / "signed.xlam"
    path.write_bytes(addin())
    assert signed(path) == addin()
