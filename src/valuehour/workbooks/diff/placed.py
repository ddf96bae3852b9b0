"""A workbook as its cells, tables and names, for comparing; and what a row is called."""

from __future__ import annotations

from dataclasses import dataclass, field

from valuehour.ooxml import Area, Cell, Package, Table, parse_area, read_cells
from valuehour.workbooks.read import named_cells

Place = tuple[int, int]


@dataclass(slots=True)
class Side:
    """One of the two workbooks."""

    package: Package
    sheets: dict[str, dict[Place, Cell]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    tables: dict[str, tuple[Table, Area]] = field(default_factory=dict)
    names: dict[tuple[str, int, int], str] = field(default_factory=dict)

    @classmethod
    def of(cls, package: Package) -> Side:
        """Read a workbook."""
        side = cls(package)
        for sheet in package.sheets():
            found = read_cells(package, sheet) if sheet.kind == "worksheet" else ()
            # A cell that holds nothing but a format does not count.
            side.sheets[sheet.name] = {
                (cell.row, cell.column): cell
                for cell in found
                if cell.formula is not None or cell.value not in (None, "")
            }
            side.ids[sheet.name], side.states[sheet.name] = sheet.id, sheet.state
        side.tables = {table.name.lower(): (table, parse_area(table.ref)) for table in package.tables()}
        side.names = {place: name for name, place in reversed(named_cells(package).items())}
        return side

    def tables_on(self, sheet: str) -> list[tuple[Table, Area]]:
        """The tables of a sheet."""
        return [(table, area) for table, area in self.tables.values() if table.sheet == sheet]


def body(table: Table, area: Area) -> Area:
    """The data rows of a table; an area without rows when it has none."""
    return Area(area.top + table.header_rows, area.left, area.bottom - table.totals_rows, area.right)
