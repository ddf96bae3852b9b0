"""The routes of valuehour in xlwings Server: single calls, batches, health, templates for download."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from threading import Event
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from valuehour import __version__
from valuehour.functions import Records
from valuehour.hosts.excel.calls import RECORDS
from valuehour.hosts.server import calls, logs, pane, records, workbooks
from valuehour.hosts.server.door import THIS_MACHINE, Door, Rules, name
from valuehour.hosts.server.refusals import Refused, quoted
from valuehour.hosts.server.work import (
    LARGE,
    Answered,
    Asked,
    Gone,
    Limits,
    Workers,
    answers,
    batch_body,
    plain_answers,
    read_batch,
    read_call,
)

CALL, BATCH = "/valuehour/call", "/valuehour/batch"
STOCK_CALL = "/xlwings/custom-functions-call"
CLOSED = ("/xlwings/custom-scripts-call", "/xlwings/alert")
CLIENT_CLOSED_REQUEST = 499
SHORT = 16 << 10
"""A body of plain numbers of no more bytes than this is answered at once: a thread would cost more than it saves."""
JSON = "application/json"

WORKERS = Workers()

log = logging.getLogger("valuehour.server")


def install(app: FastAPI) -> APIRouter:
    """Put the door in front of an application, and give the routes behind it."""
    from xlwings_server import dependencies
    from xlwings_server.config import settings
    from xlwings_server.routers import xlwings as stock
    from xlwings_server.templates import templates

    # xlwings looks for pyodide with each argument of each call: let it not find it at once.
    modules: dict[str, Any] = sys.modules
    modules.setdefault("pyodide", None)
    if settings.catalog:
        os.environ["VALUEHOUR_CATALOG"] = settings.catalog
    logs.install()
    templates.env.globals["pane"] = pane.contents()
    app.add_middleware(Door, rules=rules(settings))
    service = Service(
        functions=calls.served_functions(stock.custom_functions),
        limits=Limits(settings.batch_max_calls, settings.result_max_cells),
        handler=stock.custom_functions_call,
        settings=settings,
    )
    router = APIRouter(prefix=settings.app_path)
    signed_in = Depends(dependencies.get_user)

    @router.post(CALL)
    async def call(request: Request, user: Any = signed_in) -> Response:
        ((status, body),) = await service.answers(request, user, read_call)
        return Response(body, status, media_type=JSON)

    @router.post(BATCH)
    async def batch(request: Request, user: Any = signed_in) -> Response:
        return Response(batch_body(await service.answers(request, user, read_batch)), media_type=JSON)

    router.add_api_route("/valuehour/health", service.health, methods=["GET", "HEAD"])
    router.add_api_route("/valuehour/templates/{name}.xlsx", template)
    return router


def rules(settings: Any) -> Rules:
    """What the door goes by, from the settings."""
    base = settings.app_path
    named = [name(host) for host in (settings.hostname, *settings.hosts) if host]
    own = [f"https://{settings.hostname}".lower()] if settings.hostname else []
    return Rules(
        hosts=(*THIS_MACHINE, *named),
        origins=(*own, *settings.cors_allow_origins),
        # The stock way to call leads to our route too: the same handler answers, after the same judgement.
        posts={base + STOCK_CALL: base + CALL, base + BATCH: base + BATCH},
        closed=tuple(base + path for path in CLOSED),
        body_bytes=settings.body_max_bytes,
        body_seconds=settings.body_seconds,
    )


async def template(name: str, style: str = "native") -> Response:
    """An empty template workbook."""
    try:
        content = await WORKERS.run(partial(workbooks.workbook, name, style), cells=LARGE)
    except Refused as refused:
        raise HTTPException(refused.status, refused.detail) from refused
    headers = {"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    return Response(content, media_type=workbooks.MEDIA_TYPE, headers=headers)


@dataclass(frozen=True)
class Service:
    """What the routes have in common: the functions, the limits, and who answers a call."""

    functions: Mapping[str, calls.Served]
    limits: Limits
    handler: Callable[..., Any]
    settings: Any

    async def health(self) -> Response:
        """Whether this server is well, and what it offers."""
        content = {
            "status": "ok",
            "version": __version__,
            "functions": sorted(self.functions),
            "batching": True,
            "batch": self.settings.app_path + BATCH,
            "limits": {
                "calls": self.limits.calls,
                "cells": self.limits.cells,
                "body_bytes": self.settings.body_max_bytes,
            },
            "last_error": logs.FAILURES.last,
        }
        return JSONResponse(content, headers={"Cache-Control": "no-store"})

    async def answers(
        self,
        request: Request,
        user: Any,
        read: Callable[[bytes, Mapping[str, calls.Served], Limits], Asked],
    ) -> list[Answered]:
        """Read the calls of a request and answer them."""
        body = await request.body()
        is_short = len(body) <= SHORT
        reading = partial(read, body, self.functions, self.limits)
        try:
            asked = reading() if is_short else await WORKERS.run(reading)
        except Refused as refused:
            log.warning("refused: %s: %s", quoted(user.name), refused.detail)
            raise HTTPException(refused.status, refused.detail) from refused
        log.info("%s for %s", asked.names, quoted(user.name))
        found = plain_answers(asked) if is_short else None
        return found or await worked_off(request, asked, self._answer(user), records.of(user.roles, self.settings))

    def _answer(self, user: Any) -> calls.Answer:
        """The handler of xlwings itself, its failures as refusals with the status that they have there."""
        from xlwings import XlwingsError
        from xlwings_server.object_handles import XlwingsOperationalError

        no_objects = None  # none of our results is kept for other cells, so there is no store to bring along

        async def answer(payload: calls.Payload) -> Mapping[str, Any]:
            try:
                found: Mapping[str, Any] = await self.handler(user, no_objects, payload)
            except HTTPException as error:
                raise Refused(HTTPStatus(error.status_code), str(error.detail)) from error
            except XlwingsOperationalError as error:
                raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from error
            except XlwingsError as error:
                raise Refused(HTTPStatus.BAD_REQUEST, str(error)) from error
            return found

        return answer


async def worked_off(request: Request, asked: Asked, answer: calls.Answer, ledger: Records | None) -> list[Answered]:
    """The answers to a request, calculated beside the event loop and no longer than the client waits."""
    RECORDS.set(ledger)
    gone = Event()
    running = asyncio.ensure_future(WORKERS.run(partial(answers, asked, answer, gone), cells=asked.cells))
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait((running, leaving), return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            gone.set()
        return await running
    except Gone as stopped:
        log.warning("%s", stopped)
        raise HTTPException(CLIENT_CLOSED_REQUEST) from stopped
    finally:
        gone.set()
        leaving.cancel()


async def _left(request: Request) -> None:
    """Wait until the client is gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
