"""Where a part of a workbook names places, and how each follows when cells move.

Cells, formulas, names, tables, rules, links, comments, drawings, charts, sparklines, pivots and form controls say
where something stands. A mover says where every place goes; what names no place that moves keeps its bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Protocol

from valuehour.errors import WorkbookError
from valuehour.ooxml.markup import is_utf8, set_attributes, to_attribute, to_xml
from valuehour.ooxml.package import Package
from valuehour.ooxml.structure import SheetRef


class Mover(Protocol):
    """Says where the places of each sheet go; ``home`` is the sheet that a place or a formula stands on."""

    def row(self, number: int, home: str | None) -> int:
        """Where a row goes."""
        ...

    def column(self, number: int, home: str | None) -> int:
        """Where a column goes."""
        ...

    def areas(self, text: str, home: str | None, *, rule: bool = True) -> str:
        """Where each area of a list goes; ``rule`` says that they belong to a rule for cells."""
        ...

    def formula(self, formula: str, home: str | None) -> str:
        """The formula as it reads afterwards."""
        ...

    def title(self, sheet: str) -> str:
        """What a sheet is called afterwards."""
        ...


# A tag with its local name, and the text that follows it.
NODE = re.compile(
    rb"""<((?:[\w.-]+:)?([\w.-]+))((?:\s+[^\s=<>/]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?)>([^<]*)""", re.DOTALL
)
_ATTRIBUTE = re.compile(rb"""\s([\w.:-]+)\s*=\s*("[^"]*"|'[^']*')""")
_BREAKS = re.compile(rb"<((?:\w+:)?rowBreaks)\b.*?</\1\s*>", re.DOTALL)
_BREAK = re.compile(rb"""(<(?:\w+:)?brk\b[^>]*?\bid=")(\d+)(")""")
_VML_ROW = re.compile(rb"(<x:Row>\s*)(\d+)(\s*</x:Row>)")
_VML_COLUMN = re.compile(rb"(<x:Column>\s*)(\d+)(\s*</x:Column>)")
_VML_ANCHOR = re.compile(rb"(<x:Anchor>)([^<]*)(</x:Anchor>)")
_ANCHOR = re.compile(rb"<((?:[\w.-]+:)?(?:twoCellAnchor|oneCellAnchor|anchor))\b[^>]*>.*?</\1\s*>", re.DOTALL)
_CORNER = re.compile(rb"<((?:[\w.-]+:)?(from|to))\b[^>]*>.*?</\1\s*>", re.DOTALL)
_CORNER_ROW = re.compile(rb"(<(?:[\w.-]+:)?row>)(\d+)(?=<)")
_CORNER_COLUMN = re.compile(rb"(<(?:[\w.-]+:)?col>)(\d+)(?=<)")
_STAYS = re.compile(rb"""\beditAs=["'](oneCell|absolute)["']""")
FORMULA_NODE = re.compile(rb"""<((?:\w+:)?(f))((?:\s+[^\s=<>/]+\s*=\s*(?:"[^"]*"|'[^']*'))*\s*/?)>([^<]*)""", re.DOTALL)

# What an attribute of an element holds: a place on the element's own sheet, a rule's places, or a formula.
_PLACES: dict[tuple[str, str], str] = {
    **dict.fromkeys(
        [
            ("dimension", "ref"),
            ("mergeCell", "ref"),
            ("hyperlink", "ref"),
            ("autoFilter", "ref"),
            ("sortState", "ref"),
            ("sortCondition", "ref"),
            ("f", "ref"),
            ("f", "r1"),
            ("f", "r2"),
            ("inputCells", "r"),
            ("scenarios", "sqref"),
            ("cellWatch", "r"),
            ("sheetView", "topLeftCell"),
            ("pane", "topLeftCell"),
            ("selection", "activeCell"),
            ("comment", "ref"),
            ("threadedComment", "ref"),
            ("singleXmlCell", "r"),
            ("location", "ref"),
            ("table", "ref"),
            ("worksheetSource", "ref"),
        ],
        "place",
    ),
    **dict.fromkeys(
        [
            ("conditionalFormatting", "sqref"),
            ("dataValidation", "sqref"),
            ("protectedRange", "sqref"),
            ("ignoredError", "sqref"),
            ("selection", "sqref"),
        ],
        "rule",
    ),
    **dict.fromkeys(
        [
            ("hyperlink", "location"),
            ("formControlPr", "fmlaLink"),
            ("formControlPr", "fmlaRange"),
            ("formControlPr", "fmlaTxbx"),
            ("formControlPr", "fmlaGroup"),
            ("sp", "textlink"),
        ],
        "formula",
    ),
}
FORMULAS = frozenset(
    ["f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula"]
)
_PLACED = ("spreadsheetml", "ms-excel", "drawing", "controlproperties")
_UNPLACED = ("sharedstrings", "styles", "sheetmetadata", "richdata", "rdarray", "pivotcacherecords")


def holds_places(content_type: str) -> bool:
    """Whether parts of a type say where something stands: sheets, tables, charts, drawings, pivots, controls."""
    kind = content_type.lower()
    return any(word in kind for word in _PLACED) and not any(word in kind for word in _UNPLACED)


