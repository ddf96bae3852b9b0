"""A client of a real server, on real sockets."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.served import PATIENCE, Served, server

ADDIN = Path(__file__).parents[1] / "addin"
CALL, BATCH, HEALTH = "/xlwings/custom-functions-call", "/valuehour/batch", "/valuehour/health"
JSON = {"Content-Type": "application/json"}
XLWINGS = version("xlwings")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as data."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Server:
    """A server that runs."""

    served: Served

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.served.port

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """Its process, or the one that started those that answer."""
        assert self.served.process is not None
        return self.served.process

    @property
    def log(self) -> str:
        """What it has said so far."""
        return self.served.log.read_text(encoding="utf-8", errors="replace")

    def request(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """One request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def post(self, path: str, content: Any, **headers: str) -> Answer:
        """Post data as JSON."""
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("POST", path, json.dumps(content).encode(), JSON | more)

    def connect(self) -> socket.socket:
        """A bare connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def workers(self) -> list[int]:
        """The processes that answer, if there are several."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        children = [pid for task in tasks for pid in task.read_text(encoding="ascii").split()]
        return [int(pid) for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def payload(name: str, *arguments: Any, **others: Any) -> dict[str, Any]:
    """A call as the stock client posts it: each argument is rows of cells, or nothing if it was left out."""
    rows = [argument if argument is None or isinstance(argument, list) else [[argument]] for argument in arguments]
    return {
        "client": "Office.js",
        "func_name": name,
        "args": rows,
        "caller_address": "[Book.xlsx]Sheet1!A1",
        "session_id": "0f9619ff-8b86-d011-b42d-00cf4fc964ff",
        "culture_info_name": "en-US",
        "date_format": "m/d/yyyy",
        "version": XLWINGS,
        "runtime": "1.4",
        **others,
    }


def project(folder: Path) -> Path:
    """A copy of our project, to be changed."""
    shutil.copytree(ADDIN, folder, ignore=shutil.ignore_patterns("__pycache__", "*.md"))
    return folder


@contextmanager
def serving(*options: object, **settings: str) -> Iterator[Server]:
    """A server with these options and settings, to be asked anything."""
    with server(*map(str, options), **settings) as served:
        yield Server(served)
