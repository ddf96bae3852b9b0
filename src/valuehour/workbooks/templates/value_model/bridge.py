"""Bridge: what changed since the figures before, step by step and to the cent.

The sheet is there only beside Ledger, in a workbook that was recalibrated.
"""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Accepts, Card, Cell, Column, Condition, Grid, Sheet, Table, row
from valuehour.workbooks.templates.phrases import figure_row, head, in_words, note, section
from valuehour.workbooks.templates.value_model import allocation
from valuehour.workbooks.templates.value_model.cases import BASE, RESULT_ROW

SHARES = "tblShares"
PROMPT = "Written by recalibration; do not type here."
_NUMBER = Accepts(kind="number", title="From the ledger", prompt=PROMPT)
_TEXT = Accepts(title="From the ledger", prompt=PROMPT)

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
            head("At horizon", figure=True),
            head("Today +/−", figure=True),
            head("Horizon +/−", figure=True),
        ),
        row(
            Cell(content="Before", look=Look.LABEL),
            Cell(look=Look.LABEL),
            Cell(look=Look.LABEL),
            Cell(content='=in_currency&" / hour"', look=Look.UNIT),
            _level(before[0], name="out_bridge_today_before"),
            _level(before[1], name="out_bridge_horizon_before"),
            Cell(look=Look.CALCULATION),
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
                _level(horizon),
                change("F", at),
                change("G", at),
            )
        )
    lines.append(
        row(
            Cell(content="Allocation, between members only", look=Look.LABEL),
            Cell(look=Look.LABEL),
            Cell(look=Look.LABEL),
            Cell(look=Look.UNIT),
            Cell(content=f"=F{_LAST}", look=Look.CALCULATION, format=Format.RATE),
            Cell(content=f"=G{_LAST}", look=Look.CALCULATION, format=Format.RATE),
            change("F", _MOVED),
            change("G", _MOVED),
        )
    )
    lines.append(
        row(
            Cell(content="Now", look=Look.LABEL_TOTAL),
            total(),
            total(),
            Cell(content='=in_currency&" / hour"', look=Look.LABEL_TOTAL),
            total(f"=F{_MOVED}", "out_bridge_today"),
            total(f"=G{_MOVED}", "out_bridge_horizon"),
            total(f"=ROUND(SUM(H{_FIRST}:H{_MOVED}),in_decimals)", "out_bridge_today_change"),
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


def sheet(shares: int) -> Sheet:
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
        conditions=(
            Condition(where=f"G{_TOP}:G{_NOW}", formula="out_locked=1", emphasis="muted"),
            Condition(where=f"I{_TOP}:I{_NOW}", formula="out_locked=1", emphasis="muted"),
        ),
        one_page=True,
    )
