"""How entries of a ledger are shown: whole for programs, on one line for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal

    from valuehour.models.ledger import Evidence, LedgerEntry


def plain(entry: LedgerEntry) -> dict[str, Any]:
    """An entry for JSON, as the ledger holds it, with its hash; numbers stay texts, so that none is rounded."""
    from valuehour.ledger.canonical import document

    text = document(
        entry,
        ledger=entry.ledger,
        number=entry.number,
        previous=entry.previous,
        recorded=entry.recorded,
        code=entry.code,
    )
    return {**json.loads(text), "hash": entry.hash}


def line(entry: LedgerEntry) -> str:
    """An entry on one line of the terminal."""
    if entry.kind == "value":
        what = f"{entry.name} = {entry.value:f}"
        if entry.low is not None or entry.high is not None:
            what += f" ({_amount(entry.low)} to {_amount(entry.high)})"
        what += f"  {entry.status}"
    elif entry.kind == "reversal":
        what = f"takes back entry {entry.reverses}"
    elif entry.kind == "close":
        what = f"closes {entry.period}"
    else:
        what = f"asserts {entry.name} = {entry.value:f}"
    evidence = "" if entry.evidence is None else f"  [{_short(entry.evidence)}]"
    return f"{entry.number:>6}  {entry.effective}  {what}  {entry.source}{evidence}  {entry.hash[:12]}"


def _short(evidence: Evidence) -> str:
    file = f"{evidence.file or 'file'} {evidence.sha256[:12]}" if evidence.sha256 else ""
    return "; ".join(part for part in (evidence.reference, file) if part)


def _amount(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:f}"
