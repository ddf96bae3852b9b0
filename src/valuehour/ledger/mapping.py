"""Which name of the ledger feeds which input of the value model: the one table of it.

Names outside these namespaces (``outcome.…`` among them) are recorded and replayed like any other; no input reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from valuehour.errors import LedgerError
from valuehour.models.ledger import LedgerDraft
from valuehour.models.names import did_you_mean, listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of the value model: its name in the ledger, its input in the workbook and its domain."""

    name: str
    input: str
    above: Decimal | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None

    @property
    def allowed(self) -> str:
        """The domain in words."""
        if self.above is not None:
            return f"a number above {self.above}"
        if self.minimum is not None:
            return f"a number from {self.minimum} to {self.maximum}"
        return "a number"

    def takes(self, value: Decimal) -> bool:
        """Whether a value lies in the domain."""
        return (
            (self.above is None or value > self.above)
            and (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
        )


_ZERO, _ONE = Decimal(0), Decimal(1)

FIGURES: Mapping[str, Figure] = {
    figure.name: figure
    for figure in (
        Figure(name="projection.total_value", input="total_value"),
        Figure(name="projection.years", input="years", above=_ZERO),
        Figure(name="projection.hours_per_year", input="hours_per_year", above=_ZERO),
        Figure(name="projection.employees", input="employees", above=_ZERO),
        Figure(name="projection.coverage", input="coverage", minimum=_ZERO, maximum=_ONE),
        Figure(name="uplift.K", input="uplift_k", above=_ZERO),
        Figure(name="uplift.P", input="uplift_p", above=_ZERO),
        Figure(name="uplift.C", input="uplift_c", above=_ZERO),
        Figure(name="growth.discrete", input="discrete_growth_rate", above=-_ONE),
        Figure(name="growth.flywheel", input="flywheel_growth_rate", above=-_ONE),
    )
}
SHARE = "share"
"""``share.<dimension>.<member>``: the member's share of the scope, 0 to 1; it feeds the table ``tblAllocation``."""
WORKFLOW = "workflow"
"""``workflow.<workflow>``: its value over the horizon; it feeds the table ``tblWorkflows``."""

_OURS = frozenset(name.partition(".")[0] for name in FIGURES)
_SHARES = Figure(name=SHARE, input="", minimum=_ZERO, maximum=_ONE)


def share_of(name: str) -> tuple[str, str] | None:
    """Return dimension and member of a share's name; None when it is no share.

    >>> share_of("share.Region.U.S. and Canada")
    ('Region', 'U.S. and Canada')
    """
    parts = name.split(".", 2)
    return (parts[1], parts[2]) if len(parts) == 3 and parts[0] == SHARE and parts[1] and parts[2] else None


def workflow_of(name: str) -> str | None:
    """Return the workflow whose value a name holds; None when it is none."""
    namespace, _, rest = name.partition(".")
    return rest if namespace == WORKFLOW else None


def check_name(draft: LedgerDraft) -> None:
    """Refuse a value whose name is misspelt within our namespaces, or that lies outside its input's domain.

    Raises
    ------
    LedgerError
        What was found and what is allowed.
    """
    figure = _figure_of(str(draft.name))
    if figure is None:
        return
    for field, value in (("value", draft.value), ("low", draft.low), ("high", draft.high)):
        if value is not None and not figure.takes(value):
            raise LedgerError(f"{draft.name}: {field} is {value:f}; allowed: {figure.allowed}")


@lru_cache(maxsize=4096)
def _figure_of(name: str) -> Figure | None:
    """The figure of the value model that a name feeds; the same names are recorded again and again."""
    namespace = name.partition(".")[0]
    figure = FIGURES.get(name)
    if namespace in _OURS and figure is None:
        raise LedgerError(f"name is {name!r}{did_you_mean(name, FIGURES)}; allowed: {listed(FIGURES, limit=12)}")
    if namespace == SHARE:
        if share_of(name) is None:
            raise LedgerError(f"name is {name!r}; allowed: share.DIMENSION.MEMBER, such as share.Region.EMEA")
        return _SHARES
    return figure


def dimensions_of(names: Iterable[str]) -> list[str]:
    """Return the dimensions that the shares among these names belong to, in order of their first share."""
    return list(dict.fromkeys(share[0] for name in names if (share := share_of(name)) is not None))
