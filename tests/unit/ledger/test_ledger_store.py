"""Recording: what is taken, what is refused and why, and that what is there stays there."""

from __future__ import annotations

import datetime
import json
import re
import sqlite3
import threading
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ledgers import Clock, closing_of, draft, filled, reversal
from valuehour.errors import LedgerError, UsageError
from valuehour.ledger import AsOf, Ledger, baseline, verify
from valuehour.ledger.canonical import canonical
from valuehour.ledger.drafting import drafts
from valuehour.models.ledger import LedgerDraft

DAY = datetime.date(2026, 12, 31)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Ledger:
    return Ledger.create(tmp_path / "l.db", "Test", clock)


def holding(ledger: Ledger, day: datetime.date = DAY) -> dict[str, Decimal | None]:
    return {name: entry.value for name, entry in baseline(ledger, AsOf.days(day)).entries.items()}


def refused(ledger: Ledger, entry: LedgerDraft, clock: Clock) -> str:
    before = ledger.head()
    with pytest.raises(LedgerError) as caught:
        ledger.append([entry], clock)
    assert ledger.head() == before, "what is refused leaves nothing behind"
    return str(caught.value)


# What an entry is


def test_a_number_comes_back_exactly_as_it_was_recorded(ledger: Ledger, clock: Clock) -> None:
    ledger.append([draft("outcome.x", text) for text in ("0.1", "1.120", "88_000_000", "-0", "8.8e7", "1e-18")], clock)
    found = [f"{entry.value:f}" for entry in ledger.entries()]
    assert found == ["0.1", "1.12", "88000000", "0", "88000000", "0.000000000000000001"]


def test_texts_that_look_alike_are_stored_alike(ledger: Ledger, clock: Clock) -> None:
    ledger.append([draft(source="Cafe\u0301 study", author="Zoe\u0308")], clock)
    entry = ledger.entry(1)
    assert (entry.source, entry.author) == ("Caf\u00e9 study", "Zo\u00eb")


def test_an_entry_is_written_in_the_one_canonical_way(ledger: Ledger, clock: Clock) -> None:
    full = draft(
        low="1.05",
        high="1.2",
        unit="factor",
        period="2026-Q3",
        status="approved",
        approver="böb",
        reference='Report "Q3"\\x',
    )
    ledger.append([full], clock)
    ledger.append([reversal(1)], clock)
    for _, _, text in ledger.rows():
        assert text == canonical(json.loads(text))
        assert not any(isinstance(value, float) for value in json.loads(text).values())


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"name": "uplift.k"}, "did you mean 'uplift.K'"),
        ({"name": "projection.totalvalue"}, "did you mean 'projection.total_value'"),
        ({"name": "K"}, "not a name of the ledger"),
        ({"name": "share.Region"}, "share.DIMENSION.MEMBER"),
        ({"name": "share.Region.EMEA", "value": "1.2"}, "from 0 to 1"),
        ({"value": "0"}, "above 0"),
        ({"value": "1,12"}, "with a point"),
        ({"value": "nan"}, "a number such as"),
        ({"value": "1e16"}, "up to 1000000000000000"),
        ({"value": "1.1234567890123456789"}, "18 of them after the point"),
        ({"low": "1.2"}, "low ≤ value ≤ high"),
        ({"status": "certain"}, "'assumed', 'measured' or 'approved'"),
        ({"status": "approved"}, "an approver go together"),
        ({"approver": "bob"}, "an approver go together"),
        ({"status": "approved", "approver": "ANA"}, "two different people"),
        ({"effective": "30.9.2026"}, "a date such as 2026-09-30"),
        ({"period": "2026-Q5"}, "2026-Q3"),
        ({"source": ""}, "source: is missing"),
        ({"source": "=1+1"}, "as a formula does"),
        ({"evidence": "no such file"}, "cannot be read"),
        ({"reverses": 1}, "not allowed for a value"),
    ],
)
def test_what_is_not_an_entry_is_refused_with_what_is_allowed(
    ledger: Ledger, clock: Clock, fields: dict[str, object], complaint: str
) -> None:
    with pytest.raises(LedgerError, match=re.escape(complaint)):
        ledger.append([draft(**fields)], clock)
    assert ledger.head().number == 0


