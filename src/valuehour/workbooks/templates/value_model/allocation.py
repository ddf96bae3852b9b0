"""Allocation: the value in scope split over one dimension, exact to the cent, with what nobody owns shown openly."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from valuehour.models.names import did_you_mean, listed, shown
from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import (
    Accepts,
    Card,
    Cell,
    Column,
    Condition,
    Content,
    FillingRule,
    Grid,
    Input,
    Sheet,
    Table,
    row,
)
from valuehour.workbooks.templates import allocation_chart
from valuehour.workbooks.templates.lists import MEMBERS_OF_DIMENSION
from valuehour.workbooks.templates.phrases import figure_row, note, percent, section
from valuehour.workbooks.templates.splitting import Shares, Split, scale_row

TABLE = "tblAllocation"
ROWS = 12
HEAD_ROW = 24
SHARE_TOLERANCE = 1e-9

DIMENSION = Input(
    name="dimension",
    label="Dimension",
    unit='=IFERROR(INDEX(lst_structures,MATCH(in_dimension,lst_dimensions,0)),"pick one from the list")',
    accepts=Accepts(source="lst_dimensions", title="Dimension", prompt="The dimension the value is split over."),
)
WEIGHT_UNIT = Input(
    name="weight_unit",
    label="Weight counts",
    unit="what the weights count",
    accepts=Accepts(title="Weight counts", prompt="For example decisions originated, people, or runs."),
)
WEIGHT_TOTAL = Input(
    name="weight_total",
    label="Weight in scope",
    unit="left blank: the sum of the weights",
    format=Format.COUNT,
    accepts=Accepts(
        kind="number", above=0, title="Weight in scope", prompt="All there is, owned or not; the rest is unallocated."
    ),
)

SHARES = Shares(table=TABLE)
SPLIT = Split(shares=SHARES, total="out_value_in_scope")

COLUMNS = (
    Column(
        head="Member",
        look=Look.INPUT,
        accepts=Accepts(
            source=MEMBERS_OF_DIMENSION,
            open=True,
            title="Member",
            prompt="A known member of the dimension, or one of your own.",
        ),
    ),
    Column(
        head="Weight",
        unit='=in_weight_unit&""',
        look=Look.INPUT_FIGURE,
        format=Format.COUNT,
        accepts=Accepts(kind="number", minimum=0, title="Weight", prompt="How much of the scope this member holds."),
    ),
    Column(
        head="Share",
        unit="of scope",
        format=Format.PERCENT,
        formula="=IF(live_weight_total<=0,0,[@Weight]/live_weight_total)",
    ),
    *SPLIT.columns("=in_currency"),
    Column(
        head="Per hour",
        unit='=in_currency&" / hour"',
        format=Format.RATE,
        formula="=IF(out_hours<=0,0,[@Amount]/out_hours)",
    ),
    # Not COUNTIF, to which a member called "<5%" or "a*" would be a question.
    Column(
        head="Times",
        unit="listed",
        look=Look.CALCULATION,
        format=Format.COUNT,
        formula=f'=IF([@Member]="",0,SUMPRODUCT(({TABLE}[Member]=[@Member])*1))',
    ),
)


def _after() -> tuple[tuple[Cell | None, ...], ...]:
    def total(formula: str, fmt: Format) -> Cell:
        return Cell(content=formula, look=Look.TOTAL, format=fmt)

    def rest(formula: str, fmt: Format, name: str | None = None) -> Cell:
        return Cell(content=formula, look=Look.CALCULATION, format=fmt, name=name)

    return (
        row(
            Cell(content="Unallocated", look=Look.LABEL),
            rest(f"=live_weight_total-SUM({TABLE}[Weight])", Format.COUNT),
            rest(f"=IF(live_weight_total<=0,0,{SHARES.rest})", Format.PERCENT, "out_unallocated_share"),
            Cell(look=Look.LABEL),
            Cell(look=Look.LABEL),
            SPLIT.rest(),
            rest("=IF(out_hours<=0,0,out_unallocated/out_hours)", Format.RATE),
            Cell(look=Look.LABEL),
        ),
        row(
            Cell(content="Total", look=Look.LABEL_TOTAL),
            total("=live_weight_total", Format.COUNT),
            total("=out_shares+out_unallocated_share", Format.PERCENT),
            Cell(look=Look.TOTAL),
            Cell(look=Look.TOTAL),
            SPLIT.whole(),
            total("=IF(out_hours<=0,0,out_allocation_total/out_hours)", Format.RATE),
            Cell(look=Look.TOTAL),
        ),
    )


def _steps() -> tuple[tuple[Cell | None, ...], ...]:
    """How the odd unit is placed, step by step, so that it can be followed."""
    return (
        row(section("How the odd cent is placed")),
        figure_row(
            "Weight in scope, used",
            f"=IF(COUNT(in_weight_total)=0,SUM({TABLE}[Weight]),in_weight_total)",
            Format.COUNT,
            name="live_weight_total",
        ),
        SHARES.sum_row(),
        SPLIT.units_row(),
        SPLIT.left_row(),
    )


def _helpers() -> tuple[tuple[Cell | None, ...], ...]:
    return (
        row(section("")),
        SHARES.as_split_row(gap=2),
        scale_row(gap=2),
        SPLIT.decimals_row(gap=2),
        SPLIT.last_row(gap=2),
    )


def dimension_is_one_of(dimensions: Sequence[str]) -> FillingRule:
    """Refuse a dimension that the workbook's list does not hold; names are case-blind, as in Excel."""
    known = {name.casefold() for name in dimensions}

    def rule(
        inputs: Mapping[str, Content], _tables: Mapping[str, Sequence[Mapping[str, Content]]]
    ) -> Iterator[tuple[str, str, str]]:
        found = inputs.get(DIMENSION.name)
        if isinstance(found, str) and found.casefold() not in known:
            hint = did_you_mean(found, dimensions)
            yield (
                f"inputs.{DIMENSION.name}",
                f"{shown(found)}{hint}",
                f"a dimension of the catalog: {listed(dimensions)}",
            )

    return rule


