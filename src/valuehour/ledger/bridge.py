"""The bridge: how much of a change is the projection, the horizon, each factor. Exact, in a stated order.

The same steps as the workbook's sheet Bridge, here in decimals for the terminal and for JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext

STEPS = ("total_value", "years", "hours_per_year", "coverage", "uplift_k", "uplift_p", "uplift_c")
"""Each step puts in one figure as it is now; those before it are as they are now, those after it as they were."""
_FACTORS = ("uplift_k", "uplift_p", "uplift_c")
_PRECISE = Context(prec=50)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the figure before and now, and what it changes in the rate today and at the horizon, in cents."""

    name: str
    before: Decimal
    now: Decimal
    today: Decimal
    at_horizon: Decimal


@dataclass(frozen=True, slots=True)
class Bridge:
    """The rates before and now, today and at the horizon, and the steps between them."""

    today_before: Decimal
    today: Decimal
    horizon_before: Decimal
    horizon: Decimal
    steps: tuple[Step, ...]


def bridge(before: Mapping[str, Decimal], now: Mapping[str, Decimal], decimals: int = 2) -> Bridge:
    """Return the steps from the figures before to the figures now; their changes sum to the whole exactly.

    Parameters
    ----------
    before, now : the figures of ``STEPS`` by name
    decimals : to which the rates are rounded after each step, half away from zero

    Examples
    --------
    >>> figures = dict(zip(STEPS, map(Decimal, ("88000000", "3", "8760", "1", "1", "1", "1"))))
    >>> found = bridge(figures, {**figures, "uplift_k": Decimal("1.12")})
    >>> found.horizon_before, found.horizon, found.steps[4].at_horizon
    (Decimal('3348.55'), Decimal('3750.38'), Decimal('401.83'))
    """
    figures = dict(before)
    levels = [_rates(figures, decimals)]
    steps = []
    for name in STEPS:
        figures[name] = now[name]
        levels.append(_rates(figures, decimals))
        today, horizon = (new - old for new, old in zip(levels[-1], levels[-2], strict=True))
        steps.append(Step(name, before[name], now[name], today, horizon))
    return Bridge(levels[0][0], levels[-1][0], levels[0][1], levels[-1][1], tuple(steps))


def _rates(figures: Mapping[str, Decimal], decimals: int) -> tuple[Decimal, Decimal]:
    with localcontext(_PRECISE):
        hours = figures["years"] * figures["hours_per_year"]
        today = figures["total_value"] * figures["coverage"] / hours if hours > 0 else Decimal(0)
        horizon = today
        for name in _FACTORS:
            horizon *= figures[name]
        cent = Decimal(1).scaleb(-decimals)
        return today.quantize(cent, ROUND_HALF_UP), horizon.quantize(cent, ROUND_HALF_UP)
