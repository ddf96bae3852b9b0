"""Rows inserted into a sheet below a table's last row: everything that refers to a place follows."""

from __future__ import annotations

import re

from valuehour.errors import WorkbookError
from valuehour.ooxml.insertion import Insertion
from valuehour.ooxml.locate import locate
from valuehour.ooxml.markup import is_utf8, to_attribute, to_xml
from valuehour.ooxml.package import Package
from valuehour.ooxml.places import FORMULA_NODE, holds_places, moved_around, moved_part, node, parts_of
from valuehour.ooxml.reference import Area, parse_area
from valuehour.ooxml.structure import SheetRef, Table

_ROW_OR_CELL = re.compile(rb"""(<(?:\w+:)?(?:row|c)\b[^>]*?\sr=)(?:"([A-Z]*)(\d+)"|'([A-Z]*)(\d+)')""")
# Parts that hang on a sheet and whose places are known here; another kind might hold places that nobody moves.
_KNOWN = frozenset(
    [
        "drawing",
        "vmlDrawing",
        "comments",
        "threadedComment",
        "table",
        "hyperlink",
        "printerSettings",
        "pivotTable",
        "slicer",
        "timeline",
        "customProperty",
        "image",
        "control",
        "ctrlProp",
        "oleObject",
        "package",
        "tableSingleCells",
        "queryTable",
    ]
)


def insert_rows(package: Package, table: Table, count: int) -> Insertion:
    """Insert empty rows below the last row of a table, which grows by them; everything else follows.

    The new rows hold no cells yet. The calculation chain is dropped, which Excel rebuilds.

    Raises
    ------
    WorkbookError
        Nothing was changed: the sheet is full, another table or a merged range stands across the place, or a part
        hangs on the sheet whose places are not understood; the message names it.
    """
    sheet = package.sheet(table.sheet)
    area = parse_area(table.ref)
    body = Area(area.top + table.header_rows, area.left, area.bottom - table.totals_rows, area.right)
    insertion = Insertion(sheet.name, count, body)
    _refuse_obstacles(package, sheet, table, insertion)
    changed: dict[str, bytes] = {}
    own = parts_of(package, sheet)
    homes = {other.part: other.name for other in package.sheets()}
    for other in package.sheets():
        homes |= dict.fromkeys(parts_of(package, other), other.name)
    for name, data in package.parts.items():
        if name == sheet.part or not holds_places(package.content_type(name) or ""):
            continue
        if name in own or _may_name(data, sheet.name):
            new = moved_part(name, data, insertion, homes.get(name))
            if new != data:
                changed[name] = new
    changed[sheet.part] = _sheet(package, sheet, insertion)
    package.parts.update(changed)
    chain = package.related_part("calcChain")
    if chain is not None:
        package.remove_part(chain)
    return insertion


def _may_name(data: bytes, sheet: str) -> bool:
    """Whether a part holds the name of the sheet, in any of its spellings."""
    text = sheet.replace("'", "''")
    return any(spelled in data for spelled in {to_xml(text), to_attribute(text), to_attribute(sheet)}) or b"&#" in data


def _refuse_obstacles(package: Package, sheet: SheetRef, table: Table, insertion: Insertion) -> None:
    where = f"{package.label}: {sheet.name}"
    data = package.parts[sheet.part]
    for link in package.relationships(sheet.part):
        if link.kind not in _KNOWN:
            raise WorkbookError(
                f"{where}: the table {table.name} cannot grow: a part of the kind {link.kind!r} hangs on its sheet "
                f"({link.target}), and what it says about rows is not known here"
            )
    if b"<![CDATA[" in data or b"<!--" in data or not is_utf8(data):
        raise WorkbookError(f"{where}: {sheet.part} is not written as Excel writes it, so no rows can be inserted")
    after = insertion.after
    for other in package.tables():
        area = parse_area(other.ref)
        if other.sheet == sheet.name and other.part != table.part and area.top <= after < area.bottom:
            raise WorkbookError(
                f"{where}!{other.ref}: the table {other.name} stands beside {table.name}, which cannot grow without "
                "tearing it apart; fill fewer rows or move it"
            )
    arrays = locate(data, {}, where).arrays
    for area in arrays:
        if area.top <= after < area.bottom:
            raise WorkbookError(
                f"{where}!{area}: is an array beside the table {table.name}, which cannot grow without tearing it apart"
            )


def _sheet(package: Package, sheet: SheetRef, insertion: Insertion) -> bytes:
    """The sheet whose rows move."""
    data = package.parts[sheet.part]
    start, middle, end = _split(data, insertion.after, f"{package.label}: {sheet.name}")
    change = node(insertion, sheet.name)
    head = FORMULA_NODE.sub(change, data[start:middle])

    def moved(match: re.Match[bytes]) -> bytes:
        letters, digits = (match[2], match[3]) if match[3] is not None else (match[4], match[5])
        return b'%s"%s%d"' % (match[1], letters, insertion.row(int(digits), sheet.name))

    tail = _ROW_OR_CELL.sub(moved, FORMULA_NODE.sub(change, data[middle:end]))
    before, below = (moved_around(around, insertion, sheet.name) for around in (data[:start], data[end:]))
    return b"".join([before, head, tail, below])


def _split(data: bytes, after: int, where: str) -> tuple[int, int, int]:
    """Where the cells of a sheet begin, where the first row below ``after`` begins, where the cells end."""
    below = _first_below(data, after, where)
    cells = locate(data, {}, where).data
    return cells.open_end, cells.close if below is None else below, cells.close


def _first_below(data: bytes, after: int, where: str) -> int | None:
    """Where the first row below a row begins."""
    found = locate(data, {after + 1: (1,)}, where)
    row = found.rows.get(after + 1)
    return row.span.start if row is not None else found.before.get(after + 1)