def test_the_low_case_of_a_divisor_may_be_the_larger_number(ledger: Ledger, clock: Clock) -> None:
    ledger.append([draft("projection.years", "3", low="4", high="2")], clock)
    assert ledger.entry(1).low == 4


def test_evidence_is_recorded_by_its_sha256(tmp_path: Path, ledger: Ledger, clock: Clock) -> None:
    (tmp_path / "study.csv").write_bytes(b"abc")
    ledger.append([draft(evidence=str(tmp_path / "study.csv"), reference="Appendix 2")], clock)
    evidence = ledger.entry(1).evidence
    assert evidence is not None
    assert evidence.file == "study.csv"
    assert evidence.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert str(evidence).startswith("Appendix 2; study.csv, sha256 ba78")


# What may follow what


def test_the_latest_effective_date_holds_and_then_the_latest_record(ledger: Ledger, clock: Clock) -> None:
    for value, effective in (("1.3", "2026-10-01"), ("1.1", "2026-09-01"), ("1.2", "2026-09-01")):
        ledger.append([draft(value=value, effective=effective)], clock)
    assert holding(ledger, datetime.date(2026, 12, 1)) == {"uplift.K": Decimal("1.3")}
    assert holding(ledger, datetime.date(2026, 10, 1)) == {"uplift.K": Decimal("1.3")}
    september = AsOf.days(datetime.date(2026, 9, 30), datetime.date(2026, 12, 31))
    assert baseline(ledger, september).entries["uplift.K"].value == Decimal("1.2")


def test_a_reversal_takes_back_from_its_date_on_and_not_before(ledger: Ledger, clock: Clock) -> None:
    ledger.append([draft(value="1.1", effective="2026-01-01")], clock)
    ledger.append([draft(value="1.5", effective="2026-06-01")], clock)
    ledger.append([reversal(2, "2026-09-01")], clock)

    def on(day: str, through: int | None = None) -> Decimal | None:
        view = AsOf.days(datetime.date.fromisoformat(day), DAY, through)
        return baseline(ledger, view).entries["uplift.K"].value

    assert on("2026-08-31") == Decimal("1.5")
    assert on("2026-09-01") == Decimal("1.1")
    assert on("2026-09-01", through=2) == Decimal("1.5"), "as it was before the reversal was recorded"


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (reversal(3), "an entry that is there, 1 to 2"),
        (reversal(1, "2026-09-29"), "that day or later"),
        (reversal(2), "a reversal; allowed: the reversal of a value"),
    ],
)
def test_a_reversal_of_nothing_is_refused(ledger: Ledger, clock: Clock, entry: LedgerDraft, complaint: str) -> None:
    ledger.append([draft()], clock)
    ledger.append([reversal(1)], clock)
    assert complaint in refused(ledger, entry, clock)


def test_an_entry_is_taken_back_once(ledger: Ledger, clock: Clock) -> None:
    ledger.append([draft()], clock)
    ledger.append([reversal(1)], clock)
    assert "reversed already, by entry 2" in refused(ledger, reversal(1), clock)


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        (draft(effective="2026-07-01"), "in the period 2026-Q3, which is closed"),
        (draft(effective="2026-10-01", period="2026-08"), "period is 2026-08, which is closed"),
        (closing_of("2026-Q3"), "closed already"),
        (reversal(1, "2026-09-30"), "in the period 2026-Q3, which is closed"),
    ],
)
def test_a_closed_period_takes_nothing_more(ledger: Ledger, clock: Clock, entry: LedgerDraft, complaint: str) -> None:
    ledger.append([draft()], clock)
    ledger.append([closing_of("2026-Q3")], clock)
    assert complaint in refused(ledger, entry, clock)
    ledger.append([draft(effective="2026-10-01")], clock)
    ledger.append([reversal(1, "2026-10-01")], clock)
    assert baseline(ledger, AsOf.days(datetime.date(2026, 9, 30), DAY)).entries["uplift.K"].number == 1


