"""The sheets Bridge and Ledger hold what each engine calculates for them, to twelve digits."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from tests import soffice
from tests.ledgers import Clock, draft
from tests.parity.test_templates import differing, in_ironcalc, poisoned, values_of
from valuehour import engine
from valuehour.ledger import AsOf, Ledger
from valuehour.ledger.recalibration import recalibrate
from valuehour.ooxml import Package
from valuehour.workbooks.formula import Style
from valuehour.workbooks.scenario import load_scenario
from valuehour.workbooks.templates import template

DAY = datetime.date(2026, 11, 30)
RECORDS = {
    "projection.total_value": ("96000000", "90000000", "100000000"),
    "projection.years": ("2.5", None, None),
    "uplift.K": ("1.15", "1.05", "1.3"),
    "share.Region.NA": ("0.333333333333", None, None),
    "share.Region.Nowhere before": ("0.1", None, None),
}


def recalibrated(folder: Path, style: Style = Style.NATIVE) -> Package:
    with Ledger.create(folder / "l.db", "Test", Clock()) as ledger:
        drafts = [draft(name, value, low=low, high=high) for name, (value, low, high) in RECORDS.items()]
        ledger.append(drafts, Clock(datetime.datetime(2026, 10, 2, tzinfo=datetime.UTC)))
        base = load_scenario(template("value_model"), "decision_continuity")
        made = recalibrate(ledger, AsOf.days(DAY), known_on=DAY, base=base, style=style)
    return Package.read(made.built.to_bytes())


def test_formualizer_calculates_the_values_of_a_recalibrated_workbook(tmp_path: Path) -> None:
    package = recalibrated(tmp_path)
    assert differing(package, values_of(Package.read(engine.recalculate(poisoned(package).to_bytes())))) == []


@pytest.mark.parametrize("style", [Style.NATIVE, Style.LAMBDA])
def test_ironcalc_calculates_the_values_of_a_recalibrated_workbook(tmp_path: Path, style: Style) -> None:
    package = recalibrated(tmp_path, style)
    assert differing(package, in_ironcalc(package, tmp_path)) == []


@pytest.mark.requires_libreoffice
def test_libreoffice_calculates_the_values_of_a_recalibrated_workbook(tmp_path: Path) -> None:
    package = recalibrated(tmp_path)
    file = tmp_path / "recalibrated.xlsx"
    file.write_bytes(poisoned(package).to_bytes())
    (converted,) = soffice.convert([file], "xlsx", tmp_path / "converted")
    assert differing(package, values_of(Package.read(converted))) == []
