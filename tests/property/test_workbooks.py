"""Whatever fits the value model comes back out of its workbook, ties out and is verified."""

from __future__ import annotations

import datetime
import math
from fractions import Fraction
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.workbooks import NAME
from valuehour.errors import CellError
from valuehour.ooxml import Package
from valuehour.workbooks.build import build
from valuehour.workbooks.data import MAX_TEXT, Filling, input_rules, table_rules, validate
from valuehour.workbooks.formula import Style
from valuehour.workbooks.read import Contents, read
from valuehour.workbooks.spec import Accepts
from valuehour.workbooks.templates import template
from valuehour.workbooks.verify import verify

TEMPLATE = template(NAME)

# A workbook takes half a second: few examples here, many in the function and engine tests.
few = settings(
    max_examples=8,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),  # shrinking a failure would take minutes
)

texts = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp")), min_size=1, max_size=40
) | st.sampled_from(["=1+1", "+1", "-1", "@x", "_x0", "  ", "TRUE", "#REF!", "x" * MAX_TEXT])
whole_cents = st.integers(-(10**13), 10**13).map(lambda cents: cents / 100)
weights = st.integers(0, 10**6) | st.floats(0, 1e6).map(lambda weight: round(weight, 3))


def values(accepts: Accepts) -> st.SearchStrategy[Any]:
    """What a cell takes, within reason."""
    if accepts.choices and not accepts.open:
        return st.sampled_from(accepts.choices)
    if accepts.kind == "whole":
        return st.integers(int(accepts.minimum or 0), int(accepts.maximum or 9))
    if accepts.kind == "date":
        return st.dates(datetime.date(1900, 3, 1), datetime.date(9999, 12, 31))
    if accepts.kind == "number":
        low = accepts.minimum if accepts.minimum is not None else accepts.above
        high = accepts.maximum
        if low == 0 and high is None:
            return st.sampled_from([0.001, 0.5, 1, 2.5, 37, 8760, 250_000])
        if low == -1:
            return st.sampled_from([-0.999, -0.5, 0, 1e-9, 0.08, 1.5])
        if high is not None:
            return st.floats(low or 0, high).map(lambda share: round(share, 4))
        return whole_cents
    return texts


inputs = st.fixed_dictionaries(
    {},
    optional={
        name: values(accepts)
        for name, accepts in input_rules(TEMPLATE).items()
        if name not in ("dimension", "weight_total") and not name.startswith(("uplift", "years"))
    }
    | {
        name: st.sampled_from([0.5, 1, 1.12, 1.6])
        for name in input_rules(TEMPLATE)
        if name in ("uplift_k", "uplift_p", "uplift_c", "uplift_k_low", "uplift_p_high")
    }
    | {"years": st.sampled_from([0.25, 1, 2.5, 3, 10, 12]), "dimension": st.sampled_from(["Region", "Country"])},
)
members = st.lists(st.fixed_dictionaries({"member": texts, "weight": weights}), max_size=15)
workflows = st.lists(
    st.fixed_dictionaries(
        {}, optional={key: values(rule) for key, rule in table_rules(TEMPLATE)["tblWorkflows"].items()}
    ),
    max_size=4,
)
fillings = st.fixed_dictionaries(
    {"inputs": inputs, "tables": st.fixed_dictionaries({"tblAllocation": members, "tblWorkflows": workflows})}
)


def filled(data: dict[str, Any], style: Style = Style.NATIVE) -> tuple[Filling, Package, Contents]:
    filling, problems = validate(TEMPLATE, data)
    assert problems == []
    package = Package.read(build(NAME, style=style, filling=filling).to_bytes())
    return filling, package, read(package)


@few
@given(fillings)
def test_what_goes_in_comes_out(data: dict[str, Any]) -> None:
    filling, _, contents = filled(data)
    for name, value in filling.inputs.items():
        expected = value.isoformat() if isinstance(value, datetime.date) else value
        assert contents.inputs[name] == expected
    for table, records in filling.tables.items():
        kept = [record for record in records if record]
        for record, found in zip(kept, contents.tables[table], strict=True):
            assert {key: found[key] for key in record} == record


@few
@given(fillings, st.sampled_from([Style.NATIVE, Style.LAMBDA]))
def test_what_is_built_is_verified(data: dict[str, Any], style: Style) -> None:
    _, package, _ = filled(data, style)
    found = [difference for difference in verify(package).differences if difference.kind != "value-error"]
    assert [str(difference) for difference in found] == []


@few
@given(
    total=whole_cents,
    parts=st.lists(weights, min_size=1, max_size=15).filter(lambda parts: sum(parts) > 0),
    whole=st.none() | st.floats(1, 3).map(lambda factor: round(factor, 2)),
    decimals=st.integers(0, 4),
)
def test_amounts_tie_out_and_none_is_a_unit_off_its_quota(
    total: float, parts: list[float], whole: float | None, decimals: int
) -> None:
    data: dict[str, Any] = {
        "inputs": {"total_value": total, "years": 1, "decimals": decimals},
        "tables": {"tblAllocation": [{"weight": weight} for weight in parts]},
    }
    if whole is not None:
        data["inputs"]["weight_total"] = math.ceil(sum(parts) * whole) + 1
    _, _, contents = filled(data)
    scale = 10**decimals
    units = [round(Fraction(str(record["amount"])) * scale) for record in contents.tables["tblAllocation"]]
    rest = round(Fraction(str(contents.results["unallocated"])) * scale)
    booked = round(Fraction(str(contents.results["allocation_total"])) * scale)
    for record, count in zip(contents.tables["tblAllocation"], units, strict=True):
        assert record["amount"] == float(Fraction(count, scale))  # exactly the cents, nothing beside them
    assert sum(units) + rest == booked
    rounded = math.floor(abs(Fraction(str(total))) * scale + Fraction(1, 2)) * (1 if total >= 0 else -1)
    assert booked == rounded
    assert contents.results["allocation_gap"] == 0
    assert contents.results["checks_failed"] == 0
    given_out = sum(units)
    for weight, count in zip(parts, units, strict=True):
        quota = given_out * Fraction(str(weight)) / sum(Fraction(str(part)) for part in parts)
        assert abs(count - quota) < 1 + Fraction(1, 10_000)
        assert weight > 0 or count == 0


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.times() | st.datetimes(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["years", "total_value", "case", "tblWorkflows", "tblAllocation", "value", "weight"])
            | st.text(max_size=5),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=100)
@given(st.dictionaries(st.sampled_from(["template", "inputs", "tables", "other"]), anything, max_size=4))
def test_any_data_at_all_is_taken_or_refused_in_lines(data: dict[str, Any]) -> None:
    filling, problems = validate(TEMPLATE, data)
    for problem in problems:
        assert len(str(problem).splitlines()) == 1
        assert "; allowed: " in str(problem)
    if problems:
        assert filling == Filling({}, {}) or filling.inputs or filling.tables


def test_an_error_is_a_value_that_a_person_can_look_up() -> None:
    """Figures far beyond reason overflow: the cells say so, and reading them says the same."""
    data = {"inputs": {"total_value": 1e15, "years": 3, "uplift_k": 1e15, "flywheel_growth_rate": 1e15}}
    _, package, contents = filled(data)
    assert contents.results["rate_at_horizon_flywheel"] == CellError.NUM.value
    assert {difference.kind for difference in verify(package).differences} == {"value-error"}
