"""What the README says is what happens: its commands and examples are run, its tables are derived."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.readme import README, with_table

TEXT = README.read_text("utf-8")
ROOT = README.parent


def console_sessions() -> list[tuple[str, str]]:
    """Each command of a console block with the output that the README promises."""
    found = []
    for block in re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL):
        for session in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = session.partition("\n")
            found.append((command, output))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("readme")


def test_commands_of_the_readme_print_what_it_says(folder: Path) -> None:
    sessions = console_sessions()
    assert len(sessions) >= 7
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    for command, expected in sessions:
        name, *arguments = shlex.split(command)
        assert name == "valuehour"
        done = subprocess.run(
            [sys.executable, "-m", "valuehour", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stderr}"
        printed = done.stdout.replace("\\", "/")
        checker = doctest.OutputChecker()
        assert checker.check_output(expected.rstrip("\n") + "\n", printed, doctest.ELLIPSIS), (
            f"$ {command}\nsays:\n{expected}\nprints:\n{printed}"
        )


def test_python_examples_of_the_readme_are_right() -> None:
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert blocks
    for number, block in enumerate(blocks):
        test = doctest.DocTestParser().get_doctest(block, {}, f"README example {number}", str(README), 0)
        assert test.examples
        assert doctest.DocTestRunner().run(test).failed == 0


def test_function_table_is_derived_from_the_definitions() -> None:
    assert with_table(TEXT) == TEXT, "the function table is not current; write it anew: python -m tests.readme"


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#]+)\)", TEXT))))
def test_links_of_the_readme_lead_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def test_every_command_is_in_the_readme() -> None:
    from valuehour.cli import main

    for name in main.commands:
        assert f"`valuehour {name}" in TEXT
