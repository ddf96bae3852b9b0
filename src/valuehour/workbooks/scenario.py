"""Scenarios: named fillings of a template, shipped with the package or from a person's own file."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from valuehour.errors import ScenarioError, UsageError
from valuehour.workbooks.data import Filling, validate
from valuehour.workbooks.spec import Template

MAX_BYTES = 20_000_000


def shipped() -> tuple[str, ...]:
    """The names of the scenarios that come with the package."""
    return tuple(
        sorted(
            f.name.removesuffix(".toml")
            for f in files(__package__).joinpath("scenarios").iterdir()
            if f.name.endswith(".toml")
        )
    )


def load_scenario(template: Template, name: str) -> Filling:
    """Read a scenario, shipped by that name or from a ``.toml`` file, and check it against the template."""
    label, data = _read(name)
    filling, problems = validate(template, data)
    if problems:
        raise ScenarioError("\n".join(f"{label}: {problem}" for problem in problems))
    return filling


def scenario_template(name: str) -> str | None:
    """The template that a scenario says it fills."""
    found = _read(name)[1].get("template")
    return found if isinstance(found, str) else None


def _read(name: str) -> tuple[str, dict[str, Any]]:
    path = Path(name)
    if path.suffix.lower() != ".toml":
        if name not in shipped():
            raise UsageError(
                f"there is no scenario {name!r}; there are: {', '.join(shipped())}, or a file ending in .toml"
            )
        return name, tomllib.loads(files(__package__).joinpath("scenarios", f"{name}.toml").read_text("utf-8"))
    try:
        # What a device, a pipe or a file that grows holds is more than its size says.
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ScenarioError(f"{path.name}: the file is larger than {MAX_BYTES // 1_000_000} MB")
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        return path.name, tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path.name}: byte {error.start} is not UTF-8 text; save the file as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(f"{path.name}: not TOML: {error}") from error
    except (ValueError, RecursionError) as error:
        reason = "a number is too long" if isinstance(error, ValueError) else "lists or tables are nested too deeply"
        raise ScenarioError(f"{path.name}: not usable TOML: {reason}") from error
