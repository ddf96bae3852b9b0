"""What must hold between the entries of a catalog: plain functions that yield what does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from valuehour.catalog.read import SECTIONS
from valuehour.models import Dimension, Entry, Policy, Structure
from valuehour.models.catalog import keys
from valuehour.models.names import key, shown


@dataclass(frozen=True)
class Conflict:
    """A fault of one entry in view of the others."""

    id: str
    field: str
    reason: str


def shared_names(section: str, entries: Sequence[Entry]) -> Iterator[Conflict]:
    """Ids, names and aliases that lead to two entries; the later entry is the one at fault."""
    owners: dict[str, Entry] = {}
    for entry in entries:
        for each in keys(entry):
            owner = owners.setdefault(each, entry)
            if owner is not entry:
                field, text = _spelling(entry, each)
                owner_field, owner_text = _spelling(owner, each)
                what = f"the {owner_field} {shown(owner_text)}" if owner_field != "aliases" else "an alias"
                yield Conflict(
                    entry.id,
                    field,
                    f"{shown(text)} is already {what} of {SECTIONS[section]} {owner.id!r}; "
                    "allowed: each id, name and alias for one entry only, in any case",
                )


def _spelling(entry: Entry, wanted: str) -> tuple[str, str]:
    """Return the field and the text by which an entry answers to a key; its name rather than its id."""
    if key(entry.name) == wanted:
        return "name", entry.name
    alias = next((each for each in entry.aliases if key(each) == wanted), None)
    return ("aliases", alias) if alias is not None else ("id", entry.id)


def empty_structures(structures: Sequence[Structure], dimensions: Sequence[Dimension]) -> Iterator[Conflict]:
    """Structures without a dimension: nothing could be picked from their dropdown."""
    used = {dimension.structure for dimension in dimensions}
    for structure in structures:
        if structure.id not in used:
            yield Conflict(structure.id, "", "has no dimension; allowed: at least one in each structure")


def crossed_thresholds(policy: Sequence[Policy]) -> Iterator[Conflict]:
    """Thresholds whose order makes OUTCOME_READ refuse every row; the later entry is the one at fault."""
    pair = [entry for entry in policy if entry.id in ("critical_below", "healthy_at")]
    values = {entry.id: entry.value for entry in pair}
    if len(pair) == 2 and values["critical_below"] > values["healthy_at"]:
        yield Conflict(
            pair[-1].id,
            "value",
            f"critical_below would be {values['critical_below']:g} and healthy_at {values['healthy_at']:g}; "
            "allowed: critical_below at most healthy_at",
        )
