"""What a workbook of xlwings Lite holds, run in a browser by xlwings' own code for Python in the browser.

The add-in xlwings Lite itself is no public code. Its relative xlwings Wasm is: this loads the workbook's ``main.py``
and calls its functions with the same package xlwings, made of the files that are installed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests import officejs
from tests.browser import chromium
from tests.e2e.wasm.lite_page import NAME, write
from tests.e2e.wasm.static_site import Opened, opened, served
from tests.parity.arguments import calls
from valuehour.catalog import load_catalog
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS

pytestmark = [pytest.mark.requires_browser, pytest.mark.requires_pyodide]

TAXONOMY = load_catalog().taxonomy()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module", params=[None, "https://intranet.example/vh"], ids=["carried", "from a wheel"])
def lite(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Opened]:
    folder = tmp_path_factory.mktemp("lite")
    write(folder, TAXONOMY, url=request.param)
    with served(folder) as url, opened(browser, url, NAME) as page:
        page.page.wait_for_function("document.title !== 'Lite'")
        assert page.page.title() == "ready", page.complaints
        yield page


def test_the_names_in_excel_bring_their_namespace(lite: Opened) -> None:
    names = lite.page.evaluate("meta.functions.map((each) => each.name)")
    assert set(names) == {f"VH.{name}" for name in FUNCTIONS}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_gives_what_python_gives(lite: Opened, name: str) -> None:
    tried = calls(name, 40)
    bodies = [officejs.body(name, officejs.payload(name, call.arguments)) for call in tried]
    results = lite.page.evaluate("bodies => callMany(bodies)", bodies)
    for call, result in zip(tried, results, strict=True):
        assert isinstance(result, list), f"{call}: {result}"
        assert officejs.agrees(told(result), name, call.arguments, TAXONOMY), f"{call}: {result}"


def told(result: list[list[Any]]) -> list[list[Any]]:
    """The cells of a result."""
    types = {name: error for error, name in officejs.ERROR_TYPES.items()}
    return [[types[cell["errorType"]] if isinstance(cell, dict) else cell for cell in row] for row in result]


def test_a_blank_cell_that_may_be_left_out_counts_as_left_out_on_the_web(lite: Opened) -> None:
    """Difference 25: Excel on the web says null for both."""
    given = [[[8760]], [[1]], [[None]], None]
    (result,) = lite.page.evaluate("bodies => callMany(bodies)", [officejs.body("VALUE_PER_HOUR", given)])
    assert result == [[1]]
    assert FUNCTIONS["VALUE_PER_HOUR"].evaluate(8760, 1, None) is CellError.DIV0


def test_nothing_is_loaded_from_elsewhere(lite: Opened) -> None:
    assert lite.abroad == []
