"""The checks of the value model: what must hold before a number leaves the workbook."""

from __future__ import annotations

from valuehour.workbooks.spec import Check
from valuehour.workbooks.templates.phrases import in_years
from valuehour.workbooks.templates.value_model import workflows
from valuehour.workbooks.templates.value_model.cases import BASE, HIGH, INPUT_ROW, LIVE, LOW, RESULT_ROW
from valuehour.workbooks.templates.value_model.inputs import WITH_CASES

# Horizon, hours and people may run against the value: fewer of them make an hour worth more.
_ORDERED = (
    "total_value",
    "coverage",
    "uplift_k",
    "uplift_p",
    "uplift_c",
    "discrete_growth_rate",
    "flywheel_growth_rate",
)


def _live(name: str) -> str:
    return f"Cases!{LIVE}{RESULT_ROW[name]}"


def _out_of_order() -> str:
    return "+".join(
        f"(Cases!{LOW}{INPUT_ROW[name]}>Cases!{BASE}{INPUT_ROW[name]})"
        f"+(Cases!{BASE}{INPUT_ROW[name]}>Cases!{HIGH}{INPUT_ROW[name]})"
        for name in _ORDERED
    )


def _unsourced() -> str:
    return "+".join(
        f'(in_{item.name}_status="measured")*((COUNTA(in_{item.name}_source)=0)+(COUNT(in_{item.name}_date)=0)>0)'
        for item in WITH_CASES
    )


FILLED = "(COUNTA(in_total_value)>0)*(COUNTA(in_years)>0)>0"
CONTEXT = (
    'IF(COUNTA(in_model_name)=0,"template",in_model_name)&" · "&in_currency&'
    f'IF(out_filled=0,""," · "&{in_years("live_years")}&" · "&in_case)'
)

CHECKS = (
    Check(
        label="Horizon is positive",
        sheet="Inputs",
        found="live_years",
        relation=">",
        expected="0",
        remedy="Enter a horizon above zero on Inputs",
    ),
    Check(
        label="Hours per year are positive",
        sheet="Inputs",
        found="live_hours_per_year",
        relation=">",
        expected="0",
        remedy="Enter the hours per year on Inputs",
    ),
    Check(
        label="Employees are positive",
        sheet="Inputs",
        found="live_employees",
        relation=">",
        expected="0",
        remedy="Enter at least one employee on Inputs",
    ),
    Check(
        label="Coverage is not above 100%",
        sheet="Inputs",
        found="live_coverage",
        relation="≤",
        expected="1",
        tolerance="share",
        remedy="Enter the coverage as a share from 0% to 100%",
    ),
    Check(
        label="Uplift factors are positive",
        sheet="Inputs",
        found="MIN(live_uplift_k,live_uplift_p,live_uplift_c)",
        relation=">",
        expected="0",
        remedy="Enter factors above zero, 1.00 for none",
    ),
    Check(
        label="Every figure is a number",
        sheet="Inputs",
        found="+".join(
            f"COUNTA(in_{item.name}_low,in_{item.name},in_{item.name}_high)"
            f"-COUNT(in_{item.name}_low,in_{item.name},in_{item.name}_high)"
            for item in WITH_CASES
        ),
        relation="=",
        expected="0",
        remedy="Type the figures as numbers, without words or units",
    ),
    Check(
        label="Low, base and high are in order",
        sheet="Inputs",
        found=_out_of_order(),
        relation="=",
        expected="0",
        remedy="Put the smaller figure under Low, the larger under High",
    ),
    Check(
        label="Measured figures are sourced",
        sheet="Inputs",
        found=_unsourced(),
        relation="=",
        expected="0",
        remedy="Enter source and date, or set the figure to assumed",
    ),
    Check(
        label="Case is low, base or high",
        sheet="Inputs",
        found='(in_case="low")+(in_case="base")+(in_case="high")',
        relation="=",
        expected="1",
        remedy="Choose the case from its list on Inputs",
    ),
    Check(
        label="Workflows sum to the total value",
        sheet="Workflows",
        found="out_workflows_value",
        relation="=",
        expected="live_total_value",
        applies=f"SUM({workflows.TABLE}[Value])<>0",
        remedy="Adjust the values, or add a row that names the rest",
    ),
    Check(
        label="Scope marks agree with coverage",
        sheet="Workflows",
        found="out_scope_share",
        relation="=",
        expected="live_coverage",
        applies=f"SUM({workflows.TABLE}[Value])<>0",
        remedy="Set coverage on Inputs to the share marked in scope",
    ),
    Check(
        label="Workflow rates sum to the rate",
        sheet="Workflows",
        found="out_workflows_per_hour",
        relation="=",
        expected="out_value_per_hour",
        applies=f"SUM({workflows.TABLE}[Value])<>0",
        remedy="Follows from the two checks above",
    ),
    Check(
        label="Results are those of the case shown",
        sheet="Cases",
        found="+".join(f"ABS(out_{name}-{_live(name)})" for name in RESULT_ROW),
        relation="=",
        expected="0",
        remedy="A formula was changed: rebuild the workbook",
    ),
    Check(
        label="Rate at horizon is rate × multiplier",
        sheet="Growth",
        found="out_value_per_hour_at_horizon",
        relation="=",
        expected="out_value_per_hour*out_uplift_multiplier",
        remedy="A formula was changed: rebuild the workbook",
    ),
    Check(
        label="Earned ≤ highest rate × hours",
        sheet="Growth",
        found="out_cumulative_value",
        relation="≤",
        expected="MAX(out_value_per_hour,out_value_per_hour_at_horizon)*out_hours",
        remedy="A formula was changed: rebuild the workbook",
    ),
    Check(
        label="Dimension is in the catalog",
        sheet="Allocation",
        found="COUNTIF(lst_dimensions,in_dimension)",
        relation="=",
        expected="1",
        applies="COUNTA(in_dimension)>0",
        remedy="Choose the dimension from its list",
    ),
    Check(
        label="Every member is listed once",
        sheet="Allocation",
        found='COUNTIF(tblAllocation[Times],">1")',
        relation="=",
        expected="0",
        applies="out_members>0",
        remedy="Put a member's weights into one row on Allocation",
    ),
    Check(
        label="Shares do not exceed 100%",
        sheet="Allocation",
        found="live_shares",
        relation="≤",
        expected="1",
        applies="out_members>0",
        tolerance="share",
        remedy="Lower the weights or raise the weight in scope",
    ),
    Check(
        label="Amounts can be split to the unit",
        sheet="Allocation",
        found="live_units",
        relation="≤",
        expected="policy_units_most",
        applies="out_members>0",
        tolerance="share",
        remedy="Use fewer decimals of amounts on Inputs",
    ),
    Check(
        label="Amounts tie to the value in scope",
        sheet="Allocation",
        found="out_allocation_total",
        relation="=",
        expected="ROUND(out_value_in_scope,in_decimals)",
        applies="out_members>0",
        remedy="A formula was changed: rebuild the workbook",
    ),
    Check(
        label="Amounts equal ALLOCATE_SHARES",
        sheet="Allocation",
        found="out_allocation_gap",
        relation="=",
        expected="0",
        applies="out_members>0",
        tolerance="share",
        remedy="A formula was changed: rebuild the workbook",
    ),
)
