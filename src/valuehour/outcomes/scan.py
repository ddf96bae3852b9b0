"""The canonical record of each file, as a query over its columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from valuehour.outcomes.files import Table, named
from valuehour.outcomes.sources import Columns, Source
from valuehour.outcomes.stages import COUNTED, FINE, MEASURED, MONEY, literal

TRUE = ("true", "t", "yes", "y", "1", "1.0", "success", "succeeded", "passed", "pass", "ok", "accepted")
FALSE = ("false", "f", "no", "n", "0", "0.0", "failure", "failed", "fail", "error", "rejected")

# Up to here a text without an exponent has at most twelve decimals; beyond it, all 24 that FINE holds are looked at.
_SHORT = 13
_FLOATS = ("FLOAT", "DOUBLE", "REAL")
_FINE_ENOUGH = 22
_MOST_DIGITS = 26  # of MONEY before the point
SHORT_COST = "short_cost"


class Dialect(Protocol):
    """What engines say differently when they read files."""

    def relation(self, table: Table, *, numbered: bool) -> str:
        """The rows of a file: a table expression with its columns and, if numbered, ``_row`` and ``_fault``."""

    def moment(self, text: str, *, utc: bool) -> str:
        """The wall time in the result's zone that a text says, or null; ``utc``: where it says no offset."""

    def wall(self, column: str, kind: str, *, utc: bool) -> str | None:
        """The same of a column that holds moments already; nothing when it holds something else."""

    def json_value(self, text: str, names: Sequence[str]) -> str:
        """The text under one of these names of a JSON object, or an empty one."""

    def json_of(self, column: str) -> str:
        """A nested column as JSON text."""

    def hashed(self, text: str) -> str:
        """A hash of a text; different texts may share one."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A file with what its columns mean."""

    number: int
    table: Table
    source: Source
    fields: Columns
    by: tuple[str, ...] = ()
    json_names: tuple[str, ...] = ()


class Money(NamedTuple):
    """An amount in SQL: to twelve decimals, what is finer, its text, and what is worked out before, if anything."""

    kept: str
    residue: str
    text: str
    short: str = ""


class _Cells:
    """The columns of one file as SQL."""

    def __init__(self, scanned: Scanned, dialect: Dialect) -> None:
        self.scanned, self.dialect = scanned, dialect
        self.table = scanned.table

    def places(self, field: str) -> list[int]:
        return named(self.table.names, self.scanned.fields.get(field, ()))

    def kind(self, place: int) -> str:
        return self.table.types[place].upper() if self.table.types else "VARCHAR"

    def text_at(self, place: int) -> str:
        column, kind = self.table.columns[place], self.kind(place)
        if kind in ("VARCHAR", "STRING"):
            return column
        if any(mark in kind for mark in ("[", "MAP", "STRUCT", "ARRAY", "JSON")):
            return self.dialect.json_of(column)
        return f"CAST({column} AS STRING)" if self.table.types else column

    def text(self, field: str) -> str:
        """The first column of a field that says something, as text; never null."""
        places = self.places(field)
        if not places:
            return "''"
        if len(places) == 1:
            return f"COALESCE({self.text_at(places[0])}, '')"
        said = [f"NULLIF(NULLIF(TRIM({self.text_at(place)}), ''), 'NULL')" for place in places]
        return f"COALESCE({', '.join(said)}, '')"

    def unread(self, field: str, value: str) -> str:
        """The text of a field where no value was read from it; typed columns are not written out for the others."""
        text = self.text(field)
        typed = any(self.kind(place) not in ("VARCHAR", "STRING") for place in self.places(field))
        return f"CASE WHEN {value} IS NULL THEN {text} ELSE '' END" if typed else text

    def number(self, field: str, kind: str) -> str:
        places = self.places(field)
        if not places:
            return f"CAST(NULL AS {kind})"
        if len(places) == 1 and (_scale(self.kind(places[0])) is not None or self.kind(places[0]) in _FLOATS):
            return f"TRY_CAST({self.table.columns[places[0]]} AS {kind})"
        return f"TRY_CAST({self.text(field)} AS {kind})"

    def truth(self, field: str) -> str:
        places = self.places(field)
        if not places:
            return "CAST(NULL AS INTEGER)"
        if len(places) == 1 and self.kind(places[0]) == "BOOLEAN":
            column = self.table.columns[places[0]]
            return f"CASE WHEN {column} THEN 1 WHEN NOT {column} THEN 0 END"
        bare = self.text(field)
        text = f"LOWER(TRIM({bare}))"
        # Compared one by one: DuckDB makes a join of a long IN, and asks it of every row.
        yes, no = (" OR ".join(f"{text} = {literal(word)}" for word in words) for words in (TRUE, FALSE))
        # Most files write it one way: the long look is for the others.
        usual = f"WHEN {bare} = 'true' THEN 1 WHEN {bare} = 'false' THEN 0"
        return f"CASE {usual} WHEN {yes} THEN 1 WHEN {no} THEN 0 END"

    def time(self, field: str) -> tuple[str, str]:
        """The moment and, for what could not be read as one, its text."""
        places, utc = self.places(field), self.scanned.source.utc
        if len(places) == 1:
            wall = self.dialect.wall(self.table.columns[places[0]], self.kind(places[0]), utc=utc)
            if wall is not None:
                return wall, "''"
        text = self.text(field)
        return self.dialect.moment(text, utc=utc), text

    def money(self, field: str) -> Money:
        """What the amount of a row is read with; the text is given only where it could not be read as an amount."""
        places = self.places(field)
        if len(places) == 1:
            kind, column = self.kind(places[0]), self.table.columns[places[0]]
            scale = _scale(kind)
            if scale is not None and scale <= 12:
                if _whole_digits(kind, scale) <= _MOST_DIGITS:  # every amount fits: there is no text to look at
                    return Money(f"CAST({column} AS {MONEY})", f"CAST(NULL AS {FINE})", "''")
                kept = f"TRY_CAST({column} AS {MONEY})"
                text = f"CASE WHEN {kept} IS NULL THEN CAST({column} AS STRING) END"
                return Money(kept, f"CAST(NULL AS {FINE})", text)
        return _money(self.text(field))


