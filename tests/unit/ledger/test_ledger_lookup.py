"""What a spreadsheet gets when it asks the ledger for one value, and what it does not get."""

from __future__ import annotations

import datetime
import logging
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.ledgers import Clock, draft, reversal, rewrite, rows, tampering
from valuehour.errors import CellError, SourceError, UsageError
from valuehour.functions import FUNCTIONS, Record, ledger_evidence, ledger_status
from valuehour.functions import ledger as ledger_value
from valuehour.ledger import AsOf, Ledger, baseline
from valuehour.ledger.lookup import Lookup, Reader, date_of

OCTOBER_15, NOVEMBER_2, DECEMBER_31 = 46310, 46328, 46387


class Today:
    """A calendar that the test turns over."""

    def __init__(self, day: str) -> None:
        self.day = datetime.date.fromisoformat(day)

    def __call__(self) -> datetime.date:
        return self.day


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    with Ledger.create(tmp_path / "l.db", "Test", clock) as ledger:
        ledger.append([draft("uplift.K", "1.12", reference="Pilot report"), draft("salary.board", "9")], clock)
        clock.on("2026-11-01")
        ledger.append([draft("uplift.K", "1.2", status="assumed", effective="2026-10-31")], clock)
        yield ledger


@pytest.fixture
def today() -> Today:
    return Today("2026-12-31")


@pytest.fixture
def reader(ledger: Ledger, today: Today) -> Iterator[Reader]:
    reader = Reader(ledger.path, today)
    yield reader
    reader.close()


@pytest.fixture
def lookup(reader: Reader) -> Lookup:
    return reader.for_names(["uplift.*"])


def cell(records: Lookup, name: object, *as_of: float) -> object:
    return FUNCTIONS["LEDGER"].evaluate(name, *as_of, records=records)  # type: ignore[arg-type]


def test_a_name_gives_what_holds_today_or_held_on_a_day(lookup: Lookup) -> None:
    assert ledger_value("uplift.K", records=lookup) == 1.2
    assert ledger_status("uplift.K", records=lookup) == "assumed"
    assert ledger_evidence("uplift.K", records=lookup) == "none given"
    assert lookup.holding("uplift.K", OCTOBER_15) == Record(1.12, "measured", "Pilot report")
    assert cell(lookup, "UPLIFT.k", OCTOBER_15 + 0.9) == 1.12


def test_before_it_was_recorded_there_was_nothing(lookup: Lookup) -> None:
    september_30 = 46295  # effective that day, and recorded on the next
    assert date_of(september_30) == datetime.date(2026, 9, 30)
    assert cell(lookup, "uplift.K", september_30) is CellError.NA
    assert cell(lookup, "uplift.K", september_30 + 1) == 1.12
    assert cell(lookup, "uplift.K", 1) is cell(lookup, "uplift.K", 59) is cell(lookup, "uplift.K", 60) is CellError.NA
    assert cell(lookup, "uplift.K", 2_958_465) == 1.2


def test_what_is_effective_from_tomorrow_on_is_what_tomorrow_gives(
    lookup: Lookup, ledger: Ledger, clock: Clock, today: Today
) -> None:
    clock.on("2026-12-31")
    ledger.append([draft("uplift.K", "1.5", effective="2027-01-01")], clock)
    assert cell(lookup, "uplift.K") == 1.2
    assert cell(lookup, "uplift.K", DECEMBER_31 + 1) == 1.5
    today.day = datetime.date(2027, 1, 1)
    assert cell(lookup, "uplift.K") == 1.5


def test_every_day_of_a_long_history_gives_what_a_replay_gives(tmp_path: Path, clock: Clock) -> None:
    """Backdated entries, corrections of them and corrections that come later: looked up as they are replayed."""
    with Ledger.create(tmp_path / "long.db", "Test", clock) as ledger:
        for day in range(1, 29):
            clock.on(f"2026-10-{day:02}")
            effective = f"2026-10-{(day * 11) % 28 + 1:02}"
            number = ledger.append([draft("uplift.K", 1 + day / 100, effective=effective)], clock)[0].number
            if day % 5 == 0:
                ledger.append([reversal(number - 1, effective="2026-10-28")], clock)
        reader = Reader(ledger.path, Today("2026-12-31"))
        lookup = reader.for_names(["*"])
        seen = set()
        for day in range(46290, 46330):
            date = date_of(day)
            assert date is not None
            entry = baseline(ledger, AsOf.days(date)).entries.get("uplift.K")
            found = lookup.holding("uplift.K", day)
            assert (None if found is None else found.value) == (None if entry is None else float(entry.value or 0)), day
            seen.add(found)
        assert len(seen) > 8
        reader.close()


