"""The worked example of the source documents and the four reads of the guide, as the functions give them."""

from __future__ import annotations

import math

import pytest

from valuehour.functions import (
    FUNCTIONS,
    compound_continuous,
    continuous_rate,
    cumulative_value,
    outcome_read,
    significant,
    uplift,
    value_per_hour,
)

TOTAL = 88_000_000
YEARS = 3
FACTORS = (1.12, 1.08, 1.06)  # K, P and C of value_created_per_hour.md


def test_the_value_per_hour_of_the_example() -> None:
    assert round(value_per_hour(TOTAL, YEARS), 2) == 3348.55
    assert significant(value_per_hour(TOTAL, YEARS)) == 3350


def test_the_three_uplift_factors_multiply() -> None:
    assert uplift(*FACTORS) == pytest.approx(1.282176, rel=1e-12)


def test_the_continuous_rate_behind_the_multiplier() -> None:
    assert round(continuous_rate(uplift(*FACTORS), YEARS), 7) == 0.0828529
    assert math.isclose(math.exp(YEARS * continuous_rate(uplift(*FACTORS), YEARS)), 1.282176, rel_tol=1e-12)


def test_the_rate_after_three_years_is_not_the_documents_chain_of_rounded_figures() -> None:
    rate = continuous_rate(uplift(*FACTORS), YEARS)
    assert round(compound_continuous(value_per_hour(TOTAL, YEARS), rate, YEARS), 2) == 4293.44


def test_what_is_earned_by_then_is_less_than_the_end_rate_times_the_hours() -> None:
    rate = continuous_rate(uplift(*FACTORS), YEARS)
    earned = cumulative_value(value_per_hour(TOTAL, YEARS), rate, YEARS)
    assert round(earned / 1e6, 2) == 99.90
    assert earned < compound_continuous(value_per_hour(TOTAL, YEARS), rate, YEARS) * YEARS * 8760


@pytest.mark.parametrize(
    ("monthly_cost", "success_rate", "read"),
    [
        (420, 0.88, "worth improving"),
        (180, 0.94, "healthy"),
        (690, 0.61, "high-priority"),
        (210, 0.72, "review"),
    ],
)
def test_the_four_reads_of_the_guide(monthly_cost: float, success_rate: float, read: str) -> None:
    assert outcome_read(monthly_cost, success_rate) == read
    assert FUNCTIONS["OUTCOME_READ"].evaluate(monthly_cost, success_rate) == read
