"""The records of the catalog: structures, dimensions, workflows, thresholds, and the catalog as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from valuehour.errors import UsageError
from valuehour.models.names import Identifier, Line, Name, Step, Text, did_you_mean, key, listed, once, shown
from valuehour.models.record import Record


class Entry(Record):
    """What every catalog entry has. ``sources`` names the documents or files that list it."""

    id: Identifier
    name: Name
    aliases: tuple[Name, ...] = ()
    sources: tuple[Line, ...] = ()

    @model_validator(mode="after")
    def _names_once(self) -> Entry:
        once((self.name, *self.aliases), "a name and its aliases, each once")
        return self


class Structure(Entry):
    """A group of dimensions."""

    definition: Line


class Member(Record):
    """A known value of a dimension. In a data file a bare text stands for a member with only a name."""

    name: Name
    aliases: tuple[Name, ...] = ()
    definition: Line | None = None


class MemberGroup(Record):
    """A name that covers several members, such as AMER for NA and LATAM; it has no share of its own."""

    name: Name
    covers: Annotated[tuple[Name, ...], Field(min_length=1)]
    definition: Line | None = None


def _ordered(stages: tuple[str, ...]) -> tuple[str, ...]:
    once(stages, "each stage once, since a workflow runs from first to last without a loop")
    return stages


def _bare_member(value: object) -> object:
    if isinstance(value, str):
        return {"name": value}
    if not isinstance(value, (Mapping, Member)):
        raise ValueError(f"found {shown(value)}; allowed: a name in quotes, or a table with a name")
    return value


class Dimension(Entry):
    """Something that value per hour can be grouped by.

    A ``dimension`` has members whose shares can be summed; a ``measure`` is a figure, to be grouped by bands of it.
    """

    structure: Identifier
    kind: Literal["dimension", "measure"] = "dimension"
    definition: Line
    members: tuple[Annotated[Member, BeforeValidator(_bare_member)], ...] = ()
    member_groups: tuple[MemberGroup, ...] = ()

    @property
    def member_names(self) -> tuple[str, ...]:
        """The members' names, in order."""
        return tuple(member.name for member in self.members)

    def members_of(self, name: str) -> tuple[str, ...]:
        """Return the members that a name, alias or group stands for: one, or those a group covers.

        Raises
        ------
        UsageError
            No member of this dimension is called that.
        """
        wanted = key(name)
        for member in self.members:
            if wanted in {key(each) for each in (member.name, *member.aliases)}:
                return (member.name,)
        for group in self.member_groups:
            if wanted == key(group.name):
                return group.covers
        known = [*self.member_names, *(group.name for group in self.member_groups)]
        raise UsageError(
            f"dimension {self.name!r} has no member {shown(name)}{did_you_mean(name, known)}; known: {listed(known)}"
        )

    @model_validator(mode="after")
    def _members_once(self) -> Dimension:
        names = [each for member in self.members for each in (member.name, *member.aliases)]
        once([*names, *(group.name for group in self.member_groups)], "each member, alias and group once")
        for group in self.member_groups:
            once(group.covers, f"each member of the group {group.name!r} once")
            for member in group.covers:
                if member not in self.member_names:
                    raise ValueError(
                        f"the member group {group.name!r} covers {shown(member)}, which is not a member; "
                        f"allowed: {listed(self.member_names)} "
                        "(member_groups = [] drops the groups)"
                    )
        return self


class Metric(Record):
    """The operational measure nearest to a workflow, its unit and the direction that is an improvement."""

    name: Name
    unit: Line
    better: Literal["higher", "lower"]


class Chain(Record):
    """How a technical activity leads to a workflow result and from there to a business proxy."""

    activity: Step
    result: Step
    proxy: Step


# Each text of a workflow and the field that says where it comes from.
SOURCE_OF = {
    "job": "job_source",
    "stages": "stages_source",
    "value_driver": "value_driver_source",
    "formula_variable": "value_driver_source",
    "value_basis": "value_driver_source",
    "value_target": "value_driver_source",
    "success_rule": "success_rule_source",
    "nearest_metric": "nearest_metric_source",
    "chain": "chain_source",
}


