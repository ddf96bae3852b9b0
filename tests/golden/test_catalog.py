"""The catalog against the source documents: every item of their lists, stage, formula variable, rule and threshold.

The lists are facts of the documents, kept here in a short form: items parted by semicolons, known members in brackets.
"""

from __future__ import annotations

import re

import pytest

from valuehour.catalog import load_catalog
from valuehour.functions import FUNCTIONS
from valuehour.models import SOURCE_OF, Dimension, Workflow

CATALOG = load_catalog()

BUSINESS = "business_process_workflows"
VALUE = "value_created_per_hour"
GUIDE = "workflow_outcomes_guide"
DOCUMENTS = (BUSINESS, VALUE, GUIDE)

BUSINESS_LISTS = {
    "Organization structure": (
        "Company (global); Subsidiary; Region (NA, EMEA, APAC, LATAM); Country; State/Province; City/Metro; "
        "Business unit; Division; Department; Team; Role family; Individual employee; Cost center; Program; "
        "Manager chain; Cost center; Office/site; Labor type (full-time, contractor, partner)"
    ),
    "Revenue structure": (
        "Product line; SKU; Tier/plan; Customer segment (SMB, mid-market, enterprise); Industry; Channel "
        "(direct, partner, marketplace); Sales region (geo, territory); Account portfolio; Deal size band; "
        "Pipeline stage; Revenue stream (subscription, usage-based, services); Contract duration; ARR band; "
        "Contract term; Pricing model (usage, seat, hybrid); Expansion vs. new logo"
    ),
    "Operations structure": (
        "Workflow type; Process stage; Service line; Support tier; Compliance domain (SOC 2, GDPR, HIPAA); "
        "Risk tier; Escalation level; Approval authority band; Automation tier; Exception rate; Backlog age; "
        "SOP version; Automation level; Manual touchpoints"
    ),
    "Time structure": (
        "Year; Quarter; Month; Week; Day; Hour; Shift; Seasonality band; Time zone; Holiday/peak season"
    ),
    "Performance/KPI structure": (
        "Throughput; Cycle time; Cost per transaction; Error rate; Rework rate; Customer satisfaction; "
        "Revenue per employee; Gross margin; Net retention; Churn; SLA adherence; NPS; CAC payback; LTV; ARR "
        "per employee; Conversion rate; Win rate; Forecast accuracy; Time to resolution; Quality score; "
        "Compliance pass rate"
    ),
    "People & capacity": (
        "Headcount; FTE; Utilization; Time to proficiency; Training cohort; Tenure band; Attrition band; "
        "Manager span of control; Hiring funnel stage; Attrition risk; On-call rotation"
    ),
    "Platform/infra": (
        "System; Service; API endpoint; Deployment environment; Model; Model version; Feature flag; Vendor; "
        "Cloud region; Runtime; Compute tier; Storage tier; Latency tier"
    ),
    "Security & governance": (
        "Data classification; Access tier; Audit scope; Policy set; Regulatory requirement; Third-party risk "
        "tier; Threat severity; Control family; Exception type"
    ),
    "Product & engineering": (
        "Feature area; Release train; Bug severity; Engineering squad; Service ownership; Architecture "
        "domain; Tech stack layer"
    ),
    "Customer & market": "Customer tier; Use-case category; Account health band; NPS segment; Support plan",
    "Finance & planning": "Budget vs. actual; CapEx vs. OpEx; Run rate; Cash flow band; Cost of goods",
    "Legal & risk": "Contract type; Clause library; Risk acceptance level; Jurisdiction; Litigation status",
    "Knowledge compounding lenses": (
        "Artifact type (transcript, decision, summary, evidence); Knowledge graph node type; Recall "
        "frequency; Reusability score; Automation coverage; Feedback loop depth; Model drift band; Model "
        "retraining trigger; Feedback loop stage; Annotation tier"
    ),
}

