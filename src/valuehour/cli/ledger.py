"""``valuehour ledger``: make, write, read, check and carry a ledger."""

from __future__ import annotations

import datetime
import getpass
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from valuehour.cli.entries import line, plain
from valuehour.cli.output import complain, print_json

if TYPE_CHECKING:
    from valuehour.ledger.store import Head
    from valuehour.models.ledger import LedgerDraft, LedgerEntry

FILE = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
AUTHOR = click.option(
    "--author",
    envvar="VALUEHOUR_AUTHOR",
    help="Who records it, as you say; $VALUEHOUR_AUTHOR or the name you are logged in with.",
)


def now() -> datetime.datetime:
    """The moment of recording: the one place where the clock is read, since it is what is to be recorded."""
    return datetime.datetime.now(datetime.UTC)  # noqa: TID251 - builds may not read the clock; a record must


def author_or_user(author: str | None) -> str:
    """Who records: what was said, else the name of the login."""
    if author:
        return author
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no login, no name: as in some containers
        from valuehour.errors import UsageError

        raise UsageError("nobody is logged in here; say who records with --author") from None


@click.group(short_help="Record measured value for good; verify and replay it.")
def ledger() -> None:
    """Record measured value in an append-only ledger: each entry carries the hash of the one before."""


@ledger.command(short_help="Make an empty ledger.")
@FILE
@click.option("--title", default="Value ledger", show_default=True, help="What the ledger is about.")
@AS_JSON
def init(file: Path, title: str, as_json: bool) -> None:
    """Make an empty ledger."""
    from valuehour.ledger import Ledger

    with Ledger.create(file, title, now) as made:
        _say(as_json, {"file": str(file), "ledger": made.id}, f"{file}: ledger {made.id}, empty")


@ledger.command(short_help="Record one value.")
@FILE
@click.option("--name", required=True, help="What it is: uplift.K, projection.total_value, share.Region.EMEA, …")
@click.option("--value", required=True, help="The number, exactly; a point, no separators.")
@click.option("--low", help="The figure of the low case.")
@click.option("--high", help="The figure of the high case.")
@click.option("--unit", help="What the number counts.")
@click.option("--status", required=True, help="assumed, measured or approved.")
@click.option("--source", required=True, help="Where the figure can be looked up.")
@click.option("--effective", required=True, metavar="DATE", help="From when on it holds: 2026-09-30.")
@click.option("--period", help="What it was measured over: 2026, 2026-Q3 or 2026-09.")
@click.option("--evidence", type=click.Path(path_type=Path), help="A file; its name and sha256 are recorded.")
@click.option("--reference", help="Evidence that is no file, in words.")
@AUTHOR
@click.option("--approver", help="Who approved it, with --status approved; not the author.")
@AS_JSON
def record(file: Path, as_json: bool, author: str | None, **fields: Any) -> None:
    """Record one value; when this returns, it is on disk."""
    from valuehour.ledger.drafting import draft

    _record(file, draft({**fields, "author": author_or_user(author)}), as_json)


@ledger.command(short_help="Take an entry back with a reversing entry.")
@FILE
@click.argument("number", type=click.IntRange(min=1))
@click.option("--source", required=True, help="Why it is taken back.")
@click.option("--effective", metavar="DATE", help="From when on; without it, from when the entry was effective.")
@AUTHOR
@AS_JSON
def reverse(file: Path, number: int, source: str, effective: str | None, author: str | None, as_json: bool) -> None:
    """Take an entry back with a reversing entry; then record the right value. Nothing is ever removed."""
    from valuehour.ledger import Ledger
    from valuehour.ledger.drafting import draft

    with Ledger.open(file) as opened:
        since = effective or opened.entry(number).effective
    fields = {"kind": "reversal", "reverses": number, "source": source, "effective": since}
    _record(file, draft({**fields, "author": author_or_user(author)}), as_json)


@ledger.command("assert", short_help="Record that a name has a balance, if it does.")
@FILE
@click.option("--name", required=True, help="A name, or share.Region.* for the sum of all that begin so.")
@click.option("--value", required=True, help="What it must be.")
@click.option("--effective", required=True, metavar="DATE", help="On which day.")
@click.option("--source", required=True, help="Where the balance comes from.")
@AUTHOR
@AS_JSON
def assert_(file: Path, as_json: bool, author: str | None, **fields: Any) -> None:
    """Record that a name has a balance on a day; refused when it has another. Every verify looks again."""
    from valuehour.ledger.drafting import draft

    _record(file, draft({**fields, "kind": "assertion", "author": author_or_user(author)}), as_json)


