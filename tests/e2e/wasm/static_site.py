"""Folders served on this computer alone, and the pages in them opened with a small Excel around them."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route

from tests.browser import PYODIDE
from valuehour.hosts.excel.calls import Rows
from valuehour.hosts.lite.site import OFFICE_JS, site

OFFICE = Path(__file__).parents[1] / "browser" / "office.js"
LIMIT = 120_000
"""Milliseconds for Python to start in a browser on a busy machine."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Tests say what went wrong themselves."""

    def guess_type(self, path: Any) -> str:
        """Modules and WebAssembly as browsers want them, whatever this machine's own list says."""
        types = {".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm"}
        return types.get(Path(path).suffix) or super().guess_type(path)


def write(folder: Path, taxonomy: Rows) -> None:
    """Write the static site into a folder."""
    for name, content in site(taxonomy, url="https://intranet.example/vh", pyodide=PYODIDE):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder while it is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Opened:
    """A page, what it complained about, and where it asked for files outside its own folder."""

    page: Page
    complaints: list[str]
    abroad: list[str]

    def recalculate(self, cells: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], float]:
        """What Excel gets for these cells, and the seconds it took."""
        answer = self.page.evaluate(
            """async (cells) => {
                const { values, ms } = await excel.recalculate(cells);
                const plain = (cell) => (cell instanceof CustomFunctions.Error ? { error: cell.code } : cell);
                return {
                    ms,
                    values: values.map((answer) =>
                        answer.value ? { value: answer.value.map((row) => row.map(plain)) } : answer),
                };
            }""",
            cells,
        )
        return answer["values"], answer["ms"] / 1000


@contextmanager
def opened(
    browser: Browser, url: str, page_name: str = "taskpane.html", *, office: Path | None = OFFICE
) -> Iterator[Opened]:
    """A page of the folder, with the small Excel (or another file, or none) for Office.js, and nothing from outside."""
    context = browser.new_context(viewport={"width": 350, "height": 900}, locale="en-GB")
    try:
        page = context.new_page()
        page.set_default_timeout(LIMIT)
        found = Opened(page, [], [])

        def elsewhere(route: Route) -> None:
            if office is not None and route.request.url == OFFICE_JS:
                route.fulfill(path=office, content_type="text/javascript")
            else:
                found.abroad.append(route.request.url)
                route.abort()

        page.on("pageerror", lambda error: found.complaints.append(str(error)))
        page.on("console", lambda m: found.complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.route(lambda address: not address.startswith(url), elsewhere)
        page.goto(f"{url}/{page_name}")
        yield found
    finally:
        context.close()
