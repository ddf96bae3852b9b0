"""Places that move: rows inserted below a table, and a layout that becomes another one."""

from __future__ import annotations

import pytest

from tests.unit.ooxml.handmade import LINKS, MAIN, TYPE, parts, sheet, zipped
from valuehour.errors import WorkbookError
from valuehour.ooxml import Package, parse_area, read_cells
from valuehour.ooxml.insertion import Insertion
from valuehour.ooxml.reference import MAX_ROW, Area
from valuehour.ooxml.remap import Offsets, Remap, SheetMove
from valuehour.ooxml.rows import insert_rows

# Ten rows inserted below A2:C5 of the sheet Data.
TEN = Insertion("Data", 10, Area(2, 1, 5, 3))


@pytest.mark.parametrize(
    ("formula", "home", "expected"),
    [
        # What covers the whole height of the table grows, what covers a part of it does not.
        ("SUM(A2:A5)", "Data", "SUM(A2:A15)"),
        ("SUM(A1:A5)", "Data", "SUM(A1:A15)"),
        ("SUM(A3:A5)", "Data", "SUM(A3:A5)"),
        ("A5", "Data", "A5"),
        # What stands below moves, whatever its marks.
        ("$A$6+B$7+$C8", "Data", "$A$16+B$17+$C18"),
        ("SUM(A5:A6)", "Data", "SUM(A5:A16)"),
        ("SUM(6:7)", "Data", "SUM(16:17)"),
        ("SUM($2:$5)", "Data", "SUM($2:$15)"),
        # Whole columns stay whole.
        ("SUM(A:A)+SUM(A1:A1048576)", "Data", "SUM(A:A)+SUM(A1:A1048576)"),
        # Corners in any order.
        ("SUM(A5:A2)", "Data", "SUM(A15:A2)"),
        # Other sheets, by whatever name and case; other workbooks.
        ("Data!A6+Other!A6+data!A6", "Other", "Data!A16+Other!A6+data!A16"),
        ("'Data'!A6+'Our Data'!A6", "Other", "'Data'!A16+'Our Data'!A6"),
        ("[1]Data!A6", "Other", "[1]Data!A6"),
        ("A6", "Other", "A6"),
        # What only looks like a reference.
        ('"A6"&A6', "Data", '"A6"&A16'),
        ("LOG10(A6)+A6x+ABC9999999", "Data", "LOG10(A16)+A6x+ABC9999999"),
        ("tblData[A6]+tblData[[#This Row],[B7]]", "Data", "tblData[A6]+tblData[[#This Row],[B7]]"),
        ("1E6+6", "Data", "1E6+6"),
    ],
)
def test_a_formula_refers_to_the_same_cells_after_rows_were_inserted(formula: str, home: str, expected: str) -> None:
    assert TEN.formula(formula, home) == expected


def test_a_reference_through_several_sheets_one_of_which_grows_is_refused() -> None:
    with pytest.raises(WorkbookError, match=r"the formula =SUM\(Data:Other!A6\) refers through several sheets at once"):
        TEN.formula("SUM(Data:Other!A6)", "Mine")
    assert TEN.formula("SUM(Data:Other!A1)", "Mine") == "SUM(Data:Other!A1)"


def test_a_sheet_without_room_for_the_rows_is_refused() -> None:
    with pytest.raises(WorkbookError, match=f"row {MAX_ROW - 3} would move to row {MAX_ROW + 7}"):
        TEN.row(MAX_ROW - 3, "Data")
    assert TEN.row(MAX_ROW - 3, "Other") == MAX_ROW - 3


def test_rules_for_cells_of_the_table_reach_the_new_rows() -> None:
    assert TEN.areas("A5 B2:B5 D5 A9", "Data") == "A5:A15 B2:B15 D5 A19"
    assert TEN.areas("A5", "Other") == "A5"


# A layout that becomes another one ----------------------------------------------------------------------------


def test_between_known_places_everything_keeps_its_distance() -> None:
    found = Offsets.through({10: 12, 20: 25})
    assert found is not None
    assert [found.of(row) for row in (1, 9, 10, 19, 20, 400)] == [1, 9, 12, 21, 25, 405]


