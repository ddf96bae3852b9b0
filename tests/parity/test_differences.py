"""The numbered differences of docs/differences.md: each is there, and is what the list says."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl.worksheet.formula import ArrayFormula

from tests import classic, officejs, soffice
from tests.fillings import LONG
from tests.parity import engines
from tests.parity.engines import RECORDS_RANGE, SNAPSHOT, TAXONOMY, TAXONOMY_RANGE, Sheet
from tests.parity.known import KNOWN
from tests.workbooks import package_of
from valuehour.catalog import load_catalog
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS, Cell
from valuehour.hosts import udfs
from valuehour.hosts.classic.addin import addin
from valuehour.hosts.lite.runtime import answer
from valuehour.ooxml import Package, read_cells
from valuehour.workbooks.formula import to_file

LIST = Path(__file__).parents[2] / "docs" / "differences.md"
Engine = Callable[[Sheet, Path], list[Any]]
EVERY_ENGINE = [
    engines.in_ironcalc,
    engines.in_formualizer,
    pytest.param(engines.in_libreoffice, marks=pytest.mark.requires_libreoffice),
]
calc = pytest.mark.requires_libreoffice


def native(name: str, *arguments: str) -> str:
    return FUNCTIONS[name].native(arguments, taxonomy=TAXONOMY_RANGE, records=RECORDS_RANGE)


def value(engine: Engine, folder: Path, formula: str, *, array: bool = False, **cells: Cell) -> Cell:
    """One formula beside some cells, calculated."""
    sheet = Sheet([], engines.by_name, names=engine is engines.in_ironcalc)
    for name, cell in cells.items():
        place = sheet.sheet[name]
        engines.put(sheet.sheet, place.row, place.column, cell)
    text = to_file(f"={formula}")
    sheet.sheet["A1"] = ArrayFormula("A1", text) if array else text
    sheet.places, sheet.result_column = [(1, 1, 1)], 1
    ((cell,),) = engine(sheet, folder)[0]
    return cell


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_1_native_formulas_read_numbers_from_texts(engine: Engine, tmp_path: Path) -> None:
    assert FUNCTIONS["SUCCESS_RATE"].evaluate(1, "5") is CellError.VALUE
    assert value(engine, tmp_path, native("SUCCESS_RATE", "1", "B1"), B1="5") == 0.2


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_2_native_formulas_judge_no_domain(engine: Engine, tmp_path: Path) -> None:
    assert FUNCTIONS["VALUE_PER_HOUR"].evaluate(8760, -1) is CellError.NUM
    assert value(engine, tmp_path, native("VALUE_PER_HOUR", "8760", "B1"), B1=-1) == -1


@pytest.mark.parametrize(
    ("engine", "found"),
    [
        (engines.in_ironcalc, 75),
        (engines.in_formualizer, 75),
        pytest.param(engines.in_libreoffice, -25, marks=calc),
    ],
)
def test_3_native_formulas_pass_over_booleans_in_ranges(engine: Engine, found: float, tmp_path: Path) -> None:
    assert FUNCTIONS["UNALLOCATED"].evaluate(100, [[0.25], [True]]) is CellError.NUM
    assert value(engine, tmp_path, native("UNALLOCATED", "100", "B1:B2"), B1=0.25, B2=True) == found


def test_4_a_lambda_takes_an_empty_argument_for_a_missing_one(tmp_path: Path) -> None:
    assert FUNCTIONS["VALUE_PER_HOUR"].evaluate(8760, 1, None, 2) is CellError.DIV0
    assert value(engines.in_ironcalc, tmp_path, "VALUE_PER_HOUR(8760,1,,2)") == 4380
    assert value(engines.in_ironcalc, tmp_path, "VALUE_PER_HOUR(8760,1,B1,2)") is CellError.DIV0
    assert value(engines.in_ironcalc, tmp_path, native("VALUE_PER_HOUR", "8760", "1", "", "2")) is CellError.DIV0


def test_5_ironcalc_divides_by_zero_when_a_power_overflows(tmp_path: Path) -> None:
    assert FUNCTIONS["COMPOUND_DISCRETE"].evaluate(1, 9, 400) is CellError.NUM
    assert value(engines.in_ironcalc, tmp_path, "COMPOUND_DISCRETE(1,9,400)") is CellError.DIV0
    assert value(engines.in_formualizer, tmp_path, native("COMPOUND_DISCRETE", "1", "9", "400")) is CellError.NUM


def test_6_ironcalc_takes_tiny_numbers_for_equal(tmp_path: Path) -> None:
    assert value(engines.in_ironcalc, tmp_path, "1E-17=0") is True
    assert value(engines.in_formualizer, tmp_path, "1E-17=0") is False
    assert FUNCTIONS["OUTCOME_READ"].evaluate(500, 1, 0, 1e-300) is CellError.NUM
    assert value(engines.in_ironcalc, tmp_path, "OUTCOME_READ(500,1,0,1E-300)") == "healthy"


def test_7_ironcalc_writes_numbers_out_in_texts(tmp_path: Path) -> None:
    assert FUNCTIONS["GROUP_PATH"].evaluate(1e15, 0.1 + 0.2) == "1E+15 → 0.3"
    found = value(engines.in_ironcalc, tmp_path, "GROUP_PATH(1E15,0.1+0.2)")
    assert found == "1000000000000000 → 0.30000000000000004"


def test_8_ironcalc_lets_infinity_pass(tmp_path: Path) -> None:
    assert FUNCTIONS["VALUE_PER_HOUR"].evaluate(1, 1e300, 1e300) is CellError.NUM
    assert value(engines.in_ironcalc, tmp_path, "VALUE_PER_HOUR(1,1E300,1E300)") == 0
    formula = native("VALUE_PER_HOUR", "1", "1E300", "1E300")
    assert value(engines.in_formualizer, tmp_path, formula) is CellError.NUM


@pytest.mark.parametrize(
    ("engine", "found"),
    [
        (engines.in_ironcalc, "#N/IMPL!"),
        (engines.in_formualizer, CellError.VALUE),
        pytest.param(engines.in_libreoffice, 100, marks=calc),
    ],
)
def test_9_only_spreadsheet_programs_round_arrays(engine: Engine, found: Cell, tmp_path: Path) -> None:
    formula = f"SUM({native('ALLOCATE', '100', 'B1:B3')})"
    assert value(engine, tmp_path, formula, array=True, B1=1, B2=1, B3=1) == found


@pytest.mark.parametrize(
    ("engine", "found"),
    [
        (engines.in_ironcalc, "#N/IMPL!"),
        (engines.in_formualizer, "EMEA → Support"),
        pytest.param(engines.in_libreoffice, "EMEA → Support", marks=calc),
    ],
)
def test_9_ironcalc_joins_no_array(engine: Engine, found: Cell, tmp_path: Path) -> None:
    formula = native("GROUP_PATH", "B1:B3")
    assert value(engine, tmp_path, formula, array=True, B1="EMEA", B2=0, B3="Support") == found


@calc
def test_10_calc_refuses_a_power_that_is_too_small(tmp_path: Path) -> None:
    assert FUNCTIONS["COMPOUND_DISCRETE"].evaluate(1, -0.9, 9999) == 0
    formula = native("COMPOUND_DISCRETE", "1", "-0.9", "9999")
    assert value(engines.in_libreoffice, tmp_path, formula) is CellError.NUM
    assert value(engines.in_formualizer, tmp_path, formula) == 0


@calc
def test_11_calc_joins_booleans_as_numbers(tmp_path: Path) -> None:
    assert FUNCTIONS["GROUP_PATH"].evaluate("EMEA", True) == "EMEA → TRUE"
    assert value(engines.in_libreoffice, tmp_path, native("GROUP_PATH", '"EMEA"', "B1"), B1=True) == "EMEA → 1"
    assert value(engines.in_formualizer, tmp_path, native("GROUP_PATH", '"EMEA"', "B1"), B1=True) == "EMEA → TRUE"


@calc
def test_12_calc_rounds_the_binary_number(tmp_path: Path) -> None:
    assert FUNCTIONS["SIGNIFICANT"].evaluate(0.285 * 100, 2) == 29
    formula = native("SIGNIFICANT", "B1*100", "2")
    assert value(engines.in_libreoffice, tmp_path, formula, B1=0.285) == 28
    assert value(engines.in_ironcalc, tmp_path, formula, B1=0.285) == 29
    assert value(engines.in_formualizer, tmp_path, formula, B1=0.285) == 29


@pytest.mark.parametrize("engine", EVERY_ENGINE)
def test_13_native_lookups_take_wildcards(engine: Engine, tmp_path: Path) -> None:
    assert FUNCTIONS["GROUPINGS"].evaluate("Time*", taxonomy=TAXONOMY) is CellError.NA
    assert value(engine, tmp_path, f"ROWS({native('GROUPINGS', 'B1')})", B1="Time*") == 3
    assert FUNCTIONS["LEDGER"].evaluate("uplift.?", records=SNAPSHOT) is CellError.NA
    assert value(engine, tmp_path, native("LEDGER", "B1"), B1="uplift.?") == 1.12
    assert value(engine, tmp_path, native("LEDGER_STATUS", "B1"), B1="*.P") == "assumed"


CALLED_IN_CALC = {
    "11 joined": 'VH.GROUP_PATH("EMEA",B1)',
    "14 text": 'VH.COST_PER_SUCCESS("5",1)',
    "15 optional range": "VH.ROOM_TO_IMPROVE(0.5,C1:C3)",
    "16 outside": "INDEX(VH.SUCCESS_RATE(C1:C2,{2;2;2}),3,1)",
    "16 inside": "INDEX(VH.SUCCESS_RATE(C1:C2,{2;2;2}),2,1)",
    "17 two errors": "VH.SUCCESS_RATE(D1,D2)",
    "18 whole": "VH.UNALLOCATED(100,E1:E2)",
    "18 cell by cell": "SUM(IFERROR(VH.SUCCESS_RATE(E1:E2,1),7))",
    "19 empty text": "VH.UNALLOCATED(100,F1:F2)",
    "20 empty at the end": "VH.VALUE_PER_HOUR(17520,1,)",
    "20 empty between": "VH.VALUE_PER_HOUR(17520,1,,2)",
    "22 text of an array": 'SUM((VH.GROUPINGS("Time structure")="Year")*1)',
    "22 healed": 'SUM((VH.GROUPINGS("Time structure")&""="Year")*1)',
    "22 one text": 'INDEX(VH.GROUPINGS("Time structure"),1,2)="Year"',
}


@pytest.fixture(scope="module")
def in_calc(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Cell]:
    """Each formula through the extension, in one start of Calc."""
    sheet = Sheet([], engines.by_name)
    cells = {"B1": True, "C1": 1, "C2": 0.5, "C3": 0, "D1": "=1/0", "D2": "=NA()"}
    cells |= {"E1": 0.25, "E2": "=1/0", "F1": 0.25, "F2": '=""'}
    for name, cell in cells.items():
        sheet.sheet[name] = cell
    rows = range(1, len(CALLED_IN_CALC) + 1)
    for row, formula in zip(rows, CALLED_IN_CALC.values(), strict=True):
        sheet.sheet[f"H{row}"] = ArrayFormula(f"H{row}", f"={formula}")
    sheet.sheet["I2"] = "=VH.SUCCESS_RATE(C1:C3,1)"
    sheet.places, sheet.result_column = [(row, 1, 2) for row in rows], 8
    found = engines.in_extension(sheet, tmp_path_factory.mktemp("extension"))
    results = {name: value[0][0] for name, value in zip(CALLED_IN_CALC, found, strict=True)}
    return {**results, "21 plain formula": found[1][0][1]}


def extension_test(test: Callable[..., None]) -> Callable[..., None]:
    """A test that needs Calc with our extension."""
    return calc(pytest.mark.requires_calc_python(test))


@extension_test
def test_11_calc_has_no_booleans_for_the_extension(in_calc: dict[str, Cell]) -> None:
    assert FUNCTIONS["GROUP_PATH"].evaluate("EMEA", True) == "EMEA → TRUE"
    assert in_calc["11 joined"] == "EMEA → 1"


@extension_test
def test_14_calc_reads_numbers_from_texts(in_calc: dict[str, Cell]) -> None:
    assert FUNCTIONS["COST_PER_SUCCESS"].evaluate("5", 1) is CellError.VALUE
    assert in_calc["14 text"] == 5


@extension_test
def test_15_calc_takes_no_range_for_an_optional_argument(in_calc: dict[str, Cell]) -> None:
    assert FUNCTIONS["ROOM_TO_IMPROVE"].evaluate(0.5, [[1], [0.5], [0]]) == [[0.5], [0.0], [0.0]]
    assert in_calc["15 optional range"] is CellError.VALUE


@extension_test
def test_16_calc_says_value_outside_the_shorter_range(in_calc: dict[str, Cell]) -> None:
    assert FUNCTIONS["SUCCESS_RATE"].evaluate([[1], [0.5]], [[2], [2], [2]]) == [[0.5], [0.25], [CellError.NA]]
    assert (in_calc["16 inside"], in_calc["16 outside"]) == (0.25, CellError.VALUE)


@extension_test
def test_17_calc_gives_the_error_of_the_last_bad_argument(in_calc: dict[str, Cell]) -> None:
    assert FUNCTIONS["SUCCESS_RATE"].evaluate(CellError.DIV0, CellError.NA) is CellError.DIV0
    assert in_calc["17 two errors"] is CellError.NA


@extension_test
def test_18_an_error_in_a_range_fails_the_whole_call(in_calc: dict[str, Cell]) -> None:
    assert FUNCTIONS["UNALLOCATED"].evaluate(100, [[0.25], [CellError.DIV0]]) is CellError.DIV0
    assert in_calc["18 whole"] is CellError.VALUE
    assert in_calc["18 cell by cell"] == 7.25


@extension_test
def test_19_an_empty_text_in_a_range_counts_as_blank(in_calc: dict[str, Cell]) -> None:
    assert FUNCTIONS["UNALLOCATED"].evaluate(100, [[0.25], [""]]) is CellError.VALUE
    assert in_calc["19 empty text"] == 75


@extension_test
def test_20_an_empty_argument_at_the_end_is_left_out(in_calc: dict[str, Cell]) -> None:
    assert FUNCTIONS["VALUE_PER_HOUR"].evaluate(17520, 1, None) is CellError.DIV0
    assert in_calc["20 empty at the end"] == 2
    assert in_calc["20 empty between"] is CellError.DIV0


@extension_test
def test_21_a_plain_formula_takes_the_cell_of_its_row(in_calc: dict[str, Cell]) -> None:
    assert FUNCTIONS["SUCCESS_RATE"].evaluate([[1], [0.5], [0]], 1) == [[1.0], [0.5], [0.0]]
    assert in_calc["21 plain formula"] == 0.5


@extension_test
def test_22_a_text_of_an_array_equals_no_other_text(in_calc: dict[str, Cell]) -> None:
    assert FUNCTIONS["GROUPINGS"].evaluate("Time structure", taxonomy=TAXONOMY)[0][1] == "Year"
    assert (in_calc["22 text of an array"], in_calc["22 healed"]) == (0, 1)
    assert in_calc["22 one text"] in (True, 1)


@calc
@pytest.mark.parametrize(("setting", "is_right"), [(None, False), ("core", True)])
def test_23_calc_reads_long_columns_before_they_are_ready(
    setting: str | None, is_right: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SC_FORCE_CALCULATION", raising=False)
    if setting is not None:
        monkeypatch.setenv("SC_FORCE_CALCULATION", setting)
    file = tmp_path / "long.xlsx"
    file.write_bytes(package_of(LONG["a cent too much"]).to_bytes())
    (converted,) = soffice.convert([file], "xlsx", tmp_path / "converted")
    errors = {
        cell.ref for cell in read_cells(Package.read(converted), "Allocation") if isinstance(cell.value, CellError)
    }
    assert (not errors) is is_right


@pytest.fixture(scope="module")
def in_classic_excel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[classic.Excel]:
    path = tmp_path_factory.mktemp("classic") / "valuehour.xlam"
    path.write_bytes(addin())
    with classic.excel(path) as started:
        yield started


def test_24_a_text_that_names_an_error_becomes_that_error(in_classic_excel: classic.Excel) -> None:
    assert FUNCTIONS["GROUP_PATH"].evaluate("#N/A") == "#N/A"
    assert in_classic_excel.ask("call", "GROUP_PATH", [["value", "#N/A"]]) == {"error": "#N/A"}
    assert in_classic_excel.ask("call", "GROUP_PATH", [["value", "#N/A"], ["value", "x"]]) == "#N/A → x"


def test_25_an_add_in_for_excel_does_not_look_into_the_workbook(in_classic_excel: classic.Excel) -> None:
    taxonomy = [list(row) for row in load_catalog().taxonomy()]
    assert in_classic_excel.ask("call", "GROUPINGS", []) == taxonomy
    assert in_classic_excel.ask("call", "LEDGER", [["value", "uplift.K"]]) == {"error": "#REF!"}


def in_office_js(name: str, *arguments: Any) -> Any:
    """A call as the Server and Lite answer it, through xlwings' code."""
    return officejs.cells(officejs.post(udfs, name, list(arguments)))


