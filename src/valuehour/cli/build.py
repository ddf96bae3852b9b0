"""``valuehour build``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valuehour.cli.output import progress

if TYPE_CHECKING:
    from valuehour.ooxml import Package

SHOWN_DIFFERENCES = 20
SHOWN_CHARACTERS = 40
MAX_ROWS = 10_000


@click.command(short_help="Build template workbooks, empty or from a scenario.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--out", "out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to."
)
@click.option(
    "--style",
    "styles",
    type=click.Choice(["native", "lambda", "xlwings", "officejs"]),
    multiple=True,
    default=["native"],
    show_default=True,
    help="native: plain Excel formulas; lambda: named LAMBDAs (Excel 365/2024); xlwings: our functions by name "
    "(classic add-in, Calc); officejs: the same for Office.js add-ins. May be given several times: each style has a "
    "folder of its own then.",
)
@click.option("--scenario", metavar="NAME|FILE.toml", help="What to fill in; without it the inputs stay empty.")
@click.option(
    "--rows",
    "rows",
    multiple=True,
    metavar="TABLE=COUNT",
    help="More rows to fill in a table than it comes with, e.g. tblWorkflows=200; may be given several times.",
)
@click.option(
    "--catalog",
    "catalogs",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A catalog file of your own; may be given several times.",
)
@click.option("--check", is_flag=True, help="Write nothing; compare with what is in the folder, cell by cell.")
def build(
    names: tuple[str, ...],
    out: Path,
    styles: tuple[str, ...],
    scenario: str | None,
    rows: tuple[str, ...],
    catalogs: tuple[Path, ...],
    check: bool,
) -> None:
    """Build template workbooks, all of them or those named, as DIR/NAME.xlsx; several styles as DIR/STYLE/NAME.xlsx.

    With --check, exits with 1 when a workbook in the folder is not what would be built.
    """
    from valuehour.catalog import load_catalog
    from valuehour.workbooks.scenario import load_scenario, scenario_template
    from valuehour.workbooks.templates import TEMPLATES, template

    catalog = load_catalog(*catalogs)
    wanted = list(dict.fromkeys(names))
    if not wanted:
        only = scenario_template(scenario) if scenario else None
        wanted = [only] if only is not None and only in TEMPLATES else list(TEMPLATES)
    specs = [template(name, catalog) for name in wanted]
    more = _rows(rows, [table.name for spec in specs for table in spec.tables if table.fillable])
    for spec in specs if scenario else ():
        load_scenario(spec, str(scenario))  # what is wrong with it is said before anything is built
    each = list(dict.fromkeys(styles))
    work = partial(_packages, styles=each, scenario=scenario, rows=more, catalogs=catalogs)
    built = {
        out / style / f"{name}.xlsx" if len(each) > 1 else out / f"{name}.xlsx": (style, package)
        for name, packages in zip(wanted, _in_processes(work, wanted), strict=True)
        for style, package in zip(each, packages, strict=True)
    }
    progress("")
    if check:
        failed = [path for path, (style, package) in built.items() if not _is_current(path, style, package)]
        if failed:
            raise SystemExit(1)
        return
    for path, (_, package) in built.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        package.write(path)
        click.echo(f"{path}  {package.digest()[:16]}")


def _packages(
    name: str, *, styles: list[str], scenario: str | None, rows: dict[str, int], catalogs: tuple[Path, ...]
) -> list[Package]:
    """One template, in each style."""
    from valuehour.catalog import load_catalog
    from valuehour.workbooks import build as workbooks
    from valuehour.workbooks.formula import Style
    from valuehour.workbooks.scenario import load_scenario
    from valuehour.workbooks.templates import template

    progress(f"building {name}")
    catalog = load_catalog(*catalogs)
    filling = load_scenario(template(name, catalog), scenario) if scenario else workbooks.EMPTY
    built = workbooks.build_in_styles(
        name, [Style(style) for style in styles], filling=filling, catalog=catalog, rows=rows
    )
    return [each.package for each in built]


def _in_processes(work: Callable[[str], list[Package]], names: list[str]) -> Iterable[list[Package]]:
    """The work for each name, in the order of the names; on every core where that is safe.

    A process that has threads is not split in two: the engine's threads would be missing in the other one.
    """
    threads = Path("/proc/self/task")
    cores = len(os.sched_getaffinity(0)) if threads.is_dir() and len(list(threads.iterdir())) == 1 else 1
    if cores == 1 or len(names) == 1:
        yield from map(work, names)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(min(cores, len(names)), mp_context=get_context("fork")) as pool:
        yield from pool.map(work, names)


def _rows(given: tuple[str, ...], tables: list[str]) -> dict[str, int]:
    """What --rows asks for, by table."""
    from valuehour.errors import UsageError
    from valuehour.models.names import did_you_mean, listed

    rows = {}
    for text in given:
        table, _, count = text.partition("=")
        if table not in tables:
            known = listed(dict.fromkeys(tables), 20)
            raise UsageError(f"--rows {text}: no table {table!r}{did_you_mean(table, tables)}; there are: {known}")
        # A text of thousands of digits is more than int() takes.
        if not count.isdecimal() or len(count) > len(str(MAX_ROWS)) or not 1 <= int(count) <= MAX_ROWS:
            found = count if len(count) <= SHOWN_CHARACTERS else f"{count[:SHOWN_CHARACTERS]}..."
            raise UsageError(f"--rows {table}: {found!r} is no number of rows; allowed: 1 to {MAX_ROWS}")
        rows[table] = int(count)
    return rows


def _is_current(path: Path, style: str, package: Package) -> bool:
    from valuehour.ooxml import Package
    from valuehour.workbooks.compare import differences

    if not path.exists():
        of_style = "" if style == "native" else f" --style {style}"
        click.echo(f"{path}: missing; build it with: valuehour build {path.stem}{of_style} --out {path.parent}")
        return False
    there = Package.read(path)
    if there.digest() == package.digest():
        click.echo(f"{path}: current  {there.digest()[:16]}")
        return True
    found = differences(there, package)
    click.echo(f"{path}: differs in {len(found)} place{'s' if len(found) != 1 else ''} from what would be built")
    for difference in found[:SHOWN_DIFFERENCES]:
        click.echo(f"  {difference}")
    if len(found) > SHOWN_DIFFERENCES:
        click.echo(f"  and {len(found) - SHOWN_DIFFERENCES} more")
    return False
