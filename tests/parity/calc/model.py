"""What Calc gives for a call through the extension: Python's result but for the numbered differences.

The model says for every cell what may stand there. It is one thing, except where several arguments are bad: there
Calc shows the error of any of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tests.parity.engines import Call
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS, Argument, Cell


def allowed(call: Call) -> list[list[list[Cell]]]:
    """The cells that may stand in each place of the result."""
    expected = call.expected
    height, width = (len(expected), len(expected[0])) if isinstance(expected, list) else (1, 1)
    call = Call(call.name, tuple(map(_read_from_file, call.arguments)))
    at = _whole(call) if FUNCTIONS[call.name].aggregates else _cell_by_cell(call)
    return [[at(row, column) for column in range(width)] for row in range(height)]


def _read_from_file(argument: Any) -> Any:
    """Calc reads a cell that holds an empty text as a blank one."""
    if isinstance(argument, list):
        return [[_read_from_file(cell) for cell in row] for row in argument]
    return None if argument == "" else argument


def _whole(call: Call) -> Any:
    """A function that takes ranges as a whole is called once."""
    found = [error for argument in call.arguments for error in _errors_of_whole(argument)]
    result = Call(call.name, tuple(map(_handed_over, call.arguments))).expected

    def at(row: int, column: int) -> list[Cell]:
        if found:
            return found
        return [result[row][column] if isinstance(result, list) else result]

    return at


def _errors_of_whole(argument: Any) -> Iterable[CellError]:
    if not isinstance(argument, list):
        return [argument] if isinstance(argument, CellError) else []
    holds_error = any(isinstance(cell, CellError) for row in argument for cell in row)
    return [CellError.VALUE] if holds_error else []  # difference 18


def _handed_over(argument: Any) -> Any:
    """Blank cells as 0, but for those of ranges; true and false as 1 and 0 (difference 11)."""
    if isinstance(argument, list):
        return [[_number(cell) for cell in row] for row in argument]
    return _number(0.0 if argument is None else argument)


def _number(cell: Any) -> Any:
    return float(cell) if isinstance(cell, bool) else cell


def _cell_by_cell(call: Call) -> Any:
    """A function of single cells is called by Calc for every cell of its ranges."""
    function = FUNCTIONS[call.name]
    required = function.counts[0]
    taken, optional = call.arguments[:required], call.arguments[required:]
    named = function.arguments[required:]
    optional = tuple(_unwrapped(argument) for argument in optional)
    sides = [(len(argument), len(argument[0])) for argument in taken if isinstance(argument, list)]
    whole = max((rows for rows, _ in sides), default=1), max((columns for _, columns in sides), default=1)

    def at(row: int, column: int) -> list[Cell]:
        place = tuple(0 if side == 1 else index for index, side in zip((row, column), whole, strict=True))
        if any(index >= side for index, side in zip(place, whole, strict=True)):
            return [CellError.NA]  # the array formula covers more cells than Calc has results
        cells = [
            _required(argument, *place, is_text=described.kind == "text")
            for argument, described in zip(taken, function.arguments, strict=False)
        ]
        errors = [cell for cell in (*cells, *optional) if isinstance(cell, CellError)]
        if any(isinstance(argument, list) for argument in optional):
            errors.append(CellError.VALUE)  # difference 15
        errors += [CellError.VALUE for cell, argument in zip(optional, named, strict=False) if _is_bad(cell, argument)]
        if errors:
            return list(errors)  # difference 17
        return [Call(call.name, (*cells, *map(_handed_over, optional))).expected]

    return at


def _unwrapped(argument: Any) -> Any:
    if not isinstance(argument, list) or len(argument) > 1 or len(argument[0]) > 1:
        return argument
    ((cell,),) = argument
    return CellError.VALUE if isinstance(cell, CellError) else cell


def _is_bad(cell: Any, argument: Argument) -> bool:
    return argument.kind == "number" and isinstance(cell, str)


def _required(argument: Any, row: int, column: int, *, is_text: bool) -> Any:
    if isinstance(argument, list):
        row = 0 if len(argument) == 1 else row
        column = 0 if len(argument[0]) == 1 else column
        if row >= len(argument) or column >= len(argument[0]):
            return CellError.VALUE  # difference 16
        argument = argument[row][column]
    if argument is None:
        return 0.0
    if isinstance(argument, str) and not is_text:
        try:
            return float(argument)  # difference 14
        except ValueError:
            return CellError.VALUE
    return _number(argument)


def may_stand(cell: Cell, options: Sequence[Cell], agree: Any) -> bool:
    """Whether a cell is one of those that may stand there."""
    return any(agree(option, cell) for option in options)