def test_where_rows_are_gone_those_that_are_left_keep_their_order() -> None:
    found = Offsets.through({10: 10, 20: 14})
    assert found is not None
    places = [found.of(row) for row in range(10, 21)]
    assert places == sorted(places)
    assert places[0] == 10
    assert places[-1] == 14
    assert found.of(18) == 12  # what stands right above a known place went with it


@pytest.mark.parametrize("known", [{1: 5, 2: 4}, {1: 5, 2: 5}])
def test_of_places_that_changed_their_order_nothing_can_be_said(known: dict[int, int]) -> None:
    assert Offsets.through(known) is None


MOVE = SheetMove(Offsets((1, 5), (0, 2)), Offsets((1, 3), (0, 1)), {(2, 2): (9, 9)})
REMAP = Remap(
    {"data": MOVE},
    {"in_old": "in_new"},
    {("tbldata", "old head"): "New head"},
    {"data": "Our data"},
)


@pytest.mark.parametrize(
    ("formula", "home", "expected"),
    [
        ("A5+$C$5+C4", "Data", "A7+$D$7+D4"),
        ("SUM(A4:C6)", "Data", "SUM(A4:D8)"),
        ("B2+SUM(B2:B3)", "Data", "I9+SUM(B2:B3)"),  # a cell whose place is known for itself
        ("Data!A5+Other!A5", "Other", "'Our data'!A7+Other!A5"),
        ("IN_OLD+in_older+in_old.x", "Other", "in_new+in_older+in_old.x"),
        ('"in_old"&in_old', "Other", '"in_old"&in_new'),
        ("SUM(tblData[Old head])", "Other", "SUM(tblData[New head])"),
        ("TBLDATA[[#This Row],[old head]]*2", "Other", "TBLDATA[[#This Row],[New head]]*2"),
        ("tblOther[Old head]+mytblData[Old head]", "Other", "tblOther[Old head]+mytblData[Old head]"),
        ("SUM(5:6)", "Data", "SUM(7:8)"),
        ("XFE5+A1048577", "Data", "XFE5+A1048577"),
    ],
)
def test_a_formula_reads_as_the_new_layout_calls_things(formula: str, home: str, expected: str) -> None:
    assert REMAP.formula(formula, home) == expected


def test_a_reference_through_several_sheets_cannot_be_moved() -> None:
    with pytest.raises(WorkbookError, match="refers through several sheets at once"):
        REMAP.formula("SUM(Data:Other!A5)", "Mine")


def test_areas_move_by_their_corners_and_whole_columns_stay_whole() -> None:
    assert REMAP.areas("A5 A4:C6 C1:C1048576", "Data") == "A7 A4:D8 D1:D1048576"
    assert REMAP.areas("A5", "Other") == "A5"
    assert REMAP.title("DATA") == "Our data"
    assert REMAP.title("Other") == "Other"


# Rows inserted into a file ------------------------------------------------------------------------------------

TABLE = (
    f'<table xmlns="{MAIN}" id="1" name="tbl" displayName="tbl" ref="A1:B3"><autoFilter ref="A1:B3"/>'
    '<tableColumns count="2"><tableColumn id="1" name="Name"/><tableColumn id="2" name="Twice">'
    "<calculatedColumnFormula>A2*2</calculatedColumnFormula></tableColumn></tableColumns></table>"
)
ROWS = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Name</t></is></c><c r="B1" t="inlineStr"><is><t>Twice</t></is></c></row>'
    '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>A2*2</f><v>2</v></c></row>'
    '<row r="3" spans="1:2"><c r="A3"><v>3</v></c><c r="B3"><f>A3*2</f><v>6</v></c>'
    '<c r="D3"><f>SUM(A2:A3)</f></c></row>'
    '<row r="5"><c r="A5"><f>SUM(A2:A3)+A6</f><v>4</v></c></row><row r="6"><c r="A6"><v>7</v></c></row>'
)
AROUND = (
    '<mergeCells count="1"><mergeCell ref="A8:B8"/></mergeCells>'
    '<conditionalFormatting sqref="B2:B3"><cfRule type="expression" priority="1"><formula>A2&gt;A$6</formula>'
    '</cfRule></conditionalFormatting><dataValidations count="1"><dataValidation type="list" sqref="A3 A9">'
    "<formula1>A5</formula1></dataValidation></dataValidations>"
    '<hyperlinks><hyperlink ref="A6" location="Data!A5"/></hyperlinks>'
    '<rowBreaks count="1"><brk id="4" max="16383"/></rowBreaks>'
)
HANGING = {
    "xl/worksheets/_rels/sheet1.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{LINKS}/table" Target="../tables/table1.xml"/></Relationships>'
    ),
    "xl/tables/table1.xml": TABLE,
}


