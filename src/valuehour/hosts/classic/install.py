"""``valuehour addin install``: the add-in where Excel looks for it, and the Python behind it, for one Windows user.

Excel opens what lies in its start-up folder, which it trusts. The add-in asks Windows for a class by name; what Windows
starts for it stands in the user's part of the registry. Neither needs the rights of an administrator.
"""

from __future__ import annotations

import importlib
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Any, Protocol

from valuehour.errors import ProgramError, UsageError, WorkbookError
from valuehour.hosts.classic.addin import NAME, is_ours
from valuehour.hosts.classic.server import CLSID, PROG_ID
from valuehour.ooxml import Package
from valuehour.ooxml.container import write_file

SERVER = "valuehour.hosts.classic.server"

_START_FOLDER = ("Microsoft", "Excel", "XLSTART")
_CLASSES = "Software\\Classes"
_DESCRIPTION = "Worksheet functions of valuehour"
_OURS = "allowed: a file that valuehour addin build made, signed or not"


class Registry(Protocol):
    """The part of the registry that belongs to the user."""

    def write(self, key: str, value: str) -> None:
        """Set the default value of a key, which is made if need be."""

    def remove(self, key: str) -> bool:
        """Remove a key and all below it; whether it was there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is written where."""

    file: Path | PureWindowsPath
    keys: Mapping[str, str]

    @property
    def roots(self) -> tuple[str, str]:
        """The keys under which all of ours lie."""
        return f"{_CLASSES}\\{PROG_ID}", f"{_CLASSES}\\CLSID\\{CLSID}"

    def lines(self) -> list[str]:
        """The plan for people."""
        keys = [f"registry  HKCU\\{key} = {value}" for key, value in self.keys.items()]
        views = "each key for programs of 64 bits and for those of 32 (reg add ... /reg:64, /reg:32)"
        return [f"file      {self.file}", *keys, views]


def plan(environment: Mapping[str, str], catalogs: Sequence[Path] = ()) -> Plan:
    """What an installation for the current user, with the Python that runs this, would write.

    Parameters
    ----------
    environment : settings
        Where Windows says in ``APPDATA`` which folder is the user's.
    catalogs : files
        Catalog files of one's own, for GROUPINGS.
    """
    folder = environment.get("APPDATA")
    start = Path(folder, *_START_FOLDER) if folder else PureWindowsPath("%APPDATA%", *_START_FOLDER)
    name, identifier = f"{_CLASSES}\\{PROG_ID}", f"{_CLASSES}\\CLSID\\{CLSID}"
    return Plan(
        start / NAME,
        {
            name: _DESCRIPTION,
            f"{name}\\CLSID": CLSID,
            identifier: _DESCRIPTION,
            f"{identifier}\\ProgID": PROG_ID,
            f"{identifier}\\LocalServer32": command(catalogs),
        },
    )


def command(catalogs: Sequence[Path] = ()) -> str:
    """How Windows starts the Python behind the add-in.

    ``-P`` keeps the current folder off the path: whoever puts a file beside a workbook does not get it run. ``-E``
    keeps out what PYTHONPATH names: that may be the current folder again, as an empty part is, or another Python's.
    """
    python = Path(sys.executable)
    silent = python.with_name("pythonw.exe")  # opens no window
    executable = silent if silent.exists() else python
    arguments = [executable, "-E", "-P", "-B", "-m", SERVER, *(path.absolute() for path in catalogs)]
    first, *others = map(str, arguments)
    return f'"{first}" {subprocess.list2cmdline(others)}'


def check_system(environment: Mapping[str, str]) -> None:
    """Refuse where the add-in cannot work.

    Raises
    ------
    UsageError
        This is not Windows, or Python keeps a registry of its own, or nothing says which folder is the user's.
    """
    if platform.system() != "Windows":
        raise UsageError(
            f"the classic add-in is for Excel on Windows; this is {platform.system()}. "
            "See what would be written with --dry-run, and addin/README.md for what works here"
        )
    if "WindowsApps" in sys.executable or "WindowsApps" in sys.base_prefix:
        raise UsageError(
            "this Python comes from the Microsoft Store, and Excel does not see what it writes into the registry; "
            "use one from python.org"
        )
    if not environment.get("APPDATA"):
        raise UsageError("APPDATA is not set, so Excel's start-up folder is not known; sign in as the user of Excel")


