"""Outcomes: what each workflow costs, how often it succeeds, and what to fix first."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Accepts, Card, Cell, Column, Condition, Grid, Input, Sheet, Table, row
from valuehour.workbooks.templates.entering import entry
from valuehour.workbooks.templates.phrases import figure_row, head, in_words, note, percent, section
from valuehour.workbooks.templates.workflow_outcomes import outcomes_chart, register, results

TABLE = "tblOutcomes"
HEAD_ROW = 32

MONTH = Input(
    name="month",
    label="Month",
    unit="month",
    format=Format.MONTH,
    accepts=Accepts(
        kind="date",
        source="OFFSET(lst_first_month,0,0,MAX(1,live_months_listed),1)",
        title="Month",
        prompt="A month that has rows on Months. Left blank: the latest one.",
    ),
)

_NUMBER = f"ROW()-ROW({TABLE}[[#Headers],[Workflow]])"
_ROW = f"MATCH({_NUMBER},{results.TABLE}[Rank],0)"


def _ranked(column: str, empty: str = "0") -> str:
    return f"IF({_NUMBER}>out_workflows_run,{empty},INDEX({results.TABLE}[{column}],{_ROW}))"


def _registered(column: str, empty: str = "0") -> str:
    return f"IF({_NUMBER}>out_workflows_run,{empty},INDEX({register.TABLE}[{column}],{_ROW}))"


COLUMNS = (
    Column(head="Workflow", look=Look.LABEL_STRONG, formula=f"={_ranked('Workflow', chr(34) * 2)}"),
    Column(head="Nearest metric", look=Look.LABEL, formula=f'={_registered("Nearest metric", chr(34) * 2)}&""'),
    Column(head="Cost", unit='=in_currency&" / month"', format=Format.MONEY, formula=f"={_ranked('Cost')}"),
    Column(head="Success rate", unit="of runs", format=Format.PERCENT, formula=f"={_ranked('Success rate')}"),
    Column(head="Runs", unit="per month", format=Format.COUNT, formula=f"={_ranked('Runs')}"),
    Column(
        head="Cost per success",
        unit='=in_currency&" / success"',
        format=Format.RATE,
        formula=f"={_ranked('Cost per success')}",
    ),
    Column(
        head="Read",
        look=Look.LABEL_STRONG,
        formula=(
            '=IF(([@Runs]<=0)+(out_policy_fits=0)+([@Cost]<0)>0,"",'
            "OUTCOME_READ([@Cost],[@Success rate],live_healthy_at,live_critical_below,live_expensive_at))"
        ),
    ),
    Column(head="Importance", unit="1 to 5", format=Format.COUNT, formula=f"={_registered('Importance')}+0"),
    Column(
        head="Band",
        look=Look.NOTE,
        formula=(
            '=IF(([@Runs]<=0)+([@Importance]<1)+([@Importance]>policy_importance_most)+([@Cost]<0)>0,"",'
            f"PRIORITY_BAND([@Runs],[@Cost],[@Importance],{_ranked('Room')},"
            "live_frequent_at,live_expensive_at,live_critical_at,live_weak_at))"
        ),
    ),
    Column(head="Priority", unit="score", look=Look.RESULT, format=Format.COUNT, formula=f"={_ranked('Score')}"),
)

MESSAGE = (
    '=IF(out_workflows_run=0,"Register workflows, then enter what a month of them cost and achieved",'
    f'IF(out_fix_first>0,INDEX({TABLE}[Workflow],live_first_to_fix)&" has the most leverage: "&'
    f'{in_words(f"INDEX({TABLE}[Cost],live_first_to_fix)")}&" "&in_currency&" a month, succeeding in "&'
    f'{percent(f"INDEX({TABLE}[Success rate],live_first_to_fix)")}&" of runs",'
    f'"Nothing is both expensive and failing; "&INDEX({TABLE}[Workflow],1)&" has the highest priority score"))'
)

FIX_FIRST = Card(
    label="Fix first",
    figure="=out_fix_first",
    unit="expensive and failing: high-priority",
    format=Format.CARD_COUNT,
    alarm="out_fix_first>0",
)
SHARE = Card(
    label="Spend on high-priority",
    figure="=out_spend_high_priority_share",
    unit="of the monthly spend",
    format=Format.CARD_SHARE,
)
SPEND = Card(
    label="Spend",
    figure="=SIGNIFICANT(out_spend,policy_significant_digits)",
    unit='=in_currency&" per month"',
    format=Format.CARD_MONEY,
)
RATE = Card(label="Success rate", figure="=out_success_rate", unit="of all runs", format=Format.CARD_SHARE)
UNIT_COST = Card(
    label="Cost per success",
    figure="=out_cost_per_success",
    unit='=in_currency&" per successful run"',
    format=Format.CARD_CENTS,
)
COVERAGE = Card(
    label="In scope", figure="=out_coverage", unit="of the spend, fully measured path", format=Format.CARD_SHARE
)


def _month() -> Grid:
    return Grid(
        row=12,
        column="H",
        cells=(
            row(section("Month shown")),
            row(
                Cell(content=MONTH.label, look=Look.LABEL),
                entry(MONTH, across=2),
                None,
                Cell(content="or blank", look=Look.NOTE_PLAIN),
            ),
            row(
                Cell(content="Shown", look=Look.LABEL),
                Cell(content="=live_month", look=Look.RESULT, format=Format.MONTH, across=2),
            ),
        ),
    )


def _policy() -> Grid:
    def line(label: str, name: str, fmt: Format, unit: str) -> tuple[Cell | None, ...]:
        return row(
            Cell(content=label, look=Look.LABEL),
            Cell(content=f"=live_{name}", look=Look.CALCULATION, format=fmt),
            Cell(content=unit, look=Look.UNIT),
        )

    return Grid(
        row=16,
        column="H",
        cells=(
            row(section("Policy")),
            row(head("Threshold"), head("Value", figure=True), head("Unit")),
            line("Healthy at or above", "healthy_at", Format.PERCENT, "of runs"),
            line("Critical below", "critical_below", Format.PERCENT, "of runs"),
            line("Expensive at or above", "expensive_at", Format.COUNT, "=in_currency"),
            row(None),
            row(section("How to read the chart")),
            row(note("Higher succeeds more often; further right costs more.")),
            row(note("The dashed lines are the thresholds above.")),
            row(note("Bottom right is expensive and fails often: fix it first.")),
        ),
    )


def _figures(at: int) -> tuple[Grid, ...]:
    return (
        Grid(
            row=at,
            cells=(
                row(section("The month in figures")),
                figure_row(
                    "Workflows to fix first",
                    f'=COUNTIF({TABLE}[Read],"high-priority")',
                    Format.WHOLE,
                    name="out_fix_first",
                    gap=1,
                ),
                figure_row(
                    "Spend on them",
                    f'=SUMIFS({TABLE}[Cost],{TABLE}[Read],"high-priority")',
                    Format.RATE,
                    name="out_spend_high_priority",
                    gap=1,
                ),
                figure_row(
                    "Share of the spend",
                    "=IF(out_spend<=0,0,out_spend_high_priority/out_spend)",
                    Format.PERCENT,
                    name="out_spend_high_priority_share",
                    gap=1,
                ),
                figure_row(
                    "Place of the first of them in the table",
                    f'=IF(out_fix_first>0,MATCH("high-priority",{TABLE}[Read],0),0)',
                    Format.WHOLE,
                    name="live_first_to_fix",
                    gap=1,
                ),
            ),
        ),
        Grid(
            row=at + 1,
            column="E",
            cells=(
                figure_row(
                    "Success rate of all runs",
                    "=IF(out_runs<=0,0,SUCCESS_RATE(MIN(out_successes,out_runs),out_runs))",
                    Format.PERCENT,
                    name="out_success_rate",
                    gap=2,
                ),
                figure_row(
                    "Cost per success",
                    "=IF(out_successes<=0,0,COST_PER_SUCCESS(MAX(0,out_spend),out_successes))",
                    Format.RATE,
                    name="out_cost_per_success",
                    gap=2,
                ),
                figure_row(
                    "Share of the spend in scope",
                    f"=IF(out_spend<=0,0,SUM({results.TABLE}[In scope])/out_spend)",
                    Format.PERCENT,
                    name="out_coverage",
                    gap=2,
                ),
            ),
        ),
    )


def sheet(rows: int) -> Sheet:
    """Describe the sheet, with one row for each workflow."""
    first, last = HEAD_ROW + 1, HEAD_ROW + rows

    def read(word: str) -> str:
        return f'$H{first}="{word}"'

    return Sheet(
        name="Outcomes",
        role=Role.RESULT,
        title="Outcomes",
        subtitle="What each workflow costs, how often it succeeds, and what to fix first",
        question="Which workflow do we fix first?",
        message=MESSAGE,
        slots=(1, 2, 2, 1, 3),
        cards=(FIX_FIRST, SHARE, SPEND, RATE, UNIT_COST, COVERAGE),
        blocks=(
            _month(),
            _policy(),
            Grid(row=HEAD_ROW - 2, cells=(row(section("Workflows, the highest priority first")),)),
            Table(name=TABLE, row=HEAD_ROW, columns=COLUMNS, rows=rows),
            *_figures(last + 2),
        ),
        charts=(outcomes_chart.chart(("B12", "H29"), rows),),
        conditions=(
            Condition(where=f"H{first}:H{last}", formula=read("high-priority"), emphasis="fix_first"),
            Condition(where=f"H{first}:H{last}", formula=read("worth improving"), emphasis="improve"),
            Condition(where=f"H{first}:H{last}", formula=read("review"), emphasis="review"),
            Condition(where=f"H{first}:H{last}", formula=read("healthy"), emphasis="healthy"),
        ),
        data=(outcomes_chart.data(TABLE, rows),),
        one_page=True,
    )
