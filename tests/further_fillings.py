"""Fillings of the grouping taxonomy and the workflow outcomes at their edges."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

LOSS_BY_GROUP: Mapping[str, Any] = {
    "template": "grouping_taxonomy",
    "inputs": {
        "model_name": "Légal – „Verlust“ 損失",
        "currency": "EUR",
        "decimals": 0,
        "total_value": -1_234_567.89,
        "years": 2.5,
        "hours_per_year": 2080,
        "employees": 37,
        "coverage": 0.65,
        "structure": "Time structure",
        "dimension": "Tide",
        "drill_member": "High tide",
        "drill_structure": "Own dimensions",
        "drill_dimension": "Mood",
        "measure": "Churn",
        "measure_unit": "% a year",
    },
    "tables": {
        "tblOwnDimensions": [
            {"dimension": "Mood", "structure": "Own dimensions", "divides_hours": "no", "definition": "=2+2"},
            {"dimension": "Tide", "structure": "Time structure", "divides_hours": "yes"},
            {"dimension": "Memory", "structure": "Knowledge compounding lenses"},
            {"dimension": "Clinic", "structure": "Organization structure", "divides_hours": "no"},
            {"dimension": "Weather", "structure": "Own dimensions"},
        ],
        "tblMembers": [
            # One dimension's members need not stand together.
            {
                "structure": "Time structure",
                "dimension": "Tide",
                "member": "High tide",
                "share": 0.75,
                "hours_share": 0.4,
            },
            {"structure": "Own dimensions", "dimension": "Mood", "member": "Good", "share": 1 / 3},
            {"structure": "Organization structure", "dimension": "Clinic", "member": "-A", "share": 1.0},
            {"structure": "Time structure", "dimension": "Tide", "member": "Low tide", "share": 0.25},
            {"structure": "Own dimensions", "dimension": "Mood", "member": "Bad", "share": 1 / 3},
            {"structure": "Own dimensions", "dimension": "Mood", "member": "Absent", "share": 0.0},
            {"structure": "Own dimensions", "dimension": "Mood", "member": "Even", "share": 1 / 3},
            {"structure": "Performance/KPI structure", "dimension": "Churn", "member": "<5%", "share": 0.5},
        ],
        "tblPaths": [{"path": "Tidal"}, {"path": "Nowhere"}, {"path": "Counted", "joint_share": 0.3}],
        "tblPathSteps": [
            {"path": "Counted", "structure": "Own dimensions", "dimension": "Mood", "member": "Good"},
            {"path": "Tidal", "structure": "Time structure", "dimension": "Tide", "member": "High tide"},
            {"path": "Counted", "structure": "Performance/KPI structure", "dimension": "Churn", "member": "<5%"},
            {"path": "Tidal", "structure": "Organization structure", "dimension": "Clinic", "member": "-A"},
            {"path": "Tidal", "structure": "Own dimensions", "dimension": "Mood", "member": "Bad"},
        ],
        "tblBands": [
            {"band": "low", "from": -10, "share": 0.1},
            {"band": "middle", "from": 0, "share": 0.2},
            {"band": "high", "from": 12.5, "share": 0.3},
        ],
    },
}

MANY_GROUPS: Mapping[str, Any] = {
    "template": "grouping_taxonomy",
    "inputs": {
        "decimals": 4,
        "total_value": 987_654_321.0987,
        "total_value_status": "measured",
        "total_value_date": datetime.date(2026, 9, 30),
        "total_value_source": "Ledger",
        "years": 0.5,
        "structure": "Organization structure",
        "dimension": "Team",
        "drill_member": "Team 7",
        "drill_structure": "Organization structure",
        "drill_dimension": "Dimension 3",
    },
    "tables": {
        "tblOwnDimensions": [{"dimension": f"Dimension {n}", "structure": "Organization structure"} for n in range(15)],
        "tblMembers": [
            *(
                {
                    "structure": "Organization structure",
                    "dimension": f"Dimension {n % 15}",
                    "member": f"M{n}",
                    "share": 0.06,
                }
                for n in range(225)
            ),
            *(
                {"structure": "Organization structure", "dimension": "Team", "member": f"Team {n}", "share": 0.14}
                for n in range(7)
            ),
            # More than all: a check says so, and the amounts still add up.
            {"structure": "Organization structure", "dimension": "Team", "member": "Team 7", "share": 0.5},
        ],
        "tblPaths": [{"path": f"Path {n}"} for n in range(9)],
        "tblPathSteps": [
            {
                "path": f"Path {n}",
                "structure": "Organization structure",
                "dimension": f"Dimension {level}",
                "member": f"M{level + 15 * n}",
            }
            for n in range(9)
            for level in range(8)
        ],
        "tblBands": [{"band": f"Band {n}", "from": n / 7, "share": 1 / 14} for n in range(14)],
    },
}

_SEPTEMBER = datetime.date(2026, 9, 30)
_AUGUST = datetime.date(2026, 8, 1)

ODD_OUTCOMES: Mapping[str, Any] = {
    "template": "workflow_outcomes",
    "inputs": {
        "model_name": "=1+1",
        "currency": "EUR",
        "decimals": 4,
        "month": _AUGUST,
        "healthy_at": 0.8,
        "critical_below": 0.8,
        "expensive_at": 0,
        "frequent_at": 5,
        "critical_at": 3,
        "weak_at": 1,
        "trend_workflow": "Never run",
    },
    "tables": {
        "tblWorkflows": [
            {"workflow": "=SUM(1)", "importance": 5, "target": 0.5, "in_scope": "no"},
            {"workflow": "Never run", "importance": 1, "success_rule": "It runs"},
            {"workflow": "All fail", "importance": 5, "in_scope": "yes"},
            {"workflow": "No importance", "target": 0.0, "in_scope": "yes"},
            {"workflow": "Free", "importance": 2, "in_scope": "yes"},
        ],
        "tblChains": [
            {"workflow": "=SUM(1)", "value": 1000, "evidence": "Report 7"},
            {"workflow": "Free", "value": 2000.55, "evidence": "Report 8"},
            {"workflow": "Free", "value": 999.45},
            {"workflow": "All fail", "activity": "Smaller payloads"},
        ],
        "tblMonths": [
            {"workflow": "=SUM(1)", "month": _AUGUST, "runs": 3, "successes": 2, "cost": 0.01},
            {"workflow": "All fail", "month": _AUGUST, "runs": 10, "attempts": 40, "successes": 0, "cost": 1e6},
            {"workflow": "No importance", "month": _AUGUST, "runs": 7, "successes": 7, "cost": 3},
            {"workflow": "Free", "month": datetime.date(2026, 8, 31), "runs": 1, "successes": 1, "cost": 0},
            {"workflow": "Never run", "month": _AUGUST, "runs": 0, "cost": 12.5},
            {"workflow": "Free", "month": _SEPTEMBER, "runs": 100, "successes": 50, "cost": 5, "turnaround_p50": 0.25},
        ],
        # Sums that cancel, a currency without a rate, a credit, blanks.
        "tblTieOut": [
            {
                "currency": "EUR",
                "read": 1e6 + 20.81,
                "matched": 1e6 + 20.51,
                "unmatched": 0.1,
                "refused": 0.2,
                "rate": 1,
            },
            {"currency": "=USD", "read": -7.25, "matched": -7.25, "rate": 0},
            {"currency": "CHF", "matched": 12.5, "refused": -12.5, "rate": 1.0835},
        ],
        "tblTieOutExact": [{"currency": "EUR", "read": "1000020.81", "matched": "=1", "finer": "-0.0000000000001"}],
        "tblTieOutRows": [{"currency": "EUR", "read": 12, "matched": 9, "unmatched": 2}],
        "tblFindings": [{"finding": "=HYPERLINK(1)", "kind": "untagged", "rows": 2, "weight": "fault"}],
        "tblBreakdown": [
            {"workflow": "Free", "path": "team: A", "month": _AUGUST, "cost": 0.3, "runs": 1, "successes": 1},
            {"workflow": "=SUM(1)", "path": "=1", "month": _AUGUST, "cost": -0.1, "runs": 3, "reviewed": 1},
        ],
    },
}

MANY_WORKFLOWS: Mapping[str, Any] = {
    "template": "workflow_outcomes",
    "inputs": {"trend_workflow": "Workflow 3"},
    "tables": {
        "tblWorkflows": [
            {"workflow": f"Workflow {n}", "importance": n % 5 + 1, "in_scope": "yes", "success_rule": "It is right"}
            for n in range(20)
        ],
        "tblMonths": [
            {
                "workflow": f"Workflow {n}",
                "month": datetime.date(2025 + month // 12, month % 12 + 1, 15),
                "runs": 100 + n // 4,
                "attempts": 110 + n,
                # Equal scores: the order of the register decides.
                "successes": 60 + month,
                "cost": 700 - 10 * n,
                "manual_reviews": n,
                "acceptances": 50,
                "turnaround_p95": n / 3,
            }
            for month in range(16)
            for n in range(20)
            if (month * n) % 5 or month == 15
        ],
    },
}

FURTHER: Mapping[str, Mapping[str, Any]] = {
    "a loss by groups of one's own": LOSS_BY_GROUP,
    "many groups": MANY_GROUPS,
    "odd outcomes": ODD_OUTCOMES,
    "many workflows": MANY_WORKFLOWS,
}
