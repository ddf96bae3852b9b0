"""Excel recalculates: every cell gets the value that Python gives it, however the calls travel."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser import chromium
from tests.e2e.browser.cells import RARE, Formula, addresses, formulas, shown
from tests.e2e.browser.excel_page import ExcelPage, excel_page
from tests.served import Served, server

pytestmark = pytest.mark.requires_browser

CELLS = 10_000
BATCH = "/valuehour/batch"
CALL = "/xlwings/custom-functions-call"
DOWN_FOR = 4
"""Seconds: longer than three tries one after the other take."""
LIMIT = 1000
"""Calls in one batch, as the server is set."""


TWO_PEOPLE = """() => {
  let turn = 0;
  globalThis.getAuth = async () => ({ token: turn++ % 3 ? "t1" : "t2", provider: "entraid" });
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with server() as served:
        yield served


@pytest.fixture(scope="module")
def shared(browser: Browser, served: Served) -> Iterator[ExcelPage]:
    """A page for the tests that leave nothing behind in it."""
    with excel_page(browser, served.url) as excel:
        yield excel


def _calculate(excel: ExcelPage, cells: list[Formula]) -> dict[str, Any]:
    """Recalculate these cells; gives those that differ from Python's value, by address."""
    places = addresses(len(cells))
    answers, _ = excel.recalculate([cell.call(place) for cell, place in zip(cells, places, strict=True)])
    return {
        place: (cell, shown(answer), cell.expected())
        for place, cell, answer in zip(places, cells, answers, strict=True)
        if shown(answer) != cell.expected()
    }


def test_ten_thousand_cells_get_their_values_in_a_few_requests(browser: Browser, served: Served) -> None:
    cells = formulas(CELLS)
    with excel_page(browser, served.url) as excel:
        assert _calculate(excel, cells) == {}

        assert excel.posts(BATCH) == CELLS / LIMIT
        assert excel.posts(CALL) == 0
        assert excel.complaints == []
    assert Counter(cell.name for cell in cells).keys() >= {
        "ALLOCATE",
        "GROUPINGS",
        "UPLIFT",
        "OUTCOME_READ",
        "GROUP_PATH",
    }


def test_ten_thousand_cells_get_the_same_values_without_the_batching_script(browser: Browser, served: Served) -> None:
    with excel_page(browser, served.url, without="**/batching.js") as excel:
        assert _calculate(excel, formulas(CELLS)) == {}

        assert excel.posts(CALL) == CELLS
        assert excel.posts(BATCH) == 0
        assert "its script is not loaded" in excel.page.text_content("#batching")


@pytest.mark.parametrize("kind", RARE)
def test_every_kind_of_cell_alone(shared: ExcelPage, kind: str) -> None:
    chosen = formulas(8 * len(RARE))[8 * list(RARE).index(kind)]
    assert _calculate(shared, [chosen]) == {}


def test_a_call_that_fails_spoils_no_other(browser: Browser, served: Served) -> None:
    good = Formula("SUCCESS_RATE", (88, 100))
    ragged = ("VALUE_PER_HOUR", [[[1, 2], [3]], [[1]], None, None], "Sheet1!B1")
    calls = [good.call("Sheet1!A1"), ragged, good.call("Sheet1!A2")]
    with excel_page(browser, served.url) as excel:
        answers, _ = excel.recalculate(calls)

        assert [shown(answer) for answer in (answers[0], answers[2])] == [good.expected()] * 2
        assert (answers[1]["error"], excel.posts(BATCH), excel.posts(CALL)) == ("#VALUE!", 1, 0)
        assert "all of one length" in answers[1]["message"]
        # The pane tells which call it was.
        excel.page.click("#tab-server")
        excel.page.click("#check")
        expect(excel.page.locator("#last-call")).to_contain_text("VALUE_PER_HOUR: total_value is")


def test_without_a_batch_route_every_cell_travels_alone_as_before(browser: Browser, served: Served) -> None:
    cells = formulas(200)
    asked: list[int] = []

    def gone(route: Route) -> None:
        asked.append(1)
        route.fulfill(status=404, json={"detail": "Not Found"})

    with excel_page(browser, served.url, routes={f"**{BATCH}": gone}) as excel:
        assert _calculate(excel, cells) == {}
        assert _calculate(excel, cells) == {}

        # Asked once, then left alone for a while.
        assert (len(asked), excel.posts(CALL)) == (1, 400)


@pytest.mark.parametrize("status", [400, 500])
def test_a_batch_that_is_spoilt_as_a_whole_is_taken_apart(browser: Browser, served: Served, status: int) -> None:
    broken = {f"**{BATCH}": lambda route: route.fulfill(status=status, body="An error occurred.")}
    with excel_page(browser, served.url, routes=broken) as excel:
        assert _calculate(excel, formulas(50)) == {}
        assert excel.posts(CALL) == 50


def test_a_batch_that_is_too_large_is_halved(browser: Browser, served: Served) -> None:
    sizes: list[int] = []

    def at_most_seventy(route: Route) -> None:
        sizes.append(len(route.request.post_data_json["calls"]))
        if sizes[-1] > 70:
            route.fulfill(status=413, json={"detail": "too large"})
        else:
            route.continue_()

    with excel_page(browser, served.url, routes={f"**{BATCH}": at_most_seventy}) as excel:
        assert _calculate(excel, formulas(250)) == {}
    assert sorted(sizes) == [62, 62, 63, 63, 125, 125, 250]


@pytest.mark.parametrize("failure", ["busy", "broken off"])
def test_calls_are_tried_again_while_that_may_help(browser: Browser, served: Served, failure: str) -> None:
    tries: list[int] = []

    def fails_twice(route: Route) -> None:
        tries.append(len(route.request.post_data_json["calls"]))
        if len(tries) > 2:
            route.continue_()
        elif failure == "busy":
            route.fulfill(status=503, json={"detail": "busy"})
        else:
            route.abort()

    with excel_page(browser, served.url, routes={f"**{BATCH}": fails_twice}) as excel:
        assert _calculate(excel, formulas(100)) == {}
    # The first try holds all of them; what comes back at once after that may travel in several batches.
    assert tries[0] == 100
    assert sum(tries) == 200 + tries[1]


def test_calls_that_travel_alone_wait_for_the_server_too(browser: Browser, served: Served) -> None:
    """As those do that are larger than a batch may be."""
    down = [True]

    def gone(route: Route) -> None:
        if down:
            route.abort()
        else:
            route.continue_()

    routes = {f"**{BATCH}": lambda route: route.fulfill(status=404), f"**{CALL}": gone, "**/health": gone}
    cells = formulas(5)
    with excel_page(browser, served.url, routes=routes) as excel:
        excel.begin([cell.call("Sheet1!A1") for cell in cells])
        excel.page.wait_for_timeout(1500)
        down.clear()
        answers, _ = excel.finish()
        # What was tried again with success has not failed.
        assert excel.page.evaluate("valuehourBatching.lastFailure") is None
    assert [shown(answer) for answer in answers] == [cell.expected() for cell in cells]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"json": {"detail": "No role for this."}}, "No role for this."),
        ({"json": {"detail": [{"loc": ["body"], "msg": "bad"}]}}, "Request failed with status 403"),
        ({"body": " <html><h1>Proxy</h1></html>", "content_type": "text/html"}, "Request failed with status 403"),
    ],
)
def test_the_pane_tells_the_last_failure_in_a_sentence(
    browser: Browser, served: Served, answer: dict[str, Any], told: str
) -> None:
    routes = {f"**{BATCH}": lambda route: route.fulfill(status=403, **answer)}
    with excel_page(browser, served.url, routes=routes) as excel:
        excel.recalculate([Formula("SUCCESS_RATE", (88, 100)).call("Sheet1!A1")])
        assert excel.page.evaluate("valuehourBatching.lastFailure.message") == told


