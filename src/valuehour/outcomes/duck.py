"""DuckDB, embedded: the engine that needs no server. The only module that opens it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from valuehour.errors import OutcomesError
from valuehour.outcomes.engine import Limits, Progress
from valuehour.outcomes.files import Table
from valuehour.outcomes.guard import Guard
from valuehour.outcomes.stages import MONEY, literal, values
from valuehour.outcomes.tables import Table as ResultTable

_LINE = 4_000_000  # bytes of the longest row of a file that was not measured


class DuckDB:
    """An in-memory database whose memory, threads and spill are bounded."""

    name = "duckdb"

    def __init__(self, zone: str, folder: Path, limits: Limits, progress: Progress | None = None) -> None:
        self._folder = folder / "spill"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._limits, self._progress = limits, progress
        self._zone = zone
        self._doing = ""
        settings: dict[str, str | bool | int | float | list[str]] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "temp_directory": str(self._folder),
            "memory_limit": f"{limits.bytes_of_memory // 1_000_000}MB",
        }
        if limits.threads is not None:
            settings["threads"] = limits.threads
        self._connection = duckdb.connect(":memory:", config=settings)
        self._connection.execute(f"SET TimeZone = {_text(zone)}")

    def view(self, name: str, query: str) -> None:
        """Give a query a name."""
        self._run(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")

    def stage(self, name: str, query: str) -> None:
        """Calculate a query once."""
        self._doing = name
        # The order of rows is kept only where places are asked for.
        self._connection.execute("SET preserve_insertion_order = false")
        self._run(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")
        self._connection.execute("SET preserve_insertion_order = true")

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._run(query)

    def first(self, query: str, count: int) -> list[tuple[Any, ...]]:
        """The first rows of a query by the number of the row in the file that the query begins with.

        Rows come as they stand in the file as long as the file is not the side of a join that is built: the search
        ends with the last row asked for instead of the end of the file.
        """
        self._connection.execute("SET disabled_optimizers = 'join_order,build_side_probe_side'")
        rows = self._run(f"{query} LIMIT {count}")
        self._connection.execute("RESET disabled_optimizers")
        return rows

    def columns(self, path: Path) -> tuple[tuple[str, str], ...]:
        """The names and types of a Parquet file's columns."""
        try:
            rows = self._connection.execute(f"DESCRIBE SELECT * FROM read_parquet({_path(path)})").fetchall()
        except duckdb.Error as error:
            raise OutcomesError(f"{path}: cannot be read as Parquet: {_line(error)}") from error
        return tuple((str(row[0]), str(row[1])) for row in rows)

    def reads(self, table: Table) -> bool:
        """Whether a file can be read to its end."""
        counts = ", ".join(f"COUNT({column})" for column in table.columns)
        try:
            self._run(f"SELECT {counts} FROM {self.relation(table, numbered=False)}")
        except OutcomesError:
            raise
        except duckdb.Error:
            return False
        return True

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def relation(self, table: Table, *, numbered: bool) -> str:
        """The rows of a file."""
        if table.kind == "parquet":
            columns = ", ".join(
                f"{_quoted(name)} AS {column}" for name, column in zip(table.names, table.columns, strict=True)
            )
            row = ", file_row_number + 1 AS _row" if numbered else ""
            extra = ", file_row_number = true" if numbered else ""
            return f"(SELECT {columns}{row} FROM read_parquet({_path(table.path)}{extra})) AS source_file"
        names = (*table.columns, "_row", "_fault") if table.numbered else table.columns
        columns = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in names)
        longest = max(_LINE, table.longest)
        scan = (
            f"read_csv({_path(table.path)}, auto_detect = false, header = true, delim = {_text(table.delimiter)}, "
            f"quote = '\"', escape = '\"', strict_mode = true, max_line_size = {longest}, "
            f"buffer_size = {max(32_000_000, 2 * longest)}, compression = {_text('gzip' if table.gzip else 'none')}, "
            f"columns = {{{columns}}})"
        )
        if table.numbered:
            number = "CAST(_row AS BIGINT) AS _row, _fault"
            return f"(SELECT {', '.join(table.columns)}, {number} FROM {scan}) AS source_file"
        if numbered:
            return f"(SELECT *, ROW_NUMBER() OVER () + 1 AS _row FROM {scan}) AS source_file"
        return f"{scan} AS source_file"

    def moment(self, text: str, *, utc: bool) -> str:
        """The wall time in the zone of the session; the zone's rules are asked only where they can matter."""
        # LIKE looks at one byte; RIGHT would cut a text of every row.
        offset = f"({text} LIKE '%Z' OR {text} LIKE '%z')"
        asked = f"CAST(TRY_CAST({text} AS TIMESTAMP WITH TIME ZONE) AS TIMESTAMP)"
        # A bare date is a day of the calendar, wherever one is.
        if self._zone == "UTC":
            return f"CASE WHEN {offset} OR LENGTH({text}) <= 10 THEN TRY_CAST({text} AS TIMESTAMP) ELSE {asked} END"
        if utc:
            told = f"{offset} OR LENGTH({text}) <= 10 OR SUBSTR({text}, 11) LIKE '%+%' OR SUBSTR({text}, 11) LIKE '%-%'"
            told += f" OR {text} LIKE '%UTC'"
            meant = f"CAST(TRY_CAST({text} || 'Z' AS TIMESTAMP WITH TIME ZONE) AS TIMESTAMP)"
            return f"CASE WHEN {told} THEN {asked} ELSE {meant} END"
        return asked

    def wall(self, column: str, kind: str, *, utc: bool) -> str | None:
        """Typed moments: with a zone they are moved to ours; without one, they are ours or UTC; dates are days."""
        if kind == "TIMESTAMP WITH TIME ZONE":
            return f"CAST({column} AS TIMESTAMP)"
        if kind == "DATE":
            return f"CAST({column} AS TIMESTAMP)"
        if kind.startswith("TIMESTAMP"):
            plain = f"CAST({column} AS TIMESTAMP)"
            return f"CAST(timezone('UTC', {plain}) AS TIMESTAMP)" if utc and self._zone != "UTC" else plain
        return None

    def json_value(self, text: str, names: Sequence[str]) -> str:
        """The first of these names that a JSON object has, at its top or among what the caller of LiteLLM sent."""
        inner = ("", '."spend_logs_metadata"', '."requester_metadata"')
        paths = [f'${place}."{name}"' for name in names for place in inner if '"' not in name]
        found = ", ".join(f"json_extract_string({text}, {literal(path)})" for path in paths)
        return f"CASE WHEN json_valid({text}) THEN COALESCE({found}, '') ELSE '' END"

    def json_of(self, column: str) -> str:
        """A nested column as JSON text."""
        return f"CAST(to_json({column}) AS VARCHAR)"

    def hashed(self, text: str) -> str:
        """A 64-bit hash of a text."""
        return f"HASH({text})"

    def _run(self, statement: str) -> list[tuple[Any, ...]]:
        guard = Guard(
            self._folder, self._limits.disk, self._connection.interrupt, self._tick if self._progress else None
        )
        try:
            with guard:
                return self._connection.execute(statement).fetchall()
        except duckdb.OutOfMemoryException as error:
            raise OutcomesError(
                f"the join needs more than the {self._limits.bytes_of_memory / 1e9:.1f} GB of memory it may take; "
                f"give it more with --memory: {_line(error)}"
            ) from error
        except duckdb.IOException as error:
            if "space" in str(error).lower():
                raise OutcomesError(f"the disk is full: {_line(error)}") from error
            raise

    def _tick(self) -> None:
        done = self._connection.query_progress()
        if self._progress is not None and done > 0:
            self._progress(f"{self._doing.replace('_', ' ')} {done:.0f} %")


def _path(path: Path) -> str:
    # Names with * ? [ are patterns to DuckDB; a class of one character is that character.
    text = "".join(f"[{character}]" if character in "*?[" else character for character in str(path))
    return _text(text)


def _text(text: str) -> str:
    """A text where only a plain literal may stand."""
    return "'" + text.replace("'", "''") + "'"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def write_parquet(table: ResultTable, path: Path) -> None:
    """Write a table of results as Parquet; money as DECIMAL(38,12)."""
    kinds = {"text": "VARCHAR", "money": MONEY, "whole": "BIGINT", "number": "DOUBLE"}
    columns = [(_quoted(name), kinds[kind]) for name, kind in table.columns]
    rows = [tuple(repr(cell) if isinstance(cell, float) else cell for cell in row) for row in table.rows]
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"COPY ({values(columns, rows)}) TO {_text(str(path))} (FORMAT parquet)")
