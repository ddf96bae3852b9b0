"""Quick paths beside a thorough one: whatever they take, they give what the thorough one gives."""

from __future__ import annotations

import math
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.workbooks import EXAMPLE, STYLES, package_of
from valuehour.workbooks.canonical import canonical
from valuehour.workbooks.data import table_rules
from valuehour.workbooks.formula import Style
from valuehour.workbooks.records import _adapter, _fitting
from valuehour.workbooks.spec import Accepts
from valuehour.workbooks.templates import TEMPLATES, template

RULES = list(
    dict.fromkeys(
        accepts
        for name in TEMPLATES
        for columns in table_rules(template(name)).values()
        for accepts in columns.values()
    )
)
NUMBERS = (0, 1, -1, 5, 6, 0.5, 1e15, 1e15 + 2, -1e15, 1e300, math.nan, math.inf, True, 2.0, 10**400)
VALUE = (
    st.none()
    | st.sampled_from(NUMBERS)
    | st.floats()
    | st.integers(-3, 10)
    | st.text(max_size=6)
    | st.sampled_from(["yes", "no", "_x0041_", "x" * 255, "x" * 256, "a|b", "\u2028", "\ud800", "2026-01-01"])
)
COLUMN = st.one_of(
    st.lists(VALUE, min_size=1, max_size=6),
    st.lists(st.integers(-1, 7), min_size=1, max_size=6),
    st.lists(st.floats(0, 2) | st.none(), min_size=1, max_size=6),
    st.lists(st.sampled_from(["yes", "no", None]), min_size=1, max_size=6),
)


def thorough(rules: Accepts, values: list[Any]) -> list[Any] | None:
    try:
        return _adapter(rules).validate_python(values)
    except ValidationError:
        return None


@settings(max_examples=200)
@given(rules=st.sampled_from(RULES), values=COLUMN)
@example(rules=Accepts(kind="number", above=0), values=[0.0])
@example(rules=Accepts(kind="number", minimum=0, maximum=1), values=[0.0, 1.0])
@example(rules=Accepts(kind="whole", minimum=1, maximum=5), values=[1.0, 5.0])
@example(rules=Accepts(kind="whole", minimum=1, maximum=5), values=[1.5])
@example(rules=Accepts(), values=["yes", "no", "_x0041_", "x" * 255, "y"])
def test_a_column_taken_at_once_is_what_each_of_its_values_would_be(rules: Accepts, values: list[Any]) -> None:
    found = _fitting(rules, values)
    if found is not None:
        expected = thorough(rules, values)
        assert list(found) == expected
        assert [type(value) for value in found] == [type(value) for value in expected or ()]


@pytest.mark.parametrize(
    ("rules", "values"),
    [
        (Accepts(), ["a", None, "b c"]),
        (Accepts(kind="number", minimum=0, maximum=1), [0.0, 0.25, None]),
        (Accepts(kind="whole", minimum=1, maximum=5), [1.0, 5.0]),
        (Accepts(kind="choice", choices=("yes", "no")), ["yes", None]),
    ],
)
def test_ordinary_columns_are_taken_at_once(rules: Accepts, values: list[Any]) -> None:
    assert _fitting(rules, values) == values


# Canonical XML ----------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["a", "b", "p:a", "q:b", "sheet"])
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]) | st.sampled_from("&<>\"'\t\n "), max_size=5)


def escaped(text: str) -> str:
    for sign in "&<>\"'\t\n":
        text = text.replace(sign, f"&#{ord(sign)};")
    return text


@st.composite
def element(draw: st.DrawFn, depth: int = 0) -> str:
    name = draw(NAMES)
    attributes = draw(st.dictionaries(st.sampled_from(["x", "B", "p:x", "q:x", "q:a", "xml:space"]), TEXTS, max_size=4))
    spaces = draw(
        st.dictionaries(
            st.sampled_from(["xmlns", "xmlns:p", "xmlns:q"]), st.sampled_from(["urn:1", "urn:2", "urn:3"]), max_size=2
        )
    )
    if depth == 0:
        spaces = {"xmlns:p": "urn:2", "xmlns:q": "urn:3"} | spaces
    tag = "".join(f' {key}="{escaped(value)}"' for key, value in (*spaces.items(), *attributes.items()))
    inside = draw(st.lists(TEXTS.map(escaped) | st.just("<!-- c -->") | st.just("<?pi d?>"), max_size=2))
    if depth < 2:
        inside += draw(st.lists(element(depth + 1), max_size=3))
    return f"<{name}{tag}>{''.join(inside)}</{name}>" if inside else f"<{name}{tag}/>"


@settings(max_examples=150)
@given(text=element())
@example(text='<a xmlns="urn:1" b="&#10;"><b xmlns="urn:1"/>&#13;</a>')
@example(text='<p:a xmlns:p="urn:1" xmlns:q="urn:1" p:x="1" q:y="2"/>')
@example(text='<a xmlns:q="urn:3" xmlns:p="urn:2"><b q:x="1" p:x="2" x="3"/><b q:x="1"/></a>')
@example(text="<!DOCTYPE a><a/>")
def test_canonical_xml_is_that_of_the_standard_library(text: str) -> None:
    try:
        expected = ElementTree.canonicalize(text)
    except ElementTree.ParseError:
        return
    assert canonical(text.encode()).decode() == expected


@pytest.mark.parametrize("style", STYLES)
def test_every_part_of_a_workbook_is_written_as_the_standard_library_does(style: Style) -> None:
    for name, data in package_of(EXAMPLE, style).parts.items():
        if name.endswith((".xml", ".rels")):
            assert canonical(data) == ElementTree.canonicalize(data.decode()).encode(), name
