"""Entries of a user's catalog file as text, and what is said about a file that is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from valuehour.catalog import load_catalog
from valuehour.errors import CatalogError


def fleet(**fields: str) -> str:
    """Write a good dimension with some fields written otherwise, or left out when empty."""
    good = {"name": '"Fleet"', "structure": '"operations_structure"', "definition": '"Vehicles run together"'}
    return "[dimensions.fleet]\n" + "".join(f"{name} = {text}\n" for name, text in (good | fields).items() if text)


def triage(**fields: str) -> str:
    """Write a good workflow with some fields written otherwise, or left out when empty."""
    good = {
        "name": '"Claims triage"',
        "success_rule": '"The claim reaches the right desk"',
        "nearest_metric": '{ name = "Time to desk", unit = "hours", better = "lower" }',
    }
    return "[workflows.claims_triage]\n" + "".join(
        f"{name} = {text}\n" for name, text in (good | fields).items() if text
    )


def refusal(path: Path, *others: Path) -> str:
    """Return why files are refused, with the folder taken off."""
    with pytest.raises(CatalogError) as refused:
        load_catalog(path, *others)
    return str(refused.value).replace(f"{path.parent}{os.sep}", "")
