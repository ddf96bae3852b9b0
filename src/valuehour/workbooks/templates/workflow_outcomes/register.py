"""Workflows: what each one is for, what makes a run a success, and how it leads to something the business counts."""

from __future__ import annotations

from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Accepts, Card, Column, Condition, Grid, Sheet, Table, row
from valuehour.workbooks.templates.lists import Constant
from valuehour.workbooks.templates.phrases import figure_row, note

TABLE = "tblWorkflows"
CHAINS = "tblChains"
ROWS = 12
HEAD_ROW = 13
LINE_HEIGHT = 42.0

LEAST, MOST = 1, 5
CONSTANTS = (Constant(name="policy_importance_most", label="Importance at most", value=MOST, unit="1 to 5"),)

_WORKFLOW = Accepts(
    source="lst_workflows", open=True, title="Workflow", prompt="One from the catalog, or a name of your own."
)
REGISTERED = Accepts(source="lst_registered", title="Workflow", prompt="A workflow that is registered on Workflows.")

COLUMNS = (
    Column(head="Workflow", look=Look.INPUT, accepts=_WORKFLOW),
    Column(
        head="Job to do",
        look=Look.INPUT_TEXT,
        accepts=Accepts(title="Job to do", prompt="What the workflow is there for, without business-impact language."),
    ),
    Column(
        head="Success rule",
        look=Look.INPUT_TEXT,
        accepts=Accepts(title="Success rule", prompt="When exactly one run counts as a success."),
    ),
    Column(
        head="Nearest metric",
        look=Look.INPUT_TEXT,
        accepts=Accepts(
            source="lst_metrics",
            open=True,
            title="Nearest metric",
            prompt="The operational measure that the workflow can move itself.",
        ),
    ),
    Column(
        head="Unit",
        look=Look.INPUT_TEXT,
        accepts=Accepts(title="Unit", prompt="What the metric is counted in, e.g. minutes."),
    ),
    Column(
        head="Importance",
        unit="1 to 5",
        look=Look.INPUT_FIGURE,
        format=Format.WHOLE,
        accepts=Accepts(
            kind="whole", minimum=LEAST, maximum=MOST, title="Importance", prompt="5: tied to a critical outcome."
        ),
    ),
    Column(
        head="Target",
        unit="of runs",
        look=Look.INPUT_FIGURE,
        format=Format.PERCENT,
        accepts=Accepts(
            kind="number",
            minimum=0,
            maximum=1,
            title="Target",
            prompt="The success rate aimed for; room to improve is counted up to it. Left blank: 100%.",
        ),
    ),
    Column(
        head="In scope",
        look=Look.INPUT,
        accepts=Accepts(
            kind="choice", choices=("yes", "no"), title="In scope", prompt="yes: runs wholly through the measured path."
        ),
    ),
)

_ROW = f"MATCH([@Workflow],{TABLE}[Workflow],0)"

CHAIN_COLUMNS = (
    Column(head="Workflow", look=Look.INPUT, accepts=REGISTERED),
    Column(
        head="Activity",
        look=Look.INPUT_TEXT,
        accepts=Accepts(title="Activity", prompt="The technical change, e.g. fewer retries."),
    ),
    Column(
        head="Result",
        look=Look.INPUT_TEXT,
        accepts=Accepts(title="Result", prompt="What it does to the workflow, e.g. faster completion."),
    ),
    Column(
        head="Proxy",
        look=Look.INPUT_TEXT,
        accepts=Accepts(title="Proxy", prompt="What the business counts, e.g. manual handling time."),
    ),
    Column(
        head="Evidence",
        look=Look.INPUT_TEXT,
        accepts=Accepts(
            title="Evidence", prompt="Where the value can be looked up. Without it a value counts as assumed."
        ),
    ),
    Column(
        head="Value",
        unit="per month",
        look=Look.INPUT_FIGURE,
        format=Format.MONEY,
        accepts=Accepts(
            kind="number",
            title="Value",
            prompt="Money per month, only where it can be known. Blank: none claimed.",
        ),
    ),
    Column(
        head="Shown as",
        look=Look.NOTE,
        formula=(
            '=IFS(COUNT([@Value])=0,"",[@Workflow]="","no workflow",COUNTA([@Evidence])=0,"assumed",TRUE,"measured")'
        ),
    ),
    Column(
        head="In scope",
        unit="counted",
        format=Format.MONEY,
        formula=(f'=IF([@Workflow]="",0,IFERROR((INDEX({TABLE}[In scope],{_ROW})="yes")*[@Value],0))'),
    ),
)


