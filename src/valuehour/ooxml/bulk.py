"""Many like rows below a row of a sheet: each repeats the cells of the row above with values of its own.

The rows are not kept as markup: the sheet's part is streamed, and they are written whenever its bytes are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from math import isfinite
from operator import mod
from typing import Any

from valuehour.ooxml.cells import Cell
from valuehour.ooxml.locate import locate
from valuehour.ooxml.markup import is_self_closed, set_attributes, tag_prefix
from valuehour.ooxml.package import Package
from valuehour.ooxml.patch import Value, formula_markup, value_markup
from valuehour.ooxml.reference import column_letters
from valuehour.ooxml.shift import shift_formula

_CHUNK = 4096

Values = Sequence[Value]


@dataclass(frozen=True, slots=True)
class LikeRows:
    """Rows like the one that holds ``cells``: input columns take values by column number, formulas are repeated.

    The first ``skip`` values of each column are passed over.
    """

    cells: Sequence[Cell]
    values: Mapping[int, Values]
    count: int
    skip: int = 0

    def columns(self) -> list[tuple[int, Cell, Values | None]]:
        """The columns from left to right: number, the cell to repeat, and the values where it takes some."""
        known = {cell.column: cell for cell in self.cells}
        for column in self.values.keys() - known.keys():
            known[column] = Cell("", 0, column, None, "normal", None, None, "n", None, False, 0)
        return [(column, known[column], self.values.get(column)) for column in sorted(known)]

    def column(self, number: int) -> tuple[Cell | None, Values | None]:
        """One column: the cell to repeat, and the values where it takes some."""
        return next(((cell, values) for column, cell, values in self.columns() if column == number), (None, None))


@dataclass(frozen=True, slots=True)
class GrownSheet:
    """A sheet part with many rows below row ``after``, which are written out when they are asked for."""

    before: bytes
    after: int
    rows: LikeRows
    behind: bytes
    opening: bytes
    """The tag of a row, with ``#`` for its number."""
    where: str

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the part."""
        yield self.before
        yield from self.written()
        yield self.behind

    def hollow(self) -> bytes:
        """The part without the rows."""
        return self.before + self.behind

    def written(self) -> Iterator[bytes]:
        """The rows."""
        prefix = tag_prefix(self.opening, 0).decode()
        head, tail = (text.replace("%", "%%") for text in self.opening.decode().split('"#"', 1))
        columns = [
            (_opened(prefix, number, cell), _column(prefix, number, cell, values, self.where))
            for number, cell, values in self.rows.columns()
        ]
        for start in range(0, self.rows.count, _CHUNK):
            stop = min(start + _CHUNK, self.rows.count)
            numbers = [str(number) for number in range(self.after + 1 + start, self.after + 1 + stop)]
            pattern = [f'{head}"%s"{tail}']
            fields: list[Sequence[str]] = [numbers]
            for opened, column in columns:
                markup, inserts = column(numbers, self.rows.skip + start, self.rows.skip + stop)
                pattern += [opened, markup]
                fields += [numbers, *inserts]
            pattern.append(f"</{prefix}row>")
            yield "".join(map(mod, repeat("".join(pattern)), zip(*fields, strict=True))).encode()

    def bare(self, columns: Collection[int]) -> Iterator[bytes]:
        """The values of some columns as rows, in the fewest bytes; formulas and places are left out."""
        written: list[tuple[str, Column]] = []
        for number in range(1, max(columns, default=0) + 1):
            cell, values = self.rows.column(number)
            if number not in columns or cell is None or values is None:
                written.append(("<c", _blank))
            else:
                written.append((f'<c s="{cell.style}"', _filled("", values, "", result=True)))
        for start in range(0, self.rows.count, _CHUNK):
            stop = min(start + _CHUNK, self.rows.count)
            numbers = [""] * (stop - start)
            pattern = ["<row>"]
            fields: list[Sequence[str]] = []
            for opened, column in written:
                markup, inserts = column(numbers, self.rows.skip + start, self.rows.skip + stop)
                # The format of a number can make it a date; a text is a text.
                pattern += ["<c" if markup.startswith(" t=") else opened, markup]
                fields += inserts
            pattern.append("</row>")
            rows = zip(*fields, strict=True) if fields else repeat((), stop - start)
            yield "".join(map(mod, repeat("".join(pattern)), rows)).encode()


def append_rows(package: Package, sheet_name: str, after: int, rows: LikeRows) -> None:
    """Write ``rows.count`` rows below row ``after`` of a sheet, which must hold no row there yet.

    Formulas come without a value: the caller recalculates. The values are read when the part is written, so they must
    not be changed.

    Raises
    ------
    WorkbookError
        Nothing was changed: a value that a cell cannot hold, named by its cell.
    """
    sheet = package.sheet(sheet_name)
    where = f"{package.label}: {sheet.name}"
    data = package.parts[sheet.part]
    # Cells that no cell can be: only the row and the place below it are looked for.
    found = locate(data, {after: (), after + 1: ()}, where)
    template = found.rows.get(after)
    prefix = tag_prefix(data, found.data.start)
    opening = b"<%srow>" % prefix if template is None else data[template.span.start : template.span.open_end]
    opening = set_attributes(opening.replace(b"/>", b">"), {b"r": b"#", b"spans": None})
    at = found.before.get(after + 1, found.data.close)
    before, behind = data[:at], data[at:]
    if is_self_closed(data, found.data.open_end):
        before = data[: found.data.open_end - 2].rstrip() + b">"
        behind = b"</%ssheetData>" % prefix + data[found.data.end :]
    _refuse_unfit(rows, after, where)
    package.parts.stream(sheet.part, GrownSheet(before, after, rows, behind, opening, where))


def _refuse_unfit(rows: LikeRows, after: int, where: str) -> None:
    """Refuse what could not be written: a part that is streamed is written when it is too late to refuse."""
    for number, cell, values in rows.columns():
        letters = column_letters(number)
        last = after + rows.count
        if values is not None:
            part = values[rows.skip : rows.skip + rows.count]
            for row, value in enumerate(part if not _fit(part) else (), after + 1):
                value_markup(value, b"", False, f"{where}!{letters}{row}")
        elif cell.formula is not None:
            # No row's formula is longer than that of the last one.
            formula_markup(b"", shift_formula(cell.formula, last - cell.row, 0), None, f"{where}!{letters}{last}")


def _fit(part: Any) -> bool:
    """Whether a cell can hold each of the values, told at once for those of one kind; False is no verdict."""
    kinds = set(map(type, part))
    if kinds == {str}:
        return len(max(part, key=len)) <= _SHORT
    if kinds == {float} or kinds == {int}:
        return max(part) < _LARGE and min(part) > -_LARGE and isfinite(sum(part))
    return kinds <= {type(None), bool}


_SHORT = 8_000
_LARGE = 1e300

Written = tuple[str, list[Sequence[str]]]
Column = Callable[[Sequence[str], int, int], Written]
"""Row numbers and a span of the values to what follows the opened cells of one column: a pattern, and what fills it."""


def _opened(prefix: str, number: int, cell: Cell) -> str:
    style = f' s="{cell.style}"' if cell.style else ""
    return f'<{prefix}c r="{column_letters(number)}%s"{style}'


def _column(prefix: str, number: int, cell: Cell, values: Values | None, where: str) -> Column:
    letters = column_letters(number)
    if values is not None:
        return _filled(prefix, values, f"{where}!{letters}")
    if cell.formula is None:
        return _blank
    return _formulas(prefix, letters, cell, where)


def _blank(_numbers: Sequence[str], _start: int, _stop: int) -> Written:
    return "/>", []


def _filled(prefix: str, values: Values, where: str, *, result: bool = False) -> Column:
    p = prefix
    text = f' t="str"><{p}v>%s</{p}v></{p}c>' if result else f' t="inlineStr"><{p}is><{p}t>%s</{p}t></{p}is></{p}c>'
    number = f"><{p}v>%s</{p}v></{p}c>"
    known: dict[Value, str] = {}

    def content(value: Value, row: str) -> str:
        kind, markup = value_markup(value, p.encode(), result, where + row)
        if not markup:
            return "/>"
        of_type = f' t="{kind.decode()}"' if kind is not None else ""
        return f"{of_type}>{markup.decode()}</{p}c>"

    def filled(numbers: Sequence[str], start: int, stop: int) -> Written:
        part: Any = values[start:stop]
        kinds = set(map(type, part))
        if kinds == {str} and _is_plain(set(part)):
            return text, [part]
        if kinds == {float}:
            return number, [[item.removesuffix(".0") for item in map(repr, part)]]
        if kinds == {int}:
            return number, [list(map(str, part))]
        if kinds == {type(None)}:
            return "/>", []
        if len(known) > _CHUNK:
            known.clear()
        contents = [
            (known.get(value) or known.setdefault(value, content(value, row)))
            if type(value) is str
            else content(value, row)
            for value, row in zip(part, numbers, strict=True)
        ]
        return "%s", [contents]

    return filled


def _is_plain(texts: Collection[str]) -> bool:
    """Whether none of the texts needs an escape in XML, or care for spaces at its ends."""
    together = "|".join(texts)
    return (
        together.isprintable()
        and not any(sign in together for sign in ("&", "<", ">", "_x", " |", "| "))
        and not together.startswith(" ")
        and not together.endswith(" ")
    )


def _formulas(prefix: str, letters: str, cell: Cell, where: str) -> Column:
    formula = cell.formula or ""
    mark = f' cm="{cell.cm}"' if cell.cm is not None else ""
    array = cell.kind == "array"
    moving = shift_formula(formula, 1, 0) != formula

    def markup(row: str) -> str:
        text = shift_formula(formula, int(row) - cell.row, 0) if moving else formula
        area = f"{letters}{row}" if array else None
        return formula_markup(prefix.encode(), text, area, f"{where}!{letters}{row}").decode()

    if moving or array:
        return lambda numbers, _start, _stop: (f"{mark}>%s</{prefix}c>", [[markup(row) for row in numbers]])
    same = f"{mark}>{markup(str(cell.row)).replace('%', '%%')}</{prefix}c>"
    return lambda _numbers, _start, _stop: (same, [])
