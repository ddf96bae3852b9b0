"""Verify a workbook: every cached value against the engine, every function result against Python, the file's syntax."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from valuehour import engine
from valuehour.errors import FormulaError
from valuehour.functions import FUNCTIONS, Records
from valuehour.ooxml import (
    Cell,
    CellValue,
    Package,
    Patch,
    entered,
    format_cell,
    parse_area,
    parse_cell,
    patch_cells,
    read_cells,
)
from valuehour.workbooks.compare import Difference, same, shown
from valuehour.workbooks.described import description, quoted
from valuehour.workbooks.formula import (
    Style,
    asks_ledger,
    has_call,
    in_style,
    lambdas,
    returns_array,
    to_display,
    to_file,
)
from valuehour.workbooks.lint import lint
from valuehour.workbooks.precedents import Precedents
from valuehour.workbooks.read import cell_values, records

Formulas = dict[str, dict[str, str]]
"""Formulas in display form that call our functions by name, by sheet and cell."""
Cells = Mapping[str, Mapping[str, Cell]]
Results = Mapping[tuple[str, int, int], CellValue]

_COLUMN_FORMULA = re.compile(rb"<(?:\w+:)?calculatedColumnFormula\b.*?</(?:\w+:)?calculatedColumnFormula>", re.DOTALL)
_UNCOUNTED = re.compile(
    rb"(<((?:\w+:)?)(tablePart|tableColumn)s)(?![^>]*\bcount=)([^>]*)(?<!/)>(.*?)</\2\3s\b(?=\s*>)", re.DOTALL
)
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
    cells: Cells = {sheet.name: {c.ref: c for c in read_cells(package, sheet)} for sheet in package.worksheets()}
    of_template = description(package)
    # A name that is gone or points elsewhere is the cause of what follows.
    found = list(of_template.names)
    found += [Difference(f.sheet or "-", f.cell or "-", f.rule, f.found, f"{f.allowed}") for f in lint(package)]
    found += of_template.overwritten(package, cells, taxonomy_range(package))
    if of_template.known and of_template.style is Style.LAMBDA:
        found += _changed_lambdas(package)
    called = _called(cells)
    # And the calls that the file's plain formulas stand for in the template.
    described = called | {sheet: calls | called[sheet] for sheet, calls in of_template.calls().items()}
    results: Results = {}
    answered = _answered(package, cells)
    try:
        results = _python_results(answered, cells, described)
        calculated = Package.read(engine.recalculate(_native(answered, cells, called, results).to_bytes()))
    except FormulaError as error:
        found.append(Difference("-", "-", "engine", str(error), "formulas the engine supports"))
        # What Python gave before that is compared all the same.
        found += _wrong_results(cells, described, results, Precedents(package))
        return Verdict(package.label, 0, len(results), tuple(_once(found)))
    formulas = {
        sheet.name: [c for c in read_cells(calculated, sheet) if c.formula is not None]
        for sheet in calculated.worksheets()
    }
    precedents = Precedents(calculated)
    found += _wrong_values(cells, formulas, precedents)
    found += _wrong_results(cells, described, results, precedents)
    count = sum(cell.formula is not None for by_ref in cells.values() for cell in by_ref.values())
    return Verdict(package.label, count, len(results), tuple(_once(found)))


def native_twin(package: Package) -> Package:
    """A copy in plain Excel formulas, for an engine that knows none of our functions; every formula stays in its cell.

    Where no plain formula does for every engine, the value that Python gives stands.
    """
    cells: Cells = {sheet.name: {c.ref: c for c in read_cells(package, sheet)} for sheet in package.worksheets()}
    called = _called(cells)
    answered = _answered(package, cells)
    return _native(answered, cells, called, _python_results(answered, cells, called))


def _called(cells: Cells) -> Formulas:
    """The formulas of the file that call our functions, but those that ask a ledger."""
    return {
        sheet: {
            ref: text
            for ref, cell in by_ref.items()
            if cell.formula is not None
            and (text := _display(cell.formula)) is not None
            and has_call(text)
            and not asks_ledger(text)
        }
        for sheet, by_ref in cells.items()
    }


def _answered(package: Package, cells: Cells) -> Package:
    """The workbook with what a ledger answered in place of the formulas that asked: the ledger is not in it."""
    answers = {
        sheet: {
            ref: entered(cell.value)
            for ref, cell in by_ref.items()
            if cell.formula is not None and (text := _display(cell.formula)) is not None and asks_ledger(text)
        }
        for sheet, by_ref in cells.items()
    }
    if not any(answers.values()):
        return package
    copy = package.copy()
    for sheet, values in answers.items():
        if values:
            patch_cells(copy, sheet, values)
    return copy


def _wrong_values(cells: Cells, formulas: Mapping[str, list[Cell]], precedents: Precedents) -> Iterator[Difference]:
    for sheet, calculated in formulas.items():
        for cell in calculated:
            mine = cells[sheet][cell.ref]
            # The lint names a value that is missing.
            if mine.has_value and not _same(mine.value, cell.value, precedents, sheet, cell.row, f"={cell.formula}"):
                yield Difference(sheet, cell.ref, "cached value", shown(mine.value), shown(cell.value))


def _wrong_results(cells: Cells, described: Formulas, results: Results, precedents: Precedents) -> Iterator[Difference]:
    for (sheet, row, column), value in results.items():
        ref = format_cell(row, column)
        mine = cells[sheet].get(ref)
        if mine is None or not mine.has_value:
            continue
        if not _same(mine.value, value, precedents, sheet, row, described[sheet][ref]):
            yield Difference(sheet, ref, "function result", shown(mine.value), shown(value))


def _python_results(package: Package, cells: Cells, described: Formulas) -> Results:
    """The value of every cell that calls our functions, or stands for such a call, with Python's functions."""
    wanted = [(sheet, *parse_cell(ref)) for sheet, by_ref in described.items() for ref in by_ref]
    if not wanted:
        return {}
    bare = _without_tables(_rewritten(package, cells, described, Style.LAMBDA, None))
    return engine.evaluate_workbook(bare.to_bytes(), wanted, python_functions(_taxonomy(package)))


