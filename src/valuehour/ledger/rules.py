"""What a ledger does not take: entries in closed periods, reversals of nothing, balances that do not hold."""

from __future__ import annotations

import datetime
import sqlite3
from decimal import Decimal

from valuehour.errors import LedgerError
from valuehour.ledger import replay
from valuehour.ledger.mapping import check_name
from valuehour.models.ledger import LedgerDraft, period_span

Span = tuple[datetime.date, datetime.date, str]


class Rules:
    """The rules of one ledger, with what they depend on read from it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._closed: list[Span] = []

    def refresh(self) -> None:
        """Read the closed periods; they are few."""
        found = self._connection.execute(
            "SELECT json_extract(document, '$.period') FROM entries WHERE kind = 'close' AND kind <> 'value'"
        )
        self._closed = [(*period_span(period), period) for (period,) in found]

    def check(self, draft: LedgerDraft, count: int, recorded: str, *, is_first: bool) -> None:
        """Refuse a draft that breaks a rule.

        Parameters
        ----------
        count : entries before it, with those of the same batch
        is_first : nothing of the same batch comes before it

        Raises
        ------
        LedgerError
            What was found and what is allowed.
        """
        if self._closed:
            self._check_open(draft)
        if draft.kind == "value":
            check_name(draft)
        elif draft.kind == "close":
            assert draft.period is not None
            self._closed.append((*period_span(draft.period), draft.period))
        else:
            if not is_first:
                raise LedgerError(f"a {draft.kind} is recorded by itself, after the entries that it is about")
            if draft.kind == "reversal":
                self._check_reversal(draft, count)
            else:
                self._check_balance(draft, count, recorded)

    def _check_open(self, draft: LedgerDraft) -> None:
        for first, last, period in self._closed:
            if draft.kind == "close":
                if draft.period == period:
                    raise LedgerError(f"period {period} is closed already")
                continue
            if first <= draft.effective <= last:
                raise LedgerError(
                    f"effective is {draft.effective}, in the period {period}, which is closed; "
                    "allowed: a date in an open period"
                )
            if draft.period is not None:
                start, end = period_span(draft.period)
                if first <= start and end <= last:
                    raise LedgerError(f"period is {draft.period}, which is closed; allowed: an open period")

    def _check_reversal(self, draft: LedgerDraft, count: int) -> None:
        assert draft.reverses is not None
        if draft.reverses > count:
            raise LedgerError(f"reverses is {draft.reverses}; allowed: an entry that is there, 1 to {count}")
        kind, effective = self._connection.execute(
            "SELECT kind, effective FROM entries WHERE number = ?", (draft.reverses,)
        ).fetchone()
        if kind not in ("value", "assertion"):
            raise LedgerError(f"entry {draft.reverses} is a {kind}; allowed: the reversal of a value or an assertion")
        if draft.effective.isoformat() < effective:
            raise LedgerError(
                f"effective is {draft.effective}, before entry {draft.reverses} is effective ({effective}); "
                "allowed: that day or later"
            )
        by = self._connection.execute(
            "SELECT number FROM entries WHERE kind = 'reversal' AND kind <> 'value' AND reverses = ?", (draft.reverses,)
        ).fetchone()
        if by is not None:
            raise LedgerError(f"entry {draft.reverses} is reversed already, by entry {by[0]}")

    def _check_balance(self, draft: LedgerDraft, count: int, recorded: str) -> None:
        assert draft.name is not None
        found = replay.balance(self._connection, draft.name, draft.effective, recorded, count)
        if found != draft.value:
            raise LedgerError(
                f"{draft.name} on {draft.effective} is {_text(found)}, not {_text(draft.value)}; "
                "nothing was recorded: a balance assertion must hold"
            )


def _text(value: Decimal | None) -> str:
    return "not recorded" if value is None else f"{value:f}"
