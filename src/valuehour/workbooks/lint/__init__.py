"""File lint: what Excel demands of a workbook file although no engine enforces it."""

from valuehour.ooxml import Package
from valuehour.workbooks.lint.cells import check_cells
from valuehour.workbooks.lint.context import Context
from valuehour.workbooks.lint.names import check_names, check_sheet_names, check_tables
from valuehour.workbooks.lint.parts import check_parts
from valuehour.workbooks.lint.rules import RULES, Finding, Rule
from valuehour.workbooks.lint.surroundings import (
    check_calculation_chain,
    check_charts,
    check_links,
    check_rules_of_sheet,
)

__all__ = ["RULES", "Finding", "Rule", "lint"]


def lint(package: Package) -> list[Finding]:
    """Return every fault of a workbook file, sheet by sheet, then names, tables and parts.

    Raises
    ------
    WorkbookError
        The file is damaged so far that its sheets, cells or tables cannot be read.
    """
    context = Context.of(package)
    found = list(check_sheet_names(context))
    formula_cells: dict[str, set[str]] = {}
    for sheet in context.sheets:
        if sheet.kind != "worksheet":
            continue
        found += check_cells(context, sheet, formula_cells.setdefault(sheet.name, set()))
        found += check_rules_of_sheet(context, sheet)
    found += check_names(context)
    found += check_tables(context)
    found += check_charts(package)
    found += check_links(context)
    found += check_parts(context)
    found += check_calculation_chain(context, formula_cells)
    return found
