"""Groupings come out of the workbook as the documents define them: shares, paths, exact splits, own dimensions."""

from __future__ import annotations

import copy
import html
import tomllib
from fractions import Fraction
from typing import Any

import pytest

from tests.fillings import SCENARIOS
from tests.further_fillings import LOSS_BY_GROUP, MANY_GROUPS
from tests.golden.test_value_model import allocated, exactly
from tests.workbooks import STYLES, contents_of, package_of
from valuehour import engine
from valuehour.catalog import load_catalog
from valuehour.ooxml import Package, Patch, entered, parse_cell, patch_cells, read_cells
from valuehour.workbooks.data import validate
from valuehour.workbooks.formula import Style
from valuehour.workbooks.read import Contents, read
from valuehour.workbooks.spec import Accepts
from valuehour.workbooks.templates import template

EXAMPLE: dict[str, Any] = tomllib.loads(SCENARIOS.joinpath("enterprise_grouping.toml").read_text("utf-8"))
TOTAL, HOURS = Fraction(88_000_000), 26_280
RATE = TOTAL / HOURS


def example(**inputs: Any) -> dict[str, Any]:
    data = copy.deepcopy(EXAMPLE)
    data["inputs"] = {k: v for k, v in {**data["inputs"], **inputs}.items() if v is not None}
    return data


def failed(contents: Contents) -> set[str]:
    return {str(c["check"]) for c in contents.tables["tblChecks"] if c["status"] == "FAIL"}


def share(dimension: str, member: str) -> Fraction:
    found = next(r for r in EXAMPLE["tables"]["tblMembers"] if (r["dimension"], r["member"]) == (dimension, member))
    return Fraction(str(found["share"]))


@pytest.mark.parametrize("style", STYLES)
def test_the_path_of_the_document_is_worth_the_product_of_its_shares(style: Style) -> None:
    contents = contents_of(EXAMPLE, style)
    path = contents.tables["tblPaths"][0]
    assert path["full_path"] == "EMEA → Enterprise → Product Line A → Sales → Q2 → SLA adherence"
    product = Fraction(1)
    for dimension, member in (
        ("Region", "EMEA"),
        ("Customer segment", "Enterprise"),
        ("Product line", "Product Line A"),
        ("Function", "Sales"),
        ("Quarter", "Q2"),
        ("KPI", "SLA adherence"),
    ):
        product *= share(dimension, member)
    assert path["rests_on"] == "independence"
    assert path["share_of_value"] == exactly(float(product))
    assert path["value"] == exactly(float(TOTAL * product))
    # Q2 has a quarter of the hours: its value is earned in them.
    assert path["share_of_hours"] == 0.25
    assert path["per_hour"] == exactly(float(TOTAL * product / (HOURS / Fraction(4))))
    assert contents.results["checks_failed"] == 0


def test_a_quarter_of_the_value_in_a_quarter_of_the_hours_is_worth_the_total_rate() -> None:
    data = example()
    for member in data["tables"]["tblMembers"]:
        if member["dimension"] == "Quarter":
            member["share"] = 0.25
            member.pop("hours_share", None)
    data["tables"]["tblPaths"] = [{"path": "Second quarter"}]
    data["tables"]["tblPathSteps"] = [
        {"path": "Second quarter", "structure": "Time structure", "dimension": "Quarter", "member": "Q2"}
    ]
    path = contents_of(data).tables["tblPaths"][0]
    assert path["share_of_value"] == path["share_of_hours"] == 0.25
    assert path["per_hour"] == exactly(float(RATE))


def test_a_joint_share_stands_in_for_the_product() -> None:
    path = contents_of(EXAMPLE).tables["tblPaths"][3]
    assert path["product_of_shares"] == exactly(0.42 * 0.55 * 0.5)
    assert (path["rests_on"], path["share_of_value"]) == ("joint share", 0.14)
    assert path["per_hour"] == exactly(float(RATE) * 0.14)


def test_a_joint_share_above_one_of_its_members_is_found() -> None:
    data = example()
    data["tables"]["tblPaths"][3]["joint_share"] = 0.43  # NA alone has 42 %
    contents = contents_of(data)
    assert contents.tables["tblPaths"][3]["rests_on"] == "over its members"
    assert failed(contents) == {"Joint shares are within bounds"}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("total", ["88000000", "100.01", "-77.77", "0.05"])
def test_value_and_rate_are_split_exactly_over_members_and_within_one_of_them(style: Style, total: str) -> None:
    contents = contents_of(example(total_value=float(total)), style)
    weights = [42, 7, 31, 15]
    value, rate = Fraction(total), Fraction(total) / HOURS
    rows = contents.tables["tblAllocation"][:4]
    assert [r["member"] for r in rows] == ["NA", "LATAM", "EMEA", "APAC"]
    for column, whole in (("amount", value), ("per_hour", rate)):
        expected = allocated(whole, weights, 100, 2)
        assert [r[column] for r in rows] == [float(part) for part in expected]
        emea = expected[2]
        inside = allocated(emea, [18, 27, 55], 100, 2) if emea else [Fraction(0)] * 3
        assert [r[column] for r in contents.tables["tblDrillDown"][:3]] == [float(part) for part in inside]
        assert sum(inside) == emea
        bands = allocated(whole, [8, 17, 40, 30], 100, 2)
        assert [r[column] for r in contents.tables["tblBands"]] == [float(part) for part in bands]
    assert contents.results["allocation_total"] == round(float(total), 2)
    assert contents.results["allocation_total_rate"] == exactly(round(float(rate), 2))
    assert contents.results["checks_failed"] == 0


