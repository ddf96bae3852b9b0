"""The command line as a whole process, against a Python that does nothing."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.timing import Row, in_turns, timed


def rows(*, quick: bool) -> Iterator[Row]:
    """How long a person waits for the list of commands, and a commit for the check of the workbooks."""
    script = Path(sysconfig.get_path("scripts"), "valuehour")

    def run(*command: str | Path) -> None:
        subprocess.run(command, check=True, capture_output=True)

    own, nothing = in_turns(
        1 if quick else 15, timed(lambda: run(script, "--help")), timed(lambda: run(sys.executable, "-c", "pass"))
    )
    yield Row(what="valuehour --help, whole process", own=own, rival="python -c pass", others=nothing, most=0.3)

    with tempfile.TemporaryDirectory() as folder:
        build = (script, "build", "--style", "native", "--style", "lambda", "--out", folder)
        run(*build)
        own, single = in_turns(
            1 if quick else 5,
            timed(lambda: run(*build, "--check")),
            timed(lambda: run(script, "build", "value_model", "--out", folder)),
        )
    yield Row(
        what="build --check, all templates, two styles",
        own=own,
        rival="build value_model, one style",
        others=single,
        most=2,
    )
