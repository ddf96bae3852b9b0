"""What holds for every ledger: what comes back from its archives, and what replay does not depend on."""

from __future__ import annotations

import datetime
import json
import random
import tempfile
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ledgers import Clock, closing_of, draft, reversal
from valuehour.errors import LedgerError
from valuehour.ledger import AsOf, Ledger, archive, baseline, restore, verify
from valuehour.ledger.bridge import STEPS, bridge
from valuehour.ledger.canonical import canonical, sha256
from valuehour.models.ledger import LedgerDraft

NAMES = ("uplift.K", "uplift.P", "projection.total_value", "share.Region.EMEA", "share.Region.U.S.", "outcome.x")
DAYS = st.dates(datetime.date(2026, 1, 1), datetime.date(2026, 12, 31))
AMOUNTS = st.decimals(Decimal("0.000001"), Decimal(1), places=6)
TEXTS = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=30).filter(
    lambda text: text[0] not in "=+-@"
)


@st.composite
def values(draw: st.DrawFn) -> LedgerDraft:
    """A value of one of a few names."""
    return draft(
        draw(st.sampled_from(NAMES)),
        draw(AMOUNTS),
        status=draw(st.sampled_from(["assumed", "measured"])),
        effective=draw(DAYS),
        source=draw(TEXTS),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[LedgerDraft]:
    """Values, corrections and closed periods, as they come; the ledger refuses some of them."""
    drafts: list[LedgerDraft] = draw(st.lists(values(), min_size=1, max_size=12))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(drafts)))
        back = reversal(draw(st.integers(1, 12)), draw(DAYS).isoformat())
        drafts.insert(at, draw(st.sampled_from([back, closing_of("2026-02")])))
    return drafts


def recorded(path: Path, drafts: Sequence[LedgerDraft]) -> Ledger:
    clock = Clock()
    ledger = Ledger.create(path, "Test", clock)
    # What is proven here does not need the disk, and syncing it is most of the time.
    ledger.connection.execute("PRAGMA synchronous = OFF")
    for each in drafts:
        clock.at += datetime.timedelta(hours=11)
        try:
            ledger.append([each], clock)
        except LedgerError:
            continue
    return ledger


def held(ledger: Ledger, day: datetime.date, through: int | None = None) -> dict[str, tuple[object, ...]]:
    view = AsOf.days(day, datetime.date(2027, 12, 31), through)
    return {
        name: (entry.value, entry.status, entry.effective, entry.source)
        for name, entry in baseline(ledger, view).entries.items()
    }


@settings(max_examples=40)
@given(histories())
def test_a_ledger_comes_back_from_its_archives_to_the_same_head(drafts: list[LedgerDraft]) -> None:
    with tempfile.TemporaryDirectory() as folder, recorded(Path(folder, "l.db"), drafts) as ledger:
        archive(ledger, Path(folder, "days"))
        if ledger.head().number == 0:
            return
        restore([Path(folder, "days")], Path(folder, "back.db"))
        with Ledger.open(Path(folder, "back.db")) as back:
            assert back.head() == ledger.head()
            assert verify(back).ok
            assert held(back, datetime.date(2026, 12, 31)) == held(ledger, datetime.date(2026, 12, 31))


@settings(max_examples=60)
@given(st.lists(values(), min_size=1, max_size=12), st.randoms(use_true_random=False), DAYS)
def test_replay_does_not_depend_on_the_order_of_different_names(
    drafts: list[LedgerDraft], chance: random.Random, day: datetime.date
) -> None:
    """Each name keeps its own order; how the names are shuffled into each other does not matter."""
    queues = {name: [each for each in drafts if each.name == name] for name in NAMES}
    shuffled: list[LedgerDraft] = []
    while any(queues.values()):
        name = chance.choice([name for name, queue in queues.items() if queue])
        shuffled.append(queues[name].pop(0))
    with (
        tempfile.TemporaryDirectory() as folder,
        recorded(Path(folder, "one.db"), drafts) as one,
        recorded(Path(folder, "two.db"), shuffled) as two,
    ):
        assert held(one, day) == held(two, day)


@settings(max_examples=60)
@given(histories(), DAYS, st.integers(0, 16))
def test_replay_is_what_a_plain_reading_of_the_entries_gives(
    drafts: list[LedgerDraft], day: datetime.date, through: int
) -> None:
    with tempfile.TemporaryDirectory() as folder, recorded(Path(folder, "l.db"), drafts) as ledger:
        entries = [entry for entry in ledger.entries() if entry.number <= through and entry.effective <= day]
        back = {entry.reverses for entry in entries if entry.kind == "reversal"}
        expected: dict[str, tuple[object, ...]] = {}
        for entry in sorted(entries, key=lambda entry: (entry.effective, entry.number)):
            if entry.kind == "value" and entry.number not in back:
                expected[str(entry.name)] = (entry.value, entry.status, entry.effective, entry.source)
        assert held(ledger, day, through) == expected


@settings(max_examples=40)
@given(histories())
def test_every_entry_is_canonical_and_follows_the_one_before(drafts: list[LedgerDraft]) -> None:
    with tempfile.TemporaryDirectory() as folder, recorded(Path(folder, "l.db"), drafts) as ledger:
        previous = ledger.genesis
        for number, hash_, text in ledger.rows():
            record = json.loads(text)
            assert text == canonical(record)
            assert (record["number"], record["previous"]) == (number, previous)
            assert hash_ == sha256(text)
            previous = hash_


FIGURES = st.fixed_dictionaries(
    {
        "total_value": st.decimals(-(10**12), 10**12, places=2),
        "years": st.decimals(Decimal("0.1"), 30, places=2),
        "hours_per_year": st.decimals(1, 8784, places=1),
        "coverage": st.decimals(0, 1, places=4),
        **{name: st.decimals(Decimal("0.01"), 10, places=4) for name in ("uplift_k", "uplift_p", "uplift_c")},
    }
)


@given(FIGURES, FIGURES, st.integers(0, 6))
def test_the_steps_of_a_bridge_sum_to_the_change_exactly(
    before: dict[str, Decimal], now: dict[str, Decimal], decimals: int
) -> None:
    found = bridge(before, now, decimals)
    assert [step.name for step in found.steps] == list(STEPS)
    assert sum(step.today for step in found.steps) == found.today - found.today_before
    assert sum(step.at_horizon for step in found.steps) == found.horizon - found.horizon_before
    assert all(step.today == 0 for step in found.steps if step.name.startswith("uplift"))
    assert all(step.at_horizon == 0 for step in found.steps if step.before == step.now)
