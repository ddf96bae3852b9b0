"""Summary: one page for a board."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Card, Cell, Condition, Grid, Sheet, row
from valuehour.workbooks.templates import allocation_chart
from valuehour.workbooks.templates.phrases import head, in_words, section
from valuehour.workbooks.templates.value_model import growth
from valuehour.workbooks.templates.value_model.cases import BASE, HIGH, LOW, RESULT_ROW
from valuehour.workbooks.templates.value_model.inputs import AT_HORIZON, EARNED, EVIDENCE, PER_HOUR

MESSAGE = (
    '=IF(out_filled=0,"Start on Inputs: enter the total value and the horizon",'
    f'"An hour is worth "&{in_words("out_value_per_hour")}&" "&in_currency&" today"&'
    f'IF(out_locked=1,"; growth is held back until the uplift is measured",'
    f'" and "&{in_words("out_value_per_hour_at_horizon")}&" in year "&live_years))'
)

COVERAGE = Card(
    label="Coverage",
    figure="=live_coverage",
    unit='="of the value is fully in scope"',
    format=Format.CARD_SHARE,
)

_CASE_ROWS = (
    ("Value per hour, today", "value_per_hour", Format.COUNT, '=in_currency&" / hour"'),
    ("Uplift multiplier", "uplift_multiplier", Format.FACTOR, "factor"),
    ("Continuous growth rate", "continuous_rate", Format.PERCENT, "per year"),
    ("Value per hour, at horizon", "value_per_hour_at_horizon", Format.COUNT, '=in_currency&" / hour"'),
    ("Earned by horizon", "cumulative_value", Format.MONEY, "=in_currency"),
)


def _cases() -> Grid:
    def rounded(at: str) -> str:
        return f"=SIGNIFICANT({at},policy_significant_digits)"

    rows = [
        row(section("Low, base and high")),
        row(
            head("In three significant figures"),
            head("Low", figure=True),
            head("Base", figure=True),
            head("High", figure=True),
            head("Unit"),
        ),
    ]
    for label, name, fmt, unit in _CASE_ROWS:
        at = RESULT_ROW[name]
        rows.append(
            row(
                Cell(content=label, look=Look.LABEL),
                *(
                    Cell(
                        content=rounded(f"Cases!{column}{at}"),
                        look=Look.RESULT if column == BASE else Look.CALCULATION,
                        format=fmt,
                    )
                    for column in (LOW, BASE, HIGH)
                ),
                Cell(content=unit, look=Look.UNIT),
            )
        )
    return Grid(row=_BELOW, cells=tuple(rows))


_BELOW = 28


def _behind() -> Grid:
    def line(label: str, content: str, fmt: Format = Format.WORD) -> tuple[Cell | None, ...]:
        return row(
            Cell(content=label, look=Look.LABEL),
            *(Cell(look=Look.LABEL) for _ in range(2)),
            Cell(content=content, look=Look.RESULT, format=fmt, across=2),
        )

    return Grid(
        row=_BELOW,
        column="H",
        cells=(
            row(section("What stands behind it")),
            row(head("Question"), head(""), head(""), head(""), head("Answer", figure=True)),
            line("How much is in scope?", "=live_coverage", Format.PERCENT),
            line("Figures measured", '=out_inputs_measured&" of "&out_inputs_given'),
            line("Uplift factors measured", '=out_factors_measured&" of "&out_factors_given'),
            line("Evidence of uplift", "=out_evidence"),
            line("Master check", "=out_checks_status"),
            row(Cell(content="=out_locked_reason", look=Look.NOTE_PLAIN)),
        ),
    )


def sheet() -> Sheet:
    """Describe the sheet."""
    first = _BELOW + 2
    return Sheet(
        name="Summary",
        role=Role.RESULT,
        title="Summary",
        subtitle="What an hour is worth, how it may grow, whose it is, and how well it is known",
        question="What do we tell the board?",
        message=MESSAGE,
        slots=(2, 2, 2, 2, 2),
        cards=(PER_HOUR, AT_HORIZON, EARNED, growth.MULTIPLIER, COVERAGE, EVIDENCE),
        blocks=(_cases(), _behind()),
        charts=(growth.chart(("B12", "H27")), allocation_chart.chart(("H12", "M27"))),
        conditions=(
            Condition(where=f"C{first + 1}:E{first + len(_CASE_ROWS) - 1}", formula="out_locked=1", emphasis="muted"),
        ),
        one_page=True,
    )
