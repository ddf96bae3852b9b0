from __future__ import annotations

import io

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.datavalidation import DataValidation

from tests.unit.ooxml.handmade import LINKS, MAIN, PACKAGE, TYPE, parts, saved, sheet, zipped
from valuehour.errors import CellError, WorkbookError
from valuehour.ooxml import (
    Package,
    Patch,
    cached,
    computed,
    dynamic_array_index,
    dynamic_array_metadata,
    entered,
    marked,
    patch_cells,
    read_cells,
)

SHEET = "xl/worksheets/sheet1.xml"


def patched(data: str | bytes, patches: dict[str, Patch], **more: object) -> str:
    """The sheet after a patch; fails when any other part changed."""
    package = Package.read(zipped(parts(data, **more)))  # type: ignore[arg-type]
    before = dict(package.parts)
    patch_cells(package, "Data", patches)
    assert {name for name in before if package.parts.get(name) != before[name]} <= {SHEET}
    assert list(package.parts) == list(before)
    return package.parts[SHEET].decode()


def changes(data: str, patches: dict[str, Patch], old: str, new: str) -> None:
    """The patch replaces the one occurrence of ``old`` by ``new`` and nothing else."""
    whole = data if "worksheet" in data else sheet(data)
    assert whole.count(old) == 1
    assert patched(data, patches) == whole.replace(old, new)


