"""Results into files: JSON, CSV, Parquet, a workbook, or a folder of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from valuehour.catalog import load_catalog
from valuehour.errors import UsageError
from valuehour.models import Catalog
from valuehour.outcomes.results import Outcomes
from valuehour.outcomes.tables import Table, cell_text, tables

SUFFIXES = (".json", ".csv", ".parquet", ".xlsx")


def is_folder(path: Path) -> bool:
    """Whether an output path means a folder: it is one, or has no suffix."""
    return path.is_dir() or not path.suffix


def check_output(path: Path) -> None:
    """Refuse an output whose form is not known, before anything is read."""
    if not is_folder(path) and path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: unknown form {path.suffix!r}; allowed: {', '.join(SUFFIXES)}, or a folder")


def write(outcomes: Outcomes, path: Path, catalog: Catalog | None = None) -> list[Path]:
    """Write results: a file in the form of its suffix (the workflows, where it holds one table), or a folder.

    A folder takes the whole result as JSON, every table as CSV, and the workbook.

    The catalog is what a workbook takes the workflows' texts from; the package's own when none is given.

    Returns
    -------
    what was written
    """
    if not is_folder(path):
        _write_file(outcomes, path, catalog)
        return [path]
    path.mkdir(parents=True, exist_ok=True)
    written = [path / "outcomes.json"]
    _write_file(outcomes, written[0], catalog)
    for name, table in tables(outcomes).items():
        target = path / f"{name}.csv"
        write_csv(table, target)
        written.append(target)
    # Last: what does not fit a workbook leaves the other files whole.
    written.append(path / "outcomes.xlsx")
    _write_file(outcomes, written[-1], catalog)
    return written


def write_csv(table: Table, path: Path) -> None:
    """Write a table as CSV; no cell is a formula to a spreadsheet."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([cell_text(name, "text") for name, _ in table.columns])
        for row in table.rows:
            writer.writerow([cell_text(value, kind) for value, (_, kind) in zip(row, table.columns, strict=True)])


def _write_file(outcomes: Outcomes, path: Path, catalog: Catalog | None) -> None:
    suffix = path.suffix.lower()
    if suffix == ".json":
        path.write_text(json.dumps(outcomes.as_dict(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    elif suffix == ".csv":
        write_csv(tables(outcomes)["workflows"], path)
    elif suffix == ".parquet":
        from valuehour.outcomes.duck import write_parquet

        write_parquet(tables(outcomes)["workflows"], path)
    else:
        from valuehour.outcomes.workbook import write_workbook

        write_workbook(outcomes, path, catalog or load_catalog())
