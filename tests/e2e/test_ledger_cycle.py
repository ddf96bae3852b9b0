"""Measure, persist, replay, calibrate: from a file of runs to a workbook in one command, again and again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.workbooks import complaints, valuehour

RUNS = """\
run_id,workflow,finished_at,success,region
1,Support reply,2026-01-06,true,EMEA
2,Support reply,2026-01-07,true,NA
3,Support reply,2026-01-08,false,NA
4,Support reply,2026-02-08,true,NA
5,Sales deal desk,2026-02-09,true,APAC
6,Sales deal desk,2026-02-10,true,
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VALUEHOUR_AUTHOR", "ana")
    (tmp_path / "runs.csv").write_text(RUNS)
    assert valuehour("ledger", "init", tmp_path / "l.db").exit_code == 0
    return tmp_path


def cycled(place: Path, *more: object) -> Any:
    done = valuehour(
        "cycle",
        "--ledger",
        place / "l.db",
        "--runs",
        place / "runs.csv",
        "--scenario",
        "decision_continuity",
        "--out",
        place / "model.xlsx",
        "--json",
        *more,
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def held(place: Path, *more: object) -> dict[str, Any]:
    done = valuehour("ledger", "replay", place / "l.db", "--json", *more)
    return {entry["name"]: entry for entry in json.loads(done.stdout)["entries"]}


REGION = ("--by", "region", "--dimension", "Region")


def test_runs_become_records_and_records_become_a_workbook(place: Path) -> None:
    found = cycled(place, *REGION)
    assert found["measure"] == {"workflows": 2, "months": 3, "findings": 0}
    assert found["persist"] == {"recorded": 12, "unchanged": 0}
    assert found["replay"]["names"] == 9
    entries = held(place)
    assert entries["outcome.support_reply.success_rate"]["value"] == "1", "the latest month holds"
    january = held(place, "--as-of", "2026-01-31", "--known-on", "2100-01-01")
    rate = january["outcome.support_reply.success_rate"]
    assert rate["value"] == "0.666666666667"
    assert rate["period"] == "2026-01"
    assert rate["status"] == "measured"
    assert rate["evidence"] == {"file": "runs.csv", "sha256": hashlib.sha256(RUNS.encode()).hexdigest()}
    shares = {name: entry["value"] for name, entry in entries.items() if name.startswith("share.")}
    assert shares == {
        "share.Region.APAC": "0.166666666666",
        "share.Region.EMEA": "0.166666666666",
        "share.Region.NA": "0.5",
    }
    assert valuehour("verify", place / "model.xlsx").exit_code == 0
    workbook = json.loads(valuehour("read", place / "model.xlsx", "--json").stdout)
    assert {record["member"]: record["share"] for record in workbook["tables"]["tblAllocation"]} == {
        "APAC": 0.166666666666,
        "EMEA": 0.166666666666,
        "NA": 0.5,
    }
    assert round(workbook["results"]["unallocated_share"], 9) == round(1 / 6, 9), "a run without a region is nobody's"


def test_the_same_runs_again_record_nothing_and_give_the_same_workbook(place: Path) -> None:
    first = cycled(place, *REGION)
    data = (place / "model.xlsx").read_bytes()
    again = cycled(place, *REGION)
    assert again["persist"] == {"recorded": 0, "unchanged": 12}
    assert again["calibrate"]["digest"] == first["calibrate"]["digest"]
    assert (place / "model.xlsx").read_bytes() == data


def test_new_runs_are_added_and_a_member_without_runs_loses_its_share(place: Path) -> None:
    cycled(place, *REGION)
    (place / "runs.csv").write_text(RUNS.replace(",EMEA\n", ",LATAM\n") + "7,Support reply,2026-03-01,true,NA\n")
    cycled(place, *REGION)
    shares = {name: entry["value"] for name, entry in held(place).items() if name.startswith("share.")}
    assert shares["share.Region.EMEA"] == "0"
    assert shares["share.Region.LATAM"] == "0.142857142857"
    assert valuehour("ledger", "verify", place / "l.db").exit_code == 0


def test_the_outcomes_command_persists_its_result(place: Path) -> None:
    (place / "spend.csv").write_text("date,workflow,cost\n2026-01-05,Support reply,300\n")
    arguments = ("--spend", place / "spend.csv", "--runs", place / "runs.csv", "--ledger", place / "l.db")
    done = valuehour("outcomes", *arguments, "--json")
    assert done.exit_code == 0, done.output
    assert complaints(done) == [f"{place / 'l.db'}: 11 entries recorded, 0 figures as they were"]
    json.loads(done.stdout)
    january = held(place, "--as-of", "2026-01-31", "--known-on", "2100-01-01")
    assert january["outcome.support_reply.cost"]["value"] == "300"
    assert january["outcome.support_reply.cost"]["unit"] == "USD"
    assert january["outcome.support_reply.cost_per_success"]["value"] == "150"
    assert january["outcome.support_reply.cost"]["evidence"]["file"] == "runs.csv and 1 more"


@pytest.mark.parametrize(
    ("more", "complaint"),
    [
        (("--by", "region"), "goes together with --dimension"),
        (("--dimension", "Region"), "goes together with --dimension"),
        (("--as-of", "soon"), "a date such as"),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_recorded(
    place: Path, more: tuple[str, ...], complaint: str
) -> None:
    ledger, out = place / "l.db", place / "model.xlsx"
    done = valuehour("cycle", "--ledger", ledger, "--runs", place / "runs.csv", "--out", out, *more)
    assert done.exit_code == 2
    assert complaint in complaints(done)[0]
    assert held(place) == {}
    assert not out.exists()
