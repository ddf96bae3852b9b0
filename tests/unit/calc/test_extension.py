"""The extension as a file: what LibreOffice and its users find in it."""

from __future__ import annotations

import ast
import io
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.workbooks import complaints, valuehour
from valuehour import __version__
from valuehour.catalog import load_catalog
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS
from valuehour.hosts.calc.cells import ARGUMENT_MISSING, CODES, calculate, error_number
from valuehour.hosts.calc.extension import extension
from valuehour.hosts.calc.vendored import OLDEST_PYTHON, PRIVATE, vendored

TAXONOMY = (("Time structure", "Year"),)
OOR = "{http://openoffice.org/2001/registry}"


@pytest.fixture(scope="module")
def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(extension(TAXONOMY))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_same_version_and_catalog_give_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        done = valuehour("addin", "build", "--calc", "--out", tmp_path / folder)
        assert (done.exit_code, complaints(done)) == (0, [])
    one, two = ((tmp_path / folder / "valuehour.oxt").read_bytes() for folder in ("one", "two"))
    assert one == two == extension(load_catalog().taxonomy())
    elsewhere = subprocess.run(
        [sys.executable, "-m", "valuehour", "addin", "build", "--calc", "--out", tmp_path / "three"],
        env={"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        check=True,
        capture_output=True,
    )
    assert elsewhere.stderr == b""
    assert (tmp_path / "three" / "valuehour.oxt").read_bytes() == one


def test_a_catalog_of_ones_own_is_what_groupings_looks_up(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[dimensions.fleet]\nname = "Fleet"\nstructure = "operations_structure"\n'
        'definition = "The vehicles that are run together"\nmembers = ["Vans"]\n',
        encoding="utf-8",
    )
    done = valuehour("addin", "build", "--calc", "--out", tmp_path, "--catalog", own)
    assert (done.exit_code, complaints(done)) == (0, [])
    with zipfile.ZipFile(tmp_path / "valuehour.oxt") as archive:
        assert '"Fleet"' in archive.read(f"pythonpath/{PRIVATE}/taxonomy.json").decode()


def test_every_function_has_its_name_its_description_and_help_for_every_argument(parts: dict[str, bytes]) -> None:
    root = ElementTree.fromstring(parts["CalcAddIns.xcu"])
    (service,) = root.findall(f".//node[@{OOR}name='VH']")
    listed = {node.get(f"{OOR}name"): node for node in service.findall("node/node")}
    assert list(listed) == list(FUNCTIONS)
    for name, function in FUNCTIONS.items():
        texts = {prop.get(f"{OOR}name"): prop.findtext("value") or "" for prop in listed[name].findall("prop")}
        assert texts["DisplayName"] == texts["CompatibilityName"] == name
        assert texts["Description"] == function.summary
        arguments = listed[name].findall("node/node")
        names = [name for name, _ in function.named_arguments(function.counts[1])]
        shown = [argument.findtext("prop[1]/value") or "" for argument in arguments]
        assert [text.strip("[]") for text in shown] == names
        assert [text.startswith("[") for text in shown] == [n >= function.counts[0] for n in range(len(names))]
        helps = [argument.findtext("prop[2]/value") or "" for argument in arguments]
        for text, (_, argument) in zip(helps, function.named_arguments(len(names)), strict=True):
            assert text.startswith(argument.description)
            assert argument.unit in text
            assert not argument.optional or argument.default_text in text


def test_the_types_name_the_parameters_as_their_help_does(parts: dict[str, bytes]) -> None:
    root = ElementTree.fromstring(parts["CalcAddIns.xcu"])
    text = parts["types.idl"].decode()
    for name in FUNCTIONS:
        node = root.find(f".//node[@{OOR}name='VH']/node/node[@{OOR}name='{name}']/node")
        assert node is not None
        help_for = [argument.get(f"{OOR}name") for argument in node]
        line = next(line for line in text.split("\n") if f" {name}(" in line)
        declared = [part.split()[-1] for part in line.partition("(")[2].rstrip(");").split(", ")]
        assert [parameter for parameter in declared if parameter != "document"] == help_for


def test_it_says_what_it_is_and_brings_its_licence_and_picture(parts: dict[str, bytes]) -> None:
    description = parts["description.xml"].decode()
    assert f'<version value="{__version__}"/>' in description
    assert 'lo:LibreOffice-minimal-version value="7.4"' in description
    root = ElementTree.fromstring(description)
    links = [value for node in root.iter() for key, value in node.attrib.items() if key.endswith("}href")]
    assert sorted(links) == ["description/en.txt", "icons/valuehour.png"]
    assert all(link in parts for link in links)
    assert parts["LICENSE"].startswith(b"MIT License")
    assert all(name in parts["description/en.txt"].decode() for name in FUNCTIONS)
    manifest = ElementTree.fromstring(parts["META-INF/manifest.xml"])
    assert all(value in parts or "/vnd." in value for entry in manifest for value in entry.attrib.values())


def test_the_picture_is_one(parts: dict[str, bytes]) -> None:
    picture = parts["icons/valuehour.png"]
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, {}
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        kind, content = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        assert struct.unpack(">I", picture[at + 8 + length : at + 12 + length]) == (zlib.crc32(kind + content),)
        chunks[kind] = content
        at += 12 + length
    width, height = struct.unpack(">2I", chunks[b"IHDR"][:8])
    assert (width, height) == (42, 42)
    points = zlib.decompress(chunks[b"IDAT"])
    assert len(points) == height * (1 + 4 * width)
    assert len({points[place : place + 4] for place in range(1, len(points) - 4, 4)}) > 3


def test_the_vendored_functions_need_nothing_but_the_standard_library() -> None:
    for path, text in vendored().items():
        for node in ast.walk(ast.parse(text)):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for module in modules:
                room = module.partition(".")[0]
                assert room == PRIVATE or room in sys.stdlib_module_names, f"{path} imports {module}"


NEWER = {"removeprefix", "removesuffix", "pairwise", "cache", "ParamSpec", "TypeAlias", "TypeGuard", "StrEnum", "Self"}


def test_the_vendored_functions_use_nothing_that_the_oldest_python_of_libreoffice_lacks() -> None:
    """In LibreOffice 7.4 for Windows and the Mac that is Python 3.8. Annotations are not evaluated."""
    for path, text in vendored().items():
        tree = ast.parse(text, feature_version=OLDEST_PYTHON)
        if path.endswith("compatibility.py"):
            continue
        assert newer_in(tree) == [], path


def newer_in(tree: ast.AST) -> list[str]:
    """What Python 3.8 does not have, outside annotations."""
    found = []
    for node in ast.walk(tree):
        for field in ("annotation", "returns"):
            if getattr(node, field, None) is not None:
                setattr(node, field, None)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not (node.module or "").startswith(PRIVATE):
            found += [alias.name for alias in node.names if alias.name in NEWER]
        elif isinstance(node, ast.Attribute) and node.attr in NEWER:
            found.append(node.attr)
        elif isinstance(node, ast.Call) and any(keyword.arg == "strict" for keyword in node.keywords):
            found.append("strict=")
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("isinstance", "issubclass")
        ):
            found += ["|" for part in node.args if isinstance(part, ast.BinOp)]
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in GENERIC:
            found.append(f"{node.value.id}[]")
    return found


