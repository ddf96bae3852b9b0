"""``valuehour merge``."""

from __future__ import annotations

from pathlib import Path

import click

from valuehour.cli.fill import write
from valuehour.cli.output import complain


@click.command(short_help="Make one workbook of several filled copies.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The workbook to write.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="Also write the report as JSON.")
@click.option("--strict", is_flag=True, help="Write nothing and exit with 1 when anything contradicts or is double.")
def merge(files: tuple[Path, ...], out: Path, report: Path | None, strict: bool) -> None:
    """Make one workbook of several filled copies of one template, one per department, say.

    The first file is the base and keeps what its planner added. Each row carries the name of its source file. Inputs
    that contradict each other and rows that are there twice are listed, and none is dropped. Totals tie to the sources.
    """
    from valuehour.ooxml import Package
    from valuehour.ooxml.container import write_file
    from valuehour.workbooks.merge import merge as merged

    filled, found = merged([(name, Package.read(path)) for name, path in zip(_names(files), files, strict=True)])
    for line in found.lines():
        click.echo(line)
    if report is not None:
        write_file(report, found.to_json().encode())
    if strict and (found.contradictions or found.doubles or found.differing or found.rules):
        complain("the files contradict each other or hold rows twice; with --strict nothing is written")
        raise SystemExit(1)
    write(filled.package, out)
    click.echo(str(out))
    for place in filled.kept:
        complain(f"{place}: keeps its value until a spreadsheet opens the file: the engine cannot calculate it")


def _names(files: tuple[Path, ...]) -> list[str]:
    """The name of each file; as much of its path as tells it from the others."""
    names = [path.name for path in files]
    return [name if names.count(name) == 1 else str(path) for name, path in zip(names, files, strict=True)]
