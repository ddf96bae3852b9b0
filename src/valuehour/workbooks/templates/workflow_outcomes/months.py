"""Months: what each workflow cost and achieved, one row a workflow and month."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Accepts, Cell, Column, Condition, Grid, Sheet, Table, row
from valuehour.workbooks.templates.phrases import figure_row, note
from valuehour.workbooks.templates.workflow_outcomes.register import REGISTERED

TABLE = "tblMonths"
ROWS = 240
HEAD_ROW = 13
LISTED = 36
"""Months that the dropdown offers."""
LIST_COLUMN = "R"


def _count(title: str, prompt: str) -> Accepts:
    return Accepts(kind="number", minimum=0, title=title, prompt=prompt)


def _figure(head: str, prompt: str, unit: str = "", fmt: Format = Format.COUNT) -> Column:
    return Column(head=head, unit=unit, look=Look.INPUT_FIGURE, format=fmt, accepts=_count(head, prompt))


COLUMNS = (
    Column(head="Workflow", look=Look.INPUT, accepts=REGISTERED),
    Column(
        head="Month",
        look=Look.INPUT,
        format=Format.MONTH,
        accepts=Accepts(kind="date", title="Month", prompt="Any day of the month, e.g. 2026-09-30."),
    ),
    Column(
        head="Cost",
        unit="=in_currency",
        look=Look.INPUT_FIGURE,
        format=Format.RATE,
        # Corrections can be more than what a month cost.
        accepts=Accepts(kind="number", title="Cost", prompt="What the workflow cost in the month."),
    ),
    _figure("Runs", "Runs that were completed, successful or not."),
    _figure("Attempts", "Runs that were started, retries and failures included."),
    _figure("Successes", "Runs that met the success rule."),
    _figure("Acceptances", "Runs whose output was accepted as it was.", "runs"),
    _figure("Manual reviews", "Runs that a person had to look at.", "runs"),
    _figure("Turnaround p50", "Half of the runs took no longer.", "your unit", Format.RATE),
    _figure("Turnaround p95", "19 of 20 runs took no longer.", "your unit", Format.RATE),
    _figure("Delivery quality", "As the client sees it, on your own scale.", "your scale", Format.RATE),
    _figure("Metric value", "The nearest metric, in the unit on Workflows.", "its unit", Format.RATE),
    Column(
        head="Month start",
        format=Format.MONTH,
        formula='=IF([@Month]="",0,DATE(YEAR([@Month]),MONTH([@Month]),1))',
    ),
    Column(
        head="No",
        format=Format.COUNT,
        # The row of the register: a number, because a name such as =A would be read as a condition by SUMIFS.
        formula='=IF([@Workflow]="",0,IFERROR(MATCH([@Workflow],tblWorkflows[Workflow],0),0))',
    ),
    Column(
        head="Fits",
        look=Look.NOTE,
        formula=(
            '=IFS(([@Workflow]="")*([@Month]=""),"",'
            '[@Month]="","no month",'
            '[@No]=0,"unknown",'
            f'COUNTIFS({TABLE}[No],[@No],{TABLE}[Month start],[@Month start])>1,"twice",'
            'MAX([@Successes],[@Acceptances],[@Manual reviews])>[@Runs],"over runs",'
            '([@Attempts]>0)*([@Attempts]<[@Runs])>0,"attempts",TRUE,"ok")'
        ),
    ),
)

FAULTS = ("no month", "unknown", "twice", "over runs", "attempts")


def _month_list() -> Grid:
    """The months that have rows, latest first, for the dropdown."""
    head_at = HEAD_ROW
    start = f"{TABLE}[Month start]"
    rows = [row(Cell(content="Months with rows, latest first", look=Look.DATA_HEAD))]
    for at in range(head_at + 1, head_at + 1 + LISTED):
        earlier = f'MAXIFS({start},{start},"<"&{LIST_COLUMN}{at - 1})'
        rows.append(
            row(
                Cell(
                    content=f"=MAX({start})" if at == head_at + 1 else f"={earlier}",
                    look=Look.DATA,
                    format=Format.MONTH,
                )
            )
        )
    return Grid(row=head_at, column=LIST_COLUMN, cells=tuple(rows))


def sheet(rows: int) -> Sheet:
    """Describe the sheet, with so many rows to fill."""
    first, last = HEAD_ROW + 1, HEAD_ROW + rows
    listed = f"{LIST_COLUMN}{first}:{LIST_COLUMN}{HEAD_ROW + LISTED}"
    return Sheet(
        name="Months",
        role=Role.INPUT,
        title="Months",
        subtitle="What each workflow cost and achieved, one row a workflow and month",
        question="What did each workflow cost and achieve, month by month?",
        message=(
            '=IF(out_month_rows=0,"Enter one row a workflow and month: what it cost, how often it ran and succeeded",'
            'IF(out_month_rows_wrong>0,out_month_rows_wrong&" of "&out_month_rows&" rows to look at: see Fits",'
            'out_month_rows&" rows in "&live_months_listed&IF(live_months_listed=1," month"," months")))'
        ),
        slots=(2, 3, 2, 3, 4),
        blocks=(
            Grid(
                row=8,
                cells=(
                    figure_row(
                        "Rows filled", f'=COUNTIF({TABLE}[Month start],">0")', Format.WHOLE, name="out_month_rows"
                    ),
                    figure_row(
                        "Rows to look at",
                        "=" + "+".join(f'COUNTIF({TABLE}[Fits],"{fault}")' for fault in FAULTS),
                        Format.WHOLE,
                        name="out_month_rows_wrong",
                    ),
                    figure_row("Months with rows", f'=COUNTIF({listed},">0")', Format.WHOLE, name="live_months_listed"),
                ),
            ),
            Grid(
                row=8,
                column="E",
                cells=(
                    row(note("over runs: more successes, acceptances or reviews than runs. attempts: below runs.")),
                    row(note("unknown: not registered on Workflows. twice: the workflow has that month already.")),
                    row(note("What you do not know stays blank: it is shown as –, never as a zero result.")),
                ),
            ),
            Table(name=TABLE, row=HEAD_ROW, columns=COLUMNS, rows=rows, identity=("workflow", "month")),
        ),
        conditions=(
            Condition(where=f"P{first}:P{last}", formula=f'P{first}="ok"', emphasis="ok"),
            Condition(where=f"P{first}:P{last}", formula=f'P{first}<>""', emphasis="failed"),
        ),
        ranges={"lst_months": listed, "lst_first_month": f"{LIST_COLUMN}{first}"},
        data=(_month_list(),),
    )
