"""Where a call of plain numbers needs no judging: what surely lies inside the domain goes straight to the body.

Whatever else (a text, a blank, a number near a limit) is left to the one order of judgement.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from valuehour.functions.rules import Rule

_SLACK = 1e-13  # numbers that are nearer to each other may be equal to fifteen digits
_STEP = 2.3e-16
_SMALLEST = 5e-324


@dataclass(frozen=True)
class Domain:
    """Where no rule of a function can hold: between two bounds for each argument, and some in ascending order."""

    bounds: tuple[tuple[float, float], ...]
    ascending: tuple[tuple[int, int], ...]
    defaults: tuple[Any, ...]

    @classmethod
    def of(cls, names: Sequence[str], defaults: Sequence[Any], rules: Sequence[Rule]) -> Domain | None:
        """The domain of a function of single numbers; None if its rules are not of a kind that is known here."""
        bounds = [(-math.inf, math.inf) for _ in names]
        ascending = []
        for rule in rules:
            if not rule.comparisons:
                continue  # the body refuses these itself
            first = rule.comparisons[0]  # a rule whose first comparison does not hold does not hold
            left = names.index(first.left)
            if isinstance(first.right, str):
                if first.sign not in ("<", ">"):
                    return None
                right = names.index(first.right)
                ascending.append((left, right) if first.sign == ">" else (right, left))
            else:
                low, high = bounds[left]
                if ">" in first.sign:
                    bounds[left] = low, min(high, _outside(first.right, first.sign, -1))
                else:
                    bounds[left] = max(low, _outside(first.right, first.sign, 1)), high
        return cls(tuple(bounds), tuple(ascending), tuple(defaults))

    def holds(self, values: Sequence[Any]) -> bool:
        """Whether these are plain numbers that no rule refuses."""
        for value, (low, high) in zip(values, self.bounds, strict=True):
            if type(value) is not float or not low < value < high:
                return False
        return not self.ascending or all(values[less] <= values[more] for less, more in self.ascending)


def _outside(limit: float, sign: str, direction: int) -> float:
    """The last number, coming from where a comparison with a limit does not hold, at which it might."""
    if sign in ("<", ">"):
        return limit - direction * (abs(limit) * _STEP or _SMALLEST)
    return limit + direction * abs(limit) * _SLACK
