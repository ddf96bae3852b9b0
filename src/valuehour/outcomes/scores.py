"""Scores as outcomes: the scores of one trace are one run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping

from valuehour.models.outcomes import SCORE_FIELDS
from valuehour.outcomes.files import bare
from valuehour.outcomes.records import Flat, Item, by_bare_name


def runs_of_scores(items: Iterable[Item], names: Mapping[str, str]) -> Iterator[Item]:
    """Turn scores, one a row, into runs, one a trace.

    ``names`` gives, for a field of a run, the name of the score that holds it; without it, the field's own name.
    A later score of the same name replaces an earlier one.
    """
    runs: dict[str, Item] = {}
    for item in items:
        columns = by_bare_name(item.columns)
        trace = columns.get("traceid", "")
        if item.fault or not trace:
            yield Item(item.number, {"finished_at": ""}, item.fault or "a score without a trace")
            continue
        run = runs.setdefault(trace, Item(item.number, {"run_id": trace, "scores": "{}"}))
        moment = columns.get("timestamp") or columns.get("createdat", "")
        if moment >= run.columns.get("finished_at", ""):
            run.columns["finished_at"] = moment
        run.columns["workflow"] = columns.get("tracename", "") or run.columns.get("workflow", "")
        run.columns["tags"] = columns.get("tracetags", "") or run.columns.get("tags", "")
        scores = json.loads(run.columns["scores"])
        scores[columns.get("name") or columns.get("scorename", "")] = columns.get("stringvalue") or columns.get("value")
        run.columns["scores"] = json.dumps(scores)
    for run in runs.values():
        yield Item(run.number, scored(run.columns, names))


def scored(columns: Flat, names: Mapping[str, str]) -> Flat:
    """Return a run with its scores in the fields they stand for; what it says itself is kept."""
    scores = {bare(str(name)): str(value) for name, value in json.loads(columns.get("scores") or "{}").items()}
    found = {
        field: scores[bare(names.get(field, field))]
        for field in SCORE_FIELDS
        if bare(names.get(field, field)) in scores
    }
    return {**found, **columns}
