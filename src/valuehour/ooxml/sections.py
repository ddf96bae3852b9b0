"""A sheet part as the elements it is made of, each as bytes; the cells stay one piece."""

from __future__ import annotations

import re
from dataclasses import dataclass

from valuehour.errors import WorkbookError
from valuehour.ooxml.markup import elements, is_self_closed, tag_end, tag_prefix

# The order that the schema asks of the children of <worksheet>.
ORDER = (
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
)
_CELLS = re.compile(rb"<sheetData\b[^>]*?(?:/>|>.*</sheetData\s*>)", re.DOTALL)


@dataclass(slots=True)
class Sections:
    """The opening of a sheet part, and its children by name, in order of appearance."""

    opening: bytes
    children: dict[str, list[bytes]]

    @classmethod
    def of(cls, data: bytes, where: str) -> Sections:
        """Take a sheet part apart.

        Raises
        ------
        WorkbookError
            A part that is not written as Excel writes it.
        """
        found = _CELLS.search(data)
        if found is None:
            raise WorkbookError(f"{where}: is not written as Excel writes it; its cells cannot be told from the rest")
        bare = data[: found.start()] + b"<sheetData/>" + data[found.end() :]
        every = sorted((item for item in elements(bare) if len(item.path) <= 2), key=lambda item: item.start)
        root, *items = every
        if tag_prefix(bare, root.start):
            raise WorkbookError(f"{where}: is not written as Excel writes it; its elements carry a prefix")
        children: dict[str, list[bytes]] = {}
        for item in items:
            text = found[0] if item.name == "sheetData" else bare[item.start : item.end]
            children.setdefault(item.name, []).append(text)
        return cls(bare[: root.open_end], children)

    def inside(self, name: str) -> list[tuple[bytes, dict[str, str]]]:
        """What stands inside the children of that name, each with its attributes."""
        found = []
        for markup in self.children.get(name, []):
            whole = self.opening + markup + b"</worksheet>"
            items = [item for item in elements(whole) if len(item.path) == 3]
            found += [(whole[i.start : i.end], i.attributes) for i in sorted(items, key=lambda item: item.start)]
        return found

    def attributes(self, name: str) -> dict[str, str]:
        """The attributes of the first child of that name; none when there is no such child."""
        markup = self.children.get(name)
        return elements(self.opening + markup[0] + b"</worksheet>")[-2].attributes if markup else {}

    def to_bytes(self) -> bytes:
        """The sheet part, its children in the order of the schema."""
        unknown = self.children.keys() - set(ORDER)
        pieces = [item for name in ORDER for item in self.children.get(name, [])]
        pieces += [item for name in sorted(unknown) for item in self.children[name]]
        return self.opening + b"".join(pieces) + b"</worksheet>"


def inner(markup: bytes) -> bytes:
    """What stands inside an element.

    >>> inner(b"<a x='1'><b/></a>"), inner(b"<a/>")
    (b'<b/>', b'')
    """
    end = tag_end(markup, 0)
    return b"" if is_self_closed(markup, end) else markup[end : markup.rindex(b"</")]
