"""Members: the members of each dimension and the share of the value that each of them carries."""

from __future__ import annotations

from valuehour.models import Catalog
from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Accepts, Card, Column, Condition, Content, Grid, Sheet, Table, row
from valuehour.workbooks.templates.grouping_taxonomy.dimensions import of_structure
from valuehour.workbooks.templates.phrases import figure_row, note

TABLE = "tblMembers"
ROWS = 180
ROOM = 60
"""Blank rows at least, however many members the catalog knows."""
HEAD_ROW = 16

_KEY = "[@Dim no]"
_ROW = f"ROW()-ROW({TABLE}[[#Headers],[Place]])"
_KEYS = f"{TABLE}[Dim no]"

SHARE = Accepts(
    kind="number", minimum=0, maximum=1, title="Share", prompt="Of the value: 25% or 0.25. All members: at most 100%."
)

COLUMNS = (
    Column(
        head="Structure",
        look=Look.INPUT,
        accepts=Accepts(source="lst_structure_names", title="Structure", prompt="Pick the structure first."),
    ),
    Column(
        head="Dimension",
        look=Look.INPUT,
        accepts=Accepts(
            source=of_structure("$B{row}"),
            title="Dimension",
            prompt="A dimension of the structure to the left. One of your own: name it on Inputs first.",
        ),
    ),
    Column(
        head="Member", look=Look.INPUT, accepts=Accepts(title="Member", prompt="A known member, or one of your own.")
    ),
    Column(head="Share", unit="of value", look=Look.INPUT_FIGURE, format=Format.PERCENT, accepts=SHARE),
    Column(
        head="Hours share",
        unit="own",
        look=Look.INPUT_FIGURE,
        format=Format.PERCENT,
        accepts=Accepts(
            kind="number",
            minimum=0,
            maximum=1,
            title="Hours share",
            prompt="For members of time only: its share of the hours. Left blank: as its share of the value.",
        ),
    ),
    Column(
        head="Share of hours",
        unit="used",
        format=Format.PERCENT,
        formula=(
            f'=IF({_KEY}=0,0,IF(INDEX(tblDimensions[Divides hours],MAX({_KEY},1))="yes",'
            "IF(COUNT([@Hours share])=0,[@Share]+0,[@Hours share]),1))"
        ),
    ),
    Column(
        head="In all",
        unit="all",
        format=Format.PERCENT,
        formula=f"=IF({_KEY}=0,0,INDEX(tblDimensions[Shares],MAX({_KEY},1)))",
    ),
    Column(
        head="Status",
        look=Look.NOTE,
        formula=(
            '=IFS([@Member]="","",'
            f'{_KEY}=0,"unknown",'
            f'INDEX(tblDimensions[Structure],MAX({_KEY},1))<>[@Structure],"structure",'
            f'COUNTIF({TABLE}[Key],[@Key])>1,"twice",'
            'COUNT([@Share])=0,"",TRUE,"ok")'
        ),
    ),
    Column(
        head="Dim no",
        unit="in the list",
        format=Format.COUNT,
        formula=('=IF(([@Member]="")+([@Dimension]="")>0,0,IFERROR(MATCH([@Dimension],tblDimensions[Dimension],0),0))'),
    ),
    Column(
        head="Place",
        unit="sorted",
        format=Format.COUNT,
        formula=(
            f'=IF({_KEY}=0,0,COUNTIFS({_KEYS},">0",{_KEYS},"<"&{_KEY})'
            f"+COUNTIF({TABLE}[[#Headers],[Dim no]]:{_KEY},{_KEY}))"
        ),
    ),
    Column(head="Key", look=Look.NOTE, formula=f'=IF({_KEY}=0,"",{_KEY}&"|"&[@Member])'),
    Column(
        head="Sorted",
        look=Look.NOTE,
        formula=f'=IF({_ROW}>out_members_listed,"",INDEX({TABLE}[Member],MATCH({_ROW},{TABLE}[Place],0)))',
    ),
)


