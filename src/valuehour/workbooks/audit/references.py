"""Rules for what formulas and names refer to: circles, blank cells, nothing at all."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from valuehour.errors import CellError
from valuehour.ooxml import Area
from valuehour.workbooks.audit.model import Formula, Grid, Model
from valuehour.workbooks.audit.rules import Finding, finding
from valuehour.workbooks.lint.context import is_lambda
from valuehour.workbooks.lint.formulas import shortened

_SHOWN = 6


def check_references(model: Model) -> Iterator[Finding]:
    """Yield references that lead nowhere or back to where they start."""
    yield from _circles(model)
    yield from _blanks(model)
    yield from _names(model)
    for grid in model.grids:
        for cell in grid.cells.values():
            if isinstance(cell.value, CellError) or (cell.type == "e" and cell.value is not None):
                shown = cell.value.value if isinstance(cell.value, CellError) else cell.value
                yield finding("error-value", grid.name, cell.ref, f"the value {shown}")


def _names(model: Model) -> Iterator[Finding]:
    for name in model.names:
        outside = re.sub(r'"(?:[^"]|"")*"', "", name.text)
        # A LAMBDA may give #REF! on purpose.
        if not outside.strip() or ("#REF!" in outside.upper() and not is_lambda(name)):
            yield finding("name-lost", name.scope or "", name.name, f"={name.text}" if name.text else "nothing")


# Blank cells -----------------------------------------------------------------------------------------------


def _blanks(model: Model) -> Iterator[Finding]:
    rows = {grid.name.lower(): _Occupied(grid) for grid in model.grids}
    told: set[tuple[str, str]] = set()
    for formula in model.formulas:
        for operand, place in model.places(formula):
            grid = model.grid(place.sheet)
            if grid is None or operand in formula.shape.tested or rows[grid.name.lower()].holds(place.area):
                continue
            first = (place.area.top, place.area.left)
            if model.is_declared(grid, first) or grid.body_of(first) or _is_merged(grid, place.area):
                continue
            # A row that asks for a blank as all its copies do is told once, at the first of them.
            if (formula.sheet, formula.key + operand) not in told:
                told.add((formula.sheet, formula.key + operand))
                where = f"{place.sheet}!{place.area}" if place.sheet != formula.sheet else str(place.area)
                found = f"{where} in ={shortened(formula.cell.formula or '')}"
                yield finding("blank-reference", formula.sheet, formula.cell.ref, found)


def _is_merged(grid: Grid, area: Area) -> bool:
    """Whether a blank area is the covered part of merged cells, which the blank-safe form of charts and sums meets."""
    return any(area.overlaps(merge) for merge in grid.around.merges)


class _Occupied:
    """Which cells of a sheet hold something."""

    def __init__(self, grid: Grid) -> None:
        self._rows: dict[int, list[int]] = {}
        for row, column in sorted(grid.cells):
            self._rows.setdefault(column, []).append(row)

    def holds(self, area: Area) -> bool:
        """Whether anything stands in an area."""
        columns = range(area.left, area.right + 1)
        for column in columns if len(columns) <= len(self._rows) else self._rows:
            rows = self._rows.get(column)
            if rows and column in columns:
                at = bisect_left(rows, area.top)
                if at < len(rows) and rows[at] <= area.bottom:
                    return True
        return False


# Circles ---------------------------------------------------------------------------------------------------


def _circles(model: Model) -> Iterator[Finding]:
    graph = _Graph(model)
    for circle in graph.circles():
        chain = sorted(circle, key=lambda formula: (formula.sheet != circle[0].sheet, formula.spot))
        shown = " → ".join(
            (f"{f.sheet}!" if f.sheet != chain[0].sheet else "") + f.cell.ref for f in chain[:_SHOWN]
        ) + (" → ..." if len(chain) > _SHOWN else "")
        first = chain[0]
        yield finding("circular-reference", first.sheet, first.cell.ref, f"{shown} in a circle")


class _Graph:
    """Formulas and what they depend on.

    A range stands for all formulas in it. Ranges of a thousand cells over a thousand rows would be a million edges,
    so each column of formulas has a tree of spans, and a range depends on the few spans that make it up.
    """

    def __init__(self, model: Model) -> None:
        self.formulas: list[Formula] = list(model.formulas)
        self.edges: list[list[int]] = [[] for _ in self.formulas]
        self._columns: dict[tuple[str, int], tuple[list[int], int]] = {}
        self._of_sheet: dict[str, list[int]] = {}
        self._leaves: dict[int, list[int]] = {}
        found: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for index, formula in enumerate(self.formulas):
            key = (formula.sheet.lower(), formula.cell.column)
            found.setdefault(key, []).append((formula.cell.row, index))
        for key, cells in found.items():
            cells.sort()
            self._columns[key] = ([row for row, _ in cells], self._tree([index for _, index in cells]))
            self._of_sheet.setdefault(key[0], []).append(key[1])
        for index, formula in enumerate(self.formulas):
            for _, place in model.places(formula, values_only=True):
                self._depend(index, place.sheet.lower(), place.area)

    def _tree(self, leaves: list[int]) -> int:
        """Add a tree over the formulas of a column: node ``n`` spans the nodes ``2n`` and ``2n + 1``.

        The leaves are the formulas themselves, so the tree has one node fewer than them.
        """
        start, size = len(self.edges), len(leaves)
        self.edges += [[] for _ in range(size)]  # node 0 stays unused
        for node in range(1, size):
            for child in (2 * node, 2 * node + 1):
                self.edges[start + node].append(leaves[child - size] if child >= size else start + child)
        self._leaves[start] = leaves
        return start

    def _depend(self, index: int, sheet: str, area: Area) -> None:
        columns = range(area.left, area.right + 1)
        known = self._of_sheet.get(sheet, ())
        for column in columns if len(columns) < len(known) else known:
            if column not in columns or (sheet, column) not in self._columns:
                continue
            rows, start = self._columns[sheet, column]
            first, last = bisect_left(rows, area.top), bisect_right(rows, area.bottom)
            if first < last:
                self.edges[index] += self._spans(start, len(rows), first, last)

    def _spans(self, start: int, size: int, first: int, last: int) -> list[int]:
        leaves = self._leaves[start]

        def node(number: int) -> int:
            return leaves[number - size] if number >= size else start + number

        found = []
        low, high = first + size, last + size
        while low < high:
            if low & 1:
                found.append(node(low))
                low += 1
            if high & 1:
                high -= 1
                found.append(node(high))
            low, high = low >> 1, high >> 1
        return found

    def circles(self) -> Iterator[list[Formula]]:
        """Every set of formulas that depend on each other: Tarjan's strongly connected components, no recursion."""
        count = len(self.edges)
        order = [0] * count  # 0: not visited yet
        low = [0] * count
        on_stack = bytearray(count)
        stack: list[int] = []
        clock = 0
        for root in range(len(self.formulas)):
            if order[root]:
                continue
            work = [(root, iter(self.edges[root]))]
            clock += 1
            order[root] = low[root] = clock
            stack.append(root)
            on_stack[root] = 1
            while work:
                node, following = work[-1]
                for child in following:
                    if not order[child]:
                        clock += 1
                        order[child] = low[child] = clock
                        stack.append(child)
                        on_stack[child] = 1
                        work.append((child, iter(self.edges[child])))
                        break
                    if on_stack[child]:
                        low[node] = min(low[node], order[child])
                else:
                    work.pop()
                    if work:
                        low[work[-1][0]] = min(low[work[-1][0]], low[node])
                    if low[node] == order[node]:
                        circle = self._pop(stack, on_stack, node)
                        if circle:
                            yield circle

    def _pop(self, stack: list[int], on_stack: bytearray, node: int) -> list[Formula]:
        members = []
        while True:
            top = stack.pop()
            on_stack[top] = 0
            members.append(top)
            if top == node:
                break
        alone = len(members) == 1 and node not in self.edges[node]
        return [] if alone else [self.formulas[index] for index in members if index < len(self.formulas)]
