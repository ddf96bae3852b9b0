"""How Office.js names the errors of cells: Excel.ErrorCellValueType of its reference."""

from __future__ import annotations

from valuehour.errors import CellError

ERROR_TYPES = {
    CellError.DIV0: "Div0",
    CellError.NA: "NotAvailable",
    CellError.NAME: "Name",
    CellError.NULL: "Null",
    CellError.NUM: "Num",
    CellError.REF: "Ref",
    CellError.VALUE: "Value",
}
