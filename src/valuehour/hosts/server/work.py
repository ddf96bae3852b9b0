"""Where calls run: beside the event loop, so that the server keeps answering others, and no longer than someone waits.

Small requests and large ones have threads of their own: a few long calculations do not keep short ones waiting.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from threading import Event
from typing import Any, TypeAlias, TypeVar

from valuehour.errors import ValuehourError
from valuehour.hosts.server import calls
from valuehour.hosts.server.refusals import Refused, told

Result = TypeVar("Result")
Answered: TypeAlias = tuple[int, str]
"""The status of an answer to a call, and its body as JSON."""

LARGE = 20_000
"""From so many cells on a request counts as large."""
SMALL_THREADS, LARGE_THREADS = 4, 2
SHOWN_FUNCTIONS = 5

log = logging.getLogger("valuehour.server")


@dataclass(frozen=True)
class Limits:
    """How much one request may ask for."""

    calls: int
    cells: int


class Workers:
    """The threads of one server process."""

    def __init__(self) -> None:
        self._small = ThreadPoolExecutor(SMALL_THREADS, "small")
        self._large = ThreadPoolExecutor(LARGE_THREADS, "large")

    async def run(self, work: Callable[[], Result], *, cells: int = 0) -> Result:
        """Run something in a thread, with the context of the request."""
        pool = self._large if cells >= LARGE else self._small
        run: partial[Result] = partial(contextvars.copy_context().run, work)
        return await asyncio.get_running_loop().run_in_executor(pool, run)

    def close(self) -> None:
        """Take no more work."""
        for pool in (self._small, self._large):
            pool.shutdown(wait=False, cancel_futures=True)


class Gone(Exception):  # noqa: N818  nobody is there to be told
    """The client left before its answer was ready."""


@dataclass(frozen=True)
class Asked:
    """The calls of one request in their order; in the place of a refused one, why."""

    entries: Sequence[calls.Call | Refused]

    @property
    def cells(self) -> int:
        """How many cells go in and come out."""
        return sum(entry.cells for entry in self.entries if isinstance(entry, calls.Call))

    @property
    def names(self) -> str:
        """What is called, as the log says it."""
        counts = Counter(entry.served.name for entry in self.entries if isinstance(entry, calls.Call))
        shown = [f"{count} {name}" for name, count in counts.most_common(SHOWN_FUNCTIONS)]
        return ", ".join(shown + ["..."] * (len(counts) > SHOWN_FUNCTIONS)) or "nothing that can be called"


def read_call(body: bytes, functions: Mapping[str, calls.Served], limits: Limits) -> Asked:
    """The one call of a request as xlwings' own client posts it."""
    return Asked([calls.judged(_parsed(body), functions, limits.cells)])


def read_batch(body: bytes, functions: Mapping[str, calls.Served], limits: Limits) -> Asked:
    """The calls of a batch; what its calls have in common may stand once, under ``shared``.

    Raises
    ------
    Refused
        The batch as a whole: it is no batch, or asks for too much. A bad call spoils its own answer only.
    """
    batch = _parsed(body)
    payloads = batch.get("calls") if isinstance(batch, dict) else None
    shared = batch.get("shared", {}) if isinstance(batch, dict) else None
    if not isinstance(payloads, list) or not isinstance(shared, dict):
        raise Refused(HTTPStatus.BAD_REQUEST, 'a batch is an object with a list of calls: {"calls": [...]}')
    if len(payloads) > limits.calls:
        text = f"{len(payloads):,} calls in one batch; allowed: {limits.calls:,}"
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
    # It is taken up by each of the calls, so it must be little.
    shared = {key: value for key, value in shared.items() if key in calls.SHARED}
    entries: list[calls.Call | Refused] = []
    for payload in payloads:
        try:
            whole = {**shared, **payload} if shared and isinstance(payload, dict) else payload
            entries.append(calls.judged(whole, functions, limits.cells))
        except Refused as refused:
            entries.append(refused)
    asked = Asked(entries)
    if asked.cells > limits.cells and len(entries) > 1:
        text = f"{asked.cells:,} cells in one batch; allowed: {limits.cells:,}"
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, text)
    return asked


def plain_answers(asked: Asked) -> list[Answered] | None:
    """The answers to a request of nothing but plain numbers and refusals; None for any other request."""
    found = [_plain(entry) for entry in asked.entries]
    return [answered for answered in found if answered is not None] if None not in found else None


def answers(asked: Asked, answer: calls.Answer, gone: Event) -> list[Answered]:
    """The status and the body of each call's answer, in the order of the calls.

    Raises
    ------
    Gone
        Nobody waits any longer.
    """

    async def all_of_them() -> list[Answered]:
        found = []
        for done, entry in enumerate(asked.entries):
            if gone.is_set():
                raise Gone(f"stopped after {done} of {len(asked.entries)} calls: the client is gone")
            found.append(_plain(entry) or await _answered(entry, answer))
        return found

    return asyncio.run(all_of_them())


def _plain(entry: calls.Call | Refused) -> Answered | None:
    if isinstance(entry, Refused):
        return entry.status, told(entry.detail).decode()
    body = calls.plain_body(entry)
    return None if body is None else (HTTPStatus.OK, body)


async def _answered(call: calls.Call | Refused, answer: calls.Answer) -> Answered:
    assert isinstance(call, calls.Call)  # a refusal has been answered
    try:
        return HTTPStatus.OK, await calls.body(call, answer)
    except Refused as refused:
        return refused.status, told(refused.detail).decode()
    except ValuehourError as error:
        return HTTPStatus.BAD_REQUEST, told(f"{call.served.name}: {error}").decode()
    except Exception as error:  # one bad call must not spoil the others, whatever it is
        log.error("%s failed: %s", call.served.name, type(error).__name__, exc_info=error)
        return HTTPStatus.INTERNAL_SERVER_ERROR, told(f"{call.served.name} failed; see the server's log").decode()


def batch_body(found: Sequence[Answered]) -> str:
    """The answers of a batch as one body."""
    return f'{{"results":[{",".join([f"""{{"status":{status:d},"data":{body}}}""" for status, body in found])}]}}'


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(HTTPStatus.BAD_REQUEST, "the body is not JSON") from None
