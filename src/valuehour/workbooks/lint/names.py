"""Rules for defined names, sheet names and tables as wholes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from valuehour.functions import FUNCTIONS
from valuehour.ooxml import DefinedName
from valuehour.workbooks.lint.cells import table_areas
from valuehour.workbooks.lint.context import Context, is_lambda
from valuehour.workbooks.lint.formulas import name_fault
from valuehour.workbooks.lint.rules import Finding, finding
from valuehour.workbooks.vocabulary import EXCEL_FUNCTIONS

_BUILT_IN = ("_xlnm.", "_xlfn.", "_xlpm.", "_xlws.", "_xleta.")


def check_sheet_names(context: Context) -> Iterator[Finding]:
    """Yield sheet names that Excel refuses or that are there twice."""
    seen: set[str] = set()
    for sheet in context.sheets:
        name = sheet.name
        units = len(name.encode("utf-16-le", "surrogatepass")) // 2
        if not 1 <= units <= 31:
            yield finding("sheet-name", "", name, f"{units} characters")
        forbidden = sorted(set(name) & set("[]:*?/\\"))
        if forbidden or name[:1] == "'" or name[-1:] == "'":
            yield finding("sheet-name", "", name, f"the character {''.join(forbidden) or chr(39)}")
        if name.lower() in seen:
            yield finding("sheet-duplicate", "", name, f"the sheet name {name!r} again")
        seen.add(name.lower())


def check_names(context: Context) -> Iterator[Finding]:
    """Yield the faults of the defined names and of the formulas behind them."""
    seen: set[tuple[str, str | None]] = set()
    for name in context.names:
        scope = name.scope or ""
        key = (name.name.lower(), name.scope)
        if key in seen:
            yield finding("name-duplicate", scope, name.name, f"the name {name.name} again")
        seen.add(key)
        if not name.name.lower().startswith(_BUILT_IN):
            yield from _name_faults(name, scope)
        if _is_lost(name):
            yield finding("name-lost", scope, name.name, f"={name.text}" if name.text else "nothing")
        else:
            yield from context.formula(name.text, scope, name.name)


def _name_faults(name: DefinedName, scope: str) -> Iterator[Finding]:
    fault = name_fault(name.name)
    if fault:
        yield finding("name-invalid", scope, name.name, f"the name {name.name[:40]!r} {fault}")
    upper = name.name.upper()
    if upper in EXCEL_FUNCTIONS:
        yield finding("name-function", scope, name.name, f"the name {name.name} of a function of Excel")
    elif upper in FUNCTIONS and not is_lambda(name):
        yield finding("name-function", scope, name.name, f"the name {name.name} of a function of valuehour")


def _is_lost(name: DefinedName) -> bool:
    # A LAMBDA may give #REF! on purpose; in any other name it is where a reference used to be.
    outside = re.sub(r'"(?:[^"]|"")*"', "", name.text)
    return not outside.strip() or ("#REF!" in outside.upper() and not is_lambda(name))


def check_tables(context: Context) -> Iterator[Finding]:
    """Yield the faults of tables that do not depend on single cells."""
    names = {name.name.lower() for name in context.names}
    seen_names: set[str] = set()
    seen_ids: set[int] = set()
    readable = dict(table_areas(context.tables))
    for table in context.tables:
        where = table.sheet, table.name
        fault = name_fault(table.name)
        if fault:
            yield finding("table-name", *where, f"the name {table.name[:40]!r} {fault}")
        if table.name.lower() in seen_names:
            yield finding("table-duplicate", *where, f"the table name {table.name} again")
        if table.id in seen_ids:
            yield finding("table-duplicate", *where, f"the table id {table.id} again")
        seen_names.add(table.name.lower())
        seen_ids.add(table.id)
        if table.name.lower() in names:
            yield finding("table-collision", *where, f"the defined name {table.name}")
        columns: set[str] = set()
        for column in table.columns:
            if column.name.lower() in columns:
                yield finding("table-column-duplicate", *where, f"the column {column.name!r} again")
            columns.add(column.name.lower())
            for text in (column.formula, column.totals_formula):
                if text:
                    yield from context.formula(text, *where)
        area = readable.get(table)
        if area is None or area.right - area.left + 1 != len(table.columns):
            yield finding("table-ref", *where, f"{len(table.columns)} columns in the range {table.ref!r}")
    yield from _overlaps(context)


def _overlaps(context: Context) -> Iterator[Finding]:
    placed = list(table_areas(context.tables))
    for at, (table, area) in enumerate(placed):
        for other, taken in placed[:at]:
            if table.sheet == other.sheet and area.overlaps(taken):
                yield finding("table-overlap", table.sheet, str(area), f"{table.name} over {other.name} at {taken}")
