"""Our functions in LibreOffice Calc, against an add-in function of its own (in C++) and against plain formulas."""

from __future__ import annotations

from collections.abc import Iterator

from tests import soffice
from tests.benchmarks.timing import Row
from valuehour.errors import ProgramError
from valuehour.hosts.calc.program import find

FORMULAS = {
    "VALUE_PER_HOUR": "=VALUE_PER_HOUR(A{row};B{row})",
    "EDATE, an add-in function in C++": "=EDATE(A{row};B{row})",
    "the same as a native formula": "=A{row}/(B{row}*8760)",
}
TAXONOMY = (("Time structure", "Year"),)


def rows(*, quick: bool) -> Iterator[Row]:
    """Calculating many cells in a running office, each formula in turn."""
    try:
        if not find().runs_python:
            return
    except ProgramError:
        return  # without LibreOffice there is nothing to measure
    size = 200 if quick else 10_000
    with soffice.session(TAXONOMY) as office:
        # The first calculation also loads what it needs.
        samples = [times[1:] for times in office.ask("time", size, 2 if quick else 16, *FORMULAS.values())]
    (name, *rivals), (own, *others) = FORMULAS, samples
    for rival, times in zip(rivals, others, strict=True):
        most_times = 3 if rival.startswith("EDATE") else None
        yield Row(what=f"{name} in Calc, {size:,} cells", own=own, rival=rival, others=times, most_times=most_times)
