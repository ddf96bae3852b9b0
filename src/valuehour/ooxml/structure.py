"""What the parts of a workbook say about each other: content types, relationships, sheets, names and tables."""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote
from xml.parsers import expat

from valuehour.errors import WorkbookError
from valuehour.ooxml.container import CONTENT_TYPES
from valuehour.ooxml.markup import MAIN_NAMESPACES, SEPARATOR, local, tree, unescape_text

Parts = Mapping[str, bytes]

_RELATIONSHIPS = (
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "http://purl.oclc.org/ooxml/officeDocument/relationships",
)
_WORKBOOK_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml",
    "application/vnd.ms-excel.sheet.macroenabled.main+xml",
    "application/vnd.ms-excel.template.macroenabled.main+xml",
    "application/vnd.ms-excel.addin.macroenabled.main+xml",
)
_SHEET_KINDS = ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet", "xlIntlMacrosheet")


@dataclass(frozen=True, slots=True)
class Relationship:
    """One relationship of a part; ``target`` is a part name, or the text as it stands when ``external``."""

    id: str
    type: str
    target: str
    external: bool

    @property
    def kind(self) -> str:
        """Last step of the type, the same in both dialects: ``worksheet``, ``table``, ``hyperlink``."""
        return self.type.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class SheetRef:
    """A sheet in tab order; ``state`` is visible, hidden or veryHidden, ``kind`` worksheet, chartsheet.

    ``id`` is the sheetId, which stays when tabs are moved and which the calculation chain uses.
    """

    name: str
    part: str
    state: str
    kind: str
    id: str


@dataclass(frozen=True, slots=True)
class DefinedName:
    """A name; ``scope`` is the sheet it belongs to or None for the workbook, ``text`` has file form without ``=``."""

    name: str
    scope: str | None
    text: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table; ``formula`` is its calculatedColumnFormula, ``array`` whether that one is marked so."""

    id: int
    name: str
    formula: str | None
    array: bool
    totals_formula: str | None
    totals_label: str | None


@dataclass(frozen=True, slots=True)
class Table:
    """An Excel table; ``name`` is the one formulas use (displayName)."""

    id: int
    name: str
    internal_name: str
    ref: str
    sheet: str
    part: str
    columns: tuple[TableColumn, ...]
    header_rows: int
    totals_rows: int


def find_part(parts: Parts, name: str) -> str | None:
    """Return the name of a part as the package spells it; part names are case-blind."""
    if name in parts:
        return name
    lowered = name.lower()
    return next((part for part in parts if part.lower() == lowered), None)


def relationships_part(part: str) -> str:
    """Name of the part that holds a part's relationships; ``""`` stands for the package.

    >>> relationships_part("xl/workbook.xml"), relationships_part("")
    ('xl/_rels/workbook.xml.rels', '_rels/.rels')
    """
    folder, _, base = part.rpartition("/")
    return f"{folder}/_rels/{base}.rels" if folder else f"_rels/{base}.rels"


def relationships(parts: Parts, part: str) -> tuple[Relationship, ...]:
    """Return the relationships of a part in file order; none when it has no relationships part."""
    own = find_part(parts, relationships_part(part))
    if own is None:
        return ()
    found = []
    for element in tree(parts[own]):
        if local(element.tag) != "Relationship":
            continue
        external = element.get("TargetMode", "Internal") == "External"
        target = element.get("Target", "")
        if not external:
            target = _resolve(parts, part, target)
        found.append(Relationship(element.get("Id", ""), element.get("Type", ""), target, external))
    return tuple(found)


def _resolve(parts: Parts, source: str, target: str) -> str:
    path = target.replace("\\", "/")
    path = path.lstrip("/") if path.startswith("/") else posixpath.join(posixpath.dirname(source), path)
    path = posixpath.normpath(path)
    return find_part(parts, path) or find_part(parts, unquote(path)) or path


def content_types(parts: Parts) -> tuple[dict[str, str], dict[str, str]]:
    """Defaults by lower-case extension, and overrides by lower-case part name."""
    defaults: dict[str, str] = {}
    overrides: dict[str, str] = {}
    for element in tree(parts[CONTENT_TYPES]):
        kind = element.get("ContentType", "")
        if local(element.tag) == "Default":
            defaults[element.get("Extension", "").lower()] = kind
        elif local(element.tag) == "Override":
            overrides[element.get("PartName", "").lstrip("/").lower()] = kind
    return defaults, overrides


def content_type(parts: Parts, part: str) -> str | None:
    """Return the content type of a part, or None when the package gives it none."""
    defaults, overrides = content_types(parts)
    return overrides.get(part.lower()) or defaults.get(part.rpartition(".")[2].lower())


def workbook_part(parts: Parts, label: str) -> str:
    """Name of the workbook part, found through the package's relationships; refuses anything but a workbook."""
    if CONTENT_TYPES not in parts:
        found = "an OpenDocument file" if "mimetype" in parts else "a zip file of another kind"
        raise WorkbookError(f"{label}: is not a workbook (.xlsx): {CONTENT_TYPES} is missing; it is {found}")
    main = next((link for link in relationships(parts, "") if link.kind == "officeDocument"), None)
    if main is None or main.external:
        raise WorkbookError(f"{label}: is not a workbook (.xlsx): _rels/.rels names no workbook part")
    if main.target not in parts:
        raise WorkbookError(f"{label}: is damaged: its workbook part {main.target} is missing")
    kind = content_type(parts, main.target) or "none"
    if kind.lower() == "application/vnd.ms-excel.sheet.binary.macroenabled.main":
        raise WorkbookError(f"{label}: is a binary workbook (.xlsb); open it in Excel and save it as .xlsx")
    if kind.lower() not in _WORKBOOK_TYPES:
        raise WorkbookError(f"{label}: is not a workbook (.xlsx): its main part {main.target} is of type {kind}")
    if part_root(parts[main.target]) != "workbook":
        raise WorkbookError(f"{label}: {main.target} is not a workbook part; its root must be <workbook>")
    return main.target


