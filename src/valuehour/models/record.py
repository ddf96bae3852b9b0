"""What every record has in common, and how its refusals are put into plain words."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Set

from pydantic import BaseModel, ConfigDict, ValidationError

from valuehour.models.names import did_you_mean, shown

# What is allowed, by the type of pydantic's refusal.
_ALLOWED = {
    "string_type": "a text",
    "float_type": "a number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "finite_number": "a finite number",
    "tuple_type": "a list",
    "model_type": "a table",
    "too_short": "at least one",
}


class Record(BaseModel):
    """Base of all records: nothing unknown, nothing converted, nothing changed later."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


def explain(error: ValidationError, record: type[Record], filled: Set[str] = frozenset()) -> list[tuple[str, str]]:
    """Return every fault of a refused record as its field and a reason: what was found, what is allowed.

    The field is empty where the fault lies between several fields. Places in lists count from one. ``filled`` are
    the keys that the caller fills in, so that no person is told to give them.

    Examples
    --------
    >>> class Point(Record):
    ...     x: float
    >>> try:
    ...     Point.model_validate({"x": "1"})
    ... except ValidationError as error:
    ...     explain(error, Point)
    [('x', "found '1'; allowed: a number")]
    """
    faults = []
    for fault in error.errors(include_url=False):
        place = fault["loc"]
        if fault["type"] == "extra_forbidden":
            known = sorted(_fields(record, place[:-1]) - filled)
            word = str(place[-1])
            reason = f"unknown key {shown(word)}{did_you_mean(word, known)}; allowed: {', '.join(known)}"
            place = place[:-1]
        elif fault["type"] == "missing":
            reason = "is missing; it is required"
        elif fault["type"] == "value_error":
            reason = str(fault["ctx"]["error"])
        elif fault["type"] == "literal_error":
            reason = f"found {shown(fault['input'])}; allowed: {fault['ctx']['expected']}"
        else:
            reason = f"found {shown(fault['input'])}; allowed: {_ALLOWED.get(fault['type'], fault['msg'])}"
        faults.append((_place(place), reason))
    return faults


def _place(location: tuple[int | str, ...]) -> str:
    """Put a place inside a record as people say it: ``members, item 2, name``."""
    return ", ".join(f"item {part + 1}" if isinstance(part, int) else part for part in location)


def _fields(record: type[Record], location: tuple[int | str, ...]) -> set[str]:
    """Return the keys allowed at a place inside a record."""
    for part in location:
        if isinstance(part, str):
            record = next(_records(record.model_fields[part].annotation))
    return set(record.model_fields)


def _records(annotation: object) -> Iterator[type[Record]]:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _records(argument)
