"""First look at a formula: what openpyxl's tokenizer cannot take is found here and put aside."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from valuehour.workbooks.vocabulary import ERROR_LITERALS

SPECIAL_ITEMS = frozenset({"#all", "#data", "#headers", "#totals", "#this row"})

_PIECE = re.compile(
    r"""
      (?P<text> "(?:[^"]|"")*"? )
    | (?P<sheet> '(?:[^']|'')*'? )
    | (?P<bracket> \[ )
    | (?P<error> \#(?:N/A|DIV/0!|[A-Za-z_]+[!?]?) )
    | (?P<spill> \# )
    | (?P<at> @ )
    | (?P<plain> [^"'\[\#@]+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_NAME_BEFORE = re.compile(r"[^\W\d][\w.\\?]*$")


@dataclass(frozen=True, slots=True)
class Structured:
    """A structured reference: the table (empty inside a table) and the column names in it, escapes resolved."""

    table: str
    columns: tuple[str, ...]


@dataclass(slots=True)
class Scan:
    """What was seen in a formula, and its text with the parts put aside that the tokenizer cannot take."""

    text: str = ""
    structured: list[Structured] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)  # rule, what was found
    external: bool = False


def scan(formula: str) -> Scan:
    """Look through a formula in file form (without ``=``).

    >>> found = scan("SUM(tbl[a '# b])+A1#")
    >>> found.text, found.structured[0].columns, found.problems
    ('SUM(tbl[x])+A1', ('a # b',), [('spill-reference', 'A1#')])
    """
    result = Scan()
    pieces: list[str] = []
    position = 0
    while match := _PIECE.match(formula, position):
        position = match.end()
        kind = match.lastgroup
        if kind == "bracket":
            position = _bracket(formula, match.start(), result, pieces)
        elif kind == "error" and match[0].upper() in ERROR_LITERALS:
            pieces.append("#REF!" if match[0].upper() == "#REF!" else "#N/A")
        elif kind in ("error", "spill"):
            before = re.search(r"[\w.$:!')\]]*$", formula[: match.start()])
            result.problems.append(("spill-reference", f"{before[0] if before else ''}#"))
            position = match.start() + 1
        elif kind == "at":
            result.problems.append(("at-reference", formula[match.start() : match.start() + 20]))
        else:
            if kind == "text" and len(match[0][1:-1].replace('""', '"')) > 255:
                length = len(match[0][1:-1].replace('""', '"'))
                result.problems.append(("formula-text-length", f"a text of {length:,} characters"))
            if kind == "sheet" and "[" in match[0]:
                result.external = True
            if kind == "plain" and "]" in match[0]:
                result.problems.append(("structured-escape", f"a ] that closes nothing in {match[0].strip()!r}"))
            pieces.append(match[0])
    result.text = "".join(pieces)
    return result


def _bracket(formula: str, start: int, result: Scan, pieces: list[str]) -> int:
    """Take one bracketed part: a structured reference or another workbook; return where it ends."""
    end = _closing(formula, start)
    inside = formula[start + 1 : end - 1]
    before = _NAME_BEFORE.search("".join(pieces[-1:]))
    if before is None and (inside.isdecimal() or re.match(r"[\w.]+!", formula[end:])):
        result.external = True
        return end
    table = before[0] if before else ""
    pieces.append("[x]" if before else "x")
    if inside.lstrip().startswith("@") or re.search(r"(?<!')@\s*\[", inside):
        result.problems.append(("at-reference", f"{table}[{inside}]"))
        return end
    columns, fault = _columns(inside)
    if fault or end > len(formula) or formula[end - 1] != "]":
        result.problems.append(("structured-escape", f"{table}{formula[start:end]}"))
        return end
    result.structured.append(Structured(table, tuple(columns)))
    return end


def _closing(formula: str, start: int) -> int:
    """Offset after the bracket that closes the one at ``start``; ``'`` escapes the next character."""
    depth = 0
    position = start
    while position < len(formula):
        character = formula[position]
        if character == "'":
            position += 1
        elif character == "[":
            depth += 1
        elif character == "]":
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return len(formula)


def _columns(inside: str) -> tuple[list[str], bool]:
    """Return the column names of a reference's inside, and whether something in it should have been escaped."""
    if "[" not in re.sub(r"'.", "", inside):
        return _item(inside)
    columns: list[str] = []
    position = 0
    expects_item = True
    while position < len(inside):
        character = inside[position]
        if character == "[" and expects_item:
            end = _closing(inside, position)
            found, fault = _item(inside[position + 1 : end - 1])
            if fault or inside[end - 1] != "]":
                return columns, True
            columns += found
            position = end
            expects_item = False
        elif character in ",:" and not expects_item:
            position += 1
            expects_item = True
        elif character == " ":
            position += 1
        else:
            return columns, True
    return columns, expects_item


def _item(raw: str) -> tuple[list[str], bool]:
    if raw.strip().lower() in SPECIAL_ITEMS or not raw.strip():
        return [], False
    if re.search(r"[#\[\]]", re.sub(r"'.", "", raw, flags=re.DOTALL)) or re.search(r"'(?![#'\[\]@])", _pairs(raw)):
        return [], True
    return [re.sub(r"'(.)", r"\1", raw, flags=re.DOTALL)], False


def _pairs(raw: str) -> str:
    """Drop the proper escapes, so that a quote that is left over escapes nothing it should."""
    return re.sub(r"'[#'\[\]@]", "", raw)
