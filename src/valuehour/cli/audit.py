"""``valuehour audit``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from valuehour.cli.output import complain, print_json, progress

if TYPE_CHECKING:
    from valuehour.workbooks.audit import Finding

SHOWN_PER_RULE = 10


@click.command(short_help="Judge workbooks by the rules of good modelling, cell by cell.")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--ignore", "ignored", multiple=True, metavar="RULE", help="Leave a rule out; may be given several times."
)
@click.option("--errors-only", is_flag=True, help="Leave out warnings.")
@click.option("--all", "everything", is_flag=True, help=f"Print every finding, not only {SHOWN_PER_RULE} a rule.")
@click.option("--rules", "list_rules", is_flag=True, help="List the rules, with the standard behind each, and stop.")
def audit(
    files: tuple[Path, ...],
    as_json: bool,
    ignored: tuple[str, ...],
    errors_only: bool,
    everything: bool,
    list_rules: bool,
) -> None:
    """Judge workbooks by the rules of good modelling: constants in formulas, odd formulas, lost inputs and the like.

    Works on any .xlsx workbook. An error can make a number wrong, a warning makes it hard to check; docs/audit.md
    tells the rules.

    Exits with 1 when anything is found, with 2 when a file cannot be read.
    """
    from valuehour.errors import UsageError, ValuehourError, WorkbookError
    from valuehour.ooxml import Package
    from valuehour.workbooks.audit import RULES, Severity
    from valuehour.workbooks.audit import audit as judge

    unknown = [rule for rule in ignored if rule not in RULES]
    if unknown:
        raise UsageError(f"there is no rule {unknown[0]!r}; there are: {', '.join(RULES)}")
    if list_rules:
        _print_rules(as_json)
        return
    if not files:
        raise UsageError("name at least one workbook; see: valuehour audit --help")
    report: list[dict[str, Any]] = []
    unreadable = False
    for number, file in enumerate(files, 1):
        progress(f"auditing {file} ({number} of {len(files)})")
        try:
            found = judge(Package.read(file), ignored)
        except WorkbookError as error:
            # One file that cannot be read does not keep the others from being audited.
            progress("")
            unreadable = True
            complain(error)
            report.append({"file": str(file), "ok": False, "error": str(error)})
            continue
        progress("")
        if errors_only:
            found = [one for one in found if one.severity is Severity.ERROR]
        report.append({"file": str(file), "ok": not found, "findings": [_reported(one) for one in found]})
        if not as_json:
            _print(file, found, everything)
    ok = all(entry["ok"] for entry in report)
    if as_json:
        print_json({"ok": ok, "files": report})
    if not ok:
        raise SystemExit(ValuehourError.exit_code if unreadable else 1)


def _reported(one: Finding) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "severity": one.severity.value,
        "sheet": one.sheet,
        "cell": one.cell,
        "found": one.found,
        "allowed": one.allowed,
    }


def _print(file: Path, found: Sequence[Finding], everything: bool) -> None:
    from valuehour.workbooks.audit import RULES, Severity

    if not found:
        click.echo(f"{file}: ok: {len(RULES)} rules")
        return
    errors = sum(one.severity is Severity.ERROR for one in found)
    click.echo(f"{file}: {_counted(errors, 'error')}, {_counted(len(found) - errors, 'warning')}")
    for rule in RULES.values():
        some = [one for one in found if one.rule == rule.id]
        if not some:
            continue
        click.echo(f"  {rule.severity} {rule.id} ({len(some)}): allowed: {rule.allowed}")
        cut = len(some) if everything else SHOWN_PER_RULE
        for one in some[:cut]:
            click.echo(f"    {one.place}: {one.found}")
        if cut < len(some):
            click.echo(f"    and {len(some) - cut} more; show them with --all")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _print_rules(as_json: bool) -> None:
    from valuehour.workbooks.audit import RULES

    if as_json:
        print_json(
            [
                {
                    "rule": rule.id,
                    "severity": rule.severity.value,
                    "finds": rule.finds,
                    "allowed": rule.allowed,
                    "fast": rule.fast,
                    "icaew": list(rule.icaew),
                }
                for rule in RULES.values()
            ]
        )
        return
    for rule in RULES.values():
        principles = ", ".join(map(str, rule.icaew))
        click.echo(f"{rule.id}  {rule.severity}\n    {rule.finds}; allowed: {rule.allowed}")
        click.echo(f"    FAST {rule.fast}; ICAEW {principles}")
