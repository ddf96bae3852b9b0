"""The further templates at their edges: every formula cell holds what each engine calculates for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import soffice
from tests.further_fillings import FURTHER
from tests.parity.test_templates import differing, in_ironcalc, poisoned, values_of
from tests.workbooks import STYLES, package_of
from valuehour import engine
from valuehour.ooxml import Package
from valuehour.workbooks.formula import Style
from valuehour.workbooks.verify import verify


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", FURTHER)
def test_ironcalc_calculates_the_values_that_stand_in_the_template(name: str, style: Style, tmp_path: Path) -> None:
    package = package_of(FURTHER[name], style)
    assert differing(package, in_ironcalc(package, tmp_path)) == []


@pytest.mark.parametrize("name", FURTHER)
def test_formualizer_calculates_the_values_that_stand_in_the_template(name: str) -> None:
    package = package_of(FURTHER[name])
    again = Package.read(engine.recalculate(poisoned(package).to_bytes()))
    assert differing(package, values_of(again)) == []


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", FURTHER)
def test_python_gives_every_function_result_and_no_cell_holds_an_error(name: str, style: Style) -> None:
    verdict = verify(package_of(FURTHER[name], style))
    assert verdict.differences == ()
    assert verdict.function_cells > 50


@pytest.mark.requires_libreoffice
def test_libreoffice_calculates_the_values_that_stand_in_the_template(tmp_path: Path) -> None:
    packages = {name: package_of(filling) for name, filling in FURTHER.items()}
    files = []
    for name, package in packages.items():
        files.append(tmp_path / f"{name.replace(' ', '-')}.xlsx")
        files[-1].write_bytes(poisoned(package).to_bytes())
    converted = soffice.convert(files, "xlsx", tmp_path / "converted")
    found = {
        name: differing(package, values_of(Package.read(file)))
        for (name, package), file in zip(packages.items(), converted, strict=True)
    }
    assert found == {name: [] for name in FURTHER}