def test_a_period_closed_in_the_same_batch_is_closed(ledger: Ledger, clock: Clock) -> None:
    with pytest.raises(LedgerError, match="closed"):
        ledger.append([closing_of("2026-Q3"), draft()], clock)
    assert ledger.head().number == 0
    ledger.append([draft()], clock)


def test_a_balance_must_hold_when_it_is_asserted_and_ever_after(ledger: Ledger, clock: Clock) -> None:
    ledger.append([draft("share.Region.EMEA", "0.31"), draft("share.Region.NA", "0.42")], clock)
    assert "is 0.73, not 1" in refused(ledger, draft("share.Region.*", "1", kind="assertion"), clock)
    ledger.append([draft("share.Region.*", "0.73", kind="assertion")], clock)
    assert verify(ledger).ok
    ledger.append([draft("share.Region.NA", "0.50")], clock)  # backdated under the assertion
    (finding,) = verify(ledger).findings
    assert (finding.entry, finding.change) == (3, "balance")
    assert "is 0.81" in finding.reason
    ledger.append([reversal(3)], clock)
    assert verify(ledger).ok, "an assertion that was taken back asserts nothing"


def test_a_balance_of_names_that_only_begin_alike_is_not_mixed_up(ledger: Ledger, clock: Clock) -> None:
    ledger.append([draft("share.Region.EMEA", "0.31"), draft("share.Regional.EMEA", "0.5")], clock)
    ledger.append([draft("share.Region.*", "0.31", kind="assertion")], clock)


# Append-only, by every door


@pytest.mark.parametrize("recursive", [True, False])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET document = '{}' WHERE number = 2",
        "UPDATE OR REPLACE entries SET number = 1 WHERE number = 2",
        "DELETE FROM entries WHERE number = 2",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries (number, hash, document) VALUES (2, 'x', '{}')",
        "REPLACE INTO entries (number, hash, document) VALUES (2, 'x', '{}')",
        "INSERT OR IGNORE INTO entries (number, hash, document) VALUES (2, 'x', '{}')",
        "INSERT INTO entries (number, hash, document) VALUES (9, 'x', '{}')",
        "INSERT INTO entries (number, hash, document) VALUES (2, '', '{}') ON CONFLICT DO UPDATE SET hash = 1",
        "INSERT INTO entries (hash, document) VALUES ('x', '{}')",
        "UPDATE header SET document = '{}'",
        "DELETE FROM header",
        "INSERT OR REPLACE INTO header (rowid, document) VALUES (1, '{}')",
    ],
)
def test_no_statement_of_any_program_changes_what_is_recorded(tmp_path: Path, statement: str, recursive: bool) -> None:
    path = tmp_path / "l.db"
    filled(path, 3).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"PRAGMA recursive_triggers = {int(recursive)}")
        before = other.execute("SELECT * FROM entries").fetchall(), other.execute("SELECT * FROM header").fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="a ledger"):
            other.execute(statement)
        assert (
            other.execute("SELECT * FROM entries").fetchall(),
            other.execute("SELECT * FROM header").fetchall(),
        ) == before


def test_every_acknowledged_entry_is_synced_to_disk(ledger: Ledger) -> None:
    assert ledger.connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert ledger.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert ledger.connection.execute("PRAGMA recursive_triggers").fetchone() == (1,)


