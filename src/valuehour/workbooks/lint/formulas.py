"""What is wrong with one formula, wherever it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from openpyxl.formula.tokenizer import Token

from valuehour.errors import FormulaError
from valuehour.workbooks.formula import Call, calls, tokens
from valuehour.workbooks.lint.grammar import is_well_formed
from valuehour.workbooks.lint.scan import Structured, scan
from valuehour.workbooks.vocabulary import EITHER, EXCEL_FUNCTIONS, FILE_NAMES

MAX_LENGTH = 8_192
_VARIABLE = "_xlpm."
_OPTIONAL = "_xlop."
_CELL_LIKE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.IGNORECASE)
_ROW_COLUMN = re.compile(r"R(?:[0-9]*(?:C[0-9]*)?)|C[0-9]*", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d][\w.?\\]*|\\[\w.?\\]*")
_SHEET = re.compile(r"(?:'((?:[^']|'')+)'|([^\W\d][\w.]*(?::[^\W\d][\w.]*)?))!")


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a formula says by itself: faults as (rule, found), and what it refers to."""

    problems: tuple[tuple[str, str], ...]
    functions: frozenset[str]  # upper case, file prefixes dropped
    structured: tuple[Structured, ...]
    sheets: tuple[str, ...]


def name_fault(name: str) -> str | None:
    """Return why Excel refuses a name, or None.

    >>> name_fault("in_total"), name_fault("ab12"), name_fault("R1C1")
    (None, 'looks like a cell', 'looks like a cell')
    """
    if len(name) > 255:
        return f"has {len(name)} characters"
    if not _NAME.fullmatch(name):
        return "holds characters that no name may hold" if name else "is empty"
    cell = _CELL_LIKE.fullmatch(name)
    if cell and 1 <= int(cell[2]) <= 1_048_576 and (len(cell[1]) < 3 or cell[1].upper() <= "XFD"):
        return "looks like a cell"
    return "looks like a cell" if _ROW_COLUMN.fullmatch(name) else None


@lru_cache(maxsize=4096)
def analyse(formula: str) -> Analysis:
    """Look at one formula in file form without ``=``; references to the workbook are judged elsewhere."""
    seen = scan(formula)
    problems = list(seen.problems)
    if len(formula) > MAX_LENGTH:
        problems.append(("formula-length", f"{len(formula):,} characters"))
    if seen.external:
        problems.append(("external-reference", shortened(formula)))
    functions: set[str] = set()
    sheets: list[str] = []
    try:
        items = tokens("=" + seen.text)
    except FormulaError:
        problems.append(("formula-syntax", shortened(formula.strip()) or "an empty formula"))
        return Analysis(tuple(problems), frozenset(), tuple(seen.structured), ())
    if not is_well_formed(items):
        problems.append(("formula-syntax", shortened(formula.strip()) or "an empty formula"))
    for token in items:
        if token.type == Token.FUNC and token.subtype == Token.OPEN:
            name = _function_name(token)
            functions.add(_bare(name))
            problems += _prefix_faults(name)
        elif token.type == Token.OPERAND and token.subtype == Token.RANGE:
            sheets += [
                found.replace("''", "'") for quoted, plain in _SHEET.findall(token.value) if (found := quoted or plain)
            ]
    problems += _variable_faults(items)
    # The sheets of another workbook are not ours to judge.
    known = () if seen.external else tuple(sheets)
    return Analysis(tuple(dict.fromkeys(problems)), frozenset(functions), tuple(seen.structured), known)


def shortened(text: str) -> str:
    """Return a text short enough for a message."""
    return text if len(text) <= 80 else f"{text[:77]}..."


def _function_name(token: Token) -> str:
    """Return the name in front of the bracket; the tokenizer leaves ``A1:`` of ``A1:INDEX(`` and sheets on it."""
    return str(token.value[:-1]).rpartition(":")[2].rpartition("!")[2].strip()


def _bare(name: str) -> str:
    upper = name.upper()
    return upper.removeprefix("_XLFN.").removeprefix("_XLWS.").removeprefix("_XLL.").removeprefix("_XLUDF.")


def _prefix_faults(name: str) -> Iterator[tuple[str, str]]:
    upper, bare = name.upper(), _bare(name)
    prefixed = upper.startswith(("_XLFN.", "_XLWS."))
    if bare in EITHER or upper.startswith(("_XLPM.", "_XLOP.")):
        return
    if bare in FILE_NAMES:
        if upper != FILE_NAMES[bare].upper():
            yield "function-prefix", f"{name}( instead of {FILE_NAMES[bare]}("
    elif prefixed:
        known = "a function that needs no prefix" if bare in EXCEL_FUNCTIONS else "no function of Excel"
        yield "function-unknown", f"{name}( is {known}"


# LET and LAMBDA --------------------------------------------------------------------------------------------


def _variable_faults(items: Sequence[Token]) -> Iterator[tuple[str, str]]:
    declared: dict[int, str] = {}  # token of a declaration: its function
    scopes: list[tuple[str, int, int]] = []  # name, first and last token where it holds
    for call in calls(items):
        function = _bare(call.name.rpartition(":")[2])
        if function not in ("LET", "LAMBDA") or not call.arguments:
            continue
        spans = call.arguments[:-1:2] if function == "LET" else call.arguments[:-1]
        for number, (start, end) in enumerate(spans):
            named = [index for index in range(start, end) if items[index].type != Token.WSPACE]
            name = "".join(items[index].value for index in named)
            bare = re.sub(r"^_xl(?:pm|op)\.", "", name, flags=re.IGNORECASE)
            yield from _declaration_faults(function, name, bare)
            for index in named:
                declared[index] = function
            begins = _next_argument(call, 2 * number + 1) if function == "LET" else call.arguments[-1][0]
            scopes.append((bare.lower(), begins, call.end))
    for index, token in enumerate(items):
        if index not in declared:
            yield from _use_faults(token, index, scopes)


def _next_argument(call: Call, value: int) -> int:
    """Return the token from which a LET variable may be used: just after its own value."""
    return call.arguments[min(value, len(call.arguments) - 1)][1]


def _declaration_faults(function: str, name: str, bare: str) -> Iterator[tuple[str, str]]:
    lowered = name.lower()
    if lowered.startswith(_OPTIONAL):
        if function == "LET":
            yield "variable-optional", f"{name} in LET"
    elif not lowered.startswith(_VARIABLE):
        yield "variable-prefix", f"{name} in {function}"
    fault = name_fault(bare) or ("holds a point" if "." in bare else None)
    if fault:
        yield "variable-name", f"{bare} {fault}"


def _use_faults(token: Token, index: int, scopes: Sequence[tuple[str, int, int]]) -> Iterator[tuple[str, str]]:
    if token.type == Token.FUNC and token.subtype == Token.OPEN:
        name = _function_name(token)
    elif token.type == Token.OPERAND and token.subtype == Token.RANGE:
        name = token.value.strip()
    else:
        return
    lowered = name.lower()
    if lowered.startswith(_OPTIONAL):
        yield "variable-optional", name
        return
    bare = lowered.removeprefix(_VARIABLE)
    known = any(bare == variable and first <= index <= last for variable, first, last in scopes)
    if lowered.startswith(_VARIABLE) and not known:
        yield "variable-undeclared", name
    elif known and not lowered.startswith(_VARIABLE):
        yield "variable-prefix", name
