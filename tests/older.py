"""The value model as it was before the first release: the layout of version 0.9.0, from which planners come.

Against the current version: an input was called otherwise (``projected_value``), the table of workflows stood two rows
lower and had no column for evidence, the weights of the allocation were called "Units held", and there was a review
threshold that is gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any
from unittest import mock

from valuehour.models import Catalog
from valuehour.ooxml import Package
from valuehour.workbooks.build import build
from valuehour.workbooks.fill import fill
from valuehour.workbooks.formula import Style
from valuehour.workbooks.look import Look
from valuehour.workbooks.spec import Accepts, Cell, Grid, Sheet, Table, Template
from valuehour.workbooks.templates import TEMPLATES, value_model

VERSION = "0.9.0"
DOWN = 2
_WORDS = (
    ("in_total_value", "in_projected_value"),
    ("live_total_value", "live_projected_value"),
    ("[Weight]", "[Units held]"),
    ("[@Weight]", "[@Units held]"),
)


def _reworded(thing: Any) -> Any:
    if isinstance(thing, str) and not hasattr(thing, "name"):
        for new, old in _WORDS:
            thing = thing.replace(new, old)
        return thing
    if isinstance(thing, tuple):
        return tuple(_reworded(item) for item in thing)
    if isinstance(thing, Mapping):
        return {key: _reworded(value) for key, value in thing.items()}
    if is_dataclass(thing) and not isinstance(thing, type):
        # Any dataclass of a description, which no type names.
        return replace(thing, **{f.name: _reworded(getattr(thing, f.name)) for f in fields(thing)})  # type: ignore[type-var]
    return thing


def _lower(reference: str) -> str:
    return re.sub(r"(?<![\w$])([A-Z]{1,2})(\d+)", lambda m: f"{m[1]}{int(m[2]) + DOWN}", reference)


def _workflows(sheet: Sheet) -> Sheet:
    """Two rows lower, and without the column of evidence."""
    blocks = []
    for block in sheet.blocks:
        if isinstance(block, Table):
            at = next(index for index, column in enumerate(block.columns) if column.head == "Evidence")
            columns = block.columns[:at] + block.columns[at + 1 :]
            after = tuple(row[:at] + row[at + 1 :] for row in block.after)
            blocks.append(replace(block, row=block.row + DOWN, columns=columns, after=after))
        else:
            blocks.append(replace(block, row=block.row + DOWN))
    bars = tuple(replace(bar, where=_lower(bar.where).replace("I", "H")) for bar in sheet.bars)
    return replace(sheet, blocks=tuple(blocks), bars=bars, conditions=())


def _inputs(sheet: Sheet) -> Sheet:
    """With a threshold that the current version does not have."""
    last = max(block.row + len(block.cells) for block in sheet.blocks if isinstance(block, Grid))
    threshold = Cell(
        look=Look.INPUT_FIGURE, name="in_review_threshold", accepts=Accepts(kind="number", minimum=0, title="Review")
    )
    row = (Cell(content="Review threshold", look=Look.LABEL), threshold)
    return replace(sheet, blocks=(*sheet.blocks, Grid(row=last + 1, cells=(row,))))


def template(catalog: Catalog, rows: Mapping[str, int]) -> Template:
    """Describe it."""
    now = value_model.template(catalog, rows)
    old: Template = replace(_reworded(replace(now, rules=())), version=VERSION)
    sheets = []
    for sheet in old.sheets:
        if sheet.name == "Workflows":
            sheet = _workflows(sheet)
        elif sheet.name == "Inputs":
            sheet = _inputs(sheet)
        elif sheet.name == "Allocation":
            sheet = replace(sheet, blocks=tuple(_units_held(block) for block in sheet.blocks))
        elif sheet.name == "About":
            sheet = replace(sheet, blocks=tuple(_dated(block) for block in sheet.blocks))
        sheets.append(sheet)
    return replace(old, sheets=tuple(sheets))


def _units_held(block: Table | Grid) -> Table | Grid:
    if not isinstance(block, Table):
        return block
    return replace(
        block, columns=tuple(replace(c, head="Units held") if c.head == "Weight" else c for c in block.columns)
    )


def _dated(block: Table | Grid) -> Table | Grid:
    if not isinstance(block, Grid):
        return block
    rows = tuple(
        tuple(
            replace(cell, content=VERSION) if cell is not None and cell.name == "valuehour_version" else cell
            for cell in row
        )
        for row in block.cells
    )
    return replace(block, cells=rows)


@contextmanager
def as_it_was() -> Iterator[None]:
    """While this lasts, the value model is the one of version 0.9.0."""
    # The older template takes fewer arguments than today's.
    with mock.patch.dict(TEMPLATES, {value_model.NAME: template}):  # type: ignore[arg-type]
        yield


@cache
def _empty(style: Style) -> bytes:
    with as_it_was():
        return build(value_model.NAME, style=style).to_bytes()


def empty(style: Style = Style.NATIVE) -> Package:
    """The empty workbook of that version."""
    return Package.read(_empty(style), label="empty-0.9.0.xlsx")


def filled(data: Mapping[str, Any], style: Style = Style.NATIVE) -> Package:
    """A workbook of that version, filled."""
    with as_it_was():
        return Package.read(fill(empty(style), data).package.to_bytes(), label="filled-0.9.0.xlsx")


def data_of(current: Mapping[str, Any]) -> dict[str, Any]:
    """What fills the current version, as that version called it; evidence of workflows is lost."""
    inputs = {
        key.replace("total_value", "projected_value") if key.startswith("total_value") else key: value
        for key, value in current["inputs"].items()
    }
    tables = {
        "tblWorkflows": [
            {key: value for key, value in record.items() if key != "evidence"}
            for record in current["tables"]["tblWorkflows"]
        ],
        "tblAllocation": [
            {"units_held" if key == "weight" else key: value for key, value in record.items()}
            for record in current["tables"]["tblAllocation"]
        ],
    }
    return {"template": value_model.NAME, "inputs": inputs, "tables": tables}
