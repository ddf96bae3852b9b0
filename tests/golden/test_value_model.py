"""The worked example of the source documents, and the rules of the value model, as they come out of the workbook."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.workbooks import EXAMPLE, STYLES, cells_of, changed, contents_of, package_of, valuehour
from valuehour.workbooks.formula import Style
from valuehour.workbooks.templates.value_model.cases import BASE, HIGH, LOW, RESULT_ROW

HOURS = 3 * 8760
FACTORS = ("uplift_k", "uplift_p", "uplift_c")


def exactly(value: float) -> Any:
    return pytest.approx(value, rel=1e-12, abs=0)


@pytest.fixture(scope="module", params=STYLES)
def example(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The shipped scenario through the two commands that a person uses."""
    folder = tmp_path_factory.mktemp(request.param)
    built = valuehour(
        "build", "value_model", "--scenario", "decision_continuity", "--style", request.param, "--out", folder
    )
    assert built.exit_code == 0, built.output
    found = valuehour("read", folder / "value_model.xlsx", "--json")
    assert found.exit_code == 0, found.output
    contents: dict[str, Any] = json.loads(found.stdout)
    assert contents["style"] == request.param
    return contents


def test_the_worked_example_comes_out(example: dict[str, Any]) -> None:
    results = example["results"]
    assert results["value_per_hour"] == exactly(88_000_000 / HOURS)
    assert round(results["value_per_hour"], 2) == 3348.55
    assert round(results["uplift_multiplier"], 6) == 1.282176
    assert results["continuous_rate"] == exactly(math.log(1.282176) / 3)
    assert round(results["continuous_rate"], 7) == 0.0828529
    assert results["value_per_hour_at_horizon"] == exactly(88_000_000 / HOURS * 1.282176)
    assert round(results["value_per_hour_at_horizon"], 2) == 4293.44
    assert results["cumulative_value"] == exactly(88_000_000 * (1.282176 - 1) / math.log(1.282176))
    assert round(results["cumulative_value"] / 1e6, 2) == 99.90


def test_the_worked_example_passes_all_its_checks(example: dict[str, Any]) -> None:
    assert example["results"]["checks_failed"] == 0
    assert example["results"]["checks_applied"] == len(example["tables"]["tblChecks"])
    assert {check["status"] for check in example["tables"]["tblChecks"]} == {"OK"}


def test_earned_by_the_horizon_is_not_the_end_rate_times_the_hours(example: dict[str, Any]) -> None:
    results = example["results"]
    assert results["cumulative_value"] < results["value_per_hour_at_horizon"] * HOURS * 0.9


def test_year_by_year_gives_the_rate_at_and_the_value_earned_by_each_year(example: dict[str, Any]) -> None:
    rate, today = math.log(1.282176) / 3, 88_000_000 / HOURS
    table = example["tables"]["tblGrowth"]
    for year in range(4):
        line = table[year]
        assert line["time_t"] == year
        assert line["rate_continuous"] == exactly(today * math.exp(rate * year))
        assert line["rate_discrete"] == exactly(today * 1.1**year)
        assert line["rate_flywheel"] == exactly(today * math.exp((rate + 0.05) * year))
        assert line["earned_continuous"] == exactly(today * 8760 * math.expm1(rate * year) / rate)
        assert line["earned_flywheel"] == exactly(today * 8760 * math.expm1((rate + 0.05) * year) / (rate + 0.05))
        assert line["earned_discrete"] == exactly(today * 8760 * (1.1**year - 1) / math.log(1.1))
    # Beyond the horizon nothing is claimed.
    assert all(line["rate_continuous"] is None and line["earned_continuous"] is None for line in table[4:])


def test_every_workflow_has_its_value_per_hour(example: dict[str, Any]) -> None:
    table = {line["workflow"]: line for line in example["tables"]["tblWorkflows"]}
    assert table["Procurement"]["total_value"] == exactly(3 * 3_500_000)  # per year, over three years
    assert table["Customer onboarding"]["per_hour"] == exactly(24_200_000 / HOURS)
    assert table["Customer onboarding"]["share"] == exactly(24.2 / 88)
    assert sum(line["per_hour"] for line in table.values()) == exactly(88_000_000 / HOURS)


