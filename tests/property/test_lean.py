"""What very many new rows change is calculated from a part of the workbook only: never another value for that."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import planners
from valuehour import engine
from valuehour.ooxml import Package, cached, patch_cells, read_cells
from valuehour.workbooks.build import build, formula_values
from valuehour.workbooks.fill import apply, fill
from valuehour.workbooks.formula import Style, tokens
from valuehour.workbooks.lean import FUNCTIONS, grown_sheets, lean_results
from valuehour.workbooks.recalculation import recalculate
from valuehour.workbooks.records import Given, checked
from valuehour.workbooks.templates import TEMPLATES, template

NAME, TABLE = "workflow_outcomes", "tblWorkflows"
EMPTY = build(NAME).to_bytes()
SPEC = template(NAME)

WORDS = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), min_size=1, max_size=20)
WORDS = (WORDS | st.sampled_from(["=A1", "0", "TRUE", "1e3", " a", "#N/A", "<&>", "2026-01-01"])).filter(
    lambda text: "_x" not in text
)
REST = st.fixed_dictionaries(
    {},
    optional={
        "job_to_do": WORDS,
        "success_rule": WORDS,
        "nearest_metric": WORDS,
        "unit": WORDS,
        "importance": st.integers(1, 5),
        "target": st.floats(0, 1),
        "in_scope": st.sampled_from(["yes", "no"]),
    },
)


def registered(names: list[str], rest: list[dict[str, Any]]) -> dict[str, Any]:
    records = [{"workflow": name} | more for name, more in zip(names, rest, strict=False)]
    months = [
        {
            "workflow": names[place],
            "month": f"2026-0{1 + place}-03",
            "cost": 10.5 * place,
            "runs": 7,
            "successes": place,
        }
        for place in range(min(len(records), 6))
    ]
    return {"tables": {TABLE: records, "tblMonths": months}}


def poisoned(package: Package) -> Package:
    """With a wrong value beside every formula."""
    copy = package.copy()
    for sheet in copy.worksheets():
        formulas = [cell.ref for cell in read_cells(copy, sheet) if cell.formula is not None]
        patch_cells(copy, sheet, {ref: cached("poison" if place % 2 else 1e9) for place, ref in enumerate(formulas)})
    return copy


def by_the_whole(package: Package) -> Any:
    """What the engine gives for a whole file."""
    return formula_values(Package.read(engine.recalculate(package.to_bytes())))


@settings(max_examples=10, deadline=None)
@given(
    names=st.lists(WORDS, min_size=14, max_size=40, unique_by=str.casefold),
    rest=st.lists(REST, min_size=40, max_size=40),
    blank=st.sets(st.integers(0, 39), max_size=4),
)
def test_values_are_those_of_the_engine_over_the_whole_workbook(
    names: list[str], rest: list[dict[str, Any]], blank: set[int]
) -> None:
    data = registered(names, rest)
    for place in blank:
        if 6 <= place < len(names):
            data["tables"][TABLE][place].pop("workflow")
    given_data, problems = checked(SPEC, data)
    assert problems == []
    filled = apply(poisoned(Package.read(EMPTY)), given_data, calculate=False).package
    grown = grown_sheets(filled)
    assert [sheet.name for sheet in grown] == ["Workflows"]
    hollow = filled.copy()
    for sheet, part in grown.items():
        hollow.parts[sheet.part] = part.hollow()
    assert lean_results(hollow, grown) is not None
    expected = by_the_whole(filled)
    assert recalculate(filled) == []
    assert [sheet.name for sheet in grown_sheets(filled)] == ["Workflows"], "the rows are still to be written"
    assert formula_values(filled) == expected


def many(count: int = 30) -> Given:
    data = registered([f"Workflow {number}" for number in range(count)], [{"in_scope": "yes", "importance": 2}] * count)
    return checked(SPEC, data)[0]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("SUM(OFFSET(Workflows!G14,0,0,30,1))", 60.0),
        ('SUM(INDIRECT("Workflows!G14:G43"))', 60.0),
        ("SUBTOTAL(9,Workflows!G14:G43)", 60.0),
        ("SUM(Workflows!G14:INDEX(Workflows!G:G,43))", 60.0),
        ("SUM(Workflows!G:G)", 60.0),
        ("SUM(Workflows!G14:G43)", 60.0),
        ("SUM(tblWorkflows[[Importance]:[Target]])", 60.0),
        ("COUNTA(Workflows!14:43)", 90.0),
    ],
)
def test_a_formula_of_a_planner_sees_the_new_rows(formula: str, value: float) -> None:
    package = Package.read(EMPTY)
    planners.add_sheet(package, "Mine", {"A1": (formula, 0.0)})
    filled = apply(package, many()).package
    assert formula_values(filled)["Mine"]["A1"] == value
    assert formula_values(filled) == by_the_whole(filled)


def test_a_formula_beyond_the_engine_keeps_its_value_and_the_rest_is_right() -> None:
    package = Package.read(EMPTY)
    planners.add_sheet(package, "Mine", {"A1": ("[1]Other!A1", 7.0), "A2": ("COUNTA(tblWorkflows[Workflow])", 0.0)})
    done = apply(package, many())
    assert done.kept == ["Mine!A1"]
    assert formula_values(done.package)["Mine"] == {"A1": 7.0, "A2": 30.0}


@pytest.mark.parametrize("style", [Style.LAMBDA, Style.OFFICEJS])
def test_other_styles_have_the_values_of_the_plain_one(style: Style) -> None:
    native = formula_values(apply(Package.read(EMPTY), many()).package)
    other = formula_values(apply(build(NAME, style=style).package, many()).package)
    about = ("About", "Functions")
    assert {name: cells for name, cells in other.items() if name not in about} == {
        name: cells for name, cells in native.items() if name not in about
    }


def test_filling_goes_the_short_way_for_every_template() -> None:
    """A function that the templates use and that is not known to be pure would make filling slow again."""
    used = {
        token.value[:-1].upper().removeprefix("_XLFN.")
        for name in TEMPLATES
        for cells in (build(name).package,)
        for sheet in cells.worksheets()
        for cell in read_cells(cells, sheet)
        if cell.formula is not None
        for token in tokens(f"={cell.formula}")
        if token.type == "FUNC" and token.subtype == "OPEN"
    }
    assert used <= FUNCTIONS


def test_a_second_filling_replaces_what_the_first_one_wrote() -> None:
    first = fill(Package.read(EMPTY), {"tables": {TABLE: [{"workflow": f"W {n}"} for n in range(40)]}}).package
    second = fill(first, {"tables": {TABLE: [{"workflow": f"V {n}", "in_scope": "no"} for n in range(50)]}}).package
    assert formula_values(second) == by_the_whole(second)
    assert formula_values(first) == by_the_whole(first), "the first one stays as it was"
