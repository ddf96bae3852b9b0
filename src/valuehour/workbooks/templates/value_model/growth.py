"""Growth: the hourly rate at year t, and what has been earned by then."""

from __future__ import annotations

from valuehour.workbooks import look
from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Card, Cell, Chart, Column, Condition, Grid, Series, Sheet, Table, row
from valuehour.workbooks.templates.lists import Constant
from valuehour.workbooks.templates.phrases import figure_row, in_words, note, percent, section
from valuehour.workbooks.templates.value_model.inputs import AT_HORIZON, EARNED, EVIDENCE, HAS_HOURS, NO_HOURS, PER_HOUR

TABLE = "tblGrowth"
YEARS = 10
HEAD_ROW = 31
STEPS = 12
CONSTANTS = (Constant(name="policy_chart_steps", label="Steps of the growth chart", value=STEPS, unit="steps"),)
DATA_ROW = 12
_FIGURES = 12
DATA_COLUMN = "O"

_BASE = "out_value_per_hour"
_HOURS = "live_hours_per_year"


def rate_at(t: str, convention: str) -> str:
    """The hourly rate at time t under one growth convention."""
    return {
        "discrete": (f"IF(live_discrete_growth_rate<=-1,0,COMPOUND_DISCRETE({_BASE},live_discrete_growth_rate,{t}))"),
        "continuous": f"COMPOUND_CONTINUOUS({_BASE},out_continuous_rate,{t})",
        "flywheel": f"COMPOUND_FLYWHEEL({_BASE},out_continuous_rate,live_flywheel_growth_rate,{t})",
    }[convention]


def earned_by(t: str, convention: str) -> str:
    """What has been earned by time t under one growth convention."""
    growth = {
        "discrete": "LN(1+live_discrete_growth_rate)",
        "continuous": "out_continuous_rate",
        "flywheel": "out_continuous_rate+live_flywheel_growth_rate",
    }[convention]
    formula = f"CUMULATIVE_VALUE({_BASE},{growth},{t},{_HOURS})"
    return f"IF(live_discrete_growth_rate<=-1,0,{formula})" if convention == "discrete" else formula


_T = "[@Time t]"


def _within(formula: str) -> str:
    return f'=IF({_T}>live_years,"",{formula})'


COLUMNS = (
    Column(
        head="Year",
        look=Look.LABEL,
        formula=f'=IF({_T}>live_years,"",IF({_T}=0,"Today","Year "&{_T}))',
    ),
    Column(
        head="Time t",
        unit="years",
        format=Format.YEARS,
        formula=f"=ROW()-ROW({TABLE}[[#Headers],[Time t]])-1",
    ),
    *(
        Column(
            head=f"Rate {convention}",
            unit='=in_currency&" / hour"',
            look=Look.RESULT if convention == "continuous" else Look.CALCULATION,
            format=Format.RATE,
            formula=_within(rate_at(_T, convention)),
        )
        for convention in ("discrete", "continuous", "flywheel")
    ),
    *(
        Column(
            head=f"Earned {convention}",
            unit="=in_currency",
            look=Look.RESULT if convention == "continuous" else Look.CALCULATION,
            format=Format.MONEY,
            formula=_within(f"IF({HAS_HOURS},{earned_by(_T, convention)},0)"),
        )
        for convention in ("discrete", "continuous", "flywheel")
    ),
)

_YEAR_BY_YEAR = (
    f'=IF(live_years>ROWS({TABLE}[Year])-1,"Year by year, the first "&(ROWS({TABLE}[Year])-1)&'
    '" years; the row Horizon has the whole span","Year by year")'
)

_AT_HORIZON = row(
    Cell(content="Horizon", look=Look.LABEL_TOTAL),
    Cell(content="=live_years", look=Look.TOTAL, format=Format.YEARS),
    *(
        Cell(
            content="=" + rate_at("live_years", convention),
            look=Look.TOTAL,
            format=Format.RATE,
            name=f"out_rate_at_horizon_{convention}",
        )
        for convention in ("discrete", "continuous", "flywheel")
    ),
    *(
        Cell(
            content=f"=IF({HAS_HOURS},{earned_by('live_years', convention)},0)",
            look=Look.TOTAL,
            format=Format.MONEY,
            name=f"out_earned_by_horizon_{convention}",
        )
        for convention in ("discrete", "continuous", "flywheel")
    ),
)


