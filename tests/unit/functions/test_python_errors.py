"""A Python caller reads in one line which argument it was, what was found, and what is allowed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from valuehour.errors import (
    ArgumentCellError,
    CellError,
    DivisionError,
    DomainError,
    FunctionError,
    NotAvailableError,
    SourceError,
    WrongTypeError,
)
from valuehour.functions import (
    Snapshot,
    allocate,
    allocate_shares,
    compound_discrete,
    group_path,
    groupings,
    ledger,
    ledger_status,
    outcome_read,
    priority_score,
    significant,
    success_rate,
    unallocated,
    uplift,
    value_per_hour,
)

TAXONOMY = [("Time", "Year"), ("Revenue", "SKU")]
RECORDS = Snapshot.of(46000, [("uplift.K", 1.12, "measured", "Pilot report")])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: value_per_hour(1, -2), DomainError, "years is -2; it must be above 0"),
        (lambda: value_per_hour(1, 1, 0), DivisionError, "employees is 0; it must be above 0"),
        (lambda: value_per_hour(1, "x"), WrongTypeError, "years is 'x'; a number is needed"),
        (lambda: value_per_hour(1, None), WrongTypeError, "years is None; a number is needed"),
        (lambda: value_per_hour(1, [2]), WrongTypeError, "years is a range; a single value is needed"),
        (lambda: value_per_hour(1, float("inf")), DomainError, "years is not a finite number"),
        (lambda: value_per_hour(1e308, 1e-308), DomainError, "the result is too large"),
        (lambda: value_per_hour(1, 1e-200, 1e-200), DivisionError, "a divisor is too small"),
        (lambda: value_per_hour(1, CellError.REF), ArgumentCellError, "years is the error #REF!"),
        (lambda: significant(1, 2.5), DomainError, "digits is 2.5; digits must be a whole number from 1 to 15"),
        (lambda: significant(1, 16), DomainError, "digits is 16; it must be from 1 to 15"),
        (lambda: compound_discrete(1, -1, -1), DivisionError, "growth_rate is -1 and years is -1; a growth_rate"),
        (lambda: success_rate(5, 4), DomainError, "successes is 5 and runs is 4; there cannot be more successes"),
        (lambda: outcome_read(1, 0.5, 0.6, 0.7), DomainError, "critical_below is 0.7 and healthy_at is 0.6"),
        (lambda: priority_score(1, 1, 6, 1), DomainError, "importance is 6; it must be from 1 to 5"),
        (lambda: uplift(1, [2, -3]), DomainError, "factor holds -3 as its number 3; a factor must be above 0"),
        (lambda: uplift([None], []), WrongTypeError, "factor1 holds nothing but blanks"),
        (lambda: allocate(1, [1, -2]), DomainError, "weights holds -2 as its number 2; it must be 0 or more"),
        (lambda: allocate(1, [[1, 2], [3, "x"]]), WrongTypeError, "weights is 'x'; a number is needed"),
        (lambda: allocate(1, [0, None]), DivisionError, "weights are all 0; at least one weight"),
        (lambda: allocate(1, []), DivisionError, "weights are all 0"),
        (lambda: allocate(1, [1], 12), DomainError, "decimals is 12; it must be from -9 to 9"),
        (lambda: allocate(1e12, [1]), DomainError, "too many units at 2 decimals; ask for fewer decimals"),
        (lambda: allocate(1, [1e308, 1e308]), DomainError, "too large"),
        (lambda: allocate(1, [1e303]), DomainError, "weights sum to 1e[+]303, too large"),
        (lambda: allocate_shares(1, [0.6, 0.5]), DomainError, "shares sum to 1.1; they may sum to 1 at most"),
        (lambda: unallocated(1, [1.5]), DomainError, "shares holds 1.5 as its number 1; it must be from 0 to 1"),
        (lambda: groupings("Space", taxonomy=TAXONOMY), NotAvailableError, "'Space'; the taxonomy has Time, Revenue"),
        (lambda: groupings(7, taxonomy=TAXONOMY), NotAvailableError, "structure is 7"),
        (lambda: groupings("Time", taxonomy=[]), NotAvailableError, "the taxonomy has none"),
        (
            lambda: ledger("uplift.P", records=RECORDS),
            NotAvailableError,
            "'uplift.P'; the ledger holds nothing of that",
        ),
        (lambda: ledger("uplift.K", 45999, records=RECORDS), NotAvailableError, "for you on day 45999"),
        (
            lambda: ledger("uplift.K", -1, records=RECORDS),
            DomainError,
            "as_of is -1; it must be a date up to 31 December",
        ),
        (
            lambda: ledger("uplift.K", 2958466),
            DomainError,
            "as_of is 2958466; it must be a date up to 31 December 9999",
        ),
        (lambda: ledger("uplift.K", "2026-09-30"), WrongTypeError, "as_of is '2026-09-30'; a number is needed"),
        (lambda: ledger_status("uplift.K"), SourceError, "there is no ledger to look in here"),
        (lambda: group_path("a → b"), WrongTypeError, "part 'a → b' contains the separator"),
        (lambda: group_path(None, 0), WrongTypeError, "part1 holds nothing but blanks"),
    ],
)
def test_an_error_names_the_argument_what_was_found_and_what_is_allowed(
    call: Callable[[], Any], error: type[FunctionError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_an_error_cell_comes_back_as_the_same_error() -> None:
    with pytest.raises(ArgumentCellError) as caught:
        uplift("x", [1, CellError.NA], CellError.REF)  # type: ignore[list-item, arg-type]
    assert caught.value.cell_error is CellError.NA


def test_any_real_number_will_do() -> None:
    assert value_per_hour(Decimal(8760), Fraction(1, 2), True) == 2  # type: ignore[arg-type]
    assert allocate(Decimal("0.05"), [Fraction(1), Decimal(1)]) == [0.03, 0.02]  # type: ignore[arg-type, list-item]


def test_any_sequence_will_do() -> None:
    assert allocate(3, range(3), 0) == [0, 1, 2]  # type: ignore[type-var]
    assert uplift(factor for factor in (2.0, 3.0)) == 6  # type: ignore[arg-type]