def test_a_name_that_may_not_be_seen_is_not_told_from_one_that_is_not_there(lookup: Lookup) -> None:
    answers = set()
    for name in ("salary.board", "SALARY.board", "salary.nobody", "uplift.P", "uplift.*", "*", "", "x" * 40_000):
        assert cell(lookup, name) is CellError.NA
        with pytest.raises(Exception, match="the ledger holds nothing of that name for you") as caught:
            ledger_value(name, records=lookup)
        answers.add(str(caught.value).replace(repr(name), "X"))
    assert len(answers) == 1


def test_half_a_character_is_a_name_that_is_not_there(lookup: Lookup) -> None:
    """``=LEDGER(LEFT("😀",1))`` sends one."""
    half = "\ud83d"
    assert FUNCTIONS["LEDGER"].evaluate(half, records=lookup) is CellError.NA
    assert lookup.holding(half, 0) is None


@pytest.mark.parametrize(
    ("allowed", "seen"),
    [
        ([], set()),
        (["*"], {"uplift.K", "share.Region.EMEA", "share.Region.[x]", "share.Regional.x"}),
        (["share.Region.*"], {"share.Region.EMEA", "share.Region.[x]"}),
        (["share.Region.[x]", "uplift.K"], {"share.Region.[x]", "uplift.K"}),
        (["share.region.*", "UPLIFT.K"], set()),
    ],
)
def test_what_may_be_seen_is_said_by_names_or_by_how_they_begin(
    tmp_path: Path, clock: Clock, allowed: list[str], seen: set[str]
) -> None:
    names = ["uplift.K", "share.Region.EMEA", "share.Region.[x]", "share.Regional.x"]
    with Ledger.create(tmp_path / "names.db", "Test", clock) as ledger:
        ledger.append([draft(name, 1) for name in names], clock)
    reader = Reader(ledger.path, Today("2026-12-31"))
    records = reader.for_names(allowed)
    assert {name for name in names if cell(records, name) == 1} == seen
    assert {name for name in names if cell(records, name.upper()) == 1} == seen
    reader.close()


@pytest.mark.parametrize("pattern", ["uplift*", "*.K", "share.*.EMEA", "share.Region.*.*", "**"])
def test_a_permission_that_means_nothing_is_refused_when_it_is_given(reader: Reader, pattern: str) -> None:
    with pytest.raises(UsageError, match=r"says no names; allowed: a name, share\.Region\.\* for all that begin so"):
        reader.for_names(["uplift.K", pattern])


def test_two_names_that_differ_in_case_are_each_found_as_they_are_spelled(
    lookup: Lookup, reader: Reader, ledger: Ledger, clock: Clock
) -> None:
    ledger.append([draft("outcome.a", 1), draft("outcome.A", 2)], clock)
    records = reader.for_names(["*"])
    assert [cell(records, name) for name in ("outcome.a", "outcome.A")] == [1, 2]


def test_what_is_recorded_while_people_look_is_seen_at_once(lookup: Lookup, ledger: Ledger, clock: Clock) -> None:
    assert cell(lookup, "uplift.P") is CellError.NA
    for step in range(5):
        ledger.append([draft("uplift.P", 1 + step / 10)], clock)
        assert [cell(lookup, "uplift.P") for _ in range(3)] == [1 + step / 10] * 3
    head = ledger.append([draft("uplift.Q".replace("Q", "C"), 3)], clock)[0]
    assert cell(lookup, "UPLIFT.c") == 3
    ledger.append([reversal(head.number)], clock)
    assert cell(lookup, "uplift.C") is CellError.NA


def test_a_recalculation_opens_the_file_once_and_looks_each_name_up_once(
    lookup: Lookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[sqlite3.Connection] = []
    connect = sqlite3.connect

    def counting(*arguments: object, **settings: object) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*arguments, **settings)  # type: ignore[call-overload]
        opened.append(connection)
        return connection

    monkeypatch.setattr(sqlite3, "connect", counting)
    assert cell(lookup, "uplift.K") == 1.2
    (connection,) = opened
    statements: list[str] = []
    connection.set_trace_callback(statements.append)
    cells = [["uplift.K"], ["uplift.K"], ["uplift.P"], ["salary.board"]] * 250
    found = FUNCTIONS["LEDGER"].evaluate(cells, records=lookup)  # type: ignore[arg-type]
    assert found == [[1.2], [1.2], [CellError.NA], [CellError.NA]] * 250
    for _ in range(250):
        assert cell(lookup, "uplift.K") == 1.2
    assert len(opened) == 1
    assert len([text for text in statements if "data_version" not in text]) < 10


