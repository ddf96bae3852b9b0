"""``valuehour addin``."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def addin() -> None:
    """Make what a spreadsheet program installs to know our functions."""


@addin.command("build", short_help="Write an add-in: --calc for LibreOffice.")
@click.option("--calc", is_flag=True, help="The extension for LibreOffice Calc, valuehour.oxt.")
@click.option(
    "--out", "out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@click.option(
    "--catalog",
    "catalogs",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A catalog file of your own, for GROUPINGS; may be given several times.",
)
def build(calc: bool, out: Path, catalogs: tuple[Path, ...]) -> None:
    """Write an add-in to DIR; the same bytes for the same version and catalog.

    How to install it, for one person or for a department: see addin/README.md.
    """
    from valuehour.catalog import load_catalog
    from valuehour.errors import UsageError
    from valuehour.hosts.calc.extension import NAME, extension

    if not calc:
        raise UsageError("which add-in? allowed: --calc, the extension for LibreOffice Calc")
    content = extension(load_catalog(*catalogs).taxonomy())
    out.mkdir(parents=True, exist_ok=True)
    path = out / NAME
    path.write_bytes(content)
    click.echo(f"{path}  {len(content):,} bytes; install it with: unopkg add {path}")