def known(catalog: Catalog) -> tuple[dict[str, Content], ...]:
    """The members that the catalog knows."""
    names = {structure.id: structure.name for structure in catalog.structures}
    return tuple(
        {"structure": names[dimension.structure], "dimension": dimension.name, "member": member}
        for dimension in catalog.dimensions
        for member in dimension.member_names
    )


def sheet(catalog: Catalog, rows: int) -> Sheet:
    """Describe the sheet, with so many rows to fill."""
    last = HEAD_ROW + rows
    first = HEAD_ROW + 1
    return Sheet(
        name="Members",
        role=Role.INPUT,
        title="Members",
        subtitle="The members of each dimension, and the share of the value that each of them carries",
        question="Which members does each dimension have, and what is their share?",
        message=(
            '=IF(out_members_shared=0,"Give the members of a dimension their shares; add members in the rows below",'
            'out_members_shared&" of "&out_members_listed&" members have a share, in "&out_dimensions_shared&'
            'IF(out_dimensions_shared=1," dimension"," dimensions"))'
        ),
        slots=(1, 1, 4, 3, 2),
        cards=(
            Card(
                label="Members listed",
                figure="=out_members_listed",
                unit=f'="room for "&ROWS({TABLE}[Member])',
                format=Format.CARD_COUNT,
            ),
            Card(label="With a share", figure="=out_members_shared", unit="of the value", format=Format.CARD_COUNT),
            Card(
                label="Dimensions complete",
                figure="=out_dimensions_complete",
                unit='="of "&out_dimensions_shared&" with shares"',
                format=Format.CARD_COUNT,
            ),
            Card(
                label="Dimensions over 100%",
                figure="=out_dimensions_over",
                unit="must be zero",
                format=Format.CARD_COUNT,
                alarm="out_dimensions_over>0",
            ),
            Card(
                label="To look at",
                figure="=out_members_wrong",
                unit="see Status",
                format=Format.CARD_COUNT,
                alarm="out_members_wrong>0",
            ),
        ),
        blocks=(
            Grid(
                row=12,
                cells=(
                    figure_row("Members listed", f'=COUNTIF({_KEYS},">0")', Format.WHOLE, name="out_members_listed"),
                    figure_row(
                        "Members with a share",
                        f'=COUNTIF({TABLE}[Share],">0")',
                        Format.WHOLE,
                        name="out_members_shared",
                    ),
                    figure_row(
                        "Rows to look at",
                        f'=COUNTIF({TABLE}[Status],"unknown")+COUNTIF({TABLE}[Status],"twice")'
                        f'+COUNTIF({TABLE}[Status],"structure")',
                        Format.WHOLE,
                        name="out_members_wrong",
                    ),
                ),
            ),
            Grid(
                row=12,
                column="D",
                cells=(
                    row(note("A share is that of the value. Members of time also divide the hours: a quarter earns a")),
                    row(note("quarter of the value in a quarter of the hours. The last columns feed the dropdowns.")),
                ),
            ),
            Table(
                name=TABLE,
                row=HEAD_ROW,
                columns=COLUMNS,
                rows=rows,
                prefilled=known(catalog),
                identity=("structure", "dimension", "member"),
            ),
        ),
        conditions=(
            Condition(where=f"H{first}:H{last}", formula=f"ROUND(H{first},policy_share_decimals)>1", emphasis="alert"),
            Condition(where=f"I{first}:I{last}", formula=f'I{first}="ok"', emphasis="ok"),
            Condition(
                where=f"I{first}:I{last}",
                formula=f'(I{first}="unknown")+(I{first}="twice")+(I{first}="structure")>0',
                emphasis="failed",
            ),
        ),
        ranges={
            "lst_member_keys": f"J{first}:J{last}",
            "lst_first_member": f"M{first}",
        },
    )
