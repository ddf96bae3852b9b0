"""A site of plain files: an add-in for Excel on Windows, the Mac and the web whose functions run in the browser.

Office.js comes from Microsoft, Python from the Pyodide distribution that the caller has, the functions from here.
Any web server with https can hold it. It needs no xlwings and so no licence key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from valuehour import __version__
from valuehour.errors import UsageError
from valuehour.functions import FUNCTIONS, Function
from valuehour.hosts.archive import archive
from valuehour.hosts.excel.calls import NAMESPACE, Rows
from valuehour.hosts.help import argument_help, function_help
from valuehour.hosts.icon import png
from valuehour.hosts.lite.address import checked
from valuehour.hosts.lite.packed import package
from valuehour.hosts.server import project
from valuehour.hosts.server.pane import manifest_version

OFFICE_JS = "https://appsforoffice.microsoft.com/lib/1/hosted/office.js"
"""Where Microsoft asks add-ins to load it from."""
ICON_SIZES = (16, 20, 24, 32, 40, 48, 64, 80)

_NEEDED = ("pyodide.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
_ONE_OF = ("pyodide.asm.js", "pyodide.asm.mjs")  # its name in Pyodide up to 0.29, and since
_STYLES = ("pane.css", "dark.css")  # those of the Server's task pane


def site(taxonomy: Rows, *, url: str, pyodide: Path, support_url: str = "") -> Iterator[tuple[str, bytes]]:
    """The files of the site by their paths.

    Parameters
    ----------
    taxonomy : rows of structure and dimension
        What GROUPINGS looks up.
    url : web address
        The folder in which the files will stand; https, or http on this computer.
    pyodide : folder
        The Pyodide distribution, such as the npm package ``pyodide`` when it is unpacked.
    support_url : web address
        Where the people who use it get help.

    Raises
    ------
    UsageError
        An address is none that Excel takes, or the folder holds no Pyodide.
    """
    base, python = checked(url), _pyodide(pyodide)
    if support_url and not support_url.startswith("https://"):
        raise UsageError(f"--support-url is {support_url!r}; allowed: an address that begins with https://")
    yield "manifest.xml", _manifest(base, support_url).encode()
    yield "taskpane.html", _page().encode()
    yield "functions.json", (json.dumps(metadata(), indent=1, ensure_ascii=False) + "\n").encode()
    yield "names.js", _names().encode()
    yield "functions.js", files(__package__).joinpath("assets", "functions.js").read_bytes()
    for name in _STYLES:
        yield name, (project.folder() / "static" / "valuehour" / name).read_bytes()
    yield "valuehour.zip", archive(package(taxonomy))
    for size in ICON_SIZES:
        yield f"images/icons/valuehour-{size}.png", png(size)
    for path in python:
        yield f"pyodide/{path.name}", path.read_bytes()


def metadata() -> dict[str, Any]:
    """What Excel reads about the functions before it loads the page."""
    return {
        "allowCustomDataForDataTypeAny": True,
        "allowErrorForDataTypeAny": True,
        "functions": [
            {
                "id": function.name,
                "name": function.name,
                "description": function_help(function),
                "result": {"dimensionality": "matrix", "type": "any"},
                "parameters": list(_parameters(function)),
            }
            for function in FUNCTIONS.values()
        ],
    }


def _parameters(function: Function) -> Iterator[dict[str, Any]]:
    for argument in function.arguments:
        how: dict[str, Any] = {"optional": True} if argument.optional else {}
        how |= {"repeating": True} if argument.variadic else {}
        text = argument_help(argument)
        yield {"name": argument.name, "description": text, "dimensionality": "matrix", "type": "any", **how}


def _pyodide(folder: Path) -> list[Path]:
    missing = [name for name in _NEEDED if not (folder / name).is_file()]
    found = [folder / name for name in _ONE_OF if (folder / name).is_file()]
    if missing or not found:
        names = ", ".join(missing or [" or ".join(_ONE_OF)])
        raise UsageError(f"{folder} is no Pyodide distribution: {names} missing; unpack the npm package pyodide there")
    return [*(folder / name for name in _NEEDED), *found]


def _manifest(base: str, support_url: str) -> str:
    """The manifest of the Server, with the addresses of this site."""
    import jinja2

    template = (project.folder() / "templates" / "manifest.xml").read_text(encoding="utf-8")
    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    parts = urlsplit(base)
    settings = SimpleNamespace(
        project_name="valuehour",
        environment="prod",
        provider_name="valuehour",
        support_url=support_url,
        static_url_path=parts.path,
        functions_namespace=NAMESPACE,
        auth_providers=[],
    )
    return environment.from_string(template).render(
        settings=settings,
        pane={"manifest_version": manifest_version(__version__)},
        manifest_id=_identifier(base),
        base_url=f"{parts.scheme}://{parts.netloc}",
        base_url_with_app_path=base,
        functions_script=f"{base}/functions.js",
        functions_metadata=f"{base}/functions.json",
    )


def _identifier(base: str) -> str:
    """An identifier that stays the same for the same address: Excel takes what has another one for another add-in.

    It has the form of a random one (RFC 9562, version 4), which is what everybody expects.
    """
    digits = hashlib.sha256(f"valuehour {base}".encode()).hexdigest()
    return "-".join((digits[:8], digits[8:12], f"4{digits[13:16]}", f"a{digits[17:20]}", digits[20:32]))


def _names() -> str:
    return f"export const VERSION = {json.dumps(__version__)};\nexport const NAMES = {json.dumps(list(FUNCTIONS))};\n"


def _page() -> str:
    families = "".join(
        f'<section class="family">\n<h2>{escape(name)}</h2>\n{"".join(map(_entry, members))}</section>\n'
        for name, members in groupby(FUNCTIONS.values(), key=lambda function: function.family)
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>valuehour</title>
<link rel="icon" href="images/icons/valuehour-32.png">
<link rel="stylesheet" href="pane.css">
<link rel="stylesheet" href="dark.css" media="(prefers-color-scheme: dark)">
<script src="{OFFICE_JS}"></script>
<script type="module" src="functions.js"></script>
</head>
<body>
<header class="band"><div><h1>valuehour</h1><p>What an hour of work is worth</p></div></header>
<main>
<div class="card" id="state" data-state="checking">
<p class="verdict" id="verdict" role="status">Loading the functions …</p>
</div>
{families}</main>
</body>
</html>
"""


def _entry(function: Function) -> str:
    example = function.example.replace(f"{function.name}(", f"{NAMESPACE}.{function.name}(")
    return (
        '<article class="function listed">\n'
        f'<h3 class="name">{NAMESPACE}.{escape(function.signature)}</h3>\n'
        f'<p class="purpose">{escape(function_help(function))}</p>\n'
        f"<p><code>{escape(example)}</code></p>\n</article>\n"
    )
