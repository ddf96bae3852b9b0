"""LEDGER over HTTP: a real server, a real ledger, people with different roles, and somebody who records meanwhile."""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import KeySet

from tests.e2e.server.test_tokens import KEY, ROLE, production, token
from tests.ledgers import Clock, draft, reversal
from tests.serving import BATCH, CALL, Server, payload, serving
from valuehour.ledger import Ledger

BOARD = "valuehour.board"
NOT_AVAILABLE = {"type": "Error", "errorType": "NotAvailable"}
NO_LEDGER = {"type": "Error", "errorType": "Ref"}
EPOCH = datetime.date(1899, 12, 30)
NAMES = {"*": ["uplift.*"], BOARD: ["salary.board", "outcome.*"]}


def serial(day: str) -> float:
    """A date as a spreadsheet hands it over."""
    return float((datetime.date.fromisoformat(day) - EPOCH).days)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    clock = Clock()
    with Ledger.create(tmp_path / "values.db", "Values", clock) as made:
        made.append([draft("uplift.K", "1.12", reference="Pilot report"), draft("salary.board", 9)], clock)
        clock.on("2026-11-01")
        made.append([draft("uplift.K", "1.2", status="assumed", effective="2026-10-31")], clock)
        made.append([draft("outcome.live", 0)], clock)
        yield made


def settings(ledger: Ledger) -> dict[str, str]:
    return {"VALUEHOUR_LEDGER_FILE": str(ledger.path), "VALUEHOUR_LEDGER_NAMES": json.dumps(NAMES)}


def asked(server: Server, calls: Sequence[dict[str, Any]], **headers: str) -> list[Any]:
    """The single cells that come back for a batch of calls."""
    answer = server.post(BATCH, {"calls": list(calls)}, **headers)
    assert answer.status == 200, answer.body
    return [entry["data"]["result"][0][0] for entry in answer.json["results"]]


def test_a_role_sees_its_names_and_nobody_learns_which_others_there_are(ledger: Ledger, tmp_path: Path) -> None:
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)), encoding="utf-8")
    with serving("--production", **production(keys), **settings(ledger)) as server:
        calls = [
            payload("LEDGER", "uplift.K", None),
            payload("LEDGER", "UPLIFT.k", 0),
            payload("LEDGER", "uplift.K", serial("2026-10-15")),
            payload("LEDGER", "uplift.K", serial("2026-09-30")),  # recorded the day after
            payload("LEDGER", "uplift.K", "2026-10-15"),
            payload("LEDGER", "uplift.K", -1),
            payload("LEDGER_STATUS", "uplift.K"),
            payload("LEDGER_EVIDENCE", "uplift.K"),
            payload("LEDGER", "uplift.P", None),
            payload("LEDGER", "salary.board", None),
            payload("LEDGER_STATUS", "salary.board"),
            payload("LEDGER", "salary.nobody", None),
            payload("VALUE_PER_HOUR", 8760, 2),
        ]
        value, number = {"type": "Error", "errorType": "Value"}, {"type": "Error", "errorType": "Num"}
        expected: list[Any] = [1.2, 1.2, 1.12, NOT_AVAILABLE, value, number, "assumed", "none given"]
        for roles, salary in (([ROLE], NOT_AVAILABLE), ([ROLE, BOARD], 9)):
            headers = {"Authorization": f"Bearer {token(roles=roles)}"}
            status = "measured" if salary == 9 else NOT_AVAILABLE
            found = asked(server, calls, **headers)
            assert found == [*expected, NOT_AVAILABLE, salary, status, NOT_AVAILABLE, 0.5]
            for call, cell in list(zip(calls, found, strict=True))[:10]:  # the stock path says the same
                assert server.post(CALL, call, **headers).json == {"result": [[cell]]}
        ranges = [payload("LEDGER", [["uplift.K"], ["salary.board"], ["x"]], None)]
        answer = server.post(BATCH, {"calls": ranges}, Authorization=f"Bearer {token()}").json["results"][0]
        assert answer["data"]["result"] == [[1.2], [NOT_AVAILABLE], [NOT_AVAILABLE]]
        assert server.post(BATCH, {"calls": calls}).status == 401


def test_what_is_recorded_while_people_recalculate_is_seen_and_never_goes_back(ledger: Ledger) -> None:
    clock = Clock().on("2026-11-02")
    names = {"*": ["outcome.*", "uplift.*"]}
    with serving(**{**settings(ledger), "VALUEHOUR_LEDGER_NAMES": json.dumps(names)}) as server:
        cells = [payload("LEDGER", "outcome.live", None), payload("LEDGER", "uplift.K", None)] * 100
        for step in range(1, 8):
            ledger.append([draft("outcome.live", step)], clock)
            assert asked(server, cells) == [step, 1.2] * 100
        last = ledger.append([draft("outcome.live", 99)], clock)[0]
        assert asked(server, cells[:1]) == [99]
        ledger.append([reversal(last.number, effective="2026-11-02")], clock)
        assert asked(server, cells[:1]) == [7]


def test_a_recalculation_of_a_thousand_cells_takes_no_time_to_speak_of(ledger: Ledger) -> None:
    clock = Clock().on("2026-11-02")
    ledger.append([draft(f"uplift.{name}", 1.1) for name in ("P", "C")], clock)
    ledger.append([draft("outcome.live", step) for step in range(2000)], clock)
    names = {"*": ["*"]}
    with serving(**{**settings(ledger), "VALUEHOUR_LEDGER_NAMES": json.dumps(names)}) as server:
        cells = [payload("LEDGER", "outcome.live", None), payload("LEDGER_STATUS", "uplift.P")] * 500
        start = time.perf_counter()
        assert asked(server, cells) == [1999, "measured"] * 500
        assert time.perf_counter() - start < 10  # about 0.2 s; opening or replaying for each cell takes minutes


def test_a_ledger_that_is_lost_and_found_is_said_once_and_stops_nothing(ledger: Ledger, tmp_path: Path) -> None:
    calls = [payload("LEDGER", "uplift.K", None), payload("VALUE_PER_HOUR", 8760, 2)]
    ledger.close()
    away = tmp_path / "away"
    away.mkdir()
    with serving(**settings(ledger)) as server:
        ledger.path.rename(away / ledger.path.name)
        for _ in range(3):
            assert asked(server, calls * 20) == [NO_LEDGER, 0.5] * 20
        lines = [line for line in server.log.splitlines() if "cells that ask the ledger are #REF!" in line]
        assert len(lines) == 1
        assert str(ledger.path) in lines[0]
        (away / ledger.path.name).rename(ledger.path)
        assert asked(server, calls) == [1.2, 0.5]
        assert "the ledger can be read again" in server.log
        ledger.path.write_bytes(b"overwritten by something else" * 100)
        assert asked(server, calls) == [NO_LEDGER, 0.5]
        assert "Traceback" not in server.log
