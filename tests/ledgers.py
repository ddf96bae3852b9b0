"""Ledgers for the tests: real files, with a clock that the test sets."""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from valuehour.ledger import Ledger, schema
from valuehour.ledger.drafting import draft as from_fields
from valuehour.models.ledger import LedgerDraft

START = datetime.datetime(2026, 10, 1, 8, tzinfo=datetime.UTC)


class Clock:
    """A clock that moves on by a second whenever it is read."""

    def __init__(self, at: datetime.datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime.datetime:
        self.at += datetime.timedelta(seconds=1)
        return self.at

    def on(self, day: str) -> Clock:
        """Set to the morning of a day."""
        self.at = datetime.datetime.fromisoformat(f"{day}T08:00:00+00:00")
        return self


def draft(name: str = "uplift.K", value: object = "1.12", **fields: Any) -> LedgerDraft:
    """A measured value, with other fields where they are given."""
    given = {"status": "measured", "effective": "2026-09-30", "source": "Pilot study", "author": "ana", **fields}
    if given.get("kind", "value") != "value":
        given.pop("status")
    return from_fields({"name": name, "value": value, **given})


def reversal(number: int, effective: str = "2026-09-30", **fields: Any) -> LedgerDraft:
    """What takes an entry back."""
    given = {"kind": "reversal", "reverses": number, "effective": effective, "source": "Wrong figure", "author": "ana"}
    return from_fields({**given, **fields})


def closing_of(period: str) -> LedgerDraft:
    """What closes a period."""
    return from_fields(
        {"kind": "close", "period": period, "effective": "2026-01-01", "source": "Closed", "author": "ana"}
    )


def filled(path: Path, count: int = 10, clock: Clock | None = None, title: str = "Test") -> Ledger:
    """A ledger with so many entries, a transaction each."""
    clock = clock or Clock()
    ledger = Ledger.create(path, title, clock)
    for number in range(1, count + 1):
        ledger.append([draft(f"outcome.workflow_{number % 3}", Decimal(number) / 10, status="measured")], clock)
    return ledger


@contextmanager
def tampering(path: Path) -> Iterator[sqlite3.Connection]:
    """The file in the hands of somebody who takes the guards down, and puts them up again when done."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for guard in schema.GUARDS:
            connection.execute(f"DROP TRIGGER {guard}")
        yield connection
        for statement in schema.GUARDS.values():
            connection.execute(statement)


def rows(connection: sqlite3.Connection) -> list[tuple[int, str, str]]:
    """Every stored row."""
    return connection.execute("SELECT number, hash, document FROM entries ORDER BY number").fetchall()


def rewrite(connection: sqlite3.Connection, stored: Sequence[tuple[int, str, str]]) -> None:
    """Put other rows in their place."""
    connection.execute("DELETE FROM entries")
    connection.executemany(schema.INSERT, stored)
