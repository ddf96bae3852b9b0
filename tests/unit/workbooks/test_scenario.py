"""What a scenario may say, what is refused, and what of it arrives in the cells."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from tests.workbooks import cells_of, contents_of, file_of, package_of, place
from valuehour.errors import ScenarioError, UsageError
from valuehour.ooxml import Package
from valuehour.workbooks.data import Filling, input_rules, table_rules
from valuehour.workbooks.formula import Style
from valuehour.workbooks.scenario import load_scenario, scenario_template, shipped
from valuehour.workbooks.templates import template
from valuehour.workbooks.verify import verify

TEMPLATE = template("value_model")
NOT_A_TABLE = "is not a setting of this template; allowed: tblWorkflows, tblAllocation"
ONE_LINE = "one line of at most 255 characters"


def load(folder: Path, text: str | bytes) -> Filling:
    path = folder / "plan.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_scenario(TEMPLATE, str(path))


def refused(folder: Path, text: str | bytes) -> list[str]:
    """The lines of a refusal, without the name of the file that each begins with."""
    with pytest.raises(ScenarioError) as found:
        load(folder, text)
    lines = str(found.value).splitlines()
    assert all(line.startswith("plan.toml: ") for line in lines)
    return [line.removeprefix("plan.toml: ") for line in lines]


WRONG = [
    ('total_value = "88"', "inputs.total_value is '88'; allowed: a number"),
    ("total_value = true", "inputs.total_value is true; allowed: a number"),
    ("total_value = [1]", "inputs.total_value is a list; allowed: a number"),
    ("total_value = {a = 1}", "inputs.total_value is a table; allowed: a number"),
    ("total_value = 2026-01-01", "inputs.total_value is 2026-01-01; allowed: a number"),
    ("total_value = nan", "inputs.total_value is nan; allowed: a number"),
    ("total_value = inf", "inputs.total_value is inf; allowed: a number"),
    ("total_value = -inf", "inputs.total_value is -inf; allowed: a number"),
    ("total_value = 1e300", "inputs.total_value is 1e+300; allowed: a number, up to 1e+15 in size"),
    (
        "total_value = -1000000000000001",
        "inputs.total_value is -1000000000000001; allowed: a number, up to 1e+15 in size",
    ),
    (f"total_value = {'9' * 400}", "inputs.total_value is a number of more than 38 digits; allowed: a number"),
    ("years = 0", "inputs.years is 0; allowed: a number above 0"),
    ("years = -0.0", "inputs.years is -0.0; allowed: a number above 0"),
    ("years_low = -1", "inputs.years_low is -1; allowed: a number above 0"),
    ("coverage = 1.0001", "inputs.coverage is 1.0001; allowed: a number from 0 to 1"),
    ("coverage_high = -0.1", "inputs.coverage_high is -0.1; allowed: a number from 0 to 1"),
    ("uplift_k = 0", "inputs.uplift_k is 0; allowed: a number above 0"),
    ("discrete_growth_rate = -1", "inputs.discrete_growth_rate is -1; allowed: a number above -1"),
    ("decimals = 2.5", "inputs.decimals is 2.5; allowed: a whole number from 0 to 6"),
    ("decimals = 7", "inputs.decimals is 7; allowed: a whole number from 0 to 6"),
    ("decimals = false", "inputs.decimals is false; allowed: a whole number from 0 to 6"),
    ('case = "Base"', "inputs.case is 'Base'; allowed: one of: low, base, high"),
    ("case = 3", "inputs.case is 3; allowed: one of: low, base, high"),
    ('years_status = "sure"', "inputs.years_status is 'sure'; allowed: one of: assumed, measured"),
    ("years_date = 46000", "inputs.years_date is 46000; allowed: a date"),
    ("years_date = 0001-01-01", "inputs.years_date is 0001-01-01; allowed: a date from March 1900 on"),
    ("years_date = 2026-01-01T10:00:00", "inputs.years_date is 2026-01-01 10:00:00; allowed: a date"),
    ("years_date = 10:00:00", "inputs.years_date is 10:00:00; allowed: a date"),
    ('years_date = "soon"', "inputs.years_date is 'soon'; allowed: a date"),
    ("currency = 3", f"inputs.currency is 3; allowed: {ONE_LINE}"),
    ('currency = "a\\nb"', f"inputs.currency is 'a\\nb'; allowed: {ONE_LINE}"),
    ('currency = "\\u0000"', f"inputs.currency is '\\x00'; allowed: {ONE_LINE}"),
    ('currency = "\\u2028"', f"inputs.currency is '\\u2028'; allowed: {ONE_LINE}"),
    (f'model_name = "{"x" * 256}"', f"inputs.model_name is '{'x' * 57}...'; allowed: {ONE_LINE}"),
    ('currency = "a_x0041_b"', f"inputs.currency is 'a_x0041_b'; allowed: {ONE_LINE}, without _x and four digits"),
    ('"a\\nb" = 1', r"inputs.'a\nb' is not a setting of this template"),
    ('dimension = "Regoin"', "inputs.dimension is 'Regoin' (did you mean 'Region'"),
    ("total_valu = 1", "inputs.total_valu is not a setting of this template (did you mean 'total_value'"),
    ("Years = 1", "inputs.Years is not a setting of this template (did you mean 'years'"),
]


@pytest.mark.parametrize(("setting", "line"), WRONG, ids=[setting[:40] for setting, _ in WRONG])
def test_a_wrong_input_is_refused_with_place_finding_and_what_is_allowed(
    setting: str, line: str, tmp_path: Path
) -> None:
    (found,) = refused(tmp_path, f"[inputs]\n{setting}\n")
    assert found.startswith(line)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("inputs = 3", ["inputs is 3; allowed: settings by name"]),
        ("inputs = []", ["inputs is a list; allowed: settings by name"]),
        ("tables = 3", ["tables is 3; allowed: settings by name"]),
        ("surprise = 1", ["surprise is not a setting of this template; allowed: template, inputs, tables"]),
        ("template = 'other'", ["template is 'other'; allowed: 'value_model'"]),
        ("template = 1", ["template is 1; allowed: 'value_model'"]),
        (
            "tables.tblPlans = []",
            [f"tables.tblPlans {NOT_A_TABLE}"],
        ),
        (
            "tables.tblGrowth = []",
            [f"tables.tblGrowth {NOT_A_TABLE}"],
        ),
        ("tables.tblWorkflows = 3", ["tables.tblWorkflows is 3; allowed: records, each under [[tables.tblWorkflows]]"]),
        (
            "[tables.tblWorkflows]\nvalue = 1",
            ["tables.tblWorkflows is a table; allowed: records, each under [[tables.tblWorkflows]]"],
        ),
        ("tables.tblWorkflows = [3]", ["tables.tblWorkflows[1] is 3; allowed: settings by name"]),
        (
            "[[tables.tblWorkflows]]\nvalue = 1\n[[tables.tblWorkflows]]\nvalue = 'x'\nshare = 1\nbasis = 'monthly'",
            [
                "tables.tblWorkflows[2].value is 'x'; allowed: a number",
                "tables.tblWorkflows[2].basis is 'monthly'; allowed: one of: in total, per year",
                "tables.tblWorkflows[2].share is not a setting of this template; allowed: workflow, value_",
            ],
        ),
        (
            "[[tables.tblAllocation]]\nweight = -1\n[[tables.tblAllocation]]\nweight = nan",
            [
                "tables.tblAllocation[1].weight is -1; allowed: a number, 0 or more",
                "tables.tblAllocation[2].weight is nan; allowed: a number, 0 or more",
            ],
        ),
        (
            "[inputs]\nweight_total = 10\n[[tables.tblAllocation]]\nweight = 6\n[[tables.tblAllocation]]\nweight = 4.5",
            ["tables.tblAllocation: the sum of weight is 10.5, 105.0% of weight_total; allowed: at most weight_total"],
        ),
        (b"\xff\xfei\x00", ["byte 0 is not UTF-8 text; save the file as UTF-8"]),
        ("[inputs]\nyears = \n", None),
        ("[inputs]\nyears = 1\nyears = 2\n", None),
        ("a = " + "[" * 100_000, ["not usable TOML: lists or tables are nested too deeply"]),
        ("[inputs]\nyears = " + "9" * 5_000, ["not usable TOML: a number is too long"]),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_file_is_refused_with_every_problem(text: str | bytes, lines: list[str] | None, tmp_path: Path) -> None:
    found = refused(tmp_path, text)
    if lines is None:
        (line,) = found
        assert line.startswith("not TOML: ")
    else:
        assert len(found) == len(lines)
        for line, expected in zip(sorted(found), sorted(lines), strict=True):
            assert line.startswith(expected)


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"missing\.toml: cannot be read: No such file"):
        load_scenario(TEMPLATE, str(tmp_path / "missing.toml"))
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(ScenarioError, match=r"folder\.toml: cannot be read: Is a directory"):
        load_scenario(TEMPLATE, str(tmp_path / "folder.toml"))
    with pytest.raises(UsageError, match=r"there is no scenario 'plan\.yaml'; there are: .*, or a file"):
        load_scenario(TEMPLATE, "plan.yaml")


def test_a_file_of_absurd_size_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    with path.open("wb") as file:
        file.truncate(20_000_001)
    with pytest.raises(ScenarioError, match="larger than 20 MB"):
        load_scenario(TEMPLATE, str(path))


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a system without /dev/zero")
def test_a_device_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.symlink_to("/dev/zero")
    with pytest.raises(ScenarioError, match="larger than 20 MB"):
        load_scenario(TEMPLATE, str(path))


def test_a_mark_that_windows_editors_put_in_front_is_passed_over(tmp_path: Path) -> None:
    assert load(tmp_path, b"\xef\xbb\xbf[inputs]\r\nyears = 3\r\n").inputs == {"years": 3}


def test_whole_numbers_and_decimals_are_both_numbers(tmp_path: Path) -> None:
    filling = load(tmp_path, "[inputs]\nyears = 3\ncoverage = 1\ndecimals = 4.0\ntotal_value = 1e15\n")
    assert filling.inputs == {"years": 3, "coverage": 1, "decimals": 4, "total_value": 1e15}


def test_an_empty_file_and_an_empty_record_are_fine(tmp_path: Path) -> None:
    assert load(tmp_path, "") == Filling({}, {})
    assert load(tmp_path, "[[tables.tblWorkflows]]\n").tables == {"tblWorkflows": ({},)}


def test_an_empty_text_leaves_its_cell_blank(tmp_path: Path) -> None:
    filling = load(tmp_path, '[inputs]\nmodel_name = ""\n[[tables.tblAllocation]]\nmember = ""\nweight = 1\n')
    assert filling == Filling({}, {"tblAllocation": ({"weight": 1},)})


def test_every_scenario_that_is_shipped_fits_its_template() -> None:
    assert shipped()
    for name in shipped():
        found = scenario_template(name)
        assert found is not None
        assert load_scenario(template(found), name).inputs


def test_every_input_and_column_can_be_given() -> None:
    """A scenario with everything in it, and every value where it belongs."""
    example = {"number": 0.5, "whole": 3, "text": "words", "date": datetime.date(2027, 2, 28)}
    inputs = {
        name: accepts.choices[-1] if accepts.choices and not accepts.open else example[accepts.kind]
        for name, accepts in input_rules(TEMPLATE).items()
    } | {"dimension": "Country", "weight_total": 5}
    tables = {
        table: [
            {
                key: accepts.choices[-1] if accepts.choices and not accepts.open else example[accepts.kind]
                for key, accepts in columns.items()
            }
        ]
        for table, columns in table_rules(TEMPLATE).items()
    }
    contents = contents_of({"inputs": inputs, "tables": tables})
    for name, value in inputs.items():
        assert contents.inputs[name] == (value.isoformat() if isinstance(value, datetime.date) else value), name
    for table, records in tables.items():
        assert {key: contents.tables[table][0][key] for key in records[0]} == records[0]


TEXTS = [
    "=1+1",
    '=HYPERLINK("https://example.org","x")',
    "+49 30 1234",
    "-5",
    "@SUM(A1)",
    "'quoted",
    "{=A1}",
    "#N/A",
    "TRUE",
    "007",
    "1e5",
    "_x004_ and _x00zz_",
    "<b>&amp;</b>",
    " two  spaces ",
    "a\u00a0b\u3000c",
    "Größe – 損失 – עברית – 👩\u200d🔬",
    "x" * 255,
]


@pytest.mark.parametrize("style", [Style.NATIVE, Style.LAMBDA])
@pytest.mark.parametrize("where", ["inputs", "tables"])
def test_a_text_stays_that_text_and_never_becomes_a_formula(style: Style, where: str) -> None:
    if where == "inputs":
        names = [name for name, accepts in input_rules(TEMPLATE).items() if name.endswith(("_source", "_approver"))]
        data: dict[str, object] = {"inputs": dict(zip(names, TEXTS, strict=False))}
        package = package_of(data, style)
        cells = cells_of(package)
        found = [cells[place(package, f"in_{name}")] for name, _ in zip(names, TEXTS, strict=False)]
        values = [contents_of(data, style).inputs[name] for name, _ in zip(names, TEXTS, strict=False)]
    else:
        data = {"tables": {"tblAllocation": [{"member": text, "weight": 1} for text in TEXTS]}}
        package = package_of(data, style)
        records = contents_of(data, style).tables["tblAllocation"]
        values = [record["member"] for record in records]
        found = [cell for cell in cells_of(package).values() if cell.value in TEXTS and cell.ref.startswith("B")]
    assert values == TEXTS
    assert len(found) >= len(TEXTS)
    assert all(cell.formula is None and cell.type in ("s", "inlineStr") for cell in found)
    assert verify(package).differences == ()


@pytest.mark.parametrize("style", [Style.NATIVE, Style.LAMBDA])
def test_a_table_grows_with_its_records_and_everything_below_moves(style: Style) -> None:
    members = [{"member": f"Member {n}", "weight": n + 1} for n in range(40)]
    workflows = [{"workflow": f"Workflow {n}", "value": 25, "in_scope": "yes"} for n in range(33)]
    data = {
        "inputs": {"total_value": 825, "years": 1},
        "tables": {"tblAllocation": members, "tblWorkflows": workflows},
    }
    package = Package.read(file_of(data, style))
    contents = contents_of(data, style)
    assert len(contents.tables["tblAllocation"]) == 40
    assert len(contents.tables["tblWorkflows"]) == 33
    assert contents.results["members"] == 40
    assert contents.results["workflows_value"] == 825
    assert contents.results["allocation_total"] == 825
    assert contents.results["checks_failed"] == 0
    assert verify(package).differences == ()
    small, large = package_of({}, style), package
    assert place(large, "out_unallocated") != place(small, "out_unallocated")
