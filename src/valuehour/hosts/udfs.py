"""The worksheet functions for Excel: the module that xlwings is pointed at.

Classic xlwings: ``UDF_MODULES = valuehour.hosts.udfs``. xlwings Server: ``from valuehour.hosts.udfs import *``. The
names stand without a namespace here: the Server's manifest puts ``VH.`` in front, the classic add-in has none.

``GROUPINGS`` looks up the package's catalog, extended by the files that the environment variable
``VALUEHOUR_CATALOG`` names (several are separated as in PATH).
"""

from __future__ import annotations

import os
from functools import cache

from valuehour.catalog import load_catalog
from valuehour.hosts.excel.calls import Rows
from valuehour.hosts.excel.shells import worksheet_functions

CATALOG = "VALUEHOUR_CATALOG"


@cache
def taxonomy() -> Rows:
    """Structures and dimensions; read when they are first asked for.

    Raises
    ------
    CatalogError
        A file that ``VALUEHOUR_CATALOG`` names cannot be read or does not fit.
    """
    return load_catalog(*filter(None, os.environ.get(CATALOG, "").split(os.pathsep))).taxonomy()


_FUNCTIONS = worksheet_functions(__name__, taxonomy=taxonomy)
globals().update(_FUNCTIONS)
__all__ = list(_FUNCTIONS)
