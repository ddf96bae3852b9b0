"""Path builder and Paths: members of several dimensions one below the other, and what an hour of a path is worth."""

from __future__ import annotations

from valuehour.functions.grouping import SEPARATOR
from valuehour.ooxml.reference import column_letters, column_number
from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Accepts, Card, Column, Condition, Grid, Sheet, Table, row
from valuehour.workbooks.templates.grouping_taxonomy.dimensions import of_dimension, of_structure
from valuehour.workbooks.templates.grouping_taxonomy.members import SHARE
from valuehour.workbooks.templates.lists import Constant
from valuehour.workbooks.templates.phrases import figure_row, in_words, note, percent

TABLE = "tblPaths"
STEPS = "tblPathSteps"
LEVEL_TABLE = "tblPathLevels"
ROWS = 6
LEVELS = 8
HEAD_ROW = 17
STEP_HEAD_ROW = 12
LEVELS_AT = "N"
MEMBERS = "tblMembers"
CONSTANTS = (Constant(name="policy_path_levels", label="Levels of a path at most", value=LEVELS, unit="levels"),)

STEP_COLUMNS = (
    Column(
        head="Path",
        look=Look.INPUT,
        accepts=Accepts(source="lst_paths", title="Path", prompt="A path that is named on Paths; one row a level."),
    ),
    Column(
        head="Structure",
        look=Look.INPUT,
        accepts=Accepts(source="lst_structure_names", title="Structure", prompt="Pick the structure first."),
    ),
    Column(
        head="Dimension",
        look=Look.INPUT,
        accepts=Accepts(
            source=of_structure("$C{row}"), title="Dimension", prompt="A dimension of the structure to the left."
        ),
    ),
    Column(
        head="Member",
        look=Look.INPUT,
        accepts=Accepts(
            source=of_dimension("$D{row}"),
            title="Member",
            prompt="A member of the dimension to the left; new ones are added on Members.",
        ),
    ),
    Column(
        head="Path no",
        format=Format.COUNT,
        formula=f'=IF([@Path]="",0,IFERROR(MATCH([@Path],{TABLE}[Path],0),0))',
    ),
    Column(
        head="Level",
        format=Format.COUNT,
        formula=(f"=IF([@Path no]=0,0,COUNTIF({STEPS}[[#Headers],[Path no]]:[@Path no],[@Path no]))"),
    ),
    Column(
        head="Dim no",
        format=Format.COUNT,
        formula='=IF(([@Dimension]="")+([@Path no]=0)>0,0,IFERROR(MATCH([@Dimension],tblDimensions[Dimension],0),0))',
    ),
    Column(
        head="Slot",
        format=Format.COUNT,
        formula=("=IF(([@Path no]=0)+([@Level]>policy_path_levels)>0,0,([@Path no]-1)*policy_path_levels+[@Level])"),
    ),
    Column(
        head="Row",
        format=Format.COUNT,
        formula=(f'=IF([@Dim no]=0,0,IFERROR(MATCH([@Dim no]&"|"&[@Member],{MEMBERS}[Key],0),0))'),
    ),
    Column(
        head="Share",
        format=Format.PERCENT,
        formula=f"=IF([@Row]=0,0,INDEX({MEMBERS}[Share],MAX([@Row],1))+0)",
    ),
    Column(
        head="Hours",
        format=Format.PERCENT,
        formula=f"=IF([@Row]=0,0,INDEX({MEMBERS}[Share of hours],MAX([@Row],1)))",
    ),
    Column(
        head="Fits",
        look=Look.NOTE,
        formula=(
            '=IFS([@Path]="","",'
            '[@Path no]=0,"no such path",'
            '[@Level]>policy_path_levels,"too deep",'
            '[@Row]=0,"unknown",'
            f'COUNTIFS({STEPS}[Path no],[@Path no],{STEPS}[Dim no],[@Dim no])>1,"twice",'
            '[@Share]=0,"no share",TRUE,"ok")'
        ),
    ),
)


def _at(index: int) -> str:
    """The column of the level table with that index."""
    return column_letters(column_number(LEVELS_AT) + index)