def test_members_of_time_show_what_their_own_hours_are_worth() -> None:
    contents = contents_of(example(structure="Time structure", dimension="Quarter", drill_member="Q4"))
    rows = contents.tables["tblAllocation"][:4]
    assert [r["share_of_hours"] for r in rows] == [0.25] * 4
    assert rows[3]["in_its_hours"] == exactly(rows[3]["amount"] / (HOURS / 4))
    inside = contents.tables["tblDrillDown"][2]
    assert inside["in_its_hours"] == exactly(inside["amount"] / (HOURS / 4))


def test_what_nobody_owns_is_a_line_of_its_own() -> None:
    results = contents_of(EXAMPLE).results
    assert results["unallocated"] == 4_400_000
    assert results["allocated"] + results["unallocated"] == 88_000_000
    assert results["unallocated_share"] == exactly(0.05)
    assert results["unallocated_bands"] == 4_400_000


def test_every_dimension_of_the_catalog_is_listed_under_its_structure() -> None:
    catalog = load_catalog()
    listed = [(r["structure"], r["dimension"]) for r in contents_of(EXAMPLE).tables["tblDimensions"] if r["dimension"]]
    assert listed == list(catalog.taxonomy())


def test_known_members_stand_in_the_empty_template() -> None:
    catalog = load_catalog()
    members = [
        (r["dimension"], r["member"]) for r in contents_of({"template": "grouping_taxonomy"}).tables["tblMembers"]
    ]
    assert members == [(d.name, member) for d in catalog.dimensions for member in d.member_names]
    assert len(members) > 50


def test_dimensions_of_ones_own_stand_behind_those_of_their_structure() -> None:
    contents = contents_of(LOSS_BY_GROUP)
    rows = [r for r in contents.tables["tblDimensions"] if r["dimension"]]
    structures = [r["structure"] for r in rows]
    assert len(rows) == 212 + 5
    # Each structure's rows stand together, or the dropdown would miss some.
    assert [s for i, s in enumerate(structures) if i == 0 or structures[i - 1] != s] == list(dict.fromkeys(structures))
    place = {r["dimension"]: i for i, r in enumerate(rows)}
    for own, structure in (
        ("Clinic", "Organization structure"),
        ("Tide", "Time structure"),
        ("Memory", "Knowledge compounding lenses"),
    ):
        assert rows[place[own]]["structure"] == structure
        assert rows[place[own] + 1]["structure"] != structure
    assert [r["dimension"] for r in rows[-2:]] == ["Mood", "Weather"]
    assert rows[place["Tide"]]["divides_hours"] == "yes"
    assert contents.results["checks_failed"] == 0


def choices(package: Package, sheet: str, source: str) -> list[str]:
    """What a dropdown offers: its formula, calculated in a cell of the sheet."""
    copied = package.copy()
    patch_cells(copied, sheet, {"AZ1": Patch(formula=f'_xlfn.TEXTJOIN("|",TRUE,{source})', value="")})
    calculated = Package.read(engine.recalculate(copied.to_bytes()))
    return next(str(c.value) for c in read_cells(calculated, sheet) if c.ref == "AZ1").split("|")


def source_of(table: str, column: str) -> str:
    accepts = next(c.accepts for c in template("grouping_taxonomy").table(table).columns if c.key == column)
    assert isinstance(accepts, Accepts)
    assert accepts.source is not None
    return accepts.source


def test_the_dropdowns_depend_on_each_other() -> None:
    package = package_of(LOSS_BY_GROUP)
    steps = template("grouping_taxonomy").table("tblPathSteps")
    first = steps.row + 1
    dimensions = choices(package, "Path builder", source_of("tblPathSteps", "dimension").replace("{row}", str(first)))
    assert dimensions == ["Mood", "Weather"]
    members = choices(package, "Path builder", source_of("tblPathSteps", "member").replace("{row}", str(first)))
    # In the order of the rows, though other members stand between them.
    assert members == ["Good", "Bad", "Absent", "Even"]
    quarter = choices(
        package_of(EXAMPLE), "Path builder", source_of("tblPathSteps", "member").replace("{row}", str(first + 4))
    )
    assert quarter == ["Q1", "Q2", "Q3", "Q4"]


def test_a_dropdown_of_a_table_looks_at_its_own_row() -> None:
    package = package_of(EXAMPLE)
    text = package.parts[package.sheet("Path builder").part].decode()
    steps = template("grouping_taxonomy").table("tblPathSteps")
    expected = source_of("tblPathSteps", "member").replace("{row}", str(steps.row + 1))
    assert expected in html.unescape(text)
    assert f'sqref="E{steps.row + 1}:E{steps.row + steps.rows}"' in text


