from __future__ import annotations

import pytest

from valuehour.errors import WorkbookError
from valuehour.ooxml import Area, column_letters, column_number, format_cell, parse_area, parse_cell, shift_formula


def test_every_column_comes_back_from_its_letters() -> None:
    assert [column_number(column_letters(number)) for number in range(1, 16385)] == list(range(1, 16385))


@pytest.mark.parametrize(
    "text", ["", "A", "1", "A0", "XFE1", "A1048577", "A1:B2", "Sheet!A1", "AAAA1", "A-1", "Á1", "A1٣"]
)
def test_what_is_no_cell_is_refused(text: str) -> None:
    with pytest.raises(WorkbookError, match="is not a cell reference; allowed are A1 to XFD1048576"):
        parse_cell(text)


def test_the_last_cell_of_a_sheet_is_a_cell() -> None:
    assert parse_cell("xfd1048576") == (1048576, 16384)
    assert format_cell(1048576, 16384) == "XFD1048576"


@pytest.mark.parametrize("number", [0, 16385])
def test_what_is_no_column_is_refused(number: int) -> None:
    with pytest.raises(WorkbookError, match="allowed are 1 to 16384"):
        column_letters(number)


@pytest.mark.parametrize("text", ["ÄÖ", "XFE", "", "A1"])
def test_letters_that_are_no_column_are_refused(text: str) -> None:
    with pytest.raises(WorkbookError, match="allowed are A to XFD"):
        column_number(text)


def test_rows_outside_the_sheet_are_refused() -> None:
    for row in (0, 1048577):
        with pytest.raises(WorkbookError, match="allowed are 1 to 1048576"):
            format_cell(row, 1)


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("B2", Area(2, 2, 2, 2)),
        ("$C$5:A2", Area(2, 1, 5, 3)),
        ("A:$C", Area(1, 1, 1048576, 3)),
        ("$3:2", Area(2, 1, 3, 16384)),
    ],
)
def test_ranges_are_read_in_every_form(text: str, area: Area) -> None:
    assert parse_area(text) == area


@pytest.mark.parametrize("text", ["", "A1:", "A1:B2:C3", "0:3", "XFE:XFE", "#REF!"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(WorkbookError):
        parse_area(text)


def test_areas_know_what_they_hold() -> None:
    area = parse_area("B2:C4")
    assert str(area) == "B2:C4"
    assert str(parse_area("B2:B2")) == "B2"
    assert area.size == 6
    assert [format_cell(*cell) for cell in area.cells()] == ["B2", "C2", "B3", "C3", "B4", "C4"]
    assert (4, 3) in area
    assert (5, 3) not in area
    assert area.overlaps(parse_area("C4:D9"))
    assert not area.overlaps(parse_area("D2:D4"))
    assert not area.overlaps(parse_area("B5:C5"))


@pytest.mark.parametrize(
    ("formula", "moved"),
    [
        ("A1", "B3"),
        ("$A1+A$1+$A$1", "$A3+B$1+$A$1"),
        ("a1:b2", "B3:C4"),
        ("SUM(A:A,$B:C)", "SUM(B:B,$B:D)"),
        ("SUM(1:1,$2:3)", "SUM(3:3,$2:5)"),
        ("LOG10(A1)+ATAN2(A1,B2)", "LOG10(B3)+ATAN2(B3,C4)"),
        ('"A1"&A1&"say ""A1"""', '"A1"&B3&"say ""A1"""'),
        ("Sheet1!A1+AB1!A1", "Sheet1!B3+AB1!B3"),
        ("'My A1 sheet'!A1+'it''s A1'!A1", "'My A1 sheet'!B3+'it''s A1'!B3"),
        ("Jan1:Mar3!A1", "Jan1:Mar3!B3"),
        ("[1]Sheet1!A1", "[1]Sheet1!B3"),
        ("Table1[[#This Row],[A1]]+Table1[A1]", "Table1[[#This Row],[A1]]+Table1[A1]"),
        ("Table1[it''']A1]+A1", "Table1[it''']A1]+B3"),
        ("tax_A1+A1_tax+A1.b+_A1+Q1x", "tax_A1+A1_tax+A1.b+_A1+Q1x"),
        ("1E5+2.5E-3*A1+1e5", "1E5+2.5E-3*B3+1e5"),
        ("XFE1+A1048577", "XFE1+A1048577"),
        ("XFD1+A1048576+XFD:XFD+1048576:1048576", "#REF!+#REF!+#REF!+#REF!"),
        ("#REF!+#N/A+A1#", "#REF!+#N/A+B3#"),
        ("TRUE+Größe1+A1%", "TRUE+Größe1+B3%"),
        ("_xlfn.IFNA(A1,_xlpm.b2)", "_xlfn.IFNA(B3,_xlpm.b2)"),
        ("XFE:XFE+ZZZ:A", "XFE:XFE+ZZZ:A"),
        ("{1,2;3,4}*A1", "{1,2;3,4}*B3"),
        ("A1:INDEX(A:A,5)", "B3:INDEX(B:B,5)"),
    ],
)
def test_relative_references_move_and_nothing_else(formula: str, moved: str) -> None:
    assert shift_formula(formula, 2, 1) == moved
    assert shift_formula(formula, 0, 0).lower() == formula.lower()


def test_references_that_leave_the_top_of_the_sheet_are_lost() -> None:
    assert shift_formula("A1+B2", -1, 0) == "#REF!+B1"
