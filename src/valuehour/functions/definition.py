"""What a worksheet function is, as data: what people read about it, what it refuses, and its formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from valuehour.errors import UsageError
from valuehour.functions.plain import Domain
from valuehour.functions.ranges import MAX_VARIADIC, Value
from valuehour.functions.rules import Rule

Kind = Literal["number", "text", "any"]


@dataclass(frozen=True)
class Argument:
    """One argument of a worksheet function."""

    name: str
    description: str
    unit: str
    domain: str = ""
    kind: Kind = "number"
    optional: bool = False
    default: float | str | None = None
    variadic: bool = False
    whole_range: bool = False

    @property
    def default_text(self) -> str:
        """The default as a formula writes it."""
        return f'"{self.default}"' if isinstance(self.default, str) else f"{self.default:.15G}"


@dataclass(frozen=True)
class Definition:
    """A worksheet function as data, written once beside its Python body."""

    name: str
    family: str
    summary: str
    arguments: tuple[Argument, ...]
    result: str
    unit: str
    returns_array: bool
    example: str
    example_result: Value
    rules: tuple[Rule, ...]
    expression: str
    steps: tuple[tuple[str, str], ...]
    each: str
    joint: str
    expression_range: str
    each_range: str
    identity: str
    dynamic: Mapping[str, str]
    tables: tuple[str, ...]
    python: Callable[..., Any]
    body: Callable[..., Any]

    @cached_property
    def aggregates(self) -> bool:
        """Whether the function takes whole ranges as one argument instead of broadcasting over their cells."""
        return self.returns_array or any(argument.whole_range for argument in self.arguments)

    @property
    def variadic(self) -> bool:
        """Whether the last argument may be given several times."""
        return self.arguments[-1].variadic

    @property
    def needs_taxonomy(self) -> bool:
        """Whether the function looks something up in the host's taxonomy."""
        return "taxonomy" in self.tables

    @property
    def needs_records(self) -> bool:
        """Whether the function looks something up in the host's ledger."""
        return "records" in self.tables

    @cached_property
    def signature(self) -> str:
        """The call as people read it: ``VALUE_PER_HOUR(total_value, years, [employees=1], [hours_per_year=8760])``."""
        shown = []
        for argument in self.arguments:
            if argument.variadic:
                shown += [f"{argument.name}1", f"[{argument.name}2]", "…"]
            elif argument.optional:
                shown.append(f"[{argument.name}={argument.default_text}]")
            else:
                shown.append(argument.name)
        return f"{self.name}({', '.join(shown)})"

    @cached_property
    def domain(self) -> Domain | None:
        """Where a call of plain numbers needs no judging; None if the function takes anything but single numbers."""
        if any(argument.kind != "number" or argument.whole_range for argument in self.arguments):
            return None
        names = [argument.name for argument in self.arguments]
        return Domain.of(names, self.defaults(0), self.rules)

    @cached_property
    def counts(self) -> tuple[int, int]:
        """The fewest and the most arguments of a call."""
        required = sum(not argument.optional for argument in self.arguments)
        return required, MAX_VARIADIC if self.variadic else len(self.arguments)

    def check_count(self, count: int) -> None:
        """Refuse a call with too few or too many arguments."""
        fewest, most = self.counts
        if not fewest <= count <= most:
            allowed = f"{fewest}" if fewest == most else f"{fewest} to {most}"
            raise UsageError(f"{self.name} has {count} arguments; {allowed} are allowed: {self.signature}")

    def named_arguments(self, count: int) -> list[tuple[str, Argument]]:
        """The name and the argument for each of so many values."""
        if not self.variadic:
            return [(argument.name, argument) for argument in self.arguments[:count]]
        argument = self.arguments[0]
        return [(f"{argument.name}{place}", argument) for place in range(1, count + 1)]

    def defaults(self, count: int) -> list[float | str | None]:
        """The defaults of the arguments that a call with so many arguments left out."""
        return [argument.default for argument in self.arguments[count:]]
