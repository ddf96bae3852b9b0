"""LibreOffice, started headless for one task and stopped for certain, with our extension and nothing else of anybody's.

Every start has its own process group and a time limit, so that nothing hangs and nothing stays behind, and a profile
that is thrown away: the user's own LibreOffice is never touched, and may be open meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from valuehour.errors import ProgramError

TIME_LIMIT = 180.0
EXTENSIONS = "extensions"

_PLACES = {
    "darwin": ("/Applications/LibreOffice.app/Contents/MacOS/soffice",),
    "win32": (r"C:\Program Files\LibreOffice\program\soffice.com",),
}
_PYTHON = "pythonloader.py"
_VERSION = re.compile(r"LibreOffice(?:Dev)? (\d+)\.(\d+)")
_ALWAYS = "0"  # of: always, never, ask
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>{mode}\
</value></prop><prop oor:name="ODFRecalcMode" oor:op="fuse"><value>{mode}</value></prop></item>
</oor:items>
"""


@dataclass(frozen=True, slots=True)
class Program:
    """An installed LibreOffice."""

    soffice: Path
    unopkg: Path
    version: tuple[int, int]

    @property
    def runs_python(self) -> bool:
        """Whether extensions written in Python run in it."""
        folder = self.soffice.resolve().parent
        return any(place.exists() for place in (folder / _PYTHON, folder.parent / "Resources" / _PYTHON))

    def __str__(self) -> str:
        """The name and version that people know it by."""
        return "LibreOffice {}.{}".format(*self.version)


def find() -> Program:
    """The LibreOffice of this machine.

    Raises
    ------
    ProgramError
        There is none, or it does not start.
    """
    found = shutil.which("soffice") or next(
        (place for place in _PLACES.get(sys.platform, ()) if Path(place).exists()), None
    )
    if found is None:
        raise ProgramError("soffice (LibreOffice Calc) is missing; install LibreOffice, or put its soffice on the PATH")
    soffice = Path(found)
    name = soffice.name.replace("soffice", "unopkg")
    beside = (soffice.with_name(name), soffice.resolve().with_name(name))
    unopkg = next((path for path in beside if path.exists()), None)
    if unopkg is None:
        raise ProgramError(f"{soffice} has no {name} beside it, which installs extensions; install all of LibreOffice")
    said = run([soffice, "--version"], limit=30)
    version = _VERSION.search(said)
    if version is None:
        raise ProgramError(f"{soffice} is no LibreOffice: it says {said!r}")
    return Program(soffice, unopkg, (int(version[1]), int(version[2])))


@dataclass(frozen=True, slots=True)
class Calc:
    """A LibreOffice with a profile of its own."""

    program: Program
    folder: Path

    def install(self, extension: Path, *, limit: float = TIME_LIMIT) -> str:
        """Install an extension, in place of an older one of the same identifier; what the program says about it.

        Raises
        ------
        ProgramError
            The program refuses it or takes too long, or this LibreOffice runs no Python.
        """
        if not self.program.runs_python:
            raise ProgramError(
                f"{self.program} is installed without Python, in which our functions run; "
                "on Debian and Ubuntu: apt install python3-uno"
            )
        # For all users of this profile: for one user, the program refuses to work for an administrator.
        return self._run(self.program.unopkg, "add", "--shared", "--force", extension, limit=limit)

    def remove(self, identifier: str, *, limit: float = TIME_LIMIT) -> str:
        """Remove an extension by its identifier."""
        return self._run(self.program.unopkg, "remove", "--shared", identifier, limit=limit)

    def extensions(self, *, limit: float = TIME_LIMIT) -> str:
        """What is installed, as the program lists it."""
        return self._run(self.program.unopkg, "list", "--shared", limit=limit)

    def convert(self, files: Sequence[Path], to: str, out: Path, *, limit: float = TIME_LIMIT) -> list[Path]:
        """Recalculate files and write them in another format, in one start; the new files in the same order.

        Raises
        ------
        ProgramError
            The program wrote no such file, or took too long.
        """
        command = ("--headless", "--norestore", "--nologo", "--convert-to", to, "--outdir", out)
        said = self._run(self.program.soffice, *command, *files, limit=limit)
        written = [out / f"{file.stem}.{to.partition(':')[0]}" for file in files]
        missing = [path.name for path in written if not path.exists()]
        if missing:
            raise ProgramError(f"{self.program} wrote no {', '.join(missing)}: {said or 'it gave no reason'}")
        return written

    @property
    def settings(self) -> tuple[str, ...]:
        """What every start is told, so that it finds this profile and its extensions."""
        extensions = (self.folder / EXTENSIONS).as_uri()
        return (
            f"-env:UserInstallation={self.folder.as_uri()}",
            f"-env:UNO_SHARED_PACKAGES={extensions}",
            f"-env:UNO_SHARED_PACKAGES_CACHE={extensions}",
        )

    def _run(self, program: Path, *arguments: str | Path, limit: float) -> str:
        first, *others = arguments  # unopkg wants its command before its settings
        return run([program, first, *self.settings, *others], limit=limit)


@contextlib.contextmanager
def calc(program: Program | None = None) -> Iterator[Calc]:
    """A LibreOffice with a profile that recalculates every file it loads and is thrown away in the end."""
    program = program or find()
    with tempfile.TemporaryDirectory(prefix="valuehour-calc-", ignore_cleanup_errors=True) as folder:
        user = Path(folder) / "user"
        user.mkdir()
        (user / "registrymodifications.xcu").write_text(_SETTINGS.format(mode=_ALWAYS), encoding="utf-8")
        yield Calc(program, Path(folder))


def run(command: Sequence[str | Path], *, limit: float) -> str:
    """Run a program in its own process group until it ends or its time is up; what it said.

    Raises
    ------
    ProgramError
        It does not start, fails, or takes too long.
    """
    name = Path(command[0]).name
    with tempfile.TemporaryFile() as said:  # a pipe would be held open by whatever the program leaves behind
        try:
            process = subprocess.Popen(  # noqa: S603  the programs of LibreOffice, without a shell
                list(map(str, command)), stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
            )
        except OSError as error:
            raise ProgramError(f"{name} does not start: {error.strerror}") from error
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            raise ProgramError(f"{name} did not finish within {limit:g} s and was stopped: {_text(said)}") from None
        finally:
            _end(process)
        if code != 0:
            raise ProgramError(f"{name} failed ({code}): {_text(said)}")
        return _text(said)


def _text(said: IO[bytes]) -> str:
    said.seek(0)
    lines = said.read().decode(errors="replace").split("\n")
    return "; ".join(line.strip() for line in lines if line.strip() and "javaldx" not in line)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and whatever it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
