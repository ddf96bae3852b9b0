"""The one order of judgement: an error in an argument, then wrong types, then the rules, then the result.

Every call passes through `judge`, whether it comes from Python or from a cell; every result through `settle`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

from valuehour.errors import ArgumentCellError, CellError, DivisionError, DomainError, WrongTypeError
from valuehour.functions.definition import Argument, Definition
from valuehour.functions.ranges import flat, is_range, like


def judge(definition: Definition, values: Sequence[object]) -> list[Any]:
    """The arguments as the body of the function takes them: numbers as floats, blanks of ranges settled.

    Raises the error of the first thing that is wrong, in the order that holds for every function.
    """
    named = definition.named_arguments(len(values))
    given = [list(value) if is_range(value) else value for value in values]
    cells = [flat(value) if isinstance(value, list) else [value] for value in given]
    for (name, _), found in zip(named, cells, strict=True):
        if CellError in map(type, found):
            error = next(cell for cell in found if isinstance(cell, CellError))
            raise ArgumentCellError(error, f"{name} is the error {error}")
    typed = [
        _typed(name, argument, isinstance(value, list), found)
        for (name, argument), value, found in zip(named, given, cells, strict=True)
    ]
    if definition.variadic and not any(typed):
        raise WrongTypeError(f"{named[0][0]} holds nothing but blanks; at least one value is needed")
    by_name: dict[str, Any] = {}
    for (name, argument), found in zip(named, typed, strict=True):
        if argument.kind == "number" and not all(map(math.isfinite, found)):
            raise DomainError(f"{name} is not a finite number; numbers up to 1.8E+308 are allowed")
        if argument.variadic:
            by_name.setdefault(argument.name, []).extend(found)
        else:
            by_name[name] = found if argument.whole_range else found[0]
    for rule in definition.rules:
        if rule.holds(by_name):
            raise rule.refusal(by_name)
    if definition.variadic:
        return typed
    return [
        (value if found is unchanged else like(found, value)) if isinstance(value, list) else found[0]
        for value, found, unchanged in zip(given, typed, cells, strict=True)
    ]


def settle(body: Callable[..., Any], values: Iterable[object]) -> Any:
    """Call the body; a result that is not a finite number is refused."""
    try:
        result = body(*values)
    except OverflowError as error:
        raise DomainError("the result is too large for a cell; use smaller numbers") from error
    except ZeroDivisionError as error:
        raise DivisionError("the result divides by zero; a divisor is too small") from error
    if isinstance(result, float) and not math.isfinite(result):
        raise DomainError("the result is too large for a cell; use smaller numbers")
    return result


def _typed(name: str, argument: Argument, given_range: bool, cells: list[Any]) -> list[Any]:
    """The cells of one argument as the kind it takes."""
    if given_range and not argument.whole_range:
        raise WrongTypeError(f"{name} is a range; a single value is needed")
    if argument.kind != "number":
        return [cell for cell in cells if not is_blank_part(cell)] if argument.variadic else cells
    if set(map(type, cells)) == {float}:
        return cells
    if given_range:
        cells = (
            [cell for cell in cells if cell is not None]
            if argument.variadic
            else [0.0 if c is None else c for c in cells]
        )
    return [_number(name, cell) for cell in cells]


def _number(name: str, value: object) -> float:
    """A number as a float: true and false count as 1 and 0; anything but a number is refused."""
    if not isinstance(value, Real | Decimal):
        raise WrongTypeError(f"{name} is {value!r}; a number is needed")
    try:
        return float(value)
    except OverflowError:
        return math.inf


def is_blank_part(cell: object) -> bool:
    """Whether a part of a path counts as blank: nothing, an empty text, or 0 (as some hosts hand over a blank).

    >>> [is_blank_part(cell) for cell in (None, "", 0.0, False, "0", "Region")]
    [True, True, True, False, False, False]
    """
    return cell is None or cell == "" or (cell == 0 and not isinstance(cell, bool))
