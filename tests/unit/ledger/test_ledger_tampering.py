"""Whatever is done to a ledger's file is found, and named: which entry, and what kind of change."""

from __future__ import annotations

import datetime
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.ledgers import Clock, draft, filled, rewrite, rows, tampering
from valuehour.ledger import Finding, Ledger, Verdict, verify
from valuehour.ledger.canonical import canonical, sha256
from valuehour.models.ledger import Checkpoint

COUNT = 10
Row = tuple[int, str, str]
Change = Callable[[list[Row]], list[Row]]


def judged(path: Path, *checkpoints: Checkpoint) -> Verdict:
    with Ledger.open(path) as ledger:
        return verify(ledger, checkpoints)


def only_finding(verdict: Verdict) -> Finding:
    assert not verdict.ok
    (finding,) = verdict.findings
    return finding


def changed(text: str, **fields: object) -> str:
    return canonical({**json.loads(text), **fields})


def resealed(row: Row, **fields: object) -> Row:
    """The row with other content and the hash that fits it: what somebody does who knows how entries are hashed."""
    text = changed(row[2], **fields)
    return (row[0], sha256(text), text)


def chained(stored: list[Row], first: int) -> list[Row]:
    """All rows from a number on chained anew."""
    done = stored[: first - 1]
    for row in stored[first - 1 :]:
        done.append(resealed(row, previous=done[-1][1]))
    return done


def edited(stored: list[Row]) -> list[Row]:
    number, hash_, text = stored[4]
    return [*stored[:4], (number, hash_, changed(text, value="9.9")), *stored[5:]]


def edited_hash(stored: list[Row]) -> list[Row]:
    number, _, text = stored[4]
    return [*stored[:4], (number, "0" * 64, text), *stored[5:]]


def edited_and_resealed(stored: list[Row]) -> list[Row]:
    return [*stored[:4], resealed(stored[4], value="9.9"), *stored[5:]]


def replaced_by_stranger(stored: list[Row]) -> list[Row]:
    return [*stored[:4], resealed(stored[4], value="9.9", previous="a" * 64), *stored[5:]]


def last_replaced_by_stranger(stored: list[Row]) -> list[Row]:
    return [*stored[:9], resealed(stored[9], value="9.9", previous="a" * 64)]


def first_replaced(stored: list[Row]) -> list[Row]:
    return [resealed(stored[0], value="9.9", previous="a" * 64), *stored[1:]]


def inserted(stored: list[Row]) -> list[Row]:
    """A forged entry that follows entry 4, with the rest moved down."""
    forged = resealed(stored[4], value="9.9")
    return [*stored[:4], forged, *((number + 1, hash_, text) for number, hash_, text in stored[4:])]


def inserted_unsealed(stored: list[Row]) -> list[Row]:
    forged = (5, "0" * 64, changed(stored[4][2], value="9.9"))
    return [*stored[:4], forged, *((number + 1, hash_, text) for number, hash_, text in stored[4:])]


def copied(stored: list[Row]) -> list[Row]:
    """Entry 2 once more, after entry 4."""
    return [
        *stored[:4],
        (5, *stored[1][1:]),
        *((number + 1, hash_, text) for number, hash_, text in stored[4:]),
    ]


def deleted(stored: list[Row]) -> list[Row]:
    return [*stored[:4], *stored[5:]]


def deleted_and_renumbered(stored: list[Row]) -> list[Row]:
    return [*stored[:4], *((number - 1, hash_, text) for number, hash_, text in stored[5:])]


def beginning_deleted(stored: list[Row]) -> list[Row]:
    return stored[3:]


def reordered(stored: list[Row]) -> list[Row]:
    five, seven = stored[4], stored[6]
    return [*stored[:4], (5, *seven[1:]), stored[5], (7, *five[1:]), *stored[7:]]


def renumbered(stored: list[Row]) -> list[Row]:
    return [*stored[:4], *((number + 3, hash_, text) for number, hash_, text in stored[4:])]


def clock_set_back(stored: list[Row]) -> list[Row]:
    """The moment of entry 5 made earlier than entry 4, with everything after it chained anew."""
    return chained([*stored[:4], resealed(stored[4], recorded="2026-09-01T08:00:00.000000Z"), *stored[5:]], 6)


def clock_edited(stored: list[Row]) -> list[Row]:
    number, hash_, text = stored[4]
    return [*stored[:4], (number, hash_, changed(text, recorded="2027-01-01T08:00:00.000000Z")), *stored[5:]]


