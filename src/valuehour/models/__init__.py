"""The records in which outside data becomes ours: strict, frozen, and refused in plain words.

``names`` holds what is allowed in a name or text, ``record`` the base of all records and the translation of refusals,
and one module per subject the records themselves.
"""

from valuehour.models.catalog import (
    SOURCE_OF,
    Catalog,
    Chain,
    Dimension,
    Entry,
    Member,
    MemberGroup,
    Metric,
    Policy,
    Structure,
    Workflow,
)
from valuehour.models.record import Record, explain

__all__ = [
    "SOURCE_OF",
    "Catalog",
    "Chain",
    "Dimension",
    "Entry",
    "Member",
    "MemberGroup",
    "Metric",
    "Policy",
    "Record",
    "Structure",
    "Workflow",
    "explain",
]
