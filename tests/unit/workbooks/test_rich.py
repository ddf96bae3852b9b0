"""What planners add to a workbook is still there after it was filled, merged and brought to the current version."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests import older, rich, validator
from tests.fillings import FILLINGS
from tests.workbooks import cells_of, package_of, place
from valuehour.ooxml import Package
from valuehour.ooxml.reference import column_letters, parse_area
from valuehour.workbooks.fill import fill
from valuehour.workbooks.lint import lint
from valuehour.workbooks.merge import merge
from valuehour.workbooks.read import read
from valuehour.workbooks.regenerate import regenerate

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    FILLINGS[name]["template"]: FILLINGS[name]
    for name in ("decision_continuity", "enterprise_grouping", "guide_workflows")
}
INPUTS = {
    "value_model": {"total_value": 90_000_000},
    "grouping_taxonomy": {"total_value": 90_000_000},
    "workflow_outcomes": {"expensive_at": 123},
}
MORE = 28
"""Rows by which a table grows here."""

every_template = pytest.mark.parametrize("name", EXAMPLES)
every_kind = pytest.mark.parametrize("kind", rich.KINDS)


def reread(package: Package) -> Package:
    return Package.read(package.to_bytes(), label="after.xlsm")


def records(name: str) -> list[dict[str, Any]]:
    """So many records that the table grows."""
    at = rich.spot(before(name))
    count = at.last - at.top + MORE
    if name == "value_model":
        return [{"workflow": f"Flow {n}", "value": n, "basis": "in total", "in_scope": "yes"} for n in range(count)]
    if name == "grouping_taxonomy":
        own = {"structure": "Organization structure", "dimension": "Team"}
        kept = EXAMPLES[name]["tables"]["tblMembers"]
        return [*kept, *({**own, "member": f"Team {n}"} for n in range(count - len(kept)))]
    return [
        {"workflow": "Support reply", "month": f"{2000 + n // 12}-{n % 12 + 1:02d}-01", "cost": n} for n in range(count)
    ]


@cache
def before(name: str) -> Package:
    return rich.enriched(package_of(EXAMPLES[name]))


@cache
def filled(name: str) -> Package:
    return reread(fill(before(name), {"inputs": INPUTS[name]}).package)


@cache
def grown(name: str) -> Package:
    return reread(fill(before(name), {"tables": {rich.HOMES[name].table: records(name)}}).package)


@cache
def merged(name: str) -> Package:
    return reread(merge([("a.xlsm", before(name)), ("b.xlsx", package_of(second(name)))])[0].package)


def second(name: str) -> dict[str, Any]:
    """Another department's copy, which does not double what the first one holds."""
    tables = {"value_model": {}, "grouping_taxonomy": {}, "workflow_outcomes": {}}[name]
    return {"template": name, "inputs": EXAMPLES[name]["inputs"], "tables": tables}


@cache
def old(name: str) -> Package:
    return rich.enriched(older.filled(older.data_of(EXAMPLES[name])))


@cache
def renewed(name: str) -> Package:
    return reread(regenerate(old(name), empty=older.empty(name))[0])


def lost(kind: str, were: Package, are: Package) -> list[str]:
    """What was there and is not any more, or stands elsewhere."""
    described = rich.KINDS[kind]
    gone = sorted(set(described.parts) - rich.reachable(are))
    for word in described.words:
        where = {name for name, data in were.parts.items() if word in data}
        assert where, word
        if where != {name for name, data in are.parts.items() if word in data}:
            gone.append(word.decode())
    return gone


@every_template
@every_kind
def test_filling_an_input_keeps_the_planners(kind: str, name: str) -> None:
    assert lost(kind, before(name), filled(name)) == []
    for part in rich.KINDS[kind].parts:
        assert filled(name).parts[part] == before(name).parts[part]


@every_template
@every_kind
def test_a_growing_table_keeps_the_planners(kind: str, name: str) -> None:
    assert lost(kind, before(name), grown(name)) == []


@every_template
@every_kind
def test_merging_keeps_the_planners(kind: str, name: str) -> None:
    assert lost(kind, before(name), merged(name)) == []


@every_template
@every_kind
def test_regenerating_keeps_the_planners(kind: str, name: str) -> None:
    assert lost(kind, old(name), renewed(name)) == []


@every_template
def test_filling_an_input_touches_nothing_but_sheets_with_values(name: str) -> None:
    were, are = before(name), filled(name)
    sheets = {sheet.part for sheet in were.worksheets()}
    assert were.parts.keys() == are.parts.keys()
    assert {part for part in were.parts if were.parts[part] != are.parts[part]} <= sheets
    old_cells, new = cells_of(were), cells_of(are)
    assert old_cells.keys() == new.keys()
    assert not [
        ref for ref, cell in old_cells.items() if (cell.formula, cell.style) != (new[ref].formula, new[ref].style)
    ]
    typed = {ref for ref, cell in old_cells.items() if cell.formula is None and cell.value != new[ref].value}
    assert typed == {place(were, f"in_{key}") for key in INPUTS[name]}