ODD = (
    '\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n<!-- head -->\r\n'
    f"<x:worksheet xmlns:x='{MAIN}' xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006' "
    "xmlns:q='urn:q' mc:Ignorable='q'>\r\n"
    "<mc:AlternateContent><mc:Choice Requires='q'><q:sheetData><q:row r='9'/></q:sheetData></mc:Choice>"
    "</mc:AlternateContent>\r\n"
    "<x:dimension ref='B2:C3'/>\r\n<x:sheetData  >\r\n"
    "  <x:row r='2' spans='2:3' q:note='a > b'>\r\n"
    "    <x:c r='B2' s='4' ><x:f >A1 &gt; 1</x:f ><!-- v --><x:v >1</x:v ></x:c >\r\n"
    "    <x:c r='C2' t='s'\r\n s='5'><x:v>0</x:v></x:c>\r\n"
    "  </x:row >\r\n  <x:row r='3'/>\r\n  <x:row/>\r\n  <x:row  r='7' ><x:c/><x:c><x:v>2</x:v></x:c></x:row>\r\n"
    "</x:sheetData>\r\n<x:legacy><x:c r='Z9'><x:v>7</x:v></x:c></x:legacy>\r\n</x:worksheet>\r\n<!-- tail -->"
)
ODD_PARTS = {
    "links": f'<Relationship Id="rId2" Type="{LINKS}/sharedStrings" Target="sharedStrings.xml"/>',
    "more": {"xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>zero</t></si></sst>'},
}


@pytest.mark.parametrize(
    ("ref", "patch", "old", "new"),
    [
        ("B2", cached(2.5), "<x:v >1</x:v >", "<x:v>2.5</x:v>"),
        (
            "B2",
            cached("<a>"),
            "s='4' ><x:f >A1 &gt; 1</x:f ><!-- v --><x:v >1</x:v >",
            "s='4' t=\"str\" ><x:f >A1 &gt; 1</x:f ><!-- v --><x:v>&lt;a&gt;</x:v>",
        ),
        (
            "C2",
            entered(True),
            "<x:c r='C2' t='s'\r\n s='5'><x:v>0</x:v>",
            "<x:c r='C2' t=\"b\"\r\n s='5'><x:v>1</x:v>",
        ),
        ("C2", entered(3), " t='s'\r\n s='5'><x:v>0</x:v>", "\r\n s='5'><x:v>3</x:v>"),
        ("C2", entered(None, style=6), " t='s'\r\n s='5'><x:v>0</x:v>", '\r\n s="6">'),
        ("A2", entered(1), "    <x:c r='B2'", "    <x:c r=\"A2\"><x:v>1</x:v></x:c><x:c r='B2'"),
        ("D2", entered(1), "  </x:row >", '  <x:c r="D2"><x:v>1</x:v></x:c></x:row >'),
        ("B3", entered(1), "<x:row r='3'/>", "<x:row r='3'><x:c r=\"B3\"><x:v>1</x:v></x:c></x:row>"),
        ("C4", entered(1), "<x:row/>", '<x:row><x:c r="C4"><x:v>1</x:v></x:c></x:row>'),
        (
            "B5",
            entered(1),
            "<x:row  r='7' >",
            '<x:row r="5"><x:c r="B5"><x:v>1</x:v></x:c></x:row><x:row  r=\'7\' >',
        ),
        ("A7", entered("x"), "<x:c/>", '<x:c t="inlineStr"><x:is><x:t>x</x:t></x:is></x:c>'),
        ("B7", entered(9), "<x:v>2</x:v>", "<x:v>9</x:v>"),
        ("C9", entered(1), "</x:sheetData>", '<x:row r="9"><x:c r="C9"><x:v>1</x:v></x:c></x:row></x:sheetData>'),
    ],
)
def test_only_the_addressed_bytes_of_an_odd_sheet_change(ref: str, patch: Patch, old: str, new: str) -> None:
    # What lies outside the declared dimension widens it; all cases but those stay byte for byte.
    assert ODD.count(old) == 1
    expected = ODD.replace(old, new)
    widened = {"A2": "A2:C3", "D2": "B2:D3", "C4": "B2:C4", "B5": "B2:C5", "C9": "B2:C9"}
    if ref in widened:
        expected = expected.replace("ref='B2:C3'", f'ref="{widened[ref]}"')
    assert patched(ODD.encode(), {ref: patch}, **ODD_PARTS) == expected


def test_many_patches_at_once_give_what_they_give_one_by_one() -> None:
    patches = {
        "C9": entered("end"),
        "B2": cached(2.5),
        "A2": entered(1),
        "D2": entered(2),
        "A3": entered(3),
        "B3": entered(4),
        "A1": entered(0),
        "B5": computed("B2", 2.5),
        "A6": entered(5),
    }
    at_once = patched(ODD.encode(), patches, **ODD_PARTS)
    package = Package.read(zipped(parts(ODD.encode(), **ODD_PARTS)))  # type: ignore[arg-type]
    for ref, patch in sorted(patches.items(), key=lambda item: (item[0][1:], item[0])):
        patch_cells(package, "Data", {ref: patch})
    assert package.parts[SHEET].decode() == at_once
    refs = [cell.ref for cell in read_cells(package, "Data")]
    assert refs == ["A1", "A2", "B2", "C2", "D2", "A3", "B3", "B5", "A6", "A7", "B7", "C9"]


def test_a_dimension_that_is_none_is_left_alone() -> None:
    data = sheet('<dimension ref="none"/><sheetData/>')
    new = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
    changes(data, {"A1": entered(1)}, "<sheetData/>", new)


@pytest.mark.parametrize("empty", ["<sheetData/>", "<sheetData />", "<sheetData></sheetData>"])
def test_the_first_cell_of_an_empty_sheet_can_be_written(empty: str) -> None:
    assert patched(empty, {"B2": entered(1)}) == sheet('<sheetData><row r="2"><c r="B2"><v>1</v></c></row></sheetData>')


def test_rows_out_of_order_are_found_and_new_ones_go_before_a_later_row() -> None:
    data = '<sheetData><row r="5"><c r="A5"><v>5</v></c></row><row r="2"><c r="A2"><v>2</v></c></row></sheetData>'
    changes(data, {"A2": entered(7)}, "<v>2</v>", "<v>7</v>")
    changes(data, {"A3": entered(7)}, '<row r="5">', '<row r="3"><c r="A3"><v>7</v></c></row><row r="5">')


def test_a_patch_with_the_value_that_is_there_changes_no_byte() -> None:
    data = '<sheetData><row r="1"><c r="A1" t="str"><f>"a"</f><v>a</v></c><c r="B1"><v>5</v></c></row></sheetData>'
    assert patched(data, {"A1": cached("a"), "B1": entered(5)}) == sheet(data)
    assert patched(data, {}) == sheet(data)


@pytest.mark.parametrize(
    ("value", "markup"),
    [
        (1, "<v>1</v>"),
        (0.1 + 0.2, "<v>0.30000000000000004</v>"),
        (1e300, "<v>1e+300</v>"),
        (5.0, "<v>5</v>"),
        (123456789012345678, "<v>1.2345678901234568e+17</v>"),
    ],
)
def test_numbers_keep_every_digit(value: float, markup: str) -> None:
    data = '<sheetData><row r="1"><c r="A1"><f>B1</f></c></row></sheetData>'
    changes(data, {"A1": cached(value)}, "<f>B1</f>", f"<f>B1</f>{markup}")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400])
