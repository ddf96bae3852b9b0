"""The functions as a cell of Excel calls them: our VBA, xlwings' own code and our module, with a stand-in for COM."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests import classic
from tests.classic import Excel
from tests.parity.arguments import calls, valid_calls
from valuehour.catalog import load_catalog
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS, Value
from valuehour.hosts.classic.code import wrapper
from valuehour.hosts.excel.shells import CATEGORY
from valuehour.hosts.help import argument_help, function_help

NUMBER = 15
TAXONOMY = load_catalog().taxonomy()


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_a_cell_shows_what_python_calculates(excel: Excel, name: str) -> None:
    """Scalars, ranges, blanks, errors, texts and left-out arguments; errors come back as error cells."""
    for call in [*valid_calls(name, NUMBER), *calls(name, NUMBER)] if name not in LOOKUPS else calls(name, NUMBER):
        arguments = [argument if isinstance(argument, list) else [[argument]] for argument in call.arguments]
        given = [["cells", [[plain(cell) for cell in row] for row in rows]] for rows in arguments]
        expected = FUNCTIONS[name].evaluate(*call.arguments, taxonomy=TAXONOMY)
        assert excel.ask("call", name, given) == shown(expected), str(call)


LOOKUPS = [name for name, function in FUNCTIONS.items() if function.tables]


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in LOOKUPS])
def test_values_without_cells_are_taken_too(excel: Excel, name: str) -> None:
    """Constants in a formula, and arrays that another function gives."""
    for call in valid_calls(name, NUMBER):
        given = [["array" if isinstance(cell, list) else "value", plain(cell)] for cell in call.arguments]
        expected = FUNCTIONS[name].evaluate(*call.arguments, taxonomy=TAXONOMY)
        assert excel.ask("call", name, given) == shown(expected), str(call)


def test_an_array_constant_of_one_row_is_a_row(excel: Excel) -> None:
    assert excel.ask("call", "ALLOCATE", [["value", 10], ["row", [1, 1, 2]]]) == [[2.5, 2.5, 5.0]]


def test_an_argument_left_out_in_the_middle_takes_its_default(excel: Excel) -> None:
    given = [["value", 8000], ["value", 1], ["left out", None], ["value", 8]]
    assert excel.ask("call", "VALUE_PER_HOUR", given) == 1000
    left_out = [["value", 1200], ["value", 500], ["value", 5], ["value", 0.2], *[["left out", None]] * 4]
    assert excel.ask("call", "PRIORITY_BAND", left_out) == "high"


def test_an_error_that_only_newer_versions_of_excel_know_is_not_taken_for_a_number(excel: Excel) -> None:
    for error in ("#SPILL!", "#CALC!"):
        given = [["cells", [[{"error": error}]]], ["value", 3]]
        assert excel.ask("call", "SIGNIFICANT", given) == {"error": "#VALUE!"}


def test_a_range_of_several_areas_is_refused_and_not_cut_to_its_first(excel: Excel) -> None:
    assert excel.ask("call", "UPLIFT", [["areas", "A1:A3,C1:C3"]]) == {"error": "#VALUE!"}


def test_too_many_arguments_are_refused(excel: Excel) -> None:
    assert excel.ask("call", "UPLIFT", [["value", 2]] * 8) == 256
    assert excel.ask("call", "UPLIFT", [["value", 2]] * 9) == {"error": "#VALUE!"}
    assert excel.ask("call", "UPLIFT", []) == {"error": "#VALUE!"}


def test_a_catalog_of_ones_own_is_what_groupings_looks_up(addin_file: Path, tmp_path: Path) -> None:
    own = tmp_path / "our groups.toml"
    own.write_text(
        '[dimensions.fleet]\nname = "Fleet"\nstructure = "operations_structure"\n'
        'definition = "The vehicles that are run together"\nmembers = ["Vans"]\n',
        encoding="utf-8",
    )
    with classic.excel(addin_file, own) as excel:
        assert ["Operations structure", "Fleet"] in excel.ask("call", "GROUPINGS", [])


def test_groupings_gives_the_catalog(excel: Excel) -> None:
    assert excel.ask("call", "GROUPINGS", []) == [list(row) for row in TAXONOMY]


def test_python_is_started_again_when_somebody_ends_it(excel: Excel) -> None:
    given = [["value", 1], ["value", 3]]
    assert excel.ask("call", "SIGNIFICANT", given) == 1
    before = excel.ask("count_starts")
    excel.ask("end_python")
    assert excel.ask("call", "SIGNIFICANT", given) == 1
    assert excel.ask("call", "SIGNIFICANT", given) == 1
    assert excel.ask("count_starts") == before + 1


def test_a_call_that_memory_does_not_hold_spoils_no_other_cell(excel: Excel) -> None:
    """Such as ranges of whole columns in Excel of 32 bits: Python is not ended for it, and nobody else waits."""
    given = [["value", 1], ["value", 3]]
    assert excel.ask("call", "SIGNIFICANT", given) == 1
    before = excel.ask("count_starts")
    excel.ask("refuse", "UPLIFT")
    assert excel.ask("call", "UPLIFT", [["value", 2]]) == {"error": "#VALUE!"}
    assert excel.ask("call", "SIGNIFICANT", given) == 1
    excel.ask("refuse")
    assert excel.ask("call", "UPLIFT", [["value", 2]]) == 2
    assert excel.ask("count_starts") == before


def test_a_python_that_does_not_start_is_waited_for_once(excel: Excel) -> None:
    """Windows may take two minutes to say so."""
    excel.ask("wait", 0)
    excel.ask("take_python_away")
    assert "does not answer" in excel.ask("about")
    before = excel.ask("count_searches")
    assert excel.ask("call", "SIGNIFICANT", [["value", 1], ["value", 3]]) == {"error": "#NAME?"}
    assert excel.ask("count_searches") == before + 1
    excel.ask("give_python_back")
    excel.ask("wait", 31)


def test_about_starts_a_python_that_somebody_ended(excel: Excel) -> None:
    assert excel.ask("call", "SIGNIFICANT", [["value", 1], ["value", 3]]) == 1
    excel.ask("end_python")
    assert "Python: valuehour" in excel.ask("about")


def test_without_python_cells_say_name_and_a_sheet_of_them_does_not_wait_for_each(excel: Excel) -> None:
    given = [["value", 1], ["value", 3]]
    excel.ask("wait", 0)  # from here on the clock stands still
    excel.ask("take_python_away")
    before = excel.ask("count_searches")
    for _ in range(20):
        assert excel.ask("call", "SIGNIFICANT", given) == {"error": "#NAME?"}
    assert excel.ask("count_searches") == before + 1
    assert "does not answer" in excel.ask("about")
    assert "valuehour addin install" in excel.ask("about")
    excel.ask("give_python_back")
    excel.ask("call", "SIGNIFICANT", given)
    excel.ask("wait", 31)
    assert excel.ask("call", "SIGNIFICANT", given) == 1
    assert "does not answer" not in excel.ask("about")


def test_about_says_which_python_answers_and_asks_at_once(excel: Excel) -> None:
    given = [["value", 1], ["value", 3]]
    excel.ask("take_python_away")
    assert excel.ask("call", "SIGNIFICANT", given) == {"error": "#NAME?"}
    excel.ask("give_python_back")
    assert re.search(r"Python: valuehour \S+, Python 3\.", excel.ask("about"))
    assert excel.ask("call", "SIGNIFICANT", given) == 1


@pytest.mark.parametrize("hidden", [False, True])
def test_excel_is_told_every_description(excel: Excel, hidden: bool) -> None:
    """Also by versions that describe the functions of visible workbooks only."""
    expected = [
        {
            "Macro": f"'valuehour.xlam'!{name}",
            "Description": function_help(function),
            "Category": CATEGORY,
            "arguments": [argument_help(argument) for argument in function.arguments],
        }
        for name, function in FUNCTIONS.items()
    ]
    assert excel.ask("open_addin", hidden) == expected


def test_the_functions_take_what_xlwings_would_give_them(excel: Excel) -> None:
    """xlwings reads the same arguments off the same module when it writes its own VBA ("Import Functions")."""
    stock = re.findall(r"^Function (\w+)\((.*)\)$", excel.ask("stock_wrappers"), re.MULTILINE)
    ours = [re.findall(r"^Public Function (\w+)\((.*)\) As Variant$", wrapper(each), re.MULTILINE) for each in known()]
    plain_ours = {name: arguments.replace(" As Variant", "").lower() for ((name, arguments),) in ours}
    assert plain_ours == {name: arguments.lower() for name, arguments in stock}


def known() -> list[Any]:
    return list(FUNCTIONS.values())


def test_what_windows_hands_out_calculates_and_does_nothing_else(excel: Excel) -> None:
    """xlwings' own object also runs any code, imports any module and calls any function."""
    assert excel.ask("call", "SIGNIFICANT", [["value", 1], ["value", 3]]) == 1
    stock = excel.ask("stock_names")
    assert {"Exec", "Eval", "Module", "Builtin", "CallUDF"} < set(stock)
    assert excel.ask("offered_names", [*stock, "Calculate", "About", "_last_failure"]) == ["Calculate", "About"]


@pytest.mark.parametrize(
    "name", ["taxonomy", "load_catalog", "os", "os.system", "eval", "__builtins__", "_FUNCTIONS", "value_per_hour", ""]
)
def test_only_functions_of_ours_can_be_called(excel: Excel, name: str) -> None:
    assert excel.ask("ask_python", name, ["echo"]) == "#NAME?"


def test_what_fails_in_python_is_an_error_cell_and_its_reason_can_be_read(excel: Excel) -> None:
    assert excel.ask("ask_python", "SIGNIFICANT", [[[1.0, 2.0], [3.0]]]) == "#VALUE!"
    assert "SIGNIFICANT: " in excel.ask("python_about")


def plain(cell: Any) -> Any:
    """A cell, or rows of them, for JSON."""
    if isinstance(cell, list):
        return [[plain(each) for each in row] for row in cell]
    return {"error": str(cell)} if isinstance(cell, CellError) else cell


def shown(value: Value) -> Any:
    """What the cells show; an array of one cell is that cell."""
    if isinstance(value, list):
        if len(value) == len(value[0]) == 1:
            return shown(value[0][0])
        return [[shown(cell) for cell in row] for row in value]
    return {"error": str(value)} if isinstance(value, CellError) else value