def test_the_value_is_allocated_exactly_with_an_unallocated_line(example: dict[str, Any]) -> None:
    amounts = {line["member"]: line["amount"] for line in example["tables"]["tblAllocation"]}
    assert amounts == {"NA": 36_960_000, "EMEA": 27_280_000, "APAC": 13_200_000, "LATAM": 6_160_000}
    assert example["results"]["unallocated"] == 4_400_000
    assert example["results"]["allocation_total"] == 88_000_000


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("case", ["low", "base", "high"])
def test_the_case_shown_drives_the_results_and_the_cases_stand_side_by_side(style: Style, case: str) -> None:
    totals = {"low": 70_000_000, "base": 88_000_000, "high": 100_000_000}
    factors = {
        name: math.prod(EXAMPLE["inputs"][factor + suffix] for factor in FACTORS)
        for name, suffix in (("low", "_low"), ("base", ""), ("high", "_high"))
    }
    data = changed({"case": case})
    results = contents_of(data, style).results
    assert results["value_per_hour"] == exactly(totals[case] / HOURS)
    assert results["uplift_multiplier"] == exactly(factors[case])
    assert results["cumulative_value"] == exactly(totals[case] * (factors[case] - 1) / math.log(factors[case]))
    assert results["checks_failed"] == 0
    cells = cells_of(package_of(data, style))
    for name, column in (("low", LOW), ("base", BASE), ("high", HIGH)):
        assert cells["Cases", f"{column}{RESULT_ROW['value_per_hour']}"].value == exactly(totals[name] / HOURS)
        assert cells["Cases", f"{column}{RESULT_ROW['uplift_multiplier']}"].value == exactly(factors[name])


def test_a_case_without_figures_of_its_own_is_the_base_case() -> None:
    blank = {f"{name}_low": None for name in ("total_value", *FACTORS)}
    results = contents_of(changed({**blank, "case": "low"})).results
    assert results["value_per_hour"] == exactly(88_000_000 / HOURS)
    assert results["uplift_multiplier"] == exactly(1.282176)


@pytest.mark.parametrize("measured", [0, 1, 2])
def test_compounded_figures_are_held_back_with_the_reason_while_a_factor_is_assumed(measured: int) -> None:
    statuses = {f"{name}_status": "measured" for name in FACTORS[:measured]}
    results = contents_of(changed(statuses)).results
    assert results["locked"] == 1
    assert results["evidence"] == "assumed"
    assert f"{3 - measured} of 3" in str(results["locked_reason"])
    assert str(results["locked_reason"]).startswith("Held back")
    # Held back is computed and shown muted, never hidden.
    assert results["value_per_hour_at_horizon"] == exactly(88_000_000 / HOURS * 1.282176)


@pytest.mark.parametrize("style", STYLES)
def test_compounded_figures_are_released_once_every_factor_is_measured(style: Style) -> None:
    results = contents_of(changed({f"{name}_status": "measured" for name in FACTORS}), style).results
    assert results["locked"] == 0
    assert results["evidence"] == "measured"
    assert str(results["locked_reason"]).startswith("Released")


def test_only_the_factors_that_are_given_must_be_measured() -> None:
    nothing = dict.fromkeys(f"{name}{suffix}" for name in ("uplift_p", "uplift_c") for suffix in ("", "_low", "_high"))
    results = contents_of(changed({**nothing, "uplift_k_status": "measured"})).results
    assert results["uplift_multiplier"] == exactly(1.12)
    assert results["locked"] == 0
    # A factor that is marked measured without being given is no evidence for those that are.
    results = contents_of(changed({**nothing, "uplift_p_status": "measured"})).results
    assert results["locked"] == 1


@pytest.mark.parametrize("case", ["low", "high"])
@pytest.mark.parametrize("factor", FACTORS)
def test_a_factor_given_for_one_case_only_holds_the_figures_back_too(factor: str, case: str) -> None:
    others = dict.fromkeys(f"{name}{suffix}" for name in FACTORS for suffix in ("", "_low", "_high"))
    measured = next(name for name in FACTORS if name != factor)
    given = {measured: 1.1, f"{measured}_status": "measured", f"{factor}_{case}": 5.0, "case": case}
    results = contents_of(changed({**others, **given})).results
    assert results["uplift_multiplier"] == exactly(1.1 * 5)
    assert results["locked"] == 1
    assert "1 of 2" in str(results["locked_reason"])


