"""Verification: walk the chain, name the first bad entry and what was done to it.

What can be told apart follows from what an entry holds: its own number, the hash of the entry before, the ledger it
belongs to and the moment it was recorded, all under its hash.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from valuehour.errors import LedgerError
from valuehour.ledger import canonical, replay, schema
from valuehour.ledger.store import Ledger, Row
from valuehour.models.ledger import Checkpoint

Change = Literal[
    "edit",
    "insert",
    "delete",
    "reorder",
    "replace",
    "cut tail",
    "splice",
    "changed clock",
    "guards",
    "damaged file",
    "other ledger",
    "balance",
]

_RECORDED = '","recorded":"'
_MOMENT = len("2026-09-30T12:00:00.000000Z")


@dataclass(frozen=True, slots=True)
class Finding:
    """The first bad entry (0 for the file as a whole), what was done, and how it shows."""

    entry: int
    change: Change
    reason: str

    def __str__(self) -> str:
        place = f"entry {self.entry}" if self.entry else "the ledger"
        return f"{place}: {self.change}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying found: how many entries are sound, the hash they end with, and what is wrong."""

    count: int
    head: str
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@dataclass(slots=True)
class Link:
    """How far the chain holds: the last sound entry, its hash, the hash before it, its moment."""

    number: int
    hash: str
    before: str
    recorded: str


def verify(ledger: Ledger, checkpoints: Sequence[Checkpoint] = ()) -> Verdict:
    """Walk a ledger from its first entry; memory does not grow with it.

    Parameters
    ----------
    checkpoints : kept outside; without one, a tail that was cut off or rewritten as a whole cannot be seen

    Returns
    -------
    the verdict; its finding names the first bad entry. Balance assertions are looked at when the chain is sound.
    """
    ordered = sorted(checkpoints, key=lambda checkpoint: checkpoint.count)
    foreign = next((checkpoint for checkpoint in ordered if checkpoint.ledger != ledger.id), None)
    if foreign is not None:
        reason = f"the checkpoint is of ledger {foreign.ledger}, this file is ledger {ledger.id}"
        return Verdict(0, ledger.genesis, (Finding(0, "other ledger", reason),))
    link = Link(0, ledger.genesis, "", "")
    try:
        finding = _walk(ledger, link, ordered)
        if finding is None:
            findings = (*_guards(ledger), *_balances(ledger))
            return Verdict(link.number, link.hash, findings)
    except (LedgerError, sqlite3.Error, UnicodeDecodeError) as error:
        finding = Finding(link.number + 1, "damaged file", f"cannot be read: {error}")
    return Verdict(link.number, link.hash, (finding,))


