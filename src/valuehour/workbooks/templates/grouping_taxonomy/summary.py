"""Summary: one page for a board."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Card, Cell, Grid, Sheet, row
from valuehour.workbooks.templates import allocation_chart
from valuehour.workbooks.templates.grouping_taxonomy import paths
from valuehour.workbooks.templates.grouping_taxonomy.inputs import COVERAGE, PER_HOUR, TOTAL
from valuehour.workbooks.templates.phrases import head, in_words, note, percent, section

_TOP = 12
_BELOW = 28
SHOWN_PATHS = 6

MESSAGE = (
    '=IF(out_filled=0,"Start on Inputs: enter the total value and the horizon",'
    f'"An hour is worth "&{in_words("out_value_per_hour")}&" "&in_currency&'
    'IF(out_members=0,"; give members their shares to see whose it is",'
    '"; "&INDEX(tblAllocation[Member],MATCH(MAX(tblAllocation[Share]),tblAllocation[Share],0))&" carries "&'
    f'{percent("MAX(tblAllocation[Share])")}&" of it"))'
)


def _paths() -> Grid:
    first = _TOP + 2

    def of(column: str, at: int) -> str:
        # The place of a row is counted from the heads down to the row above: a formula may not count itself.
        return f"INDEX({paths.TABLE}[{column}],ROWS(G${first - 1}:G{at - 1}))"

    rows = [
        row(section("Paths, in three significant figures")),
        row(
            head("Path"),
            head(""),
            head("Levels", figure=True),
            head("Share", figure=True),
            head("Per hour", figure=True),
            head("Rests on"),
        ),
        *(
            row(
                Cell(content=f'={of("Path", at)}&""', look=Look.LABEL, across=2),
                None,
                Cell(content=f"={of('Levels', at)}", look=Look.CALCULATION, format=Format.COUNT),
                Cell(content=f"={of('Share of value', at)}", look=Look.CALCULATION, format=Format.PERCENT_TWO),
                Cell(
                    content=f"=SIGNIFICANT({of('Per hour', at)},policy_significant_digits)",
                    look=Look.RESULT,
                    format=Format.ROUNDED,
                ),
                Cell(content=f"={of('Rests on', at)}", look=Look.NOTE),
            )
            for at in range(first, first + SHOWN_PATHS)
        ),
    ]
    rows.append(row(None))
    rows.append(
        row(note('Per hour: model currency in an hour of the path. "independence": the product of its shares.'))
    )
    return Grid(row=_TOP, column="G", cells=tuple(rows))


def _line(label: str, content: str, fmt: Format = Format.WORD, gap: int = 1) -> tuple[Cell | None, ...]:
    return row(
        Cell(content=label, look=Look.LABEL),
        *(Cell(look=Look.LABEL) for _ in range(gap)),
        Cell(content=content, look=Look.RESULT, format=fmt, across=2),
    )


def _shares() -> Grid:
    return Grid(
        row=_BELOW,
        cells=(
            row(section("How far the taxonomy is filled")),
            row(head("Question"), head(""), head(""), head("Answer", figure=True)),
            _line("Dimensions with shares", '=out_dimensions_shared&" of "&out_dimensions'),
            _line("Of these, complete", '=out_dimensions_complete&" of "&out_dimensions_shared'),
            _line("Members with a share", '=out_members_shared&" of "&out_members_listed'),
            _line("Allocation by", '=IF(COUNTA(in_dimension)=0,"–",in_dimension)'),
            _line("Unallocated", "=IF(out_members=0,0,out_unallocated_share)", Format.PERCENT),
        ),
    )


def _behind() -> Grid:
    return Grid(
        row=_BELOW,
        column="G",
        cells=(
            row(section("What stands behind it")),
            row(head("Question"), head(""), head(""), head(""), head("Answer", figure=True)),
            _line("How much is in scope?", "=in_coverage+0", Format.PERCENT, 2),
            _line("Evidence of the total value", "=in_total_value_status", gap=2),
            _line("Its source", '=IF(COUNTA(in_total_value_source)=0,"none given",in_total_value_source)', gap=2),
            _line("Paths on a joint share", f'=COUNTIF({paths.TABLE}[Rests on],"joint share")&" of "&out_paths', gap=2),
            _line("Master check", "=out_checks_status", gap=2),
        ),
    )


def sheet() -> Sheet:
    """Describe the sheet."""
    return Sheet(
        name="Summary",
        role=Role.RESULT,
        title="Summary",
        subtitle="What an hour is worth, and to which region, customer, product or quarter it belongs",
        question="What do we tell the board?",
        message=MESSAGE,
        slots=(2, 2, 2, 2, 2),
        cards=(
            PER_HOUR,
            TOTAL,
            COVERAGE,
            Card(
                label="Unallocated",
                figure="=SIGNIFICANT(out_unallocated_rate,policy_significant_digits)",
                unit='=in_currency&" / hour, no owner yet"',
                format=Format.CARD_MONEY,
            ),
            Card(
                label="Dimensions with shares",
                figure="=out_dimensions_shared",
                unit='=out_dimensions_complete&" of them complete"',
                format=Format.CARD_COUNT,
            ),
            Card(
                label="Highest path",
                figure=f"=SIGNIFICANT(MAX({paths.TABLE}[Per hour]),policy_significant_digits)",
                unit='=in_currency&" / hour of the path"',
                format=Format.CARD_MONEY,
            ),
        ),
        blocks=(_paths(), _shares(), _behind()),
        charts=(allocation_chart.chart(("B12", "F27")),),
        one_page=True,
    )
