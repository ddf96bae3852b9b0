"""The join: no dollar counted twice, none lost, none added to another currency."""

from __future__ import annotations

import datetime
from decimal import Decimal

import duckdb
import pytest

from tests.outcome_files import Folder, found, places, table, totals, workflow
from valuehour.errors import OutcomesError, UsageError
from valuehour.outcomes.duck import DuckDB
from valuehour.outcomes.scan import FALSE, TRUE

RUNS = "run_id,workflow,finished_at,success\n"
SPEND = "date,workflow,cost\n"


def test_several_calls_and_attempts_of_a_run_do_not_multiply_its_cost(folder: Folder) -> None:
    # Joined row by row on the run id these 300 dollars would become 600 or more.
    spend = SPEND.replace("\n", ",run_id\n") + "".join(
        f"2026-05-0{day},support_reply,{cost},r1\n" for day, cost in ((1, 100), (2, 120), (3, 80))
    )
    runs = (
        RUNS + "r1,support_reply,2026-05-01,false\nr1,support_reply,2026-05-02,true\nr2,support_reply,2026-05-03,true\n"
    )
    outcomes = folder.join(spend, runs)
    counts = workflow(outcomes, "support_reply").counts
    assert (counts.cost, counts.runs, counts.attempts, counts.successes) == (300, 2, 3, 2)
    assert (counts.cost_per_success, counts.reliability) == (150, 2 / 3)
    assert found(outcomes) == {"duplicate_run_id": 1}


def test_the_last_attempt_decides_and_the_same_row_twice_is_one(folder: Folder) -> None:
    rows = ["r1,support_reply,2026-05-01,true\n", "r1,support_reply,2026-05-02,false\n"]
    outcomes = folder.join(runs=RUNS + "".join([*rows, rows[1]]))
    counts = workflow(outcomes, "support_reply").counts
    assert (counts.runs, counts.attempts, counts.successes) == (1, 2, 0)


def test_spend_without_outcomes_and_outcomes_without_spend_are_both_shown(folder: Folder) -> None:
    outcomes = folder.join(
        SPEND + "2026-05-01,support_reply,5\n2026-04-01,planning_digest,7\n",
        RUNS + "r1,sales_summary,2026-05-01,true\nr2,planning_digest,2026-05-01,true\n",
    )
    sides = {(month.workflow, month.month.month): month.counts.sides for month in outcomes.months}
    assert sides == {
        ("support_reply", 5): "spend only",
        ("sales_summary", 5): "outcomes only",
        ("planning_digest", 4): "spend only",
        ("planning_digest", 5): "outcomes only",
    }
    assert {each.workflow: each.counts.sides for each in outcomes.workflows}["planning_digest"] == "both"
    assert totals(outcomes) == ("12.00", "12.00", "0.00", "0.00")


def test_runs_without_an_id_are_a_run_each(folder: Folder) -> None:
    outcomes = folder.join(runs=RUNS + ",support_reply,2026-05-01,true\n" * 2 + "NULL,support_reply,2026-05-01,false\n")
    assert workflow(outcomes, "support_reply").counts.runs == 3
    assert found(outcomes) == {"run_without_id": 3}


def test_currencies_are_never_added(folder: Folder) -> None:
    spend = "date,workflow,cost,currency\n2026-05-01,support_reply,5,USD\n2026-05-01,support_reply,6,USD\n"
    outcomes = folder.join(spend + "2026-05-01,support_reply,7,eur\n")
    assert totals(outcomes) == ("11.00", "11.00", "0.00", "0.00")
    assert totals(outcomes, "EUR") == ("7.00", "7.00", "0.00", "0.00")
    assert (workflow(outcomes, "support_reply").counts.cost, outcomes.currency) == (11, "USD")
    assert found(outcomes) == {"mixed_currencies": 1}
    assert places(outcomes, "mixed_currencies") == ["spend.txt row 4"]


def test_an_exchange_rate_brings_currencies_together_in_results_but_not_in_the_tie_out(folder: Folder) -> None:
    spend = "date,workflow,cost,currency\n2026-05-01,support_reply,5,USD\n2026-05-01,support_reply,7,EUR\n"
    outcomes = folder.join(spend, mapping='[exchange_rates]\nto = "USD"\nEUR = "1.1"\n')
    assert workflow(outcomes, "support_reply").counts.cost == Decimal("12.7")
    assert totals(outcomes, "EUR")[1] == "7.00"
    assert found(outcomes) == {}


