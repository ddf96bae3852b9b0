"""Every source, in small files shaped as its documentation says, with its traps inside."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from decimal import Decimal

import duckdb
import pytest

from tests.outcome_files import Folder, found, places, table, totals, workflow
from valuehour.errors import OutcomesError, UsageError
from valuehour.outcomes import Outcomes


def source_of(outcomes: Outcomes) -> set[str]:
    return {source for _, source in outcomes.sources}


# FOCUS

FOCUS = {
    "BillingAccountId": "acct-1",
    "BillingCurrency": "USD",
    "BilledCost": "12.5",
    "EffectiveCost": "10.5",
    "ChargeCategory": "Usage",
    "ChargeClass": "NULL",
    "ChargePeriodStart": "2026-05-31T23:00:00Z",
    "ChargePeriodEnd": "2026-06-01T00:00:00Z",
    "RegionId": "NA",
    "ServiceName": "Models",
    "SubAccountId": "sub-7",
    "Tags": '{"workflow": "support_reply", "env": "prod"}',
}
ONE_THREE = {
    "ServiceProviderName": "Cloud",
    "HostProviderName": "Cloud",
    "AllocatedTags": '{"workflow": "planning_digest"}',
}


def test_focus_takes_the_effective_cost_in_the_month_its_period_starts(folder: Folder) -> None:
    # The period's end is exclusive: it would put the last hour of May into June.
    outcomes = folder.join(table([FOCUS]))
    assert source_of(outcomes) == {"focus"}
    assert [(month.month.month, month.counts.cost) for month in outcomes.months] == [(5, Decimal("10.5"))]


def test_focus_keeps_corrections_below_zero_and_names_them(folder: Folder) -> None:
    correction = {**FOCUS, "EffectiveCost": "-2.25", "ChargeClass": "Correction"}
    outcomes = folder.join(table([FOCUS, correction]))
    assert totals(outcomes) == ("8.25", "8.25", "0.00", "0.00")
    assert places(outcomes, "negative_correction") == ["spend.txt row 3"]


@pytest.mark.parametrize("tags", ['{" workflow ": "support_reply"}', '{"Workflow": " support_reply "}'])
def test_focus_tag_keys_with_stray_spaces_are_found(folder: Folder, tags: str) -> None:
    assert totals(folder.join(table([{**FOCUS, "Tags": tags}])))[1] == "10.50"


def test_focus_literal_null_is_no_value(folder: Folder) -> None:
    rows = [{**FOCUS, "Tags": "NULL", "SubAccountId": "NULL"}, {**FOCUS, "EffectiveCost": "NULL"}]
    outcomes = folder.join(table(rows))
    assert found(outcomes) == {"untagged": 1}
    assert totals(outcomes) == ("23.00", "12.50", "10.50", "0.00")  # the billed cost stands in for a missing one


def test_focus_one_three_allocates_by_its_own_tags_and_needs_no_provider_name(folder: Folder) -> None:
    outcomes = folder.join(table([{**FOCUS, **ONE_THREE}, {**FOCUS, **ONE_THREE, "AllocatedTags": ""}]))
    costs = {each.workflow: each.counts.cost for each in outcomes.workflows}
    assert costs == {"planning_digest": Decimal("10.5"), "support_reply": Decimal("10.5")}


def test_focus_sub_accounts_lead_to_workflows_through_the_map(folder: Folder) -> None:
    mapping = '[[match]]\nwithin = "project"\nlike = "sub-*"\nto = "Sales summary"\n'
    outcomes = folder.join(table([{**FOCUS, "Tags": "{}"}]), mapping=mapping)
    assert workflow(outcomes, "sales_summary").counts.cost == Decimal("10.5")


def test_a_region_called_na_is_no_missing_value(folder: Folder) -> None:
    outcomes = folder.join(table([FOCUS]), by=["RegionId"])
    assert outcomes.workflows[0].by == {"RegionId": "NA"}


# LiteLLM

LITELLM = {
    "request_id": "chatcmpl-1",
    "call_type": "acompletion",
    "api_key": "hash",
    "spend": "0.0123",
    "total_tokens": "300",
    "prompt_tokens": "200",
    "completion_tokens": "100",
    "startTime": "2026-04-30 23:30:00",
    "model": "m",
    "metadata": "{}",
    "team_id": "team-a",
    "request_tags": '["support_reply", "User-Agent: curl"]',
    "session_id": "s1",
}


def test_litellm_tags_that_are_no_workflow_take_no_part_of_the_cost(folder: Folder) -> None:
    outcomes = folder.join(table([LITELLM]))
    assert source_of(outcomes) == {"litellm"}
    assert workflow(outcomes, "support_reply").counts.cost == Decimal("0.0123")


def test_litellm_several_workflows_share_a_row_to_the_last_unit(folder: Folder) -> None:
    tags = '["support_reply", "sales_summary", "planning_digest"]'
    outcomes = folder.join(table([{**LITELLM, "spend": "0.01", "request_tags": tags}]))
    costs = {each.workflow: each.counts.cost for each in outcomes.workflows}
    assert costs == {
        "support_reply": Decimal("0.003333333334"),
        "sales_summary": Decimal("0.003333333333"),
        "planning_digest": Decimal("0.003333333333"),
    }
    assert totals(outcomes) == ("0.01", "0.01", "0.00", "0.00")
    assert sum(each.counts.spend_rows for each in outcomes.workflows) == 1
    assert found(outcomes) == {"split_tags": 1}
    assert outcomes.faults == ()


def test_litellm_unpriced_models_are_a_finding(folder: Folder) -> None:
    outcomes = folder.join(table([{**LITELLM, "spend": "0"}, {**LITELLM, "spend": "0.0", "request_id": "2"}]))
    assert found(outcomes) == {"tokens_without_cost": 2}


def test_litellm_times_are_utc_and_requests_logged_twice_are_named(folder: Folder) -> None:
    outcomes = folder.join(table([LITELLM, LITELLM]), timezone="Europe/Berlin")
    assert [month.month.month for month in outcomes.months] == [5]
    assert found(outcomes) == {"duplicate_id": 1}


@pytest.mark.parametrize(
    "metadata",
    [{"workflow": "sales_summary"}, {"spend_logs_metadata": {"workflow": "sales_summary"}, "x": [1]}],
)
@pytest.mark.parametrize("form", ["csv", "json", "jsonl"])
def test_litellm_metadata_of_the_caller_names_the_workflow(folder: Folder, metadata: object, form: str) -> None:
    row = {**LITELLM, "metadata": json.dumps(metadata), "request_tags": "[]"}
    if form == "csv":
        content = table([row, {**row, "metadata": "{broken", "request_id": "2"}])
    else:
        nested = [{**row, "metadata": metadata, "request_tags": []}, {**row, "metadata": None, "request_id": "2"}]
        content = json.dumps(nested) if form == "json" else "\n".join(map(json.dumps, nested))
    outcomes = folder.join(content)
    assert (source_of(outcomes), totals(outcomes)) == ({"litellm"}, ("0.0246", "0.0123", "0.0123", "0.00"))


def test_json_numbers_do_not_pass_through_a_float(folder: Folder) -> None:
    row = json.dumps(LITELLM).replace('"0.0123"', "0.012345678901234567890123")
    line = folder.join(row).tie_out["USD"]
    assert line.read + line.residue == Decimal("0.012345678901234567890123")


# Langfuse

OBSERVATION = {
    "id": "o1",
    "traceId": "t1",
    "traceName": "Support reply",
    "type": "GENERATION",
    "startTime": "2026-05-02T10:00:00.000Z",
    "model": "m",
    "inputUsage": 100,
    "outputUsage": 20,
    "totalCost": 0.25,
    "traceTags": ["eu"],
}


@pytest.mark.parametrize(
    "price", [{"totalCost": 0.25}, {"calculatedTotalCost": "0.25"}, {"costDetails": {"input": 0.05, "total": 0.25}}]
)
def test_langfuse_exports_differ_in_price_columns(folder: Folder, price: dict[str, object]) -> None:
    row = {name: value for name, value in OBSERVATION.items() if name != "totalCost"} | price
    outcomes = folder.join(json.dumps([row]))
    assert (source_of(outcomes), totals(outcomes)[1]) == ({"langfuse"}, "0.25")


SCORE = {"id": "s", "timestamp": "2026-05-02T11:00:00Z", "traceId": "t1", "traceName": "Support reply"}
SCORES = [
    {**SCORE, "name": "user_accepted", "value": 1, "stringValue": "True", "dataType": "BOOLEAN", "source": "API"},
    {**SCORE, "name": "quality", "value": 0.8, "stringValue": "", "dataType": "NUMERIC", "source": "EVAL"},
    {
        **SCORE,
        "traceId": "t2",
        "name": "user_accepted",
        "value": 0,
        "stringValue": "False",
        "dataType": "BOOLEAN",
        "source": "API",
    },
]


@pytest.mark.parametrize("form", ["csv", "json"])
def test_langfuse_scores_of_a_trace_are_one_run(folder: Folder, form: str) -> None:
    scores = table(SCORES) if form == "csv" else json.dumps({"data": SCORES, "meta": {"page": 1}})
    mapping = '[scores]\naccepted = "user_accepted"\n[workflows.support_reply]\nsuccess = { accepted = true }\n'
    outcomes = folder.join(json.dumps([OBSERVATION]), scores, mapping=mapping)
    counts = workflow(outcomes, "support_reply").counts
    assert (counts.sides, counts.runs, counts.successes, counts.quality) == ("both", 2, 1, 0.8)
    assert (counts.acceptance_rate, counts.cost_per_success) == (0.5, Decimal("0.25"))


# Helicone

HELICONE = {
    "request_id": "h1",
    "request_created_at": "2026-05-02 10:00:00+00",
    "request_user_id": "u",
    "request_properties": '{"workflow": "onboarding_assistant"}',
    "prompt_tokens": "10",
    "completion_tokens": "5",
    "cost": "0.5",
}


@pytest.mark.parametrize("newer", [{}, {"feedback_rating": "true"}])
def test_helicone_older_headers_without_feedback_are_read_too(folder: Folder, newer: dict[str, str]) -> None:
    outcomes = folder.join(table([{**HELICONE, **newer}]))
    assert (source_of(outcomes), totals(outcomes)[1]) == ({"helicone"}, "0.50")


# OpenTelemetry


def attributes(**values: object) -> list[dict[str, object]]:
    kinds = {str: "stringValue", int: "intValue", float: "doubleValue"}
    return [
        {"key": name.replace("__", "."), "value": {kinds[type(value)]: str(value) if type(value) is int else value}}
        for name, value in values.items()
    ]


def span(identity: str, parent: str, start: int, end: int, failed: bool = False, **values: object) -> dict[str, object]:
    nano = 1_777_629_600_000_000_000  # 2026-05-01T10:00:00Z
    return {
        "traceId": "t1",
        "spanId": identity,
        "parentSpanId": parent,
        "name": identity,
        "startTimeUnixNano": str(nano + start * 10**9),
        "endTimeUnixNano": str(nano + end * 10**9),
        "attributes": attributes(**values),
        "status": {"code": 2} if failed else {},
    }


def otlp(*spans: dict[str, object]) -> dict[str, object]:
    resource = {"attributes": attributes(service__name="helpdesk")}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "x"}, "spans": list(spans)}]}]}


TOKENS = {"gen_ai__usage__input_tokens": 100, "gen_ai__usage__output_tokens": 10}
NAME = {"gen_ai__workflow__name": "support_reply"}
SPANS: Sequence[dict[str, object]] = (
    span("root", "", 0, 90, **NAME),
    # An agent's span repeats the workflow and sums up what its calls used.
    span("agent", "root", 1, 80, **NAME, gen_ai__usage__input_tokens=200, gen_ai__usage__cost=0.7),
    span("call1", "agent", 2, 30, **TOKENS, gen_ai__usage__cost=0.3),
    span("call2", "agent", 31, 60, **TOKENS, gen_ai__usage__cost=0.4),
)


@pytest.mark.parametrize("lines", [False, True])
def test_otel_spans_around_others_repeat_and_count_once(folder: Folder, lines: bool) -> None:
    content = "\n".join(json.dumps(otlp(each)) for each in SPANS) if lines else json.dumps(otlp(*SPANS), indent=1)
    outcomes = folder.join(content, content.encode())
    counts = workflow(outcomes, "support_reply").counts
    assert (counts.cost, counts.spend_rows, counts.tokens_in) == (Decimal("0.7"), 2, 200)
    assert (counts.runs, counts.turnaround_p50) == (1, 90.0)
    assert "run_without_result" in found(outcomes)


def test_otel_without_a_cost_is_a_finding_not_a_saving(folder: Folder) -> None:
    outcomes = folder.join(json.dumps(otlp(span("call", "", 0, 1, **NAME, **TOKENS))))
    assert found(outcomes) == {"tokens_without_cost": 1}


def test_otel_evaluations_and_failures_are_outcomes(folder: Folder) -> None:
    good = span("root", "", 0, 90, **NAME)
    evaluation = attributes(gen_ai__evaluation__name="accepted", gen_ai__evaluation__score__label="pass")
    good["events"] = [{"name": "gen_ai.evaluation.result", "attributes": evaluation}]
    bad = {**span("root", "", 0, 30, failed=True, **NAME), "traceId": "t2"}
    mapping = "[workflows.support_reply]\nsuccess = { accepted = true }\n"
    outcomes = folder.join(runs=json.dumps(otlp(good, bad)), mapping=mapping)
    counts = workflow(outcomes, "support_reply").counts
    assert (counts.runs, counts.judged, counts.successes) == (2, 2, 1)


# OpenAI and Anthropic


def page(*results: dict[str, object], **bucket: object) -> str:
    return json.dumps({"object": "page", "data": [{**bucket, "results": list(results)}], "has_more": False})


MAY_2 = 1_777_680_000  # 2026-05-02T00:00:00Z
PROJECT = '[[match]]\nwithin = "project"\nexact = "proj_1"\nto = "support_reply"\n'


def test_openai_costs_are_in_major_units_and_belong_to_projects(folder: Folder) -> None:
    result = {
        "object": "organization.costs.result",
        "amount": {"value": 0.06, "currency": "usd"},
        "line_item": "gpt",
        "project_id": "proj_1",
    }
    outcomes = folder.join(page(result, start_time=MAY_2, end_time=MAY_2 + 86400), mapping=PROJECT)
    assert (source_of(outcomes), totals(outcomes)[1]) == ({"openai_costs"}, "0.06")
    assert outcomes.months[0].month.month == 5


def test_openai_usage_counts_cached_tokens_inside_the_input(folder: Folder) -> None:
    costs = page({"amount": {"value": 2, "currency": "usd"}, "project_id": "proj_1"}, start_time=MAY_2)
    usage = page(
        {
            "input_tokens": 1000,
            "input_cached_tokens": 800,
            "output_tokens": 50,
            "num_model_requests": 5,
            "project_id": "proj_1",
        },
        start_time=MAY_2,
    )
    files = [folder.file("costs.json", costs), folder.file("usage.json", usage)]
    outcomes = folder.join(files, mapping=PROJECT)
    counts = workflow(outcomes, "support_reply").counts
    assert (counts.cost, counts.tokens_in, counts.tokens_cached, counts.tokens_out) == (2, 1000, 800, 50)
    assert (found(outcomes), outcomes.faults) == ({"usage_without_cost": 1}, ())
    assert found(folder.join(files[1:], mapping=PROJECT)) == {"tokens_without_cost": 1}


ANTHROPIC_MAP = '[[match]]\nwithin = "project"\nexact = "wrkspc_1"\nto = "support_reply"\n'


def test_anthropic_amounts_are_texts_in_cents(folder: Folder) -> None:
    result = {
        "currency": "USD",
        "amount": "123.45678901234",
        "workspace_id": "wrkspc_1",
        "description": "Tokens",
        "model": "c",
    }
    outcomes = folder.join(page(result, starting_at="2026-05-02T00:00:00Z"), mapping=ANTHROPIC_MAP)
    line = outcomes.tie_out["USD"]
    assert source_of(outcomes) == {"anthropic_costs"}
    assert line.matched + line.residue == Decimal("1.2345678901234")


def test_anthropic_cents_are_cents_in_a_csv_too(folder: Folder) -> None:
    row = {
        "starting_at": "2026-05-02T00:00:00Z",
        "workspace_id": "wrkspc_1",
        "description": "Tokens",
        "amount": "123.45",
        "currency": "USD",
    }
    assert totals(folder.join(table([row]), mapping=ANTHROPIC_MAP))[1] == "1.2345"


def test_anthropic_input_is_what_was_cached_and_what_was_not(folder: Folder) -> None:
    result = {
        "uncached_input_tokens": 100,
        "cache_read_input_tokens": 700,
        "cache_creation": {"ephemeral_1h_input_tokens": 50, "ephemeral_5m_input_tokens": 150},
        "output_tokens": 20,
        "workspace_id": "wrkspc_1",
        "service_tier": "priority",
    }
    outcomes = folder.join(page(result, starting_at="2026-05-02T00:00:00Z"), mapping=ANTHROPIC_MAP)
    counts = workflow(outcomes, "support_reply").counts
    assert (counts.tokens_in, counts.tokens_cached, counts.tokens_out) == (1000, 700, 20)
    assert found(outcomes) == {"tokens_without_cost": 1}  # what the priority tier costs is in no report


# Forms

PLAIN = "date,workflow,cost\n2026-05-02,support_reply,1.50\n"


def test_a_file_is_told_from_its_content_not_from_its_name(folder: Folder) -> None:
    zipped = folder.file("spend.csv", gzip.compress(PLAIN.encode()))
    lines = folder.file("spend.txt", '{"date": "2026-05-02", "workflow": "support_reply", "cost": 2.25}\n' * 2)
    parquet = folder.path / "spend.json"
    duckdb.sql("SELECT DATE '2026-05-02' AS date, 'support_reply' AS workflow, 0.1::DOUBLE AS cost").write_parquet(
        str(parquet)
    )
    assert totals(folder.join([zipped, lines, parquet])) == ("6.10", "6.10", "0.00", "0.00")


@pytest.mark.parametrize(
    ("kind", "value"),
    [(kind, "0.30") for kind in ("DOUBLE", "DECIMAL(18,9)", "VARCHAR", "DECIMAL(38,9)", "DECIMAL(38,20)")],
)
def test_parquet_costs_of_any_type_are_exact(folder: Folder, kind: str, value: str) -> None:
    parquet = folder.path / "x.parquet"
    rows = " UNION ALL ".join(
        f"SELECT TIMESTAMPTZ '2026-05-02 10:00+00' AS at, 'support_reply' AS workflow, CAST({cost} AS {kind}) AS cost"
        for cost in ("0.1", "0.2")
    )
    duckdb.sql(rows).write_parquet(str(parquet))
    assert totals(folder.join([parquet]))[1] == value


def test_a_parquet_cost_too_large_to_be_summed_is_refused_with_its_row(folder: Folder) -> None:
    parquet = folder.path / "x.parquet"
    rows = " UNION ALL ".join(
        f"SELECT DATE '2026-05-02' AS at, 'support_reply' AS workflow, CAST({cost} AS DECIMAL(38,2)) AS cost"
        for cost in ("1.5", "'1e30'", "NULL")
    )
    duckdb.sql(rows).write_parquet(str(parquet))
    outcomes = folder.join([parquet])
    assert totals(outcomes)[1] == "1.50"
    assert (found(outcomes), places(outcomes, "unreadable_cost")) == (
        {"unreadable_cost": 2},
        ["x.parquet row 2", "x.parquet row 3"],
    )


def test_parquet_tags_as_a_map_are_read(folder: Folder) -> None:
    parquet = folder.path / "x.parquet"
    duckdb.sql(
        "SELECT DATE '2026-05-02' AS ChargePeriodStart, 1.5 AS EffectiveCost, 1.5 AS BilledCost, "
        "'USD' AS BillingCurrency, MAP {'workflow': 'support_reply'} AS Tags"
    ).write_parquet(str(parquet))
    assert totals(folder.join([parquet]))[1] == "1.50"


def test_a_column_map_reads_what_nobody_foresaw(folder: Folder) -> None:
    mapping = '[columns.spend]\nat = "Tag der Buchung"\ncost = "Betrag"\nworkflow = "Prozess"\n'
    mapping += '[columns.runs]\nfinished_at = "Ende"\n'
    spend = "Tag der Buchung;Betrag;Prozess\n2026-05-02;1.5;Support reply\n"
    runs = "run_id;workflow;Ende;success\n1;Support reply;2026-05-02;ja\n2;Support reply;2026-05-02;yes\n"
    outcomes = folder.join(spend, runs, mapping=mapping)
    assert (totals(outcomes)[1], workflow(outcomes, "support_reply").counts.judged) == ("1.50", 1)


def test_an_export_given_for_the_wrong_side_is_told_where_it_belongs(folder: Folder) -> None:
    with pytest.raises(UsageError, match="is an export of langfuse_scores, which belongs to --runs, not to --spend"):
        folder.join(table(SCORES))
    with pytest.raises(UsageError, match="is an export of litellm, which belongs to --spend, not to --runs"):
        folder.join(runs=table([LITELLM]))


def test_a_source_can_be_named(folder: Folder) -> None:
    odd = {"startTime": "2026-05-02", "spend": "3", "request_tags": '["support_reply"]'}
    assert source_of(folder.join(table([odd]), source="litellm")) == {"litellm"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04junk", "is a zip file or workbook"),
        (b'[{"cost": 1,', "is not JSON"),
        (b"PAR1 not really", "cannot be read as Parquet"),
        (b"\x1f\x8bnot really gzip", "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_line(folder: Folder, content: bytes, words: str) -> None:
    with pytest.raises(OutcomesError, match=words) as error:
        folder.join(content)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("x = ", "not TOML"),
        ("colums = {}", r"unknown key 'colums' \(did you mean 'columns'\?\)"),
        ('[columns.spend]\nprice = "x"', "columns, spend: unknown field 'price'; allowed: at, cost"),
        ('[[match]]\nto = "support_reply"', "both or neither of exact and like"),
        ('[[match]]\nexact = "a"\nto = "suport_reply"', "match rule 1: unknown workflow 'suport_reply' .did you mean"),
        ('[exchange_rates]\nEUR = "1.1"', "says no target"),
        ('[exchange_rates]\nto = "USD"\nEUR = "-1"', "a number above 0 in quotes"),
        ("[workflows.support_reply]\nimportance = 9", "importance"),
        ('currency = "dollars"', "a currency code of three capitals"),
    ],
)
def test_a_map_that_does_not_fit_is_refused_with_its_place(folder: Folder, mapping: str, words: str) -> None:
    with pytest.raises(OutcomesError, match=words):
        folder.join(PLAIN, mapping=mapping)
