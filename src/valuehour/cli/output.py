"""What the commands print: JSON that survives any encoding, complaints of one line each, progress on a terminal."""

from __future__ import annotations

import codecs
import json
import sys
from typing import Any

import click


def print_json(value: Any, indent: int | None = 2) -> None:
    """Print a value as JSON; a terminal or pipe that is not UTF-8 gets other characters as escapes of ASCII."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    plain = codecs.lookup(encoding).name != "utf-8"
    click.echo(json.dumps(value, indent=indent, ensure_ascii=plain))


def complain(text: object) -> None:
    """Say on standard error what is wrong, each line under our name."""
    for line in str(text).splitlines():
        click.echo(f"valuehour: {line}", err=True)


def progress(text: str) -> None:
    """Say what is being done, on a terminal only; an empty text clears the line."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{text}", nl=False, err=True)
