"""Where the xlwings Server project is: inside the installed package, or the folder ``addin`` of the repository."""

from __future__ import annotations

from pathlib import Path

from valuehour.errors import ProgramError

FOLDER = "XLWINGS_PROJECT_DIR"
"""The environment variable by which xlwings Server knows its project."""


def folder() -> Path:
    """The project's folder."""
    here = Path(__file__)
    for place in (here.with_name("project"), here.parents[4] / "addin"):
        if (place / "lifespan.py").is_file():
            return place
    raise ProgramError("the xlwings Server project is missing from this installation; install valuehour again")
