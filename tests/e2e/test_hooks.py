"""The pre-commit hooks as another repository gets them: cloned, installed into an environment of their own, and run.

Only the packages that valuehour needs are not downloaded: pip finds those that are installed here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.workbooks import EMPTY, EXAMPLE, package_of
from valuehour.ooxml import Package, cached, computed, patch_cells

ROOT = Path(__file__).parents[2]
HOOKS = ("valuehour-verify", "valuehour-audit", "valuehour-build-check")
pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is missing")


def run(where: Path, *command: object) -> subprocess.CompletedProcess[str]:
    """Run a program in a repository, away from the settings of this machine and of any hook that runs the tests."""
    settings = {
        name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PIP_", "PRE_COMMIT"))
    }
    names = {"GIT_AUTHOR_NAME": "a", "GIT_COMMITTER_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_EMAIL": "a@b"}
    offline = {
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_BUILD_ISOLATION": "0",  # reads: isolation 0; the builder too is the one that is installed here
        "PYTHONPATH": sysconfig.get_path("purelib"),
        "PRE_COMMIT_HOME": str(where.parent / "pre-commit"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    return subprocess.run(
        [*map(str, command)],
        cwd=where,
        env={**settings, **names, **offline},
        capture_output=True,
        encoding="utf-8",
        timeout=240,
        check=False,
    )


def commit(where: Path) -> str:
    """Commit everything in a folder; return the commit."""
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "--message", "workbooks")):
        done = run(where, "git", *command)
        assert done.returncode == 0, done.stderr
    return run(where, "git", "rev-parse", "HEAD").stdout.strip()


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another repository: a workbook that was filled, the templates, and the hooks of a clone of this one."""
    base = tmp_path_factory.mktemp("hooks")
    ours, theirs = base / "ours", base / "theirs"
    shutil.copytree(ROOT / "src", ours / "src", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, ours)
    revision = commit(ours)
    (theirs / "workbook_templates").mkdir(parents=True)
    package_of(EXAMPLE).write(theirs / "plan.xlsx")
    package_of(EMPTY).write(theirs / "workbook_templates" / "value_model.xlsx")
    (theirs / "~$plan.xlsx").write_bytes(b"what Excel puts beside a workbook that is open")
    hooks = "".join(f"      - id: {hook}\n" for hook in HOOKS)
    hooks += "        args: [value_model, --out, workbook_templates]\n"
    (theirs / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {ours.as_posix()}\n    rev: {revision}\n    hooks:\n{hooks}", encoding="utf-8"
    )
    commit(theirs)
    return theirs


def hook(where: Path, name: str) -> subprocess.CompletedProcess[str]:
    return run(where, sys.executable, "-m", "pre_commit", "run", name, "--all-files")


@pytest.mark.parametrize("name", HOOKS)
def test_hooks_install_in_another_repository_and_pass_what_is_right(theirs: Path, name: str) -> None:
    done = hook(theirs, name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Passed" in done.stdout


def test_hooks_stop_a_commit_that_would_break_a_workbook_and_name_the_cell(theirs: Path) -> None:
    broken = theirs.parent / "broken"
    shutil.copytree(theirs, broken)
    plan = Package.read(broken / "plan.xlsx")
    patch_cells(plan, "Growth", {"L13": computed("live_total_value*0.9", 1.0)})
    plan.write(broken / "plan.xlsx")
    built = broken / "workbook_templates" / "value_model.xlsx"
    template = Package.read(built)
    patch_cells(template, "Growth", {"L14": cached(5.0)})
    template.write(built)
    for name, place in zip(HOOKS, ("Growth!L13", "Growth!L13", "Growth!L14"), strict=True):
        done = hook(broken, name)
        assert done.returncode == 1, done.stdout + done.stderr
        assert place in done.stdout
    assert run(broken, "git", "add", "--all").returncode == 0
    assert run(broken, sys.executable, "-m", "pre_commit", "install").returncode == 0
    refused = run(broken, "git", "commit", "--message", "broken")
    assert refused.returncode == 1
    assert "Growth!L13" in refused.stdout + refused.stderr


def test_every_hook_is_tried_here() -> None:
    manifest = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    assert [line.split()[-1] for line in manifest.splitlines() if line.startswith("- id:")] == list(HOOKS)
