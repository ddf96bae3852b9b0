"""The workbooks that people download are those that the code builds."""

from __future__ import annotations

from pathlib import Path

import pytest

from valuehour.ooxml import Package
from valuehour.workbooks.build import EMPTY, build
from valuehour.workbooks.compare import differences
from valuehour.workbooks.scenario import load_scenario, scenario_template, shipped
from valuehour.workbooks.templates import TEMPLATES, template

FOLDER = Path(__file__).resolve().parents[2] / "workbook_templates"


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_template_to_download_is_current(name: str) -> None:
    there = Package.read(FOLDER / f"{name}.xlsx")
    built = build(name, filling=EMPTY).package
    assert not differences(there, built), f"write it anew: valuehour build {name} --out workbook_templates"
    assert there.digest() == built.digest()


@pytest.mark.parametrize("scenario", shipped())
def test_the_worked_example_to_download_is_current(scenario: str) -> None:
    name = scenario_template(scenario)
    assert name is not None
    there = Package.read(FOLDER / scenario / f"{name}.xlsx")
    built = build(name, filling=load_scenario(template(name), scenario)).package
    assert not differences(there, built), (
        f"write it anew: valuehour build {name} --scenario {scenario} --out workbook_templates/{scenario}"
    )
    assert there.digest() == built.digest()


def test_no_further_file_lies_beside_them() -> None:
    expected = {f"{name}.xlsx" for name in TEMPLATES} | {
        f"{scenario}/{scenario_template(scenario)}.xlsx" for scenario in shipped()
    }
    assert {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()} == expected