@every_template
def test_what_refers_to_a_grown_table_grows_and_what_is_below_moves(name: str) -> None:
    at = rich.spot(before(name))
    last = at.last + MORE
    are = grown(name)
    figures = f"{at.sheet}!${at.figure}${at.first}:${at.figure}${last}"
    assert figures.encode() in are.parts["xl/charts/ours.xml"]
    source = f'ref="{at.left}{at.top}:{at.figure}{last}"'
    assert source.encode() in are.parts["xl/pivotCache/pivotCacheDefinition1.xml"]
    assert {found.name: found.text for found in are.defined_names()}["our_values"] == figures
    sheet = are.parts[are.sheet(at.sheet).part]
    assert f"<xm:f>{at.sheet}!{at.figure}{at.first}:{at.figure}{last}</xm:f>".encode() in sheet
    beside = f"{at.free(0)}{at.first}:{at.free(0)}{last}"
    assert f'<protectedRange sqref="{beside}"'.encode() in sheet
    assert f"<xm:sqref>{beside}</xm:sqref>".encode() in sheet
    drawing = are.parts[f"xl/drawings/{at.sheet.lower()}.xml"]
    rows = [int(row) for row in rich.ROWS.findall(drawing)]
    picture = at.last + 19 + MORE
    assert rows == [at.first + 6, at.first + 9, picture, picture + 3]
    # The threaded comment stands on the first record and the scenario on the second, which stay.
    assert f'ref="{at.figure}{at.first}"'.encode() in are.parts["xl/comments1.xml"]
    assert f'<inputCells r="{at.figure}{at.first + 1}"'.encode() in sheet


@every_template
def test_no_part_of_the_planner_goes_and_those_without_places_keep_their_bytes(name: str) -> None:
    charts = {part for part in older.empty(name).parts if part.startswith("xl/charts/")}
    assert old(name).parts.keys() - charts <= renewed(name).parts.keys()
    for part in ("customXml/item1.xml", "customUI/customUI14.xml", "xl/vbaProject.bin", "xl/media/logo.png"):
        assert renewed(name).parts[part] == old(name).parts[part]


@every_template
def test_what_the_planner_added_follows_the_new_layout(name: str) -> None:
    """Beside the table, on a sheet of their own, in a chart and under a name: all of it refers to the same records."""
    were, are = rich.spot(old(name)), rich.spot(renewed(name))
    cells = cells_of(renewed(name))
    figures = next(table for table in renewed(name).tables() if table.name == are.home.table)
    shift = parse_area(figures.ref).right - parse_area(_table(old(name), are.home.table).ref).right
    beside = column_letters(were.home.free + shift)
    assert cells[are.sheet, f"{beside}{are.top}"].value == "Our factor"
    for row in (are.first, are.first + 1):
        assert cells[are.sheet, f"{beside}{row}"].formula == f"{are.figure}{row}*2"
    first = read(renewed(name)).tables[are.home.table][0]
    assert cells[rich.OWN, "A2"].formula == f"{are.sheet}!{are.left}{are.first}"
    assert cells[rich.OWN, "A2"].value == next(iter(first.values()))
    total = sum(record["value" if name == "value_model" else are.home.figure.lower()] or 0 for record in _records(name))
    assert cells[rich.OWN, "A3"].value == pytest.approx(total, rel=1e-12)
    wanted = f"{are.sheet}!{are.figures(absolute=True)}"
    assert wanted.encode() in renewed(name).parts["xl/charts/ours.xml"]
    assert {found.name: found.text for found in renewed(name).defined_names()}["our_values"] == wanted
    assert (
        cells[are.sheet, f"{are.left}{are.first}"].style
        == cells_of(old(name))[were.sheet, f"{were.left}{were.first}"].style
    )


def _table(package: Package, name: str) -> Any:
    return next(table for table in package.tables() if table.name == name)


def _records(name: str) -> list[dict[str, Any]]:
    return read(renewed(name)).tables[rich.HOMES[name].table]


@pytest.mark.requires_validator
@pytest.mark.parametrize("made", [before, filled, grown, merged, old, renewed])
@every_template
def test_rich_workbooks_open_without_a_repair_prompt(name: str, made: Any, tmp_path: Path) -> None:
    package = made(name)
    package.write(tmp_path / "rich.xlsm")
    assert validator.validate(tmp_path / "rich.xlsm") == []
    assert [str(finding) for finding in lint(package)] == []
