"""The Python that calculates for Excel: ``pythonw -E -P -B -m valuehour.hosts.classic.server``, started by Windows.

Excel asks Windows for the class that ``valuehour addin install`` registered for the user, and Windows starts this. The
stock add-in of xlwings starts Python itself, with an interpreter, a path and modules that the open workbook may name,
in the folder of the workbook, and hands out an object that runs any code. Here the command stands in the registry,
``-E -P`` keeps the current folder off the path, and what is handed out calculates our functions and does nothing else.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from typing import Any, ClassVar

from valuehour import __version__
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS

PROG_ID = "valuehour.Functions"
CLSID = "{86E493CE-5C0D-571E-BBB3-AB847A7CDB47}"
MODULE = "valuehour.hosts.udfs"
STARTED_BY_WINDOWS = "-Embedding"  # Windows adds it to the command

_CATALOG_SETTING = "VALUEHOUR_CATALOG"
_SERVER_SETTING = "XLWINGS_ON_SERVER"  # meant for xlwings Server; our functions would be decorated for it


class Calculator:
    """What Excel may ask for. Nothing may be raised here: Excel would take Python for gone and start it again."""

    _public_methods_: ClassVar[list[str]] = ["Calculate", "About"]

    def __init__(self) -> None:
        self._last_failure = ""

    def Calculate(self, name: str, arguments: Sequence[Any]) -> Any:  # noqa: N802  COM names are in capitals
        """The result of a function: a cell, or rows of cells if there are several.

        An error is the text that names it; the add-in makes it an error cell.
        """
        from xlwings.udfs import call_udf

        if name not in FUNCTIONS:
            return str(CellError.NAME)
        try:
            # Without a workbook, in which xlwings would look for code.
            rows = call_udf(MODULE, name, tuple(arguments))  # type: ignore[no-untyped-call]  # xlwings has none
        except Exception as error:  # noqa: BLE001  whatever it is, Excel gets an error cell and About() the reason
            self._last_failure = f"{name}: {type(error).__name__}: {error}"
            return str(CellError.VALUE)
        return rows[0][0] if len(rows) == len(rows[0]) == 1 else rows

    def About(self) -> str:  # noqa: N802  COM names are in capitals
        """Which Python this is, for people, and what went wrong last."""
        lines = [f"Python: valuehour {__version__}, Python {platform.python_version()}", sys.executable]
        if self._last_failure:
            lines.append(f"Last failure: {self._last_failure}")
        return "\r\n".join(lines)


def serve(arguments: Sequence[str]) -> None:
    """Calculate until no Excel is left that asks. The arguments are catalog files of one's own, for GROUPINGS."""
    catalogs = [argument for argument in arguments if argument != STARTED_BY_WINDOWS]
    if catalogs:
        os.environ[_CATALOG_SETTING] = os.pathsep.join(catalogs)
    os.environ.pop(_SERVER_SETTING, None)
    from xlwings import com_server

    # xlwings' own object has Exec and Eval, and its server takes the class from there.
    com_server.__dict__["XLPython"] = Calculator
    com_server.serve(CLSID)  # type: ignore[no-untyped-call]  # xlwings has none


if __name__ == "__main__":
    serve(sys.argv[1:])