def _native(package: Package, cells: Cells, called: Formulas, results: Results) -> Package:
    """A copy in plain Excel formulas; where no plain formula does for every engine, Python's value stands."""
    plain = {
        sheet: {ref: text for ref, text in by_ref.items() if not returns_array(text)}
        for sheet, by_ref in called.items()
    }
    copy = _rewritten(package, cells, plain, Style.NATIVE, taxonomy_range(package))
    for sheet, by_ref in called.items():
        values = {ref: entered(results[sheet, *parse_cell(ref)]) for ref in by_ref.keys() - plain[sheet].keys()}
        if values:
            patch_cells(copy, sheet, values)
    ease(copy)
    return copy


def ease(package: Package) -> None:
    """Take away what keeps the engine from reading a workbook that people and other programs have saved.

    It refuses a table in which a value was typed over a column's formula, and the lists without a count that
    LibreOffice writes and the format allows.
    """
    tables = package.tables()
    for table in tables:
        package.parts[table.part] = _COLUMN_FORMULA.sub(b"", package.parts[table.part])
    for part in (*(sheet.part for sheet in package.worksheets()), *(table.part for table in tables)):
        package.parts[part] = _UNCOUNTED.sub(_counted, package.parts[part])


def _counted(match: re.Match[bytes]) -> bytes:
    start, prefix, name, rest, inside = match.groups()
    count = len(re.findall(rb"<(?:\w+:)?%s[\s/>]" % name, inside))
    return start + b' count="%d"' % count + rest + b">" + inside + b"</" + prefix + name + b"s"


def _without_tables(package: Package) -> Package:
    """Write table references as cells: the engine resolves them only when it recalculates a file."""
    precedents = Precedents(package)
    for sheet in package.worksheets():
        patches = {
            cell.ref: Patch(formula=plain[1:])
            for cell in read_cells(package, sheet)
            if cell.formula is not None
            and (plain := precedents.plain(f"={cell.formula}", cell.row)) != f"={cell.formula}"
        }
        if patches:
            patch_cells(package, sheet, patches)
    return package


def python_functions(taxonomy: list[tuple[str, str]], records: Records | None = None) -> dict[str, Callable[..., Any]]:
    """Our functions as the engine calls them, with what GROUPINGS and LEDGER look up."""
    return {
        name: partial(function.evaluate, taxonomy=taxonomy, records=records) for name, function in FUNCTIONS.items()
    }


def _same(found: CellValue, expected: CellValue, precedents: Precedents, sheet: str, row: int, formula: str) -> bool:
    return same(found, expected) or same(found, expected, precedents.scale(formula, sheet, row))


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


def _changed_lambdas(package: Package) -> Iterator[Difference]:
    """Functions whose name holds something else than the definition."""
    names = {name.name.upper(): name.text for name in package.defined_names() if name.scope is None}
    for name, expected in lambdas(taxonomy_range(package), records_range(package)).items():
        mine = names.get(name)
        if mine != expected:
            yield Difference("(names)", name, "changed function", mine or "no such name", expected)


def _rewritten(package: Package, cells: Cells, called: Formulas, style: Style, taxonomy: str | None) -> Package:
    """A copy whose calls of our functions are spelled in a style; formulas that were overwritten stay so."""
    copy = package.copy()
    copy.parts[copy.workbook_part] = _LAMBDA_NAME.sub(b"", copy.parts[copy.workbook_part])
    for sheet, by_ref in called.items():
        patches = {}
        for ref, text in by_ref.items():
            if ref in cells[sheet] and cells[sheet][ref].formula is not None:
                patches[ref] = Patch(formula=to_file(in_style(text, style, taxonomy))[1:], array_ref=None, cm=None)
        if patches:
            patch_cells(copy, sheet, patches)
    return copy


def taxonomy_range(package: Package) -> str | None:
    """The range of structure and dimension in a workbook; None when it has no such table."""
    return _range(package, "tblTaxonomy", "$B", "$C")


def records_range(package: Package) -> str | None:
    """The range of the records of the ledger in a workbook; None when it has no such table."""
    return _range(package, "tblLedger", "$B", "$J")


def _range(package: Package, name: str, first: str, last: str) -> str | None:
    table = next((table for table in package.tables() if table.name == name), None)
    if table is None:
        return None
    area = parse_area(table.ref)
    return f"{quoted(table.sheet)}!{first}${area.top + 1}:{last}${area.bottom}"


def _taxonomy(package: Package) -> list[tuple[str, str]]:
    table = next((table for table in package.tables() if table.name == "tblTaxonomy"), None)
    if table is None:
        return []
    return [(str(r["structure"]), str(r["dimension"])) for r in records(table, cell_values(package))]