def _figures() -> tuple[tuple[Cell | None, ...], ...]:

    def line(
        label: str, value: str, fmt: Format, name: str | None = None, total: bool = False
    ) -> tuple[Cell | None, ...]:
        return figure_row(label, value, fmt, name=name, total=total, gap=1)

    return (
        row(section("From value to rate")),
        line("Value in scope", "=live_total_value*live_coverage", Format.MONEY, "out_value_in_scope"),
        line("Hours in the horizon", "=live_years*live_hours_per_year", Format.COUNT, "out_hours"),
        line(
            "Value per hour, today",
            f"=IF({NO_HOURS},0,VALUE_PER_HOUR(out_value_in_scope,live_years,1,live_hours_per_year))",
            Format.RATE,
            "out_value_per_hour",
            True,
        ),
        line(
            "Per hour and employee",
            f"=IF(({NO_HOURS})+(live_employees<=0)>0,0,"
            "VALUE_PER_HOUR(out_value_in_scope,live_years,live_employees,live_hours_per_year))",
            Format.RATE,
            "out_value_per_hour_per_employee",
        ),
        line(
            "Multiplier, K × P × C",
            "=IF(MIN(live_uplift_k,live_uplift_p,live_uplift_c)<=0,0,"
            "UPLIFT(live_uplift_k,live_uplift_p,live_uplift_c))",
            Format.FACTOR_FINE,
            "out_uplift_multiplier",
        ),
        line(
            "Rate, ln(M) / years",
            "=IF(MIN(live_years,out_uplift_multiplier)<=0,0,CONTINUOUS_RATE(out_uplift_multiplier,live_years))",
            Format.PERCENT_FINE,
            "out_continuous_rate",
        ),
        line(
            "Value per hour, at horizon",
            "=COMPOUND_CONTINUOUS(out_value_per_hour,out_continuous_rate,live_years)",
            Format.RATE,
            "out_value_per_hour_at_horizon",
            True,
        ),
        line(
            "Earned by horizon",
            f"=IF({NO_HOURS},0,CUMULATIVE_VALUE(out_value_per_hour,out_continuous_rate,live_years,live_hours_per_year))",
            Format.MONEY,
            "out_cumulative_value",
            True,
        ),
        line("Above today's rate", "=out_cumulative_value-out_value_in_scope", Format.MONEY, "out_gain"),
        row(None),
        row(section("Is it held back?")),
        row(Cell(content="=out_locked_reason", look=Look.NOTE_PLAIN)),
        row(note("Rate at t: what one hour is worth in year t.")),
        row(note("Earned by t: the sum of all hours until t.")),
        row(note("End rate × all hours would overclaim.")),
    )


def _data() -> Grid:
    first, last = DATA_ROW + 2, DATA_ROW + 2 + STEPS
    columns = {"discrete": "Q", "continuous": "R", "flywheel": "S"}
    names = {"discrete": "Discrete", "continuous": "Uplift, continuous", "flywheel": "Flywheel"}

    def title(convention: str) -> Cell:
        gain = f"ROUND({columns[convention]}{last},0)"
        return Cell(
            content=(f'=IF(out_filled=0," ","  {names[convention]}  "&IF({gain}<0,"","+")&FIXED({gain}+0,0))'),
            look=Look.DATA_HEAD,
        )

    rows: list[tuple[Cell | None, ...]] = [
        row(Cell(content="Chart data: gain over today's rate", look=Look.DATA_HEAD)),
        row(
            Cell(content="Step", look=Look.DATA_HEAD),
            Cell(content="Time t", look=Look.DATA_HEAD),
            *(title(convention) for convention in columns),
        ),
    ]
    for step in range(STEPS + 1):
        at = first + step
        rows.append(
            row(
                Cell(content=f"=ROW()-ROW(O${first - 1})-1", look=Look.DATA),
                Cell(content=f"=live_years*O{at}/policy_chart_steps", look=Look.DATA, format=Format.YEARS),
                *(
                    Cell(content=f"={rate_at(f'$P{at}', convention)}-{_BASE}", look=Look.DATA, format=Format.RATE)
                    for convention in columns
                ),
            )
        )
    return Grid(row=DATA_ROW, column=DATA_COLUMN, cells=tuple(rows))


