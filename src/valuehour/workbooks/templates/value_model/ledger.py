"""Ledger: which record stands behind each figure, and the checks that the figures are the records'.

This sheet and Bridge are there only when records fill ``tblLedger``: recalibration writes them. Nothing on them asks a
server.
"""

from __future__ import annotations

from collections.abc import Callable

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Accepts, Card, Cell, Check, Column, Condition, Grid, Sheet, Table, row
from valuehour.workbooks.templates.phrases import note, section
from valuehour.workbooks.templates.value_model import bridge
from valuehour.workbooks.templates.value_model.bridge import PROMPT
from valuehour.workbooks.templates.value_model.cases import BASE, RESULT_ROW

TABLE = "tblLedger"

STATUSES = ("assumed", "measured", "approved")
_NUMBER = Accepts(kind="number", title="From the ledger", prompt=PROMPT)
_TEXT = Accepts(title="From the ledger", prompt=PROMPT)

_HEAD_ROW = 19
_LINE = 13.0

COLUMNS = (
    Column(head="Name", look=Look.LABEL, accepts=_TEXT),
    Column(head="Value", unit="in its unit", look=Look.RESULT, format=Format.GENERAL, accepts=_NUMBER),
    Column(head="Low", unit="in its unit", format=Format.GENERAL, accepts=_NUMBER),
    Column(head="High", unit="in its unit", format=Format.GENERAL, accepts=_NUMBER),
    Column(
        head="Status",
        look=Look.NOTE,
        accepts=Accepts(kind="choice", choices=STATUSES, title="From the ledger", prompt=PROMPT),
    ),
    Column(head="Entry", unit="number", format=Format.WHOLE, accepts=_NUMBER),
    Column(head="As of", look=Look.NOTE, accepts=_TEXT),
    Column(head="Evidence", look=Look.WRAPPED, accepts=_TEXT),
    Column(head="Hash", look=Look.WRAPPED, accepts=_TEXT),
)

PROOF = (
    "The chain of hashes shows that a record was not changed, removed or put in between since it was made;",
    "a checkpoint kept elsewhere shows that none was cut off. It does not show that a measurement is true,",
    "that its author is who they say, or when its evidence came about. For that, look at the evidence.",
)


def _records() -> Grid:
    def line(label: str, name: str, fmt: Format, accepts: Accepts, unit: str) -> tuple[Cell | None, ...]:
        return row(
            Cell(content=label, look=Look.LABEL),
            Cell(look=Look.CALCULATION, format=fmt, name=f"in_ledger_{name}", accepts=accepts, across=2),
            None,
            Cell(content=unit, look=Look.UNIT),
        )

    date = Accepts(kind="date", title="From the ledger", prompt=PROMPT)
    return Grid(
        row=12,
        cells=(
            row(section("Where the records were taken from")),
            line("Ledger", "id", Format.WORD, _TEXT, "name"),
            line("Looked at, from the first", "entries", Format.WHOLE, _NUMBER, "number of entries"),
            line("Effective by", "as_of_date", Format.DATE, date, "day"),
            line("Recorded by", "known_on_date", Format.DATE, date, "day"),
        ),
    )


def _day(date: str) -> str:
    """A formula piece that says a date in the same way in every language."""
    return f'YEAR({date})&"-"&RIGHT("0"&MONTH({date}),2)&"-"&RIGHT("0"&DAY({date}),2)'


