"""Native formulas as text: arguments in place, brackets where they are needed, defaults written out."""

from __future__ import annotations

import re

import pytest

from valuehour.errors import UsageError
from valuehour.functions import FUNCTIONS
from valuehour.workbooks.formula import to_native

LONGEST_FORMULA = 8192
NEWER_THAN_2016 = re.compile(
    r"\b(LET|LAMBDA|SEQUENCE|MAP|REDUCE|FILTER|SORT|SORTBY|XLOOKUP|TEXTJOIN|IFS|SWITCH|CONCAT)\("
)


@pytest.mark.parametrize(
    ("name", "arguments", "formula"),
    [
        ("VALUE_PER_HOUR", ["A1", "B1"], "A1/(B1*8760)"),
        ("VALUE_PER_HOUR", ["A1", "B1", "C1"], "A1/(B1*8760*C1)"),
        ("VALUE_PER_HOUR", ["A1", "B1", "", "2080"], "A1/(B1*2080*0)"),
        ("VALUE_PER_HOUR", ["A1+1", "-B1", "SUM(C1:C9)"], "(A1+1)/((-B1)*8760*SUM(C1:C9))"),
        (
            "VALUE_PER_HOUR",
            ["tbl[[#This Row],[a-b]]", "'My sheet'!A1", "1E-5"],
            "tbl[[#This Row],[a-b]]/('My sheet'!A1*8760*1E-5)",
        ),
        ("COMPOUND_DISCRETE", ["-A1", "B1", "C1+1"], "(-A1)*(1+B1)^(C1+1)"),
        ("COMPOUND_CONTINUOUS", ["A1", "B1-C1", "D1"], "A1*EXP((B1-C1)*D1)"),
        ("UPLIFT", ["A1", "B1:B5", "1+C1"], "PRODUCT(A1,B1:B5,1+C1)"),
        ("CONTINUOUS_RATE", ["A1*B1", "C1"], "LN(A1*B1)/C1"),
        ("ROOM_TO_IMPROVE", ["A1"], "IF(1>A1,1-A1,0)"),
        (
            "UNALLOCATED",
            ["A1", "B1:B3", "-2"],
            "SIGN(A1)*(ROUND(ABS(A1)*10^(-2),0)-ROUND(ABS(A1)*IF(ABS(ROUND(SUM(B1:B3)-1,12))<=1E-9,1,SUM(B1:B3))*10^(-2),0))*100",
        ),
        ("GROUP_PATH", ["A1"], 'MID(IF((A1=0)+(A1=""),""," → "&A1),4,32767)'),
        ("GROUP_PATH", ["A1:A3"], 'TEXTJOIN(" → ",TRUE,IF(A1:A3=0,"",A1:A3))'),
    ],
)
def test_arguments_stand_in_the_formula_in_brackets_only_where_they_must(
    name: str, arguments: list[str], formula: str
) -> None:
    assert FUNCTIONS[name].native(arguments) == formula


def test_a_whole_formula_becomes_native() -> None:
    assert to_native("=IF(A1>0,SIGNIFICANT(VALUE_PER_HOUR(A1,B1),2),0)").count("(A1/(B1*8760))") > 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_native_formulas_run_in_excel_2016_and_fit_a_cell(name: str) -> None:
    function = FUNCTIONS[name]
    column = "tblAllocation[Weight of the member]"
    arguments = [
        column if argument.whole_range and not argument.variadic else f"'Some sheet'!$A${place}"
        for place, (_, argument) in enumerate(function.named_arguments(function.counts[1]), 1)
    ]
    formula = function.native(arguments, taxonomy="Lists!$B$6:$C$200", records="Ledger!$B$20:$J$31")
    assert len(formula) < LONGEST_FORMULA
    assert not NEWER_THAN_2016.search(formula)
    assert "{" not in formula


@pytest.mark.parametrize(
    ("taxonomy", "formula"),
    [
        (
            "Lists!$B$6:$C$200",
            "OFFSET(Lists!$B$6,MATCH(A1,Lists!$B$6:$B$200,0)-1,0,COUNTIF(Lists!$B$6:$B$200,A1),2)",
        ),
        ("'My lists'!B6:C9", "OFFSET('My lists'!B6,MATCH(A1,'My lists'!B6:B9,0)-1,0,COUNTIF('My lists'!B6:B9,A1),2)"),
        (
            "taxonomy",
            "OFFSET(INDEX(taxonomy,1,1),MATCH(A1,INDEX(taxonomy,0,1),0)-1,0,COUNTIF(INDEX(taxonomy,0,1),A1),2)",
        ),
    ],
)
def test_groupings_look_into_the_taxonomy_of_the_workbook(taxonomy: str, formula: str) -> None:
    assert FUNCTIONS["GROUPINGS"].native(["A1"], taxonomy=taxonomy) == formula


