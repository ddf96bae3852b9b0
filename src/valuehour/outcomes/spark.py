"""Spark: the same stages on a session that is there already, on a cluster through Spark Connect, or locally.

The only module that opens pyspark. A cluster reads the files itself: their paths must lead to them from here and there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from valuehour.errors import OutcomesError
from valuehour.outcomes.files import Table
from valuehour.outcomes.stages import literal

_SETTINGS = {
    # What DuckDB does anyway: sums keep their decimals, and faults are not hidden.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.csv.parser.columnPruning.enabled": "false",
}


class Spark:
    """A Spark session as an engine."""

    name = "spark"

    def __init__(self, zone: str, session: Any = None) -> None:
        # Late, so that the module can be looked at where Spark is not installed.
        from pyspark.errors import PySparkException

        self._fault = PySparkException
        self._session, self._own = (session, False) if session is not None else _session()
        self._before = {name: self._session.conf.get(name, None) for name in (*_SETTINGS, "spark.sql.session.timeZone")}
        for name, value in {**_SETTINGS, "spark.sql.session.timeZone": zone}.items():
            self._session.conf.set(name, value)
        self._kept: list[Any] = []
        self._views: dict[Path, str] = {}

    def view(self, name: str, query: str) -> None:
        """Give a query a name."""
        self._session.sql(query).createOrReplaceTempView(name)

    def stage(self, name: str, query: str) -> None:
        """Calculate a query once; a view alone would be calculated anew whenever it is read."""
        frame = self._session.sql(query).persist()
        frame.count()
        frame.createOrReplaceTempView(name)
        self._kept.append(frame)

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return [tuple(row) for row in self._session.sql(query).collect()]

    def first(self, query: str, count: int) -> list[tuple[Any, ...]]:
        """The first rows of a query by its first column."""
        return self.fetch(f"{query} ORDER BY 1 LIMIT {count}")

    def columns(self, path: Path) -> tuple[tuple[str, str], ...]:
        """The names and types of a Parquet file's columns."""
        try:
            return tuple((name, kind.upper()) for name, kind in self._session.read.parquet(str(path)).dtypes)
        except self._fault as error:
            raise OutcomesError(f"{path}: cannot be read as Parquet: {' '.join(str(error).split())[:200]}") from error

    def reads(self, table: Table) -> bool:
        """Whether a file can be read to its end."""
        counts = ", ".join(f"COUNT({column})" for column in table.columns)
        try:
            self.fetch(f"SELECT {counts} FROM {self.relation(table, numbered=False)}")
        except self._fault:
            return False
        return True

    def close(self) -> None:
        """Give the stages back, and the session's settings; end a session that was begun here."""
        if self._own:
            self._session.stop()
            return
        for frame in self._kept:
            frame.unpersist()
        for name, value in self._before.items():
            if value is None:
                self._session.conf.unset(name)
            else:
                self._session.conf.set(name, value)

    def relation(self, table: Table, *, numbered: bool) -> str:
        """The rows of a file."""
        if table.path not in self._views:
            self._views[table.path] = f"source_file_{len(self._views)}"
            self._frame(table).createOrReplaceTempView(self._views[table.path])
        name = self._views[table.path]
        if table.numbered:
            number = "CAST(_row AS BIGINT) AS _row, _fault"
            return f"(SELECT {', '.join(table.columns)}, {number} FROM {name}) AS source_file"
        if not numbered:
            return name
        if table.kind == "parquet":
            return f"(SELECT {', '.join(table.columns)}, row_index + 1 AS _row FROM {name}) AS source_file"
        # A CSV whose records may span lines is read as one piece: ids that grow from 0 are its rows.
        return f"(SELECT *, MONOTONICALLY_INCREASING_ID() + 2 AS _row FROM {name}) AS source_file"

    def moment(self, text: str, *, utc: bool) -> str:
        """The wall time in the session's zone. Spark reads years and months alone too: those are left to Python."""
        dated = f"{text} LIKE '____-%-%'"
        plain = f"TRY_CAST({text} AS TIMESTAMP)"
        if not utc:
            return f"CASE WHEN {dated} THEN {plain} END"
        told = f"LENGTH({text}) <= 10 OR RIGHT({text}, 1) IN ('Z', 'z') OR SUBSTR({text}, 11) LIKE '%+%'"
        told += f" OR SUBSTR({text}, 11) LIKE '%-%' OR {text} LIKE '%UTC'"
        return f"CASE WHEN {dated} THEN CASE WHEN {told} THEN {plain} ELSE TRY_CAST({text} || 'Z' AS TIMESTAMP) END END"

    def wall(self, column: str, kind: str, *, utc: bool) -> str | None:
        """Typed moments."""
        if kind in ("TIMESTAMP", "DATE"):
            return f"CAST({column} AS TIMESTAMP)"
        if kind == "TIMESTAMP_NTZ":
            plain = f"CAST({column} AS TIMESTAMP)"
            return f"CONVERT_TIMEZONE('UTC', CURRENT_TIMEZONE(), {column})" if utc else plain
        return None

    def json_value(self, text: str, names: Sequence[str]) -> str:
        """The first of these names that a JSON object has, at its top or among what the caller of LiteLLM sent."""
        inner = ("", ".spend_logs_metadata", ".requester_metadata")
        paths = [f"${place}['{name}']" for name in names for place in inner if "'" not in name]
        return f"COALESCE({', '.join(f'GET_JSON_OBJECT({text}, {literal(path)})' for path in paths)}, '')"

    def json_of(self, column: str) -> str:
        """A nested column as JSON text."""
        return f"TO_JSON({column})"

    def hashed(self, text: str) -> str:
        """A 64-bit hash of a text."""
        return f"XXHASH64({text})"

    def _frame(self, table: Table) -> Any:
        if table.kind == "parquet":
            frame = self._session.read.parquet(str(table.path))
            return frame.select("*", "_metadata.row_index").toDF(*table.columns, "row_index")
        names = (*table.columns, "_row", "_fault") if table.numbered else table.columns
        reader = self._session.read.option("header", "true").option("sep", table.delimiter).option("quote", '"')
        reader = reader.option("escape", '"').option("multiLine", "true").option("mode", "FAILFAST")
        reader = reader.option("enforceSchema", "true").option("encoding", "UTF-8")
        return reader.schema(", ".join(f"{name} STRING" for name in names)).csv(str(table.path))


def _session() -> tuple[Any, bool]:
    """The session that is there, or a new one, and whether it is new."""
    from pyspark.sql import SparkSession

    active = SparkSession.getActiveSession()
    if active is not None:
        return active, False
    builder = SparkSession.builder.appName("valuehour")
    if "SPARK_REMOTE" in os.environ:
        return builder.remote(os.environ["SPARK_REMOTE"]).getOrCreate(), True
    local = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "4", "spark.log.level": "ERROR"}
    for name, value in local.items():
        builder = builder.config(name, value)
    return builder.master("local[*]").getOrCreate(), True
