"""For any data: what was filled is what is read, and filling it once more changes nothing."""

from __future__ import annotations

import datetime
import re
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fillings import FILLINGS
from tests.workbooks import EMPTY, cells_of, package_of
from valuehour.ooxml import Package
from valuehour.ooxml.insertion import Insertion
from valuehour.ooxml.reference import Area
from valuehour.workbooks.data import FIRST_DATE, LARGEST, input_rules, table_rules
from valuehour.workbooks.fill import apply, fill
from valuehour.workbooks.read import read
from valuehour.workbooks.records import checked
from valuehour.workbooks.spec import Accepts
from valuehour.workbooks.templates import TEMPLATES, template

TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=255)
ODD = st.sampled_from(["=1+1", "+1", "-1", "@A1", "'quoted", "''", " space ", "<b>&amp;", '"', "𝟜", "é", "x" * 255])
# What files read as an escaped character is refused as input.
WORDS = (TEXT | ODD).filter(lambda text: re.search("_x[0-9A-Fa-f]{4}_", text) is None)
ODD_FIGURES = st.sampled_from([123456789012345, 0.1, 1e-300, 5e-324])
FIGURE = st.floats(0, LARGEST, allow_nan=False) | st.integers(0, 10**15) | ODD_FIGURES
DATE = st.dates(FIRST_DATE, datetime.date(9999, 12, 31))
TABLES = {"value_model": "tblWorkflows", "grouping_taxonomy": "tblMembers", "workflow_outcomes": "tblMonths"}
SPECS = {name: template(name) for name in TEMPLATES}
EXAMPLES = {
    FILLINGS[name]["template"]: FILLINGS[name]
    for name in ("decision_continuity", "enterprise_grouping", "guide_workflows")
}
every_template = pytest.mark.parametrize("name", TEMPLATES)


def accepted(rules: Accepts) -> st.SearchStrategy[Any]:
    """What a cell takes."""
    if rules.choices and not rules.open:
        return st.sampled_from(rules.choices)
    if rules.kind == "date":
        return DATE
    if rules.kind in ("number", "whole"):
        low = 0 if rules.minimum is None else int(rules.minimum) + 1 if rules.above is not None else int(rules.minimum)
        high = int(LARGEST if rules.maximum is None else rules.maximum)
        whole = st.integers(max(low, 1), max(high, 1))
        return (
            whole
            if rules.kind == "whole"
            else whole
            | st.floats(max(low, 1e-300), high)
            | ODD_FIGURES.filter(lambda figure: max(low, 1e-300) <= figure <= high)
        )
    return WORDS


def fillings(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Inputs and records of any template, each value on its own what its cell takes."""
    inputs = {key: accepted(rules) for key, rules in input_rules(SPECS[name]).items()}
    columns = {key: accepted(rules) for key, rules in table_rules(SPECS[name])[TABLES[name]].items()}
    first = next(iter(columns))
    records = st.fixed_dictionaries(
        {first: columns[first]}, optional={key: found for key, found in columns.items() if key != first}
    )
    return st.fixed_dictionaries(
        {
            "inputs": st.fixed_dictionaries({}, optional=inputs),
            "tables": st.fixed_dictionaries({TABLES[name]: st.lists(records, max_size=6)}),
        }
    )


def plain(value: Any) -> Any:
    """A value as reading gives it back."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


@cache
def blank(name: str) -> Package:
    """A template whose table is blank: a column that no record gives keeps what stands there, known members too."""
    nothing = checked(SPECS[name], {"tables": {TABLES[name]: []}})[0]
    return apply(package_of({"template": name}), nothing, calculate=False).package


@every_template
@settings(max_examples=10)
@given(data=st.data())
def test_what_was_filled_is_read_again(name: str, data: st.DataObject) -> None:
    wanted = data.draw(fillings(name))
    given_data, problems = checked(SPECS[name], wanted)
    assert problems == []
    package = Package.read(apply(blank(name), given_data, calculate=False).package.to_bytes())
    contents = read(package)
    inputs = wanted["inputs"]
    assert {key: contents.inputs[key] for key in inputs} == {key: plain(value) for key, value in inputs.items()}
    records = wanted["tables"][TABLES[name]]
    found = [
        {key: record[key] for key in given_record}
        for record, given_record in zip(contents.tables[TABLES[name]], records, strict=True)
    ]
    assert found == [{key: plain(value) for key, value in record.items()} for record in records]
    words = {value for record in (inputs, *records) for value in record.values() if isinstance(value, str)}
    assert not [
        ref
        for ref, cell in cells_of(package).items()
        if cell.formula is not None and cell.type == "inlineStr" and cell.value in words
    ]


@example(name="'=1", date=FIRST_DATE, value=999_999_999_999_999)
@example(name="\U0001f600" * 100, date=datetime.date(9999, 12, 31), value=123456789012345)
@settings(max_examples=1)
@given(name=WORDS, date=DATE, value=FIGURE)
def test_odd_texts_dates_and_figures_are_read_again(name: str, date: datetime.date, value: float) -> None:
    inputs = {"model_name": name, "years_date": date, "total_value": value}
    given_data, problems = checked(SPECS["value_model"], {"inputs": inputs})
    assert problems == []
    contents = read(Package.read(apply(package_of(EMPTY), given_data, calculate=False).package.to_bytes()))
    assert {key: contents.inputs[key] for key in inputs} == {key: plain(found) for key, found in inputs.items()}


@every_template
@settings(max_examples=4)
@given(data=st.data())
def test_filling_with_what_read_returned_changes_nothing(name: str, data: st.DataObject) -> None:
    given_data, _ = checked(SPECS[name], data.draw(fillings(name)))
    package = apply(package_of(EXAMPLES[name]), given_data, calculate=False).package
    again, problems = checked(SPECS[name], read(package).as_dict())
    assert problems == []
    assert dict(apply(package, again).package.parts) == dict(package.parts)


# An input of words, on which nothing but words depends.
INPUTS = {
    "value_model": ["model_name", "years_source", "coverage_source"],
    "grouping_taxonomy": ["model_name", "years_source", "measure_unit"],
    "workflow_outcomes": ["model_name", "currency"],
}


@every_template
@settings(max_examples=4)
@given(data=st.data(), text=WORDS)
def test_filling_one_input_changes_one_typed_cell(name: str, data: st.DataObject, text: str) -> None:
    before = package_of(EXAMPLES[name])
    after = fill(before, {"inputs": {data.draw(st.sampled_from(INPUTS[name])): text}}).package
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
