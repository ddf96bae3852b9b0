"""Every function in LibreOffice Calc, through the extension: the same cells as in Python, but for what is numbered."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from tests import soffice
from tests.parity import arguments, engines
from tests.parity.calc.model import allowed, may_stand
from tests.parity.engines import TAXONOMY, Call, Sheet
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS, Value

pytestmark = [pytest.mark.requires_libreoffice, pytest.mark.requires_calc_python]

ANY_CALLS = 400
VALID_CALLS = 300


def calculated(calls: Sequence[Sequence[Call]], folder: Path) -> list[list[Value]]:
    """The results of several sheets of calls, in one start of Calc."""
    sheets = [Sheet(some, engines.in_namespace) for some in calls]
    files = [folder / f"{number}.xlsx" for number in range(len(sheets))]
    for sheet, file in zip(sheets, files, strict=True):
        sheet.workbook.save(file)
    taxonomy = tuple((structure, dimension) for structure, dimension in TAXONOMY)
    converted = soffice.convert_with_extension(files, "xlsx", folder / "converted", taxonomy)
    return [sheet.results(engines.cached(file)) for sheet, file in zip(sheets, converted, strict=True)]


def test_any_arguments_give_the_cells_of_python_or_of_a_numbered_difference(tmp_path: Path) -> None:
    calls = [arguments.calls(name, ANY_CALLS) for name in FUNCTIONS]
    wrong = []
    for some, results in zip(calls, calculated(calls, tmp_path), strict=True):
        for call, result in zip(some, results, strict=True):
            wrong += differing(call, result)
    assert wrong == []


def test_valid_numbers_and_ranges_give_the_cells_of_python(tmp_path: Path) -> None:
    calls = [arguments.valid_calls(name, VALID_CALLS) for name in FUNCTIONS if name != "GROUP_PATH"]
    calls.append([call for call in arguments.valid_calls("GROUP_PATH", VALID_CALLS) if not holds_booleans(call)])
    found = calculated(calls, tmp_path)
    assert [d for some, results in zip(calls, found, strict=True) for d in engines.differences(some, results)] == []


def differing(call: Call, result: Value) -> list[str]:
    """The cells of a result in which neither Python's value nor that of a numbered difference stands."""
    assert isinstance(result, list)
    largest = 0.0
    if call.name in engines.CANCELS:
        largest = max(
            (abs(n) for n in map(engines.number, engines.cells(call.arguments)) if n is not None), default=0.0
        )
    agree = partial(engines.agree, largest=largest)
    return [
        f"{call}: one of {options}, but Calc {cell!r}"
        for row, options_of_row in zip(result, allowed(call), strict=True)
        for cell, options in zip(row, options_of_row, strict=True)
        if not may_stand(cell, options, agree)
    ]


def holds_booleans(call: Call) -> bool:
    return any(isinstance(cell, bool) for cell in engines.cells(call.arguments))


def test_the_model_of_calc_differs_from_python_only_where_a_difference_is_numbered() -> None:
    """A model that allowed everything would prove nothing."""
    for name in FUNCTIONS:
        for call in arguments.valid_calls(name, 100):
            options = [cell for row in allowed(call) for cell in row]
            assert all(len(cell) == 1 for cell in options)
            expected = call.expected if isinstance(call.expected, list) else [[call.expected]]
            if not holds_booleans(call):
                assert [cell[0] for cell in options] == [cell for row in expected for cell in row]


CASES: dict[str, Any] = {
    "VALUE_PER_HOUR(8760,2)=0.5": True,
    'IF(OUTCOME_READ(420,0.88)="worth improving","yes","no")': "yes",
    'EXACT(PRIORITY_BAND(2000,500,5,0.2),"high")': True,
    'GROUP_PATH("EMEA","Support")="EMEA → Support"': True,
    "SUM(ALLOCATE(100,{1;1;1}))": 100,
    "INDEX(ALLOCATE(100,{1;1;1}),1,1)": 33.34,
    "INDEX(ALLOCATE(100,{1;1;1}),3,1)": 33.33,
    "ROWS(ALLOCATE_SHARES(10,{0.1;0.2;0.3}))": 3,
    'INDEX(GROUPINGS("Time structure"),2,2)': "Quarter",
    "ROWS(GROUPINGS())": len(TAXONOMY),
    'LEDGER("uplift.K")*2': 2.24,
    'LEDGER_STATUS("Uplift.k")="measured"': True,
    'ERROR.TYPE(LEDGER("uplift.K",DATE(2026,9,29)))': 7,
    'LEDGER("uplift.K",DATE(2026,9,30))': 1.12,
    "IFERROR(VALUE_PER_HOUR(1,0),7)": 7,
    "ERROR.TYPE(VALUE_PER_HOUR(1,-1))": 6,
    "ERROR.TYPE(COST_PER_SUCCESS(1,0))": 2,
    'ERROR.TYPE(INDEX(GROUPINGS("no such"),1,1))': 7,
    "VALUE_PER_HOUR(17520,1,,2)": CellError.DIV0,
    "VALUE_PER_HOUR(17520,1)": 2,
    "VALUE_PER_HOUR(17520,1,Blank)": CellError.DIV0,
    "UPLIFT(1.12,1.08,1.06)": 1.282176,
}


def test_results_can_be_calculated_with_further(tmp_path: Path) -> None:
    book = Sheet([], engines.in_namespace).workbook
    sheet = book["Calls"]
    for row, formula in enumerate(CASES, 1):
        text = spelled(formula)
        sheet.cell(row, 1).value = text
        sheet.cell(row, 2).value = ArrayFormula(f"B{row}", text)
    book.save(tmp_path / "cases.xlsx")
    taxonomy = tuple((structure, dimension) for structure, dimension in TAXONOMY)
    (file,) = soffice.convert_with_extension([tmp_path / "cases.xlsx"], "xlsx", tmp_path / "out", taxonomy)
    found = openpyxl.load_workbook(file, data_only=True)["Calls"]
    wrong = {}
    for row, (formula, expected) in enumerate(CASES.items(), 1):
        values = [found.cell(row, 1).value, found.cell(row, 2).value]
        wanted = str(expected) if isinstance(expected, CellError) else expected
        if values != [wanted, wanted]:
            wrong[formula] = values
    assert wrong == {}


def spelled(formula: str) -> str:
    """A formula as a file holds it that any version of LibreOffice reads; the cell Z99 is blank."""
    from valuehour.workbooks.formula import with_prefix

    return with_prefix("=" + formula.replace("Blank", "Z99"), "VH.")
