"""Pieces that every template's sheets are made of: formulas in words, heads, label rows."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look
from valuehour.workbooks.spec import Cell, Content, row


def in_words(value: str, *, short: bool = False) -> str:
    """A formula piece that says an amount in three significant figures: ``99.9 million``, ``3,350``, ``0.44``."""

    def magnitude(of: str) -> str:
        return f"LOOKUP(ROUND(ABS({value}),0),lst_magnitudes,lst_magnitude_{of})"

    word = magnitude("shorts") if short else f'" "&{magnitude("words")}'
    return (
        f"IFS(ROUND(ABS({value}),0)>=policy_millions_from,"
        f"FIXED(SIGNIFICANT({value},policy_significant_digits)/{magnitude('divisors')},"
        f"{magnitude('decimals')})&{word},"
        f"ROUND(ABS({value}),0)<policy_cents_below,FIXED({value},in_decimals),"
        f"TRUE,FIXED(SIGNIFICANT({value},policy_significant_digits),0))"
    )


def percent(value: str) -> str:
    """A formula piece that says a share as a whole percentage."""
    return f'FIXED(ROUND({value}*policy_percent,0),0)&"%"'


def in_years(name: str) -> str:
    """A formula piece that says a span: ``3 years``, ``1 year``."""
    return f'{name}&IF({name}=1," year"," years")'


def section(text: str) -> Cell:
    """A section head."""
    return Cell(content=text, look=Look.SECTION)


def head(text: str, *, figure: bool = False) -> Cell:
    """A column head of a grid."""
    return Cell(content=text, look=Look.HEAD_FIGURE if figure else Look.HEAD)


def note(text: str) -> Cell:
    """A muted note without a rule."""
    return Cell(content=text, look=Look.NOTE_PLAIN)


def figure_row(
    label: Content,
    value: Content,
    fmt: Format,
    *,
    name: str | None = None,
    native: str | None = None,
    total: bool = False,
    gap: int = 0,
) -> tuple[Cell | None, ...]:
    """A label and its figure; ``gap`` empty cells between them carry the rule on."""
    label_look = Look.LABEL_TOTAL if total else Look.LABEL
    figure_look = Look.TOTAL if total else Look.CALCULATION
    return row(
        Cell(content=label, look=label_look),
        *(Cell(look=label_look) for _ in range(gap)),
        Cell(content=value, look=figure_look, format=fmt, name=name, native=native),
    )
