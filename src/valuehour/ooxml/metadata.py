"""The cell metadata that marks dynamic arrays: without it Excel shows ``=@…``."""

from __future__ import annotations

from valuehour.errors import WorkbookError
from valuehour.ooxml.markup import MAIN_NAMESPACES, Element, append_child, elements, set_attributes, splice, tag_prefix
from valuehour.ooxml.package import Package

METADATA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheetMetadata+xml"
METADATA_RELATIONSHIP = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sheetMetadata"
_DYNAMIC_SPACE = "http://schemas.microsoft.com/office/spreadsheetml/2017/dynamicarray"
_EXTENSION = "{bdbb8cdc-fa1e-496e-a857-3c3f30c029c3}"
_TYPE = (
    b'<{p}metadataType name="XLDAPR" minSupportedVersion="120000" copy="1" pasteAll="1" pasteValues="1" merge="1" '
    b'splitFirst="1" rowColShift="1" clearFormats="1" clearComments="1" assign="1" coerce="1" cellMeta="1"/>'
)
_BLOCK = (
    b'<{p}bk><{p}extLst><{p}ext uri="%s"><xda:dynamicArrayProperties xmlns:xda="%s" fDynamic="1" fCollapsed="0"/>'
    b"</{p}ext></{p}extLst></{p}bk>"
) % (_EXTENSION.encode(), _DYNAMIC_SPACE.encode())
_EMPTY = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<metadata xmlns="%s"></metadata>'
    % MAIN_NAMESPACES[0].encode()
)
# The order that the schema asks of the children of <metadata>.
_ORDER = (
    "metadataTypes",
    "metadataStrings",
    "mdxMetadata",
    "futureMetadata",
    "cellMetadata",
    "valueMetadata",
    "extLst",
)


def dynamic_array_index(package: Package) -> int | None:
    """Return the ``cm`` that marks a dynamic array in this workbook, or None when its metadata has no such entry."""
    part = package.related_part("sheetMetadata")
    return None if part is None else _cell_index(elements(package.parts[part]))


def dynamic_array_metadata(package: Package) -> int:
    """Return the ``cm`` that marks a dynamic array; metadata that is missing is added, what is there stays."""
    part = package.related_part("sheetMetadata")
    data = _EMPTY if part is None else package.parts[part]
    if _type_index(elements(data)) is None:
        data = _append(data, "metadataTypes", b"<{p}metadataTypes>", _TYPE)
    if _block_index(elements(data)) is None:
        data = _append(data, "futureMetadata", b'<{p}futureMetadata name="XLDAPR">', _BLOCK)
    found = elements(data)
    index = _cell_index(found)
    if index is None:
        record = b'<{p}bk><{p}rc t="%d" v="%d"/></{p}bk>' % (_type_index(found) or 0, _block_index(found) or 0)
        data = _append(data, "cellMetadata", b"<{p}cellMetadata>", record)
        index = _record_count(elements(data))
    if part is None:
        package.add_part("xl/metadata.xml", data, METADATA_TYPE, package.workbook_part, METADATA_RELATIONSHIP)
    else:
        package.parts[part] = data
    return index


def cell_record_count(package: Package) -> int:
    """How many cell metadata records there are: the largest ``cm`` that a cell may carry; 0 without metadata."""
    part = package.related_part("sheetMetadata")
    return 0 if part is None else _record_count(elements(package.parts[part]))


def _record_count(found: list[Element]) -> int:
    return sum(item.path == ("metadata", "cellMetadata", "bk") for item in found)


def _type_index(found: list[Element]) -> int | None:
    """Place of the dynamic array type, counted from 1."""
    types = [item for item in found if item.path == ("metadata", "metadataTypes", "metadataType")]
    return next((at for at, item in enumerate(types, 1) if item.attributes.get("name") == "XLDAPR"), None)


def _block_index(found: list[Element]) -> int | None:
    """Place of the block that says "dynamic, not collapsed", counted from 0."""
    holder = _holder(found, "futureMetadata")
    if holder is None:
        return None
    blocks = [item for item in found if item.path[1:] == ("futureMetadata", "bk") and _inside(item, holder)]
    for at, block in enumerate(blocks):
        for item in found:
            if item.name == "dynamicArrayProperties" and _inside(item, block):
                marks = item.attributes.get("fDynamic", "0"), item.attributes.get("fCollapsed", "0")
                if marks in (("1", "0"), ("true", "false")):
                    return at
    return None


def _cell_index(found: list[Element]) -> int | None:
    """Place of the cell record that points at that block, counted from 1."""
    kind, block = _type_index(found), _block_index(found)
    if kind is None or block is None:
        return None
    records = [item for item in found if item.path == ("metadata", "cellMetadata", "bk")]
    for at, record in enumerate(records, 1):
        inside = [item.attributes for item in found if item.name == "rc" and _inside(item, record)]
        if [(rc.get("t"), rc.get("v")) for rc in inside] == [(str(kind), str(block))]:
            return at
    return None


def _inside(item: Element, other: Element) -> bool:
    return other.open_end <= item.start and item.end <= other.close


def _holder(found: list[Element], name: str) -> Element | None:
    for item in found:
        fits = name != "futureMetadata" or item.attributes.get("name") == "XLDAPR"
        if item.path == ("metadata", name) and fits:
            return item
    return None


def _holding(found: list[Element], name: str) -> Element:
    holder = _holder(found, name)
    if holder is None:
        raise WorkbookError(f"the cell metadata cannot take a <{name}>")
    return holder


def _append(data: bytes, name: str, opening: bytes, child: bytes) -> bytes:
    """Put ``child`` last into the holder of that name, making the holder in its place, and count again."""
    holder = _holder(elements(data), name)
    if holder is None:
        found = elements(data)
        later = _ORDER[_ORDER.index(name) + 1 :]
        following = next((item for item in found if len(item.path) == 2 and item.name in later), None)
        markup = opening + b"</{p}%s>" % name.encode()
        if following is None:
            data = append_child(data, found[-1], markup)
        else:
            new = markup.replace(b"{p}", tag_prefix(data, found[-1].start))
            data = splice(data, [(following.start, following.start, new)])
        holder = _holding(elements(data), name)
    data = append_child(data, holder, child)
    found = elements(data)
    holder = _holding(found, name)
    count = sum(len(item.path) == 3 and _inside(item, holder) for item in found)
    tag = set_attributes(data[holder.start : holder.open_end], {b"count": b"%d" % count})
    return splice(data, [(holder.start, holder.open_end, tag)])
