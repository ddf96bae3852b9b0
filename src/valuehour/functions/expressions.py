"""The formula in Excel's language: plain expressions for any version, LAMBDAs with the whole order of judgement.

Both are derived from the definition of the definition. Display form: no file prefixes; `valuehour.workbooks` adds them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby

from valuehour.errors import CellError, UsageError
from valuehour.functions.definition import Argument, Definition
from valuehour.functions.ranges import MAX_VARIADIC
from valuehour.functions.rules import Rule

_PLACEHOLDER = re.compile(r"\{(?P<place>place:)?(?P<name>[a-z]\w*)\}")
_NUMBER = re.compile(r"^\d+(\.\d*)?(E[+-]?\d+)?$", re.IGNORECASE)
_REFERENCE = re.compile(r"^('[^']+'!|[\w.]+!)?(\$?[A-Z]+\$?\d+(:\$?[A-Z]+\$?\d+)?|[A-Za-z_]\w*(\[.+\])?)$")
_OPENERS = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'"}


def native(definition: Definition, arguments: Sequence[str], taxonomy: str | None) -> str:
    """The function as a plain expression of these argument expressions; correct on the valid domain.

    An argument that is left empty between commas is a blank and counts as 0, as in Excel.
    """
    definition.check_count(len(arguments))
    given = [argument.strip() or "0" for argument in arguments]
    if definition.variadic:
        argument = definition.arguments[0]
        texts = {f"{argument.name}s": ",".join(_fill(definition.each, {argument.name: text}) for text in given)}
        return _fill(definition.expression, texts)
    left_out = definition.arguments[len(given) :]
    template, steps = definition.expression, definition.steps
    for argument in left_out:
        if argument.default == 1:
            template = template.replace(f"*{{{argument.name}}}", "")
    texts = {argument.name: text for argument, text in zip(definition.arguments, given, strict=False)}
    texts |= {argument.name: argument.default_text for argument in left_out}
    texts |= _taxonomy(definition, taxonomy)
    for name, step in steps:
        texts[name] = _fill(step, texts)
    return _fill(template, texts)


def lambda_text(definition: Definition, taxonomy: str | None) -> str:
    """The function as a LAMBDA that judges its arguments in the order that holds for every definition.

    ``fault`` adds up the errors found in the arguments: the first one comes back, in the shape of the result.
    """
    required = definition.counts[0]
    parameters = definition.named_arguments(definition.counts[1])
    heads, given, judged = [], [], []
    texts: dict[str, str] = {}
    for place, (name, argument) in enumerate(parameters):
        heads.append(name if place < required else f"[{name}]")
        texts[name] = name
        if place >= required:
            default = definition.identity if argument.variadic else argument.default_text
            texts[name] = f"{name}_given"
            given.append((texts[name], f"IF(ISOMITTED({name}),{default},{name})"))
        judged.append((f"{name}_", _judged(definition, argument, texts[name])))
    whole = "SUM({})" if definition.aggregates else "{}"
    given.append(("fault", "+".join(whole.format(f"IF(ISERROR({text}),{text},0)") for text in texts.values())))
    values = {name: f"{name}_" for name in texts} | _taxonomy(definition, taxonomy)
    if definition.variadic:
        filled = (
            _filled(name, argument, texts[name], place < required) for place, (name, argument) in enumerate(parameters)
        )
        judged.append(("filled", "+".join(filled)))
        values[f"{parameters[0][1].name}s"] = ",".join(values[name] for name in texts)
    for name, step in definition.steps:
        judged.append((name, _fill(step, values, _sequence)))
        values[name] = name
    result = _fill(definition.dynamic or definition.expression, values, _sequence)
    for error, condition in reversed(list(_conditions(definition, values))):
        result = f"IF({condition}>0,{error},{result})"
    types = "+".join(["fault", *(_wrong_type(definition, argument, texts[name]) for name, argument in parameters)])
    result = f"IF(ISERROR(fault),fault,IF({types}>0,{CellError.VALUE},{_let(judged, result)}))"
    return f"LAMBDA({','.join(heads)},{_let(given, result)})"


def _judged(definition: Definition, argument: Argument, text: str) -> str:
    """One argument of a LAMBDA as its formula takes it: blanks and booleans as numbers, skipped cells neutral."""
    value = f"{text}+0" if argument.kind == "number" else text
    return f"IF({_skipped(argument, text)},{definition.identity},{value})" if argument.variadic else value


def _skipped(argument: Argument, text: str) -> str:
    """Whether a cell of a variadic argument is passed over; a single blank number is no gap in a range but a 0."""
    if argument.kind == "number":
        return f"ISBLANK({text})*(ROWS({text})*COLUMNS({text})>1)"
    return f'(({text}=0)+({text}="")>0)'


def _filled(name: str, argument: Argument, text: str, required: bool) -> str:
    """How many cells of a variadic argument count."""
    count = f"SUM(1-{_skipped(argument, text)})"
    return count if required else f"IF(ISOMITTED({name}),0,{count})"


def _wrong_type(definition: Definition, argument: Argument, text: str) -> str:
    """A number above 0 where the argument is of the wrong type."""
    single = f"(ROWS({text})*COLUMNS({text})>1)" if definition.aggregates and not argument.whole_range else ""
    if argument.kind != "number":
        return single or "0"
    is_text = f"SUM(ISTEXT({text})+0)" if definition.aggregates else f"ISTEXT({text})"
    return f"{is_text}+{single}" if single else is_text


def _conditions(definition: Definition, values: Mapping[str, str]) -> Iterator[tuple[CellError, str]]:
    """The rules in order, those of one error together, as sums that are above 0 where a rule holds."""
    if definition.variadic:
        yield CellError.VALUE, "(filled=0)"
    for error, rules in groupby(definition.rules, key=lambda rule: rule.error):
        yield error, "+".join(_condition(definition, rule, values) for rule in rules)


def _condition(definition: Definition, rule: Rule, values: Mapping[str, str]) -> str:
    """One rule; it holds for a whole range when it holds for any of its cells."""
    template = rule.excel()
    if definition.variadic:
        name = definition.arguments[0].name
        names = [f"{name}{place}" for place in range(1, MAX_VARIADIC + 1)]
        return "+".join(f"SUM(({_fill(template, {name: values[text]})})+0)" for text in names)
    ranges = {argument.name for argument in definition.arguments if argument.whole_range}
    if any(comparison.left in ranges for comparison in rule.comparisons):
        return f"SUM(({_fill(template, values)})+0)"
    return f"({_fill(template, values)})"


def _fill(template: str, texts: Mapping[str, str], place: Callable[[str], str] | None = None) -> str:
    """Put texts into the placeholders of a template, in brackets where the place needs them."""

    def text(match: re.Match[str]) -> str:
        found = texts[match["name"]]
        if match["place"]:
            return (place or _place)(found)
        before, after = template[: match.start()][-1:], template[match.end() :][:1]
        alone = before in ("", "(", ",") and after in ("", ")", ",")
        return found if alone or _is_atom(found) else f"({found})"

    return _PLACEHOLDER.sub(text, template)


def _is_atom(text: str) -> bool:
    """Whether an expression can stand beside any operator without brackets.

    >>> [_is_atom(text) for text in ("A1", "'My sheet'!$B$2", "tbl[[#This Row],[a-b]]", "SUM(A1:A3)", "(1+2)", "1E-5")]
    [True, True, True, True, True, True]
    >>> [_is_atom(text) for text in ("A1+1", "-1", "A1=B1", "10%", "(1)+(2)", '"a"&"b"')]
    [False, False, False, False, False, False]
    """
    if _NUMBER.match(text) or text[:1] == "#":
        return True
    closers: list[str] = []
    for character in text:
        if closers and character == closers[-1]:
            closers.pop()
        elif not (closers and closers[-1] in "\"'") and character in _OPENERS:
            closers.append(_OPENERS[character])
        elif not closers and character in "+-*/^&=<>% ,;":
            return False
    return True


def _sequence(text: str) -> str:
    return f"SEQUENCE(ROWS({text}),COLUMNS({text}))"


def _place(text: str) -> str:
    """Numbers that rise row by row over a range, for Excel versions without SEQUENCE.

    >>> _place("B2:B9")
    '(ROW(B2:B9)*COLUMNS(B2:B9)+COLUMN(B2:B9))'
    >>> _place("{3,1;2,2}")
    '{1,2;3,4}'
    """
    if _REFERENCE.match(text):
        return f"(ROW({text})*COLUMNS({text})+COLUMN({text}))"
    if text.startswith("{"):
        rows = [row.count(",") + 1 for row in text.split(";")]
        starts = [sum(rows[:number]) for number in range(len(rows))]
        return (
            "{"
            + ";".join(
                ",".join(str(start + i + 1) for i in range(width)) for start, width in zip(starts, rows, strict=True)
            )
            + "}"
        )
    down = f"ROW(OFFSET($A$1,0,0,ROWS({text}),1))"
    across = f"COLUMN(OFFSET($A$1,0,0,1,COLUMNS({text})))"
    return f"({down}*COLUMNS({text})+{across})"


def _taxonomy(definition: Definition, taxonomy: str | None) -> dict[str, str]:
    if not definition.needs_taxonomy:
        return {}
    if taxonomy is None:
        raise UsageError(f"{definition.name} looks up the taxonomy of its workbook; give its range")
    return {"taxonomy": taxonomy}


def _let(variables: Sequence[tuple[str, str]], result: str) -> str:
    return f"LET({','.join(f'{name},{text}' for name, text in variables)},{result})"
