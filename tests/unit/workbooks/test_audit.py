"""The audit as a whole: its command, its speed, its documentation, and files nobody prepared for it."""

from __future__ import annotations

import io
import json
import re
import time
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.rules import DOCS, TABLES, with_table
from tests.unit.workbooks.audited import cell, every, findings, package
from tests.workbooks import complaints, listing, valuehour
from valuehour.ooxml import Package
from valuehour.workbooks.audit import RULES, Severity, audit
from valuehour.workbooks.audit.shape import folded, shape_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    package(calculated=True).write(tmp_path / "good.xlsx")
    package(cell("Model", "H4", "=SUM(C4:G4)*1.19")).write(tmp_path / "bad.xlsx")
    package(lambda book: setattr(book["Costs"], "sheet_state", "hidden")).write(tmp_path / "odd.xlsx")
    return tmp_path


def test_the_command_passes_a_good_workbook_and_is_quiet_about_it(folder: Path) -> None:
    done = valuehour("audit", folder / "good.xlsx")
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout == f"{folder / 'good.xlsx'}: ok: {len(RULES)} rules\n"


def test_the_command_names_cell_rule_and_remedy_and_exits_with_one(folder: Path) -> None:
    done = valuehour("audit", folder / "good.xlsx", folder / "bad.xlsx")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[1:] == [
        f"{folder / 'bad.xlsx'}: 1 error, 0 warnings",
        f"  error constant-in-formula (1): allowed: {RULES['constant-in-formula'].allowed}",
        "    Model!H4: the constant 1.19 in =SUM(C4:G4)*1.19",
    ]


