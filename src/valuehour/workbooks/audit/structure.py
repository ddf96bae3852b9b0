"""Rules for the workbook as a whole: what it hides, merges, checks, explains, and how it calculates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from valuehour.ooxml import Area, column_letters
from valuehour.workbooks.audit.model import Grid, Model
from valuehour.workbooks.audit.rules import Finding, finding
from valuehour.workbooks.lint.formulas import shortened

FEW_FORMULAS = 10
"""A workbook with fewer formulas is a note, not a model."""
FEW_SHEETS = 3

_CHECK = re.compile(
    r"\b(checks?|checked|controls?|ties?|tie-out|reconcil\w*|balance[sd]?|balancing|proofs?|must be|difference|"
    r"should be|errors?|ok)\b",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(about|welcome|cover|guide|notes?|read ?me|documentation|contents|index|info|instructions?|introduction|"
    r"overview)\b",
    re.IGNORECASE,
)
_FALSE = ("0", "false")


def check_structure(model: Model) -> Iterator[Finding]:
    """Yield what is wrong with the workbook as a whole."""
    for sheet in model.sheets:
        if sheet.state == "hidden":
            yield finding("sheet-hidden", sheet.name, "", "a hidden sheet")
        elif sheet.state == "veryHidden":
            yield finding("sheet-very-hidden", sheet.name, "", "a sheet that the menus do not show")
    for grid in model.grids:
        yield from _hidden_lines(grid)
        yield from _merged(model, grid)
    yield from _links(model)
    yield from _settings(model)
    yield from _check_missing(model)
    yield from _about_missing(model)


def _hidden_lines(grid: Grid) -> Iterator[Finding]:
    rows, columns = {row for row, _ in grid.cells}, {column for _, column in grid.cells}
    for first, last in _spans(row for row in grid.around.hidden_rows if row in rows):
        yield finding("rows-hidden", grid.name, f"{first}:{last}", _counted(last - first + 1, "row"))
    hidden = {c for first, last in grid.around.hidden_columns for c in columns if first <= c <= last}
    for first, last in _spans(hidden):
        where = f"{column_letters(first)}:{column_letters(last)}"
        yield finding("columns-hidden", grid.name, where, _counted(last - first + 1, "column"))


def _counted(number: int, noun: str) -> str:
    return f"{number} hidden {noun}{'s' * (number != 1)}"


def _spans(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Numbers that follow each other, as first and last.

    >>> list(_spans([7, 2, 3]))
    [(2, 3), (7, 7)]
    """
    first = last = 0
    for number in sorted(set(numbers)):
        if number != last + 1:
            if first:
                yield first, last
            first = number
        last = number
    if first:
        yield first, last


def _merged(model: Model, grid: Grid) -> Iterator[Finding]:
    lists = [*(area for _, area in grid.tables), *grid.around.filters]
    ranges: list[Area] | None = None
    for merge in grid.around.merges:
        if any(merge.overlaps(area) for area in lists):
            yield finding("merged-cells", grid.name, str(merge), "merged in a table or filtered list")
            continue
        if ranges is None:
            name = grid.name.lower()
            ranges = [p.area for p in model.used.areas() if p.sheet.lower() == name and p.area.size > 1]
        # A range that reads more of the merged cells than the first meets blanks nobody sees.
        reading = next((area for area in ranges if _reads_covered(area, merge)), None)
        if reading is not None:
            yield finding("merged-cells", grid.name, str(merge), f"merged in {reading}, which formulas read")


def _reads_covered(area: Area, merge: Area) -> bool:
    if not area.overlaps(merge) or area == merge:
        return False
    covered_rows = merge.bottom > merge.top and area.bottom > merge.top
    covered_columns = merge.right > merge.left and area.right > merge.left
    return covered_rows or covered_columns


def _links(model: Model) -> Iterator[Finding]:
    """Links to other workbooks that no formula shows: connections of the workbook, and names."""
    for link in model.package.relationships(model.package.workbook_part):
        if link.kind == "externalLink":
            targets = [r.target for r in model.package.relationships(link.target) if r.external]
            yield finding(
                "external-link", "", link.target, f"a link to {shortened(targets[0]) if targets else 'a workbook'}"
            )
    for name in model.names:
        if re.search(r"\[[^\]]*\][^\[\]]*!", name.text) and not name.name.startswith("_xlnm."):
            yield finding("external-link", name.scope or "", name.name, f"={shortened(name.text)}")


def _settings(model: Model) -> Iterator[Finding]:
    settings = model.package.calculation_properties()
    faults = []
    if settings.get("calcMode") in ("manual", "autoNoTable"):
        faults.append(
            "formulas are calculated on request only" if settings["calcMode"] == "manual" else "data tables wait"
        )
    if settings.get("iterate", "0") not in _FALSE:
        faults.append("circular references are iterated instead of reported")
    if settings.get("fullPrecision", "1") in _FALSE:
        faults.append("values are cut to the digits shown")
    for fault in faults:
        yield finding("calculation-settings", "", "", fault)


def _check_missing(model: Model) -> Iterator[Finding]:
    formulas = list(model.formulas)
    if len(formulas) < FEW_FORMULAS:
        return
    for formula in formulas:
        if not formula.shape.compares:
            continue
        grid = model.grid(formula.sheet)
        if _CHECK.search(formula.sheet) or (grid is not None and _is_called_check(model, grid, formula.spot)):
            return
    yield finding("check-missing", "", "", f"{len(formulas)} formulas, none of them a check")


def _is_called_check(model: Model, grid: Grid, spot: tuple[int, int]) -> bool:
    row, column = spot
    name = model.name_of.get((grid.name, row, column), "").replace("_", " ")
    table = grid.body_of(spot)
    left = (grid.cells.get((row, c)) for c in range(max(1, column - 6), column))
    up = (grid.cells.get((r, column)) for r in ((table[1].top - 1,) if table else (row - 1, row - 2)))
    texts = [cell.value for cell in (*left, *up) if cell is not None and isinstance(cell.value, str)]
    return any(_CHECK.search(text) for text in (name, table[0].name if table else "", *texts))


def _about_missing(model: Model) -> Iterator[Finding]:
    with_formulas = [grid.name for grid in model.grids if grid.formulas]
    if len(with_formulas) >= FEW_SHEETS and not any(_ABOUT.search(sheet.name) for sheet in model.sheets):
        yield finding("about-missing", "", "", f"{len(with_formulas)} sheets with formulas, none that explains them")
