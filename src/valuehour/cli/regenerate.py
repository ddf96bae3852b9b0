"""``valuehour regenerate``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from valuehour.cli.fill import write


@click.command(short_help="Bring a filled workbook to the current version.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The workbook to write.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Also write the report as JSON.")
@click.option(
    "--layout",
    type=click.Path(path_type=Path),
    help="The empty workbook of the file's own version, for a version that was not released or a catalog of your own.",
)
@click.option(
    "--catalog",
    "catalogs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A catalog file of your own, as the file was built with; may be given several times.",
)
def regenerate(file: Path, out: Path, report: Path | None, layout: Path | None, catalogs: tuple[Path, ...]) -> None:
    """Bring a filled workbook of an older version to the current one; everything that was added to it stays.

    Inputs are carried over by name and records by column. A value that does not fit the new version is listed as a
    conflict, with its cell. Where nothing lost and the new version cannot both be had, nothing is written, and the
    message says which part stands in the way.
    """
    from valuehour.catalog import load_catalog
    from valuehour.ooxml import Package
    from valuehour.ooxml.container import write_file
    from valuehour.workbooks.regenerate import regenerate as renewed

    empty = Package.read(layout) if layout is not None else None
    catalog = load_catalog(*catalogs) if catalogs else None
    package, found = renewed(Package.read(file), empty=empty, catalog=catalog)
    write(package, out)
    if report is not None:
        text = json.dumps(found.as_dict(), indent=2, ensure_ascii=False) + "\n"
        write_file(report, text.encode())
    for line in found.lines():
        click.echo(line)
    click.echo(str(out))
