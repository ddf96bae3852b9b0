"""Audit: what makes a model hard to trust, in any workbook, by the rules of FAST and ICAEW."""

from __future__ import annotations

from collections.abc import Collection

from valuehour.ooxml import Package
from valuehour.workbooks.audit.formulas import check_formulas, check_neighbours, check_results
from valuehour.workbooks.audit.inputs import check_inputs
from valuehour.workbooks.audit.model import Model
from valuehour.workbooks.audit.references import check_references
from valuehour.workbooks.audit.rules import RULES, Finding, Rule, Severity
from valuehour.workbooks.audit.structure import check_structure

__all__ = ["RULES", "Finding", "Rule", "Severity", "audit"]

# What a finding has said of a cell already.
_SAID = {
    "result-typed": ("number-among-formulas", "input-misplaced", "input-unused"),
    "number-among-formulas": ("input-misplaced",),
}


def audit(package: Package, ignored: Collection[str] = ()) -> list[Finding]:
    """Return what the rules find in a workbook, of ours or not, rule by rule as in :data:`RULES`.

    Raises
    ------
    WorkbookError
        The file is damaged so far that its sheets, cells or tables cannot be read.
    """
    model = Model(package)
    checks = (check_formulas, check_neighbours, check_results, check_references, check_inputs, check_structure)
    found = [one for check in checks for one in check(model) if one.rule not in ignored]
    for rule, also in _SAID.items():
        said = {(one.sheet, one.cell) for one in found if one.rule == rule}
        found = [one for one in found if one.rule not in also or (one.sheet, one.cell) not in said]
    order = {rule: at for at, rule in enumerate(RULES)}
    return sorted(found, key=lambda one: order[one.rule])
