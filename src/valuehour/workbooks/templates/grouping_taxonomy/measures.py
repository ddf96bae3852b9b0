"""Measures: value and value per hour split over the bands of one measure."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Accepts, Column, Condition, Grid, Input, Sheet, Table, row
from valuehour.workbooks.templates.grouping_taxonomy.members import SHARE
from valuehour.workbooks.templates.grouping_taxonomy.picking import picked
from valuehour.workbooks.templates.grouping_taxonomy.twin import Twin
from valuehour.workbooks.templates.phrases import figure_row, note, percent, section

TABLE = "tblBands"
ROWS = 10
HEAD_ROW = 23
SHEET = "Measures"

SPLIT = Twin(table=TABLE, value="out_value_in_scope", rate="out_value_per_hour", suffix="_bands")

MEASURE = Input(
    name="measure",
    label="Measure",
    unit="",
    accepts=Accepts(source="lst_measures", title="Measure", prompt="The measure whose bands the value is split over."),
)
UNIT = Input(
    name="measure_unit",
    label="Unit of the bounds",
    unit="",
    accepts=Accepts(title="Unit", prompt="For example %, days, or USD."),
)

_NUMBER = f"ROW()-ROW({TABLE}[[#Headers],[To]])"

COLUMNS = (
    Column(
        head="Band",
        look=Look.INPUT,
        accepts=Accepts(title="Band", prompt="A name for the band, from the lowest to the highest."),
    ),
    Column(
        head="From",
        unit='=in_measure_unit&""',
        look=Look.INPUT_FIGURE,
        format=Format.EXACT,
        accepts=Accepts(kind="number", title="From", prompt="The lower bound; it belongs to the band."),
    ),
    Column(
        head="To",
        unit="below",
        format=Format.EXACT,
        formula=(
            f'=IF([@Band]="","",IF({_NUMBER}<out_bands_listed,INDEX({TABLE}[From],MIN({_NUMBER}+1,ROWS({TABLE}[From])))+0,'
            '"and above"))'
        ),
    ),
    Column(head="Share", unit="of the value", look=Look.INPUT_FIGURE, format=Format.PERCENT, accepts=SHARE),
    *SPLIT.columns(),
    Column(
        head="Out of order",
        unit="1 = look here",
        format=Format.COUNT,
        formula="=IF(ISNUMBER([@To]),IF(ROUND([@To]-[@From],policy_share_decimals)>0,0,1),0)",
    ),
)


def sheet(rows: int) -> Sheet:
    """Describe the sheet, with room for so many bands."""
    last = HEAD_ROW + rows
    return Sheet(
        name=SHEET,
        role=Role.RESULT,
        title="Measures",
        subtitle="A measure has no members: the value is split over bands of it, exact to the cent",
        question="How does the value split over the bands of a measure?",
        message=(
            '=IF(out_members_bands=0,"Pick a measure, then enter its bands from low to high and their shares",'
            f'INDEX({TABLE}[Band],MATCH(MAX({TABLE}[Share]),{TABLE}[Share],0))&" carries "&'
            f'{percent(f"MAX({TABLE}[Share])")}&" of the value"&'
            f'IF(out_unallocated_share_bands=0,"; every part has a band","; "&'
            f'{percent("out_unallocated_share_bands")}&" has no band yet"))'
        ),
        slots=(2, 2, 2, 2, 2),
        cards=SPLIT.cards('=IF(COUNTA(in_measure)=0,"no measure yet","bands of "&in_measure)'),
        blocks=(
            Grid(row=12, cells=(row(section("Split by")), picked(MEASURE), picked(UNIT))),
            Grid(
                row=16,
                cells=(
                    figure_row("Bands listed", f"=COUNTA({TABLE}[Band])", Format.WHOLE, name="out_bands_listed", gap=1),
                    figure_row(
                        "Bands with a share",
                        f'=COUNTIF({TABLE}[Share],">0")',
                        Format.WHOLE,
                        name=SPLIT.shares.members,
                        gap=1,
                    ),
                    SPLIT.shares.sum_row(1),
                    SPLIT.shares.as_split_row(1),
                    SPLIT.shares.fit_row(1),
                ),
            ),
            Grid(
                row=12,
                column="F",
                cells=(
                    row(section("How to enter bands")),
                    row(note("One row a band, from the lowest bound to the highest, without gaps between rows.")),
                    row(note("A band reaches from its bound up to the next one; the last one has no upper end.")),
                    row(note("The shares add up to 100% or less; what is left is unallocated.")),
                ),
            ),
            Table(
                name=TABLE,
                row=HEAD_ROW,
                columns=COLUMNS,
                rows=rows,
                after=SPLIT.after(before=2, behind=1),
                identity=("band",),
            ),
            *SPLIT.steps(last + 4),
        ),
        conditions=(
            Condition(where=f"C{last + 1}:L{last + 1}", formula="out_unallocated_share_bands=0", emphasis="quiet"),
            Condition(where=f"L{HEAD_ROW + 1}:L{last}", formula=f"L{HEAD_ROW + 1}>0", emphasis="alert"),
        ),
        one_page=True,
    )
