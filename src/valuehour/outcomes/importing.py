"""Files made ready to scan: recognised, repaired where they are irregular, flattened where they are nested."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from valuehour.errors import OutcomesError, UsageError
from valuehour.models.outcomes import RUN_FIELDS, SPEND_FIELDS, OutcomeMap
from valuehour.outcomes import sources
from valuehour.outcomes.amounts import EXACT, is_blank, read_number
from valuehour.outcomes.files import Table, bare, different, kind_of, regular_csv, sql_columns
from valuehour.outcomes.mapping import WorkflowKeys
from valuehour.outcomes.records import Item, by_bare_name, read_json
from valuehour.outcomes.repair import repair, rows_of
from valuehour.outcomes.scan import Scanned
from valuehour.outcomes.scores import runs_of_scores, scored
from valuehour.outcomes.sources import Columns, Side, Source
from valuehour.outcomes.times import read_time, zone

if TYPE_CHECKING:
    from valuehour.outcomes.engine import Engine

_UTC = zone("UTC")


@dataclass(frozen=True, slots=True)
class Importer:
    """Makes files ready for an engine. ``folder`` holds what is written on the way."""

    engine: Engine
    settings: OutcomeMap
    keys: WorkflowKeys
    folder: Path
    by: tuple[str, ...]
    source: str | None

    def files(self, paths: Iterable[Path], side: Side) -> tuple[list[Scanned], list[tuple[Path, Path]]]:
        """Return every file once, ready to scan, and the files that repeat another.

        Raises
        ------
        OutcomesError
            A file cannot be read, or has no column for what is needed.
        """
        once, repeats = different(paths)
        return [self._file(path, number, side) for number, path in enumerate(once)], repeats

    def repaired(self, scanned: Scanned, side: Side) -> Scanned:
        """Return the same file, rewritten in a regular form."""
        table = repair(scanned.table.path, scanned.table.gzip, self._target(side, scanned.number))
        return Scanned(scanned.number, table, scanned.source, scanned.fields, scanned.by, scanned.json_names)

    def _file(self, path: Path, number: int, side: Side) -> Scanned:
        kind, zipped = kind_of(path)
        if kind == "json":
            return self._json(path, zipped, number, side)
        target = self._target(side, number)
        if kind == "parquet":
            columns = self.engine.columns(path)
            names, types = tuple(name for name, _ in columns), tuple(kind for _, kind in columns)
            table = Table(path, str(path), "parquet", names, sql_columns(len(names)), types)
        else:
            table = regular_csv(path, zipped) or repair(path, zipped, target)
        source = self._source(path, table.names, side)
        if source.fields and not source.cents and source is not sources.ANTHROPIC_USAGE:
            fields = self._fields(source)
            self._check(str(path), table.names, fields, side, source)
            return Scanned(number, table, source, fields, self.by, self.settings.tag)
        items = self._rows(table) if kind == "parquet" else rows_of(path, zipped, table.names)
        return self._flat(items, source, path, number, side)

    def _json(self, path: Path, zipped: bool, number: int, side: Side) -> Scanned:
        items, source = read_json(path, zipped)
        if source is None or self.source is not None:
            first: list[Item] = []
            for item in items:
                first.append(item)
                if item.columns or len(first) > 100:
                    break
            names = list(first[-1].columns) if first else []
            items = _chained(first, items)
            source = self._source(path, names, side)
        elif source is sources.OTEL and side == "runs":
            source = sources.OTEL_RUNS
        elif source.side != side:
            raise OutcomesError(
                f"{path}: is a report of {source.name}, which holds no {side}; allowed: a file of {side}"
            )
        return self._flat(items, source, path, number, side)

    def _source(self, path: Path, names: Sequence[str], side: Side) -> Source:
        if self.source is not None:
            found = sources.source_named(self.source, side)
            if found is not None:
                return found
        columns = self.settings.columns.spend if side == "spend" else self.settings.columns.runs
        if columns and {bare(column) for column in columns.values()} <= {bare(name) for name in names}:
            return sources.sources(side)[-1]  # the user's own columns are there: their map says what they mean
        found = sources.recognised(names, side)
        other: Side = "runs" if side == "spend" else "spend"
        if found.name == "plain" and (elsewhere := sources.recognised(names, other)).name != "plain":
            raise UsageError(f"{path}: is an export of {elsewhere.name}, which belongs to --{other}, not to --{side}")
        return found

    def _fields(self, source: Source) -> Columns:
        columns = self.settings.columns.spend if source.side == "spend" else self.settings.columns.runs
        return sources.mapped(source, columns)

    def _check(self, label: str, names: Sequence[str], fields: Columns, side: Side, source: Source) -> None:
        if source.usage_of is None:
            needed = ("at", "cost") if side == "spend" else ("finished_at",)
            sources.require(label, names, fields, needed, side)

    def _flat(self, items: Iterator[Item], source: Source, path: Path, number: int, side: Side) -> Scanned:
        """Write records as a regular CSV of our own fields."""
        names = SPEND_FIELDS if side == "spend" else RUN_FIELDS
        fields = self._fields(source)
        if source is sources.LANGFUSE_SCORES:
            items, fields = runs_of_scores(items, self.settings.scores), sources.PLAIN_RUNS.fields
        elif source in (sources.OTEL, sources.OTEL_RUNS):
            items = _of_kind(items, "spend" if side == "spend" else "run", self.settings)
        target, longest = self._target(side, number), 0
        columns_of_file = sql_columns(len(names) + len(self.by))
        seen = False
        with target.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerow([*columns_of_file, "_row", "_fault"])
            for item in items:
                columns = by_bare_name(item.columns)
                if not seen and not item.fault:
                    self._check(str(path), list(item.columns), fields, side, source)
                    seen = True
                row = [self._value(columns, name, fields.get(name, ()), source) for name in names]
                row += [columns.get(bare(name), "") for name in self.by]
                row = [_storable(cell) for cell in (*row, str(item.number), item.fault)]
                longest = max(longest, sum(map(len, row)))
                writer.writerow(row)
        own = {name: (name,) for name in names}
        table = Table(
            target,
            str(path),
            "csv",
            (*names, *self.by),
            columns_of_file,
            numbered=True,
            longest=longest * 4 + 4 * len(columns_of_file) + 64,
        )
        # Keys out of JSON are found already, and times say their offset.
        return Scanned(number, table, source, own, self.by)

    def _value(self, columns: dict[str, str], name: str, candidates: Sequence[str], source: Source) -> str:
        text = next((columns[bare(each)] for each in candidates if not is_blank(columns.get(bare(each)))), "")
        if not text:
            return ""
        if name == "workflow" and source.json_keys:
            return self._caller_said(text)
        if name == "cost" and source.cents:
            cents = read_number(text)
            return text if cents is None else f"{EXACT.scaleb(cents, -2):f}"
        if name in ("at", "finished_at") and (source.utc or text.isdigit()):
            # What has no offset is meant in UTC; counted seconds become a date.
            moment = read_time(text, _UTC)
            return text if moment is None or (len(text) <= 10 and "-" in text) else f"{moment.isoformat()}Z"
        return text

    def _caller_said(self, text: str) -> str:
        """The workflow in what a caller of LiteLLM sent along."""
        for each in (text, *_inner(text)):
            if each.startswith("{"):
                found = self.keys.tags(each)
                if found:
                    return found[0]
        return ""

    def _rows(self, table: Table) -> Iterator[Item]:
        columns = ", ".join(f"CAST({column} AS STRING)" for column in table.columns)
        relation = self.engine.relation(table, numbered=False)
        for number, row in enumerate(self.engine.fetch(f"SELECT {columns} FROM {relation}"), 1):
            yield Item(number, {name: cell or "" for name, cell in zip(table.names, row, strict=True)})

    def _target(self, side: Side, number: int) -> Path:
        return self.folder / f"{side}_{number}.csv"


def _chained(first: Sequence[Item], rest: Iterator[Item]) -> Iterator[Item]:
    yield from first
    yield from rest


def _of_kind(items: Iterator[Item], kind: str, settings: OutcomeMap) -> Iterator[Item]:
    for item in items:
        found = item.columns.get("kind")
        if found in (kind, "both"):
            columns = scored(item.columns, settings.scores) if kind == "run" else item.columns
            yield Item(item.number, columns, item.fault)


def _inner(text: str) -> Iterator[str]:
    import json

    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return
    for name in ("spend_logs_metadata", "requester_metadata"):
        inner = value.get(name) if isinstance(value, dict) else None
        if isinstance(inner, dict):
            yield json.dumps(inner)


def _storable(text: str) -> str:
    """Without what no text file can hold: NUL, and halves of surrogate pairs."""
    text = text.replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
