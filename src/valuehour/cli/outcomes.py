"""``valuehour outcomes``."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from valuehour.cli.ledger import AUTHOR
from valuehour.cli.output import print_json
from valuehour.cli.persist import record

if TYPE_CHECKING:
    from valuehour.outcomes import Outcomes, WorkflowResult

SHOWN_WORKFLOWS = 50

_HEADS = ("workflow", "cost/month", "runs/month", "success", "cost/success", "p50", "p95", "review", "priority", "read")


_MANY = ("--spend", "--runs", "--by")


class Files(click.Command):
    """A command with options that take several values each: ``--spend a.csv b.csv --runs c.csv``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Repeat such an option before each further value, as click reads them."""
        spread: list[str] = []
        option, given = "", False
        for arg in args:
            if arg.startswith("-") and arg != "-":
                name, equals, _ = arg.partition("=")
                option, given = name if name in _MANY else "", bool(equals)
                spread.append(arg)
            elif option:
                spread += [option, arg] if given else [arg]
                given = True
            else:
                spread.append(arg)
        return super().parse_args(ctx, spread)


@click.command(cls=Files, short_help="Join spend to the outcomes of workflows; every amount tied out.")
@click.option("--spend", multiple=True, type=click.Path(path_type=Path), metavar="FILE…", help="Exports of spend.")
@click.option("--runs", multiple=True, type=click.Path(path_type=Path), metavar="FILE…", help="Results of runs.")
@click.option("--map", "mapping", type=click.Path(path_type=Path), metavar="FILE", help="Your columns and keys.")
@click.option("--by", multiple=True, metavar="COLUMN…", help="Further columns to group by.")
@click.option("--timezone", default="UTC", show_default=True, metavar="ZONE", help="Whose months are counted.")
@click.option(
    "--engine",
    type=click.Choice(["duckdb", "spark"]),
    default="duckdb",
    show_default=True,
    help="duckdb: in this process; spark: on a cluster that runs already.",
)
@click.option("--source", metavar="NAME", help="The source of files that are not recognised.")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Later rows are findings; today.")
@click.option("--memory", type=float, metavar="GB", help="Memory the engine may take.")
@click.option("--threads", type=click.IntRange(1), metavar="N", help="Threads the engine may take.")
@click.option("--temp", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Where it may spill to.")
@click.option(
    "--catalog",
    "catalogs",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A catalog file of your own; may be given several times.",
)
@click.option("--ledger", type=click.Path(path_type=Path), metavar="FILE", help="Record each month's figures there.")
@AUTHOR
@click.option("--strict", is_flag=True, help="Exit with 1 when there are findings.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE|DIR", help="What to write: .json, .csv…")
def outcomes(
    spend: tuple[Path, ...],
    runs: tuple[Path, ...],
    mapping: Path | None,
    by: tuple[str, ...],
    timezone: str,
    engine: str,
    source: str | None,
    as_of: datetime.datetime | None,
    memory: float | None,
    threads: int | None,
    temp: Path | None,
    catalogs: tuple[Path, ...],
    ledger: Path | None,
    author: str | None,
    strict: bool,
    as_json: bool,
    out: Path | None,
) -> None:
    """Join spend to the outcomes of workflows: what each costs, how well it works, and what to improve first.

    Prints where all spend went: read = matched + unmatched + refused, for each currency.
    """
    from valuehour.catalog import load_catalog
    from valuehour.errors import UsageError
    from valuehour.outcomes import measure_outcomes
    from valuehour.outcomes.engine import GIGABYTE, Limits
    from valuehour.outcomes.export import check_output, write

    if out is not None:
        check_output(out)
    if ledger is not None and by:
        raise UsageError("--ledger records the figures of whole workflows; leave --by out")
    if memory is not None and memory < 0.1:
        raise UsageError(f"--memory is {memory:g}; allowed: at least 0.1 (GB)")
    catalog = load_catalog(*catalogs)
    show = Progress()
    found = measure_outcomes(
        spend,
        runs,
        as_of=as_of.date() if as_of else datetime.date(*time.localtime()[:3]),
        mapping=mapping,
        by=by,
        timezone=timezone,
        engine="spark" if engine == "spark" else "duckdb",
        source=source,
        catalog=catalog,
        limits=Limits(memory=int(memory * GIGABYTE) if memory else None, threads=threads, folder=temp),
        progress=show if sys.stderr.isatty() else None,
    )
    show.end()
    written = write(found, out, catalog) if out is not None else []
    if ledger is not None:
        record(ledger, found, (*runs, *spend), author)
    if as_json:
        print_json(found.as_dict())
    else:
        _print(found)
        for path in written:
            click.echo(str(path))
    if strict and found.faults:
        raise SystemExit(1)


class Progress:
    """Says what is being done, on one line of a terminal."""

    def __init__(self) -> None:
        self._said = False

    def __call__(self, text: str) -> None:
        """Say it."""
        self._said = True
        click.echo(f"\r\033[K{text}", nl=False, err=True)

    def end(self) -> None:
        """Wipe the line."""
        if self._said:
            click.echo("\r\033[K", nl=False, err=True)


def _print(found: Outcomes) -> None:
    rows = [_HEADS, *(_row(workflow) for workflow in found.workflows[:SHOWN_WORKFLOWS])]
    _columns(rows)
    if len(found.workflows) > SHOWN_WORKFLOWS:
        click.echo(f"and {len(found.workflows) - SHOWN_WORKFLOWS} more; see them all with --json or --out")
    click.echo(f"\nTie-out (time zone {found.timezone})")
    heads = ("", "read", "matched", "unmatched", "refused", "finer than 1e-12")
    lines = [(code, *map(str, list(line.as_dict().values()))) for code, line in found.tie_out.items()]
    _columns([heads, *lines])
    if found.findings:
        click.echo("\nFindings")
        for finding in found.findings:
            details = f": {', '.join(finding.details[:3])}" if finding.details else ""
            click.echo(f"  {finding.count:>8,}  {finding.as_dict()['text']}{details}")
            if finding.places:
                click.echo(f"            first: {', '.join(finding.places[:3])}")


def _row(result: WorkflowResult) -> tuple[str, ...]:
    counts = result.counts
    return (
        " → ".join((result.name, *result.by.values())),
        _money(result.cost_per_month),
        f"{result.monthly_runs:,.0f}",
        _percent(counts.success_rate),
        _money(counts.cost_per_success),
        _seconds(counts.turnaround_p50),
        _seconds(counts.turnaround_p95),
        _percent(counts.manual_review_rate),
        result.band or "–",
        result.read or counts.sides,
    )


def _money(value: Decimal | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.2f}" if abs(value) >= 1 or not value else f"{value:,.4f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f} s"


def _columns(rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns: names to the left, figures to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        last = len(row) - 1
        cells = [
            cell.ljust(width) if place == 0 or (place == last and not cell[:1].isdigit()) else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())
