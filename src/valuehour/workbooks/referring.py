"""Everything that a planner wrote and that refers to what the new version does not have."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from valuehour.ooxml import Package, read_cells
from valuehour.ooxml.sections import Sections
from valuehour.workbooks.astray import Astray, allowed
from valuehour.workbooks.moves import Pair
from valuehour.workbooks.own import Own

Conflict = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Referring:
    """One file: ``package`` as the planner left it, and what is gone."""

    package: Package
    empty: Package
    own: Mapping[str, Own]
    pairs: Sequence[Pair]
    astray: Astray
    ours: Collection[str]
    """The parts of the template's own charts."""

    def conflicts(self) -> Iterator[Conflict]:
        """Formulas, rules, names and charts."""
        yield from self._cells()
        yield from self._rules()
        yield from self._names()
        yield from self._charts()

    def _cells(self) -> Iterator[Conflict]:
        replaced = {pair.old for pair in self.pairs}
        for sheet in self.package.worksheets():
            mine = self.own[sheet.name].cells.values() if sheet.name in self.own else ()
            for cell in mine if sheet.name in replaced else read_cells(self.package, sheet):
                gone = [] if cell.formula is None else self.astray.of(cell.formula, sheet.name)
                if gone:
                    yield _conflict(sheet.name, cell.ref, cell.formula or "", gone)

    def _rules(self) -> Iterator[Conflict]:
        """Rules on the planner's own sheets; those on the template's are told where they are carried over."""
        replaced = {pair.old for pair in self.pairs}
        for sheet in self.package.worksheets():
            if sheet.name in replaced:
                continue
            around = Sections.of(self.package.parts[sheet.part], sheet.name).children
            for markup in (item for name, items in around.items() if name != "sheetData" for item in items):
                for formula, gone in self.astray.in_part(markup, sheet.name):
                    yield _conflict(sheet.name, "", formula, gone)

    def _names(self) -> Iterator[Conflict]:
        known = {name.name.lower() for name in self.empty.defined_names() if name.scope is None}
        for name in self.package.defined_names():
            gone = self.astray.of(name.text, None)
            if gone and name.name.lower() not in known and not name.name.startswith("_xlnm."):
                yield _conflict("", name.name, name.text, gone)

    def _charts(self) -> Iterator[Conflict]:
        for part, data in self.package.parts.items():
            if part not in self.ours and "chart+xml" in (self.package.content_type(part) or "").lower():
                for formula, gone in self.astray.in_part(data, None):
                    yield _conflict("", part, formula, gone)


def _conflict(sheet: str, cell: str, formula: str, gone: list[str]) -> Conflict:
    return {"sheet": sheet, "cell": cell, "found": f"={formula}", "allowed": allowed(gone)}
