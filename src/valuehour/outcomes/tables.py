"""Results as tables: columns with their types, and rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from valuehour.outcomes.amounts import plain
from valuehour.outcomes.results import Counts, Outcomes

Kind = Literal["text", "money", "whole", "number"]


class Table(NamedTuple):
    """Named columns, and rows in their order."""

    columns: tuple[tuple[str, Kind], ...]
    rows: tuple[tuple[Any, ...], ...]


_MONEY = ("cost", "cost_per_success")
_TEXT = ("sides",)
_WHOLE = (
    "spend_rows", "tokens_in", "tokens_cached", "tokens_out", "retries", "runs", "attempts", "judged", "successes",
    "manual_reviews", "acceptances",
)  # fmt: skip


def tables(outcomes: Outcomes) -> dict[str, Table]:
    """Return every table of a result by its name: workflows, months, tie_out, unmatched, findings."""
    by = [(name, "text") for name in outcomes.by]
    counted = [(name, _kind(name)) for name in Counts.__slots__]
    return {
        "workflows": _table(
            [
                ("workflow", "text"),
                ("name", "text"),
                *by,
                ("currency", "text"),
                ("months", "whole"),
                ("monthly_runs", "number"),
                ("cost_per_month", "money"),
                *counted,
                ("metric", "text"),
                ("importance", "number"),
                ("target", "number"),
                ("room", "number"),
                ("priority_score", "number"),
                ("rank", "whole"),
                ("band", "text"),
                ("read", "text"),
            ],
            (_record(each) for each in outcomes.workflows),
        ),
        "months": _table(
            [("workflow", "text"), ("name", "text"), ("month", "text"), *by, *counted],
            ({**_record(each), "month": each.month.isoformat()[:7]} for each in outcomes.months),
        ),
        "tie_out": _table(
            [
                ("currency", "text"),
                *((name, "money") for name in ("read", "matched", "unmatched", "refused")),
                ("residue", "text"),  # finer than a column of money
                *((f"rows_{name}", "whole") for name in ("read", "matched", "unmatched", "refused")),
            ],
            (
                {
                    "currency": code,
                    **{name: getattr(line, name) for name in line.__slots__},
                    "residue": plain(line.residue),
                }
                for code, line in outcomes.tie_out.items()
            ),
        ),
        "unmatched": _table(
            [("key", "text"), ("currency", "text"), ("cost", "money"), ("rows", "whole")],
            ({name: getattr(each, name) for name in each.__slots__} for each in outcomes.unmatched),
        ),
        "findings": _table(
            [("kind", "text"), ("text", "text"), ("count", "whole"), ("places", "text"), ("details", "text")],
            (
                {
                    "kind": finding.kind,
                    "text": finding.as_dict()["text"],
                    "count": finding.count,
                    "places": "; ".join(finding.places),
                    "details": "; ".join(finding.details),
                }
                for finding in outcomes.findings
            ),
        ),
    }


def _kind(name: str) -> Kind:
    return "money" if name in _MONEY else "text" if name in _TEXT else "whole" if name in _WHOLE else "number"


def _record(result: Any) -> Mapping[str, Any]:
    own = {name: getattr(result, name) for name in result.__slots__ if name not in ("counts", "by")}
    counted = {name: getattr(result.counts, name) for name in Counts.__slots__}
    return {**result.by, **own, **counted}


def _table(columns: list[tuple[str, Any]], records: Iterator[Mapping[str, Any]]) -> Table:
    rows = tuple(tuple(record[name] for name, _ in columns) for record in records)
    return Table(tuple(columns), rows)


def cell_text(value: object, kind: Kind) -> str:
    """Write a cell for a file of text; a text that a spreadsheet would run as a formula gets an apostrophe in front.

    >>> cell_text("=1+1", "text"), cell_text("-5", "text"), cell_text(None, "money")
    ("'=1+1", "'-5", '')
    """
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    if kind != "text":
        return repr(value) if isinstance(value, float) else str(value)
    text = str(value)
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") or text[:1] in ("\t", "\r", "\n") else text
