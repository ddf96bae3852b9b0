"""What the rules need to know about a workbook, gathered once, and the judgement of a formula within it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from valuehour.functions import FUNCTIONS
from valuehour.ooxml import DefinedName, Package, SheetRef, Table
from valuehour.workbooks.lint.formulas import Analysis, analyse
from valuehour.workbooks.lint.rules import Finding, finding

_OFFICEJS = "_XLDUDF_"


@dataclass(frozen=True)
class Context:
    """A workbook with its sheets, names and tables."""

    package: Package
    sheets: tuple[SheetRef, ...]
    names: tuple[DefinedName, ...]
    tables: tuple[Table, ...]
    sheet_names: frozenset[str]
    table_columns: dict[str, frozenset[str]]
    lambdas: frozenset[str]

    @classmethod
    def of(cls, package: Package) -> Context:
        """Gather what the rules need."""
        sheets, names, tables = package.sheets(), package.defined_names(), package.tables()
        columns: dict[str, frozenset[str]] = {}
        for table in tables:
            columns.setdefault(table.name.lower(), frozenset(column.name.lower() for column in table.columns))
        lambdas = frozenset(name.name.upper() for name in names if is_lambda(name))
        return cls(package, sheets, names, tables, frozenset(sheet.name.lower() for sheet in sheets), columns, lambdas)

    def formula(self, text: str, sheet: str, cell: str) -> Iterator[Finding]:
        """Yield what is wrong with a formula that stands at a place of the workbook."""
        analysis = analyse(text)
        for rule, found in analysis.problems:
            yield finding(rule, sheet, cell, found)
        for reference in analysis.structured:
            columns = self.table_columns.get(reference.table.lower())
            if columns is None:
                yield finding("structured-target", sheet, cell, f"table {reference.table or '(none)'}")
                continue
            for column in reference.columns:
                if column.lower() not in columns:
                    yield finding("structured-target", sheet, cell, f"column {column!r} of table {reference.table}")
        for name in analysis.sheets:
            for one in name.split(":"):
                if one.lower() not in self.sheet_names and "[" not in one:
                    yield finding("sheet-unknown", sheet, cell, f"sheet {one!r}")

    def calls_function(self, analysis: Analysis) -> str | None:
        """Return a LAMBDA name or add-in function that the formula calls, or None."""
        for name in sorted(analysis.functions):
            if name in self.lambdas or name in FUNCTIONS or name.startswith(_OFFICEJS):
                return name
        return None


def is_lambda(name: DefinedName) -> bool:
    """Whether a defined name is a function of its own."""
    return name.text.upper().lstrip().startswith(("_XLFN.LAMBDA(", "LAMBDA("))
