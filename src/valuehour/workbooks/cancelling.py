"""How much of a formula's result may be rounding: what is left after sums cancel.

Two engines add the same numbers in another order, so the result of a sum agrees to 1e-12 of its largest summand and
not of what is left of it. A quotient, a product or a power has no such excuse of its own, nor have sums of whole
numbers that are exact: typed, counted or rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from openpyxl.formula.tokenizer import Token

Values = Callable[[str], Iterable[tuple[float, bool]]]

LARGEST = 1e308
USUAL_COUNT = 1e3  # of rows or cells
LARGEST_WHOLE = 1e15  # sums of such numbers are exact
_COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")
_SUMS = ("SUM", "SUMIF", "SUMIFS", "SUMPRODUCT", "SUMXMY2", "SUBTOTAL")
_COUNTS = ("SIGN", "ROW", "ROWS", "COLUMN", "COLUMNS", "COUNT", "COUNTA", "COUNTIF", "COUNTIFS", "MATCH")
_ROUNDED = ("INT", "ROUND", "ROUNDUP", "ROUNDDOWN", "TRUNC")
_PICKS = ("", "ABS", "IF", "IFERROR", "MAX", "MIN", "LARGE", "SMALL", "INDEX", "N")


@dataclass(frozen=True, slots=True)
class Size:
    """How large a value is at most, and of what the rounding in it is a tiny part (0: of nothing but itself).

    ``whole`` is a value that is a whole number in every engine, of the kind that is added without rounding.
    """

    magnitude: float = 0.0
    scale: float = 0.0
    whole: bool = False


def cancelling_scale(tokens: Iterable[Token], values: Values) -> float:
    """The size of the summands of a formula, in the unit of its result.

    Parameters
    ----------
    tokens : of the formula, as openpyxl splits it
    values : the numbers that stand where a reference of the formula points, each with whether it was typed

    Returns
    -------
    0 where nothing is added or subtracted; of nested sums the one that matters most
    """
    reader = _Reader([token for token in tokens if token.type != Token.WSPACE], values)
    return min(reader.comparison().scale, LARGEST)


class _Reader:
    """A reader of formulas by precedence, from the loosest to the tightest operator."""

    def __init__(self, tokens: Sequence[Token], values: Values) -> None:
        self._tokens = tokens
        self._values = values
        self._at = 0

    def comparison(self) -> Size:
        size = self._joined()
        while self._infix(_COMPARISONS):
            self._joined()
            size = Size(1.0, whole=True)
        return size

    def _joined(self) -> Size:
        size = self._sum()
        while self._infix(("&",)):
            size = _largest((size, self._sum()))
        return size

    def _sum(self) -> Size:
        terms = [self._product()]
        while self._infix(("+", "-")):
            terms.append(self._product())
        return terms[0] if len(terms) == 1 else _added(terms)

    def _product(self) -> Size:
        size = self._power()
        while operator := self._infix(("*", "/")):
            size = _times(size, self._power(), divided=operator == "/")
        return size

    def _power(self) -> Size:
        size = self._reference()
        while self._infix(("^",)):
            size = _raised(size, self._reference())
        return size

    def _reference(self) -> Size:
        size = self._operand()
        while self._infix((":", ",", " ")):
            size = _largest((size, self._operand()))
        return size

    def _operand(self) -> Size:
        if self._at >= len(self._tokens):
            return Size()
        token = self._tokens[self._at]
        if token.type == Token.OP_PRE:
            self._at += 1
            return self._operand()
        if token.type in (Token.SEP, Token.OP_IN) or token.subtype == Token.CLOSE:
            return Size()  # an argument that was left out
        self._at += 1
        if token.subtype == Token.OPEN:
            size = self._called(token.value.rstrip("(").upper().removeprefix("_XLFN."))
        elif token.type == Token.OPERAND and token.subtype == Token.NUMBER:
            number = float(token.value)
            size = Size(abs(number), whole=_is_whole(number))
        elif token.type == Token.OPERAND and token.subtype == Token.RANGE:
            found = list(self._values(token.value.strip()))
            whole = bool(found) and all(typed and _is_whole(value) for value, typed in found)
            size = Size(max((abs(value) for value, _ in found), default=1.0), whole=whole)
        else:
            size = Size(1.0, whole=True)
        while self._at < len(self._tokens) and self._tokens[self._at].type == Token.OP_POST:
            self._at += 1
            size = Size(size.magnitude / 100, size.scale / 100)
        return size

    def _called(self, name: str) -> Size:
        """A bracket, an array or a function, whose opening was just read."""
        arguments = [self.comparison()]
        while self._at < len(self._tokens) and self._tokens[self._at].type == Token.SEP:
            self._at += 1
            arguments.append(self.comparison())
        self._at += 1  # its closing
        if name in _SUMS:
            return _summed(name, arguments)
        if name == "IF":
            arguments = arguments[1:]  # a condition picks a value and does not get into it
        elif name in ("LARGE", "SMALL", "INDEX"):
            arguments = arguments[:1]
        first = arguments[0] if arguments else Size()
        if name in _COUNTS:
            return Size(1.0 if name == "SIGN" else USUAL_COUNT, whole=True)
        if name in _ROUNDED:
            places = arguments[1] if len(arguments) > 1 else Size()
            return Size(first.magnitude, whole=name == "INT" or (places.whole and places.magnitude == 0))
        if name == "EXP":
            power = math.exp(min(first.magnitude, 700))
            return Size(power, first.scale * power)
        if name in ("LN", "LOG10") and first.magnitude > 0:
            return Size(max(1.0, abs(math.log(first.magnitude))), first.scale / first.magnitude)
        if name == "SQRT" and first.magnitude > 0:
            return Size(math.sqrt(first.magnitude), first.scale / math.sqrt(first.magnitude))
        if name == "POWER" and len(arguments) > 1:
            return _raised(first, arguments[1])
        size = _largest(arguments)
        return size if name in _PICKS else Size(size.magnitude, size.scale)

    def _infix(self, operators: Sequence[str]) -> str:
        """The operator that stands here if it is one of these, which is then passed; else nothing."""
        if self._at < len(self._tokens):
            token = self._tokens[self._at]
            value: str = token.value.strip()
            if token.type == Token.OP_IN and value in operators:
                self._at += 1
                return value
        return ""


def _is_whole(number: float) -> bool:
    return number.is_integer() and abs(number) <= LARGEST_WHOLE


def _largest(sizes: Sequence[Size]) -> Size:
    return Size(
        max((size.magnitude for size in sizes), default=0.0),
        max((size.scale for size in sizes), default=0.0),
        all(size.whole for size in sizes),
    )


def _added(sizes: Sequence[Size]) -> Size:
    largest = _largest(sizes)
    magnitude = sum(size.magnitude for size in sizes)
    if largest.whole:
        return Size(magnitude, whole=True)
    return Size(magnitude, max(largest.magnitude, largest.scale))


def _summed(name: str, arguments: Sequence[Size]) -> Size:
    if name == "SUMIFS":
        return _added(arguments[:1])
    if name == "SUMPRODUCT":
        product = Size(1.0)
        for size in arguments:
            product = _times(product, size)
        return _added([product])
    if name == "SUMXMY2":
        largest = _largest(arguments)
        return _added([_times(largest, largest)])
    return _added(arguments)


def _times(left: Size, right: Size, *, divided: bool = False) -> Size:
    """A product or a quotient; each factor's rounding counts as much as the others are large."""
    if not divided:
        return Size(
            left.magnitude * right.magnitude,
            max(left.scale * right.magnitude, right.scale * left.magnitude),
            left.whole and right.whole,
        )
    if right.magnitude == 0:
        return Size(left.magnitude, left.scale)
    size = left.magnitude / right.magnitude
    return Size(size, max(left.scale / right.magnitude, right.scale / right.magnitude * size))


def _raised(base: Size, exponent: Size) -> Size:
    if base.magnitude == 0:
        return Size(0.0, base.scale)
    try:
        size = base.magnitude**exponent.magnitude
    except OverflowError:
        size = LARGEST
    of_base = base.scale / base.magnitude * exponent.magnitude
    of_exponent = exponent.scale * abs(math.log(base.magnitude))
    return Size(size, max(of_base, of_exponent) * size)
