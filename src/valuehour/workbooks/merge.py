"""Several filled copies of one template become one: every row with its source, every contradiction listed.

The first file is the base: what its planner added stays. Rows of all files stand one after the other, in the order
of the files. Nothing is dropped: rows that are there twice stay, and are listed.
"""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from valuehour import ooxml
from valuehour.errors import DataError, UsageError, WorkbookError
from valuehour.ooxml import Cell, Package, Patch, entered, format_cell, parse_area, patch_cells, read_cells
from valuehour.ooxml.anchors import anchored_areas
from valuehour.ooxml.columns import add_column, set_width
from valuehour.ooxml.structure import SheetRef
from valuehour.workbooks.data import input_rules, table_rules
from valuehour.workbooks.fill import Filled, apply, broken_rules, current_template
from valuehour.workbooks.read import Contents, Plain, tables_of, typed_keys
from valuehour.workbooks.records import Columns, Given, checked
from valuehour.workbooks.spec import Table, Template, column_key, column_keys
from valuehour.workbooks.validated import validated

SOURCE = "Source"
SOURCE_WIDTH = 24.0


@dataclass(frozen=True, slots=True)
class Source:
    """One file to merge and what it holds."""

    name: str
    package: Package
    contents: Contents


@dataclass(slots=True)
class MergeReport:
    """What merging found; nothing of it was dropped."""

    sources: list[str] = field(default_factory=list)
    rows: dict[str, dict[str, int]] = field(default_factory=dict)
    """Rows by table and source."""
    contradictions: list[dict[str, Any]] = field(default_factory=list)
    """Inputs that differ between files: the value kept is that of the first file that gives one."""
    doubles: list[dict[str, Any]] = field(default_factory=list)
    """Rows that stand in the files more than once; all of them are kept."""
    differing: list[dict[str, Any]] = field(default_factory=list)
    """Rows of different files for one and the same thing that do not say the same; all of them are kept."""
    totals: list[dict[str, Any]] = field(default_factory=list)
    """Totals of columns of figures: by source, and in the merged file."""
    rules: list[str] = field(default_factory=list)
    """What does not hold between the merged values."""
    left: list[str] = field(default_factory=list)
    """What planners added to files other than the first, which is not part of the merged file."""

    def to_json(self) -> str:
        """For programs."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"

    def lines(self) -> list[str]:
        """For people."""
        found = [
            f"{name}: {sum(counts.values())} rows: " + ", ".join(f"{n} from {source}" for source, n in counts.items())
            for name, counts in self.rows.items()
        ]
        for entry in self.contradictions:
            values = "; ".join(f"{source}: {value}" for source, value in entry["found"].items())
            found.append(f"input {entry['input']} differs: {values}; kept: {entry['kept']}")
        found += [
            f"{item['table']}: {item['times']} times the same row, in {', '.join(item['sources'])}: {item['row']}"
            for item in self.doubles
        ]
        for item in self.differing:
            rows = "; ".join(f"{row['source']}: {row['values']}" for row in item["rows"])
            found.append(f"{item['table']}: rows for {item['of']} differ: {rows}; all kept")
        for entry in self.totals:
            parts = " + ".join(f"{value:.15g} ({source})" for source, value in entry["sources"].items())
            found.append(f"{entry['table']} {entry['column']}: {entry['merged']:.15g} = {parts}")
        return found + [f"does not hold: {rule}" for rule in self.rules] + [f"not merged: {item}" for item in self.left]


def merge(files: Sequence[tuple[str, Package]]) -> tuple[Filled, MergeReport]:
    """Merge filled copies of one template; the first is the base.

    Raises
    ------
    UsageError
        Fewer than two files.
    DataError
        Files of different templates or versions, or values that do not fit: all of them, one line each.
    """
    if len(files) < 2:
        raise UsageError("merging takes two files or more")
    spec = current_template(files[0][1])
    sources = _sources(spec, files)
    report = MergeReport(sources=[source.name for source in sources])
    base = sources[0].package.copy()
    given = Given(_inputs(spec, sources, report), _tables(spec, sources, report))
    beside = _make_room(base, given)
    plain = Given(
        given.inputs,
        {
            name: Columns(
                columns.count, {k: v for k, v in columns.by_key.items() if k != "source" or name not in beside}
            )
            for name, columns in given.tables.items()
        },
    )
    report.rules = [str(problem) for problem in broken_rules(base, spec, plain)]
    filled = apply(base, plain)
    for name, column in beside.items():
        _write_beside(filled, name, column, given.tables[name].by_key["source"])
    _tie(spec, filled.package, sources, report)
    return filled, report


def _sources(spec: Template, files: Sequence[tuple[str, Package]]) -> list[Source]:
    lines = []
    sources = []
    for name, package in files:
        contents, problems = validated(package)
        if contents.template != spec.name:
            lines.append(
                f"{name}: is of the template {contents.template!r}, {files[0][0]} of {spec.name!r}; merge like files"
            )
        else:
            lines += [f"{name}: {problem}" for problem in problems]
        sources.append(Source(name, package, contents))
    if lines:
        raise DataError("\n".join(lines))
    return sources


def _inputs(spec: Template, sources: Sequence[Source], report: MergeReport) -> dict[str, Any]:
    given: dict[str, Plain] = {}
    for key in input_rules(spec):
        found = {source.name: source.contents.inputs.get(key) for source in sources}
        values = [value for value in found.values() if value is not None]
        if not values:
            continue
        given[key] = values[0]
        if any(value != values[0] for value in values):
            listed = {name: value for name, value in found.items() if value is not None}
            report.contradictions.append({"input": key, "kept": values[0], "found": listed})
    return dict(checked(spec, {"inputs": given})[0].inputs)


def _tables(spec: Template, sources: Sequence[Source], report: MergeReport) -> dict[str, Columns]:
    merged = {}
    own = {t.name: typed_keys(t.columns) for t in tables_of(sources[0].package, spec.name)}
    for name, rules in table_rules(spec).items():
        rows: list[dict[str, Any]] = []
        places: dict[tuple[Any, ...], list[str]] = defaultdict(list)
        counts = {}
        entries = _entries(spec.table(name), sources)
        for source, records in zip(sources, entries, strict=True):
            counts[source.name] = len(records)
            for record in records:
                row = {key: record.get(key) for key in (*rules, *(own.get(name, frozenset()) - {"source"}))}
                places[tuple(record.get(key) for key in rules)].append(source.name)
                rows.append(row | {"source": record.get("source") or source.name})
            _leave(source, sources[0], name, records, set(rules) | own.get(name, frozenset()), spec, report)
        if not rows:
            continue
        report.rows[name] = counts
        for values, found in places.items():
            if len(found) > 1:
                row = {key: value for key, value in zip(rules, values, strict=True) if value is not None}
                report.doubles.append({"table": name, "times": len(found), "sources": found, "row": row})
        report.differing += _differing(spec.table(name), list(rules), sources, entries)
        columns = {key: [row[key] for row in rows] for key in rows[0]}
        fits = checked(spec, {"tables": {name: Columns(len(rows), columns)}}, {name: frozenset(columns)})[0]
        merged[name] = fits.tables[name]
    for source in sources[1:]:
        described = {sheet.name for sheet in spec.sheets} | {sheet.name for sheet in sources[0].package.sheets()}
        report.left += [
            f"{source.name}: the sheet {sheet.name!r}"
            for sheet in source.package.sheets()
            if sheet.name not in described
        ]
    return merged


def _entries(table: Table, sources: Sequence[Source]) -> list[list[dict[str, Plain]]]:
    """The records of each source that somebody entered.

    A row that stands there as the template ships it is nobody's entry: it is taken once, and not at all where a file
    says more of the same thing.
    """
    found = [list(source.contents.tables.get(table.name, [])) for source in sources]
    shipped = {_identity(table, record) for record in table.prefilled}
    ignored = {column.key for column in table.columns if column.formula is not None} | {"source"}

    def is_shipped(record: Mapping[str, Plain]) -> bool:
        given = {key for key, value in record.items() if value is not None and key not in ignored}
        return given == set(table.identity) and _identity(table, record) in shipped

    if not shipped:
        return found
    said = {_identity(table, record) for records in found for record in records if not is_shipped(record)}
    kept: list[list[dict[str, Plain]]] = []
    for records in found:
        kept.append([])
        for record in records:
            if is_shipped(record):
                if _identity(table, record) in said:
                    continue
                said.add(_identity(table, record))
            kept[-1].append(record)
    return kept


def _identity(table: Table, record: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a record is about; words are compared case-blind, as in Excel."""
    values = (record.get(key) for key in table.identity)
    return tuple(value.casefold() if isinstance(value, str) else value for value in values)