def _level_columns() -> tuple[Column, ...]:
    """Path by path its levels side by side: members, shares of the value, shares of the hours."""
    numbers = range(1, LEVELS + 1)
    slot = "([@Number]-1)*policy_path_levels+{level}"

    def beyond(index: int) -> tuple[str, str]:
        level = f"{_at(index)}${HEAD_ROW - 1}"
        return f"{level}>[@Levels]", slot.format(level=level)

    def counted(index: int, number: int) -> str:
        # The number of the level, counted over the heads below it.
        return f"=COLUMNS({_at(index - number + 1)}${HEAD_ROW}:{_at(index)}${HEAD_ROW})"

    columns = [
        Column(head="Number", look=Look.DATA, formula=f"=ROW()-ROW({LEVEL_TABLE}[[#Headers],[Number]])"),
        Column(head="Levels", look=Look.DATA, formula=f'=COUNTIFS({STEPS}[Path no],[@Number],{STEPS}[Slot],">0")'),
    ]
    for number in numbers:
        over, place = beyond(len(columns))
        columns.append(
            Column(
                head=f"Level {number}",
                unit=counted(len(columns), number),
                look=Look.DATA,
                formula=(
                    f'=IF({over},"",SUBSTITUTE(INDEX({STEPS}[Member],MATCH({place},{STEPS}[Slot],0))&"",'
                    f'"{SEPARATOR}"," / "))'
                ),
            )
        )
    for head, column in (("Share", "Share"), ("Hours", "Hours")):
        for number in numbers:
            over, place = beyond(len(columns))
            columns.append(
                Column(
                    head=f"{head} {number}",
                    unit=counted(len(columns), number),
                    look=Look.DATA,
                    format=Format.PERCENT,
                    formula=f"=IF({over},1,SUMIFS({STEPS}[{column}],{STEPS}[Slot],{place}))",
                )
            )

    def every(head: str) -> str:
        return ",".join(f"[@{head} {number}]" for number in numbers)

    columns += [
        Column(head="Full path", look=Look.DATA, formula=f'=IF([@Levels]=0,"",GROUP_PATH({every("Level")}))'),
        Column(head="Product", look=Look.DATA, format=Format.PERCENT_FINE, formula=f"=PRODUCT({every('Share')})"),
        Column(head="Smallest", look=Look.DATA, format=Format.PERCENT, formula=f"=MIN({every('Share')})"),
        Column(head="Hours", look=Look.DATA, format=Format.PERCENT_FINE, formula=f"=PRODUCT({every('Hours')})"),
    ]
    return tuple(columns)


_NUMBER = f"ROW()-ROW({TABLE}[[#Headers],[Levels]])"


def _of_levels(column: str) -> str:
    return f"INDEX({LEVEL_TABLE}[{column}],{_NUMBER})"


COLUMNS = (
    Column(head="Path", look=Look.INPUT, accepts=Accepts(title="Path", prompt="A short name for the path.")),
    Column(head="Full path", look=Look.WRAPPED, formula=f"={_of_levels('Full path')}"),
    Column(head="Levels", format=Format.COUNT, formula=f"={_of_levels('Levels')}"),
    Column(
        head="Product of shares",
        unit="if independent",
        format=Format.PERCENT_TWO,
        formula=f"=IF([@Levels]=0,0,{_of_levels('Product')})",
    ),
    Column(
        head="Joint share",
        unit="where known",
        look=Look.INPUT_FIGURE,
        format=Format.PERCENT_TWO,
        accepts=SHARE,
    ),
    Column(
        head="Share of value",
        unit="used",
        format=Format.PERCENT_TWO,
        formula="=IF([@Levels]=0,0,IF(COUNT([@Joint share])>0,[@Joint share],[@Product of shares]))",
    ),
    Column(
        head="Share of hours",
        unit="used",
        format=Format.PERCENT_TWO,
        formula=f"=IF([@Levels]=0,0,{_of_levels('Hours')})",
    ),
    Column(
        head="Value",
        unit="=in_currency",
        format=Format.MONEY,
        formula="=out_value_in_scope*[@Share of value]",
    ),
    Column(
        head="Per hour",
        unit='=in_currency&" / hour"',
        look=Look.RESULT,
        format=Format.RATE,
        formula=(
            "=IF(MIN(in_years+0,in_hours_per_year+0,[@Share of hours])<=0,0,"
            "VALUE_PER_HOUR([@Value],in_years,1,in_hours_per_year*[@Share of hours]))"
        ),
    ),
    Column(
        head="Rests on",
        look=Look.NOTE,
        formula=(
            '=IFS([@Levels]=0,"",COUNT([@Joint share])=0,"independence",'
            f'ROUND([@Joint share]-{_of_levels("Smallest")},policy_share_decimals)>0,"over its members",'
            'TRUE,"joint share")'
        ),
    ),
)

MESSAGE = (
    f'=IF(MAX({TABLE}[Levels])=0,"Name a path here, then pick its members on Path builder",'
    f'INDEX({TABLE}[Path],MATCH(MAX({TABLE}[Per hour]),{TABLE}[Per hour],0))&" is worth "&'
    f'{in_words(f"MAX({TABLE}[Per hour])")}&" "&in_currency&" an hour"&'
    f'IF(out_value_per_hour<=0,"",", "&{percent(f"MAX({TABLE}[Per hour])/MAX(out_value_per_hour,policy_tolerance)")}&'
    '" of the total rate"))'
)


