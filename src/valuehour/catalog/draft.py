"""Entries on their way into the catalog: fields of several files laid over each other, each with its origin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from valuehour.catalog.read import SECTIONS, SourceFile
from valuehour.models import SOURCE_OF
from valuehour.models.names import LINE_LIMIT, did_you_mean, shown

# What a user's file may change in a threshold; the rest says what the functions take.
_OPEN_POLICY = ("name", "aliases", "value", "definition", "sources")
# The texts that every workflow has, so that their source is known even while the text is missing.
_ALWAYS_SOURCED = ("success_rule_source", "nearest_metric_source")


@dataclass
class Draft:
    """One entry: its fields so far, which file set each, and the user's files that touched it."""

    section: str
    id: str
    fields: dict[str, object]
    origins: dict[str, str]
    own: str | None  # the packaged file, if the entry is ours
    touched_by: list[tuple[int, str]] = field(default_factory=list)  # rank and label of a user's file

    @property
    def rank(self) -> int:
        """0 for an entry of ours as it is, else the rank of the last user's file that touched it."""
        return self.touched_by[-1][0] if self.touched_by else 0

    def problem(self, place: str, reason: str) -> str:
        """One line about this entry, blaming the user's file that set the field, or else the last to touch it."""
        origin = self.origins.get(place.split(",")[0])
        labels = [label for _, label in self.touched_by]
        label = origin if origin in labels else labels[-1] if labels else str(self.own)
        return f"{label}: {SECTIONS[self.section]} {shown(self.id)}{', ' if place else ''}{place}: {reason}"


class Drafts:
    """All entries by section and id, in the order in which they were first seen."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[str, str], Draft] = {}
        self._files = 0
        self.problems: list[str] = []

    def of(self, section: str) -> Iterator[Draft]:
        """Return the entries of one section."""
        return (draft for draft in self._drafts.values() if draft.section == section)

    def find(self, section: str, entry_id: str) -> Draft:
        """Return the entry of this section and id."""
        return self._drafts[section, entry_id]

    def lay(self, file: SourceFile, own: bool = False) -> None:
        """Lay the entries of a file over those so far; ``own`` for the packaged files, which come first."""
        self.problems += file.problems
        self._files += not own
        for section, entry_id, fields in file.entries:
            draft = self._drafts.get((section, entry_id))
            if own:
                # A copy: the packaged files are read once and laid many times.
                self._drafts[section, entry_id] = Draft(section, entry_id, dict(fields), {}, file.label)
                continue
            if draft is None:
                if section == "policy":
                    known = [each.id for each in self.of("policy")]
                    self.problems.append(
                        f"{file.label}: unknown policy {shown(entry_id)}{did_you_mean(entry_id, known)}; "
                        f"allowed: {', '.join(known)}"
                    )
                    continue
                draft = self._drafts[section, entry_id] = Draft(section, entry_id, {}, {}, None)
            self._lay_over(draft, file.label, fields)

    def _lay_over(self, draft: Draft, label: str, fields: dict[str, object]) -> None:
        draft.touched_by.append((self._files, label))
        if "id" in fields:
            self.problems.append(draft.problem("id", "found inside the entry; allowed: only as the name of its table"))
        if draft.section == "policy":
            for name in fields.keys() - set(_OPEN_POLICY) - {"id"}:
                self.problems.append(draft.problem(name, f"cannot be changed; allowed: {', '.join(_OPEN_POLICY)}"))
        draft.fields |= {name: value for name, value in fields.items() if name != "id"}
        draft.origins |= dict.fromkeys(fields, label)
        source = _source_name(label)
        if "sources" not in fields:
            known = draft.fields.get("sources", ())
            if isinstance(known, tuple) and source not in known:
                draft.fields["sources"] = (*known, source)
        if draft.section == "workflows":
            set_here = {SOURCE_OF[name] for name in fields if name in SOURCE_OF}
            missing = {name for name in _ALWAYS_SOURCED if name not in draft.fields}
            draft.fields |= dict.fromkeys((set_here | missing) - fields.keys(), source)


def _source_name(label: str) -> str:
    """Name a file as a source: without its folders, so that the same files give the same catalog anywhere."""
    return " ".join(PurePath(label).name.split()).lstrip("=+-@ ")[:LINE_LIMIT].strip() or "user file"