@pytest.mark.parametrize(
    "answer", [{"results": [{"status": 200, "data": {"result": [[1]]}}]}, {"results": [None] * 20}, {"results": 20}, []]
)
def test_an_answer_that_does_not_fit_leaves_no_cell_waiting(browser: Browser, served: Served, answer: Any) -> None:
    with excel_page(browser, served.url, routes={f"**{BATCH}": lambda route: route.fulfill(json=answer)}) as excel:
        answers, _ = excel.recalculate([cell.call("Sheet1!A1") for cell in formulas(20)])
    # As with any answer that does not arrive: the functions' script names the failure after its last try.
    assert {answer["message"] for answer in answers} == {"Error: The server did not give one answer for each call."}


@pytest.mark.parametrize(("status", "tries"), [(503, 3), (401, 1)])
def test_a_refusal_that_stays_is_shown_in_each_cell(browser: Browser, served: Served, status: int, tries: int) -> None:
    refused: list[int] = []

    def refuse(route: Route) -> None:
        refused.append(1)
        route.fulfill(status=status, json={"detail": "not today"})

    with excel_page(browser, served.url, routes={f"**{BATCH}": refuse}) as excel:
        answers, _ = excel.recalculate([cell.call("Sheet1!A1") for cell in formulas(20)])
    assert {(answer["error"], answer["message"]) for answer in answers} == {("#VALUE!", "not today")}
    assert len(refused) == tries