def _differing(
    table: Table, keys: Sequence[str], sources: Sequence[Source], entries: Sequence[Sequence[Mapping[str, Plain]]]
) -> list[dict[str, Any]]:
    """Records of different files about one thing that do not say the same of it."""
    about: dict[tuple[Any, ...], list[tuple[str, Mapping[str, Plain]]]] = defaultdict(list)
    for source, records in zip(sources, entries, strict=True):
        for record in records:
            identity = _identity(table, record)
            if identity and None not in identity:
                about[identity].append((source.name, record))
    found = []
    for same in about.values():
        files = {name for name, _ in same}
        others = [key for key in keys if len({record.get(key) for _, record in same}) > 1 and key not in table.identity]
        if len(files) < 2 or not others:
            continue
        rows = [{"source": name, "values": {key: record.get(key) for key in others}} for name, record in same]
        found.append({"table": table.name, "of": {key: same[0][1].get(key) for key in table.identity}, "rows": rows})
    return found


def _leave(
    source: Source,
    base: Source,
    table: str,
    records: Sequence[Mapping[str, Any]],
    known: set[str],
    spec: Template,
    report: MergeReport,
) -> None:
    """List the columns that a planner added to a file other than the first."""
    if source is base or not records:
        return
    described = {column.key for column in spec.table(table).columns}
    extra = [key for key in records[0] if key not in known and key not in described and key != "source"]
    report.left += [f"{source.name}: the column {key!r} of {table}" for key in extra]


