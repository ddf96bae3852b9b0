"""The add-in itself. Runs inside LibreOffice, which loads it when a sheet first calls one of the functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from valuehour.functions import FUNCTIONS, Function, Snapshot
from valuehour.hosts.calc import cells

INTERFACE = "valuehour.calc.XFunctions"
TAXONOMY_TABLE = "tblTaxonomy"
TAXONOMY_FILE = "taxonomy.json"
RECORDS_TABLE = "tblLedger"
RECORDS_DAY = "in_ledger_as_of_date"


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
        return lambda _, *arguments: cells.calculate(function, arguments[:-1], taxonomy=taxonomy(arguments[-1]))
    if function.needs_records:
        return lambda _, *arguments: cells.calculate(function, arguments[:-1], records=records(arguments[-1]))
    return lambda _, *arguments: cells.calculate(function, arguments)


def taxonomy(document: Any) -> list[tuple[str, str]]:
    """Structures and dimensions: the workbook's own table of them, or else those that came with the extension."""
    rows = columns(document, TAXONOMY_TABLE, ("Structure", "Dimension"))
    if rows is None:
        shipped = json.loads(Path(cells.__file__).with_name(TAXONOMY_FILE).read_text(encoding="utf-8"))
        return [(structure, dimension) for structure, dimension in shipped]
    return [(str(structure), str(dimension)) for structure, dimension in rows if structure != ""]


def records(document: Any) -> Any:
    """The records of the ledger in the workbook; nothing when it has no table of them."""
    rows = columns(document, RECORDS_TABLE, ("Name", "Value", "Status", "Evidence"))
    if rows is None:
        return None
    names = document.NamedRanges
    day = names.getByName(RECORDS_DAY).ReferredCells.getCellByPosition(0, 0) if names.hasByName(RECORDS_DAY) else None
    return Snapshot.of(int(day.Value) if day else 0, [row for row in rows if row[0] != ""])


def columns(document: Any, table: str, heads: Sequence[str]) -> list[tuple[Any, ...]] | None:
    """Some columns of a table of the workbook; nothing when it has no such table."""
    ranges = document.DatabaseRanges
    if not ranges.hasByName(table):
        return None
    area = ranges.getByName(table).DataArea
    sheet = document.Sheets.getByIndex(area.Sheet)
    place = sheet.getCellRangeByPosition(area.StartColumn, area.StartRow, area.EndColumn, area.EndRow)
    first, *rows = place.getDataArray()
    places = [first.index(head) for head in heads]
    return [tuple([row[place] for place in places]) for row in rows]
