"""The formulas of valuehour: one definition each, for Python, for worksheets and for formulas as text."""

from types import MappingProxyType

from valuehour.functions.allocation import allocate, allocate_shares, unallocated
from valuehour.functions.definition import Argument
from valuehour.functions.grouping import group_path, groupings
from valuehour.functions.growth import (
    compound_continuous,
    compound_discrete,
    compound_flywheel,
    continuous_rate,
    cumulative_value,
    uplift,
)
from valuehour.functions.ledger_values import ledger, ledger_evidence, ledger_status
from valuehour.functions.outcomes import (
    cost_per_success,
    outcome_read,
    priority_band,
    priority_score,
    room_to_improve,
    success_rate,
)
from valuehour.functions.ranges import Cell, Range, Value
from valuehour.functions.records import Record, Records, Snapshot
from valuehour.functions.rules import Rule
from valuehour.functions.value import significant, value_per_hour
from valuehour.functions.worksheet import Function, definition_of

FUNCTIONS = MappingProxyType(
    {
        definition.name: definition
        for definition in (
            definition_of(value_per_hour),
            definition_of(significant),
            definition_of(compound_discrete),
            definition_of(compound_continuous),
            definition_of(compound_flywheel),
            definition_of(uplift),
            definition_of(continuous_rate),
            definition_of(cumulative_value),
            definition_of(allocate),
            definition_of(allocate_shares),
            definition_of(unallocated),
            definition_of(success_rate),
            definition_of(cost_per_success),
            definition_of(room_to_improve),
            definition_of(priority_score),
            definition_of(priority_band),
            definition_of(outcome_read),
            definition_of(groupings),
            definition_of(group_path),
            definition_of(ledger),
            definition_of(ledger_status),
            definition_of(ledger_evidence),
        )
    }
)
"""Every worksheet function by its name, in the order of the function list."""

__all__ = [
    "FUNCTIONS",
    "Argument",
    "Cell",
    "Function",
    "Range",
    "Record",
    "Records",
    "Rule",
    "Snapshot",
    "Value",
    "allocate",
    "allocate_shares",
    "compound_continuous",
    "compound_discrete",
    "compound_flywheel",
    "continuous_rate",
    "cost_per_success",
    "cumulative_value",
    "group_path",
    "groupings",
    "ledger",
    "ledger_evidence",
    "ledger_status",
    "outcome_read",
    "priority_band",
    "priority_score",
    "room_to_improve",
    "significant",
    "success_rate",
    "unallocated",
    "uplift",
    "value_per_hour",
]
