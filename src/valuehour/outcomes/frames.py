"""Results as pandas DataFrames. The only module here that opens pandas."""

from __future__ import annotations

import pandas as pd

from valuehour.outcomes.results import Outcomes
from valuehour.outcomes.tables import Table, tables

_WHOLE = "Int64"  # whole numbers that may be missing


def frames(outcomes: Outcomes) -> dict[str, pd.DataFrame]:
    """Return every table of a result as a DataFrame; money stays exact, as Decimal."""
    return {name: _frame(table) for name, table in tables(outcomes).items()}


def _frame(table: Table) -> pd.DataFrame:
    columns = {}
    for place, (name, kind) in enumerate(table.columns):
        values = [row[place] for row in table.rows]
        kinds = {"whole": _WHOLE, "number": "float64", "text": "str", "money": "object"}
        columns[name] = pd.Series(values, dtype=kinds[kind])
    return pd.DataFrame(columns)
