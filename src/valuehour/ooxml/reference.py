"""Cell references in A1 notation: columns, cells and rectangles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from valuehour.errors import WorkbookError

MAX_ROW = 1_048_576
MAX_COLUMN = 16_384

_CELL = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_COLUMNS = re.compile(r"\$?([A-Za-z]{1,3}):\$?([A-Za-z]{1,3})")
_ROWS = re.compile(r"\$?([0-9]{1,7}):\$?([0-9]{1,7})")


@lru_cache(maxsize=MAX_COLUMN)
def column_number(letters: str) -> int:
    """Return the number of a column, counted from 1.

    >>> column_number("A"), column_number("ab"), column_number("XFD")
    (1, 28, 16384)
    """
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            number = 0
            break
        number = number * 26 + ord(letter) - 64
    if not 1 <= number <= MAX_COLUMN:
        raise WorkbookError(f"{letters!r} is not a column; allowed are A to XFD")
    return number


@lru_cache(maxsize=MAX_COLUMN)
def column_letters(number: int) -> str:
    """Return the letters of a column.

    >>> column_letters(1), column_letters(28), column_letters(16384)
    ('A', 'AB', 'XFD')
    """
    if not 1 <= number <= MAX_COLUMN:
        raise WorkbookError(f"{number} is not a column number; allowed are 1 to {MAX_COLUMN}")
    letters = ""
    while number:
        number, digit = divmod(number - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def parse_cell(text: str) -> tuple[int, int]:
    """Return row and column of a cell reference; dollar signs are allowed and ignored.

    >>> parse_cell("$B$7")
    (7, 2)
    """
    match = _CELL.fullmatch(text)
    if match is not None:
        row = int(match[2])
        if 1 <= row <= MAX_ROW and is_column(match[1]):
            return row, column_number(match[1].upper())
    raise WorkbookError(f"{text!r} is not a cell reference; allowed are A1 to XFD{MAX_ROW}")


def parse_cell_at(ref: str, where: str) -> tuple[int, int]:
    """Row and column of a reference found in a file; a bad one is reported with its place."""
    try:
        if "$" in ref:
            raise WorkbookError
        return parse_cell(ref)
    except WorkbookError:
        raise WorkbookError(f"{where}!{ref}: is not a cell reference; allowed are A1 to XFD1048576") from None


def is_column(letters: str) -> bool:
    """Whether one to three letters name a column that exists.

    >>> is_column("xfd"), is_column("XFE")
    (True, False)
    """
    return len(letters) < 3 or (len(letters) == 3 and letters.upper() <= "XFD")


def format_cell(row: int, column: int) -> str:
    """Return the reference of a cell.

    >>> format_cell(7, 2)
    'B7'
    """
    if not 1 <= row <= MAX_ROW:
        raise WorkbookError(f"{row} is not a row number; allowed are 1 to {MAX_ROW}")
    return f"{column_letters(column)}{row}"


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, both corners included.

    >>> str(Area(2, 1, 5, 3))
    'A2:C5'
    """

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        first = format_cell(self.top, self.left)
        last = format_cell(self.bottom, self.right)
        return first if first == last else f"{first}:{last}"

    def __contains__(self, cell: tuple[int, int]) -> bool:
        row, column = cell
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    @property
    def size(self) -> int:
        """Number of cells."""
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)

    def overlaps(self, other: Area) -> bool:
        """Whether the two rectangles share a cell."""
        return not (
            other.top > self.bottom or other.bottom < self.top or other.left > self.right or other.right < self.left
        )

    def cells(self) -> Iterator[tuple[int, int]]:
        """Yield (row, column), row by row."""
        for row in range(self.top, self.bottom + 1):
            for column in range(self.left, self.right + 1):
                yield row, column


def parse_area(text: str) -> Area:
    """Return the rectangle that a cell, a range, whole columns or whole rows cover.

    >>> parse_area("C5:$A$2")
    Area(top=2, left=1, bottom=5, right=3)
    >>> parse_area("B7").size
    1
    """
    if match := _COLUMNS.fullmatch(text):
        left, right = sorted((column_number(match[1].upper()), column_number(match[2].upper())))
        return Area(1, left, MAX_ROW, right)
    if match := _ROWS.fullmatch(text):
        top, bottom = sorted((int(match[1]), int(match[2])))
        if not 1 <= top <= bottom <= MAX_ROW:
            raise WorkbookError(f"{text!r} is not a range; rows go from 1 to {MAX_ROW}")
        return Area(top, 1, bottom, MAX_COLUMN)
    first, colon, last = text.partition(":")
    try:
        rows, columns = zip(parse_cell(first), parse_cell(last if colon else first), strict=True)
    except WorkbookError:
        raise WorkbookError(f"{text!r} is not a range; allowed are ranges within A1:XFD{MAX_ROW}") from None
    return Area(min(rows), min(columns), max(rows), max(columns))