def weights_fit(
    inputs: Mapping[str, Content], tables: Mapping[str, Sequence[Mapping[str, Content]]]
) -> Iterator[tuple[str, str, str]]:
    """Refuse weights that add up to more than there is: shares over 100 %."""
    total = inputs.get("weight_total")
    weights = [record.get("weight") for record in tables.get(TABLE, ())]
    given = math.fsum(weight for weight in weights if isinstance(weight, (int, float)))
    if isinstance(total, (int, float)) and given > total * (1 + SHARE_TOLERANCE):
        yield (
            f"tables.{TABLE}: the sum of weight",
            f"{given:g}, {given / total:.1%} of weight_total",
            f"at most weight_total, {total:g}; shares may not exceed 100%",
        )


MESSAGE = (
    f'=IF(out_members=0,"Pick a dimension, then enter its members and their weights",'
    f'INDEX({TABLE}[Member],MATCH(MAX({TABLE}[Share]),{TABLE}[Share],0))&" carries "&'
    f'{percent(f"MAX({TABLE}[Share])")}&" of the value"&'
    f'IF(out_unallocated_share=0,"; every part has an owner","; "&{percent("out_unallocated_share")}&'
    '" has no owner yet"))'
)


def sheet(rows: int) -> Sheet:
    """Describe the sheet, with so many rows to fill."""
    last = HEAD_ROW + rows
    proof = last + 4

    def picked(item: Input, fmt: Format = Format.GENERAL) -> tuple[Cell | None, ...]:
        return row(
            Cell(content=item.label, look=Look.LABEL),
            Cell(
                look=Look.INPUT if item.accepts.kind == "text" else Look.INPUT_FIGURE,
                format=fmt,
                name=f"in_{item.name}",
                accepts=item.accepts,
            ),
            Cell(content=item.unit, look=Look.UNIT),
            Cell(look=Look.UNIT),
            Cell(look=Look.UNIT),
        )

    return Sheet(
        name="Allocation",
        role=Role.RESULT,
        title="Allocation",
        subtitle="The value in scope split over one dimension, exact to the cent, with what nobody owns shown openly",
        question="Who does the value belong to, to the cent?",
        message=MESSAGE,
        slots=(2, 2, 2, 2, 2),
        cards=(
            Card(
                label="Allocated",
                figure="=SIGNIFICANT(out_allocated,policy_significant_digits)",
                unit='=in_currency&", exact "&FIXED(out_allocated,in_decimals)',
                format=Format.CARD_MONEY,
            ),
            Card(
                label="Unallocated",
                figure="=SIGNIFICANT(out_unallocated,policy_significant_digits)",
                unit='=in_currency&", no owner yet"',
                format=Format.CARD_MONEY,
            ),
            Card(
                label="Members",
                figure="=out_members",
                unit='=IF(COUNTA(in_dimension)=0,"no dimension yet","by "&in_dimension)',
                format=Format.CARD_COUNT,
            ),
            Card(
                label="Tie-out",
                figure=f"={SPLIT.off}",
                unit='=in_currency&" off the total"',
                format=Format.CARD_CENTS,
                alarm=f"{SPLIT.off}<>0",
            ),
        ),
        blocks=(
            Grid(
                row=12,
                cells=(
                    row(section("Split by")),
                    picked(DIMENSION),
                    picked(WEIGHT_UNIT),
                    picked(WEIGHT_TOTAL, Format.COUNT),
                ),
            ),
            Grid(row=17, cells=_steps()),
            Grid(row=17, column="D", cells=_helpers()),
            Table(name=TABLE, row=HEAD_ROW, columns=COLUMNS, rows=rows, after=_after(), identity=("member",)),
            Grid(
                row=proof,
                cells=(
                    row(section("Proof")),
                    SPLIT.allocated_row(),
                    SPLIT.proof_row(),
                    figure_row(
                        "Members with a weight", f'=COUNTIF({TABLE}[Weight],">0")', Format.WHOLE, name=SHARES.members
                    ),
                    SHARES.fit_row(),
                ),
            ),
            Grid(
                row=proof + 1,
                column="D",
                cells=(
                    row(note("Everyone gets the whole units of their quota; the units left over go to the")),
                    row(note("largest rank keys: by remainder, equal ones to the earlier row. ALLOCATE_SHARES")),
                    row(note("does the same in one call; the gap between the two must be 0.")),
                ),
            ),
        ),
        charts=(allocation_chart.chart(("J12", "M38")),),
        conditions=(
            Condition(where=f"C{last + 1}:H{last + 1}", formula="out_unallocated_share=0", emphasis="quiet"),
            Condition(where=f"I{HEAD_ROW + 1}:I{last}", formula=f"I{HEAD_ROW + 1}>1", emphasis="alert"),
        ),
        data=(allocation_chart.data(TABLE),),
        one_page=True,
    )
