"""The sheet Lists: what the dropdowns offer, and every constant that the formulas use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from valuehour.models import Catalog
from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Cell, Column, Content, Grid, Sheet, Table, row
from valuehour.workbooks.templates.phrases import head, section

POLICIES: tuple[tuple[str, str, Content, Format, str], ...] = (
    ("policy_significant_digits", "Significant figures of headlines", 3, Format.WHOLE, "figures"),
    ("policy_million", "One million", 1_000_000, Format.COUNT, "units"),
    ("policy_millions_from", "Said in millions from", 999_500, Format.COUNT, "units"),
    ("policy_cents_below", "Said with decimals below", 100, Format.COUNT, "units"),
    ("policy_percent", "Hundredths in one", 100, Format.COUNT, "%"),
    ("policy_tolerance", "Tolerance of a check of money", 0.005, Format.GENERAL, "half a cent"),
    ("policy_relative_tolerance", "and relative, for very large amounts", 1e-12, Format.GENERAL, "of the amount"),
    ("policy_share_tolerance", "Tolerance of a check of shares", 1e-9, Format.GENERAL, "of the whole"),
    ("policy_share_decimals", "Decimals of a sum of shares", 9, Format.WHOLE, "places"),
    ("policy_quota_decimals", "Decimals of a quota", 4, Format.WHOLE, "places"),
    ("policy_quota_decimals_large", "Decimals of a quota, large", 2, Format.WHOLE, "places"),
    ("policy_units_large", "Large from so many units", 1e11, Format.COUNT, "units"),
    ("policy_chart_steps", "Steps of the growth chart", 12, Format.WHOLE, "steps"),
)

_LISTS_TOP = 8
_FIRST_TABLE = _LISTS_TOP + 2 + len(POLICIES) + 3


def _workflow_rows(catalog: Catalog) -> tuple[dict[str, Content], ...]:
    return tuple(
        {
            "workflow": workflow.name,
            "value_driver": workflow.value_driver,
            "nearest_metric": workflow.nearest_metric.name,
            "success_rule": workflow.success_rule,
        }
        for workflow in catalog.workflows
    )


def _drivers(catalog: Catalog) -> tuple[str, ...]:
    return tuple(dict.fromkeys(workflow.value_driver for workflow in catalog.workflows if workflow.value_driver))


def _members(catalog: Catalog) -> tuple[dict[str, Content], ...]:
    return tuple(
        {"dimension": dimension.name, "member": member}
        for dimension in catalog.dimensions
        for member in dimension.member_names
    )


def _heads(catalog: Catalog) -> tuple[int, int, int, int]:
    """The rows of the heads of workflows, drivers, members and taxonomy on Lists."""
    workflows = _FIRST_TABLE
    drivers = workflows + len(catalog.workflows) + 4
    members = drivers + len(_drivers(catalog)) + 4
    taxonomy = members + len(_members(catalog)) + 4
    return workflows, drivers, members, taxonomy


def taxonomy_range(catalog: Catalog) -> str:
    """The range of structure and dimension on Lists."""
    top = _heads(catalog)[3]
    return f"Lists!$B${top + 1}:$C${top + len(catalog.dimensions)}"


MEMBERS_OF_DIMENSION = (
    "OFFSET(lst_first_member,MATCH(in_dimension,lst_member_dimensions,0)-1,0,"
    "COUNTIF(lst_member_dimensions,in_dimension),1)"
)
"""The dropdown of known members of the dimension that was picked."""


def lists(catalog: Catalog) -> Sheet:
    """What the dropdowns offer: workflows, value drivers, members, dimensions; and the constants of the model."""
    workflows, drivers, members, taxonomy = _heads(catalog)

    def block(
        name: str, top: int, title: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Content]]
    ) -> tuple[Grid, Table]:
        return (
            Grid(row=top - 2, cells=(row(section(title)),)),
            Table(name=name, row=top, columns=tuple(columns), rows=len(rows), records=tuple(rows)),
        )

    taxonomy_rows = tuple(
        {
            "structure": structure.name,
            "dimension": dimension.name,
            "kind": dimension.kind,
            "definition": dimension.definition,
        }
        for structure in catalog.structures
        for dimension in catalog.dimensions
        if dimension.structure == structure.id
    )
    driver_rows = tuple({"driver": driver} for driver in _drivers(catalog))
    member_rows = _members(catalog)
    last = taxonomy + len(taxonomy_rows)
    return Sheet(
        name="Lists",
        role=Role.GUIDE,
        title="Lists",
        subtitle="What the dropdowns offer, and every constant that the formulas use",
        question="Which workflows, dimensions and members can we pick, and what do they mean?",
        message=f"{len(catalog.workflows)} workflows and {len(catalog.dimensions)} dimensions to choose from",
        slots=(1, 1, 1, 1, 1),
        blocks=(
            Grid(
                row=_LISTS_TOP,
                cells=(
                    row(section("Constants of the formulas")),
                    row(head("Constant"), head("Value", figure=True), head("Unit")),
                    *(
                        row(
                            Cell(content=label, look=Look.LABEL),
                            Cell(content=value, look=Look.CALCULATION, format=fmt, name=name),
                            Cell(content=unit, look=Look.UNIT),
                        )
                        for name, label, value, fmt, unit in POLICIES
                    ),
                ),
            ),
            *block(
                "tblWorkflowList",
                workflows,
                "Workflows of the catalog",
                (
                    Column(head="Workflow", look=Look.LABEL),
                    Column(head="Value driver", look=Look.NOTE),
                    Column(head="Nearest metric", look=Look.NOTE),
                    Column(head="Success rule", look=Look.NOTE),
                ),
                _workflow_rows(catalog),
            ),
            *block("tblDrivers", drivers, "Value drivers", (Column(head="Driver", look=Look.LABEL),), driver_rows),
            *block(
                "tblMembers",
                members,
                "Known members",
                (Column(head="Dimension", look=Look.LABEL), Column(head="Member", look=Look.LABEL)),
                member_rows,
            ),
            *block(
                "tblTaxonomy",
                taxonomy,
                "Dimensions and measures",
                (
                    Column(head="Structure", look=Look.LABEL),
                    Column(head="Dimension", look=Look.LABEL),
                    Column(head="Kind", look=Look.NOTE),
                    Column(head="Definition", look=Look.NOTE),
                ),
                taxonomy_rows,
            ),
        ),
        ranges={
            "lst_workflows": f"B{workflows + 1}:B{workflows + len(catalog.workflows)}",
            "lst_drivers": f"B{drivers + 1}:B{drivers + len(driver_rows)}",
            "lst_member_dimensions": f"B{members + 1}:B{members + len(member_rows)}",
            "lst_first_member": f"C{members + 1}",
            "lst_structures": f"B{taxonomy + 1}:B{last}",
            "lst_dimensions": f"C{taxonomy + 1}:C{last}",
        },
    )
