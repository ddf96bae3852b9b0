"""What the calculation engine hands over is a cell's value, and what it refuses is one line."""

from __future__ import annotations

import datetime
import io

import formualizer
import pytest
from openpyxl import Workbook

from tests.unit.ooxml.handmade import parts, zipped
from valuehour import engine
from valuehour.errors import FormulaError
from valuehour.ooxml import column_letters

OWN_ERRORS = [formualizer.ParserError, formualizer.TokenizerError, formualizer.ExcelEvaluationError, KeyError]


def book(formula: str) -> bytes:
    made = Workbook()
    made.active["A1"] = formula
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("error", OWN_ERRORS)
def test_whatever_the_engine_raises_on_a_workbook_is_one_line(
    error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise error("no\nsuch formula")

    monkeypatch.setattr(formualizer, "recalculate_xlsx_bytes", refuses)
    with pytest.raises(FormulaError, match=r"refuses this workbook: \S*no\S* ?such formula") as caught:
        engine.recalculate(book("=1+1"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"", b"PK\x05\x06", book("=1+("), book("=[9]x!A1")])
def test_a_workbook_that_cannot_be_calculated_is_refused(data: bytes) -> None:
    with pytest.raises(FormulaError, match="refuses this workbook"):
        engine.recalculate(data)


def many(formulas: int) -> bytes:
    """A workbook of so many formulas, a hundred in a row."""
    columns = [column_letters(number) for number in range(1, 101)]
    cells = [f"{columns[place % 100]}{1 + place // 100}" for place in range(formulas)]
    rows = (cells[start : start + 100] for start in range(0, formulas, 100))
    written = ("".join(f'<c r="{ref}"><f>1+1</f></c>' for ref in row) for row in rows)
    data = "".join(f'<row r="{number}">{row}</row>' for number, row in enumerate(written, 1))
    return zipped(parts(f"<sheetData>{data}</sheetData>"))


def test_more_formulas_than_the_engine_takes_are_refused_with_the_number() -> None:
    assert engine.recalculate(many(engine.MAX_FORMULAS))
    with pytest.raises(
        FormulaError, match="it holds more than 100,000 formulas, which is as many as can be calculated"
    ):
        engine.recalculate(many(engine.MAX_FORMULAS + 1))


@pytest.mark.parametrize(
    ("formula", "serial"),
    [
        ("=DATE(1900,1,0)", 0),
        ("=DATE(1900,1,1)", 1),
        ("=DATE(1900,2,28)", 59),
        ("=DATE(1900,3,1)", 61),
        ("=DATE(1900,2,28)+0.75", 59.75),
        ("=DATE(2026,1,1)+TIME(18,30,0)", 46023 + 18.5 / 24),
        ("=TIME(6,0,0)", 0.25),
    ],
)
def test_dates_and_times_are_the_numbers_that_a_cell_holds(formula: str, serial: float) -> None:
    place = ("Sheet", 1, 1)
    assert engine.evaluate(formula, {}) == pytest.approx(serial, abs=1e-9)
    assert engine.evaluate_workbook(book(formula), [place], {})[place] == pytest.approx(serial, abs=1e-9)


def test_a_function_of_ours_gets_times_as_numbers() -> None:
    handed = []
    engine.evaluate("=KEEP(TIME(12,0,0),DATE(2026,1,1)+0.5)", {"KEEP": lambda *cells: handed.extend(cells) or 0})
    assert handed == [0.5, 46023.5]
    assert not any(isinstance(cell, (datetime.date, datetime.time)) for cell in handed)
