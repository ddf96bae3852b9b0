"""The sheet About: purpose, how to use it, the sheets, the colour key, version and change log."""

from __future__ import annotations

from collections.abc import Sequence

from valuehour.workbooks.look import Look, Role
from valuehour.workbooks.spec import Cell, Content, Grid, Sheet, row
from valuehour.workbooks.templates.phrases import head, note, section


def about(
    *,
    title: str,
    subtitle: str,
    message: str,
    purpose: str,
    steps: Sequence[tuple[str, str]],
    sheets: Sequence[Sheet],
    name: str,
    version: str,
    changes: Sequence[tuple[str, str]],
    held: str = "Held back: uplift assumed",
) -> Sheet:
    """Purpose, how to use it, the sheets, the colour key (``held``: what is muted), version and change log."""
    blocks: list[Grid] = []
    at = 8

    def add(*rows: tuple[Cell | None, ...]) -> None:
        nonlocal at
        blocks.append(Grid(row=at, cells=rows))
        at += len(rows) + 1

    def ruled(*contents: Content) -> tuple[Cell, ...]:
        cells = [Cell(content=content, look=Look.LABEL) for content in contents]
        return (*cells, *(Cell(look=Look.LABEL) for _ in range(6 - len(cells))))

    add(row(section("What it is for")), row(Cell(content=purpose, look=Look.PLAIN)))
    add(
        row(section("How to use it")),
        *((Cell(content=step, look=Look.LABEL_STRONG), *ruled(text)[:5]) for step, text in steps),
    )
    add(
        row(section("Sheets")),
        row(head("Sheet"), head("The question it answers"), head(""), head(""), head("Role"), head("Checks")),
        *(
            row(
                Cell(content=sheet.name, look=Look.LINK, link=(sheet.name, "A1")),
                Cell(content=sheet.question, look=Look.LABEL),
                Cell(look=Look.LABEL),
                Cell(look=Look.LABEL),
                Cell(content=sheet.role.value, look=Look.NOTE),
                Cell(
                    content=(
                        f'=IF(COUNTIF(tblChecks[Sheet],"{sheet.name}")=0,"–",COUNTIFS(tblChecks[Sheet],"{sheet.name}",'
                        f'tblChecks[Status],"OK")&" of "&(COUNTIF(tblChecks[Sheet],"{sheet.name}")-'
                        f'COUNTIFS(tblChecks[Sheet],"{sheet.name}",tblChecks[Status],"–"))&" pass")'
                    ),
                    look=Look.NOTE,
                ),
            )
            for sheet in sheets
        ),
    )
    add(
        row(section("Colour key")),
        row(
            Cell(content="Input: a box, yours to type", look=Look.INPUT),
            Cell(content="Calculation: leave as it is", look=Look.LABEL),
            Cell(content="Result: quote this", look=Look.KEY_RESULT),
            Cell(content=held, look=Look.KEY_HELD),
            Cell(content="▲ Needs you", look=Look.KEY_ALERT),
            Cell(content="Note, unit or source", look=Look.NOTE),
        ),
    )
    add(
        row(section("Version")),
        row(
            Cell(content="Template", look=Look.LABEL),
            Cell(content=name, look=Look.LABEL, name="valuehour_template"),
        ),
        row(
            Cell(content="Version", look=Look.LABEL),
            Cell(content=version, look=Look.LABEL, name="valuehour_version"),
        ),
        row(Cell(content="Function style", look=Look.LABEL), Cell(look=Look.LABEL, name="valuehour_style")),
        *(
            row(Cell(content=f"Changed in {number}", look=Look.LABEL), Cell(content=text, look=Look.LABEL))
            for number, text in changes
        ),
        row(note("Built by valuehour, which rebuilds, checks and reads this workbook from the command line.")),
    )
    return Sheet(
        name="About",
        role=Role.GUIDE,
        title=title,
        subtitle=subtitle,
        question="Where do I start?",
        message=message,
        slots=(1, 1, 1, 1, 1),
        blocks=tuple(blocks),
        protected=True,
        one_page=True,
    )
