"""The guard of a running query: says how far it is, and stops it before it fills the disk."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from valuehour.errors import OutcomesError
from valuehour.outcomes.engine import GIGABYTE

PAUSE = 0.1  # seconds
KEPT_FREE = 0.1  # of what is free at the start


class Guard:
    """Watches a folder while a query runs; DuckDB's own limit of its temporary folder does not hold."""

    def __init__(
        self,
        folder: Path,
        limit: int | None,
        stop: Callable[[], None],
        tick: Callable[[], None] | None = None,
    ) -> None:
        free = shutil.disk_usage(folder).free
        self._folder, self._stop, self._tick = folder, stop, tick
        self._limit = limit if limit is not None else int(free * (1 - KEPT_FREE))
        self._floor = int(free * KEPT_FREE)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="valuehour-guard", daemon=True)
        self.written = 0
        self.stopped = False

    def __enter__(self) -> Guard:
        """Start watching."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching; when the query was stopped, say why."""
        self._done.set()
        self._thread.join()
        if self.stopped:
            raise OutcomesError(
                f"stopped before the disk was full: the join had written {self.written / GIGABYTE:.1f} GB to its "
                f"temporary folder; allowed: {self._limit / GIGABYTE:.1f} GB. "
                "Give it more memory (--memory), another disk (--temp), or fewer months at a time"
            ) from error

    def _watch(self) -> None:
        while not self._done.wait(PAUSE):
            self.written = max(self.written, size_of(self._folder))
            if self.written > self._limit or shutil.disk_usage(self._folder).free < self._floor:
                self.stopped = True
                self._stop()
                return
            if self._tick is not None:
                self._tick()


def size_of(folder: Path) -> int:
    """The bytes in a folder; files that vanish meanwhile count nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total
