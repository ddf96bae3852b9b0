"""The browser of the tests: Chromium, from wherever the machine has it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PYODIDE = Path(__file__).parent / "pyodide" / "node_modules" / "pyodide"
"""Python for browsers; ``make`` installs it."""

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Root may not use the sandbox, and nothing but the tests' own pages is opened.
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


def program() -> str | None:
    """Chromium's program; ``VALUEHOUR_CHROMIUM`` names one in another place."""
    return os.environ.get("VALUEHOUR_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium without a window and without a past."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=OPTIONS)
        try:
            yield browser
        finally:
            browser.close()
