"""Rounding, comparing and overflowing as spreadsheets do: on fifteen digits, half away from zero, never to infinity.

A spreadsheet shows fifteen digits of a number and rounds what it shows: ``0.285*100`` is 28.499999999999996 in
binary and rounds to 29 in a cell. Python's own ``round`` gives 28.
"""

from __future__ import annotations

import math

DIGITS = 15
EXACT_POWERS = 22  # the powers of ten up to here are exact as floats
_POWERS = [10**power for power in range(DIGITS + 1)]


def fifteen_digits(value: float) -> tuple[int, int]:
    """The size of a number as fifteen digits and the exponent of the first of them.

    >>> fifteen_digits(0.285 * 100), fifteen_digits(0.0)
    ((285000000000000, 1), (0, 0))
    """
    text = f"{abs(value):.14e}"
    return int(text[0] + text[2:16]), int(text[17:])


def round_to_digits(value: float, digits: int) -> float:
    """Round to so many significant digits, half away from zero.

    >>> round_to_digits(3348.55, 3), round_to_digits(-0.25, 1), round_to_digits(9.996, 3)
    (3350.0, -0.3, 10.0)
    """
    shift = digits - 1 - math.floor(math.log10(abs(value))) if value else 0
    if abs(shift) <= EXACT_POWERS:
        power = 10.0 ** abs(shift)
        scaled = abs(value) * power if shift > 0 else abs(value) / power
        whole = int(scaled)
        if clear_of_tie(scaled, whole) and whole + 1 < _POWERS[digits] <= 10 * whole:
            whole += scaled - whole > 0.5
            return math.copysign(whole / power if shift > 0 else whole * power, value)
    return _rounded(value, *fifteen_digits(value), digits)


def round_half_away(value: float, decimals: int) -> float:
    """Round to so many decimals (negative: tens, hundreds…), half away from zero, as Excel's ROUND.

    >>> round_half_away(0.285 * 100, 0), round_half_away(-2.5, 0), round_half_away(1250, -2), round_half_away(0.4, 0)
    (29.0, -3.0, 1300.0, 0.0)
    """
    digits, exponent = fifteen_digits(value)
    return _rounded(value, digits, exponent, exponent + 1 + decimals)


def _rounded(value: float, digits: int, exponent: int, keep: int) -> float:
    if keep < 0:
        return 0.0
    power = _POWERS[DIGITS - min(keep, DIGITS)]
    sign = "-" if value < 0 else ""
    return float(f"{sign}{(digits + power // 2) // power * power}e{exponent + 1 - DIGITS}")


def scaled_whole(value: float, decimals: int) -> int:
    """Round a number from 0 up to so many decimals, as a whole number of its last decimal.

    Clear of a tie the fifteen digits cannot matter, and the nearest whole number will do.

    >>> scaled_whole(33.33335, 4), scaled_whole(0.285 * 100, 0)
    (333334, 29)
    """
    scaled: float = value * _POWERS[decimals]
    whole = int(scaled)
    if clear_of_tie(scaled, whole):
        return whole + (scaled - whole > 0.5)
    digits, exponent = fifteen_digits(value)
    shift = exponent + 1 + decimals - DIGITS
    if shift >= 0:
        return int(digits * 10**shift)
    power = 10**-shift
    return int((digits + power // 2) // power)


def clear_of_tie(scaled: float, whole: int) -> bool:
    """Whether a number above its whole part is so far from a half that its fifteen digits round the same way."""
    return abs(scaled - whole - 0.5) > 1e-9 + scaled * 1e-14


def finite(value: float) -> float:
    """The value itself; a step on the way to a result that is too large for a cell is refused like the result."""
    if math.isinf(value):
        raise OverflowError
    return value


def same_number(left: float, right: float) -> bool:
    """Whether two numbers are equal to fifteen significant digits, as a spreadsheet compares them.

    >>> same_number(0.1 + 0.2, 0.3), same_number(0.1, 0.1000000001)
    (True, False)
    """
    return left == right or (
        abs(left - right) <= 1e-14 * abs(right)
        and (left < 0) == (right < 0)
        and fifteen_digits(left) == fifteen_digits(right)
    )


def at_least(value: float, limit: float) -> bool:
    """Whether a value reaches a limit, to nine decimals.

    Every engine compares figures beyond their fifteenth digit in its own way, so a limit is looked at to nine
    decimals everywhere: a rate of ``0.3*3`` reaches 0.9.

    >>> at_least(0.3 * 3, 0.9), at_least(0.899, 0.9)
    (True, False)
    """
    return value - limit > -5e-10


def at_least_in_excel(value: str, limit: str) -> str:
    """The same test as an Excel condition."""
    return f"{value}-{limit}>-5E-10"
