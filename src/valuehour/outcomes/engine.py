"""What the join asks of an engine, and the limits that are set for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from valuehour.outcomes.files import Table
from valuehour.outcomes.scan import Dialect

Progress = Callable[[str], None]
GIGABYTE = 1_000_000_000


class Engine(Dialect, Protocol):
    """An SQL engine: it materialises stages and gives rows back."""

    name: str

    def view(self, name: str, query: str) -> None:
        """Give a query a name; it is calculated anew whenever it is read."""

    def stage(self, name: str, query: str) -> None:
        """Calculate a query once and keep its rows under a name."""

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""

    def first(self, query: str, count: int) -> list[tuple[Any, ...]]:
        """Return the first rows of a query from a file by its first column, the number of the row in the file."""

    def columns(self, path: Path) -> tuple[tuple[str, str], ...]:
        """The names and types of a Parquet file's columns."""

    def reads(self, table: Table) -> bool:
        """Whether a file can be read to its end as it is described."""

    def close(self) -> None:
        """Give everything back."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an engine may take: memory in bytes, threads, and bytes of disk for what does not fit into memory.

    Left out, the memory is half of the machine's, at most 4 GB; the disk is what is free, less a tenth of it.
    """

    memory: int | None = None
    threads: int | None = None
    disk: int | None = None
    folder: Path | None = None

    @property
    def bytes_of_memory(self) -> int:
        """The memory, in bytes."""
        if self.memory is not None:
            return self.memory
        return min(4 * GIGABYTE, _memory_of_machine() // 2)


def _memory_of_machine() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 4 * GIGABYTE


def batches(rows: list[tuple[Any, ...]], size: int) -> Iterator[list[tuple[Any, ...]]]:
    """Rows in batches."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
