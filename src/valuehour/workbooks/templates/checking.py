"""The sheet Checks: every check with its status, and the master status."""

from __future__ import annotations

from collections.abc import Sequence

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Card, Cell, Check, Column, Condition, Grid, Sheet, Table, row

_ONE_PAGE = 24
"""So many checks can still be read on one page."""


def checks(described: Sequence[Check], *, filled: str, context: str) -> Sheet:
    """Every check with its status, and the master status that stands in every band.

    Parameters
    ----------
    filled : a formula without its ``=`` that is true once there is something to check
    context : a formula without its ``=``, the words under the status in every band
    """
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
        cards=(
            Card(
                label="Passed",
                figure='=COUNTIF(tblChecks[Status],"OK")',
                unit='="of "&out_checks_applied&" checks that apply"',
                format=Format.CARD_COUNT,
            ),
            Card(
                label="Failed",
                figure="=out_checks_failed",
                unit="must be zero",
                format=Format.CARD_COUNT,
                alarm="out_checks_failed>0",
            ),
            Card(
                label="Not applicable",
                figure=f"={count}-out_checks_applied",
                unit="nothing to look at yet",
                format=Format.CARD_COUNT,
            ),
        ),
        blocks=(
            Table(
                name="tblChecks",
                row=top,
                columns=(
                    Column(head="Check", look=Look.LABEL),
                    Column(head="Sheet", look=Look.LINK, links=True),
                    Column(head="Applies", look=Look.NOTE),
                    Column(
                        head="Status",
                        look=Look.STATUS,
                        formula=(
                            '=IF((out_filled=0)+([@Applies]="no")>0,"–",IF([@Must be]=">",'
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
                row=master,
                cells=tuple(
                    row(
                        Cell(content=label, look=Look.LABEL),
                        Cell(content=formula, look=look, name=name, format=Format.GENERAL),
                    )
                    for label, formula, look, name in (
                        (
                            "Filled in (1 = yes)",
                            f"=IF({filled},1,0)",
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
                            (
                                '=IF(out_filled=0,"○  Not filled in yet",IF(out_checks_failed>0,'
                                '"✗  "&out_checks_failed&'
                                '" of "&out_checks_applied&" checks fail","✓  All "&out_checks_applied&" checks pass"))'
                            ),
                            Look.NOTE,
                            "out_checks_status",
                        ),
                        (
                            "Context, shown in every band",
                            f"={context}",
                            Look.NOTE,
                            "out_context",
                        ),
                    )
                ),
            ),
        ),
        conditions=(
            Condition(where=f"E{top + 1}:E{last}", formula=f'E{top + 1}="FAIL"', emphasis="failed"),
            Condition(where=f"E{top + 1}:E{last}", formula=f'E{top + 1}="OK"', emphasis="ok"),
        ),
        heights={top + 1 + index: 28.0 for index, entry in enumerate(rows) if len(str(entry["if_it_fails"])) > 34},
        protected=True,
        one_page=len(rows) <= _ONE_PAGE,
    )
