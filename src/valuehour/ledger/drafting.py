"""From what a person typed, or a file of many, to what can be recorded."""

from __future__ import annotations

import csv
import datetime
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from valuehour.errors import LedgerError
from valuehour.models.ledger import Evidence, LedgerDraft
from valuehour.models.names import did_you_mean, listed, shown
from valuehour.models.record import explain

FIELDS = (
    "name",
    "value",
    "low",
    "high",
    "unit",
    "status",
    "effective",
    "period",
    "source",
    "evidence",
    "reference",
    "author",
    "approver",
)
"""What a file of entries may have as columns; ``evidence`` is a file beside it, ``reference`` a reference in words."""

MAX_ROWS = 1_000_000
MAX_PROBLEMS = 20
_NUMBER = re.compile(r"[+-]?(\d{1,40}([.]\d{0,40})?|[.]\d{1,40})(e[+-]?\d{1,2})?", re.IGNORECASE)


def draft(fields: Mapping[str, object], folder: Path | None = None) -> LedgerDraft:
    """Return what is to be recorded from its fields as texts; blank ones are left out.

    Parameters
    ----------
    folder : where the paths of ``evidence`` start

    Raises
    ------
    LedgerError
        Every fault: the field, what was found, what is allowed.

    Examples
    --------
    >>> draft({"name": "uplift.K", "value": "1.120", "status": "measured", "effective": "2026-09-30",
    ...        "source": "Study", "author": "ana"}).value
    Decimal('1.12')
    """
    given = {key: value for key, value in fields.items() if value not in (None, "")}
    for key in ("value", "low", "high"):
        if key in given:
            given[key] = number(key, given[key])
    if "effective" in given:
        given["effective"] = day("effective", given["effective"])
    file, reference = given.pop("evidence", None), given.pop("reference", None)
    if file is not None or reference is not None:
        given["evidence"] = evidence(None if file is None else (folder or Path()) / str(file), reference)
    try:
        return LedgerDraft.model_validate(given)
    except ValidationError as error:
        raise LedgerError(_faults(error)) from error


def number(field: str, value: object) -> Decimal:
    """Return an amount typed as text, exactly as typed; raise LedgerError when it is no number."""
    if isinstance(value, Decimal):
        return value
    text = str(value).strip().replace("_", "")
    try:
        if isinstance(value, bool) or not _NUMBER.fullmatch(text):
            raise InvalidOperation
        return Decimal(text)
    except InvalidOperation:
        raise LedgerError(
            f"{field} is {shown(value)}; allowed: a number such as 1.12, with a point and without separators"
        ) from None


def day(field: str, value: object) -> datetime.date:
    """Return a date typed as text; raise LedgerError when it is none."""
    if isinstance(value, datetime.date):
        return value
    try:
        return datetime.datetime.strptime(str(value).strip(), "%Y-%m-%d").replace(tzinfo=datetime.UTC).date()
    except ValueError:
        raise LedgerError(f"{field} is {shown(value)}; allowed: a date such as 2026-09-30") from None


def evidence(file: Path | None, reference: object = None) -> Evidence:
    """Return what stands behind a figure; of a file its name and sha256 are taken, not its content."""
    fields: dict[str, object] = {}
    if file is not None:
        try:
            with file.open("rb") as stream:
                fields = {"file": file.name, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}
        except OSError as error:
            raise LedgerError(f"evidence {file}: cannot be read ({error.strerror})") from error
    if reference is not None:
        fields["reference"] = reference
    try:
        return Evidence.model_validate(fields)
    except ValidationError as error:
        raise LedgerError(_faults(error, "evidence")) from error


def drafts(path: Path, author: str) -> list[LedgerDraft]:
    """Read a file of entries: ``.csv`` with a head line, or ``.jsonl`` with an object a line.

    Raises
    ------
    LedgerError
        Every row that does not fit, by its number, one a line; then nothing of the file is to be recorded.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise LedgerError(f"{path}: allowed: a file that ends in .csv or .jsonl")
    found: list[LedgerDraft] = []
    problems: list[str] = []
    try:
        for line, fields in reader(path):
            if len(found) + len(problems) >= MAX_ROWS:
                raise LedgerError(f"{path}: more than {MAX_ROWS:,} entries; split the file")
            try:
                _known(fields)
                found.append(draft({"author": author, **fields}, path.parent))
            except LedgerError as error:
                problems += [f"{path.name}: line {line}: {fault}" for fault in str(error).splitlines()]
    except OSError as error:
        raise LedgerError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise LedgerError(f"{path}: byte {error.start} is not UTF-8 text; save the file as UTF-8") from error
    if problems:
        more = len(problems) - MAX_PROBLEMS
        tail = [f"{path.name}: and {more} more"] if more > 0 else []
        raise LedgerError("\n".join([*problems[:MAX_PROBLEMS], *tail]))
    if not found:
        raise LedgerError(f"{path}: holds no entries")
    return found


Rows = Iterator[tuple[int, dict[str, Any]]]


def _csv(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream, restkey="", strict=True)
        try:
            for row in reader:
                if any(row.values()):
                    yield reader.line_num, {key.strip().lower(): value for key, value in row.items() if value}
        except csv.Error as error:
            raise LedgerError(f"{path.name}: line {reader.line_num}: not CSV: {error}") from error


def _jsonl(path: Path) -> Rows:
    with path.open(encoding="utf-8-sig") as stream:
        for line, text in enumerate(stream, start=1):
            if not text.strip():
                continue
            try:
                # Numbers stay the texts they are: no amount passes through a float.
                record = json.loads(text, parse_float=str, parse_int=str)
            except ValueError as error:
                raise LedgerError(f"{path.name}: line {line}: not JSON: {error}") from error
            if not isinstance(record, dict):
                raise LedgerError(f"{path.name}: line {line}: found {shown(record)}; allowed: an object in braces")
            yield line, record


_READERS: Mapping[str, Callable[[Path], Rows]] = {".csv": _csv, ".jsonl": _jsonl}


def _known(fields: Mapping[str, Any]) -> None:
    for key in fields:
        if key not in FIELDS:
            raise LedgerError(
                f"{shown(key) if key else 'a cell beyond the last column'} is not a field of an entry"
                f"{did_you_mean(key, FIELDS)}; allowed: {listed(FIELDS, limit=20)}"
            )


def _faults(error: ValidationError, field: str = "") -> str:
    record = Evidence if field else LedgerDraft
    return "\n".join(
        f"{place or field}: {reason}" if place or field else reason for place, reason in explain(error, record)
    )
