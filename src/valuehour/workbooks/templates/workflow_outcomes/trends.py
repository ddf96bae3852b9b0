"""Trends: one workflow month by month, and how every workflow has moved since the month before."""

from __future__ import annotations

from valuehour.workbooks import look
from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Cell, Chart, Column, Condition, Grid, Input, Series, Sheet, Table, row
from valuehour.workbooks.templates.entering import entry
from valuehour.workbooks.templates.lists import Constant
from valuehour.workbooks.templates.phrases import figure_row, percent, section
from valuehour.workbooks.templates.workflow_outcomes import results
from valuehour.workbooks.templates.workflow_outcomes.rates import RATES
from valuehour.workbooks.templates.workflow_outcomes.register import REGISTERED

TABLE = "tblTrend"
CHANGES = "tblChanges"
MONTHS = 12
CONSTANTS = (Constant(name="policy_trend_months", label="Months of a trend", value=MONTHS, unit="months"),)
HEAD_ROW = 29
DATA_ROW = 10
DATA_COLUMN = "P"

WORKFLOW = Input(name="trend_workflow", label="Workflow", unit="left blank: the highest priority", accepts=REGISTERED)

_PLACE = f"ROW()-ROW({TABLE}[[#Headers],[Month]])"


def _sum(column: str) -> str:
    return results.in_month(column, "[@Month]", "live_trend_number")


def _ratio(above: str, below: str) -> str:
    return f"=IF({below}<=0,0,{above}/{below})"


COLUMNS = (
    Column(
        head="Month",
        look=Look.LABEL_STRONG,
        format=Format.MONTH,
        formula=(f"=IF(live_month=0,0,DATE(YEAR(live_month),MONTH(live_month)-(policy_trend_months-({_PLACE})),1))"),
    ),
    Column(head="Runs", format=Format.COUNT, formula=f"={_sum('Runs')}"),
    Column(head="Successes", format=Format.COUNT, formula=f"={_sum('Successes')}"),
    Column(head="Cost", unit="=in_currency", format=Format.MONEY, formula=f"={_sum('Cost')}"),
    *RATES,
    Column(head="Reliability", unit="attempts", format=Format.PERCENT, formula=_ratio("[@Runs]", _sum("Attempts"))),
    Column(head="Turnaround p50", format=Format.RATE, formula=f"={_sum('Turnaround p50')}"),
    Column(head="Turnaround p95", format=Format.RATE, formula=f"={_sum('Turnaround p95')}"),
    Column(
        head="Manual review rate",
        unit="of runs",
        format=Format.PERCENT,
        formula=_ratio(_sum("Manual reviews"), "[@Runs]"),
    ),
    Column(
        head="Acceptance rate", unit="of runs", format=Format.PERCENT, formula=_ratio(_sum("Acceptances"), "[@Runs]")
    ),
    Column(head="Delivery quality", format=Format.RATE, formula=f"={_sum('Delivery quality')}"),
    Column(head="Metric value", format=Format.RATE, formula=f"={_sum('Metric value')}"),
)

_RESULT = f"ROW()-ROW({CHANGES}[[#Headers],[Workflow]])"


def _now(column: str) -> str:
    return f"INDEX({results.TABLE}[{column}],{_RESULT})"


def _before(column: str) -> str:
    return results.in_month(column, "live_month_before", _RESULT)


CHANGE_COLUMNS = (
    Column(head="Workflow", look=Look.LABEL_STRONG, formula=f"={_now('Workflow')}"),
    Column(head="Runs before", format=Format.COUNT, formula=f"={_before('Runs')}"),
    Column(head="Successes before", format=Format.COUNT, formula=f"={_before('Successes')}"),
    Column(head="Cost before", unit="=in_currency", format=Format.MONEY, formula=f"={_before('Cost')}"),
    Column(head="Cost now", unit="=in_currency", format=Format.MONEY, formula=f"={_now('Cost')}"),
    Column(
        head="Cost change",
        unit="of before",
        look=Look.RESULT,
        format=Format.CHANGE,
        formula="=IF([@Cost before]<=0,0,[@Cost now]/[@Cost before]-1)",
    ),
    Column(
        head="Rate before",
        unit="of runs",
        format=Format.PERCENT,
        formula=("=IF([@Runs before]<=0,0,SUCCESS_RATE(MIN([@Successes before],[@Runs before]),[@Runs before]))"),
    ),
    Column(head="Rate now", unit="of runs", format=Format.PERCENT, formula=f"={_now('Success rate')}"),
    Column(
        head="Rate change",
        unit="points",
        look=Look.RESULT,
        format=Format.CHANGE,
        formula="=IF(([@Runs before]<=0)+([@Rate now]=0)>0,0,ROUND([@Rate now]-[@Rate before],policy_share_decimals))",
    ),
    Column(
        head="Trend",
        look=Look.NOTE,
        formula=(
            '=IFS(([@Workflow]="")+([@Runs before]<=0)>0,"",[@Rate change]>0,"better",[@Rate change]<0,"worse",'
            'TRUE,"as before")'
        ),
    ),
)


