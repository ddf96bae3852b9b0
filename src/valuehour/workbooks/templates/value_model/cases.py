"""Cases: the model worked through for low, base and high side by side, and the case that is shown."""

from __future__ import annotations

from collections.abc import Callable

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Cell, Condition, Grid, Input, Sheet, row
from valuehour.workbooks.templates.phrases import figure_row, head, in_words, section
from valuehour.workbooks.templates.value_model.inputs import FACTORS, VALUE, WITH_CASES

FIRST_ROW = 10
INPUT_ROW = {item.name: FIRST_ROW + index for index, item in enumerate(WITH_CASES)}
_RESULT_HEAD = FIRST_ROW + len(WITH_CASES) + 2

LOW, BASE, HIGH, LIVE = "C", "D", "E", "F"


def _assumed(item: Input) -> tuple[Cell | None, ...]:
    at = INPUT_ROW[item.name]
    # A factor that is left blank means no uplift, not an uplift of nothing.
    base = f"=IF(COUNT(in_{item.name})=0,1,in_{item.name})" if item in FACTORS else f"=N(in_{item.name})"

    def other(suffix: str) -> str:
        return f"=IF(COUNT(in_{item.name}_{suffix})=0,{BASE}{at},in_{item.name}_{suffix})"

    def figure(formula: str, name: str | None = None) -> Cell:
        look = Look.CALCULATION if name is None else Look.RESULT
        return Cell(content=formula, look=look, format=item.format, name=name)

    return row(
        Cell(content=item.label, look=Look.LABEL),
        figure(other("low")),
        figure(base),
        figure(other("high")),
        figure(chosen(at), f"live_{item.name}"),
        Cell(content=item.unit, look=Look.UNIT),
    )


def chosen(at: int) -> str:
    """The figure of the case that is shown."""
    return f'=IF(in_case="low",{LOW}{at},IF(in_case="high",{HIGH}{at},{BASE}{at}))'


def _at(name: str) -> Callable[[str], str]:
    return lambda column: f"{column}${INPUT_ROW[name]}"


_total, _years, _hours, _people, _coverage = (_at(item.name) for item in VALUE)
_k, _p, _c = (_at(item.name) for item in FACTORS)

RESULTS = (
    "value_in_scope",
    "value_per_hour",
    "value_per_hour_per_employee",
    "uplift_multiplier",
    "continuous_rate",
    "value_per_hour_at_horizon",
    "cumulative_value",
)
RESULT_ROW = {name: _RESULT_HEAD + 1 + index for index, name in enumerate(RESULTS)}


def _formula(name: str, c: str) -> str:
    r = {key: f"{c}${number}" for key, number in RESULT_ROW.items()}
    smallest = f"MIN({_years(c)},{_hours(c)})"
    return {
        "value_in_scope": f"={_total(c)}*{_coverage(c)}",
        "value_per_hour": f"=IF({smallest}<=0,0,VALUE_PER_HOUR({r['value_in_scope']},{_years(c)},1,{_hours(c)}))",
        "value_per_hour_per_employee": (
            f"=IF(MIN({smallest},{_people(c)})<=0,0,"
            f"VALUE_PER_HOUR({r['value_in_scope']},{_years(c)},{_people(c)},{_hours(c)}))"
        ),
        "uplift_multiplier": f"=IF(MIN({_k(c)},{_p(c)},{_c(c)})<=0,0,UPLIFT({_k(c)},{_p(c)},{_c(c)}))",
        "continuous_rate": (
            f"=IF(MIN({_years(c)},{r['uplift_multiplier']})<=0,0,CONTINUOUS_RATE({r['uplift_multiplier']},{_years(c)}))"
        ),
        "value_per_hour_at_horizon": (
            f"=COMPOUND_CONTINUOUS({r['value_per_hour']},{r['continuous_rate']},{_years(c)})"
        ),
        "cumulative_value": (
            f"=IF({smallest}<=0,0,"
            f"CUMULATIVE_VALUE({r['value_per_hour']},{r['continuous_rate']},{_years(c)},{_hours(c)}))"
        ),
    }[name]


_SHOWN = {
    "value_in_scope": ("Value in scope", Format.MONEY, "=in_currency"),
    "value_per_hour": ("Value per hour, today", Format.RATE, '=in_currency&" / hour"'),
    "value_per_hour_per_employee": ("Value per hour and employee", Format.RATE, '=in_currency&" / hour"'),
    "uplift_multiplier": ("Uplift multiplier, K × P × C", Format.FACTOR_FINE, "factor"),
    "continuous_rate": ("Continuous growth rate", Format.PERCENT_FINE, "per year"),
    "value_per_hour_at_horizon": ("Value per hour, at horizon", Format.RATE, '=in_currency&" / hour"'),
    "cumulative_value": ("Earned by horizon", Format.MONEY, "=in_currency"),
}


