"""Irregular CSV files made regular: any encoding, ragged rows, stray quotation marks; every row is kept and numbered.

A row that cannot be trusted (more cells than the header, a quotation mark that is never closed) keeps its place with
a fault, so that it ends refused and named instead of shifted or lost.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from valuehour.errors import OutcomesError
from valuehour.outcomes.files import Table, binary, delimiter_of, sql_columns
from valuehour.outcomes.records import Item

# The fields of an export can be long; Python's own limit is for all readers at once.
FIELD_LIMIT = 1_000_000_000
TOO_MANY = "more cells than the header"
OPEN_QUOTE = "a quotation mark that is not closed"


def repair(path: Path, zipped: bool, target: Path) -> Table:
    """Write a regular CSV of an irregular one.

    Raises
    ------
    OutcomesError
        There is no header row.
    """
    encoding, notes = _encoding(path, zipped)
    longest = 0
    with binary(path, zipped) as stream, io.TextIOWrapper(stream, encoding, errors="replace", newline="") as text:
        rows = _rows(_lines(text))
        header = next(rows, None)
        if header is None:
            raise OutcomesError(f"{path}: has no header row; allowed: a file with a header row")
        names = header[0]
        width = len(names)
        with target.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerow([*sql_columns(width), "_row", "_fault"])
            for number, (cells, fault) in enumerate(rows, 2):
                if not fault and len(cells) > width and any(cell.strip() for cell in cells[width:]):
                    fault = TOO_MANY
                if len(cells) < width:
                    notes["short_rows"] = notes.get("short_rows", 0) + 1
                    cells = [*cells, *[""] * (width - len(cells))]
                row = [*cells[:width], str(number), fault]
                longest = max(longest, sum(map(len, row)))
                writer.writerow(row)
    return Table(
        target,
        str(path),
        "csv",
        tuple(names),
        sql_columns(width),
        numbered=True,
        longest=longest * 4 + 4 * width + 64,  # bytes at most, with quotation marks
        notes=notes,
    )


def _encoding(path: Path, zipped: bool) -> tuple[str, dict[str, int]]:
    """The encoding of a text: by its mark, else UTF-8, else Windows-1252 with a note."""
    with binary(path, zipped) as stream:
        start = stream.read(4)
        if start.startswith(codecs.BOM_UTF8):
            return "utf-8-sig", {}
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16", {}
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            decoder.decode(start)
            while chunk := stream.read(1 << 20):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252", {"not_utf8": 1}
    return "utf-8", {}


def _lines(text: TextIO) -> Iterator[str]:
    """Lines with their ends, whichever of the three they are; without NUL, which no cell means."""
    for line in text:
        yield line.replace("\x00", "")


Parsed = tuple[list[str], str]


def _rows(lines: Iterator[str]) -> Iterator[Parsed]:
    """Rows of cells with a fault, if any; blank lines are no rows.

    A record whose quotation mark never closes would swallow the rest of the file: only its first line is given up.
    """
    first = next((line for line in lines if line.strip()), None)
    if first is None:
        return
    delimiter = delimiter_of(first.rstrip("\r\n"))
    pending: list[str] = [first]
    place = 0

    def feed() -> Iterator[str]:
        nonlocal place
        while True:
            if place < len(pending):
                line = pending[place]
            else:
                following = next(lines, None)
                if following is None:
                    return
                pending.append(following)
                line = following
            place += 1
            yield line

    limit = csv.field_size_limit(FIELD_LIMIT)
    try:
        while True:
            place = 0
            reader = csv.reader(feed(), delimiter=delimiter, strict=True)
            try:
                for cells in reader:
                    del pending[:place]
                    place = 0
                    if cells and (len(cells) > 1 or cells[0].strip()):
                        yield cells, ""
                return
            except csv.Error:
                line = pending.pop(0)
                cells = next(csv.reader([line.rstrip("\r\n").replace('"', "")], delimiter=delimiter), [])
                yield cells, OPEN_QUOTE
                if not pending:
                    following = next(lines, None)
                    if following is None:
                        return
                    pending.append(following)
    finally:
        csv.field_size_limit(limit)


def rows_of(path: Path, zipped: bool, names: tuple[str, ...]) -> Iterator[Item]:
    """The rows of a CSV as records, for what is put together in Python."""
    encoding, _ = _encoding(path, zipped)
    with binary(path, zipped) as stream, io.TextIOWrapper(stream, encoding, errors="replace", newline="") as text:
        rows = _rows(_lines(text))
        next(rows, None)
        for number, (cells, fault) in enumerate(rows, 2):
            yield Item(number, dict(zip(names, cells, strict=False)), fault)
