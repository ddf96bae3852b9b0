"""A build that is killed, or runs beside another one, leaves a whole workbook or the one before, never a half one."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.processes import COMMAND, environment
from tests.workbooks import EMPTY, EXAMPLE, file_of
from valuehour.ooxml import Package

FILE = "value_model.xlsx"

# Writes two workbooks over each other for as long as it lives.
_WRITE_ON = """
import sys
from pathlib import Path
from valuehour.ooxml import Package
target, *sources = map(Path, sys.argv[1:])
packages = [Package.read(source) for source in sources]
print("ready", flush=True)
while True:
    for package in packages:
        package.write(target)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such end there")
def test_a_writer_killed_at_any_moment_leaves_a_whole_workbook(tmp_path: Path) -> None:
    sources = [tmp_path / "empty.xlsx", tmp_path / "example.xlsx"]
    for path, data in zip(sources, (EMPTY, EXAMPLE), strict=True):
        path.write_bytes(file_of(data))
    whole = {path.read_bytes() for path in sources}
    out = tmp_path / "out"
    out.mkdir()
    chance = random.Random(20261120)
    found = set()
    for _ in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", _WRITE_ON, out / FILE, *sources], stdout=subprocess.PIPE, env=environment()
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0.03, 0.2))
            process.kill()
            assert process.wait(timeout=30) == -signal.SIGKILL
        assert (out / FILE).read_bytes() in whole
        found |= {path.name for path in out.glob("*.xlsx")}
    # What a killed writer may leave is hidden and no workbook; the next one does not stumble over it.
    assert found == {FILE}
    assert all(path.name.startswith(".") for path in out.iterdir() if path.name != FILE)
    Package.read(file_of(EXAMPLE)).write(out / FILE)
    assert (out / FILE).read_bytes() == file_of(EXAMPLE)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no such end there")
def test_a_build_killed_at_any_moment_leaves_nothing_or_the_whole_workbook(tmp_path: Path) -> None:
    chance = random.Random(7)
    for attempt in range(6):
        out = tmp_path / str(attempt)
        process = subprocess.Popen([*COMMAND, "build", "value_model", "--out", out], stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.1, 0.9))
        process.kill()
        process.wait(timeout=30)
        assert [path.name for path in out.glob("*.xlsx")] in ([], [FILE])
        if (out / FILE).exists():
            assert (out / FILE).read_bytes() == file_of(EMPTY)


def test_an_interrupted_build_says_so_in_one_line(tmp_path: Path) -> None:
    program = (
        "import signal, sys\n"
        "from valuehour.cli import main\n"
        "import valuehour.workbooks.build as workbooks\n"
        "def interrupted(*arguments, **settings):\n"
        "    raise KeyboardInterrupt\n"
        "workbooks.build_in_styles = interrupted\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "build", "value_model", "--out", tmp_path / "out"],
        capture_output=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    assert done.returncode == 130
    assert done.stderr.strip() == b"valuehour: stopped"
    assert not (tmp_path / "out").exists()


def test_builds_at_the_same_time_into_one_folder_are_all_fine(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [*COMMAND, "build", "value_model", "--out", tmp_path],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        for _ in range(3)
    ]
    for process in processes:
        _, complaint = process.communicate(timeout=120)
        assert process.returncode == 0, complaint
        assert complaint == b""
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {FILE: file_of(EMPTY)}
