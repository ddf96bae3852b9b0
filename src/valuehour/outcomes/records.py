"""JSON exports as flat records: documents, pages and lines of any of the sources.

Numbers keep the digits they are written with; nothing passes through a float.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from valuehour.errors import OutcomesError
from valuehour.outcomes.files import bare, binary
from valuehour.outcomes.otel import spans_in
from valuehour.outcomes.sources import (
    ANTHROPIC_COSTS,
    ANTHROPIC_USAGE,
    OPENAI_COSTS,
    OPENAI_USAGE,
    OTEL,
    Source,
)

Flat = dict[str, str]


class Item(NamedTuple):
    """One record of a file: its number, its columns, and what is wrong with it, if anything."""

    number: int
    columns: Flat
    fault: str = ""


class Number(str):
    """A JSON number as it is written."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=Number)


class Document(NamedTuple):
    """A file's records, and the source it says it is, where its shape tells."""

    items: Iterator[Item]
    source: Source | None


def read_json(path: Path, zipped: bool) -> Document:
    """Read a JSON document or JSON lines.

    Raises
    ------
    OutcomesError
        It is neither.
    """
    with binary(path, zipped) as stream:
        first = stream.readline(1 << 20).decode("utf-8-sig", "replace").strip()
        second = stream.read(1 << 16).strip()
    try:
        head = _DECODER.decode(first)
    except (ValueError, RecursionError):
        head = None
    if head is not None and not (second and isinstance(head, list)) and (second or not isinstance(head, list)):
        return _of(_json_lines(path, zipped), head)
    try:
        with binary(path, zipped) as stream:
            document = _DECODER.decode(stream.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise OutcomesError(f"{path}: byte {error.start} is not UTF-8; allowed: JSON saved as UTF-8") from error
    except (ValueError, RecursionError) as error:
        if second and first.startswith("{"):
            return _of(_json_lines(path, zipped), {})
        raise OutcomesError(f"{path}: is not JSON: {str(error)[:120]}; allowed: JSON, or JSON lines") from error
    documents = document if isinstance(document, list) else [document]
    return _of(iter([(1, each, "") for each in documents]), documents[0] if documents else {})


def _json_lines(path: Path, zipped: bool) -> Iterator[tuple[int, Any, str]]:
    with binary(path, zipped) as stream, io.TextIOWrapper(stream, "utf-8-sig", errors="replace") as text:
        for number, line in enumerate(text, 1):
            if not line.strip():
                continue
            try:
                yield number, _DECODER.decode(line.strip()), ""
            except (ValueError, RecursionError):
                yield number, {}, "a line that is not JSON"


def _of(documents: Iterable[tuple[int, Any, str]], head: Any) -> Document:
    """The records inside documents, which can be pages of them."""
    if isinstance(head, Mapping) and ("resourceSpans" in head or "resourceLogs" in head):
        return Document(spans(documents), OTEL)
    source = _page_source(head)
    if source is not None:
        return Document(_numbered(_buckets(documents)), source)
    return Document(_numbered(_plain(documents)), None)


def spans(documents: Iterable[tuple[int, Any, str]]) -> Iterator[Item]:
    """OTLP spans and evaluations, each as one record; see ``valuehour.outcomes.otel``."""
    for number, (columns, fault) in enumerate(spans_in(documents), 1):
        yield Item(number, columns, fault)


def _page_source(head: Any) -> Source | None:
    if isinstance(head, list):
        head = head[0] if head else None
    if not isinstance(head, Mapping):
        return None
    buckets = head.get("data") if isinstance(head.get("data"), list) else [head]
    for bucket in buckets or ():
        results = bucket.get("results") if isinstance(bucket, Mapping) else None
        if not isinstance(results, list):
            return None
        ours = "starting_at" in bucket
        for result in results:
            if isinstance(result, Mapping):
                if ours:
                    return ANTHROPIC_COSTS if "amount" in result else ANTHROPIC_USAGE
                return OPENAI_COSTS if "amount" in result else OPENAI_USAGE
    return None


def _numbered(records: Iterable[tuple[Any, str]]) -> Iterator[Item]:
    for number, (record, fault) in enumerate(records, 1):
        if isinstance(record, Mapping):
            yield Item(number, flat(record), fault)
        else:
            yield Item(number, {}, fault or "a record that is not a table of names and values")


def _plain(documents: Iterable[tuple[int, Any, str]]) -> Iterator[tuple[Any, str]]:
    for _, document, fault in documents:
        if isinstance(document, Mapping) and isinstance(document.get("data"), list):
            for record in document["data"]:
                yield record, ""
        elif isinstance(document, list):
            for record in document:
                yield record, ""
        else:
            yield document, fault


def _buckets(documents: Iterable[tuple[int, Any, str]]) -> Iterator[tuple[Any, str]]:
    """The results of each period's bucket, with the period's start."""
    for _, document, fault in documents:
        if fault or not isinstance(document, Mapping):
            yield document, fault
            continue
        buckets = document["data"] if isinstance(document.get("data"), list) else [document]
        for bucket in buckets:
            results = bucket.get("results") if isinstance(bucket, Mapping) else None
            if not isinstance(results, list):
                yield None, "a period without results"
                continue
            for result in results:
                if not isinstance(result, Mapping):
                    yield None, "a result that is not a table of names and values"
                    continue
                period = {name: bucket[name] for name in ("start_time", "starting_at") if name in bucket}
                yield {**result, **period, **_all_input(result)}, ""


def _all_input(result: Mapping[str, Any]) -> Mapping[str, str]:
    """Anthropic counts uncached input alone: all input is that, what was read from the cache and what was put in."""
    if "uncached_input_tokens" not in result:
        return {}
    created = result.get("cache_creation")
    parts = [
        result["uncached_input_tokens"],
        result.get("cache_read_input_tokens"),
        *(created.values() if isinstance(created, Mapping) else [result.get("cache_creation_input_tokens")]),
    ]
    return {"tokens_in": str(sum(int(part) for part in parts if str(part or "").isdigit()))}


def flat(record: Mapping[str, Any], prefix: str = "", depth: int = 0) -> Flat:
    """Return a record with dotted names; lists, and tables as a whole too, as JSON text.

    >>> flat({"amount": {"value": 1.5}, "tags": ["a"], "note": None})
    {'amount': '{"value": 1.5}', 'amount.value': '1.5', 'tags': '["a"]', 'note': ''}
    """
    columns: Flat = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            columns[f"{prefix}{name}"] = json_text(value)
            if depth < 3:
                columns.update(flat(value, f"{prefix}{name}.", depth + 1))
        else:
            columns[f"{prefix}{name}"] = _text(value)
    return columns


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json_text(value) if isinstance(value, list) else str(value)


def json_text(value: object) -> str:
    """Write a value as JSON in which numbers stand as they were written."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(str(name))}: {json_text(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(json_text(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def by_bare_name(columns: Flat) -> dict[str, str]:
    """Return a record's columns by the form in which names are compared."""
    named: dict[str, str] = {}
    for name, value in columns.items():
        named.setdefault(bare(name), value)
    return named
