"""Calls of functions, laid out in one workbook and calculated by one engine after the other.

Every call stands in its own rows: the arguments as cells from column A on, the formula to the right of them. So an
engine sees what a user's sheet holds: blank cells, error cells, texts, ranges.
"""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import formualizer
import ironcalc
import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table
from openpyxl.worksheet.worksheet import Worksheet

from tests import soffice
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS, Cell, Snapshot, Value
from valuehour.workbooks.formula import lambdas, to_file

TAXONOMY = [
    ["Organization structure", "Company"],
    ["Organization structure", "Team"],
    ["Revenue structure", "Product line"],
    ["Time structure", "Year"],
    ["Time structure", "Quarter"],
    ["Time structure", "Month"],
]
TAXONOMY_RANGE = "Lists!$A$1:$B$8"  # two rows longer than the table, as lists in workbooks are
RECORDS_DAY = 46295
RECORDS: list[tuple[str, float, str, str]] = [
    ("uplift.K", 1.12, "measured", "Pilot report"),
    ("uplift.P", 1.08, "assumed", "none given"),
    ("projection.total_value", 88_000_000, "approved", "Board paper 7; file, sha256 0011"),
    ("share.Region.EMEA", 0.3, "measured", "5"),
    ("outcome.Ü & <b>", -2.5, "measured", "Monthly export"),
]
RECORDS_RANGE = "Ledger!$B$2:$J$6"
SNAPSHOT = Snapshot.of(RECORDS_DAY, RECORDS)
RESULT_COLUMN = 40
RELATIVE = 1e-12


@dataclass(frozen=True)
class Call:
    """One call: a scalar is a cell, a list of rows is a range."""

    name: str
    arguments: tuple[Any, ...]

    @cached_property
    def expected(self) -> Value:
        """What the Python core says."""
        return FUNCTIONS[self.name].evaluate(*self.arguments, taxonomy=TAXONOMY, records=SNAPSHOT)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(repr, self.arguments))})"


Formula = Callable[[str, list[str]], str]


def by_name(name: str, arguments: list[str]) -> str:
    """The formula that calls the function by its name."""
    return f"{name}({','.join(arguments)})"


def in_namespace(name: str, arguments: list[str]) -> str:
    """The same in a file that LibreOffice reads, of any version."""
    return f"VH.{by_name(name, arguments)}"


def natively(name: str, arguments: list[str]) -> str:
    """The formula that spells the function out."""
    return FUNCTIONS[name].native(arguments, taxonomy=TAXONOMY_RANGE, records=RECORDS_RANGE)


class Sheet:
    """A workbook of calls, and where their results stand."""

    def __init__(self, calls: Iterable[Call], formula: Formula, *, names: bool = False) -> None:
        self.workbook = openpyxl.Workbook()
        self.sheet: Worksheet = self.workbook.active
        self.sheet.title = "Calls"
        lists = self.workbook.create_sheet("Lists")
        for row in TAXONOMY:
            lists.append(row)
        _add_records(self.workbook)
        if names:
            for name, text in lambdas(TAXONOMY_RANGE, RECORDS_RANGE).items():
                self.workbook.defined_names[name] = DefinedName(name, attr_text=text)
        self.places: list[tuple[int, int, int]] = []
        self.result_column = RESULT_COLUMN
        row = 1
        for call in calls:
            row = self._place(call, row, formula)

    def _place(self, call: Call, row: int, formula: Formula) -> int:
        references, column, bottom = [], 1, row + 1
        for argument in call.arguments:
            rows = argument if isinstance(argument, list) else [[argument]]
            for down, line in enumerate(rows):
                for across, cell in enumerate(line):
                    if cell is not None:
                        put(self.sheet, row + down, column + across, cell)
            first = f"{get_column_letter(column)}{row}"
            last = f"{get_column_letter(column + len(rows[0]) - 1)}{row + len(rows) - 1}"
            references.append(f"{first}:{last}" if isinstance(argument, list) else first)
            column += len(rows[0])
            bottom = max(bottom, row + len(rows))
        assert column <= RESULT_COLUMN
        expected = call.expected
        text = to_file("=" + formula(call.name, references))
        height, width = (len(expected), len(expected[0])) if isinstance(expected, list) else (1, 1)
        start = f"{get_column_letter(RESULT_COLUMN)}{row}"
        end = f"{get_column_letter(RESULT_COLUMN + width - 1)}{row + height - 1}"
        whole = any(isinstance(argument, list) for argument in call.arguments) or isinstance(expected, list)
        self.sheet[start] = ArrayFormula(f"{start}:{end}", text) if whole else text
        self.places.append((row, height, width))
        return max(bottom, row + height)

    def results(self, read: Callable[[int, int], Cell]) -> list[Value]:
        """The results of all calls, by a function that reads a cell."""
        values: list[Value] = []
        for row, height, width in self.places:
            values.append([[read(row + y, self.result_column + x) for x in range(width)] for y in range(height)])
        return values


