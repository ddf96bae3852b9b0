"""Our server against xlwings Server alone with the same functions: processor time for cells, ranges, the start."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.timing import Row, in_turns
from tests.served import PATIENCE, reserved_port, server
from tests.serving import BATCH, CALL, JSON, payload

BATCHED = 1000
STOCK = "xlwings Server alone, a request a cell"
NOTE = (
    "Server: processor time of the server's process, reading the requests and writing the answers included; one "
    "connection on 127.0.0.1."
)


def rows(*, quick: bool) -> Iterator[Row]:
    """Cells in batches and in a range, and the start."""
    if not Path("/proc/self/schedstat").exists():
        return  # nothing else tells a process's time finely enough
    cells, single, runs = (2000, 50, 2) if quick else (10_000, 500, 5)
    length = 2000 if quick else 100_000
    with server() as served, alone() as (stock_port, stock_process), ExitStack() as opened:
        assert served.process is not None
        ours = partial(cpu_time, served.process.pid, opened.enter_context(connected(served.port)))
        stock = partial(cpu_time, stock_process, opened.enter_context(connected(stock_port)))
        batch = {"calls": [payload("VALUE_PER_HOUR", 8760 * (row + 1), 2, None, None) for row in range(BATCHED)]}
        column = payload("VALUE_PER_HOUR", [[8760 * (row + 1)] for row in range(length)], 2, None, None)
        one = batch["calls"][0]
        ours(CALL, one), stock(CALL, one), ours(BATCH, batch)
        own, other = in_turns(
            runs,
            lambda: ours(BATCH, batch, times=cells // BATCHED),
            lambda: stock(CALL, one, times=single) * cells / single,
        )
        yield Row(what=f"server, {cells:,} cells in batches", own=own, rival=STOCK, others=other, most_times=0.02)
        own, other = in_turns(
            runs,
            lambda: ours(CALL, one, times=single) * cells / single,
            lambda: stock(CALL, one, times=single) * cells / single,
        )
        yield Row(what=f"server, {cells:,} cells, a request a cell", own=own, rival=STOCK, others=other)
        own, other = in_turns(runs, lambda: ours(CALL, column), lambda: stock(CALL, column))
        yield Row(what=f"server, one range of {length:,} cells", own=own, rival="xlwings Server alone", others=other)
    own, other = in_turns(2 if quick else 5, partial(started, server), partial(started, alone))
    yield Row(what="server, until it answers", own=own, rival="xlwings Server alone", others=other, most_times=2)


def started(one: Callable[[], Any]) -> float:
    """Seconds until a server answers."""
    begun = time.perf_counter()
    with one():
        return time.perf_counter() - begun


@contextmanager
def alone() -> Iterator[tuple[int, int]]:
    """xlwings Server with our functions and nothing else of ours: its port and its process."""
    with reserved_port() as port, tempfile.TemporaryDirectory() as folder:
        for name, content in (("functions", "from valuehour.hosts.udfs import *\n"), ("scripts", "")):
            (Path(folder) / f"custom_{name}").mkdir()
            (Path(folder) / f"custom_{name}" / "__init__.py").write_text(content, encoding="utf-8")
        settings = {"XLWINGS_PROJECT_DIR": folder, "XLWINGS_LICENSE_KEY": "noncommercial"}
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "--port", str(port), "xlwings_server.main:main_app"],
            env=os.environ | settings | {"XLWINGS_ENABLE_SOCKETIO": "false"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            wait(port)
            yield port, process.pid
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait(port: int) -> None:
    """Wait until a server answers."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            connection.request("GET", "/")
            connection.getresponse().read()
            return
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.05)
        finally:
            connection.close()


def connected(port: int) -> AbstractContextManager[http.client.HTTPConnection]:
    """A connection that stays open until the end."""
    return closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE))


def cpu_time(process: int, connection: http.client.HTTPConnection, path: str, content: Any, *, times: int = 1) -> float:
    """Seconds of processor time that a server takes for requests."""
    body = json.dumps(content).encode()
    before = used(process)
    for _ in range(times):
        connection.request("POST", path, body, JSON)
        response = connection.getresponse()
        answer = response.read()
        assert response.status == 200, answer
    return used(process) - before


def used(process: int) -> float:
    """Seconds of processor time of all threads of a process."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9
