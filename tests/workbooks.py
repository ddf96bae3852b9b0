"""Built workbooks for the tests: each is built once and handed out as copies; and the command line, run in place."""

from __future__ import annotations

import copy
import hashlib
import json
import tomllib
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from valuehour.cli import main
from valuehour.ooxml import Cell, Package, parse_cell, read_cells
from valuehour.workbooks.build import build
from valuehour.workbooks.data import validate
from valuehour.workbooks.formula import Style
from valuehour.workbooks.read import Contents, named_cells, read
from valuehour.workbooks.templates import template

NAME = "value_model"
STYLES = (Style.NATIVE, Style.LAMBDA)
EXAMPLE: Mapping[str, Any] = tomllib.loads(
    files("valuehour.workbooks").joinpath("scenarios", "decision_continuity.toml").read_text("utf-8")
)
EMPTY: Mapping[str, Any] = {}


def changed(inputs: Mapping[str, Any] | None = None, **tables: list[dict[str, Any]]) -> dict[str, Any]:
    """The worked example with other inputs (None: not given) and other tables."""
    data = copy.deepcopy(dict(EXAMPLE))
    data["inputs"] = {k: v for k, v in {**data["inputs"], **(inputs or {})}.items() if v is not None}
    data["tables"].update(tables)
    return data


def file_of(data: Mapping[str, Any], style: Style = Style.NATIVE) -> bytes:
    """The workbook that this data fills, as its file."""
    name = data.get("template", NAME)
    return _built(name, json.dumps(data, sort_keys=True, default=lambda date: f"@{date.isoformat()}"), style)


def package_of(data: Mapping[str, Any], style: Style = Style.NATIVE) -> Package:
    """The same, as a package of its own, which may be changed."""
    return Package.read(file_of(data, style))


def contents_of(data: Mapping[str, Any], style: Style = Style.NATIVE) -> Contents:
    """What reading that workbook gives."""
    return read(package_of(data, style))


@lru_cache(maxsize=64)
def _built(name: str, text: str, style: Style) -> bytes:
    def dates(record: dict[str, Any]) -> dict[str, Any]:
        return {
            k: tomllib.loads(f"date = {v[1:]}")["date"] if isinstance(v, str) and v.startswith("@20") else v
            for k, v in record.items()
        }

    filling, problems = validate(template(name), json.loads(text, object_hook=dates))
    assert not problems, problems
    return build(name, style=style, filling=filling).to_bytes()


def cells_of(package: Package) -> dict[tuple[str, str], Cell]:
    """Every cell by sheet and reference."""
    return {(sheet.name, cell.ref): cell for sheet in package.worksheets() for cell in read_cells(package, sheet)}


def place(package: Package, name: str) -> tuple[str, str]:
    """Sheet and reference of a named cell."""
    sheet, row, column = named_cells(package)[name]
    ref = next(ref for found, ref in cells_of(package) if found == sheet and parse_cell(ref) == (row, column))
    return sheet, ref


def valuehour(*arguments: object) -> Result:
    """Run the command line in this process; an exception that it lets through fails the test."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], prog_name="valuehour")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def complaints(result: Result) -> list[str]:
    """The lines on standard error, which must all be complaints of ours."""
    lines = result.stderr.splitlines()
    assert all(line.startswith("valuehour: ") for line in lines), result.stderr
    return [line.removeprefix("valuehour: ") for line in lines]


def listing(folder: Path) -> dict[str, str]:
    """Every file of a folder with a digest of its content."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(folder.rglob("*"))
    }


def mutated(package: Package, change: Callable[[Package], None]) -> Package:
    """A copy with a change, through its file."""
    changed_copy = package.copy()
    change(changed_copy)
    return Package.read(changed_copy.to_bytes())
