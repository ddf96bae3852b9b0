"""The records of the ledger: what a person records, and what stands in the ledger afterwards."""

from __future__ import annotations

import calendar
import datetime
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from valuehour.models.names import LINE_LIMIT, TEXT_LIMIT, Line, Text, shown
from valuehour.models.record import Record

Kind = Literal["value", "reversal", "close", "assertion"]
Status = Literal["assumed", "measured", "approved"]

LARGEST = Decimal(10) ** 15
"""Up to here a spreadsheet cell holds every whole number exactly."""
DIGITS = 28
PLACES = 18

# Where the low figure belongs to the low case and may be the larger number: a longer horizon means less an hour.
DIVISORS = frozenset({"projection.years", "projection.hours_per_year", "projection.employees"})

_NAMESPACE = re.compile(r"[a-z][a-z0-9_]*")
_PERIOD = re.compile(r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])))?")
_SHA256 = re.compile(r"[0-9a-f]{64}")


def plain_decimal(value: Decimal) -> str:
    """Return the one way in which the ledger writes a number: no exponent, no trailing zeros, no minus zero.

    >>> plain_decimal(Decimal("1.120")), plain_decimal(Decimal("8.8E7")), plain_decimal(Decimal("-0"))
    ('1.12', '88000000', '0')
    """
    text = str(value)
    if "E" in text:
        text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def period_span(period: str) -> tuple[datetime.date, datetime.date]:
    """Return the first and the last day of a period.

    >>> [day.isoformat() for day in period_span("2026-Q3")]
    ['2026-07-01', '2026-09-30']
    """
    found = _PERIOD.fullmatch(period)
    if found is None or int(found["year"]) == 0:
        raise ValueError(f"found {shown(period)}; allowed: a year, quarter or month such as 2026, 2026-Q3 or 2026-09")
    year = int(found["year"])
    first, last = 1, 12
    if found["quarter"]:
        first, last = 3 * int(found["quarter"]) - 2, 3 * int(found["quarter"])
    elif found["month"]:
        first = last = int(found["month"])
    return datetime.date(year, first, 1), datetime.date(year, last, calendar.monthrange(year, last)[1])


def _amount(value: Decimal) -> Decimal:
    if abs(value) > LARGEST:
        raise ValueError(f"found {value:g}; allowed: a number up to {LARGEST:g} in size, as a cell holds it exactly")
    exact = Decimal(plain_decimal(value))
    digits, exponent = exact.as_tuple().digits, exact.as_tuple().exponent
    if len(digits) > DIGITS or not isinstance(exponent, int) or -exponent > PLACES:
        raise ValueError(
            f"found a number of {len(digits)} digits; allowed: at most {DIGITS}, {PLACES} of them after the point"
        )
    return exact


def _name(text: str) -> str:
    namespace, dot, rest = text.partition(".")
    if not dot or not rest or not _NAMESPACE.fullmatch(namespace):
        raise ValueError(
            f"{shown(text)} is not a name of the ledger; allowed: a lower-case word, a point and the rest, such as "
            "uplift.K or share.Region.EMEA"
        )
    return text


def _period(text: str) -> str:
    period_span(text)
    return text


def _sha256(text: str) -> str:
    if not _SHA256.fullmatch(text):
        raise ValueError(f"found {shown(text)}; allowed: a sha256 in 64 hexadecimal digits")
    return text


def _composed(limit: int) -> Callable[[str], str]:
    def compose(text: str) -> str:
        composed = unicodedata.normalize("NFC", text)
        if len(composed) > limit:
            raise ValueError(f"{shown(text)} has {len(composed)} characters; allowed: at most {limit}")
        return composed

    return compose


Amount = Annotated[Decimal, AfterValidator(_amount)]
LedgerLine = Annotated[Line, AfterValidator(_composed(LINE_LIMIT))]
LedgerText = Annotated[Text, AfterValidator(_composed(TEXT_LIMIT))]
LedgerName = Annotated[LedgerLine, AfterValidator(_name)]
Period = Annotated[str, AfterValidator(_period)]
Sha256 = Annotated[str, AfterValidator(_sha256)]


