"""One difference between two workbooks, as people and programs are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from valuehour.ooxml import Cell
from valuehour.workbooks.compare import SHOWN, shown
from valuehour.workbooks.read import plain


class Kind(StrEnum):
    """What differs, in the order in which differences are told: what was typed, what was moved, what follows."""

    INPUT = "input"
    ROW = "row"
    COLUMN = "column"
    TABLE = "table"
    SHEET = "sheet"
    NAME = "name"
    FORMULA = "formula"
    VALUE = "value"


Content = float | int | str | bool | None
"""What stands in a cell: a value, or a formula with its ``=``."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    ``cell`` is a cell, range or name as the later workbook has it (as the earlier one has it when it is gone),
    ``before`` its place in the earlier workbook when that is another one. ``name`` is what the cell is called.
    ``old`` and ``new`` are contents, None for nothing; ``cells`` is what stands in a row or column that is gone or new.
    """

    kind: Kind
    action: str  # added, removed, changed, moved, renamed, reordered
    sheet: str
    cell: str
    old: Content = None
    new: Content = None
    name: str = ""
    before: str = ""
    cells: tuple[tuple[str, Content], ...] = ()

    @property
    def place(self) -> str:
        """Sheet and cell; the sheet alone when it is the sheet that differs."""
        return f"{self.sheet}!{self.cell}" if self.cell and self.sheet else self.cell or self.sheet

    def as_dict(self) -> dict[str, Any]:
        """For JSON: what says nothing is left out, but for the old and new content."""
        optional = {"sheet": self.sheet, "cell": self.cell, "name": self.name, "before": self.before}
        record: dict[str, Any] = {"kind": self.kind.value, "action": self.action}
        record |= {key: text for key, text in optional.items() if text} | {"old": self.old, "new": self.new}
        return record | ({"cells": dict(self.cells)} if self.cells else {})


@dataclass(frozen=True, slots=True)
class Changes:
    """Every difference of two workbooks, and the parts that differ without a cell that does."""

    changes: tuple[Change, ...]
    other_parts: tuple[str, ...]

    def count(self, kind: Kind) -> int:
        """How many differences of a kind there are."""
        return sum(change.kind is kind for change in self.changes)


def content(cell: Cell | None) -> Content:
    """What stands in a cell: its formula, or the value that was typed.

    >>> content(None) is None
    True
    """
    if cell is None:
        return None
    return f"={cell.formula}" if cell.formula is not None else plain(cell.value)


def told(old: Content, new: Content) -> str:
    """What changed, as a line for people shows it; of two long formulas, the part in which they begin to differ.

    >>> told(88_000_000, 0.05), told("=A1*2", None), told(None, "low")
    ('88,000,000 → 0.05', '=A1*2 → nothing', "nothing → 'low'")
    """
    both = [value if isinstance(value, str) and value.startswith("=") else None for value in (old, new)]
    first, second = both
    start = 0
    if first is not None and second is not None and max(len(first), len(second)) > SHOWN:
        apart = (at for at, (one, other) in enumerate(zip(first, second, strict=False)) if one != other)
        start = max(0, next(apart, min(len(first), len(second))) - SHOWN // 3)
    texts = [
        _shown(value) if formula is None else _cut(formula, start)
        for value, formula in zip((old, new), both, strict=True)
    ]
    return " → ".join(texts)


def _shown(value: Content) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return shown(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.15g}"


def _cut(formula: str, start: int) -> str:
    end = start + SHOWN
    return ("..." if start else "") + formula[start:end] + ("..." if end < len(formula) else "")
