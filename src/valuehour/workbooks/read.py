"""Read a workbook that a planner filled: inputs and results by name, records by table."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any, cast

from valuehour.errors import CellError, WorkbookError
from valuehour.ooxml import Cell, CellValue, Package, Table, TableColumn, parse_area, parse_cell, read_cells
from valuehour.workbooks.data import input_rules, table_rules
from valuehour.workbooks.formula import Style
from valuehour.workbooks.spec import column_keys
from valuehour.workbooks.templates import TEMPLATES, template

MARKS = ("template", "version", "style")
Plain = float | int | str | bool | None

_DATE_1904 = re.compile(rb'<(?:\w+:)?workbookPr\b[^>]*\bdate1904="(?:1|true)"')
_EPOCH_1900 = datetime.date(1899, 12, 30)
_EPOCH_1904 = datetime.date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Contents:
    """What a workbook of ours holds."""

    template: str
    version: str
    style: str
    inputs: Mapping[str, Plain]
    results: Mapping[str, Plain]
    tables: Mapping[str, list[dict[str, Plain]]]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


Place = tuple[str, int, int]
"""Sheet, row and column."""


class Values:
    """The values of cells by place, kept column by column."""

    def __init__(self) -> None:
        self._columns: dict[tuple[str, int], dict[int, CellValue]] = {}

    def put(self, sheet: str, cell: Cell) -> None:
        """Keep the value of a cell."""
        column = self._columns.get((sheet, cell.column))
        if column is None:
            column = self._columns[sheet, cell.column] = {}
        column[cell.row] = cell.value

    def column(self, sheet: str, number: int) -> Mapping[int, CellValue]:
        """The values of a column by row."""
        return self._columns.get((sheet, number), {})

    def get(self, place: Place | None) -> CellValue:
        """What stands in a place; None where there is no cell."""
        return None if place is None else self.column(place[0], place[2]).get(place[1])


def cell_values(package: Package, sheets: Collection[str] | None = None) -> Values:
    """The value of every cell of every sheet, or of those sheets."""
    values = Values()
    for sheet in package.worksheets():
        if sheets is None or sheet.name in sheets:
            for cell in read_cells(package, sheet):
                values.put(sheet.name, cell)
    return values


def named_cells(package: Package) -> dict[str, tuple[str, int, int]]:
    """Where each name points that stands for one cell."""
    found = {}
    for name in package.defined_names():
        sheet, separator, ref = name.text.lstrip("=").rpartition("!")
        if name.scope is None and separator and ":" not in ref and "#REF" not in ref:
            try:
                row, column = parse_cell(ref)
            except WorkbookError:
                continue
            found[name.name] = (sheet.strip("'").replace("''", "'"), row, column)
    return found


def marks(package: Package, values: Values | None = None) -> dict[str, str] | None:
    """Template, version and function style that the workbook says it is; None when it is not one of ours."""
    names = named_cells(package)
    if any(f"valuehour_{mark}" not in names for mark in MARKS):
        return None
    places = {mark: names[f"valuehour_{mark}"] for mark in MARKS}
    known = cell_values(package, {sheet for sheet, _, _ in places.values()}) if values is None else values
    return {mark: str(known.get(place) or "") for mark, place in places.items()}


def read(package: Package, values: Values | None = None) -> Contents:
    """Read inputs, results and tables of a workbook of ours; ``values`` are its cells where they are known already.

    Raises
    ------
    WorkbookError
        The workbook is not one of ours.
    """
    values = cell_values(package) if values is None else values
    found = marks(package, values)
    if found is None:
        raise WorkbookError(
            f"{package.label}: not a valuehour workbook: it has no name valuehour_template; "
            "build one with: valuehour build"
        )
    names = named_cells(package)
    epoch = first_day(package)
    dates = dates_of(found["template"])
    dated = dates.get("", frozenset())
    style = found["style"]
    if style not in {item.value for item in Style}:
        raise WorkbookError(
            f"{package.label}: the function style is {style!r}; allowed: {', '.join(item.value for item in Style)}"
        )

    def prefixed(prefix: str) -> dict[str, Plain]:
        return {
            key: in_days(values.get(names[name]), epoch) if key in dated else plain(values.get(names[name]))
            for name in sorted(names)
            if name.startswith(prefix) and (key := name.removeprefix(prefix))
        }

    return Contents(
        template=found["template"],
        version=found["version"],
        style=style,
        inputs=prefixed("in_"),
        results=prefixed("out_"),
        tables={
            table.name: records(table, values, dates.get(table.name, ()), epoch)
            for table in tables_of(package, found["template"])
            if table.name.startswith("tbl")
        },
    )


def tables_of(package: Package, name: str) -> tuple[Table, ...]:
    """The tables of a workbook of that template; its calculated columns are calculated, whoever saved the file.

    LibreOffice leaves a column's formula out of the table and writes it into the cells only.
    """
    known = _calculated(name)

    def whole(table: Table) -> Table:
        formulas = known.get(table.name, {})
        keys = column_keys(column.name for column in table.columns)
        columns = tuple(
            replace(column, formula=formulas[key]) if column.formula is None and key in formulas else column
            for key, column in zip(keys, table.columns, strict=True)
        )
        return table if columns == table.columns else replace(table, columns=columns)

    return tuple(whole(table) for table in package.tables())


@cache
def _calculated(name: str) -> Mapping[str, Mapping[str, str]]:
    """The formulas of a template's columns, by table and key."""
    if name not in TEMPLATES:
        return {}
    return {t.name: {c.key: c.formula for c in t.columns if c.formula is not None} for t in template(name).tables}


