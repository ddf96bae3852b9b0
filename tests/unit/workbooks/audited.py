"""A small model in which every audit rule has something to look at and nothing to find."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table, TableFormula

from valuehour import engine
from valuehour.ooxml import Package
from valuehour.workbooks.audit import audit

Change = Callable[[Any], None]

INPUTS = (
    ("Price", 12.5, "EUR"),
    ("Growth", 0.03, "per year"),
    ("Volume at start", 1000.0, "pieces"),
    ("First year", 2026.0, "year"),
    ("Tolerance", 0.005, "EUR"),
    ("Costly from", 400.0, "EUR"),
)
YEARS = "CDEFG"
_CLOCK = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z")


def good() -> Workbook:
    """Guide, Inputs, Model (years along rows), Costs (an Excel table, and a run down a column), Checks."""
    book = Workbook()
    guide = book.active
    guide.title = "Guide"
    guide.append(["What this model is for, and how to use it"])
    guide.merge_cells("A1:D1")

    inputs = book.create_sheet("Inputs")
    inputs.append(["Input", "Value", "Unit"])
    for line in INPUTS:
        inputs.append(list(line))
    book.defined_names["in_price"] = DefinedName("in_price", attr_text="Inputs!$B$2")
    inputs["A9"], inputs["B9"], inputs["C9"] = "Discount", None, "EUR"
    rule = DataValidation(type="decimal", operator="greaterThanOrEqual", formula1="0", sqref="B9")
    inputs.add_data_validation(rule)

    model = book.create_sheet("Model")
    model["A1"], model["B1"], model["H1"] = "Line", "Unit", "Total"
    for row, (label, unit) in enumerate((("Year", "year"), ("Volume", "pieces"), ("Revenue", "EUR")), 2):
        model[f"A{row}"], model[f"B{row}"] = label, unit
    before = ""
    for column in YEARS:
        model[f"{column}2"] = f"={before}2+1" if before else "=Inputs!$B$5"
        model[f"{column}3"] = f"={before}3*(1+Inputs!$B$3)" if before else "=Inputs!$B$4"
        model[f"{column}4"] = f"=ROUND({column}3*in_price-Inputs!$B$9,2)"
        before = column
    model["H4"] = "=SUM(C4:G4)"

    costs = book.create_sheet("Costs")
    costs["B2"], costs["C2"], costs["D2"] = "EUR", "of total", ""
    for at, head in enumerate(("Item", "Cost", "Share", "Read")):
        costs.cell(3, 1 + at, head)
    shares = {"Share": "tblCosts[[#This Row],[Cost]]/SUM(tblCosts[Cost])"}
    shares["Read"] = 'IF(tblCosts[[#This Row],[Cost]]>=Inputs!$B$7,"high","low")'
    for row, (item, cost) in enumerate((("Rent", 300.0), ("People", 900.0), ("Tools", 120.0), ("Travel", 60.0)), 4):
        costs[f"A{row}"], costs[f"B{row}"] = item, cost
        costs[f"C{row}"], costs[f"D{row}"] = f"={shares['Share']}", f"={shares['Read']}"
    table = Table(displayName="tblCosts", ref="A3:D7")
    table._initialise_columns()
    for column, head in zip(table.tableColumns, ("Item", "Cost", "Share", "Read"), strict=True):
        column.name = head
        if head in shares:
            column.calculatedColumnFormula = TableFormula(attr_text=shares[head])
    costs.add_table(table)
    costs["A10"], costs["B10"] = "Month", "Paid, EUR"
    for row in range(11, 17):
        costs[f"A{row}"] = f"month {row - 10}"
        costs[f"B{row}"] = f"=B{row - 1}+$B$4" if row > 11 else "=$B$4"
    costs["B17"] = "=SUM(B11:B16)"

    checks = book.create_sheet("Checks")
    checks["A1"], checks["B1"] = "Check", "Status"
    checks["A2"] = "Revenue adds up"
    checks["B2"] = '=IF(ABS(Model!H4-SUM(Model!C4:G4))<=Inputs!$B$6,"OK","FAIL")'
    return book


def package(change: Change | None = None, *, calculated: bool = False) -> Package:
    """The model as a package, changed first; ``calculated``: with its values."""
    book = good()
    if change is not None:
        change(book)
    stream = io.BytesIO()
    book.save(stream)
    some = Package.read(engine.recalculate(stream.getvalue()) if calculated else stream.getvalue())
    some.parts["docProps/core.xml"] = _CLOCK.sub(b"2026-01-01T00:00:00Z", some.parts["docProps/core.xml"])
    return some


def findings(change: Change | None = None, *, calculated: bool = False) -> list[tuple[str, str, str]]:
    """What the audit finds, as rule, sheet and cell."""
    return [(one.rule, one.sheet, one.cell) for one in audit(package(change, calculated=calculated))]


def cell(sheet: str, ref: str, value: object) -> Change:
    """Write one cell."""

    def change(book: Any) -> None:
        book[sheet][ref] = value

    return change


def every(*changes: Change) -> Change:
    """Several changes."""

    def change(book: Any) -> None:
        for one in changes:
            one(book)

    return change
