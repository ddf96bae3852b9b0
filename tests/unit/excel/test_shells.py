"""What xlwings is told about the functions: names, arguments and texts, as the definitions have them."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from types import ModuleType

import pytest
import xlwings.server

from valuehour.functions import FUNCTIONS, Function
from valuehour.hosts import udfs
from valuehour.hosts.excel.calls import NAMESPACE
from valuehour.hosts.excel.shells import Shell, worksheet_functions
from valuehour.hosts.help import LONGEST, argument_help, function_help

ALL = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
META = {function["id"]: function for function in xlwings.server.custom_functions_meta(udfs)["functions"]}


def test_every_function_of_the_list_is_in_excel_and_nothing_else_is() -> None:
    found = {name for name in dir(udfs) if hasattr(getattr(udfs, name), "__xlfunc__")}
    assert found == set(FUNCTIONS) == set(udfs.__all__) == set(META)


@ALL
def test_the_wizard_shows_whole_texts(function: Function) -> None:
    texts = [function_help(function), *(argument_help(argument) for argument in function.arguments)]
    assert all(0 < len(text) <= LONGEST for text in texts)
    assert META[function.name]["description"] == texts[0]
    assert [parameter["description"] for parameter in META[function.name]["parameters"]] == texts[1:]


@ALL
def test_each_argument_says_its_unit_domain_and_default(function: Function) -> None:
    for argument, parameter in zip(function.arguments, META[function.name]["parameters"], strict=True):
        assert parameter["name"] == argument.name
        assert argument.description in parameter["description"]
        assert argument.unit in parameter["description"]
        assert argument.domain in parameter["description"]
        if argument.optional:
            assert parameter["description"].endswith(f"Left out: {argument.default_text}.")


@ALL
def test_excel_knows_which_arguments_may_be_left_out_or_repeated(function: Function) -> None:
    parameters = META[function.name]["parameters"]
    assert [parameter.get("optional", False) for parameter in parameters] == [a.optional for a in function.arguments]
    assert [parameter.get("repeating", False) for parameter in parameters] == [a.variadic for a in function.arguments]
    told = getattr(udfs, function.name).__xlfunc__
    assert [argument.get("optional") for argument in told["args"]] == [a.default for a in function.arguments]


@ALL
def test_whole_ranges_go_in_and_arrays_come_out(function: Function) -> None:
    meta = META[function.name]
    assert {parameter["dimensionality"] for parameter in meta["parameters"]} == {"matrix"}
    assert meta["result"]["dimensionality"] == "matrix"


def test_the_manifest_gives_the_namespace_or_else_the_module_does() -> None:
    assert {meta["name"] for meta in META.values()} == set(FUNCTIONS)
    module = ModuleType("main")
    vars(module).update(worksheet_functions("main", namespace=NAMESPACE, taxonomy=udfs.taxonomy))
    named = xlwings.server.custom_functions_meta(module)["functions"]
    assert {meta["name"] for meta in named} == {f"VH.{name}" for name in FUNCTIONS}
    assert {meta["id"] for meta in named} == set(FUNCTIONS)


@ALL
def test_python_shows_the_same_arguments(function: Function) -> None:
    signature = inspect.signature(getattr(udfs, function.name))
    assert [parameter.name for parameter in signature.parameters.values()] == [a.name for a in function.arguments]
    assert getattr(udfs, function.name).__module__ == udfs.__name__


def test_functions_stand_together_in_excels_list_of_categories(monkeypatch: pytest.MonkeyPatch) -> None:
    told = []

    def func(**options: object) -> Callable[[Shell], Shell]:
        told.append(options["category"])
        return lambda shell: shell

    monkeypatch.setattr("xlwings.func", func)
    worksheet_functions("main", taxonomy=udfs.taxonomy)
    assert told == ["valuehour"] * len(FUNCTIONS)


def test_the_module_works_without_excel_licence_or_server() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("XLWINGS_")}
    script = (
        "from valuehour.hosts import udfs\n"
        "print(round(udfs.VALUE_PER_HOUR(88_000_000.0, 3.0), 2), udfs.VALUE_PER_HOUR(1.0, -1.0))\n"
        "print(udfs.UPLIFT([[1.2], [None]], 2.0), udfs.UPLIFT(), udfs.GROUPINGS('time structure')[0])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["3348.55 #NUM!", "2.4 #VALUE! ['Time structure', 'Year']"]


def test_a_catalog_of_ones_own_is_looked_up(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("catalogs")
    for name in ("fleet", "pool"):
        (folder / f"{name}.toml").write_text(
            f'[dimensions.{name}]\nname = "{name.title()}"\nstructure = "operations_structure"\n'
            'definition = "Vehicles"\nmembers = ["Vans"]\n',
            encoding="utf-8",
        )
    script = "from valuehour.hosts import udfs; print(udfs.GROUPINGS('Operations structure'))"
    files = os.pathsep.join(str(folder / f"{name}.toml") for name in ("fleet", "pool"))
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "VALUEHOUR_CATALOG": files},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "'Fleet'" in done.stdout
    assert "'Pool'" in done.stdout
