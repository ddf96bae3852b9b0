"""Every audit rule: a fault that it finds, naming the cell, and what it leaves alone."""

from __future__ import annotations

from typing import Any

import pytest
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from tests.unit.workbooks.audited import Change, cell, every, findings, package
from valuehour.workbooks.audit import RULES, audit


def _set(sheet: str, name: str, value: object, *, row: int | None = None, column: str | None = None) -> Change:
    """Set an attribute of a sheet, of one of its rows or columns, or of how the workbook calculates."""

    def change(book: Any) -> None:
        target = book[sheet] if sheet else book.calculation
        if row is not None:
            target = target.row_dimensions[row]
        if column is not None:
            target = target.column_dimensions[column]
        setattr(target, name, value)

    return change


def _merge(sheet: str, ref: str) -> Change:
    return lambda book: book[sheet].merge_cells(ref)


def _name(name: str, text: str) -> Change:
    def change(book: Any) -> None:
        book.defined_names[name] = DefinedName(name, attr_text=text)

    return change


def _validate(sheet: str, ref: str, kind: str) -> Change:
    rule = DataValidation(type=kind, operator="greaterThanOrEqual", formula1="0", sqref=ref)
    return lambda book: book[sheet].add_data_validation(rule)


def _percent(sheet: str, ref: str) -> Change:
    return lambda book: setattr(book[sheet][ref], "number_format", "0.0%")


def _error(sheet: str, ref: str) -> Change:
    def change(book: Any) -> None:
        book[sheet][ref] = "#N/A"
        book[sheet][ref].data_type = "e"

    return change


def _filled(sheet: str, column: str, formulas: list[str]) -> Change:
    return every(*(cell(sheet, f"{column}{20 + at}", text) for at, text in enumerate(formulas)))


def _without(*names: str) -> Change:
    def change(book: Any) -> None:
        for name in names:
            del book[name]

    return change


IF4 = "=IF(C3>1,IF(C3>10,IF(C4>1,IF(C4>10,1,0),0),0),0)"
DEEP = "=ABS(ABS(ABS(ABS(ABS(ABS(ABS(ABS(ABS(H4)))))))))"

