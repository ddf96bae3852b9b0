"""``valuehour verify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from valuehour.cli.output import complain, print_json

if TYPE_CHECKING:
    from valuehour.workbooks.verify import Verdict


@click.command(short_help="Recalculate workbooks and name every cell that is wrong.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(files: tuple[Path, ...], as_json: bool) -> None:
    """Recalculate workbooks and compare every cached value, function result and formula; check the file's syntax.

    Exits with 1 when anything differs, is missing or was overwritten, and names the cell; with 2 when a file cannot
    be read.
    """
    from valuehour.errors import ValuehourError, WorkbookError
    from valuehour.ooxml import Package
    from valuehour.workbooks.verify import verify as judge

    report = []
    unreadable = False
    for file in files:
        try:
            verdict = judge(Package.read(file))
        except WorkbookError as error:
            # One file that cannot be read does not keep the others from being verified.
            unreadable = True
            complain(error)
            report.append({"file": str(file), "ok": False, "error": str(error)})
            continue
        report.append(_reported(file, verdict))
        if not as_json:
            _print(file, verdict)
    ok = all(entry["ok"] for entry in report)
    if as_json:
        print_json({"ok": ok, "files": report})
    if not ok:
        raise SystemExit(ValuehourError.exit_code if unreadable else 1)


def _reported(file: Path, verdict: Verdict) -> dict[str, Any]:
    return {
        "file": str(file),
        "ok": verdict.ok,
        "formulas": verdict.formulas,
        "function_cells": verdict.function_cells,
        "findings": [
            {"sheet": d.sheet, "cell": d.cell, "kind": d.kind, "found": d.found, "expected": d.expected}
            for d in verdict.differences
        ],
    }


def _print(file: Path, verdict: Verdict) -> None:
    looked = f"{verdict.formulas} formulas, {verdict.function_cells} with function results checked in Python"
    if verdict.ok:
        click.echo(f"{file}: ok: {looked}")
        return
    count = len(verdict.differences)
    click.echo(f"{file}: {count} finding{'s' if count != 1 else ''}: {looked}")
    for difference in verdict.differences:
        click.echo(f"  {difference}")
