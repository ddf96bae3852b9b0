"""Many people recalculate at once, and one of the processes that answer them dies: every cell gets its value."""

from __future__ import annotations

import http.client
import json
import math
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import starmap
from pathlib import Path
from typing import Any

from tests.served import PATIENCE
from tests.serving import BATCH, JSON, Server, payload, serving

PEOPLE, CELLS = 200, 500
MOST_TRIES = 3  # as the stock client: xlwings Server's custom_functions_max_retries
RETRIED = (502, 503, 504)


def recalculation(person: int) -> tuple[list[dict[str, Any]], list[Any]]:
    """The calls of one workbook, and what its cells must show."""
    calls, values = [], []
    for cell in range(CELLS):
        if cell % 50 == 0:
            calls.append(payload("GROUP_PATH", [[[person]], [[f"cell {cell}"]]]))
            values.append(f"{person} → cell {cell}" if person else f"cell {cell}")
        elif cell % 50 == 1:
            calls.append(payload("VALUE_PER_HOUR", person, 0))
            values.append({"type": "Error", "errorType": "Div0"})
        else:
            calls.append(payload("VALUE_PER_HOUR", 8760 * person, 1 + cell, None, None))
            values.append(person / (1 + cell))
    return calls, values


def recalculate(server: Server, calls: list[dict[str, Any]], tries: list[int]) -> list[Any]:
    """Post a recalculation as the client does: again if nobody answered or the way was blocked, three times at most."""
    for attempt in range(1, MOST_TRIES + 1):
        tries.append(attempt)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        try:
            connection.request("POST", BATCH, json.dumps({"calls": calls}).encode(), JSON)
            response = connection.getresponse()
            content = json.loads(response.read())
            if response.status not in RETRIED:
                assert response.status == 200, content
                return [entry["data"]["result"][0][0] for entry in content["results"]]
        except (OSError, http.client.HTTPException):
            continue
        finally:
            connection.close()
    raise AssertionError(f"no answer after {MOST_TRIES} tries")


def is_same(shown: Any, value: Any) -> bool:
    """Whether a cell shows a value."""
    return math.isclose(shown, value, rel_tol=1e-12) if isinstance(value, float) else bool(shown == value)


def test_every_cell_gets_its_value_though_a_worker_is_killed_in_between(tmp_path: Path) -> None:
    tries: list[int] = []
    answered = threading.Semaphore(0)
    books = [recalculation(person) for person in range(PEOPLE)]

    def one(book: tuple[list[dict[str, Any]], list[Any]]) -> bool:
        calls, values = book
        shown = recalculate(server, calls, tries)
        answered.release()
        return all(starmap(is_same, zip(shown, values, strict=True)))

    with serving("--workers", 3) as server:
        until(lambda: server.log.count("Application startup complete") == 3)
        before = server.workers()
        with ThreadPoolExecutor(PEOPLE) as people:
            running = [people.submit(one, book) for book in books]
            for _ in range(PEOPLE // 10):
                answered.acquire()
            os.kill(before[0], signal.SIGKILL)
            right = [each.result() for each in running]

        assert right == [True] * PEOPLE
        assert max(tries) > 1  # somebody was hit
        until(lambda: len(set(server.workers()) - {before[0]}) == 3)  # another takes its place


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