def test_amounts_stay_exact_where_floats_do_not(folder: Folder) -> None:
    costs = ["0.1", "0.2", "-1e-6", "1,234.56", "0.00000000000149", "1.2345678901234567e-05", "1E3", ".5", "+2"]
    spend = table([{"date": "2026-05-01", "workflow": "support_reply", "cost": cost} for cost in costs])
    line = folder.join(spend).tie_out["USD"]
    exact = sum(Decimal(cost.replace(",", "")) for cost in costs)
    assert line.read + line.residue == exact
    assert line.read == line.matched == Decimal("2237.360011345680")


def test_a_residue_is_its_own_line_and_not_rounded_away(folder: Folder) -> None:
    outcomes = folder.join(SPEND + "2026-05-01,support_reply,0.0000000000004\n" * 10)
    line = outcomes.tie_out["USD"].as_dict()
    assert (line["read"], line["residue"]) == ("0.00", "0.000000000004")


@pytest.mark.parametrize("cost", ["NaN", "inf", "abc", "1.234,56", "$5", "0x10", "1e400", "9" * 30, "--1", "1 000"])
def test_a_cost_that_is_no_number_is_refused_with_its_row(folder: Folder, cost: str) -> None:
    rows = [{"date": "2026-05-01", "workflow": "support_reply", "cost": each} for each in ("1", cost, "2")]
    outcomes = folder.join(table(rows))
    assert totals(outcomes) == ("3.00", "3.00", "0.00", "0.00")
    assert outcomes.tie_out["USD"].rows() == {"read": 3, "matched": 2, "unmatched": 0, "refused": 1}
    assert (found(outcomes), places(outcomes, "unreadable_cost")) == ({"unreadable_cost": 1}, ["spend.txt row 3"])


def test_spend_without_a_date_is_refused_with_its_amount(folder: Folder) -> None:
    outcomes = folder.join(SPEND + "2026-05-01,support_reply,5\nsoon,support_reply,7\n,support_reply,1\n")
    assert totals(outcomes) == ("13.00", "5.00", "0.00", "8.00")
    assert places(outcomes, "unreadable_time") == ["spend.txt row 3", "spend.txt row 4"]


def test_unknown_and_missing_keys_are_unmatched_by_name(folder: Folder) -> None:
    outcomes = folder.join(SPEND + "2026-05-01,support_reply,5\n2026-05-01,mystery,7\n2026-05-01,,1\n")
    assert totals(outcomes) == ("13.00", "5.00", "8.00", "0.00")
    assert [(each.key, each.cost, each.rows) for each in outcomes.unmatched] == [
        ("mystery", 7, 1),
        ("(untagged)", 1, 1),
    ]
    assert places(outcomes, "unknown_workflow") == ["spend.txt row 3"]
    assert places(outcomes, "untagged") == ["spend.txt row 4"]


def test_what_looks_like_a_saving_is_a_finding(folder: Folder) -> None:
    spend = "date,workflow,cost,input_tokens,output_tokens\n"
    spend += "2026-05-01,support_reply,0,100,0\n2026-05-01,support_reply,,0,7\n2026-05-01,support_reply,0,0,0\n"
    outcomes = folder.join(spend + "2026-05-02,support_reply,-4,0,0\n2027-01-01,support_reply,9,0,0\n")
    assert found(outcomes) == {"tokens_without_cost": 2, "negative_correction": 1, "future_date": 1}
    assert places(outcomes, "tokens_without_cost") == ["spend.txt row 2", "spend.txt row 3"]
    assert places(outcomes, "negative_correction") == ["spend.txt row 5"]
    assert places(outcomes, "future_date") == ["spend.txt row 6"]
    assert totals(outcomes) == ("5.00", "5.00", "0.00", "0.00")


def test_an_id_that_comes_twice_is_named(folder: Folder) -> None:
    spend = "id,date,workflow,cost\n" + "".join(f"{each},2026-05-01,support_reply,5\n" for each in "aba")
    outcomes = folder.join(spend)
    assert found(outcomes) == {"duplicate_id": 1}
    assert places(outcomes, "duplicate_id") == ["spend.txt row 2"]
    assert totals(outcomes)[0] == "15.00"


def test_the_month_is_that_of_the_zone_asked_for(folder: Folder) -> None:
    spend = "timestamp,workflow,cost\n2026-04-30T23:30:00Z,support_reply,5\n2026-05-01T00:30:00+02:00,support_reply,7\n"
    spend += "2026-05-01,support_reply,11\n2026-04-30 23:59:59,support_reply,13\n"

    def months(zone: str) -> dict[int, Decimal | None]:
        outcomes = folder.join(spend, timezone=zone)
        assert outcomes.as_dict()["timezone"] == zone
        return {month.month.month: month.counts.cost for month in outcomes.months}

    assert months("UTC") == {4: 25, 5: 11}
    assert months("Europe/Berlin") == {4: 13, 5: 23}
    assert months("America/Los_Angeles") == {4: 25, 5: 11}


