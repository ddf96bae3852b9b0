"""The sources of spend and outcomes: which columns mean what, and how a source is recognised from its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from valuehour.errors import OutcomesError, UsageError
from valuehour.models.names import listed
from valuehour.outcomes.files import bare, named

Side = Literal["spend", "runs"]
Columns = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of file: for each of our fields the columns that can hold it, the first that says something counts.

    ``marks`` recognise it: of each group at least one column must be there. ``utc``: times without an offset are UTC.
    ``usage_of``: a report of usage that another report of the same maker gives the costs of.
    """

    name: str
    side: Side
    fields: Columns
    marks: tuple[tuple[str, ...], ...] = ()
    utc: bool = True
    cents: bool = False
    usage_of: str | None = None
    json_keys: tuple[str, ...] = ()
    currency: str | None = "USD"


_PLAIN_KEYS: dict[str, tuple[str, ...]] = {
    "workflow": ("workflow", "workflow_id", "workflow_name", "workflow_key"),
    "tags": ("tags", "tag", "labels", "request_tags"),
    "project": ("project", "project_id", "project_name", "team", "team_id"),
    "trace": ("trace", "trace_name"),
}
_RUN_IDS = ("run_id", "case_id", "run", "case", "trace_id", "session_id")

PLAIN_SPEND = Source(
    name="plain",
    side="spend",
    utc=False,
    currency=None,
    fields={
        "at": (
            "at", "timestamp", "time", "datetime", "date", "day", "when", "occurred_at", "created_at", "created",
            "start_time", "started_at", "finished_at", "end_time", "usage_date", "charge_date", "period_start",
        ),
        "cost": (
            "cost", "amount", "spend", "total_cost", "cost_usd", "amount_usd", "spend_usd", "usd", "cost_amount",
        ),
        "currency": ("currency", "billing_currency", "currency_code", "cost_currency"),
        **_PLAIN_KEYS,
        "run_id": _RUN_IDS,
        "row_id": (
            "id", "request_id", "row_id", "spend_id", "event_id", "record_id", "line_id", "transaction_id", "span_id",
        ),
        "model": ("model", "model_name", "model_id"),
        "tokens_in": ("tokens_in", "input_tokens", "prompt_tokens"),
        "tokens_cached": ("tokens_cached", "cached_tokens", "cached_input_tokens", "input_cached_tokens"),
        "tokens_out": ("tokens_out", "output_tokens", "completion_tokens"),
        "retries": ("retries", "retry_count"),
        "latency": ("latency", "latency_seconds", "duration_seconds"),
    },
)  # fmt: skip
PLAIN_RUNS = Source(
    name="plain",
    side="runs",
    utc=False,
    fields={
        "run_id": (*_RUN_IDS, "id"),
        **_PLAIN_KEYS,
        "finished_at": (
            "finished_at",
            "completed_at",
            "ended_at",
            "end_time",
            "at",
            "timestamp",
            "time",
            "date",
            "day",
        ),
        "success": ("success", "succeeded", "successful", "is_success"),
        "turnaround_seconds": ("turnaround_seconds", "turnaround", "duration_seconds"),
        "manual_review": ("manual_review", "manual_reviewed", "reviewed", "needs_review"),
        "accepted": ("accepted", "acceptance", "is_accepted"),
        "attempts": ("attempts", "attempt_count"),
        "quality": ("quality", "quality_score"),
        "metric_value": ("metric_value", "metric"),
    },
)