def _data() -> Grid:
    """The charts' data: months before the first row stand on it, a gap stands on the month before."""
    first = DATA_ROW + 3

    def found(column: str, at: int) -> str:
        return (
            f"INDEX({TABLE}[{column}],ROWS($P${first}:$P{at - 1})+1)" if at > first else f"INDEX({TABLE}[{column}],1)"
        )

    def drawn(letter: str, column: str, at: int) -> str:
        before = f"{letter}{at - 1}" if at > first else f"{letter}${first - 2}"
        return (
            f"=IF({found('Runs', at)}>0,{found(column, at)},IF({found('Month', at)}<P${first - 2},"
            f"{letter}${first - 2},{before}))"
        )

    start = f'=MINIFS({TABLE}[Month],{TABLE}[Runs],">0")'
    rows: list[tuple[Cell | None, ...]] = [
        row(Cell(content="Chart data: first month with rows, then every month", look=Look.DATA_HEAD)),
        row(
            Cell(content=start, look=Look.DATA, format=Format.MONTH),
            *(
                Cell(
                    content=f"=IF(P{first - 2}=0,-1,SUMIFS({TABLE}[{column}],{TABLE}[Month],P{first - 2}))",
                    look=Look.DATA,
                    format=fmt,
                )
                for column, fmt in (("Success rate", Format.PERCENT), ("Cost per success", Format.RATE))
            ),
            Cell(content="=live_healthy_at", look=Look.DATA, format=Format.PERCENT),
        ),
        row(
            Cell(content="Month", look=Look.DATA_HEAD),
            Cell(
                content=f'=IF(P{first - 2}=0," ","\u00a0\u00a0"&{percent(f"Q{first + MONTHS - 1}")})',
                look=Look.DATA_HEAD,
            ),
            Cell(
                content=f'=IF(P{first - 2}=0," ","\u00a0\u00a0"&FIXED(R{first + MONTHS - 1},in_decimals))',
                look=Look.DATA_HEAD,
            ),
            Cell(content="\u00a0\u00a0Healthy", look=Look.DATA_HEAD),
        ),
    ]
    rows += [
        row(
            Cell(content=drawn("P", "Month", at), look=Look.DATA, format=Format.MONTH),
            Cell(content=drawn("Q", "Success rate", at), look=Look.DATA, format=Format.PERCENT),
            Cell(content=drawn("R", "Cost per success", at), look=Look.DATA, format=Format.RATE),
            Cell(content="=live_healthy_at", look=Look.DATA, format=Format.PERCENT),
        )
        for at in range(first, first + MONTHS)
    ]
    return Grid(row=DATA_ROW, column=DATA_COLUMN, cells=tuple(rows))


def _chart(anchor: tuple[str, str], column: str, title: str, alt: str, y_format: str, *, healthy: bool) -> Chart:
    first, last = DATA_ROW + 3, DATA_ROW + 2 + MONTHS

    def line(letter: str, colour: str, width: float, dash: str | None = None) -> Series:
        return Series(
            name=f"Trends!${letter}${first - 1}",
            values=f"Trends!${letter}${first}:${letter}${last}",
            categories=f"Trends!$P${first}:$P${last}",
            colour=colour,
            width=width,
            dash=dash,
            marker=None if dash else "circle",
            size=6,
        )

    return Chart(
        kind="lines",
        title=title,
        anchor=anchor,
        series=(*((line("S", look.SLATE, 1.25, "sysDash"),) if healthy else ()), line(column, look.INK, 2.5)),
        alt=alt,
        points=MONTHS,
        x_format='[<1]"";mmm yy',
        x_minimum=None,
        y_format=y_format,
        y_range=(0, 1) if healthy else (0, None),
        y_step=0.25 if healthy else None,
        plot=(0.09, 0.16, 0.74, 0.7),
    )


