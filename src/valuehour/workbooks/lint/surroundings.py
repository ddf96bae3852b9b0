"""Rules for what stands around the cells: validations, conditional formats, charts, links, the calculation chain."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from xml.parsers import expat

from valuehour.ooxml import Package, SheetRef
from valuehour.ooxml.markup import MAIN_NAMESPACES, SEPARATOR, local, tree
from valuehour.workbooks.lint.context import Context
from valuehour.workbooks.lint.formulas import analyse, shortened
from valuehour.workbooks.lint.rules import Finding, finding

_LIMITS = {
    "promptTitle": ("validation-title", 32),
    "errorTitle": ("validation-title", 32),
    "prompt": ("validation-text", 255),
    "error": ("validation-text", 255),
}
_RELATIONSHIPS = re.compile(r"(.*?)_rels/([^/]*)\.rels", re.IGNORECASE)
_FORMULAS = ("formula1", "formula2", "formula", "f")


def check_rules_of_sheet(context: Context, sheet: SheetRef) -> Iterator[Finding]:
    """Yield the faults of a sheet's data validations and conditional formats, those of newer Excels included."""
    for element in _without_cells(context.package.parts[sheet.part]).iter():
        name = local(element.tag)
        if name == "dataValidation":
            yield from _validation(context, sheet.name, element)
        elif name == "conditionalFormatting":
            place = _place(element)
            for text in _texts(element):
                yield from _outside_formula(context, sheet.name, place, text)


def _validation(context: Context, sheet: str, element: ElementTree.Element) -> Iterator[Finding]:
    place = _place(element)
    for attribute, (rule, limit) in _LIMITS.items():
        text = element.get(attribute, "")
        if len(text) > limit:
            yield finding(rule, sheet, place, f"{attribute} of {len(text)} characters")
    for text in _texts(element):
        if element.get("type") == "list" and text.startswith('"') and text.endswith('"'):
            length = len(text[1:-1].replace('""', '"'))
            if length > 255:
                yield finding("list-length", sheet, place, f"a dropdown list of {length} characters")
        else:
            yield from _outside_formula(context, sheet, place, text)


def _outside_formula(context: Context, sheet: str, place: str, text: str) -> Iterator[Finding]:
    if analyse(text).structured:
        yield finding("table-reference", sheet, place, shortened(text))
    yield from context.formula(text, sheet, place)


def _texts(element: ElementTree.Element) -> Iterator[str]:
    for child in element.iter():
        if local(child.tag) in _FORMULAS and child.text and child.text.strip():
            yield child.text.strip()


def _place(element: ElementTree.Element) -> str:
    """Return the cells that a rule is for: an attribute, or the sqref element of newer Excels."""
    inner = next((child.text for child in element.iter() if local(child.tag) == "sqref" and child.text), "")
    return element.get("sqref") or inner


def _without_cells(data: bytes) -> ElementTree.Element:
    """Parse a sheet but for its cells, which may be many."""
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    cells = tuple(f"{namespace}{SEPARATOR}sheetData" for namespace in MAIN_NAMESPACES)

    def start(name: str, attributes: dict[str, str]) -> None:
        builder.start(name, attributes)
        if name in cells:
            parser.StartElementHandler = None
            parser.CharacterDataHandler = None

    def end(name: str) -> None:
        if parser.StartElementHandler is None:
            if name not in cells:
                return
            parser.StartElementHandler = start
            parser.CharacterDataHandler = builder.data
        builder.end(name)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.Parse(data, True)
    return builder.close()


def check_charts(package: Package) -> Iterator[Finding]:
    """Yield table references in charts; the place is the chart's part."""
    for part, data in package.parts.items():
        if "/charts/" in part and part.endswith(".xml") and b"[" in data:
            for element in tree(data).iter():
                text = element.text or ""
                if local(element.tag) == "f" and analyse(text).structured:
                    yield finding("table-reference", "", part, shortened(text))


def linking_parts(package: Package) -> Iterator[tuple[str, str]]:
    """Yield every part that holds relationships, with the part whose relationships they are."""
    for part in package.parts:
        match = _RELATIONSHIPS.fullmatch(part)
        if match is not None:
            yield part, match[1] + match[2]


def check_links(context: Context) -> Iterator[Finding]:
    """Yield relationships that point outside without being the link of a cell or shape; the place is their part."""
    owners = {sheet.part: sheet.name for sheet in context.sheets}
    for part, source in linking_parts(context.package):
        for link in context.package.relationships(source):
            if link.external and (link.kind != "hyperlink" or link.target[:1] in ("", "#")):
                found = f"the {link.kind} {link.id} to {shortened(link.target)!r}"
                yield finding("external-target", owners.get(source, ""), part, found)


def check_calculation_chain(context: Context, formula_cells: Mapping[str, set[str]]) -> Iterator[Finding]:
    """Yield entries of the calculation chain for cells that hold no formula."""
    part = context.package.related_part("calcChain")
    if part is None:
        return
    by_id = {sheet.id: sheet.name for sheet in context.sheets}
    number = ""
    for element in tree(context.package.parts[part]):
        number = element.get("i", number)
        sheet, ref = by_id.get(number, f"sheet {number}"), element.get("r", "")
        if ref not in formula_cells.get(sheet, ()):
            yield finding("calculation-chain", sheet, ref, f"an entry in {part} for a cell without formula")