VALUE_LISTS = {
    "Organizational": (
        "Company; subsidiary; division; business unit; function (Sales, Eng, Ops, Legal); Product line; "
        "program; portfolio; platform; service tier; Team; squad; pod; department; org chart node; Cost "
        "center; profit center; P&L owner; budget owner; Role; job family; level; per employee; per "
        "contractor; Executive sponsor; steering committee; initiative owner"
    ),
    "Geographic": (
        "Region (AMER, EMEA, APAC); country; state; metro; Sales region/territory; district; zip-based "
        "market; Time zone; locale; regulatory jurisdiction; Operating region; data residency zone; legal "
        "entity domicile"
    ),
    "Customer & Revenue": (
        "Customer segment (enterprise, mid-market, SMB); Industry vertical; NAICS/SIC; Account; account tier; "
        "named accounts; Channel (direct, partner, reseller); marketplace; Revenue stream; ARR/MRR; contract; "
        "renewal cohort; Pipeline stage; opportunity size band; win-rate tier; Customer health score; churn "
        "risk band; expansion tier"
    ),
    "Operational & Risk": (
        "Workflow type; runbook; process family; SLA tier; severity class; incident type; Compliance regime "
        "(SOC2, ISO, HIPAA, GDPR); Risk tier; approval tier; exception class; Control owner; audit scope; "
        "policy version"
    ),
    "Performance & KPI": (
        "KPI (TTV, cycle time, throughput, error rate); Quality score; audit score; reliability percentile; "
        "Cost per action; cost per decision; ROI band; Conversion funnel stage; adoption cohort; Employee "
        "productivity; utilization; capacity recovery; AI assist rate; automation rate; deflection rate"
    ),
    "Financial & Investment": (
        "Capex vs Opex allocation; depreciation schedule; amortization horizon; Budget program; fiscal "
        "quarter; investment thesis; Cost of delay; savings realized; cash flow band"
    ),
    "Data & Platform": (
        "Dataset; feature set; model family; environment (dev, stage, prod); API surface; integration tier; "
        "partner ecosystem; Security boundary; data classification; retention tier"
    ),
}

# Brackets that hold other names of the dimension itself, not members.
NAMES_IN_BRACKETS = {"Company", "Sales region"}
# Named by the second document inside "KPI (…)", where the first lists them as dimensions of their own.
LISTED_AS_KPI = {"throughput", "cycle_time", "error_rate"}


def items(text: str) -> list[tuple[str, list[str]]]:
    """Split a list into (item, what stands in its brackets)."""
    found = []
    for part in text.split(";"):
        name, _, inside = part.strip().removesuffix(")").partition(" (")
        found.append((name, inside.split(", ") if inside else []))
    return found


BUSINESS_ITEMS = [(structure, *item) for structure, text in BUSINESS_LISTS.items() for item in items(text)]
VALUE_ITEMS = [item for text in VALUE_LISTS.values() for item in items(text)]
ALL_ITEMS = [(name, inside) for _, name, inside in BUSINESS_ITEMS] + VALUE_ITEMS


def test_the_lists_here_are_whole() -> None:
    # Counted in the documents: bullets of the first, items between commas of the second (slashes count once).
    assert len(BUSINESS_ITEMS) == 144
    assert len(VALUE_ITEMS) == 105


@pytest.mark.parametrize(("name", "inside"), ALL_ITEMS, ids=lambda value: value if isinstance(value, str) else None)
def test_every_item_of_both_lists_is_found(name: str, inside: list[str]) -> None:
    dimension = CATALOG.dimension(name)
    for part in name.split("/"):
        assert CATALOG.dimension(part) is dimension
    for each in inside:
        if dimension.name in NAMES_IN_BRACKETS:
            assert CATALOG.dimension(each) is dimension
        else:
            assert dimension.members_of(each)


@pytest.mark.parametrize(("structure", "name", "inside"), BUSINESS_ITEMS)
def test_dimensions_of_the_first_list_stand_in_its_own_structures(structure: str, name: str, inside: list[str]) -> None:
    assert CATALOG.dimension(name).structure == CATALOG.structure(structure).id
    assert CATALOG.structure(structure).name == structure


@pytest.mark.parametrize("group", VALUE_LISTS)
def test_group_names_of_the_second_list_lead_to_a_structure(group: str) -> None:
    structure = CATALOG.structure(group)
    assert VALUE in structure.sources
    assert structure.name in BUSINESS_LISTS


def test_the_structures_are_the_thirteen_of_the_first_document_in_its_order() -> None:
    assert [structure.name for structure in CATALOG.structures] == list(BUSINESS_LISTS)


def test_sources_say_exactly_which_document_lists_a_dimension() -> None:
    first = {CATALOG.dimension(name).id for _, name, _ in BUSINESS_ITEMS}
    second = {CATALOG.dimension(name).id for name, _ in VALUE_ITEMS} | LISTED_AS_KPI
    assert {each.id for each in CATALOG.dimensions if BUSINESS in each.sources} == first
    assert {each.id for each in CATALOG.dimensions if VALUE in each.sources} == second
    assert {each.id for each in CATALOG.dimensions} == first | second


