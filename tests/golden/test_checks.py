"""Every check of every template is proven by a fault that it must find: what a planner would send on without it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.fillings import FILLINGS
from tests.workbooks import package_of, place
from valuehour.ooxml import Package, Value, entered, format_cell, parse_area, patch_cells
from valuehour.workbooks.fill import apply
from valuehour.workbooks.read import read
from valuehour.workbooks.recalculation import recalculate
from valuehour.workbooks.records import Columns, Given
from valuehour.workbooks.spec import column_keys
from valuehour.workbooks.templates import TEMPLATES, template

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    FILLINGS[name]["template"]: FILLINGS[name]
    for name in ("decision_continuity", "enterprise_grouping", "guide_workflows")
}
Target = str | tuple[str, int, str]
"""A named cell, or table, record (from 0) and column."""
Fault = Mapping[Target, Value] | tuple[str, int]
"""What is typed over cells, a formula among them; or a table and how many rows it has afterwards."""
DRAGGED = ("tblPaths", 7)
"""A table that was dragged longer alone, though another one stands beside it that must be as long."""


def member(number: int, **values: Value) -> dict[Target, Value]:
    """What is typed into a record of the members of the grouping taxonomy."""
    return {("tblMembers", number, key): value for key, value in values.items()}


def split(sheet: str, suffix: str, table: str) -> dict[tuple[str, str], Fault]:
    """The faults of one split of value and rate over the members of a table."""
    return {
        (sheet, "Amounts tie to their total"): {f"out_allocation_total{suffix}": 1.0},
        (sheet, "Amounts equal ALLOCATE_SHARES"): {(table, 0, "amount"): 1.0},
        (sheet, "Rates tie to their total"): {f"out_allocation_total{suffix}_rate": 1.0},
        (sheet, "Rates equal ALLOCATE_SHARES"): {(table, 0, "per_hour"): 1.0},
        (sheet, "Amounts can be split to the unit"): {f"live_units{suffix}": 2e13},
        (sheet, "Rates can be split to the unit"): {f"live_units{suffix}_rate": 2e13},
    }


POSITIVE: dict[tuple[str, str], Fault] = {
    ("Inputs", "Horizon is positive"): {"in_years": 0.0},
    ("Inputs", "Hours per year are positive"): {"in_hours_per_year": -1.0},
    ("Inputs", "Employees are positive"): {"in_employees": 0.0},
    ("Inputs", "Coverage is not above 100%"): {"in_coverage": 1.01},
    ("Inputs", "Measured figures are sourced"): {"in_hours_per_year_source": None},
}
FAULTS: Mapping[str, Mapping[tuple[str, str], Fault]] = {
    "value_model": {
        **POSITIVE,
        ("Inputs", "Uplift factors are positive"): {"in_uplift_k": 0.0},
        ("Inputs", "Every figure is a number"): {"in_total_value_low": "many"},
        ("Inputs", "Low, base and high are in order"): {"in_uplift_k_low": 9.0},
        ("Inputs", "Case is low, base or high"): {"in_case": "best"},
        ("Workflows", "Workflows sum to the total value"): {("tblWorkflows", 0, "value"): 1.0},
        ("Workflows", "Scope marks agree with coverage"): {("tblWorkflows", 0, "in_scope"): "no"},
        ("Workflows", "Workflow rates sum to the rate"): {("tblWorkflows", 0, "per_hour"): 1.0},
        ("Cases", "Results are those of the case shown"): {"out_continuous_rate": 0.5},
        ("Growth", "Rate at horizon is rate × multiplier"): {"out_value_per_hour_at_horizon": 1.0},
        ("Growth", "Earned ≤ highest rate × hours"): {"out_cumulative_value": 1e12},
        ("Allocation", "Dimension is in the catalog"): {"in_dimension": "Regoin"},
        ("Allocation", "Every member is listed once"): {("tblAllocation", 1, "member"): "na"},
        ("Allocation", "Shares do not exceed 100%"): {"in_weight_total": 100.0},
        ("Allocation", "Amounts can be split to the unit"): {"live_units": 2e13},
        ("Allocation", "Amounts tie to the value in scope"): {"out_allocation_total": 1.0},
        ("Allocation", "Amounts equal ALLOCATE_SHARES"): {("tblAllocation", 0, "amount"): 1.0},
    },
    "grouping_taxonomy": {
        **POSITIVE,
        ("Inputs", "Own dimensions have new names"): {
            ("tblOwnDimensions", 0, "dimension"): "Region",
            ("tblOwnDimensions", 0, "structure"): "Own dimensions",
        },
        ("Inputs", "Own dimensions have a structure"): {("tblOwnDimensions", 0, "dimension"): "Clinic"},
        ("Dimensions", "All dimensions fit their list"): {"out_dimensions": 999.0},
        ("Dimensions", "No dimension is above 100%"): member(0, share=0.9),
        ("Members", "Every member is known once"): member(1, member="NA"),
        ("Members", "Every share has its member"): member(150, share=0.1),
        ("Path builder", "Every step of a path fits"): {("tblPathSteps", 0, "member"): "Mars"},
        ("Paths", "Joint shares are within bounds"): {("tblPaths", 0, "joint_share"): 0.99},
        ("Paths", "Every path has its levels"): DRAGGED,
        ("Allocation", "The dimension's members fit"): {"live_members": 99.0},
        ("Allocation", "The dimension is in its list"): {"in_dimension": "Regoin"},
        ("Allocation", "Shares do not exceed 100%"): member(0, share=0.9),
        **split("Allocation", "", "tblAllocation"),
        ("Drill-down", "The parent is allocated"): {"in_drill_member": "Mars"},
        ("Drill-down", "The second dimension differs"): {
            "in_drill_structure": "Organization structure",
            "in_drill_dimension": "Region",
        },
        ("Drill-down", "The parts add up to the parent"): {"out_allocation_total_drill": 7.0},
        ("Drill-down", "The dimension's members fit"): {"live_members_drill": 99.0},
        ("Drill-down", "Shares do not exceed 100%"): {"live_shares_drill": 1.1},
        **split("Drill-down", "_drill", "tblDrillDown"),
        ("Measures", "The measure is in its list"): {"in_measure": "Luck"},
        ("Measures", "Bands are in order"): {("tblBands", 1, "from"): -1e6},
        ("Measures", "Shares do not exceed 100%"): {("tblBands", 0, "share"): 0.9},
        **split("Measures", "_bands", "tblBands"),
    },
    "workflow_outcomes": {
        ("Policy", "Critical is not above healthy"): {"in_critical_below": 0.99},
        ("Policy", "Healthy is at most 100%"): {"in_healthy_at": 1.5},
        ("Workflows", "Every workflow has an importance"): {("tblWorkflows", 0, "importance"): None},
        ("Workflows", "Every workflow has a success rule"): {("tblWorkflows", 0, "success_rule"): None},
        ("Chains", "Every value has its workflow"): {("tblChains", 10, "value"): 5.0},
        ("Months", "Every row has workflow and month"): {("tblMonths", 0, "workflow"): "Suport reply"},
        ("Months", "One row a workflow and month"): {
            ("tblMonths", 100, "workflow"): "Support reply",
            ("tblMonths", 100, "month"): 46_266.0,
        },
        ("Months", "Counts are not above runs"): {("tblMonths", 0, "successes"): 1e9},
        ("Months", "Attempts are not below runs"): {("tblMonths", 0, "attempts"): 1.0},
        ("Outcomes", "The month shown has rows"): {"in_month": 40_000.0},
        ("Results", "Costs of the month tie out"): {("tblResults", 0, "cost"): 1e6},
        ("Results", "Runs of the month tie out"): {("tblResults", 0, "runs"): 1e6},
        ("Results", "Every workflow fits its tables"): ("tblWorkflows", 13),
        ("Outcomes", "Ranked costs are all the costs"): {("tblOutcomes", 0, "cost"): 1e6},
        ("Trends", "The trend's workflow is registered"): {"in_trend_workflow": "Suport reply"},
    },
}
IMPORTED = {"Tie-out", "Breakdown"}
"""Sheets that `valuehour outcomes` fills; their checks are proven with it, in tests/golden/test_outcomes.py."""


def spot(package: Package, target: Target) -> tuple[str, str]:
    """The sheet and cell of a target."""
    if isinstance(target, str):
        return place(package, target)
    name, record, key = target
    table = next(table for table in package.tables() if table.name == name)
    area = parse_area(table.ref)
    column = area.left + column_keys(column.name for column in table.columns).index(key)
    return table.sheet, format_cell(area.top + 1 + record, column)


def spoiled(name: str, fault: Fault) -> Package:
    package = package_of(EXAMPLES[name])
    if fault == DRAGGED:
        table = next(table for table in package.tables() if table.name == DRAGGED[0])
        bottom = parse_area(table.ref).top + DRAGGED[1]
        package.parts[table.part] = re.sub(
            rb'(ref="[A-Z]+\d+:[A-Z]+)\d+"', rb'\g<1>%d"' % bottom, package.parts[table.part]
        )
        patch_cells(package, table.sheet, {f"B{bottom}": entered("Path 7")})
    elif isinstance(fault, tuple):
        table, rows = fault
        key = template(name).table(table).columns[0].key
        return apply(package, Given({}, {table: Columns(rows, {key: [f"Thing {n}" for n in range(rows)]})})).package
    else:
        for target, value in fault.items():
            sheet, ref = spot(package, target)
            patch_cells(package, sheet, {ref: entered(value)})
    recalculate(package)
    return package


@pytest.mark.parametrize(
    ("name", "sheet", "check"), [(name, *check) for name, faults in FAULTS.items() for check in faults]
)
def test_a_check_finds_its_fault_and_names_the_sheet(name: str, sheet: str, check: str) -> None:
    contents = read(spoiled(name, FAULTS[name][sheet, check]))
    rows = {(str(row["sheet"]), str(row["check"])): row for row in contents.tables["tblChecks"]}
    found = rows[sheet, check]
    assert found["status"] == "FAIL", found
    assert found["if_it_fails"]
    assert contents.results["checks_failed"]
    assert not str(contents.results["checks_status"]).startswith("✓")


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_check_is_proven_by_a_fault_and_none_fails_without(name: str) -> None:
    listed = {(str(row["sheet"]), str(row["check"])) for row in read(package_of(EXAMPLES[name])).tables["tblChecks"]}
    assert {check for check in listed if check[0] not in IMPORTED} == FAULTS[name].keys()
    assert not [row["check"] for row in read(package_of(EXAMPLES[name])).tables["tblChecks"] if row["status"] == "FAIL"]
