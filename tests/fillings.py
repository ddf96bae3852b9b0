"""What the value model is filled with in tests: nothing, the worked example, and fillings at its edges."""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from tests.further_fillings import FURTHER
from valuehour.workbooks.scenario import shipped
from valuehour.workbooks.templates import TEMPLATES

SCENARIOS = files("valuehour.workbooks").joinpath("scenarios")

_DATE = datetime.date(2026, 9, 30)

LOSS = {
    "inputs": {
        "model_name": "Légal – „Verlust“ 損失",
        "currency": "EUR",
        "total_value": -1_234_567.89,
        "total_value_low": -2_000_000,
        "total_value_high": -1_000_000.5,
        "years": 2.5,
        "hours_per_year": 2080,
        "employees": 37,
        "coverage": 0.65,
        "uplift_k": 1.0,
        "uplift_p": 1.0,
        "discrete_growth_rate": 0.0,
        "flywheel_growth_rate": 0.0,
        "dimension": "Region",
        "weight_unit": "people",
        "weight_total": 1_000,
    },
    "tables": {
        "tblWorkflows": [
            {"workflow": "Payroll", "value": -1_000_000, "basis": "in total", "in_scope": "yes", "evidence": "assumed"},
            {"workflow": "Returns", "value": -93_827.156, "basis": "per year", "in_scope": "no"},
            {"workflow": "=HYPERLINK(1)", "value": 0, "basis": "per year", "in_scope": "yes"},
        ],
        "tblAllocation": [
            {"member": f"-{name}", "weight": weight}
            for name, weight in (("A", 137), ("B", 1), ("C", 0), ("D", 211.5), ("E", 211.5), ("F", 0.25), ("G", 99))
        ],
    },
}

BILLIONS = {
    "inputs": {
        "case": "high",
        "decimals": 0,
        "total_value": 987_654_321_098.76,
        "total_value_high": 998_877_665_544.33,
        "total_value_status": "measured",
        "total_value_date": _DATE,
        "total_value_source": "Ledger",
        "years": 10,
        "employees": 250_000,
        "uplift_k": 1.6,
        "uplift_p": 1.35,
        "uplift_c": 1.27,
        **{
            f"uplift_{factor}_{key}": value
            for factor in "kpc"
            for key, value in (
                ("status", "measured"),
                ("date", _DATE),
                ("source", "Experiment"),
                ("approver", "Controller"),
            )
        },
        "discrete_growth_rate": -0.05,
        "flywheel_growth_rate": 0.11,
        "dimension": "Region",
    },
    "tables": {
        "tblWorkflows": [
            {"workflow": f"Workflow {n}", "value": 82_304_526_758.23, "basis": "in total", "in_scope": "yes"}
            for n in range(12)
        ],
        "tblAllocation": [{"member": f"Member {n}", "weight": 5 if n < 3 else 7} for n in range(12)],
    },
}

GROWN = {
    "inputs": {
        "case": "low",
        "decimals": 4,
        "total_value": 321.0987,
        "total_value_low": 123.4567,
        "years": 0.5,
        "hours_per_year": 8784,
        "uplift_k": 0.83,
        "uplift_k_low": 0.61,
        "discrete_growth_rate": 1.75,
        "flywheel_growth_rate": -0.6,
        "dimension": "Customer segment",
    },
    "tables": {
        "tblWorkflows": [
            {
                "workflow": f"Workflow {n}",
                "value": n / 7,
                "basis": "per year" if n % 2 else "in total",
                "in_scope": "yes" if n % 3 else "no",
            }
            for n in range(25)
        ],
        "tblAllocation": [{"member": f"Customer {n}", "weight": (n * 37) % 11} for n in range(31)],
    },
}

NEARLY_ALL = {
    "inputs": {"total_value": 88_000_000, "years": 3, "dimension": "Region", "weight_total": 1_500_000_000},
    "tables": {
        "tblAllocation": [{"member": "A", "weight": 1_000_000_000}, {"member": "B", "weight": 499_999_999}],
    },
}

A_CENT_TOO_MUCH = {
    "inputs": {"total_value": 1_199_999_999.99, "years": 3, "dimension": "Region"},
    "tables": {"tblAllocation": [{"member": f"Member {n}", "weight": 1} for n in range(300)]},
}

TOO_MANY_UNITS = {
    "inputs": {"total_value": 880_000_000_000, "years": 3, "dimension": "Region"},
    "tables": {"tblAllocation": [{"member": f"Member {n}", "weight": 5 if n < 3 else 7} for n in range(4)]},
}

FILLINGS: Mapping[str, Mapping[str, Any]] = {
    **{f"empty {name}": {"template": name} for name in TEMPLATES},
    **{name: tomllib.loads(SCENARIOS.joinpath(f"{name}.toml").read_text("utf-8")) for name in shipped()},
    "loss": LOSS,
    "billions": BILLIONS,
    "grown": GROWN,
    "nearly all shares": NEARLY_ALL,
    "too many units": TOO_MANY_UNITS,
    **FURTHER,
}
"""Every template empty, every scenario that is shipped, and every template at its edges."""

LONG: Mapping[str, Mapping[str, Any]] = {"a cent too much": A_CENT_TOO_MUCH}
"""Tables so long that Calc calculates their columns in threads."""
