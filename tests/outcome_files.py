"""Files of spend and runs for the tests of outcomes, and the call that joins them."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from valuehour.outcomes import Outcomes, WorkflowResult, measure_outcomes

AS_OF = datetime.date(2026, 6, 30)

# The table of workflow_outcomes_guide: cost a month, success rate, what it is read as.
GUIDE = {
    "support_reply": (Decimal(420), 0.88, "worth improving"),
    "sales_summary": (Decimal(180), 0.94, "healthy"),
    "planning_digest": (Decimal(690), 0.61, "high-priority"),
    "onboarding_assistant": (Decimal(210), 0.72, "review"),
}


def table(rows: Iterable[Mapping[str, object]]) -> str:
    """Rows as CSV."""
    listed = list(rows)
    names = list(dict.fromkeys(name for row in listed for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return out.getvalue()


def guide_spend() -> list[dict[str, object]]:
    """Raw spend whose sums are the guide's costs: calls of each run, a retry now and then, odd amounts."""
    rows: list[dict[str, object]] = []
    for workflow, (cost, _, _) in GUIDE.items():
        left = cost
        for call in range(150):
            part = (cost / 151).quantize(Decimal("0.000000001")) + Decimal(call % 7 - 3) / 1000
            left -= part
            rows.append(spend_row(workflow, call, part))
        rows.append(spend_row(workflow, 150, left))
    return rows


def spend_row(workflow: str, call: int, cost: Decimal) -> dict[str, object]:
    """One call of a model."""
    return {
        "timestamp": f"2026-05-{1 + call % 28:02d}T{call % 24:02d}:15:00Z",
        "workflow": workflow,
        "run_id": f"{workflow}-{call % 100}",
        "cost": f"{cost:f}",
        "currency": "USD",
        "input_tokens": 1000 + call,
        "output_tokens": 100 + call,
    }


def guide_runs() -> list[dict[str, object]]:
    """A hundred runs of each workflow, of which as many succeed as the guide says."""
    return [
        {
            "run_id": f"{workflow}-{run}",
            "workflow": workflow,
            "finished_at": f"2026-05-{1 + run % 28:02d}T{run % 24:02d}:20:00Z",
            "success": "true" if run < round(rate * 100) else "false",
            "turnaround_seconds": 60 + run,
            "manual_review": "true" if run % 4 == 0 else "false",
            "accepted": "true" if run % 10 else "false",
        }
        for workflow, (_, rate, _) in GUIDE.items()
        for run in range(100)
    ]


class Folder:
    """A folder of input files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def file(self, name: str, content: str | bytes) -> Path:
        """Write a file."""
        target = self.path / name
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    def join(
        self,
        spend: str | bytes | Sequence[Path] = (),
        runs: str | bytes | Sequence[Path] = (),
        *,
        mapping: str | None = None,
        **options: Any,
    ) -> Outcomes:
        """Join files, or the contents of one file of each side."""
        sides = []
        for name, content in (("spend", spend), ("runs", runs)):
            if isinstance(content, (str, bytes)):
                content = [self.file(f"{name}.txt", content)]
            sides.append(list(content))
        options.setdefault("as_of", AS_OF)
        if mapping is not None:
            options["mapping"] = self.file("map.toml", mapping)
        return measure_outcomes(sides[0], sides[1], **options)


def found(outcomes: Outcomes) -> dict[str, int]:
    """The findings by kind."""
    return {finding.kind: finding.count for finding in outcomes.findings}


def places(outcomes: Outcomes, kind: str) -> list[str]:
    """The places of a kind of finding, without the folder."""
    (finding,) = (each for each in outcomes.findings if each.kind == kind)
    return [place.rpartition("/")[2] for place in finding.places]


def workflow(outcomes: Outcomes, name: str) -> WorkflowResult:
    """The result of one workflow."""
    (result,) = (each for each in outcomes.workflows if each.workflow == name)
    return result


def totals(outcomes: Outcomes, currency: str = "USD") -> tuple[str, str, str, str]:
    """Read, matched, unmatched and refused."""
    line = outcomes.tie_out[currency].as_dict()
    # Four names give four texts.
    return tuple(str(line[name]) for name in ("read", "matched", "unmatched", "refused"))  # type: ignore[return-value]