def test_only_spelling_twins_are_one_dimension() -> None:
    """Two items of one document may share a dimension only where that is decided."""
    for names, twins in (
        (
            [name for _, name, _ in BUSINESS_ITEMS],
            {"Cost center": 2, "Contract duration": 2, "Automation tier": 2},
        ),
        ([name for name, _ in VALUE_ITEMS], {}),
    ):
        found = [CATALOG.dimension(name).name for name in names]
        assert {name: found.count(name) for name in found if found.count(name) > 1} == twins


def test_decided_twins() -> None:
    dimension = CATALOG.dimension
    assert dimension("contract term") is dimension("contract duration")
    assert dimension("automation level") is dimension("automation tier")
    assert dimension("automation coverage") is not dimension("automation tier")
    assert dimension("automation rate") is not dimension("automation coverage")
    assert dimension("compliance domain").members_of("SOC2") == ("SOC 2",)
    assert dimension("channel").members_of("partner") != dimension("channel").members_of("reseller")
    assert all(member.definition for member in dimension("channel").members)


def test_region_has_four_members_and_amer_covers_two() -> None:
    region = CATALOG.dimension("Region")
    assert region.member_names == ("NA", "LATAM", "EMEA", "APAC")
    assert region.members_of("AMER") == ("NA", "LATAM")
    assert region.members_of("na") == ("NA",)


MEASURES = (
    "recurring revenue; exception rate; backlog age; manual touchpoints; headcount; FTE; utilization; "
    "time to proficiency; manager span of control; employee productivity; capacity recovery; customer "
    "health score; run rate; cost of goods; cost of delay; savings realized; recall frequency; "
    "reusability score; automation coverage; feedback loop depth; audit score; reliability percentile; "
    "cost per action; cost per decision; AI assist rate; automation rate; deflection rate"
)


def test_measures_are_marked_so_that_they_are_never_summed_as_members() -> None:
    expected = {
        CATALOG.dimension(name).id for name, _ in items(f"{MEASURES};{BUSINESS_LISTS['Performance/KPI structure']}")
    }
    assert {each.id for each in CATALOG.dimensions if each.kind == "measure"} == expected
    assert not [
        each.name for each in CATALOG.dimensions if each.kind == "measure" and re.search("band|tier", each.name)
    ]


STAGES = {
    "Customer onboarding": "Intake; Verification; Risk scoring; Account provisioning; Customer success handoff",
    "Sales deal desk": "Qualification; Pricing approval; Legal review; Contract execution; Billing setup",
    "Incident response": "Detection; Triage; Mitigation; Post-incident review; Preventative action tracking",
    "Policy change management": "Draft; Review; Approval; Rollout; Audit evidence capture",
    "Hiring pipeline": "Sourcing; Screening; Interviews; Offer; Onboarding",
    "Procurement": "Request; Vendor evaluation; Compliance checks; Approval; Purchase order issuance",
    "Finance close": "Source data; Reconciliation; Close checklist; Executive reporting; Audit packet",
    "Product launch": "Requirements; Design review; Security/privacy review; Release; Post-launch analysis",
    "Customer support escalation": "Intake; Categorization; Escalation; Resolution; Root-cause tracking",
    "Security access review": "Scope; Attestations; Remediation; Evidence capture; Compliance sign-off",
    "Model evaluation": "Dataset curation; Benchmark run; Risk review; Deployment approval; Monitoring",
}


@pytest.mark.parametrize("name", STAGES)
def test_use_cases_have_the_stages_of_their_document(name: str) -> None:
    workflow = CATALOG.workflow(name)
    assert workflow.name == name
    assert workflow.stages == tuple(STAGES[name].split("; "))
    assert workflow.stages_source == BUSINESS


@pytest.mark.parametrize(
    ("name", "workflow_id", "variable", "basis"),
    [
        ("Enterprise onboarding", "customer_onboarding", "total_labor_cost_avoided_usd", "horizon"),
        ("Deal desk acceleration", "sales_deal_desk", "incremental_gross_margin_usd", "horizon"),
        ("Incident response", "incident_response", "outage_cost_avoided_usd", "horizon"),
        ("Policy change management", "policy_change_management", "expected_penalty_avoided_usd", "horizon"),
        ("Procurement", "procurement", "annual_savings_usd", "year"),
        ("Hiring pipeline", "hiring_pipeline", "productivity_gain_usd", "horizon"),
    ],
)
def test_value_framings_keep_their_formula_variable(name: str, workflow_id: str, variable: str, basis: str) -> None:
    workflow = CATALOG.workflow(name)
    assert (workflow.id, workflow.formula_variable, workflow.value_basis) == (workflow_id, variable, basis)
    assert workflow.value_driver
    assert workflow.value_target
    assert workflow.value_driver_source == BUSINESS