def test_threads_may_look_while_others_record(ledger: Ledger, reader: Reader, clock: Clock) -> None:
    lookup, done = reader.for_names(["outcome.*"]), threading.Event()
    ledger.append([draft("outcome.x", 0)], clock)

    def look() -> list[float]:
        seen: list[float] = []
        while not done.is_set() or not seen:
            value = cell(lookup, "outcome.x")
            assert isinstance(value, float)
            seen.append(value)
        return seen

    with ThreadPoolExecutor(4) as pool:
        looking = [pool.submit(look) for _ in range(4)]
        for step in range(1, 60):
            ledger.append([draft("outcome.x", step)], clock)
        done.set()
        histories = [future.result(timeout=60) for future in looking]
    for seen in histories:
        assert seen == sorted(seen)
    assert cell(lookup, "outcome.x") == 59


def refusing(lookup: Lookup, caplog: pytest.LogCaptureFixture) -> str:
    """The one line in the log when the ledger cannot be read, however many cells ask."""
    caplog.clear()
    with caplog.at_level(logging.INFO, "valuehour.ledger"):
        for _ in range(20):
            assert cell(lookup, "uplift.K") is CellError.REF
    with pytest.raises(SourceError, match="the ledger cannot be read"):
        ledger_value("uplift.K", records=lookup)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "\n" not in record.getMessage()
    return record.getMessage()


def test_a_ledger_that_is_gone_is_an_error_in_the_cell_and_one_line_in_the_log_until_it_is_back(
    lookup: Lookup, ledger: Ledger, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert cell(lookup, "uplift.K") == 1.2
    ledger.close()
    away = tmp_path / "away.db"
    lookup._reader.close()
    ledger.path.rename(away)
    assert str(ledger.path) in refusing(lookup, caplog)
    away.rename(ledger.path)
    caplog.clear()
    with caplog.at_level(logging.INFO, "valuehour.ledger"):
        assert cell(lookup, "uplift.K") == cell(lookup, "uplift.K") == 1.2
    assert [record.getMessage() for record in caplog.records] == [f"{ledger.path}: the ledger can be read again"]


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_file_that_is_no_ledger_is_an_error_in_the_cell(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(content)
    assert str(path) in refusing(Reader(path).for_names(["*"]), caplog)


def test_a_damaged_page_is_an_error_in_the_cell(
    lookup: Lookup, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    ledger.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ledger.close()
    content = ledger.path.read_bytes()
    ledger.path.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))
    assert str(ledger.path) in refusing(lookup, caplog)


def test_a_ledger_put_in_its_place_is_not_mixed_with_the_one_before(
    lookup: Lookup, ledger: Ledger, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """SQLite would take the journal that the old file left for that of the new one."""
    assert cell(lookup, "uplift.K") == 1.2
    ledger.close()
    clock = Clock()
    with Ledger.create(tmp_path / "other.db", "Other", clock) as other:
        other.append([draft("uplift.K", 7)], clock)
    other.path.replace(ledger.path)
    assert "was replaced while it was in use, and l.db-wal is still that of the file before" in refusing(lookup, caplog)
    ledger.path.with_name("l.db-wal").unlink()
    ledger.path.with_name("l.db-shm").unlink()
    assert cell(lookup, "uplift.K") == 7


def test_an_entry_that_was_edited_is_not_handed_out(
    lookup: Lookup, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    assert cell(lookup, "uplift.K") == 1.2
    with tampering(ledger.path) as connection:
        stored = rows(connection)
        rewrite(connection, [(number, hash_, text.replace("1.2", "9.9")) for number, hash_, text in stored])
    with caplog.at_level(logging.INFO, "valuehour.ledger"):
        for _ in range(3):
            assert cell(lookup, "uplift.K") is CellError.REF
            assert cell(lookup, "uplift.K", OCTOBER_15) == 1.12  # that entry is sound
    (record,) = caplog.records
    assert "entry 3 is not as it was recorded; see: valuehour ledger verify" in record.getMessage()
    assert cell(lookup._reader.for_names(["salary.*"]), "uplift.K") is CellError.NA


def test_a_reader_of_a_file_that_may_not_be_written_reads_it(ledger: Ledger, today: Today) -> None:
    with closing(sqlite3.connect(ledger.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ledger.close()
    ledger.path.chmod(0o444)
    reader = Reader(ledger.path, today)
    assert cell(reader.for_names(["*"]), "uplift.K") == 1.2
    reader.close()
