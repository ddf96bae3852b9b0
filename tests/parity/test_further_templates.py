"""The further templates at their edges: Python gives every function result that stands in them."""

from __future__ import annotations

import pytest

from tests.further_fillings import FURTHER
from tests.workbooks import STYLES, package_of
from valuehour.workbooks.formula import Style
from valuehour.workbooks.verify import verify


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", FURTHER)
def test_python_gives_every_function_result_and_no_cell_holds_an_error(name: str, style: Style) -> None:
    verdict = verify(package_of(FURTHER[name], style))
    assert verdict.differences == ()
    assert verdict.function_cells > 50
