"""Rules for the parts of the file: what relationships and content types say of them has to be so."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from valuehour.ooxml.markup import local, tree
from valuehour.ooxml.structure import Relationship, content_types, find_part
from valuehour.workbooks.lint.context import Context
from valuehour.workbooks.lint.rules import Finding, finding
from valuehour.workbooks.lint.surroundings import linking_parts

_CONTENT_TYPES = "[Content_Types].xml"
_SHEETS = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_OFFICE = "application/vnd.openxmlformats-officedocument."
_TYPES = {
    **{
        kind: f"{_SHEETS}{kind}+xml"
        for kind in (
            "worksheet",
            "chartsheet",
            "dialogsheet",
            "sharedStrings",
            "styles",
            "calcChain",
            "sheetMetadata",
            "table",
            "queryTable",
            "comments",
            "connections",
            "externalLink",
            "pivotTable",
            "pivotCacheDefinition",
            "pivotCacheRecords",
        )
    },
    "theme": f"{_OFFICE}theme+xml",
    "drawing": f"{_OFFICE}drawing+xml",
    "chart": f"{_OFFICE}drawingml.chart+xml",
    "vmlDrawing": f"{_OFFICE}vmlDrawing",
    "extended-properties": f"{_OFFICE}extended-properties+xml",
    "custom-properties": f"{_OFFICE}custom-properties+xml",
    "core-properties": "application/vnd.openxmlformats-package.core-properties+xml",
    "image": "image/",
}
"""The content type of what a relationship of each kind leads to; one that ends with a stroke is a beginning."""


def check_parts(context: Context) -> Iterator[Finding]:
    """Yield relationships to parts that do not exist, parts of another content type, and types of no part."""
    package = context.package
    owners = {sheet.part: sheet.name for sheet in context.sheets}
    defaults, overrides = content_types(package.parts)
    misfits: dict[str, tuple[str, str]] = {}
    for part, source in linking_parts(package):
        for link in package.relationships(source):
            # The link of a shape to a place in the file is written as a target too.
            if link.external or (link.kind == "hyperlink" and "#" in link.target):
                continue
            if link.target not in package.parts:
                found = f"the {link.kind} {link.id} to {link.target}, which the file does not hold"
                yield finding("relationship-target", owners.get(source, ""), part, found)
                continue
            key = link.target.lower()
            mine = overrides.get(key) or defaults.get(key.rpartition(".")[2], "")
            if not _fits(link, mine.partition(";")[0].strip()):
                said = f"a {link.kind} of content type {mine!r}" if mine else f"a {link.kind} without a content type"
                misfits.setdefault(link.target, (owners.get(link.target, ""), said))
    for target, (sheet, found) in misfits.items():
        yield finding("content-type", sheet, target, found)
    for element in tree(package.parts[_CONTENT_TYPES]):
        name = element.get("PartName", "").lstrip("/")
        if local(element.tag) == "Override" and not any(find_part(package.parts, n) for n in (name, unquote(name))):
            yield finding("content-type-unused", "", name, f"a content type for {name}, which the file does not hold")


def _fits(link: Relationship, mine: str) -> bool:
    expected = _TYPES.get(link.kind)
    if expected is None:
        return True
    if expected.endswith("/"):
        return mine.lower().startswith(expected)
    return mine.lower() == expected.lower()
