"""What a template can be filled with, derived from its description: inputs by name, records by table.

The pydantic models made here are the boundary where a scenario, and later any filled workbook, becomes ours.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from valuehour.models.names import did_you_mean, shown
from valuehour.workbooks.spec import FIRST_DATE, LARGEST, MAX_TEXT, Accepts, Content, Grid, Template


@dataclass(frozen=True, slots=True)
class Filling:
    """What fills a template: contents by input name and records by table, keys in snake_case."""

    inputs: Mapping[str, Content]
    tables: Mapping[str, Sequence[Mapping[str, Content]]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that does not fit: where it stands, what was found, what is allowed."""

    where: str
    found: str
    allowed: str
    path: tuple[str | int, ...] = ()
    """The same place as keys and positions, counted from 0."""

    def __str__(self) -> str:
        return f"{self.where} is {self.found}; allowed: {self.allowed}"


def input_rules(template: Template) -> dict[str, Accepts]:
    """What each input accepts, by its name without ``in_``."""
    return {
        cell.name.removeprefix("in_"): cell.accepts
        for sheet in template.sheets
        for block in sheet.blocks
        if isinstance(block, Grid)
        for cells in block.cells
        for cell in cells
        if cell is not None and cell.name is not None and cell.name.startswith("in_") and cell.accepts is not None
    }


def table_rules(template: Template) -> dict[str, dict[str, Accepts]]:
    """What each input column of each table accepts, by table and column key."""
    return {
        table.name: {c.key: c.accepts for c in table.columns if c.formula is None and c.accepts is not None}
        for table in template.tables
        if table.fillable
    }


def _whole(value: object) -> object:
    """2.0 is a whole number too, as in a cell."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _date(value: object) -> object:
    """A date as JSON and CSV write it."""
    if isinstance(value, str) and _ISO_DATE.fullmatch(value):
        return datetime.date.fromisoformat(value)
    return value


_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


_ESCAPED = re.compile(r"_x[0-9A-Fa-f]{4}_")


def _storable(value: str) -> str:
    if _ESCAPED.search(value):
        raise ValueError("read as a character by files")
    if value.isprintable() and len(value) <= MAX_TEXT:
        return value
    if len(value) > MAX_TEXT or any(unicodedata.category(character) in _UNSTORABLE for character in value):
        raise ValueError("not storable")
    return value


_UNSTORABLE = ("Cc", "Cs", "Cn", "Zl", "Zp")
"""Control characters, line breaks, halves of characters: what a cell of one line cannot hold."""


def annotation(accepts: Accepts) -> Any:
    """The type of what a cell takes, for pydantic."""
    if accepts.choices and not accepts.open:
        return Literal[accepts.choices]
    if accepts.kind in ("number", "whole"):
        whole = accepts.kind == "whole"
        low, high = accepts.minimum, accepts.maximum
        bounds = Field(
            gt=accepts.above,
            ge=-LARGEST if low is None and accepts.above is None else low,
            le=LARGEST if high is None else high,
            allow_inf_nan=None if whole else False,
        )
        return Annotated[int, bounds, BeforeValidator(_whole)] if whole else Annotated[float, bounds]
    if accepts.kind == "date":
        return Annotated[datetime.date, BeforeValidator(_date), Field(ge=FIRST_DATE)]
    return Annotated[str, AfterValidator(_storable)]


def _fields(rules: Mapping[str, Accepts]) -> dict[str, Any]:
    return {
        key: (annotation(accepts) | None, Field(default=None, description=accepts.prompt or None))
        for key, accepts in rules.items()
    }


_CALCULATED: Any = (Any, Field(default=None, description="Calculated; ignored when the template is filled."))


def data_model(template: Template, *, as_read: bool = False) -> type[BaseModel]:
    """The pydantic model of what fills this template.

    With ``as_read`` it also takes what ``read`` prints beside the inputs: version, style, results, calculated
    columns and the tables that the template ships with. All of that is ignored.
    """

    def model(part: str, fields: dict[str, Any]) -> Any:
        config = ConfigDict(strict=True, extra="forbid", frozen=True)
        return create_model(f"{template.name}_{part}", __config__=config, **fields)

    def columns(name: str, rules: Mapping[str, Accepts]) -> dict[str, Any]:
        calculated = {c.key: _CALCULATED for c in template.table(name).columns if c.key not in rules}
        return {**_fields(rules), **(calculated if as_read else {})}

    many: Any = list  # of models that exist at run time only
    records = {name: model(name, columns(name, rules)) for name, rules in table_rules(template).items()}
    tables: dict[str, Any] = {name: (many[record], Field(default_factory=list)) for name, record in records.items()}
    top: dict[str, Any] = {"template": (Literal[template.name] | None, None)}
    if as_read:
        tables |= {t.name: _CALCULATED for t in template.tables if t.name not in tables}
        top |= {"version": (str | None, None), "style": (str | None, None)}
        top |= {"results": _CALCULATED, "problems": _CALCULATED}
    inputs = model("inputs", _fields(input_rules(template)))
    filled = model("tables", tables)
    top |= {"inputs": (inputs, Field(default_factory=inputs)), "tables": (filled, Field(default_factory=filled))}
    found: type[BaseModel] = model("data", top)
    return found


def json_schema(template: Template) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a template's data, in the shape that ``read --json`` prints."""
    schema = data_model(template, as_read=True).model_json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": f"{template.title}, version {template.version}",
        "description": "What fills the template, any part of it; what is left out stays as it is.",
    }


