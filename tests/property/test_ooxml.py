from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ooxml.handmade import parts, zipped
from valuehour.errors import CellError, WorkbookError
from valuehour.ooxml import (
    Package,
    cached,
    column_letters,
    computed,
    entered,
    format_cell,
    parse_cell,
    patch_cells,
    read_cells,
    shift_formula,
)
from valuehour.workbooks.lint import RULES
from valuehour.workbooks.lint.formulas import analyse

SHEET = "xl/worksheets/sheet1.xml"

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)  # surrogates and control characters included
ESCAPES = st.lists(
    st.sampled_from(["_", "x", "_x000B_", "x0041", "\x0b", "\r", "\n", "_x", "005F", "é", "\ufffe", " "]), max_size=9
).map("".join)
# Two lone halves that happen to stand side by side are one character to every reader.
TEXT = (ANY_TEXT | ESCAPES).filter(lambda text: not re.search("[\ud800-\udbff][\udc00-\udfff]", text))
NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**17), 10**17).map(float)
    | st.sampled_from([5e-324, 1.7976931348623157e308, -0.0, 0.1 + 0.2, 123456789012345.6, 1e15, 1e16])
)
VALUES = TEXT | NUMBERS | st.booleans() | st.sampled_from(list(CellError))
REFS = st.builds(format_cell, st.integers(1, 12), st.integers(1, 8))


def handmade() -> Package:
    return Package(
        parts(
            '<sheetData><row r="2"><c r="B2" s="1"><f>A1</f><v>1</v></c><c r="D2" t="b"><v>1</v></c></row>'
            '<row r="4"/><row r="6" ht="20"><c r="A6" s="3"/><c r="C6"><f>A1</f></c></row></sheetData>'
        )
    )


def same(value: object, other: object) -> bool:
    return type(value) is type(other) and repr(value) == repr(other)


@given(st.dictionaries(REFS, VALUES, max_size=12))
def test_what_is_entered_is_read_back(values: dict[str, str | float | bool | CellError]) -> None:
    package = handmade()
    before = {cell.ref: cell for cell in read_cells(package, "Data")}
    patch_cells(package, "Data", {ref: entered(value) for ref, value in values.items()})
    after = {cell.ref: cell for cell in read_cells(package, "Data")}
    assert after.keys() == before.keys() | values.keys()
    for ref, cell in after.items():
        if ref in values:
            assert same(cell.value, values[ref])
            assert cell.formula is None
            assert cell.style == (before[ref].style if ref in before else 0)
        else:
            assert cell == before[ref]
    order = [parse_cell(ref) for ref in after]
    assert order == sorted(order)
    package.check()
    assert {name for name, data in handmade().parts.items() if package.parts[name] != data} <= {SHEET}


@given(VALUES, VALUES)
def test_a_cached_value_leaves_the_formula_and_every_other_byte(
    value: str | float | bool | CellError, other: str | float | bool | CellError
) -> None:
    package = handmade()
    patch_cells(package, "Data", {"B2": cached(value), "C6": computed("A1", other)})
    found = {cell.ref: cell for cell in read_cells(package, "Data")}
    assert same(found["B2"].value, value)
    assert same(found["C6"].value, other)
    assert found["B2"].formula == found["C6"].formula == "A1"
    restored = package.copy()
    patch_cells(restored, "Data", {"B2": cached(1), "C6": cached(None)})
    assert restored.parts[SHEET] == handmade().parts[SHEET]


@given(REFS, VALUES)
def test_an_undone_entry_leaves_only_its_own_cell_behind(ref: str, value: str | float | bool | CellError) -> None:
    package = handmade()
    patch_cells(package, "Data", {ref: entered(value)})
    data, original = package.parts[SHEET], handmade().parts[SHEET]
    head = 0
    while head < min(len(data), len(original)) and data[head] == original[head]:
        head += 1
    tail = 0
    while tail < min(len(data), len(original)) - head and data[-1 - tail] == original[-1 - tail]:
        tail += 1
    # What changed of the original is at most the one cell, its row's closing or an empty row's tag.
    assert len(original) - head - tail <= len('<c r="B2" s="1"><f>A1</f><v>1</v></c>')
    assert original.count(b"<c ") - data.count(b"<c ") in (0, -1)


