"""What a person or a program hands over to fill a template: checked column by column, every problem at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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

    def records(self) -> list[dict[str, Any]]:
        """As records."""
        keys = list(self.by_key)
        return [dict(zip(keys, values, strict=True)) for values in zip(*self.by_key.values(), strict=True)]


@dataclass(frozen=True, slots=True)
class Given:
    """What was handed over: contents by input name (None: leave blank) and columns by table."""

    inputs: Mapping[str, Content] = field(default_factory=dict)
    tables: Mapping[str, Columns] = field(default_factory=dict)

    def filling(self) -> Filling:
        """For the rules between values, and for a new workbook."""
        return Filling(
            {key: value for key, value in self.inputs.items() if value is not None},
            {
                name: tuple({k: v for k, v in record.items() if v is not None} for record in columns.records())
                for name, columns in self.tables.items()
            },
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
    try:
        checked: list[Any] = _adapter(rules).validate_python([None if value == "" else value for value in values])
    except ValidationError as error:
        wrong = sorted({int(item["loc"][0]): item["input"] for item in error.errors(include_url=False)}.items())
        return values, [value_problem(rules, value, ("tables", table, index, key)) for index, value in wrong]
    return checked, []


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
