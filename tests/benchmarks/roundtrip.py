"""Filling a table of 100,000 rows and regenerating a workbook of 50,000, against XlsxWriter and openpyxl.

Each run is a process of its own: ``python -m tests.benchmarks.roundtrip WAY FILE CSV``.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.timing import Row, in_turns
from valuehour.ooxml import Package, entered, patch_cells
from valuehour.workbooks.build import build
from valuehour.workbooks.fill import fill
from valuehour.workbooks.sources import load
from valuehour.workbooks.templates import template

TEMPLATE, TABLE = "workflow_outcomes", "tblWorkflows"
TYPED_OVER = "C15"
HEADS = (
    "workflow",
    "job_to_do",
    "success_rule",
    "nearest_metric",
    "unit",
    "importance",
    "target",
    "in_scope",
)
MEGABYTE = 1_000_000

NOTE = """\
[6] Filling: the empty template and a CSV file of 8 columns in, the filled workbook out: read, checked, written, all
    formulas of the workbook calculated anew. XlsxWriter writes the same rows to one sheet in constant-memory mode, and
    openpyxl loads the template, sets the same cells and saves it; neither checks or calculates. Memory is the peak of
    the process above what it held before it read the files; ours includes the engine's. The table filled is the
    register of workflows, whose columns are all typed; a table with formulas takes as many rows as the engine takes
    formulas (100,000 in a workbook), and is refused with the number that fits beyond that.
[8] A workbook of the current version with 50,000 rows of the same table, in which one formula was typed over:
    all of it read and checked, the formula put back, everything calculated anew. openpyxl loads and saves the file."""


class Sample(NamedTuple):
    """What one process needed."""

    seconds: float
    megabytes: float


def rows(*, quick: bool) -> Iterator[Row]:
    """Time and memory of filling."""
    height, runs = (100, 1) if quick else (100_000, 3)
    with tempfile.TemporaryDirectory() as folder:
        path, data, filled = (Path(folder, name) for name in ("template.xlsx", "rows.csv", "filled.xlsx"))
        build(TEMPLATE).package.write(path)
        _write_rows(data, height)
        own, xlsxwriter, openpyxl = in_turns(
            runs, *(lambda way=way: _child(way, path, data) for way in ("ours", "xlsxwriter", "openpyxl"))
        )
        _write_rows(data, height // 2)
        package = fill(Package.read(path), load(data, template(TEMPLATE), TABLE)).package
        patch_cells(package, "Results", {TYPED_OVER: entered(5.0)})
        package.write(filled)
        renewed, resaved = in_turns(
            runs, *(lambda way=way: _child(way, filled, data) for way in ("regenerate", "resave"))
        )
    what = f"fill {height:,} rows × {len(HEADS)}"
    for rival, others, most in (("XlsxWriter, constant memory [6]", xlsxwriter, 0.5), ("openpyxl [6]", openpyxl, 0.2)):
        seconds = [sample.seconds for sample in others]
        yield Row(what=what, own=[s.seconds for s in own], rival=rival, others=seconds, most_times=most)
    yield Row(
        what=f"{what}, peak memory",
        own=[sample.megabytes for sample in own],
        rival="XlsxWriter, constant memory [6]",
        others=[sample.megabytes for sample in xlsxwriter],
        unit="MB",
        most=64,
    )
    what, rival = f"regenerate {height // 2:,} rows", "openpyxl load and save [8]"
    yield Row(what=what, own=[s.seconds for s in renewed], rival=rival, others=[s.seconds for s in resaved], most=3)
    yield Row(
        what=f"{what}, peak memory",
        own=[sample.megabytes for sample in renewed],
        rival=rival,
        others=[sample.megabytes for sample in resaved],
        unit="MB",
        most=150,
    )


def _write_rows(path: Path, height: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADS)
        for row in range(height):
            text = (f"Workflow {row}", f"Job {row % 97}", "done in time", "hours saved", "h")
            writer.writerow([*text, 1 + row % 5, row / height, "yes"])


def _child(way: str, path: Path, data: Path) -> Sample:
    command = [sys.executable, "-m", "tests.benchmarks.roundtrip", way, str(path), str(data)]
    return Sample(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _ours(path: Path, data: Path) -> Callable[[], bytes]:
    spec = template(TEMPLATE)
    return lambda: fill(Package.read(path), load(data, spec, TABLE)).package.to_bytes()


def _read(data: Path) -> Iterator[list[float | str]]:
    with data.open(encoding="utf-8", newline="") as stream:
        for row in csv.reader(stream):
            if row[0] != HEADS[0]:
                yield [*row[:5], float(row[5]), float(row[6]), row[7]]


def _xlsxwriter(_path: Path, data: Path) -> Callable[[], bytes]:
    import xlsxwriter

    def work() -> bytes:
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"constant_memory": True})
        sheet = book.add_worksheet()
        for number, row in enumerate(_read(data)):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                else:
                    sheet.write_number(number, column, value)
        book.close()
        return stream.getvalue()

    return work


def _openpyxl(path: Path, data: Path) -> Callable[[], bytes]:
    from openpyxl import load_workbook
    from openpyxl.utils import range_boundaries

    def work() -> bytes:
        book = load_workbook(path)
        sheet = next(sheet for sheet in book.worksheets if TABLE in sheet.tables)
        left, top, _, _ = range_boundaries(sheet.tables[TABLE].ref)
        for down, row in enumerate(_read(data), 1):
            for right, value in enumerate(row):
                sheet.cell(top + down, left + right).value = value
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    return work


def _regenerate(path: Path, _data: Path) -> Callable[[], bytes]:
    from valuehour.workbooks.regenerate import regenerate

    def work() -> bytes:
        package, report = regenerate(Package.read(path))
        assert [item["cell"] for item in report.conflicts] == [TYPED_OVER]
        return package.to_bytes()

    return work


def _resave(path: Path, _data: Path) -> Callable[[], bytes]:
    from openpyxl import load_workbook

    def work() -> bytes:
        stream = io.BytesIO()
        load_workbook(path).save(stream)
        return stream.getvalue()

    return work


WAYS = {
    "ours": _ours,
    "xlsxwriter": _xlsxwriter,
    "openpyxl": _openpyxl,
    "regenerate": _regenerate,
    "resave": _resave,
}


def main(way: str, path: Path, data: Path) -> None:
    """Work in this process and print what it needed."""
    work = WAYS[way](path, data)
    before = _peak()
    start = time.perf_counter()
    result = work()
    sample = Sample(time.perf_counter() - start, (_peak() - before) / MEGABYTE)
    assert result.startswith(b"PK")
    print(json.dumps(sample._asdict()))


def _peak() -> int:
    """The most memory that this process has held, in bytes."""
    from tests.benchmarks.patching import _peak as peak

    return peak()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