def _add_records(workbook: openpyxl.Workbook) -> None:
    """The table of records as workbooks have it, and the name of the cell with its day."""
    sheet = workbook.create_sheet("Ledger")
    sheet.append([RECORDS_DAY, "Name", "Value", "Low", "High", "Status", "Entry", "As of", "Evidence", "Hash"])
    for number, (name, value, status, evidence) in enumerate(RECORDS, 1):
        sheet.append([None, name, value, None, None, status, number, "2026-09-30", evidence, "0" * 64])
        sheet.cell(number + 1, 9).data_type = "s"
    sheet.add_table(Table(displayName="tblLedger", ref=f"B1:J{len(RECORDS) + 1}"))
    workbook.defined_names["in_ledger_as_of_date"] = DefinedName("in_ledger_as_of_date", attr_text="Ledger!$A$1")


def put(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    """Write one cell; a text stays a text, whatever it looks like."""
    cell = sheet.cell(row, column)
    if isinstance(value, CellError):
        cell.value = value.value
        cell.data_type = "e"
    else:
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"


def in_ironcalc(sheet: Sheet, folder: Path) -> list[Value]:
    """The results of the calls as ironcalc calculates them."""
    path = folder / "ironcalc.xlsx"
    sheet.workbook.save(path)
    with contextlib.redirect_stdout(io.StringIO()):
        model = ironcalc.load_from_xlsx(str(path))
        model.evaluate()

    def read(row: int, column: int) -> Cell:
        value = model.get_cell_value(0, row, column)
        if model.get_cell_type(0, row, column) is not ironcalc.CellType.ErrorValue:
            return value
        return CellError(value) if value in ERROR_TEXTS else value

    return sheet.results(read)


def in_formualizer(sheet: Sheet, folder: Path) -> list[Value]:
    """The results of the calls as formualizer calculates them."""
    path = folder / "formualizer.xlsx"
    sheet.workbook.save(path)
    formualizer.recalculate_xlsx_file(str(path))
    return sheet.results(cached(path))


def in_libreoffice(sheet: Sheet, folder: Path) -> list[Value]:
    """The results of the calls as LibreOffice calculates them; its export carries fifteen digits."""
    path = folder / "libreoffice.xlsx"
    sheet.workbook.save(path)
    (converted,) = soffice.convert([path], "xlsx", folder / "converted")
    return sheet.results(cached(converted))


def in_extension(sheet: Sheet, folder: Path) -> list[Value]:
    """The results of the calls as our extension for LibreOffice calculates them."""
    path = folder / "extension.xlsx"
    sheet.workbook.save(path)
    taxonomy = tuple((structure, dimension) for structure, dimension in TAXONOMY)
    (converted,) = soffice.convert_with_extension([path], "xlsx", folder / "converted", taxonomy)
    return sheet.results(cached(converted))


def cached(path: Path) -> Callable[[int, int], Cell]:
    """Read the values that a file holds for its formulas."""
    sheet = openpyxl.load_workbook(path, data_only=True)["Calls"]

    def read(row: int, column: int) -> Cell:
        cell = sheet.cell(row, column)
        if cell.data_type == "e":
            return CellError(cell.value) if cell.value in ERROR_TEXTS else str(cell.value)
        return cell.value  # type: ignore[no-any-return]  # openpyxl's types say Any

    return read


ERROR_TEXTS = {error.value for error in CellError}


class Difference(NamedTuple):
    """A cell in which an engine and the Python core do not hold the same."""

    call: Call
    place: tuple[int, int]
    wanted: Cell
    found: Cell

    def __str__(self) -> str:
        return f"{self.call} at {self.place}: Python {self.wanted!r}, engine {self.found!r}"


def differences(calls: Sequence[Call], found: Sequence[Value]) -> list[Difference]:
    """Every cell that differs from the Python core."""
    result = []
    for call, value in zip(calls, found, strict=True):
        expected = call.expected
        rows = expected if isinstance(expected, list) else [[expected]]
        assert isinstance(value, list)
        largest = 0.0
        if call.name in CANCELS:
            largest = max((abs(n) for n in map(number, cells(call.arguments)) if n is not None), default=0.0)
        for y, (wanted_row, found_row) in enumerate(zip(rows, value, strict=True)):
            for x, (wanted, cell) in enumerate(zip(wanted_row, found_row, strict=True)):
                if not agree(wanted, cell, largest):
                    result.append(Difference(call, (y, x), wanted, cell))
    return result


# Functions whose result is a difference of their arguments: there the largest operand is the measure.
CANCELS = {"ROOM_TO_IMPROVE", "UNALLOCATED"}


def agree(wanted: Cell, found: Cell, largest: float) -> bool:
    """Whether two cells hold the same: the same error or text, numbers to twelve digits."""
    if isinstance(wanted, CellError | str | bool) or not isinstance(found, int | float) or isinstance(found, bool):
        return type(wanted) is type(found) and wanted == found
    assert isinstance(wanted, int | float)
    return math.isclose(wanted, found, rel_tol=RELATIVE, abs_tol=RELATIVE * largest)


def cells(arguments: Iterable[Any]) -> Iterable[Any]:
    """All cells of scalars and ranges."""
    for argument in arguments:
        for row in argument if isinstance(argument, list) else [[argument]]:
            yield from row


def number(cell: object) -> float | None:
    """A cell's number, if it is one."""
    return float(cell) if isinstance(cell, int | float) else None
