"""What a person types in, in every template: single inputs, the evidence of a figure, the model's name and currency."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look
from valuehour.workbooks.spec import STATUSES, Accepts, Cell, Input, row

MODEL_NAME = Input(
    name="model_name",
    label="Model",
    unit="name",
    accepts=Accepts(title="Model", prompt="What this workbook is about; shown in the band of every sheet."),
)
CURRENCY = Input(
    name="currency",
    label="Currency",
    unit="code",
    default="USD",
    accepts=Accepts(title="Currency", prompt="One currency per model; the code stands beside every amount."),
)
DECIMALS = Input(
    name="decimals",
    label="Decimals of amounts",
    unit="places",
    format=Format.WHOLE,
    default=2,
    accepts=Accepts(
        kind="whole", minimum=0, maximum=6, title="Decimals", prompt="2 splits to the cent, 0 to the whole unit."
    ),
)
VALUE = (
    Input(
        name="total_value",
        label="Total value over the horizon",
        unit="=in_currency",
        format=Format.MONEY,
        accepts=Accepts(
            kind="number",
            title="Total value",
            prompt="For the whole horizon, not one year. An annual figure: multiply it by the years.",
        ),
    ),
    Input(
        name="years",
        label="Horizon",
        unit="years",
        format=Format.YEARS,
        accepts=Accepts(kind="number", above=0, title="Horizon", prompt="Years; fractions are allowed."),
    ),
    Input(
        name="hours_per_year",
        label="Hours per year",
        unit="hours",
        format=Format.COUNT,
        default=8760,
        accepts=Accepts(
            kind="number", above=0, title="Hours per year", prompt="8,760 counts every hour; 2,080 a working year."
        ),
    ),
    Input(
        name="employees",
        label="Employees",
        unit="people",
        format=Format.COUNT,
        default=1,
        accepts=Accepts(
            kind="number", above=0, title="Employees", prompt="Leave at 1 to read the organisation as a whole."
        ),
    ),
    Input(
        name="coverage",
        label="Coverage, fully in scope",
        unit="of value",
        format=Format.PERCENT,
        default=1.0,
        accepts=Accepts(
            kind="number",
            minimum=0,
            maximum=1,
            title="Coverage",
            prompt="Share of the workflows that run wholly through the measured path. Only that share counts.",
        ),
    ),
)
"""What a value per hour is worked out from, wherever one is."""

EVIDENCE = Accepts(
    kind="choice", choices=STATUSES, title="Evidence", prompt="measured: a record stands behind it; else assumed."
)
AS_OF = Accepts(kind="date", title="As of", prompt="The date the figure was taken.")
APPROVER = Accepts(title="Approver", prompt="Who stands behind the figure.")
SOURCE = Accepts(title="Source", prompt="Where the figure can be looked up.")


def entry(item: Input, *, suffix: str = "", across: int = 1) -> Cell:
    """The cell of an input; with a suffix, that of another case of it."""
    figure = item.accepts.kind in ("number", "whole")
    return Cell(
        content=item.default if suffix == "" else None,
        look=Look.INPUT_FIGURE if figure else Look.INPUT,
        format=item.format,
        name=f"in_{item.name}{suffix}",
        accepts=item.accepts,
        across=across,
    )


def single(item: Input, *, across: int = 1) -> tuple[Cell | None, ...]:
    """An input with its label and unit."""
    covered: list[Cell | None] = [None] * (across - 1)
    return row(
        Cell(content=item.label, look=Look.LABEL),
        entry(item, across=across),
        *covered,
        Cell(content=item.unit, look=Look.UNIT),
    )


def evidence(item: Input) -> tuple[Cell, ...]:
    """How well an input is known: status, date, approver, source."""

    def cell(suffix: str, accepts: Accepts, content: str | None = None, fmt: Format = Format.GENERAL) -> Cell:
        return Cell(content=content, look=Look.INPUT, format=fmt, name=f"in_{item.name}_{suffix}", accepts=accepts)

    return (
        cell("status", EVIDENCE, "assumed"),
        cell("date", AS_OF, fmt=Format.DATE),
        cell("approver", APPROVER),
        cell("source", SOURCE),
    )
