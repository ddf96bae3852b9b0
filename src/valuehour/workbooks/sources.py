"""Data files that fill a template: TOML, YAML, JSON, CSV, or another workbook."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from valuehour.errors import DataError, ProgramError, UsageError
from valuehour.models.names import did_you_mean, listed
from valuehour.ooxml import CellValue, Package, read_cells
from valuehour.workbooks.data import table_rules
from valuehour.workbooks.read import first_day, in_days, marks, plain
from valuehour.workbooks.records import Columns
from valuehour.workbooks.spec import Accepts, Template, column_key
from valuehour.workbooks.validated import validated

MAX_BYTES = 200_000_000
_BLOCK = 1024


def load(path: Path, template: Template, table: str | None = None) -> dict[str, Any]:
    """What a data file holds, in the shape that ``read --json`` prints; CSV holds one table, which is named.

    Raises
    ------
    DataError
        The file cannot be read as what its name says: where and why.
    UsageError
        A kind of file that is not known, or a table that is missing or that the template does not have.
    ProgramError
        A YAML file, and pyyaml is not installed.
    """
    kind = path.suffix.lower()
    if kind not in _READERS and kind not in (".csv", ".xlsx"):
        raise UsageError(f"{path.name}: not a data file; allowed: .toml, .yaml, .yml, .json, .csv, .xlsx")
    if table is not None and table not in table_rules(template):
        known = table_rules(template)
        raise UsageError(f"there is no table {table!r} to fill{did_you_mean(table, known)}; there are: {listed(known)}")
    if kind == ".xlsx":
        return _workbook(Package.read(path), template, table)
    if kind == ".csv":
        if table is None:
            names = ", ".join(table_rules(template))
            raise UsageError(f"{path.name}: a CSV file fills one table; name it with --table: {names}")
        return {"tables": {table: _csv(path, table_rules(template)[table])}}
    data = _READERS[kind](_text(path), path.name)
    if table is not None and isinstance(data, list):
        return {"tables": {table: data}}
    if not isinstance(data, dict):
        raise DataError(f"{path.name}: holds {type(data).__name__}; allowed: inputs and tables by name")
    return data


def _text(path: Path) -> str:
    try:
        _refuse_large(path)
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name}: byte {error.start} is not UTF-8 text; save the file as UTF-8") from error


def _refuse_large(path: Path) -> None:
    if path.stat().st_size > MAX_BYTES:
        raise DataError(f"{path.name}: the file is larger than {MAX_BYTES // 1_000_000} MB")


def _toml(text: str, name: str) -> Any:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name}: not TOML: {_one_line(error)}") from error


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name}: not JSON: {_one_line(error)}") from error


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number that a cell can hold")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key {next(key for key in keys if keys.count(key) > 1)!r} is there twice")
    return found


def _yaml(text: str, name: str) -> Any:
    try:
        import yaml
    except ModuleNotFoundError:
        raise ProgramError(
            f"{name}: YAML files need pyyaml; install it with: pip install 'valuehour[yaml]', or save it as JSON or "
            "TOML"
        ) from None

    class Loader(yaml.SafeLoader):
        """Plain data; a key that is there twice is refused."""

    def mapping(loader: Any, node: Any) -> dict[str, Any]:
        loader.flatten_mapping(node)
        return _once(
            [(loader.construct_object(k, deep=True), loader.construct_object(v, deep=True)) for k, v in node.value]
        )

    Loader.add_constructor("tag:yaml.org,2002:map", mapping)
    # An alias may repeat what it stands for without end.
    if any(isinstance(event, yaml.AliasEvent) for event in _events(text, name)):
        raise DataError(f"{name}: holds an alias (*name); write the values out")
    try:
        return yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise DataError(f"{name}: not YAML: {_one_line(error)}") from error


def _events(text: str, name: str) -> Any:
    import yaml

    try:
        yield from yaml.parse(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise DataError(f"{name}: not YAML: {_one_line(error)}") from error


_READERS: Mapping[str, Callable[[str, str], Any]] = {".toml": _toml, ".json": _json, ".yaml": _yaml, ".yml": _yaml}


def _csv(path: Path, rules: Mapping[str, Accepts]) -> Columns:
    """The columns of a CSV file; figures become numbers where the template wants numbers."""
    try:
        _refuse_large(path)
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return _table_of(filter(None, csv.reader(stream, strict=True)), path.name, rules)
    except csv.Error as error:
        raise DataError(f"{path.name}: not CSV: {error}") from error
    except (OSError, UnicodeDecodeError):
        _text(path)  # says what is wrong, and at which byte
        raise


def _table_of(rows: Iterator[list[str]], name: str, rules: Mapping[str, Accepts]) -> Columns:
    """Columns of rows that are read a block at a time: neither the text nor the rows are ever there as a whole."""
    heads = next(rows, None)
    if heads is None:
        raise DataError(f"{name}: is empty; allowed: a line of column names, then a line a record")
    keys = _keys(heads, name)
    figures = [key in rules and rules[key].kind in ("number", "whole") for key in keys]
    columns: list[list[Any]] = [[] for _ in keys]
    # What a column holds many times is kept once.
    known: list[dict[str, Any]] = [{} for _ in keys]
    count = 0
    while block := list(islice(rows, _BLOCK)):
        for number, row in enumerate(block if set(map(len, block)) != {len(keys)} else (), count + 1):
            if len(row) != len(keys):
                raise DataError(
                    f"{name}: record {number} has {len(row)} fields; the line of column names has {len(keys)}"
                )
        count += len(block)
        for values, texts, same, figure in zip(columns, zip(*block, strict=True), known, figures, strict=True):
            if len(same) > _BLOCK:
                same.clear()
            if figure:
                values += [same[text] if text in same else same.setdefault(text, _number(text)) for text in texts]
            else:
                values += [same.setdefault(text, text) for text in texts]
    return Columns(count, dict(zip(keys, columns, strict=True)))


def _keys(heads: Sequence[str], name: str) -> list[str]:
    keys = [column_key(head) for head in heads]
    twice = [key for key in keys if keys.count(key) > 1]
    if twice:
        raise DataError(f"{name}: the column {twice[0]!r} is there twice")
    return keys


def _columns(heads: Sequence[str], rows: Sequence[Sequence[Any]], name: str) -> Columns:
    keys = _keys(heads, name)
    return Columns(len(rows), {key: [row[index] for row in rows] for index, key in enumerate(keys)})


def _number(text: str) -> float | str | None:
    """A figure as a number; anything else stays text, which is then refused with its place."""
    text = text.strip()
    try:
        return float(text) if "_" not in text else text
    except ValueError:
        return text or None


def _workbook(package: Package, template: Template, table: str | None) -> dict[str, Any]:
    """What a workbook holds: one of ours as it is read, any other a table a sheet, with a line of column names."""
    if marks(package) is not None:
        contents, problems = validated(package)
        if problems:
            raise DataError("\n".join(f"{package.label}: {problem}" for problem in problems))
        found = contents.as_dict()
        if table is None:
            return found
        return {"tables": {table: found["tables"].get(table, [])}}
    rules = table_rules(template)
    tables = {}
    for sheet in package.worksheets():
        name = table if table is not None else sheet.name
        if name not in rules:
            raise DataError(
                f"{package.label}: the sheet {sheet.name!r} bears the name of no table to fill"
                f"{did_you_mean(sheet.name, rules)}; allowed: {listed(rules)}, or --table"
            )
        cells: dict[int, dict[int, CellValue]] = {}
        for cell in read_cells(package, sheet):
            if cell.value not in (None, ""):
                cells.setdefault(cell.row, {})[cell.column] = cell.value
        if not cells:
            continue
        first, *others = sorted(cells)
        columns = sorted(cells[first])
        rows = [[plain(cells[row].get(column)) for column in columns] for row in others]
        heads = [str(cells[first][column]) for column in columns]
        tables[name] = _dated(_columns(heads, rows, package.label), rules[name], package)
        if table is not None:
            break
    return {"tables": tables}


def _dated(columns: Columns, rules: Mapping[str, Accepts], package: Package) -> Columns:
    """Numbers of days where the template wants dates."""
    epoch = first_day(package)
    by_key = {
        key: [in_days(value, epoch) for value in values] if key in rules and rules[key].kind == "date" else values
        for key, values in columns.by_key.items()
    }
    return Columns(columns.count, by_key)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
