"""The ledger that the functions of the family Ledger read here, and what of it a user may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from valuehour.functions import Records
from valuehour.ledger.lookup import Reader
from valuehour.ledger.store import Ledger

EVERYBODY = "*"


def of(roles: Iterable[str], settings: Any) -> Records | None:
    """What somebody with these roles may see; None if this server has no ledger."""
    if settings.ledger_file is None:
        return None
    return reader(settings.ledger_file).for_names(allowed_names(roles, settings.ledger_names))


def allowed_names(roles: Iterable[str], names: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The names, or patterns of names, that these roles may read.

    >>> allowed_names(["finance"], {"*": ["share.*"], "finance": ["value.total"], "board": ["*"]})
    ('share.*', 'value.total')
    """
    return tuple(dict.fromkeys(name for role in (EVERYBODY, *roles) for name in names.get(role, ())))


@cache
def reader(path: Path) -> Reader:
    """The ledger of this server, one for a process."""
    return Reader(path)


def check(settings: Any) -> None:
    """See to it that the ledger can be read, and that the names the settings let see are names or patterns.

    Raises
    ------
    LedgerError
        It is missing, or no ledger.
    UsageError
        A pattern is none.
    """
    if settings.ledger_file is None:
        return
    Ledger.open(settings.ledger_file).close()
    for names in settings.ledger_names.values():
        reader(settings.ledger_file).for_names(names)
