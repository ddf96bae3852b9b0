"""Two workbooks compared: each change is told once, at its cell, and nothing else is."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.table import Table

from tests.unit.workbooks.audited import Change as Edit
from tests.unit.workbooks.audited import cell, every, package
from tests.workbooks import EXAMPLE, changed, complaints, package_of, valuehour
from valuehour.ooxml import Package, cached, entered, patch_cells
from valuehour.workbooks.diff import Change, Kind, diff


def told(old: Package, new: Package) -> list[tuple[str, str, str, Any, Any]]:
    """Kind, action, place, old and new of every difference."""
    return [(c.kind.value, c.action, c.place, c.old, c.new) for c in diff(old, new).changes]


def edited(change: Edit) -> list[tuple[str, str, str, Any, Any]]:
    """What a change of the small model is told as."""
    return told(package(), package(change))


def saved(fill: Callable[[Any], None]) -> Package:
    """A workbook of one sheet."""
    book = Workbook()
    fill(book.active)
    stream = io.BytesIO()
    book.save(stream)
    return Package.read(stream.getvalue())


def test_equal_workbooks_do_not_differ() -> None:
    found = diff(package(), package())
    assert (found.changes, found.other_parts) == ((), ())


def test_an_input_that_changed_comes_first_with_its_name_and_what_follows_comes_last() -> None:
    found = diff(package_of(EXAMPLE), package_of(changed({"total_value": 90_000_000}))).changes
    first = found[0]
    assert (first.kind, first.action, first.place, first.name) == ("input", "changed", "Inputs!D14", "in_total_value")
    assert (first.old, first.new) == (88_000_000, 90_000_000)
    kinds = [list(Kind).index(change.kind) for change in found]
    assert kinds == sorted(kinds)
    assert {change.kind for change in found} == {Kind.INPUT, Kind.VALUE}
    assert "out_value_per_hour" in {change.name for change in found if change.kind is Kind.VALUE}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (cell("Inputs", "B2", 13.0), ("input", "changed", "Inputs!B2", 12.5, 13)),
        (cell("Inputs", "B2", "13"), ("input", "changed", "Inputs!B2", 12.5, "13")),
        (cell("Inputs", "B2", None), ("input", "removed", "Inputs!B2", 12.5, None)),
        (cell("Inputs", "B9", 1.0), ("input", "added", "Inputs!B9", None, 1)),
        (cell("Inputs", "A2", "Preis"), ("input", "changed", "Inputs!A2", "Price", "Preis")),
        (cell("Model", "H4", "=SUM(C4:F4)"), ("formula", "changed", "Model!H4", "=SUM(C4:G4)", "=SUM(C4:F4)")),
        (cell("Model", "H4", 5000.0), ("formula", "changed", "Model!H4", "=SUM(C4:G4)", 5000)),
        (cell("Model", "H4", None), ("formula", "removed", "Model!H4", "=SUM(C4:G4)", None)),
        (cell("Model", "H3", "=SUM(C3:G3)"), ("formula", "added", "Model!H3", None, "=SUM(C3:G3)")),
    ],
    ids=[
        "figure",
        "figure to text",
        "figure cleared",
        "figure entered",
        "label",
        "formula",
        "formula typed over",
        "formula cleared",
        "formula entered",
    ],
)
def test_one_cell_that_changed_is_one_difference(change: Edit, expected: tuple[Any, ...]) -> None:
    assert edited(change) == [expected]


def test_a_result_may_differ_in_its_last_digit_and_no_more() -> None:
    def with_total(value: float) -> Package:
        some = package(calculated=True)
        patch_cells(some, "Model", {"H4": cached(value)})
        return some

    base = with_total(1e6)
    assert told(base, with_total(1e6 * (1 + 4e-13))) == []
    assert told(base, with_total(1e6 * (1 + 4e-12))) == [("value", "changed", "Model!H4", 1_000_000, 1e6 * (1 + 4e-12))]


def test_what_is_left_when_large_operands_cancel_is_no_difference() -> None:
    def off_by(value: float) -> Package:
        some = saved(lambda sheet: sheet.append([88_000_000.5, 88_000_000.5, "=A1-B1"]))
        patch_cells(some, "Sheet", {"C1": cached(value)})
        return some

    assert told(off_by(0.0), off_by(1.5e-8)) == []
    assert told(off_by(0.0), off_by(1.5e-3)) == [("value", "changed", "Sheet!C1", 0, 0.0015)]


def test_what_was_typed_may_not_differ_at_all() -> None:
    assert edited(cell("Inputs", "B3", 0.03 * (1 + 1e-13))) == [
        ("input", "changed", "Inputs!B3", 0.03, pytest.approx(0.03, rel=1e-12))
    ]


def test_a_true_is_not_a_one() -> None:
    some = [saved(lambda sheet, value=value: sheet.append([value])) for value in (True, 1.0)]
    assert told(*some) == [("input", "changed", "Sheet!A1", True, 1)]


# Rows, columns, tables, sheets


def rows(names: list[str], shift: int = 0) -> Callable[[Any], None]:
    """A list with amounts and a formula beside each, a total, and a note that refers to it."""

    def fill(sheet: Any) -> None:
        top = 1 + shift
        for number in range(1, top):
            sheet.cell(number, 1, f"preface {number}")
        sheet.cell(top, 1, "Item")
        sheet.cell(top, 2, "Cost")
        for at, name in enumerate(names, top + 1):
            sheet.cell(at, 1, name)
            sheet.cell(at, 2, float(sum(map(ord, name))))
            sheet.cell(at, 3, f"=B{at}*$B${top + 1}")
        last = top + len(names)
        sheet.cell(last + 1, 1, "Total")
        sheet.cell(last + 1, 2, f"=SUM(B{top + 1}:B{last})")
        sheet.cell(last + 1, 3, f"=B{last + 1}-B{last}")

    return fill


NAMES = [f"item {number}" for number in range(200)]


def test_an_inserted_row_is_one_difference_not_hundreds() -> None:
    with_one_more = [*NAMES[:50], "new", *NAMES[50:]]
    assert told(saved(rows(NAMES)), saved(rows(with_one_more))) == [
        ("row", "added", "Sheet!A52:C52", None, f"new, {sum(map(ord, 'new'))}")
    ]


def test_a_removed_row_is_one_difference_not_hundreds() -> None:
    found = diff(saved(rows(NAMES)), saved(rows(NAMES[:50] + NAMES[51:]))).changes
    assert [(c.kind, c.action, c.place) for c in found] == [("row", "removed", "Sheet!A52:C52")]
    assert dict(found[0].cells) == {"A52": "item 50", "B52": sum(map(ord, "item 50")), "C52": "=B52*$B$2"}


def test_rows_pushed_down_do_not_differ_but_a_change_among_them_does() -> None:
    moved = saved(rows(NAMES, shift=3))
    patch_cells(moved, "Sheet", {"B100": entered(7.0)})
    found = diff(saved(rows(NAMES)), moved).changes
    assert [(c.kind.value, c.place, c.before) for c in found if c.kind is not Kind.ROW] == [
        ("input", "Sheet!B100", "B97")
    ]
    assert [c.place for c in found if c.kind is Kind.ROW] == ["Sheet!A1", "Sheet!A2", "Sheet!A3"]


def test_a_formula_that_was_not_adjusted_to_a_moved_row_differs() -> None:
    def stuck(sheet: Any) -> None:
        rows([*NAMES[:50], "new", *NAMES[50:]])(sheet)
        sheet["C203"] = "=B202-B201"

    found = diff(saved(rows(NAMES)), saved(stuck)).changes
    assert [(c.kind.value, c.place, c.old, c.new) for c in found if c.kind is Kind.FORMULA] == [
        ("formula", "Sheet!C203", "=B202-B201", "=B202-B201")
    ]


def test_an_inserted_column_is_one_difference() -> None:
    def wide(sheet: Any) -> None:
        for row in range(1, 30):
            sheet.append(
                [f"label {row}", f"note {row}", float(row), f"=C{row}*2"]
                if row > 1
                else ["Label", "Note", "Figure", "Twice"]
            )

    def narrow(sheet: Any) -> None:
        for row in range(1, 30):
            sheet.append([f"label {row}", float(row), f"=B{row}*2"] if row > 1 else ["Label", "Figure", "Twice"])

    found = diff(saved(narrow), saved(wide)).changes
    assert [(c.kind.value, c.action, c.place) for c in found] == [("column", "added", "Sheet!B1:B29")]


def table(records: list[tuple[Any, ...]], *, ref: str = "B3", extra: bool = False) -> Callable[[Any], None]:
    """A table of items, prices and a formula, somewhere on the sheet; a remark beside it."""

    def fill(sheet: Any) -> None:
        left, top = ord(ref[0]) - 64, int(ref[1:])
        heads = ["Item", "Price", *(["Owner"] if extra else []), "Gross"]
        for at, head in enumerate(heads):
            sheet.cell(top, left + at, head)
        for number, (item, price) in enumerate(records, top + 1):
            values = [item, price, *(["we"] if extra else []), "=tblItems[[#This Row],[Price]]*2"]
            for at, value in enumerate(values):
                sheet.cell(number, left + at, value)
        sheet.add_table(
            Table(displayName="tblItems", ref=f"{ref}:{chr(64 + left + len(heads) - 1)}{top + max(1, len(records))}")
        )
        sheet["H1"] = "=SUM(tblItems[Price])"

    return fill


ITEMS: list[tuple[Any, ...]] = [(f"item {number}", float(number)) for number in range(100)]


def test_a_row_inserted_in_a_table_is_one_difference_and_named_by_its_table() -> None:
    found = diff(saved(table(ITEMS)), saved(table([*ITEMS[:40], ("new", 5.0), *ITEMS[40:]]))).changes
    assert [(c.kind.value, c.action, c.place, c.name) for c in found] == [
        ("row", "added", "Sheet!B44:D44", "tblItems[Item], new")
    ]


def test_a_changed_row_of_a_sorted_table_is_found_by_its_key() -> None:
    backwards = [(name, 77.0 if name == "item 60" else price) for name, price in reversed(ITEMS)]
    found = diff(saved(table(ITEMS)), saved(table(backwards))).changes
    assert [(c.kind.value, c.action, c.place, c.name, c.old, c.new) for c in found] == [
        ("input", "changed", "Sheet!C43", "tblItems[Price], item 60", 60, 77),
        ("table", "reordered", "Sheet!B4:D103", "tblItems", None, None),
    ]
    assert found[0].before == "C64"


def test_a_moved_table_is_one_difference() -> None:
    found = diff(saved(table(ITEMS)), saved(table(ITEMS, ref="C7"))).changes
    assert [(c.kind.value, c.action, c.place, c.name, c.before) for c in found] == [
        ("table", "moved", "Sheet!C7:E107", "tblItems", "B3:D103")
    ]


def test_a_column_added_to_a_table_is_one_difference() -> None:
    found = diff(saved(table(ITEMS)), saved(table(ITEMS, extra=True))).changes
    assert [(c.kind.value, c.action, c.place, c.name) for c in found] == [
        ("column", "added", "Sheet!D3", "tblItems[Owner]")
    ]


def test_blank_rows_added_to_a_table_are_one_difference() -> None:
    blank = [(None, None)] * 3
    found = diff(saved(table([*ITEMS, *blank])), saved(table([*ITEMS, *blank, *blank]))).changes
    assert [(c.kind.value, c.old, c.new) for c in found if c.kind is Kind.TABLE] == [("table", "103 rows", "106 rows")]


def test_sheets_that_come_go_and_hide_are_told() -> None:
    def change(book: Any) -> None:
        del book["Guide"]
        book.create_sheet("Extra")["A1"] = "x"
        book["Costs"].sheet_state = "hidden"

    assert edited(change) == [
        ("sheet", "removed", "Guide", "1 cells", None),
        ("sheet", "changed", "Costs", "visible", "hidden"),
        ("sheet", "added", "Extra", None, "1 cells"),
    ]


def test_a_renamed_sheet_is_one_difference() -> None:
    def change(book: Any) -> None:
        book["Inputs"].title = "My inputs"
        for sheet in book:
            for line in sheet.iter_rows():
                for one in line:
                    if isinstance(one.value, str) and one.value.startswith("="):
                        one.value = one.value.replace("Inputs!", "'My inputs'!")
        book.defined_names["in_price"] = DefinedName("in_price", attr_text="'My inputs'!$B$2")

    found = edited(change)
    assert ("sheet", "renamed", "My inputs", "Inputs", "My inputs") in found
    # The column formula of the table is not a cell; every cell that calls the sheet by its new name is the same.
    assert [one for one in found if one[0] != "sheet"] == []


def test_names_that_point_elsewhere_are_told() -> None:
    def change(book: Any) -> None:
        book.defined_names["in_price"] = DefinedName("in_price", attr_text="Inputs!$B$3")
        book.defined_names["in_more"] = DefinedName("in_more", attr_text="Inputs!$B$4")

    assert edited(change) == [
        ("name", "changed", "in_price", "=Inputs!$B$2", "=Inputs!$B$3"),
        ("name", "added", "in_more", None, "=Inputs!$B$4"),
    ]


def test_a_format_is_no_difference_but_is_mentioned() -> None:
    found = diff(package(), package(lambda book: setattr(book["Inputs"]["B2"], "number_format", "0.000")))
    assert found.changes == ()
    assert found.other_parts == ("xl/styles.xml",)


@settings(max_examples=40)
@given(
    amounts=st.lists(st.integers(0, 3), min_size=3, max_size=25),
    spots=st.lists(st.integers(0, 25), min_size=1, max_size=3, unique=True),
)
def test_rows_put_anywhere_in_a_list_are_told_and_nothing_else(amounts: list[int], spots: list[int]) -> None:
    def listed(items: list[tuple[str, int]]) -> Package:
        def fill(sheet: Any) -> None:
            sheet.append(["Item", "Amount", "Twice", "So far"])
            for row, (item, amount) in enumerate(items, 2):
                sheet.append([item, float(amount), f"=B{row}+B{row}", f"=SUM(B$1:B{row})"])

        return saved(fill)

    items = [(f"item {number}", amount) for number, amount in enumerate(amounts)]
    more = list(items)
    for spot in spots:
        more.insert(min(spot, len(more)), (f"new {spot}", 1))
    for before, after, action in ((items, more, "added"), (more, items, "removed")):
        found = diff(listed(before), listed(after)).changes
        assert {(c.kind.value, c.action) for c in found} == {("row", action)}
        assert sorted(dict(c.cells)[c.place.split("!")[1].split(":")[0]] for c in found) == sorted(
            f"new {spot}" for spot in spots
        )


def test_a_large_sheet_with_a_row_inserted_at_its_top_is_compared_in_seconds() -> None:
    many = [f"item {number}" for number in range(8_000)]
    found = diff(saved(rows(many)), saved(rows(["first", *many]))).changes
    assert [(c.kind.value, c.action, c.place) for c in found if c.kind is not Kind.FORMULA] == [
        ("row", "added", "Sheet!A2:C2")
    ]


# The command


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    package_of(EXAMPLE).write(paths[0])
    package_of(changed({"total_value": 90_000_000})).write(paths[1])
    return paths


def test_the_command_shows_people_the_input_first_and_exits_with_one(files: tuple[Path, Path]) -> None:
    done = valuehour("diff", *files)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[:2] == ["Inputs (1)", "  Inputs!D14  in_total_value: 88,000,000 → 90,000,000"]
    assert "show them with --all" in done.stdout
    assert "show them with --all" not in valuehour("diff", *files, "--all").stdout


def test_the_command_gives_programs_everything(files: tuple[Path, Path]) -> None:
    done = valuehour("diff", *files, "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["same"]) == (1, False)
    assert report["changes"][0] == {
        "kind": "input",
        "action": "changed",
        "sheet": "Inputs",
        "cell": "D14",
        "name": "in_total_value",
        "old": 88_000_000,
        "new": 90_000_000,
    }


def test_the_command_exits_with_zero_when_nothing_differs(files: tuple[Path, Path]) -> None:
    done = valuehour("diff", files[0], files[0])
    assert (done.exit_code, done.stdout) == (0, "no difference in inputs, formulas and values\n")
    assert json.loads(valuehour("diff", files[0], files[0], "--json").stdout) == {
        "same": True,
        "changes": [],
        "other_parts": [],
    }


def test_bad_files_are_refused_in_one_line(files: tuple[Path, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(files[0].read_bytes()[:2000])
    for wrong in (tmp_path / "none.xlsx", broken):
        for pair in ((files[0], wrong), (wrong, files[0])):
            done = valuehour("diff", *pair)
            assert (done.exit_code, done.stdout) == (2, "")
            assert len(complaints(done)) == 1
            assert wrong.name in complaints(done)[0]


def test_formulas_filled_down_are_told_in_one_line(tmp_path: Path) -> None:
    for name, factor in (("a", "+1"), ("b", "+1+1")):
        many = every(*(cell("Costs", f"F{row}", f"=B{row}{factor}") for row in range(20, 60)))
        package(many).write(tmp_path / f"{name}.xlsx")
    lines = valuehour("diff", tmp_path / "a.xlsx", tmp_path / "b.xlsx").stdout.splitlines()
    assert lines == ["Formulas (40)", "  Costs!F20:F59 (40 cells): =B20+1 → =B20+1+1"]


def test_a_missing_cached_value_is_a_difference() -> None:
    some = package(calculated=True)
    patch_cells(some, "Model", {"H4": cached(None)})
    found: tuple[Change, ...] = diff(package(calculated=True), some).changes
    assert [(c.kind.value, c.place, c.new) for c in found] == [("value", "Model!H4", None)]


def test_of_two_long_formulas_the_part_that_differs_is_shown(tmp_path: Path) -> None:
    long = "+".join(f"B{row}" for row in range(11, 60))
    package(cell("Costs", "F20", f"={long}+C4")).write(tmp_path / "a.xlsx")
    package(cell("Costs", "F20", f"={long}+C5")).write(tmp_path / "b.xlsx")
    line = valuehour("diff", tmp_path / "a.xlsx", tmp_path / "b.xlsx").stdout.splitlines()[1]
    assert len(line) < 200
    before, after = line.split(" → ")
    assert before.endswith("+C4")
    assert after.endswith("+C5")
