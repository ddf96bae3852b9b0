"""Records of a ledger as a host hands them over, to be looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Record(NamedTuple):
    """What is shown of one entry of the ledger."""

    value: float
    status: str
    evidence: str


class Records(Protocol):
    """What a host looks up for the one who calls: a ledger, or the records that a workbook holds."""

    def holding(self, name: str, day: int) -> Record | None:
        """Return what holds for a name on a day (as spreadsheets number days; 0: today); None for nothing."""


@dataclass(frozen=True)
class Snapshot:
    """The records of a workbook: what its ledger held on one day. What it held before is not in there."""

    day: int
    records: Mapping[str, Record]

    @classmethod
    def of(cls, day: int, rows: Iterable[tuple[str, float, str, str]]) -> Snapshot:
        """Take name, value, status and evidence of each record; of names that differ in case only, the first.

        >>> Snapshot.of(46000, [("uplift.K", 1.12, "measured", "Pilot report")]).holding("UPLIFT.K", 46001)
        Record(value=1.12, status='measured', evidence='Pilot report')
        """
        records: dict[str, Record] = {}
        for name, value, status, evidence in rows:
            records.setdefault(name.casefold(), Record(value, status, evidence))
        return cls(day, records)

    def holding(self, name: str, day: int) -> Record | None:
        """Return the record of a name, unless an earlier day is asked for."""
        return self.records.get(name.casefold()) if day == 0 or day >= self.day else None
