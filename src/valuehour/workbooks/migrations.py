"""What a new version of a template calls what an older one called otherwise, moved or dropped.

Each version of a template that was followed by another one declares here what the next one changed. A file that is
several versions old takes all the steps at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

from valuehour.workbooks.layouts import in_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """From an older version to a newer one. What is not named here kept its name."""

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

    def then(self, later: Migration) -> Migration:
        """Take a later step after this one, as one step.

        >>> first = Migration(names={"in_a": "in_b"}, columns={("tbl", "Old"): "New"})
        >>> both = first.then(Migration(names={"in_b": "in_c"}, dropped_columns=frozenset({("tbl", "New")})))
        >>> both.names["in_a"], ("tbl", "Old") in both.dropped_columns, dict(both.columns)
        ('in_c', True, {})
        """
        names = {old: later.names.get(new, new) for old, new in self.names.items()}
        columns = {(table, old): later.columns.get((table, new), new) for (table, old), new in self.columns.items()}
        gone = {old for old, new in self.names.items() if new in later.dropped_names}
        without = {(table, old) for (table, old), new in self.columns.items() if (table, new) in later.dropped_columns}
        return Migration(
            names={**later.names, **{old: new for old, new in names.items() if old not in gone}},
            columns={**later.columns, **{old: new for old, new in columns.items() if old not in without}},
            sheets={**later.sheets, **{old: later.sheets.get(new, new) for old, new in self.sheets.items()}},
            dropped_names=self.dropped_names | later.dropped_names | gone,
            dropped_columns=self.dropped_columns | later.dropped_columns | without,
        )


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
    "grouping_taxonomy": {
        "0.9.0": Migration(
            names={"in_drill_into": "in_drill_member"},
            columns={("tblBands", "Lower bound"): "From"},
            dropped_names=frozenset({"in_review_threshold"}),
        )
    },
    "workflow_outcomes": {
        "0.9.0": Migration(
            names={"in_healthy_from": "in_healthy_at", "live_healthy_from": "live_healthy_at"},
            columns={("tblMonths", "Reviews by hand"): "Manual reviews"},
            dropped_names=frozenset({"in_review_threshold"}),
        )
    },
}
"""By template and version: what the version after it changed."""


def migration(template: str, version: str) -> Migration:
    """What changed since a version; nothing when none is declared.

    >>> migration("value_model", "0.9.0").names["in_projected_value"]
    'in_total_value'
    """
    steps = MIGRATIONS.get(template, {})
    due = sorted((one for one in steps if in_order(one) >= in_order(version)), key=in_order)
    return reduce(Migration.then, (steps[one] for one in due), Migration())
