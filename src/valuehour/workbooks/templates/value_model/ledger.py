"""Ledger and Bridge: which record stands behind each figure, and what changed since the figures before.

The two sheets are there only when records fill ``tblLedger``: recalibration writes them. Nothing on them asks a server.
"""

from __future__ import annotations

from collections.abc import Callable

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Accepts, Card, Cell, Check, Column, Condition, Grid, Sheet, Table, row
from valuehour.workbooks.templates.phrases import figure_row, head, in_words, note, section
from valuehour.workbooks.templates.value_model import allocation
from valuehour.workbooks.templates.value_model.cases import BASE, RESULT_ROW

TABLE = "tblLedger"
SHARES = "tblShares"

STATUSES = ("assumed", "measured", "approved")
_NUMBER = Accepts(kind="number", title="From the ledger", prompt="Written by recalibration; do not type here.")
_TEXT = Accepts(title="From the ledger", prompt="Written by recalibration; do not type here.")

_HEAD_ROW = 19
_LINE = 13.0

COLUMNS = (
    Column(head="Name", look=Look.LABEL, accepts=_TEXT),
    Column(head="Value", look=Look.RESULT, format=Format.GENERAL, accepts=_NUMBER),
    Column(head="Low", format=Format.GENERAL, accepts=_NUMBER),
    Column(head="High", format=Format.GENERAL, accepts=_NUMBER),
    Column(
        head="Status",
        look=Look.NOTE,
        accepts=Accepts(kind="choice", choices=STATUSES, title="From the ledger", prompt="Written by recalibration."),
    ),
    Column(head="Entry", format=Format.WHOLE, accepts=_NUMBER),
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
    def line(label: str, name: str, fmt: Format, accepts: Accepts) -> tuple[Cell | None, ...]:
        return row(
            Cell(content=label, look=Look.LABEL),
            Cell(look=Look.CALCULATION, format=fmt, name=f"in_ledger_{name}", accepts=accepts, across=2),
        )

    date = Accepts(kind="date", title="From the ledger", prompt="Written by recalibration; do not type here.")
    return Grid(
        row=12,
        cells=(
            row(section("Where the records were taken from")),
            line("Ledger", "id", Format.WORD, _TEXT),
            line("Entries looked at, from the first", "entries", Format.WHOLE, _NUMBER),
            line("Effective by", "as_of_date", Format.DATE, date),
            line("Recorded by", "known_on_date", Format.DATE, date),
        ),
    )


def ledger_sheet(rows: int) -> Sheet:
    """Describe the sheet Ledger for so many records."""
    below = _HEAD_ROW + rows + 2
    return Sheet(
        name="Ledger",
        role=Role.CALCULATION,
        title="Ledger",
        subtitle="The record behind each figure that was recalibrated, with its status, its evidence and its hash",
        question="Which record stands behind each figure?",
        message=(
            f'=COUNTA({TABLE}[Name])&" figures come from the ledger; "&'
            f'COUNTIF({TABLE}[Status],"assumed")&" of them are still assumed"'
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


# The order of the steps is part of what the bridge says: each takes the figures before it as they are now.
STEPS = (
    ("total_value", "Projection, total value", Format.MONEY, "=in_currency"),
    ("years", "Horizon", Format.YEARS, "years"),
    ("hours_per_year", "Hours per year", Format.COUNT, "hours"),
    ("coverage", "Coverage", Format.PERCENT, "of value"),
    ("uplift_k", "Knowledge growth, K", Format.FACTOR, "factor"),
    ("uplift_p", "Peak performance, P", Format.FACTOR, "factor"),
    ("uplift_c", "Configuration, C", Format.FACTOR, "factor"),
)
_TOP = 14
_FIRST = _TOP + 1
_LAST = _TOP + len(STEPS)
_MOVED = _LAST + 1
_NOW = _LAST + 2
_SHARES_ROW = _NOW + 7


def _levels(step: int) -> tuple[str, str]:
    """The rate today and at the horizon, exactly, once the first so many steps are taken."""
    total, years, hours, coverage, k, p, c = (
        f"${'D' if index < step else 'C'}${_FIRST + index}" for index in range(len(STEPS))
    )
    today = f"IF(MIN({years},{hours})<=0,0,VALUE_PER_HOUR({total}*{coverage},{years},1,{hours}))"
    return today, f"{today}*IF(MIN({k},{p},{c})<=0,0,UPLIFT({k},{p},{c}))"


def _level(formula: str, *, total: bool = False, name: str | None = None) -> Cell:
    look = Look.TOTAL if total else Look.CALCULATION
    return Cell(content=f"=ROUND({formula},in_decimals)", look=look, format=Format.RATE, name=name)


def _bridge() -> Grid:
    def change(column: str, at: int) -> Cell:
        return Cell(content=f"=ROUND({column}{at}-{column}{at - 1},in_decimals)", look=Look.RESULT, format=Format.RATE)

    def now(name: str) -> str:
        # A factor that is left blank means no uplift.
        return f"=IF(COUNT(in_{name})=0,1,in_{name})" if name.startswith("uplift_") else f"=in_{name}+0"

    def total(content: str | None = None, name: str | None = None) -> Cell:
        return Cell(content=content, look=Look.TOTAL, format=Format.RATE, name=name)

    before = _levels(0)
    lines = [
        row(section("From the figures before to the figures now")),
        row(
            head("Step, in this order"),
            head("Before", figure=True),
            head("Now", figure=True),
            head("Unit"),
            head("Today", figure=True),
            head("Change", figure=True),
            head("At horizon", figure=True),
            head("Change", figure=True),
        ),
        row(
            Cell(content="Before", look=Look.LABEL),
            Cell(look=Look.LABEL),
            Cell(look=Look.LABEL),
            Cell(content='=in_currency&" / hour"', look=Look.UNIT),
            _level(before[0], name="out_bridge_today_before"),
            Cell(look=Look.CALCULATION),
            _level(before[1], name="out_bridge_horizon_before"),
            Cell(look=Look.CALCULATION),
        ),
    ]
    for index, (name, label, fmt, unit) in enumerate(STEPS):
        at = _FIRST + index
        today, horizon = _levels(index + 1)
        lines.append(
            row(
                Cell(content=label, look=Look.LABEL),
                Cell(look=Look.CALCULATION, format=fmt, name=f"in_before_{name}", accepts=_NUMBER),
                Cell(content=now(name), look=Look.CALCULATION, format=fmt),
                Cell(content=unit, look=Look.UNIT),
                _level(today),
                change("F", at),
                _level(horizon),
                change("H", at),
            )
        )
    lines.append(
        row(
            Cell(content="Allocation, between members only", look=Look.LABEL),
            Cell(look=Look.LABEL),
            Cell(look=Look.LABEL),
            Cell(look=Look.UNIT),
            Cell(content=f"=F{_LAST}", look=Look.CALCULATION, format=Format.RATE),
            change("F", _MOVED),
            Cell(content=f"=H{_LAST}", look=Look.CALCULATION, format=Format.RATE),
            change("H", _MOVED),
        )
    )
    lines.append(
        row(
            Cell(content="Now", look=Look.LABEL_TOTAL),
            total(),
            total(),
            Cell(content='=in_currency&" / hour"', look=Look.LABEL_TOTAL),
            total(f"=F{_MOVED}", "out_bridge_today"),
            total(f"=ROUND(SUM(G{_FIRST}:G{_MOVED}),in_decimals)", "out_bridge_today_change"),
            total(f"=H{_MOVED}", "out_bridge_horizon"),
            total(f"=ROUND(SUM(I{_FIRST}:I{_MOVED}),in_decimals)", "out_bridge_horizon_change"),
        )
    )
    return Grid(row=_TOP - 2, cells=tuple(lines))


_RATE_BEFORE = f"({_levels(0)[0]})"
_RATE_NOW = f"Cases!${BASE}${RESULT_ROW['value_per_hour']}"

SHARE_COLUMNS = (
    Column(head="Member", look=Look.LABEL, accepts=_TEXT),
    Column(
        head="Share before",
        format=Format.PERCENT,
        accepts=Accepts(kind="number", minimum=0, maximum=1, title="From the ledger", prompt="Share of the scope."),
    ),
    Column(
        head="Share now",
        format=Format.PERCENT,
        formula=f"=SUMPRODUCT(({allocation.TABLE}[Member]=[@Member])*{allocation.TABLE}[Share])",
    ),
    Column(
        head="Before",
        unit='=in_currency&" / hour"',
        format=Format.RATE,
        formula="=ROUND([@Share before]*live_bridge_rate_before,in_decimals)",
    ),
    Column(
        head="By the rate",
        unit='=in_currency&" / hour"',
        look=Look.RESULT,
        format=Format.RATE,
        formula="=ROUND(ROUND([@Share before]*live_bridge_rate,in_decimals)-[@Before],in_decimals)",
    ),
    Column(
        head="By the share",
        unit='=in_currency&" / hour"',
        look=Look.RESULT,
        format=Format.RATE,
        formula="=ROUND([@Now]-ROUND([@Share before]*live_bridge_rate,in_decimals),in_decimals)",
    ),
    Column(
        head="Now",
        unit='=in_currency&" / hour"',
        format=Format.RATE,
        formula="=ROUND([@Share now]*live_bridge_rate,in_decimals)",
    ),
)


def _share_totals() -> tuple[tuple[Cell | None, ...], ...]:
    def rest(whole: str, column: str, fmt: Format = Format.RATE) -> Cell:
        places = "policy_share_decimals" if fmt is Format.PERCENT else "in_decimals"
        return Cell(content=f"=ROUND({whole}-SUM({SHARES}[{column}]),{places})", look=Look.CALCULATION, format=fmt)

    def whole(content: str, fmt: Format = Format.RATE, name: str | None = None) -> Cell:
        return Cell(content=content, look=Look.TOTAL, format=fmt, name=name)

    before, now = "ROUND(live_bridge_rate_before,in_decimals)", "ROUND(live_bridge_rate,in_decimals)"
    return (
        row(
            Cell(content="Unallocated", look=Look.LABEL),
            rest("1", "Share before", Format.PERCENT),
            rest("1", "Share now", Format.PERCENT),
            rest(before, "Before"),
            rest(f"{now}-{before}", "By the rate"),
            rest("0", "By the share"),
            rest(now, "Now"),
        ),
        row(
            Cell(content="Total", look=Look.LABEL_TOTAL),
            whole("=1", Format.PERCENT),
            whole("=1", Format.PERCENT),
            whole(f"={before}"),
            whole(f"=ROUND({now}-{before},in_decimals)"),
            whole("=0", name="out_bridge_moved"),
            whole(f"={now}"),
        ),
    )


def bridge_sheet(shares: int) -> Sheet:
    """Describe the sheet Bridge for so many members."""
    blocks: list[Table | Grid] = [
        _bridge(),
        Grid(
            row=_NOW + 1,
            cells=(
                row(
                    note("Each step puts in one figure as it is now, in the order shown; the rates after each step are")
                ),
                row(note("rounded to the decimals of amounts, so the changes sum to the whole exactly. Base case.")),
                row(None),
                figure_row(
                    "At horizon, now, not rounded",
                    f"={_levels(len(STEPS))[1]}",
                    Format.RATE,
                    name="live_bridge_horizon",
                ),
            ),
        ),
    ]
    if shares:
        blocks += [
            Grid(
                row=_SHARES_ROW - 1,
                cells=(
                    row(section("Allocation: who has more or less an hour, and why")),
                    figure_row(
                        "Value per hour, before", f"={_RATE_BEFORE}", Format.RATE, name="live_bridge_rate_before"
                    ),
                    figure_row("Value per hour, now", f"={_RATE_NOW}", Format.RATE, name="live_bridge_rate"),
                ),
            ),
            Table(name=SHARES, row=_SHARES_ROW + 4, columns=SHARE_COLUMNS, rows=shares, after=_share_totals()),
        ]
    return Sheet(
        name="Bridge",
        role=Role.RESULT,
        title="Bridge",
        subtitle="From the figures before to the figures now: what the projection, the horizon and each factor changed",
        question="Why is an hour worth more or less than before?",
        message=(
            '=IF(out_bridge_today_change=0,"An hour is worth what it was before",'
            f'"An hour is worth "&{in_words("ABS(out_bridge_today_change)")}&" "&in_currency&'
            'IF(out_bridge_today_change>0," more"," less")&" today than before")&'
            'IF(out_locked=1,"; growth is held back until the uplift is measured",'
            f'"; at the horizon "&{in_words("ABS(out_bridge_horizon_change)")}&" "&'
            'IF(out_bridge_horizon_change<0,"less","more"))'
        ),
        slots=(2, 2, 2, 2, 2),
        cards=(
            Card(
                label="Today, before",
                figure="=SIGNIFICANT(out_bridge_today_before,policy_significant_digits)",
                unit='=in_currency&" / hour, exact "&FIXED(out_bridge_today_before,in_decimals)',
                format=Format.CARD_MONEY,
            ),
            Card(
                label="Today, now",
                figure="=SIGNIFICANT(out_bridge_today,policy_significant_digits)",
                unit='=in_currency&" / hour, exact "&FIXED(out_bridge_today,in_decimals)',
                format=Format.CARD_MONEY,
            ),
            Card(
                label="At horizon, before",
                figure="=SIGNIFICANT(out_bridge_horizon_before,policy_significant_digits)",
                unit='=in_currency&" / hour, exact "&FIXED(out_bridge_horizon_before,in_decimals)',
                format=Format.CARD_MONEY,
                held=True,
            ),
            Card(
                label="At horizon, now",
                figure="=SIGNIFICANT(out_bridge_horizon,policy_significant_digits)",
                unit='=in_currency&" / hour, exact "&FIXED(out_bridge_horizon,in_decimals)',
                format=Format.CARD_MONEY,
                held=True,
            ),
        ),
        blocks=tuple(blocks),
        conditions=(Condition(where=f"H{_TOP}:I{_NOW}", formula="out_locked=1", emphasis="muted"),),
        one_page=True,
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
    return f'ABS(SUMPRODUCT(({TABLE}[Name]="{name}")*({TABLE}[Value]-in_{item})))'


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


def sheets(records: int, shares: int) -> tuple[Sheet, ...]:
    """The two sheets when there are records, else none."""
    return (bridge_sheet(shares), ledger_sheet(records)) if records else ()
