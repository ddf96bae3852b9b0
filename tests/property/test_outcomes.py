"""What the join promises of any input: no order, cutting or repeating of files moves a cent; no file breaks it."""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import json
import random
import re
import tempfile
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.outcome_files import AS_OF, Folder, found, table
from valuehour.catalog import load_catalog
from valuehour.errors import ValuehourError
from valuehour.ooxml import Package, read_cells
from valuehour.outcomes import Outcomes, measure_outcomes
from valuehour.outcomes.amounts import EXACT, UNIT, equal_parts, read_number
from valuehour.outcomes.engine import Limits
from valuehour.outcomes.export import write_csv
from valuehour.outcomes.mapping import like
from valuehour.outcomes.repair import rows_of
from valuehour.outcomes.tables import tables
from valuehour.outcomes.times import FIRST, LAST, read_time, zone
from valuehour.outcomes.workbook import workbook
from valuehour.workbooks.build import build

WORKFLOWS = ["support_reply", "Sales summary", "planning_digest", "what is this", "", "NULL"]


def generated(seed: int, size: int) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """Rows of spend and runs of every kind, odd ones among them."""
    chance = random.Random(seed)
    costs = ["0.1", "12.345678901", "1e-6", "-3.5", "1,234.56", "abc", "", "0.0000000000001234", "7", "1.1e-05"]
    times = [
        "2026-04-30T23:30:00Z",
        "2026-05-01T00:30:00+02:00",
        "2026-05-31",
        "1777600000",
        "x",
        "2026-05-31 23:59:59",
    ]
    spend = [
        {
            "timestamp": chance.choice(times),
            "workflow": chance.choice(WORKFLOWS),
            "tags": chance.choice(["", '["support_reply","planning_digest"]', '{"workflow":"sales_summary"}']),
            "run_id": f"r{chance.randrange(20)}",
            "cost": chance.choice(costs),
            "currency": chance.choice(["USD", "USD", "usd ", "EUR", ""]),
            "input_tokens": chance.choice(["", "100", "0"]),
            "team": chance.choice(["A", "B", ""]),
        }
        for _ in range(size)
    ]
    runs = [
        {
            "run_id": chance.choice([f"r{chance.randrange(30)}", ""]),
            "workflow": chance.choice(WORKFLOWS),
            "finished_at": chance.choice(times),
            "success": chance.choice(["true", "false", "", "perhaps"]),
            "turnaround_seconds": chance.choice(["", "1.5", "100", "33.333333"]),
            "accepted": chance.choice(["1", "0", ""]),
            "manual_review": chance.choice(["yes", "no"]),
            "quality": chance.choice(["0.1", "0.7", ""]),
        }
        for _ in range(size)
    ]
    return spend, runs


def joined(
    folder: Path, parts: list[list[dict[str, object]]], runs: list[list[dict[str, object]]], **options: object
) -> Outcomes:
    place = Folder(folder)
    files = [
        [place.file(f"{side}{n}.csv", table(rows)) for n, rows in enumerate(each) if rows]
        for side, each in (("s", parts), ("r", runs))
    ]
    return measure_outcomes(files[0], files[1], as_of=AS_OF, by=["team"], **options)  # type: ignore[arg-type]


@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000), cuts=st.integers(1, 4), order=st.randoms(use_true_random=False))
def test_no_order_and_no_cutting_of_files_changes_a_figure(seed: int, cuts: int, order: random.Random) -> None:
    spend, runs = generated(seed, 40)
    with tempfile.TemporaryDirectory() as folder:
        whole = joined(Path(folder), [spend], [runs])
    order.shuffle(spend)
    order.shuffle(runs)
    with tempfile.TemporaryDirectory() as folder:
        cut = joined(Path(folder), [spend[n::cuts] for n in range(cuts)], [runs[n::cuts] for n in range(cuts)])
        paths = sorted(Path(folder).glob("s*.csv")), sorted(Path(folder).glob("r*.csv"))
        twice = measure_outcomes([*paths[0], paths[0][0]], [*paths[1], paths[1][-1]], as_of=AS_OF, by=["team"])
    assert cut.digest() == whole.digest()
    assert found(twice)["repeated_file"] == 2
    assert {k: v for k, v in found(twice).items() if k != "repeated_file"} == found(whole)
    assert [line.as_dict() for line in twice.tie_out.values()] == [line.as_dict() for line in whole.tie_out.values()]


