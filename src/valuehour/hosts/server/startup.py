"""What must be there before anything is served. xlwings Server alone starts without functions and looks healthy."""

from __future__ import annotations

import logging
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import ModuleType
from typing import Any

from valuehour.errors import ProgramError, ValuehourError
from valuehour.functions import FUNCTIONS
from valuehour.hosts.server.settings import of_ours

log = logging.getLogger("valuehour.server")


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """Serve, if everything is there.

    Raises
    ------
    ProgramError
        Something is missing; what it is has been logged, a line for each.
    """
    found = list(faults(app))
    for fault in found:
        log.error("cannot start: %s", fault)
    if found:
        sys.tracebacklimit = 0  # the lines above say it; the server would print where it was noticed as well
        raise ProgramError(f"nothing is served; reasons: {len(found)}")
    yield
    from valuehour.hosts.server.routes import WORKERS

    WORKERS.close()


def faults(app: Any) -> Iterator[str]:
    """What is missing, a line each."""
    from xlwings_server.config import settings
    from xlwings_server.routers import xlwings as stock

    if not of_ours(settings):
        yield "settings: config.py of the project did not load; check the values of the settings VALUEHOUR_..."
        return
    yield from _missing_functions(stock.custom_functions)
    yield from _scripts(stock.custom_scripts)
    if settings.enable_socketio:
        yield "XLWINGS_ENABLE_SOCKETIO is true; allowed: false, its connections would pass by every limit"
    if not _is_installed(app):
        yield "batching: routers/custom.py of the project did not load; the reason stands above"
        return
    yield from _tables(settings)


def _missing_functions(module: ModuleType) -> Iterator[str]:
    from valuehour.hosts.server.calls import served_functions

    served = served_functions(module)
    for name in FUNCTIONS:
        if name not in served:
            yield f"function {name}: missing from {module.__name__} ({module.__file__})"


def _scripts(module: ModuleType) -> Iterator[str]:
    for name, thing in vars(module).items():
        if not name.startswith("__"):
            kind = type(thing).__name__
            yield f"script {name} ({kind}): {module.__name__} must be empty, what stands there can be called"


def _is_installed(app: Any) -> bool:
    from valuehour.hosts.server.door import Door

    routes = sys.modules.get("valuehour.hosts.server.routes")
    return routes is not None and any(middleware.cls is Door for middleware in app.user_middleware)


def _tables(settings: Any) -> Iterator[str]:
    """The catalog and the ledger that functions look up."""
    from valuehour.hosts import udfs
    from valuehour.hosts.server import records

    try:
        udfs.taxonomy()
    except ValuehourError as error:
        yield from (f"catalog: {line}" for line in str(error).splitlines())
    try:
        records.check(settings)
    except ValuehourError as error:
        yield f"ledger: {error}"
