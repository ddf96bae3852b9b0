"""Summary: one page for a board."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Cell, Condition, Grid, Sheet, row
from valuehour.workbooks.templates.phrases import head, note, section
from valuehour.workbooks.templates.workflow_outcomes import outcomes, outcomes_chart
from valuehour.workbooks.templates.workflow_outcomes.register import VALUE_ASSUMED, VALUE_MEASURED

_TOP = 12
_BELOW = 29
SHOWN = 6


def _first() -> Grid:
    first = _BELOW + 2

    def of(column: str, at: int) -> str:
        # The place of a row is counted from the heads down to the row above: a formula may not count itself.
        return f"=INDEX({outcomes.TABLE}[{column}],ROWS(B${first - 1}:B{at - 1}))"

    return Grid(
        row=_BELOW,
        cells=(
            row(section("What to fix, in this order")),
            row(
                head("Workflow"),
                head("Cost", figure=True),
                head("Success rate", figure=True),
                head("Cost per success", figure=True),
                head("Priority", figure=True),
                head("Read"),
                head(""),
            ),
            *(
                row(
                    Cell(content=of("Workflow", at), look=Look.LABEL_STRONG),
                    Cell(content=of("Cost", at), look=Look.CALCULATION, format=Format.MONEY),
                    Cell(content=of("Success rate", at), look=Look.CALCULATION, format=Format.PERCENT),
                    Cell(content=of("Cost per success", at), look=Look.CALCULATION, format=Format.RATE),
                    Cell(content=of("Priority", at), look=Look.RESULT, format=Format.COUNT),
                    Cell(content=of("Read", at), look=Look.LABEL_STRONG, across=2),
                    None,
                )
                for at in range(first, first + SHOWN)
            ),
        ),
    )


def _behind() -> Grid:
    def line(label: str, content: str, fmt: Format = Format.WORD) -> tuple[Cell | None, ...]:
        return row(
            Cell(content=label, look=Look.LABEL),
            Cell(look=Look.LABEL),
            Cell(content=content, look=Look.RESULT, format=fmt, across=2),
        )

    return Grid(
        row=_TOP,
        column="I",
        cells=(
            row(section("What stands behind it")),
            row(head("Question"), head(""), head(""), head("Answer", figure=True)),
            line("Month shown", "=live_month", Format.MONTH),
            line("Workflows that ran", '=out_workflows_run&" of "&out_workflows'),
            line("Spend on the measured path", "=out_coverage", Format.PERCENT),
            line("Thresholds of your own", "=out_policy_changed", Format.WHOLE),
            line("Values with evidence", '=(out_values_given-out_values_assumed)&" of "&out_values_given'),
            line("Master check", "=out_checks_status"),
            row(None),
            row(note("Outcomes first: a workflow is judged by the measure")),
            row(note("nearest to it. A dollar value without evidence is")),
            row(note("assumed; it is shown muted and never as a result.")),
        ),
    )


def sheet(rows: int) -> Sheet:
    """Describe the sheet."""
    first = _BELOW + 2
    where = f"G{first}:G{first + SHOWN - 1}"
    return Sheet(
        name="Summary",
        role=Role.RESULT,
        title="Summary",
        subtitle="What our workflows cost, how often they succeed, and what to fix first",
        question="What do we tell the board?",
        message=outcomes.MESSAGE,
        slots=(2, 2, 2, 2, 2),
        cards=(
            outcomes.FIX_FIRST,
            outcomes.SPEND,
            outcomes.RATE,
            outcomes.UNIT_COST,
            VALUE_MEASURED,
            VALUE_ASSUMED,
        ),
        blocks=(_behind(), _first()),
        charts=(outcomes_chart.chart(("B12", "I28"), rows),),
        conditions=(
            Condition(where=where, formula=f'G{first}="high-priority"', emphasis="fix_first"),
            Condition(where=where, formula=f'G{first}="worth improving"', emphasis="improve"),
            Condition(where=where, formula=f'G{first}="review"', emphasis="review"),
            Condition(where=where, formula=f'G{first}="healthy"', emphasis="healthy"),
        ),
        heights={_BELOW + 1: 32.0},
        one_page=True,
    )
