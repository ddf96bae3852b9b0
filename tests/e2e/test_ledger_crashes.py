"""Workers on a ledger are killed in the middle of what they do, hundreds of times: nothing acknowledged is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.processes import environment

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="os.fork is missing")


def crashed(work: str, folder: Path, kills: int, writers: int = 1) -> dict[str, int]:
    command = [sys.executable, "-W", "error", "-m", "tests.e2e.ledger_crashes", work, folder, kills, writers]
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, env=environment(), cwd=ROOT, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, int] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("writers", [1, 2, 4])
def test_no_acknowledged_entry_is_lost_when_writers_are_killed(tmp_path: Path, writers: int) -> None:
    found = crashed("appends", tmp_path, 60, writers)
    assert found["killed"] == 60 * writers
    assert found["acknowledged"] >= 30, "the writers came to write before they were killed"
    assert found["entries"] >= found["acknowledged"]


def test_a_killed_archive_leaves_whole_days_that_a_ledger_comes_back_from(tmp_path: Path) -> None:
    assert crashed("archives", tmp_path, 30)["killed"] > 20


def test_a_killed_restore_leaves_a_whole_ledger_or_none(tmp_path: Path) -> None:
    assert crashed("restores", tmp_path, 20)["killed"] > 12


def test_a_killed_recalibration_leaves_a_whole_workbook_or_none(tmp_path: Path) -> None:
    found = crashed("recalibrations", tmp_path, 12)
    assert found["killed"] > 6
    assert found["complete"] > 0, "some were killed once there was a workbook"


@pytest.mark.parametrize("writers", [1, 2, 4])
def test_a_full_disk_refuses_what_it_cannot_hold_and_loses_nothing(tmp_path: Path, writers: int) -> None:
    found = crashed("full_disk", tmp_path, 8, writers)
    assert found["acknowledged"] > 0
    assert found["entries"] == found["acknowledged"] + 1, "what was not acknowledged is not there"
