"""Rows inserted below a table, seen from what refers to them: areas, and references in formulas."""

from __future__ import annotations

import re
from dataclasses import dataclass

from valuehour.errors import WorkbookError
from valuehour.ooxml.reference import MAX_ROW, Area, column_number, is_column, parse_area

_END = r"(?![\w.(!])"
_CELL = r"\$?[A-Za-z]{1,3}\$?[0-9]{1,7}"
REFERENCE_TOKEN = re.compile(
    rf"""
      (?P<keep> "(?:[^"]|"")*"                                              # text
              | \[[^\[\]]*\](?:[^\W\d][\w.]*!)?(?:{_CELL}(?::{_CELL})?)?     # table column, other workbook
              | \[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\] )
    | (?P<prefix> '(?:[^']|'')*'! | [^\W\d][\w.]*(?::[^\W\d][\w.]*)?! )?
      (?: (?P<area> {_CELL}(?::{_CELL})? {_END} )
        | (?P<rows> \$?[0-9]{{1,7}}:\$?[0-9]{{1,7}} {_END} )
        | (?P<other> [^\W\d][\w.?\\]* | \\[\w.?\\]* | [0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)? | '(?:[^']|'')*' ) )
    """,
    re.VERBOSE | re.DOTALL,
)
_CORNER = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})")
_ROW = re.compile(r"(\$?)([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Insertion:
    """``count`` rows inserted into a sheet below the last row of a table, whose cells ``body`` are (without heads).

    What lies below moves down. What covered the whole height of the table grows with it.
    """

    sheet: str
    count: int
    body: Area

    @property
    def after(self) -> int:
        """The row below which the new rows come."""
        return self.body.bottom

    def row(self, number: int, home: str | None) -> int:
        """Where a row of a sheet goes."""
        return self._row(number) if self._is_home(home) else number

    def _is_home(self, home: str | None) -> bool:
        return home is not None and home.lower() == self.sheet.lower()

    def _row(self, number: int) -> int:
        moved = number + self.count if number > self.after else number
        if moved > MAX_ROW:
            raise WorkbookError(
                f"{self.sheet}: row {number} would move to row {moved}; a sheet has {MAX_ROW}, so the table cannot "
                f"take {self.count} more rows"
            )
        return moved

    def column(self, number: int, home: str | None) -> int:
        """Where a column goes: it stays."""
        del home
        return number

    def title(self, sheet: str) -> str:
        """What a sheet is called: as before."""
        return sheet

    def area(self, area: Area, *, rule: bool = False) -> Area:
        """Where an area goes; ``rule`` says that it belongs to a rule for cells, which new rows of the table take on.

        >>> grown = Insertion("Data", 10, Area(2, 1, 5, 3))
        >>> str(grown.area(Area(2, 1, 5, 1))), str(grown.area(Area(4, 1, 5, 1))), str(grown.area(Area(7, 1, 7, 1)))
        ('A2:A15', 'A4:A5', 'A17')
        """
        if area.bottom >= MAX_ROW:
            return Area(self._row(area.top), area.left, MAX_ROW, area.right)
        top, bottom = self._row(area.top), self._row(area.bottom)
        if area.bottom == self.after and self._grows(area, rule=rule):
            bottom += self.count
        return Area(top, area.left, bottom, area.right)

    def _grows(self, area: Area, *, rule: bool) -> bool:
        body = self.body
        if rule and body.left <= area.left and area.right <= body.right:
            return True
        return area.top < area.bottom and area.top <= body.top

    def areas(self, text: str, home: str | None, *, rule: bool = True) -> str:
        """Where each area of a list goes, as ``sqref`` holds it.

        >>> Insertion("Data", 2, Area(2, 1, 3, 1)).areas("A2 A3 C9", "Data")
        'A2 A3:A5 C11'
        """
        if not self._is_home(home):
            return text
        return " ".join(str(self.area(parse_area(item), rule=rule)) for item in text.split())

    def formula(self, formula: str, home: str | None) -> str:
        """The formula as it reads afterwards; ``home`` is the sheet it stands on.

        >>> Insertion("Data", 2, Area(2, 1, 5, 1)).formula("SUM(Data!$A$2:$A$5)+A9+Data!A9", "Other")
        'SUM(Data!$A$2:$A$7)+A9+Data!A11'
        """

        def moved(match: re.Match[str]) -> str:
            reference = match["area"] or match["rows"]
            if reference is None or not self._is_here(match["prefix"], home):
                return match[0]
            text = self._moved_area(reference) if match["area"] else self._moved_rows(reference)
            if text != reference and ":" in (match["prefix"] or ""):
                raise WorkbookError(f"the formula ={formula} refers through several sheets at once, one of which grows")
            return (match["prefix"] or "") + text

        return REFERENCE_TOKEN.sub(moved, formula)

    def _is_here(self, prefix: str | None, home: str | None) -> bool:
        if prefix is None:
            return self._is_home(home)
        name = prefix[:-1]
        if name.startswith("'"):
            name = name[1:-1].replace("''", "'")
        return name.lower() == self.sheet.lower() or (":" in name and "[" not in name)

    def _moved_area(self, text: str) -> str:
        corners = list(_CORNER.finditer(text))
        if not all(is_column(match[2]) and 1 <= int(match[4]) <= MAX_ROW for match in corners):
            return text  # a name such as ABC9999999
        first, last = corners[0], corners[-1]
        rows = int(first[4]), int(last[4])
        columns = column_number(first[2].upper()), column_number(last[2].upper())
        old = Area(min(rows), min(columns), max(rows), max(columns))
        new = self.area(old)
        if new == old:
            return text
        ends = {old.top: new.top, old.bottom: new.bottom}
        if old.top == old.bottom:
            ends = {old.top: new.top}
        return ":".join(f"{m[1]}{m[2]}{m[3]}{ends[int(m[4])]}" for m in corners)

    def _moved_rows(self, text: str) -> str:
        ends = list(_ROW.finditer(text))
        numbers = sorted(int(match[2]) for match in ends)
        if not 1 <= numbers[0] <= numbers[1] <= MAX_ROW:
            return text
        new = self.area(Area(numbers[0], 1, numbers[1], column_number("XFD")))
        moved = {numbers[0]: new.top, numbers[1]: new.bottom}
        return ":".join(f"{match[1]}{moved[int(match[2])]}" for match in ends)