class Evidence(Record):
    """What stands behind a figure: a file by name and sha256, a reference in words, or both."""

    file: LedgerText | None = None
    sha256: Sha256 | None = None
    reference: LedgerText | None = None

    @model_validator(mode="after")
    def _something(self) -> Evidence:
        if self.sha256 is None and self.reference is None:
            raise ValueError("holds nothing; allowed: the sha256 of a file, a reference in words, or both")
        return self

    def __str__(self) -> str:
        file = f"{self.file or 'file'}, sha256 {self.sha256}" if self.sha256 else ""
        return "; ".join(part for part in (self.reference, file) if part)


class LedgerDraft(Record):
    """What is to be recorded: a value, the reversal of an entry, the closing of a period, or a balance assertion.

    ``low`` and ``high`` are the figures of the low and the high case. The author is what the caller says it is: the
    ledger does not know who they are.
    """

    kind: Kind = "value"
    name: LedgerName | None = None
    value: Amount | None = None
    low: Amount | None = None
    high: Amount | None = None
    unit: LedgerLine | None = None
    status: Status | None = None
    effective: datetime.date
    period: Period | None = None
    source: LedgerText
    evidence: Evidence | None = None
    author: LedgerLine
    approver: LedgerLine | None = None
    reverses: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> LedgerDraft:
        needed = {
            "value": {"name", "value", "status"},
            "reversal": {"reverses"},
            "close": {"period"},
            "assertion": {"name", "value"},
        }[self.kind]
        allowed = needed | {"period", "evidence"}
        if self.kind == "value":
            allowed |= {"low", "high", "unit", "approver"}
        for field in ("name", "value", "low", "high", "unit", "status", "period", "evidence", "approver", "reverses"):
            given = getattr(self, field) is not None
            if given and field not in allowed:
                raise ValueError(f"{field} is given; not allowed for a {self.kind}")
            if field in needed and not given:
                raise ValueError(f"{field} is missing; a {self.kind} needs it")
        return self

    @model_validator(mode="after")
    def _approved_by_somebody_else(self) -> LedgerDraft:
        if (self.status == "approved") != (self.approver is not None):
            raise ValueError("status approved and an approver go together; allowed: both or neither")
        if self.approver is not None and self.approver.casefold() == self.author.casefold():
            raise ValueError(f"author and approver are both {shown(self.author)}; allowed: two different people")
        return self

    @model_validator(mode="after")
    def _band_in_order(self) -> LedgerDraft:
        if self.value is not None and self.name not in DIVISORS:
            low = self.value if self.low is None else self.low
            high = self.value if self.high is None else self.high
            if not low <= self.value <= high:
                raise ValueError(
                    f"low, value and high are {low:f}, {self.value:f} and {high:f}; allowed: low ≤ value ≤ high"
                )
        return self


class LedgerEntry(LedgerDraft):
    """An entry as it stands in a ledger, with its place in the chain.

    ``recorded`` is a moment in UTC; ``code`` the version that wrote the entry; ``hash`` the sha256 of the entry's
    canonical JSON, which holds everything else including the hash of the entry before (``previous``).
    """

    ledger: str
    number: Annotated[int, Field(ge=1)]
    previous: Sha256
    recorded: str
    code: str
    hash: Sha256

    @property
    def evidence_in_words(self) -> str:
        """What stands behind it, as a cell says it."""
        return "none given" if self.evidence is None else str(self.evidence)


class LedgerHeader(Record):
    """What a ledger is: the first link of its chain."""

    format: Literal["valuehour ledger 1"] = "valuehour ledger 1"
    title: LedgerLine
    created: str


class Checkpoint(Record):
    """What is kept outside so that a cut or rewritten ledger is seen: how many entries, the last hash, the date."""

    ledger: str
    count: Annotated[int, Field(ge=0)]
    head: Sha256
    date: str
