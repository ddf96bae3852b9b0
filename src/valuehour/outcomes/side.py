"""What both sides of the join share: files into a view, small tables, keys and grouping columns."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from valuehour.errors import OutcomesError
from valuehour.outcomes import stages
from valuehour.outcomes.engine import Engine, Progress, batches
from valuehour.outcomes.files import named
from valuehour.outcomes.findings import Findings
from valuehour.outcomes.importing import Importer
from valuehour.outcomes.mapping import Keys, WorkflowKeys
from valuehour.outcomes.scan import Scanned
from valuehour.outcomes.sources import Side

BATCH = 2_000  # rows of a small table in one statement
NONE = "(none)"  # a blank cell of a grouping column

# The field behind each key column.
_FIELDS = dict(zip(stages.KEYS, ("workflow", "tags", "project", "trace"), strict=True))

Query = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Shared:
    """What the two sides work with."""

    engine: Engine
    importer: Importer
    keys: WorkflowKeys
    findings: Findings
    where: ZoneInfo
    as_of: datetime.date
    by: tuple[str, ...]
    say: Progress

    @property
    def by_names(self) -> tuple[str, ...]:
        """The grouping columns as SQL names."""
        return tuple(f"by_{place}" for place in range(len(self.by)))

    @property
    def paths(self) -> str:
        """The cleaned grouping columns of a key table ``k``."""
        return "".join(f", k.path_{place} AS {name}" for place, name in enumerate(self.by_names))

    @property
    def tomorrow(self) -> datetime.date:
        """The first day that has not come yet."""
        return self.as_of + datetime.timedelta(days=1)

    def read(
        self, paths: Iterable[Path], side: Side, query: Query, view: str, stage: Callable[[Sequence[Scanned]], None]
    ) -> list[Scanned]:
        """Import files, put their records into a view, and calculate its first stage.

        A CSV that the engine cannot read to its end is repaired, and the stage calculated again.
        """
        files, repeats = self.importer.files(paths, side)
        for repeat, first in repeats:
            self.findings.add("repeated_file")
            self.findings.place("repeated_file", f"{repeat} repeats {first}")
        for file in files:
            self._note(file)
        self.engine.view(view, self._union(files, query))
        try:
            stage(files)
        except OutcomesError:
            raise
        except Exception as error:
            mended = [self._mended(file, side) for file in files]
            if mended == files:
                raise OutcomesError(f"the {side} cannot be read: {' '.join(str(error).split())[:300]}") from error
            files = mended
            self.engine.view(view, self._union(files, query))
            stage(files)
        return files

    def used_keys(self, files: Sequence[Scanned]) -> tuple[str, ...]:
        """The key columns that some file has; the others are empty everywhere."""
        used = tuple(
            name
            for name in stages.KEYS
            if any(named(file.table.names, file.fields.get(_FIELDS[name], ())) for file in files)
        )
        return used or stages.KEYS[:1]

    def load(self, name: str, columns: Sequence[tuple[str, str]], rows: list[tuple[Any, ...]]) -> None:
        """Make a small table."""
        parts = list(batches(rows, BATCH))
        if len(parts) <= 1:
            self.engine.stage(name, stages.values(columns, rows))
            return
        for place, part in enumerate(parts):
            self.engine.stage(f"{name}_{place}", stages.values(columns, part))
        self.engine.stage(name, " UNION ALL ".join(f"SELECT * FROM {name}_{place}" for place in range(len(parts))))

    def _union(self, files: Sequence[Scanned], query: Query) -> str:
        if not files:
            return stages.no_rows(spend=query.__name__ == "spend_query", by=len(self.by))
        return "\nUNION ALL\n".join(query(file, self.engine) for file in files)

    def _mended(self, file: Scanned, side: Side) -> Scanned:
        if file.table.kind != "csv" or file.table.numbered or self.engine.reads(file.table):
            return file
        self.say(f"repairing {file.table.label}")
        mended = self.importer.repaired(file, side)
        self._note(mended)
        return mended

    def _note(self, file: Scanned) -> None:
        for kind, count in file.table.notes.items():
            self.findings.add(kind, count)
            self.findings.place(kind, file.table.label)


def keys_of(raw: Sequence[str], names: Sequence[str]) -> Keys:
    """Return the keys of a raw combination, of which only the used columns stand in it."""
    found = dict(zip(names, raw, strict=False))
    return Keys(*(found.get(name, "") for name in stages.KEYS))


def path_of(raw: Sequence[str]) -> tuple[str, ...]:
    """Return the grouping columns of a raw combination, cleaned."""
    return tuple(text.strip() or NONE for text in raw)
