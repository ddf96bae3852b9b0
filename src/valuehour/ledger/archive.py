"""Daily archives: the entries of each day as gzipped lines, from which the same ledger comes back.

``2026-09-30.jsonl.gz`` holds a first line (ledger, day, place in the chain), a line for each entry recorded on that day
(UTC) exactly as the ledger hashes it, and a last line (count, head). The same entries give the same bytes wherever
zlib is the same build; uncompressed they are the same everywhere.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from valuehour.errors import LedgerError
from valuehour.ledger import canonical, schema
from valuehour.ledger.store import Head, Ledger, Row, new_file, sync_folder

FORMAT = "valuehour ledger archive 1"
SUFFIX = ".jsonl.gz"
LEVEL = 6
MAX_LINE = 1_000_000
_BATCH = 10_000
_DAY = re.compile(r'","recorded":"(\d{4}-\d{2}-\d{2})T')


@dataclass(frozen=True, slots=True)
class Day:
    """One daily archive: its file, its entries, the hash they end with, and whether it was written just now."""

    path: Path
    first: int
    count: int
    head: str
    written: bool


def archive(ledger: Ledger, folder: Path) -> list[Day]:
    """Write the days that are not archived yet, and those that have grown.

    Raises
    ------
    LedgerError
        An archive holds other entries than the ledger: one of them was changed. Nothing is overwritten then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    days = []
    # A day is written from one state of the ledger, whoever appends meanwhile.
    last = ledger.head().number
    for day, rows in groupby(_recorded(ledger, last), key=lambda row: row[0]):
        days.append(_day(ledger, folder / f"{day}{SUFFIX}", day, (row[1] for row in rows)))
    return days


def _recorded(ledger: Ledger, last: int) -> Iterator[tuple[str, Row]]:
    for number, hash_, text in ledger.rows(1, last):
        found = _DAY.search(text)
        if found is None:
            raise LedgerError(
                f"{ledger.path}: entry {number} does not say when it was recorded; "
                f"look with: valuehour ledger verify {ledger.path}"
            )
        yield found[1], (number, hash_, text)


def _previous(text: str) -> str:
    return str(json.loads(text).get("previous"))


def _day(ledger: Ledger, path: Path, day: str, rows: Iterator[Row]) -> Day:
    known = _footer(path) if path.exists() else None
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    first = count = 0
    head = ""
    agrees = known is None
    try:
        with temporary.open("wb") as raw:
            with (
                gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=LEVEL) as packed,
                io.BufferedWriter(packed, 1 << 16) as stream,
            ):
                for number, hash_, text in rows:
                    if not count:
                        first = number
                        opening = {
                            "archive": FORMAT,
                            "day": day,
                            "first": first,
                            "ledger": ledger.header_document,
                            "previous": _previous(text),
                        }
                        stream.write(f"{canonical.canonical(opening)}\n".encode())
                    stream.write(f"{text}\n".encode())
                    count, head = count + 1, hash_
                    agrees = agrees or (known == (count, head))
                stream.write(f"{canonical.canonical({'count': count, 'head': head})}\n".encode())
            raw.flush()
            os.fsync(raw.fileno())
        if not agrees:
            raise LedgerError(
                f"{path}: holds other entries of {day} than {ledger.path}: one of the two was changed; "
                f"look with: valuehour ledger verify {ledger.path}"
            )
        if known == (count, head):
            return Day(path, first, count, head, written=False)
        temporary.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise LedgerError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        temporary.unlink(missing_ok=True)
    return Day(path, first, count, head, written=True)


def _footer(path: Path) -> tuple[int, str]:
    last = ""
    for line in _lines(path):
        last = line
    record = _record(path, last)
    return _whole(path, record, "count"), str(record.get("head"))


def restore(archives: Sequence[Path], target: Path) -> Head:
    """Rebuild a ledger from its daily archives (files, or folders of them); it has the head of the one archived.

    Raises
    ------
    LedgerError
        An archive is damaged or missing, or the target is there already. No half-restored file is left.
    """
    files = [file for path in archives for file in (sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path])]
    if not files:
        raise LedgerError(f"{', '.join(map(str, archives))}: no archives there; they end in {SUFFIX}")
    # The name does not matter, the place in the chain does.
    files.sort(key=lambda path: _whole(path, _opening(path), "first"))
    header = _text(files[0], _opening(files[0]), "ledger")
    genesis = canonical.sha256(header)
    head = Head(0, genesis, "")
    with new_file(target, header) as connection:
        for path in files:
            batch: list[Row] = []
            for row in _chained(path, header, head):
                batch.append(row)
                if len(batch) == _BATCH:
                    connection.executemany(schema.INSERT, batch)
                    batch.clear()
                head = Head(row[0], row[1], "")
            connection.executemany(schema.INSERT, batch)
    return head


def _chained(path: Path, header: str, head: Head) -> Iterator[Row]:
    """The entries of one archive, each checked against the chain."""
    lines = _lines(path)
    opening = _record(path, next(lines, ""))
    if _text(path, opening, "ledger") != header:
        raise LedgerError(f"{path}: belongs to another ledger than the archives before it")
    first = _whole(path, opening, "first")
    if first != head.number + 1 or opening.get("previous") != head.hash:
        raise LedgerError(
            f"{path}: begins with entry {first} and does not follow entry {head.number}; an archive is missing, "
            "doubled or changed"
        )
    number, previous = head.number, head.hash
    waiting: str | None = None
    for line in lines:
        if waiting is not None:
            number += 1
            if f'"number":{number},' not in waiting or f'"previous":"{previous}"' not in waiting:
                raise LedgerError(f"{path}: entry {number} does not follow the one before; the archive was changed")
            previous = canonical.sha256(waiting)
            _check_entry(path, number, waiting, previous)
            yield number, previous, waiting
        waiting = line
    closing = _record(path, waiting or "")
    if closing != {"count": number - head.number, "head": previous}:
        raise LedgerError(f"{path}: does not end as it was written: its last line and its entries disagree")


def _check_entry(path: Path, number: int, text: str, hash_: str) -> None:
    try:
        canonical.entry(text, hash_)
    except LedgerError as error:
        raise LedgerError(f"{path}: entry {number}: {error}") from error


def _opening(path: Path) -> dict[str, Any]:
    record = _record(path, next(_lines(path), ""))
    if record.get("archive") != FORMAT:
        raise LedgerError(f"{path}: not an archive of a ledger")
    return record


def _lines(path: Path) -> Iterator[str]:
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as stream:
            while line := stream.readline(MAX_LINE):
                yield line.rstrip("\n")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise LedgerError(f"{path}: not an archive that can be read ({error})") from error


def _record(path: Path, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise LedgerError(f"{path}: not an archive of a ledger, or cut off")
    return record


def _whole(path: Path, record: dict[str, Any], key: str) -> int:
    value = record.get(key)
    if not isinstance(value, int):
        raise LedgerError(f"{path}: {key} is {value!r}; allowed: a whole number")
    return value


def _text(path: Path, record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, str):
        raise LedgerError(f"{path}: {key} is {value!r}; allowed: a text")
    return value
