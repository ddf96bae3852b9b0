"""The static site in a real browser: Python runs in the page, and every cell shows what Python says here."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.e2e.browser.cells import formulas
from tests.e2e.browser.legibility import faults
from tests.e2e.wasm.static_site import Opened, opened, served, write
from tests.officejs import agrees, payload
from tests.parity.arguments import calls
from valuehour.catalog import load_catalog
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS
from valuehour.hosts.lite.site import OFFICE_JS

pytestmark = [pytest.mark.requires_browser, pytest.mark.requires_pyodide]

CELLS = 10_000
TAXONOMY = load_catalog().taxonomy()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def excel(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    folder = tmp_path_factory.mktemp("site")
    write(folder, TAXONOMY)
    with served(folder) as url, opened(browser, url) as page:
        page.page.wait_for_selector("#state[data-state=well]")
        yield page


def told(answer: dict[str, Any]) -> list[list[Any]]:
    """The cells that an answer fills."""
    rows = [[{"error": answer["error"]}]] if "error" in answer else answer["value"]
    return [[CellError(cell["error"]) if isinstance(cell, dict) else cell for cell in row] for row in rows]


def wrong(excel: Opened, formulas: Sequence[tuple[str, list[Any], tuple[Any, ...]]]) -> list[str]:
    """Recalculate cells; those that differ from Python. Each is a name, what Excel sends, and the same as cells."""
    cells = [{"id": name, "args": sent, "address": f"A{place}"} for place, (name, sent, _) in enumerate(formulas, 1)]
    answers, _ = excel.recalculate(cells)
    return [
        f"{name}{arguments}: {answer}"
        for (name, _, arguments), answer in zip(formulas, answers, strict=True)
        if not agrees(told(answer), name, arguments, TAXONOMY)
    ]


def test_ten_thousand_cells_show_what_python_says(excel: Opened) -> None:
    cells = formulas(CELLS)
    assert {cell.name for cell in cells} >= {"VALUE_PER_HOUR", "ALLOCATE", "GROUPINGS", "UPLIFT"}
    assert wrong(excel, [(cell.name, cell.call("A1")[1], cell.arguments) for cell in cells]) == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_with_any_arguments(excel: Opened, name: str) -> None:
    tried = calls(name, 100)
    assert len(tried) >= 100
    assert wrong(excel, [(name, payload(name, call.arguments), call.arguments) for call in tried]) == []


def test_a_blank_cell_is_zero_and_an_argument_left_out_is_its_default(excel: Opened) -> None:
    answers, _ = excel.recalculate(
        [
            {"id": "VALUE_PER_HOUR", "args": [[[8760]], [[1]], employees, None], "address": "A1"}
            for employees in (None, [[None]], [[""]], [[0]], [[2]])
        ]
    )
    assert [told(answer) for answer in answers] == [
        [[1]],
        [[CellError.DIV0]],
        [[CellError.DIV0]],
        [[CellError.DIV0]],
        [[0.5]],
    ]


def test_errors_reach_the_functions_as_either_kind_of_object(excel: Opened) -> None:
    values = excel.page.evaluate(
        """async () => {
            const call = (cell) => excel.functions.get("SUCCESS_RATE")([[cell]], [[1]], {});
            const code = async (cell) => { try { return await call(cell); } catch (error) { return error.code; } };
            return [
                await code(new CustomFunctions.Error(CustomFunctions.ErrorCode.notAvailable)),
                await code({ type: "Error", basicType: "Error", basicValue: "#REF!", errorType: "Ref" }),
            ];
        }"""
    )
    assert values == ["#N/A", "#REF!"]


def test_a_call_that_fails_spoils_no_other_cell(excel: Opened) -> None:
    answers, _ = excel.recalculate(
        [
            {"id": "SUCCESS_RATE", "args": [[[1]], [[4]]], "address": "A1"},
            {"id": "SUCCESS_RATE", "args": [[[1, 2], [3]], [[4]]], "address": "A2"},
            {"id": "SUCCESS_RATE", "args": [[[2]], [[4]]], "address": "A3"},
        ]
    )
    assert [answers[0], answers[2]] == [{"value": [[0.25]]}, {"value": [[0.5]]}]
    assert answers[1]["error"] == "#VALUE!"
    assert "rows of equal length" in answers[1]["message"]
    assert any("rows of equal length" in complaint for complaint in excel.complaints)
    excel.complaints.clear()


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_complained_about(excel: Opened) -> None:
    assert excel.abroad == []
    assert excel.complaints == []


def test_the_page_lists_every_function(excel: Opened) -> None:
    text = excel.page.inner_text("body")
    assert all(f"VH.{function.signature}" in text for function in FUNCTIONS.values())
    assert f"Ready: {len(FUNCTIONS)} functions" in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 640])
def test_the_page_is_legible_in_both_themes_and_every_width(excel: Opened, scheme: Any, width: int) -> None:
    before = excel.page.viewport_size
    excel.page.set_viewport_size({"width": width, "height": 800})
    excel.page.emulate_media(color_scheme=scheme)
    ground = excel.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") is (scheme == "light")
    assert faults(excel.page) == []
    excel.page.emulate_media(color_scheme="null")
    excel.page.set_viewport_size(before)


def test_a_hidden_page_whose_timers_stand_still_calculates(excel: Opened) -> None:
    excel.page.evaluate("() => { globalThis.realTimeout = setTimeout; globalThis.setTimeout = () => 0 }")
    answers, _ = excel.recalculate([{"id": "SUCCESS_RATE", "args": [[[1]], [[4]]], "address": "A1"}] * 3)
    excel.page.evaluate("() => { globalThis.setTimeout = globalThis.realTimeout }")
    assert answers == [{"value": [[0.25]]}] * 3


def test_a_site_without_its_functions_says_so_and_cells_are_errors(browser: Browser, tmp_path: Path) -> None:
    write(tmp_path, TAXONOMY)
    (tmp_path / "valuehour.zip").unlink()
    with served(tmp_path) as url, opened(browser, url) as page:
        page.page.wait_for_selector("#state[data-state=down]")
        assert "valuehour.zip: 404" in page.page.inner_text("#state")
        answers, _ = page.recalculate([{"id": "SUCCESS_RATE", "args": [[[1]], [[4]]], "address": "A1"}])
        assert answers[0]["error"] == "#VALUE!"
        assert "404" in answers[0]["message"]


def test_microsofts_own_office_js_knows_every_function_once_the_page_is_read(browser: Browser, tmp_path: Path) -> None:
    write(tmp_path, TAXONOMY)
    (real,) = Path(str(files("xlwings_server"))).glob("static/vendor/office-js/*/dist/office.js")
    with served(tmp_path) as url, opened(browser, url, office=real) as page:
        page.page.wait_for_selector("#state[data-state=well]")
        known = page.page.evaluate("Object.keys(CustomFunctions._association.mappings)")
        assert set(known) == set(FUNCTIONS)


def test_a_network_without_microsoft_is_told_as_such(browser: Browser, tmp_path: Path) -> None:
    write(tmp_path, TAXONOMY)
    with served(tmp_path) as url, opened(browser, url, office=None) as page:
        page.page.wait_for_selector("#state[data-state=down]")
        assert "Office.js" in page.page.inner_text("#state")
        assert page.abroad == [OFFICE_JS]


def test_the_same_site_has_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for folder in ("one", "two"):
        write(tmp_path / folder, TAXONOMY)
        paths = sorted(path for path in (tmp_path / folder).rglob("*") if path.is_file())
        digests.append(
            [(path.relative_to(tmp_path / folder), hashlib.sha256(path.read_bytes()).digest()) for path in paths]
        )
    assert digests[0] == digests[1]
