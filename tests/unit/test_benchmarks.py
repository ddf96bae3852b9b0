"""The benchmarks run: figures that nobody can reproduce any more are worth nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.timing import Row, in_turns

ROOT = Path(__file__).parents[2]
ROW = re.compile(
    r"^(.+?)  +(\d+\.\d+) (s|MB)  (.+?)  +(\d+\.\d+) \3  +(\d+\.\d+) ×  +(\S.*?)  +not judged$", re.MULTILINE
)


IN_BROWSER = [pytest.mark.requires_browser, pytest.mark.requires_pyodide]
IN_PAGE = [pytest.mark.requires_browser]
IN_CALC = [pytest.mark.requires_libreoffice, pytest.mark.requires_calc_python]


pytestmark = pytest.mark.timeout(900)  # every benchmark once, on whatever else the machine is doing


@pytest.fixture(scope="module")
def table() -> list[tuple[str, str, float, str]]:
    """What is measured, what it is compared with, the ratio and the aim of each row."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.benchmarks", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    assert (run.returncode, run.stderr) == (0, "")
    return [(found[1], found[4], float(found[6]), found[7]) for found in ROW.finditer(run.stdout)]


@pytest.mark.parametrize(
    ("what", "rival", "aim"),
    [
        ("build .* native", "openpyxl, same cells and styles", "< 3 ×"),
        ("build .* native", "openpyxl, same cells, no styles", "–"),
        ("build .* lambda", "openpyxl, same cells and styles", "< 3 ×"),
        ("build .* lambda", "openpyxl, same cells, no styles", "–"),
        ("verify ", "building it", "–"),
        ("ALLOCATE, ", "a loop", "< 0.15 s"),
        ("ALLOCATE_SHARES, ", "a loop", "< 0.15 s"),
        (r"VALUE_PER_HOUR, .* rows$", "a loop", "< 0.1 s"),
        ("CUMULATIVE_VALUE, ", "a loop", "< 0.1 s"),
        ("VALUE_PER_HOUR, .* text", "the same without text", "–"),
        ("valuehour --help", "python -c pass", "< 0.3 s"),
        ("build --check, all templates", "build value_model", "< 2 s"),
        (r"patch .* \d$", "openpyxl load and save", "–"),
        ("patch .* memory", "openpyxl load and save", "–"),
        (r"fill .* \d$", "XlsxWriter, constant memory", "< 0.5 ×"),
        (r"fill .* \d$", "openpyxl", "< 0.2 ×"),
        ("fill .* memory", "XlsxWriter, constant memory", "< 64 MB"),
        ("regenerate .* rows$", "openpyxl load and save", "< 3 s"),
        ("regenerate .* memory", "openpyxl load and save", "< 150 MB"),
        ("[0-9,]+ calls of one cell through xlwings", "xlwings' own converter", "< 1 ×"),
        ("one call of [0-9,]+ cells through xlwings", "xlwings' own converter", "< 1 ×"),
        pytest.param(
            "[0-9,]+ cells, Python in the browser", "xlwings Wasm, the same functions", "< 1 s", marks=IN_BROWSER
        ),
        pytest.param("[0-9,]+ cells in Excel's page", "one request a cell", "< 0.02 ×", marks=IN_PAGE),
        pytest.param("[0-9,]+ cells in Excel's page", "the same in Python", "< 0.4 s", marks=IN_PAGE),
        pytest.param("one call with a range of [0-9,]+ cells", "the same in Python", "–", marks=IN_PAGE),
        (r"server, .* cells in batches", "xlwings Server alone", "< 0.02 ×"),
        (r"server, .* a request a cell", "xlwings Server alone", "–"),
        (r"server, one range of ", "xlwings Server alone", "–"),
        (r"server, until it answers", "xlwings Server alone", "< 2 ×"),
        pytest.param("VALUE_PER_HOUR in Calc", "EDATE", "< 3 ×", marks=IN_CALC),
        pytest.param("VALUE_PER_HOUR in Calc", "the same as a native formula", "–", marks=IN_CALC),
    ],
)
def test_every_promise_of_speed_is_still_measured(
    table: list[tuple[str, str, float, str]], what: str, rival: str, aim: str
) -> None:
    found = [row for row in table if re.match(what, row[0]) and row[1].startswith(rival)]

    assert [row[3] for row in found] == [aim]
    assert found[0][2] > 0


def test_samples_are_taken_in_turns_so_that_a_slow_moment_hits_both() -> None:
    taken: list[str] = []

    samples = in_turns(3, lambda: taken.append("a") or 1.0, lambda: taken.append("b") or 2.0)

    assert taken == ["a", "b", "b", "a", "a", "b"]
    assert samples == [[1.0] * 3, [2.0] * 3]


def test_a_missed_aim_is_said() -> None:
    slow = Row(what="w", own=[3.0, 9.0, 4.0], rival="r", others=[1.0, 2.0, 2.0], most=4.0)
    far = Row(what="w", own=[3.0, 9.0, 4.0], rival="r", others=[1.0, 2.0, 2.0], most_times=3.1)

    assert (slow.median, slow.ratio, slow.verdict) == (4.0, 3.0, "no")
    assert far.verdict == "yes"
