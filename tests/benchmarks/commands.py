"""The command line as a whole process, against a Python that does nothing."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.timing import Row, in_turns, timed


def rows(*, quick: bool) -> Iterator[Row]:
    """How long a person waits for the list of commands."""
    script = Path(sysconfig.get_path("scripts"), "valuehour")

    def run(*command: str | Path) -> None:
        subprocess.run(command, check=True, capture_output=True)

    own, nothing = in_turns(
        1 if quick else 15, timed(lambda: run(script, "--help")), timed(lambda: run(sys.executable, "-c", "pass"))
    )
    yield Row(what="valuehour --help, whole process", own=own, rival="python -c pass", others=nothing, most=0.3)
