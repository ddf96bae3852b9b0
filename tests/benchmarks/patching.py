"""Cells patched in a large sheet, against openpyxl loading and saving it. Each run is a process of its own.

``python -m tests.benchmarks.patching ours|openpyxl FILE COUNT`` patches and prints seconds and megabytes as JSON.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from tests.benchmarks.timing import Row, in_turns
from valuehour.ooxml import Package, entered, patch_cells, read_cells

COLUMNS = 8
SHEET = "Data"
MEGABYTE = 1_000_000

NOTE = """\
[3] Read the file, set the same cells, write the file to memory; openpyxl loses what it does not know on the way. The
    memory is the peak of the process above what it held before it read the file."""


class Sample(NamedTuple):
    """What one process needed."""

    seconds: float
    megabytes: float


def rows(*, quick: bool) -> Iterator[Row]:
    """Time and memory."""
    height, count, runs = (200, 20, 1) if quick else (50_000, 5_000, 3)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "large.xlsx")
        _write_sheet(path, height)
        own, others = in_turns(runs, lambda: _child("ours", path, count), lambda: _child("openpyxl", path, count))
    what = f"patch {count:,} cells of {height:,} × {COLUMNS}"
    rival = "openpyxl load and save [3]"
    yield Row(what=what, own=[s.seconds for s in own], rival=rival, others=[s.seconds for s in others])
    yield Row(
        what=f"{what}, peak memory",
        own=[s.megabytes for s in own],
        rival=rival,
        others=[s.megabytes for s in others],
        unit="MB",
    )


def _write_sheet(path: Path, height: int) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    for row in range(1, height + 1):
        sheet.append([f"row {row}", *(row * column / 7 for column in range(2, COLUMNS)), f"=B{row}*2"])
    book.save(path)


def _child(way: str, path: Path, count: int) -> Sample:
    command = [sys.executable, "-m", "tests.benchmarks.patching", way, str(path), str(count)]
    return Sample(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _new_values(path: Path, count: int) -> dict[str, float]:
    """Spread over the whole sheet; all of them in columns of numbers."""
    height = int(path.stat().st_size and _height(path))
    step = max(1, height // count)
    return {
        f"{get_column_letter(2 + at % (COLUMNS - 2))}{1 + at * step}": at + 0.5
        for at in range(min(count, height))
    }
