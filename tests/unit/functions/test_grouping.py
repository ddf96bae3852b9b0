"""Dimensions by structure, from whatever table the host has."""

from __future__ import annotations

import pytest

from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS, groupings

TAXONOMY = [("Time structure", "Year"), ("Time structure", "Month"), ("Revenue structure", "SKU")]


def test_left_out_all_structures_come_in_the_order_of_the_table() -> None:
    everything = [list(row) for row in TAXONOMY]
    assert groupings(taxonomy=TAXONOMY) == everything
    assert FUNCTIONS["GROUPINGS"].evaluate(taxonomy=TAXONOMY) == everything


def test_a_structure_is_found_in_any_case() -> None:
    assert groupings("TIME structure", taxonomy=TAXONOMY) == [["Time structure", "Year"], ["Time structure", "Month"]]


@pytest.mark.parametrize("structure", ["Time", "", None, 0, True, 7])
def test_what_is_no_structure_is_not_available(structure: object) -> None:
    assert FUNCTIONS["GROUPINGS"].evaluate(structure, taxonomy=TAXONOMY) is CellError.NA  # type: ignore[arg-type]


def test_errors_and_ranges_are_judged_first() -> None:
    evaluate = FUNCTIONS["GROUPINGS"].evaluate
    assert evaluate(CellError.REF, taxonomy=TAXONOMY) is CellError.REF
    assert evaluate([["Time structure"]], taxonomy=TAXONOMY) == [
        ["Time structure", "Year"],
        ["Time structure", "Month"],
    ]
    assert evaluate([["Time structure"], ["x"]], taxonomy=TAXONOMY) is CellError.VALUE