def on_the_site(name: str, *arguments: Any) -> Any:
    """A call as the static site answers it."""
    (rows,) = json.loads(answer(json.dumps([[name, arguments]])))
    return CellError(rows[0][0]["error"]) if isinstance(rows[0][0], dict) else rows[0][0]


@pytest.mark.parametrize("host", [in_office_js, on_the_site])
def test_26_an_empty_text_counts_as_a_blank_in_office_js(host: Callable[..., Any]) -> None:
    assert FUNCTIONS["SUCCESS_RATE"].evaluate("", 4) is CellError.VALUE
    assert host("SUCCESS_RATE", [[""]], [[4]]) == 0


def test_27_what_is_left_empty_is_left_out_in_office_js() -> None:
    assert FUNCTIONS["VALUE_PER_HOUR"].evaluate(8760, 1, None, 2) is CellError.DIV0
    assert in_office_js("VALUE_PER_HOUR", [[8760]], [[1]], None, [[2]]) == 4380
    assert on_the_site("VALUE_PER_HOUR", [[8760]], [[1]], None, [[2]]) == 4380
    assert in_office_js("VALUE_PER_HOUR", [[8760]], [[1]], [[None]], [[2]]) == 4380
    assert on_the_site("VALUE_PER_HOUR", [[8760]], [[1]], [[None]], [[2]]) is CellError.DIV0


