"""The door in front of every route: who is let in, and how much of a body is taken.

It refuses before anything of the request is read by others: names this server does not go by (a web page whose name
has been pointed at this machine), calls from web pages of other origins, bodies that are too large, too slow or no
JSON, and everything posted that is no call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from valuehour.hosts.server.refusals import Refused, quoted, told

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")
DISCARDED = 4
"""So many times the limit of a body is read and thrown away, so that the sender gets to hear why it was refused."""

log = logging.getLogger("valuehour.server")


@dataclass(frozen=True)
class Rules:
    """What the door goes by."""

    hosts: tuple[str, ...]
    """Names of this server, without port."""
    origins: tuple[str, ...]
    """Origins of other web pages that may call."""
    posts: MutableMapping[str, str]
    """Paths that are posted to, and where each leads."""
    closed: tuple[str, ...]
    """Where paths begin that do not exist here, though xlwings Server has them."""
    body_bytes: int
    body_seconds: float


class Door:
    """An ASGI application in front of another."""

    def __init__(self, app: Application, rules: Rules) -> None:
        self._app = app
        self._rules = rules

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or refuse it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            self._judge(scope)
            if scope["method"] == "POST":
                scope = {**scope, "path": (path := self._rules.posts[scope["path"]]), "raw_path": path.encode()}
                receive = _again(await self._body(scope, receive), receive)
        except _Left:
            log.info("left: the client was gone before its request was whole")
            await _refuse(_LEFT, send)  # nobody hears it, but what stands around this door waits for an answer
            return
        except Refused as refused:
            log.warning("refused: %s: %s", scope["method"], refused.detail)
            await _refuse(refused, send)
            return
        await self._app(scope, receive, send)

    def _judge(self, scope: Scope) -> None:
        rules = self._rules
        host = _only(scope, b"host")
        if name(host) not in rules.hosts:
            text = f"this server does not go by the name {quoted(host)}; allowed: {', '.join(rules.hosts)}"
            raise Refused(HTTPStatus.MISDIRECTED_REQUEST, text)
        path = scope["path"]
        if path.startswith(rules.closed):
            raise Refused(HTTPStatus.NOT_FOUND, f"there is no {quoted(path)} here")
        if scope["method"] in ("GET", "HEAD"):
            return
        if scope["method"] != "POST" or path not in rules.posts:
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, f"{quoted(path)} takes no {quoted(scope['method'])}")
        for origin in _values(scope, b"origin"):
            if origin not in rules.origins and not _is_own(origin, host):
                raise Refused(HTTPStatus.FORBIDDEN, f"calls from web pages of {quoted(origin)} are not answered")
        if _only(scope, b"content-type").partition(";")[0].strip().lower() != "application/json":
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a call is posted as application/json")
        if _values(scope, b"content-encoding"):
            raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a call is posted without content encoding")

    async def _body(self, scope: Scope, receive: Receive) -> bytes:
        """The whole body, if it is small and fast enough."""
        limit, seconds = self._rules.body_bytes, self._rules.body_seconds
        length = int(_only(scope, b"content-length") or 0)  # the server has seen to it that this is a number
        total = 0
        chunks = []
        try:
            async with asyncio.timeout(seconds):
                more = length <= DISCARDED * limit
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise _Left
                    part = message.get("body", b"")
                    total += len(part)
                    if total <= limit:
                        chunks.append(part)
                    more = message.get("more_body", False) and total <= DISCARDED * limit
        except TimeoutError:
            text = f"the body took longer than {seconds:g} seconds"
            raise Refused(HTTPStatus.REQUEST_TIMEOUT, text) from None
        if max(total, length) > limit:
            text = f"a body of {max(total, length):,} bytes or more; allowed: {limit:,}"
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
        return b"".join(chunks)


class _Left(Exception):  # noqa: N818  nobody is there to be told
    """The client left before its request was whole."""


_LEFT = Refused(HTTPStatus.BAD_REQUEST, "the request is not whole")


def _again(body: bytes, receive: Receive) -> Receive:
    """A receiver that gives a body that has been read, then what else comes."""
    messages: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> MutableMapping[str, Any]:
        return messages.pop() if messages else await receive()

    return receive_again


async def _refuse(refused: Refused, send: Send) -> None:
    body = told(refused.detail)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    # What is left of the body is not read, so the connection cannot be used again.
    headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": int(refused.status), "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _values(scope: Scope, name: bytes) -> list[str]:
    headers: Iterable[tuple[bytes, bytes]] = scope["headers"]
    return [value.decode("latin-1") for key, value in headers if key == name]


def _only(scope: Scope, name: bytes) -> str:
    """A header that may stand there once; an empty text if it is missing."""
    values = _values(scope, name)
    if len(values) > 1:
        raise Refused(HTTPStatus.BAD_REQUEST, f"the header {name.decode()} stands there {len(values)} times")
    return values[0] if values else ""


def name(host: str) -> str:
    """A host without its port."""
    return (host.rpartition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]).lower()


def _is_own(origin: str, host: str) -> bool:
    """Whether a web page comes from this server itself, whichever of http and https stands in front of it."""
    try:
        scheme, place = urlsplit(origin)[:2]
    except ValueError:  # an address of six that does not end
        return False
    usual = {"http": ":80", "https": ":443"}.get(scheme)
    return usual is not None and place.lower().removesuffix(usual) == host.lower().removesuffix(usual)
