"""Tie-out: where all spend went that was read, and what was found on the way; filled by ``valuehour outcomes``."""

from __future__ import annotations

import re

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import MAX_TEXT, Accepts, Cell, Check, Column, Grid, Input, Sheet, Table, row
from valuehour.workbooks.templates.entering import entry
from valuehour.workbooks.templates.phrases import figure_row, note, section
from valuehour.workbooks.templates.workflow_outcomes import months

TABLE = "tblTieOut"
EXACT = "tblTieOutExact"
COUNTED = "tblTieOutRows"
FINDINGS = "tblFindings"
SHEET = "Tie-out"
CURRENCIES = 6
FOUND = 24

_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_STATEMENT_ROW = 8
_FIRST_HEAD = 17
_ENTERED = "valuehour outcomes enters it."


def _stated(name: str, label: str, prompt: str) -> Input:
    accepts = Accepts(title=label, prompt=f"{prompt} {_ENTERED}")
    return Input(name=f"import_{name}", label=label, unit="", accepts=accepts)


STATEMENT = (
    _stated("time_zone", "Time zone", "The zone whose months are counted."),
    _stated("as_of", "As of", "Rows dated later are findings."),
    _stated("engine", "Joined by", "The engine that joined spend to runs."),
    _stated("exchange", "Exchange rates", "How other currencies came into the months."),
    _stated("sources", "Sources", "What was read."),
)
"""What the figures rest on."""

LINES = ("Read", "Matched", "Unmatched", "Refused")
_CURRENCY = Column(
    head="Currency", look=Look.INPUT, accepts=Accepts(title="Currency", prompt=f"A currency that was read. {_ENTERED}")
)
_MEANING = {
    "Read": "All that was read.",
    "Matched": "Of a workflow of the catalog, with or without outcomes.",
    "Unmatched": "Without a workflow.",
    "Refused": "Could not be read.",
}
_APART = "=[@Read]-[@Matched]-[@Unmatched]-[@Refused]"


def _figure(head: str, fmt: Format, prompt: str, unit: str) -> Column:
    accepts = Accepts(kind="number", title=head, prompt=prompt)
    return Column(head=head, unit=unit, look=Look.INPUT_FIGURE, format=fmt, accepts=accepts)


def _text(head: str, prompt: str) -> Column:
    return Column(head=head, look=Look.INPUT_TEXT, accepts=Accepts(title=head, prompt=prompt))


AMOUNTS = (
    _CURRENCY,
    *(_figure(line, Format.RATE, _MEANING[line], "its currency") for line in LINES),
    Column(head="Difference", unit="must be 0", look=Look.RESULT, format=Format.EXACT, formula=_APART),
    _figure("Rate", Format.UNITS, "To the currency of the months; 0: none, so it stands here alone.", "=in_currency"),
)
EXACTLY = (
    _CURRENCY,
    *(_text(line, f"{_MEANING[line]} To the last decimal.") for line in LINES),
    _text("Finer", "What the amounts had beyond twelve decimals."),
)
ROWS = (
    _CURRENCY,
    *(_figure(line, Format.COUNT, f"Rows. {_MEANING[line]}", "rows") for line in LINES),
    Column(head="Difference", unit="must be 0", look=Look.RESULT, format=Format.WHOLE, formula=_APART),
)
FINDING = (
    _text("Finding", "What was found, and what became of it."),
    _text("First places", "File and row."),
    _text("Found", "What stood there."),
    _text("Amounts", "By currency."),
    _text("Kind", "Its name in JSON."),
    _figure("Rows", Format.COUNT, "How many there are.", "rows"),
    _text("Weight", "fault or note."),
)


def _worst(table: str) -> str:
    return f"MAX(MAX({table}[Difference]),-MIN({table}[Difference]))"


_IMPORTED = "out_currencies_read>0"
_AGAIN = "Changed after the import: run valuehour outcomes again"

