"""The guide's four workflows, from raw rows of spend and runs to its table of reads."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.outcome_files import GUIDE, Folder, found, guide_runs, guide_spend, table, totals


def test_raw_rows_become_the_guides_table_of_reads(tmp_path: Path) -> None:
    outcomes = Folder(tmp_path).join(table(guide_spend()), table(guide_runs()))
    read = {each.workflow: (each.cost_per_month, each.counts.success_rate, each.read) for each in outcomes.workflows}
    assert read == GUIDE
    assert totals(outcomes) == ("1500.00", "1500.00", "0.00", "0.00")
    assert found(outcomes) == {}


def test_every_measure_of_a_workflow_is_what_its_rows_say(tmp_path: Path) -> None:
    outcomes = Folder(tmp_path).join(table(guide_spend()), table(guide_runs()))
    first = outcomes.workflows[0]
    assert (first.workflow, first.rank, first.months, first.monthly_runs) == ("planning_digest", 1, 1, 100)
    counts = first.counts
    assert (counts.sides, counts.spend_rows, counts.runs, counts.successes) == ("both", 151, 100, 61)
    assert counts.cost_per_success == Decimal("11.311475409836")
    assert (counts.turnaround_p50, counts.turnaround_p95) == (109.5, 154.05)
    assert (counts.manual_review_rate, counts.acceptance_rate, counts.reliability) == (0.25, 0.9, 1.0)
    assert (first.room, first.priority_score, first.band) == (0.39, round(100 * 6.9 * 3 * 0.39, 9), "medium")
