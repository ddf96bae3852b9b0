"""Memory, disk and what is left behind: bounded, said clearly, and cleaned up."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.outcome_files import Folder, table
from valuehour.errors import OutcomesError
from valuehour.outcomes.duck import DuckDB
from valuehour.outcomes.engine import Limits
from valuehour.outcomes.guard import Guard

# Sorting more than the memory holds.
HEAVY = "SELECT i, hash(i) AS h FROM range(20000000) AS t(i) ORDER BY h"


def test_a_join_that_would_fill_the_disk_is_stopped_with_what_to_do(tmp_path: Path) -> None:
    engine = DuckDB("UTC", tmp_path, Limits(memory=150_000_000, disk=20_000_000, threads=2))
    try:
        with pytest.raises(
            OutcomesError, match=r"stopped before the disk was full: .* allowed: 0.0 GB. Give it more memory"
        ):
            engine.stage("heavy", HEAVY)
    finally:
        engine.close()


def test_more_memory_than_allowed_is_refused_in_words(tmp_path: Path) -> None:
    engine = DuckDB("UTC", tmp_path, Limits(memory=100_000_000, threads=1))
    try:
        with pytest.raises(OutcomesError, match=r"needs more than the 0.1 GB of memory it may take; give it more"):
            engine.fetch("SELECT LENGTH(STRING_AGG(repeat('x', 1000), '')) FROM range(300000)")
    finally:
        engine.close()


def test_the_guard_stops_a_folder_that_grows(tmp_path: Path) -> None:
    stopped = []
    guard = Guard(tmp_path, 1000, lambda: stopped.append(True))

    def work() -> None:
        with guard:
            (tmp_path / "spill").write_bytes(b"x" * 2000)
            while not stopped:
                pass

    with pytest.raises(OutcomesError, match="stopped before the disk was full"):
        work()
    assert stopped == [True]


def test_nothing_stays_behind(folder: Folder) -> None:
    place = folder.path / "temp"
    place.mkdir()
    torn = b"date,workflow,cost\r2026-05-01,support_reply,1\r"  # repaired, so a file was written
    folder.join(torn, limits=Limits(folder=place))
    assert list(place.iterdir()) == []


def test_a_place_that_is_not_there_is_named(folder: Folder) -> None:
    with pytest.raises(OutcomesError, match="no temporary folder can be made there"):
        folder.join("date,workflow,cost\n2026-05-01,support_reply,1\n", limits=Limits(folder=folder.path / "no"))


def test_many_keys_are_mapped_once_each(folder: Folder) -> None:
    rows = [{"date": "2026-05-01", "workflow": f"support reply {n}", "cost": "0.01"} for n in range(5000)]
    mapping = '[[match]]\nwithin = "workflow"\nlike = "support reply *"\nto = "support_reply"\n'
    outcomes = folder.join(table(rows), mapping=mapping)
    assert outcomes.tie_out["USD"].as_dict()["matched"] == "50.00"


def test_progress_is_told_in_words(folder: Folder) -> None:
    said: list[str] = []
    folder.join("date,workflow,cost\n2026-05-01,support_reply,1\n", progress=said.append)
    assert [text for text in said if "%" not in text] == [
        "reading spend",
        "reading runs",
        "joining",
        "looking up places",
    ]


def test_duckdb_never_looks_for_extensions_elsewhere(tmp_path: Path) -> None:
    engine = DuckDB("UTC", tmp_path, Limits())
    try:
        settings = dict(
            engine.fetch("SELECT name, value FROM duckdb_settings() WHERE name LIKE 'auto%known_extensions'")
        )
        assert set(settings.values()) == {"false"}
        with pytest.raises(duckdb.Error):
            engine.fetch("SELECT * FROM read_xlsx('x.xlsx')")
    finally:
        engine.close()
