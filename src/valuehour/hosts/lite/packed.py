"""Our functions as a package small enough for a browser: pure Python that needs the standard library alone.

It is a part of this package under the same names, with the taxonomy as data. What else is in valuehour (catalog,
workbooks, ledger) needs libraries that a browser would have to download, and stays out.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from importlib.resources import files
from importlib.resources.abc import Traversable

from valuehour import __version__
from valuehour.hosts.archive import archive, licence
from valuehour.hosts.excel.calls import Rows
from valuehour.hosts.lite.functions import TAXONOMY_FILE

DISTRIBUTION = "valuehour_lite"
WHEEL = f"{DISTRIBUTION}-{__version__}-py3-none-any.whl"

_PARTS = ("functions", "hosts/excel")
_MODULES = (
    "__init__",
    "errors",
    "hosts/__init__",
    "hosts/help",
    *(f"hosts/lite/{name}" for name in ("__init__", "functions", "runtime")),
)


def package(taxonomy: Rows) -> dict[str, str]:
    """Every file of the small package by its path."""
    root = files("valuehour")
    paths = [f"{name}.py" for name in _MODULES]
    paths += [f"{part}/{entry.name}" for part in _PARTS for entry in _modules(root.joinpath(part))]
    sources = {f"valuehour/{path}": root.joinpath(path).read_text(encoding="utf-8") for path in sorted(paths)}
    data = json.dumps([list(row) for row in taxonomy], ensure_ascii=False)
    return {**sources, f"valuehour/hosts/lite/{TAXONOMY_FILE}": data}


def wheel(taxonomy: Rows) -> bytes:
    """The small package as a wheel, for micropip: without dependencies, the same bytes for the same taxonomy."""
    info = f"{DISTRIBUTION}-{__version__}.dist-info"
    content = {
        **package(taxonomy),
        f"{info}/METADATA": _metadata(),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: valuehour\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/licenses/LICENSE": licence(),
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text.encode())}\n" for path, text in content.items())
    return archive({**content, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"})


def _metadata() -> str:
    return (
        f"Metadata-Version: 2.4\nName: {DISTRIBUTION.replace('_', '-')}\nVersion: {__version__}\n"
        "Summary: The worksheet functions of valuehour for Excel with Python in the browser\n"
        "License-Expression: MIT\nLicense-File: LICENSE\nRequires-Python: >=3.11\n"
    )


def _digest(text: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def _modules(folder: Traversable) -> list[Traversable]:
    return [entry for entry in folder.iterdir() if entry.name.endswith(".py")]
