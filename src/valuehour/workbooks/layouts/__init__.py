"""The empty workbooks of released versions: what a planner added to a file is told by holding it against its own.

Each lies beside this module as ``<template>-<version>.xlsx``, in native style and with the package's own catalog. It is
put there when a version is released and stays there for good, so that files of every version find theirs.
"""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

from valuehour.ooxml import Package

FOLDER: Traversable = files(__name__)


def file_name(template: str, version: str) -> str:
    """What the empty workbook of a version is called.

    >>> file_name("value_model", "1.0.0")
    'value_model-1.0.0.xlsx'
    """
    return f"{template}-{version}.xlsx"


def layout(template: str, version: str) -> Package | None:
    """The empty workbook of a released version; None when no such version was released."""
    # The version comes out of a file: only a plain file name of this folder is looked for.
    name = file_name(template, version)
    if name not in {item.name for item in FOLDER.iterdir()}:
        return None
    return Package.read(FOLDER.joinpath(name).read_bytes(), label=name)


def released(template: str) -> tuple[str, ...]:
    """The released versions of a template, the oldest first."""
    start = f"{template}-"
    found = [item.name for item in FOLDER.iterdir() if item.name.startswith(start) and item.name.endswith(".xlsx")]
    return tuple(sorted((name[len(start) : -len(".xlsx")] for name in found), key=in_order))


def in_order(version: str) -> tuple[int, ...]:
    """A version as a key to sort by: 1.10 comes after 1.9.

    >>> in_order("1.10.0") > in_order("1.9.3")
    True
    """
    return tuple(int("".join(c for c in part if c.isdigit()) or 0) for part in version.split("."))
