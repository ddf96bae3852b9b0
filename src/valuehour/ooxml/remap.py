"""Places that moved between two layouts of a workbook: cells, areas, and references in formulas.

A sheet's rows and its columns move independently: each by the offset of the last known place at or before it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

from valuehour.errors import WorkbookError
from valuehour.ooxml.insertion import REFERENCE_TOKEN
from valuehour.ooxml.reference import (
    MAX_COLUMN,
    MAX_ROW,
    Area,
    column_letters,
    column_number,
    is_column,
    parse_area,
)

_CORNER = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})")
_CLOSE = 2
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


@dataclass(frozen=True, slots=True)
class Offsets:
    """Known places along one direction, from the old layout to the new one.

    >>> moved = Offsets((1, 13), (0, 3))
    >>> moved.of(5), moved.of(13), moved.of(40)
    (5, 16, 43)
    """

    starts: tuple[int, ...] = (1,)
    shifts: tuple[int, ...] = (0,)

    def of(self, number: int) -> int:
        """Where a row or column went; where some are gone, those that are left keep their order."""
        at = max(0, bisect_right(self.starts, number) - 1)
        moved = number + self.shifts[at]
        if at + 1 < len(self.starts):
            moved = min(moved, self.starts[at + 1] + self.shifts[at + 1] - 1)
        return max(1, moved)

    @classmethod
    def through(cls, known: Mapping[int, int]) -> Offsets | None:
        """Through known places; None when their order changed, so that nothing can be said of what is between."""
        olds = sorted(known)
        news = [known[old] for old in olds]
        if any(later <= earlier for earlier, later in pairwise(news)):
            return None
        starts, shifts = [1], [0]
        placed = 0
        for old, new in zip(olds, news, strict=True):
            if new - old < shifts[-1]:
                # What stands right above a known place (its units, its heading) went with it.
                shifts.append(new - old)
                starts.append(max(old - _CLOSE, placed + 1 - shifts[-1], starts[-1] + 1))
            elif new - old > shifts[-1]:
                starts.append(old)
                shifts.append(new - old)
            placed = new
        return cls(tuple(starts), tuple(shifts))


@dataclass(frozen=True, slots=True)
class SheetMove:
    """Where the cells of one sheet went."""

    rows: Offsets = Offsets()
    columns: Offsets = Offsets()
    cells: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    """Cells whose new place is known for itself."""

    def cell(self, row: int, column: int) -> tuple[int, int]:
        """Where a cell went."""
        return self.cells.get((row, column), (self.rows.of(row), self.columns.of(column)))

    def area(self, area: Area) -> Area:
        """Where an area went; whole rows and columns stay whole."""
        if area.size == 1:
            row, column = self.cell(area.top, area.left)
            return Area(row, column, row, column)
        top, bottom = self.rows.of(area.top), MAX_ROW if area.bottom == MAX_ROW else self.rows.of(area.bottom)
        right = MAX_COLUMN if area.right == MAX_COLUMN else self.columns.of(area.right)
        return Area(top, self.columns.of(area.left), bottom, right)


@dataclass(frozen=True, slots=True)
class Remap:
    """Every sheet's move, and what names and table columns are called now; words are compared case-blind."""

    sheets: Mapping[str, SheetMove]
    """By the sheet's name in lower case."""
    words: Mapping[str, str] = field(default_factory=dict)
    """Names that changed, by the old one in lower case."""
    columns: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Table columns that changed, by table and old head in lower case."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Sheets with another name, by the old one in lower case."""

    def move(self, home: str | None) -> SheetMove:
        """The move of a sheet; of none when it did not move."""
        return self.sheets.get((home or "").lower(), SheetMove())

    def row(self, number: int, home: str | None) -> int:
        """Where a row of a sheet went."""
        return self.move(home).rows.of(number)

    def column(self, number: int, home: str | None) -> int:
        """Where a column of a sheet went."""
        return self.move(home).columns.of(number)

    def title(self, sheet: str) -> str:
        """What a sheet is called now."""
        return self.titles.get(sheet.lower(), sheet)

    def areas(self, text: str, home: str | None, *, rule: bool = True) -> str:
        """Where each area of a list went, as ``sqref`` holds it."""
        del rule  # nothing grows here
        return " ".join(str(self.move(home).area(parse_area(item))) for item in text.split())

    def formula(self, formula: str, home: str | None) -> str:
        """The formula as it reads in the new layout; ``home`` is the sheet it stands on.

        >>> remap = Remap({"data": SheetMove(Offsets((1, 5), (0, 2)))}, {"in_old": "in_new"})
        >>> remap.formula("SUM(Data!A4:A9)+in_old+B9", "Mine")
        'SUM(Data!A4:A11)+in_new+B9'
        """
        for (table, old), new in self.columns.items():
            pattern = rf"(?i)(?<![\w.]){re.escape(table)}\[(?:[^\[\]]|\[[^\]]*\])*\]"
            formula = re.sub(pattern, partial(_renamed, old, new), formula)

        def moved(match: re.Match[str]) -> str:
            other = match["other"]
            if other is not None:
                return (match["prefix"] or "") + self.words.get(other.lower(), other)
            reference = match["area"] or match["rows"]
            if reference is None:
                return match[0]
            prefix = match["prefix"]
            sheet = home if prefix is None else sheet_in(prefix)
            if sheet is not None and ":" in sheet and "[" not in sheet:
                raise WorkbookError(f"the formula ={formula} refers through several sheets at once")
            text = self._area(reference, sheet) if match["area"] else self._rows(reference, sheet)
            new = None if prefix is None else self.titles.get((sheet or "").lower())
            return (prefix or "" if new is None else quoted(new) + "!") + text

        return REFERENCE_TOKEN.sub(moved, formula)

    def _area(self, text: str, sheet: str | None) -> str:
        move = self.move(sheet)

        def place(row: int, column: int) -> tuple[int, int]:
            single = ":" not in text
            return move.cell(row, column) if single else (move.rows.of(row), move.columns.of(column))

        def corner(match: re.Match[str]) -> str:
            if not is_column(match[2]) or not 1 <= int(match[4]) <= MAX_ROW:
                return match[0]
            row, column = place(int(match[4]), column_number(match[2].upper()))
            return f"{match[1]}{column_letters(column)}{match[3]}{row}"

        return _CORNER.sub(corner, text)

    def _rows(self, text: str, sheet: str | None) -> str:
        move = self.move(sheet)
        return re.sub(r"\d+", lambda match: str(move.rows.of(int(match[0]))), text)


def _renamed(old: str, new: str, reference: re.Match[str]) -> str:
    return re.sub(rf"(?i)\[{re.escape(old)}\]", f"[{new}]", reference[0])


def sheet_in(prefix: str) -> str:
    """The sheet that the beginning of a reference names.

    >>> sheet_in("Data!"), sheet_in("'Our data'!")
    ('Data', 'Our data')
    """
    name = prefix[:-1]
    return name[1:-1].replace("''", "'") if name.startswith("'") else name


def quoted(sheet: str) -> str:
    """A sheet name as it stands in a formula.

    >>> quoted("Data"), quoted("Our data")
    ('Data', "'Our data'")
    """
    return sheet if _PLAIN.fullmatch(sheet) else "'" + sheet.replace("'", "''") + "'"
