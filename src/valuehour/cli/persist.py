"""From what was measured to entries of a ledger: between outcomes and the ledger, which do not know each other.

``outcome.<workflow>.<figure>`` for each workflow and month, effective on the month's last day, or on the day of
measuring while the month is not over; ``share.<dimension>.<member>`` when the runs were grouped.
"""

from __future__ import annotations

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal, localcontext
from pathlib import Path
from typing import TYPE_CHECKING

from valuehour.cli.ledger import author_or_user, now
from valuehour.cli.output import complain

if TYPE_CHECKING:
    from valuehour.ledger import Ledger
    from valuehour.ledger.store import Clock, Head
    from valuehour.models.ledger import LedgerDraft
    from valuehour.outcomes import Outcomes

FIGURES = {
    "runs": "runs",
    "successes": "runs",
    "success_rate": "of judged runs",
    "cost": "",
    "cost_per_success": "",
    "turnaround_p50": "seconds",
    "turnaround_p95": "seconds",
}
"""The figures of a month that are recorded, with their unit; amounts of money are in the currency of the result."""

PLACES = Decimal("1e-12")
SOURCE = "Measured by valuehour outcomes"


@dataclass(frozen=True, slots=True)
class Persisted:
    """What was recorded, and how many figures stood in the ledger as they are."""

    recorded: tuple[Head, ...]
    unchanged: int


def persist(
    ledger: Ledger,
    found: Outcomes,
    files: Sequence[Path],
    author: str,
    clock: Clock,
    dimension: tuple[str, Outcomes] | None = None,
) -> Persisted:
    """Record what was measured, all or nothing; a figure that holds already is not recorded again.

    Parameters
    ----------
    files : what was measured; their sha256 is the evidence
    dimension : the name of a dimension, and the same measurement grouped by it
    """
    drafts = list(_outcomes(found, files, author))
    if dimension is not None:
        drafts += _shares(ledger, *dimension, files, author)
    new = [draft for draft in drafts if not _holds(ledger, draft)]
    return Persisted(tuple(ledger.append(new, clock)) if new else (), len(drafts) - len(new))


def record(file: Path, found: Outcomes, files: Sequence[Path], author: str | None) -> None:
    """Record the figures of each month in a ledger, and say how many; on standard error, beside the result."""
    from valuehour.ledger import Ledger

    with Ledger.open(file) as opened:
        done = persist(opened, found, files, author_or_user(author), now)
    complain(f"{file}: {len(done.recorded)} entries recorded, {done.unchanged} figures as they were")


def _outcomes(found: Outcomes, files: Sequence[Path], author: str) -> Iterator[LedgerDraft]:
    for month in found.months:
        for figure, unit in FIGURES.items():
            value = getattr(month.counts, figure)
            if value is not None:
                yield _draft(
                    f"outcome.{month.workflow}.{figure}",
                    _exact(value),
                    unit=unit or found.currency,
                    effective=min(_last_day(month.month), found.as_of),
                    period=f"{month.month:%Y-%m}",
                    files=files,
                    author=author,
                )


def _shares(
    ledger: Ledger, dimension: str, grouped: Outcomes, files: Sequence[Path], author: str
) -> Iterator[LedgerDraft]:
    """Each member's share of all runs; what has no member stays unallocated."""
    from valuehour.ledger import AsOf, baseline

    (column,) = grouped.by
    runs: Counter[str] = Counter()
    for month in grouped.months:
        runs[month.by.get(column, "")] += month.counts.runs
    whole = runs.total()
    if not whole:
        return
    effective = min(max(_last_day(month.month) for month in grouped.months), grouped.as_of)
    members = {member: Decimal(count) / whole for member, count in sorted(runs.items()) if _is_member(member)}
    known = baseline(ledger, AsOf.days(effective, datetime.date.max), f"share.{dimension}.*").entries
    # A member without runs has no share any more.
    gone = {name.split(".", 2)[2]: Decimal(0) for name in known}
    for member, share in {**gone, **members}.items():
        yield _draft(
            f"share.{dimension}.{member}",
            share.quantize(PLACES, ROUND_DOWN),
            unit="of runs",
            effective=effective,
            period=None,
            files=files,
            author=author,
        )


def _is_member(text: str) -> bool:
    return bool(text) and not (text.startswith("(") and text.endswith(")"))


def _draft(
    name: str,
    value: Decimal,
    *,
    unit: str,
    effective: datetime.date,
    period: str | None,
    files: Sequence[Path],
    author: str,
) -> LedgerDraft:
    from valuehour.ledger.drafting import draft
    from valuehour.models.ledger import Evidence

    # The evidence is ready made, so it goes past the field that names a file.
    made = draft(
        {
            "name": name,
            "value": value,
            "unit": unit,
            "status": "measured",
            "effective": effective,
            "period": period,
            "source": SOURCE,
            "author": author,
        }
    )
    label, digest = _files(tuple(files))
    return made.model_copy(update={"evidence": Evidence(file=label, sha256=digest)})


def _files(files: tuple[Path, ...]) -> tuple[str, str]:
    """Name and sha256 of a file; of several, of the list of their sha256 and names, as sha256sum prints it."""
    digests = []
    for file in files:
        with file.open("rb") as stream:
            digests.append((hashlib.file_digest(stream, "sha256").hexdigest(), file.name))
    if len(digests) == 1:
        return digests[0][1], digests[0][0]
    listed = "".join(f"{digest}  {name}\n" for digest, name in digests)
    return f"{digests[0][1]} and {len(digests) - 1} more", hashlib.sha256(listed.encode()).hexdigest()


def _holds(ledger: Ledger, draft: LedgerDraft) -> bool:
    from valuehour.ledger import AsOf, baseline

    view = AsOf.days(draft.effective, datetime.date.max)
    entry = baseline(ledger, view, draft.name).entries.get(str(draft.name))
    return entry is not None and (entry.effective, entry.value, entry.status) == (
        draft.effective,
        draft.value,
        draft.status,
    )


def _exact(value: float | Decimal) -> Decimal:
    with localcontext(prec=60):
        return Decimal(repr(value) if isinstance(value, float) else value).quantize(PLACES)


def _last_day(month: datetime.date) -> datetime.date:
    from valuehour.models.ledger import period_span

    return period_span(f"{month:%Y-%m}")[1]
