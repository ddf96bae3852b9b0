"""Same inputs, same bytes: whatever the clock, the time zone, the language, the hash seed or the XML library."""

from __future__ import annotations

import datetime
import getpass
import hashlib
import io
import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.processes import environment
from tests.workbooks import EMPTY, EXAMPLE, STYLES, file_of, package_of, valuehour
from valuehour.ooxml import Package
from valuehour.workbooks.build import build
from valuehour.workbooks.formula import Style
from valuehour.workbooks.scenario import load_scenario
from valuehour.workbooks.templates import template

# Python reads this module when it starts: the clock of the process stands in another year, and runs.
_OTHER_CLOCK = """
import datetime, time
_ADVANCE = {seconds}
_time, _time_ns, _localtime, _gmtime = time.time, time.time_ns, time.localtime, time.gmtime
time.time = lambda: _time() + _ADVANCE
time.time_ns = lambda: _time_ns() + int(_ADVANCE * 1e9)
time.localtime = lambda seconds=None: _localtime(time.time() if seconds is None else seconds)
time.gmtime = lambda seconds=None: _gmtime(time.time() if seconds is None else seconds)
_datetime, _date = datetime.datetime, datetime.date
class Kind(type):
    def __instancecheck__(cls, found):
        return isinstance(found, cls.__mro__[1])
class OtherDateTime(_datetime, metaclass=Kind):
    @classmethod
    def now(cls, tz=None):
        return _datetime.fromtimestamp(time.time(), tz)
    @classmethod
    def utcnow(cls):
        return _datetime.fromtimestamp(time.time(), datetime.timezone.utc).replace(tzinfo=None)
    @classmethod
    def today(cls):
        return cls.now()
class OtherDate(_date, metaclass=Kind):
    @classmethod
    def today(cls):
        return OtherDateTime.now().date()
datetime.datetime, datetime.date = OtherDateTime, OtherDate
"""

SURROUNDINGS = {
    "as it is": {},
    "hash seed 1, far east, before 2000": {"PYTHONHASHSEED": "1", "TZ": "Pacific/Auckland", "CLOCK": "-900000000"},
    "hash seed 4242, far west, in 2050": {"PYTHONHASHSEED": "4242", "TZ": "America/Anchorage", "CLOCK": "760000000"},
    "no UTF-8, no lxml": {"PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONUTF8": "0", "OPENPYXL_LXML": "False"},
    "optimised, lxml": {"PYTHONOPTIMIZE": "1", "OPENPYXL_LXML": "True", "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "1"},
}


@pytest.mark.parametrize("style", STYLES)
def test_the_same_bytes_twice_in_one_process(style: Style) -> None:
    filling = load_scenario(template("value_model"), "decision_continuity")
    assert build("value_model", style=style, filling=filling).to_bytes() == file_of(EXAMPLE, style)
    assert build("value_model", style=style).to_bytes() == file_of(EMPTY, style)


@pytest.fixture(scope="module")
def digests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """sha256 of each file, by surroundings: every process builds all styles, empty and filled."""
    found = {}
    for name, settings in SURROUNDINGS.items():
        folder = tmp_path_factory.mktemp("built")
        clock = settings.get("CLOCK")
        settings = {key: value for key, value in settings.items() if key != "CLOCK"}
        if clock is not None:
            (folder / "sitecustomize.py").write_text(_OTHER_CLOCK.replace("{seconds}", clock))
            settings["PYTHONPATH"] = str(folder)
        done = subprocess.run(
            [sys.executable, "-c", _BUILD_ALL, folder],
            capture_output=True,
            env=environment(**settings),
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        year = int(done.stdout.rpartition(b"YEAR")[2])
        away = abs(year - datetime.datetime.now(datetime.UTC).year)
        assert away > 5 if clock else away <= 1
        found[name] = {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*.xlsx"))
        }
    return found


_BUILD_ALL = """
import datetime, sys
from valuehour.cli import main
for style in ("native", "lambda"):
    for scenario in ([], ["--scenario", "decision_continuity"]):
        out = f"{sys.argv[1]}/{style}{len(scenario)}"
        main(["build", "value_model", "--style", style, *scenario, "--out", out], standalone_mode=False)
print("YEAR", datetime.date.today().year)
"""


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_the_surroundings_leave_no_trace_in_the_file(name: str, digests: dict[str, dict[str, str]]) -> None:
    assert len(digests[name]) == 4
    assert len(set(digests[name].values())) == 4
    assert digests[name] == digests["as it is"]


def test_this_process_builds_the_same_bytes_as_any_other(digests: dict[str, dict[str, str]]) -> None:
    mine = {
        f"{style}{2 if data else 0}/value_model.xlsx": hashlib.sha256(file_of(data, style)).hexdigest()
        for style in STYLES
        for data in (EMPTY, EXAMPLE)
    }
    assert mine == digests["as it is"]


def test_the_command_prints_the_digest_of_what_it_wrote(tmp_path: Path) -> None:
    result = valuehour("build", "value_model", "--out", tmp_path)
    path = tmp_path / "value_model.xlsx"
    assert result.stdout == f"{path}  {Package.read(path).digest()[:16]}\n"
    again = valuehour("build", "value_model", "--out", tmp_path)
    assert again.stdout == result.stdout


def test_no_date_of_this_machine_is_in_the_file() -> None:
    package = package_of(EXAMPLE)
    everything = b"".join(package.parts.values())
    for name in (getpass.getuser(), platform.node(), str(Path.home()), str(Path.cwd())):
        if len(name) > 4:
            assert name.encode() not in everything
    assert datetime.datetime.now(datetime.UTC).date().isoformat().encode() not in everything
    infos = zipfile.ZipFile(io.BytesIO(file_of(EXAMPLE))).infolist()
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
