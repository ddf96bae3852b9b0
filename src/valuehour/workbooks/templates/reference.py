"""The sheet Functions: the reference of the worksheet functions."""

from __future__ import annotations

from valuehour.functions import FUNCTIONS
from valuehour.workbooks.look import Look, Role
from valuehour.workbooks.spec import Column, Content, Sheet, Table

LINE = 13.0


def _lines(text: str, width: int) -> int:
    return max(1, -(-len(text) // width))


def functions() -> Sheet:
    """The reference of the worksheet functions."""
    rows: list[dict[str, Content]] = []
    heights: dict[int, float] = {}
    top = 9
    for function in FUNCTIONS.values():
        arguments = "\n".join(f"{argument.name}: {argument.description.rstrip('.')}" for argument in function.arguments)
        entry = {
            "function": function.name,
            "signature": function.signature,
            "what_it_returns": function.summary,
            "arguments": arguments,
            "example": function.example,
            "result": shown(function.example_result),
        }
        rows.append(dict(entry))
        lines = max(
            _lines(entry["signature"], 31),
            _lines(entry["what_it_returns"], 31),
            sum(_lines(line, 31) for line in arguments.split("\n")),
            _lines(entry["example"], 31),
        )
        heights[top + len(rows)] = lines * LINE + 6
    return Sheet(
        name="Functions",
        role=Role.GUIDE,
        title="Functions",
        subtitle="The functions behind the formulas, as they are typed into a cell",
        question="What does each function compute, and from what?",
        message=f"{len(FUNCTIONS)} functions, the same in Python, in Excel and on the command line",
        slots=(1, 1, 1, 1, 1),
        blocks=(
            Table(
                name="tblFunctions",
                row=top,
                columns=(
                    Column(head="Function", look=Look.LABEL_STRONG),
                    Column(head="Signature", look=Look.WRAPPED),
                    Column(head="What it returns", look=Look.WRAPPED),
                    Column(head="Arguments", look=Look.WRAPPED),
                    Column(head="Example", look=Look.WRAPPED, text=True),
                    Column(head="Result", look=Look.WRAPPED),
                ),
                rows=len(rows),
                records=tuple(rows),
            ),
        ),
        heights=heights,
        protected=True,
    )


def shown(value: object) -> str:
    """A function's result as text: cells of a row by commas, rows by semicolons."""
    if isinstance(value, (list, tuple)):
        rows = [item if isinstance(item, (list, tuple)) else [item] for item in value]
        return "; ".join(", ".join(shown(cell) for cell in cells) for cells in rows)
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)
