"""The runs: read, mapped to workflows, judged by their rules, and brought to one row a run."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from pathlib import Path

from valuehour.outcomes import stages
from valuehour.outcomes.files import named
from valuehour.outcomes.scan import Scanned, run_query
from valuehour.outcomes.side import Shared, keys_of, path_of
from valuehour.outcomes.times import read_time


class RunSide:
    """The run side of one join."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.files: list[Scanned] = []
        self.names: tuple[str, ...] = ()
        self._raw: tuple[str, ...] = ()

    def read(self, paths: Iterable[Path]) -> None:
        """Read the files into ``run_cases``: one row for each run of a workflow of the catalog."""
        shared = self.shared
        self.files = shared.read(paths, "runs", run_query, "run_source", self._stage)
        self._load_keys()
        self._load_times()
        self._load_rules()
        by = len(shared.by)
        shared.engine.view(
            "run_judged", stages.RUN_JUDGED.format(k_by=shared.paths, on=stages.same("r", "k", self._raw))
        )
        repeats = self._repeats()
        query = stages.RUN_CASES if repeats else stages.RUN_CASES_ONCE
        cases = query.format(by=stages.by_columns(by), j_by=stages.by_columns(by, "j."), by_order=stages.by_columns(by))
        # Attempts are gone through once and kept; where there are none, their sums need no copy of every run.
        (shared.engine.stage if repeats else shared.engine.view)("run_cases", cases)
        if repeats:
            ((again,),) = shared.engine.fetch(stages.RUNS_REPEATED)
            shared.findings.add("duplicate_run_id", int(again))
        sums = stages.RUN_SUMS.format(
            by=stages.by_columns(by),
            all_paths="GROUPING(by_0)" if by else "0",
            and_whole_months=", (workflow, month)" if by else "",
        )
        shared.engine.stage("run_sums", sums)
        query = "SELECT COALESCE(SUM(runs - judged), 0) FROM run_sums WHERE all_months = 1"
        ((unknown,),) = shared.engine.fetch(query)
        shared.findings.add("run_without_result", int(unknown))

    def _repeats(self) -> bool:
        """Load the run ids that come more than once; whether there are any."""
        engine = self.shared.engine
        hashes = stages.SHARED_HASHES.format(hashed=engine.hashed("run_id"), rows="run_rows", id="run_id")
        engine.stage("run_hashes", hashes)
        engine.stage("run_repeats", stages.RUN_REPEATS.format(hashed=engine.hashed("r.run_id")))
        ((repeats,),) = engine.fetch("SELECT COUNT(*) FROM run_repeats")
        return bool(repeats)

    def _stage(self, files: Sequence[Scanned]) -> None:
        self.names = self.shared.used_keys(files)
        self._raw = (*self.names, *self.shared.by_names)
        fields = {"turnaround": "turnaround_seconds", "metric": "metric_value"}  # where they are called otherwise
        there = {name for file in files for name in file.fields if named(file.table.names, file.fields[name])}
        if any(file.table.numbered for file in files):
            there.add("fault")
        kept = [name for name in stages.RUN_CONSTANTS if fields.get(name, name) in there]
        constant = {name: value for name, value in stages.RUN_CONSTANTS.items() if name not in kept}
        columns = "".join(f", {name}" for name in kept)
        self.shared.engine.stage("run_kept", stages.RUN_KEPT.format(keys=", ".join(self._raw), kept=columns))
        columns = "".join(f", {value} AS {name}" for name, value in constant.items())
        self.shared.engine.view("run_rows", stages.RUN_ROWS.format(constant=columns))

    def _load_keys(self) -> None:
        shared, rows = self.shared, []
        query = stages.RUN_COUNTS.format(keys=", ".join(self._raw), tomorrow=shared.tomorrow.isoformat())
        for *raw, count, faults, unreadable, anonymous, future in shared.engine.fetch(query):
            shared.findings.add("run_irregular_row", int(faults))
            shared.findings.add("run_unreadable_value", int(unreadable))
            shared.findings.add("run_without_id", int(anonymous))
            shared.findings.add("future_date", int(future))
            found = keys_of(raw, self.names)
            workflows = shared.keys.workflows(found)
            if not workflows:
                shared.findings.add("run_unknown_workflow", int(count))
                shared.findings.detail("run_unknown_workflow", repr(shared.keys.label(found)[:60]))
            elif len(workflows) > 1:
                shared.findings.add("run_several_workflows", int(count))
                shared.findings.detail("run_several_workflows", ", ".join(workflows[:5]))
            whose = workflows[0] if len(workflows) == 1 else ""
            rows.append((*raw, whose, len(workflows), *path_of(raw[len(self.names) :])))
        columns = [(name, "STRING") for name in self._raw]
        columns += [("workflow", "STRING"), ("parts", "INTEGER")]
        columns += [(f"path_{place}", "STRING") for place in range(len(shared.by))]
        shared.load("run_keys", columns, rows)

    def _load_times(self) -> None:
        """Times that only Python reads."""
        shared = self.shared
        tomorrow = datetime.datetime.combine(shared.tomorrow, datetime.time())
        rows: list[tuple[str, str]] = []
        for text, count in shared.engine.fetch(stages.RUN_ODD_TIMES):
            moment = read_time(text, shared.where)
            if moment is None:
                shared.findings.add("run_unreadable_time", int(count))
                shared.findings.detail("run_unreadable_time", repr(text[:40]))
                continue
            rows.append((text, moment.isoformat(sep=" ")))
            shared.findings.add("future_date", int(count) if moment >= tomorrow else 0)
        shared.load("run_times", [("text", "STRING"), ("finished", "TIMESTAMP")], list(rows))

    def _load_rules(self) -> None:
        rows = []
        for workflow in self.shared.keys.names:
            rule = self.shared.keys.success_rule(workflow)
            flags = [None if flag is None else int(flag) for flag in (rule.accepted, rule.manual_review)]
            limits = [
                None if limit is None else str(limit)
                for limit in (
                    rule.turnaround_seconds_at_most,
                    rule.quality_at_least,
                    rule.metric_at_least,
                    rule.metric_at_most,
                )
            ]
            rows.append((workflow, *flags, *limits))
        columns = [("workflow", "STRING"), ("accepted", "INTEGER"), ("manual_review", "INTEGER")]
        names = ("turnaround_most", "quality_least", "metric_least", "metric_most")
        self.shared.load("run_rules", [*columns, *((name, stages.MEASURED) for name in names)], rows)
