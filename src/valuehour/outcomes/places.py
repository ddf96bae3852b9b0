"""The first places of each finding: looked up after the join, and only for what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from valuehour.outcomes import stages
from valuehour.outcomes.amounts import is_blank, read_number
from valuehour.outcomes.findings import SHOWN_PLACES
from valuehour.outcomes.run_side import RunSide
from valuehour.outcomes.scan import Scanned, run_query, spend_query
from valuehour.outcomes.side import Shared
from valuehour.outcomes.spend_side import SpendSide
from valuehour.outcomes.times import read_time

_LOOKED_AT = 10_000  # rows, where Python decides which of them were meant

_UNPRICED = (
    "r.fault = '' AND (r.tokens_in > 0 OR r.tokens_out > 0) "
    "AND (r.cost = 0 OR (r.cost IS NULL AND TRIM(COALESCE(r.cost_text, '')) IN ('', 'NULL', 'null')))"
)


class Lookup(NamedTuple):
    """How a kind is found: a join if it needs one, a condition, and the text that Python has the last word on."""

    condition: str
    join: str = ""
    text: str = "''"
    meant: Callable[[str, ZoneInfo], bool] | None = None
    usage: bool | None = None


def _no_cost(text: str, _: ZoneInfo) -> bool:
    return is_blank(text) or read_number(text) is None


def _no_time(text: str, where: ZoneInfo) -> bool:
    return read_time(text, where) is None


def _negative(text: str, _: ZoneInfo) -> bool:
    value = read_number(text)
    return value is not None and value < 0


_SPEND = {
    "irregular_row": Lookup("r.fault <> ''"),
    "unreadable_cost": Lookup("r.fault = '' AND r.cost IS NULL", text="COALESCE(r.cost_text, '')", meant=_no_cost),
    "unreadable_time": Lookup("r.fault = '' AND r.occurred IS NULL", text="r.occurred_text", meant=_no_time),
    "unknown_workflow": Lookup("k.parts = 0 AND k.untagged = 0 AND r.fault = ''", join="spend_keys"),
    "untagged": Lookup("k.untagged = 1 AND r.fault = ''", join="spend_keys"),
    "tokens_without_cost": Lookup(_UNPRICED, usage=False),
    "usage_without_cost": Lookup(_UNPRICED, usage=True),
    "negative_correction": Lookup(
        "r.fault = '' AND (r.cost < 0 OR (r.cost IS NULL AND r.cost_text LIKE '%-%'))",
        text="CASE WHEN r.cost < 0 THEN '-1' ELSE r.cost_text END",
        meant=_negative,
    ),
    "duplicate_id": Lookup("1 = 1", join="repeated_ids"),
    "future_date": Lookup("r.occurred >= TIMESTAMP '{tomorrow} 00:00:00'"),
    "mixed_currencies": Lookup("k.currency <> '{currency}'", join="spend_keys"),
    "split_tags": Lookup("k.parts > 1", join="spend_keys"),
}
_RUNS = {
    "run_irregular_row": Lookup("r.fault <> ''"),
    "run_unreadable_time": Lookup("r.fault = '' AND r.finished IS NULL", text="r.finished_text", meant=_no_time),
    "run_unreadable_value": Lookup("r.unreadable > 0"),
    "run_without_id": Lookup("r.run_id = '' AND r.fault = ''"),
    "run_unknown_workflow": Lookup("k.parts = 0", join="run_keys"),
    "run_several_workflows": Lookup("k.parts > 1", join="run_keys"),
    "duplicate_run_id": Lookup("1 = 1", join="run_repeats"),
    "future_date": Lookup("r.finished >= TIMESTAMP '{tomorrow} 00:00:00'"),
}


class Places:
    """Looks places up."""

    def __init__(self, shared: Shared, currency: str) -> None:
        self._shared = shared
        self._words = {"tomorrow": shared.tomorrow.isoformat(), "currency": currency.replace("'", "''")}

    def find(self, spend: SpendSide, runs: RunSide) -> None:
        """Name the first places of every kind that was found and has none yet."""
        usage = spend.usage
        for kind in self._shared.findings.lacking_places():
            if kind in _SPEND:
                lookup, known = _SPEND[kind], self._shared.findings[kind].files
                files = [
                    file
                    for file in spend.files
                    if (not known or file.number in known)
                    and (lookup.usage is None or (file.number in usage) is lookup.usage)
                ]
                self._find(kind, lookup, files, spend_query, spend.names)
            if kind in _RUNS:
                self._find(kind, _RUNS[kind], runs.files, run_query, runs.names)

    def _find(
        self, kind: str, lookup: Lookup, files: Sequence[Scanned], query: Callable[..., str], keys: Sequence[str]
    ) -> None:
        # No more is looked for than there is: the search ends at the last one instead of the end of the file.
        left = min(SHOWN_PLACES, self._shared.findings[kind].count)
        for file in files:
            for row in self._rows(lookup, query(file, self._shared.engine, numbered=True), left, keys):
                self._shared.findings.place(kind, f"{file.table.label} row {row}")
                left -= 1
            if left <= 0:
                return

    def _rows(self, lookup: Lookup, records: str, left: int, keys: Sequence[str]) -> list[int]:
        join = _joined(lookup.join, [*keys, *self._shared.by_names])
        condition = lookup.condition.format(**self._words)
        rows = self._shared.engine.first(
            f"SELECT r.source_row, {lookup.text} FROM ({records}) AS r{join} WHERE {condition}",
            _LOOKED_AT if lookup.meant else left,
        )
        found = [row for row, text in rows if lookup.meant is None or lookup.meant(text, self._shared.where)]
        return sorted(found)[:left]


def _joined(table: str, keys: Sequence[str]) -> str:
    owners = stages.same("r", "k", keys)
    if table == "spend_keys":
        return f" JOIN spend_keys AS k ON {owners} AND r.currency = k.currency_raw"
    if table == "repeated_ids":
        return " JOIN repeated_ids AS p ON p.source = r.source AND p.row_id = r.row_id"
    if table == "run_keys":
        return f" JOIN run_keys AS k ON {owners}"
    if table == "run_repeats":
        return " JOIN run_repeats AS p ON p.run_id = r.run_id"
    return ""
