"""The cells of a sheet, streamed from its bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import isfinite
from typing import NamedTuple
from xml.parsers import expat

from valuehour.errors import CellError, WorkbookError
from valuehour.ooxml.markup import MAIN_NAMESPACES, SEPARATOR, unescape_text
from valuehour.ooxml.package import Package
from valuehour.ooxml.reference import MAX_ROW, column_letters, parse_cell_at
from valuehour.ooxml.shift import shift_formula
from valuehour.ooxml.structure import SheetRef

_CHUNK = 1 << 18
_KEPT = 4096
_ERRORS = {error.value: error for error in CellError}

CellValue = float | str | bool | CellError | None


class Cell(NamedTuple):
    """One cell of a sheet.

    ``formula`` has file form without ``=``; a shared formula is spelled out for its own cell. ``type`` is the
    stored type (n, s, str, inlineStr, b, e, d). ``value`` is the cached value: a float, text, a truth value, a
    CellError, or None; an error that CellError does not know comes as its text with ``type`` e. ``has_value`` says
    whether a value is stored at all. ``cm`` is the index of its cell metadata (dynamic arrays), counted from 1.
    """

    ref: str
    row: int
    column: int
    formula: str | None
    kind: str  # normal, array, shared, dataTable
    array_ref: str | None
    cm: int | None
    type: str
    value: CellValue
    has_value: bool
    style: int


def read_cells(package: Package, sheet: str | SheetRef) -> Iterator[Cell]:
    """Yield the cells of a sheet in file order.

    Raises
    ------
    WorkbookError
        A cell that breaks the format (a reference, number or string index that is none), named by sheet and cell.
    """
    found = package.sheet(sheet) if isinstance(sheet, str) else sheet
    where = f"{package.label}: {found.name}"
    reader = _Reader(where, package.shared_strings())
    data = package.parts[found.part]
    try:
        for start in range(0, len(data), _CHUNK):
            reader.parser.Parse(data[start : start + _CHUNK], False)
            yield from reader.found
            reader.found.clear()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise WorkbookError(f"{where}: is not well-formed XML ({error})") from None


class _Reader:
    """Handlers for expat; ``found`` fills up while the sheet is parsed."""

    def __init__(self, where: str, strings: Sequence[str]) -> None:
        self.found: list[Cell] = []
        self._where = where
        self._strings = strings
        self._columns: dict[str, int] = {}
        self._texts: dict[str, str] = {}
        self._masters: dict[str, tuple[int, int, str]] = {}
        self._row = 0
        self._digits = "0"
        self._column = 0
        self._attributes: dict[str, str] = {}
        self._formula: str | None = None
        self._formula_attributes: dict[str, str] = {}
        self._value: str | None = None
        self._inline: list[str] | None = None
        self._phonetic = False
        self._chunks: list[str] = []
        self.parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._root
        self._names: dict[str, str] = {}

    def _root(self, name: str, _attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(SEPARATOR)
        if namespace not in MAIN_NAMESPACES or local != "worksheet":
            raise WorkbookError(f"{self._where}: is not a worksheet; its root is <{local}>")
        self._data = f"{namespace} sheetData"
        self._row_name = f"{namespace} row"
        self._c = f"{namespace} c"
        self._f = f"{namespace} f"
        self._v = f"{namespace} v"
        self._is = f"{namespace} is"
        self._t = f"{namespace} t"
        self._guide = f"{namespace} rPh"
        self.parser.StartElementHandler = self._before

    def _before(self, name: str, _attributes: dict[str, str]) -> None:
        if name == self._data:
            self.parser.StartElementHandler = self._start
            self.parser.EndElementHandler = self._end
            self.parser.CharacterDataHandler = self._chunks.append

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._c:
            self._attributes = attributes
            self._formula = self._value = self._inline = None
        elif name == self._v or name == self._t:
            self._chunks.clear()
        elif name == self._f:
            self._chunks.clear()
            self._formula_attributes = attributes
        elif name == self._row_name:
            self._chunks.clear()
            self._column = 0
            number = attributes.get("r")
            following = str(self._row + 1)
            if number is None or (number == following and self._row < MAX_ROW):
                self._row, self._digits = self._row + 1, following
            else:
                self._row = self._row_number(number)
                self._digits = str(self._row)
        elif name == self._is:
            self._inline = []
        elif name == self._guide:
            self._phonetic = True

    def _end(self, name: str) -> None:
        if name == self._v:
            self._value = "".join(self._chunks)
        elif name == self._c:
            self._cell()
        elif name == self._f:
            self._formula = "".join(self._chunks)
        elif name == self._t:
            if self._inline is not None and not self._phonetic:
                self._inline.append("".join(self._chunks))
        elif name == self._guide:
            self._phonetic = False
        elif name == self._data:
            self.parser.StartElementHandler = None
            self.parser.EndElementHandler = None
            self.parser.CharacterDataHandler = None

    def _row_number(self, text: str) -> int:
        return parse_cell_at(f"A{text}", self._where)[0]

    def _cell(self) -> None:
        attributes = self._attributes
        ref = attributes.get("r")
        if ref is None:
            self._column += 1
            ref = f"{column_letters(self._column)}{self._row}"
        else:
            letters = ref.rstrip("0123456789")
            column = self._columns.get(letters)
            if column is None or ref[len(letters) :] != self._digits:
                row, column = parse_cell_at(ref, self._where)
                if row != self._row:
                    raise WorkbookError(f"{self._where}!{ref}: stands in row {self._row}")
                ref = f"{column_letters(column)}{row}"
                if letters == ref.rstrip("0123456789"):
                    self._columns[letters] = column
            self._column = column
        kind, array_ref, formula = "normal", None, self._formula
        if formula is not None:
            kind = self._formula_attributes.get("t", "normal")
            if kind == "shared":
                formula = self._shared(formula)
            elif kind != "normal":
                array_ref = self._formula_attributes.get("ref")
        kept = attributes.get("t", "n")
        value, has_value = self._stored(kept, ref)
        cm = attributes.get("cm")
        style = attributes.get("s")
        try:
            self.found.append(
                Cell(
                    ref,
                    self._row,
                    self._column,
                    formula,
                    kind,
                    array_ref,
                    None if cm is None else int(cm),
                    kept,
                    value,
                    has_value,
                    0 if style is None else int(style),
                )
            )
        except ValueError:
            raise WorkbookError(f"{self._where}!{ref}: style {style!r} and cm {cm!r} must be whole numbers") from None

    def _shared(self, text: str) -> str | None:
        index = self._formula_attributes.get("si", "")
        if text:
            self._masters[index] = (self._row, self._column, text)
            return text
        master = self._masters.get(index)
        if master is None:
            return None
        return shift_formula(master[2], self._row - master[0], self._column - master[1])

    def _stored(self, kept: str, ref: str) -> tuple[CellValue, bool]:
        text = self._value
        if kept == "inlineStr":
            if self._inline is None:
                return None, False
            return self._text("".join(self._inline)), True
        if text is None:
            return None, False
        if kept == "str" or kept == "d":
            return self._text(text), True
        text = text.strip()
        if not text:
            return None, False
        try:
            if kept == "n":
                number = float(text)
                if not isfinite(number) or "_" in text:
                    raise ValueError
                return number, True
            if kept == "s":
                return self._strings[_index(text)], True
            if kept == "b":
                return {"1": True, "true": True, "0": False, "false": False}[text], True
        except (ValueError, LookupError):
            raise WorkbookError(f"{self._where}!{ref}: {text!r} is no value of type {kept!r}") from None
        if kept == "e":
            return _ERRORS.get(text, text), True
        raise WorkbookError(f"{self._where}!{ref}: cell type {kept!r} is unknown")

    def _text(self, text: str) -> str:
        """The text that a cell stores; what stands in many cells is kept once."""
        if len(self._texts) > _KEPT:
            self._texts.clear()
        known = self._texts.get(text)
        if known is None:
            known = self._texts[text] = unescape_text(text)
        return known


def _index(text: str) -> int:
    index = int(text)
    if index < 0:
        raise ValueError
    return index
