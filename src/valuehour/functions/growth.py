"""Growth: an hourly rate that compounds, the factors behind it, and what is earned along the way."""

from __future__ import annotations

import math
from collections.abc import Sequence

from valuehour.errors import CellError
from valuehour.functions.ranges import flat, is_range
from valuehour.functions.rounding import finite
from valuehour.functions.rules import Rule, above_zero, not_negative
from valuehour.functions.worksheet import worksheet_function


@worksheet_function(
    family="Growth",
    expression="{initial_value}*(1+{growth_rate})^{years}",
    rules=(
        Rule(CellError.NUM, "growth_rate must be -1 or more", when="growth_rate < -1"),
        Rule(CellError.NUM, "0 to the power of 0 is not defined", when="growth_rate = -1 & years = 0"),
        Rule(CellError.DIV0, "a growth_rate of -1 needs years above 0", when="growth_rate = -1 & years < 0"),
    ),
    example="=COMPOUND_DISCRETE(100,0.08,3)",
    example_result=125.9712,
)
def compound_discrete(initial_value: float, growth_rate: float, years: float) -> float:
    """Return a value that grows once a year, after so many years.

    compound_discrete = initial_value * (1 + growth_rate) ^ years

    Parameters
    ----------
    initial_value : any unit
        Value at the start; may be negative.
    growth_rate : fraction per year, >= -1
        0.08 is 8 % a year.
    years : years
        Time grown; fractions allowed, negative looks back.

    Returns
    -------
    the unit of initial_value, not rounded

    Raises
    ------
    DomainError
        growth_rate is below -1, or -1 with years = 0, or the result is too large (``#NUM!``).
    DivisionError
        growth_rate is -1 and years is negative (``#DIV/0!``).

    Source
    ------
    business_process_workflows: Discrete compounding

    Examples
    --------
    >>> round(compound_discrete(100, 0.08, 3), 4)
    125.9712
    """
    yearly = max(0.0, 1 + growth_rate)  # a rate of -1 may arrive with noise beyond its fifteenth digit
    grown: float = yearly**years
    return initial_value * grown


@worksheet_function(
    family="Growth",
    expression="{initial_value}*EXP({growth_rate}*{years})",
    example="=COMPOUND_CONTINUOUS(3348.55,0.0828529,3)",
    example_result=4293.430725731583,
)
def compound_continuous(initial_value: float, growth_rate: float, years: float) -> float:
    """Return a value that grows continuously, after so many years.

    compound_continuous = initial_value * e ^ (growth_rate * years)

    Of an hourly rate this is the rate at that time, not what has been earned by then: see CUMULATIVE_VALUE.

    Parameters
    ----------
    initial_value : any unit
        Value at the start; may be negative.
    growth_rate : fraction per year
        Continuous rate; 0.08 is 8 % a year, compounded at every moment.
    years : years
        Time grown; fractions allowed, negative looks back.

    Returns
    -------
    the unit of initial_value, not rounded

    Raises
    ------
    DomainError
        The result is too large for a cell (``#NUM!``).

    Source
    ------
    business_process_workflows: Continuous compounding

    Examples
    --------
    >>> rate = continuous_rate(1.282176, 3)
    >>> round(compound_continuous(88_000_000 / 26_280, rate, 3), 2)
    4293.44
    """
    return initial_value * math.exp(finite(growth_rate * years))


@worksheet_function(
    family="Growth",
    expression="{initial_value}*EXP(({base_growth_rate}+{flywheel_growth_rate})*{years})",
    example="=COMPOUND_FLYWHEEL(100,0.05,0.03,3)",
    example_result=127.12491503214047,
)
def compound_flywheel(
    initial_value: float, base_growth_rate: float, flywheel_growth_rate: float, years: float
) -> float:
    """Return a value whose continuous growth is reinforced by a flywheel, after so many years.

    compound_flywheel = initial_value * e ^ ((base_growth_rate + flywheel_growth_rate) * years)

    Parameters
    ----------
    initial_value : any unit
        Value at the start; may be negative.
    base_growth_rate : fraction per year
        Continuous rate of the workflow itself.
    flywheel_growth_rate : fraction per year
        Continuous rate that second-order effects add.
    years : years
        Time grown; fractions allowed, negative looks back.

    Returns
    -------
    the unit of initial_value, not rounded

    Raises
    ------
    DomainError
        The result is too large for a cell (``#NUM!``).

    Source
    ------
    business_process_workflows: Compound compounding (reinforcing flywheels)

    Examples
    --------
    >>> round(compound_flywheel(100, 0.05, 0.03, 3), 4)
    127.1249
    """
    return initial_value * math.exp(finite((base_growth_rate + flywheel_growth_rate) * years))


