"""What a spreadsheet gets when it asks the ledger for one value, and what it does not get."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from tests.ledgers import Clock, draft
from valuehour.errors import CellError, NotAvailableError
from valuehour.ledger import Ledger
from valuehour.ledger.lookup import Lookup

ROOT = Path(__file__).parents[3]
TODAY = datetime.date(2026, 12, 31)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    clock = Clock()
    ledger = Ledger.create(tmp_path / "l.db", "Test", clock)
    ledger.append([draft("uplift.K", "1.12", reference="Pilot report"), draft("salary.board", "9")], clock)
    clock.on("2026-11-01")
    ledger.append([draft("uplift.K", "1.2", status="assumed", effective="2026-10-31")], clock)
    return ledger


@pytest.fixture
def lookup(ledger: Ledger) -> Lookup:
    return Lookup(ledger, ["uplift.*"], lambda: TODAY)


def test_a_name_gives_what_holds_today_or_held_on_a_day(lookup: Lookup) -> None:
    october = datetime.date(2026, 10, 15)
    assert (lookup.value("uplift.K"), lookup.status("uplift.K"), lookup.evidence("uplift.K")) == (1.2, "assumed", "")
    assert lookup.value("uplift.K", october) == 1.12
    assert lookup.status("uplift.K", october) == "measured"
    assert lookup.evidence("uplift.K", october) == "Pilot report"


def test_a_name_that_may_not_be_seen_is_not_told_from_one_that_is_not_there(lookup: Lookup) -> None:
    answers = []
    for name in ("salary.board", "salary.nobody", "uplift.P", "uplift.*", "*"):
        with pytest.raises(NotAvailableError) as caught:
            lookup.value(name)
        assert caught.value.cell_error is CellError.NA
        answers.append(str(caught.value).replace(name, "X"))
    assert len(set(answers)) == 1


def test_before_it_was_recorded_there_was_nothing(lookup: Lookup) -> None:
    with pytest.raises(NotAvailableError):
        lookup.value("uplift.K", datetime.date(2026, 9, 30))  # effective that day, and recorded on the next


def test_the_documentation_names_every_figure_and_every_change() -> None:
    from valuehour.ledger.mapping import FIGURES

    text = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    for name in FIGURES:
        namespace, _, rest = name.partition(".")
        assert f"`{name}`" in text or (f"`{namespace}." in text and f"`.{rest}`" in text), name
    for change in ("edit", "insert", "delete", "reorder", "replace", "cut tail", "splice", "changed clock"):
        assert change in text
