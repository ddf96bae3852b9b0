"""Replay: what held on a day, as it was known on a day.

An entry counts when it was recorded by the one day and is effective by the other, and no reversal that counts itself
takes it back. Of the entries that count for a name the one with the latest effective date holds, and of those the
one recorded last. Different names do not touch each other, so their order does not matter.
"""

from __future__ import annotations

import datetime
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

ALL = "*"
"""``share.Region.*`` stands for every name that begins with ``share.Region.``; its balance is their sum."""

_COUNTS = """kind = 'value' AND effective <= :effective AND recorded < :known AND number <= :through
AND NOT EXISTS (SELECT 1 FROM entries AS back WHERE back.kind = 'reversal' AND back.kind <> 'value'
  AND back.reverses = entries.number
  AND back.effective <= :effective AND back.recorded < :known AND back.number <= :through)"""

# The latest date first, then the highest number: both in one text that sorts that way.
_HOLDS = "max(effective || printf('%019d', number))"
_DATE_LENGTH = len("2026-09-30")


@dataclass(frozen=True, slots=True)
class AsOf:
    """Where to look from: effective by a day, recorded before a moment, among the first so many entries."""

    effective: datetime.date
    known: str
    through: int = 2**62

    @classmethod
    def days(cls, effective: datetime.date, known: datetime.date | None = None, through: int | None = None) -> AsOf:
        """Look from the end of a day (UTC), as known at the end of a day; without the second, of the same.

        >>> AsOf.days(datetime.date(2026, 9, 30)).known
        '2026-10-01'
        """
        day = effective if known is None else known
        following = "9999-12-32" if day == datetime.date.max else (day + datetime.timedelta(days=1)).isoformat()
        return cls(effective, following, 2**62 if through is None else through)

    def parameters(self) -> dict[str, str | int]:
        """The same for a query."""
        return {"effective": self.effective.isoformat(), "known": self.known, "through": self.through}


def winners(
    connection: sqlite3.Connection, as_of: AsOf, name: str | None = None, *, measured: bool = False
) -> Iterator[tuple[str, int]]:
    """Yield each name and the number of the entry that holds for it, sorted by name; one name when it is given.

    A name that ends with ``.*`` stands for all that begin so. With ``measured``, assumptions do not count.
    """
    where, parameters = "", as_of.parameters()
    if measured:
        where = "AND json_extract(document, '$.status') <> 'assumed' "
    if name is not None and name.endswith(f".{ALL}"):
        # Names from the prefix up to, and not with, the prefix whose last character is the next one.
        prefix = name[: -len(ALL)]
        where += "AND name >= :first AND name < :last"
        parameters |= {"first": prefix, "last": prefix[:-1] + chr(ord(prefix[-1]) + 1)}
    elif name is not None:
        where += "AND name = :first"
        parameters |= {"first": name}
    # Without its name the planner may prefer another index, and read every document.
    query = f"SELECT name, {_HOLDS} FROM entries INDEXED BY entries_by_name WHERE {_COUNTS} {where} GROUP BY name"
    for found, holds in connection.execute(query, parameters):
        if holds is not None:
            yield found, int(holds[_DATE_LENGTH:])


def holds(connection: sqlite3.Connection, as_of: AsOf, name: str) -> int | None:
    """Return the number of the entry that holds for one name; None when nothing does.

    The index gives the latest date first, so that a long history costs no more than a short one.
    """
    query = f"""SELECT number FROM entries INDEXED BY entries_by_name WHERE name = :name AND {_COUNTS}
ORDER BY effective DESC, number DESC LIMIT 1"""
    row = connection.execute(query, as_of.parameters() | {"name": name}).fetchone()
    return None if row is None else int(row[0])


def names(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield every name that a value was ever recorded for, sorted."""
    # From one name to the next through the index, past the many entries of each.
    after = "SELECT min(name) FROM entries INDEXED BY entries_by_name WHERE kind = 'value'"
    query = f"""WITH RECURSIVE found(name) AS ({after}
UNION ALL SELECT ({after} AND name > found.name) FROM found WHERE found.name IS NOT NULL)
SELECT name FROM found WHERE name IS NOT NULL"""
    return (name for (name,) in connection.execute(query))


def last_known(connection: sqlite3.Connection, as_of: AsOf) -> int:
    """Return the number of the last entry that was recorded by then."""
    # Numbers and moments rise together, so the search halves.
    low, high = 0, connection.execute("SELECT coalesce(max(number), 0) FROM entries").fetchone()[0]
    high = min(high, as_of.through)
    while low < high:
        middle = (low + high + 1) // 2
        (recorded,) = connection.execute("SELECT recorded FROM entries WHERE number = ?", (middle,)).fetchone()
        low, high = (middle, high) if recorded < as_of.known else (low, middle - 1)
    return low


def balance(
    connection: sqlite3.Connection, name: str, effective: datetime.date, known: str, through: int
) -> Decimal | None:
    """Return what a name holds on a day, or the sum of all that begin so; None when nothing is recorded.

    ``known`` is a moment; what was recorded in it counts.
    """
    found = [
        Decimal(json.loads(document)["value"])
        for _, number in winners(connection, AsOf(effective, f"{known}~", through), name)
        for (document,) in connection.execute("SELECT document FROM entries WHERE number = ?", (number,))
    ]
    if name.endswith(f".{ALL}"):
        return sum(found, Decimal(0))
    return found[0] if found else None