@ledger.command(short_help="Close a period: it takes no entries any more.")
@FILE
@click.option("--period", required=True, help="2026, 2026-Q3 or 2026-09.")
@click.option("--source", default="Period closed", show_default=True, help="Why, or by which decision.")
@AUTHOR
@AS_JSON
def close(file: Path, period: str, source: str, author: str | None, as_json: bool) -> None:
    """Close a period: no entry may be effective in it any more; corrections go into an open one."""
    from valuehour.errors import LedgerError
    from valuehour.ledger.drafting import draft
    from valuehour.models.ledger import period_span

    try:
        last = period_span(period)[1]
    except ValueError as error:
        raise LedgerError(f"period: {error}") from error
    fields = {"kind": "close", "period": period, "source": source, "effective": last}
    _record(file, draft({**fields, "author": author_or_user(author)}), as_json)


@ledger.command("import", short_help="Record many values from a CSV or JSONL file, all or none.")
@FILE
@click.argument("source", type=click.Path(path_type=Path))
@AUTHOR
@AS_JSON
def import_(file: Path, source: Path, author: str | None, as_json: bool) -> None:
    """Record many values from a .csv or .jsonl file whose columns are called as the options of record are."""
    from valuehour.ledger.drafting import drafts

    found = drafts(source, author_or_user(author))
    made = _append(file, found)
    last = made[-1]
    _say(
        as_json,
        {"recorded": len(made), "first": made[0].number, "last": last.number, "head": last.hash},
        f"{file}: recorded {len(made)} entries, {made[0].number} to {last.number}  {last.hash[:16]}",
    )


@ledger.command(short_help="List entries.")
@FILE
@click.option("--name", help="Only those of this name.")
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, help="So many of the newest.")
@click.option("--all", "every", is_flag=True, help="All of them.")
@AS_JSON
def log(file: Path, name: str | None, last: int, every: bool, as_json: bool) -> None:
    """List entries, the oldest first; as JSON one object a line."""
    from collections import deque

    from valuehour.ledger import Ledger

    with Ledger.open(file) as opened:
        first = 1 if every or name is not None else max(1, opened.head().number - last + 1)
        entries: Iterable[LedgerEntry] = opened.entries(first, name=name)
        for entry in entries if every else deque(entries, maxlen=last):
            if as_json:
                print_json(plain(entry), indent=None)
            else:
                click.echo(line(entry))


@ledger.command(short_help="Show one entry in full, or what a name holds.")
@FILE
@click.argument("what", metavar="NUMBER|NAME")
@AS_JSON
def show(file: Path, what: str, as_json: bool) -> None:
    """Show one entry in full: the one with a number, or the one that holds for a name today."""
    from valuehour.errors import UsageError
    from valuehour.ledger import AsOf, Ledger, baseline

    with Ledger.open(file) as opened:
        if what.isdecimal():
            entry = opened.entry(int(what))
        else:
            found = baseline(opened, AsOf.days(now().date()), what).entries
            if what not in found:
                raise UsageError(f"{file}: nothing holds for {what!r} today; see: valuehour ledger log {file}")
            entry = found[what]
    if as_json:
        print_json(plain(entry))
        return
    for key, value in plain(entry).items():
        note = "  (as they say)" if key == "author_self_asserted" else ""
        click.echo(f"{key:<22} {entry.evidence if key == 'evidence' else value}{note}")


@ledger.command(short_help="Check the chain; name the first bad entry.")
@FILE
@click.option(
    "--checkpoint",
    "checkpoints",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A checkpoint kept elsewhere; without one, a tail that was cut off cannot be seen.",
)
@AS_JSON
def verify(file: Path, checkpoints: tuple[Path, ...], as_json: bool) -> None:
    """Check every entry against the one before, and against checkpoints; exits with 1 when anything is wrong."""
    from valuehour.ledger import Ledger
    from valuehour.ledger import verify as walk
    from valuehour.ledger.verification import read_checkpoint

    known = [read_checkpoint(path) for path in checkpoints]
    with Ledger.open(file) as opened:
        verdict = walk(opened, known)
    if as_json:
        findings = [{"entry": f.entry, "change": f.change, "reason": f.reason} for f in verdict.findings]
        print_json({"ok": verdict.ok, "count": verdict.count, "head": verdict.head, "findings": findings})
    elif verdict.ok:
        against = f", {len(known)} checkpoint{'s' if len(known) != 1 else ''} met" if known else ""
        click.echo(f"{file}: ok: {verdict.count} entries, head {verdict.head[:16]}{against}")
    else:
        for finding in verdict.findings:
            click.echo(f"{file}: {finding}")
    if not as_json and not known and verdict.ok:
        complain(
            "without --checkpoint a tail that was cut off cannot be seen; make one with: "
            f"valuehour ledger checkpoint {file} --out checkpoint.json"
        )
    if not verdict.ok:
        raise SystemExit(1)


