"""Very many new rows are written as they are asked for: the same cells as one by one, wherever they are read."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.ooxml.handmade import parts
from valuehour.errors import CellError, WorkbookError
from valuehour.ooxml import Cell, Package, Value, read_cells
from valuehour.ooxml.bulk import GrownSheet, LikeRows, append_rows

HEAD = '<row r="1" ht="30" customHeight="1"><c r="A1" s="1" t="inlineStr"><is><t>x</t></is></c><c r="B1" s="2"/></row>'
AFTER = '<row r="9"><c r="A9"><v>9</v></c></row>'
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUE = (
    st.none()
    | TEXT
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**15), 10**15)
    | st.booleans()
    | st.sampled_from([*CellError, "a|b", " a", "b ", "&<>", "_x000A_", "%s", "a\nb", ""])
)


def package(data: str = HEAD + AFTER) -> Package:
    return Package(parts(f"<sheetData>{data}</sheetData>"))


def pattern(formula: str | None = None) -> list[Cell]:
    cells = [cell for cell in read_cells(package(), "Data") if cell.row == 1]
    if formula is not None:
        cells.append(Cell("C1", 1, 3, formula, "normal", None, None, "n", None, False, 1))
    return cells


def grown(values: list[Any], *, formula: str | None = None, skip: int = 0) -> Package:
    found = package()
    append_rows(found, "Data", 1, LikeRows(pattern(formula), {1: values}, len(values) - skip, skip))
    return found


def stored(value: Value) -> Value:
    """A value as a cell gives it back."""
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


@given(values=st.lists(VALUE, min_size=1, max_size=7) | st.lists(TEXT, min_size=1, max_size=7))
def test_every_value_arrives_in_its_row_whatever_stands_beside_it(values: list[Any]) -> None:
    found = {cell.ref: cell for cell in read_cells(grown(values), "Data")}
    assert [found[f"A{row}"].value for row in range(2, len(values) + 2)] == [stored(value) for value in values]
    assert found["A2"].style == 1
    assert found["A9"].value == 9


def test_a_formula_follows_its_row_and_signs_of_a_pattern_are_kept() -> None:
    texts = ["100%", "%s", "%d"]
    cells = {cell.ref: cell for cell in read_cells(grown(texts, formula='A1&"%s"&$A$9'), "Data")}
    assert [cells[f"A{row}"].value for row in (2, 3, 4)] == texts
    assert [cells[f"C{row}"].formula for row in (2, 3, 4)] == [f'A{row}&"%s"&$A$9' for row in (2, 3, 4)]


def test_the_first_values_are_passed_over_when_other_rows_took_them() -> None:
    cells = {cell.ref: cell.value for cell in read_cells(grown([1.0, 2.0, 3.0], skip=1), "Data")}
    assert [cells.get(f"A{row}") for row in (2, 3, 4)] == [2.0, 3.0, None]


def test_a_streamed_part_and_its_bytes_are_one_content() -> None:
    found = grown([f"Workflow {number}" for number in range(10_000)], formula="A1")
    part = found.sheet("Data").part
    other = found.copy()
    digests = found.digest(), found.part_digests(), found.to_bytes()
    assert isinstance(found.parts.streamed(part), GrownSheet)
    assert Package.read(digests[2]).digest() == digests[0]
    assert other.parts[part].count(b"<row ") == 10_002
    assert other.parts.streamed(part) is None
    assert isinstance(found.parts.streamed(part), GrownSheet), "a copy that is looked into leaves the other as it is"
    assert (other.digest(), other.part_digests()) == digests[:2]
    assert found.to_bytes() == digests[2]
    assert found.to_bytes(compressed=False) != digests[2]
    assert Package.read(found.to_bytes(compressed=False)).digest() == digests[0]


def test_rows_come_into_a_sheet_that_had_none() -> None:
    found = Package(parts("<sheetData/>"))
    append_rows(found, "Data", 1, LikeRows(pattern(), {1: ["a", "b"]}, 2))
    assert [(cell.ref, cell.value) for cell in read_cells(found, "Data") if cell.value] == [("A2", "a"), ("A3", "b")]


@pytest.mark.parametrize(
    ("value", "words"),
    [(math.nan, "no number"), (math.inf, "no number"), ("x" * 32_768, "32767"), (10**400, "no number")],
)
@pytest.mark.parametrize("others", [["a"], [1.5], [None, True]])
def test_what_no_cell_can_hold_is_refused_before_anything_is_written(value: Any, words: str, others: list[Any]) -> None:
    found = package()
    before = found.digest()
    with pytest.raises(WorkbookError, match=f"Data!A{2 + len(others)}: .*{words}"):
        append_rows(found, "Data", 1, LikeRows(pattern(), {1: [*others, value]}, len(others) + 1))
    assert found.digest() == before
