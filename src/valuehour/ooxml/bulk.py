"""Many like rows written straight to bytes: each repeats the cells of the row above with values of its own."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from valuehour.errors import WorkbookError
from valuehour.ooxml.cells import Cell
from valuehour.ooxml.locate import locate
from valuehour.ooxml.markup import is_self_closed, set_attributes, splice, tag_prefix
from valuehour.ooxml.package import Package
from valuehour.ooxml.patch import Value, formula_markup, value_markup
from valuehour.ooxml.reference import column_letters
from valuehour.ooxml.shift import shift_formula

_CHUNK = 4096
# Text that needs no escape in XML, and no care for spaces at its ends.
_PLAIN = re.compile(r"[\w(-;=?@.](?:[\w (-;=?@.]{0,253}[\w(-;=?@.])?", re.ASCII).fullmatch

Values = Sequence[Value]


@dataclass(frozen=True, slots=True)
class LikeRows:
    """Rows like the one that holds ``cells``: input columns take values by column number, formulas are repeated."""

    cells: Sequence[Cell]
    values: Mapping[int, Values]
    count: int


def append_rows(package: Package, sheet_name: str, after: int, rows: LikeRows) -> None:
    """Write ``rows.count`` rows below row ``after`` of a sheet, which must hold no row there yet.

    Formulas come without a value: the caller recalculates.

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
    stream = io.BytesIO()
    columns = [
        _column(prefix, cell.column, cell, rows.values.get(cell.column), where)
        for cell in _with_blanks(rows.cells, rows.values)
    ]
    row_open = opening.decode()
    row_close = f"</{prefix.decode()}row>"
    head, tail = row_open.split('"#"', 1)
    for start in range(0, rows.count, _CHUNK):
        stop = min(start + _CHUNK, rows.count)
        numbers = range(after + 1 + start, after + 1 + stop)
        opened = [f'{head}"{number}"{tail}' for number in numbers]
        written = [column(numbers, start, stop) for column in columns]
        closed = [row_close] * len(numbers)
        stream.write("".join(["".join(row) for row in zip(opened, *written, closed, strict=True)]).encode())
    new = stream.getvalue()
    span = found.data
    at = found.before.get(after + 1)
    if at is None and is_self_closed(data, span.open_end):
        tag = data[span.start : span.open_end - 2].rstrip()
        new = tag + b">" + new + b"</%ssheetData>" % prefix
        package.parts[sheet.part] = splice(data, [(span.start, span.end, new)])
        return
    at = span.close if at is None else at
    package.parts[sheet.part] = splice(data, [(at, at, new)])


def _with_blanks(cells: Sequence[Cell], values: Mapping[int, Values]) -> list[Cell]:
    known = {cell.column: cell for cell in cells}
    for column in values.keys() - known.keys():
        known[column] = Cell("", 0, column, None, "normal", None, None, "n", None, False, 0)
    return [known[column] for column in sorted(known)]


Column = Callable[[range, int, int], list[str]]


def _column(prefix: bytes, number: int, cell: Cell, values: Values | None, where: str) -> Column:
    letters = column_letters(number)
    p = prefix.decode()
    style = f' s="{cell.style}"' if cell.style else ""
    if values is not None:
        known: dict[Value, str] = {}

        def filled(numbers: range, start: int, stop: int) -> list[str]:
            if len(known) > _CHUNK:
                known.clear()
            return [
                f'<{p}c r="{letters}{row}"{style}'
                + (
                    (known.get(value) or known.setdefault(value, _content(p, value, where, letters, row)))
                    if type(value) is str
                    else _content(p, value, where, letters, row)
                )
                for row, value in zip(numbers, values[start:stop], strict=True)
            ]

        return filled
    if cell.formula is None:
        return lambda numbers, _start, _stop: [f'<{p}c r="{letters}{row}"{style}/>' for row in numbers]
    return _formulas(prefix, letters, style, cell, where)


def _formulas(prefix: bytes, letters: str, style: str, cell: Cell, where: str) -> Column:
    p = prefix.decode()
    formula = cell.formula or ""
    mark = f' cm="{cell.cm}"' if cell.cm is not None else ""
    array = cell.kind == "array"
    moving = shift_formula(formula, 1, 0) != formula

    def markup(row: int) -> str:
        text = shift_formula(formula, row - cell.row, 0) if moving else formula
        return formula_markup(prefix, text, f"{letters}{row}" if array else None, f"{where}!{letters}{row}").decode()

    same = None if moving or array else markup(cell.row)
    return lambda numbers, _start, _stop: [
        f'<{p}c r="{letters}{row}"{style}{mark}>{same or markup(row)}</{p}c>' for row in numbers
    ]


def _content(p: str, value: Value, where: str, letters: str, row: int) -> str:
    if type(value) is float:
        if not isfinite(value):
            raise WorkbookError(f"{where}!{letters}{row}: {value} is no number that a cell can hold")
        text = repr(value)
        return f"><{p}v>{text.removesuffix('.0')}</{p}v></{p}c>"
    if value is None:
        return "/>"
    if type(value) is int:
        return f"><{p}v>{value}</{p}v></{p}c>"
    if type(value) is str and _PLAIN(value) and "_x" not in value:
        return f' t="inlineStr"><{p}is><{p}t>{value}</{p}t></{p}is></{p}c>'
    kind, markup = value_markup(value, p.encode(), False, f"{where}!{letters}{row}")
    of_type = f' t="{kind.decode()}"' if kind is not None else ""
    return f"{of_type}>{markup.decode()}</{p}c>"
