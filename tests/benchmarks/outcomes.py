"""The join of spend and runs, against a query that only sums, Polars and pandas; each run in its own process.

By hand, with any number of rows (100 million of spend and 30 million runs need 2.6 GB of disk as Parquet)::

    python -m tests.benchmarks.outcomes generate FOLDER 100000000 30000000 parquet
    python -m tests.benchmarks.outcomes limited FOLDER parquet

The ways are ours, limited (ours with 2 GB of memory), sum, pandas and polars. Each prints seconds, the seconds of all
its threads together (they say more on a machine that has other work), and megabytes.
"""

from __future__ import annotations

import datetime
import importlib.util
import json
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from tests.benchmarks.timing import Row, in_turns, timed

NOTE = """\
[7] The sum reads the same files in hand-written DuckDB SQL and adds up cost and counts runs by workflow and month: no
    findings, no quantiles, no attempts, no tie-out. pandas and Polars do the join with exact quantiles, in floats where
    a CSV has no types, without findings. Memory is the peak of the process. Polars, and pandas on Parquet, are measured
    where polars and pyarrow are installed."""

_WORKFLOWS = (
    "['support_reply','sales_summary','planning_digest','onboarding_assistant','Customer onboarding',"
    "'Security exception handling','internal tools','batch']"
)
_WHEN = "strftime(TIMESTAMP '2026-01-01' + to_seconds((i * 7919) % 15552000), '%Y-%m-%dT%H:%M:%SZ')"
_SPEND = f"""
SELECT {_WHEN} AS "timestamp", {_WORKFLOWS}[1 + (i * 31) % 8] AS workflow, 'run-' || (i % {{runs}}) AS run_id,
  CAST('0.0' || lpad(CAST((i * 104729) % 10000000 AS VARCHAR), 7, '0') AS DECIMAL(18,9)) AS cost, 'USD' AS currency,
  ['gpt-x', 'claude-y', 'gem-z'][1 + i % 3] AS model, 200 + i % 3000 AS input_tokens, 20 + i % 700 AS output_tokens
FROM range({{spend}}) AS t(i)"""
_RUNS = f"""
SELECT 'run-' || i AS run_id, {_WORKFLOWS}[1 + (i * 31) % 8] AS workflow, {_WHEN} AS finished_at,
  CASE WHEN i % 7 = 0 THEN 'false' ELSE 'true' END AS success, (i * 37 % 100000) / 10.0 AS turnaround_seconds,
  CASE WHEN i % 5 = 0 THEN 'true' ELSE 'false' END AS manual_review,
  CASE WHEN i % 9 = 0 THEN 'false' ELSE 'true' END AS accepted
FROM range({{runs}}) AS t(i)"""


class Sample(NamedTuple):
    """What one process needed."""

    seconds: float
    cpu: float
    megabytes: float


