"""The task pane, used as a person uses it: by reading, typing and clicking."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser import chromium
from tests.e2e.browser.excel_page import ExcelPage, excel_page
from tests.e2e.browser.legibility import faults
from tests.served import Served, server
from valuehour import __version__
from valuehour.functions import FUNCTIONS
from valuehour.ooxml import Package
from valuehour.workbooks.build import build
from valuehour.workbooks.formula import Style
from valuehour.workbooks.templates import TEMPLATES, template

pytestmark = pytest.mark.requires_browser

SUPPORT = "https://help.example.com/valuehour"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with server(VALUEHOUR_SUPPORT_URL=SUPPORT) as served:
        yield served


@pytest.fixture
def excel(browser: Browser, served: Served) -> Iterator[ExcelPage]:
    with excel_page(browser, served.url) as excel:
        yield excel
        assert excel.complaints == []


def _open(page: Page, name: str) -> Locator:
    """Unfold a function."""
    item = page.locator(f"details[data-name='VH.{name}']")
    item.locator("summary").click()
    return item


def _field(item: Locator, label: str) -> Locator:
    return item.locator(f"input[data-label='{label}']")


# What it lists


def test_every_function_is_listed_with_its_arguments_as_defined(excel: ExcelPage) -> None:
    items = excel.page.locator("details.function")
    assert items.count() == len(FUNCTIONS)
    for place, (name, function) in enumerate(FUNCTIONS.items()):
        item = items.nth(place)
        text = re.sub(r"\s+", " ", item.text_content() or "")
        assert text.strip().startswith(f"{name} {function.summary}")
        assert f"VH.{function.signature}" in text
        assert function.result in text
        for argument in function.arguments:
            assert f"{argument.description}" in text
            assert argument.unit in text
            assert argument.domain.replace(">=", "≥") in text
            if argument.optional and argument.default is not None:
                assert f"({argument.default_text} if left out)" in text
        assert item.locator("input").count() == function.counts[1]
        # The example is the one of the definition, and it is what stands ready to be inserted.
        assert function.example.replace(f"{name}(", f"VH.{name}(") in text
    families = excel.page.locator(".family h2").all_text_contents()
    assert families == list(dict.fromkeys(function.family for function in FUNCTIONS.values()))


def test_the_search_finds_by_name_purpose_and_argument(excel: ExcelPage) -> None:
    page = excel.page

    def found(words: str) -> list[str]:
        page.fill("#search", words)
        return [str(item.get_attribute("data-name")) for item in page.locator("details.function:visible").all()]

    assert found("value per hour")[0] == "VH.VALUE_PER_HOUR"
    assert found("value_per_hour")[0] == "VH.VALUE_PER_HOUR"
    assert found("SPLIT total") == ["VH.ALLOCATE", "VH.ALLOCATE_SHARES", "VH.UNALLOCATED"]
    assert found("flywheel") == ["VH.COMPOUND_FLYWHEEL"]
    assert page.text_content("#found") == f"1 of {len(FUNCTIONS)} functions"
    assert page.locator(".family h2:visible").all_text_contents() == ["Growth"]
    page.press("#search", "Enter")
    expect(page.locator("details[data-name='VH.COMPOUND_FLYWHEEL'] form")).to_be_visible()
    assert found("no such thing") == []
    page.click("text=Show all functions")
    expect(page.locator("details.function:visible")).to_have_count(len(FUNCTIONS))


def test_a_function_that_is_unfolded_stays_in_view(excel: ExcelPage) -> None:
    # As in browsers that do not keep the page in its place by themselves, such as that of Excel on the Mac.
    excel.page.evaluate("() => { document.documentElement.style.overflowAnchor = 'none' }")
    _open(excel.page, "PRIORITY_BAND")
    item = excel.page.locator("details[data-name='VH.OUTCOME_READ']")
    item.scroll_into_view_if_needed()
    item.locator("summary").click()
    expect(item).to_have_attribute("open", "")
    expect(item.locator("summary")).to_be_in_viewport(ratio=1)


# Inserting


def test_the_example_goes_into_the_active_cell(excel: ExcelPage) -> None:
    item = _open(excel.page, "VALUE_PER_HOUR")
    expect(item.locator("output")).to_have_text("=VH.VALUE_PER_HOUR(88000000,3)")
    item.get_by_text("Insert into the active cell").click()
    expect(item.locator(".done")).to_have_text("✓ =VH.VALUE_PER_HOUR(88000000,3) stands in Sheet1!B2.")
    assert excel.cell("B2") == "=VH.VALUE_PER_HOUR(88000000,3)"


def test_arguments_are_taken_from_the_selection(excel: ExcelPage) -> None:
    item = _open(excel.page, "VALUE_PER_HOUR")
    picks = item.locator(".pick")
    excel.select("A2:A9")
    picks.nth(0).click()
    expect(_field(item, "total_value")).to_have_value("Sheet1!A2:A9")
    excel.select("C1", "Other sheet")
    picks.nth(1).click()
    expect(item.locator("output")).to_have_text("=VH.VALUE_PER_HOUR(Sheet1!A2:A9,'Other sheet'!C1)")
    excel.select("D2")
    item.get_by_text("Insert into the active cell").click()
    # On its own sheet a reference needs no sheet.
    expect(item.locator(".done")).to_contain_text("stands in Sheet1!D2")
    assert excel.cell("D2") == "=VH.VALUE_PER_HOUR(A2:A9,'Other sheet'!C1)"
    # Several areas are no argument.
    excel.select("A1,C1")
    picks.nth(0).click()
    expect(item.locator(".refusal")).to_have_text("Select one block of cells.")


def test_a_cell_that_holds_something_is_overwritten_only_after_asking(excel: ExcelPage) -> None:
    excel.set_cell("B2", "Revenue 2026")
    item = _open(excel.page, "SUCCESS_RATE")
    insert, question = item.get_by_text("Insert into the active cell"), item.locator(".overwrite")

    insert.click()
    expect(question).to_contain_text("Sheet1!B2 holds Revenue 2026")
    expect(item.get_by_role("group", name="Sheet1!B2 holds Revenue 2026. Overwrite?")).to_be_visible()
    expect(item.get_by_text("Keep it")).to_be_focused()
    item.get_by_text("Keep it").click()
    expect(question).to_be_hidden()
    expect(insert).to_be_focused()
    assert excel.cell("B2") == "Revenue 2026"

    # Agreed to overwrite one content, not another that came in between.
    insert.click()
    expect(question).to_be_visible()
    excel.set_cell("B2", "Revenue 2027")
    item.get_by_text("Overwrite it").click()
    expect(question).to_contain_text("Sheet1!B2 holds Revenue 2027")
    assert excel.cell("B2") == "Revenue 2027"

    # What was agreed to is overwritten, wherever the selection is meanwhile.
    excel.select("F9")
    item.get_by_text("Overwrite it").click()
    expect(item.locator(".done")).to_contain_text("stands in Sheet1!B2")
    assert (excel.cell("B2"), excel.cell("F9")) == ("=VH.SUCCESS_RATE(88,100)", None)


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("", "Fill in years."),
        ("3,5", "years takes one value or reference; decimals have a point: 3.5"),
        ("(A1", "years: a bracket is not closed."),
        ("A1)", "years: a bracket is closed that was not opened."),
        ('"three', 'years: a " is not closed.'),
        ("=B2", "The formula would refer to its own cell, Sheet1!B2. Select the cell for the result first."),
        ("$B:B", "The formula would refer to its own cell, Sheet1!B2. Select the cell for the result first."),
        ("1:2", "The formula would refer to its own cell, Sheet1!B2. Select the cell for the result first."),
        ("sheet1!b2", "The formula would refer to its own cell, Sheet1!B2. Select the cell for the result first."),
        ("B2", "The formula would refer to its own cell, Sheet1!B2. Select the cell for the result first."),
        ("Sheet1!A1:C3", "The formula would refer to its own cell, Sheet1!B2. Select the cell for the result first."),
    ],
)
def test_what_cannot_be_inserted_is_refused_in_words(excel: ExcelPage, typed: str, refusal: str) -> None:
    item = _open(excel.page, "VALUE_PER_HOUR")
    _field(item, "years").fill(typed)
    expect(item.locator(".refusal")).to_be_hidden()  # who is still typing is not interrupted
    item.get_by_text("Insert into the active cell").click()
    expect(item.locator(".refusal")).to_have_text(refusal)
    assert excel.cell("B2") is None
    item.get_by_text("Reset").click()
    expect(item.locator(".refusal")).to_be_hidden()
    expect(item.locator("output")).to_have_text("=VH.VALUE_PER_HOUR(88000000,3)")


@pytest.mark.parametrize(
    ("code", "message", "refusal"),
    [
        (
            "InvalidOperationInCellEditMode",
            "busy",
            "A cell is being edited. Press Enter or Esc in Excel, then try again.",
        ),
        ("AccessDenied", "no", "The sheet is protected. Unprotect it, or choose a cell that may be changed."),
        ("InvalidArgument", "no", "Excel does not accept this formula. Check the arguments."),
        ("GeneralException", "Something else.", "Something else."),
    ],
)
def test_refusals_of_excel_are_told_in_words(excel: ExcelPage, code: str, message: str, refusal: str) -> None:
    item = _open(excel.page, "SUCCESS_RATE")
    excel.page.evaluate("failure => { excel.failure = failure }", {"code": code, "message": message})
    item.get_by_text("Insert into the active cell").click()
    expect(item.locator(".refusal")).to_have_text(refusal)
    expect(item.locator(".done")).to_be_empty()


def test_a_blank_between_two_arguments_takes_its_default(excel: ExcelPage) -> None:
    item = _open(excel.page, "VALUE_PER_HOUR")
    _field(item, "hours_per_year").fill("2080")
    expect(item.locator("output")).to_have_text("=VH.VALUE_PER_HOUR(88000000,3,1,2080)")
    _field(item, "employees").fill("=SUM(A1:A9, 2)")
    expect(item.locator("output")).to_have_text("=VH.VALUE_PER_HOUR(88000000,3,SUM(A1:A9, 2),2080)")


def test_repeated_arguments_grow_to_eight(excel: ExcelPage) -> None:
    item = _open(excel.page, "UPLIFT")
    expect(item.locator(".field:visible")).to_have_count(3)
    for _ in range(5):
        item.locator(".more").click()
    expect(item.locator(".more")).to_be_hidden()
    _field(item, "factor8").fill("1.5")
    _field(item, "factor2").fill("")
    expect(item.locator("output")).to_have_text("=VH.UPLIFT(1.12,1.06,1.5)")
    _field(item, "factor1").fill("")
    item.get_by_text("Insert into the active cell").click()
    expect(item.locator(".refusal")).to_have_text("Fill in factor1.")


def test_a_whole_column_of_the_sheet_is_an_argument(excel: ExcelPage) -> None:
    item = _open(excel.page, "UPLIFT")
    excel.select("C:C")
    item.locator(".pick").first.click()
    expect(_field(item, "factor1")).to_have_value("Sheet1!C:C")
    # The column is still selected, and its first cell is the active one.
    item.get_by_text("Insert into the active cell").click()
    expect(item.locator(".refusal")).to_contain_text("refer to its own cell, Sheet1!C1")
    excel.select("B2")
    item.get_by_text("Insert into the active cell").click()
    expect(item.locator(".done")).to_contain_text("=VH.UPLIFT(C:C,1.08,1.06) stands in Sheet1!B2")


# Templates


@pytest.mark.parametrize("style", ["native", "officejs"])
def test_a_template_is_downloaded_and_opened_as_it_is_built(excel: ExcelPage, style: str) -> None:
    page = excel.page
    page.click("#tab-workbooks")
    titles = page.locator(".workbook h2").all_text_contents()
    assert titles == [template(name).title for name in TEMPLATES]
    expected = build("value_model", style=Style(style)).package.digest()
    row = page.locator(".workbook").first.locator(".style").nth(["native", "officejs"].index(style))

    with page.expect_download() as download:
        row.get_by_text("Download").click()
    assert download.value.suggested_filename == "value_model.xlsx"
    assert _digest(download.value.path().read_bytes()) == expected

    row.get_by_text("Open").click()
    expect(page.locator("#opened")).to_have_text("✓ Opened as a new workbook.")
    assert _digest(base64.b64decode(page.evaluate("excel.created[0]"))) == expected


def _digest(content: bytes) -> str:
    return Package.read(content).digest()


def test_a_template_that_cannot_be_fetched_is_told(browser: Browser, served: Served) -> None:
    routes = {"**/templates/value_model.xlsx?style=native": lambda route: route.fulfill(status=404)}
    with excel_page(browser, served.url, routes=routes) as excel:
        excel.page.click("#tab-workbooks")
        excel.page.locator(".open").first.click()
        expect(excel.page.locator("#not-opened")).to_have_text("The server has no such workbook (status 404).")


def test_what_became_of_a_template_is_in_view_in_a_low_pane(browser: Browser, served: Served) -> None:
    viewport = {"width": 320, "height": 420}
    with excel_page(browser, served.url, viewport=viewport) as excel:
        excel.page.click("#tab-workbooks")
        button = excel.page.locator(".open").first
        button.focus()
        button.press("Enter")
        expect(excel.page.locator("#opened")).to_have_text("✓ Opened as a new workbook.")
        expect(excel.page.locator("#opened")).to_be_in_viewport(ratio=1)
        expect(button).to_be_focused()
        # An Excel that cannot do it says so, and the server is not blamed.
        excel.page.evaluate("() => { delete Excel.createWorkbook }")
        button.click()
        expect(excel.page.locator("#not-opened")).to_have_text(
            "This Excel opens no workbook from here. Download it instead."
        )


# The server


def test_a_server_that_is_well_is_said_to_be(excel: ExcelPage) -> None:
    page = excel.page
    expect(page.locator("#chip")).to_have_text(re.compile(r"✓\s+Server is well"))
    excel.recalculate([("SUCCESS_RATE", [[[place]], [[100]]], "Sheet1!A1") for place in range(30)])
    page.click("#chip")
    expect(page.locator("#verdict")).to_have_text("✓ The server is well")
    expect(page.locator("#tab-server")).to_have_attribute("aria-selected", "true")
    page.click("#check")
    expect(page.locator("#batching")).to_have_text("on: 30 calls in 1 request")
    facts = dict(
        zip(page.locator("#health dt").all_text_contents(), page.locator("#health dd").all_text_contents(), strict=True)
    )
    assert facts["Version"] == __version__
    assert facts["Functions"] == f"{len(FUNCTIONS)} of {len(FUNCTIONS)} loaded"
    assert re.fullmatch(r"\d+ ms", facts["Answers in"])
    assert (facts["Last failed call"], facts["Last server error"]) == ("none", "none")
    assert re.fullmatch(r"\d\d:\d\d:\d\d", facts["Checked at"])
    assert page.get_attribute("#server .note a", "href") == SUPPORT


def test_what_is_not_well_is_told_with_what_it_means(browser: Browser, served: Served) -> None:
    health = json.loads(served.get(f"{served.url}/valuehour/health")[1])
    worse = health | {
        "version": "9.9.9",
        "functions": health["functions"][2:],
        "batching": False,
        "last_error": {"at": "2026-11-20T10:00:00Z", "message": "disk full"},
    }
    with excel_page(browser, served.url, routes={"**/health": lambda route: route.fulfill(json=worse)}) as excel:
        page = excel.page
        page.click("#tab-server")
        page.click("#check")
        expect(page.locator("#chip")).to_have_text(re.compile(r"▲\s+Look at the server"))
        expect(page.locator("#verdict")).to_have_text("▲ The server answers, but")
        expect(page.locator("#advice")).to_have_text(
            "2 functions are not loaded: their cells show #VALUE!. Cells are calculated one by one: same values, but "
            "slowly on large sheets. The server was updated: close and reopen this pane."
        )
        expect(page.locator("#last-error")).to_contain_text("disk full (")


@pytest.mark.parametrize("content", ["<html>Sign in</html>", '{"status": "ok"}', "null"])
def test_something_else_in_the_place_of_the_server_is_told_as_such(
    browser: Browser, served: Served, content: str
) -> None:
    routes = {"**/health": lambda route: route.fulfill(status=200, body=content)}
    with excel_page(browser, served.url, routes=routes) as excel:
        excel.page.click("#tab-server")
        excel.page.click("#check")
        expect(excel.page.locator("#advice")).to_contain_text("(something else answers in its place)")


def test_the_server_is_asked_one_question_at_a_time(browser: Browser, served: Served) -> None:
    waiting: list[Route] = []
    with excel_page(browser, served.url, routes={"**/health": lambda route: waiting.append(route)}) as excel:
        excel.page.click("#tab-server")
        for _ in range(3):
            excel.page.click("#check")
        excel.page.wait_for_timeout(200)
        assert len(waiting) == 1
        waiting[0].continue_()
        expect(excel.page.locator("#verdict")).to_have_text("✓ The server is well")
        excel.page.click("#check")
        while len(waiting) < 2:
            excel.page.wait_for_timeout(10)
        waiting[1].continue_()


def test_a_server_that_goes_away_and_comes_back(browser: Browser) -> None:
    with server() as served, excel_page(browser, served.url) as excel:
        page = excel.page
        page.click("#tab-server")
        served.kill()
        page.click("#check")
        expect(page.locator("#chip")).to_have_text(re.compile(r"✗\s+No server"))
        expect(page.locator("#verdict")).to_have_text("✗ The server cannot be reached")
        expect(page.locator("#advice")).to_contain_text("Check your network or VPN")
        expect(page.locator("#checked")).to_contain_text("last reached")
        # What needs no server still works.
        page.click("#tab-functions")
        item = _open(page, "SUCCESS_RATE")
        item.get_by_text("Insert into the active cell").click()
        expect(item.locator(".done")).to_contain_text("stands in")
        page.click("#tab-workbooks")
        page.locator(".open").first.click()
        expect(page.locator("#not-opened")).to_have_text("The server cannot be reached.")
        # It is noticed without asking that it is back.
        served.start()
        expect(page.locator("#chip")).to_have_text(re.compile(r"✓\s+Server is well"), timeout=20_000)
        expect(page.locator("#advice")).to_be_hidden()


# For everybody


def test_tabs_are_walked_with_the_arrow_keys(excel: ExcelPage) -> None:
    page = excel.page
    page.focus("#tab-functions")
    for key, tab, panel in [
        ("ArrowRight", "workbooks", "workbooks"),
        ("ArrowRight", "server", "server"),
        ("ArrowRight", "functions", "functions"),
        ("ArrowLeft", "server", "server"),
        ("Home", "functions", "functions"),
        ("End", "server", "server"),
    ]:
        page.keyboard.press(key)
        expect(page.locator(f"#tab-{tab}")).to_be_focused()
        assert page.locator("[role=tabpanel]:visible").evaluate_all("panels => panels.map(({ id }) => id)") == [panel]


def test_a_function_is_inserted_with_the_keyboard_alone(excel: ExcelPage) -> None:
    page = excel.page
    page.focus("#search")
    page.keyboard.type("room")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("A1")
    page.keyboard.press("Enter")
    expect(page.locator("details[open] .done")).to_contain_text("=VH.ROOM_TO_IMPROVE(A1,0.9) stands in Sheet1!B2")


def test_a_key_that_is_held_down_overwrites_nothing(excel: ExcelPage) -> None:
    item = _open(excel.page, "SUCCESS_RATE")
    excel.set_cell("B2", "Revenue 2026")
    _field(item, "runs").press("Enter")
    expect(item.locator(".overwrite")).to_be_visible()
    excel.page.keyboard.press("Enter")
    expect(item.locator(".overwrite")).to_be_hidden()
    assert excel.cell("B2") == "Revenue 2026"


def test_what_is_refused_is_said_once_and_at_its_field(excel: ExcelPage) -> None:
    item = _open(excel.page, "SUCCESS_RATE")
    field = _field(item, "runs")
    field.fill("(A1")
    field.press("Enter")
    expect(field).to_be_focused()
    refusal = item.locator(".refusal")
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-errormessage") == refusal.get_attribute("id")
    # Screen readers read out what is written into it, so the same words are not written again at every key.
    refusal.evaluate("""element => {
      globalThis.written = 0;
      new MutationObserver((all) => (written += all.length)).observe(element, { childList: true, characterData: true });
    }""")
    field.press("End")
    field.press_sequentially("+1")
    assert excel.page.evaluate("written") == 0
    field.press(")")
    expect(refusal).to_be_hidden()


def test_what_is_seen_on_a_control_is_what_it_is_called(excel: ExcelPage) -> None:
    """Who speaks to the page says what stands on the buttons (WCAG 2.5.3)."""
    others = excel.page.evaluate("""() => [...document.querySelectorAll("button[aria-label], a[aria-label]")]
      .filter((control) => control.textContent.trim() && !control.matches(".chip"))
      .filter((control) => !control.getAttribute("aria-label").startsWith(control.textContent.trim()))
      .map((control) => control.outerHTML)""")
    assert others == []


def test_a_message_of_the_package_can_be_put_away(excel: ExcelPage) -> None:
    excel.page.evaluate("xlwings.showGlobalError('An upgrade is needed.')")
    alert = excel.page.locator("#global-error-alert")
    expect(alert).to_be_visible()
    assert faults(excel.page) == []
    alert.get_by_role("button", name="Close").click()
    expect(alert).to_be_hidden()


def test_every_control_has_a_name_and_every_id_is_one(excel: ExcelPage) -> None:
    nameless = excel.page.evaluate("""() => [...document.querySelectorAll("input, button, a, [role=tabpanel]")].filter(
      (control) => !(control.labels?.length || control.getAttribute("aria-label") || control.textContent.trim()
        || document.getElementById(control.getAttribute("aria-labelledby")))).map((control) => control.outerHTML)""")
    ids = excel.page.evaluate("() => [...document.querySelectorAll('[id]')].map(({ id }) => id)")
    missing = excel.page.evaluate("""() => [...document.querySelectorAll("[aria-describedby], [aria-controls], label")]
      .map((one) => one.getAttribute("aria-describedby") ?? one.getAttribute("aria-controls") ?? one.htmlFor)
      .filter((id) => !document.getElementById(id))""")
    assert (nameless, missing) == ([], [])
    assert sorted(set(ids)) == sorted(ids)
    assert excel.page.title() == "valuehour"
    assert excel.page.get_attribute("html", "lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 640])
def test_everything_is_legible_in_both_themes_and_every_width(
    browser: Browser, served: Served, scheme: str, width: int
) -> None:
    options: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    routes = {"**/health": lambda route: route.abort()}
    with excel_page(browser, served.url, routes=routes, **options) as excel:
        page = excel.page
        item = _open(page, "PRIORITY_BAND")
        excel.set_cell("B2", "x")
        item.get_by_text("Insert into the active cell").click()
        assert faults(page) == []
        _field(item, "importance").fill("(")
        _field(item, "importance").press("Enter")
        expect(item.locator(".refusal")).to_be_visible()
        assert faults(page) == []
        page.click("#tab-workbooks")
        page.locator(".open").first.click()
        expect(page.locator("#opened")).to_contain_text("✓")
        assert faults(page) == []
        page.click("#tab-server")
        assert faults(page) == []
        page.click("#check")
        expect(page.locator("#verdict")).to_contain_text("cannot be reached")
        assert faults(page) == []


def test_the_page_follows_the_theme_of_excel_and_not_only_that_of_the_system(browser: Browser, served: Served) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    with excel_page(browser, served.url, color_scheme="light") as excel:
        light = excel.page.evaluate(background)
    with excel_page(browser, served.url, color_scheme="dark") as excel:
        dark = excel.page.evaluate(background)
    themed = {"color_scheme": "light", "theme": {"bodyBackgroundColor": "#262626"}}
    with excel_page(browser, served.url, **themed) as excel:
        expect(excel.page.locator("#dark-theme")).to_have_attribute("media", "all")
        assert excel.page.evaluate(background) == dark != light
    themed = {"color_scheme": "dark", "theme": {"bodyBackgroundColor": "#FFFFFF"}}
    with excel_page(browser, served.url, **themed) as excel:
        expect(excel.page.locator("#dark-theme")).to_have_attribute("media", "not all")
        assert excel.page.evaluate(background) == light
        # What the browser draws (scroll bars, the cross of the search) follows, too.
        assert excel.page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"


@pytest.mark.parametrize(("motion", "moves"), [("reduce", False), ("no-preference", True)])
def test_nothing_moves_for_those_who_do_not_want_it(browser: Browser, served: Served, motion: str, moves: bool) -> None:
    with excel_page(browser, served.url, reduced_motion=motion) as excel:
        durations = excel.page.evaluate(
            "() => [...document.querySelectorAll('*')].map((a) => parseFloat(getComputedStyle(a).transitionDuration))"
        )
        assert any(duration > 0 for duration in durations) is moves


# Behind a firewall


def test_no_request_leaves_the_server_not_even_with_the_real_office_js(browser: Browser, served: Served) -> None:
    for office in (True, False):
        with excel_page(browser, served.url, office=office, listen=True) as excel:
            excel.page.wait_for_load_state("networkidle")
            addresses = [request.url for request in excel.requests]
            assert len(addresses) > 40
            assert [address for address in addresses if not address.startswith(f"{served.url}/")] == []
            # Microsoft's script asks for a page of its own; the policy of ours refuses it.
            if not office:
                excel.wait_for_complaint("Framing 'https://telemetryservice.")


def test_outside_excel_the_pane_says_so(browser: Browser, served: Served) -> None:
    # xlwings' own script loads the page again and again where it was to run in Excel and does not.
    with excel_page(browser, served.url, office=False, without="**/taskpane-reload.js") as excel:
        item = _open(excel.page, "SUCCESS_RATE")
        item.get_by_text("Insert into the active cell").click()
        expect(item.locator(".refusal")).to_have_text("Open this page in Excel to insert functions.")
        excel.page.click("#tab-workbooks")
        excel.page.locator(".open").first.click()
        expect(excel.page.locator("#not-opened")).to_have_text("Open this page in Excel, or download the workbook.")


def test_it_works_below_a_path_of_its_own(browser: Browser) -> None:
    below = {"XLWINGS_APP_PATH": "/finance", "XLWINGS_STATIC_URL_PATH": "/finance/static"}
    with server(**below) as served, excel_page(browser, served.url, listen=True) as excel:
        answers, _ = excel.recalculate([("SUCCESS_RATE", [[[88]], [[100]]], "Sheet1!A1")])
        assert answers == [{"value": [[0.88]]}]
        assert excel.posts("/valuehour/batch") == 1
        excel.page.click("#tab-workbooks")
        excel.page.locator(".open").first.click()
        expect(excel.page.locator("#opened")).to_contain_text("✓")
        assert all(request.url.startswith(f"{served.url}/") for request in excel.requests)
        assert excel.complaints == []
