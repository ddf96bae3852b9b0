"""The classic add-in in an Excel in memory, which runs in a process of its own: xlwings is set up for Windows there."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class Excel:
    """Questions to ``tests/classic_excel.py``, which runs in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, question: str, *details: Any) -> Any:
        """The answer, read from JSON."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([question, *details]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"{question}: the Excel of the tests ended; see its error output"
        return json.loads(line)


@contextlib.contextmanager
def excel(addin: Path, *catalogs: Path) -> Iterator[Excel]:
    """An Excel that has loaded the add-in, as ``valuehour addin install --catalog …`` installs it."""
    command = [sys.executable, "-m", "tests.classic_excel", addin, *catalogs]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        yield Excel(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0
