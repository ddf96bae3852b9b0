"""The parts of docs/audit.md and docs/lint.md that are derived: ``python -m tests.rules`` writes them anew."""

from __future__ import annotations

from pathlib import Path

from valuehour.workbooks import audit, lint

DOCS = Path(__file__).resolve().parents[1] / "docs"
START, END = "<!-- rules -->\n", "<!-- /rules -->"


def audit_table() -> str:
    """The audit rules as a Markdown table."""
    lines = ["| rule | | finds | allowed | FAST | ICAEW |", "|---|---|---|---|---|---|"]
    for rule in audit.RULES.values():
        principles = ", ".join(map(str, rule.icaew))
        said = f"{_cell(rule.finds)} | {_cell(rule.allowed)}"
        lines.append(f"| `{rule.id}` | {rule.severity} | {said} | {rule.fast} | {principles} |")
    return "\n".join(lines) + "\n"


def lint_table() -> str:
    """The lint rules as a Markdown table."""
    lines = ["| rule | finds | allowed |", "|---|---|---|"]
    lines += [f"| `{rule.id}` | {_cell(rule.finds)} | {_cell(rule.allowed)} |" for rule in lint.RULES.values()]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("[", "\\[").replace("_", "\\_")


TABLES = {"audit.md": audit_table, "lint.md": lint_table}


def with_table(name: str, text: str) -> str:
    """A page with its table as it should be."""
    before, rest = text.split(START)
    return before + START + TABLES[name]() + END + rest.split(END, 1)[1]


if __name__ == "__main__":
    for name in TABLES:
        page = DOCS / name
        page.write_text(with_table(name, page.read_text("utf-8")), "utf-8")
