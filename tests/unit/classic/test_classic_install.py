"""Installing on Windows, with folders that are real and a registry that keeps the rules of the real one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import xlwings  # noqa: F401  before anything says that this is Windows

from tests.pywin32 import ComError, module
from tests.workbooks import complaints, valuehour
from valuehour.hosts.classic import install
from valuehour.hosts.classic.addin import NAME, UNVERIFIED, addin
from valuehour.hosts.classic.server import CLSID, PROG_ID, Calculator
from valuehour.ooxml import Package

START = Path("Microsoft", "Excel", "XLSTART", NAME)
OWN_CATALOG = (
    '[dimensions.fleet]\nname = "Fleet"\nstructure = "operations_structure"\n'
    'definition = "The vehicles that are run together"\nmembers = ["Vans"]\n'
)


class Registry:
    """``winreg`` over a dictionary: case-blind keys, two views, no removal of a key that has others below it."""

    def __init__(self) -> None:
        self.values: dict[tuple[int, str], str | None] = {}

    def module(self) -> ModuleType:
        names = ("CreateKeyEx", "OpenKeyEx", "SetValueEx", "QueryInfoKey", "EnumKey", "DeleteKeyEx")
        numbers = {"HKEY_CURRENT_USER": "HKCU", "KEY_WOW64_64KEY": 256, "KEY_WOW64_32KEY": 512, "REG_SZ": 1}
        rights = {"KEY_SET_VALUE": 2, "KEY_READ": 8}
        return module("winreg", **numbers, **rights, **{name: getattr(self, name) for name in names})

    @contextmanager
    def CreateKeyEx(self, root: str, key: str, reserved: int, access: int) -> Iterator[Any]:  # noqa: N802
        assert (root, reserved, access & 2) == ("HKCU", 0, 2)
        view, parts = access & 768, key.lower().split("\\")
        for end in range(1, len(parts) + 1):
            self.values.setdefault((view, "\\".join(parts[:end])), None)
        yield SimpleNamespace(key=key.lower(), view=view, may_write=True)

    @contextmanager
    def OpenKeyEx(self, root: str, key: str, reserved: int, access: int) -> Iterator[Any]:  # noqa: N802
        assert (root, reserved) == ("HKCU", 0)
        if (access & 768, key.lower()) not in self.values:
            raise FileNotFoundError(2, "The system cannot find the file specified")
        yield SimpleNamespace(key=key.lower(), view=access & 768, may_write=False)

    def SetValueEx(self, handle: Any, name: str, reserved: int, kind: int, value: str) -> None:  # noqa: N802
        assert (handle.may_write, name, reserved, kind) == (True, "", 0, 1)
        self.values[handle.view, handle.key] = value

    def _below(self, handle: Any) -> list[str]:
        start = f"{handle.key}\\"
        keys = [key for view, key in self.values if view == handle.view and key.startswith(start)]
        return sorted({key[len(start) :].partition("\\")[0] for key in keys})

    def QueryInfoKey(self, handle: Any) -> tuple[int, int, int]:  # noqa: N802
        return len(self._below(handle)), 1, 0

    def EnumKey(self, handle: Any, place: int) -> str:  # noqa: N802
        return self._below(handle)[place]

    def DeleteKeyEx(self, root: str, key: str, access: int, reserved: int) -> None:  # noqa: N802
        assert (root, reserved) == ("HKCU", 0)
        handle = SimpleNamespace(key=key.lower(), view=access)
        if self._below(handle):
            raise PermissionError(5, "Access is denied")
        del self.values[access, key.lower()]

    def started(self, name: str) -> Any:
        """The object of a class that is registered; what the command does is proven elsewhere."""
        (clsid,) = self.holds(f"Software\\Classes\\{name}\\CLSID")
        (command,) = self.holds(f"Software\\Classes\\CLSID\\{clsid}\\LocalServer32")
        if command is None or not Path(command.split('"')[1]).exists():
            raise ComError("Server execution failed")
        return Calculator()

    def holds(self, key: str) -> set[str | None]:
        """The value of a key, as programs of 64 and of 32 bits see it."""
        return {self.values.get((view, key.lower())) for view in (256, 512)}


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Registry:
    """A Windows on which valuehour may be installed, of a user whose name has a space and an accent."""
    registry = Registry()
    appdata = tmp_path / "Zoë Berg" / "AppData" / "Roaming"
    appdata.mkdir(parents=True)
    monkeypatch.setenv("APPDATA", str(appdata))
    monkeypatch.setattr("platform.system", lambda: "Windows")
    monkeypatch.setitem(sys.modules, "winreg", registry.module())
    monkeypatch.setitem(sys.modules, "win32com", module("win32com"))
    monkeypatch.setitem(sys.modules, "pywintypes", module("pywintypes", com_error=ComError))
    monkeypatch.setitem(sys.modules, "win32com.client", module("win32com.client", Dispatch=registry.started))
    return registry


def start_folder_file() -> Path:
    return Path(os.environ["APPDATA"]) / START


def test_the_add_in_is_where_excel_starts_and_windows_knows_its_python(windows: Registry) -> None:
    done = valuehour("addin", "install")
    assert (done.exit_code, complaints(done)) == (0, [])
    assert UNVERIFIED in done.output
    assert "Python: valuehour " in done.output, "Windows was asked to start it"
    assert start_folder_file().read_bytes() == addin()
    assert [path.name for path in start_folder_file().parent.iterdir()] == [NAME]
    assert windows.holds(f"Software\\Classes\\{PROG_ID}\\CLSID") == {CLSID}
    (command,) = windows.holds(f"Software\\Classes\\CLSID\\{CLSID}\\LocalServer32")
    assert command == f'"{sys.executable}" -E -P -B -m valuehour.hosts.classic.server'


def test_the_python_without_a_window_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "Python of Zoë"
    folder.mkdir()
    monkeypatch.setattr(sys, "executable", str(folder / "python.exe"))
    assert install.command().startswith(f'"{folder / "python.exe"}" ')
    (folder / "pythonw.exe").touch()
    assert install.command() == f'"{folder / "pythonw.exe"}" -E -P -B -m valuehour.hosts.classic.server'


def test_a_python_that_does_not_start_is_told_at_once(windows: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(Path("gone", "python.exe")))
    done = valuehour("addin", "install")
    assert done.exit_code == 2
    assert "Server execution failed" in complaints(done)[0]
    assert "#NAME?" in complaints(done)[0]


def test_a_catalog_of_ones_own_reaches_the_python_that_windows_starts(windows: Registry, tmp_path: Path) -> None:
    own = tmp_path / "our groups.toml"
    own.write_text(OWN_CATALOG, encoding="utf-8")
    done = valuehour("addin", "install", "--catalog", own)
    assert (done.exit_code, complaints(done)) == (0, [])
    (command,) = windows.holds(f"Software\\Classes\\CLSID\\{CLSID}\\LocalServer32")
    assert command is not None
    assert command.endswith(f'-m valuehour.hosts.classic.server "{own}"')


def test_a_catalog_that_cannot_be_read_is_refused_before_anything_is_written(windows: Registry, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[dimensions.fleet]\nname = 3\n", encoding="utf-8")
    done = valuehour("addin", "install", "--catalog", own)
    assert done.exit_code == 2
    assert "own.toml" in complaints(done)[0]
    assert not windows.values
    assert not start_folder_file().exists()


def test_a_newer_version_takes_the_place_of_an_older_one_and_both_are_removed_completely(windows: Registry) -> None:
    before = dict(windows.values)
    start_folder_file().parent.mkdir(parents=True)
    start_folder_file().write_bytes(b"an older version")
    beside = start_folder_file().with_name("PERSONAL.XLSB")
    beside.write_bytes(b"the user's own macros")
    assert valuehour("addin", "install").exit_code == 0
    assert valuehour("addin", "install").exit_code == 0
    assert start_folder_file().read_bytes() == addin()
    done = valuehour("addin", "uninstall")
    assert (done.exit_code, complaints(done)) == (0, [])
    assert len(done.output.splitlines()) == 3
    assert not start_folder_file().exists()
    assert beside.read_bytes() == b"the user's own macros"
    left = {key: value for key, value in windows.values.items() if key not in before and value is not None}
    assert left == {}
    assert not any(PROG_ID.lower() in key or CLSID.lower() in key for _, key in windows.values)
    assert valuehour("addin", "uninstall").output == "nothing was installed\n"


def test_an_add_in_that_excel_holds_open_stays_as_it_is(windows: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    start_folder_file().parent.mkdir(parents=True)
    start_folder_file().write_bytes(b"in use")

    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(Path, "unlink", refuse_only(start_folder_file(), Path.unlink))
    for command in ("install", "uninstall"):
        done = valuehour("addin", command)
        assert done.exit_code == 2
        assert "close Excel and try again" in complaints(done)[0]
        assert start_folder_file().read_bytes() == b"in use"
        assert not windows.values
    assert [path.name for path in start_folder_file().parent.iterdir()] == [NAME]


def refuse_only(file: Path, usual: Any) -> Any:
    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path == file:
            raise PermissionError(13, "Permission denied")
        usual(path, missing_ok=missing_ok)

    return unlink


def test_an_add_in_that_was_signed_is_installed_as_it_is(windows: Registry, tmp_path: Path) -> None:
    package = Package.read(addin())
    package.parts["xl/vbaProjectSignature.bin"] = b"a signature"
    path = tmp_path / "signed.xlam"
    path.write_bytes(package.to_bytes())
    done = valuehour("addin", "install", "--file", path)
    assert (done.exit_code, complaints(done)) == (0, [])
    assert start_folder_file().read_bytes() == path.read_bytes()


@pytest.mark.parametrize("further", [[], ["--dry-run"]])
def test_a_file_that_is_no_add_in_of_ours_is_refused(windows: Registry, tmp_path: Path, further: list[str]) -> None:
    """Also when it is only asked what would be done."""
    text, other, hollow = tmp_path / "valuehour.bas", tmp_path / "other.xlam", tmp_path / "hollow.xlam"
    text.write_text("Option Explicit", encoding="ascii")
    with as_file(files("xlwings").joinpath("quickstart_addin_ribbon.xlam")) as path:
        shutil.copy(path, other)
    package = Package.read(addin())
    package.parts["xl/vbaProject.bin"] = package.parts["xl/vbaProject.bin"][:100]
    hollow.write_bytes(package.to_bytes())
    problems = {
        Path("workbook_templates", "grouping_taxonomy.xlsx"): "is no Excel add-in",
        text: "is no Excel add-in; allowed: a file that valuehour addin build made",
        tmp_path / "nothing.xlam": "does not exist",
        other: "is the add-in of something else",
        hollow: "is the add-in of something else",
    }
    for path, problem in problems.items():
        done = valuehour("addin", "install", "--file", path, *further)
        assert (done.exit_code, len(complaints(done))) == (2, 1)
        assert f"{path}: {problem}" in complaints(done)[0]
    assert not windows.values
    assert not start_folder_file().exists()


def test_what_would_be_written_is_shown_anywhere_and_nothing_is_written(tmp_path: Path) -> None:
    done = valuehour("addin", "install", "--dry-run")
    assert (done.exit_code, complaints(done)) == (0, [])
    lines = done.output.splitlines()
    assert lines[0].startswith("file ")
    assert lines[0].endswith("%APPDATA%\\Microsoft\\Excel\\XLSTART\\valuehour.xlam")
    assert "/reg:64" in lines.pop()
    assert [line.split(" = ")[0] for line in lines[1:]] == [
        f"registry  HKCU\\Software\\Classes\\{key}"
        for key in (
            PROG_ID,
            f"{PROG_ID}\\CLSID",
            *(f"CLSID\\{CLSID}{end}" for end in ("", "\\ProgID", "\\LocalServer32")),
        )
    ]


def test_a_missing_package_is_named_with_how_to_install_it(windows: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "win32com", None)
    done = valuehour("addin", "install")
    assert done.exit_code == 2
    assert "pip install 'valuehour[excel]'" in complaints(done)[0]
    assert not windows.values


def test_what_was_installed_can_be_removed_when_the_packages_are_gone(
    windows: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert valuehour("addin", "install").exit_code == 0
    for name in ("win32com", "xlwings", "pyopenvba"):
        monkeypatch.setitem(sys.modules, name, None)
    done = valuehour("addin", "uninstall")
    assert (done.exit_code, complaints(done)) == (0, [])
    assert not start_folder_file().exists()


def test_what_windows_forbids_is_named(windows: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr(sys.modules["winreg"], "SetValueEx", refuse)
    done = valuehour("addin", "install")
    assert done.exit_code == 2
    assert complaints(done) == [
        f"HKCU\\Software\\Classes\\{PROG_ID}: Windows does not let it be written (Access is denied)"
    ]


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_without_a_users_folder_nothing_is_written_elsewhere(
    windows: Registry, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: str
) -> None:
    """Not into a folder of the name %APPDATA% in the current one."""
    monkeypatch.delenv("APPDATA")
    monkeypatch.chdir(tmp_path)
    before = set(tmp_path.rglob("*"))
    done = valuehour("addin", command)
    assert done.exit_code == 2
    assert "APPDATA is not set" in complaints(done)[0]
    assert set(tmp_path.rglob("*")) == before
    assert not windows.values


@pytest.mark.parametrize("command", ["install", "uninstall"])
def test_elsewhere_than_on_windows_it_is_refused_in_one_line(command: str) -> None:
    done = valuehour("addin", command)
    assert done.exit_code == 2
    assert len(complaints(done)) == 1
    assert "for Excel on Windows" in complaints(done)[0]


def test_a_python_whose_registry_excel_does_not_see_is_refused(
    windows: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = "C:\\Program Files\\WindowsApps\\PythonSoftwareFoundation.Python.3.13"
    monkeypatch.setattr(sys, "base_prefix", folder)
    done = valuehour("addin", "install")
    assert done.exit_code == 2
    assert "Microsoft Store" in complaints(done)[0]
    assert not windows.values


@pytest.mark.parametrize(("left_out", "runs"), [(None, False), ("-P", True), ("-E", True)])
def test_a_file_beside_a_workbook_is_not_run(tmp_path: Path, left_out: str | None, runs: bool) -> None:
    """Excel's current folder is often that of the workbook, and an empty part of PYTHONPATH is the current folder.

    Without either option the file there is run: the test can fail.
    """
    for name in ("xlwings", "valuehour", "win32api", "encodings", "sitecustomize", "json", "os"):
        (tmp_path / f"{name}.py").write_text("import pathlib\npathlib.Path('was run').touch()\nraise SystemExit\n")
    _, python, arguments = install.command().split('"')
    command = [python, *(argument for argument in arguments.split() if argument != left_out)]
    environment = os.environ | {"PYTHONPATH": os.pathsep}
    subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True)
    assert (tmp_path / "was run").exists() is runs