CHECKS = (
    Check(
        label="Spend that was read ties out",
        sheet=SHEET,
        found=_worst(TABLE),
        relation="=",
        expected="0",
        remedy=_AGAIN,
        applies=_IMPORTED,
    ),
    Check(
        label="Rows that were read tie out",
        sheet=SHEET,
        found=_worst(COUNTED),
        relation="=",
        expected="0",
        remedy=_AGAIN,
        applies=_IMPORTED,
    ),
    Check(
        label="Costs of all months are what matched",
        sheet=SHEET,
        found=f"SUM({months.TABLE}[Cost])",
        relation="=",
        expected=f"SUMPRODUCT({TABLE}[Matched],{TABLE}[Rate])",
        remedy=_AGAIN,
        applies=_IMPORTED,
    ),
)


def _statement() -> Grid:
    return Grid(
        row=_STATEMENT_ROW,
        cells=(
            row(section("What the figures rest on")),
            *(row(Cell(content=item.label, look=Look.LABEL), entry(item, across=3)) for item in STATEMENT),
        ),
    )


def _beside() -> Grid:
    return Grid(
        row=_STATEMENT_ROW + 1,
        column="F",
        cells=(
            row(note("read = matched + unmatched + refused, for each currency;")),
            row(note("currencies are never added together. A cell holds about")),
            row(note("15 digits: the second table says every amount in full.")),
            row(note("Filled by: valuehour outcomes --out FILE.xlsx")),
        ),
    )


def sheet(currencies: int, found: int) -> Sheet:
    """Describe the sheet, with room for so many currencies and findings."""
    tables = ((TABLE, AMOUNTS, "Amounts"), (EXACT, EXACTLY, "The same to the last decimal"), (COUNTED, ROWS, "Rows"))
    blocks: list[Table | Grid] = [_statement(), _beside()]
    head = _FIRST_HEAD
    for name, columns, title in tables:
        blocks += [
            Grid(row=head - 2, cells=(row(section(title)),)),
            Table(name=name, row=head, columns=columns, rows=currencies),
        ]
        head += currencies + 4
    blocks += [
        Grid(row=head - 2, cells=(row(section("Findings")),)),
        Table(name=FINDINGS, row=head, columns=FINDING, rows=found),
        Grid(
            row=head + found + 2,
            cells=(
                figure_row("Currencies read", f"=COUNTA({TABLE}[Currency])", Format.WHOLE, name="out_currencies_read"),
                figure_row("Kinds of findings", f"=COUNTA({FINDINGS}[Finding])", Format.WHOLE, name="out_findings"),
                figure_row("Rows with findings", f"=SUM({FINDINGS}[Rows])", Format.WHOLE, name="out_finding_rows"),
            ),
        ),
    ]
    return Sheet(
        name=SHEET,
        role=Role.INPUT,
        title=SHEET,
        subtitle="Where all spend went that was read, and what was found on the way",
        question="Is every dollar that was read accounted for?",
        message=(
            '=IFS(out_currencies_read=0,"Nothing imported yet: what Months holds was entered by hand",'
            f"{_worst(TABLE)}+{_worst(COUNTED)}>policy_tolerance,"
            '"What was read does not tie out: import it again",'
            'out_findings=0,"All spend that was read is accounted for, with nothing to look at",'
            'TRUE,"All spend that was read is accounted for; "&out_findings&IF(out_findings=1," kind"," kinds")&'
            '" of findings, "&FIXED(out_finding_rows,0)&" rows in all")'
        ),
        slots=(1, 1, 1, 1, 2),
        blocks=tuple(blocks),
        heights=dict.fromkeys(range(head + 1, head + found + 1), 42.0),
    )


def fits(text: str) -> str:
    """Return a text as a cell of one line takes it: printable, not read as a character by files, cut where too long.

    >>> fits("a" + chr(10) + "b_x0041_")
    'a b_ x0041_'
    """
    line = "".join(character if character.isprintable() else " " for character in text)
    line = _ESCAPED.sub("_ ", line)
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"