def test_groupings_without_a_taxonomy_say_what_is_missing() -> None:
    for ask in (lambda: FUNCTIONS["GROUPINGS"].native([]), FUNCTIONS["GROUPINGS"].lambda_text):
        with pytest.raises(UsageError, match="looks up the taxonomy of its workbook; give its range"):
            ask()
    with pytest.raises(UsageError, match="looks up the taxonomy of its host"):
        FUNCTIONS["GROUPINGS"].evaluate()


@pytest.mark.parametrize(
    ("call", "records", "formula"),
    [
        (
            ("LEDGER_STATUS", "A1"),
            "Ledger!$B$20:$J$31",
            "INDEX(Ledger!$F$20:$F$31,MATCH(A1,Ledger!$B$20:$B$31,0))",
        ),
        (("LEDGER_EVIDENCE", "A1"), "AY2:BG9", "INDEX(BF2:BF9,MATCH(A1,AY2:AY9,0))"),
        (("LEDGER_EVIDENCE", "A1"), "records", "INDEX(INDEX(records,0,8),MATCH(A1,INDEX(records,0,1),0))"),
        (
            ("LEDGER", '"uplift.K"', "B1"),
            "Ledger!$B$20:$J$31",
            (
                "IF((B1<1)+(B1>=in_ledger_as_of_date)>0,"
                'INDEX(Ledger!$C$20:$C$31,MATCH("uplift.K",Ledger!$B$20:$B$31,0)),NA())'
            ),
        ),
    ],
)
def test_what_asks_the_ledger_looks_into_the_records_of_the_workbook(
    call: tuple[str, ...], records: str, formula: str
) -> None:
    name, *arguments = call
    assert FUNCTIONS[name].native(arguments, records=records) == formula


def test_where_there_are_no_records_there_is_nothing_to_refer_to() -> None:
    assert FUNCTIONS["LEDGER"].native(["A1"]) == "#REF!"
    with pytest.raises(UsageError, match="looks up the records of its workbook; give their range"):
        FUNCTIONS["LEDGER"].lambda_text()


@pytest.mark.parametrize(
    ("weights", "place"),
    [
        ("B1:B3", "-(ROW(B1:B3)*COLUMNS(B1:B3)+COLUMN(B1:B3))"),
        ("tbl[Weight]", "-(ROW(tbl[Weight])*COLUMNS(tbl[Weight])+COLUMN(tbl[Weight]))"),
        ("{3,1;2,2}", "-{1,2;3,4}"),
        (
            "B1:B3*2",
            "-(ROW(OFFSET($A$1,0,0,ROWS(B1:B3*2),1))*COLUMNS(B1:B3*2)+COLUMN(OFFSET($A$1,0,0,1,COLUMNS(B1:B3*2))))",
        ),
    ],
)
def test_ties_are_broken_by_place_for_every_kind_of_weights(weights: str, place: str) -> None:
    assert place in FUNCTIONS["ALLOCATE"].native(["A1", weights])


def test_an_allocation_is_spelled_out_row_by_row_for_tables() -> None:
    formulas = FUNCTIONS["ALLOCATE"].row_native(
        {"total": "in_total", "weights": ("A2", "A2:A9")},
        {"quota": ("B2", "B2:B9"), "whole": ("C2", "C2:C9"), "key": ("D2", "D2:D9"), "units": ("$F$1", "$F$1")},
    )
    assert formulas["units"] == "ROUND(ABS(in_total)*10^2,0)"
    assert formulas["quota"] == "ROUND($F$1*A2/SUM(A2:A9),4-2*($F$1>1E11))"
    assert formulas["whole"] == "INT(B2)"
    assert formulas["result"] == (
        "SIGN(in_total)*(C2+((($F$1-SUM(C2:C9))<>0)*((D2>=LARGE(D2:D9,MAX(1,($F$1-SUM(C2:C9))"
        "+ROWS(A2:A9)*COLUMNS(A2:A9)*(($F$1-SUM(C2:C9))<0))))-(($F$1-SUM(C2:C9))<0))))/100"
    )


def test_an_allocation_row_by_row_asks_for_the_columns_it_needs() -> None:
    with pytest.raises(UsageError, match="needs a column for its step 'whole'"):
        FUNCTIONS["ALLOCATE"].row_native({"total": "A1", "weights": ("A2", "A2:A9")}, {})
    with pytest.raises(UsageError, match="needs the argument 'weights'"):
        FUNCTIONS["ALLOCATE"].row_native({"total": "A1"}, {})
