"""The words in which a template is described: inputs, tables, cards, checks, sheets.

A description is frozen data. ``layout`` turns it into cells, ``render`` writes the cells, ``data`` derives from it
what a scenario may hold. Formulas are in display form and call our functions by name; the function style of
the workbook decides what is written into the file.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from valuehour.workbooks.look import Format, Look, Role

Content = str | float | int | bool | datetime.date | None
Kind = Literal["number", "whole", "text", "date", "choice"]

MAX_TEXT = 255
LARGEST = 1e15
"""Up to here a cell holds every whole number exactly."""
FIRST_DATE = datetime.date(1900, 3, 1)
FIRST_DATE_SERIAL = 61
"""Before March 1900 spreadsheet programs do not agree on the calendar."""
"""Characters a text input takes."""

STATUSES = ("assumed", "measured")
CASES = ("low", "base", "high")


FillingRule = Callable[
    [Mapping[str, Content], Mapping[str, Sequence[Mapping[str, Content]]]], Iterable[tuple[str, str, str]]
]
"""Inputs and records to problems: where, what was found, what is allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepts:
    """What a cell takes: its kind, bounds or choices, and what the person sees when they select it."""

    kind: Kind = "text"
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    choices: tuple[str, ...] = ()
    source: str | None = None
    """A range, or a formula that gives one, that holds the choices; ``{row}`` stands for the cell's own row."""
    open: bool = False
    """The choices are suggestions: other text is taken too."""
    title: str = ""
    prompt: str = ""

    @property
    def allowed(self) -> str:
        """What is allowed, as a phrase for people.

        >>> Accepts(kind="number", above=0).allowed
        'a number above 0'
        """
        if self.choices and not self.open:
            return "one of: " + ", ".join(self.choices)
        if self.kind == "date":
            return "a date from March 1900 on"
        if self.kind in ("number", "whole"):
            noun = "a whole number" if self.kind == "whole" else "a number"
            if self.above is not None:
                return f"{noun} above {self.above:g}"
            if self.minimum is not None and self.maximum is not None:
                return f"{noun} from {self.minimum:g} to {self.maximum:g}"
            if self.minimum is not None:
                return f"{noun}, {self.minimum:g} or more"
            return noun
        return "text from the list" if self.source and not self.open else f"one line of at most {MAX_TEXT} characters"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One input of a template; its cell bears the name ``in_<name>``.

    With ``cases`` it has a low, a base and a high figure and its evidence: status, date, approver, source.
    """

    name: str
    label: str
    unit: str
    accepts: Accepts
    format: Format = Format.GENERAL
    default: Content = None
    cases: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: what stands in it, how it looks, what it accepts, what it is called."""

    content: Content = None
    look: Look = Look.PLAIN
    format: Format = Format.GENERAL
    name: str | None = None
    accepts: Accepts | None = None
    link: tuple[str, str] | None = None
    """(sheet, cell) to jump to."""
    bar: Literal["ink", "faint"] | None = None
    """The thick bar left of a card."""
    gutter: bool = False
    """The white line right of a card."""
    native: str | None = None
    """What stands here in native style instead of a call that no plain formula can spell out for every engine."""
    across: int = 1
    """How many columns the cell covers."""
    typed: bool = False
    """Filled in by a person: never a formula, whatever it begins with."""

    @property
    def formula(self) -> str | None:
        """The formula, with its ``=``; None when a value stands here."""
        content = self.content
        is_formula = isinstance(content, str) and len(content) > 1 and content.startswith("=") and not self.typed
        return str(content) if is_formula else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table: an input when it has no formula."""

    head: str
    formula: str | None = None
    unit: str = ""
    look: Look = Look.CALCULATION
    format: Format = Format.GENERAL
    accepts: Accepts | None = None
    text: bool = False
    """Its cells hold text, even text that begins with ``=``."""
    links: bool = False
    """Its cells hold sheet names and jump there."""

    @property
    def key(self) -> str:
        """The column's name in data: the head in snake_case.

        >>> Column(head="Value driver").key
        'value_driver'
        """
        return column_key(self.head)


def column_key(head: str) -> str:
    """A column head as it is called in data.

    >>> column_key("Rate at t  discrete")
    'rate_at_t_discrete'
    """
    return "_".join("".join(c if c.isalnum() else " " for c in head).split()).lower()


def column_keys(heads: Iterable[str]) -> list[str]:
    """The heads of a table as they are called in data, each once: of two that read alike the first keeps the key.

    >>> column_keys(["Weight", "Weight %", "Weight 2", "WEIGHT"])
    ['weight', 'weight_3', 'weight_2', 'weight_4']
    """
    keys = [column_key(head) for head in heads]
    taken = set(keys)
    found: list[str] = []
    for key in keys:
        unique, number = key, 2
        while unique in found or (unique != key and unique in taken):
            unique, number = f"{key}_{number}", number + 1
        found.append(unique)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """An Excel table: input columns to fill, formula columns with one formula each."""

    name: str
    row: int
    """The row of the heads; the units stand in the row above."""
    column: str = "B"
    columns: tuple[Column, ...]
    rows: int
    records: tuple[Mapping[str, Content], ...] = ()
    """What the table ships with, by column key (reference tables)."""
    prefilled: tuple[Mapping[str, Content], ...] = ()
    """What stands in a table to fill until a filling names that table."""
    identity: tuple[str, ...] = ()
    """The columns, by key, that tell one record from another."""
    after: tuple[tuple[Cell | None, ...], ...] = ()
    """Rows that close the table (unallocated, total), outside the Excel table."""

    @property
    def fillable(self) -> bool:
        """Whether a scenario may fill it."""
        return not self.records and any(column.formula is None for column in self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Rows of cells placed as they are, from a cell on."""

    row: int
    column: str = "B"
    cells: tuple[tuple[Cell | None, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A key figure: label, figure, unit and exact value."""

    label: str
    figure: str
    unit: str
    format: Format
    held: bool = False
    """Rests on uplift: muted until the factors are measured."""
    alarm: str | None = None
    """A formula; when true, the card is drawn as an alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A chart series: the cell of its name, its values and its categories or x values."""

    name: str
    values: str
    categories: str
    colour: str
    width: float = 2.0
    """Of the line, in points; 0 draws none."""
    dash: str | None = None
    hatched: bool = False
    marker: Literal["circle", "diamond"] | None = None
    size: int = 9
    """Of the markers, in points."""
    named: Literal["last", "never"] = "last"
    """Whether the last point bears the name."""
    points: int | None = None
    """How many points it has when they are not as many as the chart's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart on a sheet: lines or points in a plane, or sorted bars of shares."""

    kind: Literal["lines", "bars"]
    title: str
    anchor: tuple[str, str]
    series: tuple[Series, ...]
    alt: str
    points: int
    x_format: str = "0.##"
    y_format: str = Format.GAIN.value
    x_minimum: float | None = 0
    y_range: tuple[float | None, float | None] = (None, None)
    y_step: float | None = None
    gridlines: bool = True
    plot: tuple[float, float, float, float] | None = None
    """Left, top, width and height of the plot as shares of the chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A conditional format: where, when, and which emphasis."""

    where: str
    formula: str
    emphasis: Literal[
        "alert",
        "alarm",
        "failed",
        "muted",
        "muted_small",
        "plain",
        "small",
        "ok",
        "quiet",
        "fix_first",
        "improve",
        "review",
        "healthy",
    ]
    magnitude: int | None = None
    """The place among ``look.MAGNITUDES`` of the number format that is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A data bar inside the cells of a range."""

    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One sheet, described."""

    name: str
    role: Role
    title: str
    subtitle: str
    message: str
    question: str
    """What the sheet answers, for the index on About."""
    slots: tuple[int, ...]
    """One number a slot: 1 text column, 2 figure columns or 3 narrow ones."""
    cards: tuple[Card, ...] = ()
    blocks: tuple[Table | Grid, ...] = ()
    charts: tuple[Chart, ...] = ()
    conditions: tuple[Condition, ...] = ()
    bars: tuple[Bar, ...] = ()
    heights: Mapping[int, float] = field(default_factory=dict)
    ranges: Mapping[str, str] = field(default_factory=dict)
    """Names of ranges on this sheet, for lists and lookups."""
    data: tuple[Grid, ...] = ()
    """Chart data: visible, right of the page, not printed."""
    protected: bool = False
    one_page: bool = False
    last_row: int | None = None
    """The last row to print when it is not the last row with a cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check: what is found must stand in the given relation to what is expected."""

    label: str
    sheet: str
    found: str
    relation: Literal["=", "≤", "≥", ">"]
    expected: str
    remedy: str
    applies: str = "TRUE"
    """A formula; while it is false the check has nothing to look at."""
    tolerance: Literal["money", "share"] = "money"


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A template: its sheets, its inputs and the name of the version that is built."""

    name: str
    version: str
    title: str
    sheets: tuple[Sheet, ...]
    taxonomy: str
    """The range of structure and dimension, for GROUPINGS."""
    records: str | None = None
    """The range of the records of the ledger, for LEDGER; None when there are none."""
    rules: tuple[FillingRule, ...] = ()
    """What must hold between the values that fill it."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table of every sheet."""
        return tuple(block for sheet in self.sheets for block in sheet.blocks if isinstance(block, Table))

    def table(self, name: str) -> Table:
        """The table of that name."""
        return next(table for table in self.tables if table.name == name)


def row(*cells: Cell | None) -> tuple[Cell | None, ...]:
    """A row of a grid."""
    return cells
