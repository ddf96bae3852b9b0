"""A filled workbook held against its template: every value that does not fit, by sheet and cell, all at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from valuehour.errors import CellError
from valuehour.models.names import did_you_mean, shown
from valuehour.ooxml import Package, Table, format_cell, parse_area
from valuehour.workbooks.data import Filling, Problem, input_rules, problems_of_inputs, table_rules
from valuehour.workbooks.read import Contents, Values, cell_values, filled_rows, named_cells, read, tables_of
from valuehour.workbooks.records import Columns, checked, rule_problems
from valuehour.workbooks.spec import Template, column_key, column_keys
from valuehour.workbooks.templates import TEMPLATES, template


@dataclass(frozen=True, slots=True)
class CellProblem:
    """One place of a workbook that does not fit: what was found there and what is allowed."""

    sheet: str
    cell: str
    found: str
    allowed: str

    def __str__(self) -> str:
        place = f"{self.sheet}!{self.cell}" if self.sheet else self.cell
        return f"{place}: found {self.found}; allowed: {self.allowed}"

    def as_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"sheet": self.sheet, "cell": self.cell, "found": self.found, "allowed": self.allowed}


def validated(package: Package, values: Values | None = None) -> tuple[Contents, list[CellProblem]]:
    """Read a workbook of ours and check all of it: inputs, records, names and tables.

    ``values`` are its cells where they are known already.

    Raises
    ------
    WorkbookError
        The workbook is not one of ours.
    """
    values = cell_values(package) if values is None else values
    contents = read(package, values)
    names = named_cells(package)
    if contents.template not in TEMPLATES:
        allowed = ", ".join(TEMPLATES)
        return contents, [_at(names["valuehour_template"], shown(contents.template), f"a template: {allowed}")]
    spec = template(contents.template)
    if contents.version != spec.version:
        allowed = f"{spec.version}; bring the file up to date with: valuehour regenerate"
        return contents, [_at(names["valuehour_version"], f"version {contents.version}", allowed)]
    tables = {table.name: table for table in tables_of(package, spec.name)}
    problems = [*_names(package, spec), *_tables(spec, tables)]
    problems += _inputs(spec, contents, names, values)
    rows = {name: filled_rows(tables[name], values) for name in contents.tables}
    problems += _records(spec, contents, tables, rows, values)
    if not problems:
        filling = Filling(
            {key: value for key, value in contents.inputs.items() if value is not None},
            {name: contents.tables[name] for name in table_rules(spec) if name in contents.tables},
        )
        places = _Places(names, tables, rows)
        problems += [places.of(problem) for problem in rule_problems(spec, filling)]
    return contents, problems


def _at(place: tuple[str, int, int], found: str, allowed: str) -> CellProblem:
    return CellProblem(place[0], format_cell(place[1], place[2]), found, allowed)


def _names(package: Package, spec: Template) -> Iterator[CellProblem]:
    """Inputs whose name is gone, points to nothing, or to the cell of another input."""
    texts = {name.name: name.text for name in package.defined_names() if name.scope is None}
    sheets = {sheet.name for sheet in package.worksheets()}
    cells = named_cells(package)
    seen: dict[tuple[str, int, int], str] = {}
    for key in input_rules(spec):
        name = f"in_{key}"
        if name not in texts:
            yield CellProblem("", name, "no such name", "the name of one cell; name the input's cell again")
        elif name not in cells or cells[name][0] not in sheets:
            yield CellProblem("", name, f"the name refers to {texts[name]}", "one cell of this workbook")
        elif cells[name] in seen:
            yield _at(cells[name], f"{name} and {seen[cells[name]]} in one cell", "a cell of its own for each input")
        else:
            seen[cells[name]] = name


def _tables(spec: Template, tables: Mapping[str, Table]) -> Iterator[CellProblem]:
    """Tables and columns of the template that are gone."""
    for described in spec.tables:
        table = tables.get(described.name)
        if table is None:
            yield CellProblem("", described.name, "no such table", "the template's table; it was deleted or renamed")
            continue
        heads = [column.name for column in table.columns]
        keys = {column_key(head) for head in heads}
        area = parse_area(table.ref)
        for column in described.columns:
            if column.key not in keys:
                hint = did_you_mean(column.head, heads)
                place = format_cell(area.top, area.left)
                yield CellProblem(
                    table.sheet, place, f"{table.name} without the column {column.head!r}{hint}", "every column"
                )


def _inputs(
    spec: Template, contents: Contents, names: Mapping[str, tuple[str, int, int]], values: Values
) -> Iterator[CellProblem]:
    rules = input_rules(spec)
    given = {}
    for key in rules:
        place = names.get(f"in_{key}")
        if place is None:
            continue
        if isinstance(values.get(place), CellError):
            yield _at(place, str(contents.inputs[key]), rules[key].allowed)
        else:
            given[key] = contents.inputs.get(key)
    for problem in problems_of_inputs(spec, given)[1]:
        yield _at(names[f"in_{problem.path[1]}"], problem.found, problem.allowed)


def _records(
    spec: Template,
    contents: Contents,
    tables: Mapping[str, Table],
    rows: Mapping[str, list[int]],
    values: Values,
) -> Iterator[CellProblem]:
    for name, rules in table_rules(spec).items():
        if name not in tables:
            continue
        table = tables[name]
        area = parse_area(table.ref)
        keys = column_keys(column.name for column in table.columns)
        columns = {key: area.left + index for index, key in enumerate(keys)}
        records = Columns.of(contents.tables[name])
        errors = []
        by_key = {}
        for key in rules.keys() & columns.keys():
            found = list(records.by_key.get(key, ()))
            for index, row in enumerate(rows[name]):
                value = values.get((table.sheet, row, columns[key]))
                if isinstance(value, CellError):
                    errors.append(_at((table.sheet, row, columns[key]), value.value, rules[key].allowed))
                    found[index] = None
            by_key[key] = found
        data = {"tables": {name: Columns(records.count, by_key)}}
        places = _Places({}, {name: table}, rows)
        yield from (places.of(problem) for problem in checked(spec, data)[1])
        yield from errors


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the values of the data stand in the workbook."""

    names: Mapping[str, tuple[str, int, int]]
    tables: Mapping[str, Table]
    rows: Mapping[str, list[int]]

    def of(self, problem: Problem) -> CellProblem:
        """A problem of the data as a problem of a cell."""
        place, _, rest = problem.where.partition(": ")
        path = problem.path or _path(place)
        if len(path) == 2 and f"in_{path[1]}" in self.names:
            return _at(self.names[f"in_{path[1]}"], problem.found, problem.allowed)
        table = self.tables.get(str(path[1])) if len(path) > 1 else None
        if table is None:
            return CellProblem("", problem.where, problem.found, problem.allowed)
        area = parse_area(table.ref)
        keys = column_keys(column.name for column in table.columns)
        row = self.rows[table.name][path[2]] if len(path) > 2 and isinstance(path[2], int) else area.top
        column = area.left + (keys.index(str(path[3])) if len(path) > 3 and path[3] in keys else 0)
        found = f"{rest}: {problem.found}" if rest else problem.found
        return _at((table.sheet, row, column), found, problem.allowed)


def _path(where: str) -> tuple[str | int, ...]:
    """The place of a problem as keys and positions.

    >>> _path("tables.tblAllocation[2].weight")
    ('tables', 'tblAllocation', 1, 'weight')
    """
    found: list[str | int] = []
    for part in where.replace("[", ".[").split("."):
        if part.startswith("[") and part[1:-1].isdigit():
            found.append(int(part[1:-1]) - 1)
        else:
            found.append(int(part) if part.isdigit() else part)
    return tuple(found)
