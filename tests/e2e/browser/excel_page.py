"""The task pane in a browser, with a small Excel around it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route, expect

OFFICE = Path(__file__).with_name("office.js")
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)
READY = "#chip:not([data-state=checking])"

Call = tuple[str, list[Any], str]
"""Name of the function, its arguments as Office.js passes them, and the calling cell."""


@dataclass
class ExcelPage:
    """The page, and what went over the wire."""

    page: Page
    url: str
    requests: list[Request] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def recalculate(self, calls: Sequence[Call]) -> tuple[list[dict[str, Any]], float]:
        """Let Excel calculate these cells; gives each cell's value or error, and the seconds it took."""
        self.begin(calls)
        return self.finish()

    def begin(self, calls: Sequence[Call]) -> None:
        """Begin to recalculate, and do not wait for the values."""
        cells = json.dumps([{"id": name, "args": arguments, "address": address} for name, arguments, address in calls])
        self.page.evaluate("cells => { excel.pending = excel.recalculate(JSON.parse(cells)) }", cells)

    def finish(self) -> tuple[list[dict[str, Any]], float]:
        """Each cell's value or error once all of them are there, and the seconds it took."""
        answer = json.loads(self.page.evaluate("excel.pending.then(JSON.stringify)"))
        return answer["values"], answer["ms"] / 1000

    def wait_for_syncs(self, count: int) -> None:
        """Wait until Excel was asked that often. (The page forbids what Playwright waits with.)"""
        while self.page.evaluate("excel.syncs") < count:
            self.page.wait_for_timeout(10)

    def posts(self, path: str) -> int:
        """How many requests of the functions went there. The browser counts: listening in would slow each of them."""
        count: int = self.page.evaluate("url => performance.getEntriesByName(url, 'resource').length", self.url + path)
        return count

    def wait_for_complaint(self, beginning: str) -> None:
        """Wait until the browser complains about that."""
        while not any(text.startswith(beginning) for text in self.complaints):
            self.page.wait_for_timeout(10)

    def cell(self, name: str, sheet: str = "Sheet1") -> str | None:
        """The formula in a cell."""
        found: str | None = self.page.evaluate("([sheet, name]) => excel.sheets.get(sheet).get(name)", [sheet, name])
        return found

    def set_cell(self, name: str, content: str, sheet: str = "Sheet1") -> None:
        """Write into a cell."""
        self.page.evaluate("([sheet, ...entry]) => void excel.sheets.get(sheet).set(...entry)", [sheet, name, content])

    def select(self, area: str, sheet: str = "Sheet1") -> None:
        """Select cells in Excel."""
        self.page.evaluate("selection => { excel.selection = selection }", {"sheet": sheet, "area": area})


@contextmanager
def excel_page(
    browser: Browser,
    url: str,
    *,
    office: bool = True,
    listen: bool = False,
    without: str = "",
    theme: dict[str, str] | None = None,
    busy: bool = False,
    routes: dict[str, Callable[[Route], None]] | None = None,
    path: str = "/taskpane.html",
    **options: Any,
) -> Iterator[ExcelPage]:
    """Open the task pane; without ``office`` with the real Office.js, in a browser that is no Excel.

    ``listen`` keeps the requests; ``without`` is what cannot be loaded; ``routes`` answer for the server afterwards;
    ``theme`` is what Excel says its own is; ``busy`` lets it answer no question until ``excelIsBusy`` is unset.
    """
    context = browser.new_context(**{"viewport": {"width": 350, "height": 900}, "locale": "en-GB"} | options)
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        opened = ExcelPage(page, url)

        def complain(message: ConsoleMessage) -> None:
            if message.type in ("error", "warning"):
                opened.complaints.append(message.text)

        if listen:
            page.on("request", lambda request: opened.requests.append(request))
        page.on("console", complain)
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        if office:
            page.route(
                "**/office-js/**/office.js", lambda route: route.fulfill(path=OFFICE, content_type="text/javascript")
            )
            page.add_init_script(f"globalThis.officeTheme = {json.dumps(theme)}; excelIsBusy = {json.dumps(busy)}")
        if without:
            page.route(without, lambda route: route.abort())
        page.goto(url + path)
        if office:
            page.wait_for_selector(READY)
        # From here on nothing stands between page and server but what a test puts there.
        page.unroute_all()
        for pattern, answer in (routes or {}).items():
            page.route(pattern, answer)
        yield opened
    finally:
        context.close()
