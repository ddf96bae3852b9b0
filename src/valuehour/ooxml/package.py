"""A workbook file as its parts: read, looked into, changed part by part, written back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from valuehour.errors import WorkbookError
from valuehour.ooxml import structure
from valuehour.ooxml.container import (
    CONTENT_TYPES,
    DEFAULT_LIMITS,
    Limits,
    content_digest,
    pack,
    part_digest,
    read_file,
    unpack,
    write_file,
)
from valuehour.ooxml.markup import append_child, elements, splice, to_attribute
from valuehour.ooxml.parts import Parts
from valuehour.ooxml.safety import check_parts
from valuehour.ooxml.structure import DefinedName, Relationship, SheetRef, Table

_EMPTY_RELATIONSHIPS = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)


class Package:
    """A workbook's parts as bytes, in the order of the file.

    ``parts`` may be changed freely; what is not changed is written back byte for byte. ``label`` is what
    messages call the file.
    """

    def __init__(self, parts: Mapping[str, bytes], label: str = "workbook") -> None:
        self.parts = parts.copy() if isinstance(parts, Parts) else Parts(parts)
        self.label = label
        self._strings: tuple[bytes, tuple[str, ...]] = (b"", ())

    @classmethod
    def read(cls, source: bytes | Path, limits: Limits = DEFAULT_LIMITS, label: str | None = None) -> Package:
        """Read a workbook from its bytes or its path.

        Raises
        ------
        WorkbookError
            No such file, not a workbook, damaged, encrypted, larger than ``limits`` allow, or XML that is unsafe
            or does not parse: one line that says which.
        """
        if isinstance(source, Path):
            label = label or str(source)
            source = read_file(source, limits)
        package = cls(unpack(source, label or "workbook", limits), label or "workbook")
        package.check()
        return package

    def check(self) -> None:
        """Refuse what cannot be a workbook; called by :meth:`read`."""
        check_parts(self.parts, self.label)
        structure.workbook_part(self.parts, self.label)

    def copy(self) -> Package:
        """Return a package of its own with the same parts; bytes are shared, as they never change."""
        return Package(self.parts, self.label)

    def to_bytes(self, *, compressed: bool = True) -> bytes:
        """Return the file: fixed dates, attributes, compression level and order, so equal parts give equal bytes."""
        return pack(self.parts, compressed=compressed)

    def write(self, path: Path) -> None:
        """Write the file in one step; on failure the old file stays and nothing else is left behind."""
        write_file(path, self.to_bytes())

    def digest(self) -> str:
        """sha256 over names and uncompressed parts: the same on every machine, whatever its zlib."""
        return content_digest(self.parts)

    def part_digests(self) -> dict[str, str]:
        """sha256 of each part by name, sorted by name."""
        return {name: part_digest(self.parts, name) for name in sorted(self.parts)}

    # What the parts say -------------------------------------------------------------------------------------

    @property
    def workbook_part(self) -> str:
        """Name of the workbook part."""
        return structure.workbook_part(self.parts, self.label)

    @property
    def has_macros(self) -> bool:
        """Whether the workbook says of itself that it may run macros, as .xlsm files do."""
        return "macroenabled" in (self.content_type(self.workbook_part) or "").lower()

    def relationships(self, part: str) -> tuple[Relationship, ...]:
        """Return the relationships of a part; ``""`` stands for the package itself."""
        return structure.relationships(self.parts, part)

    def content_type(self, part: str) -> str | None:
        """Return the content type of a part, or None when it has none."""
        return structure.content_type(self.parts, part)

    def sheets(self) -> tuple[SheetRef, ...]:
        """Return the sheets in tab order."""
        return structure.sheets(self.parts, self.workbook_part, self.label)

    def worksheets(self) -> tuple[SheetRef, ...]:
        """Return the sheets that hold cells, in tab order."""
        return tuple(sheet for sheet in self.sheets() if sheet.kind == "worksheet")

    def sheet(self, name: str) -> SheetRef:
        """Return the sheet of that name; names are case-blind."""
        found = self.sheets()
        for sheet in found:
            if sheet.name.lower() == name.lower():
                return sheet
        known = ", ".join(sheet.name for sheet in found)
        raise WorkbookError(f"{self.label}: has no sheet {name!r}; its sheets are {known}")

    def defined_names(self) -> tuple[DefinedName, ...]:
        """Return the defined names in file order."""
        names = tuple(sheet.name for sheet in self.sheets())
        return structure.defined_names(self.parts, self.workbook_part, names)

    def tables(self) -> tuple[Table, ...]:
        """Return the Excel tables, sheet by sheet."""
        return structure.tables(self.parts, self.sheets(), self.label)

    def shared_strings(self) -> tuple[str, ...]:
        """Return the shared strings by index; empty when the workbook has none."""
        part = self.related_part("sharedStrings")
        if part is None:
            return ()
        data = self.parts[part]
        if self._strings[0] is not data:
            self._strings = (data, structure.shared_strings(data))
        return self._strings[1]

    def calculation_properties(self) -> dict[str, str]:
        """Return the attributes of calcPr (calcId, fullCalcOnLoad…); empty when there is none."""
        return structure.calculation_properties(self.parts, self.workbook_part)

    def related_part(self, kind: str) -> str | None:
        """Return the part to which the workbook has a relationship of this kind: ``sharedStrings``, ``calcChain``."""
        for link in self.relationships(self.workbook_part):
            if link.kind == kind and not link.external and link.target in self.parts:
                return link.target
        return None

    # Changes of whole parts ---------------------------------------------------------------------------------

    def add_part(self, name: str, data: bytes, content_type: str, source: str, relationship_type: str) -> str:
        """Add a part with its content type and a relationship from ``source``; return the relationship's id."""
        if structure.find_part(self.parts, name) is not None:
            raise WorkbookError(f"{self.label}: already holds the part {name}")
        override = b'<{p}Override PartName="/%s" ContentType="%s"/>' % (to_attribute(name), to_attribute(content_type))
        types = self._append_to_root(CONTENT_TYPES, override)
        links = structure.find_part(self.parts, structure.relationships_part(source))
        links = links or structure.relationships_part(source)
        taken = {link.id for link in self.relationships(source)}
        number = next(number for number in range(1, len(taken) + 2) if f"rId{number}" not in taken)
        link = b'<{p}Relationship Id="rId%d" Type="%s" Target="/%s"/>' % (
            number,
            to_attribute(relationship_type),
            to_attribute(name),
        )
        self.parts[links] = self._append_to_root(links, link)
        self.parts[CONTENT_TYPES] = types
        self.parts[name] = data
        return f"rId{number}"

    def remove_part(self, name: str) -> None:
        """Remove a part with its own relationships, its content type and the workbook's relationships to it."""
        source = self.workbook_part
        own = structure.find_part(self.parts, structure.relationships_part(name))
        links = structure.find_part(self.parts, structure.relationships_part(source))
        self.parts[CONTENT_TYPES] = _without(
            self.parts[CONTENT_TYPES], lambda found: found.get("PartName", "").lstrip("/").lower() == name.lower()
        )
        if links is not None:
            gone = {link.id for link in self.relationships(source) if link.target == name and not link.external}
            self.parts[links] = _without(self.parts[links], lambda found: found.get("Id") in gone)
        del self.parts[name]
        if own is not None:
            del self.parts[own]

    def remove_link(self, source: str, link_id: str) -> None:
        """Remove a relationship of a part, and the part it leads to when nothing else leads there."""
        link = next(link for link in self.relationships(source) if link.id == link_id)
        part = structure.find_part(self.parts, structure.relationships_part(source))
        if part is None:
            return
        self.parts[part] = _without(self.parts[part], lambda found: found.get("Id") == link_id)
        if link.external or link.target not in self.parts or self._is_reached(link.target):
            return
        for further in self.relationships(link.target):
            self.remove_link(link.target, further.id)
        self.remove_part(link.target)

    def _is_reached(self, name: str) -> bool:
        """Whether any part has a relationship to this one."""
        return any(
            link.target == name and not link.external
            for part in ("", *self.parts)
            if structure.find_part(self.parts, structure.relationships_part(part)) is not None
            for link in self.relationships(part)
        )

    def _append_to_root(self, part: str, child: bytes) -> bytes:
        data = self.parts.get(part, _EMPTY_RELATIONSHIPS)
        return append_child(data, elements(data)[-1], child)


def _without(data: bytes, unwanted: Callable[[dict[str, str]], bool]) -> bytes:
    """Return the part without those children of its root whose attributes are unwanted."""
    doomed = [item for item in elements(data) if len(item.path) == 2 and unwanted(item.attributes)]
    return splice(data, [(item.start, item.end, b"") for item in doomed])
