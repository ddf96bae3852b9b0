"""The value model: what an hour of the workflows is worth, how it grows, and who it belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from valuehour.models import Catalog
from valuehour.workbooks.spec import Template
from valuehour.workbooks.templates.about import about as about_sheet
from valuehour.workbooks.templates.checking import checks as checks_sheet
from valuehour.workbooks.templates.lists import (
    ALLOCATION_CONSTANTS,
    CONSTANTS,
    driver_list,
    lists,
    member_list,
    taxonomy_list,
    taxonomy_range,
    workflow_list,
)
from valuehour.workbooks.templates.reference import functions
from valuehour.workbooks.templates.value_model import (
    allocation,
    bridge,
    cases,
    checks,
    growth,
    inputs,
    ledger,
    summary,
    workflows,
)

NAME = "value_model"
VERSION = "1.0.0"
TITLE = "Value model"

CHANGES = (("1.0.0", "First version"),)


def template(catalog: Catalog, rows: Mapping[str, int]) -> Template:
    """Describe the value model for a catalog; ``rows`` gives tables more rows than they come with.

    The sheets Bridge and Ledger are there only when ``rows`` has records of the ledger.
    """
    recorded = ledger.sheets(rows.get(ledger.TABLE, 0), rows.get(bridge.SHARES, 0))
    constants = (*CONSTANTS, *ALLOCATION_CONSTANTS, *growth.CONSTANTS)
    references = (workflow_list(catalog), driver_list(catalog), member_list(catalog), taxonomy_list(catalog))
    working = (
        summary.sheet(),
        inputs.sheet(),
        workflows.sheet(max(workflows.ROWS, rows.get(workflows.TABLE, 0))),
        cases.sheet(),
        growth.sheet(),
        allocation.sheet(max(allocation.ROWS, rows.get(allocation.TABLE, 0))),
        *recorded,
    )
    closing = (
        lists(
            constants,
            references,
            question="Which workflows, dimensions and members can we pick, and what do they mean?",
            message=f"{len(catalog.workflows)} workflows and {len(catalog.dimensions)} dimensions to choose from",
        ),
        functions(),
        checks_sheet(
            (*checks.CHECKS, *(ledger.CHECKS if recorded else ())), filled=checks.FILLED, context=checks.CONTEXT
        ),
    )
    about = about_sheet(
        title=TITLE,
        subtitle="What an hour of our workflows is worth, how it grows, and who it belongs to",
        message=summary.MESSAGE,
        purpose=(
            "Turns a total value over a horizon into value per hour, shows how measured uplift makes it grow, "
            "and splits it over any dimension to the cent."
        ),
        steps=(
            ("1   Fill", "Type in the boxed cream cells; nothing else takes input. Dropdowns say what is allowed."),
            (
                "2   Read",
                "Summary answers at once. Bold figures are results; grey ones wait for measured uplift factors.",
            ),
            (
                "3   Check",
                "The band on every sheet says whether all checks pass. Checks says what to do if one does not.",
            ),
        ),
        sheets=(*working, *closing),
        version=VERSION,
        name=NAME,
        changes=CHANGES,
    )
    return Template(
        name=NAME,
        version=VERSION,
        title=TITLE,
        sheets=(about, *working, *closing),
        rules=(
            allocation.dimension_is_one_of([dimension.name for dimension in catalog.dimensions]),
            allocation.weights_fit,
        ),
        taxonomy=taxonomy_range(constants, references),
        records=ledger.records_range(rows.get(ledger.TABLE, 0)),
    )