def with_table(rows: str = ROWS, around: str = AROUND, **more: str) -> Package:
    """A sheet with a table, and things below and beside it."""
    markup = sheet(f'<sheetData>{rows}</sheetData>{around}<tableParts count="1"><tablePart r:id="rId1"/></tableParts>')
    markup = markup.replace("<worksheet ", f'<worksheet xmlns:r="{LINKS}" ', 1)
    names = "<definedNames><definedName name='all'>Data!$A$2:$A$3</definedName></definedNames>"
    kind = f'<Override PartName="/xl/tables/table1.xml" ContentType="{TYPE}.table+xml"/>'
    return Package.read(
        zipped(parts(markup, workbook_inside=names, more={**HANGING, **more}, types=kind)), label="file.xlsx"
    )


def test_inserted_rows_move_all_that_names_a_place() -> None:
    package = with_table()
    (table,) = package.tables()
    insert_rows(package, table, 4)
    cells = {cell.ref: cell for cell in read_cells(package, "Data")}
    assert set(cells) == {"A1", "B1", "A2", "B2", "A3", "B3", "D3", "A9", "A10"}
    assert (cells["D3"].formula, cells["A9"].formula) == ("SUM(A2:A7)", "SUM(A2:A7)+A10")
    data = package.parts["xl/worksheets/sheet1.xml"].decode()
    for markup in (
        '<mergeCell ref="A12:B12"/>',
        'sqref="B2:B7"',
        "<formula>A2&gt;A$10</formula>",
        'sqref="A3:A7 A13"',
        "<formula1>A9</formula1>",
        '<hyperlink ref="A10" location="Data!A9"/>',
        '<brk id="8" max="16383"/>',
    ):
        assert markup in data
    (table,) = package.tables()
    assert table.ref == "A1:B7"
    assert b'<autoFilter ref="A1:B7"/>' in package.parts["xl/tables/table1.xml"]
    assert [name.text for name in package.defined_names()] == ["Data!$A$2:$A$7"]


def test_what_stands_above_keeps_its_bytes() -> None:
    package = with_table()
    insert_rows(package, package.tables()[0], 4)
    assert ROWS[: ROWS.index('<c r="D3"')].encode() in package.parts["xl/worksheets/sheet1.xml"]


@pytest.mark.parametrize(
    ("rows", "around", "reason"),
    [
        (
            ROWS,
            AROUND + "<!-- ours -->",
            "is not written as Excel writes it",
        ),
        (
            ROWS.replace('<c r="D3"><f>SUM(A2:A3)</f></c>', '<c r="D3"><f t="array" ref="D3:D4">A2:A3</f><v>1</v></c>'),
            AROUND,
            "Data!D3:D4: is an array beside the table tbl",
        ),
    ],
)
def test_what_would_be_torn_apart_is_named_and_nothing_changes(rows: str, around: str, reason: str) -> None:
    package = with_table(rows, around)
    before = dict(package.parts)
    with pytest.raises(WorkbookError, match=r"file\.xlsx: Data") as raised:
        insert_rows(package, package.tables()[0], 4)
    assert reason in str(raised.value)
    assert dict(package.parts) == before


def test_a_table_that_ends_the_sheet_grows_into_the_free() -> None:
    package = with_table(ROWS[: ROWS.index('<row r="5">')], "")
    before = package.parts["xl/worksheets/sheet1.xml"]
    insert_rows(package, package.tables()[0], 2)
    (table,) = package.tables()
    assert parse_area(table.ref).bottom == 5
    assert package.parts["xl/worksheets/sheet1.xml"] == before.replace(b"SUM(A2:A3)", b"SUM(A2:A5)")