def parts_of(package: Package, sheet: SheetRef) -> set[str]:
    """The parts whose places are places of this sheet."""
    return {
        link.target
        for link in package.relationships(sheet.part)
        if not link.external and link.kind not in ("image", "hyperlink", "package", "oleObject")
    }


def moved_part(name: str, data: bytes, mover: Mover, home: str | None) -> bytes:
    """A part other than a sheet, with the places it names moved; ``home`` is the sheet it hangs on."""
    if name.lower().endswith(".vml"):
        return _legacy(data, mover, home)
    if not is_utf8(data):
        raise WorkbookError(f"{name}: is UTF-16; only UTF-8 parts can be changed in place")
    return moved_anchors(NODE.sub(node(mover, home), data), mover, home)


def moved_around(data: bytes, mover: Mover, home: str | None) -> bytes:
    """What stands around the cells of a sheet, with its places moved."""
    data = NODE.sub(node(mover, home), data)
    data = _BREAKS.sub(lambda match: _breaks(match[0], mover, home), data)
    return moved_anchors(data, mover, home)


def moved_anchors(data: bytes, mover: Mover, home: str | None) -> bytes:
    """Drawings and controls over the cells of a sheet, moved with them."""
    return _ANCHOR.sub(lambda match: _anchor(match[0], mover, home), data)


def node(mover: Mover, home: str | None) -> Callable[[re.Match[bytes]], bytes]:
    """What replaces a match of ``NODE``: its attributes and its text with their places moved."""

    def changed(match: re.Match[bytes]) -> bytes:
        name = match[2].decode()
        tag, text = match[0][: match.start(4) - match.start()], match[4]
        if match[3]:
            tag = _attributes(name, tag, mover, home)
        if text and (name in FORMULAS or (name == "sqref" and home is not None)):
            old = unescape(text.decode())
            new = mover.areas(old, home) if name == "sqref" else mover.formula(old, home)
            if new != old:
                text = to_xml(new)
        return tag + text

    return changed


def _attributes(name: str, tag: bytes, mover: Mover, home: str | None) -> bytes:
    new: dict[bytes, bytes | None] = {}
    attributes = {match[1].decode(): match[2][1:-1] for match in _ATTRIBUTE.finditer(tag)}
    if name == "worksheetSource" and "sheet" in attributes:
        home = unescape(attributes["sheet"].decode())
        if mover.title(home) != home:
            new[b"sheet"] = to_attribute(mover.title(home))
    for key, value in attributes.items():
        kind = _PLACES.get((name, key))
        if kind is None or (kind != "formula" and home is None):
            continue
        old = unescape(value.decode())
        if kind == "formula":
            moved = mover.formula(old, home)
        else:
            moved = mover.areas(old, home, rule=kind == "rule" or name == "table")
        if moved != old:
            new[key.encode()] = to_attribute(moved)
    return set_attributes(tag, new) if new else tag


def _breaks(markup: bytes, mover: Mover, home: str | None) -> bytes:
    return _BREAK.sub(lambda match: b"%s%d%s" % (match[1], mover.row(int(match[2]), home), match[3]), markup)


def _anchor(markup: bytes, mover: Mover, home: str | None) -> bytes:
    """An object over cells; one that is not sized with its cells keeps its size."""
    stays = _STAYS.search(markup[: markup.index(b">")])
    if stays is not None and stays[1] == b"absolute":
        return markup
    shifts = [0, 0]

    def corner(match: re.Match[bytes]) -> bytes:
        text = match[0]
        for index, (pattern, place) in enumerate(((_CORNER_ROW, mover.row), (_CORNER_COLUMN, mover.column))):
            found = pattern.search(text)
            if found is None:
                continue
            old = int(found[2])
            if match[2] == b"from" or stays is None:
                shifts[index] = place(old + 1, home) - 1 - old
            text = text[: found.start()] + b"%s%d" % (found[1], old + shifts[index]) + text[found.end() :]
        return text

    return _CORNER.sub(corner, markup)


def _legacy(data: bytes, mover: Mover, home: str | None) -> bytes:
    """The boxes of comments, in VML, which counts rows and columns from 0."""

    def anchor(match: re.Match[bytes]) -> bytes:
        numbers = [item.strip() for item in match[2].split(b",")]
        if len(numbers) != 8 or not all(item.isdigit() for item in numbers):
            return match[0]
        down = mover.row(int(numbers[2]) + 1, home) - 1 - int(numbers[2])
        right = mover.column(int(numbers[0]) + 1, home) - 1 - int(numbers[0])
        for index, shift in ((2, down), (6, down), (0, right), (4, right)):
            numbers[index] = b"%d" % (int(numbers[index]) + shift)
        return match[1] + b", ".join(numbers) + match[3] if down or right else match[0]

    data = _VML_ROW.sub(lambda m: b"%s%d%s" % (m[1], mover.row(int(m[2]) + 1, home) - 1, m[3]), data)
    data = _VML_COLUMN.sub(lambda m: b"%s%d%s" % (m[1], mover.column(int(m[2]) + 1, home) - 1, m[3]), data)
    return _VML_ANCHOR.sub(anchor, data)
