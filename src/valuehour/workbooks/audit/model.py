"""The workbook as the rules look at it, gathered once: cells, formulas, what they refer to, which cells are inputs."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from valuehour.ooxml import Area, Cell, DefinedName, Package, SheetRef, Table, parse_area, read_cells, shift_formula
from valuehour.workbooks.audit.around import Around, Styles
from valuehour.workbooks.audit.shape import Shape, shape_of
from valuehour.workbooks.precedents import Place, Precedents
from valuehour.workbooks.read import named_cells

Spot = tuple[int, int]

# A formula is told apart from its copies by how it reads in one and the same cell, far from every edge of the sheet.
_HERE = (500_000, 8_192)
_INPUT_SHEET = re.compile(
    r"\b(inputs?|assumptions?|parameters?|drivers?|settings?|polic(?:y|ies)|data|lists?|constants?|rates?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula cell; copies of one formula share their shape."""

    sheet: str
    cell: Cell
    key: str
    shape: Shape

    @property
    def spot(self) -> Spot:
        """Row and column."""
        return self.cell.row, self.cell.column


@dataclass(slots=True)
class Grid:
    """One sheet."""

    ref: SheetRef
    cells: dict[Spot, Cell]
    formulas: dict[Spot, Formula]
    around: Around
    tables: list[tuple[Table, Area]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The sheet's name."""
        return self.ref.name

    def body_of(self, spot: Spot) -> tuple[Table, Area] | None:
        """The table whose data rows hold a cell, and those rows."""
        for table, area in self.tables:
            inside = Area(area.top + table.header_rows, area.left, area.bottom - table.totals_rows, area.right)
            if spot in inside:
                return table, inside
        return None

    def is_number(self, spot: Spot) -> bool:
        """Whether a number was typed into a cell."""
        cell = self.cells.get(spot)
        return cell is not None and cell.formula is None and isinstance(cell.value, float)


class Model:
    """A workbook and what its rules need to know."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.names: tuple[DefinedName, ...] = package.defined_names()
        self.styles = Styles.of(package)
        self.precedents = Precedents(package)
        self._shapes: dict[str, Shape] = {}
        self._resolved: dict[tuple[str, str, int], tuple[Place, ...]] = {}
        self._places: dict[tuple[str, int, int], tuple[tuple[str, Place], ...]] = {}
        tables = package.tables()
        self._local = {(n.scope or "", n.name.lower()): n.text for n in self.names if n.scope is not None}
        self.sheets = package.sheets()
        self.grids = [self._grid(sheet, tables) for sheet in self.sheets if sheet.kind == "worksheet"]
        self.named = named_cells(package)
        self.name_of = {place: name for name, place in reversed(self.named.items())}

    def _grid(self, sheet: SheetRef, tables: tuple[Table, ...]) -> Grid:
        cells = {
            (cell.row, cell.column): cell
            for cell in read_cells(self.package, sheet)
            if cell.formula is not None or cell.value not in (None, "")
        }
        formulas = {}
        for spot, cell in cells.items():
            if cell.formula is not None:
                key = shift_formula(cell.formula, _HERE[0] - cell.row, _HERE[1] - cell.column)
                shape = self._shapes.get(key)
                if shape is None:
                    shape = self._shapes[key] = shape_of(cell.formula, cell.row, cell.column)
                formulas[spot] = Formula(sheet.name, cell, key, shape)
        placed = [(table, parse_area(table.ref)) for table in tables if table.sheet == sheet.name]
        return Grid(sheet, cells, formulas, Around.of(self.package.parts[sheet.part]), placed)

    @property
    def formulas(self) -> Iterator[Formula]:
        """Every formula cell, sheet by sheet."""
        for grid in self.grids:
            yield from grid.formulas.values()

    def grid(self, sheet: str) -> Grid | None:
        """The sheet of that name; names are case-blind."""
        return self._by_name.get(sheet.lower())

    @cached_property
    def _by_name(self) -> Mapping[str, Grid]:
        return {grid.name.lower(): grid for grid in self.grids}

    def places(self, formula: Formula, *, values_only: bool = False) -> Iterator[tuple[str, Place]]:
        """What a formula refers to: each reference as its shape spells it, and the areas it means in this cell.

        ``values_only`` leaves out references of which only the place counts, as in ROW(A1).
        """
        key = (formula.sheet, *formula.spot)
        known = self._places.get(key)
        if known is None:
            known = self._places[key] = tuple(self._looked_up(formula))
        placed = formula.shape.placed if values_only else ()
        return (found for found in known if found[0] not in placed) if placed else iter(known)

    def _looked_up(self, formula: Formula) -> Iterator[tuple[str, Place]]:
        shape, cell = formula.shape, formula.cell
        rows, columns = cell.row - shape.row, cell.column - shape.column
        for operand in shape.operands:
            text = shift_formula(operand, rows, columns) if rows or columns else operand
            for place in self.resolve(text, formula.sheet, cell.row):
                yield operand, place

    def resolve(self, text: str, sheet: str, row: int) -> tuple[Place, ...]:
        """The areas that one reference or name stands for."""
        key = (text, sheet, row if "[" in text else 0)
        known = self._resolved.get(key)
        if known is None:
            local = self._local.get((sheet, text.lower()))
            known = tuple(self.precedents.resolve(local if local is not None else text, sheet, row))
            self._resolved[key] = known
        return known

    # What is used ------------------------------------------------------------------------------------------

    @cached_property
    def used(self) -> Used:
        """Every cell that a formula reads, also those of validations, formats, charts and names."""
        used = Used()
        for formula in self.formulas:
            for _, place in self.places(formula):
                used.add(place)
        for sheet, text in self._other_formulas():
            for place in self.precedents.places(f"={text}", sheet, 1):
                used.add(place)
        used.settle()
        return used

    def _other_formulas(self) -> Iterator[tuple[str, str]]:
        for grid in self.grids:
            for text in grid.around.formulas:
                yield grid.name, text
        for part, data in self.package.parts.items():
            if "/charts/" in part and part.endswith(".xml"):
                for text in re.findall(rb"<(?:\w+:)?f>([^<]+)</(?:\w+:)?f>", data):
                    yield "", text.decode("utf-8", "replace").replace("&amp;", "&").replace("&apos;", "'")
        for name in self.names:
            # A name that means a cell or a range is used where it is called; a name that calculates uses its cells.
            if not name.name.startswith("_xlnm.") and "(" in name.text:
                yield name.scope or "", name.text

    # Inputs ------------------------------------------------------------------------------------------------

    @cached_property
    def marks_inputs(self) -> bool:
        """Whether the workbook shows in any way where its inputs are."""
        return any(
            _INPUT_SHEET.search(grid.name) or self.is_declared(grid, spot)
            for grid in self.grids
            for spot in grid.cells
            if grid.is_number(spot)
        )

    def is_declared(self, grid: Grid, spot: Spot) -> bool:
        """Whether a cell is marked as an input by itself: a name, a validation, the style Input, or unlocked."""
        if (grid.name, *spot) in self.name_of:
            return True
        style = grid.cells[spot].style if spot in grid.cells else None
        if style in self.styles.inputs or (grid.around.protected and style in self.styles.unlocked):
            return True
        return self.validated(grid, spot) is not None

    def is_input(self, grid: Grid, spot: Spot) -> bool:
        """Whether inputs may stand in a cell: marked, on a sheet of inputs or without formulas, or in a table."""
        return (
            self.is_declared(grid, spot)
            or grid.body_of(spot) is not None
            or not grid.formulas
            or _INPUT_SHEET.search(grid.name) is not None
        )

    def validated(self, grid: Grid, spot: Spot) -> str | None:
        """The kind of the validation of a cell; None when it takes anything."""
        for rule in grid.around.validations:
            if rule.kind != "none" and any(spot in area for area in rule.areas):
                return rule.kind
        return None


class Used:
    """Cells that are read, as intervals of rows by sheet and column."""

    def __init__(self) -> None:
        self._areas: Counter[Place] = Counter()
        self._columns: dict[tuple[str, int], list[tuple[int, int]]] = {}

    def add(self, place: Place) -> None:
        """Count an area."""
        self._areas[place] += 1

    def settle(self) -> None:
        """Join what overlaps, once everything was added."""
        spans: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for place in self._areas:
            area = place.area
            for column in range(area.left, area.right + 1):
                spans.setdefault((place.sheet.lower(), column), []).append((area.top, area.bottom))
        for key, found in spans.items():
            found.sort()
            joined: list[tuple[int, int]] = []
            for top, bottom in found:
                if joined and top <= joined[-1][1] + 1:
                    joined[-1] = (joined[-1][0], max(joined[-1][1], bottom))
                else:
                    joined.append((top, bottom))
            self._columns[key] = joined

    def __contains__(self, cell: tuple[str, int, int]) -> bool:
        sheet, row, column = cell
        spans = self._columns.get((sheet.lower(), column), [])
        at = bisect_right(spans, (row, 1 << 30)) - 1
        return at >= 0 and spans[at][0] <= row <= spans[at][1]

    def areas(self) -> Iterator[Place]:
        """Every area that was added, each once."""
        yield from self._areas
