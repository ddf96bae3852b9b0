"""Relative references moved, as a shared formula needs them: one text, read from another cell."""

from __future__ import annotations

import re

from valuehour.ooxml.reference import MAX_COLUMN, MAX_ROW, column_letters, column_number, is_column

_END = r"(?![\w.(!])"
_TOKEN = re.compile(
    r"""
      (?P<keep> "(?:[^"]|"")*"                                   # text
              | '(?:[^']|'')*'!?                                 # quoted sheet
              | [^\W\d][\w.]*(?::[^\W\d][\w.]*)?!                # sheet, or a span of sheets
              | \[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]        # table column or other workbook
      )
    | (?P<cell> (\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7}) END )
    | (?P<columns> (\$?)([A-Za-z]{1,3}):(\$?)([A-Za-z]{1,3}) END )
    | (?P<rows> (\$?)([0-9]{1,7}):(\$?)([0-9]{1,7}) END )
    | (?P<number> [0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)? | \.[0-9]+(?:[eE][+-]?[0-9]+)? )
    | (?P<word> [^\W\d][\w.?\\]* | \\[\w.?\\]* )
    """.replace("END", _END),
    re.VERBOSE | re.DOTALL,
)
_REF = "#REF!"


def shift_formula(formula: str, rows: int, columns: int) -> str:
    """Return the formula as it reads ``rows`` further down and ``columns`` further right; absolute references stay.

    A reference that leaves the sheet becomes ``#REF!``.

    >>> shift_formula('A1+$B$2+SUM(C:C,Sheet1!D$4)&"A1"', 2, 1)
    'B3+$B$2+SUM(D:D,Sheet1!E$4)&"A1"'
    """

    def moved(match: re.Match[str]) -> str:
        kind = match.lastgroup or ""
        first = match.re.groupindex[kind]
        groups = match.groups()[first:]
        if kind == "cell":
            return _cell(groups[:4], match[0], rows, columns)
        if kind == "columns":
            return _columns(groups[:4], match[0], columns)
        if kind == "rows":
            return _rows(groups[:4], rows)
        return match[0]

    return _TOKEN.sub(moved, formula)


def _cell(groups: tuple[str, ...], text: str, rows: int, columns: int) -> str:
    column_mark, letters, row_mark, digits = groups
    if not is_column(letters) or not 1 <= int(digits) <= MAX_ROW:
        return text  # a name such as ABC9999999
    row = int(digits) + (0 if row_mark else rows)
    column = column_number(letters.upper()) + (0 if column_mark else columns)
    if not (1 <= row <= MAX_ROW and 1 <= column <= MAX_COLUMN):
        return _REF
    return f"{column_mark}{column_letters(column)}{row_mark}{row}"


def _columns(groups: tuple[str, ...], text: str, columns: int) -> str:
    moved = []
    for mark, letters in (groups[:2], groups[2:]):
        if not is_column(letters):
            return text
        column = column_number(letters.upper()) + (0 if mark else columns)
        if not 1 <= column <= MAX_COLUMN:
            return _REF
        moved.append(f"{mark}{column_letters(column)}")
    return ":".join(moved)


def _rows(groups: tuple[str, ...], rows: int) -> str:
    moved = []
    for mark, digits in (groups[:2], groups[2:]):
        row = int(digits) + (0 if mark else rows)
        if not 1 <= row <= MAX_ROW:
            return _REF
        moved.append(f"{mark}{row}")
    return ":".join(moved)
