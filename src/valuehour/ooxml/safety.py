"""Which parts of a package must be XML, and that they are: whatever their names and content types claim."""

from __future__ import annotations

import re
from collections.abc import Mapping

from valuehour.errors import WorkbookError
from valuehour.ooxml import structure
from valuehour.ooxml.container import CONTENT_TYPES
from valuehour.ooxml.markup import check_xml

# A document type can only stand before the root, so a part that has one starts with it, a declaration or a comment.
_PROLOG = re.compile(rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*<\0?[?!]")
_PARSED = frozenset(
    {
        "officeDocument",
        "worksheet",
        "chartsheet",
        "dialogsheet",
        "xlMacrosheet",
        "xlIntlMacrosheet",
        "sharedStrings",
        "styles",
        "theme",
        "calcChain",
        "sheetMetadata",
        "table",
        "drawing",
        "chart",
        "comments",
    }
)
_VML = "vmldrawing"
_FREE_FORM = frozenset(("image", "vmlDrawing"))
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")


def check_parts(parts: Mapping[str, bytes], label: str) -> None:
    """Refuse XML that is unsafe or does not parse, in every part that is XML.

    A part is XML when its name, its content type or its first characters say so, or when it is reached as a sheet,
    table, drawing, or another part that is parsed. Drawings of the old kind (VML) need not be well-formed, and
    pictures (SVG) may declare a document type, as nothing here parses them; both only where nothing but a drawing's
    or a picture's relationship leads to them.
    """
    if CONTENT_TYPES not in parts:
        return  # no workbook at all, which is said in its own words
    check_xml(parts[CONTENT_TYPES], f"{label}: {CONTENT_TYPES}")
    for name, data in parts.items():
        if name.lower().endswith(".rels"):
            check_xml(data, f"{label}: {name}")
    leading = _leading(parts)
    defaults, overrides = structure.content_types(parts)
    for name, data in parts.items():
        if name == CONTENT_TYPES or name.lower().endswith(".rels"):
            continue
        lowered = name.lower()
        kind = (
            (overrides.get(lowered) or defaults.get(lowered.rpartition(".")[2], "")).partition(";")[0].strip().lower()
        )
        led = leading.get(name, frozenset())
        if led <= _FREE_FORM and (lowered.endswith(".vml") or _VML in kind):
            plain = data.replace(b"\0", b"")  # as UTF-16 spells it, too
            if any(declaration in plain for declaration in _DECLARATIONS):
                raise WorkbookError(f"{label}: {name}: declares a document type (DOCTYPE), which is unsafe")
        elif lowered.endswith(".xml") or led & _PARSED:
            check_xml(data, f"{label}: {name}")
        elif led <= _FREE_FORM and kind.startswith("image/"):
            continue
        elif kind.endswith(("+xml", "/xml")) or _PROLOG.match(data):
            check_xml(data, f"{label}: {name}")


def _leading(parts: Mapping[str, bytes]) -> dict[str, frozenset[str]]:
    """The kinds of the relationships that lead to each part."""
    found: dict[str, set[str]] = {}
    for name in parts:
        folder, _, base = name.rpartition("/")
        if not base.lower().endswith(".rels") or folder.rpartition("/")[2].lower() != "_rels":
            continue
        source = "/".join(step for step in (folder.rpartition("/")[0], base[: -len(".rels")]) if step)
        for link in structure.relationships(parts, source):
            if not link.external:
                found.setdefault(link.target, set()).add(link.kind)
    return {target: frozenset(kinds) for target, kinds in found.items()}