@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 10_000))
def test_every_dollar_and_every_row_is_somewhere(seed: int) -> None:
    spend, runs = generated(seed, 60)
    with tempfile.TemporaryDirectory() as folder:
        outcomes = joined(Path(folder), [spend], [runs])
    exact: dict[str, Decimal] = {}
    for row in spend:
        value = read_number(str(row["cost"]))
        code = str(row["currency"]).strip().upper() or "USD"
        exact[code] = exact.get(code, Decimal(0)) + (value or 0)
    for code, line in outcomes.tie_out.items():
        assert line.read + line.residue == exact[code]
        assert line.read == line.matched + line.unmatched + line.refused
        assert line.rows_read == line.rows_matched + line.rows_unmatched + line.rows_refused
        assert line.unmatched == sum(each.cost for each in outcomes.unmatched if each.currency == code)
    assert sum(line.rows_read for line in outcomes.tie_out.values()) == len(spend)
    by_month = sum(month.counts.cost or 0 for month in outcomes.months)
    by_workflow = sum(each.counts.cost or 0 for each in outcomes.workflows)
    assert by_month == by_workflow == outcomes.tie_out[outcomes.currency].matched


@pytest.mark.parametrize("timezone", ["UTC", "America/New_York"])
def test_the_digest_is_the_same_on_one_thread_and_two(tmp_path: Path, timezone: str) -> None:
    spend, runs = generated(7, 3000)
    digests = {
        joined(tmp_path, [spend], [runs], timezone=timezone, limits=Limits(threads=threads)).digest()
        for threads in (1, 2)
    }
    assert len(digests) == 1


HEADER = "date,workflow,cost,note\n"
ODD_TEXTS = st.sampled_from(
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "@SUM(A1)",
        "-2+3",
        "\t=1",
        "1,234.56",
        "1e-6",
        "NaN",
        "NULL",
        '"',
        "'",
        "\\",
        "é",
        "日本",
        "a\nb",
        "\x00",
        ";",
        "",
    ]
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(st.lists(ODD_TEXTS | st.text(max_size=8), min_size=1, max_size=6), min_size=1, max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, None]),
)
def test_no_csv_crashes_the_join_or_loses_a_row_or_writes_a_formula(
    rows: list[list[str]], encoding: str, end: str, quoting: int | None
) -> None:
    out = io.StringIO(newline="")
    if quoting is None:  # torn: quotation marks where they fall, cells as they come
        out.writelines(",".join(cell.replace("\n", " ").replace("\r", " ") for cell in row) + end for row in rows)
    else:
        csv.writer(out, quoting=quoting, lineterminator=end).writerows(rows)  # type: ignore[arg-type]
    content = (HEADER.replace("\n", end) + out.getvalue()).encode(encoding, "replace")
    with tempfile.TemporaryDirectory() as folder:
        outcomes = Folder(Path(folder)).join(content)
        # Whichever reader took the file, it has the rows that our own finds in it.
        source = Path(folder, "spend.txt")
        ours = list(rows_of(source, False, ("date", "workflow", "cost", "note")))
        assert sum(line.rows_read for line in outcomes.tie_out.values()) == len(ours)
        if quoting == csv.QUOTE_ALL and encoding != "cp1252":
            blank = [row for row in rows if len(row) == 1 and not row[0].replace("\x00", "").strip()]
            assert sum(line.rows_read for line in outcomes.tie_out.values()) == len(rows) - len(blank)
        for name, each in tables(outcomes).items():
            written = Path(folder, f"{name}.csv")
            write_csv(each, written)
            for cells in csv.reader(io.StringIO(written.read_bytes().decode(), newline="")):
                assert not any(cell[:1] in ("=", "+", "@", "\t", "\r") for cell in cells), cells
                assert not any(cell.startswith("-") and read_number(cell) is None for cell in cells), cells


