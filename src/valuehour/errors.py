"""Every error of valuehour, with the Excel cell error it maps to and its exit code.

ValuehourError                 anything a person can act on; the command line prints it in one line
├── FunctionError              a worksheet function refused its arguments: carries a CellError
│   ├── WrongTypeError         #VALUE!   text where a number is needed, nothing to work on
│   ├── DomainError            #NUM!     a number outside what the function is defined for
│   ├── DivisionError          #DIV/0!   a divisor is zero
│   ├── NotAvailableError      #N/A      looked up and not there
│   ├── SourceError            #REF!     what it is looked up in is missing or cannot be read
│   └── ArgumentCellError      an argument was itself an error cell: that error comes back
├── DataError                  a file's content does not fit: says where, what was found, what is allowed
│   ├── CatalogError
│   ├── ScenarioError
│   ├── WorkbookError          a workbook that cannot be read, or not safely
│   ├── LedgerError            a ledger, archive or checkpoint that cannot be read, or an entry it does not take
│   └── OutcomesError          spend, runs or their map cannot be read, or totals do not tie out
├── FormulaError               a formula that cannot be parsed, rendered or calculated
├── ProgramError               a program that is started (LibreOffice) is missing, fails or takes too long
└── UsageError                 a request that names something that does not exist
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar


class CellError(Enum):
    """An error as a spreadsheet cell shows it."""

    NULL = "#NULL!"
    DIV0 = "#DIV/0!"
    VALUE = "#VALUE!"
    REF = "#REF!"
    NAME = "#NAME?"
    NUM = "#NUM!"
    NA = "#N/A"
    SPILL = "#SPILL!"
    CALC = "#CALC!"

    def __str__(self) -> str:
        return self.value


class ValuehourError(Exception):
    """Base of everything a person can act on; ``str(error)`` is one line for them."""

    exit_code: ClassVar[int] = 2


class FunctionError(ValuehourError):
    """A worksheet function refused its arguments."""

    cell_error: CellError = CellError.VALUE


class WrongTypeError(FunctionError):
    """Text where a number is needed, or no value at all (``#VALUE!``)."""

    cell_error = CellError.VALUE


class DomainError(FunctionError):
    """A number outside what the function is defined for (``#NUM!``)."""

    cell_error = CellError.NUM


class DivisionError(FunctionError):
    """A divisor is zero (``#DIV/0!``)."""

    cell_error = CellError.DIV0


class NotAvailableError(FunctionError):
    """Looked up and not there (``#N/A``)."""

    cell_error = CellError.NA


class SourceError(FunctionError):
    """What a function looks up in is missing or cannot be read (``#REF!``)."""

    cell_error = CellError.REF


class ArgumentCellError(FunctionError):
    """An argument was itself an error cell; the same error comes back."""

    def __init__(self, cell_error: CellError, message: str) -> None:
        super().__init__(message)
        self.cell_error = cell_error


class DataError(ValuehourError):
    """A file's content does not fit: where, what was found, what is allowed."""


class CatalogError(DataError):
    """A catalog file was refused: file, entry, reason."""


class ScenarioError(DataError):
    """A scenario file was refused: file, setting, reason."""


class WorkbookError(DataError):
    """A workbook that cannot be read, or not safely."""


class LedgerError(DataError):
    """A ledger, archive or checkpoint that cannot be read, or an entry that the ledger does not take."""


class OutcomesError(DataError):
    """Spend, runs or their map file cannot be read, or totals do not tie out."""


class FormulaError(ValuehourError):
    """A formula that cannot be parsed, rendered or calculated."""


class ProgramError(ValuehourError):
    """A program that is started is missing, fails or takes too long."""


class UsageError(ValuehourError):
    """A request that names something that does not exist."""
