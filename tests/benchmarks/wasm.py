"""Cells calculated by Python in a browser: our static site, against xlwings' code with the same functions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests import browser
from tests.benchmarks.timing import Row, in_turns
from tests.e2e.wasm import lite_page, static_site
from tests.officejs import body, payload
from valuehour.catalog import load_catalog

NAME = "VALUE_PER_HOUR"
ONE_BY_ONE = """async (bodies) => {
    const began = performance.now();
    await callMany(bodies);
    return (performance.now() - began) / 1000;
}"""


def rows(*, quick: bool) -> Iterator[Row]:
    """One recalculation of many single cells, in each of two pages in turn."""
    if browser.program() is None or not browser.PYODIDE.exists():
        return  # nothing to measure it in
    size, runs = (200, 2) if quick else (10_000, 7)
    given = [payload(NAME, (88e6 + place, 3)) for place in range(size)]
    cells = [{"id": NAME, "args": arguments, "address": f"A{place}"} for place, arguments in enumerate(given, 1)]
    bodies = [body(NAME, arguments) for arguments in given]
    taxonomy = load_catalog().taxonomy()
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs, browser.chromium() as chromium:
        static_site.write(Path(ours), taxonomy)
        lite_page.write(Path(theirs), taxonomy)
        with (
            static_site.served(Path(ours)) as url,
            static_site.served(Path(theirs)) as other_url,
            static_site.opened(chromium, url) as page,
            static_site.opened(chromium, other_url, lite_page.NAME) as other,
        ):
            page.page.wait_for_selector("#state[data-state=well]")
            other.page.wait_for_function("document.title === 'ready'")
            own, others = in_turns(
                runs, lambda: page.recalculate(cells)[1], lambda: other.page.evaluate(ONE_BY_ONE, bodies)
            )
    yield Row(
        what=f"{size:,} cells, Python in the browser",
        own=own,
        rival="xlwings Wasm, the same functions",
        others=others,
        most=1,
    )
