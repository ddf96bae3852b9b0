"""Released versions: their empty workbooks are at hand, and nothing of theirs is forgotten by the next version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType

import pytest

from tests import older
from tests.fillings import FILLINGS
from tests.workbooks import EXAMPLE, complaints, package_of, place, valuehour
from valuehour.errors import WorkbookError
from valuehour.ooxml import Package, entered, patch_cells
from valuehour.workbooks import layouts
from valuehour.workbooks.build import build
from valuehour.workbooks.layouts import file_name, in_order, layout, released
from valuehour.workbooks.migrations import MIGRATIONS, Migration, migration
from valuehour.workbooks.read import marks, read
from valuehour.workbooks.regenerate import regenerate
from valuehour.workbooks.spec import column_key
from valuehour.workbooks.templates import TEMPLATES, grouping_taxonomy, template, value_model, workflow_outcomes

MODULES: Mapping[str, ModuleType] = {
    module.NAME: module for module in (value_model, grouping_taxonomy, workflow_outcomes)
}
every_template = pytest.mark.parametrize("name", TEMPLATES)


def missing(versions: Iterable[str], current: str, at_hand: Iterable[str]) -> list[str]:
    """Versions that were followed by another one, and whose empty workbook is not shipped."""
    return sorted({*versions} - {current} - {*at_hand}, key=in_order)


def forgotten(empty: Package, changes: Migration) -> list[str]:
    """Inputs and columns of an older version that the current one neither has nor says what became of."""
    found = marks(empty)
    assert found is not None
    new = build(found["template"]).package
    names = {name.name for name in new.defined_names()}
    columns = {(table.name, column_key(column.name)) for table in new.tables() for column in table.columns}
    lost = [
        name.name
        for name in empty.defined_names()
        if name.name.startswith("in_")
        and name.name not in changes.dropped_names
        and changes.names.get(name.name, name.name) not in names
    ]
    for table in empty.tables():
        for column in table.columns:
            place = (table.name, column.name)
            now = (table.name, column_key(changes.columns.get(place, column.name)))
            if column.formula is None and place not in changes.dropped_columns and now not in columns:
                lost.append(f"{table.name}[{column.name}]")
    return lost


@every_template
def test_a_version_is_not_raised_without_shipping_the_empty_workbook_of_the_one_before(name: str) -> None:
    module = MODULES[name]
    versions = [version for version, _ in module.CHANGES]
    assert module.VERSION in versions
    gone = missing(versions, module.VERSION, released(name))
    assert gone == [], (
        f"copy workbook_templates/{name}.xlsx of that release to "
        f"src/valuehour/workbooks/layouts/{file_name(name, gone[0])}, and say in migrations.py what changed since"
    )


def test_a_version_that_was_raised_alone_is_found() -> None:
    assert missing(["1.10.0", "1.9.0", "1.0.0"], "1.10.0", ["1.0.0"]) == ["1.9.0"]


@every_template
def test_shipped_workbooks_are_what_their_name_says_and_a_released_version_does_not_change(name: str) -> None:
    for version in released(name):
        empty = layout(name, version)
        assert empty is not None
        assert {**(marks(empty) or {}), "style": "native"} == {"template": name, "version": version, "style": "native"}
        assert forgotten(empty, migration(name, version)) == []
        if version == template(name).version:
            assert empty.digest() == build(name).package.digest(), f"{name} changed: raise its version"


@every_template
def test_nothing_of_an_older_version_is_forgotten(name: str) -> None:
    assert forgotten(older.empty(name), migration(name, older.VERSION)) == []


def test_what_a_version_forgets_is_named() -> None:
    lost = forgotten(older.empty("grouping_taxonomy"), Migration())
    assert {"in_drill_into", "in_review_threshold", "tblBands[Lower bound]"} <= set(lost)


# With versions that were released -----------------------------------------------------------------------------


@pytest.fixture
def at_hand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As if the versions 0.9.0 had been released."""
    folder = tmp_path / "layouts"
    folder.mkdir()
    for name in TEMPLATES:
        older.empty(name).write(folder / file_name(name, older.VERSION))
    monkeypatch.setattr(layouts, "FOLDER", folder)
    return folder


@pytest.mark.parametrize("scenario", ["decision_continuity", "enterprise_grouping", "guide_workflows"])
def test_a_file_of_a_released_version_needs_nothing_but_itself(scenario: str, at_hand: Path, tmp_path: Path) -> None:
    data = FILLINGS[scenario]
    assert released(data["template"]) == (older.VERSION,)
    older.filled(older.data_of(data)).write(tmp_path / "old.xlsx")
    done = valuehour("regenerate", tmp_path / "old.xlsx", "--out", tmp_path / "new.xlsx")
    assert (done.exit_code, complaints(done)) == (0, [])
    new = Package.read(tmp_path / "new.xlsx")
    assert read(new).inputs == read(package_of(older.carried(data))).inputs
    assert valuehour("verify", tmp_path / "new.xlsx").exit_code == 0


def test_a_version_that_was_never_released_is_named_with_those_that_were(at_hand: Path) -> None:
    package = package_of(EXAMPLE)
    sheet, ref = place(package, "valuehour_version")
    for version in ("0.1.0", "../value_model-0.9.0", "0.9.0/../../x"):
        patch_cells(package, sheet, {ref: entered(version)})
        with pytest.raises(WorkbookError, match=r"those of released versions \(0\.9\.0\); give this one with --layout"):
            regenerate(package)


def test_a_file_of_a_newer_version_asks_for_a_newer_valuehour() -> None:
    package = package_of(EXAMPLE)
    sheet, ref = place(package, "valuehour_version")
    patch_cells(package, sheet, {ref: entered("1.10.0")})
    with pytest.raises(WorkbookError, match=r"is version 1\.10\.0 of value_model, which is newer than 1\.0\.0"):
        regenerate(package, empty=package)


def test_a_file_that_is_several_versions_old_takes_every_step(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = {
        "0.10.0": Migration(names={"in_b": "in_c"}, sheets={"New": "Newer"}, dropped_names=frozenset({"in_y"})),
        "0.9.0": Migration(
            names={"in_a": "in_b", "in_x": "in_y"},
            columns={("tbl", "One"): "Two"},
            sheets={"Old": "New"},
        ),
        "0.11.0": Migration(columns={("tbl", "Two"): "Three"}, dropped_columns=frozenset({("tbl", "Four")})),
    }
    monkeypatch.setitem(MIGRATIONS, "value_model", steps)  # type: ignore[arg-type]
    found = migration("value_model", "0.9.0")
    assert found.names["in_a"] == "in_c"
    assert found.columns["tbl", "One"] == "Three"
    assert found.sheets["Old"] == "Newer"
    assert {"in_x", "in_y"} <= found.dropped_names
    assert found.dropped_columns == {("tbl", "Four")}
    assert migration("value_model", "0.10.0").names == {"in_b": "in_c"}
    assert migration("value_model", "0.12.0") == Migration()
