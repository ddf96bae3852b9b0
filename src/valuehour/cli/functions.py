"""``valuehour eval`` and ``valuehour functions``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from valuehour.cli.output import complain, print_json

if TYPE_CHECKING:
    from valuehour.functions import Records

_MEANING = {
    "#NULL!": "#NULL!: two ranges that do not meet",
    "#DIV/0!": "#DIV/0!: a divisor is zero",
    "#VALUE!": "#VALUE!: text where a number is needed, or nothing to work on",
    "#REF!": "#REF!: a reference to nothing, or no ledger to ask (name one with --ledger)",
    "#NAME?": "#NAME?: a function or name that is not known here; list ours with: valuehour functions",
    "#NUM!": "#NUM!: a number outside what the function is defined for",
    "#N/A": "#N/A: looked up and not there",
    "#SPILL!": "#SPILL!: no room for the result",
    "#CALC!": "#CALC!: a calculation the engine does not support",
}


@click.command("eval", short_help="Evaluate one formula with our functions.")
@click.argument("formula")
@click.option(
    "--ledger", type=click.Path(dir_okay=False, path_type=Path), help="The ledger that LEDGER and its sisters ask."
)
@click.option("--json", "as_json", is_flag=True, help="Print the value as JSON.")
def evaluate(formula: str, ledger: Path | None, as_json: bool) -> None:
    """Evaluate one formula, with our functions at hand: valuehour eval "=ALLOCATE(100,{1;1;1})".

    An array is printed a row a line, its cells separated by tabs.
    """
    from valuehour.catalog import load_catalog
    from valuehour.engine import evaluate as calculate
    from valuehour.errors import CellError
    from valuehour.workbooks.verify import python_functions

    records = _records(ledger) if ledger is not None else None
    value = calculate(formula, python_functions(list(load_catalog().taxonomy()), records))
    if as_json:
        print_json(_plain(value), indent=None)
    elif isinstance(value, list):
        for row in value:
            click.echo("\t".join(_text(cell) for cell in row))
    else:
        click.echo(_text(value))
    errors = [cell for row in value for cell in row] if isinstance(value, list) else [value]
    reasons = dict.fromkeys(_MEANING[cell.value] for cell in errors if isinstance(cell, CellError))
    for reason in reasons:
        complain(reason)
    if reasons:
        raise SystemExit(1)


def _records(path: Path) -> Records:
    """The records of a ledger, all of them; a file that is none is said to be so at once, not cell by cell."""
    from valuehour.ledger import Ledger
    from valuehour.ledger.lookup import EVERYTHING, Reader

    Ledger.open(path).close()
    return Reader(path).for_names([EVERYTHING])


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print everything about each function as JSON.")
def functions(as_json: bool) -> None:
    """List the worksheet functions."""
    from valuehour.functions import FUNCTIONS

    if as_json:
        print_json([_described(function) for function in FUNCTIONS.values()])
        return
    family = ""
    for function in FUNCTIONS.values():
        if function.family != family:
            click.echo(("\n" if family else "") + function.family)
            family = function.family
        click.echo(f"  {function.signature}\n      {function.summary}")


def _described(function: Any) -> dict[str, Any]:
    return {
        "name": function.name,
        "family": function.family,
        "signature": function.signature,
        "summary": function.summary,
        "arguments": [
            {
                "name": argument.name,
                "description": argument.description,
                "unit": argument.unit,
                "optional": argument.optional,
                "default": argument.default,
                "variadic": argument.variadic,
                "whole_range": argument.whole_range,
            }
            for argument in function.arguments
        ],
        "result": function.result,
        "unit": function.unit,
        "returns_array": function.returns_array,
        "example": function.example,
        "example_result": _plain(function.example_result),
    }


def _plain(value: Any) -> Any:
    from valuehour.errors import CellError

    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, CellError):
        return value.value
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return f"{value:.15g}" if isinstance(value, float) else str(value)
