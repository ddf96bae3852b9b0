"""The browser of the tests: Chromium, from wherever the machine has it."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def program() -> str | None:
    """Chromium's program; ``VALUEHOUR_CHROMIUM`` names one in another place."""
    return os.environ.get("VALUEHOUR_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