def test_numbers_that_no_cell_can_hold_are_refused(value: float) -> None:
    with pytest.raises(WorkbookError, match=r"Data!A1: .* is no number that a cell can hold"):
        patched("<sheetData/>", {"A1": entered(value)})


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("plain", "<t>plain</t>"),
        (" a", '<t xml:space="preserve"> a</t>'),
        ("a\nb", '<t xml:space="preserve">a\nb</t>'),
        ("a\r\nb\x0b", '<t xml:space="preserve">a_x000D_\nb_x000B_</t>'),
        ("_x000B_ and _x0041", "<t>_x005F_x000B_ and _x0041</t>"),
        ("_x0041\x01", "<t>_x005F_x0041_x0001_</t>"),
        ("=1+1 & <b>]]>", "<t>=1+1 &amp; &lt;b&gt;]]&gt;</t>"),
        ("\ud83d€", "<t>_xD83D_€</t>"),
        ("", "<t></t>"),
    ],
)
def test_text_is_stored_as_excel_stores_it(text: str, markup: str) -> None:
    package = Package(parts('<sheetData><row r="1"><c r="A1" s="2"/></row></sheetData>'))
    patch_cells(package, "Data", {"A1": entered(text)})
    assert package.parts[SHEET].decode() == sheet(
        f'<sheetData><row r="1"><c r="A1" s="2" t="inlineStr"><is>{markup}</is></c></row></sheetData>'
    )
    (cell,) = read_cells(package, "Data")
    assert cell.value == text


def test_text_beyond_what_a_cell_holds_is_refused() -> None:
    patched("<sheetData/>", {"A1": entered("x" * 32_767)})
    with pytest.raises(WorkbookError, match="the text has 32768 characters; a cell holds 32767"):
        patched("<sheetData/>", {"A1": entered("x" * 32_768)})
    with pytest.raises(WorkbookError, match="a cell holds 32767"):
        patched("<sheetData/>", {"A1": entered("🙂" * 16_384)})


def test_errors_and_truth_values_keep_their_type() -> None:
    data = '<sheetData><row r="1"><c r="A1" t="str"><f>B1</f><v>x</v></c></row></sheetData>'
    changes(data, {"A1": cached(CellError.NA)}, 't="str"><f>B1</f><v>x</v>', 't="e"><f>B1</f><v>#N/A</v>')
    changes(data, {"A1": cached(False)}, 't="str"><f>B1</f><v>x</v>', 't="b"><f>B1</f><v>0</v>')
    changes(data, {"A1": cached(None)}, ' t="str"><f>B1</f><v>x</v>', "><f>B1</f>")


def test_a_new_value_drops_the_mark_of_a_rich_value() -> None:
    data = '<sheetData><row r="1"><c r="A1" t="e" vm="3"><v>#VALUE!</v></c></row></sheetData>'
    changes(data, {"A1": entered(4)}, ' t="e" vm="3"><v>#VALUE!</v>', "><v>4</v>")


