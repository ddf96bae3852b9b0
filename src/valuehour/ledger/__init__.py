"""The ledger: an append-only record of measured value; its replay, verification, archives and recalibration.

``store`` holds the file, ``rules`` what it does not take, ``canonical`` how an entry is written and hashed, ``replay``
and ``baseline`` what held when, ``verification`` what was tampered with, ``archive`` the daily files, ``mapping`` which
name feeds which input, ``recalibration`` the workbook with the measured figures.
"""

from valuehour.ledger.archive import archive, restore
from valuehour.ledger.baseline import Baseline, baseline
from valuehour.ledger.replay import AsOf
from valuehour.ledger.store import Ledger
from valuehour.ledger.verification import Finding, Verdict, verify

__all__ = ["AsOf", "Baseline", "Finding", "Ledger", "Verdict", "archive", "baseline", "restore", "verify"]
