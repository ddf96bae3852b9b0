"""``valuehour cycle``: measure, persist, replay, calibrate."""

from __future__ import annotations

from pathlib import Path

import click

from valuehour.cli.ledger import AUTHOR, author_or_user, now
from valuehour.cli.outcomes import Files
from valuehour.cli.output import print_json
from valuehour.cli.recalibrate import as_record, lines, recalibrated


@click.command(cls=Files, short_help="Measure, persist, replay and calibrate in one go.")
@click.option("--ledger", "file", required=True, type=click.Path(path_type=Path), help="The ledger to record in.")
@click.option(
    "--runs", required=True, multiple=True, type=click.Path(path_type=Path), metavar="FILE…", help="Results of runs."
)
@click.option("--spend", multiple=True, type=click.Path(path_type=Path), metavar="FILE…", help="Exports of spend.")
@click.option(
    "--map", "mapping", type=click.Path(path_type=Path), metavar="FILE", help="Your columns, keys and limits."
)
@click.option("--timezone", default="UTC", show_default=True, metavar="ZONE", help="Whose months are counted.")
@click.option(
    "--by", multiple=True, metavar="COLUMN", help="The column of the runs that says the member of --dimension."
)
@click.option("--dimension", help="What the value is split over, by each member's share of the runs.")
@click.option("--as-of", metavar="DATE", help="The day of the workbook; today when left out.")
@click.option("--scenario", metavar="NAME|FILE.toml", help="What fills in where the ledger says nothing.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The workbook to write.")
@AUTHOR
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def cycle(
    file: Path,
    runs: tuple[Path, ...],
    spend: tuple[Path, ...],
    mapping: Path | None,
    timezone: str,
    by: tuple[str, ...],
    dimension: str | None,
    as_of: str | None,
    scenario: str | None,
    out: Path,
    author: str | None,
    as_json: bool,
) -> None:
    """Measure the outcomes of runs, persist them in a ledger, replay it and calibrate the value model with it.

    What holds in the ledger already is not recorded again, so that the same files give the same workbook.
    """
    from valuehour.cli.persist import persist
    from valuehour.errors import UsageError
    from valuehour.ledger import Ledger
    from valuehour.ledger.drafting import day
    from valuehour.outcomes import measure_outcomes

    if len(by) > 1 or (len(by) == 1) != (dimension is not None):
        raise UsageError("--by takes one column, and goes together with --dimension")
    today = now().date()
    until = day("--as-of", as_of) if as_of else today
    found = measure_outcomes(spend, runs, as_of=until, mapping=mapping, timezone=timezone)
    grouped = None
    if dimension is not None:
        # Grouped on the side of the runs alone: spend need not have the column.
        grouped = dimension, measure_outcomes((), runs, as_of=until, mapping=mapping, by=by, timezone=timezone)
    with Ledger.open(file) as opened:
        done = persist(opened, found, (*runs, *spend), author_or_user(author), now, grouped)
    made = recalibrated(file, until.isoformat(), known_on=today.isoformat(), scenario=scenario, dimension=dimension)
    made.built.package.write(out)
    persisted = {"recorded": len(done.recorded), "unchanged": done.unchanged}
    if as_json:
        measured = {"workflows": len(found.workflows), "months": len(found.months), "findings": len(found.findings)}
        replayed = {"names": len(made.baseline.entries), "through": made.baseline.count, "head": made.baseline.head}
        print_json({"measure": measured, "persist": persisted, "replay": replayed, "calibrate": as_record(made, out)})
        return
    click.echo(f"measure    {len(found.workflows)} workflows, {len(found.findings)} findings")
    click.echo(f"persist    {persisted['recorded']} entries recorded, {persisted['unchanged']} figures as they were")
    click.echo(f"replay     {len(made.baseline.entries)} names hold, from the first {made.baseline.count} entries")
    for index, line in enumerate(lines(made, out, made.built.package.digest())):
        click.echo(f"{'' if index else 'calibrate':<10} {line}")