MESSAGE = (
    '=IF(out_workflows_run=0,"Trends appear once Months has rows",'
    f'live_trend_workflow&" succeeds in "&{percent(f"Q{DATA_ROW + 2 + MONTHS}")}&" of runs, "&'
    f'IF(Q{DATA_ROW + 2 + MONTHS}>=live_healthy_at,"healthy",'
    f'{percent(f"(live_healthy_at-Q{DATA_ROW + 2 + MONTHS})")}&" short of healthy"))'
)


def sheet(rows: int) -> Sheet:
    """Describe the sheet, with one row for each workflow in the comparison."""
    changes = HEAD_ROW + MONTHS + 4
    first, last = changes + 1, changes + rows
    return Sheet(
        name="Trends",
        role=Role.RESULT,
        title="Trends",
        subtitle="One workflow over twelve months, and every workflow against the month before",
        question="Is a workflow getting better, and at what cost?",
        message=MESSAGE,
        slots=(3, 2, 3, 2, 2),
        blocks=(
            Grid(
                row=8,
                cells=(
                    row(
                        Cell(content=WORKFLOW.label, look=Look.LABEL),
                        entry(WORKFLOW, across=3),
                        None,
                        None,
                        Cell(content=WORKFLOW.unit, look=Look.NOTE_PLAIN),
                    ),
                    row(
                        Cell(content="Shown", look=Look.LABEL),
                        Cell(
                            content=(
                                '=IF(COUNTA(in_trend_workflow)=0,INDEX(tblOutcomes[Workflow],1)&"",in_trend_workflow)'
                            ),
                            look=Look.LABEL_STRONG,
                            name="live_trend_workflow",
                            across=3,
                        ),
                    ),
                    row(
                        Cell(content="Month before the one shown", look=Look.LABEL),
                        Cell(
                            content="=IF(live_month=0,0,DATE(YEAR(live_month),MONTH(live_month)-1,1))",
                            look=Look.CALCULATION,
                            format=Format.MONTH,
                            name="live_month_before",
                            across=3,
                        ),
                    ),
                ),
            ),
            Grid(
                row=10,
                column="G",
                cells=(
                    figure_row(
                        "Row in the register",
                        '=IF(live_trend_workflow="",0,IFERROR(MATCH(live_trend_workflow,tblWorkflows[Workflow],0),0))',
                        Format.COUNT,
                        name="live_trend_number",
                        gap=2,
                    ),
                ),
            ),
            Grid(row=HEAD_ROW - 2, cells=(row(section("Twelve months")),)),
            Table(name=TABLE, row=HEAD_ROW, columns=COLUMNS, rows=MONTHS),
            Grid(row=changes - 2, cells=(row(section("Every workflow against the month before")),)),
            Table(name=CHANGES, row=changes, columns=CHANGE_COLUMNS, rows=rows),
        ),
        charts=(
            _chart(
                ("B12", "G27"),
                "Q",
                "Success rate of the workflow shown, by month",
                "Line chart of the success rate of the chosen workflow over twelve months, with the healthy threshold "
                "as a dashed line; the figures stand in the table Twelve months.",
                "0%",
                healthy=True,
            ),
            _chart(
                ("G12", "N27"),
                "R",
                "Cost per successful run, in the model currency, by month",
                "Line chart of the cost per successful run of the chosen workflow over twelve months; the figures "
                "stand in the table Twelve months.",
                "#,##0.00",
                healthy=False,
            ),
        ),
        conditions=(
            Condition(where=f"K{first}:K{last}", formula=f'K{first}="better"', emphasis="healthy"),
            Condition(where=f"K{first}:K{last}", formula=f'K{first}="worse"', emphasis="fix_first"),
        ),
        data=(_data(),),
        one_page=True,
    )
