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
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from operator import itemgetter
from typing import Any

from pydantic import ValidationError

from valuehour.errors import LedgerError
from valuehour.models.ledger import LedgerDraft, LedgerEntry, LedgerHeader, plain_decimal
from valuehour.models.record import explain

_ENCODE = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode
AUTHOR = "author_self_asserted"
_fields = itemgetter(*sorted(LedgerDraft.model_fields))
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
    approver, author, effective, evidence, high, kind, low, name, period, reverses, source, status, unit, value = (
        _fields(draft.__dict__)
    )
    approver = "" if approver is None else f'"approver":{_quoted(approver)},'
    evidence = "" if evidence is None else f'"evidence":{canonical(evidence.model_dump(exclude_none=True))},'
    high = "" if high is None else f'"high":"{plain_decimal(high)}",'
    low = "" if low is None else f'"low":"{plain_decimal(low)}",'
    name = "" if name is None else f'"name":{_quoted(name)},'
    period = "" if period is None else f'"period":"{period}",'
    reverses = "" if reverses is None else f'"reverses":{reverses},'
    status = "" if status is None else f',"status":"{status}"'
    unit = "" if unit is None else f',"unit":{_quoted(unit)}'
    value = "" if value is None else f',"value":"{plain_decimal(value)}"'
    return (
        f'{{{approver}"{AUTHOR}":{_quoted(author)},"code":{_quoted(code)},"effective":"{_day(effective)}",'
        f'{evidence}{high}"kind":"{kind}","ledger":"{ledger}",{low}{name}"number":{number},{period}'
        f'"previous":"{previous}","recorded":"{recorded}",{reverses}"source":{_quoted(source)}{status}{unit}{value}}}'
    )


@lru_cache(maxsize=1024)
def _day(date: datetime.date) -> str:
    return date.isoformat()


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
    return clock.astimezone(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