def test_shares_over_all_are_found_and_still_split_without_an_error() -> None:
    contents = contents_of(MANY_GROUPS)
    assert {"No dimension is above 100%", "Shares do not exceed 100%"} <= failed(contents)
    status = {r["dimension"]: r["status"] for r in contents.tables["tblDimensions"]}
    assert (status["Team"], status["Dimension 3"], status["Region"]) == ("over 100%", "part unallocated", None)
    assert contents.results["allocation_total"] == round(987_654_321.0987, 4)


def edited(cells: dict[tuple[str, str], Any]) -> Contents:
    """The example after somebody typed into cells."""
    package = package_of(EXAMPLE)
    for (sheet, ref), value in cells.items():
        patch_cells(package, sheet, {ref: entered(value)})
    return read(Package.read(engine.recalculate(package.to_bytes())))


def cell(table: str, row: int, column: str) -> tuple[str, str]:
    spec = template("grouping_taxonomy")
    sheet = next(s for s in spec.sheets if any(getattr(b, "name", None) == table for b in s.blocks))
    described = spec.table(table)
    index = [c.key for c in described.columns].index(column)
    left = parse_cell(f"{described.column}1")[1]
    return sheet.name, f"{chr(ord('A') + left + index - 1)}{described.row + row}"


@pytest.mark.parametrize(
    ("place", "value", "check"),
    [
        (("tblMembers", 1, "dimension"), "Regoin", "Every member is known once"),
        (("tblMembers", 1, "structure"), "Time structure", "Every member is known once"),
        (("tblMembers", 2, "member"), "NA", "Every member is known once"),
        (("tblMembers", 1, "share"), 0.9, "No dimension is above 100%"),
        (("tblMembers", 90, "share"), 0.1, "Every share has its member"),
        (("tblPathSteps", 1, "member"), "EMAE", "Every step of a path fits"),
        (("tblPathSteps", 1, "path"), "Nowhere", "Every step of a path fits"),
        (("tblPathSteps", 2, "dimension"), "Region", "Every step of a path fits"),
        (("tblBands", 2, "from"), 99.5, "Bands are in order"),
        (("tblBands", 2, "share"), 0.9, "Shares do not exceed 100%"),
    ],
)
def test_what_does_not_fit_is_found(place: tuple[str, int, str], value: Any, check: str) -> None:
    contents = edited({cell(*place): value})
    assert check in failed(contents)
    remedies = {c["check"]: c["if_it_fails"] for c in contents.tables["tblChecks"]}
    assert remedies[check]


def test_a_ninth_level_is_found() -> None:
    row = len(EXAMPLE["tables"]["tblPathSteps"])
    cells: dict[tuple[str, str], Any] = {}
    for number in range(1, 4):
        cells[cell("tblPathSteps", row + number, "path")] = "EMEA enterprise, Q2"
        cells[cell("tblPathSteps", row + number, "dimension")] = ("Channel", "Labor type", "Artifact type")[number - 1]
        cells[cell("tblPathSteps", row + number, "member")] = ("Direct", "Partner", "Summary")[number - 1]
    contents = edited(cells)
    assert contents.tables["tblPathSteps"][-1]["fits"] == "too deep"
    assert "Every step of a path fits" in failed(contents)


@pytest.mark.parametrize(
    ("change", "where", "found"),
    [
        (lambda d: d["inputs"].update(dimension="Regoin"), "inputs.dimension", "Regoin"),
        (lambda d: d["inputs"].update(structure="Time structure"), "inputs.dimension", "not in 'Time structure'"),
        (lambda d: d["tables"]["tblMembers"][0].update(dimension="Planet"), "tables.tblMembers.0.dimension", "Planet"),
        (lambda d: d["tables"]["tblMembers"][1].update(member="NA"), "tables.tblMembers.1.member", "twice"),
        (lambda d: d["tables"]["tblPathSteps"][0].update(member="Mars"), "tables.tblPathSteps.0.member", "Mars"),
        (lambda d: d["tables"]["tblPathSteps"][0].update(path="X"), "tables.tblPathSteps.0.path", "X"),
        (
            lambda d: d["tables"].update(tblOwnDimensions=[{"dimension": "Region", "structure": "Own dimensions"}]),
            "tables.tblOwnDimensions.0.dimension",
            "listed already",
        ),
        (
            lambda d: d["tables"].update(tblOwnDimensions=[{"dimension": "Clinic*", "structure": "Own dimensions"}]),
            "tables.tblOwnDimensions.0.dimension",
            "Clinic*",
        ),
        (
            lambda d: d["tables"].update(tblOwnDimensions=[{"dimension": "Clinic"}]),
            "tables.tblOwnDimensions.0.structure",
            "missing",
        ),
    ],
)
def test_names_that_refer_to_nothing_are_refused_with_their_place(change: Any, where: str, found: str) -> None:
    data = example()
    change(data)
    _, problems = validate(template("grouping_taxonomy"), data)
    # What follows from it (a step whose member is gone) comes after it.
    assert str(problems[0].where) == where
    assert found in problems[0].found