def sheet(rows: int) -> Sheet:
    """Describe the register, with so many rows to fill."""
    last = HEAD_ROW + rows
    return Sheet(
        name="Workflows",
        role=Role.INPUT,
        title="Workflows",
        subtitle="What each workflow is for, what makes one run of it a success, and the measure nearest to it",
        question="Which workflows are there, and when is a run a success?",
        message=(
            '=IF(out_workflows=0,"Start here: name the workflows, and when one run of each counts as a success",'
            'out_workflows&IF(out_workflows=1," workflow, "," workflows, ")&out_workflows_in_scope&'
            '" of them wholly on the measured path")'
        ),
        slots=(1, 1, 1, 1, 3),
        blocks=(
            Grid(
                row=8,
                cells=(
                    figure_row("Workflows", f"=COUNTA({TABLE}[Workflow])", Format.WHOLE, name="out_workflows"),
                    figure_row(
                        "In scope",
                        f'=COUNTIF({TABLE}[In scope],"yes")',
                        Format.WHOLE,
                        name="out_workflows_in_scope",
                    ),
                ),
            ),
            Grid(
                row=8,
                column="D",
                cells=(
                    row(note("Start with the job, not with the money: a run is a success when the work it was for")),
                    row(note("is done, not when a model has returned a text.")),
                ),
            ),
            Table(name=TABLE, row=HEAD_ROW, columns=COLUMNS, rows=rows, identity=("workflow",)),
        ),
        heights=dict.fromkeys(range(HEAD_ROW + 1, last + 1), LINE_HEIGHT),
        ranges={"lst_registered": f"B{HEAD_ROW + 1}:B{last}"},
        one_page=True,
    )


def chains(rows: int) -> Sheet:
    """Describe the sheet on which each workflow is traced to a proxy and, with evidence only, to money."""
    last = HEAD_ROW + rows
    return Sheet(
        name="Chains",
        role=Role.INPUT,
        title="From activity to value",
        subtitle="Technical activity, workflow result, business proxy; money only where there is evidence for it",
        question="How does each workflow lead to something the business counts?",
        message=(
            "=IF(COUNTA(" + f"{CHAINS}[Workflow]" + ')=0,"Climb one step at a time: activity, result, proxy",'
            'IF(out_values_given=0,"No dollar value is claimed: the proxies speak for the workflows",'
            'out_values_assumed&" of "&out_values_given&" dollar values have no evidence and count as assumed"))'
        ),
        slots=(1, 1, 1, 1, 3),
        cards=(
            VALUE_MEASURED,
            VALUE_ASSUMED,
            Card(
                label="Values with evidence",
                figure="=out_values_given-out_values_assumed",
                unit='="of "&out_values_given&" given"',
                format=Format.CARD_COUNT,
            ),
        ),
        blocks=(
            Table(name=CHAINS, row=HEAD_ROW, columns=CHAIN_COLUMNS, rows=rows, identity=("workflow", "activity")),
            Grid(
                row=last + 2,
                cells=(
                    figure_row("Values given", f"=COUNT({CHAINS}[Value])", Format.WHOLE, name="out_values_given"),
                    figure_row(
                        "Without evidence: assumed",
                        f'=COUNTIF({CHAINS}[Shown as],"assumed")',
                        Format.WHOLE,
                        name="out_values_assumed",
                    ),
                    figure_row(
                        "Measured value in scope, per month",
                        f'=SUMIFS({CHAINS}[In scope],{CHAINS}[Shown as],"measured")',
                        Format.MONEY,
                        name="out_value_measured",
                    ),
                    figure_row(
                        "Assumed value in scope, per month",
                        f'=SUMIFS({CHAINS}[In scope],{CHAINS}[Shown as],"assumed")',
                        Format.MONEY,
                        name="out_value_assumed",
                    ),
                    figure_row(
                        "Values held back (1 = yes)", "=IF(out_values_assumed>0,1,0)", Format.WHOLE, name="out_locked"
                    ),
                ),
            ),
            Grid(
                row=last + 2,
                column="D",
                cells=(
                    row(note("Do not jump from tokens to revenue: name the nearest result first, then what for.")),
                    row(note("A dollar value counts as measured only when Evidence says where to look it up.")),
                ),
            ),
        ),
        conditions=(
            Condition(where=f"H{HEAD_ROW + 1}:H{last}", formula=f'H{HEAD_ROW + 1}="measured"', emphasis="ok"),
            Condition(where=f"G{HEAD_ROW + 1}:G{last}", formula=f'H{HEAD_ROW + 1}="assumed"', emphasis="muted"),
        ),
        heights=dict.fromkeys(range(HEAD_ROW + 1, last + 1), 30.0),
        one_page=True,
    )


VALUE_MEASURED = Card(
    label="Measured value",
    figure="=SIGNIFICANT(out_value_measured,policy_significant_digits)",
    unit='=in_currency&" / month, in scope"',
    format=Format.CARD_MONEY,
)
VALUE_ASSUMED = Card(
    label="Assumed value, not a result",
    figure="=SIGNIFICANT(out_value_assumed,policy_significant_digits)",
    unit='=in_currency&" / month without evidence"',
    format=Format.CARD_MONEY,
    held=True,
)
