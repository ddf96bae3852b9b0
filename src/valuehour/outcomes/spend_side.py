"""The spend: read, summed by raw key, mapped to workflows, and counted out against what was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from valuehour.errors import OutcomesError
from valuehour.outcomes import stages
from valuehour.outcomes.amounts import EXACT, UNIT, is_blank
from valuehour.outcomes.files import named
from valuehour.outcomes.mapping import UNTAGGED
from valuehour.outcomes.scan import Scanned, spend_query
from valuehour.outcomes.settle import COUNTS, GROUP_COLUMNS, Part, Settled, Settler, Whose
from valuehour.outcomes.side import Shared, keys_of, path_of


class SpendSide:
    """The spend side of one join."""

    def __init__(self, shared: Shared) -> None:
        self.shared = shared
        self.files: list[Scanned] = []
        self.names: tuple[str, ...] = ()
        self._raw: tuple[str, ...] = ()

    @property
    def usage(self) -> set[int]:
        """The usage reports whose cost report is among the files."""
        there = {file.source.name for file in self.files}
        return {file.number for file in self.files if file.source.usage_of in there}

    def read(self, paths: Iterable[Path]) -> Settled:
        """Read the files; return what was settled, with the totals of each currency."""
        shared = self.shared
        self.files = shared.read(paths, "spend", spend_query, "spend_rows", self._stage)
        raws = shared.engine.fetch(f"SELECT DISTINCT {', '.join(self._raw)} FROM spend_groups")
        owners = {tuple(raw): self._whose(raw) for raw in raws}
        settler = Settler(owners, shared.where, shared.findings, shared.tomorrow)
        columns = [*self._raw, "file", *GROUP_COLUMNS]
        usage, width = self.usage, len(self._raw)
        for row in shared.engine.fetch(f"SELECT {', '.join(columns)} FROM spend_groups"):
            group = dict(zip(columns, row, strict=True))
            settler.take(tuple(row[:width]), group, group["file"] in usage)
        settled = settler.finish()
        self._load_keys(owners)
        self._load_settled(settled)
        keys = stages.same("g", "k", [*self.names, *shared.by_names])
        shared.engine.stage(
            "spend_months",
            stages.SPEND_MONTHS.format(
                by=stages.by_columns(len(shared.by)),
                k_by=shared.paths,
                on=f"{keys} AND g.currency = k.currency_raw",
                regular=stages.REGULAR,
            ),
        )
        self._duplicates()
        return settled

    def months(self, settled: Settled) -> list[dict[str, Any]]:
        """Return the spend of every month; refuse when it is not what was read.

        The control totals come from the groups, the months through the mapped keys and the splits.
        """
        columns = ["workflow", "currency", "month", *self.shared.by_names, "cost", "row_count", *COUNTS]
        rows = self.shared.engine.fetch(f"SELECT {', '.join(columns)} FROM spend_months")
        months = [dict(zip(columns, row, strict=True)) for row in rows]
        for code, totals in settled.totals.items():
            joined = Decimal(0)
            for month in months:
                if month["currency"] == code:
                    joined = EXACT.add(joined, month["cost"])
            gone = EXACT.add(EXACT.add(joined, totals.unmatched), totals.refused)
            if gone != totals.read or joined != totals.matched:
                raise OutcomesError(
                    f"the totals do not tie out: {code} read {totals.read:f}, "
                    f"matched {joined:f}, unmatched {totals.unmatched:f}, refused {totals.refused:f}"
                )
        return months

    def currency(self, settled: Settled) -> str:
        """Return the currency of the report: the map's target, or the one of most matched rows."""
        rates = self.shared.importer.settings.exchange_rates
        codes = sorted(settled.totals, key=lambda code: (-settled.totals[code].rows_matched, code))
        chosen = rates.get("to") or (codes[0] if codes else self.shared.importer.settings.currency)
        for code in codes:
            if code != chosen and code not in rates:
                totals = settled.totals[code]
                self.shared.findings.add("mixed_currencies", totals.rows_read, {code: totals.read})
                self.shared.findings.detail("mixed_currencies", f"{code}: no exchange rate to {chosen}")
        return chosen

    def costs(self, months: Sequence[Mapping[str, Any]], currency: str) -> None:
        """Load the months' spend in the report's currency; currencies without a rate stay in the tie-out alone."""
        rates, names = self.shared.importer.settings.exchange_rates, self.shared.by_names
        sums: dict[tuple[Any, ...], Part] = {}
        for month in months:
            code = month["currency"]
            rate = Decimal(1) if code == currency else Decimal(rates.get(code, "0"))
            if not rate:
                continue
            cost = EXACT.multiply(month["cost"], rate).quantize(UNIT, context=EXACT)
            part = sums.setdefault((month["workflow"], month["month"], *(month[name] for name in names)), Part())
            part.cost = EXACT.add(part.cost, cost)
            part.row_count += int(month["row_count"])
            part.counts = [EXACT.add(a, Decimal(month[n] or 0)) for a, n in zip(part.counts, COUNTS, strict=True)]
        rows = [(*target, part.cost, part.row_count, *part.counts) for target, part in sums.items()]
        self.shared.load("spend_costs", [("workflow", "STRING"), ("month", "DATE"), *self._path_and_sums()], rows)

    def _stage(self, files: Sequence[Scanned]) -> None:
        self.names = self.shared.used_keys(files)
        self._raw = (*self.names, "currency", *self.shared.by_names)
        query = stages.SPEND_GROUPS.format(keys=", ".join(self._raw), tomorrow=self.shared.tomorrow.isoformat())
        self.shared.engine.stage("spend_groups", query)

    def _whose(self, raw: Sequence[str]) -> Whose:
        found = keys_of(raw, self.names)
        code = raw[len(self.names)].strip().upper()
        currency = self.shared.importer.settings.currency if is_blank(code) else code[:20]
        keys = self.shared.keys
        return Whose(keys.workflows(found), keys.label(found), currency, path_of(raw[len(self.names) + 1 :]))

    def _load_keys(self, owners: Mapping[tuple[str, ...], Whose]) -> None:
        texts = [*self.names, "currency_raw", *self.shared.by_names]
        columns = [(name, "STRING") for name in texts]
        columns += [("workflow", "STRING"), ("currency", "STRING")]
        columns += [("parts", "INTEGER"), ("untagged", "INTEGER")]
        columns += [(f"path_{place}", "STRING") for place in range(len(self.shared.by))]
        rows: list[tuple[Any, ...]] = []
        for raw, owner in owners.items():
            first = owner.workflows[0] if owner.workflows else ""
            untagged = int(owner.label == UNTAGGED)
            rows.append((*raw, first, owner.currency, len(owner.workflows), untagged, *owner.by))
        self.shared.load("spend_keys", columns, rows)

    def _load_settled(self, settled: Settled) -> None:
        columns = [("workflow", "STRING"), ("currency", "STRING"), ("month", "DATE")]
        rows = [
            (workflow, currency, month, *by, part.cost, part.row_count, *part.counts)
            for (workflow, currency, month, by), part in settled.parts.items()
        ]
        self.shared.load("spend_settled", [*columns, *self._path_and_sums()], rows)

    def _path_and_sums(self) -> list[tuple[str, str]]:
        return [
            *((name, "STRING") for name in self.shared.by_names),
            ("cost", stages.MONEY),
            ("row_count", "BIGINT"),
            *((name, "DECIMAL(38,0)") for name in COUNTS),
        ]

    def _duplicates(self) -> None:
        engine = self.shared.engine
        if not any(named(file.table.names, file.fields.get("row_id", ())) for file in self.files):
            engine.stage("repeated_ids", stages.no_repeated_ids())
            return
        hashes = stages.SHARED_HASHES.format(hashed=engine.hashed("row_id"), rows="spend_rows", id="row_id")
        engine.stage("spend_hashes", hashes)
        engine.stage("repeated_ids", stages.REPEATED_IDS.format(hashed=engine.hashed("s.row_id")))
        ((rows,),) = engine.fetch("SELECT COALESCE(SUM(row_count - 1), 0) FROM repeated_ids")
        self.shared.findings.add("duplicate_id", int(rows))
