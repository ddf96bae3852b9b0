"""The templates for download: built when first asked for, then kept."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from threading import Lock

from valuehour.hosts.server.refusals import Refused, quoted
from valuehour.workbooks.build import build
from valuehour.workbooks.formula import Style
from valuehour.workbooks.templates import TEMPLATES

STYLES = (Style.NATIVE, Style.OFFICEJS)
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_LOCK = Lock()


def workbook(name: str, style: str) -> bytes:
    """An empty workbook of a template.

    Raises
    ------
    Refused
        There is no such template or style.
    """
    if name not in TEMPLATES:
        raise Refused(HTTPStatus.NOT_FOUND, f"there is no template {quoted(name)}; there are: {', '.join(TEMPLATES)}")
    if style not in STYLES:
        raise Refused(HTTPStatus.NOT_FOUND, f"there is no style {quoted(style)}; there are: {', '.join(STYLES)}")
    with _LOCK:
        return _built(name, Style(style))


@cache
def _built(name: str, style: Style) -> bytes:
    return build(name, style=style).package.to_bytes()