def _money(text: str) -> Money:
    """An amount said by a text. Short plain texts are kept whole; longer ones are compared with 24 decimals.

    What could have more decimals than that, and what only some engines read (1_000), is left to Python.
    """
    kept, wide = f"TRY_CAST({text} AS {MONEY})", f"TRY_CAST({text} AS {FINE})"
    whole = f"POSITION('e' IN {text}) = 0 AND POSITION('E' IN {text}) = 0 AND POSITION('_' IN {text}) = 0"
    short = f"CASE WHEN LENGTH({text}) <= {_SHORT} AND {whole} THEN {kept} END"
    small = " OR ".join(f"{text} LIKE '%e-{zero}{power}'" for power in range(1, 9) for zero in ("", "0"))
    fine = f"({whole} OR (({small}) AND POSITION('_' IN {text}) = 0))"
    # Whether a short text is plain is asked once, before the rest: most amounts are.
    long = f"{SHORT_COST} IS NULL AND LENGTH({text}) <= {_FINE_ENOUGH} AND {fine} AND {wide} IS NOT NULL"
    return Money(
        f"CASE WHEN {SHORT_COST} IS NOT NULL THEN {SHORT_COST} WHEN {long} THEN {kept} END",
        f"CASE WHEN {long} THEN {wide} - CAST({kept} AS {FINE}) END",
        text,
        short,
    )


