"""One digest of the result, whichever engine joins: DuckDB, Spark in this process, Spark through Spark Connect.

Findings name the same rows of the same files.

Each engine runs in a process of its own: a session of Spark Connect and one of Spark cannot share a process.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.outcome_files import AS_OF, Folder, table
from valuehour.outcomes import measure_outcomes

ZONES = ("UTC", "America/New_York")
SCRIPT = """
import datetime, json, sys
from valuehour.outcomes import measure_outcomes
spend, runs, tagged, typed, as_of = sys.argv[1:]
session = None
if {remote!r}:
    from pyspark.sql import SparkSession
    session = SparkSession.builder.remote({remote!r}).getOrCreate()
    session.conf.set("spark.sql.shuffle.partitions", "4")
results = [
    measure_outcomes([spend, tagged, typed], [runs], as_of=datetime.date.fromisoformat(as_of), by=["team"],
                     timezone=zone, engine="spark", session=session)
    for zone in {zones!r}
]
found = [[each.digest(), {{finding.kind: finding.places for finding in each.findings}}] for each in results]
print("FOUND", json.dumps(found), flush=True)
"""


def files(folder: Folder) -> tuple[Path, Path, Path, Path]:
    chance = random.Random(11)
    workflows = ["support_reply", "Sales summary", "unknown", "", "planning_digest"]
    times = [
        "2026-04-30T23:30:00Z",
        "2026-05-01T00:30:00+02:00",
        "2026-05-31",
        "1777600000",
        "x",
        "2026-05-31 23:59:59",
    ]
    costs = ["0.1", "12.345678901", "1e-6", "-3.5", "1,234.56", "abc", "", "0.0000000000001234", "1.1234567890123e-05"]
    spend = [
        {
            "id": chance.randrange(700),
            "timestamp": chance.choice(times),
            "workflow": chance.choice(workflows),
            "cost": chance.choice(costs),
            "currency": chance.choice(["USD", "EUR", ""]),
            "input_tokens": chance.choice(["", "100", "0"]),
            "team": chance.choice(["A", "B \\ 'quoted'", ""]),
        }
        for _ in range(800)
    ]
    runs = [
        {
            "run_id": chance.choice([f"r{chance.randrange(300)}", ""]),
            "workflow": chance.choice(workflows),
            "finished_at": chance.choice(times),
            "success": chance.choice(["true", "false", ""]),
            "turnaround_seconds": f"{chance.randrange(10**6) / 1000:.3f}",
            "accepted": chance.choice(["1", "0", ""]),
            "manual_review": chance.choice(["yes", "no"]),
            "team": chance.choice(["A", "B \\ 'quoted'"]),
        }
        for _ in range(400)
    ]
    litellm = [
        {
            "request_id": f"q{n}",
            "startTime": chance.choice(["2026-05-01 02:00:00", "2026-05-01T01:00:00.123Z"]),
            "spend": chance.choice(["0.01", "0.1", "3.3e-05"]),
            "call_type": "acompletion",
            "request_tags": chance.choice(['["support_reply","sales_summary","planning_digest"]', "[]"]),
            "metadata": chance.choice(['{"workflow": "onboarding_assistant"}', "{}", "{torn"]),
            "team": "A",
        }
        for n in range(200)
    ]
    return (
        folder.file("spend.csv", table(spend)),
        folder.file("runs.csv", table(runs)),
        folder.file("litellm.csv", table(litellm)),
        typed(folder),
    )


def typed(folder: Folder) -> Path:
    """Spend as Parquet, in several pieces; the last rows are dated ahead."""
    path = folder.path / "typed.parquet"
    duckdb.sql(
        "SELECT TIMESTAMP '2026-05-01' + to_seconds(CASE WHEN i < 9000 THEN i ELSE 31536000 END) AS at, "
        "'support_reply' AS workflow, CAST(i % 7 AS DECIMAL(18,9)) AS cost, i AS input_tokens, 'A' AS team "
        "FROM range(10000) AS t(i)"
    ).write_parquet(str(path), row_group_size=2048)
    return path


@pytest.mark.requires_spark
@pytest.mark.parametrize("remote", ["", "local[2]"], ids=["local", "connect"])
def test_spark_gives_the_same_figures_as_duckdb(tmp_path: Path, remote: str) -> None:
    spend, runs, tagged, more = files(Folder(tmp_path))
    results = [
        measure_outcomes([spend, tagged, more], [runs], as_of=AS_OF, by=["team"], timezone=zone) for zone in ZONES
    ]
    ours = [[each.digest(), {finding.kind: finding.places for finding in each.findings}] for each in results]
    assert next(place.rpartition("/")[2] for place in ours[0][1]["future_date"]) == "typed.parquet row 9001"
    script = SCRIPT.format(remote=remote, zones=ZONES)
    command = [sys.executable, "-c", script, str(spend), str(runs), str(tagged), str(more), AS_OF.isoformat()]
    done = subprocess.run(command, capture_output=True, check=False, encoding="utf-8", env={**os.environ, "TZ": "UTC"})
    lines = [line for line in done.stdout.splitlines() if line.startswith("FOUND")]
    assert lines, done.stderr[-3000:]
    assert json.loads(lines[0].removeprefix("FOUND")) == ours
