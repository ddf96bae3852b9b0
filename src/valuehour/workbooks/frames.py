"""What a workbook holds as DataFrames; the one module of workbooks that knows pandas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from valuehour.errors import ProgramError, WorkbookError
from valuehour.ooxml import Package
from valuehour.workbooks.data import table_rules
from valuehour.workbooks.spec import Accepts, column_keys
from valuehour.workbooks.templates import template
from valuehour.workbooks.validated import validated

if TYPE_CHECKING:
    import pandas as pd


def read_frames(path: Path | str) -> dict[str, pd.DataFrame]:
    """Read a workbook of ours, checked, into one DataFrame a table.

    ``inputs`` and ``results`` come as frames of name and value. Columns of dates are ``datetime64``, columns of figures
    ``float64``, both with missing values where cells are blank; all other columns hold Python objects.

    Raises
    ------
    WorkbookError
        Not a workbook of ours, or values that do not fit: all of them, one line each.
    ProgramError
        pandas is not installed.
    """
    try:
        import pandas as pd
    except ModuleNotFoundError:
        raise ProgramError("DataFrames need pandas; install it with: pip install 'valuehour[frames]'") from None

    package = Package.read(Path(path))
    contents, problems = validated(package)
    if problems:
        raise WorkbookError("\n".join(f"{package.label}: {problem}" for problem in problems))
    spec = template(contents.template)
    rules = table_rules(spec)
    heads = {t.name: column_keys(column.name for column in t.columns) for t in package.tables()}
    frames = {
        name: pd.DataFrame(_columns(heads[name], records, rules.get(name, {})))
        for name, records in contents.tables.items()
    }
    for name, values in (("inputs", contents.inputs), ("results", contents.results)):
        frames[name] = pd.DataFrame(
            {"name": pd.Series(list(values), dtype=object), "value": pd.Series(list(values.values()), dtype=object)}
        )
    return frames


def _columns(
    keys: Sequence[str], records: Sequence[Mapping[str, Any]], rules: Mapping[str, Accepts]
) -> dict[str, pd.Series[Any]]:
    import pandas as pd

    columns = {}
    for key in keys:
        values = [record.get(key) for record in records]
        kind = rules[key].kind if key in rules else None
        if kind == "date":
            columns[key] = pd.Series(pd.to_datetime(pd.Series(values, dtype=object), format="%Y-%m-%d"))
        elif kind in ("number", "whole") or (kind is None and _all_figures(values)):
            columns[key] = pd.Series(values, dtype="float64")
        else:
            columns[key] = pd.Series(values, dtype=object)
    return columns


def _all_figures(values: Sequence[Any]) -> bool:
    """Whether a calculated column holds figures only; one without any value holds nothing."""
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in known)