@ledger.command(short_help="Print what to keep outside: count, head and date.")
@FILE
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file.")
@AS_JSON
def checkpoint(file: Path, out: Path | None, as_json: bool) -> None:
    """Print how many entries there are, the last hash and the date: keep it where the ledger's writers cannot go."""
    from valuehour.ledger import Ledger
    from valuehour.ledger.canonical import canonical
    from valuehour.ooxml.container import write_file

    with Ledger.open(file) as opened:
        made = opened.checkpoint(now).model_dump()
    if out is not None:
        write_file(out, f"{canonical(made)}\n".encode())
    _say(as_json, made, f"{out or file}: {made['count']} entries, head {made['head']}, {made['date']}")


@ledger.command(short_help="Write the daily archives.")
@FILE
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder to write to.")
@AS_JSON
def archive(file: Path, out: Path, as_json: bool) -> None:
    """Write one file of gzipped lines for each day of recording; only days that are new or have grown are written."""
    from valuehour.ledger import Ledger
    from valuehour.ledger import archive as write

    with Ledger.open(file) as opened:
        days = write(opened, out)
    if as_json:
        print_json(
            [
                {"file": str(d.path), "first": d.first, "count": d.count, "head": d.head, "written": d.written}
                for d in days
            ]
        )
        return
    for day in days:
        did = "written" if day.written else "as it was"
        click.echo(f"{day.path}: entries {day.first} to {day.first + day.count - 1}, head {day.head[:16]}, {did}")


@ledger.command(short_help="Rebuild a ledger from its daily archives.")
@FILE
@click.argument("archives", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="ARCHIVE|FOLDER...")
@AS_JSON
def restore(file: Path, archives: tuple[Path, ...], as_json: bool) -> None:
    """Rebuild a ledger as a new FILE from its daily archives: the same entries, the same head."""
    from valuehour.ledger import restore as rebuild

    head = rebuild(archives, file)
    text = f"{file}: {head.number} entries, head {head.hash[:16]}"
    _say(as_json, {"file": str(file), "count": head.number, "head": head.hash}, text)


@ledger.command(short_help="Print what held on a day, as known on a day.")
@FILE
@click.option("--as-of", metavar="DATE", help="Effective by this day; today when left out.")
@click.option("--known-on", metavar="DATE", help="Recorded by this day; the same day when left out.")
@click.option("--through", type=click.IntRange(min=0), help="Only the first so many entries.")
@click.option("--name", help="Only this name, or share.Region.* for all that begin so.")
@AS_JSON
def replay(
    file: Path, as_of: str | None, known_on: str | None, through: int | None, name: str | None, as_json: bool
) -> None:
    """Print the baseline: the entry that holds for each name."""
    from valuehour.ledger import Ledger, baseline

    view = view_of(as_of, known_on, through)
    with Ledger.open(file) as opened:
        found = baseline(opened, view, name)
    if as_json:
        entries = [plain(entry) for entry in found.entries.values()]
        print_json({"as_of": view.effective.isoformat(), "count": found.count, "head": found.head, "entries": entries})
        return
    click.echo(f"as of {view.effective}, from {found.count} entries, head {found.head[:16]}")
    for entry in found.entries.values():
        click.echo(line(entry))


def view_of(as_of: str | None, known_on: str | None, through: int | None = None) -> Any:
    """Where to look from, as typed."""
    from valuehour.ledger import AsOf
    from valuehour.ledger.drafting import day

    effective = day("--as-of", as_of) if as_of else now().date()
    return AsOf.days(effective, day("--known-on", known_on) if known_on else None, through)


def _append(file: Path, drafts: list[LedgerDraft]) -> list[Head]:
    from valuehour.ledger import Ledger

    with Ledger.open(file) as opened:
        return opened.append(drafts, now)


def _record(file: Path, draft: LedgerDraft, as_json: bool) -> None:
    (made,) = _append(file, [draft])
    _say(
        as_json,
        {"entry": made.number, "hash": made.hash, "recorded": made.recorded},
        f"{file}: recorded as entry {made.number}  {made.hash[:16]}",
    )


def _say(as_json: bool, record: Mapping[str, Any], text: str) -> None:
    if as_json:
        print_json(record)
    else:
        click.echo(text)
