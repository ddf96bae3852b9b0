"""Outcomes: does a workflow succeed, what does a success cost, and where is work worth while."""

from __future__ import annotations

from typing import Literal

from valuehour.errors import CellError
from valuehour.functions.rounding import at_least, at_least_in_excel
from valuehour.functions.rules import Rule, above_zero, between, not_negative
from valuehour.functions.worksheet import worksheet_function

_FREQUENT = at_least_in_excel("{monthly_runs}", "{frequent_at}")
_EXPENSIVE = at_least_in_excel("{monthly_cost}", "{expensive_at}")
_CRITICAL = at_least_in_excel("{importance}", "{critical_at}")
_WEAK = at_least_in_excel("{weak_at}", "{importance}")
_HEALTHY = at_least_in_excel("{success_rate}", "{healthy_at}")
_ABOVE_CRITICAL = at_least_in_excel("{success_rate}", "{critical_below}")


@worksheet_function(
    family="Outcomes",
    expression="{successes}/{runs}",
    rules=(
        *not_negative("successes"),
        *above_zero("runs"),
        Rule(CellError.NUM, "there cannot be more successes than runs", when="successes > runs"),
    ),
    example="=SUCCESS_RATE(88,100)",
    example_result=0.88,
)
def success_rate(successes: float, runs: float) -> float:
    """Return the share of runs that succeeded.

    success_rate = successes / runs

    Parameters
    ----------
    successes : runs, 0 to runs
        Runs that met the success rule.
    runs : runs, > 0
        All runs.

    Returns
    -------
    fraction of runs, not rounded

    Raises
    ------
    DomainError
        A count is negative, or there are more successes than runs (``#NUM!``).
    DivisionError
        There are no runs (``#DIV/0!``).

    Source
    ------
    workflow_outcomes_guide: success rate

    Examples
    --------
    >>> success_rate(88, 100)
    0.88
    """
    return successes / runs


@worksheet_function(
    family="Outcomes",
    expression="{cost}/{successes}",
    rules=above_zero("successes"),
    example="=COST_PER_SUCCESS(420,880)",
    example_result=420 / 880,
)
def cost_per_success(cost: float, successes: float) -> float:
    """Return the cost of one successful run.

    cost_per_success = cost / successes

    Parameters
    ----------
    cost : money
        Cost of all runs, failed ones included; negative after corrections.
    successes : runs, > 0
        Runs that met the success rule.

    Returns
    -------
    money per success, not rounded

    Raises
    ------
    DomainError
        successes is negative (``#NUM!``).
    DivisionError
        There are no successes (``#DIV/0!``).

    Source
    ------
    workflow_outcomes_guide: cost per successful outcome

    Examples
    --------
    >>> cost_per_success(420, 840)
    0.5
    """
    return cost / successes


@worksheet_function(
    family="Outcomes",
    expression="IF({target}>{success_rate},{target}-{success_rate},0)",
    rules=(*between("success_rate", 0, 1), *between("target", 0, 1)),
    example="=ROOM_TO_IMPROVE(0.61,0.9)",
    example_result=0.29,
)
def room_to_improve(success_rate: float, target: float = 1.0) -> float:
    """Return how far a success rate is below its target.

    room_to_improve = MAX(0, target - success_rate)

    Parameters
    ----------
    success_rate : fraction of runs, 0 to 1
        Rate today.
    target : fraction of runs, 0 to 1
        Rate that is wanted.

    Returns
    -------
    fraction of runs, not rounded

    Raises
    ------
    DomainError
        A rate is outside 0 to 1 (``#NUM!``).

    Source
    ------
    workflow_outcomes_guide: room to improve

    Examples
    --------
    >>> room_to_improve(0.75), room_to_improve(0.95, 0.9)
    (0.25, 0.0)
    """
    return max(0.0, target - success_rate)


@worksheet_function(
    family="Outcomes",
    expression="{monthly_runs}*{cost_per_run}*{importance}*{room}",
    rules=(*not_negative("monthly_runs", "cost_per_run"), *between("importance", 1, 5), *not_negative("room")),
    example="=PRIORITY_SCORE(1200,0.35,4,0.12)",
    example_result=201.6,
)
def priority_score(monthly_runs: float, cost_per_run: float, importance: float, room: float) -> float:
    """Return a score to rank workflows by: what better outcomes could be worth.

    priority_score = monthly_runs * cost_per_run * importance * room

    The cost is per run, so that volume is counted once.

    Parameters
    ----------
    monthly_runs : runs per month, >= 0
        How often the workflow runs.
    cost_per_run : money per run, >= 0
        What one run costs.
    importance : scale, 1 to 5
        How much the outcome matters to the business.
    room : fraction of runs, >= 0
        Room to improve, as ROOM_TO_IMPROVE gives it.

    Returns
    -------
    score, higher is worth more

    Raises
    ------
    DomainError
        A number is negative, or importance is outside 1 to 5 (``#NUM!``).

    Source
    ------
    workflow_outcomes_guide: priority

    Examples
    --------
    >>> priority_score(1000, 0.5, 4, 0.25)
    500.0
    """
    return monthly_runs * cost_per_run * importance * room