def sheet(rows: int) -> Sheet:
    """Describe the sheet with the paths and what they are worth."""
    last = HEAD_ROW + rows
    return Sheet(
        name="Paths",
        role=Role.RESULT,
        title="Paths",
        subtitle="What an hour of one combination of members is worth: a region, in a segment, in a quarter",
        question="What is an hour of one combination of members worth?",
        message=MESSAGE,
        slots=(1, 2, 2, 2, 2),
        cards=(
            Card(
                label="Paths with levels",
                figure="=out_paths",
                unit='="of "&COUNTA(' + f"{TABLE}[Path]" + ')&" named"',
                format=Format.CARD_COUNT,
            ),
            Card(
                label="Highest value per hour",
                figure=f"=SIGNIFICANT(MAX({TABLE}[Per hour]),policy_significant_digits)",
                unit='=in_currency&" / hour of the path"',
                format=Format.CARD_MONEY,
            ),
            Card(
                label="Rest on a joint share",
                figure=f'=COUNTIF({TABLE}[Rests on],"joint share")',
                unit="all others on independence",
                format=Format.CARD_COUNT,
            ),
            Card(
                label="Steps to look at",
                figure="=out_path_steps_wrong",
                unit="see Path builder",
                format=Format.CARD_COUNT,
                alarm="out_path_steps_wrong>0",
            ),
        ),
        blocks=(
            Grid(
                row=12,
                cells=(
                    row(
                        note(
                            "Independence: the share of a path is the product of its members' shares. That holds when "
                            "the split by one dimension is the same within every member of the others."
                        )
                    ),
                    row(
                        note(
                            "Where it does not, enter the joint share that you have counted. A member of time divides "
                            "the hours as well as the value: a quarter earns its value in its own hours."
                        )
                    ),
                    figure_row("Paths with levels", f'=COUNTIF({TABLE}[Levels],">0")', Format.WHOLE, name="out_paths"),
                ),
            ),
            Table(name=TABLE, row=HEAD_ROW, columns=COLUMNS, rows=rows, identity=("path",)),
            Table(name=LEVEL_TABLE, row=HEAD_ROW, column=LEVELS_AT, columns=_level_columns(), rows=rows),
        ),
        conditions=(
            Condition(
                where=f"K{HEAD_ROW + 1}:K{last}", formula=f'K{HEAD_ROW + 1}="over its members"', emphasis="alert"
            ),
        ),
        heights=dict.fromkeys(range(HEAD_ROW + 1, last + 1), 42.0),
        ranges={"lst_paths": f"B{HEAD_ROW + 1}:B{last}"},
        one_page=True,
    )


def builder(rows: int) -> Sheet:
    """Describe the sheet on which paths are put together, level by level."""
    last = STEP_HEAD_ROW + rows
    return Sheet(
        name="Path builder",
        role=Role.INPUT,
        title="Path builder",
        subtitle="Structure, dimension, member: one row a level, from the widest to the narrowest",
        question="Which members make up a path?",
        message=(
            "=IF(SUM(" + f"{STEPS}[Slot]" + ')=0,"Name a path on Paths, then pick its members here, one row a level",'
            'IF(out_path_steps_wrong>0,out_path_steps_wrong&" steps to look at: see Fits",'
            f'COUNTIF({STEPS}[Slot],">0")&" levels in "&out_paths&IF(out_paths=1," path"," paths")))'
        ),
        slots=(1, 1, 1, 4, 4),
        blocks=(
            Grid(
                row=8,
                cells=(
                    figure_row(
                        "Steps to look at",
                        "="
                        + "+".join(
                            f'COUNTIF({STEPS}[Fits],"{status}")'
                            for status in ("no such path", "too deep", "unknown", "twice")
                        ),
                        Format.WHOLE,
                        name="out_path_steps_wrong",
                    ),
                    row(note("unknown: no such member in that dimension. twice: the path has that dimension already.")),
                ),
            ),
            Table(
                name=STEPS,
                row=STEP_HEAD_ROW,
                columns=STEP_COLUMNS,
                rows=rows,
                identity=("path", "structure", "dimension"),
            ),
        ),
        conditions=(
            Condition(where=f"M{STEP_HEAD_ROW + 1}:M{last}", formula=f'M{STEP_HEAD_ROW + 1}="ok"', emphasis="ok"),
            Condition(
                where=f"M{STEP_HEAD_ROW + 1}:M{last}",
                formula=f'(M{STEP_HEAD_ROW + 1}<>"")*(M{STEP_HEAD_ROW + 1}<>"no share")>0',
                emphasis="failed",
            ),
        ),
    )
