"""OpenTelemetry spans of generative AI, from OTLP JSON, as records of spend and of runs.

Spend: the innermost spans that carry tokens or a cost; a span around others repeats what they used and is left out.
Runs: for each trace and workflow its outermost span, from its start to its end; a failed status is a failed run, and
evaluations (span events or log records named ``gen_ai.evaluation.result``) are scores.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Columns = dict[str, str]

EVALUATION = "gen_ai.evaluation.result"
# No attribute for cost is ratified: these are in use.
COSTS = (
    "gen_ai.usage.cost",
    "gen_ai.usage.total_cost",
    "gen_ai.cost.total_cost",
    "gen_ai.cost.total",
    "gen_ai.cost",
    "llm.usage.total_cost",
    "llm.cost.total",
)
TOKENS_IN = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens")
TOKENS_OUT = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens")
TOKENS_CACHED = ("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens")
WORKFLOWS = ("gen_ai.workflow.name", "workflow.name", "workflow")


@dataclass(slots=True)
class Span:
    """What matters of a span."""

    trace: str
    id: str
    parent: str
    name: str
    start: int
    end: int
    failed: bool
    attributes: dict[str, str]
    scores: dict[str, str] = field(default_factory=dict)

    @property
    def uses(self) -> bool:
        """Whether it carries tokens or a cost."""
        return bool(_first(self.attributes, (*COSTS, *TOKENS_IN, *TOKENS_OUT)))


def spans_in(documents: Iterable[tuple[int, Any, str]]) -> Iterator[tuple[Columns, str]]:
    """Yield the records of OTLP documents; ``kind`` says whether one is spend, a run, or both."""
    spans: dict[tuple[str, str], Span] = {}
    scores: list[tuple[str, str, str, str]] = []
    for _, document, fault in documents:
        if fault or not isinstance(document, Mapping):
            yield {"kind": "both"}, fault or "a line that is not OTLP"
            continue
        for raw, resource in _listed(document, "resourceSpans", ("scopeSpans", "instrumentationLibrarySpans"), "spans"):
            try:
                span = _span(raw, resource)
            except (AttributeError, TypeError, ValueError):
                yield {"kind": "both"}, "a span that is not OTLP"
                continue
            spans[span.trace, span.id or f"#{len(spans)}"] = span
        for raw, _ in _listed(document, "resourceLogs", ("scopeLogs",), "logRecords"):
            attributes = _attributes(raw.get("attributes"))
            name = raw.get("eventName") or attributes.get("event.name")
            if name == EVALUATION:
                scores.append((str(raw.get("traceId", "")), str(raw.get("spanId", "")), *_score(attributes)))
    for trace, span_id, name, value in scores:
        if (trace, span_id) in spans:
            spans[trace, span_id].scores[name] = value
        elif trace:
            scored = next((span for span in spans.values() if span.trace == trace), None)
            if scored is not None:
                scored.scores[name] = value
    yield from _spend(spans)
    yield from _runs(spans)


def _spend(spans: Mapping[tuple[str, str], Span]) -> Iterator[tuple[Columns, str]]:
    around: set[tuple[str, str]] = set()
    for span in spans.values():
        if not span.uses:
            continue
        for outer in _outer(spans, span):
            around.add((outer.trace, outer.id))
    for span in spans.values():
        if not span.uses or (span.trace, span.id) in around:
            continue
        yield (
            {
                "kind": "spend",
                "at": str(span.end or span.start),
                "cost": _first(span.attributes, COSTS),
                "currency": span.attributes.get("gen_ai.usage.cost.currency", ""),
                "workflow": _workflow(spans, span),
                "run_id": span.trace,
                "row_id": f"{span.trace}/{span.id}",
                "model": _first(span.attributes, ("gen_ai.response.model", "gen_ai.request.model")),
                "tokens_in": _first(span.attributes, TOKENS_IN),
                "tokens_cached": _first(span.attributes, TOKENS_CACHED),
                "tokens_out": _first(span.attributes, TOKENS_OUT),
                "latency": _seconds(span.end - span.start),
                "project": span.attributes.get("service.name", ""),
                **{name: value for name, value in span.attributes.items() if "." not in name and name not in _OWN},
            },
            "",
        )


_OWN = {"at", "cost", "currency", "workflow", "run_id", "row_id", "model", "latency", "project", "kind"}


def _runs(spans: Mapping[tuple[str, str], Span]) -> Iterator[tuple[Columns, str]]:
    runs: dict[tuple[str, str], list[Span]] = {}
    for span in spans.values():
        workflow = _workflow(spans, span)
        if workflow:
            runs.setdefault((span.trace, workflow), []).append(span)
    for (trace, workflow), members in runs.items():
        start, end = min(span.start for span in members), max(span.end for span in members)
        ids = {span.id for span in members}
        outermost = [span for span in members if span.parent not in ids]
        scores = {name: value for span in members for name, value in span.scores.items()}
        yield (
            {
                "kind": "run",
                "run_id": trace,
                "workflow": workflow,
                "project": members[0].attributes.get("service.name", ""),
                "finished_at": str(end),
                "turnaround_seconds": _seconds(end - start),
                "scores": json.dumps(scores),
                **({"success": "false"} if any(span.failed for span in outermost) else {}),
            },
            "",
        )


def _workflow(spans: Mapping[tuple[str, str], Span], span: Span) -> str:
    """The workflow a span names, or else the nearest one around it does."""
    for each in (span, *_outer(spans, span)):
        found = _first(each.attributes, WORKFLOWS)
        if found:
            return found
    return ""


def _outer(spans: Mapping[tuple[str, str], Span], span: Span) -> Iterator[Span]:
    seen = {span.id}
    while span.parent and span.parent not in seen and (span.trace, span.parent) in spans:
        seen.add(span.parent)
        span = spans[span.trace, span.parent]
        yield span


def _listed(
    document: Mapping[str, Any], outer: str, scopes: tuple[str, ...], inner: str
) -> Iterator[tuple[Mapping[str, Any], Mapping[str, str]]]:
    for resource in _tables(document.get(outer)):
        found = resource.get("resource")
        attributes = _attributes(found.get("attributes")) if isinstance(found, Mapping) else {}
        for scope in (each for name in scopes for each in _tables(resource.get(name))):
            for raw in _tables(scope.get(inner)):
                yield raw, attributes


def _tables(value: object) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def _span(raw: Mapping[str, Any], resource: Mapping[str, str]) -> Span:
    status = raw.get("status") or {}
    span = Span(
        trace=str(raw.get("traceId", "")),
        id=str(raw.get("spanId", "")),
        parent=str(raw.get("parentSpanId") or ""),
        name=str(raw.get("name", "")),
        start=int(raw.get("startTimeUnixNano") or 0),
        end=int(raw.get("endTimeUnixNano") or raw.get("startTimeUnixNano") or 0),
        failed=str(status.get("code", "")) in ("2", "STATUS_CODE_ERROR"),
        attributes={**resource, **_attributes(raw.get("attributes"))},
    )
    for event in _tables(raw.get("events")):
        if event.get("name") == EVALUATION:
            name, value = _score(_attributes(event.get("attributes")))
            span.scores[name] = value
    return span


def _score(attributes: Mapping[str, str]) -> tuple[str, str]:
    value = _first(attributes, ("gen_ai.evaluation.score.value", "gen_ai.evaluation.score.label"))
    return attributes.get("gen_ai.evaluation.name", ""), value


def _attributes(value: object) -> dict[str, str]:
    """OTLP attributes: a list of key and typed value."""
    found = {}
    for each in _tables(value):
        content = each.get("value")
        if isinstance(content, Mapping) and content:
            inner = next(iter(content.values()))
            found[str(each.get("key", ""))] = ("true" if inner else "false") if isinstance(inner, bool) else str(inner)
    return found


def _first(attributes: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((attributes[name] for name in names if attributes.get(name)), "")


def _seconds(nanoseconds: int) -> str:
    return f"{nanoseconds // 1_000_000_000}.{nanoseconds % 1_000_000_000:09d}" if nanoseconds >= 0 else ""