@worksheet_function(
    family="Growth",
    expression="PRODUCT({factors})",
    each="{factor}",
    identity="1",
    rules=(Rule(CellError.NUM, "a factor must be above 0", when="factor <= 0"),),
    example="=UPLIFT(1.12,1.08,1.06)",
    example_result=1.282176,
)
def uplift(*factors: float | Sequence[float | None] | Sequence[Sequence[float | None]]) -> float:
    """Return the multiplier of several uplift factors together.

    uplift = factor1 * factor2 * ...

    Blanks inside a range are skipped. A single blank cell is a 0, as everywhere, and so refused.

    Parameters
    ----------
    *factors : factor, > 0
        1.12 is an uplift of 12 %. Numbers or whole ranges; up to eight arguments.

    Returns
    -------
    factor, not rounded

    Raises
    ------
    WrongTypeError
        There is no number at all, or a text among them (``#VALUE!``).
    DomainError
        A factor is 0 or negative (``#NUM!``).

    Source
    ------
    value_created_per_hour: K, P and C

    Examples
    --------
    >>> round(uplift(1.12, [1.08, None, 1.06]), 6)
    1.282176
    """
    product: float = math.prod(cell for factor in factors if is_range(factor) for cell in flat(factor))
    return product


@worksheet_function(
    family="Growth",
    expression="LN({multiplier})/{years}",
    rules=(
        Rule(CellError.NUM, "it must be above 0", when="multiplier <= 0"),
        *above_zero("years"),
    ),
    example="=CONTINUOUS_RATE(1.282176,3)",
    example_result=0.08285287818903575,
)
def continuous_rate(multiplier: float, years: float) -> float:
    """Return the continuous growth rate that turns 1 into a multiplier within so many years.

    continuous_rate = ln(multiplier) / years

    Parameters
    ----------
    multiplier : factor, > 0
        End value divided by start value.
    years : years, > 0
        Time it takes; fractions allowed.

    Returns
    -------
    fraction per year, not rounded

    Raises
    ------
    DomainError
        multiplier is 0 or negative, or years is negative (``#NUM!``).
    DivisionError
        years is 0 (``#DIV/0!``).

    Source
    ------
    value_created_per_hour: rate from the multiplier

    Examples
    --------
    >>> round(continuous_rate(1.282176, 3), 7)
    0.0828529
    """
    return math.log(multiplier) / years


@worksheet_function(
    family="Growth",
    expression="{value_per_hour}*{hours_per_year}*{years}*{growth_ratio}",
    steps=(
        ("exponent", "{growth_rate}*{years}"),
        ("gain", "IF(ABS({exponent})<1,2*EXP({exponent}/2)*SINH({exponent}/2),EXP({exponent})-1)"),
        ("growth_ratio", "IF(ABS({exponent})<1E-15,1,{gain}/{exponent})"),
    ),
    rules=not_negative("years", "hours_per_year"),
    example="=CUMULATIVE_VALUE(3348.55,0.0828529,3)",
    example_result=99901815.83757076,
)
def cumulative_value(value_per_hour: float, growth_rate: float, years: float, hours_per_year: float = 8760.0) -> float:
    """Return what has been earned by the end of a span while the hourly rate grows continuously.

    cumulative_value = value_per_hour * hours_per_year * (e ^ (growth_rate * years) - 1) / growth_rate,
    and value_per_hour * hours_per_year * years at growth_rate = 0

    The end rate times the hours would overclaim: the rate was lower before. Written as years * (e^x - 1) / x with
    x = growth_rate * years, which stays accurate for small rates.

    Parameters
    ----------
    value_per_hour : money per hour
        Hourly rate at the start; may be negative.
    growth_rate : fraction per year
        Continuous rate; 0.08 is 8 % a year.
    years : years, >= 0
        Length of the span; fractions allowed.
    hours_per_year : hours per year, >= 0
        8760 counts every hour; 2080 a working year.

    Returns
    -------
    money, not rounded

    Raises
    ------
    DomainError
        years or hours_per_year is negative, or the result is too large (``#NUM!``).

    Source
    ------
    the integral of COMPOUND_CONTINUOUS over the span

    Examples
    --------
    >>> round(cumulative_value(88_000_000 / 26_280, continuous_rate(1.282176, 3), 3) / 1e6, 2)
    99.9
    """
    exponent = finite(growth_rate * years)
    growth = math.expm1(exponent) / exponent if abs(exponent) >= 1e-15 else 1.0
    return value_per_hour * hours_per_year * years * growth
