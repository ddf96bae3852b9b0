"""Excel's page in a browser with a real server: a recalculation batched, and one request for each cell."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from tests import browser
from tests.benchmarks.timing import Row, in_turns, timed
from tests.e2e.browser.cells import Formula, addresses
from tests.e2e.browser.excel_page import ExcelPage, excel_page
from tests.served import server

CALCULATE = """async (name) => {
  const { values, ms } = await excel.recalculate(excel[name]);
  return [ms, values.filter(({ error }) => error).length];
}"""
STOCK = "**/batching.js"
"""The script without which each cell travels alone."""


def rows(*, quick: bool) -> Iterator[Row]:
    """Ten thousand plain calls, and one call with ranges of a hundred thousand cells."""
    if browser.program() is None:
        return  # without Chromium there is nothing to measure
    count, large = (200, 1000) if quick else (10_000, 100_000)
    plain = [Formula("VALUE_PER_HOUR", (1000.0 * place, 1 + place % 9)) for place in range(count)]
    column = [[1 + place % 997 / 7] for place in range(large)]
    ranges = [Formula("VALUE_PER_HOUR", (column, 3))]
    with (
        server() as served,
        browser.chromium() as chromium,
        excel_page(chromium, served.url) as batched,
        excel_page(chromium, served.url, without=STOCK) as alone,
    ):
        calculate = _recalculation(batched, plain)
        calculate()  # also warms the server up
        own, others = in_turns(1 if quick else 2, calculate, _recalculation(alone, plain))
        what = f"{count:,} cells in Excel's page, batched"
        yield Row(what=what, own=own, rival="one request a cell", others=others, most_times=1 / 50)
        own, others = in_turns(1 if quick else 7, calculate, timed(lambda: [cell.expected() for cell in plain]))
        yield Row(what=what, own=own, rival="the same in Python", others=others, most=0.4)
        calculate, here = _recalculation(batched, ranges), timed(lambda: ranges[0].expected())
        own, others = in_turns(1 if quick else 7, calculate, here)
        yield Row(
            what=f"one call with a range of {large:,} cells, there", own=own, rival="the same in Python", others=others
        )


def _recalculation(page: ExcelPage, cells: list[Formula]) -> Callable[[], float]:
    """Recalculate in the page; the seconds from the first call to the last value, as the page measures them."""
    calls = [cell.call(place) for cell, place in zip(cells, addresses(len(cells)), strict=True)]
    named = json.dumps([{"id": name, "args": arguments, "address": address} for name, arguments, address in calls])
    page.page.evaluate("([name, cells]) => { excel[name] = JSON.parse(cells) }", [name := f"cells{len(cells)}", named])

    def seconds() -> float:
        answer = page.page.evaluate(CALCULATE, name)
        assert answer[1] == 0
        return float(answer[0]) / 1000

    return seconds
