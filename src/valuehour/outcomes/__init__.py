"""Spend joined to workflow outcomes: importers, the join that ties out, results, reads and priorities.

    files ─► importing ─► scan ─► stages ─► settle ─► join ─► results

``engine`` says what an SQL engine must do; ``duck`` and ``spark`` do it. ``frames`` hands results to pandas.
"""

from valuehour.outcomes.measure import measure_outcomes
from valuehour.outcomes.results import Counts, MonthResult, Outcomes, TieOut, Unmatched, WorkflowResult

__all__ = ["Counts", "MonthResult", "Outcomes", "TieOut", "Unmatched", "WorkflowResult", "measure_outcomes"]
