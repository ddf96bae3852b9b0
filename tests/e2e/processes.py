"""The command line as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

COMMAND = [sys.executable, "-m", "valuehour"]


def environment(**settings: str) -> dict[str, str]:
    """This environment with other settings; coverage and the like stay out of it."""
    return {**{k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "LC_", "LANG"))}, **settings}


def run(*arguments: object, settings: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run the command line to its end, its output going into pipes."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        env=environment(**(settings or {})),
        timeout=120,
        check=False,
    )