def part_root(data: bytes) -> str | None:
    """Local name of the root element if it belongs to SpreadsheetML, else None."""
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=SEPARATOR)

    def start(name: str, _attributes: dict[str, str]) -> None:
        names.append(name)
        parser.StartElementHandler = None

    parser.StartElementHandler = start
    parser.Parse(data, True)
    namespace, _, name = names[0].rpartition(SEPARATOR)
    return name if namespace in MAIN_NAMESPACES else None


def sheets(parts: Parts, workbook: str, label: str) -> tuple[SheetRef, ...]:
    """Return the sheets in tab order."""
    links = {link.id: link for link in relationships(parts, workbook)}
    found = []
    for holder in tree(parts[workbook]):
        if local(holder.tag) != "sheets":
            continue
        for element in holder:
            name = element.get("name", "")
            key = next((element.get(f"{space} id") for space in _RELATIONSHIPS if element.get(f"{space} id")), "")
            link = links.get(key or "")
            if link is None or link.external or link.target not in parts:
                raise WorkbookError(f"{label}: is damaged: sheet {name!r} has no part (relationship {key!r})")
            kind = link.kind if link.kind in _SHEET_KINDS else "other"
            found.append(SheetRef(name, link.target, element.get("state", "visible"), kind, element.get("sheetId", "")))
    if not found:
        raise WorkbookError(f"{label}: is damaged: {workbook} names no sheet")
    return tuple(found)


def defined_names(parts: Parts, workbook: str, sheet_names: tuple[str, ...]) -> tuple[DefinedName, ...]:
    """Return the defined names in file order."""
    found = []
    for holder in tree(parts[workbook]):
        if local(holder.tag) != "definedNames":
            continue
        for element in holder:
            index = element.get("localSheetId")
            scope = None
            if index is not None:
                known = index.isdecimal() and int(index) < len(sheet_names)
                scope = sheet_names[int(index)] if known else f"sheet number {index}"
            hidden = element.get("hidden", "0") in ("1", "true")
            found.append(DefinedName(element.get("name", ""), scope, "".join(element.itertext()), hidden))
    return tuple(found)


def calculation_properties(parts: Parts, workbook: str) -> dict[str, str]:
    """Return the attributes of calcPr; empty when there is none."""
    for element in tree(parts[workbook]):
        if local(element.tag) == "calcPr":
            return dict(element.attrib)
    return {}


def tables(parts: Parts, sheet_refs: tuple[SheetRef, ...], label: str) -> tuple[Table, ...]:
    """Return the tables, sheet by sheet in tab order."""
    found = []
    for sheet in sheet_refs:
        for link in relationships(parts, sheet.part):
            if link.kind != "table" or link.external:
                continue
            if link.target not in parts:
                raise WorkbookError(f"{label}: is damaged: sheet {sheet.name!r} misses its table part {link.target}")
            found.append(_table(parts[link.target], link.target, sheet.name, label))
    return tuple(found)


def _table(data: bytes, part: str, sheet: str, label: str) -> Table:
    root = tree(data)
    columns = []
    try:
        for holder in root:
            if local(holder.tag) == "tableColumns":
                columns = [_column(element) for element in holder if local(element.tag) == "tableColumn"]
        return Table(
            id=int(root.get("id", "0")),
            name=unescape_text(root.get("displayName", "")),
            internal_name=unescape_text(root.get("name", root.get("displayName", ""))),
            ref=root.get("ref", ""),
            sheet=sheet,
            part=part,
            columns=tuple(columns),
            header_rows=int(root.get("headerRowCount", "1")),
            totals_rows=int(root.get("totalsRowCount", "0")),
        )
    except ValueError as error:
        raise WorkbookError(f"{label}: {part}: a number of the table is not a whole number ({error})") from None


def _column(element: ElementTree.Element) -> TableColumn:
    children = {local(child.tag): child for child in element}
    calculated = children.get("calculatedColumnFormula")
    totals = children.get("totalsRowFormula")
    label = element.get("totalsRowLabel")
    return TableColumn(
        id=int(element.get("id", "0")),
        name=unescape_text(element.get("name", "")),
        formula=None if calculated is None else calculated.text or "",
        array=calculated is not None and calculated.get("array", "0") in ("1", "true"),
        totals_formula=None if totals is None else totals.text or "",
        totals_label=None if label is None else unescape_text(label),
    )


def shared_strings(data: bytes) -> tuple[str, ...]:
    """Return the shared strings by index: runs joined, phonetic guides left out, escapes resolved."""
    found: list[str] = []
    pieces: list[str] = []
    chunks: list[str] = []
    guide = False

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal guide
        tag = name.rpartition(SEPARATOR)[2]
        if tag == "t":
            chunks.clear()
        elif tag == "si":
            pieces.clear()
        elif tag == "rPh":
            guide = True

    def end(name: str) -> None:
        nonlocal guide
        tag = name.rpartition(SEPARATOR)[2]
        if tag == "t" and not guide:
            pieces.append("".join(chunks))
        elif tag == "rPh":
            guide = False
        elif tag == "si":
            found.append(unescape_text("".join(pieces)))

    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = chunks.append
    parser.Parse(data, True)
    return tuple(found)
