"""``valuehour addin``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from valuehour.hosts.excel.calls import Rows

CATALOGS = click.option(
    "--catalog",
    "catalogs",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A catalog file of your own, for GROUPINGS; may be given several times.",
)


@click.group()
def addin() -> None:
    """Make what a spreadsheet program installs to know our functions."""


@addin.command("build", short_help="Write add-ins: for LibreOffice, for Excel.")
@click.option("--calc", is_flag=True, help="The extension for LibreOffice Calc, valuehour.oxt.")
@click.option("--classic", is_flag=True, help="The add-in for Excel on Windows: valuehour.xlam, valuehour.bas.")
@click.option("--lite", is_flag=True, help="For xlwings Lite: main.py, requirements.txt and a wheel for the browser.")
@click.option("--wasm", is_flag=True, help="A site of plain files for Excel everywhere; needs --url and --pyodide.")
@click.option(
    "--out", "out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@click.option("--url", help="Web address of the folder in which the wheel (--lite) or the site (--wasm) will be.")
@click.option(
    "--pyodide",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="For --wasm: folder of the Pyodide distribution, Python for browsers.",
)
@click.option("--support-url", default="", help="For --wasm: web address where people get help.")
@CATALOGS
def build(
    calc: bool,
    classic: bool,
    lite: bool,
    wasm: bool,
    out: Path,
    url: str | None,
    pyodide: Path | None,
    support_url: str,
    catalogs: tuple[Path, ...],
) -> None:
    """Write add-ins to DIR, all but --wasm unless some are named; the same bytes for the same version and catalog.

    None of them needs a licence key or a server. How to install them, for one person or for a department: see
    addin/README.md.
    """
    from valuehour.catalog import load_catalog

    if wasm and (url is None or pyodide is None):
        raise click.UsageError("--wasm needs --url and --pyodide")
    everything = not (calc or classic or lite or wasm)
    if url is not None and not (lite or wasm or everything):
        raise click.UsageError("--url is for --lite and --wasm")
    if not wasm and (pyodide is not None or support_url):
        raise click.UsageError("--pyodide and --support-url are for --wasm")
    taxonomy = load_catalog(*catalogs).taxonomy()
    if calc or everything:
        _build_calc(out, taxonomy)
    if classic or everything:
        _build_classic(out, catalogs)
    if lite or everything:
        _build_lite(out, taxonomy, url)
    if wasm and url is not None and pyodide is not None:
        _build_wasm(out, taxonomy, url, pyodide, support_url)


@addin.command("install", short_help="Install the classic add-in into Excel on Windows.")
@click.option(
    "--file",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="An add-in that was built before, such as one that your company signed.",
)
@CATALOGS
@click.option("--dry-run", is_flag=True, help="Only say what would be written.")
def install(file: Path | None, catalogs: tuple[Path, ...], dry_run: bool) -> None:
    """Install the classic add-in into Excel on Windows, for the current user; close Excel first.

    It calculates with the Python that runs this command. No administrator is needed, nothing is opened. A newer
    version, or another Python, is installed over the old one.
    """
    import os

    from valuehour.catalog import load_catalog
    from valuehour.hosts.classic import install as steps
    from valuehour.hosts.classic.addin import UNVERIFIED, addin

    load_catalog(*catalogs)  # refuse here what would give #VALUE! in cells
    plan = steps.plan(os.environ, catalogs)
    given = steps.signed(file) if file else None
    if dry_run:
        click.echo("\n".join(plan.lines()))
        return
    steps.check_system(os.environ)
    steps.check_packages()
    steps.install(plan, given or addin(), steps.UserRegistry())
    click.echo(f"{plan.file}: installed ({UNVERIFIED})")
    click.echo(steps.answer())
    click.echo("start Excel and type =VALUE_PER_HOUR(88000000,3) into a cell")


@addin.command("uninstall", short_help="Remove the classic add-in from Excel.")
def uninstall() -> None:
    """Remove the classic add-in of the current user from Excel on Windows; close Excel first."""
    import os

    from valuehour.hosts.classic import install as steps

    steps.check_system(os.environ)
    removed = steps.uninstall(steps.plan(os.environ), steps.UserRegistry())
    click.echo("\n".join(f"removed {what}" for what in removed) or "nothing was installed")


def _build_calc(out: Path, taxonomy: Rows) -> None:
    from valuehour.hosts.calc.extension import NAME, extension

    path = out / NAME
    _write(path, extension(taxonomy), f"install it with: unopkg add {path}")


def _build_classic(out: Path, catalogs: tuple[Path, ...]) -> None:
    from subprocess import list2cmdline

    from valuehour.hosts.classic.addin import MODULE_NAME, NAME, UNVERIFIED, addin
    from valuehour.hosts.classic.code import functions_module

    # The functions are calculated by the Python that is installed with it, so the catalogs are named there.
    install = list2cmdline(["valuehour", "addin", "install", *(f"--catalog={path}" for path in catalogs)])
    _write(out / NAME, addin(), f"install it on Windows with: {install} ({UNVERIFIED})")
    _write(out / MODULE_NAME, functions_module().encode("ascii"), "the same functions, to import into a workbook")


def _build_lite(out: Path, taxonomy: Rows, url: str | None) -> None:
    from valuehour.hosts.lite.workbook import PURPOSES, files_for

    for name, content in files_for(taxonomy, url=url).items():
        _write(out / name, content, PURPOSES[name])


def _build_wasm(out: Path, taxonomy: Rows, url: str, pyodide: Path, support_url: str) -> None:
    from valuehour.hosts.lite.site import site

    total = 0
    for name, content in site(taxonomy, url=url, pyodide=pyodide, support_url=support_url):
        _write(out / name, content)
        total += len(content)
    click.echo(f"{out}  {total:,} bytes; put everything in it at {url}, then give manifest.xml to Excel")


def _write(path: Path, content: bytes, what: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)  # not before there is something to write
    path.write_bytes(content)
    if what:
        click.echo(f"{path}  {len(content):,} bytes; {what}")