@given(st.dictionaries(st.sampled_from(["a", "ab", "b", "c/d"]), st.binary(max_size=6), max_size=4))
def test_two_contents_never_share_a_digest(some: dict[str, bytes]) -> None:
    digest = Package(some).digest()
    assert digest == Package(dict(reversed(some.items()))).digest()
    for name in some:
        assert digest != Package({**some, name: some[name] + b"\0"}).digest()
        assert digest != Package({key: data for key, data in some.items() if key != name}).digest()


@given(
    st.integers(1, 500),
    st.integers(1, 500),
    st.integers(-400, 400),
    st.integers(-400, 400),
    st.sampled_from(["", "$"]),
    st.sampled_from(["", "$"]),
)
def test_a_moved_reference_moves_back(row: int, column: int, down: int, right: int, mark: str, other: str) -> None:
    formula = f"SUM({mark}{column_letters(column)}{other}{row},'A1'!B2)"
    moved = shift_formula(formula, down, right)
    lost = (not other and row + down < 1) or (not mark and column + right < 1)
    assert ("#REF!" in moved.split(",")[0]) is lost
    if not lost and "#REF!" not in moved:
        assert shift_formula(moved, -down, -right) == formula


WHOLE = zipped(handmade().parts)


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_file_is_read_or_refused_and_never_crashes(damage: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for position, byte in damage:
        data[position] = byte
    with contextlib.suppress(WorkbookError):
        package = Package.read(bytes(data))
        for sheet in package.worksheets():
            list(read_cells(package, sheet))


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail))
def test_bytes_that_are_no_workbook_are_refused(data: bytes) -> None:
    with pytest.raises(WorkbookError):
        Package.read(data)


TAGS = (
    "<c>|</c>|<c r='A1'>|<c r='B2' t='s'>|<row>|</row>|<row r='0'>|<f>|</f>|<v>|</v>|<f t='shared' si='0'/>|"
    "<f t='array' ref='A1:B'>|<is>|</is>|<t>|</t>|1|x|<c/>"
)
CELL_MARKUP = st.lists(st.sampled_from(["", "<f>A1</f>", "<v>1</v>", "<v>x</v>", "<f t='shared' si='0'/>", "<is/>"]))
ROWS = st.lists(
    st.tuples(st.sampled_from(["<row>", "<row r='2'>", "<row r='3'>"]), st.lists(CELL_MARKUP, max_size=3)), max_size=3
).map(
    lambda rows: "".join(
        opening + "".join(f"<c>{''.join(inside)}</c>" for inside in cells) + "</row>" for opening, cells in rows
    )
)
MARKUP = st.lists(st.sampled_from(TAGS.split("|")), max_size=12).map("".join) | ROWS


@given(MARKUP, st.sampled_from(["A1", "B2", "C3"]))
def test_odd_cell_markup_is_read_and_patched_or_refused(markup: str, ref: str) -> None:
    some = parts(f"<sheetData>{markup}</sheetData>")
    try:
        package = Package.read(zipped(some))
        before = {cell.ref: cell for cell in read_cells(package, "Data")}
    except WorkbookError:
        return
    try:
        patch_cells(package, "Data", {ref: entered(7)})
    except WorkbookError:
        assert package.parts == some
        return
    after = {cell.ref: cell for cell in read_cells(package, "Data")}
    assert after[ref].value == 7.0
    assert {key: (cell.value, cell.formula) for key, cell in after.items() if key != ref} == {
        key: (cell.value, cell.formula) for key, cell in before.items() if key != ref
    }


FORMULAS = st.text("AB1#@[]()'\",;:!{}+*<>= $._%\\é", max_size=25) | st.lists(
    st.sampled_from(
        [
            "_xlfn.LET(",
            "_xlfn.LAMBDA(",
            "_xlpm.x",
            "_xlop.y",
            ",",
            ")",
            "tbl[",
            "[",
            "]",
            "#This Row",
            "A1",
            "#",
            "@",
            '"',
        ]
    ),
    max_size=12,
).map("".join)


@given(FORMULAS)
def test_the_lint_of_any_formula_gives_findings_and_no_crash(formula: str) -> None:
    for rule, found in analyse(formula).problems:
        assert rule in RULES
        assert found
