"""A process that starts workers on a ledger and kills them in the middle of what they do.

``python -m tests.e2e.ledger_crashes WORK FOLDER KILLS [WRITERS]`` prints what was found as JSON. It is a process of its
own because it forks: a worker starts in a millisecond, with everything imported. Every fault it finds ends it with a
traceback.
"""

from __future__ import annotations

import datetime
import itertools
import json
import os
import random
import resource
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NoReturn

from tests.ledgers import draft
from valuehour.errors import DataError
from valuehour.ledger import AsOf, Ledger, archive, restore, verify

DAY = datetime.date(2026, 11, 1)
PATIENCE = 30.0


def clock() -> datetime.datetime:
    """The moment of recording."""
    return datetime.datetime.now(datetime.UTC)


def forked(work: Callable[[], object]) -> int:
    """Start a worker; it ends when its work does, or when it is killed."""
    worker = os.fork()
    if worker:
        return worker
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def killed(workers: list[int], after: float) -> list[bool]:
    """Kill workers after a while; whether each was still at work."""
    time.sleep(after)
    for worker in workers:
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
    return [os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == -signal.SIGKILL for worker in workers]


def appending(path: Path, acknowledged: int, author: str) -> NoReturn:
    """Record until killed, one entry or a few; say so each time the ledger says that it is done."""
    with Ledger.open(path) as ledger:
        for turn in itertools.count():
            batch = [draft("outcome.x", turn, author=author) for _ in range(1 + turn % 3)]
            heads = ledger.append(batch, clock)
            os.write(acknowledged, "".join(f"{head.number} {head.hash}\n" for head in heads).encode())
    raise AssertionError


def appends(folder: Path, kills: int, writers: int, chance: random.Random) -> dict[str, int]:
    """No acknowledged entry is lost, and the chain is sound, whenever writers are killed."""
    path = folder / "l.db"
    Ledger.create(path, "Crashes", clock).close()
    known: dict[int, str] = {}
    at_work = 0
    for turn in range(kills):
        reading, writing = os.pipe()
        workers = [forked(partial(appending, path, writing, f"writer {index}")) for index in range(writers)]
        os.close(writing)
        if turn % 2:
            # Every other time they are let come to write first, however busy the machine is.
            select.select([reading], [], [], PATIENCE)
        at_work += sum(killed(workers, chance.uniform(0.001, 0.03)))
        with os.fdopen(reading, "rb") as stream:
            # A line that was being written when its writer was killed was not acknowledged.
            for line in stream.read().decode().split("\n")[:-1]:
                number, hash_ = line.split()
                assert known.setdefault(int(number), hash_) == hash_, f"entry {number} was acknowledged twice"
        if turn % 10 == 9 or turn == kills - 1:
            check(path, known)
    with Ledger.open(path) as ledger:
        return {"killed": at_work, "acknowledged": len(known), "entries": ledger.head().number}


def check(path: Path, known: dict[int, str]) -> None:
    """The chain is sound and holds what was acknowledged."""
    with Ledger.open(path) as ledger:
        verdict = verify(ledger)
        assert verdict.ok, verdict.findings
        stored = {number: hash_ for number, hash_, _ in ledger.rows()}
    lost = {number: hash_ for number, hash_ in known.items() if stored.get(number) != hash_}
    assert not lost, f"acknowledged and lost: {lost}"


