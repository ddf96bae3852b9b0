"""The checks of the workflow outcomes: what must hold before a read leaves the workbook."""

from __future__ import annotations

from valuehour.workbooks.spec import Check
from valuehour.workbooks.templates.workflow_outcomes import (
    breakdown,
    months,
    outcomes,
    register,
    results,
    tie_out,
    trends,
)

FILLED = "out_month_rows>0"
CONTEXT = (
    'IF(COUNTA(in_model_name)=0,"template",in_model_name)&" · "&in_currency&'
    'IF(live_month=0,""," · "&YEAR(live_month)&"-"&RIGHT("0"&MONTH(live_month),1+1))'
)

_CHANGED = "A formula was changed: rebuild the workbook"
_FITS = f"{months.TABLE}[Fits]"
_IN_MONTH = f"{months.TABLE}[Month start],live_month"


def _none(label: str, sheet: str, found: str, remedy: str, applies: str = "TRUE") -> Check:
    return Check(label=label, sheet=sheet, found=found, relation="=", expected="0", remedy=remedy, applies=applies)


CHECKS = (
    Check(
        label="Critical is not above healthy",
        sheet="Policy",
        found="live_critical_below",
        relation="≤",
        expected="live_healthy_at",
        tolerance="share",
        remedy="Set critical below no higher than healthy at",
    ),
    Check(
        label="Healthy is at most 100%",
        sheet="Policy",
        found="live_healthy_at",
        relation="≤",
        expected="1",
        tolerance="share",
        remedy="Enter healthy at as a share from 0% to 100%",
    ),
    _none(
        "Every workflow has an importance",
        "Workflows",
        f'COUNTA({register.TABLE}[Workflow])-COUNTIFS({register.TABLE}[Importance],">0",'
        f'{register.TABLE}[Importance],"<="&policy_importance_most)',
        "Enter an importance from 1 to 5 for each workflow",
    ),
    _none(
        "Every workflow has a success rule",
        "Workflows",
        f"COUNTA({register.TABLE}[Workflow])-COUNTA({register.TABLE}[Success rule])",
        "Say when one run of each workflow counts as a success",
    ),
    _none(
        "Every value has its workflow",
        "Chains",
        f'COUNTIF({register.CHAINS}[Shown as],"no workflow")',
        "Pick the workflow beside every value",
    ),
    _none(
        "Every row has workflow and month",
        "Months",
        f'COUNTIF({_FITS},"no month")+COUNTIF({_FITS},"unknown")',
        "Register the workflow, or enter the month: see Fits",
    ),
    _none(
        "One row a workflow and month",
        "Months",
        f'COUNTIF({_FITS},"twice")',
        "Join the rows of one workflow and month into one",
    ),
    _none(
        "Counts are not above runs",
        "Months",
        f'COUNTIF({_FITS},"over runs")',
        "Correct successes, acceptances or reviews: see Fits",
    ),
    _none(
        "Attempts are not below runs",
        "Months",
        f'COUNTIF({_FITS},"attempts")',
        "Count every start as an attempt, retries included",
    ),
    _none(
        "The month shown has rows",
        "Outcomes",
        f"IF(COUNTIF({months.TABLE}[Month start],live_month)=0,1,0)",
        "Choose a month from its list on Outcomes",
    ),
    Check(
        label="Costs of the month tie out",
        sheet="Results",
        found="out_spend",
        relation="=",
        expected=f"SUMIFS({months.TABLE}[Cost],{_IN_MONTH})",
        remedy="Register each workflow of the month, and only once",
    ),
    Check(
        label="Runs of the month tie out",
        sheet="Results",
        found="out_runs",
        relation="=",
        expected=f"SUMIFS({months.TABLE}[Runs],{_IN_MONTH})",
        remedy="Register each workflow of the month, and only once",
    ),
    Check(
        label="Every workflow fits its tables",
        sheet="Results",
        found=f"ROWS({register.TABLE}[Workflow])",
        relation="≤",
        expected=f"MIN(ROWS({results.TABLE}[Workflow]),ROWS({outcomes.TABLE}[Workflow]),ROWS({trends.CHANGES}[Workflow]))",
        remedy="Drag the tables on Results, Outcomes and Trends as long",
    ),
    Check(
        label="Ranked costs are all the costs",
        sheet="Outcomes",
        found=f"SUM({outcomes.TABLE}[Cost])",
        relation="=",
        expected=f'SUMIFS({results.TABLE}[Cost],{results.TABLE}[Runs],">0")',
        remedy=_CHANGED,
    ),
    _none(
        "The trend's workflow is registered",
        "Trends",
        "IF(live_trend_number=0,1,0)",
        "Choose the workflow from its list on Trends",
        "COUNTA(in_trend_workflow)>0",
    ),
    *tie_out.CHECKS,
    *breakdown.CHECKS,
)
