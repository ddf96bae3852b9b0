"""Our own templates pass every audit rule; and the rules see through them when somebody spoils one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files

import pytest

from valuehour.ooxml import Package, Patch, entered, patch_cells
from valuehour.workbooks.audit import audit
from valuehour.workbooks.build import EMPTY, build
from valuehour.workbooks.formula import Style
from valuehour.workbooks.scenario import load_scenario, scenario_template
from valuehour.workbooks.templates import TEMPLATES, template

SCENARIOS = sorted(
    path.name.removesuffix(".toml")
    for path in files("valuehour.workbooks").joinpath("scenarios").iterdir()
    if path.name.endswith(".toml")
)
FILLINGS = [(name, None) for name in TEMPLATES] + [(scenario_template(name), name) for name in SCENARIOS]


@cache
def _file(name: str, scenario: str | None, style: Style) -> bytes:
    filling = load_scenario(template(name), scenario) if scenario else EMPTY
    return build(name, style=style, filling=filling).to_bytes()


def built(name: str, scenario: str | None, style: Style) -> Package:
    """The template, empty or filled, as a package of its own."""
    return Package.read(_file(name, scenario, style))


def test_every_template_comes_filled_too() -> None:
    assert {name for name, scenario in FILLINGS if scenario} == set(TEMPLATES)


@pytest.mark.parametrize("style", [Style.NATIVE, Style.LAMBDA])
@pytest.mark.parametrize(("name", "scenario"), FILLINGS, ids=[f"{n}-{s or 'empty'}" for n, s in FILLINGS])
def test_our_templates_pass_every_rule(name: str, scenario: str | None, style: Style) -> None:
    assert [str(one) for one in audit(built(name, scenario, style))] == []


def _formula(sheet: str, ref: str, text: str, value: float | str = 1.0) -> Callable[[Package], None]:
    return lambda package: patch_cells(package, sheet, {ref: Patch(formula=text, value=value, array_ref=None, cm=None)})


def _typed(sheet: str, ref: str, value: float | str) -> Callable[[Package], None]:
    return lambda package: patch_cells(package, sheet, {ref: entered(value)})


SPOILED = [
    ("constant-in-formula", "Growth", "L13", _formula("Growth", "L13", "live_total_value*0.9")),
    ("formula-inconsistent", "Workflows", "H15", _formula("Workflows", "H15", "D15*in_years")),
    ("result-typed", "Growth", "L15", _typed("Growth", "L15", 5.0)),
    ("number-among-formulas", "Workflows", "H15", _typed("Workflows", "H15", 5.0)),
    ("number-among-formulas", "Growth", "D33", _typed("Growth", "D33", 3400.0)),
    ("circular-reference", "Growth", "L13", _formula("Growth", "L13", "out_cumulative_value+0")),
    ("volatile-function", "Checks", "C33", _formula("Checks", "C33", "TODAY()")),
    ("whole-column-reference", "Checks", "C33", _formula("Checks", "C33", "SUM(Workflows!H:H)")),
    ("number-as-text", "Workflows", "D16", _typed("Workflows", "D16", "16300000")),
    ("blank-reference", "Checks", "C33", _formula("Checks", "C33", "Workflows!M40")),
]


@pytest.mark.parametrize("style", [Style.NATIVE, Style.LAMBDA])
@pytest.mark.parametrize(
    ("rule", "sheet", "ref", "spoil"), SPOILED, ids=[f"{rule}-{sheet}-{ref}" for rule, sheet, ref, _ in SPOILED]
)
def test_a_spoiled_template_is_found_out(
    rule: str, sheet: str, ref: str, spoil: Callable[[Package], None], style: Style
) -> None:
    package = built("value_model", "decision_continuity", style)
    spoil(package)
    found = audit(Package.read(package.to_bytes()))
    assert (rule, sheet, ref) in [(one.rule, one.sheet, one.cell) for one in found], [str(one) for one in found]
