"""``valuehour build``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from valuehour.cli.output import progress

if TYPE_CHECKING:
    from valuehour.workbooks.build import Built

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
    type=click.Choice(["native", "lambda", "xlwings", "officejs"]),
    default="native",
    show_default=True,
    help="native: plain Excel formulas; lambda: named LAMBDAs (Excel 365/2024); xlwings: our functions by name "
    "(classic add-in, Calc); officejs: the same for Office.js add-ins.",
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
    style: str,
    scenario: str | None,
    rows: tuple[str, ...],
    catalogs: tuple[Path, ...],
    check: bool,
) -> None:
    """Build template workbooks, all of them or those named, as DIR/NAME.xlsx.

    With --check, exits with 1 when a workbook in the folder is not what would be built.
    """
    from valuehour.catalog import load_catalog
    from valuehour.workbooks import build as workbooks
    from valuehour.workbooks.formula import Style
    from valuehour.workbooks.scenario import load_scenario, scenario_template
    from valuehour.workbooks.templates import TEMPLATES, template

    catalog = load_catalog(*catalogs)
    wanted = list(dict.fromkeys(names))
    if not wanted:
        only = scenario_template(scenario) if scenario else None
        wanted = [only] if only is not None and only in TEMPLATES else list(TEMPLATES)
    specs = [template(name, catalog) for name in wanted]
    more = _rows(rows, [table.name for spec in specs for table in spec.tables if table.fillable])
    fillings = [load_scenario(spec, scenario) if scenario else workbooks.EMPTY for spec in specs]
    built = []
    for spec, filling in zip(specs, fillings, strict=True):
        progress(f"building {spec.name}")
        built.append(workbooks.build(spec.name, style=Style(style), filling=filling, catalog=catalog, rows=more))
    progress("")
    if check:
        failed = [workbook for workbook in built if not _is_current(workbook, out)]
        if failed:
            raise SystemExit(1)
        return
    out.mkdir(parents=True, exist_ok=True)
    for workbook in built:
        path = out / f"{workbook.template.name}.xlsx"
        workbook.package.write(path)
        click.echo(f"{path}  {workbook.package.digest()[:16]}")


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


def _is_current(workbook: Built, out: Path) -> bool:
    from valuehour.ooxml import Package
    from valuehour.workbooks.compare import differences

    path = out / f"{workbook.template.name}.xlsx"
    if not path.exists():
        click.echo(f"{path}: missing; build it with: valuehour build {workbook.template.name} --out {out}")
        return False
    there = Package.read(path)
    if there.digest() == workbook.package.digest():
        click.echo(f"{path}: current  {there.digest()[:16]}")
        return True
    found = differences(there, workbook.package)
    click.echo(f"{path}: differs in {len(found)} place{'s' if len(found) != 1 else ''} from what would be built")
    for difference in found[:SHOWN_DIFFERENCES]:
        click.echo(f"  {difference}")
    if len(found) > SHOWN_DIFFERENCES:
        click.echo(f"  and {len(found) - SHOWN_DIFFERENCES} more")
    return False
