"""Files that are no catalog files at all: refused in one line, with the line of the fault where there is one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.catalog.entries import refusal
from valuehour.catalog import load_catalog
from valuehour.catalog.read import SIZE_LIMIT
from valuehour.errors import CatalogError

Write = Callable[..., Path]


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.toml") == "no.toml: cannot be read: found no file; allowed: a TOML file"
    (tmp_path / "folder").mkdir()
    assert refusal(tmp_path / "folder") == "folder: cannot be read: found a folder; allowed: a TOML file"


def test_a_path_that_cannot_be_one() -> None:
    with pytest.raises(CatalogError, match=r"^a\?b: cannot be read: .*; allowed: a TOML file$"):
        load_catalog("a\0b")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes on this system")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "found no file" in refusal(tmp_path / "pipe")


def test_a_huge_file(write: Write) -> None:
    assert refusal(write(b"#" * (SIZE_LIMIT + 1))) == "mine.toml: is larger than 5,000,000 bytes; allowed: at most that"
    load_catalog(write(b"#" * SIZE_LIMIT))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            b'a = 1\nb = "\xe9"',
            "mine.toml, line 2: found the byte 0xE9, which is not UTF-8; allowed: a TOML file saved as UTF-8",
        ),
        ("a = 1".encode("utf-16"), "mine.toml, line 1: found the byte 0xFF, which is not UTF-8"),
        (b"PK\x03\x04", "mine.toml, line 1: is not TOML: "),
        (b"[policy.weak_at]\nvalue = \n", "mine.toml, line 2: is not TOML: invalid value"),
        (b"[policy.weak_at]\nvalue = [1,\n", "mine.toml, line 3: is not TOML: "),
        (b'a = "\x00"', "mine.toml, line 1: is not TOML: illegal character"),
        (
            b"[policy.weak_at]\nvalue = 1\nvalue = 2\n",
            "mine.toml, line 3: a key is set twice; allowed: each key once in an entry",
        ),
        (
            b"[policy.weak_at]\nvalue = 1\n[policy.weak_at]\nvalue = 2\n",
            "mine.toml, line 3: policy 'weak_at' is listed twice; allowed: each id once in a file",
        ),
        (b"a = " + b"[" * 100_000, "mine.toml: is not usable TOML: lists or tables are nested too deeply"),
        (b"a" + b".a" * 2000 + b" = 1", "mine.toml: lists or tables are nested too deeply; allowed: 10 levels"),
        (b"a = " + b"1" * 5000, "mine.toml: is not usable TOML: a number is too long"),
    ],
)
def test_what_is_not_toml_in_utf8(write: Write, content: bytes, expected: str) -> None:
    message = refusal(write(content))
    assert message.startswith(expected)
    assert "\n" not in message
    assert message.isprintable()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("colour = 1", "mine.toml: unknown table 'colour'; allowed: structures, dimensions, workflows, policy"),
        (
            '[dimension.fleet]\nname = "Fleet"',
            (
                "mine.toml: unknown table 'dimension' (did you mean 'dimensions'?); "
                "allowed: structures, dimensions, workflows, policy"
            ),
        ),
        (
            '[[dimensions]]\nid = "fleet"',
            "mine.toml: dimensions: found a list; allowed: entries such as [dimensions.some_id]",
        ),
        (
            "dimensions = 2026-11-20",
            "mine.toml: dimensions: found 2026-11-20; allowed: entries such as [dimensions.some_id]",
        ),
        (
            "[dimensions]\nfleet = true",
            "mine.toml: dimensions, 'fleet': found true; allowed: an entry such as [dimensions.some_id]",
        ),
    ],
)
def test_tables_that_are_no_entries(write: Write, content: str, expected: str) -> None:
    assert refusal(write(content)) == expected
