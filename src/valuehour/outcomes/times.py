"""Moments as texts say them, in the time zone of the result."""

from __future__ import annotations

import datetime
import re
from zoneinfo import ZoneInfo

from valuehour.errors import UsageError

FIRST = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 - wall time of the result's zone
LAST = datetime.datetime(2200, 1, 1)  # noqa: DTZ001 - wall time of the result's zone

_EPOCH = re.compile(r"\d{9,19}(\.\d{1,9})?")
_MONTH = re.compile(r"\d{4}-\d{2}")
_ISO = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?)? ?(Z|UTC|[+-]\d{2}(:?\d{2})?)?", re.IGNORECASE
)


def zone(name: str) -> ZoneInfo:
    """Return the time zone of this name, such as ``UTC`` or ``Europe/Berlin``.

    Raises
    ------
    UsageError
        There is no such time zone.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise UsageError(f"unknown time zone {name!r}; allowed: a name such as UTC or Europe/Berlin") from error


def read_time(text: str, where: ZoneInfo) -> datetime.datetime | None:
    """Return the wall time in the result's zone that a text says, or nothing when it says none.

    ISO 8601 dates and times, and seconds, milli-, micro- or nanoseconds since 1970. A time without an offset, and a
    date alone, are taken as the wall time of the result's zone.

    >>> read_time("2026-01-31T23:30:00Z", zone("Europe/Berlin"))
    datetime.datetime(2026, 2, 1, 0, 30)
    >>> read_time("1767225600", zone("UTC")), read_time("31/01/2026", zone("UTC"))
    (datetime.datetime(2026, 1, 1, 0, 0), None)
    """
    text = text.strip()
    if len(text) > 64:
        return None
    try:
        if _EPOCH.fullmatch(text):
            whole, _, fraction = text.partition(".")
            digits = len(whole)
            unit = 0 if digits <= 11 else 3 if digits <= 14 else 6 if digits <= 17 else 9
            micro = int(whole) * 10 ** (6 - unit) if unit <= 6 else int(whole) // 10 ** (unit - 6)
            micro += int((fraction + "000000")[:6]) // 10**unit if fraction else 0
            moment = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(microseconds=micro)
            return _wall(moment, where)
        if _MONTH.fullmatch(text):
            text += "-01"
        if not _ISO.fullmatch(text):
            return None
        return _wall(_iso(text), where)
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> datetime.datetime:
    date, _, rest = text.replace("t", "T").replace(" ", "T", 1).partition("T")
    year, month, day = date.split("-")
    rest = re.sub(r" ?(utc|z)$", "+00:00", rest, flags=re.IGNORECASE)
    clock, sign, offset = re.match(r"([\d:.,]*) ?([+-]?)(.*)", rest).groups()  # type: ignore[union-attr]
    whole, _, fraction = clock.replace(",", ".").partition(".")
    hour, minute, second = (*(int(part) for part in whole.split(":") if part), 0, 0, 0)[:3]
    micro = int((fraction + "000000")[:6])
    moment = datetime.datetime(int(year), int(month), int(day), hour, minute, second, micro)  # noqa: DTZ001 - as written; its offset follows
    if not sign:
        return moment
    digits = offset.replace(":", "").ljust(4, "0")
    span = datetime.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return moment.replace(tzinfo=datetime.timezone(span if sign == "+" else -span))


def _wall(moment: datetime.datetime, where: ZoneInfo) -> datetime.datetime | None:
    if moment.tzinfo is not None:
        moment = moment.astimezone(where).replace(tzinfo=None)
    return moment if FIRST <= moment < LAST else None
