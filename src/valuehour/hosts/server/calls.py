"""One call of a function as Excel posts it: what it must look like, and what it gives.

A call is judged before anything of it runs: only functions that xlwings has decorated can be named, and only with
arguments that a sheet can have. xlwings' own handler answers it; a call of plain numbers takes a shorter way to the
same result, after the same judgement.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import ModuleType
from typing import Any

from valuehour.functions import FUNCTIONS, Function
from valuehour.functions.broadcasting import plain_result
from valuehour.hosts.server.refusals import Refused, quoted

Payload = dict[str, Any]
Answer = Callable[[Payload], Awaitable[Mapping[str, Any]]]

OFFICEJS = "Office.js"
REQUIRED = ("client", "version", "runtime")
OPTIONAL = ("culture_info_name", "date_format", "caller_address", "session_id")
SHARED = {"func_name", *REQUIRED, *OPTIONAL}
"""What may stand once for all calls of a batch. Ranges may not: judging them again for each call takes its time."""
LONGEST_TEXT = 1000
MOST_ARGUMENTS = 255
"""So many can stand in a formula. A function may take fewer; it says so in its cell."""
BLANKS = ([[None]], [[""]])
_RUNTIME = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}")
_NUMBERS = (float, int)


@dataclass(frozen=True)
class Served:
    """A function that Excel may call by its name."""

    name: str
    arguments: tuple[Mapping[str, Any], ...]
    definition: Function | None
    """None if the function is not one of the definitions."""
    takes_plain_calls: bool
    """Whether a call of plain numbers needs nothing but its numbers."""


@dataclass(frozen=True)
class Call:
    """A call that has been judged."""

    served: Served
    payload: Payload
    cells: int
    """How many cells go in and come out, as far as the shapes of the arguments tell."""


def served_functions(module: ModuleType) -> dict[str, Served]:
    """The functions of a module that can be called from outside: those that xlwings has decorated."""
    found = {}
    for name, shell in vars(module).items():
        told = getattr(shell, "__xlfunc__", None)
        if name.startswith("_") or not isinstance(told, dict) or told["name"] != name:
            continue
        definition = FUNCTIONS.get(name)
        plain = definition is not None and definition.domain is not None and not told["required_roles"]
        found[name] = Served(name, tuple(told["args"]), definition, plain)
    return found


def judged(payload: object, functions: Mapping[str, Served], most_cells: int) -> Call:
    """A call that may run.

    Raises
    ------
    Refused
        The function is not one of ours, or the payload is not what Excel posts.
    """
    if not isinstance(payload, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, f"a call is an object; found {_kind(payload)}")
    name = payload.get("func_name")
    if not isinstance(name, str):
        raise Refused(HTTPStatus.BAD_REQUEST, f"func_name is a text; found {_kind(name)}")
    served = functions.get(name)
    if served is None:
        raise Refused(HTTPStatus.NOT_FOUND, f"there is no function {quoted(name)}")
    arguments = payload.get("args")
    if not isinstance(arguments, list):
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name}: args is a list; found {_kind(arguments)}")
    for key in REQUIRED:
        _check_text(name, key, payload.get(key))
    for key in OPTIONAL:
        if payload.get(key) is not None:
            _check_text(name, key, payload[key])
    if not _RUNTIME.fullmatch(payload["runtime"]):
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name}: runtime is a version such as 1.4")
    if len(arguments) > len(served.arguments):
        text = f"{name}: {len(arguments)} arguments; allowed: {len(served.arguments)}"
        raise Refused(HTTPStatus.BAD_REQUEST, text)
    cells = len(arguments)
    if _single_numbers(arguments) is None:
        arguments, cells = _shaped(served, arguments, most_cells)
        payload = {**payload, "args": arguments}
    return Call(served, payload, cells)


def plain_body(call: Call) -> str | None:
    """The body of the answer to a call of plain numbers, as JSON; None for any other call."""
    definition = call.served.definition
    if definition is None or not call.served.takes_plain_calls or call.payload["client"] != OFFICEJS:
        return None
    numbers = _single_numbers(call.payload["args"])
    value = None if numbers is None else plain_result(definition, numbers)
    return None if value is None else f'{{"result":[[{json.dumps(value)}]]}}'


async def body(call: Call, answer: Answer) -> str:
    """The body of the answer to any call, as JSON."""
    return json.dumps(await answer(call.payload), allow_nan=False, separators=(",", ":"), default=_unknown)


def _single_numbers(arguments: list[Any]) -> list[float] | None:
    """The numbers of a call of single cells that hold numbers; None for any other call."""
    numbers = []
    for argument in arguments[: _given(arguments)]:
        if type(argument) is not list or len(argument) != 1:
            return None
        row = argument[0]
        if type(row) is not list or len(row) != 1 or type(row[0]) not in _NUMBERS:
            return None
        try:
            numbers.append(float(row[0]))
        except OverflowError:
            return None
    return numbers


def _given(arguments: list[Any]) -> int:
    """How many arguments there are without those that were left out at the end."""
    count = len(arguments)
    while count and arguments[count - 1] is None:
        count -= 1
    return count


def _shaped(served: Served, arguments: list[Any], most_cells: int) -> tuple[list[Any], int]:
    """The arguments with blank cells as 0 where xlwings would take them for left out, and how many cells they mean."""
    kept = []
    shapes = []
    for told, argument in zip(served.arguments, arguments, strict=False):
        if told["vararg"]:
            if not isinstance(argument, list):
                raise Refused(HTTPStatus.BAD_REQUEST, f"{served.name}: {told['name']} is a list of arguments")
            if len(argument) > MOST_ARGUMENTS:
                text = f"{served.name}: {len(argument):,} arguments; allowed: {MOST_ARGUMENTS}"
                raise Refused(HTTPStatus.BAD_REQUEST, text)
            shapes += [_shape(served, told["name"], entry) for entry in argument]
        else:
            shapes.append(_shape(served, told["name"], argument))
        kept.append([[0]] if "optional" in told and argument in BLANKS else argument)
    given = sum(math.prod(shape) for shape in shapes)
    grid = max((rows for rows, _ in shapes), default=0) * max((columns for _, columns in shapes), default=0)
    aggregates = served.definition is not None and served.definition.aggregates
    asked = given if aggregates else grid
    if asked > most_cells:
        text = f"{served.name}: {asked:,} cells at once; allowed: {most_cells:,}"
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
    return kept, max(given, asked)


def _shape(served: Served, name: str, argument: Any) -> tuple[int, int]:
    """Rows and columns of an argument: nothing if it was left out."""
    if argument is None:
        return 0, 0
    if not isinstance(argument, list):
        return 1, 1
    width = len(argument[0]) if argument and isinstance(argument[0], list) else 0
    if not width or any(type(row) is not list or len(row) != width or list in map(type, row) for row in argument):
        raise Refused(HTTPStatus.BAD_REQUEST, f"{served.name}: {name} is a cell or rows of cells, all of one length")
    return len(argument), width


def _check_text(name: str, key: str, value: object) -> None:
    if not isinstance(value, str) or len(value) > LONGEST_TEXT:
        raise Refused(HTTPStatus.BAD_REQUEST, f"{name}: {key} is a text of at most {LONGEST_TEXT} characters")


def _kind(value: object) -> str:
    return "nothing" if value is None else type(value).__name__


def _unknown(value: object) -> Any:
    raise TypeError(f"a result that is no cell: {type(value).__name__}")
