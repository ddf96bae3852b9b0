"""What a function refuses: rules as data, read once and rendered twice (a Python test, an Excel condition)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from valuehour.errors import CellError, DivisionError, DomainError, FunctionError, WrongTypeError
from valuehour.functions.ranges import stretched
from valuehour.functions.rounding import same_number

_COMPARISON = re.compile(r"^(?P<left>\w+) (?P<sign><=|>=|<|>|=) (?P<right>-?[\w.]+)$")
_TESTS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
JUDGED_IN_ORDER = (CellError.VALUE, CellError.NUM, CellError.DIV0)
ERRORS: dict[CellError, type[FunctionError]] = {
    CellError.VALUE: WrongTypeError,
    CellError.NUM: DomainError,
    CellError.DIV0: DivisionError,
}


@dataclass(frozen=True)
class Comparison:
    """One comparison of an argument with a number or with another argument."""

    left: str
    sign: str
    right: str | float

    @classmethod
    def parse(cls, text: str) -> Comparison:
        """Read ``years < 0`` or ``successes > runs``."""
        match = _COMPARISON.match(text)
        if match is None:
            raise ValueError(f"not a comparison: {text!r}")
        right = match["right"]
        return cls(match["left"], match["sign"], right if right[0].isalpha() else float(right))

    def holds(self, left: float, right: float) -> bool:
        """Compare as a spreadsheet does: exactly with 0, to fifteen digits with anything else."""
        if right != 0 and same_number(left, right):
            return "=" in self.sign
        return _TESTS[self.sign](left, right)

    def excel(self) -> str:
        """The comparison as an Excel condition with a placeholder for each argument."""
        if self.right == 0:  # by its sign: some engines take a tiny number for 0 when they compare
            return f"SIGN({{{self.left}}}){self.sign}0"
        right = f"{{{self.right}}}" if isinstance(self.right, str) else f"{self.right:.15G}"
        return f"{{{self.left}}}{self.sign}{right}"

    def may_hold(self, columns: Mapping[str, Sequence[float]]) -> bool:
        """Whether the comparison could hold in any row of these columns (of plain numbers)."""
        left = columns[self.left]
        if not left:
            return False
        if isinstance(self.right, str):
            right = columns[self.right]
            size = max(len(left), len(right))
            return any(map(_TESTS[self.sign], stretched(left, size), stretched(right, size)))
        slack = abs(self.right) * 1e-13
        return ("<" not in self.sign or min(left) <= self.right + slack) and (
            (">" not in self.sign or max(left) >= self.right - slack)
            and (self.sign != "=" or min(left) - slack <= self.right <= max(left) + slack)
        )


@dataclass(frozen=True)
class Rule:
    """A refusal: when it holds, which error it is, and what would be allowed.

    ``when`` is one comparison or several joined by ``&``. On an argument that takes a whole range it holds when it
    holds for any cell. A rule that needs more than comparisons gives ``formula``, an Excel condition, instead; the
    body of the function then raises the error itself.
    """

    error: CellError
    allowed: str
    when: str = ""
    formula: str = ""

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """The comparisons that must all hold for the refusal."""
        return tuple(Comparison.parse(part) for part in self.when.split(" & ")) if self.when else ()

    def excel(self) -> str:
        """The Excel condition, element by element, with placeholders."""
        if self.formula:
            return self.formula
        conditions = [comparison.excel() for comparison in self.comparisons]
        return conditions[0] if len(conditions) == 1 else "*".join(f"({condition})" for condition in conditions)

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether these judged arguments are refused by this rule."""
        return bool(self.comparisons) and all(_holds(comparison, values) for comparison in self.comparisons)

    def may_hold(self, columns: Mapping[str, Sequence[float]]) -> bool:
        """Whether any row of these columns could be refused by this rule."""
        return bool(self.comparisons) and all(comparison.may_hold(columns) for comparison in self.comparisons)

    def refusal(self, values: Mapping[str, Any]) -> FunctionError:
        """The error, with what was found and what is allowed."""
        found = " and ".join(_found(comparison, values) for comparison in self.comparisons)
        return ERRORS[self.error](f"{found}; {self.allowed}")


def not_negative(*names: str) -> tuple[Rule, ...]:
    """Arguments that may be 0 but not below."""
    return tuple(Rule(CellError.NUM, "it must be 0 or more", when=f"{name} < 0") for name in names)


def above_zero(*names: str) -> tuple[Rule, ...]:
    """Divisors: a negative one is outside the domain, a zero one a division by zero."""
    negative = (Rule(CellError.NUM, "it must be above 0", when=f"{name} < 0") for name in names)
    zero = (Rule(CellError.DIV0, "it must be above 0", when=f"{name} = 0") for name in names)
    return (*negative, *zero)


def between(name: str, lowest: float, highest: float) -> tuple[Rule, ...]:
    """An argument with a lowest and a highest allowed number."""
    allowed = f"it must be from {lowest:g} to {highest:g}"
    return (
        Rule(CellError.NUM, allowed, when=f"{name} < {lowest:g}"),
        Rule(CellError.NUM, allowed, when=f"{name} > {highest:g}"),
    )


def _holds(comparison: Comparison, values: Mapping[str, Any]) -> bool:
    left, right = values[comparison.left], _right(comparison, values)
    if isinstance(left, float):
        return comparison.holds(left, right)
    return comparison.may_hold({comparison.left: left}) and any(comparison.holds(item, right) for item in left)


def _found(comparison: Comparison, values: Mapping[str, Any]) -> str:
    left, right = values[comparison.left], _right(comparison, values)
    if isinstance(left, float):
        compared = f" and {comparison.right} is {right:.15g}" if isinstance(comparison.right, str) else ""
        return f"{comparison.left} is {left:.15g}{compared}"
    place, item = next((place, item) for place, item in enumerate(left, 1) if comparison.holds(item, right))
    return f"{comparison.left} holds {item:.15g} as its number {place}"


def _right(comparison: Comparison, values: Mapping[str, Any]) -> float:
    return float(values[comparison.right] if isinstance(comparison.right, str) else comparison.right)