@worksheet_function(
    family="Outcomes",
    expression=(
        f'IF(SIGN({{room}})=0,"low",IF(({_FREQUENT})*({_EXPENSIVE})*({_CRITICAL}),"high",'
        f'IF((1-({_FREQUENT}))*(1-({_EXPENSIVE}))*({_WEAK}),"low","medium")))'
    ),
    rules=(*not_negative("monthly_runs", "monthly_cost"), *between("importance", 1, 5), *not_negative("room")),
    example="=PRIORITY_BAND(1200,690,5,0.39)",
    example_result="high",
)
def priority_band(
    monthly_runs: float,
    monthly_cost: float,
    importance: float,
    room: float,
    frequent_at: float = 1000.0,
    expensive_at: float = 400.0,
    critical_at: float = 4.0,
    weak_at: float = 2.0,
) -> Literal["low", "medium", "high"]:
    """Return how urgent work on a workflow is: low, medium or high.

    low if there is no room to improve; high if it is frequent, expensive and critical;
    low if it is neither frequent nor expensive and its importance is weak; else medium

    Limits are compared to nine decimals.

    Parameters
    ----------
    monthly_runs : runs per month, >= 0
        How often the workflow runs.
    monthly_cost : money per month, >= 0
        What its runs cost together.
    importance : scale, 1 to 5
        How much the outcome matters to the business.
    room : fraction of runs, >= 0
        Room to improve, as ROOM_TO_IMPROVE gives it.
    frequent_at : runs per month
        Frequent from here on.
    expensive_at : money per month
        Expensive from here on.
    critical_at : scale
        Importance that is critical from here on.
    weak_at : scale
        Importance that is weak up to here.

    Returns
    -------
    text, low, medium or high

    Raises
    ------
    DomainError
        A number is negative, or importance is outside 1 to 5 (``#NUM!``).

    Source
    ------
    workflow_outcomes_guide: priority bands

    Examples
    --------
    >>> priority_band(1200, 690, 5, 0.39), priority_band(50, 20, 2, 0.1), priority_band(50, 690, 2, 0.1)
    ('high', 'low', 'medium')
    """
    if room == 0:
        return "low"
    frequent, expensive = at_least(monthly_runs, frequent_at), at_least(monthly_cost, expensive_at)
    if frequent and expensive and at_least(importance, critical_at):
        return "high"
    if not frequent and not expensive and at_least(weak_at, importance):
        return "low"
    return "medium"


@worksheet_function(
    family="Outcomes",
    expression=(
        f'IF({_HEALTHY},"healthy",IF({_EXPENSIVE},IF({_ABOVE_CRITICAL},"worth improving","high-priority"),"review"))'
    ),
    rules=(
        *not_negative("monthly_cost"),
        *between("success_rate", 0, 1),
        Rule(CellError.NUM, "critical_below may not lie above healthy_at", when="critical_below > healthy_at"),
    ),
    example="=OUTCOME_READ(690,0.61)",
    example_result="high-priority",
)
def outcome_read(
    monthly_cost: float,
    success_rate: float,
    healthy_at: float = 0.9,
    critical_below: float = 0.7,
    expensive_at: float = 400.0,
) -> Literal["healthy", "high-priority", "worth improving", "review"]:
    """Return the reading of a workflow's cost and success rate in one or two words.

    healthy from healthy_at on; else, if expensive, high-priority below critical_below and worth improving above;
    else review

    Limits are compared to nine decimals.

    Parameters
    ----------
    monthly_cost : money per month, >= 0
        What the workflow's runs cost together.
    success_rate : fraction of runs, 0 to 1
        Share of runs that succeeded.
    healthy_at : fraction of runs
        Healthy from here on.
    critical_below : fraction of runs
        Critical below this rate; may not lie above healthy_at.
    expensive_at : money per month
        Expensive from here on.

    Returns
    -------
    text, healthy, high-priority, worth improving or review

    Raises
    ------
    DomainError
        success_rate is outside 0 to 1, monthly_cost is negative, or critical_below lies above healthy_at (``#NUM!``).

    Source
    ------
    workflow_outcomes_guide: how to read the table

    Examples
    --------
    >>> [outcome_read(420, 0.88), outcome_read(180, 0.94), outcome_read(690, 0.61), outcome_read(210, 0.72)]
    ['worth improving', 'healthy', 'high-priority', 'review']
    """
    if at_least(success_rate, healthy_at):
        return "healthy"
    if at_least(monthly_cost, expensive_at):
        return "worth improving" if at_least(success_rate, critical_below) else "high-priority"
    return "review"