FOCUS = Source(
    name="focus",
    side="spend",
    marks=(("BilledCost", "EffectiveCost"), ("ChargePeriodStart",)),
    currency=None,
    fields={
        "at": ("ChargePeriodStart",),
        "cost": ("EffectiveCost", "BilledCost"),
        "currency": ("BillingCurrency",),
        "tags": ("AllocatedTags", "Tags"),
        "project": ("SubAccountId", "SubAccountName"),
        "model": ("SkuMeter", "ChargeDescription"),
    },
)
LITELLM = Source(
    name="litellm",
    side="spend",
    marks=(
        ("request_id",),
        ("spend",),
        ("startTime", "start_time"),
        ("call_type", "api_key", "request_tags", "team_id"),
    ),
    fields={
        "at": ("startTime", "start_time"),
        "cost": ("spend",),
        "workflow": ("metadata",),
        "tags": ("request_tags",),
        "project": ("team_id",),
        "run_id": ("session_id", "trace_id"),
        "row_id": ("request_id",),
        "model": ("model", "model_group"),
        "tokens_in": ("prompt_tokens",),
        "tokens_out": ("completion_tokens",),
    },
    json_keys=("workflow",),
)
LANGFUSE = Source(
    name="langfuse",
    side="spend",
    marks=(
        ("totalCost", "calculatedTotalCost", "costDetails"),
        ("traceId", "traceName"),
        ("startTime", "type", "parentObservationId", "timestamp"),
    ),
    fields={
        "at": ("startTime", "timestamp", "createdAt"),
        "cost": ("totalCost", "calculatedTotalCost", "costDetails.total"),
        "tags": ("traceTags", "tags"),
        "project": ("projectId",),
        "trace": ("traceName",),
        "run_id": ("traceId", "sessionId"),
        "row_id": ("id", "observationId"),
        "model": ("model", "providedModelName", "internalModel"),
        "tokens_in": ("promptTokens", "inputUsage", "usageDetails.input", "usage.input"),
        "tokens_cached": ("usageDetails.input_cached_tokens", "usageDetails.cache_read_input_tokens"),
        "tokens_out": ("completionTokens", "outputUsage", "usageDetails.output", "usage.output"),
        "latency": ("latency",),
    },
)
LANGFUSE_SCORES = Source(
    name="langfuse_scores",
    side="runs",
    marks=(("traceId",), ("name", "scoreName"), ("value", "stringValue"), ("dataType", "stringValue", "source")),
    fields={},
)
HELICONE = Source(
    name="helicone",
    side="spend",
    marks=(
        ("cost", "cost_usd", "costUSD"),
        ("request_properties", "properties"),
        ("request_created_at", "request_id", "response_id", "request_user_id"),
    ),
    fields={
        "at": ("request_created_at", "created_at"),
        "cost": ("cost", "cost_usd", "costUSD"),
        "tags": ("request_properties", "properties"),
        "run_id": ("session_id", "request_session_id"),
        "row_id": ("request_id",),
        "model": ("request_model", "model", "response_model"),
        "tokens_in": ("prompt_tokens", "request_prompt_tokens"),
        "tokens_cached": ("prompt_cache_read_tokens",),
        "tokens_out": ("completion_tokens", "response_completion_tokens"),
    },
)
OTEL = Source(name="otel", side="spend", fields=PLAIN_SPEND.fields)
OTEL_RUNS = Source(name="otel", side="runs", fields=PLAIN_RUNS.fields)
OPENAI_COSTS = Source(
    name="openai_costs",
    side="spend",
    marks=(("amount_value", "amount.value"), ("line_item", "project_id"), ("start_time", "start_time_iso")),
    fields={
        "at": ("start_time", "start_time_iso"),
        "cost": ("amount.value", "amount_value"),
        "currency": ("amount.currency", "amount_currency"),
        "project": ("project_id", "project_name"),
        "trace": ("line_item",),
        "model": ("line_item",),
    },
)
OPENAI_USAGE = Source(
    name="openai_usage",
    side="spend",
    marks=(("num_model_requests",), ("input_tokens",), ("start_time", "start_time_iso")),
    usage_of="openai_costs",
    fields={
        "at": ("start_time", "start_time_iso"),
        "cost": (),
        "project": ("project_id",),
        "model": ("model",),
        "tokens_in": ("input_tokens",),
        "tokens_cached": ("input_cached_tokens",),
        "tokens_out": ("output_tokens",),
    },
)
ANTHROPIC_COSTS = Source(
    name="anthropic_costs",
    side="spend",
    marks=(("amount",), ("workspace_id",), ("description", "cost_type"), ("starting_at",)),
    cents=True,
    fields={
        "at": ("starting_at",),
        "cost": ("amount",),
        "currency": ("currency",),
        "project": ("workspace_id",),
        "trace": ("description",),
        "model": ("model",),
    },
)
ANTHROPIC_USAGE = Source(
    name="anthropic_usage",
    side="spend",
    marks=(("uncached_input_tokens",), ("output_tokens",), ("starting_at",)),
    usage_of="anthropic_costs",
    fields={
        "at": ("starting_at",),
        "cost": (),
        "project": ("workspace_id",),
        "model": ("model",),
        "tokens_in": ("tokens_in",),
        "tokens_cached": ("cache_read_input_tokens",),
        "tokens_out": ("output_tokens",),
    },
)

# The most particular first; a file that none recognises is plain.
SPEND_SOURCES = (
    FOCUS,
    LITELLM,
    HELICONE,
    ANTHROPIC_USAGE,
    ANTHROPIC_COSTS,
    OPENAI_USAGE,
    OPENAI_COSTS,
    LANGFUSE,
    OTEL,
    PLAIN_SPEND,
)
RUN_SOURCES = (LANGFUSE_SCORES, OTEL_RUNS, PLAIN_RUNS)


def sources(side: Side) -> tuple[Source, ...]:
    """The sources of spend, or of runs."""
    return SPEND_SOURCES if side == "spend" else RUN_SOURCES


def recognised(names: Sequence[str], side: Side) -> Source:
    """Return the source whose columns these are; the plain one when no other fits.

    >>> recognised(["request_id", "spend", "startTime", "api_key"], "spend").name
    'litellm'
    """
    for source in sources(side):
        if source.marks and all(named(names, group) for group in source.marks):
            return source
    return sources(side)[-1]


def source_named(name: str, side: Side) -> Source | None:
    """Return the source of this name on a side, if that side has one."""
    return next((source for source in sources(side) if source.name == name), None)


def check_source(name: str | None) -> None:
    """Refuse a source that neither side has."""
    known = sorted({source.name for source in (*SPEND_SOURCES, *RUN_SOURCES)})
    if name is not None and name not in known:
        raise UsageError(f"unknown source {name!r}; allowed: {', '.join(known)}")


def mapped(source: Source, columns: Mapping[str, str]) -> Columns:
    """Return the fields of a source with the user's own columns first."""
    if not columns:
        return source.fields
    taken = {bare(column) for column in columns.values()}
    fields = {
        name: tuple(each for each in candidates if bare(each) not in taken)
        for name, candidates in source.fields.items()
    }
    return {**fields, **{name: (column,) for name, column in columns.items()}}


def require(label: str, names: Sequence[str], fields: Columns, needed: Sequence[str], section: str) -> None:
    """Refuse a file without the columns it needs.

    Raises
    ------
    OutcomesError
        A needed field has no column.
    """
    for name in needed:
        if not named(names, fields.get(name, ())):
            raise OutcomesError(
                f"{label}: no column for {name}; columns found: {listed([repr(each) for each in names], limit=12)}; "
                f"allowed: a column named {listed(fields.get(name, (name,)), limit=5)}, "
                f"or another one named in the map file under [columns.{section}]"
            )
