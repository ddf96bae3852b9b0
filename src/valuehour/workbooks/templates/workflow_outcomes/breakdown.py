"""Breakdown: the months again, by grouping columns such as team or region; filled by ``valuehour outcomes --by``."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Accepts, Check, Column, Grid, Sheet, Table, row
from valuehour.workbooks.templates.phrases import figure_row, note
from valuehour.workbooks.templates.workflow_outcomes import months
from valuehour.workbooks.templates.workflow_outcomes.rates import RATES
from valuehour.workbooks.templates.workflow_outcomes.register import REGISTERED

TABLE = "tblBreakdown"
ROWS = 24
HEAD_ROW = 13
SHEET = "Breakdown"


def _figure(head: str, prompt: str, *, unit: str = "", fmt: Format = Format.COUNT) -> Column:
    # Corrections can make the cost of one group negative; counts cannot be.
    accepts = Accepts(kind="number", minimum=None if head == "Cost" else 0, title=head, prompt=prompt)
    return Column(head=head, unit=unit, look=Look.INPUT_FIGURE, format=fmt, accepts=accepts)


def _rate(head: str, part: str) -> Column:
    formula = f"=IF([@Runs]<=0,0,[@{part}]/[@Runs])"
    return Column(head=head, unit="of runs", format=Format.PERCENT, formula=formula)


COLUMNS = (
    Column(head="Workflow", look=Look.INPUT, accepts=REGISTERED),
    Column(
        head="Path",
        look=Look.INPUT_TEXT,
        accepts=Accepts(title="Path", prompt="The grouping columns with what stands in them."),
    ),
    Column(
        head="Month",
        look=Look.INPUT,
        format=Format.MONTH,
        accepts=Accepts(kind="date", title="Month", prompt="Any day of the month."),
    ),
    _figure("Cost", "What this part of the workflow cost in the month.", unit="=in_currency", fmt=Format.RATE),
    _figure("Runs", "Runs that were completed."),
    _figure("Successes", "Runs that met the success rule."),
    _figure("Accepted", "Runs whose output was accepted as it was.", unit="runs"),
    _figure("Reviewed", "Runs that a person had to look at.", unit="runs"),
    *RATES,
    _rate("Acceptance rate", "Accepted"),
    _rate("Manual review rate", "Reviewed"),
)


def _all(head: str, label: str) -> Check:
    return Check(
        label=label,
        sheet=SHEET,
        found=f"SUM({TABLE}[{head}])",
        relation="=",
        expected=f"SUM({months.TABLE}[{head}])",
        remedy="Changed after the import: run valuehour outcomes again",
        applies="out_breakdown_rows>0",
    )


CHECKS = (
    _all("Cost", "Costs by group are those of all months"),
    _all("Runs", "Runs by group are those of all months"),
)


def sheet(rows: int) -> Sheet:
    """Describe the sheet, with so many rows to fill."""
    return Sheet(
        name=SHEET,
        role=Role.INPUT,
        title=SHEET,
        subtitle="The rows of Months once more, by grouping columns such as team or region",
        question="Which team, region or model is behind a workflow's cost?",
        message=(
            '=IF(out_breakdown_rows=0,"Nothing grouped further: valuehour outcomes --by COLUMN fills this sheet",'
            'out_breakdown_rows&" rows"&IF(ABS(out_breakdown_cost-SUM('
            f"{months.TABLE}[Cost]))<=MAX(policy_tolerance,ABS(out_breakdown_cost)*policy_relative_tolerance),"
            '" that add up to the costs of Months"," whose costs are not those of Months: see Checks"))'
        ),
        slots=(1, 2, 3, 3, 2),
        blocks=(
            Grid(
                row=8,
                cells=(
                    figure_row("Rows filled", f"=COUNTA({TABLE}[Workflow])", Format.WHOLE, name="out_breakdown_rows"),
                    figure_row("Cost of all rows", f"=SUM({TABLE}[Cost])", Format.RATE, name="out_breakdown_cost"),
                ),
            ),
            Grid(
                row=8,
                column="E",
                cells=(
                    row(note("Nothing in this workbook is worked out from these rows; Checks says whether they")),
                    row(note("add up to Months. Quantiles and rates of groups cannot be added up.")),
                ),
            ),
            Table(name=TABLE, row=HEAD_ROW, columns=COLUMNS, rows=rows),
        ),
    )