def test_a_batch_carries_the_credentials_of_one_person(browser: Browser, served: Served) -> None:
    sent: list[tuple[str, str, int]] = []

    def note(route: Route) -> None:
        headers = route.request.headers
        sent.append((headers["authorization"], headers["auth-provider"], len(route.request.post_data_json["calls"])))
        route.continue_()

    with excel_page(browser, served.url, routes={f"**{BATCH}": note}) as excel:
        excel.page.evaluate(TWO_PEOPLE)
        assert _calculate(excel, formulas(90)) == {}
    assert sorted(sent) == [("t1", "entraid", 60), ("t2", "entraid", 30)]


def test_what_each_call_says_about_itself_arrives_as_it_was(browser: Browser, served: Served) -> None:
    bodies: list[dict[str, Any]] = []

    def note(route: Route) -> None:
        request = route.request.post_data_json
        bodies.extend(request["shared"] | call for call in request["calls"])
        route.continue_()

    cells = formulas(30)
    with excel_page(browser, served.url, routes={f"**{BATCH}": note}) as excel:
        excel.page.evaluate("() => { let day = 0; xlwings.getDateFormat = async () => `format ${day++ % 3}` }")
        assert _calculate(excel, cells) == {}
    calls = [cell.call(address) for cell, address in zip(cells, addresses(30), strict=True)]
    for place, (body, (name, arguments, address)) in enumerate(zip(bodies, calls, strict=True)):
        assert (body["func_name"], body["args"], body["client"]) == (name, arguments, "Office.js")
        assert body["caller_address"] == f"[Plan 2026.xlsx]{address}"
        assert (body["culture_info_name"], body["runtime"]) == ("en-DE", "1.4")
        assert body["date_format"] == f"format {place % 3}"
        assert body["session_id"] == bodies[0]["session_id"]


def test_a_server_that_is_killed_and_comes_back_leaves_no_cell_behind(browser: Browser) -> None:
    cells, places = formulas(3000), addresses(3000)
    sent: list[int] = []

    with server() as served:

        def kill_before_the_second(route: Route) -> None:
            sent.append(len(route.request.post_data_json["calls"]))
            if len(sent) == 2:
                served.kill()
            route.continue_()

        with excel_page(browser, served.url, routes={f"**{BATCH}": kill_before_the_second}) as excel:
            excel.begin([cell.call(place) for cell, place in zip(cells, places, strict=True)])
            excel.page.click("#tab-server")
            while served.process is not None:
                excel.page.wait_for_timeout(10)
            excel.page.unroute_all()
            excel.page.click("#check")
            expect(excel.page.locator("#verdict")).to_contain_text("cannot be reached")
            time.sleep(DOWN_FOR)
            served.start()
            answers, _ = excel.finish()
            assert excel.posts(BATCH) > 3000 / LIMIT

    assert [shown(answer) for answer in answers] == [cell.expected() for cell in cells]


def test_the_first_recalculation_asks_excel_for_nothing(browser: Browser, served: Served) -> None:
    with excel_page(browser, served.url) as excel:
        excel.wait_for_syncs(3)
        assert _calculate(excel, formulas(500)) == {}
        assert excel.page.evaluate("excel.syncs") == 3  # the workbook's name, its culture, its date format


def test_cells_that_are_early_wait_for_the_same_answers_of_excel(browser: Browser, served: Served) -> None:
    cell = Formula("SUCCESS_RATE", (88, 100))
    with excel_page(browser, served.url, busy=True) as excel:
        excel.begin([cell.call(address) for address in addresses(500)])
        excel.page.evaluate("() => { excelIsBusy = false }")
        answers, _ = excel.finish()
        assert [shown(answer) for answer in answers] == [cell.expected()] * 500
        assert excel.page.evaluate("excel.syncs") == 3


def test_a_hidden_page_whose_timers_stand_still_calculates(browser: Browser, served: Served) -> None:
    with excel_page(browser, served.url) as excel:
        excel.wait_for_syncs(3)
        excel.page.evaluate("() => { globalThis.setTimeout = () => 0 }")
        assert _calculate(excel, formulas(500)) == {}
        assert excel.posts(BATCH) == 1


def test_ranges_of_a_hundred_thousand_cells(browser: Browser, served: Served) -> None:
    rows = [[1 + place % 997 / 7] for place in range(100_000)]
    cells = [
        Formula("VALUE_PER_HOUR", (rows, 3)),
        Formula("ALLOCATE", (1e6, rows)),
        # Larger than a batch may be: it travels alone.
        Formula("UPLIFT", ([[1 + 1 / (place + 1e7) for place in range(3)] for _ in range(100_000)],)),
    ]
    with excel_page(browser, served.url) as excel:
        assert _calculate(excel, cells) == {}
        assert (excel.posts(BATCH), excel.posts(CALL)) == (1, 1)