@pytest.mark.parametrize(
    ("change", "entry", "kind"),
    [
        (edited, 5, "edit"),
        (edited_hash, 5, "edit"),
        (edited_and_resealed, 5, "replace"),
        (replaced_by_stranger, 5, "replace"),
        (last_replaced_by_stranger, 9, "replace"),  # or 10: nothing follows that could tell which of the two it was
        (first_replaced, 1, "replace"),
        (inserted, 5, "insert"),
        (inserted_unsealed, 5, "insert"),
        (copied, 5, "insert"),
        (deleted, 5, "delete"),
        (deleted_and_renumbered, 5, "delete"),
        (beginning_deleted, 1, "delete"),
        (reordered, 5, "reorder"),
        (renumbered, 5, "edit"),
        (clock_set_back, 5, "changed clock"),
        (clock_edited, 5, "changed clock"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_change_is_found_at_its_entry_and_named(tmp_path: Path, change: Change, entry: int, kind: str) -> None:
    path = tmp_path / "l.db"
    filled(path, COUNT).close()
    assert judged(path).ok
    with tampering(path) as connection:
        rewrite(connection, change(rows(connection)))
    finding = only_finding(judged(path))
    assert (finding.entry, finding.change) == (entry, kind), finding
    assert str(finding).startswith(f"entry {entry}: {kind}: ")


def test_content_that_sqlite_itself_cannot_read_is_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    filled(path, 400).close()
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4096] = b"\xff" * 4096
    path.write_bytes(data)
    finding = only_finding(judged(path))
    assert finding.change in ("damaged file", "edit", "delete"), finding


def test_the_entries_of_another_ledger_are_a_splice(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine.db", tmp_path / "other.db"
    filled(mine, COUNT).close()
    filled(other, COUNT, title="Other").close()
    with tampering(other) as connection:
        foreign = rows(connection)
    with tampering(mine) as connection:
        rewrite(connection, [*rows(connection)[:4], *foreign[4:]])
    finding = only_finding(judged(mine))
    assert (finding.entry, finding.change) == (5, "splice")


def test_a_spliced_tail_that_was_chained_anew_still_says_where_it_comes_from(tmp_path: Path) -> None:
    mine, other = tmp_path / "mine.db", tmp_path / "other.db"
    filled(mine, COUNT).close()
    filled(other, COUNT, title="Other").close()
    with tampering(other) as connection:
        foreign = rows(connection)
    with tampering(mine) as connection:
        rewrite(connection, chained([*rows(connection)[:4], *foreign[4:]], 5))
    assert (only_finding(judged(mine)).entry, only_finding(judged(mine)).change) == (5, "splice")


def test_another_header_is_found_at_the_first_entry(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    filled(path, COUNT).close()
    with tampering(path) as connection:
        connection.execute("UPDATE header SET document = replace(document, 'Test', 'Best')")
    assert only_finding(judged(path)).entry == 1


def test_a_cut_tail_is_seen_with_a_checkpoint_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    with filled(path, COUNT) as ledger:
        checkpoint = ledger.checkpoint(Clock())
    with tampering(path) as connection:
        rewrite(connection, rows(connection)[:7])
    assert judged(path).ok, "the chain of what is left is sound"
    finding = only_finding(judged(path, checkpoint))
    assert (finding.entry, finding.change) == (8, "cut tail")
    assert "8 to 10" in finding.reason


def test_a_history_chained_anew_is_seen_with_a_checkpoint_and_only_then(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    with filled(path, COUNT) as ledger:
        clock = Clock(datetime.datetime.fromisoformat(ledger.head().recorded))
        checkpoint = ledger.checkpoint(clock)
        ledger.append([draft()], clock)
    with tampering(path) as connection:
        rewrite(connection, chained(edited_and_resealed(rows(connection)), 6))
    assert judged(path).ok
    finding = only_finding(judged(path, checkpoint))
    assert (finding.entry, finding.change) == (10, "replace")


def test_a_checkpoint_of_another_ledger_is_not_taken_for_this_one(tmp_path: Path) -> None:
    filled(tmp_path / "mine.db").close()
    with filled(tmp_path / "other.db", title="Other") as other:
        checkpoint = other.checkpoint(Clock())
    assert only_finding(judged(tmp_path / "mine.db", checkpoint)).change == "other ledger"


def test_a_ledger_that_has_grown_since_meets_its_checkpoints(tmp_path: Path) -> None:
    clock = Clock()
    with filled(tmp_path / "l.db", 0, clock) as ledger:
        checkpoints = [ledger.checkpoint(clock)]
        for number in range(4):
            ledger.append([draft(value=f"1.{number}")], clock)
            checkpoints.append(ledger.checkpoint(clock))
        assert verify(ledger, checkpoints).ok


@pytest.mark.parametrize("guard", ["entries_no_delete", "entries_no_update", "entries_next"])
def test_guards_that_were_taken_down_are_missed(tmp_path: Path, guard: str) -> None:
    path = tmp_path / "l.db"
    filled(path).close()
    with tampering(path):
        pass
    assert judged(path).ok
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"DROP TRIGGER {guard}")
        connection.commit()
    finding = only_finding(judged(path))
    assert finding.change == "guards"
    assert guard in finding.reason


def test_an_entry_cannot_be_forged_through_its_own_texts(tmp_path: Path) -> None:
    """What verify looks for in the text of an entry cannot be planted in one of its fields."""
    path = tmp_path / "l.db"
    clock = Clock()
    with filled(path, 2, clock) as ledger:
        planted = '","number":3,"previous":"' + "a" * 64 + '","recorded":"2020-01-01T00:00:00.000000Z","ledger":"x'
        ledger.append([draft(source=planted)], clock)
        assert verify(ledger).ok
        assert ledger.entry(3).source == planted
        assert re.search(r'\\"number\\":3', next(ledger.rows(3))[2])