@pytest.mark.parametrize("error", [CellError.SPILL, CellError.CALC])
@pytest.mark.parametrize("host", [in_office_js, on_the_site])
def test_28_two_errors_come_back_as_value(host: Callable[..., Any], error: CellError) -> None:
    assert FUNCTIONS["SUCCESS_RATE"].evaluate(error, 4) is error
    given = [[{"type": "Error", "basicType": "Error", "basicValue": str(error)}]]
    assert host("SUCCESS_RATE", given, [[4]]) is CellError.VALUE


@pytest.mark.parametrize("host", [in_office_js, on_the_site])
def test_29_too_many_results_are_an_error(host: Callable[..., Any]) -> None:
    column, row = [[1]] * 2001, [[1] * 1000]
    assert len(FUNCTIONS["SUCCESS_RATE"].evaluate(column, row)) == 2001
    assert host("SUCCESS_RATE", column, row) is CellError.VALUE


def test_every_difference_of_the_list_has_its_test() -> None:
    listed = {int(number) for number in re.findall(r"^(\d+)\. \*\*", LIST.read_text(encoding="utf-8"), re.MULTILINE)}
    tested = {int(match[1]) for name in globals() if (match := re.match(r"test_(\d+)_", name))}
    assert listed == tested == set(range(1, len(listed) + 1))
    assert {known.number for known in KNOWN} <= listed
