"""The charts of a sheet, and whether somebody drew one otherwise: by what a person sees, not by how it is written.

Whoever saves a workbook writes its charts anew, with other elements in another order; what was set stays set. So two
charts are the same when kind, series, texts, colours, lines, axes and labels are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from xml.etree.ElementTree import Element

from valuehour.errors import WorkbookError
from valuehour.ooxml import Package, parse_area
from valuehour.ooxml.markup import local, tree
from valuehour.ooxml.remap import Remap, sheet_in

ANCHOR = re.compile(rb"<((?:[\w.-]+:)?(?:twoCellAnchor|oneCellAnchor|absoluteAnchor))\b[^>]*>.*?</\1\s*>", re.DOTALL)
RELATION = re.compile(rb'(\b(?:[\w.-]+:)?id=")(rId[^"]*)(")')
_ALT = re.compile(rb'<(?:[\w.-]+:)?cNvPr\b[^>]*\bdescr="([^"]*)"')
_CORNER = re.compile(rb"<((?:[\w.-]+:)?(?:from|to))\b[^>]*>(.*?)</\1\s*>", re.DOTALL)
_CHART_LINK = re.compile(rb'<(?:[\w.-]+:)?chart\b[^>]*\b(?:[\w.-]+:)?id="(rId[^"]*)"')
_CELL = re.compile(rb"<(?:[\w.-]+:)?(col|row)>(\d+)<")

# Settings that a person sees, by element and attribute; "0" says that something is off, as if it were not there.
_SEEN = {
    "srgbClr": ("val",),
    "schemeClr": ("val",),
    "prstDash": ("val",),
    "ln": ("w",),
    "noFill": (),
    "pattFill": ("prst",),
    "symbol": ("val",),
    "size": ("val",),
    "barDir": ("val",),
    "grouping": ("val",),
    "gapWidth": ("val",),
    "min": ("val",),
    "max": ("val",),
    "majorUnit": ("val",),
    "numFmt": ("formatCode",),
    "legend": (),
    "legendPos": ("val",),
    "majorGridlines": (),
    "minorGridlines": (),
    "trendline": (),
    "errBars": (),
    "dataTable": (),
    "defRPr": ("sz", "b"),
    "latin": ("typeface",),
    "tickLblPos": ("val",),
    "dLblPos": ("val",),
}
_SWITCHES = ("delete", "smooth", "showVal", "showCatName", "showSerName", "showPercent", "showLegendKey")

Trait = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """One anchor of a sheet: the chart in it, if any, and what tells it."""

    anchor: bytes
    part: str | None
    """The part of its chart."""
    alt: str
    cells: tuple[int, ...]
    """The cells at its corners, counted from 0: column and row of the first, then of the last."""


def drawing_of(package: Package, sheet: str) -> str | None:
    """The drawing part of a sheet."""
    links = package.relationships(package.sheet(sheet).part)
    return next((link.target for link in links if link.kind == "drawing" and not link.external), None)


def drawn(package: Package, sheet: str) -> list[Drawn]:
    """What floats over the cells of a sheet, in order."""
    part = drawing_of(package, sheet)
    if part is None:
        return []
    links = {link.id: link for link in package.relationships(part)}
    found = []
    for match in ANCHOR.finditer(package.parts[part]):
        chart = _CHART_LINK.search(match[0])
        link = None if chart is None else links.get(chart[1].decode())
        alt = _ALT.search(match[0])
        corners = [dict(_CELL.findall(corner[2])) for corner in _CORNER.finditer(match[0])]
        cells = tuple(int(corner.get(name, 0)) for corner in corners for name in (b"col", b"row"))
        target = None if link is None or link.external else link.target
        found.append(Drawn(match[0], target, "" if alt is None else unescape(alt[1].decode()), cells))
    return found


def traits(data: bytes, home: str, remap: Remap | None = None) -> frozenset[Trait]:
    """What a person sees of a chart; ``remap`` says where the cells are that its series refer to."""
    return frozenset(_traits(tree(data), (), home, remap or Remap({})))


def sources(data: bytes, home: str, remap: Remap | None = None) -> frozenset[Trait]:
    """The first cell of everything that the series of a chart refer to."""
    return frozenset(trait[-1:] for trait in traits(data, home, remap) if "f" in trait)


def _traits(element: Element, path: Trait, home: str, remap: Remap) -> Iterator[Trait]:
    counts: dict[str, int] = {}
    for child in element:
        name = local(child.tag)
        number = counts[name] = counts.get(name, -1) + 1
        here = (*path, f"{name}{number}" if name in ("ser", "valAx", "catAx", "dPt") else name)
        if name == "extLst":
            continue
        if name.endswith("Chart"):
            yield here
        if name in _SEEN and not _SEEN[name]:
            yield here
        for attribute in _SEEN.get(name, ()):
            value = child.get(attribute)
            if value is not None:
                yield (*here, attribute, _figure(value))
        if name in _SWITCHES and child.get("val", "1") not in ("0", "false"):
            yield here
        if name == "t" and child.text:
            yield (*here, child.text)
        if name == "f" and child.text:
            yield (*path, "f", _first_cell(child.text, home, remap))
        else:
            yield from _traits(child, here, home, remap)


def _figure(text: str) -> str:
    """A number however it is written."""
    try:
        return repr(round(float(text), 6))
    except ValueError:
        return text


def _first_cell(formula: str, home: str, remap: Remap) -> str:
    prefix, separator, reference = formula.lstrip("=").rpartition("!")
    sheet = sheet_in(prefix + "!") if separator else home
    try:
        area = parse_area(reference.replace("$", ""))
    except WorkbookError:
        return formula
    row, column = remap.move(sheet).cell(area.top, area.left)
    return f"{remap.title(sheet).lower()}!{row}:{column}"
