"""The sheets every template has: About, Lists, Functions, Checks."""

from __future__ import annotations

from collections.abc import Sequence

from valuehour.models import Catalog
from valuehour.functions import FUNCTIONS
from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Cell, Check, Column, Condition, Content, Grid, Sheet, Table, row
from valuehour.workbooks.templates.phrases import head, note, section

LINE = 13.0

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
        {"dimension": dimension.name, "member": member} for dimension in catalog.dimensions for member in dimension.member_names
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

    def block(name: str, top: int, title: str, columns: Sequence[Column], rows: Sequence[dict[str, Content]]) -> tuple[Grid, Table]:
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


def _lines(text: str, width: int) -> int:
    return max(1, -(-len(text) // width))


def functions() -> Sheet:
    """The reference of the worksheet functions."""
    rows: list[dict[str, Content]] = []
    heights: dict[int, float] = {}
    top = 9
    for function in FUNCTIONS.values():
        arguments = "\n".join(
            f"{argument.name}: {argument.description.rstrip('.')}" for argument in function.arguments
        )
        entry = {
            "function": function.name,
            "signature": function.signature,
            "what_it_returns": function.summary,
            "arguments": arguments,
            "example": function.example,
            "result": shown(function.example_result),
        }
        rows.append({key: value for key, value in entry.items()})
        lines = max(
            _lines(entry["signature"], 31),
            _lines(entry["what_it_returns"], 31),
            sum(_lines(line, 31) for line in arguments.split("\n")),
            _lines(entry["example"], 31),
        )
        heights[top + len(rows)] = lines * LINE + 6
    return Sheet(
        name="Functions",
        role=Role.GUIDE,
        title="Functions",
        subtitle="The functions behind the formulas, as they are typed into a cell",
        question="What does each function compute, and from what?",
        message=f"{len(FUNCTIONS)} functions, the same in Python, in Excel and on the command line",
        slots=(1, 1, 1, 1, 1),
        blocks=(
            Table(
                name="tblFunctions",
                row=top,
                columns=(
                    Column(head="Function", look=Look.LABEL_STRONG),
                    Column(head="Signature", look=Look.WRAPPED),
                    Column(head="What it returns", look=Look.WRAPPED),
                    Column(head="Arguments", look=Look.WRAPPED),
                    Column(head="Example", look=Look.WRAPPED, text=True),
                    Column(head="Result", look=Look.WRAPPED),
                ),
                rows=len(rows),
                records=tuple(rows),
            ),
        ),
        heights=heights,
        protected=True,
    )


def shown(value: object) -> str:
    """A function's result as text: cells of a row by commas, rows by semicolons."""
    if isinstance(value, (list, tuple)):
        rows = [item if isinstance(item, (list, tuple)) else [item] for item in value]
        return "; ".join(", ".join(shown(cell) for cell in cells) for cells in rows)
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)


def checks(described: Sequence[Check]) -> Sheet:
    """Every check with its status, and the master status that stands in every band."""
    top = 13
    rows = tuple(
        {
            "check": check.label,
            "sheet": check.sheet,
            "applies": f'=IF({check.applies},"yes","no")',
            "found": f"={check.found}",
            "must_be": check.relation,
            "expected": f"={check.expected}",
            "tolerance": (
                "=policy_share_tolerance"
                if check.tolerance == "share"
                else f"=MAX(policy_tolerance,ABS({check.expected})*policy_relative_tolerance)"
            ),
            "if_it_fails": check.remedy,
        }
        for check in described
    )
    last = top + len(rows)
    master = last + 2
    count = "ROWS(tblChecks[Status])"
    return Sheet(
        name="Checks",
        role=Role.CHECK,
        title="Checks",
        subtitle="What must hold before a number leaves this workbook",
        question="Can these numbers be trusted?",
        message=(
            '=IF(out_filled=0,"Nothing to check yet: fill Inputs first",IF(out_checks_failed>0,'
            '"Do not send these numbers on yet: "&out_checks_failed&" of "&out_checks_applied&" checks fail",'
            '"All checks pass: the numbers tie and may be sent on"))'
        ),
        slots=(2, 2, 2, 2, 1),
        cards=(),
        blocks=(
            Table(
                name="tblChecks",
                row=top - 4,
                columns=(
                    Column(head="Check", look=Look.LABEL),
                    Column(head="Sheet", look=Look.LINK, links=True),
                    Column(head="Applies", look=Look.NOTE),
                    Column(
                        head="Status",
                        look=Look.STATUS,
                        formula=(
                            f'=IF((out_filled=0)+([@Applies]="no")>0,"–",IF([@Must be]=">",'
                            'IF([@Found]>[@Expected],"OK","FAIL"),'
                            'IF([@Difference]<=[@Tolerance],"OK","FAIL")))'
                        ),
                    ),
                    Column(head="Found", format=Format.EXACT),
                    Column(head="Must be", look=Look.NOTE, text=True),
                    Column(head="Expected", format=Format.EXACT),
                    Column(
                        head="Difference",
                        format=Format.EXACT,
                        formula=(
                            '=IF([@Must be]="=",ABS([@Found]-[@Expected]),'
                            'IF([@Must be]="≥",MAX(0,[@Expected]-[@Found]),'
                            'IF([@Must be]="≤",MAX(0,[@Found]-[@Expected]),MAX(0,[@Expected]-[@Found]))))'
                        ),
                    ),
                    Column(head="Tolerance", look=Look.CALCULATION, format=Format.GENERAL),
                    Column(head="If it fails", look=Look.WRAPPED),
                ),
                rows=len(rows),
                records=rows,
            ),
            Grid(
                row=master - 4,
                cells=tuple(
                    row(
                        Cell(content=label, look=Look.LABEL),
                        Cell(content=formula, look=look, name=name, format=Format.GENERAL),
                    )
                    for label, formula, look, name in (
                        (
                            "Filled in (1 = yes)",
                            "=IF((COUNT(in_total_value)>0)*(COUNT(in_years)>0)>0,1,0)",
                            Look.CALCULATION,
                            "out_filled",
                        ),
                        (
                            "Checks that apply",
                            f'={count}-COUNTIF(tblChecks[Status],"–")',
                            Look.CALCULATION,
                            "out_checks_applied",
                        ),
                        (
                            "Checks that fail",
                            '=out_checks_applied-COUNTIF(tblChecks[Status],"OK")',
                            Look.CALCULATION,
                            "out_checks_failed",
                        ),
                        (
                            "Master status, shown in every band",
                            '=IF(out_filled=0,"○  Not filled in yet",IF(out_checks_failed>0,"✗  "&out_checks_failed&'
                            '" of "&out_checks_applied&" checks fail","✓  All "&out_checks_applied&" checks pass"))',
                            Look.NOTE,
                            "out_checks_status",
                        ),
                        (
                            "Context, shown in every band",
                            '=IF(COUNTA(in_model_name)=0,"template",in_model_name)&" · "&in_currency&'
                            'IF(out_filled=0,""," · "&live_years&" years · "&in_case)',
                            Look.NOTE,
                            "out_context",
                        ),
                    )
                ),
            ),
        ),
        conditions=(
            Condition(where=f"E{top - 3}:E{last - 4}", formula=f'E{top - 3}="FAIL"', emphasis="alert"),
            Condition(where=f"E{top - 3}:E{last - 4}", formula=f'E{top - 3}="OK"', emphasis="ok"),
        ),
        heights={
            top - 3 + index: 28.0 for index, entry in enumerate(rows) if len(str(entry["if_it_fails"])) > 34
        },
        protected=True,
        one_page=True,
    )


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
) -> Sheet:
    """Purpose, how to use it, the sheets, the colour key, version and change log."""
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
        *(
            (Cell(content=step, look=Look.LABEL_STRONG), *ruled(text)[:5])
            for step, text in steps
        ),
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
            Cell(content="Held back: uplift assumed", look=Look.KEY_HELD),
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
