"""What a change of one cell is, and the XML of its formula and its value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import isfinite
from typing import Final

from valuehour.errors import CellError, WorkbookError
from valuehour.ooxml.markup import escape_text, has_unstorable, to_attribute, to_xml

MAX_TEXT = 32_767
MAX_FORMULA = 8_192


class Keep(Enum):
    """The marker for: leave as it is."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP

Value = float | int | str | bool | CellError | None


@dataclass(frozen=True, slots=True)
class Patch:
    """What to change in one cell; whatever is KEEP stays. Built by :func:`cached`, :func:`entered`, :func:`computed`.

    ``formula`` has file form without ``=``; None removes it. ``array_ref`` makes the formula an array over that
    range, None a plain one. ``result`` says that the value is computed: a kept formula stays and text is stored
    as a result rather than as typed.
    """

    value: Keep | Value = KEEP
    formula: str | Keep | None = KEEP
    array_ref: str | Keep | None = KEEP
    cm: int | Keep | None = KEEP
    style: int | Keep = KEEP
    result: bool = True


def cached(value: Value) -> Patch:
    """Set the cached value of a formula cell, or of a cell that an array fills; the formula stays."""
    return Patch(value=value)


def entered(value: Value, style: int | Keep = KEEP) -> Patch:
    """Enter a value as a person would: a formula that stood there is gone; None blanks the cell."""
    return Patch(value=value, formula=None, array_ref=None, cm=None, style=style, result=False)


def computed(
    formula: str, value: Value, array_ref: str | None = None, cm: int | None = None, style: int | Keep = KEEP
) -> Patch:
    """Set a formula with its cached value; ``cm`` is the index from ``dynamic_array_metadata``."""
    return Patch(value=value, formula=formula, array_ref=array_ref, cm=cm, style=style)


def marked(array_ref: str, cm: int | None) -> Patch:
    """Turn the formula of a cell into an array over ``array_ref``, with cell metadata; text and value stay."""
    return Patch(array_ref=array_ref, cm=cm)


def value_markup(value: Value, prefix: bytes, result: bool, where: str) -> tuple[bytes | None, bytes]:
    """Return the type of a cell that holds ``value``, None for a number, and the element that holds it."""
    if value is None:
        return None, b""
    if isinstance(value, bool):
        return b"b", b"<%sv>%d</%sv>" % (prefix, value, prefix)
    if isinstance(value, CellError):
        return b"e", b"<%sv>%s</%sv>" % (prefix, to_xml(value.value), prefix)
    if isinstance(value, str):
        # Excel counts UTF-16 units.
        if len(value.encode("utf-16-le", "surrogatepass")) > 2 * MAX_TEXT:
            raise WorkbookError(f"{where}: the text has {len(value)} characters; a cell holds {MAX_TEXT}")
        text = to_xml(escape_text(value))
        if result:
            return b"str", b"<%sv>%s</%sv>" % (prefix, text, prefix)
        space = b' xml:space="preserve"' if value != value.strip() or "\n" in value or "\t" in value else b""
        return b"inlineStr", b"<%sis><%st%s>%s</%st></%sis>" % (prefix, prefix, space, text, prefix, prefix)
    return None, b"<%sv>%s</%sv>" % (prefix, _number(value, where), prefix)


def formula_markup(prefix: bytes, formula: str, array_ref: str | None, where: str) -> bytes:
    """Return the element of a formula in file form."""
    if not formula or formula.startswith("="):
        raise WorkbookError(f"{where}: the formula {formula!r} must be given without its '=' and not be empty")
    if len(formula) > MAX_FORMULA:
        raise WorkbookError(f"{where}: the formula has {len(formula)} characters; Excel allows {MAX_FORMULA}")
    formula = formula.replace("\r\n", "\n").replace("\r", "\n")
    if has_unstorable(formula):
        raise WorkbookError(f"{where}: the formula holds a control character, which no workbook can store")
    area = b"" if array_ref is None else b' t="array" ref="%s"' % to_attribute(array_ref)
    return b"<%sf%s>%s</%sf>" % (prefix, area, to_xml(formula), prefix)


def _number(value: float | int, where: str) -> bytes:
    try:
        number = float(value)
    except OverflowError:
        number = float("inf")
    if not isfinite(number):
        raise WorkbookError(f"{where}: {value} is no number that a cell can hold; allowed are finite numbers")
    text = repr(number)
    return text.removesuffix(".0").encode()