def test_the_command_gives_programs_every_finding(folder: Path) -> None:
    before = listing(folder)
    done = valuehour("audit", folder / "good.xlsx", folder / "bad.xlsx", "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["ok"]) == (1, False)
    assert report["files"][0] == {"file": str(folder / "good.xlsx"), "ok": True, "findings": []}
    assert report["files"][1]["findings"] == [
        {
            "rule": "constant-in-formula",
            "severity": "error",
            "sheet": "Model",
            "cell": "H4",
            "found": "the constant 1.19 in =SUM(C4:G4)*1.19",
            "allowed": RULES["constant-in-formula"].allowed,
        }
    ]
    assert listing(folder) == before


def test_warnings_and_single_rules_can_be_left_out(folder: Path) -> None:
    assert valuehour("audit", folder / "odd.xlsx").exit_code == 1
    assert valuehour("audit", folder / "odd.xlsx", "--errors-only").exit_code == 0
    assert valuehour("audit", folder / "odd.xlsx", "--ignore", "sheet-hidden").exit_code == 0
    assert valuehour("audit", folder / "bad.xlsx", "--errors-only").exit_code == 1
    assert valuehour("audit", folder / "bad.xlsx", "--ignore", "constant-in-formula").exit_code == 0


def test_a_rule_that_does_not_exist_is_refused(folder: Path) -> None:
    done = valuehour("audit", folder / "bad.xlsx", "--ignore", "constants")
    assert done.exit_code == 2
    assert complaints(done)[0].startswith("there is no rule 'constants'; there are: constant-in-formula, ")


def test_one_file_that_cannot_be_read_does_not_keep_the_others_from_being_audited(folder: Path) -> None:
    (folder / "broken.xlsx").write_bytes(b"PK nothing")
    done = valuehour("audit", folder / "broken.xlsx", folder / "bad.xlsx", folder / "none.xlsx")
    assert done.exit_code == 2
    assert len(complaints(done)) == 2
    assert "Model!H4" in done.stdout


def test_no_file_is_a_clear_mistake() -> None:
    done = valuehour("audit")
    assert (done.exit_code, complaints(done)) == (2, ["name at least one workbook; see: valuehour audit --help"])


def test_the_rules_can_be_listed_with_their_standards() -> None:
    listed = json.loads(valuehour("audit", "--rules", "--json").stdout)
    assert [rule["rule"] for rule in listed] == list(RULES)
    assert all(rule["fast"] and rule["icaew"] for rule in listed)
    text = valuehour("audit", "--rules").stdout
    assert "constant-in-formula  error" in text
    assert "FAST 3.04-01 (embedded constants); ICAEW 14" in text


def test_many_findings_of_a_rule_are_cut_for_people_and_not_for_programs(tmp_path: Path) -> None:
    many = every(*(cell("Guide", f"C{row}", f"={row}") for row in range(40, 70)))
    package(many).write(tmp_path / "many.xlsx")
    cut = valuehour("audit", tmp_path / "many.xlsx").stdout
    assert "and 20 more; show them with --all" in cut
    assert "C69" not in cut
    assert "C69" in valuehour("audit", tmp_path / "many.xlsx", "--all").stdout


@pytest.mark.parametrize("name", TABLES)
def test_the_documentation_lists_the_rules_as_they_are(name: str) -> None:
    text = (DOCS / name).read_text("utf-8")
    assert with_table(name, text) == text, f"docs/{name} is not current; write it anew: python -m tests.rules"


def test_every_rule_says_what_it_finds_what_is_allowed_and_who_says_so() -> None:
    for rule in RULES.values():
        assert rule.finds
        assert rule.allowed
        assert rule.fast
        assert rule.icaew
        assert all(1 <= principle <= 20 for principle in rule.icaew)
    assert {rule.severity for rule in RULES.values()} == set(Severity)


def test_twenty_thousand_formulas_are_audited_in_seconds() -> None:
    book = Workbook()
    sheet = book.active
    sheet.title = "Model"
    inputs = book.create_sheet("Inputs")
    inputs.append(["Rate", 0.2, "share"])
    sheet.append(["Item", "Cost, USD", "Fee", "Total", "Running", "Check"])
    for row in range(2, 5_002):
        sheet.append(
            [
                f"item {row}",
                float(row),
                f"=B{row}*Inputs!$B$1",
                f"=B{row}+C{row}",
                f"=SUM(D$2:D{row})",
                f"=IF(ABS(D{row}-B{row}-C{row})>Inputs!$B$1,1,0)",
            ]
        )
    sheet["C700"] = "=B700*0.3"
    stream = io.BytesIO()
    book.save(stream)
    some = Package.read(stream.getvalue())
    begun = time.perf_counter()
    found = audit(some)
    # About a second on an idle machine; one that runs other tests too gets more.
    assert time.perf_counter() - begun < 10
    assert [(one.rule, one.cell) for one in found] == [
        ("constant-in-formula", "C700"),
        ("formula-inconsistent", "C700"),
        ("input-misplaced", "B2:B5001"),
    ]


def test_a_circle_through_a_thousand_cells_is_one_finding() -> None:
    chain = every(
        *(cell("Guide", f"C{row}", f"=C{row + 1}") for row in range(40, 1040)), cell("Guide", "C1040", "=C40")
    )
    assert findings(chain).count(("circular-reference", "Guide", "C40")) == 1
    assert sum(one[0] == "circular-reference" for one in findings(chain)) == 1


def test_formulas_that_cannot_be_parsed_do_not_stop_the_audit() -> None:
    odd = every(cell("Guide", "A3", "=SUM((1"), cell("Guide", "A4", "=1+"), cell("Guide", "A5", '="open'))
    assert [rule for rule, *_ in findings(odd) if rule == "circular-reference"] == []


def test_names_that_refer_to_each_other_in_a_circle_do_not_stop_the_audit() -> None:
    from openpyxl.workbook.defined_name import DefinedName

    def change(book: Workbook) -> None:
        book.defined_names["one"] = DefinedName("one", attr_text="two")
        book.defined_names["two"] = DefinedName("two", attr_text="one")
        book["Checks"]["B5"] = "=one+two"

    assert findings(change) == []


@pytest.mark.parametrize(
    "formula",
    [
        "=SIGNIFICANT(A1-B1,C1)",
        "=SIGNIFICANT(ABS(A1),B1)",
        "=SIGNIFICANT((A1+B1)*C1,D1)",
        '=SIGNIFICANT(INDEX(A1:A5,MATCH("(high",B1:B5,0)),D1)&" of "&SIGNIFICANT(E1,D1)',
        "=CUMULATIVE_VALUE(A1,B1+C1,D1,E1)",
        "=UNALLOCATED(A1,B1:B5,C1)",
        "=PRIORITY_BAND(A1,B1,C1,D1,E1,F1,G1,H1)",
        "=OUTCOME_READ(A1,B1,C1,D1,E1)",
        "=IF(A1>0,SIGNIFICANT(B1,C1)+SIGNIFICANT(D1,E1),0)",
    ],
)
def test_a_function_of_ours_is_judged_alike_called_or_spelled_out(formula: str) -> None:
    from valuehour.workbooks.formula import to_native

    plain = to_native(formula)
    assert plain != formula
    called, spelled_out = shape_of(formula[1:], 1, 9), shape_of(plain[1:], 1, 9)
    assert (called.constants, called.ifs, called.volatile) == (
        spelled_out.constants,
        spelled_out.ifs,
        spelled_out.volatile,
    )
    assert re.sub(r"[()]", "", folded(plain)) == re.sub(r"[()]", "", formula)
    assert set(called.operands) == set(spelled_out.operands)


def test_a_number_that_the_person_wrote_into_a_spelled_out_function_is_still_a_constant() -> None:
    from valuehour.workbooks.formula import to_native

    assert shape_of(to_native("=SIGNIFICANT(A1*1.5,B1)")[1:], 1, 9).constants == ("1.5",)