def test_a_style_alone_can_be_set_on_any_cell() -> None:
    data = '<sheetData><row r="1"><c r="A1" s="1"><f>B1</f><v>2</v></c></row></sheetData>'
    changes(data, {"A1": Patch(style=7)}, 's="1"', 's="7"')
    changes(data, {"B1": Patch(style=7)}, "</row>", '<c r="B1" s="7"/></row>')


# Formulas ---------------------------------------------------------------------------------------------------


def test_a_formula_can_be_set_marked_and_replaced() -> None:
    data = '<sheetData><row r="1"><c r="A1" s="1"><f>B1</f><v>2</v></c></row></sheetData>'
    changes(
        data, {"A1": computed('IF(B1<1,"a&b",2)', 3)}, "<f>B1</f><v>2</v>", '<f>IF(B1&lt;1,"a&amp;b",2)</f><v>3</v>'
    )
    changes(data, {"A1": marked("A1", 1)}, 's="1"><f>', 's="1" cm="1"><f t="array" ref="A1">')
    changes(data, {"A1": entered("x")}, "><f>B1</f><v>2</v>", ' t="inlineStr"><is><t>x</t></is>')
    changes(
        data,
        {"B1": computed("_xlfn.SEQUENCE(2)", 1, "B1:B2", 1, style=4), "B2": cached("two")},
        "</row>",
        '<c r="B1" s="4" cm="1"><f t="array" ref="B1:B2">_xlfn.SEQUENCE(2)</f><v>1</v></c></row>'
        '<row r="2"><c r="B2" t="str"><v>two</v></c></row>',
    )


def test_an_array_can_become_plain_again() -> None:
    data = "<sheetData><row r='1'><c r='A1' cm='1'><f t='array' ref='A1' ca='1'>B1</f><v>2</v></c></row></sheetData>"
    changes(data, {"A1": Patch(array_ref=None, cm=None)}, " cm='1'><f t='array' ref='A1' ca='1'>", "><f ca='1'>")
    changes(
        data, {"A1": computed("B2", 1)}, " cm='1'><f t='array' ref='A1' ca='1'>B1</f><v>2</v>", "><f>B2</f><v>1</v>"
    )


def test_a_typed_value_can_become_a_formula() -> None:
    data = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
    old = ' t="inlineStr"><is><t>x</t></is>'
    changes(data, {"A1": computed("B1", 2)}, old, "><f>B1</f><v>2</v>")
    changes(data, {"A1": computed("B1", "y")}, old, ' t="str"><f>B1</f><v>y</v>')


def test_a_computed_value_needs_a_formula() -> None:
    data = '<sheetData><row r="1"><c r="A1"><v>2</v></c></row></sheetData>'
    for ref in ("A1", "B1"):
        with pytest.raises(WorkbookError, match=f"Data!{ref}: has no formula, so it takes no computed value"):
            patched(data, {ref: cached(1)})
    with pytest.raises(WorkbookError, match="Data!A1: has no formula, so it cannot become an array"):
        patched(data, {"A1": marked("A1", 1)})


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("", "not be empty"),
        ("=A1", "without its '='"),
        ("A1&" * 3000 + "A1", "9002 characters; Excel allows 8192"),
        ('"\x0b"', "control character"),
    ],
)
def test_formulas_that_cannot_be_stored_are_refused(formula: str, words: str) -> None:
    with pytest.raises(WorkbookError, match=words):
        patched("<sheetData/>", {"A1": computed(formula, 1)})


SPILL = (
    '<sheetData><row r="1"><c r="A1" cm="1"><f t="array" ref="A1:A2">B1:B2</f><v>1</v></c></row>'
    '<row r="2"><c r="A2"><v>2</v></c></row></sheetData>'
)