@settings(max_examples=3, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(ODD_TEXTS | st.text(min_size=1, max_size=300), min_size=4, max_size=4))
def test_no_text_of_a_file_becomes_a_formula_of_the_workbook_or_keeps_it_from_being_written(texts: list[str]) -> None:
    key, team, other, date = texts
    spend = [
        {"date": "2026-05-01", "workflow": key, "cost": "1", "team": other},
        {"date": "2026-05-01", "workflow": "support_reply", "cost": key, "team": other},
        {"date": date, "workflow": "support_reply", "cost": "2", "team": team},
        {"date": "2026-05-01", "workflow": "support_reply", "cost": "3", "team": team},
    ]
    with tempfile.TemporaryDirectory() as folder:
        outcomes = Folder(Path(folder)).join(table(spend), by=["team"])
    package = workbook(outcomes, load_catalog()).package
    assert formulas_of(package) == blank_formulas()


def formulas_of(package: Package) -> set[tuple[str, str]]:
    """The formulas of the sheets that are filled with texts."""
    return {
        (sheet.name, cell.formula)
        for sheet in package.worksheets()
        if sheet.name in ("Tie-out", "Breakdown")
        for cell in read_cells(package, sheet)
        if cell.formula is not None
    }


@cache
def blank_formulas() -> set[tuple[str, str]]:
    """Those of the template."""
    return formulas_of(build("workflow_outcomes").package)


@settings(max_examples=12)
@given(content=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_no_bytes_crash_the_join(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for data in (content, HEADER.encode() + content, b'[{"cost": 1}, ' + content, b'{"data": [' + content):
            with contextlib.suppress(ValuehourError):
                Folder(Path(folder)).join(data)


@settings(max_examples=12)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda each: (
            st.lists(each, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "data",
                        "results",
                        "resourceSpans",
                        "scopeSpans",
                        "spans",
                        "cost",
                        "date",
                        "workflow",
                        "attributes",
                        "amount",
                    ]
                ),
                each,
                max_size=4,
            )
        ),
    )
)
def test_no_json_crashes_the_join(value: object) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for document in ([value], {"data": [value]}, {"resourceSpans": [value]}, value):
            with contextlib.suppress(ValuehourError):
                Folder(Path(folder)).join(json.dumps(document))


def test_a_field_of_ten_megabytes_is_read_to_its_end(tmp_path: Path) -> None:
    long = "x" * 10_000_000
    outcomes = Folder(tmp_path).join(HEADER + f'2026-05-01,support_reply,1.5,"{long}"\n2026-05-01,{long},2,n\n')
    assert outcomes.tie_out["USD"].read == Decimal("3.5")
    assert outcomes.tie_out["USD"].matched == Decimal("1.5")


@given(st.decimals(-(10**12), 10**12, allow_nan=False, places=12), st.integers(1, 9))
def test_equal_parts_sum_to_the_whole_and_differ_by_a_unit_at_most(total: Decimal, count: int) -> None:
    parts = equal_parts(total, count)
    whole = Decimal(0)
    for part in parts:
        whole = EXACT.add(whole, part)
    assert whole == total
    assert max(parts) - min(parts) <= UNIT
    assert sorted(parts, key=abs, reverse=True) == parts


@given(st.lists(st.text("ab*", max_size=6)), st.text("ab", max_size=12))
def test_patterns_fit_what_their_stars_say(patterns: list[str], text: str) -> None:
    for pattern in patterns:
        expression = ".*".join(re.escape(part) for part in pattern.split("*"))
        assert like(text, pattern) == bool(re.fullmatch(expression, text))


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    assert not like("a" * 200_000, "*a" * 50 + "*b")


@given(st.datetimes(min_value=FIRST, max_value=LAST.replace(microsecond=0) - datetime.timedelta(seconds=1)))
def test_iso_times_are_read_as_python_writes_them(moment: datetime.datetime) -> None:
    assert read_time(moment.isoformat(), zone("UTC")) == moment