def sheet(rows: int) -> Sheet:
    """Describe the sheet Ledger for so many records."""
    below = _HEAD_ROW + rows + 2
    return Sheet(
        name="Ledger",
        role=Role.CALCULATION,
        title="Ledger",
        subtitle="The record behind each figure that was recalibrated, with its status, its evidence and its hash",
        question="Which record stands behind each figure?",
        message=(
            f'=COUNTA({TABLE}[Name])&" figures come from the ledger as of "&{_day("in_ledger_as_of_date")}&'
            f'", as known on "&{_day("in_ledger_known_on_date")}&"; "&'
            f'COUNTIF({TABLE}[Status],"assumed")&" of them are assumed"'
        ),
        slots=(2, 2, 2, 1, 1),
        cards=(
            Card(label="Figures", figure=f"=COUNTA({TABLE}[Name])", unit="from the ledger", format=Format.CARD_COUNT),
            Card(
                label="Measured",
                figure=f'=COUNTIF({TABLE}[Status],"measured")',
                unit="by a record",
                format=Format.CARD_COUNT,
            ),
            Card(
                label="Approved",
                figure=f'=COUNTIF({TABLE}[Status],"approved")',
                unit="and measured",
                format=Format.CARD_COUNT,
            ),
            Card(
                label="Assumed",
                figure=f'=COUNTIF({TABLE}[Status],"assumed")',
                unit="no measurement yet",
                format=Format.CARD_COUNT,
            ),
        ),
        blocks=(
            _records(),
            Grid(row=_HEAD_ROW - 1, cells=(row(section("Records")),)),
            Table(name=TABLE, row=_HEAD_ROW, columns=COLUMNS, rows=rows),
            Grid(row=below, cells=(row(section("What this proves")), *(row(note(text)) for text in PROOF))),
        ),
        conditions=(
            Condition(
                where=f"F{_HEAD_ROW + 1}:F{_HEAD_ROW + rows}",
                formula=f'(F{_HEAD_ROW + 1}="measured")+(F{_HEAD_ROW + 1}="approved")>0',
                emphasis="ok",
            ),
        ),
        heights=dict.fromkeys(range(_HEAD_ROW + 1, _HEAD_ROW + rows + 1), 3 * _LINE + 6),
    )


# The names of the ledger and the inputs that they feed; the ledger's own table of it is tested to be the same.
FEEDS = {
    "projection.total_value": "total_value",
    "projection.years": "years",
    "projection.hours_per_year": "hours_per_year",
    "projection.employees": "employees",
    "projection.coverage": "coverage",
    "uplift.K": "uplift_k",
    "uplift.P": "uplift_p",
    "uplift.C": "uplift_c",
    "growth.discrete": "discrete_growth_rate",
    "growth.flywheel": "flywheel_growth_rate",
}


def _each(formula: Callable[[str, str], str], prefix: str = "") -> str:
    return "+".join(formula(name, item) for name, item in FEEDS.items() if name.startswith(prefix))


def _off(name: str, item: str) -> str:
    return "+".join(
        f'ABS(SUMPRODUCT(({TABLE}[Name]="{name}")*({TABLE}[{column}]-in_{item}{suffix})))'
        for column, suffix in (("Value", ""), ("Low", "_low"), ("High", "_high"))
    )


def _unrecorded(name: str, item: str) -> str:
    return f'(in_{item}_status="measured")*(SUMPRODUCT(({TABLE}[Name]="{name}")*({TABLE}[Status]<>"assumed"))=0)'


CHECKS = (
    Check(
        label="Inputs are those of the ledger",
        sheet="Ledger",
        found=_each(_off),
        relation="=",
        expected="0",
        tolerance="share",
        remedy="Record the new figure in the ledger and recalibrate",
    ),
    Check(
        label="Records are among those looked at",
        sheet="Ledger",
        found=f"MAX({TABLE}[Entry])",
        relation="≤",
        expected="in_ledger_entries",
        remedy="Recalibrate: the records were typed over",
    ),
    Check(
        label="Measured factors are in the ledger",
        sheet="Ledger",
        found=_each(_unrecorded, "uplift."),
        relation="=",
        expected="0",
        remedy="Record the factor in the ledger, or set it to assumed",
    ),
    Check(
        label="Changes sum to the whole change",
        sheet="Bridge",
        found="out_bridge_horizon_change",
        relation="=",
        expected="ROUND(out_bridge_horizon-out_bridge_horizon_before,in_decimals)",
        remedy="A formula was changed: rebuild the workbook",
    ),
    Check(
        label="Bridge ends at the base case",
        sheet="Bridge",
        found="live_bridge_horizon",
        relation="=",
        expected=f"Cases!{BASE}{RESULT_ROW['value_per_hour_at_horizon']}",
        remedy="A formula was changed: rebuild the workbook",
    ),
)


def records_range(records: int) -> str | None:
    """Where the records stand; None when there are none."""
    return f"Ledger!$B${_HEAD_ROW + 1}:$J${_HEAD_ROW + records}" if records else None


def sheets(records: int, shares: int) -> tuple[Sheet, ...]:
    """The two sheets when there are records, else none."""
    return (bridge.sheet(shares), sheet(records)) if records else ()