def test_cells_that_an_array_fills_take_cached_values_and_missing_ones_are_made() -> None:
    changes(SPILL, {"A2": cached("x")}, '<c r="A2"><v>2</v>', '<c r="A2" t="str"><v>x</v>')
    changes(
        SPILL.replace('<row r="2"><c r="A2"><v>2</v></c></row>', ""),
        {"A2": cached(3)},
        "</sheetData>",
        '<row r="2"><c r="A2"><v>3</v></c></row></sheetData>',
    )


@pytest.mark.parametrize("ref", ["A1", "A2"])
def test_a_part_of_an_array_cannot_be_overwritten(ref: str) -> None:
    with pytest.raises(WorkbookError, match=f"Data!{ref}: is part of the array A1:A2"):
        patched(SPILL, {ref: entered(1)})


def test_a_whole_array_can_be_overwritten_or_computed_anew() -> None:
    assert patched(SPILL, {"A1": entered(1), "A2": entered(2)}) == sheet(SPILL).replace(
        ' cm="1"><f t="array" ref="A1:A2">B1:B2</f>', ">"
    )
    changes(
        SPILL,
        {"A1": computed("C1:C3", 5, "A1:A3", 1), "A3": cached(7)},
        'ref="A1:A2">B1:B2</f><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>',
        'ref="A1:A3">C1:C3</f><v>5</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
        '<row r="3"><c r="A3"><v>7</v></c></row>',
    )


SHARED = (
    '<sheetData><row r="1"><c r="A1"><f t="shared" ref="A1:A3" si="0">B1*2</f><v>1</v></c></row>'
    '<row r="2"><c r="A2"><f t="shared" si="0"/><v>2</v></c></row>'
    '<row r="3"><c r="A3"><f t="shared" si="0"/><v>3</v></c></row></sheetData>'
)


def test_overwriting_the_master_of_a_shared_formula_keeps_the_others_calculating() -> None:
    after = patched(SHARED, {"A1": entered(9), "A2": cached(8)})
    assert after == sheet(
        '<sheetData><row r="1"><c r="A1"><v>9</v></c></row>'
        '<row r="2"><c r="A2"><f>B2*2</f><v>8</v></c></row>'
        '<row r="3"><c r="A3"><f>B3*2</f><v>3</v></c></row></sheetData>'
    )


def test_a_new_formula_for_the_master_of_a_shared_formula_keeps_the_others_calculating() -> None:
    after = patched(SHARED, {"A1": computed("C1", 7), "A3": computed("C3", 7)})
    assert '<c r="A1"><f>C1</f><v>7</v></c>' in after
    assert '<c r="A2"><f>B2*2</f><v>2</v></c>' in after
    assert '<c r="A3"><f>C3</f><v>7</v></c>' in after


def test_overwriting_a_member_of_a_shared_formula_changes_that_cell_only() -> None:
    changes(SHARED, {"A2": entered(9)}, '<f t="shared" si="0"/><v>2</v>', "<v>9</v>")
    with pytest.raises(WorkbookError, match="Data!A2: is part of a shared formula"):
        patched(SHARED, {"A2": marked("A2", 1)})


# The calculation chain --------------------------------------------------------------------------------------


def chained() -> dict[str, bytes]:
    return parts(
        '<sheetData><row r="1"><c r="A1"><f>B1</f><v>2</v></c><c r="C1"><f>B1</f><v>2</v></c></row></sheetData>',
        types=f'<Override PartName="/xl/calcChain.xml" ContentType="{TYPE}.calcChain+xml"/>',
        links=f'<Relationship Id="rId5" Type="{LINKS}/calcChain" Target="calcChain.xml"/>',
        more={"xl/calcChain.xml": f'<calcChain xmlns="{MAIN}"><c r="A1" i="1"/><c r="C1"/></calcChain>'},
    )