def check_packages() -> None:
    """Refuse where something is missing that the Python behind the add-in needs.

    Raises
    ------
    ModuleNotFoundError
        Names it.
    """
    for module in ("xlwings", "win32com"):
        importlib.import_module(module)  # what is missing is named by the one who calls


def install(plan: Plan, content: bytes, registry: Registry) -> None:
    """Write the add-in and what Windows has to know.

    Raises
    ------
    WorkbookError
        The file cannot be written; then nothing else is.
    """
    path = Path(plan.file)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_file(path, content)
    except WorkbookError as error:
        raise WorkbookError(f"{error}; close Excel and try again") from error
    for key, value in plan.keys.items():
        registry.write(key, value)


def answer() -> str:
    """What the Python behind the add-in says of itself, started by Windows as it is started for Excel.

    Raises
    ------
    ProgramError
        Windows does not start it.
    """
    client = importlib.import_module("win32com.client")
    failure: type[Exception] = importlib.import_module("pywintypes").com_error
    try:
        return "\n".join(str(client.Dispatch(PROG_ID).About()).splitlines())
    except failure as error:
        raise ProgramError(
            f"installed, but Windows does not start the Python behind it ({error}); cells will show #NAME?"
        ) from error


def uninstall(plan: Plan, registry: Registry) -> list[str]:
    """Remove all that an installation wrote; what there was.

    Raises
    ------
    WorkbookError
        The file cannot be removed; then nothing else is.
    """
    path = Path(plan.file)
    removed = []
    try:
        path.unlink()
        removed.append(str(path))
    except FileNotFoundError:
        pass
    except OSError as error:
        raise WorkbookError(f"{path}: cannot be removed ({error.strerror}); close Excel and try again") from None
    return removed + [f"HKCU\\{key}" for key in plan.roots if registry.remove(key)]


def signed(path: Path) -> bytes:
    """The content of an add-in file that was made elsewhere, such as one that a company signed.

    Raises
    ------
    WorkbookError
        It is no add-in, or not ours.
    """
    try:
        package = Package.read(path)
    except WorkbookError as error:
        if not path.exists():
            raise
        raise WorkbookError(f"{path}: is no Excel add-in; {_OURS}") from error
    kind = package.content_type(package.workbook_part) or ""
    if "addin.macroEnabled" not in kind or "xl/vbaProject.bin" not in package.parts:
        raise WorkbookError(f"{path}: is no Excel add-in; {_OURS}")
    if not is_ours(package.parts["xl/vbaProject.bin"]):
        raise WorkbookError(f"{path}: is the add-in of something else; {_OURS}")
    return path.read_bytes()


class UserRegistry:
    """The registry of Windows, HKEY_CURRENT_USER."""

    def __init__(self) -> None:
        self._api: Any = importlib.import_module("winreg")  # only Windows has it
        # Excel of 32 bits on a Windows of 64 looks for classes in a part of its own.
        self._views = (self._api.KEY_WOW64_64KEY, self._api.KEY_WOW64_32KEY)

    def write(self, key: str, value: str) -> None:
        """Set the default value of a key, which is made if need be."""
        user = self._api.HKEY_CURRENT_USER
        try:
            for view in self._views:
                with self._api.CreateKeyEx(user, key, 0, self._api.KEY_SET_VALUE | view) as handle:
                    self._api.SetValueEx(handle, "", 0, self._api.REG_SZ, value)
        except OSError as error:
            raise ProgramError(f"HKCU\\{key}: Windows does not let it be written ({error.strerror})") from error

    def remove(self, key: str) -> bool:
        """Remove a key and all below it; whether it was there."""
        removed = [self._remove(key, view) for view in self._views]
        return any(removed)

    def _remove(self, key: str, view: int) -> bool:
        user = self._api.HKEY_CURRENT_USER
        try:
            with self._api.OpenKeyEx(user, key, 0, self._api.KEY_READ | view) as handle:
                count = self._api.QueryInfoKey(handle)[0]
                below = [self._api.EnumKey(handle, place) for place in range(count)]
        except FileNotFoundError:
            return False
        for name in below:
            self._remove(f"{key}\\{name}", view)
        self._api.DeleteKeyEx(user, key, view, 0)
        return True
