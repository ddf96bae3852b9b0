"""The baseline: the entries that hold, by name, with where in the ledger one looked from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from valuehour.ledger import replay
from valuehour.ledger.replay import AsOf
from valuehour.ledger.store import Ledger
from valuehour.models.ledger import LedgerEntry


@dataclass(frozen=True, slots=True)
class Baseline:
    """What holds: the entries by name, the number of entries they were taken from and the hash of the last."""

    as_of: AsOf
    count: int
    head: str
    entries: Mapping[str, LedgerEntry]


def baseline(ledger: Ledger, as_of: AsOf, name: str | None = None, *, measured: bool = False) -> Baseline:
    """Replay a ledger.

    Parameters
    ----------
    as_of : where to look from
    name : only this name, or ``share.Region.*`` for all that begin so
    measured : leave assumptions out
    """
    with ledger.translated():
        count = replay.last_known(ledger.connection, as_of)
        # What others record from here on is not part of it.
        holding = replay.winners(ledger.connection, replace(as_of, through=count), name, measured=measured)
        entries = {found: ledger.entry(number) for found, number in holding}
    head = ledger.entry(count).hash if count else ledger.genesis
    return Baseline(as_of, count, head, entries)
