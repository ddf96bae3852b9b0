"""Cells patched in a large sheet, against openpyxl loading and saving it. Each run is a process of its own.

``python -m tests.benchmarks.patching ours|openpyxl FILE HEIGHT COUNT`` prints seconds and megabytes as JSON.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
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
        own, others = in_turns(
            runs,
            lambda: _child("ours", path, height, count),
            lambda: _child("openpyxl", path, height, count),
        )
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


def _child(way: str, path: Path, height: int, count: int) -> Sample:
    command = [sys.executable, "-m", "tests.benchmarks.patching", way, str(path), str(height), str(count)]
    return Sample(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def main(way: str, path: Path, height: int, count: int) -> None:
    """Patch in this process and print what it needed."""
    # Spread over the whole sheet, in the columns of numbers.
    values = {
        f"{get_column_letter(2 + place % (COLUMNS - 2))}{1 + place * height // count}": place + 0.5
        for place in range(count)
    }
    before = _peak()
    start = time.perf_counter()
    data = WAYS[way](path, values)
    sample = Sample(time.perf_counter() - start, (_peak() - before) / MEGABYTE)
    found = {cell.ref: cell.value for cell in read_cells(Package.read(data), SHEET)}
    assert {ref: found[ref] for ref in values} == values
    print(json.dumps(sample._asdict()))


def _ours(path: Path, values: Mapping[str, float]) -> bytes:
    package = Package.read(path)
    patch_cells(package, SHEET, {ref: entered(value) for ref, value in values.items()})
    return package.to_bytes()


def _openpyxl(path: Path, values: Mapping[str, float]) -> bytes:
    book = load_workbook(path)
    sheet = book[SHEET]
    for ref, value in values.items():
        sheet[ref] = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


WAYS: dict[str, Callable[[Path, Mapping[str, float]], bytes]] = {"ours": _ours, "openpyxl": _openpyxl}


def _peak() -> int:
    """The most memory that this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():
        # Not getrusage: its peak counts the process that started this one.
        return 1024 * next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
