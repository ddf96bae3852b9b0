"""The template's charts in a planner's file: the new version's come in, those that a planner drew otherwise stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from valuehour.ooxml import Package, format_cell
from valuehour.ooxml.markup import append_child, elements
from valuehour.ooxml.remap import Remap
from valuehour.ooxml.sections import Sections
from valuehour.workbooks.astray import Astray, allowed
from valuehour.workbooks.drawn import ANCHOR, RELATION, Drawn, drawing_of, drawn, sources, traits

_MAIN = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.drawing+xml"
_CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_EMPTY_DRAWING = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<xdr:wsDr xmlns:xdr='
    b'"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"></xdr:wsDr>'
)


@dataclass(slots=True)
class Charting:
    """The charts of one run: ``result`` is changed."""

    package: Package
    empty: Package
    new: Package
    result: Package
    grown: Remap
    """Where the empty workbook's cells are in the planner's file."""
    astray: Astray
    titled: Callable[[bytes], bytes]
    """A part of the new version whose formulas call the sheets as the planner does."""
    redrawn: list[str] = field(default_factory=list)
    """Charts that a planner drew otherwise, which stay."""
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    """Charts that a planner drew otherwise, and that cannot stay."""
    known: set[str] = field(default_factory=set)
    """The parts of the file that are charts of the template."""

    def replace(self, old: str, blank: str, new: str) -> None:
        """Put the new version's charts of a sheet in the place of the old ones; ``blank`` is what its own version had.

        Pictures and charts that a planner added stay, and so does a chart of the template that was drawn otherwise,
        as long as all it refers to is still there.
        """
        mine = drawn(self.package, old)
        theirs = [item for item in drawn(self.empty, blank) if item.part is not None]
        fresh = drawn(self.new, new)
        known = self._known(mine, theirs, old, blank)
        stay: set[int] = set()
        doomed: set[int] = set()
        for index, place in known.items():
            item = mine[index]
            self.known.add(item.part or "")
            if not self._differs(item, theirs[place], old, blank):
                doomed.add(index)
                continue
            gone = [
                name for _, found in self.astray.in_part(self.package.parts[item.part or ""], old) for name in found
            ]
            called = f"the chart {item.alt!r}" if item.alt else f"chart {index + 1}"
            if gone:
                doomed.add(index)
                corner = format_cell(item.cells[1] + 1, item.cells[0] + 1) if len(item.cells) > 1 else "A1"
                self.conflicts.append(
                    {"sheet": old, "cell": corner, "found": f"{called}, drawn anew", "allowed": allowed(gone)}
                )
                continue
            self.redrawn.append(f"{old}: {called}")
            taken = _counterpart(theirs, place, fresh)
            if taken is not None:
                stay.add(taken)
        self._remove(old, doomed)
        self.add(self.package.sheet(old).part, new, stay)

    def _known(self, mine: list[Drawn], theirs: list[Drawn], old: str, blank: str) -> dict[int, int]:
        """Which of the template's charts each of the file's is: told by its words, else by what it is drawn from."""
        found: dict[int, int] = {}
        for by_words in (True, False):
            for index, item in enumerate(mine):
                if index in found or item.part is None:
                    continue
                for place, chart in enumerate(theirs):
                    if place in found.values():
                        continue
                    if by_words:
                        same = bool(item.alt) and item.alt == chart.alt
                    else:
                        same = sources(self.package.parts[item.part], old) == self._sources(chart, blank)
                    if same:
                        found[index] = place
                        break
        return found

    def _sources(self, chart: Drawn, blank: str) -> frozenset[tuple[str, ...]]:
        return sources(self.empty.parts[chart.part or ""], blank, self.grown)

    def _differs(self, item: Drawn, chart: Drawn, old: str, blank: str) -> bool:
        mine = traits(self.package.parts[item.part or ""], old)
        if mine != traits(self.empty.parts[chart.part or ""], blank, self.grown):
            return True
        return not _stands_alike(item.cells, chart.cells, blank, self.grown)

    def _remove(self, sheet: str, doomed: set[int]) -> None:
        part = drawing_of(self.result, sheet)
        if part is None or not doomed:
            return
        links: list[str] = []
        number = -1

        def kept(match: re.Match[bytes]) -> bytes:
            nonlocal number
            number += 1
            if number not in doomed:
                return match[0]
            links.extend(found[2].decode() for found in RELATION.finditer(match[0]))
            return b""

        self.result.parts[part] = ANCHOR.sub(kept, self.result.parts[part])
        for link in self.result.relationships(part):
            if link.id in links:
                self.result.remove_link(part, link.id)

    def add(self, part: str, new: str, without: Collection[int] = ()) -> None:
        """Add the new version's charts of a sheet to the sheet part, but for those."""
        source = drawing_of(self.new, new)
        if source is None:
            return
        wanted = [item for index, item in enumerate(drawn(self.new, new)) if index not in without]
        if not wanted:
            return
        links = self.result.relationships(part)
        drawing = next((link.target for link in links if link.kind == "drawing" and not link.external), None)
        if drawing is None:
            drawing = self._add_drawing(part)
        for item in wanted:
            self._add_anchor(drawing, source, item.anchor)

    def _add_drawing(self, part: str) -> str:
        name = free_name(self.result, "xl/drawings/drawing{}.xml")
        link = self.result.add_part(name, _EMPTY_DRAWING, _DRAWING_TYPE, part, f"{_MAIN}/drawing")
        sections = Sections.of(self.result.parts[part], part)
        sections.children["drawing"] = [b'<drawing xmlns:r="%s" r:id="%s"/>' % (_MAIN.encode(), link.encode())]
        self.result.parts[part] = sections.to_bytes()
        return name

    def _add_anchor(self, drawing: str, source: str, anchor: bytes) -> None:
        """Take one anchor of the new version over, with its chart."""
        links = {link.id: link for link in self.new.relationships(source)}

        def linked(match: re.Match[bytes]) -> bytes:
            chart = links[match[2].decode()].target
            name = free_name(self.result, "xl/charts/chart{}.xml")
            data = self.titled(self.new.parts[chart])
            link = self.result.add_part(name, data, _CHART_TYPE, drawing, f"{_MAIN}/chart")
            return match[1] + link.encode() + match[3]

        root = elements(self.new.parts[source])[-1]
        opening = self.new.parts[source][root.start : root.open_end]
        spaces = b"".join(b" " + item for item in re.findall(rb'\bxmlns(?::\w+)?="[^"]*"', opening))
        end = re.match(rb"<[\w:.-]+", anchor)
        assert end is not None
        markup = anchor[: end.end()] + spaces + RELATION.sub(linked, anchor[end.end() :])
        data = self.result.parts[drawing]
        self.result.parts[drawing] = append_child(data, elements(data)[-1], markup)


def _stands_alike(cells: tuple[int, ...], known: tuple[int, ...], sheet: str, grown: Remap) -> bool:
    """Whether a chart stands where the template put it, and is as large; by a cell, whoever saves a file may err."""
    if len(cells) < 2 or len(known) < 2:
        return True
    first = grown.column(known[0] + 1, sheet) - 1, grown.row(known[1] + 1, sheet) - 1
    if cells[:2] != first:
        return False
    if len(cells) < 4 or len(known) < 4:
        return True
    return all(abs((cells[at + 2] - cells[at]) - (known[at + 2] - known[at])) <= 1 for at in (0, 1))


def _counterpart(theirs: list[Drawn], place: int, fresh: list[Drawn]) -> int | None:
    """Which of the new version's charts is the one that stands at a place among those of the old version."""
    by_words = [index for index, item in enumerate(fresh) if item.alt == theirs[place].alt]
    if by_words:
        return by_words[0]
    return place if len(fresh) == len(theirs) else None


def free_name(package: Package, pattern: str) -> str:
    """The first name of that pattern that no part bears."""
    taken = {name.lower() for name in package.parts}
    return next(name for number in range(1, 100_000) if (name := pattern.format(number)).lower() not in taken)
