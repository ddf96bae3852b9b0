"""When two cells are equal, and where two workbooks differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from valuehour.errors import CellError
from valuehour.ooxml import CellValue, Package, read_cells

TOLERANCE = 1e-12
SHOWN = 90
_BLANK = (None, "")


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where something is not as it should be."""

    sheet: str
    cell: str
    kind: str
    found: str
    expected: str

    def __str__(self) -> str:
        """One line for a terminal; of two long texts, the part in which they begin to differ."""
        return f"{self.sheet}!{self.cell}: {self.kind}: found {self._short(0)}, expected {self._short(1)}"

    def _short(self, which: int) -> str:
        texts = (self.found, self.expected)
        text = texts[which]
        if len(text) <= SHOWN:
            return text
        differ = (at for at, (mine, theirs) in enumerate(zip(*texts, strict=False)) if mine != theirs)
        start = max(0, next(differ, min(map(len, texts))) - SHOWN // 3)
        cut = text[start : start + SHOWN]
        return ("..." if start else "") + cut + ("..." if start + SHOWN < len(text) else "")


def same(found: CellValue, expected: CellValue, scale: float = 0.0) -> bool:
    """Whether two cell values are equal: relative 1e-12, and where a result cancels, 1e-12 of what was added.

    ``scale`` is the size of the summands in the unit of the result. A text is no number, and an empty text no zero;
    a cell without a value and one with an empty text are the same.

    >>> same(0.1 + 0.2, 0.3), same(1.0, True), same("a", "a"), same("", None), same("", 0.0)
    (True, False, True, True, False)
    """
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(found, (int, float)) and isinstance(expected, (int, float)):
        gap = abs(found - expected)
        if gap <= TOLERANCE * max(abs(found), abs(expected)):
            return True
        return gap <= TOLERANCE * scale
    if isinstance(found, CellError) or isinstance(expected, CellError):
        return found is expected
    if isinstance(found, str) and isinstance(expected, str):
        return found == expected
    return found in _BLANK and expected in _BLANK


def shown(value: CellValue) -> str:
    """A cell value as a message shows it."""
    if value is None:
        return "nothing"
    if isinstance(value, CellError):
        return value.value
    if isinstance(value, float):
        return f"{value:.15g}"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def differences(found: Package, expected: Package) -> list[Difference]:
    """Every cell in which two workbooks differ, then every part that differs without a cell to name."""
    result: list[Difference] = []
    theirs = {sheet.name: sheet for sheet in found.worksheets()}
    explained: set[str] = set()
    for sheet in expected.worksheets():
        if sheet.name not in theirs:
            result.append(Difference(sheet.name, "A1", "sheet", "no such sheet", "the sheet"))
            continue
        other = theirs.pop(sheet.name)
        cells = list(_cells(found, other.name, expected, sheet.name))
        if cells:
            explained |= {other.part, sheet.part, "xl/sharedStrings.xml"}
        result.extend(cells)
    result.extend(Difference(name, "A1", "sheet", "a further sheet", "no such sheet") for name in theirs)
    if result:
        return result
    mine, yours = expected.part_digests(), found.part_digests()
    return [
        Difference(name, "-", "part", "other bytes" if name in yours else "no such part", "as built")
        for name in sorted(mine.keys() | yours.keys())
        if mine.get(name) != yours.get(name) and name not in explained
    ]


def _cells(found: Package, found_sheet: str, expected: Package, sheet: str) -> Iterator[Difference]:
    have = {cell.ref: cell for cell in read_cells(found, found_sheet)}
    for cell in read_cells(expected, sheet):
        other = have.pop(cell.ref, None)
        formula = None if other is None else other.formula
        if formula != cell.formula:
            yield Difference(
                sheet,
                cell.ref,
                "formula",
                f"={formula}" if formula is not None else shown(None if other is None else other.value),
                f"={cell.formula}" if cell.formula is not None else shown(cell.value),
            )
        elif other is not None and not _identical(other.value, cell.value):
            yield Difference(sheet, cell.ref, "value", shown(other.value), shown(cell.value))
    for ref, cell in have.items():
        if cell.formula is not None or cell.value is not None:
            yield Difference(
                sheet, ref, "value", shown(cell.value) if cell.formula is None else f"={cell.formula}", "nothing"
            )


def _identical(found: CellValue, expected: CellValue) -> bool:
    return type(found) is type(expected) and found == expected
