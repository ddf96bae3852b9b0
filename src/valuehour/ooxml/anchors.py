"""What floats over the cells of a sheet, and which cells it covers."""

from __future__ import annotations

from collections.abc import Iterator

from valuehour.ooxml.markup import local, tree
from valuehour.ooxml.package import Package
from valuehour.ooxml.reference import MAX_COLUMN, MAX_ROW, Area
from valuehour.ooxml.structure import SheetRef


def anchored_areas(package: Package, sheet: SheetRef) -> Iterator[Area]:
    """Yield the cells that each picture, chart or shape of a sheet covers; one without an end covers one cell."""
    for link in package.relationships(sheet.part):
        if link.kind != "drawing" or link.external or link.target not in package.parts:
            continue
        for anchor in tree(package.parts[link.target]):
            corners = {}
            for corner in anchor:
                if local(corner.tag) in ("from", "to"):
                    numbers = {local(item.tag): int(item.text or 0) for item in corner}
                    corners[local(corner.tag)] = (numbers["row"] + 1, numbers["col"] + 1)
            if "from" in corners:
                top, left = corners["from"]
                bottom, right = corners.get("to", corners["from"])
                yield Area(top, left, min(max(bottom, top), MAX_ROW), min(max(right, left), MAX_COLUMN))
