"""One value of a ledger by name, for a spreadsheet that asks: what it is, how well it is known, what stands behind it.

A host that offers the worksheet functions ``LEDGER``, ``LEDGER_STATUS`` and ``LEDGER_EVIDENCE`` keeps one ``Lookup``
for each person, with the names they may see.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection
from fnmatch import fnmatchcase

from valuehour.errors import NotAvailableError
from valuehour.ledger.baseline import baseline
from valuehour.ledger.replay import AsOf
from valuehour.ledger.store import Ledger
from valuehour.models.ledger import LedgerEntry


class Lookup:
    """What one person may look up.

    Parameters
    ----------
    ledger : the ledger
    allowed : names, or patterns of them such as ``uplift.*``; nothing else is answered
    today : gives the day that counts when none is asked for
    """

    def __init__(self, ledger: Ledger, allowed: Collection[str], today: Callable[[], datetime.date]) -> None:
        self._ledger = ledger
        self._allowed = tuple(allowed)
        self._today = today

    def value(self, name: str, as_of: datetime.date | None = None) -> float:
        """Return the value that holds for a name on a day, as it was known on that day.

        Raises
        ------
        NotAvailableError
            Nothing holds for the name on that day, or it may not be seen: the same answer, so that a name that may
            not be seen does not give away that it is there (``#N/A``).
        """
        value = self._entry(name, as_of).value
        assert value is not None
        return float(value)

    def status(self, name: str, as_of: datetime.date | None = None) -> str:
        """Return assumed, measured or approved; raise NotAvailableError as ``value`` does."""
        return str(self._entry(name, as_of).status)

    def evidence(self, name: str, as_of: datetime.date | None = None) -> str:
        """Return what stands behind a value, an empty text when nothing was given; raise as ``value`` does."""
        found = self._entry(name, as_of).evidence
        return "" if found is None else str(found)

    def _entry(self, name: str, as_of: datetime.date | None) -> LedgerEntry:
        day = self._today() if as_of is None else as_of
        # A name that ends with .* would stand for many.
        if not name.endswith("*") and any(fnmatchcase(name, pattern) for pattern in self._allowed):
            found = baseline(self._ledger, AsOf.days(day), name).entries.get(name)
            if found is not None:
                return found
        raise NotAvailableError(f"name is {name!r}; nothing of that name is there for you on {day}")
