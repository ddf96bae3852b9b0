"""Policy: every threshold behind a read or a priority band, and the model's name, currency and month."""

from __future__ import annotations

from valuehour.models import Catalog, Policy
from valuehour.workbooks.look import Format, Look, Role
from valuehour.workbooks.spec import Accepts, Card, Cell, Grid, Input, Sheet, row
from valuehour.workbooks.templates.entering import CURRENCY, DECIMALS, MODEL_NAME, entry, single
from valuehour.workbooks.templates.phrases import figure_row, head, note, section

MODEL = (MODEL_NAME, CURRENCY, DECIMALS)
FIRST_ROW = 12


def _format(policy: Policy) -> Format:
    return Format.PERCENT if policy.maximum == 1 else Format.COUNT


def threshold(policy: Policy) -> Input:
    """A threshold of the catalog as an input."""
    return Input(
        name=policy.id,
        label=policy.name,
        unit=policy.unit,
        format=_format(policy),
        default=policy.value,
        accepts=Accepts(
            kind="number",
            minimum=policy.minimum,
            maximum=policy.maximum,
            title=policy.name,
            prompt=f"{policy.definition}. Left blank: as shipped."[:255],
        ),
    )


def _threshold_row(policy: Policy, at: int) -> tuple[Cell | None, ...]:
    item = threshold(policy)
    return row(
        Cell(content=policy.name, look=Look.LABEL),
        entry(item),
        Cell(content=policy.value, look=Look.CALCULATION, format=item.format),
        Cell(
            content=f"=IF(COUNT(in_{policy.id})=0,D{at},in_{policy.id})",
            look=Look.RESULT,
            format=item.format,
            name=f"live_{policy.id}",
        ),
        Cell(content=policy.unit, look=Look.UNIT),
        Cell(content=policy.definition, look=Look.NOTE),
        Cell(look=Look.NOTE),
        Cell(look=Look.NOTE),
    )


def sheet(catalog: Catalog) -> Sheet:
    """Describe the sheet."""
    thresholds = tuple(policy for policy in catalog.policy if policy.functions)
    changed = "+".join(f"(live_{policy.id}<>D{FIRST_ROW + 2 + index})" for index, policy in enumerate(thresholds))
    below = FIRST_ROW + 2 + len(thresholds) + 1
    return Sheet(
        name="Policy",
        role=Role.INPUT,
        title="Policy",
        subtitle="From when a workflow is healthy, critical, expensive, frequent: one place, yours to set",
        question="From when on is a workflow healthy, expensive or critical?",
        message=(
            '=IF(out_policy_fits=0,"Critical below must not be above healthy at: no workflow can be read",'
            f'IF(out_policy_changed=0,"The thresholds are as shipped; set your own before you act on a read",'
            f'out_policy_changed&" of "&ROWS(B{FIRST_ROW + 2}:B{below - 2})&" thresholds are your own"))'
        ),
        slots=(3, 1, 1, 1, 1),
        cards=(
            Card(
                label="Healthy at", figure="=live_healthy_at", unit="of runs succeed, or more", format=Format.CARD_SHARE
            ),
            Card(
                label="Critical below", figure="=live_critical_below", unit="of runs succeed", format=Format.CARD_SHARE
            ),
            Card(
                label="Expensive at",
                figure="=live_expensive_at",
                unit='=in_currency&" / month, or more"',
                format=Format.CARD_MONEY,
            ),
        ),
        blocks=(
            Grid(
                row=FIRST_ROW,
                cells=(
                    row(section("Thresholds")),
                    row(
                        head("Threshold"),
                        head("Yours", figure=True),
                        head("As shipped", figure=True),
                        head("Used", figure=True),
                        head("Unit"),
                        head("What it decides"),
                        head(""),
                        head(""),
                    ),
                    *(_threshold_row(policy, FIRST_ROW + 2 + index) for index, policy in enumerate(thresholds)),
                ),
            ),
            Grid(row=below, cells=(row(section("Model")), *(single(item, across=2) for item in MODEL))),
            Grid(
                row=below,
                column="F",
                cells=(
                    row(section("How a workflow is read")),
                    row(note("healthy: it succeeds at least as often as healthy at. Else, when it is expensive:")),
                    row(note("high-priority below critical below, worth improving above it. Else: review.")),
                    row(note("Priority band: high when frequent, expensive and critical; low when none, and weak.")),
                ),
            ),
            Grid(
                row=below + 5,
                cells=(
                    figure_row(
                        "Thresholds fit (1 = yes)",
                        "=IF(live_critical_below<=live_healthy_at,1,0)",
                        Format.WHOLE,
                        name="out_policy_fits",
                        gap=1,
                    ),
                    figure_row("Thresholds of your own", f"={changed}", Format.WHOLE, name="out_policy_changed", gap=1),
                ),
            ),
        ),
        heights={FIRST_ROW + 1: 32.0},
        one_page=True,
    )