@pytest.mark.parametrize("missing", ["source", "date"])
def test_the_word_measured_releases_nothing_without_source_and_date(missing: str) -> None:
    statuses = {f"{name}_status": "measured" for name in FACTORS}
    results = contents_of(changed({**statuses, f"uplift_p_{missing}": None})).results
    assert results["locked"] == 1


def test_a_low_figure_above_the_high_one_fails_the_checks_also_without_a_base() -> None:
    results = contents_of(changed({"uplift_k": None, "uplift_k_low": 2.0, "uplift_k_high": 1.1})).results
    assert results["checks_failed"] == 1


def test_a_horizon_longer_than_the_table_is_said_beside_it() -> None:
    cells = cells_of(package_of(changed({"years": 15.0})))
    titles = [cell.value for (sheet, _), cell in cells.items() if sheet == "Growth" and isinstance(cell.value, str)]
    assert any(title.startswith("Year by year, the first 10 years") for title in titles)


def test_without_factors_there_is_no_uplift_and_nothing_to_release() -> None:
    nothing = dict.fromkeys(f"{name}{suffix}" for name in FACTORS for suffix in ("", "_low", "_high"))
    results = contents_of(changed({**nothing, "uplift_k_status": "measured"})).results
    assert results["locked"] == 1
    assert results["evidence"] == "none"
    assert results["uplift_multiplier"] == 1
    assert results["value_per_hour_at_horizon"] == exactly(88_000_000 / HOURS)
    assert results["cumulative_value"] == exactly(88_000_000)


@pytest.mark.parametrize("style", STYLES)
def test_only_the_covered_share_of_the_value_counts(style: Style) -> None:
    contents = contents_of(changed({"coverage": 0.8}), style)
    assert contents.results["value_in_scope"] == exactly(70_400_000)
    assert contents.results["value_per_hour"] == exactly(70_400_000 / HOURS)
    assert contents.results["cumulative_value"] == exactly(70_400_000 * (1.282176 - 1) / math.log(1.282176))
    assert contents.results["allocation_total"] == 70_400_000
    # The workflows are all marked in scope, which is more than the coverage says: two checks say so.
    failed = [check["check"] for check in contents.tables["tblChecks"] if check["status"] == "FAIL"]
    assert failed == ["Scope marks agree with coverage", "Workflow rates sum to the rate"]
    assert contents.results["checks_failed"] == 2


def allocated(total: Fraction, weights: list[int], whole: int, decimals: int) -> list[Fraction]:
    """The rule of the function list, in exact arithmetic."""
    scale = 10**decimals
    shares = [Fraction(weight, whole) for weight in weights]
    units = math.floor(abs(total) * sum(shares) * scale + Fraction(1, 2))
    fine = 10_000 if units <= 10**11 else 100
    quotas = [Fraction(math.floor(units * share / sum(shares) * fine + Fraction(1, 2)), fine) for share in shares]
    parts = [math.floor(quota) for quota in quotas]
    order = sorted(range(len(weights)), key=lambda index: (parts[index] - quotas[index], index))
    left = units - sum(parts)
    for index in [index for index in order if weights[index]][: max(left, 0)]:
        parts[index] += 1
    for index in [index for index in range(len(parts)) if parts[index] == quotas[index] > 0][
        min(left, 0) or len(parts) :
    ]:
        parts[index] -= 1
    return [Fraction(part, scale) * (1 if total > 0 else -1) for part in parts]


