"""Amounts exactly: texts into decimals, twelve decimals kept, parts that sum to the whole."""

from __future__ import annotations

import decimal
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

PLACES = 12
UNIT = Decimal(1).scaleb(-PLACES)
LARGEST = Decimal(10) ** 25
"""Amounts from here on do not fit DECIMAL(38,12), with room to sum."""

# Wide enough that no sum or product of amounts is ever rounded.
EXACT = decimal.Context(prec=400, rounding=decimal.ROUND_HALF_UP, Emin=-999_999, Emax=999_999, traps=[])

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_LONGEST = 400
_FINEST = Decimal(1).scaleb(-330)  # the smallest float is 5e-324


class Amount(NamedTuple):
    """An amount to twelve decimals, and what is finer."""

    kept: Decimal
    residue: Decimal


def is_blank(text: str | None) -> bool:
    """Whether a cell says nothing: empty, or the literal NULL of database exports.

    >>> is_blank(" "), is_blank("NULL"), is_blank("NA")
    (True, True, False)
    """
    return text is None or text.strip() in ("", "NULL", "null")


def read_number(text: str) -> Decimal | None:
    """Return the number a text says, exactly, or nothing when it says none.

    A decimal point, an exponent, and commas between groups of three digits are understood; NaN, infinities, currency
    signs and decimal commas are not.

    >>> read_number("1,234.56"), read_number("1e-6"), read_number("1.234,56"), read_number("NaN")
    (Decimal('1234.56'), Decimal('0.000001'), None, None)
    """
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    elif not _NUMBER.fullmatch(text):
        return None
    value = EXACT.create_decimal(text)
    if not value.is_finite() or abs(value) >= LARGEST or (value and abs(value) < _FINEST):
        return None
    return value


def amount(value: Decimal) -> Amount:
    """Split a number into its first twelve decimals, rounded half away from zero, and what is finer.

    >>> amount(Decimal("0.0000000000015"))
    Amount(kept=Decimal('2E-12'), residue=Decimal('-5E-13'))
    """
    kept = value.quantize(UNIT, context=EXACT)
    return Amount(kept, EXACT.subtract(value, kept))


def equal_parts(total: Decimal, count: int) -> list[Decimal]:
    """Split an amount of twelve decimals into equal parts that sum to it: odd units go to the earlier parts.

    This is the rule of ALLOCATE with equal weights; a negative amount is split as its opposite.

    >>> equal_parts(Decimal("0.000000000005"), 3)
    [Decimal('2E-12'), Decimal('2E-12'), Decimal('1E-12')]
    """
    units = int(EXACT.scaleb(total, PLACES))
    whole, odd = divmod(abs(units), count)
    sign = -1 if units < 0 else 1
    return [Decimal(sign * (whole + (place < odd))).scaleb(-PLACES, EXACT) for place in range(count)]


def added(amounts: Sequence[Decimal]) -> Decimal:
    """Sum amounts without rounding."""
    total = Decimal(0)
    for each in amounts:
        total = EXACT.add(total, each)
    return total


def plain(value: Decimal) -> str:
    """Write an amount without an exponent, with at least two decimals and no zeros beyond them.

    >>> plain(Decimal("305.400000000000")), plain(Decimal("-1E-12"))
    ('305.40', '-0.000000000001')
    """
    text = f"{value:f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
