"""Recalibration into a workbook that planners have filled: nothing that they added is lost."""

from __future__ import annotations

import datetime

from valuehour.errors import LedgerError
from valuehour.ledger.recalibration import Recalibrated, recalibrate
from valuehour.ledger.replay import AsOf
from valuehour.ledger.store import Ledger
from valuehour.ooxml import Package
from valuehour.workbooks.build import build
from valuehour.workbooks.data import Filling, input_rules, table_rules, validate
from valuehour.workbooks.fill import current_template
from valuehour.workbooks.formula import Style
from valuehour.workbooks.read import Contents, read
from valuehour.workbooks.regenerate import Report, renew
from valuehour.workbooks.spec import Template
from valuehour.workbooks.templates.value_model import NAME
from valuehour.workbooks.templates.value_model.bridge import SHARES
from valuehour.workbooks.templates.value_model.ledger import TABLE


def recalibrate_into(
    package: Package,
    ledger: Ledger,
    as_of: AsOf,
    *,
    known_on: datetime.date,
    since: AsOf | None = None,
    dimension: str | None = None,
) -> tuple[Recalibrated, Package, Report]:
    """Put the figures that hold in a ledger into a filled value model; the package that is given stays as it is.

    The figures before are those of the workbook, or of the day that ``since`` says. What planners added (sheets,
    columns, notes, charts) stays.

    Returns
    -------
    what was recalibrated, the workbook, and what could not be carried over as it was

    Raises
    ------
    LedgerError
        The workbook is no value model, holds a value that does not fit, or as for ``recalibrate``.
    WorkbookError
        It is not of the current version, or something in it stands in the way.
    """
    spec = current_template(package)
    if spec.name != NAME:
        raise LedgerError(f"{package.label}: is of the template {spec.name!r}; a ledger recalibrates {NAME!r}")
    contents = read(package)
    base = _filled(spec, contents, package.label)
    style = Style(contents.style)
    made = recalibrate(ledger, as_of, known_on=known_on, since=since, base=base, dimension=dimension, style=style)
    recorded = {name: tuple(contents.tables[name]) for name in (TABLE, SHARES) if name in contents.tables}
    empty = build(NAME, style=style, filling=Filling({}, {name: rows or ({},) for name, rows in recorded.items()}))
    result, report = renew(package, empty=empty.package, new=made.built.package)
    return made, result, report


def _filled(spec: Template, contents: Contents, label: str) -> Filling:
    """What the workbook is filled with; what a ledger wrote into it before is written anew."""
    inputs, tables = input_rules(spec), table_rules(spec)
    filling, problems = validate(
        spec,
        {
            "inputs": {name: value for name, value in contents.inputs.items() if name in inputs and value is not None},
            "tables": {
                name: [
                    {key: value for key, value in record.items() if key in rules and value is not None}
                    for record in contents.tables.get(name, ())
                ]
                for name, rules in tables.items()
            },
        },
    )
    if problems:
        raise LedgerError("\n".join(f"{label}: {problem}" for problem in problems))
    return filling
