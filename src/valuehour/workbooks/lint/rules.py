"""The lint rules: what Excel demands of a file although no engine enforces it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: a stable id, what it finds, and what is allowed instead."""

    id: str
    finds: str
    allowed: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: ``sheet`` is empty for faults of the workbook, ``cell`` is a cell, a range, a name or a part."""

    rule: str
    sheet: str
    cell: str
    found: str
    allowed: str

    def __str__(self) -> str:
        place = f"{self.sheet}!{self.cell}" if self.sheet else self.cell
        return f"{place}: {self.found}; allowed: {self.allowed} ({self.rule})"


def finding(rule: str, sheet: str, cell: str, found: str) -> Finding:
    """Return a finding of a rule; what is allowed comes from the rule."""
    return Finding(rule, sheet, cell, found, RULES[rule].allowed)


_TABLE = (
    # Formulas
    ("formula-syntax", "A formula that cannot be parsed", "a formula as Excel writes it"),
    ("formula-length", "A formula over 8,192 characters", "at most 8,192 characters"),
    ("formula-text-length", "A text inside a formula over 255 characters", "at most 255 characters; join parts with &"),
    (
        "function-prefix",
        "A newer function without its file prefix",
        "the prefix that files demand (_xlfn., _xlfn._xlws.)",
    ),
    (
        "function-unknown",
        "A prefix before a function that Excel does not know under it",
        "_xlfn. before newer functions",
    ),
    ("variable-prefix", "A LET or LAMBDA variable without _xlpm.", "_xlpm. before every variable"),
    ("variable-optional", "_xlop. outside a LAMBDA's parameter list", "_xlop. at optional LAMBDA parameters only"),
    ("variable-undeclared", "A variable that no LET or LAMBDA around it declares", "variables that are declared"),
    (
        "variable-name",
        "A LET or LAMBDA variable that looks like a cell or is no name",
        "a name that is no cell reference",
    ),
    ("spill-reference", "A1# in a file", "_xlfn.ANCHORARRAY(A1)"),
    ("at-reference", "[@Column] or the operator @ in a file", "[[#This Row],[Column]]; _xlfn.SINGLE(...)"),
    ("structured-escape", "# ' [ ] unescaped in a structured reference", "' before each of # ' [ ] in a column name"),
    (
        "structured-target",
        "A structured reference to no table or column of the workbook",
        "tables and columns that exist",
    ),
    ("sheet-unknown", "A reference to a sheet that does not exist", "sheets of this workbook"),
    ("external-reference", "A reference to another workbook", "references within the workbook"),
    # Cells
    (
        "array-mark",
        "A call that gives arrays, of a LAMBDA name or of an add-in, without cm",
        't="array" with ref and cm',
    ),
    (
        "metadata",
        "A cm without the metadata that it points to",
        "xl/metadata.xml with its content type and relationship",
    ),
    ("shared-master", "A member of a shared formula without a master", "a master cell with the formula's text"),
    ("value-missing", "A formula cell without a cached value", "a cached value in every formula cell"),
    ("value-error", "A cell whose cached value is an error", "no error value"),
    ("text-length", "A cell text over 32,767 characters", "at most 32,767 characters"),
    ("calculation-chain", "An entry of the calculation chain for a cell without formula", "formula cells only"),
    # Names and sheets
    (
        "name-invalid",
        "A defined name that is none, or looks like a cell",
        "letters, digits, . and _; no cell reference; ≤ 255",
    ),
    ("name-function", "A defined name that equals a function name, case-blind", "a name that is no function"),
    ("name-duplicate", "A defined name that is there twice, case-blind", "one name of that spelling per scope"),
    ("name-lost", "A defined name that refers to nothing", "a name that refers to a cell, range, value or formula"),
    ("sheet-name", "A sheet name that Excel refuses", "1 to 31 characters, none of []:*?/\\, no ' at either end"),
    ("sheet-duplicate", "A sheet name that is there twice, case-blind", "one sheet of that name"),
    # Tables
    (
        "table-name",
        "A table name that is none, or looks like a cell",
        "letters, digits, . and _; no cell reference; ≤ 255",
    ),
    ("table-duplicate", "A table name or id that is there twice", "one table of that name and id"),
    ("table-collision", "A table name that is also a defined name", "names that differ, case-blind"),
    ("table-column-duplicate", "A table column that is there twice, case-blind", "column names that differ"),
    ("table-ref", "A table whose range does not fit its columns", "as many columns as the range is wide"),
    ("table-header", "A table header that differs from its cell", "a text cell equal to the column's name"),
    ("table-array", "An array inside a table", 'single-cell arrays under a calculatedColumnFormula with array="1"'),
    ("table-overlap", "Tables that share cells", "tables apart from each other"),
    ("table-formula", "A cell that differs from its column's formula", "the column's calculatedColumnFormula"),
    # Around the cells
    ("list-length", "A dropdown list over 255 characters", "at most 255 characters; longer lists stand in cells"),
    ("validation-title", "A title of a data validation over 32 characters", "at most 32 characters"),
    ("validation-text", "A message of a data validation over 255 characters", "at most 255 characters"),
    (
        "table-reference",
        "A table reference in a validation, conditional format or chart",
        "cell ranges, or names of them",
    ),
    (
        "external-target",
        "A relationship to the outside where none belongs",
        "hyperlinks; links within the file as location",
    ),
    # Parts
    ("relationship-target", "A relationship to a part that does not exist", "parts that are in the file"),
    ("content-type", "A part whose content type does not fit its relationship", "the content type of its kind"),
    ("content-type-unused", "A content type for a part that does not exist", "parts that are in the file"),
)

RULES = MappingProxyType({rule[0]: Rule(*rule) for rule in _TABLE})
"""Every rule by its id, in the order of the documentation."""
