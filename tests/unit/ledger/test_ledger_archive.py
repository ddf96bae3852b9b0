"""Daily archives: the same entries give the same bytes, and the same ledger comes back from them, or none."""

from __future__ import annotations

import datetime
import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ledgers import Clock, draft, filled, rewrite, rows, tampering
from valuehour.errors import LedgerError
from valuehour.ledger import Ledger, archive, restore, verify

DAYS = ("2026-10-01", "2026-10-02", "2026-10-05")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Three days of three entries."""
    clock = Clock()
    made = Ledger.create(tmp_path / "l.db", "Test", clock)
    for day in DAYS:
        clock.on(day)
        for number in range(3):
            made.append([draft("outcome.x", number, source=f"Lauf {day} ö")], clock)
    return made


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_archives_of_each_day_rebuild_the_ledger_to_the_same_head(ledger: Ledger, tmp_path: Path) -> None:
    days = archive(ledger, tmp_path / "days")
    assert names(tmp_path / "days") == [f"{day}.jsonl.gz" for day in DAYS]
    assert [(day.first, day.count) for day in days] == [(1, 3), (4, 3), (7, 3)]
    head = restore([tmp_path / "days"], tmp_path / "back.db")
    with Ledger.open(tmp_path / "back.db") as back:
        assert back.id == ledger.id
        assert back.head() == ledger.head()
        assert head.hash == ledger.head().hash
        assert list(back.rows()) == list(ledger.rows())
        assert verify(back, [ledger.checkpoint(Clock())]).ok
        back.append([draft()], Clock().on("2026-10-06"))
        assert verify(back).count == 10


def test_the_same_entries_give_the_same_bytes_and_no_name_or_clock(ledger: Ledger, tmp_path: Path) -> None:
    archive(ledger, tmp_path / "one")
    restore([tmp_path / "one"], tmp_path / "copy.db")
    with Ledger.open(tmp_path / "copy.db") as copy:
        archive(copy, tmp_path / "two")
    for name in names(tmp_path / "one"):
        data = (tmp_path / "one" / name).read_bytes()
        assert data == (tmp_path / "two" / name).read_bytes()
        assert data[3] == 0, "no file name in the gzip header"
        assert data[4:8] == b"\0\0\0\0", "no time in the gzip header"


def test_archives_do_not_depend_on_time_zone_or_hash_seed(ledger: Ledger, tmp_path: Path) -> None:
    ledger.close()
    program = "import sys; from pathlib import Path; from valuehour.ledger import Ledger, archive\n"
    program += "with Ledger.open(Path(sys.argv[1])) as ledger: archive(ledger, Path(sys.argv[2]))"
    folders = []
    for zone, seed in (("Pacific/Auckland", "1"), ("America/Los_Angeles", "2")):
        folder = tmp_path / seed
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", program, str(tmp_path / "l.db"), str(folder)]
        subprocess.run(command, check=True, env=environment)
        folders.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert folders[0] == folders[1]
    assert sorted(folders[0]) == [f"{day}.jsonl.gz" for day in DAYS]


def test_only_days_that_are_new_or_have_grown_are_written(ledger: Ledger, tmp_path: Path) -> None:
    archive(ledger, tmp_path / "days")
    ledger.append([draft()], Clock().on("2026-10-05"))
    ledger.append([draft()], Clock().on("2026-10-06"))
    written = {day.path.name: day.written for day in archive(ledger, tmp_path / "days")}
    assert written == {
        "2026-10-01.jsonl.gz": False,
        "2026-10-02.jsonl.gz": False,
        "2026-10-05.jsonl.gz": True,
        "2026-10-06.jsonl.gz": True,
    }
    assert restore([tmp_path / "days"], tmp_path / "back.db").hash == ledger.head().hash


def test_an_archive_is_not_overwritten_from_a_ledger_that_was_changed(ledger: Ledger, tmp_path: Path) -> None:
    archive(ledger, tmp_path / "days")
    before = {path.name: path.read_bytes() for path in (tmp_path / "days").iterdir()}
    with tampering(ledger.path) as connection:
        rewrite(connection, rows(connection)[:8])
    with pytest.raises(LedgerError, match="holds other entries of 2026-10-05"):
        archive(ledger, tmp_path / "days")
    assert {path.name: path.read_bytes() for path in (tmp_path / "days").iterdir()} == before


def relined(change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    def apply(path: Path) -> None:
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        path.write_bytes(gzip.compress("".join(f"{line}\n" for line in change(lines)).encode()))

    return apply


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def gone(path: Path) -> None:
    path.unlink()


def doubled(path: Path) -> None:
    path.with_name("2026-10-03.jsonl.gz").write_bytes(path.read_bytes())


DAMAGE: dict[str, Callable[[Path], None]] = {
    "truncated": truncated,
    "flipped": flipped,
    "gone": gone,
    "doubled": doubled,
    "an entry dropped": relined(lambda lines: [*lines[:2], *lines[3:]]),
    "entries swapped": relined(lambda lines: [lines[0], lines[2], lines[1], *lines[3:]]),
    "a value edited": relined(lambda lines: [line.replace('"value":"1"', '"value":"2"') for line in lines]),
    "cut by a line": relined(lambda lines: lines[:-1]),
    "last line twice": relined(lambda lines: [*lines, lines[-1]]),
    "something put in": relined(lambda lines: [lines[0], "{}", *lines[1:]]),
    "another header": relined(lambda lines: [lines[0].replace("Test", "Best"), *lines[1:]]),
    "emptied": relined(lambda lines: []),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_archive_restores_nothing_and_is_named(
    ledger: Ledger, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    archive(ledger, tmp_path / "days")
    damage(tmp_path / "days" / "2026-10-02.jsonl.gz")
    with pytest.raises(LedgerError, match=r"2026-10-0\d\.jsonl\.gz: "):
        restore([tmp_path / "days"], tmp_path / "back.db")
    assert set(names(tmp_path)) <= {"days", "l.db", "l.db-shm", "l.db-wal"}, "nothing half-restored is left"


def test_a_restore_never_replaces_a_ledger(ledger: Ledger, tmp_path: Path) -> None:
    archive(ledger, tmp_path / "days")
    filled(tmp_path / "mine.db", 2).close()
    before = (tmp_path / "mine.db").read_bytes()
    with pytest.raises(LedgerError, match="never overwritten"):
        restore([tmp_path / "days"], tmp_path / "mine.db")
    assert (tmp_path / "mine.db").read_bytes() == before


def test_a_folder_without_archives_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no archives there"):
        restore([tmp_path], tmp_path / "back.db")


def test_an_archive_can_be_read_with_any_gunzip(ledger: Ledger, tmp_path: Path) -> None:
    archive(ledger, tmp_path / "days")
    with gzip.open(tmp_path / "days" / "2026-10-02.jsonl.gz", "rt", encoding="utf-8") as stream:
        opening, *entries, closing = map(json.loads, stream)
    assert opening["day"] == "2026-10-02"
    assert [entry["number"] for entry in entries] == [4, 5, 6]
    assert closing == {"count": 3, "head": ledger.entry(6).hash}


def test_archiving_does_not_hold_up_a_writer(ledger: Ledger, tmp_path: Path) -> None:
    """The archive is of one state of the ledger; an entry that comes meanwhile is in the next one."""
    clock = Clock().on("2026-10-06")
    reading = ledger.rows()
    next(reading)
    with Ledger.open(ledger.path) as other:
        other.append([draft()], clock)
    assert sum(1 for _ in reading) in (8, 9)
    assert clock.at.date() == datetime.date(2026, 10, 6)
    archive(ledger, tmp_path / "days")
    assert restore([tmp_path / "days"], tmp_path / "back.db").number == 10
