"""The worksheet functions for xlwings Lite: what ``main.py`` of a workbook takes in. Runs in the browser.

Lite puts no namespace in front of names, so they bring their own: ``VH.VALUE_PER_HOUR``, as on the Server.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from valuehour.hosts.excel.calls import NAMESPACE, Rows

if TYPE_CHECKING:
    from valuehour.hosts.excel.shells import Shell

TAXONOMY_FILE = "taxonomy.json"


@cache
def taxonomy() -> Rows:
    """Structures and dimensions as they were packed."""
    rows: list[list[str]] = json.loads(files(__package__).joinpath(TAXONOMY_FILE).read_text(encoding="utf-8"))
    return rows


def functions(module: str) -> dict[str, Shell]:
    """Every function by its name, decorated as functions of that module."""
    from valuehour.hosts.excel.shells import worksheet_functions

    return worksheet_functions(module, taxonomy=taxonomy, namespace=NAMESPACE)