def chart(anchor: tuple[str, str]) -> Chart:
    """The growth chart, on whichever sheet."""
    first, last = DATA_ROW + 2, DATA_ROW + 2 + STEPS
    at = f"Growth!$P${first}:$P${last}"

    def line(column: str, colour: str, width: float, dash: str | None = None) -> Series:
        return Series(
            name=f"Growth!${column}${DATA_ROW + 1}",
            values=f"Growth!${column}${first}:${column}${last}",
            categories=at,
            colour=colour,
            width=width,
            dash=dash,
        )

    return Chart(
        kind="lines",
        title="Gain in the hourly rate over today's, by growth convention (model currency per hour, by year)",
        anchor=anchor,
        series=(line("Q", look.SLATE, 1.75, "sysDash"), line("S", look.BLUE, 2), line("R", look.INK, 3)),
        alt=(
            "Line chart of the gain in value per hour from today to the horizon under discrete, continuous and "
            "flywheel growth; the figures stand in the table Year by year on the sheet Growth."
        ),
        points=STEPS + 1,
    )


MULTIPLIER = Card(
    label="Uplift multiplier",
    figure="=out_uplift_multiplier",
    unit="K × P × C",
    format=Format.CARD_FACTOR,
    held=True,
)
RATE = Card(
    label="Continuous growth rate",
    figure="=out_continuous_rate",
    unit="per year, ln(M) / years",
    format=Format.CARD_PERCENT,
    held=True,
)

MESSAGE = (
    '=IF(out_filled=0,"Growth appears once Inputs is filled",'
    'IF(out_locked=1,"Held back until measured: the uplift would ","The uplift will ")&'
    'IF(out_uplift_multiplier<1,"lower","lift")&" the hourly rate by "&'
    + percent("ABS(out_uplift_multiplier-1)")
    + '&" by year "&live_years&", "&'
    + in_words("out_cumulative_value")
    + '&" "&in_currency&" earned by then")'
)


def sheet() -> Sheet:
    """Describe the sheet."""
    return Sheet(
        name="Growth",
        role=Role.RESULT,
        title="Growth",
        subtitle="The hourly rate at year t, and what has been earned by then: two different quantities",
        question="What is the hourly rate in year t, and what has been earned by then?",
        message=MESSAGE,
        slots=(2, 2, 2, 2, 2),
        cards=(PER_HOUR, AT_HORIZON, EARNED, MULTIPLIER, RATE, EVIDENCE),
        blocks=(
            Grid(row=_FIGURES, column="J", cells=_figures()),
            Grid(row=HEAD_ROW - 2, cells=(row(section(_YEAR_BY_YEAR)),)),
            Table(name=TABLE, row=HEAD_ROW, columns=COLUMNS, rows=YEARS + 1, after=(_AT_HORIZON,)),
        ),
        charts=(chart(("B12", "J28")),),
        conditions=(
            *(
                Condition(where=where, formula="out_locked=1", emphasis="muted")
                for where in (f"L{_FIGURES + 5}:L{_FIGURES + 9}", f"D{HEAD_ROW + 1}:I{HEAD_ROW + 2 + YEARS}")
            ),
            Condition(
                where=f"C{HEAD_ROW + 1}:C{HEAD_ROW + 1 + YEARS}",
                formula=f"C{HEAD_ROW + 1}>live_years",
                emphasis="quiet",
            ),
        ),
        data=(_data(),),
        one_page=True,
    )
