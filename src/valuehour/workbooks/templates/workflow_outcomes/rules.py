"""What must hold between the values that fill the workflow outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from valuehour.models import Catalog
from valuehour.models.names import did_you_mean, listed, shown
from valuehour.workbooks.records import column
from valuehour.workbooks.spec import Content, FillingRule
from valuehour.workbooks.templates.workflow_outcomes import months, register

Problem = tuple[str, str, str]
Records = Sequence[Mapping[str, Content]]
Tables = Mapping[str, Records]

_WILDCARDS = "*?~"
_OF_RUNS = ("successes", "acceptances", "manual_reviews")


def _number(record: Mapping[str, Content], key: str) -> float:
    value = record.get(key)
    return float(value) if isinstance(value, (int, float)) else 0.0


def _names(records: Records) -> list[str]:
    return [str(name or "") for name in column(records, "workflow")]


def workflows_refer(inputs: Mapping[str, Content], tables: Tables) -> Iterator[Problem]:
    """Refuse a workflow that is registered twice or not at all, and counts that cannot be."""
    names = _names(tables.get(register.TABLE, ()))
    known = {name.casefold() for name in names if name}
    # Very many names are looked at one by one only when something is wrong with some of them.
    suspect = len(known) < len(names) or any(sign in "|".join(names) for sign in _WILDCARDS)
    seen: set[str] = set()
    for index, name in enumerate(names if suspect else ()):
        where = f"tables.{register.TABLE}.{index}.workflow"
        if name and name.casefold() in seen:
            yield where, f"{shown(name)}, registered twice", "each workflow once"
        if any(sign in name for sign in _WILDCARDS):
            yield where, shown(name), "a name without * ? ~, which lookups take for wildcards"
        seen.add(name.casefold())
    found = [("inputs.trend_workflow", str(inputs.get("trend_workflow") or ""))]
    for table in (register.CHAINS, months.TABLE):
        found += [
            (f"tables.{table}.{index}.workflow", name) for index, name in enumerate(_names(tables.get(table, ())))
        ]
    for where, name in found:
        if name and name.casefold() not in known:
            allowed = f"a workflow of {register.TABLE}: {listed([each for each in names if each])}"
            yield where, f"{shown(name)}{did_you_mean(name, names)}", allowed
    for index, record in enumerate(tables.get(months.TABLE, ())):
        for key in _OF_RUNS:
            if _number(record, key) > _number(record, "runs"):
                runs = _number(record, "runs")
                yield f"tables.{months.TABLE}.{index}.{key}", f"{_number(record, key):g}", f"at most the runs, {runs:g}"


def thresholds_fit(catalog: Catalog) -> FillingRule:
    """Refuse a critical threshold above the healthy one; a threshold that is not given is the catalog's."""
    shipped = {policy.id: policy.value for policy in catalog.policy}

    def rule(inputs: Mapping[str, Content], _tables: Tables) -> Iterator[Problem]:
        critical = inputs.get("critical_below", shipped["critical_below"])
        healthy = inputs.get("healthy_at", shipped["healthy_at"])
        if isinstance(critical, (int, float)) and isinstance(healthy, (int, float)) and critical > healthy:
            yield "inputs.critical_below", f"{critical:g}", f"at most healthy_at, {healthy:g}"

    return rule
