"""Recalibration: the value model with the figures that the ledger holds, beside the figures before.

Needs the extra ``workbooks``; the rest of the ledger does without it.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from valuehour.errors import LedgerError
from valuehour.ledger.baseline import Baseline, baseline
from valuehour.ledger.bridge import STEPS, Bridge, bridge
from valuehour.ledger.mapping import FIGURES, dimensions_of, share_of, workflow_of
from valuehour.ledger.replay import AsOf
from valuehour.ledger.store import Ledger
from valuehour.ledger.verification import verify
from valuehour.models import Catalog
from valuehour.models.ledger import LedgerEntry, plain_decimal
from valuehour.models.names import listed
from valuehour.workbooks.build import EMPTY, Built, build
from valuehour.workbooks.data import Filling, input_rules, validate
from valuehour.workbooks.formula import Style
from valuehour.workbooks.spec import MAX_TEXT, Content
from valuehour.workbooks.templates import template
from valuehour.workbooks.templates.value_model import NAME
from valuehour.workbooks.templates.value_model.bridge import SHARES
from valuehour.workbooks.templates.value_model.ledger import TABLE

FACTORS = ("uplift_k", "uplift_p", "uplift_c")
_NEUTRAL = {**dict.fromkeys(FACTORS, Decimal(1)), "coverage": Decimal(1), "hours_per_year": Decimal(8760)}
MAX_RECORDS = 5_000

Record = dict[str, Content]


@dataclass(frozen=True, slots=True)
class Recalibrated:
    """The workbook, the entries its figures come from, the bridge, and why growth is held back (None: it is not).

    ``passed_over`` are newer assumptions about uplift factors that a measurement stands for.
    """

    built: Built
    entries: tuple[LedgerEntry, ...]
    passed_over: tuple[LedgerEntry, ...]
    baseline: Baseline
    bridge: Bridge
    locked: str | None


def recalibrate(
    ledger: Ledger,
    as_of: AsOf,
    *,
    known_on: datetime.date,
    since: AsOf | None = None,
    base: Filling = EMPTY,
    dimension: str | None = None,
    style: Style = Style.NATIVE,
    catalog: Catalog | None = None,
) -> Recalibrated:
    """Build the value model with the figures that hold in a ledger.

    Parameters
    ----------
    as_of : where to look from
    known_on : the day by which the entries were recorded, as the workbook says it
    since : where the figures before are taken from. Without it they are those of ``base``, and where it has none, the
        first that the ledger ever held
    base : what fills the workbook where the ledger says nothing
    dimension : the one that the value is split over, when the ledger has shares of several

    Raises
    ------
    LedgerError
        The chain is broken, no figure of the model is recorded, or the figures do not fit together.
    """
    verdict = verify(ledger)
    if not verdict.ok:
        raise LedgerError(f"{ledger.path}: {verdict.findings[0]}; nothing is recalibrated from such a ledger")
    now, passed_over = _holding(ledger, as_of)
    chosen = _dimension(ledger, now, base, dimension)
    feeding = [entry for entry in now.entries.values() if _feeds(entry, chosen)]
    if not feeding:
        raise LedgerError(
            f"{ledger.path}: by {as_of.effective} it holds no figure of the value model; record one such as "
            "projection.total_value"
        )
    if len(feeding) > MAX_RECORDS:
        raise LedgerError(f"{ledger.path}: {len(feeding)} figures feed the model; allowed: {MAX_RECORDS}")
    before = _holding(ledger, since)[0] if since is not None else None
    old = _before(ledger, before, base, now)
    data = _data(ledger, feeding, base, chosen)
    new = {name: _figure(data["inputs"].get(name), name) for name in STEPS}
    data["inputs"] |= {f"before_{name}": float(old.get(name, new[name])) for name in STEPS}
    data["inputs"] |= {
        "ledger_id": ledger.id,
        "ledger_entries": now.count,
        "ledger_as_of_date": as_of.effective,
        "ledger_known_on_date": known_on,
    }
    shares = _share_rows(data, before, base, chosen)
    if shares:
        data["tables"][SHARES] = shares
    filling = _filling(ledger, data, catalog)
    for name in ("total_value", "years"):
        if name not in filling.inputs:
            raise LedgerError(
                f"{ledger.path}: by {as_of.effective} nothing says what {name} is; record projection.{name}, "
                "or give a scenario that has it"
            )
    steps = bridge({name: old.get(name, new[name]) for name in STEPS}, new, _decimals(data))
    built = build(NAME, style=style, filling=filling, catalog=catalog)
    return Recalibrated(built, tuple(feeding), passed_over, now, steps, _locked(data))


def _holding(ledger: Ledger, as_of: AsOf) -> tuple[Baseline, tuple[LedgerEntry, ...]]:
    """What holds, and what does not: an uplift factor that was measured stays so when it is assumed anew."""
    found = baseline(ledger, as_of)
    assumed = {
        name: entry
        for name, entry in found.entries.items()
        if entry.status == "assumed" and name in FIGURES and FIGURES[name].input in FACTORS
    }
    stands = {
        name: entry for name in assumed for entry in baseline(ledger, as_of, name, measured=True).entries.values()
    }
    passed_over = tuple(assumed[name] for name in stands)
    return replace(found, entries={**found.entries, **stands}), passed_over


def _feeds(entry: LedgerEntry, dimension: str | None) -> bool:
    name = str(entry.name)
    share = share_of(name)
    return name in FIGURES or workflow_of(name) is not None or (share is not None and share[0] == dimension)


def _dimension(ledger: Ledger, now: Baseline, base: Filling, wanted: str | None) -> str | None:
    known = dimensions_of(now.entries)
    if wanted is not None:
        if wanted not in known:
            raise LedgerError(f"{ledger.path}: has no shares of {wanted!r}; there are: {listed(known)}")
        return wanted
    if base.inputs.get("dimension") in known:
        return str(base.inputs["dimension"])
    if len(known) > 1:
        raise LedgerError(
            f"{ledger.path}: has shares of {listed(known)}; a workbook splits over one of them: choose with --dimension"
        )
    return known[0] if known else None


def _data(ledger: Ledger, feeding: Sequence[LedgerEntry], base: Filling, dimension: str | None) -> dict[str, Any]:
    inputs: Record = dict(base.inputs)
    tables: dict[str, list[Record]] = {name: [dict(record) for record in rows] for name, rows in base.tables.items()}
    if "model_name" not in inputs:
        inputs["model_name"] = str(json.loads(ledger.header_document)["title"])
    for entry in feeding:
        figure = FIGURES.get(str(entry.name))
        if figure is not None:
            inputs |= _inputs(figure.input, entry)
    shares = [(share[1], entry) for entry in feeding if (share := share_of(str(entry.name))) is not None]
    if shares:
        inputs |= {"dimension": dimension, "weight_unit": "share of scope", "weight_total": 1.0}
        tables["tblAllocation"] = [{"member": member, "weight": _float(entry.value)} for member, entry in shares]
    for entry in feeding:
        workflow = workflow_of(str(entry.name))
        if workflow is not None:
            _workflow(tables.setdefault("tblWorkflows", []), workflow, entry)
    tables[TABLE] = [_snapshot(entry) for entry in feeding]
    return {"inputs": inputs, "tables": tables}


def _inputs(name: str, entry: LedgerEntry) -> Record:
    """A figure with its band and what stands behind it; what an earlier filling said of it is gone."""
    return {
        name: _float(entry.value),
        f"{name}_low": None if entry.low is None else _float(entry.low),
        f"{name}_high": None if entry.high is None else _float(entry.high),
        f"{name}_status": "assumed" if entry.status == "assumed" else "measured",
        f"{name}_date": entry.effective,
        f"{name}_approver": entry.approver,
        f"{name}_source": _cut(f"Ledger entry {entry.number}: {entry.source}"),
    }


def _workflow(rows: list[Record], workflow: str, entry: LedgerEntry) -> None:
    found = next((row for row in rows if row.get("workflow") == workflow), None)
    if found is None:
        found = {"workflow": workflow, "in_scope": "yes"}
        rows.append(found)
    found |= {
        "value": _float(entry.value),
        "basis": "in total",
        "evidence": "assumed" if entry.status == "assumed" else "measured",
    }


def _snapshot(entry: LedgerEntry) -> Record:
    return {
        "name": entry.name,
        "value": _float(entry.value),
        "low": None if entry.low is None else _float(entry.low),
        "high": None if entry.high is None else _float(entry.high),
        "status": entry.status,
        "entry": float(entry.number),
        "as_of": entry.effective.isoformat(),
        "evidence": _cut(entry.evidence_in_words),
        "hash": entry.hash,
    }


def _before(ledger: Ledger, before: Baseline | None, base: Filling, now: Baseline) -> dict[str, Decimal]:
    """The figures before, by input; those that nothing says anything about are left out: they did not change."""
    found = {name: _figure(base.inputs[name], name) for name in STEPS if name in base.inputs}
    names = {name: figure.input for name, figure in FIGURES.items() if figure.input in STEPS}
    if before is not None:
        return found | {
            item: entry.value
            for name, item in names.items()
            if (entry := before.entries.get(name)) is not None and entry.value is not None
        }
    for name, item in names.items():
        if item in found or name not in now.entries:
            continue
        first = next(ledger.entries(last=now.count, name=name), None)
        if first is not None and first.value is not None:
            # The first projection is the locked one; before a factor was first recorded there was no uplift.
            is_new = item in FACTORS and first.number == now.entries[name].number
            found[item] = Decimal(1) if is_new else first.value
    return found


def _share_rows(data: Mapping[str, Any], before: Baseline | None, base: Filling, dimension: str | None) -> list[Record]:
    """Members with their share before, those that are new after those that were there."""
    old: dict[str, float] = {}
    if before is not None and dimension is not None:
        old = {
            share[1]: _float(entry.value)
            for name, entry in before.entries.items()
            if (share := share_of(name)) is not None and share[0] == dimension
        }
    elif dimension is not None and base.inputs.get("dimension") == dimension:
        total = base.inputs.get("weight_total")
        rows = [(str(r["member"]), r.get("weight")) for r in base.tables.get("tblAllocation", ()) if r.get("member")]
        weights = {member: float(weight) for member, weight in rows if isinstance(weight, (int, float))}
        whole = float(total) if isinstance(total, (int, float)) else sum(weights.values())
        old = {member: weight / whole for member, weight in weights.items()} if whole > 0 else {}
    if dimension is None:
        return []
    members = [str(row["member"]) for row in data["tables"].get("tblAllocation", ())]
    if not old:
        old = {str(row["member"]): row["weight"] for row in data["tables"].get("tblAllocation", ())}
    return [{"member": member, "share_before": old.get(member, 0.0)} for member in dict.fromkeys([*old, *members])]


def _filling(ledger: Ledger, data: Mapping[str, Any], catalog: Catalog | None) -> Filling:
    spec = template(NAME, catalog, {table: len(records) for table, records in data["tables"].items()})
    known = input_rules(spec)
    # The file of the base may hold None for what is blank.
    inputs = {name: value for name, value in data["inputs"].items() if value is not None and name in known}
    tables = {
        name: [{key: value for key, value in record.items() if value is not None} for record in records]
        for name, records in data["tables"].items()
    }
    filling, problems = validate(spec, {"inputs": inputs, "tables": tables})
    if problems:
        raise LedgerError("\n".join(f"{ledger.path}: {problem}" for problem in problems))
    return filling


def _locked(data: Mapping[str, Any]) -> str | None:
    """Why the compounded figures are held back; None when every factor is measured."""
    given = [name for name in FACTORS if data["inputs"].get(name) is not None]
    assumed = [name for name in given if data["inputs"].get(f"{name}_status") != "measured"]
    if not given:
        return "no uplift factor is given yet"
    if assumed:
        names = ", ".join(name.removeprefix("uplift_").upper() for name in assumed)
        return f"{len(assumed)} of {len(given)} uplift factors are only assumed: {names}"
    return None


def _decimals(data: Mapping[str, Any]) -> int:
    return int(data["inputs"].get("decimals", 2))


def _figure(value: object, name: str) -> Decimal:
    """A figure of the workbook as a decimal: the shortest that is the same number."""
    if isinstance(value, (int, float)):
        return Decimal(plain_decimal(Decimal(repr(value))))
    return _NEUTRAL.get(name, Decimal(0))


def _float(value: Decimal | None) -> float:
    assert value is not None
    return float(value)


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 1]}…"
