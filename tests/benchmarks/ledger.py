"""The ledger: appends against plain inserts of the same rows, and a million entries verified and replayed.

``python -m tests.benchmarks.ledger verify|replay FILE`` prints seconds and megabytes as JSON.
"""

from __future__ import annotations

import datetime
import itertools
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple, TypeVar

from tests.benchmarks.timing import Row, in_turns, timed
from valuehour.functions import FUNCTIONS
from valuehour.ledger import AsOf, Ledger, baseline, schema, verify
from valuehour.ledger.lookup import Reader
from valuehour.models.ledger import LedgerDraft

KILOBYTES_IN_A_MEGABYTE = 1000
NAMES = 500

Item = TypeVar("Item")

NOTE = """\
[4] The same rows (number, hash, document) inserted with sqlite3 into the same tables and indexes, without triggers, in
    the same mode: WAL, synchronous=FULL, a transaction for each entry or batch. On our side the entry is checked
    against the rules, written as canonical JSON, hashed and chained as well; triggers guard the table, and a page has
    8 KB. The aim of over 60 % of the plain speed is a ratio under 1.67.
[5] Each run is a process of its own. The memory is the peak of the whole process; a tenth of the entries shows whether
    it grows with them."""


class Sample(NamedTuple):
    """What one process needed."""

    seconds: float
    megabytes: float


def rows(*, quick: bool) -> Iterator[Row]:
    """Appends, then reading it all."""
    runs, single, batched, size = (1, 50, 500, 2_000) if quick else (5, 2_000, 20_000, 1_000_000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count, batch in ((single, 1), (batched, 100), (batched, 1_000)):
            yield _appends(folder, runs, count, batch)
        large, small = folder / "large.db", folder / "small.db"
        _filled(large, size).close()
        _filled(small, size // 10).close()
        yield _cells(large, 1 if quick else 3, 20 if quick else 1_000, size)
        for way in ("verify", "replay"):
            own, others = in_turns(min(runs, 3), lambda way=way: _child(way, large), lambda way=way: _child(way, small))
            what, rival = f"{way} {size:,} entries", "a tenth of them [5]"
            yield Row(what=what, own=[s.seconds for s in own], rival=rival, others=[s.seconds for s in others], most=8)
            yield Row(
                what=f"{what}, peak memory",
                own=[s.megabytes for s in own],
                rival=rival,
                others=[s.megabytes for s in others],
                unit="MB",
                most_times=1.2,
            )


def _drafts(count: int) -> list[LedgerDraft]:
    day = datetime.date(2026, 1, 1)
    return [
        LedgerDraft(
            name=f"outcome.workflow_{number % NAMES}.success_rate",
            value=Decimal(number % 1000) / 1000,
            status="measured",
            effective=day + datetime.timedelta(days=number % 300),
            period="2026-Q3",
            source="Monthly export of runs",
            author="ana",
        )
        for number in range(count)
    ]


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def _appends(folder: Path, runs: int, count: int, batch: int) -> Row:
    drafts = _drafts(count)
    places = itertools.count()
    with Ledger.create(folder / f"rows {batch}.db", "Rows", _now) as ledger:
        ledger.append(drafts, _now)
        stored = list(ledger.rows())

    def ours() -> float:
        with Ledger.create(folder / f"{batch} {next(places)}.db", "Ours", _now) as ledger:
            return _seconds(lambda: [ledger.append(part, _now) for part in _parts(drafts, batch)])

    def plain() -> float:
        with closing(sqlite3.connect(folder / f"{batch} {next(places)}.db", isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            for statement in (*schema.TABLES.values(), *schema.INDEXES.values()):
                connection.execute(statement)

            def insert() -> None:
                for part in _parts(stored, batch):
                    connection.execute("BEGIN IMMEDIATE")
                    connection.executemany(schema.INSERT, part)
                    connection.execute("COMMIT")

            return _seconds(insert)

    own, others = in_turns(runs, ours, plain)
    what = f"append {count:,} entries one by one" if batch == 1 else f"append {count:,} entries, {batch:,} at a time"
    return Row(what=what, own=own, rival="plain sqlite3 inserts [4]", others=others, most_times=1.67)


def _cells(path: Path, runs: int, count: int, size: int) -> Row:
    """A sheet of cells that ask for one name after the other, calculated when the file is not open yet."""
    names = [f"outcome.workflow_{number % NAMES}.success_rate" for number in range(count)]
    reader, evaluate = Reader(path, lambda: _now().date()), FUNCTIONS["LEDGER"].evaluate
    records = reader.for_names(["*"])

    def each_by_itself() -> None:
        for name in names:
            with Ledger.open(path) as ledger:
                assert baseline(ledger, AsOf.days(_now().date()), name).entries

    def together() -> None:
        assert all(isinstance(evaluate(name, records=records), float) for name in names)

    own, others = in_turns(runs, timed(together, before=reader.close), timed(each_by_itself))
    reader.close()
    what = f"{count:,} LEDGER cells, {size:,} entries"
    return Row(what=what, own=own, rival="opening and replaying for each", others=others, most=0.5)


def _parts(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _filled(path: Path, count: int) -> Ledger:
    ledger = Ledger.create(path, "Large", _now)
    drafts = _drafts(min(count, 10_000))
    for _ in range(0, count, len(drafts)):
        ledger.append(drafts, _now)
    return ledger


def _child(way: str, path: Path) -> Sample:
    command = [sys.executable, "-m", "tests.benchmarks.ledger", way, str(path)]
    return Sample(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def main(way: str, path: Path) -> None:
    """Read a ledger in this process and print what it needed."""
    with Ledger.open(path) as ledger:
        work = {
            "verify": lambda: verify(ledger).ok,
            "replay": lambda: len(baseline(ledger, AsOf.days(datetime.date(2100, 1, 1))).entries) > 0,
        }[way]
        start = time.perf_counter()
        assert work()
        seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTES_IN_A_MEGABYTE
    print(json.dumps({"seconds": seconds, "megabytes": peak}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