FAULTS: list[tuple[str, Change, str, str, str]] = [
    ("constant-in-formula", cell("Model", "H4", "=SUM(C4:G4)*1.19"), "Model", "H4", "1.19"),
    ("constant-in-formula", cell("Model", "H4", "=SUM(C4:G4)+500"), "Model", "H4", "500"),
    ("constant-in-formula", cell("Model", "H4", "=SUM(C4:G4)*5%"), "Model", "H4", "5%"),
    ("constant-in-formula", cell("Model", "H4", "=SUM(C4:G4)-2"), "Model", "H4", "2"),
    ("constant-in-formula", cell("Model", "H4", '=SUMIF(C4:G4,">500")'), "Model", "H4", '">500"'),
    ("constant-in-formula", cell("Model", "H4", "=LOOKUP(C4,{0,400,900},C2:E2)"), "Model", "H4", "{0,400,900}"),
    ("constant-in-formula", cell("Model", "H4", "=ROUND(SUM(C4:G4),C2+2)"), "Model", "H4", "2"),
    ("constant-in-formula", cell("Model", "H4", "=8760"), "Model", "H4", "8760"),
    ("formula-inconsistent", cell("Model", "E4", "=ROUND(E3*in_price,2)"), "Model", "E4", "the row has"),
    ("formula-inconsistent", cell("Model", "G3", "=F3*(1-Inputs!$B$3)"), "Model", "G3", "the row has"),
    ("formula-inconsistent", cell("Costs", "B14", "=B13+$B$5"), "Costs", "B14", "the column has =B11+$B$4"),
    ("formula-inconsistent", cell("Costs", "C5", "=tblCosts[[#This Row],[Cost]]/B4"), "Costs", "C5", "'Share'"),
    ("formula-inconsistent", _filled("Costs", "F", ["=B4*B4", "=B5*B5", "=B6*B7"]), "Costs", "F22", "(in F20)"),
    ("number-among-formulas", cell("Costs", "B14", 5.0), "Costs", "B14", "5 where the column has"),
    ("number-among-formulas", cell("Costs", "C5", 0.5), "Costs", "C5", "0.5 where column 'Share'"),
    ("number-among-formulas", cell("Model", "F4", 900.0), "Model", "F4", "the row has"),
    (
        "result-typed",
        every(cell("Model", "H4", 900.0), _name("out_revenue", "Model!$H$4")),
        "Model",
        "H4",
        "900 in out_revenue",
    ),
    (
        "result-typed",
        every(cell("Costs", "C5", "high"), _name("live_share", "Costs!$C$5")),
        "Costs",
        "C5",
        "'high' in live_share",
    ),
    ("nested-if", cell("Model", "H4", IF4), "Model", "H4", "4 IFs"),
    ("nested-deep", cell("Model", "H4", DEEP), "Model", "H4", "9 calls"),
    ("volatile-function", cell("Model", "H2", "=TODAY()-C2"), "Model", "H2", "TODAY"),
    ("volatile-function", cell("Model", "H4", "=SUM(OFFSET(C4,0,0,1,C2))"), "Model", "H4", "OFFSET"),
    ("volatile-function", cell("Model", "H4", '=INDIRECT("C"&C2)'), "Model", "H4", "INDIRECT"),
    ("volatile-function", cell("Model", "H4", "=RAND()*C4+NOW()"), "Model", "H4", "NOW and RAND"),
    ("whole-column-reference", cell("Checks", "B4", "=SUM(Model!H:H)"), "Checks", "B4", "Model!H:H"),
    ("whole-column-reference", cell("Checks", "B4", "=SUM(Model!$4:$4)"), "Checks", "B4", "Model!$4:$4"),
    ("external-link", cell("Model", "H4", "='[Plan 2025.xlsx]Sheet1'!$A$1"), "Model", "H4", "Plan 2025"),
    ("external-link", _name("old_plan", "'[Plan.xlsx]Sheet1'!$A$1"), "", "old_plan", "[Plan.xlsx]"),
    ("circular-reference", cell("Model", "H4", "=SUM(C4:H4)"), "Model", "H4", "H4 in a circle"),
    ("circular-reference", cell("Model", "C3", "=Inputs!$B$4+G3"), "Model", "C3", "C3 → D3 → E3 → F3 → G3"),
    ("circular-reference", cell("Costs", "B4", "=SUM(tblCosts[Cost])"), "Costs", "B4", "B4 in a circle"),
    ("blank-reference", cell("Model", "H4", "=SUM(C4:G4)+H9"), "Model", "H4", "H9"),
    ("blank-reference", cell("Model", "H4", "=SUM(J4:L4)"), "Model", "H4", "J4:L4"),
    ("name-lost", _name("gone", "#REF!$A$1"), "", "gone", "#REF!"),
    ("error-value", _error("Costs", "A20"), "Costs", "A20", "#N/A"),
    (
        "input-misplaced",
        every(cell("Model", "A7", "Rate, EUR"), cell("Model", "B7", 3.0), cell("Model", "H5", "=H4*B7")),
        "Model",
        "B7",
        "3, which formulas use",
    ),
    ("input-unused", every(cell("Inputs", "A8", "Old rate, EUR"), cell("Inputs", "B8", 7.0)), "Inputs", "B8", "7"),
    ("input-unused", _validate("Inputs", "B12", "whole"), "Inputs", "B12", "takes a number"),
    ("input-unused", every(cell("Inputs", "E2", 5.0), _name("in_extra", "Inputs!$E$2")), "Inputs", "E2", "in_extra"),
    ("unit-missing", cell("Inputs", "C4", None), "Inputs", "B4", "1000"),
    ("unit-missing", cell("Costs", "B2", None), "Costs", "B4", "'Cost'"),
    ("number-as-text", cell("Costs", "B5", "900"), "Costs", "B5", "'900'"),
    ("number-as-text", cell("Inputs", "B4", "1,000.50"), "Inputs", "B4", "'1,000.50'"),
    ("check-missing", _without("Checks"), "", "", "none of them a check"),
    ("about-missing", _without("Guide"), "", "", "3 sheets"),
    ("sheet-hidden", _set("Costs", "sheet_state", "hidden"), "Costs", "", "hidden"),
    ("sheet-very-hidden", _set("Costs", "sheet_state", "veryHidden"), "Costs", "", "menus"),
    ("rows-hidden", _set("Model", "hidden", True, row=3), "Model", "3:3", "1 hidden row"),
    ("columns-hidden", _set("Model", "hidden", True, column="D"), "Model", "D:D", "1 hidden column"),
    ("merged-cells", _merge("Costs", "A5:A6"), "Costs", "A5:A6", "table"),
    ("merged-cells", _merge("Model", "F4:G4"), "Model", "F4:G4", "which formulas read"),
    ("calculation-settings", _set("", "calcMode", "manual"), "", "", "on request"),
    ("calculation-settings", _set("", "iterate", True), "", "", "iterated"),
    ("calculation-settings", _set("", "fullPrecision", False), "", "", "cut"),
]

