"""``valuehour diff``."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valuehour.cli.output import print_json

if TYPE_CHECKING:
    from valuehour.workbooks.diff import Change, Changes

SHOWN_VALUES = 20


@click.command(short_help="Show where two workbooks differ, cell by cell.")
@click.argument("before", type=click.Path(path_type=Path), metavar="A")
@click.argument("after", type=click.Path(path_type=Path), metavar="B")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--all", "everything", is_flag=True, help=f"Print every value that follows, not only {SHOWN_VALUES}.")
def diff(before: Path, after: Path, as_json: bool, everything: bool) -> None:
    """Show where workbook B differs from workbook A: inputs first, then formulas, then the values that follow.

    A row that was inserted, a table that was moved or a sheet that was renamed is one difference; formulas are
    compared by what they refer to. Formats and charts are not compared. Any .xlsx workbooks will do.

    Exits with 1 when the workbooks differ, with 2 when a file cannot be read.
    """
    from valuehour.ooxml import Package
    from valuehour.workbooks.diff import diff as compare

    found = compare(Package.read(before), Package.read(after))
    if as_json:
        print_json(
            {
                "same": not found.changes,
                "changes": [change.as_dict() for change in found.changes],
                "other_parts": list(found.other_parts),
            }
        )
    else:
        _print(found, everything)
    if found.changes:
        raise SystemExit(1)


def _print(found: Changes, everything: bool) -> None:
    from valuehour.workbooks.diff import Kind

    if not found.changes:
        click.echo("no difference in inputs, formulas and values" + _parts(found))
        return
    titles = {Kind.INPUT: "Inputs", Kind.FORMULA: "Formulas", Kind.VALUE: "Values"}
    for title, some in groupby(found.changes, lambda change: titles.get(change.kind, "Structure")):
        changes = list(some)
        click.echo(f"{title} ({len(changes)})")
        lines = [_line(run) for run in _runs(changes)]
        cut = len(lines) if everything or title != "Values" else SHOWN_VALUES
        for line in lines[:cut]:
            click.echo(f"  {line}")
        if cut < len(lines):
            click.echo(f"  and {len(lines) - cut} more; show them with --all")
    if found.other_parts:
        click.echo(_parts(found).removeprefix("; "))


def _parts(found: Changes) -> str:
    count = len(found.other_parts)
    return f"; {count} other part{'s' * (count != 1)} of the file differ{'s' * (count == 1)}" if count else ""


def _runs(changes: list[Change]) -> Iterator[list[Change]]:
    """Formulas that changed alike down a column, as when a formula was filled down, are told in one line."""
    from valuehour.ooxml import parse_cell, shift_formula
    from valuehour.workbooks.diff import Kind

    def alike(one: Change, other: Change) -> bool:
        if not (one.kind is other.kind is Kind.FORMULA and one.sheet == other.sheet and one.action == other.action):
            return False
        here, there = parse_cell(one.cell), parse_cell(other.cell)
        if here[1] != there[1] or bool(one.before) != bool(other.before):
            return False
        steps = there[0] - here[0]
        return all(
            isinstance(a, str) and isinstance(b, str) and shift_formula(a, steps, 0) == b
            if isinstance(a, str) or isinstance(b, str)
            else a == b
            for a, b in ((one.old, other.old), (one.new, other.new))
        )

    runs: list[list[Change]] = []
    last: dict[tuple[str, int], list[Change]] = {}
    for change in changes:
        place = (change.sheet, parse_cell(change.cell)[1]) if change.kind is Kind.FORMULA else None
        run = last.get(place) if place else None
        if run is not None and parse_cell(run[-1].cell)[0] + 1 == parse_cell(change.cell)[0] and alike(run[0], change):
            run.append(change)
            continue
        runs.append([change])
        if place:
            last[place] = runs[-1]
    yield from runs


def _line(run: list[Change]) -> str:
    from valuehour.workbooks.diff import told

    change = run[0]
    place = change.place if len(run) == 1 else f"{change.place}:{run[-1].cell} ({len(run)} cells)"
    name = f"  {change.name}" if change.name else ""
    if change.kind in ("row", "column"):
        what = change.old if change.old is not None else change.new
        return f"{place}  {change.kind} {change.action}: {what}"
    if change.old is None and change.new is None:
        return f"{place}{name}  {change.kind} {change.action}" + (f" from {change.before}" if change.before else "")
    if change.kind in ("sheet", "table", "name"):
        both = " → ".join(str(text) for text in (change.old, change.new) if text is not None)
        return f"{place}{name}  {change.kind} {change.action}: {both if len(both) <= 160 else both[:157] + '...'}"
    return f"{place}{name}: {told(change.old, change.new)}"
