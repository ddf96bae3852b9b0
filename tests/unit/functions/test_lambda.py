"""LAMBDAs as text: what Excel checks when it opens a file, and engines do not."""

from __future__ import annotations

import re

import pytest

from valuehour.functions import FUNCTIONS
from valuehour.workbooks.formula import calls, to_display, to_file, tokens

LONGEST_FORMULA = 8192
TAXONOMY = "Lists!$B$6:$C$200"
CELL_NAME = re.compile(r"^([A-Z]{1,3}\d+|R|C|R\d*C\d*)$", re.IGNORECASE)


@pytest.fixture(params=list(FUNCTIONS))
def text(request: pytest.FixtureRequest) -> str:
    return FUNCTIONS[request.param].lambda_text(taxonomy=TAXONOMY)


def test_a_lambda_can_be_parsed_and_fits_a_name(text: str) -> None:
    file_form = to_file(f"={text}")
    assert len(file_form) < LONGEST_FORMULA
    assert to_display(file_form) == f"={text}"


def test_the_parameters_are_those_of_the_function() -> None:
    for function in FUNCTIONS.values():
        head = function.lambda_text(taxonomy=TAXONOMY).removeprefix("LAMBDA(")
        required, most = function.counts
        names = [name for name, _ in function.named_arguments(most)]
        found = head.split(",", most)[:most]
        assert [name.strip("[]").rstrip("_") for name in found] == names
        assert [name.startswith("[") for name in found] == [place >= required for place in range(most)]


def test_no_variable_looks_like_a_cell_or_hides_a_function(text: str) -> None:
    """A workbook defines the functions as names; a parameter of the same name would be read as that name."""
    variables = set(re.findall(r"_xl(?:pm|op)\.(\w+)", to_file(f"={text}")))
    functions = {call.name.upper() for call in calls(tokens(f"={text}"))}
    assert variables
    assert not [name for name in variables if CELL_NAME.match(name)]
    assert not {name.upper() for name in variables} & (set(FUNCTIONS) | functions)


def test_every_placeholder_is_filled(text: str) -> None:
    assert "{" not in text


def test_a_left_out_argument_is_asked_for_once_and_takes_its_default() -> None:
    text = FUNCTIONS["VALUE_PER_HOUR"].lambda_text()
    assert text.count("IF(ISOMITTED(hours_per_year),8760,hours_per_year)") == 1
    assert text.count("ISOMITTED") == 2
