"""The extension in LibreOffice as people install it, use it, replace it and lose it."""

from __future__ import annotations

import datetime
import io
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from itertools import product
from pathlib import Path

import openpyxl
import pytest

from tests import planners, soffice
from tests.ledgers import Clock, draft
from tests.workbooks import cells_of
from valuehour.errors import CellError, ProgramError
from valuehour.functions import FUNCTIONS
from valuehour.hosts.calc import program
from valuehour.hosts.calc.extension import IDENTIFIER, extension
from valuehour.hosts.calc.program import Calc, calc, find, run
from valuehour.hosts.calc.recalculation import recalculate
from valuehour.ledger import AsOf, Ledger
from valuehour.ledger.recalibration import recalibrate
from valuehour.ooxml import Package
from valuehour.workbooks.build import EMPTY, build
from valuehour.workbooks.formula import Style
from valuehour.workbooks.scenario import load_scenario, scenario_template
from valuehour.workbooks.templates import TEMPLATES, template

pytestmark = [pytest.mark.requires_libreoffice, pytest.mark.requires_calc_python]

TAXONOMY = (("Time structure", "Year"),)
STYLES = (Style.NATIVE, Style.XLWINGS, Style.OFFICEJS)
OWN_TAXONOMY = (("Time structure", "Decade"), ("Time structure", "Century"))


@pytest.fixture
def office() -> Iterator[Calc]:
    with soffice.turn(), calc() as found:
        yield found


def oxt(folder: Path, content: bytes, name: str = "valuehour.oxt") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def sheet(folder: Path, *formulas: str) -> Path:
    """A workbook with these formulas below each other."""
    book = openpyxl.Workbook()
    for row, formula in enumerate(formulas, 1):
        book.active.cell(row, 1).value = f"={formula}"
    path = folder / "sheet.xlsx"
    book.save(path)
    return path


def column(path: Path) -> list[object]:
    """What stands in the first column."""
    found = openpyxl.load_workbook(path, data_only=True).active
    return [cell.value for cell in found["A"]]


def scenarios() -> list[str]:
    return sorted(Path(str(path)).stem for path in files("valuehour.workbooks").joinpath("scenarios").iterdir())


def test_every_template_recalculates_in_every_style_to_the_values_that_it_holds() -> None:
    fillings = [(name, EMPTY) for name in TEMPLATES]
    for scenario in scenarios():
        name = scenario_template(scenario)
        assert name is not None
        fillings.append((name, load_scenario(template(name), scenario)))
        assert fillings[-1][1] != EMPTY
    packages = [build(name, style=style, filling=filling).package for style in STYLES for name, filling in fillings]
    with soffice.turn():
        found = recalculate(packages, extension(TAXONOMY), find())
    wrong = [
        f"{style} {name}: {difference}"
        for (style, (name, _)), one in zip(product(STYLES, fillings), found, strict=True)
        for difference in one.differences
    ]
    assert wrong == []
    assert all(one.formulas > 50 for one in found)


def test_the_lambda_style_recalculates_too() -> None:
    package = build("value_model", style=Style.LAMBDA).package
    with soffice.turn():
        (found,) = recalculate([package], extension(TAXONOMY), find())
    assert found.differences == ()


def test_the_function_wizard_explains_every_function() -> None:
    with soffice.session(TAXONOMY) as session:
        known = session.ask("wizard")
    assert known["value"] == 1
    for name, function in FUNCTIONS.items():
        entry = known["functions"][name]
        assert entry["description"] == function.summary
        names = [name for name, _ in function.named_arguments(function.counts[1])]
        assert [shown.strip("[]") for shown, _ in entry["arguments"]] == names
        if not function.aggregates:
            optional = [is_optional for _, is_optional in entry["arguments"]]
            assert optional == [place >= function.counts[0] for place in range(len(names))]


def test_it_is_loaded_by_the_first_call_and_not_before(tmp_path: Path, office: Calc) -> None:
    mark = tmp_path / "loaded"
    office.install(oxt(tmp_path, with_line(extension(TAXONOMY), f"Path({str(mark)!r}).touch()")))
    office.convert([sheet(tmp_path, "SUM(1,2)", "EDATE(40000,1)")], "xlsx", tmp_path / "out")
    assert not mark.exists()
    (path,) = office.convert([sheet(tmp_path, "VH.VALUE_PER_HOUR(8760,1)")], "xlsx", tmp_path / "out")
    assert mark.exists()
    assert column(path) == [1]