def _result(name: str) -> tuple[Cell | None, ...]:
    label, fmt, unit = _SHOWN[name]
    figures = [Cell(content=_formula(name, c), look=Look.CALCULATION, format=fmt) for c in (LOW, BASE, HIGH)]
    return row(
        Cell(content=label, look=Look.LABEL),
        *figures,
        Cell(content=chosen(RESULT_ROW[name]), look=Look.RESULT, format=fmt),
        Cell(content=unit, look=Look.UNIT),
    )


def _heads() -> tuple[Cell | None, ...]:
    return row(
        head("Quantity"),
        head("Low", figure=True),
        head("Base", figure=True),
        head("High", figure=True),
        head("Shown", figure=True),
        head("Unit"),
    )


def _evidence() -> Grid:
    """How well the figures are known, counted; the compounded figures wait for this."""
    factors = tuple(item.name for item in FACTORS)
    everything = tuple(item.name for item in WITH_CASES)

    def is_given(name: str) -> str:
        # A figure that stands only under Low or High is used as well, so it counts. Measured means that source and
        # date say by what: a word alone releases nothing.
        return f"(COUNT(in_{name}_low,in_{name},in_{name}_high)>0)"

    def given(names: tuple[str, ...]) -> str:
        return "=" + "+".join(f"{is_given(name)}*1" for name in names)

    def measured(names: tuple[str, ...]) -> str:
        return "=" + "+".join(
            f'{is_given(name)}*(in_{name}_status="measured")*(COUNTA(in_{name}_source)>0)*(COUNT(in_{name}_date)>0)'
            for name in names
        )

    def line(label: str, content: str, name: str, fmt: Format = Format.WHOLE) -> tuple[Cell | None, ...]:
        return figure_row(label, content, fmt, name=name, gap=2)

    return Grid(
        row=FIRST_ROW - 2,
        column="I",
        cells=(
            row(section("How well it is known")),
            row(head("Evidence"), head(""), head(""), head("Count", figure=True)),
            line("Figures given", given(everything), "out_inputs_given"),
            line("Figures measured", measured(everything), "out_inputs_measured"),
            line("Uplift factors given", given(factors), "out_factors_given"),
            line("Uplift factors measured", measured(factors), "out_factors_measured"),
            line(
                "Compounded figures held back (1 = yes)",
                "=IF((out_factors_given>0)*(out_factors_measured=out_factors_given)>0,0,1)",
                "out_locked",
            ),
            line(
                "Evidence of uplift",
                '=IF(out_factors_given=0,"none",IF(out_locked=1,"assumed","measured"))',
                "out_evidence",
                Format.WORD,
            ),
            row(
                Cell(
                    content=(
                        '=IF(out_factors_given=0,"Held back: no uplift factor is given yet",'
                        'IF(out_locked=1,"Held back: "&'
                        '(out_factors_given-out_factors_measured)&" of "&out_factors_given&'
                        '" uplift factors are only assumed","Released: every uplift factor is measured"))'
                    ),
                    look=Look.NOTE_PLAIN,
                    name="out_locked_reason",
                )
            ),
        ),
    )


def sheet() -> Sheet:
    """Describe the sheet."""
    value = RESULT_ROW["value_per_hour"]
    return Sheet(
        name="Cases",
        role=Role.CALCULATION,
        title="Cases",
        subtitle="The model worked through for low, base and high; a figure left blank is as in the base case",
        question="How far apart are the low, base and high cases?",
        message=(
            '=IF(out_filled=0,"The three cases stand here side by side once Inputs is filled",'
            f'"An hour is worth between "&{in_words(f"MIN({LOW}{value}:{HIGH}{value})")}&" and "&'
            f'{in_words(f"MAX({LOW}{value}:{HIGH}{value})")}&" "&in_currency&"; the workbook "&'
            '"shows the "&in_case&" case")'
        ),
        slots=(2, 2, 2, 2, 2),
        blocks=(
            Grid(
                row=FIRST_ROW - 2,
                cells=(row(section("What is assumed")), _heads(), *(_assumed(item) for item in WITH_CASES)),
            ),
            Grid(
                row=_RESULT_HEAD - 1,
                cells=(row(section("What follows")), _heads(), *(_result(name) for name in RESULTS)),
            ),
            _evidence(),
        ),
        conditions=(
            Condition(
                where=f"{LOW}{RESULT_ROW['uplift_multiplier']}:{LIVE}{RESULT_ROW['cumulative_value']}",
                formula="out_locked=1",
                emphasis="muted",
            ),
        ),
        one_page=True,
    )
