"""``valuehour read``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from valuehour.cli.output import print_json


@click.command(short_help="Print what a workbook holds, by name.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def read(file: Path, as_json: bool) -> None:
    """Read what a workbook holds: inputs and results by name, tables as records."""
    from valuehour.ooxml import Package
    from valuehour.workbooks.read import read as contents

    found = contents(Package.read(file))
    if as_json:
        print_json(found.as_dict())
        return
    click.echo(f"{found.template} {found.version}, style {found.style}")
    for title, named in (("Inputs", found.inputs), ("Results", found.results)):
        click.echo(f"\n{title}")
        for name, value in named.items():
            if value is not None:
                click.echo(f"  {name:<36} {shown(value)}")
    click.echo("\nTables")
    for name, records in found.tables.items():
        click.echo(f"  {name:<36} {len(records)} record{'s' if len(records) != 1 else ''}")


def shown(value: Any) -> str:
    """A value for the terminal: numbers with separators, at most ten significant figures."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"
