"""What must hold between the values that fill the grouping taxonomy: names that refer to each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from valuehour.models import Catalog
from valuehour.models.names import did_you_mean, listed, shown
from valuehour.workbooks.spec import Content, FillingRule
from valuehour.workbooks.templates.grouping_taxonomy import members, paths
from valuehour.workbooks.templates.grouping_taxonomy.inputs import OWN_TABLE

Problem = tuple[str, str, str]
Records = Sequence[Mapping[str, Content]]
Tables = Mapping[str, Records]

_WILDCARDS = "*?~"


def _text(record: Mapping[str, Content], key: str) -> str:
    return str(record.get(key) or "")


def names_refer(catalog: Catalog) -> FillingRule:
    """Refuse a dimension that no list holds, a member that its dimension does not have, a path that is not named."""
    structure_of = {dimension: structure for structure, dimension in catalog.taxonomy()}
    shipped = members.known(catalog)

    def rule(inputs: Mapping[str, Content], tables: Tables) -> Iterator[Problem]:
        yield from _own(tables, structure_of)
        own = {_text(record, "dimension"): _text(record, "structure") for record in tables.get(OWN_TABLE, ())}
        known = {name.casefold(): group.casefold() for name, group in (own | structure_of).items() if name}
        names = [*structure_of, *filter(None, own)]
        yield from _dimensions(inputs, tables, known, names)
        given = tables.get(members.TABLE) or shipped
        pairs = {(_text(r, "dimension").casefold(), _text(r, "member").casefold()) for r in given}
        yield from _shares(tables.get(members.TABLE, ()))
        yield from _steps(tables, pairs)

    return rule


def _own(tables: Tables, structure_of: Mapping[str, str]) -> Iterator[Problem]:
    catalog = {name.casefold() for name in structure_of}
    seen: set[str] = set()
    for index, record in enumerate(tables.get(OWN_TABLE, ())):
        name = _text(record, "dimension")
        where = f"tables.{OWN_TABLE}.{index}.dimension"
        if name.casefold() in catalog | seen:
            yield where, f"{shown(name)}, which is listed already", "a name that no other dimension has"
        if any(sign in name for sign in _WILDCARDS):
            yield where, shown(name), "a name without * ? ~, which lookups take for wildcards"
        if name and not _text(record, "structure"):
            yield f"tables.{OWN_TABLE}.{index}.structure", "missing", "the structure that the dimension belongs to"
        seen.add(name.casefold())


def _dimensions(
    inputs: Mapping[str, Content], tables: Tables, known: Mapping[str, str], names: Sequence[str]
) -> Iterator[Problem]:
    found = [
        (f"inputs.{prefix}dimension", str(inputs.get(f"{prefix}dimension") or ""), inputs.get(f"{prefix}structure"))
        for prefix in ("", "drill_")
    ]
    for table in (members.TABLE, paths.STEPS):
        found += [
            (f"tables.{table}.{index}.dimension", _text(record, "dimension"), record.get("structure"))
            for index, record in enumerate(tables.get(table, ()))
        ]
    for where, name, structure in found:
        if name and name.casefold() not in known:
            yield where, f"{shown(name)}{did_you_mean(name, names)}", f"a dimension of the lists: {listed(names)}"
        elif name and isinstance(structure, str) and known[name.casefold()] != structure.casefold():
            yield where, f"{shown(name)}, which is not in {shown(structure)}", "a dimension of the structure beside it"


def _shares(records: Records) -> Iterator[Problem]:
    seen: set[tuple[str, str]] = set()
    for index, record in enumerate(records):
        pair = (_text(record, "dimension").casefold(), _text(record, "member").casefold())
        where = f"tables.{members.TABLE}.{index}.member"
        if pair[1] and pair in seen:
            yield where, f"{shown(_text(record, 'member'))}, listed twice", "each member of a dimension once"
        if any(sign in pair[1] for sign in _WILDCARDS):
            yield where, shown(_text(record, "member")), "a name without * ? ~, which lookups take for wildcards"
        seen.add(pair)


def _steps(tables: Tables, pairs: set[tuple[str, str]]) -> Iterator[Problem]:
    named = [_text(record, "path") for record in tables.get(paths.TABLE, ())]
    known = {name.casefold() for name in named}
    levels: dict[str, int] = {}
    for index, record in enumerate(tables.get(paths.STEPS, ())):
        where = f"tables.{paths.STEPS}.{index}"
        path, dimension, member = (_text(record, key) for key in ("path", "dimension", "member"))
        if path and path.casefold() not in known:
            yield f"{where}.path", shown(path), f"a path that {paths.TABLE} names: {listed(named)}"
        if member and (dimension.casefold(), member.casefold()) not in pairs:
            have = [each for group, each in pairs if group == dimension.casefold()]
            yield f"{where}.member", shown(member), f"a member of {dimension}: {listed(sorted(have)) or 'none yet'}"
        levels[path.casefold()] = levels.get(path.casefold(), 0) + 1
        if path and levels[path.casefold()] == paths.LEVELS + 1:
            yield f"{where}.path", f"level {paths.LEVELS + 1} of {shown(path)}", f"at most {paths.LEVELS} levels a path"
