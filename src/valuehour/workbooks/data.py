"""What a template can be filled with, derived from its description: inputs by name, records by table.

The pydantic models made here are the boundary where a scenario, and later any filled workbook, becomes ours.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from valuehour.workbooks.spec import Accepts, Content, Grid, Template

MAX_TEXT = 255


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
    if not abs(value) <= 1e15:
        raise ValueError("out of range")
    return value


def _above(limit: float) -> Callable[[float], float]:
    def check(value: float) -> float:
        if value <= limit:
            raise ValueError("too small")
        return value

    return check


def _no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _storable(value: str) -> str:
    if len(value) > MAX_TEXT or not value.isprintable():
        raise ValueError("not storable")
    return value


def _annotation(accepts: Accepts) -> Any:
    if accepts.choices and not accepts.open:
        return Literal[accepts.choices]
    if accepts.kind in ("number", "whole"):
        base: Any = int if accepts.kind == "whole" else float
        checks: list[Any] = [BeforeValidator(_no_boolean), AfterValidator(_finite)]
        if accepts.above is not None:
            checks.append(AfterValidator(_above(accepts.above)))
        bounds = Field(ge=accepts.minimum, le=accepts.maximum, allow_inf_nan=False if base is float else None)
        return Annotated[(base, bounds, *checks)]
    if accepts.kind == "date":
        return datetime.date
    return Annotated[str, Field(strict=True), AfterValidator(_storable)]


def _fields(rules: Mapping[str, Accepts]) -> dict[str, Any]:
    return {
        key: (_annotation(accepts) | None, Field(default=None, description=accepts.prompt or None))
        for key, accepts in rules.items()
    }


def data_model(template: Template) -> type[BaseModel]:
    """The pydantic model of what fills this template."""
    config = ConfigDict(extra="forbid", frozen=True)
    tables = {
        name: (
            tuple[create_model(f"{name}_record", __config__=config, **_fields(rules)), ...],  # type: ignore[misc]
            Field(default=()),
        )
        for name, rules in table_rules(template).items()
    }
    inputs = create_model(f"{template.name}_inputs", __config__=config, **_fields(input_rules(template)))
    return create_model(
        f"{template.name}_data",
        __config__=config,
        template=(Literal[template.name] | None, None),
        inputs=(inputs, Field(default_factory=inputs)),
        tables=(create_model(f"{template.name}_tables", __config__=config, **tables), Field(default=None)),
    )


def validate(template: Template, data: Mapping[str, Any]) -> tuple[Filling, list[Problem]]:
    """Check what should fill a template; every problem at once, and what does fit."""
    try:
        model = data_model(template).model_validate(dict(data))
    except ValidationError as error:
        return Filling({}, {}), [_problem(template, item) for item in error.errors()]
    inputs = {k: v for k, v in model.inputs.model_dump().items() if v is not None}  # type: ignore[attr-defined]
    filled = model.tables.model_dump() if model.tables is not None else {}  # type: ignore[attr-defined]
    tables = {
        name: tuple({k: v for k, v in record.items() if v is not None} for record in records)
        for name, records in filled.items()
        if records
    }
    filling = Filling(inputs, tables)
    return filling, [
        problem for rule in template.rules for problem in (Problem(*found) for found in rule(inputs, tables))
    ]


def _problem(template: Template, item: Any) -> Problem:
    path = [part for part in item["loc"] if isinstance(part, int) or not str(part).startswith(("Literal", "function-"))]
    where = ""
    for part in path:
        where += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if where else str(part)
    found = _shown(item.get("input"))
    if item["type"] == "extra_forbidden":
        return Problem(where, "not a setting of this template", _known(template, path))
    rules: Accepts | None = None
    if len(path) >= 2 and path[0] == "inputs":
        rules = input_rules(template).get(str(path[1]))
    elif len(path) >= 4 and path[0] == "tables":
        rules = table_rules(template).get(str(path[1]), {}).get(str(path[3]))
    if rules is not None:
        return Problem(where, found, rules.allowed)
    if path == ["template"]:
        return Problem(where, found, template.name)
    return Problem(where or "the file", found, "a table of records" if "tables" in path else "settings by name")


def _known(template: Template, path: list[Any]) -> str:
    if path[0] == "inputs":
        return "the inputs of the template, e.g. " + ", ".join(list(input_rules(template))[:6])
    if path[0] == "tables" and len(path) == 2:
        return "one of " + ", ".join(table_rules(template))
    if path[0] == "tables":
        return "one of " + ", ".join(table_rules(template)[str(path[1])])
    return "template, inputs, tables"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
