"""One definition per function, complete enough for every host and for the reference."""

from __future__ import annotations

import inspect
import pydoc
import re
import subprocess
import sys

import pytest

import valuehour.functions
from valuehour.errors import UsageError
from valuehour.functions import FUNCTIONS, Argument, Function, value_per_hour
from valuehour.functions.worksheet import definition_of

SIGNATURES = [
    "VALUE_PER_HOUR(total_value, years, [employees=1], [hours_per_year=8760])",
    "SIGNIFICANT(value, [digits=3])",
    "COMPOUND_DISCRETE(initial_value, growth_rate, years)",
    "COMPOUND_CONTINUOUS(initial_value, growth_rate, years)",
    "COMPOUND_FLYWHEEL(initial_value, base_growth_rate, flywheel_growth_rate, years)",
    "UPLIFT(factor1, [factor2], …)",
    "CONTINUOUS_RATE(multiplier, years)",
    "CUMULATIVE_VALUE(value_per_hour, growth_rate, years, [hours_per_year=8760])",
    "ALLOCATE(total, weights, [decimals=2])",
    "ALLOCATE_SHARES(total, shares, [decimals=2])",
    "UNALLOCATED(total, shares, [decimals=2])",
    "SUCCESS_RATE(successes, runs)",
    "COST_PER_SUCCESS(cost, successes)",
    "ROOM_TO_IMPROVE(success_rate, [target=1])",
    "PRIORITY_SCORE(monthly_runs, cost_per_run, importance, room)",
    (
        "PRIORITY_BAND(monthly_runs, monthly_cost, importance, room, "
        "[frequent_at=1000], [expensive_at=400], [critical_at=4], [weak_at=2])"
    ),
    "OUTCOME_READ(monthly_cost, success_rate, [healthy_at=0.9], [critical_below=0.7], [expensive_at=400])",
    'GROUPINGS([structure="*"])',
    "GROUP_PATH(part1, [part2], …)",
    "LEDGER(name, [as_of=0])",
    "LEDGER_STATUS(name)",
    "LEDGER_EVIDENCE(name)",
]
AGGREGATING = ["UPLIFT", "ALLOCATE", "ALLOCATE_SHARES", "UNALLOCATED", "GROUPINGS", "GROUP_PATH"]
WORDS_OF_EXCEL = 255  # a wizard cuts longer descriptions


def arguments() -> list[tuple[Function, Argument]]:
    return [(function, argument) for function in FUNCTIONS.values() for argument in function.arguments]


def test_every_function_of_the_list_is_there_with_its_arguments_and_defaults_in_order() -> None:
    assert [function.signature for function in FUNCTIONS.values()] == SIGNATURES
    assert [name for name, function in FUNCTIONS.items() if function.aggregates] == AGGREGATING
    assert [name for name, function in FUNCTIONS.items() if function.returns_array] == [
        "ALLOCATE",
        "ALLOCATE_SHARES",
        "GROUPINGS",
    ]


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=list(FUNCTIONS))
def test_python_callers_get_the_function_in_lower_case_with_its_signature_and_help(function: Function) -> None:
    python = getattr(valuehour.functions, function.name.lower())
    assert definition_of(python) is function
    assert function.name.lower() in valuehour.functions.__all__
    names = [name.rstrip("s") if function.variadic else name for name in inspect.signature(python).parameters]
    assert [argument.name for argument in function.arguments] == [n for n in names if n not in function.tables]
    assert set(function.tables) <= {"taxonomy", "records"}
    assert "Examples" in pydoc.render_doc(python)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=list(FUNCTIONS))
def test_every_function_explains_itself_in_full(function: Function) -> None:
    document = inspect.getdoc(function.python) or ""
    sections = re.findall(r"^([A-Z][a-z]+)\n-+$", document, re.MULTILINE)
    assert sections == ["Parameters", "Returns", "Raises", "Source", "Examples"]
    assert f"{function.name.lower()} = " in document or function.unit == "text"
    assert 0 < len(function.summary) <= WORDS_OF_EXCEL
    assert "\n" not in function.summary
    assert not function.summary.startswith("Return")
    assert function.result
    assert function.unit
    assert function.family in {"Value", "Growth", "Allocation", "Outcomes", "Grouping", "Ledger"}
    assert function.example.startswith("=")
    assert function.name in function.example


@pytest.mark.parametrize(("function", "argument"), arguments(), ids=lambda value: value.name)
def test_every_argument_says_what_it_is_and_in_which_unit(function: Function, argument: Argument) -> None:
    assert 0 < len(argument.description) <= WORDS_OF_EXCEL
    assert argument.unit


@pytest.mark.parametrize(
    ("name", "arguments", "allowed"),
    [
        ("VALUE_PER_HOUR", (1,), "2 to 4"),
        ("VALUE_PER_HOUR", (1, 2, 3, 4, 5), "2 to 4"),
        ("SUCCESS_RATE", (1,), "2"),
        ("UPLIFT", (), "1 to 8"),
        ("UPLIFT", (1,) * 9, "1 to 8"),
    ],
)
def test_a_wrong_number_of_arguments_is_refused_with_the_signature(
    name: str, arguments: tuple[float, ...], allowed: str
) -> None:
    with pytest.raises(UsageError, match=f"{len(arguments)} arguments; {allowed} are allowed") as error:
        FUNCTIONS[name].evaluate(*arguments)
    assert FUNCTIONS[name].signature in str(error.value)
    with pytest.raises(UsageError):
        FUNCTIONS[name].native([str(argument) for argument in arguments])


def test_python_refuses_a_wrong_call_as_any_function_does() -> None:
    with pytest.raises(TypeError, match="missing a required argument: 'years'"):
        value_per_hour(1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="too many positional arguments"):
        value_per_hour(1, 2, 3, 4, 5)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword"):
        value_per_hour(1, 2, staff=3)  # type: ignore[call-arg]


def test_arguments_may_be_named_in_python() -> None:
    assert value_per_hour(8760, years=1, hours_per_year=4380) == 2
    assert value_per_hour(total_value=8760, years=1, employees=2) == 0.5


def test_functions_calculate_where_python_strips_docstrings() -> None:
    program = "from valuehour.functions import FUNCTIONS; print(FUNCTIONS['VALUE_PER_HOUR'].evaluate(8760, [[1], [0]]))"
    run = subprocess.run([sys.executable, "-OO", "-c", program], capture_output=True, text=True, check=False)
    assert run.stdout == "[[1.0], [<CellError.DIV0: '#DIV/0!'>]]\n", run.stderr


def test_only_worksheet_functions_have_a_definition() -> None:
    with pytest.raises(UsageError, match="not a worksheet function"):
        definition_of(len)