def first_day(package: Package) -> datetime.date:
    """The day that a workbook counts as 0."""
    return _EPOCH_1904 if _DATE_1904.search(package.parts[package.workbook_part]) else _EPOCH_1900


def records(
    table: Table, values: Values, dates: Collection[str] = (), epoch: datetime.date = _EPOCH_1900
) -> list[dict[str, Plain]]:
    """The records of a table, keyed by column in snake_case; rows whose typed cells are all blank are left out."""
    return [record for _, record in placed_records(table, values, dates, epoch)]


def dates_of(name: str) -> Mapping[str, frozenset[str]]:
    """The columns of a template's tables that hold dates, by table; its inputs stand under ``""``."""
    if name not in TEMPLATES:
        return {}
    spec = template(name)
    rules = {"": input_rules(spec), **table_rules(spec)}
    return {of: frozenset(key for key, accepts in by.items() if accepts.kind == "date") for of, by in rules.items()}


def placed_records(
    table: Table, values: Values, dates: Collection[str] = (), epoch: datetime.date = _EPOCH_1900
) -> list[tuple[int, dict[str, Plain]]]:
    """The same, each with its row; ``dates`` are the columns that hold dates."""
    keys = column_keys(column.name for column in table.columns)
    rows = filled_rows(table, values)
    columns = [
        [in_days(column.get(row), epoch) for row in rows] if key in dates else [plain(column.get(row)) for row in rows]
        for key, column in zip(keys, _columns(table, values), strict=True)
    ]
    return [(row, dict(zip(keys, record, strict=True))) for row, *record in zip(rows, *columns, strict=True)]


def filled_rows(table: Table, values: Values) -> list[int]:
    """The rows of a table whose typed cells are not all blank; every row of one that has no typed cells."""
    area = parse_area(table.ref)
    rows = range(area.top + table.header_rows, area.bottom - table.totals_rows + 1)
    typed = [
        found for found, column in zip(_columns(table, values), table.columns, strict=True) if column.formula is None
    ]
    if not typed:
        return list(rows)
    used = {row for column in typed for row, value in column.items() if value not in (None, "")}
    return [row for row in rows if row in used]


def _columns(table: Table, values: Values) -> list[Mapping[int, CellValue]]:
    left = parse_area(table.ref).left
    return [values.column(table.sheet, left + index) for index in range(len(table.columns))]


def typed_keys(columns: Sequence[TableColumn]) -> frozenset[str]:
    """What those columns of a table are called in data that hold no formula."""
    keys = column_keys(column.name for column in columns)
    return frozenset(key for key, column in zip(keys, columns, strict=True) if column.formula is None)


def plain(value: CellValue) -> Plain:
    """A cell value for JSON: whole numbers without a point, an empty text as nothing, an error as its text.

    >>> plain(3.0), plain(""), plain(CellError.NUM)
    (3, None, '#NUM!')
    """
    if type(value) is str:
        return value or None
    if isinstance(value, CellError):
        return value.value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value


def in_days(value: object, epoch: datetime.date) -> Plain:
    """A date cell for JSON; what is no number of days stays what it is."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 2_958_466:
        return (epoch + datetime.timedelta(days=int(value))).isoformat()
    return plain(cast(CellValue, value))