ALLOCATIONS = {
    "the odd cent goes to the first of equals": (Fraction(100), [1, 1, 1], None, 2),
    "two odd cents go to the first two of equals": (Fraction(20003, 100), [1, 1, 1], None, 2),
    "the largest remainder comes first": (Fraction(1), [1, 2, 3, 1], None, 2),
    "a negative total mirrors a positive one": (Fraction(-100), [1, 1, 1], None, 2),
    "whole units": (Fraction(100), [1, 1, 1], None, 0),
    "six decimals": (Fraction(100), [1, 1, 1, 4], None, 6),
    "an unallocated rest": (Fraction(10001, 100), [1, 1, 1], 4, 2),
    "an unallocated rest of a negative total": (Fraction(-10001, 100), [1, 1, 1], 4, 2),
    "nobody gets a cent for no weight": (Fraction(5, 100), [0, 1, 0, 1, 1], None, 2),
    "twelve equals": (Fraction(100), [7] * 12, None, 2),
    "more members than cents": (Fraction(5, 100), [1] * 12, None, 2),
    "billions": (Fraction(987654321098), [3, 3, 1], 9, 1),
    "quotas that round up to a cent too much": (Fraction(119999999999, 100), [1] * 300, None, 2),
    "no more units than can be split": (Fraction(10**11), [2, 1], None, 2),
}


@pytest.mark.parametrize(
    ("style", "case"),
    [
        *((Style.NATIVE, case) for case in ALLOCATIONS),
        (Style.LAMBDA, "the largest remainder comes first"),
        (Style.LAMBDA, "an unallocated rest of a negative total"),
        (Style.LAMBDA, "quotas that round up to a cent too much"),
    ],
)
def test_allocated_amounts_are_exact(style: Style, case: str) -> None:
    total, weights, whole, decimals = ALLOCATIONS[case]
    data = {
        "inputs": {"total_value": float(total), "years": 1, "decimals": decimals, "dimension": "Region"},
        "tables": {"tblAllocation": [{"member": f"M{n}", "weight": w} for n, w in enumerate(weights)]},
    }
    if whole is not None:
        data["inputs"]["weight_total"] = whole
    contents = contents_of(data, style)
    amounts = [line["amount"] for line in contents.tables["tblAllocation"]]
    expected = allocated(total, weights, whole or sum(weights), decimals)
    assert amounts == [float(amount) for amount in expected]
    assert contents.results["unallocated"] == float(total - sum(expected))
    assert contents.results["allocation_total"] == float(total)
    assert contents.results["checks_failed"] == 0
    assert contents.results["allocation_gap"] == 0


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize(
    ("given", "amounts", "unallocated"),
    [
        # All but 6.7E-10 of the scope, which counts as all of it: every cent has an owner.
        (499_999_999, [58_666_666.71, 29_333_333.29], 0),
        # All but 1.3E-9 of it, which does not.
        (499_999_998, [58_666_666.66, 29_333_333.22], 0.12),
    ],
)
def test_weights_within_a_billionth_of_the_scope_are_the_whole_scope(
    style: Style, given: int, amounts: list[float], unallocated: float
) -> None:
    members = [{"member": "A", "weight": 1_000_000_000}, {"member": "B", "weight": given}]
    contents = contents_of(changed({"weight_total": 1_500_000_000}, tblAllocation=members), style)
    assert [line["amount"] for line in contents.tables["tblAllocation"]] == amounts
    assert contents.results["unallocated"] == unallocated
    assert (contents.results["unallocated_share"] > 0) == (unallocated > 0)
    assert contents.results["checks_failed"] == 0


@pytest.mark.parametrize("style", STYLES)
def test_more_units_than_can_be_split_are_left_unallocated_and_a_check_says_so(style: Style) -> None:
    contents = contents_of(
        changed({"total_value_low": None, "total_value_high": None, "total_value": 880_000_000_000}, tblWorkflows=[]),
        style,
    )
    assert {line["amount"] for line in contents.tables["tblAllocation"]} == {0}
    assert contents.results["unallocated"] == contents.results["allocation_total"] == 880_000_000_000
    failed = [
        (check["check"], check["if_it_fails"]) for check in contents.tables["tblChecks"] if check["status"] == "FAIL"
    ]
    assert failed == [("Amounts can be split to the unit", "Use fewer decimals of amounts on Inputs")]


def test_the_shipped_example_is_the_template_that_is_read_back(tmp_path: Path) -> None:
    """What goes in comes out: every input and every typed cell of the scenario, unchanged."""
    contents = contents_of(EXAMPLE)
    for name, value in EXAMPLE["inputs"].items():
        expected = value.isoformat() if name.endswith("_date") else value
        assert contents.inputs[name] == expected, name
    for table, records in EXAMPLE["tables"].items():
        for given, found in zip(records, contents.tables[table], strict=True):
            assert {key: found[key] for key in given} == given
