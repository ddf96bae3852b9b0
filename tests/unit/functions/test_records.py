"""What a cell gets from the ledger: the record of a name, of a day, or the error that says why there is none."""

from __future__ import annotations

from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS, Record, Snapshot, ledger, ledger_evidence, ledger_status

DAY = 46295
RECORDS = Snapshot.of(
    DAY,
    [
        ("uplift.K", 1.12, "measured", "Pilot report"),
        ("uplift.P", 1.08, "assumed", "none given"),
        ("UPLIFT.p", 9, "approved", "another spelling"),
    ],
)


def test_each_function_gives_its_one_value() -> None:
    assert ledger("uplift.K", records=RECORDS) == 1.12
    assert ledger_status("uplift.K", records=RECORDS) == "measured"
    assert ledger_evidence("uplift.K", records=RECORDS) == "Pilot report"


def test_a_name_is_found_in_any_case_and_of_two_spellings_the_first() -> None:
    assert [ledger(name, records=RECORDS) for name in ("UPLIFT.k", "uplift.P", "UPLIFT.p")] == [1.12, 1.08, 1.08]


def test_a_snapshot_answers_for_its_day_and_later_but_not_for_earlier_days() -> None:
    evaluate = FUNCTIONS["LEDGER"].evaluate
    days = [0, None, DAY, DAY + 0.5, DAY + 100, DAY - 1, DAY - 0.5, 1]
    expected = [1.12] * 5 + [CellError.NA] * 3
    assert [evaluate("uplift.K", day, records=RECORDS) for day in days] == expected


def test_ranges_of_names_give_a_value_each_and_a_bad_cell_spoils_its_own() -> None:
    names = [["uplift.K"], ["nobody"], [None], [CellError.DIV0], ["uplift.P"]]
    assert FUNCTIONS["LEDGER"].evaluate(names, records=RECORDS) == [
        [1.12],
        [CellError.NA],
        [CellError.NA],
        [CellError.DIV0],
        [1.08],
    ]
    assert FUNCTIONS["LEDGER_STATUS"].evaluate([["uplift.K", "uplift.P"]], records=RECORDS) == [["measured", "assumed"]]


def test_numbers_are_looked_up_as_any_name_is() -> None:
    """Columns of plain numbers take a faster path in other functions; nothing may be looked up past the records."""
    records = Snapshot.of(0, [("5.0", 7, "measured", "x")])
    assert FUNCTIONS["LEDGER"].evaluate([[5.0]] * 40, [[1.0]] * 40, records=records) == [[7]] * 40


def test_no_ledger_is_told_from_no_record() -> None:
    for name in ("LEDGER", "LEDGER_STATUS", "LEDGER_EVIDENCE"):
        assert FUNCTIONS[name].evaluate("uplift.K") is CellError.REF
        assert FUNCTIONS[name].evaluate("nobody", records=RECORDS) is CellError.NA
        assert FUNCTIONS[name].evaluate([["uplift.K"]] * 3) == [[CellError.REF]] * 3


def test_what_cannot_be_judged_is_refused_before_anything_is_looked_up() -> None:
    class Untouched:
        def holding(self, name: str, day: int) -> Record | None:
            raise AssertionError((name, day))

    evaluate = FUNCTIONS["LEDGER"].evaluate
    for bad, error in (
        ("x", CellError.VALUE),
        (-1, CellError.NUM),
        (1e300, CellError.NUM),
        (CellError.NA, CellError.NA),
    ):
        assert evaluate("uplift.K", bad, records=Untouched()) is error