class Workflow(Entry):
    """A repeatable sequence of work, what makes one run of it a success, and the measure nearest to it.

    The fields ``*_source`` name the document a text comes from, ``valuehour`` where it is ours, or the user's file.
    ``value_basis`` says what ``formula_variable`` holds: the total over the horizon, or the value of one year.
    """

    job: Line | None = None
    job_source: Line | None = None
    stages: Annotated[tuple[Name, ...], AfterValidator(_ordered)] = ()
    stages_source: Line | None = None
    value_driver: Name | None = None
    formula_variable: Identifier | None = None
    value_basis: Literal["horizon", "year"] = "horizon"
    value_target: Line | None = None
    value_driver_source: Line | None = None
    success_rule: Text
    success_rule_source: Line
    nearest_metric: Metric
    nearest_metric_source: Line
    chain: Chain | None = None
    chain_source: Line | None = None

    @model_validator(mode="after")
    def _driver_with_variable(self) -> Workflow:
        if (self.value_driver is None) != (self.formula_variable is None):
            raise ValueError("value_driver and formula_variable go together; allowed: both or neither")
        return self


class Policy(Entry):
    """A threshold that planners can change, and the functions whose default it is."""

    value: float
    minimum: float | None = None
    maximum: float | None = None
    unit: Line
    definition: Line
    functions: tuple[str, ...]

    @model_validator(mode="after")
    def _within(self) -> Policy:
        low, high = self.minimum, self.maximum
        if (low is not None and self.value < low) or (high is not None and self.value > high):
            limits = [f"at least {low:g}" if low is not None else "", f"at most {high:g}" if high is not None else ""]
            raise ValueError(f"value is {self.value:g}; allowed: {' and '.join(limit for limit in limits if limit)}")
        return self


class Catalog(Record):
    """The taxonomy, the workflows and the thresholds, in a stable order. ``load_catalog`` makes one."""

    structures: tuple[Structure, ...]
    dimensions: tuple[Dimension, ...]
    workflows: tuple[Workflow, ...]
    policy: tuple[Policy, ...]

    def structure(self, name: str) -> Structure:
        """Return the structure of this id, name or alias, in any case; raise UsageError with suggestions."""
        return _find("structure", self.structures, self._structures, name)

    def dimension(self, name: str) -> Dimension:
        """Return the dimension of this id, name or alias, in any case; raise UsageError with suggestions."""
        return _find("dimension", self.dimensions, self._dimensions, name)

    def workflow(self, name: str) -> Workflow:
        """Return the workflow of this id, name or alias, in any case; raise UsageError with suggestions."""
        return _find("workflow", self.workflows, self._workflows, name)

    def taxonomy(self) -> tuple[tuple[str, str], ...]:
        """Return rows of structure name and dimension name; the rows of one structure stand together."""
        return tuple(
            (structure.name, dimension.name)
            for structure in self.structures
            for dimension in self.dimensions
            if dimension.structure == structure.id
        )

    @cached_property
    def _structures(self) -> dict[str, Structure]:
        return _index(self.structures)

    @cached_property
    def _dimensions(self) -> dict[str, Dimension]:
        return _index(self.dimensions)

    @cached_property
    def _workflows(self) -> dict[str, Workflow]:
        return _index(self.workflows)


E = TypeVar("E", bound=Entry)


def keys(entry: Entry) -> tuple[str, ...]:
    """Everything an entry can be looked up by, each once: its id, its name and its aliases."""
    return tuple(dict.fromkeys(key(name) for name in (entry.id, entry.name, *entry.aliases)))


def _index(entries: Iterable[E]) -> dict[str, E]:
    return {each: entry for entry in entries for each in keys(entry)}


def _find(kind: str, entries: tuple[E, ...], index: dict[str, E], name: str) -> E:
    found = index.get(key(name))
    if found is None:
        known = [each for entry in entries for each in (entry.name, *entry.aliases)]
        raise UsageError(f"unknown {kind} {shown(name)}{did_you_mean(name, known)}; known: {listed(known, limit=5)}")
    return found
