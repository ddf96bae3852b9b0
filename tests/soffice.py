"""LibreOffice Calc in the tests: starts take turns, and an office with our extension is installed once for all of them.

Two starts at a time would time each other out on a small machine.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from valuehour.hosts.calc.extension import NAME, extension
from valuehour.hosts.calc.program import Calc, calc

Taxonomy = tuple[tuple[str, str], ...]

QUESTIONS = Path(__file__).with_name("calc_session.py")


def convert(files: Sequence[Path], to: str, out: Path) -> list[Path]:
    """Recalculate files without our extension and write them in another format (``xlsx``, ``pdf``…), in one start."""
    with turn(), calc() as office:
        return office.convert(files, to, out)


def convert_with_extension(files: Sequence[Path], to: str, out: Path, taxonomy: Taxonomy) -> list[Path]:
    """The same with our extension, whose GROUPINGS knows this taxonomy."""
    office = with_extension(taxonomy)
    with turn():
        return office.convert(files, to, out)


@cache
def with_extension(taxonomy: Taxonomy) -> Calc:
    """An office with our extension, for as long as the tests run."""
    rooms = contextlib.ExitStack()
    atexit.register(rooms.close)
    office = rooms.enter_context(calc())
    folder = Path(rooms.enter_context(tempfile.TemporaryDirectory(prefix="valuehour-extension-")))
    oxt = folder / NAME
    oxt.write_bytes(extension(taxonomy))
    with turn():
        office.install(oxt)
    return office


class Session:
    """A running office that answers the questions of ``calc_session.py``, asked by a Python that knows it."""

    def __init__(self, python: str, pipe: str) -> None:
        self.python = python
        self.pipe = pipe

    def ask(self, task: str, *arguments: object) -> Any:
        """The answer, read from JSON."""
        command = [self.python, QUESTIONS, self.pipe, task, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{task} ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)


@contextlib.contextmanager
def session(taxonomy: Taxonomy) -> Iterator[Session]:
    """An office with our extension that stays open and answers."""
    office = with_extension(taxonomy)
    pipe = f"valuehour-{os.getpid()}"
    command = [office.program.soffice, *office.settings, "--headless", "--norestore", "--nologo"]
    with turn():
        process = subprocess.Popen(
            [*command, f"--accept=pipe,name={pipe};urp"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            yield Session(_python_with_uno(office), pipe)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _python_with_uno(office: Calc) -> str:
    """LibreOffice's own Python, or that of the system."""
    for python in (str(office.program.soffice.resolve().with_name("python")), "/usr/bin/python3", "python3"):
        with contextlib.suppress(OSError):
            if subprocess.run([python, "-c", "import uno"], capture_output=True, check=False).returncode == 0:
                return python
    raise RuntimeError("there is no Python with LibreOffice's uno")


@contextlib.contextmanager
def turn() -> Iterator[None]:
    """Wait until no other test process has LibreOffice started."""
    with (Path(tempfile.gettempdir()) / f"valuehour-soffice-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
