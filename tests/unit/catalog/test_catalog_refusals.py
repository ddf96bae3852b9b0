"""A bad catalog entry: refused with file, entry, reason and what is allowed, in plain words and all at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.catalog.entries import fleet, refusal, triage
from valuehour.catalog import load_catalog
from valuehour.catalog.load import _combined
from valuehour.catalog.read import parse
from valuehour.errors import CatalogError

Write = Callable[..., Path]


def test_the_good_entries_of_these_tests_are_good(write: Write) -> None:
    catalog = load_catalog(write(fleet() + triage()))
    assert catalog.dimension("Fleet").id == "fleet"
    assert catalog.workflow("Claims triage").id == "claims_triage"


# Entries that do not fit

ALLOWED_KEYS = "aliases, definition, kind, member_groups, members, name, sources, structure"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (fleet(name=""), "dimension 'fleet', name: is missing; it is required"),
        (fleet(name="7"), "dimension 'fleet', name: found 7; allowed: a text"),
        (fleet(name='["Fleet"]'), "dimension 'fleet', name: found a list; allowed: a text"),
        (fleet(definition="true"), "dimension 'fleet', definition: found true; allowed: a text"),
        (fleet(aliases='"Cars"'), "dimension 'fleet', aliases: found 'Cars'; allowed: a list"),
        (fleet(aliases='["Cars", 3]'), "dimension 'fleet', aliases, item 2: found 3; allowed: a text"),
        (fleet(kind='"ratio"'), "dimension 'fleet', kind: found 'ratio'; allowed: 'dimension' or 'measure'"),
        (
            fleet(defintion='"x"'),
            f"dimension 'fleet': unknown key 'defintion' (did you mean 'definition'?); allowed: {ALLOWED_KEYS}",
        ),
        (fleet(id='"fleet"'), "dimension 'fleet', id: found inside the entry; allowed: only as the name of its table"),
        (
            fleet(members="[7]"),
            "dimension 'fleet', members, item 1: found 7; allowed: a name in quotes, or a table with a name",
        ),
        (
            fleet(members='[{ name = "A", weight = 3 }]'),
            "dimension 'fleet', members, item 1: unknown key 'weight'; allowed: aliases, definition, name",
        ),
        (
            fleet(members='[{ aliases = ["A"] }]'),
            "dimension 'fleet', members, item 1, name: is missing; it is required",
        ),
        (
            fleet(members='["Vans", "Cars", "vans"]'),
            "dimension 'fleet': listed twice: 'vans' (as 'Vans'); allowed: each member, alias and group once",
        ),
        (
            fleet(members='["Vans", { name = "Cars", aliases = ["Vans"] }]'),
            "dimension 'fleet': listed twice: 'Vans'; allowed: each member, alias and group once",
        ),
        (
            fleet(members='["Vans"]', member_groups='[{ name = "All", covers = ["Vans", "Cars"] }]'),
            (
                "dimension 'fleet': the member group 'All' covers 'Cars', which is not a member; "
                "allowed: Vans (member_groups = [] drops the groups)"
            ),
        ),
        (
            fleet(members='["Vans"]', member_groups='[{ name = "All", covers = [] }]'),
            "dimension 'fleet', member_groups, item 1, covers: found a list; allowed: at least one",
        ),
        (
            fleet(members='["Vans"]', member_groups='[{ name = "All", covers = ["Vans", "Vans"] }]'),
            "dimension 'fleet': listed twice: 'Vans'; allowed: each member of the group 'All' once",
        ),
        (
            fleet(aliases='["Cars", "FLEET", "cars"]'),
            (
                "dimension 'fleet': listed twice: 'FLEET' (as 'Fleet'), 'cars' (as 'Cars'); "
                "allowed: a name and its aliases, each once"
            ),
        ),
        (
            triage(stages='["Intake", "Check", "intake"]'),
            (
                "workflow 'claims_triage', stages: listed twice: 'intake' (as 'Intake'); "
                "allowed: each stage once, since a workflow runs from first to last without a loop"
            ),
        ),
        (triage(success_rule=""), "workflow 'claims_triage', success_rule: is missing; it is required"),
        (triage(nearest_metric='"Time"'), "workflow 'claims_triage', nearest_metric: found 'Time'; allowed: a table"),
        (
            triage(nearest_metric='{ name = "Time", unit = "h", better = "up" }'),
            "workflow 'claims_triage', nearest_metric, better: found 'up'; allowed: 'higher' or 'lower'",
        ),
        (
            triage(chain='{ activity = "A", result = "B → C", proxy = "D" }'),
            (
                "workflow 'claims_triage', chain, result: 'B → C' contains '→', which joins the steps of a chain; "
                "allowed: one step"
            ),
        ),
        (
            triage(chain='{ activity = "A", result = "B" }'),
            "workflow 'claims_triage', chain, proxy: is missing; it is required",
        ),
        (
            triage(value_driver='"Time saved"'),
            "workflow 'claims_triage': value_driver and formula_variable go together; allowed: both or neither",
        ),
        (
            triage(value_driver='"Time saved"', formula_variable='"Time Saved"'),
            (
                "workflow 'claims_triage', formula_variable: 'Time Saved' is not an id; "
                "allowed: snake_case, such as 'support_reply', at most 60 characters"
            ),
        ),
        ("[policy.weak_at]\nvalue = 0.5", "policy 'weak_at': value is 0.5; allowed: at least 1 and at most 5"),
        ("[policy.expensive_at]\nvalue = -1", "policy 'expensive_at': value is -1; allowed: at least 0"),
        ("[policy.weak_at]\nvalue = true", "policy 'weak_at', value: found true; allowed: a number"),
        ('[policy.weak_at]\nvalue = "2"', "policy 'weak_at', value: found '2'; allowed: a number"),
        ("[policy.expensive_at]\nvalue = inf", "policy 'expensive_at', value: found inf; allowed: a finite number"),
        (
            f"[policy.expensive_at]\nvalue = 0x{'f' * 5000}",
            "policy 'expensive_at', value: found a number of more than 38 digits; allowed: a number",
        ),
        (
            "[policy.weak_at]\nmaximum = 9",
            "policy 'weak_at', maximum: cannot be changed; allowed: name, aliases, value, definition, sources",
        ),
        (
            "[policy.healty_at]\nvalue = 0.9",
            (
                "unknown policy 'healty_at' (did you mean 'healthy_at' or 'weak_at'?); "
                "allowed: healthy_at, critical_below, expensive_at, frequent_at, critical_at, weak_at"
            ),
        ),
        (
            "[policy.healthy_at]\nvalue = 0.5",
            (
                "policy 'healthy_at', value: critical_below would be 0.7 and healthy_at 0.5; "
                "allowed: critical_below at most healthy_at"
            ),
        ),
        (
            "[policy.critical_below]\nvalue = 0.95",
            (
                "policy 'critical_below', value: critical_below would be 0.95 and healthy_at 0.9; "
                "allowed: critical_below at most healthy_at"
            ),
        ),
        (
            '[structures.climate]\nname = "Climate"\ndefinition = "What the work does to the climate"',
            "structure 'climate': has no dimension; allowed: at least one in each structure",
        ),
    ],
)
def test_entries_that_do_not_fit(write: Write, content: str, expected: str) -> None:
    assert refusal(write(content)) == f"mine.toml: {expected}"


@pytest.mark.parametrize(
    "entry_id", ["Fleet", "my-fleet", "1fleet", "_fleet", "fleet_", "a b", "", "flotte_à_moi", "x" * 61]
)
def test_ids_that_are_not_snake_case(write: Write, entry_id: str) -> None:
    message = refusal(write(fleet().replace("dimensions.fleet", f'dimensions."{entry_id}"')))
    assert "is not an id; allowed: snake_case, such as 'support_reply', at most 60 characters" in message


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "is empty; allowed: 1 to 60 characters"),
        ("   ", "is empty; allowed: 1 to 60 characters"),
        ("x" * 61, "has 61 characters; allowed: at most 60"),
        ("EMEA → Sales", "contains '→'; not allowed"),
        ("Vans, cars", "contains ','; not allowed"),
        ("Vans; cars", "contains ';'; not allowed"),
        ('The "fleet"', "contains '\"'; not allowed"),
        ("Fleet?", "contains '?'; not allowed"),
        ("Fleet*", "contains '*'; not allowed"),
        ("~Fleet", "contains '~'; not allowed"),
        ("Fleet\nof vans", "contains the character U+000A; allowed: visible characters and plain spaces, on one line"),
        ("Fleet\tof vans", "contains the character U+0009"),
        ("Fleet\u00a0of vans", "contains the character U+00A0"),
        ("Fleet\u200b", "contains the character U+200B"),
        ("\u202eteelF", "contains the character U+202E"),
        ("Fleet\uffff", "contains the character U+FFFF"),
        (" Fleet", "has a space too many; allowed: single spaces between words"),
        ("Fleet ", "has a space too many"),
        ("My  fleet", "has a space too many"),
        ("=Fleet", "starts with '='; allowed: a letter or a digit first"),
        ("+Fleet", "starts with '+'"),
        ("-Fleet", "starts with '-'"),
        ("@Fleet", "starts with '@'"),
        ("<Fleet", "starts with '<'"),
        ("'Fleet", 'starts with "\'"'),
        (
            "2026",
            "would turn into a number, date or truth value when picked in a cell; allowed: a name with a word in it",
        ),
        ("10-20", "would turn into a number, date or truth value"),
        ("1E5", "would turn into a number, date or truth value"),
        ("TRUE", "would turn into a number, date or truth value"),
    ],
)
@pytest.mark.parametrize("place", ["name", "alias", "member", "stage"])
def test_names_that_would_break_a_dropdown(write: Write, name: str, reason: str, place: str) -> None:
    text = '"' + "".join(f"\\U{ord(character):08X}" for character in name) + '"'
    content, field = {
        "name": (fleet(name=text), "dimension 'fleet', name"),
        "alias": (fleet(aliases=f"[{text}]"), "dimension 'fleet', aliases, item 1"),
        "member": (fleet(members=f'["Vans", {text}]'), "dimension 'fleet', members, item 2, name"),
        "stage": (triage(stages=f"[{text}]"), "workflow 'claims_triage', stages, item 1"),
    }[place]
    message = refusal(write(content))
    assert message.startswith(f"mine.toml: {field}: ")
    assert reason in message
    assert message.isprintable()


@pytest.mark.parametrize(
    "name", ["Flotte été", "舰队", "Q1", "5G sites", "R&D (EU)", "A/B tests", "Plan vs. fact", "x" * 60]
)
def test_names_of_all_languages_are_welcome(write: Write, name: str) -> None:
    assert load_catalog(write(fleet(name=f'"{name}"'))).dimension(name).name == name


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        ("", "is empty; allowed: 1 to 120 characters"),
        ("x" * 121, "has 121 characters; allowed: at most 120"),
        ("=1+1", "starts with '=', as a formula does; allowed: plain text"),
        ("@SUM(1)", "starts with '@', as a formula does"),
        ("Two\\nlines", "contains the character U+000A"),
    ],
)
def test_definitions_that_would_not_be_one_line_of_text(write: Write, definition: str, reason: str) -> None:
    message = refusal(write(fleet(definition=f'"{definition}"')))
    assert message.startswith("mine.toml: dimension 'fleet', definition: ")
    assert reason in message


# Entries that do not fit together


def test_an_unknown_structure_is_answered_with_the_known_ones(write: Write) -> None:
    message = refusal(write(fleet(structure='"Revenu structure"')))
    assert message.startswith("mine.toml: dimension 'fleet', structure: unknown structure 'Revenu structure'")
    assert "(did you mean 'Revenue structure'" in message
    assert message.endswith("Legal & risk, Knowledge compounding lenses")


ONE_ENTRY = "allowed: each id, name and alias for one entry only, in any case"


@pytest.mark.parametrize(
    ("content", "place", "owner"),
    [
        (
            fleet(name='"REGION"'),
            "dimension 'fleet', name: 'REGION'",
            "the name 'Region' of dimension 'region'",
        ),
        (
            fleet(name='"territory"'),
            "dimension 'fleet', name: 'territory'",
            "an alias of dimension 'sales_region'",
        ),
        (
            fleet(aliases='["win rate tier"]'),
            "dimension 'fleet', aliases: 'win rate tier'",
            "the name 'Win-rate tier' of dimension 'win_rate_tier'",
        ),
        (
            fleet(aliases='["P and L owner"]'),
            "dimension 'fleet', aliases: 'P and L owner'",
            "the id 'p_and_l_owner' of dimension 'p_and_l_owner'",
        ),
        # Ours stands first in the files, but the user's file is what has to change.
        (
            '[dimensions.company]\naliases = ["COUNTRY"]',
            "dimension 'company', aliases: 'COUNTRY'",
            "the name 'Country' of dimension 'country'",
        ),
        (
            '[dimensions.sku]\nname = "Region"',
            "dimension 'sku', name: 'Region'",
            "the name 'Region' of dimension 'region'",
        ),
        (
            triage(name='"Support Reply"'),
            "workflow 'claims_triage', name: 'Support Reply'",
            "the name 'Support reply' of workflow 'support_reply'",
        ),
        (
            '[structures.time_structure]\naliases = ["Finance"]',
            "structure 'time_structure', aliases: 'Finance'",
            "an alias of structure 'finance_and_planning'",
        ),
        (
            '[policy.weak_at]\nname = "Critical at"',
            "policy 'weak_at', name: 'Critical at'",
            "the name 'Critical at' of policy 'critical_at'",
        ),
    ],
)
def test_a_name_leads_to_one_entry(write: Write, content: str, place: str, owner: str) -> None:
    assert refusal(write(content)) == f"mine.toml: {place} is already {owner}; {ONE_ENTRY}"


def test_the_file_that_set_the_field_is_named(write: Write) -> None:
    first = write(fleet(definition="3"), "first.toml")
    second = write('[dimensions.fleet]\nname = "Vehicles"', "second.toml")
    assert refusal(first, second) == "first.toml: dimension 'fleet', definition: found 3; allowed: a text"
    third = write('[dimensions.fleet]\ndefinition = "Vehicles run together"\nname = 4', "third.toml")
    assert refusal(first, second, third) == "third.toml: dimension 'fleet', name: found 4; allowed: a text"


def test_dropping_members_that_a_group_of_ours_covers_is_explained_at_the_users_file(write: Write) -> None:
    assert refusal(write('[dimensions.region]\nmembers = ["North"]')) == (
        "mine.toml: dimension 'region': the member group 'AMER' covers 'NA', which is not a member; "
        "allowed: North (member_groups = [] drops the groups)"
    )


def test_all_problems_of_all_files_come_at_once(write: Write) -> None:
    message = refusal(
        write(fleet(name="7", kind='"ratio"') + triage(success_rule="") + "[policy.weak_at]\nvalue = 9\n"),
        write("[dimensions\n", "broken.toml"),
        write('[dimensions.sku]\nname = "Region"\n', "third.toml"),
    )
    assert [line.split(": ")[:2] for line in message.splitlines()] == [
        ["broken.toml, line 1", "is not TOML"],
        ["mine.toml", "dimension 'fleet', name"],
        ["mine.toml", "dimension 'fleet', kind"],
        ["mine.toml", "workflow 'claims_triage', success_rule"],
        ["mine.toml", "policy 'weak_at'"],
        ["third.toml", "dimension 'sku', name"],
    ]


def test_a_thousand_problems_do_not_flood_the_screen(write: Write) -> None:
    content = "".join(f"[dimensions.d{number}]\nname = 7\n" for number in range(1000))
    lines = refusal(write(content)).splitlines()
    assert len(lines) == 51
    assert re.fullmatch(r"and \d+ more problems", lines[-1])


def test_a_long_found_value_is_cut(write: Write) -> None:
    assert len(refusal(write(fleet(kind=f'"{"x" * 10_000}"')))) < 200


def test_a_fault_of_the_package_itself_would_be_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = parse("ours.toml", b'[structures.time]\nname = "Time"\n[dimensions.day]\nname = 3\n')
    monkeypatch.setattr("valuehour.catalog.load._packaged", lambda: (broken,))
    with pytest.raises(CatalogError, match=r"^ours\.toml: structure 'time', definition: is missing"):
        _combined(())