def spend_query(scanned: Scanned, dialect: Dialect, *, numbered: bool = False) -> str:
    """The canonical spend records of one file."""
    cells = _Cells(scanned, dialect)
    cost = cells.money("cost")
    occurred, occurred_text = cells.time("at")
    workflow = cells.text("workflow")
    if scanned.json_names and scanned.source.json_keys and cells.places("workflow"):
        workflow = dialect.json_value(workflow, scanned.json_names)
    row = ", _row AS source_row" if numbered else ""
    relation = dialect.relation(scanned.table, numbered=numbered)
    if cost.short:
        relation = f"(SELECT *, {cost.short} AS {SHORT_COST} FROM {relation}) AS priced_file"
    return f"""SELECT {scanned.number} AS file, {literal(scanned.source.name)} AS source,
  {workflow} AS workflow_key, {cells.text("tags")} AS tags, {cells.text("project")} AS project,
  {cells.text("trace")} AS trace, {cells.text("currency")} AS currency{_by(cells)},
  {occurred} AS occurred, {occurred_text} AS occurred_text,
  {cost.kept} AS cost, {cost.residue} AS residue, {cost.text} AS cost_text,
  {cells.text("run_id")} AS run_id, {cells.text("row_id")} AS row_id, {cells.text("model")} AS model,
  {cells.number("tokens_in", COUNTED)} AS tokens_in, {cells.number("tokens_cached", COUNTED)} AS tokens_cached,
  {cells.number("tokens_out", COUNTED)} AS tokens_out, {cells.number("retries", COUNTED)} AS retries,
  {cells.number("latency", MEASURED)} AS latency, {_fault(scanned)} AS fault{row}
FROM {relation}"""


def run_query(scanned: Scanned, dialect: Dialect, *, numbered: bool = False) -> str:
    """The canonical runs of one file."""
    cells = _Cells(scanned, dialect)
    finished, finished_text = cells.time("finished_at")
    values = {
        "success": cells.truth("success"),
        "manual_review": cells.truth("manual_review"),
        "accepted": cells.truth("accepted"),
        "turnaround_seconds": cells.number("turnaround_seconds", MEASURED),
        "quality": cells.number("quality", MEASURED),
        "metric_value": cells.number("metric_value", MEASURED),
        "attempts": cells.number("attempts", COUNTED),
    }
    there = [name for name in values if cells.places(name)]
    texts = "".join(f", {cells.unread(name, values[name])} AS {name}_text" for name in there)
    unreadable = " + ".join(
        f"CASE WHEN {name} IS NULL AND TRIM({name}_text) NOT IN ('', 'NULL', 'null') THEN 1 ELSE 0 END"
        for name in there
    )
    row = (", _row", ", source_row") if numbered else ("", "")
    by = "".join(f", by_{place}" for place in range(len(scanned.by)))
    return f"""SELECT file, workflow_key, tags, project, trace{by}, run_id, finished, finished_text, success,
  turnaround_seconds AS turnaround, manual_review, accepted, COALESCE(attempts, 1) AS attempts, quality,
  metric_value AS metric, {unreadable or "0"} AS unreadable, fault{row[1]}
FROM (
  SELECT {scanned.number} AS file,
    {cells.text("workflow")} AS workflow_key, {cells.text("tags")} AS tags, {cells.text("project")} AS project,
    {cells.text("trace")} AS trace{_by(cells)}, {_identity(cells)} AS run_id,
    {finished} AS finished, {finished_text} AS finished_text,
    {", ".join(f"{value} AS {name}" for name, value in values.items())}{texts}, {_fault(scanned)} AS fault
    {row[0]}{" AS source_row" if numbered else ""}
  FROM {dialect.relation(scanned.table, numbered=numbered)}
) AS read_runs"""


def _identity(cells: _Cells) -> str:
    """A run id, without the NULL of database exports: such rows are a run each."""
    text = cells.text("run_id")
    return text if text == "''" else f"CASE WHEN {text} IN ('NULL', 'null') THEN '' ELSE {text} END"


def _by(cells: _Cells) -> str:
    texts = []
    for place, name in enumerate(cells.scanned.by):
        found = named(cells.table.names, (name,))
        texts.append(f", {f'''COALESCE({cells.text_at(found[0])}, '')''' if found else literal('')} AS by_{place}")
    return "".join(texts)


def _fault(scanned: Scanned) -> str:
    return "COALESCE(_fault, '')" if scanned.table.numbered else "''"


def _scale(kind: str) -> int | None:
    """The decimals of an exact type, or nothing for others."""
    if kind in ("TINYINT", "SMALLINT", "INTEGER", "INT", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"):
        return 0
    if kind.startswith("DECIMAL(") and kind.endswith(")"):
        return int(kind[:-1].rpartition(",")[2])
    return None


def _whole_digits(kind: str, scale: int) -> int:
    """The digits before the point of an exact type, at most."""
    return int(kind[8:-1].partition(",")[0]) - scale if kind.startswith("DECIMAL(") else 20
