"""Every formula cell of every template holds what each engine calculates for it, to twelve digits.

The values that stand in the files are poisoned first: an engine that trusted them instead of calculating would fail.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from pathlib import Path

import ironcalc
import pytest

from tests import soffice
from tests.fillings import FILLINGS, LONG
from tests.workbooks import STYLES, cells_of, package_of
from valuehour import engine
from valuehour.errors import CellError
from valuehour.ooxml import CellValue, Package, cached, parse_cell, patch_cells
from valuehour.workbooks.compare import same
from valuehour.workbooks.formula import Style
from valuehour.workbooks.precedents import Precedents

POISON = "not calculated"
EVERY = {**FILLINGS, **LONG}
Values = Mapping[tuple[str, str], CellValue]


def poisoned(package: Package) -> Package:
    """A copy in which every formula cell holds a value that no engine calculates."""
    copy = package.copy()
    patches: dict[str, dict[str, object]] = {}
    for (sheet, ref), cell in cells_of(package).items():
        if cell.formula is not None:
            patches.setdefault(sheet, {})[ref] = cached(POISON)
    for sheet, by_ref in patches.items():
        patch_cells(copy, sheet, by_ref)
    return copy


def differing(package: Package, calculated: Values) -> list[str]:
    """Every formula cell whose cached value is not what was calculated."""
    precedents = Precedents(package)
    found = []
    count = 0
    for (sheet, ref), cell in cells_of(package).items():
        if cell.formula is None:
            continue
        count += 1
        other = calculated[sheet, ref]
        scale = precedents.scale(f"={cell.formula}", sheet, cell.row)
        if not same(cell.value, other) and not same(cell.value, other, scale):
            found.append(f"{sheet}!{ref}: cached {cell.value!r}, calculated {other!r}: ={cell.formula}")
    assert count > 50
    return found


def values_of(package: Package) -> Values:
    return {place: cell.value for place, cell in cells_of(package).items()}


@pytest.mark.parametrize("name", EVERY)
def test_formualizer_calculates_the_values_that_stand_in_the_native_template(name: str) -> None:
    package = package_of(EVERY[name])
    again = Package.read(engine.recalculate(poisoned(package).to_bytes()))
    assert differing(package, values_of(again)) == []


def in_ironcalc(package: Package, folder: Path) -> Values:
    path = folder / "template.xlsx"
    path.write_bytes(poisoned(package).to_bytes())
    with contextlib.redirect_stdout(io.StringIO()):
        model = ironcalc.load_from_xlsx(str(path))
        model.evaluate()
    sheets = {sheet.name: index for index, sheet in enumerate(package.worksheets())}
    found: dict[tuple[str, str], CellValue] = {}
    for sheet, ref in cells_of(package):
        place = (sheets[sheet], *parse_cell(ref))
        value = model.get_cell_value(*place)
        if model.get_cell_type(*place) is ironcalc.CellType.ErrorValue:
            value = CellError(value)
        found[sheet, ref] = value
    return found


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", EVERY)
def test_ironcalc_calculates_the_values_that_stand_in_the_template(name: str, style: Style, tmp_path: Path) -> None:
    package = package_of(EVERY[name], style)
    assert differing(package, in_ironcalc(package, tmp_path)) == []


def in_libreoffice(fillings: Mapping[str, Mapping[str, object]], folder: Path) -> dict[str, list[str]]:
    """What differs in each of these fillings, all of them calculated in one start."""
    packages = {name: package_of(filling) for name, filling in fillings.items()}
    files = []
    for name, package in packages.items():
        files.append(folder / f"{name.replace(' ', '-')}.xlsx")
        files[-1].write_bytes(poisoned(package).to_bytes())
    converted = soffice.convert(files, "xlsx", folder / "converted")
    return {
        name: differing(package, values_of(Package.read(file)))
        for (name, package), file in zip(packages.items(), converted, strict=True)
    }


@pytest.mark.requires_libreoffice
def test_libreoffice_calculates_the_values_that_stand_in_the_native_template(tmp_path: Path) -> None:
    assert in_libreoffice(FILLINGS, tmp_path) == {name: [] for name in FILLINGS}


@pytest.mark.requires_libreoffice
def test_libreoffice_calculates_long_tables_cell_by_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From about a hundred rows on Calc works a column out in threads, and then reads cells before they are ready."""
    monkeypatch.setenv("SC_FORCE_CALCULATION", "core")
    assert in_libreoffice(LONG, tmp_path) == {name: [] for name in LONG}
