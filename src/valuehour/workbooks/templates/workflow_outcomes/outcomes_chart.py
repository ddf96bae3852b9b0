"""The chart of cost against success, and its data: what to fix first, at a glance."""

from __future__ import annotations

from valuehour.workbooks import look
from valuehour.workbooks.look import Format, Look
from valuehour.workbooks.spec import Cell, Chart, Grid, Series, row
from valuehour.workbooks.templates.lists import Constant

DATA_ROW = 12
DATA_COLUMN = "O"
FLOOR = 0.5
CONSTANTS = (
    Constant(
        name="policy_chart_floor",
        label="Lowest success rate that is drawn",
        value=FLOOR,
        unit="of runs",
        format=Format.PERCENT,
    ),
    Constant(
        name="policy_chart_gap",
        label="A label stands above its line by",
        value=0.015,
        unit="of runs",
        format=Format.PERCENT,
    ),
    Constant(
        name="policy_chart_room",
        label="The cost axis is longer than the costs by",
        value=1.3,
        unit="times",
        format=Format.FACTOR,
    ),
)
NOT_DRAWN = "-1"
_GAP = "\u00a0" * 4
"""Between a marker and the name beside it; plain spaces would be trimmed."""

# Cost and rate of where it stands, and its words; {end} is where the cost axis ends. What is worth improving stands in
# the middle of its lines: at their left end the name of a cheaper workflow would run into it.
_REGIONS = (
    ("0", "MIN(1,live_healthy_at+policy_chart_gap)", "Healthy"),
    ("0", "policy_chart_floor+policy_chart_gap", "Review"),
    ("AVERAGE(live_expensive_at,{end})", "MIN(1,live_critical_below+policy_chart_gap)", "Worth improving"),
    ("live_expensive_at", "policy_chart_floor+policy_chart_gap", "▲ High priority: fix first"),
)


def _rows(workflows: int) -> tuple[int, int, int, int]:
    """First and last row of the workflows, first row of the regions, first row of the lines."""
    first = DATA_ROW + 2
    last = first + workflows - 1
    return first, last, last + 2, last + 2 + len(_REGIONS) + 1


def data(table: str, workflows: int) -> Grid:
    """The chart's data: a point a workflow, the regions' words, the thresholds' lines."""
    first, last, _, lines = _rows(workflows)

    def place(column: str) -> str:
        return f"INDEX({table}[{column}],ROW()-ROW($O${first - 1}))"

    def figure(content: str, fmt: Format = Format.PERCENT) -> Cell:
        return Cell(content=f"={content}", look=Look.DATA, format=fmt)

    def words(content: str) -> Cell:
        return Cell(content=content, look=Look.DATA)

    rows: list[tuple[Cell | None, ...]] = [
        row(Cell(content="Chart data: cost, success rate, read", look=Look.DATA_HEAD)),
        row(*(Cell(content=text, look=Look.DATA_HEAD) for text in ("Name", "Cost", "Drawn at", "Circle", "Fix first"))),
    ]
    rows += [
        row(
            words(f'=IF({place("Runs")}>0,"{_GAP}"&{place("Workflow")}," ")'),
            figure(place("Cost"), Format.RATE),
            figure(f"IF({place('Runs')}>0,MAX(policy_chart_floor,{place('Success rate')}),{NOT_DRAWN})"),
            figure(f'IF({place("Read")}="high-priority",{NOT_DRAWN},Q{at})'),
            figure(f'IF({place("Read")}="high-priority",Q{at},{NOT_DRAWN})'),
        )
        for at in range(first, last + 1)
    ]
    rows.append(row(None))
    end = f"P{lines + 1}"
    rows += [row(words(text), figure(cost.format(end=end), Format.RATE), figure(rate)) for cost, rate, text in _REGIONS]
    rows.append(row(None))
    longest = f"MAX(P{first}:P{last},live_expensive_at)*policy_chart_room"
    rows += [
        row(words(" "), figure("0", Format.RATE), figure("live_healthy_at")),
        row(
            words('="\u00a0\u00a0"&FIXED(ROUND(live_healthy_at*policy_percent,0),0)&"%"'),
            figure(longest, Format.RATE),
            figure("live_healthy_at"),
        ),
        row(words(" "), figure("live_expensive_at", Format.RATE), figure("live_critical_below")),
        row(
            words('="\u00a0\u00a0"&FIXED(ROUND(live_critical_below*policy_percent,0),0)&"%"'),
            figure(end, Format.RATE),
            figure("live_critical_below"),
        ),
        row(words(" "), figure("live_expensive_at", Format.RATE), figure("policy_chart_floor")),
        row(words(" "), figure("live_expensive_at", Format.RATE), figure("live_healthy_at")),
    ]
    return Grid(row=DATA_ROW, column=DATA_COLUMN, cells=tuple(rows))


def chart(anchor: tuple[str, str], workflows: int) -> Chart:
    """The chart, on whichever sheet."""
    first, last, regions, lines = _rows(workflows)

    def at(column: str, top: int, bottom: int | None = None) -> str:
        return f"Outcomes!${column}${top}" + ("" if bottom is None else f":${column}${bottom}")

    def line(top: int) -> Series:
        return Series(
            name=at("O", top + 1),
            values=at("Q", top, top + 1),
            categories=at("P", top, top + 1),
            colour=look.SLATE,
            width=1.25,
            dash="sysDash",
            points=2,
        )

    def words(number: int, colour: str) -> Series:
        return Series(
            name=at("O", number),
            values=at("Q", number, number),
            categories=at("P", number, number),
            colour=colour,
            width=0,
            points=1,
        )

    return Chart(
        kind="lines",
        title="Success rate (up) against cost per month in the model currency (right), by workflow",
        anchor=anchor,
        series=(
            *(line(lines + 2 * number) for number in range(3)),
            *(words(regions + number, look.MUTED) for number in range(len(_REGIONS) - 1)),
            words(regions + len(_REGIONS) - 1, look.ALERT),
            Series(
                name=at("R", first - 1),
                values=at("R", first, last),
                categories=at("P", first, last),
                colour=look.INK,
                width=0,
                marker="circle",
                named="never",
            ),
            Series(
                name=at("S", first - 1),
                values=at("S", first, last),
                categories=at("P", first, last),
                colour=look.ALERT,
                width=0,
                marker="diamond",
                size=13,
                named="never",
            ),
            *(words(number, look.INK) for number in range(first, last + 1)),
        ),
        alt=(
            "Scatter chart of the monthly cost of each workflow against its success rate, with the thresholds of the "
            "policy as dashed lines; bottom right is expensive and fails often and is marked by diamonds: fix it "
            "first. The figures stand in the table on the sheet Outcomes."
        ),
        points=workflows,
        x_format="#,##0",
        y_format='[<=0.5]"≤"0%;0%',
        y_range=(FLOOR, 1),
        y_step=0.1,
        gridlines=False,
        plot=(0.06, 0.11, 0.8, 0.8),
    )
