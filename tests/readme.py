"""The part of the README that is derived: ``python -m tests.readme`` writes the function table anew."""

from __future__ import annotations

from pathlib import Path

from valuehour.functions import FUNCTIONS

README = Path(__file__).resolve().parents[1] / "README.md"
START, END = "<!-- functions -->\n", "<!-- /functions -->"


def function_table() -> str:
    """The worksheet functions as a Markdown table."""
    lines = ["| function | returns |", "|---|---|"]
    for function in FUNCTIONS.values():
        mark = " ∑" if function.aggregates else ""
        lines.append(f"| `{function.signature}`{mark} | {function.summary.rstrip('.')} |")
    return "\n".join(lines) + "\n"


def with_table(text: str) -> str:
    """The README with the table as it should be."""
    before, rest = text.split(START)
    return before + START + function_table() + END + rest.split(END, 1)[1]


if __name__ == "__main__":
    README.write_text(with_table(README.read_text("utf-8")), "utf-8")
