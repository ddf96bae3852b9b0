"""What one formula says by itself; formulas that are copies of each other share their shape."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from openpyxl.formula.tokenizer import Token

from valuehour.errors import FormulaError
from valuehour.functions import FUNCTIONS
from valuehour.workbooks.formula import Call, calls, to_display, tokens
from valuehour.workbooks.lint.formulas import analyse

VOLATILE = frozenset({"NOW", "TODAY", "RAND", "RANDBETWEEN", "RANDARRAY", "OFFSET", "INDIRECT"})
FREE = frozenset({0.0, 1.0, 10.0})
TINY = 1e-6
"""Numbers this small guard a comparison against the last binary digit; they are no assumption."""

# Arguments that say how a function works, not how much: a kind of sum, digits, a mode of search, a place in a list.
_MODES = {
    "ADDRESS": {2, 3}, "AGGREGATE": {0, 1}, "CHAR": {0}, "FIND": {2}, "FIXED": {1}, "HLOOKUP": {2, 3},
    "INDEX": {1, 2, 3}, "LARGE": {1}, "LEFT": {1}, "MATCH": {2}, "MID": {1, 2}, "RANK": {2}, "REPLACE": {1, 2},
    "REPT": {1}, "RIGHT": {1}, "ROUND": {1}, "ROUNDDOWN": {1}, "ROUNDUP": {1}, "SEARCH": {2}, "SMALL": {1},
    "SUBSTITUTE": {3}, "SUBTOTAL": {0}, "TRUNC": {1}, "UNICHAR": {0}, "VLOOKUP": {2, 3}, "WEEKDAY": {1}, "WEEKNUM": {1},
    "XLOOKUP": {4, 5}, "XMATCH": {2, 3}, "YEARFRAC": {2},
}  # fmt: skip
_CRITERIA = frozenset({"AVERAGEIF", "AVERAGEIFS", "COUNTIF", "COUNTIFS", "MAXIFS", "MINIFS", "SUMIF", "SUMIFS"})
_CRITERION = re.compile(r'"(?:[<>]=?|<>|=)?\s*(-?[0-9][0-9.,]*%?)"')
_TESTS = frozenset(
    {"COUNT", "COUNTA", "COUNTBLANK", "ISBLANK", "ISNUMBER", "ISTEXT", "ROW", "ROWS", "COLUMN", "COLUMNS"}
)
POSITIONAL = frozenset({"ROW", "ROWS", "COLUMN", "COLUMNS"})
_WHOLE = re.compile(r"(?:^|!)\$?[A-Z]{1,3}:\$?[A-Z]{1,3}$|(?:^|!)\$?[0-9]+:\$?[0-9]+$", re.IGNORECASE)
_COMPARISONS = frozenset({"=", "<>", "<", ">", "<=", ">="})


@dataclass(frozen=True, slots=True)
class Shape:
    """What is to be said about a formula, wherever a copy of it stands."""

    text: str
    row: int
    column: int
    constants: tuple[str, ...] = ()
    ifs: int = 0
    depth: int = 0
    volatile: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    external: bool = False
    operands: tuple[str, ...] = ()
    """References and names as they stand in ``text``, at ``row`` and ``column``."""
    tested: frozenset[str] = frozenset()
    """Those whose being blank is asked for, or only whose place counts."""
    placed: frozenset[str] = frozenset()
    """Those of which only the place counts."""
    compares: bool = False
    """Whether it weighs one thing against another: a comparison or a difference."""


def shape_of(text: str, row: int, column: int) -> Shape:
    """Look at a formula in file form without ``=``, which stands in a cell."""
    analysis = analyse(text)
    external = any(rule == "external-reference" for rule, _ in analysis.problems)
    try:
        items = tokens(f"={text}")
        # What one of our functions needs inside is not what the person wrote: it is judged as the call it stands for.
        judged = _folded_tokens(to_display(f"={text}"))
    except FormulaError:
        return Shape(text, row, column, external=external)  # the lint says what is wrong with it
    found = list(calls(judged))
    operands = [t.value.strip() for t in items if t.type == Token.OPERAND and t.subtype == Token.RANGE]
    tested, placed = _asked(items)
    operators = {t.value.strip() for t in items if t.type == Token.OP_IN}
    return Shape(
        text,
        row,
        column,
        constants=tuple(dict.fromkeys(_constants(judged, found))),
        ifs=_nested([call for call in found if call.name.upper() == "IF"]),
        depth=_nested(found),
        volatile=tuple(sorted({call.name.upper() for call in found} & VOLATILE)),
        whole=tuple(dict.fromkeys(o for o in operands if _WHOLE.search(o))),
        external=external,
        operands=tuple(dict.fromkeys(operands)),
        tested=tested,
        placed=placed,
        compares=bool(operators & (_COMPARISONS | {"-"})),
    )


def _nested(found: Sequence[Call]) -> int:
    """How many of these calls stand inside each other."""
    deepest = 0
    open_ends: list[int] = []
    for call in sorted(found, key=lambda call: call.start):
        while open_ends and open_ends[-1] < call.start:
            open_ends.pop()
        open_ends.append(call.end)
        deepest = max(deepest, len(open_ends))
    return deepest


def _asked(items: Sequence[Token]) -> tuple[frozenset[str], frozenset[str]]:
    tested, placed = set(), set()
    for call in calls(items):
        name = call.name.upper()
        if name in _TESTS:
            operands = (t for t in items[call.start : call.end] if t.type == Token.OPERAND)
            inside = {t.value.strip() for t in operands if t.subtype == Token.RANGE}
            tested |= inside
            if name in POSITIONAL:
                placed |= inside
    for left, operator, right in zip(items, items[1:], items[2:], strict=False):
        if operator.type == Token.OP_IN and operator.value in ("=", "<>"):
            for one, other in ((left, right), (right, left)):
                if other.type == Token.OPERAND and other.value == '""':
                    tested.add(one.value.strip())
    return frozenset(tested), frozenset(placed)


# Constants -------------------------------------------------------------------------------------------------


def _constants(items: Sequence[Token], found: Sequence[Call]) -> list[str]:
    modes: set[int] = set()
    criteria: set[int] = set()
    for call in found:
        name = call.name.upper()
        for number, (start, end) in enumerate(call.arguments):
            # An argument that is a number and nothing more; a calculated one is an amount again.
            written = [at for at in range(start, end) if items[at].type not in (Token.WSPACE, Token.OP_PRE)]
            if number in _MODES.get(name, ()) and len(written) == 1:
                modes.update(written)
            if name in _CRITERIA and len(written) == 1:
                criteria.update(written)
    constants: list[str] = []
    array: list[Token] | None = None
    for at, token in enumerate(items):
        if token.type == Token.ARRAY:
            if array is not None:
                constants += _array(array)
            array = [] if token.subtype == Token.OPEN else None
        elif array is not None:
            array.append(token)
        elif at not in modes:
            after = items[at + 1] if at + 1 < len(items) else None
            constants += _constant(token, after, in_criterion=at in criteria)
    return constants


def _constant(token: Token, after: Token | None, *, in_criterion: bool) -> list[str]:
    if token.type == Token.OPERAND and token.subtype == Token.NUMBER:
        percent = after is not None and after.type == Token.OP_POST
        return [token.value + "%" * percent] if percent or not _is_free(token.value) else []
    match = _CRITERION.fullmatch(token.value) if in_criterion else None
    return [token.value] if match and not _is_free(match[1].lstrip("-")) else []


def _is_free(text: str) -> bool:
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        return False
    return value in FREE or value <= TINY


def _array(items: Sequence[Token]) -> list[str]:
    """An array of numbers is one constant, unless it only counts: {1,2,3}."""
    numbers = [float(t.value) for t in items if t.type == Token.OPERAND and t.subtype == Token.NUMBER]
    counts = numbers == [numbers[0] + step for step in range(len(numbers))] if numbers else True
    if (counts and numbers[:1] in ([], [0.0], [1.0])) or all(_is_free(str(number)) for number in numbers):
        return []
    return ["{" + "".join(t.value for t in items) + "}"]


# Our functions spelled out ---------------------------------------------------------------------------------


@cache
def _spelled_out() -> tuple[tuple[str, str, re.Pattern[str], tuple[str, ...]], ...]:
    """For each function whose plain expression has numbers or IFs of its own: how to see it in a formula."""
    found = []
    for name, function in FUNCTIONS.items():
        if function.variadic:
            continue
        marks = [f"zq{index}qz" for index in range(len(function.arguments))]
        text = function.native(marks, taxonomy="zqtaxonomyqz")
        alone = tokens(f"={text}")
        inside = list(calls(alone))
        ifs = sum(call.name == "IF" for call in inside)
        plain = ifs < 2 and _nested(inside) < 3 and not {call.name for call in inside} & VOLATILE
        if plain and not _constants(alone, inside):
            continue
        seen: set[str] = set()
        pieces: list[str] = []
        for piece in filter(None, re.split(r"(zq\w+?qz)", text)):
            if piece in marks and not pieces:
                # Nothing stands before it, so it must be one operand: =1+A1*B1 is not one that begins with 1+A1.
                seen.add(piece)
                pieces.append(rf"(?<![\w.$!:'\[\]#])(?P<{piece}>[\w.$!:'\[\]#]+|\([^()]*\))")
            elif piece not in marks:
                pieces.append(re.escape(piece) if piece != "zqtaxonomyqz" else ".+?")
            elif piece in seen:
                pieces.append(rf"\(?(?P={piece})\)?")
            else:
                seen.add(piece)
                pieces.append(rf"\(?(?P<{piece}>[^,]+?|.+?)\)?")
        literal = max(re.split(r"zq\w+?qz", text), key=len)
        found.append((name, literal, re.compile("".join(pieces)), tuple(mark for mark in marks if mark in seen)))
    return tuple(found)


def folded(formula: str) -> str:
    """A formula whose spelled-out calls of our functions are calls again.

    >>> folded("=IF(SIGN(A1)=0,0,ROUND(A1,B1-1-(INT(LOG10(ABS(A1))+1E-12)-(ABS(A1)<10^INT(LOG10(ABS(A1))+1E-12)))))")
    '=SIGNIFICANT(A1,B1)'
    """
    for name, literal, pattern, marks in _spelled_out():
        if literal in formula:

            def call(match: re.Match[str], name: str = name, marks: tuple[str, ...] = marks) -> str:
                outside = "".join(match[0].split('"')[0::2])
                more = outside.count("(") - outside.count(")")  # brackets of the surroundings that the pattern took
                arguments = ",".join(_balanced(match[mark]) for mark in marks)
                return f"{'(' * more}{name}({arguments}){')' * -more}"

            formula = pattern.sub(call, formula)
    return formula


def _folded_tokens(formula: str) -> tuple[Token, ...]:
    try:
        return tokens(folded(formula))
    except FormulaError:
        return tokens(formula)  # something that only looked like one of our functions


def _balanced(argument: str) -> str:
    """An argument with the brackets that the pattern took for those around it.

    >>> _balanced("ABS(A1"), _balanced("A1+B1)*C1"), _balanced("A1")
    ('ABS(A1)', '(A1+B1)*C1', 'A1')
    """
    depth = lowest = 0
    for character in re.sub(r'"[^"]*"', "", argument):
        depth += (character == "(") - (character == ")")
        lowest = min(lowest, depth)
    return "(" * -lowest + argument + ")" * (depth - lowest)