HARMLESS: list[tuple[str, Change]] = [
    ("free numbers", cell("Model", "H4", "=SUM(C4:G4)*1+0-(-1)+10^0")),
    ("digits and modes", cell("Model", "H4", "=ROUND(SUBTOTAL(9,C4:G4),2)+INDEX(C4:G4,3)+MATCH(C4,C4:G4,0)")),
    ("a column number", cell("Checks", "B4", "=VLOOKUP(Costs!A4,Costs!A4:C7,3,FALSE)")),
    ("numbers in texts", cell("Checks", "B4", '=TEXT(Model!H4,"0.00")&" in 2026"')),
    ("a criterion of zero", cell("Checks", "B4", '=COUNTIF(Costs!B4:B7,">0")')),
    ("an array that counts", cell("Checks", "B4", "=SUM(LARGE(Costs!B4:B7,{1,2,3}))")),
    ("a guard against the last digit", cell("Checks", "B4", "=IF(ABS(Model!H4)<1E-9,1,0)")),
    ("one of our functions spelled out", cell("Checks", "B4", (
        "=IF(SIGN(Model!H4)=0,0,ROUND(Model!H4,Model!C2-1-(INT(LOG10(ABS(Model!H4))+1E-12)"
        "-(ABS(Model!H4)<10^INT(LOG10(ABS(Model!H4))+1E-12)))))"
    ))),
    ("three IFs", cell("Model", "J4", "=IF(C3>1,IF(C3>10,IF(C4>1,1,0),0),0)+IF(C4>1,IF(C4>0,1,0),0)")),
    ("eight calls", cell("Model", "J4", DEEP.replace("=ABS(", "=", 1)[:-1])),
    ("an opening number", every(cell("Costs", "B11", 5.0), _name("in_opening", "Costs!$B$11"))),
    ("a total at the end", cell("Costs", "B17", "=AVERAGE(B11:B16)")),
    ("columns that differ", _filled("Costs", "F", ["=B4", "=C5*B5", "=B6-B7"])),
    ("a place only", cell("Model", "H9", "=ROW(H9)-ROW(H8)")),
    ("an unfilled input", cell("Model", "H5", "=SUM(C4:G4)-Inputs!B9")),
    ("a blank that is asked for", cell("Model", "H5", '=IF(ISBLANK(H9),0,1)+IF(J9="",0,1)')),
    ("hidden rows that hold nothing", _set("Model", "hidden", True, row=40)),
    ("hidden columns that hold nothing", _set("Model", "hidden", True, column="Z")),
    ("a closed outline", every(
        _set("Model", "hidden", True, row=3), _set("Model", "outlineLevel", 1, row=3)
    )),
    ("a merged heading", _merge("Model", "C1:G1")),
    ("a unit in the number format", every(cell("Inputs", "C3", None), _percent("Inputs", "B3"))),
    ("a unit in the label", every(cell("Inputs", "C2", None), cell("Inputs", "A2", "Price (EUR)"))),
    ("a unit by the head of its column", cell("Inputs", "C4", "widgets")),
    ("a year as heading", cell("Costs", "B10", "2026")),
    ("codes that are texts", every(cell("Costs", "A4", "4711"), cell("Costs", "A5", "4712"))),
    ("a name for a text", every(cell("Inputs", "E2", "J. Doe"), _name("in_approver", "Inputs!$E$2"))),
]  # fmt: skip


def test_a_good_model_has_no_finding() -> None:
    assert [str(one) for one in audit(package(calculated=True))] == []
    assert [str(one) for one in audit(package())] == []


@pytest.mark.parametrize(
    ("rule", "change", "sheet", "where", "fragment"),
    FAULTS,
    ids=[f"{number}-{fault[0]}" for number, fault in enumerate(FAULTS)],
)
def test_a_fault_is_found_and_its_cell_named(rule: str, change: Change, sheet: str, where: str, fragment: str) -> None:
    found = [one for one in audit(package(change)) if one.rule == rule]
    assert (sheet, where) in [(one.sheet, one.cell) for one in found], [str(one) for one in found]
    one = next(one for one in found if (one.sheet, one.cell) == (sheet, where))
    assert fragment in one.found
    assert one.severity is RULES[rule].severity
    assert one.allowed == RULES[rule].allowed


@pytest.mark.parametrize(
    ("rule", "change", "sheet", "where"),
    [fault[:4] for fault in FAULTS],
    ids=[f"{number}-{fault[0]}" for number, fault in enumerate(FAULTS)],
)
def test_a_fault_is_told_once(rule: str, change: Change, sheet: str, where: str) -> None:
    assert findings(change).count((rule, sheet, where)) == 1


@pytest.mark.parametrize("change", [case[1] for case in HARMLESS], ids=[case[0] for case in HARMLESS])
def test_what_is_right_is_left_alone(change: Change) -> None:
    assert [str(one) for one in audit(package(change))] == []


def test_a_number_typed_over_a_formula_is_not_called_a_misplaced_input_too() -> None:
    assert findings(cell("Costs", "B14", 5.0)) == [("number-among-formulas", "Costs", "B14")]


def test_a_number_typed_over_a_result_is_told_once_and_a_result_that_is_calculated_is_none() -> None:
    for sheet, ref in (("Costs", "C5"), ("Model", "J9")):
        name = _name("out_result", f"{sheet}!${ref[0]}${ref[1]}")
        assert findings(every(cell(sheet, ref, 0.5), name)) == [("result-typed", sheet, ref)]
    assert findings(_name("out_revenue", "Model!$H$4")) == []


def test_every_rule_is_proven_by_a_fault() -> None:
    assert {fault[0] for fault in FAULTS} == set(RULES)
