"""What a user's own catalog files may do, and that the packaged one stays what it is."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest
from pydantic import ValidationError

from valuehour.catalog import load_catalog
from valuehour.errors import CatalogError, UsageError
from valuehour.models import Metric

Write = Callable[..., Path]

FLEET = """
[dimensions.fleet]
name = "Fleet"
structure = "operations_structure"
definition = "The vehicles that are run together"
members = ["Vans", { name = "Trucks", aliases = ["Lorries"] }]
"""

TRIAGE = """
[workflows.claims_triage]
name = "Claims triage"
success_rule = "The claim reaches the right desk within a day"
nearest_metric = { name = "Time to desk", unit = "hours", better = "lower" }
"""


def test_the_catalog_is_read_once_and_shared() -> None:
    assert load_catalog() is load_catalog()


def test_a_catalog_cannot_be_changed_behind_the_back_of_others() -> None:
    catalog = load_catalog()
    with pytest.raises(ValidationError, match="frozen"):
        catalog.dimensions = ()  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        catalog.dimension("Region").name = "Area"  # type: ignore[misc]
    hash(catalog)  # nothing changeable at any depth


def test_an_empty_file_changes_nothing(write: Write) -> None:
    assert load_catalog(write("# nothing yet\n")) == load_catalog()


def test_a_file_saved_by_a_windows_editor_is_read(write: Write) -> None:
    path = write(b"\xef\xbb\xbf" + FLEET.replace("\n", "\r\n").encode())
    assert load_catalog(path).dimension("fleet").member_names == ("Vans", "Trucks")


def test_paths_may_be_text(write: Write) -> None:
    assert load_catalog(str(write(FLEET))).dimension("fleet").id == "fleet"


def test_own_dimensions_stand_after_ours_in_their_structure(write: Write) -> None:
    catalog = load_catalog(write(FLEET))
    rows = catalog.taxonomy()
    operations = [dimension for structure, dimension in rows if structure == "Operations structure"]
    ours = [dimension for structure, dimension in load_catalog().taxonomy() if structure == "Operations structure"]
    assert operations == [*ours, "Fleet"]
    assert catalog.dimension("fleet").members_of("lorries") == ("Trucks",)


def test_rows_of_a_structure_stay_together_for_dependent_dropdowns(write: Write) -> None:
    rows = load_catalog(write(FLEET), write(TRIAGE, "more.toml")).taxonomy()
    runs = [structure for structure, _ in groupby(rows, key=lambda row: row[0])]
    assert len(runs) == len(set(runs)) == 13
    assert len(rows) == len(load_catalog().dimensions) + 1


def test_own_structures_come_last(write: Write) -> None:
    path = write(
        FLEET.replace("operations_structure", "Sustainability")
        + '[structures.sustainability]\nname = "Sustainability"\ndefinition = "What the work does to the climate"\n'
    )
    assert load_catalog(path).taxonomy()[-1] == ("Sustainability", "Fleet")
    assert load_catalog(path).structures[-1].sources == ("mine.toml",)


@pytest.mark.parametrize(
    "spelling", ["operations_structure", "Operations structure", "OPERATIONAL & RISK", "operations"]
)
def test_a_structure_may_be_named_by_id_name_or_alias(write: Write, spelling: str) -> None:
    path = write(FLEET.replace("operations_structure", spelling))
    assert load_catalog(path).dimension("Fleet").structure == "operations_structure"


def test_a_dimension_moves_to_the_structure_its_user_gives(write: Write) -> None:
    rows = load_catalog(write('[dimensions.sku]\nstructure = "Operations"\n')).taxonomy()
    assert ("Operations structure", "SKU") in rows
    assert ("Revenue structure", "SKU") not in rows


def test_only_the_given_fields_are_replaced(write: Write) -> None:
    ours = load_catalog().dimension("Region")
    mine = load_catalog(write('[dimensions.region]\nmembers = ["North", "South"]\nmember_groups = []\n')).dimension(
        "Region"
    )
    assert mine.member_names == ("North", "South")
    assert mine.member_groups == ()
    assert (mine.name, mine.definition, mine.structure) == (ours.name, ours.definition, ours.structure)


def test_a_user_file_never_leaks_into_the_catalog_of_the_next_call(write: Write) -> None:
    before = load_catalog(write("", "empty.toml"))
    load_catalog(write('[dimensions.region]\nmembers = ["North"]\nmember_groups = []\n[policy.weak_at]\nvalue = 1\n'))
    with pytest.raises(CatalogError):
        load_catalog(write("[dimensions.country]\nname = 3\n", "bad.toml"))
    assert load_catalog(write("", "empty.toml")) == before


def test_later_files_win_field_by_field(write: Write) -> None:
    first = write('[dimensions.sku]\nname = "Article"\ndefinition = "First"\n', "first.toml")
    second = write('[dimensions.sku]\ndefinition = "Second"\n', "second.toml")
    article = load_catalog(first, second).dimension("sku")
    assert (article.name, article.definition) == ("Article", "Second")
    assert load_catalog(second, first).dimension("sku").definition == "First"


def test_an_auditor_sees_which_entries_a_file_changed(write: Write) -> None:
    catalog = load_catalog(write(FLEET + '[dimensions.sku]\nname = "Article"\n'), write(TRIAGE, "more.toml"))
    assert catalog.dimension("fleet").sources == ("mine.toml",)
    assert catalog.dimension("Article").sources == ("business_process_workflows", "mine.toml")
    assert catalog.workflow("claims_triage").sources == ("more.toml",)
    untouched = {each.sources for each in catalog.dimensions if each.id not in ("fleet", "sku")}
    assert untouched == {each.sources for each in load_catalog().dimensions}


def test_a_file_that_names_its_sources_is_believed(write: Write) -> None:
    path = write('[dimensions.sku]\nsources = ["Price list 2026"]\n')
    assert load_catalog(path).dimension("SKU").sources == ("Price list 2026",)


def test_a_rule_of_a_user_is_no_longer_credited_to_the_document(write: Write) -> None:
    ours = load_catalog().workflow("support_reply")
    mine = load_catalog(write('[workflows.support_reply]\nsuccess_rule = "Sent within an hour"\n')).workflow(
        "support_reply"
    )
    assert (mine.success_rule, mine.success_rule_source) == ("Sent within an hour", "mine.toml")
    assert (mine.nearest_metric, mine.nearest_metric_source) == (ours.nearest_metric, ours.nearest_metric_source)
    named = write(
        '[workflows.support_reply]\nsuccess_rule = "Sent"\nsuccess_rule_source = "Service handbook"\n', "b.toml"
    )
    assert load_catalog(named).workflow("support_reply").success_rule_source == "Service handbook"


def test_a_workflow_needs_no_more_than_a_rule_and_a_metric(write: Write) -> None:
    workflow = load_catalog(write(TRIAGE)).workflow("claims triage")
    assert workflow.nearest_metric == Metric(name="Time to desk", unit="hours", better="lower")
    assert workflow.success_rule_source == workflow.nearest_metric_source == "mine.toml"
    assert (workflow.stages, workflow.chain, workflow.value_driver) == ((), None, None)


def test_thresholds_can_be_changed(write: Write) -> None:
    catalog = load_catalog(write("[policy.expensive_at]\nvalue = 2500\n"))
    assert {each.id: each.value for each in catalog.policy}["expensive_at"] == 2500
    assert [each.id for each in catalog.policy] == [each.id for each in load_catalog().policy]


def test_the_same_files_give_the_same_catalog_from_any_folder(write: Write, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other folder"
    elsewhere.mkdir()
    (elsewhere / "mine.toml").write_text(FLEET)
    assert load_catalog(elsewhere / "mine.toml") == load_catalog(write(FLEET))


@pytest.mark.parametrize("name", ["=cmd().toml", "a\nb.toml", "  x   y.toml", "+.toml", f"{'long' * 50}.toml"])
def test_a_strange_file_name_is_no_reason_to_refuse_a_file(write: Write, name: str) -> None:
    (source,) = load_catalog(write(FLEET, name)).dimension("fleet").sources
    assert source.isprintable()
    assert source[0] not in "=+-@ "
    assert len(source) <= 120


def test_the_catalog_does_not_depend_on_hash_seed_locale_or_folder(tmp_path: Path) -> None:
    """Read in other processes under other circumstances, it is the same to the letter."""
    program = (
        "import hashlib, valuehour.catalog as c; print(hashlib.sha256(repr(c.load_catalog()).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "PYTHONUTF8": "0"},
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed, locale in (("0", "C"), ("1", "C.UTF-8"))
    }
    assert len(digests) == 1


# Finding an entry again


@pytest.mark.parametrize(
    "spelling", ["support_reply", "Support reply", "SUPPORT-REPLY", "support reply workflow", " support  reply "]
)
def test_a_workflow_key_of_a_spend_export_finds_its_workflow(spelling: str) -> None:
    assert load_catalog().workflow(spelling).id == "support_reply"


def test_every_entry_is_found_by_id_name_and_each_alias() -> None:
    catalog = load_catalog()
    for entries, find in (
        (catalog.structures, catalog.structure),
        (catalog.dimensions, catalog.dimension),
        (catalog.workflows, catalog.workflow),
    ):
        for entry in entries:
            for spelling in (entry.id, entry.name, *entry.aliases):
                assert find(spelling.upper()) is entry


@pytest.mark.parametrize(
    ("kind", "wrong", "suggestion"),
    [
        ("dimension", "Regoin", "'Region'"),
        ("dimension", "win rate band", "'Win-rate tier'"),
        ("workflow", "suport_reply", "'Support reply'"),
        ("workflow", "deal desks", "'Deal desk'"),
        ("structure", "Revenues", "'Revenue'"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_nearest(kind: str, wrong: str, suggestion: str) -> None:
    with pytest.raises(UsageError) as refused:
        getattr(load_catalog(), kind)(wrong)
    message = str(refused.value)
    assert message.startswith(f"unknown {kind} '{wrong}' (did you mean ")
    assert suggestion in message
    assert "\n" not in message


def test_a_name_like_nothing_is_answered_with_what_there_is() -> None:
    with pytest.raises(UsageError, match=r"^unknown workflow 'qqq'; known: Customer onboarding, .* and \d+ more$"):
        load_catalog().workflow("qqq")


def test_an_endless_name_is_answered_at_once_and_shortly() -> None:
    with pytest.raises(UsageError) as refused:
        load_catalog().dimension("x" * 1_000_000)
    assert len(str(refused.value)) < 300


def test_an_unknown_member_is_answered_with_the_known_ones() -> None:
    region = load_catalog().dimension("Region")
    with pytest.raises(
        UsageError, match=r"^dimension 'Region' has no member 'EMAE' \(did you mean 'EMEA'\?\); known: NA, "
    ):
        region.members_of("EMAE")
    with pytest.raises(UsageError, match=r"^dimension 'Team' has no member 'Red'; known: none$"):
        load_catalog().dimension("Team").members_of("Red")
