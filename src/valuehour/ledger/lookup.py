"""One value of a ledger by name, for spreadsheets that ask: many cells at once, several people, while others record.

A ``Reader`` stands for the file, one for each process; ``Lookup`` is what one person may see of it. Nothing is read
twice while the file stays as it is, and nothing is kept when it has changed.
"""

from __future__ import annotations

import datetime
import logging
import sqlite3
import threading
from collections.abc import Callable, Collection
from pathlib import Path

from valuehour.errors import LedgerError, SourceError, UsageError
from valuehour.functions import Record
from valuehour.ledger import canonical, replay
from valuehour.ledger.replay import ALL, AsOf
from valuehour.ledger.store import Ledger
from valuehour.models.names import LINE_LIMIT

LOG = logging.getLogger("valuehour.ledger")
KEPT = 100_000
"""Answers that are kept at most."""
EVERYTHING = "*"
FIRST_DAY, LAST_DAY = datetime.date(1899, 12, 30), 2_958_465

Today = Callable[[], datetime.date]
Answer = tuple[str, Record | str] | None
"""The name as the ledger spells it, and what holds for it, or why that cannot be shown."""


def today() -> datetime.date:
    """Return the day by which the ledger counts: in UTC, as it records."""
    return datetime.datetime.now(datetime.UTC).date()  # noqa: TID251  what holds today depends on the day


