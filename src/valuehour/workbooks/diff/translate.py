"""A formula of the earlier workbook as it must read in the later one, where rows, columns and sheets have moved."""

from __future__ import annotations

import re
from collections.abc import Mapping

from valuehour.errors import WorkbookError
from valuehour.ooxml import Area, column_letters, parse_cell
from valuehour.workbooks.diff.placed import body
from valuehour.workbooks.diff.regions import SheetPair

_PIECE = re.compile(
    r"""
      "(?:[^"]|"")*"                                                     # text
    | (?<![\w.\]'])(?P<sheet>(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!)?
      (?P<first>\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6})(?::(?P<last>\$?[A-Za-z]{1,3}\$?[1-9][0-9]{0,6}))?(?![\w.(!\[])
    | (?<![\w.\]'])(?P<only>(?:'(?:[^']|'')+'|[^\W\d][\w.]*)!)            # a sheet before whole columns, rows or a name
    | \[(?:[^\[\]']|'.|\[(?:[^\[\]']|'.)*\])*\]                          # table column, or another workbook
    | [^\W\d][\w.?\\]*                                                   # name or function
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN = re.compile(r"[^\W\d][\w.]*")


class Translation:
    """Rewrites the references of formulas; a reference to something that is gone becomes ``#REF!``."""

    def __init__(self, pairs: Mapping[str, SheetPair]) -> None:
        self._pairs = {name.lower(): pair for name, pair in pairs.items()}
        self._still = all(_still(pair) for pair in pairs.values())

    def __call__(self, formula: str, sheet: str) -> str:
        """The formula of a cell of an earlier sheet."""
        if self._still:
            return formula

        def moved(match: re.Match[str]) -> str:
            if match["only"]:
                pair = self._pairs.get(_bare(match["only"]))
                return _spelled(match["only"], pair)
            if not match["first"]:
                return match[0]
            pair = self._pairs.get(_bare(match["sheet"]) if match["sheet"] else sheet.lower())
            if pair is None:
                return match[0]
            place = _moved(pair, match["first"], match["last"])
            return match[0] if place is None else _spelled(match["sheet"] or "", pair) + place

        return _PIECE.sub(moved, formula)


def _still(pair: SheetPair) -> bool:
    return (
        pair.old == pair.new
        and not (pair.columns_gone or pair.columns_come)
        and all(a == b for strip in pair.strips for a, b in (*strip.rows.items(), *strip.columns.items()))
        and all(str(table.old[1]) == str(table.new[1]) for table in pair.tables)
        and all(a == b for table in pair.tables for a, b in table.rows.items())
    )


def _bare(prefix: str) -> str:
    return prefix[:-1].strip("'").replace("''", "'").lower()


def _spelled(prefix: str, pair: SheetPair | None) -> str:
    if not prefix or pair is None or pair.old == pair.new:
        return prefix
    quoted = not _PLAIN.fullmatch(pair.new)
    return ("'" + pair.new.replace("'", "''") + "'!") if quoted else f"{pair.new}!"


def _moved(pair: SheetPair, first: str, last: str | None) -> str | None:
    try:
        top, bottom = parse_cell(first), parse_cell(last or first)
    except WorkbookError:
        return None  # a name that looks like a cell beyond the last column
    if last:
        for table in pair.tables:
            mine, yours = body(*table.old), body(*table.new)
            inside = top[1] in table.columns and bottom[1] in table.columns
            if inside and (top[0], bottom[0]) == (mine.top, mine.bottom):
                ends = ((yours.top, table.columns[top[1]]), (yours.bottom, table.columns[bottom[1]]))
                return f"{_marked(first, *ends[0])}:{_marked(last, *ends[1])}"
    start = pair.moved(*top, forward=True) if last else _exactly(pair, top)
    end = pair.moved(*bottom, forward=False) if last else start
    if start is None or end is None or Area(*start, *end).size <= 0:
        return "#REF!"
    return f"{_marked(first, *start)}:{_marked(last, *end)}" if last else _marked(first, *start)


def _exactly(pair: SheetPair, place: tuple[int, int]) -> tuple[int, int] | None:
    """A single cell does not give way: it is there, or it is gone."""
    ahead, back = pair.moved(*place, forward=True), pair.moved(*place, forward=False)
    return ahead if ahead == back else None


def _marked(text: str, row: int, column: int) -> str:
    dollars = text[0] == "$", "$" in text[1:]
    return f"{'$' * dollars[0]}{column_letters(column)}{'$' * dollars[1]}{row}"