def test_several_writers_wait_for_each_other_and_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    Ledger.create(path, "Test", Clock()).close()
    moment = datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC)
    errors: list[Exception] = []

    def write(author: str) -> None:
        try:
            with Ledger.open(path) as mine:
                for number in range(50):
                    mine.append([draft("outcome.x", number, author=author)], lambda: moment)
        except LedgerError as error:
            errors.append(error)

    writers = [threading.Thread(target=write, args=(f"writer {index}",)) for index in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert errors == []
    with Ledger.open(path) as ledger:
        assert verify(ledger).count == 200
        for index in range(4):
            mine = [entry.value for entry in ledger.entries() if entry.author == f"writer {index}"]
            assert mine == list(range(50)), "each writer's own order is kept"


# Clocks


def test_a_clock_that_was_set_right_by_seconds_stops_nobody(ledger: Ledger, clock: Clock) -> None:
    ledger.append([draft()], clock)
    clock.at -= datetime.timedelta(seconds=30)
    ledger.append([draft()], clock)
    first, second = ledger.entries()
    assert second.recorded == first.recorded
    assert verify(ledger).ok


def test_a_clock_that_runs_far_behind_the_ledger_is_refused(ledger: Ledger, clock: Clock) -> None:
    ledger.append([draft()], clock)
    clock.at -= datetime.timedelta(days=1)
    assert "set the clock right" in refused(ledger, draft(), clock)


# Files


def test_a_ledger_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    filled(path, 2).close()
    data = path.read_bytes()
    with pytest.raises(LedgerError, match="never overwritten"):
        Ledger.create(path, "Other", Clock())
    assert path.read_bytes() == data
    assert [file.name for file in tmp_path.iterdir()] == ["l.db"]


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to be looked at", None])
def test_what_is_not_a_ledger_is_said_to_be_none(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "l.db"
    if content is None:
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE entries (x)")
    else:
        path.write_bytes(content)
    with pytest.raises(LedgerError, match="not a ledger"):
        Ledger.open(path)


def test_opening_a_ledger_that_is_not_there_makes_none(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="no such ledger"):
        Ledger.open(tmp_path / "l.db")
    assert list(tmp_path.iterdir()) == []


def test_asking_for_an_entry_that_is_not_there_says_how_many_there_are(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="no entry 7; there are 0"):
        ledger.entry(7)


# Many at once


def test_a_file_of_entries_is_recorded_as_a_whole_or_not_at_all(tmp_path: Path, ledger: Ledger, clock: Clock) -> None:
    good = tmp_path / "good.csv"
    good.write_text(
        "\ufeffName,Value,Status,Effective,Source,Evidence\n"
        "uplift.K,1.120,measured,2026-09-30,Study,good.csv\n"
        "\n"
        "share.Region.EMEA,0.31,assumed,2026-09-30,Runs,\n",
        encoding="utf-8",
    )
    ledger.append(drafts(good, "ana"), clock)
    assert holding(ledger) == {"uplift.K": Decimal("1.12"), "share.Region.EMEA": Decimal("0.31")}
    assert ledger.entry(1).evidence is not None
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "name,value,status,effective,source\n"
        "uplift.K,1.12,measured,2026-09-30,Study\n"
        "uplift.P,one,measured,2026-09-30,Study\n"
        "uplift.C,1.06,measured,soon,Study\n",
        encoding="utf-8",
    )
    with pytest.raises(LedgerError) as caught:
        drafts(bad, "ana")
    assert str(caught.value).splitlines() == [
        "bad.csv: line 3: value is 'one'; allowed: a number such as 1.12, with a point and without separators",
        "bad.csv: line 4: effective is 'soon'; allowed: a date such as 2026-09-30",
    ]


def test_a_number_in_json_lines_passes_through_no_float(tmp_path: Path, ledger: Ledger, clock: Clock) -> None:
    file = tmp_path / "entries.jsonl"
    file.write_text(
        '{"name":"outcome.x","value":0.1234567890123456789,"status":"measured","effective":"2026-09-30","source":"s"}\n'
    )
    with pytest.raises(LedgerError, match="18 of them after the point"):
        drafts(file, "ana")  # refused for its nineteenth place, which a float would have swallowed
    file.write_text(
        '{"name":"outcome.x","value":1234567890.123456789,"status":"measured","effective":"2026-09-30","source":"s"}\n'
    )
    ledger.append(drafts(file, "ana"), clock)
    assert ledger.entry(1).value == Decimal("1234567890.123456789")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("x.csv", "name,vlaue\nuplift.K,1\n", "did you mean 'value'"),
        ("x.csv", "name,value\nuplift.K,1,2\n", "a cell beyond the last column"),
        ("x.csv", "name,value\n", "holds no entries"),
        ("x.jsonl", "[1]\n", "an object in braces"),
        ("x.jsonl", "{\n", "line 1: not JSON"),
        ("x.txt", "", ".csv or .jsonl"),
    ],
)
def test_a_file_that_holds_no_entries_is_refused(tmp_path: Path, name: str, content: str, complaint: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(LedgerError, match=re.escape(complaint)):
        drafts(tmp_path / name, "ana")
