"""The checks of the grouping taxonomy: what must hold before a number leaves the workbook."""

from __future__ import annotations

from collections.abc import Iterator

from valuehour.workbooks.spec import Check
from valuehour.workbooks.templates.entering import VALUE
from valuehour.workbooks.templates.grouping_taxonomy import allocation, drill, measures, paths
from valuehour.workbooks.templates.grouping_taxonomy.inputs import OWN_TABLE
from valuehour.workbooks.templates.grouping_taxonomy.twin import Twin

FILLED = "(COUNT(in_total_value)>0)*(COUNT(in_years)>0)>0"
CONTEXT = (
    'IF(COUNTA(in_model_name)=0,"template",in_model_name)&" · "&in_currency&IF(out_filled=0,""," · "&in_years&" years")'
)

_CHANGED = "A formula was changed: rebuild the workbook"


def _unsourced() -> str:
    return "+".join(
        f'(in_{item.name}_status="measured")*((COUNTA(in_{item.name}_source)=0)+(COUNT(in_{item.name}_date)=0)>0)'
        for item in VALUE
    )


def _none(label: str, sheet: str, found: str, remedy: str, applies: str = "TRUE") -> Check:
    return Check(label=label, sheet=sheet, found=found, relation="=", expected="0", remedy=remedy, applies=applies)


def _positive(label: str, found: str, remedy: str) -> Check:
    return Check(label=label, sheet="Inputs", found=found, relation=">", expected="0", remedy=remedy)


def _split(twin: Twin, sheet: str, remedy: str) -> Iterator[Check]:
    """Shares of at most 100 %, and two amounts that tie out and equal the function."""
    applies = f"{twin.shares.members}>0"
    yield Check(
        label="Shares do not exceed 100%",
        sheet=sheet,
        found=twin.shares.as_split,
        relation="≤",
        expected="1",
        applies=applies,
        tolerance="share",
        remedy=remedy,
    )
    for split, word in zip(twin.splits, ("Amounts", "Rates"), strict=True):
        yield Check(
            label=f"{word} can be split to the unit",
            sheet=sheet,
            found=split.name("live_units"),
            relation="≤",
            expected="policy_units_most",
            applies=applies,
            tolerance="share",
            remedy="Use fewer decimals of amounts on Inputs",
        )
        yield Check(
            label=f"{word} tie to their total",
            sheet=sheet,
            found=split.name("out_allocation_total"),
            relation="=",
            expected=f"ROUND({split.total},in_decimals)",
            applies=applies,
            remedy=_CHANGED,
        )
        yield Check(
            label=f"{word} equal ALLOCATE_SHARES",
            sheet=sheet,
            found=split.name("out_allocation_gap"),
            relation="=",
            expected="0",
            applies=applies,
            tolerance="share",
            remedy=_CHANGED,
        )


