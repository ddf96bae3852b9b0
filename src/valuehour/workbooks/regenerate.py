"""A filled workbook of an older version becomes one of the current version, and nothing a planner added is lost.

The planner's file stays the base: its own sheets, names, pictures, pivots, macros and every part that is not known
here stay as they are. The template's sheets are replaced by those of the new version, filled with what was read by
name, and what the planner had added to them is put back in its place.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from typing import Any, NoReturn

from valuehour.errors import WorkbookError
from valuehour.models import Catalog
from valuehour.ooxml import Cell, Package, dynamic_array_metadata, format_cell, parse_area, patch_cells, read_cells
from valuehour.ooxml.patch import Patch
from valuehour.ooxml.styles import take_styles
from valuehour.workbooks.astray import Astray
from valuehour.workbooks.build import build
from valuehour.workbooks.compare import shown
from valuehour.workbooks.data import input_rules, problems_of_inputs, table_rules
from valuehour.workbooks.described import Description, description
from valuehour.workbooks.fill import apply
from valuehour.workbooks.formula import Style
from valuehour.workbooks.grafting import Grafting
from valuehour.workbooks.layout import styled
from valuehour.workbooks.layouts import in_order, layout, released
from valuehour.workbooks.migrations import Migration, migration
from valuehour.workbooks.moves import pairs, remap
from valuehour.workbooks.own import Own, Reading, own_cells, reading
from valuehour.workbooks.read import (
    Values,
    first_day,
    in_days,
    marks,
    named_cells,
    placed_records,
    plain,
    read,
    tables_of,
)
from valuehour.workbooks.recalculation import recalculate
from valuehour.workbooks.records import Columns, Given, checked
from valuehour.workbooks.referring import Referring
from valuehour.workbooks.spec import Template, column_key, column_keys
from valuehour.workbooks.templates import TEMPLATES, template
from valuehour.workbooks.validated import validated
from valuehour.workbooks.verify import taxonomy_range


@dataclass(slots=True)
class Report:
    """What regenerating did: nothing that stood in the file is missing from the new one and from here."""

    template: str
    before: str
    after: str
    carried: int = 0
    """Inputs and records that were carried over."""
    renamed: dict[str, str] = field(default_factory=dict)
    dropped: list[dict[str, Any]] = field(default_factory=list)
    """Values of inputs and columns that the new version does not have."""
    conflicts: list[dict[str, Any]] = field(default_factory=list)
    """Values that do not fit the new version, with the place they stood in."""
    redrawn: list[str] = field(default_factory=list)
    """Charts of the template that were drawn otherwise and stay so."""
    kept: list[str] = field(default_factory=list)
    """Formulas that keep their value until a spreadsheet opens the file."""

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "template": self.template,
            "from": self.before,
            "to": self.after,
            "carried": self.carried,
            "renamed": self.renamed,
            "dropped": self.dropped,
            "conflicts": self.conflicts,
            "redrawn": self.redrawn,
            "kept": self.kept,
        }

    def lines(self) -> list[str]:
        """For people."""
        found = [f"{self.template} {self.before} to {self.after}: {self.carried} values carried over"]
        found += [f"renamed: {old} is {new} now" for old, new in self.renamed.items()]
        found += [f"dropped: {item['name']} was {item['value']!r}" for item in self.dropped]
        for item in self.conflicts:
            place = f"{item['sheet']}!{item['cell']}" if item["sheet"] else item["cell"]
            found.append(f"conflict: {place}: found {item['found']}; allowed: {item['allowed']}")
        found += [f"stays as it was drawn, though the new version brings its own: {chart}" for chart in self.redrawn]
        return found + [f"keeps its value until a spreadsheet opens the file: {place}" for place in self.kept]


def regenerate(
    package: Package, *, empty: Package | None = None, catalog: Catalog | None = None
) -> tuple[Package, Report]:
    """Bring a filled workbook to the current version of its template; the package that is given stays as it is.

    ``empty`` is the empty workbook of the file's own version; it tells what a planner added from what was the
    template's. Those of released versions are at hand, and a file of the current version needs none.

    Raises
    ------
    WorkbookError
        Not a workbook of ours, or a file for which nothing lost and the new version cannot both be had; the message
        says which part stands in the way.
    """
    found = marks(package)
    if found is None:
        raise WorkbookError(f"{package.label}: not a valuehour workbook: it has no name valuehour_template")
    if found["template"] not in TEMPLATES:
        raise WorkbookError(
            f"{package.label}: is of the template {found['template']!r}; there are: {', '.join(TEMPLATES)}"
        )
    spec = template(found["template"], catalog)
    report = Report(spec.name, found["version"], spec.version)
    if found["version"] == spec.version:
        return _restored(package, spec, report), report
    if empty is None:
        empty = layout(spec.name, found["version"]) or _no_layout(package, spec, found["version"])
    ours = marks(empty)
    if ours is None or (ours["template"], ours["version"]) != (found["template"], found["version"]):
        raise WorkbookError(
            f"{empty.label}: is not the empty workbook of {spec.name} {found['version']}, which {package.label} needs"
        )
    if in_order(found["version"]) > in_order(spec.version):
        raise WorkbookError(
            f"{package.label}: is version {found['version']} of {spec.name}, which is newer than {spec.version}; "
            "bring valuehour itself up to date"
        )
    changes = migration(spec.name, found["version"])
    values = Values()
    known = reading(package, empty, spec, values)
    given = _given(package, values, empty, spec, changes, report)
    del values
    new = apply(build(spec.name, style=Style(found["style"]), catalog=catalog).package, given, calculate=False).package
    del given
    return _renewed(package, known, empty, new, changes, report), report


def _no_layout(package: Package, spec: Template, version: str) -> NoReturn:
    known = ", ".join(released(spec.name)) or "none yet"
    raise WorkbookError(
        f"{package.label}: is version {version} of {spec.name}, whose empty workbook is needed to tell what was added "
        f"to it; at hand are those of released versions ({known}); give this one with --layout"
    )


def renew(package: Package, *, empty: Package, new: Package) -> tuple[Package, Report]:
    """Put a workbook that was built anew in the place of the template's sheets in a planner's file of the same version.

    ``empty`` is the empty workbook with the sheets that the file has; it tells what the planner added. Sheets that only
    ``new`` has are added.

    Raises
    ------
    WorkbookError
        Something in the file stands in the way; the message says what.
    """
    found = marks(package)
    if found is None or found != marks(new):
        raise WorkbookError(f"{package.label}: is not of the same template, version and style as the new one")
    spec = template(found["template"])
    report = Report(spec.name, found["version"], spec.version)
    return _renewed(package, reading(package, empty, spec), empty, new, Migration(), report), report


# The current version ----------------------------------------------------------------------------------------


def _restored(package: Package, spec: Template, report: Report) -> Package:
    """Give a file of the current version back the formulas that were typed over; everything else stays."""
    result = package.copy()
    restored = _typed_over(package, spec, report)
    for sheet, patches in restored.items():
        patch_cells(result, sheet, patches)
    if restored:
        report.kept = recalculate(result)
    return result


def _typed_over(package: Package, spec: Template, report: Report) -> dict[str, dict[str, Patch]]:
    """The formulas that a file of the current version lacks, by sheet and cell; the report says what it holds."""
    described = description(package)
    values, cells = _read_once(package, described)
    contents, problems = validated(package, values)
    report.carried = sum(value is not None for value in contents.inputs.values())
    report.carried += sum(len(contents.tables.get(name, [])) for name in table_rules(spec))
    report.conflicts = [problem.as_dict() for problem in problems]
    taxonomy = taxonomy_range(package)
    restored: dict[str, dict[str, Patch]] = {}
    by_place = {
        (plan.sheet.name, ref): cell
        for plan in described.anchored
        for ref, cell in ((format_cell(row, column), cell) for (row, column), cell in plan.cells.items())
    }
    for difference in described.overwritten(package, cells, taxonomy):
        report.conflicts.append(
            {
                "sheet": difference.sheet,
                "cell": difference.cell,
                "found": difference.found,
                "allowed": f"the template's formula {difference.expected}",
            }
        )
        cell = by_place.get((difference.sheet, difference.cell))
        text = None if cell is None else styled(cell, described.style, taxonomy)
        if text is not None and described.style is Style.NATIVE:
            patch = Patch(value=0.0, formula=text[1:], array_ref=None)
            restored.setdefault(difference.sheet, {})[difference.cell] = patch
    return restored


def _read_once(package: Package, described: Description) -> tuple[Values, dict[str, dict[str, Cell]]]:
    """The values of all cells, and the cells with a formula or where the template has one."""
    wanted = {
        (plan.sheet.name, row, column)
        for plan in described.anchored
        for (row, column), cell in plan.cells.items()
        if cell.formula is not None
    }
    wanted.update(named_cells(package).values())
    values = Values()
    cells: dict[str, dict[str, Cell]] = {}
    for sheet in package.worksheets():
        kept = cells[sheet.name] = {}
        for cell in read_cells(package, sheet):
            values.put(sheet.name, cell)
            if cell.formula is not None or (sheet.name, cell.row, cell.column) in wanted:
                kept[cell.ref] = cell
    return values, cells


# What was filled in -----------------------------------------------------------------------------------------


def _given(
    package: Package, values: Values, empty: Package, spec: Template, changes: Migration, report: Report
) -> Given:
    """What the new version is filled with; what does not fit it goes into the report."""
    entered = read(package, values).inputs
    places = named_cells(package)
    epoch = first_day(package)
    rules = input_rules(spec)
    inputs: dict[str, Any] = {}
    for key, value in entered.items():
        name = f"in_{key}"
        target = changes.names.get(name, name).removeprefix("in_")
        if name in changes.dropped_names:
            if value is not None:
                report.dropped.append({"name": name, "value": value})
            continue
        if target not in rules:
            if value is not None:
                report.conflicts.append(_conflict(places[name], shown(value), "no such input in the new version"))
            continue
        if target != key:
            report.renamed[key] = target
        found = in_days(value, epoch) if rules[target].kind == "date" else value
        problems = problems_of_inputs(spec, {target: found})[1]
        if problems:
            report.conflicts.append(_conflict(places[name], problems[0].found, problems[0].allowed))
            found = None
        inputs[target] = found
        report.carried += found is not None
    lost = [n.name for n in package.defined_names() if n.name.startswith("in_") and n.name not in places]
    for name in lost:
        report.conflicts.append(
            {"sheet": "", "cell": name, "found": "a name that refers to nothing", "allowed": "the name of one cell"}
        )
    fits = problems_of_inputs(spec, inputs)[0]
    return Given(fits, _tables(package, values, empty, spec, changes, report, epoch))


def _conflict(place: tuple[str, int, int], found: str, allowed: str) -> dict[str, Any]:
    return {"sheet": place[0], "cell": format_cell(place[1], place[2]), "found": found, "allowed": allowed}


def _tables(
    package: Package,
    values: Values,
    empty: Package,
    spec: Template,
    changes: Migration,
    report: Report,
    epoch: datetime.date,
) -> dict[str, Columns]:
    known = {table.name: {column_key(c.name) for c in table.columns} for table in empty.tables()}
    tables = {table.name: table for table in tables_of(package, spec.name)}
    given = {}
    for name, rules in table_rules(spec).items():
        if name not in known:
            continue
        if name not in tables:
            allowed = "the template's table; it was deleted or renamed"
            report.conflicts.append({"sheet": "", "cell": name, "found": "no such table", "allowed": allowed})
            continue
        table = tables[name]
        area = parse_area(table.ref)
        names = [column.name for column in table.columns]
        heads = dict(zip(column_keys(names), names, strict=True))
        for key in sorted(known[name] - heads.keys()):
            place = (table.sheet, area.top, area.left)
            report.conflicts.append(_conflict(place, f"{name} without the column {key!r}", "every column"))
        renamed = column_keys(changes.columns.get((name, head), head) for head in names)
        targets = dict(zip(heads, renamed, strict=True))
        rows = placed_records(table, values)
        if not rows:
            given[name] = Columns(0, {key: [] for key in rules})
            continue
        first = area.top + table.header_rows
        count = rows[-1][0] - first + 1  # rows left blank stay where they are
        columns: dict[str, list[Any]] = {key: [None] * count for key in rules}
        for row, record in rows:
            for key, value in record.items():
                target = targets[key]
                if target in rules:
                    dated = rules[target].kind == "date"
                    columns[target][row - first] = in_days(value, epoch) if dated else value
                elif key in known[name] and (name, heads[key]) in changes.dropped_columns and value is not None:
                    report.dropped.append({"name": f"{name}.{key}, row {row}", "value": value})
        at = {targets[key]: area.left + index for index, key in enumerate(heads)}
        for problem in checked(spec, {"tables": {name: Columns(count, columns)}})[1]:
            index, column = int(problem.path[2]), str(problem.path[3])
            place = (table.sheet, first + index, at[column])
            report.conflicts.append(_conflict(place, problem.found, problem.allowed))
            columns[column][index] = None
        given[name] = checked(spec, {"tables": {name: Columns(count, columns)}})[0].tables[name]
        report.carried += len(rows)
    return given


# The new version in the old file ----------------------------------------------------------------------------


def _renewed(
    package: Package, known: Reading, empty: Package, new: Package, changes: Migration, report: Report
) -> Package:
    result = package.copy()
    grown = pairs(empty, package, Migration(), (known.texts, known.labels()))
    since = {pair.new: pair for pair in grown}
    # A sheet that only bears the name of a new one is the planner's.
    found = [pair for pair in pairs(package, new, changes) if pair.old in since]
    astray = Astray.between(package, empty, new, changes, found)
    own: dict[str, Own] = {}
    for pair in found:
        own[pair.old] = own_cells(known, package, empty, pair, since[pair.old])
        for place, cell in own[pair.old].overwritten.items():
            text = f"={cell.formula}" if cell.formula is not None else shown(plain(cell.value))
            report.conflicts.append(
                _conflict((pair.old, *place), text, "what the template says there; it was typed over")
            )
    taken = take_styles(result, new)
    mark = dynamic_array_metadata(result) if _is_marked(new) else None
    grafting = Grafting(
        package=package,
        empty=empty,
        new=new,
        result=result,
        changes=changes,
        pairs=found,
        since={pair.new: pair.old for pair in since.values()},
        own=own,
        remap=remap(found, changes),
        taken=taken,
        mark=mark,
        astray=astray,
        grown=remap(grown, Migration()),
    )
    crowded = grafting.run()
    report.redrawn += grafting.charting.redrawn
    report.conflicts += [*grafting.conflicts, *grafting.charting.conflicts]
    report.conflicts += Referring(package, empty, own, found, astray, grafting.charting.known).conflicts()
    for sheet, cell, ref in crowded:
        text = f"={cell.formula}" if cell.formula is not None else shown(plain(cell.value))
        report.conflicts.append(
            {"sheet": sheet, "cell": cell.ref, "found": text, "allowed": f"its place {ref} is taken in the new version"}
        )
    report.kept = recalculate(result)
    return result


def _is_marked(new: Package) -> bool:
    return new.related_part("sheetMetadata") is not None
