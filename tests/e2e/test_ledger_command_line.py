"""The ledger from the command line, as a person and as a program use it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.ledgers import rewrite, rows, tampering
from tests.workbooks import complaints, valuehour

FACTORS = (("K", "1.12"), ("P", "1.08"), ("C", "1.06"))


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VALUEHOUR_AUTHOR", "ana")
    path = tmp_path / "l.db"
    assert valuehour("ledger", "init", path, "--title", "Runtime").exit_code == 0
    return path


def record(ledger: Path, name: str, value: str, *more: object, status: str = "measured") -> Any:
    return valuehour(
        "ledger",
        "record",
        ledger,
        "--name",
        name,
        "--value",
        value,
        "--status",
        status,
        "--source",
        "Pilot study",
        "--effective",
        "2026-01-31",
        *more,
    )


def as_json(*arguments: object) -> Any:
    done = valuehour(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_measure_record_verify_archive_restore_and_recalibrate(ledger: Path, tmp_path: Path) -> None:
    study = tmp_path / "study.csv"
    study.write_text("runs,minutes\n")
    for name, value in FACTORS:
        done = record(ledger, f"uplift.{name}", value, "--evidence", study)
        assert done.exit_code == 0, done.output
    assert "recorded as entry 3" in done.stdout
    checkpoint = tmp_path / "checkpoint.json"
    assert valuehour("ledger", "checkpoint", ledger, "--out", checkpoint).exit_code == 0
    done = valuehour("ledger", "verify", ledger, "--checkpoint", checkpoint)
    assert done.exit_code == 0
    assert "ok: 3 entries" in done.stdout
    assert "1 checkpoint met" in done.stdout
    assert valuehour("ledger", "archive", ledger, "--out", tmp_path / "days").exit_code == 0
    assert valuehour("ledger", "restore", tmp_path / "back.db", tmp_path / "days").exit_code == 0
    head = as_json("ledger", "verify", ledger)["head"]
    assert as_json("ledger", "verify", tmp_path / "back.db")["head"] == head
    out = tmp_path / "model.xlsx"
    done = valuehour("recalibrate", "--ledger", ledger, "--scenario", "decision_continuity", "--out", out)
    assert done.exit_code == 0, done.output
    assert "growth is released: every factor is measured" in done.stdout
    assert "4,293.44" in done.stdout
    assert valuehour("verify", out).exit_code == 0
    results = as_json("read", out)["results"]
    assert round(results["value_per_hour"], 2) == 3348.55
    assert round(results["value_per_hour_at_horizon"], 2) == 4293.44
    assert results["locked"] == 0


def test_everything_is_there_for_a_program_too(ledger: Path, tmp_path: Path) -> None:
    made = json.loads(record(ledger, "uplift.K", "1.120", "--low", "1.0", "--json").stdout)
    assert made["entry"] == 1
    shown = as_json("ledger", "show", ledger, "uplift.K")
    assert shown == as_json("ledger", "show", ledger, "1")
    assert shown["value"] == "1.12", "a number stays a text, so that nobody rounds it"
    assert shown["author_self_asserted"] == "ana"
    assert shown["hash"] == made["hash"]
    (logged,) = [json.loads(line) for line in valuehour("ledger", "log", ledger, "--json").stdout.splitlines()]
    assert logged == shown
    replayed = as_json("ledger", "replay", ledger)
    assert replayed["entries"] == [shown]
    assert replayed["count"] == 1
    assert as_json("ledger", "reverse", ledger, 1, "--source", "Wrong")["entry"] == 2
    assert as_json("ledger", "replay", ledger)["entries"] == []
    assert as_json("ledger", "replay", ledger, "--through", 1)["entries"] == [shown]
    assert as_json("ledger", "close", ledger, "--period", "2025")["entry"] == 3
    claim = ("--name", "uplift.*", "--value", "0", "--effective", "2026-01-31", "--source", "Books")
    assert as_json("ledger", "assert", ledger, *claim)["entry"] == 4
    assert as_json("ledger", "checkpoint", ledger)["count"] == 4
    (day,) = as_json("ledger", "archive", ledger, "--out", tmp_path / "days")
    assert (day["count"], day["written"]) == (4, True)
    assert as_json("ledger", "restore", tmp_path / "back.db", tmp_path / "days")["count"] == 4
    entries = tmp_path / "more.csv"
    entries.write_text("name,value,status,effective,source\nuplift.P,1.08,measured,2026-02-01,Study\n")
    assert as_json("ledger", "import", ledger, entries)["recorded"] == 1
    model = as_json(
        "recalibrate", "--ledger", ledger, "--scenario", "decision_continuity", "--out", tmp_path / "m.xlsx"
    )
    assert [entry["name"] for entry in model["entries"]] == ["uplift.P"]
    assert model["locked"] == "2 of 3 uplift factors are only assumed: K, C"


def test_a_log_reads_like_a_bank_statement(ledger: Path) -> None:
    record(ledger, "uplift.K", "1.12", "--low", "1.05")
    record(ledger, "uplift.K", "1.15", "--approver", "bob", status="approved")
    valuehour("ledger", "reverse", ledger, 1, "--source", "Wrong sample")
    lines = valuehour("ledger", "log", ledger).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3"]
    assert "uplift.K = 1.12 (1.05 to –)  measured  Pilot study" in lines[0]
    assert "uplift.K = 1.15  approved" in lines[1]
    assert "takes back entry 1  Wrong sample" in lines[2]
    assert len(valuehour("ledger", "log", ledger, "--last", 1).stdout.splitlines()) == 1
    assert len(valuehour("ledger", "log", ledger, "--name", "uplift.K").stdout.splitlines()) == 2


def test_the_author_is_shown_as_what_they_say_of_themselves(ledger: Path) -> None:
    record(ledger, "uplift.K", "1.12")
    assert "ana  (as they say)" in valuehour("ledger", "show", ledger, 1).stdout


def test_a_ledger_that_was_tampered_with_fails_and_names_the_entry(ledger: Path) -> None:
    for _ in range(3):
        record(ledger, "uplift.K", "1.12")
    with tampering(ledger) as connection:
        stored = rows(connection)
        rewrite(connection, [stored[0], *((number - 1, hash_, text) for number, hash_, text in stored[2:])])
    done = valuehour("ledger", "verify", ledger)
    assert done.exit_code == 1
    assert "entry 2: delete: entry 2 is gone" in done.stdout
    done = valuehour("ledger", "verify", ledger, "--json")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["findings"] == [{"entry": 2, "change": "delete", "reason": "entry 2 is gone"}]


def test_verify_says_what_it_cannot_see_without_a_checkpoint(ledger: Path) -> None:
    assert complaints(valuehour("ledger", "verify", ledger)) == [
        (
            "without --checkpoint a tail that was cut off cannot be seen; make one with: "
            f"valuehour ledger checkpoint {ledger} --out checkpoint.json"
        )
    ]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (
            ("record", "{l}", "--name", "uplift.k", "--value", "1", "--status", "measured", "--source", "s"),
            "--effective",
        ),
        (("show", "{l}", "7"), "no entry 7"),
        (("show", "{l}", "uplift.K"), "nothing holds for 'uplift.K'"),
        (("reverse", "{l}", "1", "--source", "s"), "no entry 1"),
        (("close", "{l}", "--period", "Q3"), "2026-Q3"),
        (("import", "{l}", "nowhere.csv"), "cannot be read"),
        (("verify", "nowhere.db"), "no such ledger"),
        (("verify", "{l}", "--checkpoint", "{l}"), "not a checkpoint"),
        (("restore", "{d}/back.db", "{d}/none"), "no archives there"),
        (("init", "{l}"), "never overwritten"),
        (("init", "{d}/new.db", "--title", ""), "title"),
        (("replay", "{l}", "--as-of", "tomorrow"), "--as-of is 'tomorrow'; allowed: a date such as 2026-09-30"),
    ],
)
def test_a_mistake_is_one_line_and_changes_nothing(
    ledger: Path, tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    (tmp_path / "none").mkdir()
    before = as_json("ledger", "checkpoint", ledger)
    done = valuehour("ledger", *(part.format(l=ledger, d=tmp_path) for part in arguments))
    assert done.exit_code == 2, done.output
    (line,) = complaints(done)
    assert complaint in line
    after = as_json("ledger", "checkpoint", ledger)
    assert (after["count"], after["head"]) == (before["count"], before["head"])
    assert {path.name for path in tmp_path.iterdir()} == {"l.db", "none"}


def test_a_workbook_that_cannot_be_recalibrated_stays_as_it_was(ledger: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.xlsx"
    out.write_bytes(b"precious")
    done = valuehour("recalibrate", "--ledger", ledger, "--out", out)
    assert done.exit_code == 2
    assert complaints(done)[0].endswith("record one such as projection.total_value")
    assert out.read_bytes() == b"precious"
