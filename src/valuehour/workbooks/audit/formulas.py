"""Rules for single formulas, and for formulas that should be like their neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from valuehour.ooxml import Area, Table, format_cell
from valuehour.workbooks.audit.model import Formula, Grid, Model, Spot
from valuehour.workbooks.audit.rules import Finding, finding
from valuehour.workbooks.compare import shown
from valuehour.workbooks.lint.formulas import shortened

MAX_IFS = 3
MAX_DEPTH = 8
MAJORITY = 2 / 3
SHORTEST_RUN = 3
RESULTS = ("out_", "live_")


def check_formulas(model: Model) -> Iterator[Finding]:
    """Yield what single formulas do that they should not."""
    for formula in model.formulas:
        shape, where = formula.shape, (formula.sheet, formula.cell.ref)
        if shape.constants:
            count = "the constant" if len(shape.constants) == 1 else "the constants"
            yield finding("constant-in-formula", *where, f"{count} {', '.join(shape.constants)} in {_shown(formula)}")
        if shape.ifs > MAX_IFS:
            yield finding("nested-if", *where, f"{shape.ifs} IFs inside each other in {_shown(formula)}")
        if shape.depth > MAX_DEPTH:
            yield finding("nested-deep", *where, f"{shape.depth} calls inside each other in {_shown(formula)}")
        if shape.volatile:
            yield finding("volatile-function", *where, f"{' and '.join(shape.volatile)} in {_shown(formula)}")
        if shape.whole:
            yield finding("whole-column-reference", *where, f"{', '.join(shape.whole)} in {_shown(formula)}")
        if shape.external:
            yield finding("external-link", *where, _shown(formula))


def check_results(model: Model) -> Iterator[Finding]:
    """Yield constants in cells that are named as results."""
    for name, (sheet, *spot) in model.named.items():
        grid = model.grid(sheet)
        cell = None if grid is None else grid.cells.get((spot[0], spot[1]))
        if grid is not None and cell is not None and cell.formula is None and name.lower().startswith(RESULTS):
            yield finding("result-typed", grid.name, cell.ref, f"{shown(cell.value)} in {name}")


def _shown(formula: Formula) -> str:
    return "=" + shortened(formula.cell.formula or "")


# Neighbours ------------------------------------------------------------------------------------------------


def check_neighbours(model: Model) -> Iterator[Finding]:
    """Yield formulas that differ from those around them, and numbers typed among formulas."""
    for grid in model.grids:
        yield from _table_columns(model, grid)
        found: dict[Spot, Finding] = {}
        for axis in (0, 1):
            for run in _runs(grid, axis):
                for spot, one in _odd(model, grid, run, axis):
                    found.setdefault(spot, one)
        yield from (found[spot] for spot in sorted(found))


def _table_columns(model: Model, grid: Grid) -> Iterator[Finding]:
    for table, area in grid.tables:
        top, bottom = area.top + table.header_rows, area.bottom - table.totals_rows
        for at, column in enumerate(table.columns):
            spots = [(row, area.left + at) for row in range(top, bottom + 1)]
            if _one_formula(grid, table, at, spots):
                name = f"column {column.name!r} of {table.name}"
                yield from _minority(model, grid, spots, name, at_edges=True)


def _one_formula(grid: Grid, table: Table, at: int, spots: Sequence[Spot]) -> bool:
    """Whether a table column is meant to hold one formula.

    Excel notes the formula of a column that was filled. Where it did so for other columns of a table and not for
    this one, each row was given a formula of its own.
    """
    if table.columns[at].formula is not None:
        return True
    return all(column.formula is None for column in table.columns) and any(spot in grid.formulas for spot in spots)


def _runs(grid: Grid, axis: int) -> Iterator[list[Spot]]:
    """Cells outside tables that follow each other down a column (axis 0) or along a row (axis 1).

    A run holds formulas that give numbers, and numbers that were typed between them.
    """
    # Formulas that give texts are words beside the figures; each says what it has to.
    spots = [s for s, cell in grid.cells.items() if not isinstance(cell.value, str)]
    spots = [s for s in spots if s in grid.formulas or grid.is_number(s)]
    spots = [s for s in spots if grid.body_of(s) is None] if grid.tables else spots
    spots.sort(key=lambda s: (s[1 - axis], s[axis]))
    run: list[Spot] = []
    for spot in spots:
        before = (spot[0] - (1 - axis), spot[1] - axis)
        if run and run[-1] != before:
            yield run
            run = []
        run.append(spot)
    if run:
        yield run


def _odd(model: Model, grid: Grid, run: Sequence[Spot], axis: int) -> Iterator[tuple[Spot, Finding]]:
    """The cells of a run that differ from most of it, unless they belong to a run across."""
    for one in _minority(model, grid, run, "the column" if axis == 0 else "the row"):
        spot = next(spot for spot in run if format_cell(*spot) == one.cell)
        formula = grid.formulas.get(spot)
        if formula is None:
            yield spot, one
            continue
        sides = [(spot[0] + axis * step, spot[1] + (1 - axis) * step) for step in (-1, 1)]
        across = [grid.formulas[side].key for side in sides if side in grid.formulas]
        if formula.key not in across:
            yield spot, one


def _minority(
    model: Model, grid: Grid, spots: Sequence[Spot], where: str, *, at_edges: bool = False
) -> Iterator[Finding]:
    """What differs from most of these cells; ``at_edges``: also where a series begins or ends, as in a table column."""
    edges = set() if at_edges else {spot for spot in (spots[0], spots[-1]) if _is_edge(model, grid, spots, spot)}
    formulas = {spot: grid.formulas[spot] for spot in spots if spot in grid.formulas and spot not in edges}
    # A formula that refers to nothing is a value of its own, not a link of the chain.
    linked = {spot: formula for spot, formula in formulas.items() if formula.shape.operands}
    typed = [spot for spot in spots if grid.is_number(spot) and spot not in edges]
    if len(linked) + len(typed) < SHORTEST_RUN or not linked:
        return
    (key, count), *_ = Counter(formula.key for formula in linked.values()).most_common(1)
    if count < SHORTEST_RUN - 1 or count < MAJORITY * len(linked):
        return
    usual = next(formula for formula in linked.values() if formula.key == key)
    for formula in linked.values():
        if formula.key != key:
            found = f"{_shown(formula)} where {where} has {_shown(usual)} (in {usual.cell.ref})"
            yield finding("formula-inconsistent", grid.name, formula.cell.ref, found)
    if count < MAJORITY * (len(linked) + len(typed)):
        return
    for spot in typed:
        if at_edges or not model.is_declared(grid, spot):
            cell = grid.cells[spot]
            found = f"{cell.value:.15g} where {where} has {_shown(usual)} (in {usual.cell.ref})"
            yield finding("number-among-formulas", grid.name, cell.ref, found)


def _is_edge(model: Model, grid: Grid, spots: Sequence[Spot], spot: Spot) -> bool:
    """Whether a cell begins a series that builds on it, or closes it as a total of the others."""
    formula = grid.formulas.get(spot)
    if formula is None:
        return spot == spots[0]  # the number that a series starts from
    neighbour = grid.formulas.get(spots[1] if spot == spots[0] else spots[-2]) if len(spots) > 1 else None
    if neighbour is None or neighbour.key == formula.key:
        return False
    builds_on = (p.area.size == 1 and p.sheet == grid.name and spot in p.area for _, p in model.places(neighbour))
    if spot == spots[0] and any(builds_on):
        return True
    rows, columns = [s[0] for s in spots], [s[1] for s in spots]
    whole = Area(min(rows), min(columns), max(rows), max(columns))
    reads = (p for _, p in model.places(formula) if p.sheet == grid.name)
    return any(place.area.size > 1 and place.area.overlaps(whole) for place in reads)
