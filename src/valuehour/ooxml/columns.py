"""A column added at the right of a table, and the width of columns."""

from __future__ import annotations

from valuehour.errors import WorkbookError
from valuehour.ooxml.edit import patch_cells
from valuehour.ooxml.markup import (
    append_child,
    elements,
    set_attributes,
    splice,
    tag_prefix,
    to_attribute,
    to_xml,
)
from valuehour.ooxml.package import Package
from valuehour.ooxml.patch import KEEP, Keep, entered
from valuehour.ooxml.reference import Area, format_cell, parse_area
from valuehour.ooxml.structure import Table


def add_column(
    package: Package, table: Table, head: str, style: int | Keep = KEEP, *, formula: str | None = None
) -> Table:
    """Add a column at the right of a table, to type in or calculated; the head gets ``style``, the cells stay.

    Raises
    ------
    WorkbookError
        Nothing was changed: the table has a column of that name, or no room at its right.
    """
    area = parse_area(table.ref)
    if any(column.name.lower() == head.lower() for column in table.columns):
        raise WorkbookError(f"{package.label}: the table {table.name} has a column {head!r} already")
    wide = Area(area.top, area.left, area.bottom, area.right + 1)
    for other in package.tables():
        if other.sheet == table.sheet and other.part != table.part and parse_area(other.ref).overlaps(wide):
            raise WorkbookError(f"{package.label}: the table {table.name} has no room for a column {head!r}")
    data = package.parts[table.part]
    found = elements(data)
    holder = next(item for item in found if item.path == ("table", "tableColumns"))
    number = max(column.id for column in table.columns) + 1
    text = b"" if formula is None else b"<{p}calculatedColumnFormula>%s</{p}calculatedColumnFormula>" % to_xml(formula)
    entry = b'<{p}tableColumn id="%d" name="%s">%s</{p}tableColumn>' % (number, to_attribute(head), text)
    data = append_child(data, holder, entry)
    edits = []
    for item in elements(data):
        if item.path == ("table", "tableColumns"):
            new = {b"count": b"%d" % (len(table.columns) + 1)}
        elif item.path == ("table",):
            new = {b"ref": str(wide).encode()}
        elif item.path == ("table", "autoFilter"):
            filtered = parse_area(item.attributes["ref"])
            new = {b"ref": str(Area(filtered.top, filtered.left, filtered.bottom, wide.right)).encode()}
        else:
            continue
        edits.append((item.start, item.open_end, set_attributes(data[item.start : item.open_end], dict(new))))
    package.parts[table.part] = splice(data, edits)
    patch_cells(package, table.sheet, {format_cell(area.top, wide.right): entered(head, style)})
    return next(item for item in package.tables() if item.part == table.part)


def set_width(package: Package, sheet_name: str, column: int, width: float) -> None:
    """Make a column of a sheet as wide as that many characters."""
    sheet = package.sheet(sheet_name)
    data = package.parts[sheet.part]
    entry = b'<{p}col min="%d" max="%d" width="%g" customWidth="1"/>' % (column, column, width)
    found = [item for item in elements(data) if len(item.path) in (2, 3)]
    holder = next((item for item in found if item.path == ("worksheet", "cols")), None)
    if holder is None:
        cells = next(item for item in found if item.path == ("worksheet", "sheetData"))
        p = tag_prefix(data, cells.start)
        new = b"<{p}cols>%s</{p}cols>" % entry
        package.parts[sheet.part] = splice(data, [(cells.start, cells.start, new.replace(b"{p}", p))])
        return
    p = tag_prefix(data, holder.start)
    edits: list[tuple[int, int, bytes]] = []
    at = holder.close
    for item in sorted((i for i in found if i.path == ("worksheet", "cols", "col")), key=lambda i: i.start):
        first, last = int(item.attributes["min"]), int(item.attributes["max"])
        tag = data[item.start : item.end]
        if last < column:
            continue
        at = min(at, item.start)
        if first <= column <= last:
            pieces = [
                set_attributes(tag, {b"min": b"%d" % low, b"max": b"%d" % high})
                for low, high in ((first, column - 1), (column + 1, last))
                if low <= high
            ]
            kept = set_attributes(
                tag,
                {b"min": b"%d" % column, b"max": b"%d" % column, b"width": b"%g" % width, b"customWidth": b"1"},
            )
            before = pieces[:1] if first < column else []
            edits.append((item.start, item.end, b"".join([*before, kept, *pieces[len(before) :]])))
            package.parts[sheet.part] = splice(data, edits)
            return
        break
    package.parts[sheet.part] = splice(data, [(at, at, entry.replace(b"{p}", p))])
