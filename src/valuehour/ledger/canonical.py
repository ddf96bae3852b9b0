"""The one way in which an entry is written, and its hash.

Canonical JSON, documented in ``docs/ledger.md``: UTF-8 without spaces, keys sorted, texts in NFC, dates and moments as
ISO 8601, amounts as plain decimal texts, nothing that is not given. No floating-point number ever passes through.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring as _quoted
from typing import Any

from pydantic import ValidationError

from valuehour.errors import LedgerError
from valuehour.models.ledger import LedgerDraft, LedgerEntry, LedgerHeader, plain_decimal
from valuehour.models.record import explain

_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode
AUTHOR = "author_self_asserted"
ID_LENGTH = 16


def canonical(record: Mapping[str, Any]) -> str:
    """Return canonical JSON of plain data: texts, whole numbers and records of them.

    >>> canonical({"value": "1.12", "number": 1})
    '{"number":1,"value":"1.12"}'
    """
    return _ENCODE(record)


def sha256(text: str) -> str:
    """Return the sha256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def header_document(header: LedgerHeader) -> str:
    """Return the canonical JSON of a header; its hash is what the first entry follows."""
    return canonical(header.model_dump())


def ledger_id(header: str) -> str:
    """Return the short name of the ledger with this header, which stands in each of its entries."""
    return sha256(header)[:ID_LENGTH]


def document(draft: LedgerDraft, *, ledger: str, number: int, previous: str, recorded: str, code: str) -> str:
    """Return the canonical JSON of an entry.

    The same as ``canonical`` of its fields, put together by hand: this is most of the time that recording takes.
    """
    parts = [
        f'"{AUTHOR}":{_quoted(draft.author)},"code":{_quoted(code)},"effective":"{draft.effective.isoformat()}"',
    ]
    if draft.approver is not None:
        parts.insert(0, f'"approver":{_quoted(draft.approver)}')
    if draft.evidence is not None:
        parts.append(f'"evidence":{canonical(draft.evidence.model_dump(exclude_none=True))}')
    if draft.high is not None:
        parts.append(f'"high":"{plain_decimal(draft.high)}"')
    parts.append(f'"kind":"{draft.kind}","ledger":"{ledger}"')
    if draft.low is not None:
        parts.append(f'"low":"{plain_decimal(draft.low)}"')
    if draft.name is not None:
        parts.append(f'"name":{_quoted(draft.name)}')
    parts.append(f'"number":{number}')
    if draft.period is not None:
        parts.append(f'"period":"{draft.period}"')
    parts.append(f'"previous":"{previous}","recorded":"{recorded}"')
    if draft.reverses is not None:
        parts.append(f'"reverses":{draft.reverses}')
    parts.append(f'"source":{_quoted(draft.source)}')
    if draft.status is not None:
        parts.append(f'"status":"{draft.status}"')
    if draft.unit is not None:
        parts.append(f'"unit":{_quoted(draft.unit)}')
    if draft.value is not None:
        parts.append(f'"value":"{plain_decimal(draft.value)}"')
    return f"{{{','.join(parts)}}}"


def entry(text: str, hash_: str) -> LedgerEntry:
    """Read an entry back from its canonical JSON.

    Raises
    ------
    LedgerError
        The text is not an entry.
    """
    try:
        record: dict[str, Any] = json.loads(text)
        record["author"] = record.pop(AUTHOR)
        record["hash"] = hash_
        record["effective"] = datetime.date.fromisoformat(record["effective"])
        for key in ("value", "low", "high"):
            if key in record:
                record[key] = Decimal(record[key])
        return LedgerEntry.model_validate(record)
    except ValidationError as error:
        field, reason = explain(error, LedgerEntry)[0]
        raise LedgerError(f"not an entry of a ledger: {field} {reason}") from error
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError) as error:
        raise LedgerError(f"not an entry of a ledger: {str(error)[:80]}") from error


def moment(clock: datetime.datetime) -> str:
    """Return a moment as the ledger writes it: UTC, to the microsecond, so that texts sort as moments do.

    >>> moment(datetime.datetime(2026, 9, 30, 12, tzinfo=datetime.UTC))
    '2026-09-30T12:00:00.000000Z'
    """
    if clock.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return clock.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
