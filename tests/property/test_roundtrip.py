"""For any data: what was filled is what is read, and filling it once more changes nothing."""

from __future__ import annotations

import datetime
import re
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.workbooks import EMPTY, EXAMPLE, cells_of, package_of
from valuehour.ooxml import Package
from valuehour.ooxml.insertion import Insertion
from valuehour.ooxml.reference import Area
from valuehour.workbooks.data import FIRST_DATE, LARGEST
from valuehour.workbooks.fill import apply, fill
from valuehour.workbooks.read import read
from valuehour.workbooks.records import checked
from valuehour.workbooks.templates import template

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=255)
ODD = st.sampled_from(["=1+1", "+1", "-1", "@A1", "'quoted", "''", " space ", "<b>&amp;", '"', "𝟜", "é", "x" * 255])
# What files read as an escaped character is refused as input.
WORDS = (TEXT | ODD).filter(lambda text: re.search("_x[0-9A-Fa-f]{4}_", text) is None)
FIGURE = (
    st.floats(0, LARGEST, allow_nan=False)
    | st.integers(0, 10**15)
    | st.sampled_from([123456789012345, 0.1, 1e-300, 5e-324])
)
DATE = st.dates(FIRST_DATE, datetime.date(9999, 12, 31))
RECORDS = st.lists(
    st.fixed_dictionaries(
        {"workflow": WORDS}, optional={"value_driver": WORDS, "value": FIGURE, "in_scope": st.just("yes")}
    ),
    max_size=20,
)
SPEC = template("value_model")


def plain(value: Any) -> Any:
    """A value as reading gives it back."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


@settings(max_examples=40)
@given(name=WORDS, source=WORDS, date=DATE, value=FIGURE, records=RECORDS)
@example(name="'=1", source="\U0001f600" * 100, date=FIRST_DATE, value=999_999_999_999_999, records=[])
def test_what_was_filled_is_read_again(
    name: str, source: str, date: datetime.date, value: float, records: list[Any]
) -> None:
    inputs = {"model_name": name, "years_source": source, "years_date": date, "total_value": value}
    data = {"inputs": inputs, "tables": {"tblWorkflows": records}}
    given_data, problems = checked(SPEC, data)
    assert problems == []
    package = Package.read(apply(package_of(EMPTY), given_data, calculate=False).package.to_bytes())
    contents = read(package)
    assert {key: contents.inputs[key] for key in inputs} == {key: plain(value) for key, value in inputs.items()}
    found = [
        {key: record[key] for key in given_record}
        for record, given_record in zip(contents.tables["tblWorkflows"], records, strict=True)
    ]
    assert found == [{key: plain(value) for key, value in record.items()} for record in records]
    assert not any(
        cell.formula for cell in cells_of(package).values() if cell.value in {name, source} and cell.type == "inlineStr"
    )


@settings(max_examples=15)
@given(records=RECORDS, name=WORDS)
def test_filling_with_what_read_returned_changes_nothing(records: list[Any], name: str) -> None:
    given_data, _ = checked(SPEC, {"inputs": {"model_name": name}, "tables": {"tblWorkflows": records}})
    package = apply(package_of(EXAMPLE), given_data, calculate=False).package
    again, problems = checked(SPEC, read(package).as_dict())
    assert problems == []
    assert apply(package, again).package.parts == package.parts


@settings(max_examples=15)
@given(key=st.sampled_from(["model_name", "years_source", "coverage_source"]), text=WORDS)
def test_filling_one_input_changes_one_typed_cell(key: str, text: str) -> None:
    before = package_of(EXAMPLE)
    after = fill(before, {"inputs": {key: text}}).package
    old, new = cells_of(before), cells_of(after)
    assert old.keys() == new.keys()
    changed = [ref for ref in old if old[ref].formula is None and old[ref] != new[ref]]
    assert len(changed) <= 1
    assert all(old[ref].formula == new[ref].formula and old[ref].style == new[ref].style for ref in old)


AREA = st.builds(
    lambda top, left, height, width: Area(top, left, top + height, left + width),
    st.integers(1, 60),
    st.integers(1, 12),
    st.integers(0, 30),
    st.integers(0, 5),
)


@given(area=AREA, cell=st.tuples(st.integers(1, 90), st.integers(1, 17)), count=st.integers(1, 1000))
def test_a_reference_keeps_the_cells_it_had_when_rows_are_inserted(
    area: Area, cell: tuple[int, int], count: int
) -> None:
    body = Area(14, 2, 25, 8)
    insertion = Insertion("Data", count, body)
    moved = insertion.area(area)
    there = (insertion.row(cell[0], "Data"), cell[1])
    assert (cell in area) == (there in moved)
    new_row = (body.bottom + 1, area.left)
    covers = area.top <= body.bottom < area.bottom or (
        area.bottom == body.bottom and area.top <= body.top and area.size > 1
    )
    if area.top < area.bottom:
        assert (new_row in moved) == covers
