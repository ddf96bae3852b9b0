"""What a person or a program hands over to fill a template: checked column by column, every problem at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, overload

from pydantic import TypeAdapter, ValidationError

from valuehour.models.names import did_you_mean, listed, shown
from valuehour.workbooks.data import (
    Filling,
    Problem,
    annotation,
    problems_of_inputs,
    table_rules,
)
from valuehour.workbooks.spec import LARGEST, MAX_TEXT, Accepts, Content, Template

TOP = ("template", "version", "style", "inputs", "results", "tables", "problems")


@dataclass(frozen=True, slots=True)
class Columns:
    """The records of one table, column by column: much smaller than a mapping a record."""

    count: int
    by_key: Mapping[str, Sequence[Any]]

    @classmethod
    def of(cls, records: Sequence[Mapping[str, Any]]) -> Columns:
        """From records; what a record does not give is None."""
        keys = dict.fromkeys(key for record in records for key in record)
        return cls(len(records), {str(key): [record.get(key) for record in records] for key in keys})

    def records(self) -> Records:
        """As records; what a record does not give it does not have."""
        return Records(self)


class Records(Sequence[Mapping[str, Any]]):
    """Columns seen as records, each made when it is looked at."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def __len__(self) -> int:
        return self._columns.count

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Mapping[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> Mapping[str, Any] | Sequence[Mapping[str, Any]]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return {key: values[index] for key, values in self._columns.by_key.items() if values[index] is not None}

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return map(self.__getitem__, range(len(self)))

    def column(self, key: str) -> Sequence[Any]:
        """What every record holds under a key."""
        return self._columns.by_key.get(key) or [None] * len(self)


def column(records: Sequence[Mapping[str, Any]], key: str) -> Sequence[Any]:
    """What every record holds under a key; None where it does not have it.

    >>> column([{"member": "EMEA"}, {}], "member")
    ['EMEA', None]
    """
    return records.column(key) if isinstance(records, Records) else [record.get(key) for record in records]


@dataclass(frozen=True, slots=True)
class Given:
    """What was handed over: contents by input name (None: leave blank) and columns by table."""

    inputs: Mapping[str, Content] = field(default_factory=dict)
    tables: Mapping[str, Columns] = field(default_factory=dict)

    def filling(self) -> Filling:
        """For the rules between values, and for a new workbook."""
        return Filling(
            {key: value for key, value in self.inputs.items() if value is not None},
            {name: columns.records() for name, columns in self.tables.items()},
        )


def checked(
    template: Template, data: Mapping[str, Any], own_columns: Mapping[str, frozenset[str]] | None = None
) -> tuple[Given, list[Problem]]:
    """Check what was handed over against the template; every problem at once.

    Results, calculated columns and the tables that the template ships with are what ``read`` prints beside the
    inputs; they are passed over. ``own_columns`` are the columns that a planner added to a table.
    """
    problems = [
        Problem(str(key), f"not a part of this data{did_you_mean(str(key), TOP)}", ", ".join(TOP))
        for key in data
        if key not in TOP
    ]
    if data.get("template") not in (None, template.name):
        problems.append(Problem("template", shown(data["template"]), repr(template.name)))
    inputs, found = problems_of_inputs(template, data.get("inputs", {}))
    problems += found
    tables: dict[str, Columns] = {}
    given = data.get("tables", {})
    if not isinstance(given, Mapping):
        problems.append(Problem("tables", shown(given), "records by table name"))
        return Given(inputs, tables), problems
    rules = table_rules(template)
    shipped = {table.name for table in template.tables} - rules.keys()
    for name, records in given.items():
        if name in shipped:
            continue
        if name not in rules:
            hint = did_you_mean(str(name), rules)
            problems.append(Problem(f"tables.{name}", f"not a table to fill{hint}", listed(rules)))
            continue
        own = (own_columns or {}).get(name, frozenset())
        columns, found = _table(template, name, records, rules[name], own)
        problems += found
        if columns is not None:
            tables[name] = columns
    return Given(inputs, tables), problems


def rule_problems(template: Template, filling: Filling) -> list[Problem]:
    """What does not hold between the values that fill a template."""
    return [Problem(*found) for rule in template.rules for found in rule(filling.inputs, filling.tables)]


def _table(
    template: Template, name: str, records: Any, rules: Mapping[str, Accepts], own: frozenset[str]
) -> tuple[Columns | None, list[Problem]]:
    where = f"tables.{name}"
    if not isinstance(records, Columns):
        if not isinstance(records, (list, tuple)):
            return None, [Problem(where, shown(records), "a list of records")]
        wrong = [index for index, record in enumerate(records) if not isinstance(record, Mapping)]
        if wrong:
            return None, [Problem(f"{where}[{i + 1}]", shown(records[i]), "a record") for i in wrong]
        records = Columns.of(records)
    if not records.count:
        records = Columns(0, {key: [] for key in rules})  # a table without records is left blank
    calculated = {column.key for column in template.table(name).columns} - rules.keys()
    problems: list[Problem] = []
    columns: dict[str, Sequence[Any]] = {}
    for key, values in records.by_key.items():
        if key in rules:
            columns[key], found = _column(rules[key], values, name, key)
        elif key in own:
            columns[key], found = _own_column(values, name, key)
        elif key in calculated:
            continue
        else:
            known = [*rules, *sorted(own)]
            first = next((i for i, value in enumerate(values) if value is not None), 0)
            place = f"{where}[{first + 1}].{key}"
            found = [Problem(place, f"not a column of this table{did_you_mean(key, known)}", listed(known, 20))]
        problems += found
    return Columns(records.count, columns), problems


def _column(rules: Accepts, values: Sequence[Any], table: str, key: str) -> tuple[Sequence[Any], list[Problem]]:
    if "" in values:
        values = [None if value == "" else value for value in values]
    known = _fitting(rules, values)
    if known is not None:
        return known, []
    try:
        checked: list[Any] = _adapter(rules).validate_python(values if isinstance(values, list) else list(values))
    except ValidationError as error:
        wrong = sorted({int(item["loc"][0]): item["input"] for item in error.errors(include_url=False)}.items())
        return values, [value_problem(rules, value, ("tables", table, index, key)) for index, value in wrong]
    return checked, []


def _fitting(rules: Accepts, values: Sequence[Any]) -> Sequence[Any] | None:
    """A column that fits, told without a look at each of its values; None is no verdict.

    Takes nothing that the type of :func:`annotation` refuses, and gives what that type gives.
    """
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return values
    if rules.choices and not rules.open:
        return values if kinds == {str} and set(values) <= {*rules.choices, None} else None
    if rules.kind in ("number", "whole"):
        present = values if None not in values else [value for value in values if value is not None]
        if kinds not in ({float}, {int}) or not _within(rules, present):
            return None
        if kinds == {int if rules.kind == "whole" else float}:
            return values
        kind: Any = int if rules.kind == "whole" else float
        changed = [None if value is None else kind(value) for value in values]
        return changed if changed == values else None
    if rules.kind == "date" or kinds != {str}:
        return None
    texts = set(values) - {None}
    together = "|".join(texts)
    return values if together.isprintable() and "_x" not in together and len(max(texts, key=len)) <= MAX_TEXT else None


def _within(rules: Accepts, values: Sequence[Any]) -> bool:
    """Whether all numbers are within the bounds; a number that is none is not."""
    least, most = min(values), max(values)
    return (
        least >= (-LARGEST if rules.minimum is None else rules.minimum)
        and most <= (LARGEST if rules.maximum is None else rules.maximum)
        and (rules.above is None or least > rules.above)
        and isfinite(sum(values))
    )


def _adapter(rules: Accepts) -> TypeAdapter[list[Any]]:
    many: Any = list  # of a type that exists at run time only
    return TypeAdapter(many[annotation(rules) | None], config={"strict": True})


def _own_column(values: Sequence[Any], table: str, key: str) -> tuple[Sequence[Any], list[Problem]]:
    """A column that a planner added takes what a cell takes."""
    problems = []
    for index, value in enumerate(values):
        fits = value is None or isinstance(value, (str, int, float))
        if isinstance(value, (int, float)) and not abs(value) <= LARGEST:
            fits = False
        if not fits:
            where = f"tables.{table}[{index + 1}].{key}"
            problems.append(Problem(where, shown(value), "a number or a text", ("tables", table, index, key)))
    return [None if value == "" else value for value in values], problems


def value_problem(rules: Accepts, value: Any, path: tuple[str | int, ...]) -> Problem:
    """One value that does not fit, at a place of the data."""
    where = "".join(f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    too_large = rules.kind in ("number", "whole") and number and not abs(value) <= LARGEST
    allowed = f"{rules.allowed}, up to {LARGEST:g} in size" if too_large else rules.allowed
    found = shown(value)
    if isinstance(value, str) and len(value) > MAX_TEXT:
        found += f" of {len(value)} characters"
    return Problem(where, found, allowed, path)


def to_csv(records: Sequence[Mapping[str, Any]]) -> str:
    r"""Records as CSV with a line of keys; what is blank stays blank.

    >>> to_csv([{"member": "EMEA", "weight": 3}])
    'member,weight\nEMEA,3\n'
    """
    keys = list(dict.fromkeys(key for record in records for key in record))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(keys)
    writer.writerows([record.get(key) for key in keys] for record in records)
    return stream.getvalue()
