"""Anything at all as a catalog file: accepted or refused in plain lines, never a traceback."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuehour.catalog import load_catalog
from valuehour.catalog.read import parse
from valuehour.errors import CatalogError

KEYS = st.sampled_from(
    [
        *("dimensions", "structures", "workflows", "policy", "region", "sku", "support_reply", "weak_at", "fleet"),
        *("name", "aliases", "members", "member_groups", "covers", "kind", "value", "chain", "structure"),
        *("definition", "stages", "nearest_metric", "id", "sources"),
    ]
)
VALUES = st.recursive(
    st.sampled_from(["Region", "revenue_structure", "A → B", "=1", "", "x", 0, -1, 3, 0.5, True, float("inf")])
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def toml(value: object) -> str:
    """Write a value as TOML, for what these strategies make."""
    if isinstance(value, str):
        return '"' + "".join(f"\\U{ord(character):08X}" for character in value) + '"'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {toml(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return str(value).lower()


def refusal_of(judge: Callable[[], object]) -> str:
    """Return a refusal, empty if there is none; anything but a CatalogError is a failure."""
    try:
        judge()
    except CatalogError as error:
        return str(error)
    return ""


@given(
    data=st.dictionaries(KEYS, st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=4), max_size=2), max_size=2)
)
def test_whatever_a_file_says_it_is_accepted_or_refused_in_plain_lines(
    data: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "anything.toml"
    path.write_text("".join(f"{name} = {toml(value)}\n" for name, value in data.items()), encoding="utf-8")
    for line in refusal_of(lambda: load_catalog(path)).splitlines():
        assert line.startswith(f"{path}") or re.fullmatch(r"and \d+ more problems", line)
        assert line.isprintable()


@given(content=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
def test_whatever_bytes_a_file_holds_it_is_accepted_or_refused_in_one_line(content: bytes) -> None:
    message = refusal_of(lambda: parse("mine.toml", content))
    assert message == "" or message.startswith("mine.toml")
    assert message.isprintable()