def validate(template: Template, data: Mapping[str, Any]) -> tuple[Filling, list[Problem]]:
    """Check what should fill a template; every problem at once, and what does fit."""
    try:
        model: Any = data_model(template).model_validate(dict(data))
    except ValidationError as error:
        return Filling({}, {}), [_problem(template, item) for item in error.errors()]
    inputs = _given(model.inputs.model_dump())
    filled = model.tables.model_dump()
    tables = {name: tuple(_given(record) for record in records) for name, records in filled.items() if records}
    filling = Filling(inputs, tables)
    return filling, [
        problem for rule in template.rules for problem in (Problem(*found) for found in rule(inputs, tables))
    ]


def problems_of_inputs(template: Template, given: Any) -> tuple[dict[str, Content], list[Problem]]:
    """Check inputs by name; None and an empty text leave an input blank, and are returned as None."""
    try:
        model: Any = data_model(template, as_read=True).model_validate({"inputs": given})
    except ValidationError as error:
        return {}, [_problem(template, item) for item in error.errors()]
    inputs = {key: getattr(model.inputs, key) for key in model.inputs.model_fields_set}
    return {key: None if inputs[key] == "" else inputs[key] for key in given}, []


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was given; an empty text leaves its cell blank."""
    return {key: value for key, value in values.items() if value not in (None, "")}


def _problem(template: Template, item: Any) -> Problem:
    path = [part for part in item["loc"] if isinstance(part, int) or not str(part).startswith(("Literal", "function-"))]
    where = ""
    for part in path:
        where += f"[{part + 1}]" if isinstance(part, int) else ("." if where else "") + _named(str(part))
    found = shown(item.get("input"))
    if item["type"] == "extra_forbidden":
        known = _known(template, path)
        hint = did_you_mean(str(path[-1]), known)
        return Problem(where, f"not a setting of this template{hint}", _listed(known), tuple(path))
    rules: Accepts | None = None
    if len(path) >= 2 and path[0] == "inputs":
        rules = input_rules(template).get(str(path[1]))
    elif len(path) >= 4 and path[0] == "tables":
        rules = table_rules(template).get(str(path[1]), {}).get(str(path[3]))
    if rules is not None:
        value = item.get("input")
        too_large = rules.kind in ("number", "whole") and _is_number(value) and not abs(value) <= LARGEST
        allowed = f"{rules.allowed}, up to {LARGEST:g} in size" if too_large else rules.allowed
        if isinstance(value, str) and _ESCAPED.search(value):
            allowed += ", without _x and four digits, which files read as a character"
        return Problem(where, found, allowed, tuple(path))
    if path == ["template"]:
        return Problem(where, found, repr(template.name))
    if len(path) == 2 and path[0] == "tables":
        return Problem(where, found, f"records, each under [[{where}]]")
    return Problem(where or "the file", found, "settings by name")


def _named(key: str) -> str:
    """A key as a message shows it; one that breaks the line or goes on and on is quoted and cut."""
    return key if key.isprintable() and len(key) <= 60 else shown(key)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _known(template: Template, path: list[Any]) -> list[str]:
    """What may stand where an unknown key was found."""
    if len(path) > 1 and path[0] == "inputs":
        return list(input_rules(template))
    if len(path) == 2 and path[0] == "tables":
        return list(table_rules(template))
    if len(path) > 2 and path[0] == "tables":
        return list(table_rules(template)[str(path[1])])
    return ["template", "inputs", "tables"]


def _listed(names: Iterable[str], limit: int = 8) -> str:
    every = list(names)
    return ", ".join(every[:limit]) + (f" and {len(every) - limit} more" if len(every) > limit else "")
