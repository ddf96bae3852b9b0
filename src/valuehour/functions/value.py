"""Value: what an hour is worth, and how a figure is shown."""

from __future__ import annotations

from valuehour.errors import CellError, DomainError
from valuehour.functions.rounding import finite, round_to_digits
from valuehour.functions.rules import Rule, above_zero, between
from valuehour.functions.worksheet import worksheet_function


@worksheet_function(
    family="Value",
    expression="{total_value}/({years}*{hours_per_year}*{employees})",
    rules=above_zero("years", "employees", "hours_per_year"),
    example="=VALUE_PER_HOUR(88000000,3)",
    example_result=3348.5540334855403,
)
def value_per_hour(total_value: float, years: float, employees: float = 1.0, hours_per_year: float = 8760.0) -> float:
    """Return the value created per hour, per employee.

    value_per_hour = total_value / (years * hours_per_year * employees)

    Parameters
    ----------
    total_value : money
        Value over the whole horizon; may be negative.
    years : years, > 0
        Length of the horizon; fractions allowed.
    employees : people, > 0
        Leave at 1 for the whole organisation.
    hours_per_year : hours per year, > 0
        8760 counts every hour; 2080 a working year.

    Returns
    -------
    money per hour (per employee), not rounded

    Raises
    ------
    DivisionError
        A divisor is 0 (``#DIV/0!``).
    DomainError
        A divisor is negative (``#NUM!``).

    Source
    ------
    business_process_workflows: Value-per-hour framing, Per-employee $/hour

    Examples
    --------
    >>> round(value_per_hour(88_000_000, 3), 2)
    3348.55
    """
    return total_value / finite(years * hours_per_year * employees)


@worksheet_function(
    family="Value",
    expression="IF(SIGN({value})=0,0,ROUND({value},{digits}-1-{exponent}))",
    steps=(
        ("near", "INT(LOG10(ABS({value}))+1E-12)"),
        ("exponent", "{near}-(ABS({value})<10^{near})"),
    ),
    dynamic={
        "result": (
            "IF(SIGN({value})=0,0,"
            "MAP({value}+0*{digits},{digits}-1-{exponent},LAMBDA(figure,places,ROUND(figure,places))))"
        )
    },
    rules=(
        *between("digits", 1, 15),
        Rule(CellError.NUM, "digits must be a whole number", formula="{digits}<>INT({digits})"),
    ),
    example="=SIGNIFICANT(3348.55)",
    example_result=3350.0,
)
def significant(value: float, digits: float = 3.0) -> float:
    """Return a value rounded half away from zero to so many significant figures.

    significant = ROUND(value, digits - 1 - exponent), where 10 ^ exponent <= |value| < 10 ^ (exponent + 1)

    Parameters
    ----------
    value : any unit
        The exact figure; 0 stays 0.
    digits : figures, a whole number from 1 to 15
        How many significant figures to keep.

    Returns
    -------
    the unit of value, rounded for display

    Raises
    ------
    DomainError
        digits is not a whole number from 1 to 15, or the result is too large for a cell (``#NUM!``).

    Source
    ------
    DESIGN: no false precision; headline figures are shown to three significant figures

    Examples
    --------
    >>> significant(3348.55), significant(-0.0012345, 2), significant(0)
    (3350.0, -0.0012, 0.0)
    """
    if digits != int(digits):
        raise DomainError(f"digits is {digits:.15g}; digits must be a whole number from 1 to 15")
    return round_to_digits(value, int(digits))