@pytest.mark.parametrize("patch", [entered(1), entered(None), computed("B2", 1), marked("A1", None)])
def test_the_calculation_chain_goes_when_a_formula_changes(patch: Patch) -> None:
    package = Package(chained())
    patch_cells(package, "Data", {"A1": patch})
    before = chained()
    types = f'<Override PartName="/xl/calcChain.xml" ContentType="{TYPE}.calcChain+xml"/>'.encode()
    link = f'<Relationship Id="rId5" Type="{LINKS}/calcChain" Target="calcChain.xml"/>'.encode()
    assert "xl/calcChain.xml" not in package.parts
    assert package.parts["[Content_Types].xml"] == before["[Content_Types].xml"].replace(types, b"")
    rels = "xl/_rels/workbook.xml.rels"
    assert package.parts[rels] == before[rels].replace(link, b"")


def test_the_calculation_chain_stays_when_only_values_change() -> None:
    package = Package(chained())
    patch_cells(package, "Data", {"A1": cached(1), "E1": entered(2)})
    assert {name for name, data in chained().items() if package.parts.get(name) != data} == {SHEET}


# Refusals leave everything as it was ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (f'<worksheet xmlns="{MAIN}"/>', "has no <sheetData>"),
        (f'<dialogsheet xmlns="{MAIN}"/>', "is not a worksheet"),
        (sheet('<sheetData><row r="1"/><row r="1"/></sheetData>'), "holds row 1 twice"),
        (sheet('<sheetData><row r="1"><c r="A1"/><c r="A1"/></row></sheetData>'), "A1: is there twice"),
        (sheet('<sheetData><row r="1"><c r="A2"/></row></sheetData>'), "A2: stands in row 1"),
        (sheet("<sheetData/>").replace("UTF-8", "UTF-16").encode("utf-16"), "only UTF-8 sheets"),
    ],
)
def test_sheets_that_cannot_be_patched_safely_are_refused(data: str | bytes, words: str) -> None:
    some = parts()
    some[SHEET] = data.encode() if isinstance(data, str) else data
    package = Package(dict(some))
    with pytest.raises(WorkbookError, match=words):
        patch_cells(package, "Data", {"A1": entered(1), "B7": entered(2)})
    assert package.parts == some


def test_one_bad_patch_among_good_ones_changes_nothing() -> None:
    package = Package(chained())
    with pytest.raises(WorkbookError, match="Data!D1"):
        patch_cells(package, "Data", {"A1": entered(1), "D1": cached(2)})
    assert package.parts == chained()
    with pytest.raises(WorkbookError, match="Data!A1: is addressed twice"):
        patch_cells(package, "Data", {"A1": entered(1), "$a$1": entered(2)})


# Files of other programs ------------------------------------------------------------------------------------


def test_a_workbook_of_openpyxl_keeps_everything_that_was_not_addressed() -> None:
    book = Workbook()
    page = book.active
    page.title = "Data"
    for row in range(1, 30):
        page.append([row, f"text {row}", f"=A{row}*2", None, row % 2 == 0])
    page["B2"].comment = Comment("keep", "me")
    check = DataValidation(type="list", formula1='"a,b"')
    check.add("D1:D9")
    page.add_data_validation(check)
    page.merge_cells("F1:G2")
    package = Package.read(saved(book))
    before = dict(package.parts)
    patch_cells(package, "Data", {f"C{row}": cached(row * 2) for row in range(1, 30)} | {"D40": entered("new")})
    assert {name for name in before if package.parts[name] != before[name]} == {SHEET}
    expected = before[SHEET].replace(b'ref="A1:G29"', b'ref="A1:G40"')
    for row in range(1, 30):
        head = b"<f>A%d*2</f>" % row
        start = expected.index(head) + len(head)
        end = expected.index(b"</c>", start)
        expected = expected[:start] + b"<v>%d</v>" % (row * 2) + expected[end:]
    new = b'<row r="40"><c r="D40" t="inlineStr"><is><t>new</t></is></c></row></sheetData>'
    assert package.parts[SHEET] == expected.replace(b"</sheetData>", new)
    values = load_workbook(io.BytesIO(package.to_bytes()), data_only=True)["Data"]
    assert [values.cell(row, 3).value for row in range(1, 30)] == [row * 2 for row in range(1, 30)]
    assert values["D40"].value == "new"