CHECKS = (
    _positive("Horizon is positive", "in_years+0", "Enter a horizon above zero on Inputs"),
    _positive("Hours per year are positive", "in_hours_per_year+0", "Enter the hours per year on Inputs"),
    _positive("Employees are positive", "in_employees+0", "Enter at least one employee on Inputs"),
    Check(
        label="Coverage is not above 100%",
        sheet="Inputs",
        found="in_coverage+0",
        relation="≤",
        expected="1",
        tolerance="share",
        remedy="Enter the coverage as a share from 0% to 100%",
    ),
    _none(
        "Measured figures are sourced", "Inputs", _unsourced(), "Enter source and date, or set the figure to assumed"
    ),
    _none(
        "Own dimensions have new names",
        "Inputs",
        f'COUNTIF({OWN_TABLE}[Times],">1")',
        "Name each own dimension once, unlike any of the catalog",
    ),
    _none(
        "Own dimensions have a structure",
        "Inputs",
        f'COUNTIF({OWN_TABLE}[Times],">0")-out_own_dimensions',
        "Give each own dimension its structure on Inputs",
    ),
    Check(
        label="All dimensions fit their list",
        sheet="Dimensions",
        found="out_dimensions",
        relation="≤",
        expected="ROWS(tblDimensions[Dimension])",
        remedy="Drag the table on Dimensions longer, down to new rows",
    ),
    Check(
        label="No dimension is above 100%",
        sheet="Dimensions",
        found="MAX(tblDimensions[Shares],tblDimensions[Hours])",
        relation="≤",
        expected="1",
        tolerance="share",
        remedy="Lower the shares of the dimension marked on Dimensions",
    ),
    _none(
        "Every member is known once",
        "Members",
        "out_members_wrong",
        "Correct the rows that Status marks on Members",
    ),
    _none(
        "Every share has its member",
        "Members",
        'COUNT(tblMembers[Share])-COUNTIFS(tblMembers[Share],">=0",tblMembers[Dim no],">0")',
        "Name structure, dimension and member beside every share",
    ),
    _none(
        "Every step of a path fits",
        "Path builder",
        "out_path_steps_wrong",
        "Correct the rows that Status marks on Path builder",
        "SUM(tblPathSteps[Path no])>0",
    ),
    _none(
        "Joint shares are within bounds",
        "Paths",
        f'COUNTIF({paths.TABLE}[Rests on],"over its members")',
        "A joint share cannot exceed the smallest share of its path",
        "out_paths>0",
    ),
    Check(
        label="Every path has its levels",
        sheet="Paths",
        found=f"ROWS({paths.TABLE}[Path])",
        relation="≤",
        expected=f"ROWS({paths.LEVEL_TABLE}[Number])",
        remedy="Drag the table of levels, right of Paths, as long",
    ),
    Check(
        label="The dimension's members fit",
        sheet=allocation.SHEET,
        found="live_members",
        relation="≤",
        expected=f"ROWS({allocation.TABLE}[Member])",
        remedy="Drag the table on Allocation longer",
    ),
    _none(
        "The dimension is in its list",
        allocation.SHEET,
        "IF(live_dimension=0,1,0)",
        "Choose the dimension from its list on Allocation",
        "COUNTA(in_dimension)>0",
    ),
    *_split(allocation.SPLIT, allocation.SHEET, "Lower the shares of this dimension on Members"),
    _none(
        "The parent is allocated",
        drill.SHEET,
        "IF(live_drill_row=0,1,0)",
        "Choose a member that Allocation lists now",
        "COUNTA(in_drill_member)>0",
    ),
    _none(
        "The second dimension differs",
        drill.SHEET,
        "IF(live_dimension_drill=live_dimension,1,0)",
        "Choose a dimension other than that of Allocation",
        "live_dimension_drill>0",
    ),
    Check(
        label="The parts add up to the parent",
        sheet=drill.SHEET,
        found="out_allocation_total_drill",
        relation="=",
        expected=f"IF(live_drill_row=0,0,INDEX({allocation.TABLE}[Amount],MAX(live_drill_row,1)))",
        applies="live_drill_row>0",
        remedy=_CHANGED,
    ),
    Check(
        label="The dimension's members fit",
        sheet=drill.SHEET,
        found="live_members_drill",
        relation="≤",
        expected=f"ROWS({drill.TABLE}[Member])",
        remedy="Drag the table on Drill-down longer",
    ),
    *_split(drill.SPLIT, drill.SHEET, "Lower the shares of this dimension on Members"),
    _none(
        "The measure is in its list",
        measures.SHEET,
        "IF(COUNTIF(lst_measures,in_measure)=0,1,0)",
        "Choose the measure from its list on Measures",
        "COUNTA(in_measure)>0",
    ),
    _none(
        "Bands are in order",
        measures.SHEET,
        f"SUM({measures.TABLE}[Out of order])",
        "Order the bands by their lower bound, without gaps",
        "out_bands_listed>0",
    ),
    *_split(measures.SPLIT, measures.SHEET, "Lower the shares of the bands"),
)
