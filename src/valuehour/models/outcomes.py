"""The map file of ``valuehour outcomes``: what the user's columns, keys, thresholds and rates mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from valuehour.models.names import shown
from valuehour.models.record import Record, explain

SPEND_FIELDS = (
    "at",
    "cost",
    "currency",
    "workflow",
    "tags",
    "project",
    "trace",
    "run_id",
    "row_id",
    "model",
    "tokens_in",
    "tokens_cached",
    "tokens_out",
    "retries",
    "latency",
)
RUN_FIELDS = (
    "run_id",
    "workflow",
    "tags",
    "project",
    "trace",
    "finished_at",
    "success",
    "turnaround_seconds",
    "manual_review",
    "accepted",
    "attempts",
    "quality",
    "metric_value",
)
SCORE_FIELDS = ("success", "accepted", "manual_review", "quality", "metric_value", "turnaround_seconds")

_CURRENCY = re.compile(r"[A-Z]{3}")


def _currency(text: str) -> str:
    if not _CURRENCY.fullmatch(text):
        raise ValueError(f"found {shown(text)}; allowed: a currency code of three capitals, such as 'USD'")
    return text


def _texts(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _rates(rates: Mapping[str, str]) -> Mapping[str, str]:
    for code, rate in rates.items():
        if code == "to":
            _currency(rate)
            continue
        _currency(code)
        try:
            number = Decimal(rate)
        except InvalidOperation:
            number = Decimal(0)
        if not number.is_finite() or number <= 0:
            raise ValueError(f"{code} = {shown(rate)}; allowed: a number above 0 in quotes, such as '1.0835'")
    if rates and "to" not in rates:
        raise ValueError("says no target; allowed: to = 'USD' (or another currency) and a rate for each other currency")
    return rates


def _columns(allowed: tuple[str, ...], columns: Mapping[str, str]) -> Mapping[str, str]:
    for field in columns:
        if field not in allowed:
            raise ValueError(f"unknown field {shown(field)}; allowed: {', '.join(allowed)}")
    return columns


def _spend_columns(columns: Mapping[str, str]) -> Mapping[str, str]:
    return _columns(SPEND_FIELDS, columns)


def _run_columns(columns: Mapping[str, str]) -> Mapping[str, str]:
    return _columns(RUN_FIELDS, columns)


def _score_columns(columns: Mapping[str, str]) -> Mapping[str, str]:
    return _columns(SCORE_FIELDS, columns)


class Columns(Record):
    """Which column of the user's plain files holds which of our fields: our field = "their column"."""

    spend: Annotated[Mapping[str, str], AfterValidator(_spend_columns)] = Field(default_factory=dict)
    runs: Annotated[Mapping[str, str], AfterValidator(_run_columns)] = Field(default_factory=dict)


class Match(Record):
    """One rule from a key to a workflow: the first that fits wins.

    ``within`` says which key is looked at; ``exact`` compares it whole, ``like`` allows ``*`` for any characters.
    Both are blind to case.
    """

    within: Literal["workflow", "tag", "project", "trace", "any"] = "any"
    exact: str | None = None
    like: str | None = None
    to: str

    @model_validator(mode="after")
    def _one_test(self) -> Match:
        if (self.exact is None) == (self.like is None):
            raise ValueError("has both or neither of exact and like; allowed: one of them")
        return self


class SuccessRule(Record):
    """What makes a run a success where no success column says so; every threshold that is given must hold."""

    accepted: bool | None = None
    manual_review: bool | None = None
    turnaround_seconds_at_most: Annotated[float, Field(gt=0)] | None = None
    quality_at_least: float | None = None
    metric_at_least: float | None = None
    metric_at_most: float | None = None


class WorkflowSetting(Record):
    """How much a workflow matters, the success rate wanted of it, and its success rule."""

    importance: Annotated[float, Field(ge=1, le=5)] = 3.0
    target: Annotated[float, Field(ge=0, le=1)] = 1.0
    success: SuccessRule | None = None


class OutcomeMap(Record):
    """The whole map file. Everything may be left out."""

    currency: Annotated[str, AfterValidator(_currency)] = "USD"
    tag: Annotated[tuple[str, ...], BeforeValidator(_texts), Field(min_length=1)] = ("workflow",)
    columns: Columns = Columns()
    scores: Annotated[Mapping[str, str], AfterValidator(_score_columns)] = Field(default_factory=dict)
    match: tuple[Match, ...] = ()
    workflows: Mapping[str, WorkflowSetting] = Field(default_factory=dict)
    exchange_rates: Annotated[Mapping[str, str], AfterValidator(_rates)] = Field(default_factory=dict)


def outcome_map(settings: Mapping[str, object]) -> OutcomeMap | list[tuple[str, str]]:
    """Return the map that settings say, or every fault as its field and a reason."""
    try:
        # Not strict: TOML has lists where we keep tuples.
        return OutcomeMap.model_validate(settings, strict=False)
    except ValidationError as error:
        return explain(error, OutcomeMap)
