"""A real server of the functions, ``valuehour serve``, as a process of the tests."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

PATIENCE = 60


@dataclass
class Served:
    """A server that can be killed and started again in the same place."""

    port: int
    options: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def origin(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """What its own paths begin with."""
        return self.origin + self.environment.get("XLWINGS_APP_PATH", "")

    def start(self, *, wait: bool = True) -> None:
        """Start it, and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "valuehour", "serve", "--port", str(self.port), *self.options],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if wait:
            self.wait()

    def wait(self) -> None:
        """Wait until it answers."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                status, content = self.get(f"{self.url}/valuehour/health")
                assert status == HTTPStatus.OK, f"{status}: {content!r}\n{self.log.read_text(encoding='utf-8')}"
                return
            except OSError:
                assert self.process is not None
                assert self.process.poll() is None, f"the server ended:\n{self.log.read_text(encoding='utf-8')}"
                assert time.monotonic() < end, f"the server does not answer:\n{self.log.read_text(encoding='utf-8')}"
                time.sleep(0.05)

    def get(self, address: str) -> tuple[int, bytes]:
        """What it answers there, whatever host the address names: status and content."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", urlsplit(address)._replace(scheme="", netloc="").geturl())
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def kill(self) -> None:
        """End it and its workers without a word, as a crash does."""
        if self.process is not None:
            if self.process.poll() is None:
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None


@contextmanager
def reserved_port() -> Iterator[int]:
    """A free port that only those get who name it: tests run side by side, and each asks the system for a free one.

    It stays bound, and nobody listens there, so whoever names it and allows for its reuse can listen.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@contextmanager
def server(*options: str, **settings: str) -> Iterator[Served]:
    """A server with these options and settings, and no others, on a free port."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(("XLWINGS_", "VALUEHOUR_"))}
    environment = others | {"XLWINGS_LICENSE_KEY": "noncommercial", "PYTHONWARNINGS": "default"} | settings
    with reserved_port() as port, tempfile.TemporaryDirectory() as folder:
        served = Served(port, options, environment, Path(folder) / "server.log")
        try:
            served.start()
            yield served
        finally:
            served.kill()
