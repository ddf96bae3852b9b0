"""Formulas as text: display form (what a person types) to and from file form (what a .xlsx holds), and function styles.

Display form is the one form used in template descriptions and definitions. File form carries the prefixes
that Excel demands in files: ``_xlfn.`` before newer functions, ``_xlpm.`` before LET and LAMBDA variables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from openpyxl.formula.tokenizer import Token, Tokenizer, TokenizerError

from valuehour.errors import FormulaError
from valuehour.functions import FUNCTIONS
from valuehour.workbooks.vocabulary import FILE_NAMES

_FILE_PREFIX = re.compile(r"^(?:_xlfn\.)?(?:_xlws\.)?", re.IGNORECASE)
_VARIABLE_PREFIX = re.compile(r"^_xl(?:pm|op)\.", re.IGNORECASE)
_OFFICEJS = "_xldudf_VH_"
NAMESPACE = "VH."
"""Before our names where Office.js add-ins show them, and in files that LibreOffice writes."""


class Style(StrEnum):
    """How a workbook calls our functions: not at all, or by their names, which its host knows."""

    NATIVE = "native"
    LAMBDA = "lambda"
    XLWINGS = "xlwings"
    OFFICEJS = "officejs"

    @property
    def needs_addin(self) -> bool:
        """Whether only a program with our functions installed calculates the workbook."""
        return self in (Style.XLWINGS, Style.OFFICEJS)


@lru_cache(maxsize=512)
def tokens(formula: str) -> tuple[Token, ...]:
    """Split a formula (with its leading ``=``) into tokens; raise FormulaError when it cannot be parsed."""
    try:
        found: list[Token] = Tokenizer(formula).items
    except (TokenizerError, IndexError) as error:
        raise FormulaError(f"cannot parse the formula {formula!r}: {error}") from error
    depth = 0
    for token in found:
        depth += (token.subtype == Token.OPEN) - (token.subtype == Token.CLOSE)
        if depth < 0:
            break
    if depth != 0 or not found:
        raise FormulaError(f"cannot parse the formula {formula!r}: its brackets do not match")
    return tuple(found)


@dataclass(frozen=True)
class Call:
    """One function call inside a token list: where it stands and the token spans of its arguments."""

    name: str
    start: int
    end: int  # index of the closing token
    arguments: tuple[tuple[int, int], ...]  # half-open spans


def calls(items: Sequence[Token]) -> Iterator[Call]:
    """Yield every function call, innermost first."""
    open_at: list[tuple[int, list[int]]] = []
    for index, token in enumerate(items):
        if token.subtype == Token.OPEN:
            open_at.append((index, []))
        elif token.type == Token.SEP and token.subtype == Token.ARG and open_at:
            open_at[-1][1].append(index)
        elif token.subtype == Token.CLOSE:
            start, commas = open_at.pop()
            if items[start].type == Token.FUNC:
                edges = [start, *commas, index]
                spans = tuple((left + 1, right) for left, right in pairwise(edges))
                empty = len(spans) == 1 and not "".join(t.value for t in items[slice(*spans[0])]).strip()
                yield Call(items[start].value[:-1], start, index, () if empty else spans)


def to_file(formula: str) -> str:
    """Display form to file form.

    >>> to_file("=LAMBDA(a,[b],LET(x,IF(ISOMITTED(b),1,b),a/x))")
    '=_xlfn.LAMBDA(_xlpm.a,_xlop.b,_xlfn.LET(_xlpm.x,IF(_xlfn.ISOMITTED(_xlpm.b),1,_xlpm.b),_xlpm.a/_xlpm.x))'
    """
    items = tokens(formula)
    values = [token.value for token in items]
    scopes: dict[str, list[range]] = {}
    for call in calls(items):
        if call.name.upper() in ("LET", "LAMBDA"):
            step = 2 if call.name.upper() == "LET" else 1
            for place in range(0, len(call.arguments) - 1, step):
                start, end = call.arguments[place]
                name = "".join(values[start:end]).strip()
                if name.startswith("["):
                    name = name[1:-1]
                    values[start:end] = [f"_xlop.{name}"] + [""] * (end - start - 1)
                # LET gives a name to a value that does not know the name yet.
                known_from = call.arguments[place + step - 1][1]
                scopes.setdefault(name.lower(), []).extend((range(start, end), range(known_from, call.end)))

    def is_variable(name: str, index: int) -> bool:
        return any(index in scope for scope in scopes.get(name.strip().lower(), ()))

    for index, token in enumerate(items):
        if token.type == Token.FUNC and token.subtype == Token.OPEN:
            name = token.value[:-1]
            # A variable that holds a LAMBDA is called like a function.
            known = f"_xlpm.{name}" if is_variable(name, index) else FILE_NAMES.get(name.upper(), name)
            values[index] = f"{known}("
        elif token.type == Token.OPERAND and token.subtype == Token.RANGE and is_variable(values[index], index):
            values[index] = f"_xlpm.{values[index].strip()}"
    return "=" + "".join(values)


def to_display(formula: str) -> str:
    """File form to display form: prefixes dropped, add-in names bare.

    >>> to_display("=_xlfn.IFNA(_xldudf_VH_UPLIFT(A1),VH.UPLIFT(B1))")
    '=IFNA(UPLIFT(A1),UPLIFT(B1))'
    """
    values = []
    for token in tokens(formula):
        value = token.value
        if token.type == Token.FUNC and token.subtype == Token.OPEN:
            value = _VARIABLE_PREFIX.sub("", _FILE_PREFIX.sub("", value))
            value = value.removeprefix(_OFFICEJS).removeprefix(NAMESPACE)
        elif token.type == Token.OPERAND and value.lower().startswith("_xlop."):
            value = f"[{_VARIABLE_PREFIX.sub('', value)}]"
        elif token.type == Token.OPERAND:
            value = _VARIABLE_PREFIX.sub("", value)
        values.append(value)
    return "=" + "".join(values)


def spelled_alike(formula: str) -> list[tuple[Token, str]]:
    """The tokens of a formula, each with its text; what programs write differently (numbers, TRUE()) is written alike.

    >>> texts = [[text for _, text in spelled_alike(f)] for f in ("=IF(TRUE(),0.001,A1)", "=IF(TRUE,1E-003,A1)")]
    >>> texts[0] == texts[1]
    True
    """
    found: list[tuple[Token, str]] = []
    for token in tokens(formula):
        if token.subtype == Token.NUMBER:
            found.append((token, repr(float(token.value))))
        elif token.subtype == Token.LOGICAL:
            found.append((token, token.value.upper()))
        elif token.subtype == Token.CLOSE and found and found[-1][1].upper() in ("TRUE(", "FALSE("):
            found[-1] = (found[-1][0], found[-1][1][:-1].upper())
        else:
            found.append((token, token.value))
    return found


@lru_cache(maxsize=4096)
def has_call(formula: str) -> bool:
    """Whether a formula in display form calls one of our functions."""
    return any(call.name.upper() in FUNCTIONS for call in calls(tokens(formula)))


def returns_array(formula: str) -> bool:
    """Whether a formula in display form calls one of our functions that gives an array."""
    found = (call.name.upper() for call in calls(tokens(formula)))
    return any(name in FUNCTIONS and FUNCTIONS[name].returns_array for name in found)


def rewrite_calls(formula: str, rewrite: Callable[[str, list[str]], str]) -> str:
    """Replace each call of one of our functions, innermost first, by ``rewrite(name, arguments)``."""
    while True:
        items = tokens(formula)
        call = next((c for c in calls(items) if c.name.upper() in FUNCTIONS), None)
        if call is None:
            return formula
        arguments = ["".join(t.value for t in items[start:end]).strip() for start, end in call.arguments]
        head = "".join(t.value for t in items[: call.start])
        tail = "".join(t.value for t in items[call.end + 1 :])
        formula = f"={head}{rewrite(call.name.upper(), arguments)}{tail}"


def to_native(formula: str, taxonomy: str | None = None) -> str:
    """Replace every call of our functions by its native Excel expression.

    >>> to_native("=IF(A1>0,VALUE_PER_HOUR(A1,B1),0)")
    '=IF(A1>0,(A1/(B1*8760)),0)'
    """
    return rewrite_calls(formula, lambda name, arguments: f"({FUNCTIONS[name].native(arguments, taxonomy=taxonomy)})")


def lambdas(taxonomy: str | None, records: str | None) -> dict[str, str]:
    """The text, in file form, of the name that holds each function as a LAMBDA.

    A workbook without records has no names for the functions that look into them.
    """
    return {
        name: to_file(f"={function.lambda_text(taxonomy=taxonomy, records=records)}")[1:]
        for name, function in FUNCTIONS.items()
        if records is not None or not function.needs_records
    }


def asks_ledger(formula: str) -> bool:
    """Whether a formula in display form asks a ledger, whose answer is not in the workbook."""
    found = (call.name.upper() for call in calls(tokens(formula)))
    return any(name in FUNCTIONS and FUNCTIONS[name].needs_records for name in found)


def in_style(formula: str, style: Style, taxonomy: str | None = None) -> str:
    """A formula of a template description with its calls as a workbook of this style spells them.

    >>> in_style("=IF(A1>0,VALUE_PER_HOUR(A1,B1),0)", Style.OFFICEJS)
    '=IF(A1>0,_xldudf_VH_VALUE_PER_HOUR(A1,B1),0)'
    """
    if style is Style.NATIVE:
        return to_native(formula, taxonomy)
    return with_prefix(formula, _OFFICEJS) if style is Style.OFFICEJS else formula


def with_prefix(formula: str, prefix: str) -> str:
    """A formula in display form whose calls of our functions carry a prefix.

    >>> with_prefix("=SUM(ALLOCATE(A1,B1:B3))", "VH.")
    '=SUM(VH.ALLOCATE(A1,B1:B3))'
    """
    return "=" + "".join(
        f"{prefix}{token.value}"
        if token.type == Token.FUNC and token.subtype == Token.OPEN and token.value[:-1].upper() in FUNCTIONS
        else token.value
        for token in tokens(formula)
    )