GENERIC = {
    "list",
    "dict",
    "tuple",
    "set",
    "frozenset",
    "type",
    "Sequence",
    "Iterable",
    "Mapping",
    "Callable",
    "Iterator",
}


@pytest.mark.parametrize(
    "newer",
    [
        "from typing import TypeAlias",
        "zip(a, b, strict=True)",
        "isinstance(a, int | str)",
        "a.removeprefix('b')",
        "Cells = list[int]",
        "T('T', Sequence[float])",
    ],
)
def test_what_a_newer_python_has_is_seen(newer: str) -> None:
    assert newer_in(ast.parse(newer)) != []
    assert newer_in(ast.parse("def f(a: list[int]) -> dict[str, int]: ...\nx: set[int] = set()")) == []


def test_the_vendored_functions_give_what_ours_give(parts: dict[str, bytes], tmp_path: Path) -> None:
    """Run as they are, by a Python that cannot see the package."""
    with zipfile.ZipFile(io.BytesIO(extension(TAXONOMY))) as archive:
        archive.extractall(tmp_path)
    script = (
        f"from {PRIVATE}.functions import FUNCTIONS\n"
        "for f in FUNCTIONS.values(): print(f.name, repr(f.evaluate(*[0.5] * f.counts[0], taxonomy=[('a', 'b')])))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", f"import sys; sys.path.insert(0, 'pythonpath')\n{script}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    ours = [f"{f.name} {f.evaluate(*[0.5] * f.counts[0], taxonomy=[('a', 'b')])!r}" for f in FUNCTIONS.values()]
    assert done.stdout.splitlines() == ours


def bits(number: object) -> bytes:
    assert isinstance(number, float)
    return struct.pack("<d", number)


def test_errors_travel_both_ways_as_numbers_of_calc() -> None:
    path = FUNCTIONS["GROUP_PATH"]
    for error, code in CODES.items():
        assert bits(calculate(path, ("a", error_number(code)))) == bits(error_number(code)), error
    unknown = error_number(511)
    assert bits(calculate(path, ("a", unknown))) == bits(error_number(CODES[CellError.VALUE]))
    division = calculate(FUNCTIONS["COST_PER_SUCCESS"], (1.0, 0.0))
    assert bits(division) == bits(error_number(532))


def test_a_missing_argument_is_the_error_that_calc_has_for_it() -> None:
    assert bits(calculate(FUNCTIONS["UPLIFT"], (None,) * 8)) == bits(error_number(ARGUMENT_MISSING))
    ((cell,),) = calculate(FUNCTIONS["ALLOCATE"], (100.0, None, None))
    assert bits(cell) == bits(error_number(ARGUMENT_MISSING))