def rows(*, quick: bool) -> Iterator[Row]:
    """The command on a small file; the join on large ones."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, 1_000 if quick else 10_000, 300 if quick else 3_000)
        yield from _command(folder, 1 if quick else 7)
        spend, runs = (2_000, 600) if quick else (10_000_000, 3_000_000)
        generate(folder, spend, runs)
        for form in ("parquet", "csv"):
            yield from _large(folder, form, f"join {spend:,} + {runs:,}, {form}", 1 if quick else 3)


def _command(folder: Path, runs: int) -> Iterator[Row]:
    script = Path(sysconfig.get_path("scripts"), "valuehour")
    files = ["--spend", str(folder / "spend.csv"), "--runs", str(folder / "runs.csv"), "--json"]

    def run(*command: str | Path) -> None:
        subprocess.run(command, check=True, capture_output=True)

    own, others = in_turns(
        runs,
        timed(lambda: run(script, "outcomes", *files)),
        timed(lambda: run(sys.executable, "-c", "import duckdb")),
    )
    yield Row(what="valuehour outcomes, small CSV, process", own=own, rival="import duckdb", others=others, most=0.6)


def _large(folder: Path, form: str, what: str, runs: int) -> Iterator[Row]:
    has_polars = importlib.util.find_spec("polars") is not None
    has_pandas = form == "csv" or importlib.util.find_spec("pyarrow") is not None
    ways = ["ours", "sum", *(["pandas"] if has_pandas else []), *(["polars"] if has_polars else [])]

    def work(way: str) -> Sample:
        command = [sys.executable, "-m", "tests.benchmarks.outcomes", way, str(folder), form]
        return Sample(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))

    # mypy does not infer the default of a lambda.
    own, *others = in_turns(runs, *(lambda way=way: work(way) for way in ways))  # type: ignore[misc]
    aims = {"sum": 2.0, "pandas": 1 / 3}
    for way, samples in zip(ways[1:], others, strict=True):
        rival = "DuckDB, sums only [7]" if way == "sum" else f"{way} [7]"
        yield Row(
            what=what,
            own=[sample.seconds for sample in own],
            rival=rival,
            others=[sample.seconds for sample in samples],
            most_times=aims.get(way),
        )
    yield Row(
        what=f"{what}, peak memory",
        own=[sample.megabytes for sample in own],
        rival="DuckDB, sums only [7]",
        others=[sample.megabytes for sample in others[0]],
        unit="MB",
        most=1000,
    )


def generate(folder: Path, spend: int, runs: int, forms: Sequence[str] = ("csv", "parquet")) -> None:
    """Write rows of spend and runs in these forms."""
    with duckdb.connect(":memory:", config={"memory_limit": "1GB", "temp_directory": str(folder)}) as connection:
        for name, query in (("spend", _SPEND), ("runs", _RUNS)):
            for form in forms:
                rows = query.format(spend=spend, runs=runs)
                connection.execute(f"COPY ({rows}) TO '{folder / name}.{form}' (FORMAT {form})")


def _ours(folder: Path, form: str, memory: int | None = None) -> None:
    from valuehour.outcomes import measure_outcomes
    from valuehour.outcomes.engine import Limits

    files = [folder / f"spend.{form}"], [folder / f"runs.{form}"]
    found = measure_outcomes(*files, as_of=datetime.date(2026, 12, 31), limits=Limits(memory=memory))
    assert found.tie_out["USD"].rows_read


def _limited(folder: Path, form: str) -> None:
    _ours(folder, form, 2_000_000_000)


def _sum(folder: Path, form: str) -> None:
    types = ", types = {'cost': 'DECIMAL(38,12)'}" if form == "csv" else ""
    read = [f"read_{form}('{folder / name}.{form}'{options})" for name, options in (("spend", types), ("runs", ""))]
    month = "strftime(CAST({} AS TIMESTAMP), '%Y-%m')"
    duckdb.sql(
        f"WITH s AS (SELECT workflow, {month.format('timestamp')} AS m, SUM(cost) AS cost FROM {read[0]} "
        "GROUP BY ALL), "
        f"r AS (SELECT workflow, {month.format('finished_at')} AS m, COUNT(*) AS runs FROM {read[1]} GROUP BY ALL) "
        "SELECT * FROM s FULL JOIN r USING (workflow, m)"
    ).fetchall()


def _pandas(folder: Path, form: str) -> None:
    import pandas as pd

    read = pd.read_csv if form == "csv" else pd.read_parquet
    spend, runs = read(folder / f"spend.{form}"), read(folder / f"runs.{form}")
    spend["month"] = pd.to_datetime(spend["timestamp"]).dt.strftime("%Y-%m")
    runs["month"] = pd.to_datetime(runs["finished_at"]).dt.strftime("%Y-%m")
    for name in ("success", "manual_review", "accepted"):
        runs[name] = runs[name].astype(str).str.lower().eq("true")
    keys = ["workflow", "month"]
    costs = spend.groupby(keys)[["cost", "input_tokens", "output_tokens"]].sum()
    done = runs.groupby(keys)[["success", "manual_review", "accepted"]].sum()
    turnaround = runs.assign(t=runs["turnaround_seconds"].astype(float)).groupby(keys)["t"]
    joined = costs.join(done, how="outer").join(turnaround.quantile(0.5))
    assert len(joined.join(turnaround.quantile(0.95).rename("t_95")))


def _polars(folder: Path, form: str) -> None:
    import polars as pl  # type: ignore[import-not-found,unused-ignore]  # measured only where it is

    scan = pl.scan_csv if form == "csv" else pl.scan_parquet
    keys = ["workflow", "month"]
    spend = scan(folder / f"spend.{form}").with_columns(month=pl.col("timestamp").str.slice(0, 7))
    runs = scan(folder / f"runs.{form}").with_columns(month=pl.col("finished_at").str.slice(0, 7))
    costs = spend.group_by(keys).agg(pl.col("cost", "input_tokens", "output_tokens").sum())
    time_taken = pl.col("turnaround_seconds").cast(pl.Float64)
    truths = [
        (pl.col(name).cast(pl.String) == "true").sum().alias(name) for name in ("success", "manual_review", "accepted")
    ]
    done = runs.group_by(keys).agg(
        *truths, time_taken.quantile(0.5).alias("p50"), time_taken.quantile(0.95).alias("p95")
    )
    assert len(costs.join(done, on=keys, how="full").collect())


_WAYS = {"ours": _ours, "limited": _limited, "sum": _sum, "pandas": _pandas, "polars": _polars}

if __name__ == "__main__":
    way, place, *rest = sys.argv[1:]
    if way == "generate":
        generate(Path(place), int(rest[0]), int(rest[1]), rest[2:] or ("csv", "parquet"))
        sys.exit()
    start = time.perf_counter()
    _WAYS[way](Path(place), rest[0])
    seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime
    print(json.dumps({"seconds": seconds, "cpu": cpu, "megabytes": used.ru_maxrss / 1000}))
