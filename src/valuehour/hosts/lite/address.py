"""Web addresses that Excel and Python in the browser take files from."""

from __future__ import annotations

from urllib.parse import urlsplit

from valuehour.errors import UsageError

_LOCAL = ("localhost", "127.0.0.1", "::1")


def checked(url: str) -> str:
    """The address of a folder, without a slash at its end; a UsageError for one that nothing is loaded from.

    >>> checked("https://intranet.example/vh/")
    'https://intranet.example/vh'
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UsageError(f"--url is {url!r}: {error}") from error
    if not host or parts.query or parts.fragment or parts.username is not None:
        raise UsageError(f"--url is {url!r}; allowed: the address of a folder, such as https://intranet.example/vh")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOCAL):
        raise UsageError(f"--url is {url!r}; Excel takes files over https only (http on localhost)")
    return url.rstrip("/")
