"""The templates as they were before the first release: the layouts of version 0.9.0, from which planners come.

Against the current version: an input was called otherwise, a table stood two rows lower and had one column less, a
column of another table was called otherwise, and there was a review threshold that is gone. The workflow outcomes had
no sheet Trends, which carries a chart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any
from unittest import mock

from valuehour.models import Catalog
from valuehour.ooxml import Package
from valuehour.workbooks.build import build
from valuehour.workbooks.fill import fill
from valuehour.workbooks.formula import Style
from valuehour.workbooks.look import Look
from valuehour.workbooks.migrations import MIGRATIONS
from valuehour.workbooks.spec import Accepts, Cell, Content, Grid, Sheet, Table, Template, column_key
from valuehour.workbooks.templates import TEMPLATES, grouping_taxonomy, value_model, workflow_outcomes

VERSION = "0.9.0"
DOWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """How one template was; all that is not named here was as it is."""

    inputs: Mapping[str, str]
    """Stems of cell names that changed (``total_value``): new to old."""
    head: tuple[str, str, str]
    """A table, the head of a column of it, and what that was called."""
    lower: str
    """The sheet that stood lower."""
    without: tuple[str, str]
    """A table, and the head of the column that it did not have."""
    instead: str | None = None
    """The column of the same table that formulas took instead."""
    threshold: str
    """The sheet that had the review threshold."""
    missing: str | None = None
    """The sheet that there was not."""

    def words(self) -> dict[str, str]:
        """What formulas and names are called now, and were called then."""
        table, new, old = self.head
        found = {f"{kind}_{a}": f"{kind}_{b}" for a, b in self.inputs.items() for kind in ("in", "live")}
        found |= {f"{table}[{new}]": f"{table}[{old}]"}
        if self.instead is not None:
            found[f"{self.without[0]}[{self.without[1]}]"] = f"{self.without[0]}[{self.instead}]"
        return found


PAST: Mapping[str, Past] = {
    value_model.NAME: Past(
        inputs={"total_value": "projected_value"},
        head=("tblAllocation", "Weight", "Units held"),
        lower="Workflows",
        without=("tblWorkflows", "Evidence"),
        threshold="Inputs",
    ),
    grouping_taxonomy.NAME: Past(
        inputs={"drill_member": "drill_into"},
        head=("tblBands", "From", "Lower bound"),
        lower="Measures",
        without=("tblOwnDimensions", "Definition"),
        instead="Structure",
        threshold="Inputs",
    ),
    workflow_outcomes.NAME: Past(
        inputs={"healthy_at": "healthy_from"},
        head=("tblMonths", "Manual reviews", "Reviews by hand"),
        lower="Chains",
        without=("tblChains", "Proxy"),
        threshold="Policy",
        missing="Trends",
    ),
}


# The description ----------------------------------------------------------------------------------------------


def _reworded(thing: Any, words: Mapping[str, str]) -> Any:
    if isinstance(thing, str) and not hasattr(thing, "name"):
        for new, old in words.items():
            thing = thing.replace(new, old)
        return thing
    if isinstance(thing, tuple):
        return tuple(_reworded(item, words) for item in thing)
    if isinstance(thing, Mapping):
        return {key: _reworded(value, words) for key, value in thing.items()}
    if is_dataclass(thing) and not isinstance(thing, type):
        # Any dataclass of a description, which no type names.
        return replace(thing, **{f.name: _reworded(getattr(thing, f.name), words) for f in fields(thing)})  # type: ignore[type-var]
    return thing


def _lower(reference: str) -> str:
    return re.sub(r"(?<![\w$])([A-Z]{1,2})(\d+)", lambda m: f"{m[1]}{int(m[2]) + DOWN}", reference)


def _lowered(sheet: Sheet) -> Sheet:
    """Two rows lower."""
    blocks = tuple(replace(block, row=block.row + DOWN) for block in sheet.blocks)
    bars = tuple(replace(bar, where=_lower(bar.where)) for bar in sheet.bars)
    ranges = {name: _lower(where) for name, where in sheet.ranges.items()}
    return replace(sheet, blocks=blocks, bars=bars, ranges=ranges, conditions=())


def _without(sheet: Sheet, table: str, head: str) -> Sheet:
    """Without a column of a table."""
    blocks = []
    for block in sheet.blocks:
        if isinstance(block, Table) and block.name == table:
            at = next(index for index, column in enumerate(block.columns) if column.head == head)
            columns = block.columns[:at] + block.columns[at + 1 :]
            after = tuple(row[:at] + row[at + 1 :] for row in block.after)
            key = column_key(head)
            prefilled = tuple({k: v for k, v in record.items() if k != key} for record in block.prefilled)
            block = replace(block, columns=columns, after=after, prefilled=prefilled)
        blocks.append(block)
    return replace(sheet, blocks=tuple(blocks), conditions=(), bars=())


def _with_threshold(sheet: Sheet) -> Sheet:
    """With a threshold that the current version does not have."""
    last = max(
        block.row + (len(block.cells) if isinstance(block, Grid) else block.rows + len(block.after))
        for block in sheet.blocks
    )
    threshold = Cell(
        look=Look.INPUT_FIGURE, name="in_review_threshold", accepts=Accepts(kind="number", minimum=0, title="Review")
    )
    row = (Cell(content="Review threshold", look=Look.LABEL), threshold)
    return replace(sheet, blocks=(*sheet.blocks, Grid(row=last + 2, cells=(row,))))


def _renamed_head(sheet: Sheet, table: str, new: str, old: str) -> Sheet:
    def changed(block: Table | Grid) -> Table | Grid:
        if not isinstance(block, Table) or block.name != table:
            return block
        columns = tuple(
            replace(
                c,
                head=old if c.head == new else c.head,
                formula=c.formula and c.formula.replace(f"@{new}]", f"@{old}]"),
            )
            for c in block.columns
        )
        key = column_key(new)
        prefilled = tuple({column_key(old) if k == key else k: v for k, v in r.items()} for r in block.prefilled)
        return replace(block, columns=columns, prefilled=prefilled)

    return replace(sheet, blocks=tuple(changed(block) for block in sheet.blocks))


def _about(sheet: Sheet, missing: str | None) -> Sheet:
    """The version, and an index without the sheet that there was not."""

    def changed(block: Table | Grid) -> Table | Grid:
        if not isinstance(block, Grid):
            return block
        rows = tuple(
            tuple(
                replace(cell, content=VERSION) if cell is not None and cell.name == "valuehour_version" else cell
                for cell in row
            )
            for row in block.cells
            if not any(cell is not None and cell.link is not None and cell.link[0] == missing for cell in row)
        )
        return replace(block, cells=rows)

    return replace(sheet, blocks=tuple(changed(block) for block in sheet.blocks))


def _checks(sheet: Sheet, gone: Sheet) -> Sheet:
    """Without the checks that look at the sheet that there was not."""
    words = {
        cell.name for block in gone.blocks if isinstance(block, Grid) for row in block.cells for cell in row if cell
    }
    words |= {block.name for block in gone.blocks if isinstance(block, Table)}

    def stays(record: Mapping[str, Content]) -> bool:
        return record["sheet"] != gone.name and not any(word and word in str(record.values()) for word in words)

    def changed(block: Table | Grid) -> Table | Grid:
        if not isinstance(block, Table):
            return block
        records = tuple(record for record in block.records if stays(record))
        return replace(block, records=records, rows=len(records))

    return replace(sheet, blocks=tuple(changed(block) for block in sheet.blocks))


def template(name: str, catalog: Catalog, rows: Mapping[str, int]) -> Template:
    """Describe it."""
    past = PAST[name]
    now = _NOW[name](catalog, rows)
    old: Template = replace(_reworded(replace(now, rules=()), past.words()), version=VERSION)
    gone = next((sheet for sheet in old.sheets if sheet.name == past.missing), None)
    sheets = []
    for sheet in old.sheets:
        if sheet is gone:
            continue
        if sheet.name == "About":
            sheet = _about(sheet, past.missing)
        if sheet.name == "Checks" and gone is not None:
            sheet = _checks(sheet, gone)
        if any(isinstance(block, Table) and block.name == past.without[0] for block in sheet.blocks):
            sheet = _without(sheet, *past.without)
        sheet = _renamed_head(sheet, *past.head)
        if sheet.name == past.threshold:
            sheet = _with_threshold(sheet)
        if sheet.name == past.lower:
            sheet = _lowered(sheet)
        sheets.append(sheet)
    return replace(old, sheets=tuple(sheets))


_NOW = dict(TEMPLATES)


# The workbooks ------------------------------------------------------------------------------------------------


@contextmanager
def as_it_was(name: str) -> Iterator[None]:
    """While this lasts, a template is the one of version 0.9.0."""

    def older(catalog: Catalog, rows: Mapping[str, int]) -> Template:
        return template(name, catalog, rows)

    with mock.patch.dict(TEMPLATES, {name: older}):  # type: ignore[arg-type]
        yield


@cache
def _empty(name: str, style: Style) -> bytes:
    with as_it_was(name):
        return build(name, style=style).to_bytes()


def empty(name: str = value_model.NAME, style: Style = Style.NATIVE) -> Package:
    """The empty workbook of that version."""
    return Package.read(_empty(name, style), label="empty-0.9.0.xlsx")


def filled(data: Mapping[str, Any], style: Style = Style.NATIVE) -> Package:
    """A workbook of that version, filled."""
    with as_it_was(data["template"]):
        blank = empty(data["template"], style)
        return Package.read(fill(blank, data).package.to_bytes(), label="filled-0.9.0.xlsx")


def data_of(current: Mapping[str, Any]) -> dict[str, Any]:
    """What fills the current version, as that version called it; what it had no place for is lost."""
    name = current["template"]
    past = PAST[name]
    gone = _gone_inputs(name)
    tables = {
        table: [
            {
                column_key(past.head[2]) if (table, key) == (past.head[0], column_key(past.head[1])) else key: value
                for key, value in record.items()
                if (table, key) != (past.without[0], column_key(past.without[1]))
            }
            for record in records
        ]
        for table, records in current["tables"].items()
    }
    inputs = {_called(key, past): value for key, value in current["inputs"].items() if key not in gone}
    return {"template": name, "inputs": inputs, "tables": tables}


def carried(current: Mapping[str, Any]) -> dict[str, Any]:
    """What is left of it in the current version."""
    past = PAST[current["template"]]
    gone = _gone_inputs(current["template"])
    tables = {
        table: [
            {k: v for k, v in record.items() if (table, k) != (past.without[0], column_key(past.without[1]))}
            for record in records
        ]
        for table, records in current["tables"].items()
    }
    inputs = {key: value for key, value in current["inputs"].items() if key not in gone}
    return {"template": current["template"], "inputs": inputs, "tables": tables}


def _called(key: str, past: Past) -> str:
    for new, old in past.inputs.items():
        if key == new or key.startswith(f"{new}_"):
            return old + key.removeprefix(new)
    return key


def _gone_inputs(name: str) -> set[str]:
    """The inputs of the sheet that there was not."""
    from valuehour.catalog import load_catalog

    missing = PAST[name].missing
    sheets = [sheet for sheet in _NOW[name](load_catalog(), {}).sheets if sheet.name == missing]
    return {
        cell.name.removeprefix("in_")
        for sheet in sheets
        for block in sheet.blocks
        if isinstance(block, Grid)
        for row in block.cells
        for cell in row
        if cell is not None and cell.name is not None and cell.name.startswith("in_")
    }


assert all(VERSION in MIGRATIONS[name] for name in PAST)
