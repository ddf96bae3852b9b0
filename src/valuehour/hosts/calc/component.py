"""The add-in itself. Runs inside LibreOffice, which loads it when a sheet first calls one of the functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from valuehour.functions import FUNCTIONS, Function
from valuehour.hosts.calc import cells

INTERFACE = "valuehour.calc.XFunctions"
TAXONOMY_TABLE = "tblTaxonomy"
TAXONOMY_FILE = "taxonomy.json"


def getComponentFactory(implementation: str, manager: Any, registry: Any) -> Any:  # noqa: N802  as its caller has it
    """What LibreOffice asks a Python component for: a factory of its objects."""
    import unohelper  # type: ignore[import-not-found]  # only LibreOffice's own Python has it

    helper = unohelper.ImplementationHelper()
    helper.addImplementation(lambda _: addin(), implementation, (implementation,))
    return helper.getComponentFactory(implementation, registry, manager)


def addin() -> Any:
    """An object with a method for each function."""
    import uno  # type: ignore[import-not-found]  # only LibreOffice's own Python has it
    import unohelper

    methods = {name: method(function) for name, function in FUNCTIONS.items()}
    return type("Functions", (unohelper.Base, uno.getClass(INTERFACE)), methods)()


def method(function: Function) -> Callable[..., Any]:
    """A function as a method that Calc calls."""
    if function.needs_taxonomy:
        return lambda _, *arguments: cells.calculate(function, arguments[:-1], taxonomy(arguments[-1]))
    return lambda _, *arguments: cells.calculate(function, arguments)


def taxonomy(document: Any) -> list[tuple[str, str]]:
    """Structures and dimensions: the workbook's own table of them, or else those that came with the extension."""
    ranges = document.DatabaseRanges
    if not ranges.hasByName(TAXONOMY_TABLE):
        rows = json.loads(Path(cells.__file__).with_name(TAXONOMY_FILE).read_text(encoding="utf-8"))
        return [(structure, dimension) for structure, dimension in rows]
    area = ranges.getByName(TAXONOMY_TABLE).DataArea
    sheet = document.Sheets.getByIndex(area.Sheet)
    place = sheet.getCellRangeByPosition(area.StartColumn, area.StartRow, area.EndColumn, area.EndRow)
    heads, *rows = place.getDataArray()
    structure, dimension = heads.index("Structure"), heads.index("Dimension")
    return [(str(row[structure]), str(row[dimension])) for row in rows if row[structure] != ""]