# Dynamic array metadata -------------------------------------------------------------------------------------


def test_metadata_is_added_once_and_where_it_belongs() -> None:
    package = Package(parts())
    assert dynamic_array_index(package) is None
    assert dynamic_array_metadata(package) == 1
    first = dict(package.parts)
    assert dynamic_array_metadata(package) == dynamic_array_index(package) == 1
    assert package.parts == first
    assert package.content_type("xl/metadata.xml") == f"{TYPE}.sheetMetadata+xml"
    assert package.related_part("sheetMetadata") == "xl/metadata.xml"


def test_metadata_of_another_kind_is_kept_and_added_to() -> None:
    other = (
        f'<x:metadata xmlns:x="{MAIN}"><x:metadataTypes count="1"><x:metadataType name="XLRICHVALUE"/>'
        '</x:metadataTypes><x:futureMetadata name="XLRICHVALUE" count="1"><x:bk/></x:futureMetadata>'
        '<x:valueMetadata count="1"><x:bk><x:rc t="1" v="0"/></x:bk></x:valueMetadata></x:metadata>'
    )
    package = Package(
        parts(
            more={"xl/metadata.xml": other},
            links=f'<Relationship Id="rId5" Type="{LINKS}/sheetMetadata" Target="metadata.xml"/>',
        )
    )
    assert dynamic_array_index(package) is None
    assert dynamic_array_metadata(package) == 1
    text = package.parts["xl/metadata.xml"].decode()
    assert '<x:metadataTypes count="2"><x:metadataType name="XLRICHVALUE"/><x:metadataType name="XLDAPR"' in text
    assert '</x:futureMetadata><x:futureMetadata name="XLDAPR" count="1"><x:bk><x:extLst>' in text
    assert '<x:cellMetadata count="1"><x:bk><x:rc t="2" v="0"/></x:bk></x:cellMetadata><x:valueMetadata' in text
    assert dynamic_array_metadata(package) == 1
    assert package.parts["xl/metadata.xml"].decode() == text


def test_a_metadata_part_that_is_none_is_refused_and_left() -> None:
    link = f'<Relationship Id="rId5" Type="{LINKS}/sheetMetadata" Target="metadata.xml"/>'
    package = Package(parts(more={"xl/metadata.xml": "<other/>"}, links=link))
    with pytest.raises(WorkbookError, match="cannot take a <metadataTypes>"):
        dynamic_array_metadata(package)
    assert package.parts["xl/metadata.xml"] == b"<other/>"


def test_collapsed_arrays_are_another_kind_and_get_no_marks_from_us() -> None:
    package = Package(parts())
    dynamic_array_metadata(package)
    package.parts["xl/metadata.xml"] = package.parts["xl/metadata.xml"].replace(b'fCollapsed="0"', b'fCollapsed="1"')
    assert dynamic_array_index(package) is None
    assert dynamic_array_metadata(package) == 2
    assert package.parts["xl/metadata.xml"].count(b"<rc ") == 2


def test_relationship_parts_are_made_when_there_are_none() -> None:
    package = Package(parts())
    package.add_part("xl/x.xml", b"<x/>", "application/x+xml", SHEET, f"{LINKS}/x")
    assert [link.target for link in package.relationships(SHEET)] == ["xl/x.xml"]
    package.add_part("xl/y.xml", b"<y/>", "application/y+xml", SHEET, f"{LINKS}/y")
    assert [link.id for link in package.relationships(SHEET)] == ["rId1", "rId2"]
    assert f"{PACKAGE}/relationships".encode() in package.parts["xl/worksheets/_rels/sheet1.xml.rels"]
