"""Fill a template, or a planner's own copy of one: only the addressed cells change, and what is calculated from them.

A table that is given takes the records row by row. A column that no record gives stays as it is. When there are more
records than rows, the table grows, and everything that refers to it follows.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from valuehour import engine
from valuehour.errors import DataError, WorkbookError
from valuehour.models import Catalog
from valuehour.ooxml import (
    Cell,
    Package,
    Patch,
    Table,
    Value,
    entered,
    format_cell,
    parse_area,
    patch_cells,
    read_cells,
)
from valuehour.ooxml.bulk import LikeRows, append_rows
from valuehour.ooxml.rows import insert_rows
from valuehour.workbooks.build import build
from valuehour.workbooks.data import Filling, Problem, input_rules, table_rules
from valuehour.workbooks.formula import Style
from valuehour.workbooks.read import first_day, marks, named_cells, read, tables_of, typed_keys
from valuehour.workbooks.recalculation import recalculate
from valuehour.workbooks.records import Columns, Given, checked, rule_problems
from valuehour.workbooks.spec import Content, Template, column_keys
from valuehour.workbooks.templates import TEMPLATES, template

MAX_PROBLEMS = 100


@dataclass(slots=True)
class Filled:
    """A filled workbook, and what was done to it."""

    package: Package
    inputs: int = 0
    """Input cells that changed."""
    records: dict[str, int] = field(default_factory=dict)
    """Records by table."""
    grown: dict[str, int] = field(default_factory=dict)
    """Rows by which a table grew."""
    rows: dict[str, list[int]] = field(default_factory=dict)
    """The rows of the records, by table."""
    kept: list[str] = field(default_factory=list)
    """Planners' formulas beyond the engine, which keep the value they had."""


def fill_template(
    name: str,
    data: Mapping[str, Any],
    *,
    style: Style = Style.NATIVE,
    catalog: Catalog | None = None,
    label: str = "data",
) -> Filled:
    """Build a template and fill it.

    Raises
    ------
    DataError
        Values that do not fit, one line each.
    """
    return fill(build(name, style=style, catalog=catalog).package, data, label=label)


def fill(package: Package, data: Mapping[str, Any], *, label: str = "data") -> Filled:
    """Fill a workbook of ours; the package that is given stays as it is.

    Raises
    ------
    DataError
        Values that do not fit, one line each.
    WorkbookError
        Not a workbook of the current version, an input whose name is lost, or a table that cannot grow.
    """
    spec = current_template(package)
    tables = {table.name: table for table in tables_of(package, spec.name)}
    given, problems = checked(spec, data, _own_columns(spec, tables))
    refuse(problems, label)
    refuse(broken_rules(package, spec, given), label)
    return apply(package, given)


def apply(package: Package, given: Given, *, calculate: bool = True) -> Filled:
    """Write what was checked into a copy of a workbook, and recalculate it when anything changed."""
    filled = Filled(package.copy())
    changed = _inputs(filled, given.inputs)
    for name, columns in given.tables.items():
        changed = _table(filled, name, columns) or changed
        filled.records[name] = columns.count
    if changed and calculate:
        filled.kept = recalculate(filled.package)
    return filled


def refuse(problems: Sequence[Problem], label: str) -> None:
    """Raise when there are problems; each takes a line, and very many are counted."""
    if problems:
        lines = [f"{label}: {problem}" for problem in problems[:MAX_PROBLEMS]]
        if len(problems) > MAX_PROBLEMS:
            lines.append(f"{label}: and {len(problems) - MAX_PROBLEMS} more values that do not fit")
        raise DataError("\n".join(lines))


def current_template(package: Package) -> Template:
    """The template of a workbook, which must be of the current version."""
    found = marks(package)
    if found is None:
        raise WorkbookError(f"{package.label}: not a valuehour workbook: it has no name valuehour_template")
    if found["template"] not in TEMPLATES:
        raise WorkbookError(
            f"{package.label}: is of the template {found['template']!r}; there are: {', '.join(TEMPLATES)}"
        )
    spec = template(found["template"])
    if found["version"] != spec.version:
        raise WorkbookError(
            f"{package.label}: is version {found['version']} of {spec.name}; this is {spec.version}. "
            "Bring it up to date with: valuehour regenerate"
        )
    return spec


def _own_columns(spec: Template, tables: Mapping[str, Table]) -> dict[str, frozenset[str]]:
    """The columns that a planner added to the template's tables and that hold no formula."""
    described = {table.name: {column.key for column in table.columns} for table in spec.tables}
    return {name: typed_keys(table.columns) - described[name] for name, table in tables.items() if name in described}


def broken_rules(package: Package, spec: Template, given: Given) -> list[Problem]:
    """What would not hold between the values once they are filled in."""
    if not spec.rules:
        return []
    contents = read(package)
    inputs = {k: v for k, v in contents.inputs.items() if k in input_rules(spec)} | dict(given.inputs)
    filled = given.filling()
    tables = {
        name: filled.tables[name] if name in given.tables else contents.tables.get(name, ())
        for name in table_rules(spec)
    }
    return rule_problems(spec, Filling({key: value for key, value in inputs.items() if value is not None}, tables))


# Inputs -----------------------------------------------------------------------------------------------------


def _inputs(filled: Filled, given: Mapping[str, Content]) -> bool:
    package = filled.package
    names = named_cells(package)
    epoch = first_day(package)
    wanted: dict[str, dict[str, Value]] = {}
    known = {sheet.name for sheet in package.worksheets()}
    for key, value in given.items():
        place = names.get(f"in_{key}")
        if place is None or place[0] not in known:
            raise WorkbookError(
                f"{package.label}: the input {key} cannot be filled: the name in_{key} refers to no cell of this file"
            )
        wanted.setdefault(place[0], {})[format_cell(place[1], place[2])] = stored(value, epoch)
    for sheet, values in wanted.items():
        patches = _changes(read_cells(package, sheet), values)
        filled.inputs += len(patches)
        patch_cells(package, sheet, patches)
    return filled.inputs > 0


