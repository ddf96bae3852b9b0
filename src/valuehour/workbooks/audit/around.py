"""What a sheet says beside its cells: hidden rows and columns, merged cells, validations, filters, protection."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from valuehour.errors import WorkbookError
from valuehour.ooxml import Area, Package, parse_area
from valuehour.ooxml.markup import SEPARATOR, local, tree

_TRUE = ("1", "true")
_TEXTS = ("formula1", "formula2", "formula", "f", "sqref")
_UNITS_BUILT_IN = {*range(5, 11), *range(14, 23), *range(37, 45), *range(45, 48)}


@dataclass(slots=True)
class Validation:
    """One data validation."""

    kind: str
    areas: list[Area]


@dataclass(slots=True)
class Around:
    """What surrounds the cells of one sheet."""

    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merges: list[Area] = field(default_factory=list)
    filters: list[Area] = field(default_factory=list)
    validations: list[Validation] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    """Those of validations and conditional formats."""
    protected: bool = False

    @classmethod
    def of(cls, data: bytes) -> Around:
        """Read a sheet's part."""
        found = cls()
        _Reader(found).read(data)
        return found


class _Reader:
    """Handlers for expat."""

    def __init__(self, found: Around) -> None:
        self._found = found
        self._text: list[str] | None = None
        self._validation: Validation | None = None
        self._in_cells = False

    def read(self, data: bytes) -> None:
        parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.Parse(data, True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(SEPARATOR)[2]
        if self._in_cells:
            # A collapsed outline shows its button; what was hidden otherwise shows nothing.
            if name == "row" and attributes.get("hidden") in _TRUE and "outlineLevel" not in attributes:
                self._found.hidden_rows.append(int(attributes.get("r", "0")))
            return
        if name == "sheetData":
            self._in_cells = True
        elif name == "col":
            if attributes.get("hidden") in _TRUE and "outlineLevel" not in attributes:
                self._found.hidden_columns.append((int(attributes["min"]), int(attributes["max"])))
        elif name == "mergeCell":
            self._found.merges += _areas(attributes.get("ref", ""))
        elif name == "autoFilter":
            self._found.filters += _areas(attributes.get("ref", ""))
        elif name == "sheetProtection":
            self._found.protected = attributes.get("sheet") in _TRUE
        elif name == "dataValidation":
            self._validation = Validation(attributes.get("type", "none"), [*_areas(attributes.get("sqref", ""))])
            self._found.validations.append(self._validation)
        elif name in _TEXTS:
            self._text = []

    def _end(self, tag: str) -> None:
        name = tag.rpartition(SEPARATOR)[2]
        if name == "sheetData":
            self._in_cells = False
        elif name == "dataValidation":
            self._validation = None
        elif name in _TEXTS and self._text is not None:
            text = "".join(self._text).strip()
            if name == "sqref":
                if self._validation is not None:
                    self._validation.areas += _areas(text)
            elif text:
                self._found.formulas.append(text)
            self._text = None

    def _characters(self, text: str) -> None:
        if self._text is not None:
            self._text.append(text)


def _areas(refs: str) -> Iterator[Area]:
    for ref in refs.split():
        with contextlib.suppress(WorkbookError):
            yield parse_area(ref)


@dataclass(slots=True)
class Styles:
    """What the formats of cells say about them, by style number."""

    with_unit: set[int] = field(default_factory=set)
    """Formats that show a percent sign, a currency, a date or words of their own."""
    inputs: set[int] = field(default_factory=set)
    """Cells of the style Input."""
    unlocked: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, package: Package) -> Styles:
        """Read the styles of a workbook."""
        part = package.related_part("styles")
        if part is None:
            return cls()
        holders = {local(element.tag): element for element in tree(package.parts[part])}
        codes = {
            int(element.get("numFmtId", "0")): element.get("formatCode", "") for element in holders.get("numFmts", ())
        }
        inputs = {
            element.get("xfId")
            for element in holders.get("cellStyles", ())
            if element.get("name", "").startswith("Input")
        }
        found = cls()
        for number, xf in enumerate(holders.get("cellXfs", ())):
            format_id = int(xf.get("numFmtId", "0"))
            code = codes.get(format_id)
            if _shows_unit(code) if code is not None else format_id in _UNITS_BUILT_IN:
                found.with_unit.add(number)
            if xf.get("xfId") in inputs:
                found.inputs.add(number)
            if any(local(child.tag) == "protection" and child.get("locked") in ("0", "false") for child in xf):
                found.unlocked.add(number)
        return found


def _shows_unit(code: str) -> bool:
    """Whether a number format tells the unit.

    >>> [_shows_unit(code) for code in ('0.0%', '#,##0" h"', '[$€-407] 0', 'yyyy-mm-dd', '#,##0;-#,##0;"–"')]
    [True, True, True, True, False]
    """
    first = code.split(";")[0]
    words = "".join(first.split('"')[1::2])
    bare = "".join(first.split('"')[0::2])
    return any(c.isalnum() or c in "%°×$€£¥" for c in words) or any(c in "%$€£¥" for c in bare) or _is_date(bare)


def _is_date(bare: str) -> bool:
    plain = bare.lower().replace("general", "").replace("red", "")
    return any(c in plain for c in "ydh") or "mm" in plain
