"""``valuehour verify``."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command(short_help="Recalculate workbooks and name every cell that is wrong.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(files: tuple[Path, ...], as_json: bool) -> None:
    """Recalculate workbooks and compare every cached value, function result and formula; check the file's syntax.

    Exits with 1 when anything differs, is missing or was overwritten, and names the cell.
    """
    from valuehour.ooxml import Package
    from valuehour.workbooks.verify import verify as judge

    verdicts = []
    for file in files:
        verdict = judge(Package.read(file))
        verdicts.append(verdict)
        if as_json:
            continue
        looked = f"{verdict.formulas} formulas, {verdict.function_cells} with function results checked in Python"
        if verdict.ok:
            click.echo(f"{file}: ok: {looked}")
            continue
        count = len(verdict.differences)
        click.echo(f"{file}: {count} finding{'s' if count != 1 else ''}: {looked}")
        for difference in verdict.differences:
            click.echo(f"  {difference}")
    if as_json:
        report = [
            {
                "file": str(file),
                "ok": verdict.ok,
                "formulas": verdict.formulas,
                "function_cells": verdict.function_cells,
                "findings": [
                    {"sheet": d.sheet, "cell": d.cell, "kind": d.kind, "found": d.found, "expected": d.expected}
                    for d in verdict.differences
                ],
            }
            for file, verdict in zip(files, verdicts, strict=True)
        ]
        click.echo(json.dumps({"ok": all(v.ok for v in verdicts), "files": report}, indent=2, ensure_ascii=False))
    if not all(verdict.ok for verdict in verdicts):
        raise SystemExit(1)