def test_grouping_columns_split_both_sides(folder: Folder) -> None:
    spend = "date,workflow,cost,team,region\n2026-05-01,support_reply,5,A,NA\n2026-05-01,support_reply,6,B,NA\n"
    runs = RUNS.replace("\n", ",team\n") + "1,support_reply,2026-05-01,true,A\n2,support_reply,2026-05-01,true,\n"
    outcomes = folder.join(spend, runs, by=["team", "region"])
    rows = {tuple(each.by.values()): (each.counts.cost, each.counts.runs) for each in outcomes.workflows}
    assert rows == {
        ("A", "NA"): (5, 0),
        ("B", "NA"): (6, 0),
        ("A", "(none)"): (None, 1),
        ("(none)", "(none)"): (None, 1),
    }


def test_the_same_file_twice_is_a_finding_and_counts_once(folder: Folder) -> None:
    first = folder.file("a.csv", SPEND + "2026-05-01,support_reply,5\n")
    outcomes = folder.join([first, folder.file("b.csv", first.read_bytes()), first])
    assert totals(outcomes)[0] == "5.00"
    assert found(outcomes) == {"repeated_file": 2}


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"timezone": "Mars/Base"}, UsageError, "unknown time zone 'Mars/Base'"),
        ({"source": "oracle"}, UsageError, "unknown source 'oracle'"),
        ({"by": ["a", "a"]}, UsageError, "given twice"),
        ({"engine": "abacus"}, UsageError, "unknown engine 'abacus'"),
    ],
)
def test_what_does_not_exist_is_named(folder: Folder, options: dict[str, object], error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        folder.join(SPEND + "2026-05-01,support_reply,5\n", **options)


def test_a_file_without_a_needed_column_is_told_which_and_what_is_there(folder: Folder) -> None:
    with pytest.raises(
        OutcomesError, match=r"no column for cost; columns found: 'date', 'worklfow'.*\[columns.spend\]"
    ):
        folder.join("date,worklfow\n2026-05-01,x\n")


def test_success_follows_the_column_then_the_workflows_rule_then_nothing(folder: Folder) -> None:
    head = "run_id,workflow,finished_at,success,accepted,manual_review,turnaround_seconds\n"
    rows = [
        "1,support_reply,2026-05-01,true,false,true,9999",  # the column wins
        "2,support_reply,2026-05-01,,true,false,100",  # by the rule
        "3,support_reply,2026-05-01,,true,false,4000",  # too late
        "4,support_reply,2026-05-01,,true,true,100",  # rewritten by hand
        "5,support_reply,2026-05-01,,true,,100",  # not known
    ]
    rule = "accepted = true, manual_review = false, turnaround_seconds_at_most = 3600"
    mapping = f"[workflows.support_reply]\nsuccess = {{ {rule} }}\n"
    outcomes = folder.join(runs=head + "\n".join(rows) + "\n", mapping=mapping)
    counts = workflow(outcomes, "support_reply").counts
    assert (counts.runs, counts.judged, counts.successes, counts.success_rate) == (5, 4, 2, 0.5)
    assert found(outcomes) == {"run_without_result": 1}


def test_cells_of_runs_that_say_nothing_are_unknown_and_named(folder: Folder) -> None:
    head = "run_id,workflow,finished_at,success,turnaround_seconds,quality\n"
    outcomes = folder.join(runs=head + "1,support_reply,2026-05-01,maybe,fast,0.5\n2,support_reply,never,true,1,1\n")
    counts = workflow(outcomes, "support_reply").counts
    assert (counts.runs, counts.success_rate, counts.turnaround_p50, counts.quality) == (1, None, None, 0.5)
    kinds = found(outcomes)
    assert (kinds["run_unreadable_value"], kinds["run_unreadable_time"]) == (2, 1)
    assert places(outcomes, "run_unreadable_time") == ["runs.txt row 3"]


def test_a_time_in_seconds_since_1970_is_understood(folder: Folder) -> None:
    moment = int(datetime.datetime(2026, 5, 2, tzinfo=datetime.UTC).timestamp())
    spend = SPEND + f"{moment},support_reply,5\n{moment}000,support_reply,7\n"
    outcomes = folder.join(spend, RUNS + f"1,support_reply,{moment},true\n")
    assert [(month.month.isoformat(), month.counts.cost, month.counts.runs) for month in outcomes.months] == [
        ("2026-05-01", 12, 1)
    ]


def test_costs_below_zero_leave_priorities_out_instead_of_failing(folder: Folder) -> None:
    outcomes = folder.join(SPEND + "2026-05-01,support_reply,-5\n", RUNS + "1,support_reply,2026-05-01,false\n")
    result = workflow(outcomes, "support_reply")
    assert (result.cost_per_month, result.priority_score, result.rank, result.read) == (-5, None, None, None)


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_the_places_of_a_finding_are_the_first_ones_however_many_there_are(folder: Folder, form: str) -> None:
    # 3,000 ids come four times, 3,000 keys lead nowhere: tables as large as the file.
    spend = "id,date,workflow,cost\n" + "".join(f"{n % 3000},2026-05-01,mystery {n % 3000},5\n" for n in range(12_000))
    path = folder.file("spend.txt", spend)
    if form == "parquet":
        duckdb.read_csv(str(path)).write_parquet(str(path.with_suffix(".parquet")))
        path = path.with_suffix(".parquet")
    first = 2 if form == "csv" else 1  # a CSV has a header row
    outcomes = folder.join([path])
    for kind in ("duplicate_id", "unknown_workflow"):
        assert places(outcomes, kind) == [f"{path.name} row {row}" for row in range(first, first + 5)]


def test_ids_that_share_a_hash_are_still_told_apart(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DuckDB, "hashed", lambda self, text: f"CAST(LENGTH({text}) AS UBIGINT)")
    ids = ["aa", "bb", "aa", "cc", "d"]
    spend = "id,date,workflow,cost\n" + "".join(f"{each},2026-05-01,support_reply,5\n" for each in ids)
    runs = RUNS + "".join(f"{each},support_reply,2026-05-0{day},true\n" for day, each in enumerate(ids, 1))
    outcomes = folder.join(spend, runs)
    counts = workflow(outcomes, "support_reply").counts
    assert (counts.runs, counts.attempts, counts.cost) == (4, 5, 25)
    assert found(outcomes) == {"duplicate_id": 1, "duplicate_run_id": 1}


def test_attempts_tokens_and_retries_are_added_up(folder: Folder) -> None:
    spend = "date,workflow,cost,input_tokens,cached_tokens,output_tokens,retries\n"
    spend += "2026-05-01,support_reply,5,100,60,7,2\n2026-05-02,support_reply,5,10,,1,\n"
    runs = RUNS.replace("\n", ",attempts\n")
    runs += "1,support_reply,2026-05-01,true,3\n2,support_reply,2026-05-01,false,\n"
    counts = workflow(folder.join(spend, runs), "support_reply").counts
    assert (counts.tokens_in, counts.tokens_cached, counts.tokens_out, counts.retries) == (110, 60, 8, 2)
    assert (counts.runs, counts.attempts, counts.reliability) == (2, 4, 0.5)


@pytest.mark.parametrize("given", [True, False])
def test_the_tag_key_is_workflow_unless_the_map_says_otherwise(folder: Folder, given: bool) -> None:
    spend = (
        'date,cost,tags\n2026-05-01,5,"{""wf"": ""support_reply""}"\n2026-05-01,7,"{""workflow"": ""sales_summary""}"\n'
    )
    outcomes = folder.join(spend, mapping='tag = ["wf"]\n' if given else None)
    assert [each.workflow for each in outcomes.workflows] == ["support_reply" if given else "sales_summary"]
    assert totals(outcomes)[2] == ("7.00" if given else "5.00")


def test_importance_and_target_of_the_map_decide_room_and_priority(folder: Folder) -> None:
    runs = RUNS + "1,support_reply,2026-05-01,true\n2,support_reply,2026-05-01,false\n"
    mapping = "[workflows.support_reply]\nimportance = 5\ntarget = 0.75\n"
    result = workflow(folder.join(SPEND + "2026-05-01,support_reply,8\n", runs, mapping=mapping), "support_reply")
    assert (result.importance, result.target, result.room) == (5, 0.75, 0.25)
    assert result.priority_score == 2 * 4 * 5 * 0.25


@pytest.mark.parametrize(("words", "successes"), [(TRUE, len(TRUE)), (FALSE, 0)])
def test_every_word_for_yes_and_no_is_understood_in_any_case(
    folder: Folder, words: tuple[str, ...], successes: int
) -> None:
    said = [form for word in words for form in (word, f" {word.upper()} ", word.title())]
    runs = RUNS + "".join(f"{place},support_reply,2026-05-01,{word}\n" for place, word in enumerate(said))
    counts = workflow(folder.join(runs=runs), "support_reply").counts
    assert (counts.judged, counts.successes) == (len(said), 3 * successes)