@pytest.mark.parametrize(
    ("name", "stages"),
    [
        ("Customer onboarding approvals", 5),
        ("Security exception handling", 5),
        ("Sales discount approvals", 5),
        ("Incident response routing", 4),
        ("Procurement vendor approvals", 3),
        ("Model deployment gating", 4),
    ],
)
def test_decision_examples_are_workflows_of_their_own(name: str, stages: int) -> None:
    workflow = CATALOG.workflow(name)
    assert (workflow.name, workflow.sources) == (name, (VALUE,))
    assert (len(workflow.stages), workflow.stages_source) == (stages, VALUE)


@pytest.mark.parametrize(
    ("workflow_id", "metric", "rule_source"),
    [
        ("support_reply", "Average turnaround time", GUIDE),
        ("sales_summary", "Handoff quality", GUIDE),
        ("planning_digest", "Planning cycle speed", GUIDE),
        ("onboarding_assistant", "Setup completion rate", "valuehour"),
    ],
)
def test_ai_workflows_of_the_guide(workflow_id: str, metric: str, rule_source: str) -> None:
    workflow = CATALOG.workflow(workflow_id)
    assert (workflow.id, workflow.nearest_metric.name) == (workflow_id, metric)
    assert workflow.success_rule_source == rule_source
    assert str(workflow.chain_source).startswith(GUIDE)


def test_there_are_no_other_workflows() -> None:
    assert len(CATALOG.workflows) == 11 + 6 + 4


@pytest.mark.parametrize("workflow", CATALOG.workflows, ids=lambda workflow: workflow.id)
def test_an_auditor_sees_where_every_text_of_a_workflow_comes_from(workflow: Workflow) -> None:
    for field, source_field in SOURCE_OF.items():
        assert getattr(workflow, source_field).split(" (")[0] in (*DOCUMENTS, "valuehour")
        if field != "value_target":
            assert getattr(workflow, field)
    assert set(workflow.sources) <= set(DOCUMENTS)
    assert workflow.sources


def test_only_what_a_document_gives_is_credited_to_it() -> None:
    """Success rules, metrics and chains beyond the documents are ours, and say so."""

    def credited(field: str) -> set[str]:
        return {each.id for each in CATALOG.workflows if getattr(each, field) != "valuehour"}

    guide = {"support_reply", "sales_summary", "planning_digest", "onboarding_assistant"}
    framed = {"customer_onboarding", "sales_deal_desk", "incident_response", "procurement", "hiring_pipeline"}
    assert credited("success_rule_source") == guide - {"onboarding_assistant"}
    assert credited("job_source") == guide - {"onboarding_assistant"}
    assert credited("chain_source") == guide
    assert credited("nearest_metric_source") == guide | framed
    assert credited("value_driver_source") == framed | {"policy_change_management"}


THRESHOLDS = {
    "healthy_at": 0.9,
    "critical_below": 0.7,
    "expensive_at": 400,
    "frequent_at": 1000,
    "critical_at": 4,
    "weak_at": 2,
}


def test_thresholds_are_those_of_the_functions() -> None:
    assert {entry.id: entry.value for entry in CATALOG.policy} == THRESHOLDS


@pytest.mark.parametrize("function", ["OUTCOME_READ", "PRIORITY_BAND"])
def test_a_call_without_thresholds_uses_the_ones_of_the_catalog(function: str) -> None:
    defaults = {each.name: each.default for each in FUNCTIONS[function].arguments if each.optional}
    assert defaults == {entry.id: entry.value for entry in CATALOG.policy if function in entry.functions}


# How it reads


def slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower().replace("&", " and ")).strip("_")


def test_ids_are_the_names_in_snake_case() -> None:
    for entry in (*CATALOG.structures, *CATALOG.dimensions, *CATALOG.workflows, *CATALOG.policy):
        assert entry.id == slug(entry.name)


DEFINED = (*CATALOG.structures, *CATALOG.dimensions, *CATALOG.policy)


def test_definitions_are_short_lines_that_say_more_than_the_name() -> None:
    for entry in DEFINED:
        assert 12 <= len(entry.definition) <= 120, entry.id
        assert entry.definition[0].isupper(), entry.id
        assert not entry.definition.endswith("."), entry.id
        assert slug(entry.definition) != slug(entry.name), entry.id


def test_no_two_entries_are_defined_alike() -> None:
    definitions = [slug(entry.definition) for entry in DEFINED]
    assert sorted(set(definitions)) == sorted(definitions)


def test_dimension_names_fit_a_column() -> None:
    longest: Dimension = max(CATALOG.dimensions, key=lambda each: len(each.name))
    assert len(longest.name) <= 30, longest.name
