"""The planners' round trip through the command line: build, fill, merge, bring up to date."""

from __future__ import annotations

import json
from pathlib import Path

from tests import older, rich
from tests.workbooks import EXAMPLE, complaints, file_of, listing, package_of, valuehour
from valuehour.ooxml import Package
from valuehour.workbooks.read import read


def test_a_template_is_filled_from_data_and_read_back(tmp_path: Path) -> None:
    data = {"inputs": {"total_value": 12, "years": 2}, "tables": {"tblAllocation": [{"member": "=A1", "weight": 3}]}}
    (tmp_path / "data.json").write_text(json.dumps(data), "utf-8")
    out = tmp_path / "filled.xlsx"
    done = valuehour("fill", "value_model", "--data", tmp_path / "data.json", "--out", out)
    assert (done.exit_code, complaints(done)) == (0, [])
    assert "1 record in tblAllocation" in done.stdout
    printed = json.loads(valuehour("read", out, "--json").stdout)
    assert (printed["inputs"]["years"], printed["tables"]["tblAllocation"][0]["member"]) == (2, "=A1")
    assert valuehour("verify", out).exit_code == 0


def test_what_read_prints_fills_a_copy_byte_for_byte(tmp_path: Path) -> None:
    source, copy = tmp_path / "source.xlsx", tmp_path / "copy.xlsx"
    source.write_bytes(file_of(EXAMPLE))
    (tmp_path / "data.json").write_text(valuehour("read", source, "--json").stdout, "utf-8")
    assert valuehour("fill", source, "--data", tmp_path / "data.json", "--out", copy).exit_code == 0
    assert copy.read_bytes() == source.read_bytes()


def test_refused_data_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "mine.xlsx").write_bytes(file_of(EXAMPLE))
    (tmp_path / "data.toml").write_text("[inputs]\nyears = -1\ncase = 'best'\n", "utf-8")
    before = listing(tmp_path)
    done = valuehour("fill", tmp_path / "mine.xlsx", "--data", tmp_path / "data.toml", "--out", tmp_path / "mine.xlsx")
    assert done.exit_code != 0
    assert [line.split(" is ")[0] for line in complaints(done)] == ["data.toml: inputs.years", "data.toml: inputs.case"]
    assert listing(tmp_path) == before


def test_an_old_file_is_brought_up_to_date_with_a_report(tmp_path: Path) -> None:
    older.filled(older.data_of(EXAMPLE)).write(tmp_path / "old.xlsx")
    older.empty().write(tmp_path / "empty.xlsx")
    out, report = tmp_path / "new.xlsx", tmp_path / "report.json"
    refused = valuehour("regenerate", tmp_path / "old.xlsx", "--out", out)
    assert refused.exit_code != 0
    assert "--layout" in complaints(refused)[0]
    assert not out.exists()
    done = valuehour(
        "regenerate", tmp_path / "old.xlsx", "--layout", tmp_path / "empty.xlsx", "--out", out, "--report", report
    )
    assert done.exit_code == 0
    assert json.loads(report.read_text("utf-8"))["from"] == older.VERSION
    assert read(Package.read(out)).inputs["total_value"] == 88_000_000
    assert valuehour("verify", out).exit_code == 0


def test_a_workbook_with_macros_keeps_them_and_its_ending(tmp_path: Path) -> None:
    only = tuple(kind for kind in rich.KINDS if kind != "macros")
    rich.enriched(package_of(EXAMPLE), without=only).write(tmp_path / "mine.xlsm")
    (tmp_path / "data.toml").write_text("[inputs]\nyears = 5\n", "utf-8")
    command = ("fill", tmp_path / "mine.xlsm", "--data", tmp_path / "data.toml", "--out")
    wrong = valuehour(*command, tmp_path / "out.xlsx")
    assert "must end in .xlsm" in complaints(wrong)[0]
    assert not (tmp_path / "out.xlsx").exists()
    assert valuehour(*command, tmp_path / "out.xlsm").exit_code == 0
    assert "xl/vbaProject.bin" in Package.read(tmp_path / "out.xlsm").parts


def test_more_rows_are_built_on_request(tmp_path: Path) -> None:
    assert valuehour("build", "value_model", "--rows", "tblAllocation=40", "--out", tmp_path).exit_code == 0
    tables = {table.name: table.ref for table in Package.read(tmp_path / "value_model.xlsx").tables()}
    first, last = (int("".join(filter(str.isdigit, end))) for end in tables["tblAllocation"].split(":"))
    assert last - first == 40
    endless = f"tblAllocation={'9' * 5000}"
    for text in ("tblAlocation=40", "tblAllocation=0", "tblAllocation", "tblAllocation=many", endless):
        done = valuehour("build", "value_model", "--rows", text, "--out", tmp_path / "none")
        assert complaints(done)[0].startswith(f"--rows {text.partition('=')[0]}")
        assert not (tmp_path / "none").exists()
