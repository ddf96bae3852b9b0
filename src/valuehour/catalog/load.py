"""Catalog files into one catalog: ours first, then the user's, entry by entry and field by field."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache
from importlib.resources import files as package_files
from typing import TypeVar

from pydantic import ValidationError

from valuehour.catalog.checks import Conflict, crossed_thresholds, empty_structures, shared_names
from valuehour.catalog.draft import Draft, Drafts
from valuehour.catalog.read import SourceFile, parse, read_file
from valuehour.errors import CatalogError
from valuehour.models import Catalog, Dimension, Entry, Policy, Structure, Workflow, explain
from valuehour.models.catalog import keys
from valuehour.models.names import did_you_mean, key, listed, shown

_SHOWN_PROBLEMS = 50
E = TypeVar("E", bound=Entry)


def load_catalog(*files: str | os.PathLike[str]) -> Catalog:
    """Return our catalog, extended and overridden by the given files in their order.

    The rules are those of ``valuehour.catalog``. Without files the catalog is read once and kept.

    Raises
    ------
    CatalogError
        A file cannot be read or does not fit: one line per problem with file, entry, reason and what is allowed.

    Examples
    --------
    >>> load_catalog().workflow("SUPPORT REPLY").id
    'support_reply'
    """
    return _combined(files) if files else _ours()


@cache
def _ours() -> Catalog:
    return _combined(())


@cache
def _packaged() -> tuple[SourceFile, ...]:
    folder = package_files("valuehour.catalog") / "data"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".toml"))
    return tuple(parse(name, (folder / name).read_bytes()) for name in names)


def _combined(paths: Iterable[str | os.PathLike[str]]) -> Catalog:
    drafts = Drafts()
    for file in _packaged():
        drafts.lay(file, own=True)
    for path in paths:
        try:
            drafts.lay(read_file(path))
        except CatalogError as error:
            drafts.problems.append(str(error))
    structures = _records(drafts, "structures", Structure)
    _resolve_structures(drafts, structures)
    dimensions = _records(drafts, "dimensions", Dimension)
    workflows = _records(drafts, "workflows", Workflow)
    policy = _records(drafts, "policy", Policy)
    for section, entries in (
        ("structures", structures),
        ("dimensions", dimensions),
        ("workflows", workflows),
        ("policy", policy),
    ):
        _report(drafts, section, shared_names(section, _by_rank(drafts, section, entries)))
    _report(drafts, "policy", crossed_thresholds(_by_rank(drafts, "policy", policy)))
    if not drafts.problems:
        _report(drafts, "structures", empty_structures(structures, dimensions))
    if drafts.problems:
        raise CatalogError(_lines(drafts.problems))
    order = {structure.id: place for place, structure in enumerate(structures)}
    return Catalog(
        structures=tuple(structures),
        dimensions=tuple(sorted(dimensions, key=lambda dimension: order[dimension.structure])),
        workflows=tuple(workflows),
        policy=tuple(policy),
    )


def _records(drafts: Drafts, section: str, record: type[E]) -> list[E]:
    """Return the entries of a section that are valid by themselves; report the others as problems."""
    records = []
    for draft in drafts.of(section):
        try:
            records.append(record.model_validate({"id": draft.id, **draft.fields}))
        except ValidationError as error:
            drafts.problems += [draft.problem(place, reason) for place, reason in explain(error, record, filled={"id"})]
    return records


def _by_rank(drafts: Drafts, section: str, entries: Iterable[E]) -> list[E]:
    """Sort entries so that those a user's file touched come last: that file is blamed, never ours."""
    return sorted(entries, key=lambda entry: drafts.find(section, entry.id).rank)


def _resolve_structures(drafts: Drafts, structures: Iterable[Structure]) -> None:
    """Replace the structure that a dimension names, by name or alias, with its id."""
    ids = {each: structure.id for structure in structures for each in keys(structure)}
    # A structure refused for another reason is not also unknown.
    ids |= {key(draft.id): draft.id for draft in drafts.of("structures") if key(draft.id) not in ids}
    names = {draft.id: draft.fields.get("name") for draft in drafts.of("structures")}
    for draft in drafts.of("dimensions"):
        wanted = draft.fields.get("structure")
        if not isinstance(wanted, str):
            continue
        if key(wanted) in ids:
            draft.fields["structure"] = ids[key(wanted)]
        else:
            drafts.problems.append(_unknown_structure(draft, wanted, [str(name) for name in names.values()]))
            draft.fields["structure"] = next(iter(names))  # so that the rest of the entry is judged too


def _unknown_structure(draft: Draft, wanted: str, names: list[str]) -> str:
    hint = did_you_mean(wanted, names)
    return draft.problem("structure", f"unknown structure {shown(wanted)}{hint}; allowed: {listed(names, limit=30)}")


def _report(drafts: Drafts, section: str, conflicts: Iterable[Conflict]) -> None:
    drafts.problems += [
        drafts.find(section, conflict.id).problem(conflict.field, conflict.reason) for conflict in conflicts
    ]


def _lines(problems: list[str]) -> str:
    more = len(problems) - _SHOWN_PROBLEMS
    return "\n".join(problems[:_SHOWN_PROBLEMS] + ([f"and {more} more problems"] if more > 0 else []))
