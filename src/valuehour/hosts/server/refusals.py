"""A request that is not answered: with which status, and why, in one line."""

from __future__ import annotations

import json
from http import HTTPStatus

SHOWN = 60


class Refused(Exception):  # noqa: N818  it is an answer, not a failure of ours
    """What the client asked for is refused."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def quoted(text: object) -> str:
    r"""A foreign text as it may stand in a message or a log: short, in one line, nothing but plain characters.

    >>> quoted("VALUE\nforged line")
    "'VALUE\\nforged line'"
    """
    shown = str(text)
    return ascii(shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}...")


def told(detail: str) -> bytes:
    """The body of a refusal."""
    return json.dumps({"detail": detail}).encode()
