"""What was found that a person should look at, with how often and where first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from valuehour.outcomes.amounts import plain

SHOWN_PLACES = 5

# Every kind, in the order of the report, and what it means.
KINDS = {
    "repeated_file": "the same file was given twice; it counts once",
    "unreadable_cost": "spend rows without a readable cost; refused",
    "unreadable_time": "spend rows without a readable time; refused",
    "irregular_row": "spend rows that do not fit the header; refused",
    "unknown_workflow": "spend rows whose key leads to no workflow; unmatched",
    "untagged": "spend rows without any key; unmatched",
    "tokens_without_cost": "spend rows with tokens and no cost; counted as 0",
    "negative_correction": "spend rows below 0; counted",
    "duplicate_id": "spend rows whose id came before; counted",
    "future_date": "rows dated after the day of the report; counted",
    "mixed_currencies": "spend rows in a currency that is not the report's; not added to it",
    "split_tags": "spend rows of several workflows; their cost is split in equal parts",
    "run_unreadable_time": "runs without a readable time; left out",
    "run_irregular_row": "runs that do not fit the header; left out",
    "run_unknown_workflow": "runs whose key leads to no workflow; left out",
    "run_several_workflows": "runs whose tags lead to several workflows; left out",
    "run_unreadable_value": "cells of runs that say neither a number nor yes or no; taken as unknown",
    "run_without_result": "runs of which neither a column nor the workflow's rule tells the success; not in the rate",
    "run_without_id": "runs without an id; each counted as one",
    "duplicate_run_id": "runs whose id came before; taken as attempts of one run",
    "not_utf8": "files that are not UTF-8; read as Windows-1252",
    "short_rows": "rows with fewer cells than the header; the missing cells are blank",
    "usage_without_cost": "rows of usage reports; their costs are in a cost report",
}

# What is worth knowing, but no fault of the data.
NOTES = frozenset({"split_tags", "run_without_id", "usage_without_cost"})


@dataclass(slots=True)
class Finding:
    """One kind of finding: how many rows, how much money by currency, and the first places."""

    kind: str
    count: int = 0
    amounts: dict[str, Decimal] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)
    files: set[int] = field(default_factory=set)
    """The numbers of the files of spend that have such rows, where that is known."""

    def as_dict(self) -> dict[str, object]:
        """The finding for JSON."""
        amounts = {code: plain(value) for code, value in sorted(self.amounts.items())}
        return {
            "kind": self.kind,
            "text": KINDS[self.kind],
            "count": self.count,
            **({"amounts": amounts} if amounts else {}),
            "places": self.places,
            **({"details": self.details} if self.details else {}),
        }


class Findings:
    """All findings of one join, by kind."""

    def __init__(self) -> None:
        self._found: dict[str, Finding] = {}

    def add(
        self, kind: str, count: int = 1, amounts: Mapping[str, Decimal] | None = None, file: int | None = None
    ) -> None:
        """Count rows of a kind; nothing is added for none."""
        if count <= 0:
            return
        finding = self._found.setdefault(kind, Finding(kind))
        finding.count += count
        if file is not None:
            finding.files.add(file)
        for code, value in (amounts or {}).items():
            finding.amounts[code] = finding.amounts.get(code, Decimal(0)) + value

    def place(self, kind: str, place: str) -> None:
        """Name a place of a kind that was found."""
        places = self._found[kind].places
        if len(places) < SHOWN_PLACES and place not in places:
            places.append(place)

    def detail(self, kind: str, text: str) -> None:
        """Name what was found, such as an unknown key."""
        details = self._found[kind].details
        if len(details) < SHOWN_PLACES and text not in details:
            details.append(text)

    def __getitem__(self, kind: str) -> Finding:
        """The finding of a kind that was found."""
        return self._found[kind]

    def listed(self) -> tuple[Finding, ...]:
        """The findings in the order of the report."""
        return tuple(self._found[kind] for kind in KINDS if kind in self._found)

    def lacking_places(self) -> tuple[str, ...]:
        """The kinds whose places are not known yet."""
        return tuple(kind for kind in KINDS if kind in self._found and not self._found[kind].places)
