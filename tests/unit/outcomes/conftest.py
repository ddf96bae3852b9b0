"""What the tests of outcomes share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.outcome_files import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty folder for input files."""
    return Folder(tmp_path)
