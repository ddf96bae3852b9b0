"""``valuehour verify``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from valuehour.cli.output import complain, print_json

if TYPE_CHECKING:
    from valuehour.hosts.calc.recalculation import Recalculated
    from valuehour.ooxml import Package
    from valuehour.workbooks.verify import Verdict

SHOWN = 20


@click.command(short_help="Recalculate workbooks and name every cell that is wrong.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--calc", is_flag=True, help="Recalculate in LibreOffice Calc as well, with our extension.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with every finding.")
@click.option("--all", "everything", is_flag=True, help=f"Print every finding, not only {SHOWN} a file.")
def verify(files: tuple[Path, ...], calc: bool, as_json: bool, everything: bool) -> None:
    """Recalculate workbooks and compare every cached value, function result and formula; check the file's syntax.

    Exits with 1 when anything differs, is missing or was overwritten, and names the cell; with 2 when a file cannot
    be read.
    """
    from valuehour.errors import ValuehourError, WorkbookError
    from valuehour.ooxml import Package
    from valuehour.workbooks.verify import verify as judge

    report = []
    packages: dict[Path, Package] = {}
    for file in files:
        try:
            packages[file] = Package.read(file)
        except WorkbookError as error:
            # One file that cannot be read does not keep the others from being verified.
            complain(error)
            report.append({"file": str(file), "ok": False, "error": str(error)})
    unreadable = bool(report)
    recalculated = _in_calc(packages) if calc else {}
    for file, package in packages.items():
        verdict = judge(package)
        report.append(_reported(file, verdict, recalculated.get(file)))
        if not as_json:
            _print(file, verdict, recalculated.get(file), everything)
    ok = all(entry["ok"] for entry in report)
    if as_json:
        print_json({"ok": ok, "files": report})
    if not ok:
        raise SystemExit(ValuehourError.exit_code if unreadable else 1)


def _in_calc(packages: dict[Path, Package]) -> dict[Path, Recalculated]:
    from valuehour.catalog import load_catalog
    from valuehour.hosts.calc.extension import extension
    from valuehour.hosts.calc.program import find
    from valuehour.hosts.calc.recalculation import recalculate

    program = find()
    if not packages:
        return {}
    found = recalculate(list(packages.values()), extension(load_catalog().taxonomy()), program)
    return dict(zip(packages, found, strict=True))


def _reported(file: Path, verdict: Verdict, recalculated: Recalculated | None) -> dict[str, Any]:
    findings = [*verdict.differences, *(recalculated.differences if recalculated else ())]
    in_calc = {"calc": {"program": recalculated.program, "formulas": recalculated.formulas}} if recalculated else {}
    return {
        "file": str(file),
        "ok": not findings,
        "formulas": verdict.formulas,
        "function_cells": verdict.function_cells,
        **in_calc,
        "findings": [
            {"sheet": d.sheet, "cell": d.cell, "kind": d.kind, "found": d.found, "expected": d.expected}
            for d in findings
        ],
    }


def _print(file: Path, verdict: Verdict, recalculated: Recalculated | None, everything: bool) -> None:
    looked = f"{verdict.formulas} formulas, {verdict.function_cells} with function results checked in Python"
    findings = list(verdict.differences)
    if recalculated is not None:
        looked += f", {recalculated.formulas} recalculated in {recalculated.program}"
        findings += recalculated.differences
    if not findings:
        click.echo(f"{file}: ok: {looked}")
        return
    count = len(findings)
    click.echo(f"{file}: {count} finding{'s' if count != 1 else ''}: {looked}")
    cut = count if everything else SHOWN
    for difference in findings[:cut]:
        click.echo(f"  {difference}")
    if count > cut:
        click.echo(f"  and {count - cut} more; --all shows them")
