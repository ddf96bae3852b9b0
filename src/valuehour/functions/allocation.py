"""Allocation: a total split to the last unit, by one rule that every host follows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

from valuehour.errors import CellError, DivisionError, DomainError
from valuehour.functions.ranges import flat, like
from valuehour.functions.rounding import round_half_away, scaled_whole
from valuehour.functions.rules import Rule, between, not_negative
from valuehour.functions.worksheet import worksheet_function

Weight = TypeVar("Weight", float, Sequence[float])

MOST_UNITS = 1e13
FINE_UNITS = 1e11  # up to here quotas carry four decimals, beyond it two
LARGEST_SUM = 1e300
SUM_SLACK = 1e-9

_DECIMALS = (
    Rule(CellError.NUM, "it must be from -9 to 9", when="decimals <= -10"),
    Rule(CellError.NUM, "it must be from -9 to 9", when="decimals >= 10"),
)
_UNITS = (
    Rule(CellError.NUM, "a total has at most 1e13 units; ask for fewer decimals", formula="{units}>1E13"),
    Rule(CellError.NUM, "use smaller weights", formula="{units}*{weight_sum}>1E300"),
)
_SCALE = (
    ("places", "TRUNC({decimals})"),
    ("fine", "10^MAX(0,{places})"),
    ("coarse", "10^MAX(0,-{places})"),
)
_GRANTED = (
    *_SCALE,
    ("weight_sum", "SUM({all:shares})"),
    ("granted", "IF(ABS(ROUND({weight_sum}-1,12))<=1E-9,1,{weight_sum})"),
    ("units", "ROUND(ABS({total})*{granted}*10^{places},0)"),
)
_SHARES = (
    *between("shares", 0, 1),
    *_DECIMALS,
    Rule(CellError.NUM, "shares may not sum to more than 1", formula="ROUND({weight_sum}-1,12)>1E-9"),
    *_UNITS,
)


def _split_steps(weights: str, divisor: str) -> tuple[tuple[str, str], ...]:
    """The largest remainders of ``units`` as Excel steps.

    ``key`` ranks the cells by remainder and then by place; cells without weight come last. Where rounded quotas
    gave out too much (``remaining`` below 0), everyone gives a unit back except the first ``remaining + cells`` of the
    ranking, in which quotas of 0 then come first.
    """
    weight = f"{{{weights}}}"
    cells = f"ROWS({{all:{weights}}})*COLUMNS({{all:{weights}}})"
    remainder = "INT(({quota}-{whole})*10^{precision}+0.5)+10000*({quota}=0)*({remaining}<0)"
    return (
        ("precision", "4-2*({units}>1E11)"),
        ("quota", f"ROUND({{units}}*{weight}/{divisor},{{precision}})"),
        ("whole", "INT({quota})"),
        ("remaining", "{units}-SUM({all:whole})"),
        ("key", f"({remainder}+SIGN({weight}))*{cells}-{{place:{weights}}}"),
        ("last", f"LARGE({{all:key}},MAX(1,{{remaining}}+{cells}*({{remaining}}<0)))"),
        ("extra", "({remaining}<>0)*(({key}>={last})-({remaining}<0))"),
    )


def _split_in_lambda(weights: str, divisor: str) -> dict[str, str]:
    """Quotas cell by cell, since not every engine rounds an array; decimals held where powers of ten are in reach."""
    return {
        "places": "MAX(-10,MIN(10,TRUNC({decimals})))",
        "quota": f"MAP({{units}}*{{{weights}}}/{divisor},LAMBDA(quotient,ROUND(quotient,{{precision}})))",
    }


_PARTS = "SIGN({total})*({whole}+{extra})*{coarse}/{fine}"


@worksheet_function(
    family="Allocation",
    whole_ranges=("weights",),
    returns_array=True,
    expression=_PARTS,
    steps=(
        *_SCALE,
        ("weight_sum", "SUM({all:weights})"),
        ("units", "ROUND(ABS({total})*10^{places},0)"),
        *_split_steps("weights", "{weight_sum}"),
    ),
    dynamic=_split_in_lambda("weights", "{weight_sum}"),
    rules=(
        *not_negative("weights"),
        *_DECIMALS,
        *_UNITS,
        Rule(CellError.DIV0, "a weight must be above 0", formula="SIGN({weight_sum})=0"),
    ),
    example="=ALLOCATE(100,{1;1;1})",
    example_result=[[33.34], [33.33], [33.33]],
)
def allocate(total: float, weights: Sequence[Weight], decimals: float = 2.0) -> list[Weight]:
    """Return a total split by weights, so that the parts sum to the rounded total exactly.

    allocate = (INT(quota) + extra) / 10 ^ decimals for each weight, where units = ROUND(|total| * 10 ^ decimals)
    and quota = ROUND(units * weight / sum of weights, 4)

    The units that the whole quotas leave over go one each to the largest remainders, equal remainders to the
    earlier cell, row by row; a blank or zero weight gets 0. Beyond 1e11 units quotas are rounded to 2 decimals. When
    very many quotas round up to whole numbers, their sum can pass the total; the surplus units are then taken back,
    one each, from the last of those whole quotas. A negative total is split as its opposite.

    Parameters
    ----------
    total : any unit
        What is to be split; may be negative.
    weights : any unit, >= 0
        One weight for each part; a flat sequence or rows of cells.
    decimals : decimals, -9 to 9
        Decimals of the parts, truncated to a whole number: 2 splits into cents, -3 into thousands.

    Returns
    -------
    the unit of total, in the shape of weights

    Raises
    ------
    WrongTypeError
        A weight is a text (``#VALUE!``).
    DomainError
        A weight is negative, decimals is outside -9 to 9, or there are more than 1e13 units (``#NUM!``).
    DivisionError
        All weights are 0 (``#DIV/0!``).

    Source
    ------
    FUNCTIONS: Allocation, the rule

    Examples
    --------
    >>> allocate(100, [1, 1, 1])
    [33.34, 33.33, 33.33]
    >>> allocate(-100, [[1, 0], [None, 2]], 0)
    [[-33.0, 0.0], [0.0, -67.0]]
    """
    cells = flat(weights)
    places = int(decimals)
    units = _units(total, 1.0, places)
    weight_sum = _checked_sum(units, cells)
    if weight_sum == 0:
        raise DivisionError("weights are all 0; at least one weight must be above 0")
    return like(_amounts(total, _split(units, cells, weight_sum), places), weights)


@worksheet_function(
    family="Allocation",
    whole_ranges=("shares",),
    returns_array=True,
    expression=_PARTS,
    steps=(*_GRANTED, *_split_steps("shares", "MAX({weight_sum},1E-307)")),
    dynamic=_split_in_lambda("shares", "MAX({weight_sum},1E-307)"),
    rules=_SHARES,
    example="=ALLOCATE_SHARES(100,{0.5;0.3})",
    example_result=[[50.0], [30.0]],
)
def allocate_shares(total: float, shares: Sequence[Weight], decimals: float = 2.0) -> list[Weight]:
    """Return the given shares of a total, so that the parts sum to the rounded sum of what they are due.

    allocate_shares = as ALLOCATE, with units = ROUND(|total| * sum of shares * 10 ^ decimals)

    Shares that sum to less than 1 leave a rest: see UNALLOCATED. A sum within 1e-9 of 1 counts as 1.

    Parameters
    ----------
    total : any unit
        What is to be split; may be negative.
    shares : fraction of total, 0 to 1
        One share for each part; a flat sequence or rows of cells.
    decimals : decimals, -9 to 9
        Decimals of the parts, truncated to a whole number: 2 splits into cents, -3 into thousands.

    Returns
    -------
    the unit of total, in the shape of shares

    Raises
    ------
    WrongTypeError
        A share is a text (``#VALUE!``).
    DomainError
        A share is outside 0 to 1, the shares sum to more than 1, decimals is outside -9 to 9, or there are more
        than 1e13 units (``#NUM!``).

    Source
    ------
    FUNCTIONS: Allocation, the rule

    Examples
    --------
    >>> allocate_shares(100, [0.5, 0.3]), allocate_shares(0.05, [0.5, 0.5])
    ([50.0, 30.0], [0.03, 0.02])
    """
    cells = flat(shares)
    places = int(decimals)
    units = _granted_units(total, cells, places)
    share_sum = _checked_sum(units, cells)
    return like(_amounts(total, _split(units, cells, share_sum or 1.0), places), shares)


@worksheet_function(
    family="Allocation",
    whole_ranges=("shares",),
    expression="SIGN({total})*(ROUND(ABS({total})*10^{places},0)-{units})*{coarse}/{fine}",
    steps=_GRANTED,
    dynamic=_split_in_lambda("shares", "1"),
    rules=_SHARES,
    example="=UNALLOCATED(100,{0.5;0.3})",
    example_result=20.0,
)
def unallocated(total: float, shares: Sequence[Weight], decimals: float = 2.0) -> float:
    """Return what ALLOCATE_SHARES leaves of a total.

    unallocated = ROUND(total, decimals) - sum of ALLOCATE_SHARES(total, shares, decimals)

    Parameters
    ----------
    total : any unit
        What is to be split; may be negative.
    shares : fraction of total, 0 to 1
        The shares that are given out; a flat sequence or rows of cells.
    decimals : decimals, -9 to 9
        Decimals of the parts, truncated to a whole number: 2 splits into cents, -3 into thousands.

    Returns
    -------
    the unit of total, to so many decimals

    Raises
    ------
    WrongTypeError
        A share is a text (``#VALUE!``).
    DomainError
        As ALLOCATE_SHARES (``#NUM!``).

    Source
    ------
    FUNCTIONS: Allocation

    Examples
    --------
    >>> unallocated(100, [0.5, 0.3]), unallocated(100, [1 / 3, 1 / 3, 1 / 3])
    (20.0, 0.0)
    """
    cells = flat(shares)
    places = int(decimals)
    units = _granted_units(total, cells, places)
    _checked_sum(units, cells)
    return _amounts(total, [_units(total, 1.0, places, most=math.inf) - units], places)[0]


def _granted_units(total: float, shares: Sequence[float], places: int) -> int:
    """The units that these shares of a total are due."""
    share_sum = math.fsum(shares)
    beyond = round_half_away(share_sum - 1, 12)
    if beyond > SUM_SLACK:
        raise DomainError(f"shares sum to {share_sum:.15g}; they may sum to 1 at most")
    return _units(total, 1.0 if abs(beyond) <= SUM_SLACK else share_sum, places)


def _units(total: float, share: float, places: int, most: float = MOST_UNITS) -> int:
    amount = abs(total) * share * 10.0**places
    units = amount if math.isinf(amount) else round_half_away(amount, 0)
    if units > most or math.isinf(units):
        raise DomainError(f"total is {total:.15g}, too many units at {places} decimals; ask for fewer decimals")
    return int(units)


def _checked_sum(units: int, weights: Sequence[float]) -> float:
    weight_sum = math.fsum(weights)
    if units * weight_sum > LARGEST_SUM:
        raise DomainError(f"weights sum to {weight_sum:.15g}, too large to split a total by; use smaller weights")
    return weight_sum


def _split(units: int, weights: Sequence[float], weight_sum: float) -> list[int]:
    """Whole units for each weight, by the largest remainders of quotas rounded to a few decimals."""
    decimals = 4 if units <= FINE_UNITS else 2
    scale = 10**decimals
    whole = float(units)
    quotas = [scaled_whole(whole * weight / weight_sum, decimals) for weight in weights]
    parts = [quota // scale for quota in quotas]
    left = units - sum(parts)
    if left > 0:
        remainders = [quota % scale if weight else -1 for quota, weight in zip(quotas, weights, strict=True)]
        for place in sorted(range(len(parts)), key=remainders.__getitem__, reverse=True)[:left]:
            parts[place] += 1
    elif left < 0:
        wholes = [place for place, quota in enumerate(quotas) if quota and quota % scale == 0]
        for place in wholes[left:]:
            parts[place] -= 1
    return parts


def _amounts(total: float, units: Sequence[int], places: int) -> list[float]:
    """Units as amounts: the floats nearest to the decimal numbers."""
    sign = -1 if total < 0 else 1
    if places < 0:
        return [float(sign * unit * 10**-places) for unit in units]
    return [sign * unit / 10**places for unit in units]