class Reader:
    """A ledger's file, for threads that look values up.

    The file is opened when it is first needed and again after it was replaced. What cannot be read is an error in
    the cell and, once, a line in the log.

    Parameters
    ----------
    path : the ledger
    today : gives the day that counts when none is asked for
    """

    def __init__(self, path: Path, today: Today = today) -> None:
        self.path = path
        self._today = today
        self._lock = threading.Lock()
        self._ledger: Ledger | None = None
        self._state: tuple[int, ...] = ()
        self._day = datetime.date.min
        self._answers: dict[tuple[str, int], Answer] = {}
        self._names: dict[str, str] | None = None
        self._failure = ""
        self._wal = path.with_name(f"{path.name}-wal")
        self._replaced: tuple[int, int] | None = None

    def for_names(self, allowed: Collection[str]) -> Lookup:
        """Return what somebody may look up: names, ``share.Region.*`` for all that begin so, ``*`` for all."""
        return Lookup(self, allowed)

    def answer(self, name: str, day: int) -> Answer:
        """Return what holds for a name on a day (as spreadsheets number days; 0: today).

        Raises
        ------
        SourceError
            The ledger is missing or cannot be read (``#REF!``).
        """
        with self._lock:
            try:
                ledger = self._opened()
                key = (name, day)
                if key not in self._answers:
                    if len(self._answers) >= KEPT:
                        self._answers.clear()
                    self._answers[key] = self._looked_up(ledger, name, day)
                found = self._answers[key]
            except (LedgerError, sqlite3.Error, UnicodeDecodeError) as error:
                self._close()
                reason = " ".join(str(error).split())
                if reason != self._failure:
                    LOG.error("cells that ask the ledger are #REF!: %s", reason)
                self._failure = reason
                raise SourceError(f"the ledger cannot be read: {reason}") from error
            if self._failure:
                LOG.info("%s: the ledger can be read again", self.path)
                self._failure = ""
            return found

    def close(self) -> None:
        """Close the file; it is opened again when somebody asks."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._ledger is not None:
            self._ledger.close()
        self._ledger, self._state = None, ()

    def _opened(self) -> Ledger:
        """The ledger; what is kept of it is dropped when it is another one, has grown, or a new day has begun."""
        try:
            place = self.path.stat()
        except OSError as error:
            raise LedgerError(f"{self.path}: cannot be read ({error.strerror})") from error
        if self._ledger is not None and self._state[:2] != (place.st_dev, place.st_ino):
            self._close()
            self._replaced = _identity(self._wal)
        if self._replaced is not None and self._replaced == _identity(self._wal):
            raise LedgerError(
                f"{self.path}: was replaced while it was in use, and {self._wal.name} is still that of the file "
                "before; stop the programs that use the ledger, remove that file, and put the new ledger there again"
            )
        self._replaced = None
        if self._ledger is None:
            self._ledger = Ledger.open(self.path, shared=True)
        (version,) = self._ledger.connection.execute("PRAGMA data_version").fetchone()
        state, day = (place.st_dev, place.st_ino, version), self._today()
        if (state, day) != (self._state, self._day):
            self._state, self._day = state, day
            self._answers.clear()
            self._names = None
        return self._ledger

    def _looked_up(self, ledger: Ledger, name: str, day: int) -> Answer:
        date = self._day if day == 0 else date_of(day)
        if date is None or len(name) > LINE_LIMIT or not _is_text(name):
            return None
        as_of, spelled = AsOf.days(date), name
        number = replay.holds(ledger.connection, as_of, name)
        if number is None:
            spelled = self._spelled(ledger).get(name.casefold(), name)
            number = None if spelled == name else replay.holds(ledger.connection, as_of, spelled)
        if number is None:
            return None
        ((_, hash_, text),) = ledger.rows(number, number)
        if canonical.sha256(text) != hash_:
            reason = f"{self.path}: entry {number} is not as it was recorded; see: valuehour ledger verify"
            LOG.error("cells that ask for %r are #REF!: %s", name, reason)
            return spelled, reason
        entry = ledger.read(number, hash_, text)
        assert entry.value is not None
        return spelled, Record(float(entry.value), str(entry.status), entry.evidence_in_words)

    def _spelled(self, ledger: Ledger) -> dict[str, str]:
        """The names of the ledger by what they are in any case; read when somebody asks for a name in another case."""
        if self._names is None:
            self._names = {}
            for name in replay.names(ledger.connection):
                self._names.setdefault(name.casefold(), name)
        return self._names


class Lookup:
    """What one person may look up: the records of a host, as worksheet functions ask for them.

    Raises
    ------
    UsageError
        What is allowed is neither a name nor ``share.Region.*`` nor ``*``.
    """

    def __init__(self, reader: Reader, allowed: Collection[str]) -> None:
        self._reader = reader
        self._all = EVERYTHING in allowed
        self._names = frozenset(name for name in allowed if ALL not in name)
        self._begins = tuple(name[: -len(ALL)] for name in allowed if name.endswith(f".{ALL}"))
        for name in allowed:
            if name != EVERYTHING and ALL in name.removesuffix(f".{ALL}"):
                raise UsageError(f"{name!r} says no names; allowed: a name, share.Region.* for all that begin so, or *")

    def holding(self, name: str, day: int) -> Record | None:
        """Return what holds for a name on a day; None for nothing, and for what may not be seen.

        Both are the same answer, so that a name that may not be seen does not give away that it is there.

        Raises
        ------
        SourceError
            The ledger cannot be read, or the entry is not as it was recorded (``#REF!``).
        """
        found = self._reader.answer(name, day)
        if found is None:
            return None
        spelled, record = found
        if not (self._all or spelled in self._names or spelled.startswith(self._begins)):
            return None
        if isinstance(record, str):
            raise SourceError(record)
        return record


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file stands at a path now; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def date_of(day: int) -> datetime.date | None:
    """Return the date that a spreadsheet means by a number; None where there is none.

    >>> str(date_of(46295)), str(date_of(1)), date_of(-1)
    ('2026-09-30', '1900-01-01', None)
    """
    if not 0 < day <= LAST_DAY:
        return None
    # Before March 1900 spreadsheets count a day more than there was.
    return FIRST_DAY + datetime.timedelta(day + (day < 60))


def _is_text(name: str) -> bool:
    """Whether a name can be written down: ``LEFT`` of an emoji gives half a character."""
    return not any("\ud800" <= character <= "\udfff" for character in name)
