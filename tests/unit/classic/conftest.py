"""The add-in as a file, and an Excel in memory that loads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import classic
from valuehour.hosts.classic.addin import NAME, addin


@pytest.fixture(scope="session")
def addin_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("classic") / NAME
    path.write_bytes(addin())
    return path


@pytest.fixture(scope="module")
def excel(addin_file: Path) -> Iterator[classic.Excel]:
    with classic.excel(addin_file) as started:
        yield started
