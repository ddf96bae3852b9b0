"""The sheet Lists: what the dropdowns offer, and every constant that the formulas use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from valuehour.models import Catalog
from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Cell, Column, Content, Grid, Sheet, Table, row
from valuehour.workbooks.templates.phrases import head, section


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A constant that formulas use by name instead of holding it."""

    name: str
    label: str
    value: float
    unit: str
    format: Format = Format.WHOLE


CONSTANTS = (
    Constant(name="policy_significant_digits", label="Significant figures of headlines", value=3, unit="figures"),
    Constant(name="policy_million", label="One million", value=1_000_000, unit="units", format=Format.COUNT),
    Constant(name="policy_millions_from", label="Said in millions from", value=999_500, unit="units"),
    Constant(name="policy_cents_below", label="Said with decimals below", value=100, unit="units"),
    Constant(name="policy_percent", label="Hundredths in one", value=100, unit="%"),
    Constant(
        name="policy_tolerance",
        label="Tolerance of a check of money",
        value=0.005,
        unit="half a cent",
        format=Format.GENERAL,
    ),
    Constant(
        name="policy_relative_tolerance",
        label="and relative, for very large amounts",
        value=1e-12,
        unit="of the amount",
        format=Format.GENERAL,
    ),
    Constant(
        name="policy_share_tolerance",
        label="Tolerance of a check of shares",
        value=1e-9,
        unit="of the whole",
        format=Format.GENERAL,
    ),
    Constant(name="policy_share_decimals", label="Decimals of a sum of shares", value=9, unit="places"),
)
"""What the formulas of every template use."""

ALLOCATION_CONSTANTS = (
    Constant(name="policy_quota_decimals", label="Decimals of a quota", value=4, unit="places"),
    Constant(name="policy_quota_decimals_large", label="Decimals of a quota, large", value=2, unit="places"),
    Constant(
        name="policy_units_large", label="Large from so many units", value=1e11, unit="units", format=Format.COUNT
    ),
)
"""What the rule of ALLOCATE uses, for templates that split amounts row by row."""

_TOP = 8


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


def _heads(catalog: Catalog, constants: Sequence[Constant]) -> tuple[int, int, int, int]:
    """The rows of the heads of workflows, drivers, members and taxonomy on Lists."""
    workflows = _TOP + 2 + len(constants) + 3
    drivers = workflows + len(catalog.workflows) + 4
    members = drivers + len(_drivers(catalog)) + 4
    taxonomy = members + len(_members(catalog)) + 4
    return workflows, drivers, members, taxonomy


def taxonomy_range(catalog: Catalog, constants: Sequence[Constant]) -> str:
    """The range of structure and dimension on Lists."""
    top = _heads(catalog, constants)[3]
    return f"Lists!$B${top + 1}:$C${top + len(catalog.dimensions)}"


MEMBERS_OF_DIMENSION = (
    "OFFSET(lst_first_member,MATCH(in_dimension,lst_member_dimensions,0)-1,0,"
    "COUNTIF(lst_member_dimensions,in_dimension),1)"
)
"""The dropdown of known members of the dimension that was picked."""


def lists(catalog: Catalog, constants: Sequence[Constant]) -> Sheet:
    """What the dropdowns offer: workflows, value drivers, members, dimensions; and the constants of the model."""
    workflows, drivers, members, taxonomy = _heads(catalog, constants)

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
                row=_TOP,
                cells=(
                    row(section("Constants of the formulas")),
                    row(head("Constant"), head("Value", figure=True), head("Unit")),
                    *(
                        row(
                            Cell(content=constant.label, look=Look.LABEL),
                            Cell(
                                content=constant.value,
                                look=Look.CALCULATION,
                                format=constant.format,
                                name=constant.name,
                            ),
                            Cell(content=constant.unit, look=Look.UNIT),
                        )
                        for constant in constants
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
