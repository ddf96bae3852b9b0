"""A sheet of the new version in the place of the old one, with everything that a planner had added to it.

What is the planner's is told by holding the sheet against the empty workbook of its own version: rules, links and
merged ranges that are not in there, beside the cells and styles that :mod:`valuehour.workbooks.own` tells. What floats
over the cells or hangs on the sheet stays, but for the template's own charts and tables, which come new.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from valuehour.errors import WorkbookError
from valuehour.ooxml import Cell, Package, SheetRef, format_cell, parse_area, read_cells
from valuehour.ooxml.locate import locate
from valuehour.ooxml.markup import set_attributes, to_xml
from valuehour.ooxml.places import NODE, moved_around, node
from valuehour.ooxml.remap import Remap, SheetMove
from valuehour.ooxml.sections import ORDER, Sections
from valuehour.ooxml.styles import Taken
from valuehour.workbooks.astray import Astray, allowed
from valuehour.workbooks.moves import Pair
from valuehour.workbooks.own import Own, is_blank
from valuehour.workbooks.whatif import without_gone

# What comes from the new version as it is, and what stays the planner's with its places moved.
_FROM_NEW = (
    "sheetPr",
    "sheetViews",
    "sheetFormatPr",
    "sheetCalcPr",
    "printOptions",
    "pageMargins",
    "headerFooter",
)
_KEPT = (
    "protectedRanges",
    "autoFilter",
    "sortState",
    "customSheetViews",
    "phoneticPr",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "extLst",
)
_WHAT_IF = "scenarios"
_MERGED = ("dimension", "cols", "sheetData", "mergeCells", "conditionalFormatting", "dataValidations", "hyperlinks")
_OTHER = ("pageSetup", "tableParts", "sheetProtection")
_STYLE = re.compile(rb'(<c\b[^>]*?\bs=")(\d+)')
_MARK = re.compile(rb'(<c\b[^>]*?\bcm=")\d+')
_PIECE = 1 << 18
NO_CELLS = b"<sheetData/>"
_SQREF = re.compile(rb'\bsqref="([^"]*)"')
_DRAWN = re.compile(rb'\bdxfId="(\d+)"')


@dataclass(frozen=True, slots=True)
class Graft:
    """The new version's sheet, ready to take the place of the old one."""

    package: Package
    """The planner's workbook, whose styles hold the new version's already."""
    new: Package
    pair: Pair
    own: Own
    remap: Remap
    taken: Taken
    mark: int | None
    """The cell metadata of dynamic arrays."""
    astray: Astray
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    """What the planner added around the cells and refers to what is gone."""

    @property
    def where(self) -> str:
        """How messages call the sheet."""
        return f"{self.package.label}: {self.pair.old}"

    @property
    def sheet(self) -> SheetRef:
        """The sheet in the planner's workbook."""
        return self.package.sheet(self.pair.old)

    def move(self) -> SheetMove:
        """Where the sheet's cells go.

        Raises
        ------
        WorkbookError
            The new version puts parts of the sheet into another order, and something was added to it.
        """
        found = self.pair.move()
        if found is None:
            raise WorkbookError(
                f"{self.where}: the new version orders this sheet otherwise, so there is no place for what was added"
            )
        return found

    def part(self, empty: Sections) -> tuple[bytes, bytes]:
        """The part without its cells, and these.

        ``empty`` is the sheet in the empty workbook of the old version, for what rules were in it.
        """
        theirs = Sections.of(self.package.parts[self.sheet.part], self.where)
        theirs.children["sheetData"] = []  # their cells are known, and may be very many
        mine = Sections.of(self.new.parts[self.new.sheet(self.pair.new).part], self.pair.new)
        strange = theirs.children.keys() - {*_FROM_NEW, *_KEPT, *_MERGED, *_OTHER, _WHAT_IF}
        strange -= empty.children.keys()
        if strange:
            raise WorkbookError(
                f"{self.where}: holds <{min(strange)}>, which cannot be carried into the new version safely; remove it "
                "or bring the sheet over by hand"
            )
        result = Sections(theirs.opening, {})
        for name in _FROM_NEW:
            result.children[name] = mine.children.get(name, [])
        for name in _KEPT:
            result.children[name] = [self._moved(item) for item in theirs.children.get(name, [])]
        result.children[_WHAT_IF] = [self._scenarios(item) for item in theirs.children.get(_WHAT_IF, [])]
        result.children["sheetData"] = [NO_CELLS]
        result.children["cols"] = self._widths(mine, theirs, empty)
        result.children["mergeCells"] = self._listed("mergeCells", "mergeCell", mine, theirs, empty)
        result.children["hyperlinks"] = self._listed("hyperlinks", "hyperlink", mine, theirs, empty)
        result.children["dataValidations"] = self._listed("dataValidations", "dataValidation", mine, theirs, empty)
        result.children["conditionalFormatting"] = self._conditions(mine, theirs, empty)
        result.children["pageSetup"] = mine.children.get("pageSetup", [])
        result.children["sheetProtection"] = self._protection(mine, theirs, empty)
        assert set(result.children) <= set(ORDER)
        return result.to_bytes(), self._cells(mine.children.pop("sheetData")[0])

    def _moved(self, markup: bytes) -> bytes:
        return moved_around(markup, self.remap, self.pair.old)

    def _scenarios(self, markup: bytes) -> bytes:
        kept, conflicts = without_gone(markup, self.pair.old, self.astray)
        self.conflicts.extend(conflicts)
        return self._moved(kept)

    def _protection(self, mine: Sections, theirs: Sections, empty: Sections) -> list[bytes]:
        """The planner's lock where one was put on or changed, else the new version's."""
        found, before = (part.attributes("sheetProtection") for part in (theirs, empty))
        return (
            theirs.children["sheetProtection"]
            if found and found != before
            else mine.children.get("sheetProtection", [])
        )

    def _told(self, markup: bytes, ref: str) -> None:
        """List a rule of the planner that refers to what is gone."""
        self.conflicts.extend(
            {"sheet": self.pair.old, "cell": ref, "found": f"={formula}", "allowed": allowed(gone)}
            for formula, gone in self.astray.in_part(markup, self.pair.old)
        )

    # Cells --------------------------------------------------------------------------------------------------

    def restyled(self, data: bytes) -> bytes:
        """A part of the new version with the styles it has in the planner's workbook."""
        data = _DRAWN.sub(lambda found: b'dxfId="%d"' % self.taken.conditions[int(found[1])], data)
        return self._cells(data)

    def _cells(self, markup: bytes) -> bytes:
        styles = {b"%d" % theirs: b"%d" % mine for theirs, mine in self.taken.cells.items()}

        def restyled(match: re.Match[bytes]) -> bytes:
            return match[1] + styles[match[2]]

        pieces = (_STYLE.sub(restyled, piece) for piece in _pieces(markup))
        if self.mark is not None:
            mark = rb"\g<1>%d" % self.mark
            pieces = (_MARK.sub(mark, piece) for piece in pieces)
        return b"".join(pieces)

    def patches(self) -> tuple[dict[str, bytes], dict[str, int], list[tuple[Cell, str]]]:
        """Raw cells to put in, styles to give, both by new place; and cells for which there is no room."""
        if not self.own.cells and not self.own.styles:
            return {}, {}, []
        move = self.move()
        data = self.package.parts[self.sheet.part]
        wanted: dict[int, list[int]] = {}
        for row, column in self.own.cells:
            wanted.setdefault(row, []).append(column)
        found = locate(data, wanted, self.where).rows
        there = {(c.row, c.column): c for c in read_cells(self.new, self.pair.new)}
        raw, crowded = {}, []
        for (row, column), cell in self.own.cells.items():
            place = move.cell(row, column)
            ref = format_cell(*place)
            occupied = there.get(place)
            if ref in raw or (occupied is not None and not is_blank(occupied)):
                if not is_blank(cell):
                    crowded.append((cell, ref))
                continue
            span = found[row].cells[column].span
            raw[ref] = self._moved_cell(data[span.start : span.end], ref, cell)
        styles = {format_cell(*move.cell(*place)): style for place, style in self.own.styles.items()}
        return raw, styles, crowded

    def _moved_cell(self, markup: bytes, ref: str, cell: Cell) -> bytes:
        """A cell as it stands, at its new place; a shared formula is spelled out."""
        if cell.kind == "shared" and cell.formula is not None:
            markup = re.sub(
                rb"<f\b[^>]*?(?:/>|>[^<]*</f>)",
                lambda _: b"<f>" + to_xml(cell.formula or "") + b"</f>",
                markup,
                count=1,
            )
        markup = NODE.sub(node(self.remap, self.pair.old), markup)
        end = markup.index(b">") + 1
        return set_attributes(markup[:end], {b"r": ref.encode()}) + markup[end:]

    # Around the cells ---------------------------------------------------------------------------------------

    def _widths(self, mine: Sections, theirs: Sections, empty: Sections) -> list[bytes]:
        """The new version's widths, and the planner's for columns beyond those of the template."""
        described = max((int(values["max"]) for _, values in empty.inside("cols")), default=0)
        new = mine.inside("cols")
        last = max((int(values["max"]) for _, values in new), default=0)
        more = []
        move = self.pair.move() or SheetMove()
        for markup, values in theirs.inside("cols"):
            if int(values["max"]) <= described:
                continue
            first, end = move.columns.of(max(described + 1, int(values["min"]))), move.columns.of(int(values["max"]))
            first = max(first, last + 1)
            if end >= first:
                more.append(set_attributes(markup, {b"min": b"%d" % first, b"max": b"%d" % end}))
                last = end
        items = [markup for markup, _ in new] + more
        return [b"<cols>" + b"".join(items) + b"</cols>"] if items else []

    def _listed(self, holder: str, name: str, mine: Sections, theirs: Sections, empty: Sections) -> list[bytes]:
        """The new version's entries, and those of the planner that the empty workbook does not have."""
        key = "sqref" if name == "dataValidation" else "ref"
        known = {_signature(markup, values) for markup, values in empty.inside(holder)}
        taken = [parse_area(ref) for _, values in mine.inside(holder) for ref in values.get(key, "").split()]
        items = [markup for markup, _ in mine.inside(holder)]
        for markup, values in theirs.inside(holder):
            if _signature(markup, values) in known:
                continue
            self._told(markup, values.get(key, ""))
            moved = NODE.sub(node(self.remap, self.pair.old), markup)
            refs = self.remap.areas(values.get(key, ""), self.pair.old).split()
            free = [ref for ref in refs if not any(parse_area(ref).overlaps(area) for area in taken)]
            if free:
                items.append(
                    set_attributes(moved, {key.encode(): " ".join(free).encode()}) if len(free) < len(refs) else moved
                )
        if not items:
            return []
        count = b"" if holder == "hyperlinks" else b' count="%d"' % len(items)
        return [b"<%s%s>%s</%s>" % (holder.encode(), count, b"".join(items), holder.encode())]

    def _conditions(self, mine: Sections, theirs: Sections, empty: Sections) -> list[bytes]:
        def redrawn(match: re.Match[bytes]) -> bytes:
            return b'dxfId="%d"' % self.taken.conditions[int(match[1])]

        known = {_condition(markup) for markup in empty.children.get("conditionalFormatting", [])}
        items = [_DRAWN.sub(redrawn, markup) for markup in mine.children.get("conditionalFormatting", [])]
        start = max((int(n) for item in items for n in re.findall(rb'priority="(\d+)"', item)), default=0)
        for markup in theirs.children.get("conditionalFormatting", []):
            if _condition(markup) not in known:
                place = _SQREF.search(markup)
                self._told(markup, "" if place is None else place[1].decode())
                later = re.sub(
                    rb'priority="(\d+)"', lambda m: b'priority="%d"' % (int(m[1]) + start), self._moved(markup)
                )
                items.append(later)
        return items


def _pieces(markup: bytes) -> Iterator[bytes]:
    """Some rows at a time: what is replaced in a long sheet at once takes many times its size."""
    start = 0
    while start < len(markup):
        end = markup.find(b"<row", start + _PIECE)
        end = len(markup) if end < 0 else end
        yield markup[start:end]
        start = end


def _signature(markup: bytes, values: Mapping[str, str]) -> tuple[str, ...]:
    """What tells one entry of a list from another, however it is written."""
    ref = values.get("sqref") or values.get("ref", "")
    texts = [unescape(text.decode()) for text in re.findall(rb"<formula[12]>([^<]*)<", markup)]
    kind = values.get("type", values.get("location", ""))
    # Rows inserted by a planner move and widen what was there: the formula tells the entry as well as its place.
    return (kind, *texts) if texts else (kind, ref)


def _condition(markup: bytes) -> tuple[str, ...]:
    texts = [unescape(text.decode()) for text in re.findall(rb"<formula>([^<]*)<", markup)]
    kinds = [kind.decode() for kind in re.findall(rb'\btype="(\w+)"', markup)]
    return (*kinds, *texts)