def _changes(cells: Iterable[Cell], wanted: Mapping[str, Value]) -> dict[str, Patch]:
    """The cells that do not hold their value yet."""
    old = {cell.ref: cell for cell in cells if cell.ref in wanted}
    return {ref: entered(value) for ref, value in wanted.items() if not _holds(old.get(ref), value)}


def _holds(cell: Cell | None, value: Value) -> bool:
    if cell is None:
        return value is None
    found = None if cell.value == "" else cell.value
    if cell.formula is not None or isinstance(found, bool) is not isinstance(value, bool):
        return False
    return found == value


def stored(value: Content, epoch: datetime.date) -> Value:
    """A value as a cell stores it: a date is a number of days."""
    return float((value - epoch).days) if isinstance(value, datetime.date) else value


# Tables -----------------------------------------------------------------------------------------------------


def _table(filled: Filled, name: str, columns: Columns) -> bool:
    """Fill a table; whether anything changed."""
    package = filled.package
    of = (marks(package) or {}).get("template", "")
    table = next((table for table in tables_of(package, of) if table.name == name), None)
    if table is None:
        raise WorkbookError(f"{package.label}: has no table {name}; it was deleted or renamed")
    area = parse_area(table.ref)
    first, last = area.top + table.header_rows, area.bottom - table.totals_rows
    keys = column_keys(column.name for column in table.columns)
    at = {key: area.left + index for index, key in enumerate(keys)}
    missing = [key for key in columns.by_key if key not in at]
    if missing:
        raise WorkbookError(
            f"{package.label}: the table {name} has no column {missing[0]!r}; it was deleted or renamed"
        )
    formulas = set(keys) - typed_keys(table.columns)
    epoch = first_day(package)
    values = {at[key]: _stored(column, epoch) for key, column in columns.by_key.items() if key not in formulas}
    typed = [area.left + index for index, column in enumerate(table.columns) if column.formula is None]
    cells = [cell for cell in read_cells(package, table.sheet) if first <= cell.row <= last]
    rows = _rows_to_fill(cells, typed, first, last)
    surplus = columns.count - len(rows)
    filled.rows[name] = [*rows, *range(last + 1, last + 1 + surplus)][: columns.count]
    wanted: dict[str, Value] = {}
    for column, found in values.items():
        for index, row in enumerate(rows):
            wanted[format_cell(row, column)] = found[index] if index < columns.count else None
    if not values:
        return False
    patches = _changes(cells, wanted)
    patch_cells(package, table.sheet, patches)
    if surplus > 0:
        pattern = [cell for cell in cells if cell.row == last]
        _refuse_too_many(package, table, pattern, columns.count, surplus)
        insert_rows(package, table, surplus)
        grown, entries = _grown_with(tables_of(package, of), table, last + surplus)
        beside = [cell for cell in pattern if cell.column in grown or _is_blank(cell)]
        blank = [_as_blank(cell) if cell.column in entries else cell for cell in beside]
        append_rows(package, table.sheet, last, LikeRows(blank, values, surplus, skip=len(rows)))
        filled.grown[name] = surplus
    return bool(patches) or surplus > 0


def _grown_with(tables: Iterable[Table], table: Table, last: int) -> tuple[set[int], set[int]]:
    """The columns of a table and of those beside it that took the new rows in too; and which of them are typed in."""
    grown: set[int] = set()
    entries: set[int] = set()
    for other in tables:
        area = parse_area(other.ref)
        if other.sheet == table.sheet and area.bottom - other.totals_rows == last:
            grown |= set(range(area.left, area.right + 1))
            entries |= {area.left + index for index, column in enumerate(other.columns) if column.formula is None}
    return grown, entries


def _refuse_too_many(package: Package, table: Table, pattern: Sequence[Cell], records: int, surplus: int) -> None:
    """Refuse more rows than can be calculated, with the number that can."""
    each = sum(cell.formula is not None for cell in pattern)
    if surplus * each < engine.MAX_FORMULAS // 2:
        return
    there = sum(cell.formula is not None for sheet in package.worksheets() for cell in read_cells(package, sheet))
    most = records - surplus + max(engine.MAX_FORMULAS - there, 0) // each
    if most < records:
        raise WorkbookError(
            f"{package.label}: {table.name} cannot take {records:,} records: each brings {each} formulas, and "
            f"{engine.MAX_FORMULAS:,} are as many as can be calculated in a workbook; allowed: {most:,} records"
        )


def _rows_to_fill(cells: Sequence[Cell], typed: Sequence[int], first: int, last: int) -> list[int]:
    """The rows that take records, in their order: those filled so far, then the blank ones below them."""
    inputs = set(typed)
    used = {cell.row for cell in cells if cell.column in inputs and cell.value not in (None, "")}
    end = max(used, default=first - 1)
    return [*sorted(used), *range(end + 1, last + 1)]


def _stored(column: Sequence[Any], epoch: datetime.date) -> Sequence[Any]:
    first = next((value for value in column if value is not None), None)
    # What was checked for one column is of one kind.
    return [stored(value, epoch) for value in column] if isinstance(first, datetime.date) else column


def _is_blank(cell: Cell) -> bool:
    return cell.formula is None and cell.value is None


def _as_blank(cell: Cell) -> Cell:
    return Cell(cell.ref, cell.row, cell.column, None, "normal", None, None, "n", None, False, cell.style)
