"""What a template can be filled with, derived from its description: inputs by name, records by table.

The pydantic models made here are the boundary where a scenario, and later any filled workbook, becomes ours.
"""

from __future__ import annotations

import datetime
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from valuehour.models.names import did_you_mean, shown
from valuehour.workbooks.spec import MAX_TEXT, Accepts, Content, Grid, Template

# What a cell can show as a date.
FIRST_DATE = datetime.date(1900, 3, 1)

# Up to here a cell holds every whole number exactly.
LARGEST = 1e15


@dataclass(frozen=True, slots=True)
class Filling:
    """What fills a template: contents by input name and records by table, keys in snake_case."""

    inputs: Mapping[str, Content]
    tables: Mapping[str, tuple[Mapping[str, Content], ...]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that does not fit: where it stands, what was found, what is allowed."""

    where: str
    found: str
    allowed: str

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


def _finite(value: float) -> float:
    if not abs(value) <= LARGEST:
        raise ValueError("out of range")
    return value


def _above(limit: float) -> Callable[[float], float]:
    def check(value: float) -> float:
        if value <= limit:
            raise ValueError("too small")
        return value

    return check


def _whole(value: object) -> object:
    """2.0 is a whole number too, as in a cell."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _storable(value: str) -> str:
    if len(value) > MAX_TEXT or any(unicodedata.category(character) in _UNSTORABLE for character in value):
        raise ValueError("not storable")
    return value


_UNSTORABLE = ("Cc", "Cs", "Cn", "Zl", "Zp")
"""Control characters, line breaks, halves of characters: what a cell of one line cannot hold."""


def _annotation(accepts: Accepts) -> Any:
    if accepts.choices and not accepts.open:
        return Literal[accepts.choices]
    if accepts.kind in ("number", "whole"):
        base: Any = int if accepts.kind == "whole" else float
        checks: list[Any] = [AfterValidator(_finite)]
        if accepts.above is not None:
            checks.append(AfterValidator(_above(accepts.above)))
        if base is int:
            checks.append(BeforeValidator(_whole))
        bounds = Field(ge=accepts.minimum, le=accepts.maximum, allow_inf_nan=False if base is float else None)
        return Annotated[(base, bounds, *checks)]
    if accepts.kind == "date":
        return Annotated[datetime.date, Field(ge=FIRST_DATE)]
    return Annotated[str, AfterValidator(_storable)]


def _fields(rules: Mapping[str, Accepts]) -> dict[str, Any]:
    return {
        key: (_annotation(accepts) | None, Field(default=None, description=accepts.prompt or None))
        for key, accepts in rules.items()
    }


def data_model(template: Template) -> type[BaseModel]:
    """The pydantic model of what fills this template."""

    def model(part: str, fields: dict[str, Any]) -> Any:
        config = ConfigDict(strict=True, extra="forbid", frozen=True)
        return create_model(f"{template.name}_{part}", __config__=config, **fields)

    records = {name: model(name, _fields(rules)) for name, rules in table_rules(template).items()}
    inputs = model("inputs", _fields(input_rules(template)))
    many: Any = list  # of models that exist at run time only
    tables = model("tables", {name: (many[record], Field(default_factory=list)) for name, record in records.items()})
    top = {
        "template": (Literal[template.name] | None, None),
        "inputs": (inputs, Field(default_factory=inputs)),
        "tables": (tables, Field(default_factory=tables)),
    }
    found: type[BaseModel] = model("data", top)
    return found


def _several(record: Any) -> Any:
    sequence: Any = tuple
    return sequence[record, ...]


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


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """What was given; an empty text leaves its cell blank."""
    return {key: value for key, value in values.items() if value not in (None, "")}


def _problem(template: Template, item: Any) -> Problem:
    path = [part for part in item["loc"] if isinstance(part, int) or not str(part).startswith(("Literal", "function-"))]
    where = ""
    for part in path:
        where += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if where else str(part)
    found = shown(item.get("input"))
    if item["type"] == "extra_forbidden":
        known = _known(template, path)
        hint = did_you_mean(str(path[-1]), known)
        return Problem(where, f"not a setting of this template{hint}", _listed(known))
    rules: Accepts | None = None
    if len(path) >= 2 and path[0] == "inputs":
        rules = input_rules(template).get(str(path[1]))
    elif len(path) >= 4 and path[0] == "tables":
        rules = table_rules(template).get(str(path[1]), {}).get(str(path[3]))
    if rules is not None:
        value = item.get("input")
        too_large = rules.kind in ("number", "whole") and _is_number(value) and not abs(value) <= LARGEST
        return Problem(where, found, f"{rules.allowed}, up to {LARGEST:g} in size" if too_large else rules.allowed)
    if path == ["template"]:
        return Problem(where, found, repr(template.name))
    if len(path) == 2 and path[0] == "tables":
        return Problem(where, found, f"records, each under [[{where}]]")
    return Problem(where or "the file", found, "settings by name")


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
