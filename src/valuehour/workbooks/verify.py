"""Verify a workbook: every cached value against the engine, every function result against Python, the file's syntax."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from valuehour import engine
from valuehour.errors import FormulaError
from valuehour.functions import FUNCTIONS
from valuehour.ooxml import Cell, CellValue, Package, Patch, format_cell, parse_area, parse_cell, patch_cells, read_cells
from valuehour.workbooks.compare import Difference, same, shown
from valuehour.workbooks.data import Filling
from valuehour.workbooks.formula import Style, has_call, in_style, returns_array, to_display, to_file
from valuehour.workbooks.layout import Plan, plan_sheet
from valuehour.workbooks.lint import lint
from valuehour.workbooks.precedents import Precedents
from valuehour.workbooks.read import cell_values, marks, named_cells, records
from valuehour.workbooks.templates import TEMPLATES, template

Formulas = dict[str, dict[str, str]]
"""Formulas in display form that call our functions by name, by sheet and cell."""
Cells = Mapping[str, Mapping[str, Cell]]

_LAMBDA_NAME = re.compile(rb"<definedName\b[^>]*>_xlfn\.LAMBDA\(.*?</definedName>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying one workbook found, and how much was looked at."""

    file: str
    formulas: int
    function_cells: int
    differences: tuple[Difference, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.differences


def verify(package: Package) -> Verdict:
    """Verify one workbook, of ours or not.

    The cached values are compared with what the engine calculates from plain Excel formulas; where a formula calls
    our functions (or stands for such a call in the template) its value is compared with what Python gives.

    Returns
    -------
    the verdict: syntax faults, missing or wrong cached values, overwritten formulas, function results that differ
    """
    found = [Difference(f.sheet or "-", f.cell or "-", f.rule, f.found, f"{f.allowed}") for f in lint(package)]
    cells: Cells = {sheet.name: {c.ref: c for c in read_cells(package, sheet)} for sheet in package.worksheets()}
    called = {
        sheet: {
            ref: text
            for ref, cell in by_ref.items()
            if cell.formula is not None and (text := _display(cell.formula)) is not None and has_call(text)
        }
        for sheet, by_ref in cells.items()
    }
    for plan in _plans(package):
        found += _overwritten(plan, package, cells[plan.sheet.name])
        if _anchored(plan, package):
            described = {ref: text for ref, text in _formulas(plan).items() if has_call(text)}
            called[plan.sheet.name] = described | called[plan.sheet.name]
    formulas, wrong, precedents = _against_engine(package, cells, called)
    results, differing = _against_python(package, cells, called, precedents)
    return Verdict(package.label, formulas, results, tuple(_once([*found, *wrong, *differing])))


def _against_engine(package: Package, cells: Cells, called: Formulas) -> tuple[int, list[Difference], Precedents]:
    native = _rewritten(package, cells, called, Style.NATIVE, _taxonomy_range(package))
    try:
        calculated = Package.read(engine.recalculate(native.to_bytes()))
    except FormulaError as error:
        return 0, [Difference("-", "-", "engine", str(error), "formulas the engine supports")], Precedents(package)
    precedents = Precedents(calculated)
    count, found = 0, []
    for sheet in calculated.worksheets():
        for cell in read_cells(calculated, sheet):
            if cell.formula is None:
                continue
            count += 1
            mine = cells[sheet.name][cell.ref]
            # The lint names a value that is missing.
            if mine.has_value and not _same(mine.value, cell.value, precedents, sheet.name, cell.row, cell.formula):
                found.append(Difference(sheet.name, cell.ref, "cached value", shown(mine.value), shown(cell.value)))
    return count, found, precedents


def _against_python(
    package: Package, cells: Cells, called: Formulas, precedents: Precedents
) -> tuple[int, list[Difference]]:
    wanted = [(sheet, *parse_cell(ref)) for sheet, by_ref in called.items() for ref in by_ref]
    if not wanted:
        return 0, []
    bare = _rewritten(package, cells, called, Style.LAMBDA, None)
    tables = [
        (table.name, table.sheet, (a.top, a.left, a.bottom, a.right), [column.name for column in table.columns])
        for table in package.tables()
        for a in (parse_area(table.ref),)
    ]
    try:
        values = engine.evaluate_workbook(bare.to_bytes(), wanted, tables, python_functions(_taxonomy(package)))
    except FormulaError as error:
        return 0, [Difference("-", "-", "engine", str(error), "formulas the engine supports")]
    found = []
    for (sheet, row, column), value in values.items():
        ref = format_cell(row, column)
        mine = cells[sheet].get(ref)
        if mine is not None and mine.has_value:
            text = called[sheet][ref].removeprefix("=")
            if not _same(mine.value, value, precedents, sheet, row, text):
                found.append(Difference(sheet, ref, "function result", shown(mine.value), shown(value)))
    return len(values), found


def python_functions(taxonomy: list[tuple[str, str]]) -> dict[str, Callable[..., Any]]:
    """Our functions as the engine calls them, with the table that GROUPINGS looks up."""
    return {name: partial(function.evaluate, taxonomy=taxonomy) for name, function in FUNCTIONS.items()}


def _same(
    found: CellValue, expected: CellValue, precedents: Precedents, sheet: str, row: int, formula: str
) -> bool:
    return same(found, expected) or same(found, expected, precedents.numbers(f"={formula}", sheet, row))


def _once(found: list[Difference]) -> Iterator[Difference]:
    """One line a cell: the first finding says most (an overwritten formula also has a wrong value)."""
    seen = set()
    for difference in found:
        place = (difference.sheet, difference.cell)
        if difference.cell == "-" or place not in seen:
            seen.add(place)
            yield difference


def _display(formula: str) -> str | None:
    try:
        return to_display(f"={formula}")
    except FormulaError:
        return None  # the lint names a formula that cannot be parsed


def _plans(package: Package) -> list[Plan]:
    """The sheets as the template describes them, when the workbook is of a template and version that is known here."""
    found = marks(package)
    if found is None or found["template"] not in TEMPLATES:
        return []
    rows = {table.name: parse_area(table.ref).bottom - parse_area(table.ref).top for table in package.tables()}
    described = template(found["template"], rows=rows)
    if found["version"] != described.version:
        return []
    have = {sheet.name for sheet in package.worksheets()}
    empty = Filling({}, {})
    return [plan_sheet(sheet, empty.tables, empty.inputs) for sheet in described.sheets if sheet.name in have]


def _formulas(plan: Plan) -> dict[str, str]:
    return {
        format_cell(row, column): cell.formula
        for (row, column), cell in plan.cells.items()
        if cell.formula is not None
    }


def _anchored(plan: Plan, package: Package) -> bool:
    """Whether names and tables of a sheet stand where the template puts them: nobody inserted or moved cells."""
    names = named_cells(package)
    places = {
        cell.name: (plan.sheet.name, row, column) for (row, column), cell in plan.cells.items() if cell.name is not None
    }
    tables = {table.name: table.ref for table in package.tables()}
    return all(names.get(name) == place for name, place in places.items()) and all(
        tables.get(placed.table.name) == placed.ref for placed in plan.tables
    )


def _overwritten(plan: Plan, package: Package, cells: Mapping[str, Cell]) -> Iterator[Difference]:
    """Formulas of the template that are something else now."""
    found = marks(package)
    style = Style(found["style"]) if found is not None else Style.NATIVE
    if _anchored(plan, package):
        for ref, text in _formulas(plan).items():
            expected = to_file(in_style(text, style, _taxonomy_range(package)))
            cell = cells.get(ref)
            if cell is None or cell.formula is None:
                yield Difference(
                    plan.sheet.name, ref, "overwritten formula", shown(cell.value if cell else None), expected
                )
            elif f"={cell.formula}" != expected:
                yield Difference(plan.sheet.name, ref, "changed formula", f"={cell.formula}", expected)
        return
    names = named_cells(package)
    for cell in plan.cells.values():
        if cell.name in names and cell.formula is not None:
            sheet, row, column = names[cell.name]
            ref = format_cell(row, column)
            mine = cells.get(ref) if sheet == plan.sheet.name else None
            if mine is not None and mine.formula is None:
                yield Difference(sheet, ref, "overwritten formula", shown(mine.value), "a formula")


def _rewritten(
    package: Package, cells: Cells, called: Formulas, style: Style, taxonomy: str | None
) -> Package:
    """A copy whose calls of our functions are spelled in a style; formulas that were overwritten stay so."""
    copy = package.copy()
    copy.parts[copy.workbook_part] = _LAMBDA_NAME.sub(b"", copy.parts[copy.workbook_part])
    for sheet, by_ref in called.items():
        patches = {}
        for ref, text in by_ref.items():
            if ref in cells[sheet] and cells[sheet][ref].formula is not None:
                array = ref if style is Style.NATIVE and returns_array(text) else None
                patches[ref] = Patch(formula=to_file(in_style(text, style, taxonomy))[1:], array_ref=array, cm=None)
        if patches:
            patch_cells(copy, sheet, patches)
    return copy


def _taxonomy_range(package: Package) -> str | None:
    table = next((table for table in package.tables() if table.name == "tblTaxonomy"), None)
    if table is None:
        return None
    area = parse_area(table.ref)
    return f"{table.sheet}!$B${area.top + 1}:$C${area.bottom}"


def _taxonomy(package: Package) -> list[tuple[str, str]]:
    table = next((table for table in package.tables() if table.name == "tblTaxonomy"), None)
    if table is None:
        return []
    return [(str(r["structure"]), str(r["dimension"])) for r in records(table, cell_values(package))]