# Where the source stands ------------------------------------------------------------------------------------


def _make_room(package: Package, given: Given) -> dict[str, int]:
    """Add the column of sources to each table; where something stands at its right, name a free column beside it."""
    beside = {}
    for name in given.tables:
        table = next(table for table in package.tables() if table.name == name)
        if any(column_key(column.name) == "source" for column in table.columns):
            continue
        sheet = package.sheet(table.sheet)
        area = parse_area(table.ref)
        cells = list(read_cells(package, sheet))
        used = {
            cell.column
            for cell in cells
            if area.top <= cell.row <= area.bottom and (cell.formula is not None or cell.value is not None)
        } | _covered(package, sheet, area.top, area.bottom)
        right = max((number for number in used if number > area.right), default=area.right)
        column = area.right + 1 if area.right + 1 not in used else right + 2
        head = next((cell for cell in cells if (cell.row, cell.column) == (area.top, area.left)), None)
        style = 0 if head is None else head.style
        if column == area.right + 1:
            add_column(package, table, SOURCE, style)
        else:
            beside[name] = column
            patch_cells(package, sheet, {format_cell(area.top, column): entered(SOURCE, style)})
        set_width(package, sheet.name, column, SOURCE_WIDTH)
    return beside


def _covered(package: Package, sheet: SheetRef, top: int, bottom: int) -> set[int]:
    """The columns that drawings cover beside those rows."""
    return {
        column
        for area in anchored_areas(package, sheet)
        if area.top <= bottom and area.bottom >= top
        for column in range(area.left, area.right + 1)
    }


def _write_beside(filled: Filled, name: str, column: int, values: Sequence[Any]) -> None:
    table = _table(filled.package, name)
    patches: dict[str, Patch] = {
        format_cell(row, column): entered(value) for row, value in zip(filled.rows[name], values, strict=True)
    }
    patch_cells(filled.package, table.sheet, patches)


def _table(package: Package, name: str) -> ooxml.Table:
    return next(table for table in package.tables() if table.name == name)


# Totals -----------------------------------------------------------------------------------------------------


def _tie(spec: Template, package: Package, sources: Sequence[Source], report: MergeReport) -> None:
    """Add up every column of figures, by source and in the merged file as it reads now; they must be the same."""
    for name, rules in table_rules(spec).items():
        if name not in report.rows:
            continue
        for key, accepts in rules.items():
            if accepts.kind not in ("number", "whole"):
                continue
            figures = {s.name: _figures(s.contents.tables.get(name, []), key) for s in sources}
            merged = _column(package, name, key)
            expected = sorted(value for values in figures.values() for value in values)
            if sorted(merged) != expected:
                raise WorkbookError(
                    f"the merged {key} of {name} adds up to {math.fsum(merged)}, the files to {math.fsum(expected)}"
                )
            report.totals.append(
                {
                    "table": name,
                    "column": key,
                    "merged": math.fsum(merged),
                    "sources": {source: math.fsum(values) for source, values in figures.items()},
                }
            )


def _figures(records: Sequence[Mapping[str, Any]], key: str) -> list[float]:
    return [float(r[key]) for r in records if isinstance(r.get(key), (int, float))]


def _column(package: Package, name: str, key: str) -> list[float]:
    table = _table(package, name)
    area = parse_area(table.ref)
    column = area.left + column_keys(c.name for c in table.columns).index(key)

    def is_inside(cell: Cell) -> bool:
        return area.top < cell.row <= area.bottom - table.totals_rows and cell.column == column

    values = (cell.value for cell in read_cells(package, table.sheet) if is_inside(cell))
    return [value for value in values if isinstance(value, float)]
