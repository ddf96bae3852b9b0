"""How often it succeeds and what a success costs: two columns that every table of runs, successes and costs has."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look
from valuehour.workbooks.spec import Column

RATES = (
    Column(
        head="Success rate",
        unit="of runs",
        look=Look.RESULT,
        format=Format.PERCENT,
        formula="=IF([@Runs]<=0,0,SUCCESS_RATE(MIN([@Successes],[@Runs]),[@Runs]))",
    ),
    Column(
        head="Cost per success",
        unit="=in_currency",
        look=Look.RESULT,
        format=Format.RATE,
        formula="=IF([@Successes]<=0,0,COST_PER_SUCCESS([@Cost],[@Successes]))",
    ),
)