def read_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint that was kept; raise LedgerError when the file is none."""
    try:
        return Checkpoint.model_validate_json(path.read_bytes())
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read ({error.strerror})") from error
    except ValidationError:
        raise LedgerError(
            f"{path}: not a checkpoint; make one with: valuehour ledger checkpoint FILE --out {path.name}"
        ) from None


def _walk(ledger: Ledger, link: Link, checkpoints: Sequence[Checkpoint]) -> Finding | None:
    waiting = list(reversed(checkpoints))
    own = f'"ledger":"{ledger.id}"'
    rows = ledger.rows()
    for row in rows:
        number, hash_, text = row
        expected = link.number + 1
        # A quotation mark inside a text is written \", so these can only be the entry's own fields.
        previous = f'"previous":"{link.hash}{_RECORDED}'
        at = text.find(previous)
        start = at + len(previous)
        recorded = text[start : start + _MOMENT]
        if (
            at < 0
            or number != expected
            or f'"number":{expected},' not in text
            or own not in text
            or canonical.sha256(text) != hash_
            or recorded < link.recorded
        ):
            return _diagnosed(ledger, link, row, next(rows, None))
        link.number, link.before, link.hash, link.recorded = number, link.hash, hash_, recorded
        while waiting and waiting[-1].count == number:
            checkpoint = waiting.pop()
            if checkpoint.head != hash_:
                reason = (
                    f"this entry or one before it was replaced and all that follow were chained anew: the checkpoint "
                    f"of {checkpoint.date} has another hash for entry {number}"
                )
                return Finding(number, "replace", reason)
    beyond = next((c for c in reversed(waiting) if c.count > link.number), None)
    if beyond is not None:
        reason = f"entries {link.number + 1} to {beyond.count} are gone: the checkpoint of {beyond.date} has them"
        return Finding(link.number + 1, "cut tail", reason)
    return None


def _diagnosed(ledger: Ledger, link: Link, row: Row, following: Row | None) -> Finding:
    """Name what was done where the chain breaks; ``following`` is the row after the one that does not fit."""
    number, hash_, text = row
    expected = link.number + 1
    found, after = _fields(text), _fields(following[2]) if following is not None else {}
    if canonical.sha256(text) != hash_:
        return _broken_seal(link, row, found, after)
    if found.get("ledger") != ledger.id:
        reason = f"it belongs to ledger {found.get('ledger')}, this is ledger {ledger.id}"
        return Finding(expected, "splice", reason)
    own, previous = found.get("number"), found.get("previous")
    if own == expected and previous == link.hash:
        if number != expected:
            return Finding(expected, "edit", f"it is stored as entry {number}, but it was recorded as entry {own}")
        reason = f"it says {found.get('recorded')}, before the entry that it follows ({link.recorded})"
        return Finding(expected, "changed clock", reason)
    if own == expected:
        # This one fits its number but not the entry before: which of the two is the stranger?
        if link.number == 0 or (following is not None and after.get("previous") != hash_):
            return Finding(expected, "replace", f"it does not follow entry {link.number} as that stands here")
        reason = "another entry stood here when the next one was recorded"
        if following is None:
            reason += f", or entry {expected}, the last, is not the one that was"
        return Finding(link.number, "replace", reason)
    if isinstance(own, int) and own > expected:
        elsewhere = ledger.connection.execute(
            "SELECT number FROM entries WHERE json_extract(document, '$.number') = ? LIMIT 1", (expected,)
        ).fetchone()
        if elsewhere is not None:
            reason = f"entry {own} stands here, and entry {expected} stands at place {elsewhere[0]}"
            return Finding(expected, "reorder", reason)
        last = own - 1
        gone = f"entry {expected} is" if last == expected else f"entries {expected} to {last} are"
        return Finding(expected, "delete", f"{gone} gone")
    if previous == link.before and link.number > 0:
        return Finding(link.number, "insert", f"the next entry follows entry {link.number - 1} directly")
    return Finding(expected, "insert", f"a copy of entry {own} stands here")


def _broken_seal(link: Link, row: Row, found: dict[str, Any], after: dict[str, Any]) -> Finding:
    number, _, text = row
    expected = link.number + 1
    if after and after.get("previous") == link.hash:
        return Finding(expected, "insert", f"it is not sealed, and the next entry follows entry {link.number} directly")
    if number != expected:
        return Finding(expected, "delete", f"the next entry stored is {number}, and it is not sealed either")
    recorded = found.get("recorded")
    if isinstance(recorded, str) and (
        recorded < link.recorded or (isinstance(after.get("recorded"), str) and recorded > after["recorded"])
    ):
        reason = f"it says {recorded}, out of order with its neighbours, and its hash is another"
        return Finding(expected, "changed clock", reason)
    return Finding(expected, "edit", f"its content has the hash {canonical.sha256(text)[:16]}…, not the one recorded")


def _fields(text: object) -> dict[str, Any]:
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _guards(ledger: Ledger) -> Iterator[Finding]:
    """The triggers and tables must be those the ledger was made with."""
    there = dict(ledger.connection.execute("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL"))
    for name, statement in schema.EVERYTHING.items():
        if there.get(name) != statement:
            what = "is missing" if name not in there else "was changed"
            yield Finding(0, "guards", f"{name} {what}: something else than valuehour worked on the file")
    for name in sorted(there.keys() - schema.EVERYTHING.keys()):
        yield Finding(0, "guards", f"{name} was added: something else than valuehour worked on the file")


def _balances(ledger: Ledger) -> Iterator[Finding]:
    """Balance assertions that were not taken back must still hold, whatever was recorded for an earlier date since."""
    found = ledger.connection.execute(
        "SELECT number FROM entries WHERE kind = 'assertion' AND kind <> 'value' AND number NOT IN "
        "(SELECT reverses FROM entries WHERE kind = 'reversal' AND kind <> 'value') ORDER BY number"
    )
    for (number,) in found.fetchall():
        claim = ledger.entry(number)
        assert claim.name is not None
        assert claim.value is not None
        now = replay.balance(ledger.connection, claim.name, claim.effective, "9999", 2**62)
        if now != claim.value:
            reason = f"{claim.name} on {claim.effective} was {claim.value:f}, and is {_text(now)} by later entries"
            yield Finding(number, "balance", reason)


def _text(value: Decimal | None) -> str:
    return "not recorded" if value is None else f"{value:f}"
