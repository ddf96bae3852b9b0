"""Inputs: everything the model assumes, with its unit, its source and how well it is known."""

from __future__ import annotations

from dataclasses import replace

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import CASES, Accepts, Card, Cell, Condition, Grid, Input, Sheet, row
from valuehour.workbooks.templates import entering
from valuehour.workbooks.templates.entering import CURRENCY, DECIMALS, MODEL_NAME, entry, evidence, single
from valuehour.workbooks.templates.phrases import head, in_years, section

_RATE = Accepts(kind="number", above=-1, title="Growth rate", prompt="As a share per year: 10% or 0.1.")


def _factor(label: str, prompt: str) -> Accepts:
    return Accepts(kind="number", above=0, title=label, prompt=f"{prompt} 1.12 means 12 % more over the whole horizon.")


VALUE = tuple(replace(item, cases=True) for item in entering.VALUE)
FACTORS = (
    Input(
        name="uplift_k",
        label="Knowledge growth, K",
        unit="factor",
        format=Format.FACTOR,
        cases=True,
        accepts=_factor("Knowledge, K", "Faster reuse of earlier decisions."),
    ),
    Input(
        name="uplift_p",
        label="Dynamic peak performance, P",
        unit="factor",
        format=Format.FACTOR,
        cases=True,
        accepts=_factor("Performance, P", "A better execution path over time."),
    ),
    Input(
        name="uplift_c",
        label="Dynamic configuration, C",
        unit="factor",
        format=Format.FACTOR,
        cases=True,
        accepts=_factor("Configuration, C", "Tuning to context without rework."),
    ),
)
RATES = (
    Input(
        name="discrete_growth_rate",
        label="Discrete growth rate, yearly",
        unit="per year",
        format=Format.PERCENT,
        cases=True,
        accepts=_RATE,
    ),
    Input(
        name="flywheel_growth_rate",
        label="Flywheel growth rate, added",
        unit="per year",
        format=Format.PERCENT,
        cases=True,
        accepts=_RATE,
    ),
)
HAS_HOURS = "MIN(live_years,live_hours_per_year)>0"
NO_HOURS = "MIN(live_years,live_hours_per_year)<=0"
"""Whether the horizon has hours to divide by, as formula pieces."""

MODEL = (
    MODEL_NAME,
    CURRENCY,
    Input(
        name="case",
        label="Case shown",
        unit="low, base or high",
        default="base",
        accepts=Accepts(kind="choice", choices=CASES, title="Case", prompt="The case that Growth and Allocation show."),
    ),
    DECIMALS,
)
WITH_CASES = (*VALUE, *FACTORS, *RATES)


def _heads() -> tuple[Cell | None, ...]:
    return row(
        head("Input"),
        head("Low", figure=True),
        head("Base", figure=True),
        head("High", figure=True),
        head("Unit"),
        head("Evidence"),
        head("As of"),
        head("Approver"),
        head("Source"),
    )


def _with_cases(item: Input) -> tuple[Cell | None, ...]:
    return row(
        Cell(content=item.label, look=Look.LABEL),
        entry(item, suffix="_low"),
        entry(item),
        entry(item, suffix="_high"),
        Cell(content=item.unit, look=Look.UNIT),
        *evidence(item),
    )


def sheet() -> Sheet:
    """Describe the sheet."""
    blocks = []
    at = 12
    for title, items in (("Value and horizon", VALUE), ("Uplift factors", FACTORS), ("Growth rates", RATES)):
        rows = (row(section(title)), _heads(), *(_with_cases(item) for item in items))
        blocks.append(Grid(row=at, cells=rows))
        at += len(rows) + 1
    blocks.append(Grid(row=at, cells=(row(section("Model")), *(single(item, across=3) for item in MODEL))))
    return Sheet(
        name="Inputs",
        role=Role.INPUT,
        title="Inputs",
        subtitle="Everything the model assumes, with its unit, its source and how well it is known",
        question="What do we assume, and what stands behind it?",
        message=(
            '=IF(out_filled=0,"Start here: enter the total value and the horizon",'
            'IF(out_inputs_measured<out_inputs_given,(out_inputs_given-out_inputs_measured)&" of "&out_inputs_given&'
            '" figures are still assumed; replace them as evidence comes in",'
            '"All "&out_inputs_given&" figures are measured"))'
        ),
        slots=(2, 2, 2, 1, 1),
        cards=HEADLINE_CARDS,
        blocks=tuple(blocks),
        conditions=(
            Condition(
                where=f"G13:G{at - 2}",
                formula='G13="measured"',
                emphasis="ok",
            ),
        ),
        one_page=True,
    )


PER_HOUR = Card(
    label="Value per hour, today",
    figure="=SIGNIFICANT(out_value_per_hour,policy_significant_digits)",
    unit=(
        '=in_currency&" / hour, exact "&FIXED(out_value_per_hour,in_decimals)&'
        'IF((out_filled=1)*(in_total_value_status<>"measured")>0,", assumed","")'
    ),
    format=Format.CARD_MONEY,
)
AT_HORIZON = Card(
    label="Value per hour, at horizon",
    figure="=SIGNIFICANT(out_value_per_hour_at_horizon,policy_significant_digits)",
    unit='=in_currency&" / hour, exact "&FIXED(out_value_per_hour_at_horizon,in_decimals)',
    format=Format.CARD_MONEY,
    held=True,
)
EARNED = Card(
    label="Earned by horizon",
    figure="=SIGNIFICANT(out_cumulative_value,policy_significant_digits)",
    unit=f'=in_currency&IF(out_filled=1," in total over "&{in_years("live_years")},"")',
    format=Format.CARD_MONEY,
    held=True,
)
EVIDENCE = Card(
    label="Evidence of uplift",
    figure="=out_evidence",
    unit='=out_factors_measured&" of "&out_factors_given&" factors measured"',
    format=Format.GENERAL,
    held=True,
)
HEADLINE_CARDS = (PER_HOUR, AT_HORIZON, EARNED, EVIDENCE)
