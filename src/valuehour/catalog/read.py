"""The door for catalog files: bytes to entries, or one line that says why not."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from valuehour.errors import CatalogError
from valuehour.models.names import did_you_mean, shown

SIZE_LIMIT = 5_000_000  # bytes
_DEPTH_LIMIT = 10  # our own deepest place is 6: section, entry, members, item, aliases, item

SECTIONS = {"structures": "structure", "dimensions": "dimension", "workflows": "workflow", "policy": "policy"}

_AT = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_DECLARED = re.compile(r"Cannot declare \('(\w+)', '([^']*)'\) twice")


@dataclass(frozen=True)
class SourceFile:
    """A catalog file as it was read: entries as (section, id, fields), and what could not be used."""

    label: str
    entries: tuple[tuple[str, str, dict[str, object]], ...]
    problems: tuple[str, ...]


def read_file(path: str | os.PathLike[str]) -> SourceFile:
    """Read a user's catalog file; CatalogError when it is not a readable TOML file of allowed size."""
    label = _printable(os.fspath(path))
    try:
        if not Path(path).is_file():
            found = "a folder" if Path(path).is_dir() else "no file"
            raise CatalogError(f"{label}: cannot be read: found {found}; allowed: a TOML file")
        with Path(path).open("rb") as file:
            content = file.read(SIZE_LIMIT + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise CatalogError(f"{label}: cannot be read: {reason}; allowed: a TOML file") from error
    return parse(label, content)


def parse(label: str, content: bytes) -> SourceFile:
    """Parse the bytes of a catalog file; CatalogError when they are not TOML in UTF-8 of allowed size."""
    if len(content) > SIZE_LIMIT:
        raise CatalogError(f"{label}: is larger than {SIZE_LIMIT:,} bytes; allowed: at most that")
    try:
        text = content.decode("utf-8-sig")  # Windows editors put a mark in front
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise CatalogError(
            f"{label}, line {line}: found the byte 0x{content[error.start]:02X}, which is not UTF-8; "
            "allowed: a TOML file saved as UTF-8"
        ) from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogError(_not_toml(label, text, str(error))) from error
    except (ValueError, RecursionError) as error:
        reason = "a number is too long" if isinstance(error, ValueError) else "lists or tables are nested too deeply"
        raise CatalogError(f"{label}: is not usable TOML: {reason}; allowed: entries as in the catalog") from error
    if _deeper_than(data, _DEPTH_LIMIT):
        raise CatalogError(f"{label}: lists or tables are nested too deeply; allowed: {_DEPTH_LIMIT} levels")
    problems: list[str] = []
    entries = tuple(_entries(label, data, problems))
    return SourceFile(label, entries, tuple(problems))


def _entries(label: str, data: dict[str, object], problems: list[str]) -> Iterator[tuple[str, str, dict[str, object]]]:
    for section, table in data.items():
        if section not in SECTIONS:
            problems.append(
                f"{label}: unknown table {shown(section)}{did_you_mean(section, SECTIONS)}; "
                f"allowed: {', '.join(SECTIONS)}"
            )
        elif not isinstance(table, dict):
            problems.append(f"{label}: {section}: found {shown(table)}; allowed: entries such as [{section}.some_id]")
        else:
            for entry_id, fields in table.items():
                if isinstance(fields, dict):
                    yield section, entry_id, {name: _frozen(value) for name, value in fields.items()}
                else:
                    problems.append(
                        f"{label}: {section}, {shown(entry_id)}: found {shown(fields)}; "
                        f"allowed: an entry such as [{section}.some_id]"
                    )


def _frozen(value: object) -> object:
    """Turn lists into tuples: strict records take nothing else."""
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {name: _frozen(item) for name, item in value.items()}
    return value


def _deeper_than(data: object, limit: int) -> bool:
    """Whether tables and lists are nested deeper than the limit; dotted keys nest them without end."""
    level = [data]
    for _ in range(limit):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
        ]
    return any(isinstance(value, dict | list) for value in level)


def _not_toml(label: str, text: str, message: str) -> str:
    """One line about a fault in the syntax, with its line number first."""
    at = _AT.search(message)
    line = at.group(1) if at and at.group(1) else text.count("\n") + 1
    twice = _DECLARED.match(message)
    if twice and twice.group(1) in SECTIONS:
        entry = f"{SECTIONS[twice.group(1)]} {twice.group(2)!r}"
        return f"{label}, line {line}: {entry} is listed twice; allowed: each id once in a file"
    if message.startswith("Cannot overwrite a value"):
        return f"{label}, line {line}: a key is set twice; allowed: each key once in an entry"
    reason = _AT.sub("", message)
    return f"{label}, line {line}: is not TOML: {_printable(reason[:1].lower() + reason[1:])}"


def _printable(text: str) -> str:
    """Text on one line, with everything unprintable replaced."""
    return "".join(character if character.isprintable() else "?" for character in text)
