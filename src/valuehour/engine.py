"""A workbook's formulas to values: the only door to the calculation engine.

formualizer refuses what it does not support instead of guessing, fills cached values in place, and calls our Python
functions in cells.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from valuehour.errors import CellError, FormulaError

Scalar = float | int | str | bool | CellError | None
Grid = list[list[Scalar]]
Value = Scalar | Grid

MAX_FORMULAS = 100_000
"""Formula cells of a workbook that the engine recalculates; it refuses a file with more."""

_KINDS = {
    "Null": CellError.NULL,
    "Div": CellError.DIV0,
    "Value": CellError.VALUE,
    "Ref": CellError.REF,
    "Name": CellError.NAME,
    "Num": CellError.NUM,
    "Na": CellError.NA,
    "Spill": CellError.SPILL,
    "Calc": CellError.CALC,
}
_TOKENS = {error: kind for kind, error in _KINDS.items()}
_TOO_MANY = "formula cell count limit"
_MIDNIGHT = datetime.time()
_EPOCH = datetime.datetime.combine(datetime.date(1899, 12, 30), _MIDNIGHT)
_MARCH_1900 = datetime.datetime.combine(datetime.date(1900, 3, 1), _MIDNIGHT)
_DAY = datetime.timedelta(days=1)


def recalculate(workbook: bytes) -> bytes:
    """Fill in the cached values of a workbook's formulas; every other part stays as it is."""
    import formualizer

    with _refusing("the calculation engine refuses this workbook"):
        result: bytes = formualizer.recalculate_xlsx_bytes(
            workbook,
            deterministic_timestamp_utc=datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC),
            external_links="refuse",
        )["bytes"]
    return result


def evaluate(formula: str, functions: Mapping[str, Callable[..., Any]]) -> Value:
    """The value of one formula, with our functions at hand; a grid when the formula spills.

    Parameters
    ----------
    formula : Excel, with or without its leading ``=``
    functions : by worksheet name
        Called with cells and ranges, as the engine hands them over.

    Raises
    ------
    FormulaError
        The formula cannot be parsed.

    Examples
    --------
    >>> evaluate("=DOUBLE({1,2})", {"DOUBLE": lambda cells: [[2 * c for c in row] for row in cells]})
    [[2.0, 4.0]]
    """
    import formualizer

    text = formula.strip()
    text = text if text.startswith("=") else f"={text}"
    book = formualizer.Workbook()
    book.add_sheet("Formula")
    _register(book, functions)
    with _refusing(f"cannot calculate {formula!r}"):
        formualizer.parse(text)
        book.set_formula("Formula", 1, 1, text)
        book.evaluate_all()
    spill = book.inspect_cell("Formula!A1").cell.spill
    if spill is None or spill.extent is None:
        return cast(Scalar, _value(book.get_value("Formula", 1, 1)))
    end = formualizer.CellRef.from_string(str(spill.extent).rsplit(":", 1)[-1])
    return [[_value(book.get_value("Formula", r, c)) for c in range(1, end.col + 1)] for r in range(1, end.row + 1)]


def evaluate_workbook(
    workbook: bytes,
    cells: Iterable[tuple[str, int, int]],
    functions: Mapping[str, Callable[..., Any]],
) -> dict[tuple[str, int, int], Scalar]:
    """The values of cells of a workbook whose formulas call our functions by name, calculated with Python's.

    The formulas may not refer to tables: the engine resolves table references only in :func:`recalculate`.
    """
    import formualizer

    with _refusing("the calculation engine refuses this workbook"):
        book = formualizer.Workbook.from_bytes(workbook)
        _register(book, functions)
        book.evaluate_all()
    return {(sheet, row, column): _value(book.get_value(sheet, row, column)) for sheet, row, column in cells}


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Whatever the engine raises becomes one line; its own errors share no base but Exception."""
    try:
        yield
    except Exception as error:
        reason = " ".join(str(error).split())
        if _TOO_MANY in reason:
            reason = f"it holds more than {MAX_FORMULAS:,} formulas, which is as many as can be calculated"
        raise FormulaError(f"{what}: {reason}") from error


def _register(book: Any, functions: Mapping[str, Callable[..., Any]]) -> None:
    for name, function in functions.items():
        book.register_function(name, _callback(function), min_args=0, max_args=None)


def _callback(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        return _handed(function(*(_received(argument) for argument in arguments)))

    return call


def _received(value: Any) -> Any:
    if isinstance(value, list):
        return [[_value(cell) for cell in (row if isinstance(row, list) else [row])] for row in value]
    return _value(value)


def _handed(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [[_handed(cell) for cell in row] for row in value]
    if isinstance(value, CellError):
        return {"type": "Error", "kind": _TOKENS[value]}
    return value


def _value(value: Any) -> Any:
    if isinstance(value, dict) and value.get("type") == "Error":
        return _KINDS.get(str(value.get("kind")), CellError.VALUE)
    if isinstance(value, datetime.datetime):
        return _serial(value)
    if isinstance(value, datetime.date):
        return _serial(datetime.datetime.combine(value, _MIDNIGHT))
    if isinstance(value, datetime.time):
        return (datetime.datetime.combine(_EPOCH, value) - _EPOCH) / _DAY
    if isinstance(value, datetime.timedelta):
        return value / _DAY
    return value


def _serial(moment: datetime.datetime) -> float:
    """The days since the last day of 1899; Excel counts a 29 February 1900, which never was."""
    return (moment - _EPOCH) / _DAY - (moment < _MARCH_1900)
