"""The sheet Lists: what the dropdowns offer, and every constant that the formulas use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from valuehour.models import Catalog
from valuehour.workbooks.look import MAGNITUDES, Format, Look, Role
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
    Constant(name="policy_millions_from", label="Said in millions from", value=MAGNITUDES[0].start, unit="units"),
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
        name="policy_units_large", label="Large above so many units", value=1e11, unit="units", format=Format.COUNT
    ),
    Constant(name="policy_units_most", label="Most units of a split", value=1e13, unit="units", format=Format.COUNT),
    Constant(
        name="policy_half", label="Half, to round a remainder", value=0.5, unit="of a step", format=Format.GENERAL
    ),
    Constant(
        name="policy_rank_last",
        label="Rank of 0 when units go back",
        value=10_000,
        unit="steps",
        format=Format.COUNT,
    ),
)
"""What the rule of ALLOCATE uses, for templates that split amounts row by row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A reference table on Lists, with the names that dropdowns and lookups know it by."""

    table: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Content], ...]
    ranges: Mapping[str, str] = field(default_factory=dict)
    """Name of a range to its column, ``B``; with a ``^`` before it, only the first cell."""


def workflow_list(catalog: Catalog) -> Reference:
    """The workflows of the catalog."""
    return Reference(
        table="tblWorkflowList",
        title="Workflows of the catalog",
        columns=(
            Column(head="Workflow", look=Look.LABEL),
            Column(head="Value driver", look=Look.NOTE),
            Column(head="Nearest metric", look=Look.NOTE),
            Column(head="Success rule", look=Look.NOTE),
        ),
        rows=tuple(
            {
                "workflow": workflow.name,
                "value_driver": workflow.value_driver,
                "nearest_metric": workflow.nearest_metric.name,
                "success_rule": workflow.success_rule,
            }
            for workflow in catalog.workflows
        ),
        ranges={"lst_workflows": "B"},
    )


def driver_list(catalog: Catalog) -> Reference:
    """What value comes from, each once."""
    drivers = dict.fromkeys(workflow.value_driver for workflow in catalog.workflows if workflow.value_driver)
    return Reference(
        table="tblDrivers",
        title="Value drivers",
        columns=(Column(head="Driver", look=Look.LABEL),),
        rows=tuple({"driver": driver} for driver in drivers),
        ranges={"lst_drivers": "B"},
    )


def member_list(catalog: Catalog) -> Reference:
    """The known members of every dimension."""
    return Reference(
        table="tblMembers",
        title="Known members",
        columns=(Column(head="Dimension", look=Look.LABEL), Column(head="Member", look=Look.LABEL)),
        rows=tuple(
            {"dimension": dimension.name, "member": member}
            for dimension in catalog.dimensions
            for member in dimension.member_names
        ),
        ranges={"lst_member_dimensions": "B", "lst_first_member": "^C"},
    )


def taxonomy_list(catalog: Catalog) -> Reference:
    """Every dimension and measure, by structure."""
    return Reference(
        table="tblTaxonomy",
        title="Dimensions and measures",
        columns=(
            Column(head="Structure", look=Look.LABEL),
            Column(head="Dimension", look=Look.LABEL),
            Column(head="Kind", look=Look.NOTE),
            Column(head="Definition", look=Look.NOTE),
        ),
        rows=tuple(
            {
                "structure": structure.name,
                "dimension": dimension.name,
                "kind": dimension.kind,
                "definition": dimension.definition,
            }
            for structure in catalog.structures
            for dimension in catalog.dimensions
            if dimension.structure == structure.id
        ),
        ranges={"lst_structures": "B", "lst_dimensions": "C"},
    )


_MAGNITUDES = Reference(
    table="tblMagnitudes",
    title="Large amounts, as they are said in three significant figures",
    columns=(
        Column(head="From", unit="units", format=Format.COUNT),
        Column(head="Divided by", unit="units", format=Format.COUNT),
        Column(head="Decimals", unit="places", format=Format.WHOLE),
        Column(head="Word", look=Look.LABEL),
        Column(head="Short", look=Look.LABEL),
    ),
    rows=tuple(
        {"from": m.start, "divided_by": m.divisor, "decimals": m.decimals, "word": m.word, "short": m.short}
        for m in MAGNITUDES
    ),
    ranges={
        "lst_magnitudes": "B",
        "lst_magnitude_divisors": "C",
        "lst_magnitude_decimals": "D",
        "lst_magnitude_words": "E",
        "lst_magnitude_shorts": "F",
    },
)
"""What every template says large amounts with."""

_TOP = 8


def _heads(constants: Sequence[Constant], references: Sequence[Reference]) -> Iterator[tuple[int, Reference]]:
    """Each reference table with the row of its heads."""
    at = _TOP + 2 + len(constants) + 3
    for reference in (*references, _MAGNITUDES):
        yield at, reference
        at += len(reference.rows) + 4


def taxonomy_range(constants: Sequence[Constant], references: Sequence[Reference]) -> str:
    """The range of structure and dimension on Lists."""
    at, reference = next(found for found in _heads(constants, references) if found[1].table == "tblTaxonomy")
    return f"Lists!$B${at + 1}:$C${at + len(reference.rows)}"


MEMBERS_OF_DIMENSION = (
    "OFFSET(lst_first_member,MATCH(in_dimension,lst_member_dimensions,0)-1,0,"
    "COUNTIF(lst_member_dimensions,in_dimension),1)"
)
"""The dropdown of known members of the dimension that was picked."""


def lists(constants: Sequence[Constant], references: Sequence[Reference], *, question: str, message: str) -> Sheet:
    """What the dropdowns offer, and the constants of the formulas."""
    blocks: list[Grid | Table] = [
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
        )
    ]
    ranges: dict[str, str] = {}
    for at, reference in _heads(constants, references):
        rows = len(reference.rows)
        blocks += [
            Grid(row=at - 2, cells=(row(section(reference.title)),)),
            Table(name=reference.table, row=at, columns=reference.columns, rows=rows, records=reference.rows),
        ]
        for name, column in reference.ranges.items():
            first = column.startswith("^")
            letter = column.removeprefix("^")
            ranges[name] = f"{letter}{at + 1}" if first else f"{letter}{at + 1}:{letter}{at + rows}"
    return Sheet(
        name="Lists",
        role=Role.GUIDE,
        title="Lists",
        subtitle="What the dropdowns offer, and every constant that the formulas use",
        question=question,
        message=message,
        slots=(1, 1, 1, 1, 1),
        blocks=tuple(blocks),
        ranges=ranges,
    )
