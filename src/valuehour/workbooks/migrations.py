"""What a new version of a template calls what an older one called otherwise, moved or dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """From one older version to the current one. What is not named here kept its name."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Cell names that changed (``in_…``, ``out_…``, ``live_…``): old to new."""
    columns: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """Table columns that changed: (table, old head) to new head."""
    sheets: Mapping[str, str] = field(default_factory=dict)
    """Sheets that changed their name: old to new."""
    dropped_names: frozenset[str] = frozenset()
    """Cell names that are gone; what stood in such an input is listed in the report."""
    dropped_columns: frozenset[tuple[str, str]] = frozenset()
    """Table columns that are gone, as (table, head)."""


MIGRATIONS: Mapping[str, Mapping[str, Migration]] = {
    "value_model": {
        # The layout before the first release, of which copies went round.
        "0.9.0": Migration(
            names={
                f"{kind}_{old}{suffix}": f"{kind}_{new}{suffix}"
                for kind, old, new in (
                    ("in", "projected_value", "total_value"),
                    ("live", "projected_value", "total_value"),
                )
                for suffix in ("", "_low", "_high", "_status", "_date", "_approver", "_source")
            },
            columns={("tblAllocation", "Units held"): "Weight"},
            dropped_names=frozenset({"in_review_threshold"}),
        )
    },
}
"""By template and version."""


def migration(template: str, version: str) -> Migration:
    """What changed since a version; nothing when none is declared.

    >>> migration("value_model", "0.9.0").names["in_projected_value"]
    'in_total_value'
    """
    return MIGRATIONS.get(template, {}).get(version, Migration())
