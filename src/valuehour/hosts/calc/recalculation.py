"""Workbooks recalculated by LibreOffice Calc with our extension, compared with the values that they hold.

Calc never writes a workbook of anybody: it works on temporary copies. In them every calculated value is spoilt first,
so that one which Calc does not calculate cannot pass for right.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from valuehour.errors import FormulaError
from valuehour.hosts.calc.extension import NAME
from valuehour.hosts.calc.program import Program, calc
from valuehour.ooxml import Cell, CellValue, Package, Patch, entered, patch_cells, read_cells
from valuehour.workbooks.compare import Difference, same, shown
from valuehour.workbooks.formula import NAMESPACE, asks_ledger, has_call, to_display, to_file, with_prefix
from valuehour.workbooks.precedents import Precedents

KNOWS_NAMES_OF_FILES = (25, 2)
"""From this version on Calc finds our functions under the names that stand in files of Excel."""
SPOILT = "not calculated"


@dataclass(frozen=True, slots=True)
class Recalculated:
    """A workbook recalculated by Calc: how many formulas it has, and where its values are others."""

    program: str
    formulas: int
    differences: tuple[Difference, ...]


def recalculate(packages: Sequence[Package], extension: bytes, program: Program) -> list[Recalculated]:
    """Recalculate workbooks in Calc, in one start, and compare every value.

    Raises
    ------
    ProgramError
        LibreOffice does not start, refuses a file or takes too long.
    """
    with calc(program) as office, tempfile.TemporaryDirectory(prefix="valuehour-calc-") as folder:
        oxt = Path(folder, NAME)
        oxt.write_bytes(extension)
        office.install(oxt)
        files = [Path(folder, f"{number}-{Path(package.label).stem}.xlsx") for number, package in enumerate(packages)]
        for file, package in zip(files, packages, strict=True):
            file.write_bytes(prepared(package, program).to_bytes())
        written = office.convert(files, "xlsx", Path(folder, "calculated"))
        calculated = [Package.read(path) for path in written]
    return [
        Recalculated(str(program), *_compared(package, other))
        for package, other in zip(packages, calculated, strict=True)
    ]


def prepared(package: Package, program: Program) -> Package:
    """A copy whose calculated values are spoilt and whose calls are spelled as this version of Calc finds them.

    What a ledger answered stays, in place of the formula that asked: the ledger is not in the workbook.
    """
    copy = package.copy()
    for sheet in package.worksheets():
        patches = {
            cell.ref: entered(cell.value)
            if _asks(cell.formula)
            else Patch(value=SPOILT, formula=_spelled(cell.formula, program))
            for cell in read_cells(package, sheet)
            if cell.formula is not None
        }
        if patches:
            patch_cells(copy, sheet, patches)
    return copy


def _spelled(formula: str, program: Program) -> str:
    try:
        display = to_display(f"={formula}")
        if program.version >= KNOWS_NAMES_OF_FILES or not has_call(display):
            return formula
    except FormulaError:
        return formula  # the lint names a formula that cannot be parsed
    return to_file(with_prefix(display, NAMESPACE))[1:]


def _asks(formula: str) -> bool:
    try:
        return asks_ledger(to_display(f"={formula}"))
    except FormulaError:
        return False  # the lint names a formula that cannot be parsed


def _compared(package: Package, calculated: Package) -> tuple[int, tuple[Difference, ...]]:
    precedents = Precedents(package)
    theirs = {
        (sheet.name, cell.ref): cell.value
        for sheet in calculated.worksheets()
        for cell in read_cells(calculated, sheet)
    }
    formulas = [
        (sheet.name, cell)
        for sheet in package.worksheets()
        for cell in read_cells(package, sheet)
        if cell.formula is not None and not _asks(cell.formula)
    ]
    return len(formulas), tuple(_differences(formulas, theirs, precedents))


def _differences(
    formulas: Sequence[tuple[str, Cell]], theirs: dict[tuple[str, str], CellValue], precedents: Precedents
) -> Iterator[Difference]:
    for sheet, cell in formulas:
        if not cell.has_value:
            continue  # the lint names a value that is missing
        mine, other = cell.value, theirs.get((sheet, cell.ref))
        if isinstance(mine, bool) and other in (0, 1):
            other = bool(other)  # in Calc true and false are numbers
        if not same(mine, other) and not same(mine, other, precedents.scale(f"={cell.formula}", sheet, cell.row)):
            yield Difference(sheet, cell.ref, "value in Calc", shown(mine), shown(other))
