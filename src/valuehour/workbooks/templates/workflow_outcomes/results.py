"""Results: every figure of every workflow for the month shown, in the order of the register."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Cell, Column, Grid, Sheet, Table, row
from valuehour.workbooks.templates.lists import Constant
from valuehour.workbooks.templates.phrases import figure_row, note
from valuehour.workbooks.templates.workflow_outcomes import months, register
from valuehour.workbooks.templates.workflow_outcomes.rates import RATES

TABLE = "tblResults"
HEAD_ROW = 13
CONSTANTS = (Constant(name="policy_score_decimals", label="Decimals of a priority score", value=6, unit="places"),)

_NUMBER = f"ROW()-ROW({TABLE}[[#Headers],[Workflow]])"


def registered(column: str) -> str:
    """A column of the register in the row that stands here."""
    return f"INDEX({register.TABLE}[{column}],{_NUMBER})"


def in_month(column: str, month: str = "live_month", number: str = _NUMBER) -> str:
    """The sum of a column of Months in a month, for the workflow in that row of the register."""
    table = months.TABLE
    return f"SUMIFS({table}[{column}],{table}[No],{number},{table}[Month start],{month})"


def _ratio(head: str, above: str, below: str, unit: str) -> Column:
    return Column(head=head, unit=unit, format=Format.PERCENT, formula=f"=IF({below}<=0,0,{above}/{below})")


COLUMNS = (
    Column(head="Workflow", look=Look.LABEL_STRONG, formula=f'={registered("Workflow")}&""'),
    Column(head="Runs", unit="per month", format=Format.COUNT, formula=f"={in_month('Runs')}"),
    Column(head="Successes", unit="per month", format=Format.COUNT, formula=f"={in_month('Successes')}"),
    Column(head="Cost", unit='=in_currency&" / mo."', format=Format.MONEY, formula=f"={in_month('Cost')}"),
    *RATES,
    _ratio("Reliability", "[@Runs]", in_month("Attempts"), "attempts"),
    Column(head="Turnaround p50", format=Format.RATE, formula=f"={in_month('Turnaround p50')}"),
    Column(head="Turnaround p95", format=Format.RATE, formula=f"={in_month('Turnaround p95')}"),
    _ratio("Manual review rate", in_month("Manual reviews"), "[@Runs]", "of runs"),
    _ratio("Acceptance rate", in_month("Acceptances"), "[@Runs]", "of runs"),
    Column(head="Delivery quality", format=Format.RATE, formula=f"={in_month('Delivery quality')}"),
    Column(head="Metric value", format=Format.RATE, formula=f"={in_month('Metric value')}"),
    Column(
        head="Room",
        unit="target",
        format=Format.PERCENT,
        formula=(
            f"=IF([@Runs]<=0,0,ROOM_TO_IMPROVE([@Success rate],IF(COUNT({registered('Target')})=0,1,"
            f"MAX(0,MIN(1,{registered('Target')})))))"
        ),
    ),
    Column(
        head="In scope",
        unit="cost",
        format=Format.MONEY,
        formula=f'=IF({registered("In scope")}="yes",[@Cost],0)',
    ),
    Column(
        head="Score",
        unit="priority",
        look=Look.RESULT,
        format=Format.COUNT,
        formula=(
            f"=IF(([@Runs]<=0)+({registered('Importance')}<1)+({registered('Importance')}>policy_importance_most)"
            f"+([@Cost]<0)>0,0,ROUND(PRIORITY_SCORE([@Runs],[@Cost]/MAX(1,[@Runs]),{registered('Importance')},[@Room]),"
            "policy_score_decimals))"
        ),
    ),
    Column(
        head="Rank",
        look=Look.RESULT,
        format=Format.COUNT,
        formula=(
            f"=IF([@Runs]<=0,0,SUMPRODUCT(({TABLE}[Runs]>0)*({TABLE}[Score]>[@Score]))"
            f'+COUNTIFS({TABLE}[[#Headers],[Score]]:[@Score],[@Score],{TABLE}[[#Headers],[Runs]]:[@Runs],">0"))'
        ),
    ),
)


def sheet(rows: int) -> Sheet:
    """Describe the sheet, with one row for each row of the register."""
    return Sheet(
        name="Results",
        role=Role.CALCULATION,
        title="Results",
        subtitle="Every figure of every workflow for the month shown, in the order of the register",
        question="How did each workflow do in the month, in every measure?",
        message=(
            '=IF(out_workflows_run=0,"Results appear once Months has rows for the month shown",'
            'out_workflows_run&" of "&out_workflows&" workflows ran in the month, "&FIXED(out_runs,0)&" runs in all")'
        ),
        slots=(3, 3, 3, 3, 4),
        blocks=(
            Grid(
                row=8,
                cells=(
                    row(
                        Cell(content="Month shown", look=Look.LABEL),
                        Cell(look=Look.LABEL),
                        Cell(
                            content=(
                                f"=IF(COUNT(in_month)=0,MAX({months.TABLE}[Month start]),"
                                "DATE(YEAR(in_month),MONTH(in_month),1))"
                            ),
                            look=Look.CALCULATION,
                            format=Format.MONTH,
                            name="live_month",
                        ),
                    ),
                    figure_row(
                        "Workflows that ran",
                        f'=COUNTIF({TABLE}[Runs],">0")',
                        Format.WHOLE,
                        name="out_workflows_run",
                        gap=1,
                    ),
                    figure_row("Runs", f"=SUM({TABLE}[Runs])", Format.COUNT, name="out_runs", gap=1),
                ),
            ),
            Grid(
                row=8,
                column="G",
                cells=(
                    figure_row("Spend", f"=SUM({TABLE}[Cost])", Format.RATE, name="out_spend", gap=2),
                    figure_row("Successes", f"=SUM({TABLE}[Successes])", Format.COUNT, name="out_successes", gap=2),
                ),
            ),
            Grid(
                row=8,
                column="L",
                cells=(
                    row(note("Reliability: runs ÷ attempts. Rates: of runs. Turnaround, quality and the")),
                    row(note("metric are as entered. Score: runs × cost per run × importance × room.")),
                ),
            ),
            Table(name=TABLE, row=HEAD_ROW, columns=COLUMNS, rows=rows),
        ),
        one_page=True,
    )
