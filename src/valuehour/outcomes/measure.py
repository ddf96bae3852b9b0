"""The one call: files in, results out."""

from __future__ import annotations

import datetime
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from valuehour.catalog import load_catalog
from valuehour.errors import OutcomesError, UsageError
from valuehour.models import Catalog
from valuehour.outcomes.engine import Engine, Limits
from valuehour.outcomes.findings import Findings
from valuehour.outcomes.importing import Importer
from valuehour.outcomes.join import join
from valuehour.outcomes.mapping import WorkflowKeys, read_map
from valuehour.outcomes.results import Outcomes
from valuehour.outcomes.side import Shared
from valuehour.outcomes.sources import check_source
from valuehour.outcomes.times import zone

Files = Sequence[str | os.PathLike[str]]


def measure_outcomes(
    spend: Files,
    runs: Files = (),
    *,
    as_of: datetime.date,
    mapping: str | os.PathLike[str] | None = None,
    by: Sequence[str] = (),
    timezone: str = "UTC",
    engine: Literal["duckdb", "spark"] = "duckdb",
    source: str | None = None,
    catalog: Catalog | None = None,
    limits: Limits | None = None,
    progress: Callable[[str], None] | None = None,
    session: Any = None,
) -> Outcomes:
    r"""Join spend to the outcomes of workflows, and return every figure with its tie-out.

    read = matched + unmatched + refused, for each currency, to twelve decimals

    Parameters
    ----------
    spend, runs : files
        CSV, JSON, JSON lines or Parquet, also gzipped; what each is, is told from its content and columns.
    as_of : date
        Rows dated after this day are findings.
    mapping : TOML file
        Columns, keys, thresholds and exchange rates of your own.
    by : column names
        Further columns to group by, in the files of both sides.
    timezone : name
        The zone whose months are counted, such as ``Europe/Berlin``; it also reads times without an offset.
    engine : duckdb or spark
        Embedded, or a Spark session: ``session``, or the one of ``SPARK_REMOTE``, or a local one.
    source : name
        The source of files that are not recognised from their columns.
    limits : memory, threads, disk
        What the engine may take.
    progress : callable
        Told what is being done, in a few words.

    Returns
    -------
    results per workflow and per month, tie-out, findings, unmatched keys

    Raises
    ------
    OutcomesError
        A file cannot be read, lacks a column, a limit is reached, or the totals do not tie out.
    UsageError
        The time zone, the source or the engine does not exist.

    Source
    ------
    workflow_outcomes_guide: Join spend data to workflow-level outcomes

    Examples
    --------
    >>> import datetime, pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     spend, runs = pathlib.Path(folder, "spend.csv"), pathlib.Path(folder, "runs.csv")
    ...     _ = spend.write_text("date,workflow,cost\n2026-01-05,Support reply,300\n")
    ...     _ = runs.write_text("run_id,workflow,finished_at,success\n1,Support reply,2026-01-06,true\n")
    ...     found = measure_outcomes([spend], [runs], as_of=datetime.date(2026, 2, 1))
    >>> found.workflows[0].counts.cost_per_success, found.tie_out["USD"].matched
    (Decimal('300.000000000000'), Decimal('300.000000000000'))
    """
    say = progress or _silent
    zone(timezone)
    check_source(source)
    if not spend and not runs:
        raise UsageError("no files were given; allowed: at least one file of spend or of runs")
    if len(set(by)) != len(by):
        raise UsageError("a grouping column was given twice; allowed: each once")
    known = catalog if catalog is not None else load_catalog()
    settings = read_map(Path(mapping) if mapping is not None else None)
    limits = limits or Limits()
    try:
        workplace = tempfile.TemporaryDirectory(prefix="valuehour-", dir=limits.folder)
    except OSError as error:
        raise OutcomesError(f"{limits.folder}: no temporary folder can be made there: {error.strerror}") from error
    with workplace as folder:
        running = _engine(engine, timezone, Path(folder), limits, progress, session)
        try:
            keys, found = WorkflowKeys(known, settings), Findings()
            importer = Importer(running, settings, keys, Path(folder), tuple(by), source)
            shared = Shared(running, importer, keys, found, zone(timezone), as_of, tuple(by), say)
            return join(shared, known, timezone, [Path(path) for path in spend], [Path(path) for path in runs])
        finally:
            running.close()


def _silent(_: str) -> None:
    """Say nothing."""


def _engine(
    name: str, timezone: str, folder: Path, limits: Limits, progress: Callable[[str], None] | None, session: Any
) -> Engine:
    if name == "duckdb":
        from valuehour.outcomes.duck import DuckDB

        return DuckDB(timezone, folder, limits, progress)
    if name == "spark":
        from valuehour.outcomes.spark import Spark

        return Spark(timezone, session)
    raise UsageError(f"unknown engine {name!r}; allowed: duckdb or spark")
