"""The audit rules: what makes a model hard to trust, and the standard that says so."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Severity(StrEnum):
    """How much a finding weighs: an error can make a number wrong, a warning makes it hard to check."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a stable id, what it finds, what is allowed instead, and where it comes from.

    ``fast`` is a section of the FAST Standard, ``icaew`` are numbers of ICAEW's Twenty principles for good spreadsheet
    practice; empty where that standard has nothing of the kind.
    """

    id: str
    severity: Severity
    finds: str
    allowed: str
    fast: str
    icaew: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: ``sheet`` is empty for what concerns the workbook, ``cell`` is a cell, a range or a name."""

    rule: str
    severity: Severity
    sheet: str
    cell: str
    found: str
    allowed: str

    @property
    def place(self) -> str:
        """Sheet and cell; the sheet, the name or the part alone when that is all there is."""
        return f"{self.sheet}!{self.cell}" if self.sheet and self.cell else self.sheet or self.cell or "workbook"

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}: {self.found}; allowed: {self.allowed} ({self.rule})"


def finding(rule: str, sheet: str, cell: str, found: str) -> Finding:
    """Return a finding of a rule; severity and what is allowed come from the rule."""
    return Finding(rule, RULES[rule].severity, sheet, cell, found, RULES[rule].allowed)


_E, _W = Severity.ERROR, Severity.WARNING
_TABLE = (
    # Formulas
    (
        "constant-in-formula",
        _E,
        "A number written into a formula",
        "0, 1, -1 and 10; any other number in a cell of its own, with a label",
        "3.04-01 (embedded constants)",
        (14,),
    ),
    (
        "formula-inconsistent",
        _E,
        "A formula that differs from the others of its column, row or table column",
        "one formula per column of a table and per run of formulas",
        "2.01-03 (consistent along the line)",
        (12,),
    ),
    (
        "number-among-formulas",
        _E,
        "A number typed where the cells around it hold one formula",
        "the formula of its neighbours; exceptions as inputs of their own",
        "2.01-01 (one purpose per column)",
        (10, 12),
    ),
    (
        "result-typed",
        _E,
        "A constant in a cell whose name says that it is calculated (out_…, live_…)",
        "a formula; what is typed in a cell named in_…",
        "3.04-01 (embedded constants)",
        (10, 14),
    ),
    (
        "nested-if",
        _E,
        "IFs nested deeper than three",
        "three IFs inside each other; beyond that IFS, a lookup or steps in cells",
        "3.03-07 (nested IFs)",
        (13,),
    ),
    (
        "nested-deep",
        _W,
        "Calls nested deeper than eight",
        "eight calls inside each other; beyond that steps in cells of their own",
        "3.03-02 (explained in seconds)",
        (13,),
    ),
    (
        "volatile-function",
        _E,
        "A function that recalculates with every change, or whose reference cannot be traced",
        "dates as inputs, INDEX and MATCH instead of OFFSET and INDIRECT",
        "4.01-03 (OFFSET and INDIRECT)",
        (13, 16),
    ),
    (
        "whole-column-reference",
        _W,
        "A reference to whole columns or rows",
        "the range or table column that is meant",
        "3.03 (formula simplicity)",
        (13,),
    ),
    (
        "external-link",
        _E,
        "A formula, name or link that reads another workbook",
        "values brought in as inputs, with their source",
        "1.03 (multiple workbook models)",
        (10, 18),
    ),
    # References
    (
        "circular-reference",
        _E,
        "A formula that depends on itself",
        "calculations that flow one way",
        "1.01 (workbook design)",
        (18,),
    ),
    (
        "blank-reference",
        _W,
        "A formula that refers to blank cells which are no inputs",
        "references to cells that hold something, or to input cells",
        "3.06 (links)",
        (18,),
    ),
    (
        "name-lost",
        _E,
        "A name that refers to nothing",
        "a name that refers to a cell, range, value or formula",
        "4.03 (names)",
        (18,),
    ),
    (
        "error-value",
        _E,
        "A cell that shows an error",
        "no error values",
        "1.01 (workbook design)",
        (18, 19),
    ),
    # Inputs
    (
        "input-misplaced",
        _W,
        "A number that formulas use, outside the input cells",
        "input sheets, named cells, cells with a validation, tables",
        "2.04 (input sheets)",
        (10,),
    ),
    (
        "input-unused",
        _W,
        "An input that no formula refers to",
        "inputs that the model uses",
        "2.04 (input sheets)",
        (8, 10),
    ),
    (
        "unit-missing",
        _W,
        "A number that formulas use, without a unit",
        "a unit in its row, head, label or number format",
        "2.01-01 (a units column)",
        (6,),
    ),
    (
        "number-as-text",
        _E,
        "A number stored as text among numbers",
        "numbers stored as numbers: sums pass texts over",
        "3.05 (labels)",
        (18,),
    ),
    # Structure
    (
        "check-missing",
        _E,
        "A model with results and no check",
        "a cell that compares what must be equal and says so",
        "2.03-05 (master error checks)",
        (19,),
    ),
    (
        "about-missing",
        _W,
        "Several sheets with formulas and none that explains them",
        "a sheet About, Welcome, Cover, Guide, Notes or the like",
        "2.06 (control sheets)",
        (7,),
    ),
    ("sheet-hidden", _W, "A hidden sheet", "sheets that can be seen", "the T of FAST: transparent", (6, 11)),
    (
        "sheet-very-hidden",
        _E,
        "A sheet hidden so that Excel's menus do not list it",
        "sheets that can be seen",
        "the T of FAST: transparent",
        (6, 11),
    ),
    (
        "rows-hidden",
        _W,
        "Hidden rows that hold something",
        "visible rows; outlines that show their buttons",
        "4.05 (group outline)",
        (6, 11),
    ),
    (
        "columns-hidden",
        _W,
        "Hidden columns that hold something",
        "visible columns; outlines that show their buttons",
        "4.05 (group outline)",
        (6, 11),
    ),
    (
        "merged-cells",
        _W,
        "Merged cells in a table, a filtered list or a range that formulas refer to",
        "merged cells in headings only",
        "4.02 (formatting)",
        (11, 16),
    ),
    (
        "calculation-settings",
        _E,
        "Manual or iterative calculation, or precision as displayed",
        "automatic calculation in full precision",
        "1.01 (workbook design)",
        (16, 18),
    ),
)

RULES = MappingProxyType({rule[0]: Rule(*rule) for rule in _TABLE})
"""Every rule by its id, in the order of the documentation."""
