"""``python -m tests.benchmarks``: what must be fast, as one table of ratios. ``--quick``: does it still run?"""

from __future__ import annotations

import argparse
import os
import platform

import openpyxl

from tests import licence  # noqa: F401  before xlwings is imported
from tests.benchmarks import (
    browser,
    calc,
    commands,
    excel,
    functions,
    ledger,
    outcomes,
    patching,
    roundtrip,
    server,
    wasm,
    workbooks,
)
from tests.benchmarks.timing import head, line


def main() -> None:
    """Print the table row by row. A missed aim is said, and is no failure: another machine has another speed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="tiny sizes and few runs, in seconds; aims are not judged")
    quick = parser.parse_args().quick
    print(
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {os.cpu_count()} cores; "
        f"openpyxl {openpyxl.__version__} with{'' if openpyxl.LXML else 'out'} lxml"
    )
    print("Medians of several runs, taken in turns with what they are compared with.\n")
    print(head(), flush=True)
    rooms = (workbooks, functions, commands, patching, ledger, calc, roundtrip, outcomes, excel, server, browser, wasm)
    for room in rooms:
        for row in room.rows(quick=quick):
            print(line(row, judged=not quick), flush=True)
    print(f"\n{workbooks.NOTE}\n{patching.NOTE}\n{ledger.NOTE}\n{roundtrip.NOTE}\n{outcomes.NOTE}\n{server.NOTE}")


if __name__ == "__main__":
    main()
