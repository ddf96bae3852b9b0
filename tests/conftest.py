"""What every test shares: reproducible runs, and an honest account of the proofs that could not run here.

Some proofs need a program that is not Python. Where it is missing they are skipped, and listed by name at the end.
With ``VALUEHOUR_REQUIRE_ALL=1``, as in CI, nothing may be skipped: a skip is a failure.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections import Counter
from collections.abc import Callable, Generator
from typing import NamedTuple, TypeVar

import pytest
from hypothesis import settings

from tests import browser, licence, validator  # noqa: F401  before xlwings is imported
from valuehour.errors import ProgramError
from valuehour.hosts.calc.program import find

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)

REQUIRE_ALL = os.environ.get("VALUEHOUR_REQUIRE_ALL", "") not in {"", "0"}

# The same examples in every run. "explore" looks for new ones: pytest --hypothesis-profile=explore
settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile("explore", derandomize=False, deadline=None, max_examples=2000, print_blob=True)
settings.load_profile("ci")


def _calc_runs_python() -> bool:
    try:
        return find().runs_python
    except ProgramError:
        return False


def _spark_runs() -> bool:
    return importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None


class Program(NamedTuple):
    """A program that some proofs need."""

    name: str
    is_here: Callable[[], bool]


PROGRAMS = {
    "requires_libreoffice": Program("soffice (LibreOffice Calc)", lambda: shutil.which("soffice") is not None),
    "requires_calc_python": Program("LibreOffice with Python (python3-uno)", _calc_runs_python),
    "requires_browser": Program("Chromium (chromium)", lambda: browser.program() is not None),
    "requires_pyodide": Program("Pyodide (npm)", lambda: (browser.PYODIDE / "pyodide.mjs").exists()),
    "requires_poppler": Program("pdftoppm (poppler)", lambda: shutil.which("pdftoppm") is not None),
    "requires_spark": Program("pyspark with Java", _spark_runs),
    "requires_validator": Program("the Open XML validator (npm)", lambda: validator.program().exists()),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the proofs whose program is missing."""
    missing = {marker: program.name for marker, program in PROGRAMS.items() if not program.is_here()}
    for item in items:
        names = [name for marker, name in missing.items() if item.get_closest_marker(marker)]
        if names:
            item.add_marker(
                pytest.mark.skip(reason=f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} missing"),
                append=False,
            )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failed one where every proof must run."""
    report = yield
    return _refuse_skip(report)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Turn a skipped module into a failed one where every proof must run."""
    report = yield
    return _refuse_skip(report)


def _refuse_skip(report: Report) -> Report:
    if REQUIRE_ALL and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} must run here (VALUEHOUR_REQUIRE_ALL): {_reason(report)}"
    return report


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List what was not proven here, by name, with the reason."""
    proofs: dict[str, Counter[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        proofs.setdefault(_reason(report), Counter())[report.nodeid.partition("[")[0]] += 1
    if not proofs:
        return
    terminalreporter.write_sep("=", "Proofs not run here")
    for reason, names in proofs.items():
        terminalreporter.write_line(f"because {reason}:")
        for name, cases in names.items():
            terminalreporter.write_line(f"  {name}" + (f" ({cases} cases)" if cases > 1 else ""))
