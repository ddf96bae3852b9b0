"""``valuehour recalibrate``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from valuehour.cli.ledger import AS_JSON, view_of
from valuehour.cli.output import print_json

if TYPE_CHECKING:
    from valuehour.ledger.recalibration import Recalibrated
    from valuehour.ooxml import Package
    from valuehour.workbooks.regenerate import Report

_LABELS = {
    "total_value": "projection",
    "years": "horizon",
    "hours_per_year": "hours per year",
    "coverage": "coverage",
    "uplift_k": "factor K",
    "uplift_p": "factor P",
    "uplift_c": "factor C",
}


@click.command(short_help="Build the value model with the figures that a ledger holds.")
@click.option("--ledger", "file", required=True, type=click.Path(path_type=Path), help="The ledger.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The workbook to write.")
@click.option(
    "--into",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A filled value model; what was added to it stays. Without --out it is changed itself.",
)
@click.option("--as-of", metavar="DATE", help="Effective by this day; today when left out.")
@click.option("--known-on", metavar="DATE", help="Recorded by this day; the same day when left out.")
@click.option("--since", metavar="DATE", help="Compare with the figures of this day, as known then.")
@click.option("--scenario", metavar="NAME|FILE.toml", help="What fills in where the ledger says nothing.")
@click.option("--dimension", help="What to split over, when the ledger has shares of several dimensions.")
@click.option("--style", type=click.Choice(["native", "lambda", "xlwings", "officejs"]), help="native when left out.")
@AS_JSON
def recalibrate(
    file: Path,
    out: Path | None,
    into: Path | None,
    as_of: str | None,
    known_on: str | None,
    since: str | None,
    scenario: str | None,
    dimension: str | None,
    style: str | None,
    as_json: bool,
) -> None:
    """Build the value model with the figures that a ledger holds, each with its entry and evidence.

    The sheet Ledger holds the records, the sheet Bridge what changed. Compounded figures stay held back while any
    uplift factor is only assumed.
    """
    from valuehour.errors import UsageError

    notes: list[str] = []
    target = out or into
    if target is None:
        raise UsageError("say where to write with --out, or which filled workbook to change with --into")
    if into is not None:
        if scenario is not None or style is not None:
            raise UsageError(
                "--into keeps what the workbook is filled with and its style; leave out --scenario and --style"
            )
        made, package, found = recalibrated_into(into, file, as_of, known_on, since, dimension)
        notes = found.lines()[1:]
    else:
        made = recalibrated(file, as_of, known_on, since, scenario, dimension, style or "native")
        package = made.built.package
    package.write(target)
    if as_json:
        print_json({**as_record(made, target), "digest": package.digest(), "notes": notes})
        return
    for line in (*lines(made, target, package.digest()), *notes):
        click.echo(line)


def recalibrated(
    file: Path,
    as_of: str | None,
    known_on: str | None = None,
    since: str | None = None,
    scenario: str | None = None,
    dimension: str | None = None,
    style: str = "native",
) -> Recalibrated:
    """The workbook, from what was typed."""
    from valuehour.ledger import Ledger
    from valuehour.ledger.drafting import day
    from valuehour.ledger.recalibration import recalibrate as calculate
    from valuehour.workbooks.build import EMPTY
    from valuehour.workbooks.formula import Style
    from valuehour.workbooks.scenario import load_scenario
    from valuehour.workbooks.templates import template

    view = view_of(as_of, known_on)
    with Ledger.open(file) as opened:
        return calculate(
            opened,
            view,
            known_on=day("--known-on", known_on) if known_on else view.effective,
            since=view_of(since, None) if since else None,
            base=load_scenario(template("value_model"), scenario) if scenario else EMPTY,
            dimension=dimension,
            style=Style(style),
        )


def recalibrated_into(
    workbook: Path, file: Path, as_of: str | None, known_on: str | None, since: str | None, dimension: str | None
) -> tuple[Recalibrated, Package, Report]:
    """The filled workbook with the figures of the ledger, from what was typed."""
    from valuehour.ledger import Ledger
    from valuehour.ledger.drafting import day
    from valuehour.ledger.into import recalibrate_into
    from valuehour.ooxml import Package

    view = view_of(as_of, known_on)
    with Ledger.open(file) as opened:
        return recalibrate_into(
            Package.read(workbook),
            opened,
            view,
            known_on=day("--known-on", known_on) if known_on else view.effective,
            since=view_of(since, None) if since else None,
            dimension=dimension,
        )


def as_record(made: Recalibrated, out: Path) -> dict[str, Any]:
    """What was written and what changed, for JSON."""
    bridge = made.bridge
    return {
        "file": str(out),
        "digest": made.built.package.digest(),
        "entries": [{"name": e.name, "entry": e.number, "status": e.status, "hash": e.hash} for e in made.entries],
        "passed_over": [{"name": e.name, "entry": e.number} for e in made.passed_over],
        "through": made.baseline.count,
        "head": made.baseline.head,
        "locked": made.locked,
        "bridge": {
            "today_before": str(bridge.today_before),
            "today": str(bridge.today),
            "at_horizon_before": str(bridge.horizon_before),
            "at_horizon": str(bridge.horizon),
            "steps": [_step(step) for step in bridge.steps],
        },
    }


def lines(made: Recalibrated, out: Path, digest: str) -> Iterator[str]:
    """What was written and what changed, for the terminal."""
    bridge = made.bridge
    yield f"{out}  {digest[:16]}"
    yield f"{len(made.entries)} figures from the first {made.baseline.count} entries"
    yield f"{'value per hour':<17} {'before':>18} {'now':>18} {'change':>18}"
    ends = (("  today", bridge.today_before, bridge.today), ("  at the horizon", bridge.horizon_before, bridge.horizon))
    for label, before, now in ends:
        yield f"{label:<17} {before:>18,f} {now:>18,f} {now - before:>+18,f}"
    changed = [step for step in bridge.steps if step.before != step.now]
    if changed:
        yield f"{'what changed it':<17} {'before':>18} {'now':>18} {'today':>18} {'at the horizon':>18}"
    else:
        yield "no figure changed"
    for step in changed:
        yield (
            f"{'  ' + _LABELS[step.name]:<17} {step.before:>18,f} {step.now:>18,f} "
            f"{step.today:>+18,f} {step.at_horizon:>+18,f}"
        )
    for entry in made.passed_over:
        yield f"entry {entry.number} only assumes {entry.name}: the latest measurement stands"
    yield f"growth is held back: {made.locked}" if made.locked else "growth is released: every factor is measured"


def _step(step: Any) -> dict[str, str]:
    return {
        "step": step.name,
        "before": f"{step.before:f}",
        "now": f"{step.now:f}",
        "today": str(step.today),
        "at_horizon": str(step.at_horizon),
    }
