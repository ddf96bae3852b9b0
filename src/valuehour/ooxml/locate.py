"""Where rows and cells stand in a sheet: one pass of expat that keeps byte offsets for the addressed cells only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

from valuehour.errors import WorkbookError
from valuehour.ooxml.markup import MAIN_NAMESPACES, SEPARATOR, is_self_closed, tag_end
from valuehour.ooxml.reference import Area, parse_area, parse_cell_at


@dataclass(slots=True)
class Span:
    """An element by byte offsets: opening tag ``start:open_end``, closing tag ``close:end``."""

    start: int
    open_end: int
    close: int
    end: int


@dataclass(slots=True)
class FoundCell:
    """An addressed cell that exists; its children by local name (f, v, is)."""

    span: Span
    children: dict[str, Span] = field(default_factory=dict)
    formula_attributes: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class FoundRow:
    """A row with addressed cells; ``before`` says where a missing cell goes, unless that is at the row's end."""

    span: Span
    cells: dict[int, FoundCell] = field(default_factory=dict)
    before: dict[int, int] = field(default_factory=dict)


@dataclass(slots=True)
class SheetMap:
    """What a patch needs to know about a sheet part."""

    data: Span  # <sheetData>
    dimension: tuple[Span, str] | None
    rows: dict[int, FoundRow]
    before: dict[int, int]  # where a missing row goes, unless that is at the end
    arrays: list[Area]


def locate(data: bytes, targets: Mapping[int, Iterable[int]], where: str) -> SheetMap:
    """Find the addressed cells (columns by row) of a sheet part, and where missing ones would go."""
    locator = _Locator(data, targets, where)
    locator.parser.Parse(data, True)
    if locator.sheet_data is None:
        raise WorkbookError(f"{where}: has no <sheetData>, so no cell can be written")
    return SheetMap(locator.sheet_data, locator.dimension, locator.rows, locator.before, locator.arrays)


class _Locator:
    def __init__(self, data: bytes, targets: Mapping[int, Iterable[int]], where: str) -> None:
        self.sheet_data: Span | None = None
        self.dimension: tuple[Span, str] | None = None
        self.rows: dict[int, FoundRow] = {}
        self.before: dict[int, int] = {}
        self.arrays: list[Area] = []
        self.parser = expat.ParserCreate(namespace_separator=SEPARATOR)
        self.parser.StartElementHandler = self._root
        self._bytes = data
        self._where = where
        self._targets = {row: frozenset(columns) for row, columns in targets.items()}
        self._rows_left = sorted(targets, reverse=True)
        self._row = 0
        self._column = 0
        self._here = FoundRow(Span(0, 0, 0, 0))
        self._columns_left: list[int] = []
        self._cell: FoundCell | None = None
        self._child: Span | None = None
        self._names: dict[str, str] = {}

    def _open(self) -> Span:
        start = self.parser.CurrentByteIndex
        end = tag_end(self._bytes, start)
        return Span(start, end, end, end)

    def _shut(self, span: Span) -> None:
        if not is_self_closed(self._bytes, span.open_end):
            span.close = self.parser.CurrentByteIndex
            span.end = tag_end(self._bytes, span.close)

    def _root(self, name: str, _attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(SEPARATOR)
        if namespace not in MAIN_NAMESPACES or local != "worksheet":
            raise WorkbookError(f"{self._where}: is not a worksheet; its root is <{local}>")
        self._names = {f"{namespace} {tag}": tag for tag in ("row", "c", "f", "v", "is", "sheetData", "dimension")}
        self._row_name = f"{namespace} row"
        self._cell_name = f"{namespace} c"
        self._formula_name = f"{namespace} f"
        self.parser.StartElementHandler = self._outside

    def _outside(self, name: str, attributes: dict[str, str]) -> None:
        tag = self._names.get(name)
        if tag == "dimension":
            self.dimension = (self._open(), attributes.get("ref", ""))
        elif tag == "sheetData":
            self.sheet_data = self._open()
            self.parser.StartElementHandler = self._start
            self.parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._row_name:
            self._start_row(attributes)
        elif name == self._formula_name and "ref" in attributes and attributes.get("t") in ("array", "dataTable"):
            self.arrays.append(parse_area(attributes["ref"]))

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        self._row = row = self._row + 1 if number is None else parse_cell_at(f"A{number}", self._where)[0]
        left = self._rows_left
        while left and left[-1] < row:
            self.before[left.pop()] = self.parser.CurrentByteIndex
        columns = self._targets.get(row)
        if columns is None:
            return
        if row in self.rows:
            raise WorkbookError(f"{self._where}: holds row {row} twice, so its cells cannot be written safely")
        self._here = self.rows[row] = FoundRow(self._open())
        self._columns_left = sorted(columns, reverse=True)
        self._column = 0
        self.parser.StartElementHandler = self._start_in_row
        self.parser.EndElementHandler = self._end_in_row

    def _start_in_row(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._cell_name:
            self._start_cell(attributes.get("r"))
        elif self._cell is not None and self._child is None:
            tag = self._names.get(name)
            if tag in ("f", "v", "is"):
                self._child = self._cell.children[tag] = self._open()
                if tag == "f":
                    self._cell.formula_attributes = attributes
        if name == self._formula_name:
            self._start(name, attributes)

    def _start_cell(self, ref: str | None) -> None:
        if ref is None:
            self._column += 1
        else:
            row, self._column = parse_cell_at(ref, self._where)
            if row != self._row:
                raise WorkbookError(f"{self._where}!{ref}: stands in row {self._row}")
        left = self._columns_left
        while left and left[-1] < self._column:
            self._here.before[left.pop()] = self.parser.CurrentByteIndex
        if self._column in self._targets[self._row]:
            if self._column in self._here.cells:
                raise WorkbookError(f"{self._where}!{ref}: is there twice, so it cannot be written safely")
            self._cell = self._here.cells[self._column] = FoundCell(self._open())

    def _end_in_row(self, name: str) -> None:
        if name == self._row_name:
            self._shut(self._here.span)
            self.parser.StartElementHandler = self._start
            self.parser.EndElementHandler = self._end
        elif self._cell is not None:
            if name == self._cell_name:
                self._shut(self._cell.span)
                self._cell = None
            elif self._child is not None and self._names.get(name) in ("f", "v", "is"):
                self._shut(self._child)
                self._child = None

    def _end(self, name: str) -> None:
        if self._names.get(name) == "sheetData" and self.sheet_data is not None:
            self._shut(self.sheet_data)
            self.parser.StartElementHandler = None
            self.parser.EndElementHandler = None
