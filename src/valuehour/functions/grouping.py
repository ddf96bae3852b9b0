"""Grouping: the dimensions of a taxonomy, and paths through them."""

from __future__ import annotations

from collections.abc import Sequence

from valuehour.errors import CellError, NotAvailableError, WrongTypeError
from valuehour.functions.ranges import flat, is_range
from valuehour.functions.rules import Rule
from valuehour.functions.worksheet import worksheet_function

SEPARATOR = " → "
LONGEST_TEXT = 32767


@worksheet_function(
    family="Grouping",
    kinds={"structure": "text"},
    returns_array=True,
    expression="OFFSET({first},MATCH({structure},{structures},0)-1,0,COUNTIF({structures},{structure}),2)",
    dynamic={"result": 'FILTER({taxonomy},(({structures}={structure})+({structure}="*"))*({structures}<>""),#N/A)'},
    example='=INDEX(GROUPINGS("Time structure"),1,2)',
    example_result="Year",
)
def groupings(structure: str = "*", *, taxonomy: Sequence[Sequence[str]]) -> list[list[str]]:
    """Return the dimensions by which value can be grouped, of one structure or of all.

    groupings = the rows (structure, dimension) of the taxonomy whose structure is the one asked for

    Parameters
    ----------
    structure : text
        Name of a structure, in any case; leave it out (or give *) for all.

    Returns
    -------
    text, two columns: structure and dimension

    Raises
    ------
    NotAvailableError
        The taxonomy has no such structure (``#N/A``).

    Source
    ------
    business_process_workflows: Enterprise grouping taxonomy

    Examples
    --------
    >>> groupings("time", taxonomy=[("Organization", "Team"), ("Time", "Year"), ("Time", "Month")])
    [['Time', 'Year'], ['Time', 'Month']]
    """
    wanted = str(structure).casefold()
    rows = [list(row) for row in taxonomy if wanted in ("*", row[0].casefold())]
    if not rows:
        known = ", ".join(dict.fromkeys(row[0] for row in taxonomy))
        raise NotAvailableError(f"structure is {structure!r}; the taxonomy has {known or 'none'}")
    return rows


@worksheet_function(
    family="Grouping",
    kinds={"part": "any"},
    expression=f"MID({{parts}},{len(SEPARATOR) + 1},{LONGEST_TEXT})",
    each=f'IF(({{part}}=0)+({{part}}=""),"","{SEPARATOR}"&{{part}})',
    joint="&",
    expression_range=f'TEXTJOIN("{SEPARATOR}",TRUE,{{parts}})',
    each_range='IF({part}=0,"",{part})',
    identity='""',
    dynamic={
        "fold": (
            'REDUCE({before},{part},LAMBDA(path,part,IF((part=0)+(part="")>0,path,'
            f'IF(path="",part&"",path&"{SEPARATOR}"&part))))'
        )
    },
    rules=(
        Rule(
            CellError.VALUE,
            "a part may not contain the separator",
            formula=f'IFERROR(FIND("{SEPARATOR}",{{part}}),0)>0',
        ),
    ),
    example='=GROUP_PATH("EMEA","Support","Tier 2")',
    example_result="EMEA → Support → Tier 2",
)
def group_path(*parts: object) -> str:
    """Return the parts of a grouping as one path.

    group_path = part1 → part2 → ...

    Blanks, empty texts and 0 are skipped, because some hosts hand over a blank as 0. Numbers appear with up to
    fifteen digits, true and false in capitals.

    Parameters
    ----------
    *parts : text
        Names from the widest group to the narrowest. Texts or whole ranges; up to eight arguments.

    Returns
    -------
    text

    Raises
    ------
    WrongTypeError
        There is no part at all, a part contains the separator, or the path is too long for a cell (``#VALUE!``).

    Source
    ------
    business_process_workflows: Enterprise grouping taxonomy

    Examples
    --------
    >>> group_path("EMEA", None, ["Support", 2])
    'EMEA → Support → 2'
    """
    texts = [_text(cell) for part in parts if is_range(part) for cell in flat(part)]
    for text in texts:
        if SEPARATOR in text:
            raise WrongTypeError(f"part {text!r} contains the separator {SEPARATOR!r}; use another sign in names")
    path = SEPARATOR.join(texts)
    if len(path) > LONGEST_TEXT:
        raise WrongTypeError(f"the path has {len(path)} characters; a cell holds {LONGEST_TEXT}")
    return path


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return str(cell).upper()
    return f"{cell:.15G}" if isinstance(cell, int | float) else str(cell)