def grown(path: Path, entries: int) -> Ledger:
    """A ledger of some days, large enough that reading it takes a while."""
    days = iter([DAY + datetime.timedelta(days=number) for number in range(10)])
    ledger = Ledger.create(path, "Crashes", lambda: datetime.datetime(2026, 10, 31, tzinfo=datetime.UTC))
    for day in days:
        moment = datetime.datetime.combine(day, datetime.time(8), datetime.UTC)
        batch = [draft("outcome.x", number, source=f"Run {number} of {day}") for number in range(entries // 10)]
        ledger.append(batch, lambda moment=moment: moment)
    return ledger


def whole(folder: Path) -> list[str]:
    """The names of what a person would take for finished."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def archives(folder: Path, kills: int, chance: random.Random) -> dict[str, int]:
    """An archive is there as a whole or not at all, and a ledger comes back from what is there."""
    with grown(folder / "l.db", 2000) as ledger:
        full = measured(lambda: archive(ledger, folder / "measured"))
        expected = whole(folder / "measured")
    at_work = complete = 0
    for turn in range(kills):
        days = folder / f"days {turn}"
        days.mkdir()

        def work(days: Path = days) -> None:
            with Ledger.open(folder / "l.db") as mine:
                archive(mine, days)

        at_work += sum(killed([forked(work)], chance.uniform(0, full)))
        found = whole(days)
        assert found == expected[: len(found)], found
        if found:
            head = restore([days], folder / f"back {turn}.db")
            assert head.number == 200 * len(found)
        complete += found == expected
        with Ledger.open(folder / "l.db") as ledger:
            assert len(archive(ledger, days)) == len(expected), "the next run finishes what a killed one began"
    return {"killed": at_work, "complete": complete}


def restores(folder: Path, kills: int, chance: random.Random) -> dict[str, int]:
    """A restored ledger is there as a whole or not at all."""
    with grown(folder / "l.db", 2000) as ledger:
        archive(ledger, folder / "days")
        head = ledger.head().hash
    full = measured(lambda: restore([folder / "days"], folder / "measured.db"))
    at_work = complete = 0
    for turn in range(kills):
        target = folder / f"back {turn}.db"
        at_work += sum(
            killed(
                [forked(partial(restore, [folder / "days"], target))],
                chance.uniform(0, full * 1.1),
            )
        )
        if target.exists():
            complete += 1
            with Ledger.open(target) as back:
                assert verify(back).head == head
        else:
            assert restore([folder / "days"], target).hash == head, "the next run is not in its way"
    return {"killed": at_work, "complete": complete}


def recalibrations(folder: Path, kills: int, chance: random.Random) -> dict[str, int]:
    """A workbook is the old one or the new one, never half of one."""
    from valuehour.ledger.recalibration import recalibrate
    from valuehour.ooxml import Package

    path, target = folder / "l.db", folder / "model.xlsx"
    with Ledger.create(path, "Crashes", clock) as ledger:
        names = {"projection.total_value": 88_000_000, "projection.years": 3, "uplift.K": "1.12"}
        ledger.append([draft(name, value, effective="2026-10-01") for name, value in names.items()], clock)

    def work() -> None:
        with Ledger.open(path) as mine:
            made = recalibrate(mine, AsOf.days(DAY, datetime.date(2100, 1, 1)), known_on=DAY)
            # Written again and again, since the writing is what may go wrong.
            for _ in range(20):
                made.built.package.write(target)

    full = measured(lambda: os.waitpid(forked(work), 0))
    expected = Package.read(target).digest()
    target.unlink()
    at_work = complete = 0
    for _ in range(kills):
        at_work += sum(killed([forked(work)], chance.uniform(full * 0.3, full)))
        if target.exists():
            complete += 1
            assert Package.read(target).digest() == expected
            if chance.random() < 0.5:
                target.unlink()
    return {"killed": at_work, "complete": complete}


def full_disk(folder: Path, kills: int, writers: int, _chance: random.Random) -> dict[str, int]:
    """Where no file can grow any more: what cannot be written is refused, what was acknowledged stays."""
    path = folder / "l.db"
    with grown(path, 400) as ledger:
        archive(ledger, folder / "days")
        size, before = path.stat().st_size, ledger.head()
    known: dict[int, str] = {}
    for turn in range(kills):
        reading, writing = os.pipe()
        limit = size + turn * 4096
        workers = [forked(partial(filling, path, limit, writing, f"writer {index}")) for index in range(1, writers)]
        workers.append(forked(partial(starved, path, limit, writing)))
        os.close(writing)
        for worker in workers:
            assert os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1]) == 0, "what cannot be written was not refused"
        with os.fdopen(reading, "rb") as stream:
            known |= {
                int(number): hash_ for number, hash_ in (line.split() for line in stream.read().decode().splitlines())
            }
        check(path, known)
        assert whole(folder) in (["days", "l.db"], ["days", "l.db", "other days"]), whole(folder)
        assert not (folder / "other days").exists() or whole(folder / "other days") == []
    with Ledger.open(path) as ledger:
        ledger.append([draft("outcome.x", 1)], clock)
        check(path, known)
        return {"starved": kills, "acknowledged": len(known), "entries": ledger.head().number - before.number}


def filling(path: Path, limit: int, acknowledged: int, author: str) -> None:
    """Record until the disk is full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    with suppress(DataError):
        appending(path, acknowledged, author)


def starved(path: Path, limit: int, acknowledged: int) -> None:
    """Record until the disk is full; then nothing else that must be written is done by half either."""
    filling(path, limit, acknowledged, "writer")
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    folder = path.parent
    for work in (
        lambda: Ledger.create(folder / "new.db", "Crashes", clock),
        lambda: restore([folder / "days"], folder / "back.db"),
        lambda: archive(Ledger.open(path), folder / "other days"),
    ):
        try:
            work()
        except DataError:
            continue
        raise AssertionError("what cannot be written was not refused")


def measured(work: Callable[[], object]) -> float:
    """How long a work takes when nobody kills it."""
    start = time.monotonic()
    work()
    return time.monotonic() - start


def main() -> None:
    """Do one kind of work and print what was found."""
    kind, folder, kills = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(f"{kind} {kills}")
    writing = {"appends": appends, "full_disk": full_disk}
    works = {"archives": archives, "restores": restores, "recalibrations": recalibrations}
    if kind in writing:
        found = writing[kind](folder, kills, int(sys.argv[4]), chance)
    else:
        found = works[kind](folder, kills, chance)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
