"""The grouping taxonomy: whose the value per hour is, by any dimension, any path of members, any band of a measure."""

from __future__ import annotations

from collections.abc import Mapping

from valuehour.models import Catalog
from valuehour.workbooks.spec import Template
from valuehour.workbooks.templates.about import about as about_sheet
from valuehour.workbooks.templates.checking import checks as checks_sheet
from valuehour.workbooks.templates.grouping_taxonomy import (
    allocation,
    checks,
    dimensions,
    drill,
    inputs,
    measures,
    members,
    paths,
    rules,
    summary,
)
from valuehour.workbooks.templates.lists import ALLOCATION_CONSTANTS, CONSTANTS, lists, taxonomy_range
from valuehour.workbooks.templates.reference import functions

NAME = "grouping_taxonomy"
VERSION = "1.0.0"
TITLE = "Grouping taxonomy"

CHANGES = (("1.0.0", "First version"),)
STEP_ROWS = 48


def template(catalog: Catalog, rows: Mapping[str, int]) -> Template:
    """Describe the grouping taxonomy for a catalog; ``rows`` gives tables more rows than they come with."""

    def room(table: str, least: int) -> int:
        return max(least, rows.get(table, 0))

    constants = (*CONSTANTS, *ALLOCATION_CONSTANTS, *paths.CONSTANTS)
    references = (dimensions.structures(catalog), dimensions.measures(catalog), dimensions.taxonomy(catalog))
    own = room(inputs.OWN_TABLE, inputs.OWN_ROWS)
    path_rows = room(paths.TABLE, paths.ROWS)
    working = (
        summary.sheet(),
        inputs.sheet(own),
        dimensions.sheet(rows.get(dimensions.TABLE, len(catalog.dimensions) + own)),
        members.sheet(catalog, room(members.TABLE, max(members.ROWS, len(members.known(catalog)) + members.ROOM))),
        allocation.sheet(room(allocation.TABLE, allocation.ROWS)),
        drill.sheet(room(drill.TABLE, drill.ROWS)),
        paths.builder(room(paths.STEPS, max(STEP_ROWS, path_rows * paths.LEVELS))),
        paths.sheet(path_rows),
        measures.sheet(room(measures.TABLE, measures.ROWS)),
    )
    closing = (
        lists(
            constants,
            references,
            question="Which structures, dimensions and measures are there, and what do they mean?",
            message=f"{len(catalog.structures)} structures with {len(catalog.dimensions)} dimensions and measures",
        ),
        functions(),
        checks_sheet(checks.CHECKS, filled=checks.FILLED, context=checks.CONTEXT),
    )
    about = about_sheet(
        title=TITLE,
        subtitle="Whose the value per hour is: by region, customer, product, quarter, or any path through them",
        message=summary.MESSAGE,
        purpose=(
            "Splits a value per hour over every dimension of the catalog and your own, exact to the cent, and says "
            "what an hour of one combination of members is worth."
        ),
        steps=(
            ("1   Fill", "Inputs holds the value and the hours; Members the share of each member of a dimension."),
            (
                "2   Split",
                "Allocation splits over one dimension, Drill-down one member of it further, Measures by bands.",
            ),
            ("3   Combine", "Name a path on Paths and pick its members, level by level, on Path builder."),
            (
                "4   Check",
                "The band on every sheet says whether all checks pass. Checks says what to do if one does not.",
            ),
        ),
        sheets=(*working, *closing),
        version=VERSION,
        name=NAME,
        changes=CHANGES,
        held="Held back: not measured",
    )
    return Template(
        name=NAME,
        version=VERSION,
        title=TITLE,
        sheets=(about, *working, *closing),
        rules=(rules.names_refer(catalog),),
        taxonomy=taxonomy_range(constants, references),
    )
