"""Files as tables: what kind a file is, told from its content, and how its columns are called."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal, cast

from valuehour.errors import OutcomesError

SAMPLE = 65_536
_DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')

Kind = Literal["csv", "json", "parquet"]


@dataclass(frozen=True, slots=True)
class Table:
    """A file that an engine can scan: a regular CSV, or Parquet.

    ``names`` are the columns as people call them, ``columns`` as SQL does, ``types`` of Parquet the engine's types.
    ``numbered``: the last two columns are ``_row`` and ``_fault``, written by ourselves.
    """

    path: Path
    label: str
    kind: Literal["csv", "parquet"]
    names: tuple[str, ...]
    columns: tuple[str, ...]
    types: tuple[str, ...] = ()
    delimiter: str = ","
    gzip: bool = False
    numbered: bool = False
    longest: int = 0
    notes: Mapping[str, int] = field(default_factory=dict)


def kind_of(path: Path) -> tuple[Kind, bool]:
    """Return what a file holds and whether it is gzipped, told from its first bytes.

    Raises
    ------
    OutcomesError
        It cannot be opened, is empty, or is something else that we know, such as a workbook.
    """
    try:
        if not path.is_file():
            found = "a folder" if path.is_dir() else "no file"
            raise OutcomesError(f"{path}: cannot be read: found {found}; allowed: CSV, JSON, JSONL or Parquet")
        with path.open("rb") as file:
            head = file.read(4)
        if head == b"PAR1":
            return "parquet", False
        zipped = head[:2] == b"\x1f\x8b"
        with binary(path, zipped) as stream:
            start = stream.read(SAMPLE)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutcomesError(f"{path}: cannot be read: {reason}") from error
    if start[:4] == b"PK\x03\x04":
        raise OutcomesError(f"{path}: is a zip file or workbook; allowed: CSV, JSON, JSONL or Parquet, also gzipped")
    text = start.decode("utf-8-sig", "replace").lstrip()
    if not text:
        raise OutcomesError(f"{path}: is empty; allowed: a file with a header row")
    return ("json" if text[0] in "{[" else "csv"), zipped


def binary(path: Path, zipped: bool) -> IO[bytes]:
    """Open a file's content, unzipped."""
    return cast(IO[bytes], gzip.open(path, "rb")) if zipped else path.open("rb")


def different(paths: Iterable[Path]) -> tuple[list[Path], list[tuple[Path, Path]]]:
    """Return the files that differ, in the order of their content, and the repeats with what they repeat.

    Only files of equal size are read for this.
    """
    by_size: dict[int, list[Path]] = {}
    for path in paths:
        by_size.setdefault(path.stat().st_size if path.is_file() else -1, []).append(path)
    kept: list[Path] = []
    repeats: list[tuple[Path, Path]] = []
    for size, same in by_size.items():
        if size < 0 or len(same) == 1:
            kept += same
            continue
        first: dict[bytes, Path] = {}
        for path in same:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").digest()
            if digest in first:
                repeats.append((path, first[digest]))
            else:
                first[digest] = path
                kept.append(path)
    return kept, repeats


def regular_csv(path: Path, zipped: bool) -> Table | None:
    """Return a CSV as an engine can scan it, or nothing when its start shows that it must be repaired first."""
    with binary(path, zipped) as stream:
        start = stream.read(SAMPLE)
    if start.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")) or b"\x00" in start:
        return None
    bare = start.replace(b"\r\n", b"\n")
    if b"\r" in bare or (b"\r" in start.removesuffix(b"\r") and start.count(b"\n") != start.count(b"\r\n")):
        return None
    line, newline, _ = bare.partition(b"\n")
    try:
        header = line.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not header.strip() or header.count('"') % 2 or not newline:
        return None
    delimiter = delimiter_of(header)
    names = next(csv.reader(io.StringIO(header), delimiter=delimiter))
    return Table(path, str(path), "csv", tuple(names), sql_columns(len(names)), delimiter=delimiter, gzip=zipped)


def delimiter_of(header: str) -> str:
    """Return the delimiter that gives a header line the most columns; a comma when there is only one.

    >>> delimiter_of('at;cost;"a,b,c"')
    ';'
    """
    outside = _QUOTED.sub("", header)
    return max(_DELIMITERS, key=outside.count)


def sql_columns(count: int) -> tuple[str, ...]:
    """Return names that are safe in SQL, by place."""
    return tuple(f"c{place}" for place in range(count))


def bare(name: str) -> str:
    """Return the form in which column names are compared: letters, digits and dots in lower case.

    >>> bare("Total Cost") == bare("total_cost") == bare("totalCost")
    True
    """
    return "".join(character for character in name.casefold() if character.isalnum() or character == ".")


def named(names: Sequence[str], candidates: Sequence[str]) -> list[int]:
    """Return the places of the columns that candidates name, in the order of the candidates."""
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        places.setdefault(bare(name), place)
    return [places[bare(each)] for each in candidates if bare(each) in places]
