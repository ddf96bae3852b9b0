"""``valuehour fill`` and ``valuehour schema``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from valuehour.cli.output import complain, print_json

if TYPE_CHECKING:
    from valuehour.workbooks.fill import Filled


@click.command(short_help="Fill a template, or your own copy of one, from data.")
@click.argument("template", metavar="TEMPLATE|FILE.xlsx")
@click.option(
    "--data",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A .toml, .yaml, .json, .csv or .xlsx file in the shape that read --json prints, any part of it.",
)
@click.option("--table", metavar="NAME", help="The table that a CSV file, or a list of records, fills.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The workbook to write.")
@click.option(
    "--style",
    metavar="STYLE",
    help="Function style of a new workbook: native (the default), lambda, xlwings or officejs.",
)
def fill(template: str, data: Path, table: str | None, out: Path, style: str | None) -> None:
    """Fill a template by its name, or a planner's own copy of one, in which everything else stays byte for byte.

    A value that does not fit is refused with its place, all of them at once, and nothing is written. A table that is
    given takes the records row by row and grows where it must; a column that no record gives stays as it is.
    """
    from valuehour.ooxml import Package
    from valuehour.workbooks import fill as filling
    from valuehour.workbooks.build import build
    from valuehour.workbooks.sources import load
    from valuehour.workbooks.templates import template as described

    if template.lower().endswith((".xlsx", ".xlsm")):
        if style is not None:
            raise click.UsageError("--style is for new workbooks; a file keeps the style it has")
        package = Package.read(Path(template))
        spec = filling.current_template(package)
    else:
        spec = described(template)
        package = build(spec.name, style=_style(style)).package
    filled = filling.fill(package, load(data, spec, table), label=data.name)
    write(filled.package, out)
    click.echo(f"{out}  {_said(filled)}")
    for place in filled.kept:
        complain(f"{place}: keeps its value until a spreadsheet opens the file: the engine cannot calculate it")


@click.command(short_help="Print the JSON Schema of a template's data.")
@click.argument("name")
def schema(name: str) -> None:
    """Print the JSON Schema (draft 2020-12) of what fills a template."""
    from valuehour.workbooks.data import json_schema
    from valuehour.workbooks.templates import template

    print_json(json_schema(template(name)))


def write(package: Any, out: Path) -> None:
    """Write a workbook under a name that says what it is."""
    from valuehour.errors import UsageError

    macros = package.has_macros
    wanted = ".xlsm" if macros else ".xlsx"
    if out.suffix.lower() != wanted:
        reason = "the workbook holds macros" if macros else "the workbook holds no macros"
        raise UsageError(f"{out}: {reason}, so its name must end in {wanted}")
    package.write(out)


def _style(name: str | None) -> Any:
    from valuehour.errors import UsageError
    from valuehour.workbooks.formula import Style

    if name is not None and name not in list(Style):
        raise UsageError(f"there is no style {name!r}; there are: {', '.join(Style)}")
    return Style(name or "native")


def _said(filled: Filled) -> str:
    parts = [f"{filled.inputs} input{'s' if filled.inputs != 1 else ''} changed"]
    for name, count in filled.records.items():
        grown = f" (grown by {filled.grown[name]})" if name in filled.grown else ""
        parts.append(f"{count} record{'s' if count != 1 else ''} in {name}{grown}")
    return ", ".join(parts)