def with_line(content: bytes, line: str) -> bytes:
    """The extension with one more line in the module of the add-in."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, text + f"\n{line}\n".encode() if name == "valuehour_calc.py" else text)
    return stream.getvalue()


def test_groupings_looks_into_the_workbooks_own_taxonomy_first(tmp_path: Path, office: Calc) -> None:
    office.install(oxt(tmp_path, extension(TAXONOMY)))
    formulas = ("INDEX(VH.GROUPINGS(),1,2)", "ROWS(VH.GROUPINGS())")
    book = openpyxl.load_workbook(sheet(tmp_path, *formulas))
    other = book.create_sheet("Own lists")
    for row in (("", "", ""), ("", "Dimension", "Structure"), *(("", b, a) for a, b in OWN_TAXONOMY)):
        other.append(row)
    other.add_table(openpyxl.worksheet.table.Table(displayName="tblTaxonomy", ref="B2:C4"))
    own = tmp_path / "own.xlsx"
    book.save(own)
    shipped, with_own = office.convert([tmp_path / "sheet.xlsx", own], "xlsx", tmp_path / "out")
    assert column(shipped) == ["Year", 1]
    assert column(with_own) == ["Decade", 2]


def test_the_ledger_in_calc_is_the_table_of_records_of_the_workbook(tmp_path: Path, office: Calc) -> None:
    """A recalibrated workbook answers; one without records says that there is nothing to refer to."""
    office.install(oxt(tmp_path, extension(TAXONOMY)))
    formulas = ('VH.LEDGER("uplift.K")', 'VH.LEDGER_STATUS("uplift.K")', 'VH.LEDGER_EVIDENCE("uplift.K")')
    formulas += ('VH.LEDGER("uplift.P")', 'VH.LEDGER("uplift.K",DATE(2026,9,30))')
    path = sheet(tmp_path, *formulas)
    clock = Clock()
    with Ledger.create(tmp_path / "ledger.db", "Test", clock) as ledger:
        drafts = [draft("uplift.K", "1.12", reference="Pilot report"), draft("projection.total_value", 88_000_000)]
        ledger.append([*drafts, draft("projection.years", 3)], clock)
        day = datetime.date(2026, 12, 31)
        made = recalibrate(ledger, AsOf.days(day), known_on=day)
    recalibrated = Package.read(made.built.to_bytes())
    planners.add_sheet(recalibrated, "Own", {f"A{row}": (formula, 0.0) for row, formula in enumerate(formulas, 1)})
    own = tmp_path / "own.xlsx"
    own.write_bytes(recalibrated.to_bytes())
    without, with_records = office.convert([path, own], "xlsx", tmp_path / "out")
    assert column(without) == ["#REF!"] * 5
    found = cells_of(Package.read(with_records))
    values = [found["Own", f"A{row}"].value for row in range(1, 6)]
    assert values == [1.12, "measured", "Pilot report", CellError.NA, CellError.NA]


def test_a_newer_version_takes_the_place_of_an_older_one(tmp_path: Path, office: Calc) -> None:
    office.install(oxt(tmp_path, extension(TAXONOMY, version="0.0.1"), "old.oxt"))
    assert "Version: 0.0.1;" in office.extensions()
    office.install(oxt(tmp_path, extension(OWN_TAXONOMY, version="0.0.2"), "new.oxt"))
    assert office.extensions().count(f"Identifier: {IDENTIFIER}") == 1
    assert "Version: 0.0.2;" in office.extensions()
    (path,) = office.convert([sheet(tmp_path, "ROWS(VH.GROUPINGS())")], "xlsx", tmp_path / "out")
    assert column(path) == [2]


def test_a_workbook_survives_the_removal_of_the_extension(tmp_path: Path, office: Calc) -> None:
    path = oxt(tmp_path, extension(TAXONOMY))
    office.install(path)
    (used,) = office.convert([sheet(tmp_path, "VH.VALUE_PER_HOUR(8760,2)")], "ods", tmp_path / "used")
    office.remove(IDENTIFIER)
    assert IDENTIFIER not in office.extensions()
    (without,) = office.convert([used], "ods", tmp_path / "without")
    (shown,) = office.convert([without], "xlsx", tmp_path / "shown")
    assert column(shown) == ["#NAME?"]
    office.install(path)
    (again,) = office.convert([without], "xlsx", tmp_path / "again")
    assert column(again) == [0.5]


def test_a_workbook_that_calc_saved_is_read_with_our_functions(tmp_path: Path, office: Calc) -> None:
    """Calc writes the names as it knows them; verify still sees whose functions they are."""
    from valuehour.workbooks.verify import verify

    office.install(oxt(tmp_path, extension(TAXONOMY)))
    (saved,) = office.convert([sheet(tmp_path, "VH.UPLIFT(1.12,1.08)")], "xlsx", tmp_path / "saved")
    verdict = verify(Package.read(saved))
    assert verdict.function_cells == 1
    assert not [d for d in verdict.differences if d.kind in ("cached value", "function result", "engine")]


def test_a_broken_profile_of_the_user_is_in_nobodys_way(
    tmp_path: Path, office: Calc, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = tmp_path / "home" / ".config" / "libreoffice" / "4" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text("<oor:items broken", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    office.install(oxt(tmp_path, extension(TAXONOMY)))
    (path,) = office.convert([sheet(tmp_path, "VH.VALUE_PER_HOUR(8760,1)")], "xlsx", tmp_path / "out")
    assert column(path) == [1]
    assert (user / "registrymodifications.xcu").read_text(encoding="utf-8") == "<oor:items broken"


def test_a_profile_that_cannot_be_used_is_said_and_does_not_hang(tmp_path: Path) -> None:
    (tmp_path / "profile").write_text("a file where the folder should be", encoding="utf-8")
    broken = Calc(find(), tmp_path / "profile")
    with pytest.raises(ProgramError) as refusal:
        broken.install(oxt(tmp_path, extension(TAXONOMY)), limit=60)
    assert "\n" not in str(refusal.value)
    with pytest.raises(ProgramError) as refusal:
        broken.convert([sheet(tmp_path, "1+1")], "xlsx", tmp_path / "out", limit=60)
    assert "\n" not in str(refusal.value)


def test_what_is_no_extension_is_refused_in_one_line(tmp_path: Path, office: Calc) -> None:
    with pytest.raises(ProgramError) as refusal:
        office.install(oxt(tmp_path, b"no extension at all"))
    assert str(refusal.value).startswith("unopkg failed")
    assert "\n" not in str(refusal.value)


def test_it_works_for_a_user_who_is_no_administrator(tmp_path: Path) -> None:
    script = Path(__file__).with_name("as_other_user.py")
    with tempfile.TemporaryDirectory(prefix="valuehour-other-") as folder:
        Path(folder).chmod(0o777)
        done = subprocess.run(
            [sys.executable, script, folder],
            capture_output=True,
            text=True,
            env={**os.environ, "HOME": folder, "TMPDIR": folder, "PYTHONPATH": os.pathsep.join(sys.path)},
            timeout=120,
            check=False,
        )
    assert (done.stderr, done.stdout.strip()) == ("", "user [0.5]")


def test_nothing_stays_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with soffice.turn():
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        recalculate([build("value_model").package], extension(TAXONOMY), find())
    assert list(tmp_path.iterdir()) == []
    assert processes(str(tmp_path)) == []


def processes(text: str) -> list[str]:
    """The command lines that hold a text."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue  # it has ended meanwhile
    return [line for line in lines if text in line]


def test_a_program_that_hangs_is_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    script = tmp_path / "soffice"
    script.write_text(f"#!/bin/sh\necho waiting for a printer\nsleep 600 {tmp_path} &\nsleep 600\n", encoding="utf-8")
    script.chmod(0o755)
    with pytest.raises(ProgramError, match=r"soffice did not finish within 1 s and was stopped: waiting for a printer"):
        run([script], limit=1)
    assert processes(str(tmp_path)) == []


def test_a_libreoffice_without_python_is_told_what_is_missing(tmp_path: Path, office: Calc) -> None:
    bare = program.Program(tmp_path / "soffice", tmp_path / "unopkg", (7, 4))
    with pytest.raises(ProgramError, match=r"LibreOffice 7\.4 is installed without Python.*apt install python3-uno"):
        Calc(bare, office.folder).install(oxt(tmp_path, extension(TAXONOMY)))
