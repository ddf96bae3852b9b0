"""``valuehour read``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from valuehour.cli.output import complain, print_json

if TYPE_CHECKING:
    from valuehour.workbooks.read import Contents


@click.command(short_help="Print what a workbook holds, by name, and what does not fit.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--out",
    "out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write DIR/inputs.json, DIR/results.json and one CSV a table.",
)
def read(file: Path, as_json: bool, out: Path | None) -> None:
    """Read what a workbook holds: inputs and results by name, tables as records.

    Every value is checked against the template. With problems, it exits with 1 and names each by sheet and cell, on
    standard error or, with --json, under "problems".
    """
    from valuehour.ooxml import Package
    from valuehour.workbooks.validated import validated

    found, problems = validated(Package.read(file))
    if out is not None:
        _write(found, out)
    if as_json:
        listed = {"problems": [problem.as_dict() for problem in problems]} if problems else {}
        print_json({**found.as_dict(), **listed})
    else:
        _print(found)
        for problem in problems:
            complain(f"{file.name}: {problem}")
    if problems:
        raise SystemExit(1)


def _print(found: Contents) -> None:
    click.echo(f"{found.template} {found.version}, style {found.style}")
    for title, named in (("Inputs", found.inputs), ("Results", found.results)):
        click.echo(f"\n{title}")
        for name, value in named.items():
            if value is not None:
                click.echo(f"  {name:<36} {shown(value)}")
    click.echo("\nTables")
    for name, records in found.tables.items():
        click.echo(f"  {name:<36} {len(records)} record{'s' if len(records) != 1 else ''}")


def _write(found: Contents, folder: Path) -> None:
    """Write what was read as files for other programs."""
    from valuehour.ooxml.container import write_file
    from valuehour.workbooks.records import to_csv

    folder.mkdir(parents=True, exist_ok=True)
    for name, values in (("inputs", found.inputs), ("results", found.results)):
        write_file(folder / f"{name}.json", (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode())
    for name, records in found.tables.items():
        write_file(folder / f"{name}.csv", to_csv(records).encode())


def shown(value: Any) -> str:
    """A value for the terminal: numbers with separators, at most ten significant figures."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"
