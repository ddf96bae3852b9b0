"""LAMBDAs as text: what Excel checks when it opens a file, and engines do not."""

from __future__ import annotations

import re

import pytest

from valuehour.functions import FUNCTIONS
from valuehour.workbooks.formula import calls, to_display, to_file, tokens

LONGEST_FORMULA = 8192
TAXONOMY = "Lists!$B$6:$C$200"
RECORDS = "Ledger!$B$20:$J$31"
CELL_NAME = re.compile(r"^([A-Z]{1,3}\d+|R|C|R\d*C\d*)$", re.IGNORECASE)


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        ("=LET(x,1,x)+x", "=_xlfn.LET(_xlpm.x,1,_xlpm.x)+x"),
        ("=x+LET(x,x,x)", "=x+_xlfn.LET(_xlpm.x,x,_xlpm.x)"),
        ("=LET(f,LAMBDA(x,x+1),f(2))+f", "=_xlfn.LET(_xlpm.f,_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1),_xlpm.f(2))+f"),
        ("=LET(a,LET(b,1,b),a+b)", "=_xlfn.LET(_xlpm.a,_xlfn.LET(_xlpm.b,1,_xlpm.b),_xlpm.a+b)"),
        ("=MAP(A1:A2,LAMBDA(y,y*2))*y", "=_xlfn.MAP(A1:A2,_xlfn.LAMBDA(_xlpm.y,_xlpm.y*2))*y"),
        ("=LET(x,1,y,x+1,x*y)", "=_xlfn.LET(_xlpm.x,1,_xlpm.y,_xlpm.x+1,_xlpm.x*_xlpm.y)"),
    ],
)
def test_a_variable_is_one_only_within_its_function_and_may_be_called(shown: str, kept: str) -> None:
    assert to_file(shown) == kept
    assert to_display(kept) == shown


@pytest.fixture(params=list(FUNCTIONS))
def text(request: pytest.FixtureRequest) -> str:
    return FUNCTIONS[request.param].lambda_text(taxonomy=TAXONOMY, records=RECORDS)


def test_a_lambda_can_be_parsed_and_fits_a_name(text: str) -> None:
    file_form = to_file(f"={text}")
    assert len(file_form) < LONGEST_FORMULA
    assert to_display(file_form) == f"={text}"


def test_the_parameters_are_those_of_the_function() -> None:
    for function in FUNCTIONS.values():
        head = function.lambda_text(taxonomy=TAXONOMY, records=RECORDS).removeprefix("LAMBDA(")
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
