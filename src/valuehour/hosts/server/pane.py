"""What the task pane shows, taken from the definitions: the functions by family, and the templates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import TypedDict

from valuehour import __version__
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS, Argument, Function, Value
from valuehour.workbooks.formula import NAMESPACE, calls, tokens
from valuehour.workbooks.templates import TEMPLATES, template

EXACT_FROM = 1000
"""From here on an example's result is shown in cents, below in six significant figures."""


@dataclass(frozen=True)
class Field:
    """One argument as a field to fill in."""

    label: str
    help: str
    unit: str
    placeholder: str
    """What the formula takes when the field stays empty; nothing where it must be filled in."""
    example: str
    required: bool


@dataclass(frozen=True)
class Family:
    """Functions that belong together, under one heading."""

    name: str
    functions: tuple[Shown, ...]


@dataclass(frozen=True)
class Shown:
    """A function as the task pane shows it."""

    name: str
    """As a cell calls it: ``VH.VALUE_PER_HOUR``."""
    title: str
    summary: str
    signature: str
    result: str
    fields: tuple[Field, ...]
    repeats: str
    """What may be given several times; empty for most functions."""
    example: str
    example_result: str
    spills: bool
    words: str
    """What the search looks in."""


@dataclass(frozen=True)
class Workbook:
    """A template that can be downloaded."""

    name: str
    title: str
    purpose: str


class Pane(TypedDict):
    """What the page is made from."""

    version: str
    manifest_version: str
    count: int
    families: tuple[Family, ...]
    workbooks: tuple[Workbook, ...]


def contents(functions: Mapping[str, Function] = FUNCTIONS) -> Pane:
    """Everything that the task pane lists.

    >>> families = contents()["families"]
    >>> [family.name for family in families][:3]
    ['Value', 'Growth', 'Allocation']
    >>> first = families[0].functions[0]
    >>> first.example, first.example_result
    ('=VH.VALUE_PER_HOUR(88000000,3)', '3,348.55')
    >>> [(field.label, field.example, field.placeholder) for field in first.fields][2:]
    [('employees', '', '1'), ('hours_per_year', '', '8760')]
    """
    return {
        "version": __version__,
        "manifest_version": manifest_version(__version__),
        "count": len(functions),
        "families": tuple(
            Family(name, tuple(map(_shown, members)))
            for name, members in groupby(functions.values(), key=lambda function: function.family)
        ),
        "workbooks": tuple(_workbook(name) for name in TEMPLATES),
    }


def manifest_version(version: str) -> str:
    """The version of the manifest: of at least 1.0 and in figures alone, as Office asks for, and growing with ours.

    >>> manifest_version("0.2.0"), manifest_version("0.2.0rc1")
    ('1.0.2.0', '1.0.2.0')
    """
    return ".".join(["1", *re.findall(r"\d+", version)[:3]])


def _shown(function: Function) -> Shown:
    items = tokens(function.example)
    inner = next(call for call in calls(items) if call.name == function.name)
    given = ["".join(token.value for token in items[start:end]) for start, end in inner.arguments]
    own = f"{function.name}("
    example = "=" + "".join(NAMESPACE + own if token.value == own else token.value for token in items)
    most = function.counts[1]
    fields = [
        _field(label, argument, given[place] if place < len(given) else "", required=place < function.counts[0])
        for place, (label, argument) in enumerate(function.named_arguments(most))
    ]
    words = [function.name, function.name.replace("_", " "), function.family, function.summary, function.result]
    words += [f"{argument.name} {argument.description}" for argument in function.arguments]
    return Shown(
        name=f"{NAMESPACE}{function.name}",
        title=function.name,
        summary=function.summary,
        signature=f"{NAMESPACE}{function.signature}",
        result=function.result,
        fields=tuple(fields),
        repeats=function.arguments[-1].name if function.variadic else "",
        example=example,
        example_result=_text(function.example_result),
        spills=function.returns_array,
        words=" ".join(words).lower(),
    )


def _field(label: str, argument: Argument, example: str, *, required: bool) -> Field:
    unit = argument.unit if argument.kind == "number" else f'{argument.unit}, in "quotes" or from a cell'
    return Field(
        label=label,
        help=argument.description,
        unit=", ".join(filter(None, (unit, argument.domain.replace(">=", "≥")))),
        placeholder=argument.default_text if argument.optional and argument.default is not None else "",
        example=example,
        required=required,
    )


def _workbook(name: str) -> Workbook:
    spec = template(name)
    return Workbook(name, spec.title, spec.sheets[0].subtitle)


def _text(value: Value) -> str:
    """A result as a person reads it.

    >>> _text(99901815.83757076), _text(0.08285287818903575), _text([[33.34], [33.33], [33.33]])
    ('99,901,815.84', '0.0828529', '33.34; 33.33; 33.33')
    """
    if isinstance(value, list):
        return "; ".join(", ".join(_text(cell) for cell in row) for row in value)
    if isinstance(value, CellError):
        return value.value
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "" if value is None else str(value)
    return f"{value:,.2f}".rstrip("0").rstrip(".") if abs(value) >= EXACT_FROM else f"{value:.6g}"
