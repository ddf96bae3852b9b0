"""The formula in Excel's language: plain expressions for any version, LAMBDAs with the whole order of judgement.

Both are derived from the definition. Display form: no file prefixes; `valuehour.workbooks` adds them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import groupby

from valuehour.errors import CellError, UsageError
from valuehour.functions.definition import Argument, Definition
from valuehour.functions.ranges import MAX_VARIADIC
from valuehour.functions.rules import Rule

_PLACEHOLDER = re.compile(r"\{(?P<prefix>place:|all:|)(?P<name>[a-z]\w*)\}")
_NUMBER = re.compile(r"^\d+(\.\d*)?(E[+-]?\d+)?$", re.IGNORECASE)
_REFERENCE = re.compile(r"^('(?:[^']|'')+'!|[\w.]+!)?(\$?[A-Z]+\$?\d+(:\$?[A-Z]+\$?\d+)?|[A-Za-z_]\w*(\[.+\])?)$")
_AREA = re.compile(
    r"^(?P<sheet>'(?:[^']|'')+'!|[\w.]+!)?(?P<column>\$?[A-Z]+)(?P<top>\$?\d+):\$?[A-Z]+(?P<bottom>\$?\d+)$",
    re.IGNORECASE,
)
_RANGE = re.compile(r":|\w\[(?!\[#This Row\])|[({]")
_STRING = re.compile(r'"[^"]*"')
_CONSTANT_STEP = re.compile(r"^(?:TRUNC|(?P<power>10\^MAX))\((?:0,)?(?P<sign>-(?=\())?\(?(?P<number>-?\d)\)?\)$")

RECORDS = {"names": 1, "values": 2, "statuses": 5, "evidences": 8}
"""The columns of a workbook's table of records (``tblLedger``) that functions look up."""
RECORDS_DAY = "in_ledger_as_of_date"
"""The name of the cell that says the day of these records."""

_OPENERS = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'"}


def native(definition: Definition, arguments: Sequence[str], taxonomy: str | None, records: str | None) -> str:
    """The function as a plain expression of these argument expressions; correct on the valid domain.

    An argument that is left empty between commas is a blank and counts as 0, as in Excel.
    """
    definition.check_count(len(arguments))
    if definition.needs_records and records is None:
        return str(CellError.REF)
    given = [argument.strip() or "0" for argument in arguments]
    if definition.variadic:
        argument = definition.arguments[0]
        expression, each, separator = definition.expression, definition.each, definition.joint
        if definition.each_range and any(_RANGE.search(_STRING.sub("", text)) for text in given):
            expression, each, separator = definition.expression_range, definition.each_range, ","
        return _fill(expression, {f"{argument.name}s": separator.join(_fill(each, {argument.name: t}) for t in given)})
    left_out = definition.arguments[len(given) :]
    texts = {argument.name: text for argument, text in zip(definition.arguments, given, strict=False)}
    texts |= {argument.name: argument.default_text for argument in left_out}
    texts |= _tables(definition, taxonomy, records)
    ones = {argument.name for argument in left_out if argument.default == 1}
    for name, step in definition.steps:
        texts[name] = _folded(_fill(_without(ones, step), texts))
        ones |= {name} if texts[name] == "1" else set()
    return _fill(_without(ones, definition.expression), texts)


def row_native(
    definition: Definition, arguments: Mapping[str, str | tuple[str, str]], columns: Mapping[str, tuple[str, str]]
) -> dict[str, str]:
    """The function as formulas for one row of a table, for engines and tables that take no arrays.

    A whole range and every step that stands in a column of its own are given as two texts: the cell of this row and
    the whole column. The answer has the formula of each of these steps, and the ``result``.
    """
    missing = [a.name for a in definition.arguments if not a.optional and a.name not in arguments]
    if missing:
        raise UsageError(f"{definition.name} row by row needs the argument {missing[0]!r}")
    texts: dict[str, str] = {}
    for argument in definition.arguments:
        text = arguments.get(argument.name) or argument.default_text
        texts[argument.name], texts[f"all:{argument.name}"] = (text, text) if isinstance(text, str) else text
    formulas = {}
    ones: set[str] = set()
    for name, step in (*definition.steps, ("result", definition.expression)):
        needed = [match["name"] for match in _PLACEHOLDER.finditer(step) if match["prefix"] == "all:"]
        for column in needed:
            if f"all:{column}" not in texts:
                raise UsageError(f"{definition.name} row by row needs a column for its step {column!r}")
        texts[name] = formula = _folded(_fill(_without(ones, step), texts))
        if name in columns:
            formulas[name] = formula
            texts[name], texts[f"all:{name}"] = columns[name]
        ones |= {name} if texts[name] == "1" else set()
    return formulas | {"result": texts["result"]}


def _without(ones: Collection[str], template: str) -> str:
    """A template without the factors that are 1 anyway."""
    for name in ones:
        template = template.replace(f"*{{{name}}}", "").replace(f"/{{{name}}}", "")
    return template


def _folded(text: str) -> str:
    """A step that is made of plain numbers only, worked out.

    >>> [_folded(text) for text in ("TRUNC(2)", "10^MAX(0,2)", "10^MAX(0,-2)", "10^MAX(0,-(-3))", "TRUNC(A1)")]
    ['2', '100', '1', '1000', 'TRUNC(A1)']
    """
    match = _CONSTANT_STEP.match(text)
    if match is None:
        return text
    number = int(match["number"]) * (-1 if match["sign"] else 1)
    return str(10 ** max(0, number)) if match["power"] else str(number)


def lambda_text(definition: Definition, taxonomy: str | None, records: str | None, reserved: Collection[str]) -> str:
    """The function as a LAMBDA that judges its arguments in the order that holds for every function.

    Errors need no test of their own: the sum that counts wrong types comes out as the first error among the
    arguments. Every part works element by element, so ranges broadcast; ``reach`` is 0 wherever all of them reach,
    else #N/A. A parameter named as one of our functions (``reserved``) gets an underscore, because a name of the
    workbook would hide it.
    """
    required = definition.counts[0]
    named = definition.named_arguments(definition.counts[1])
    heads, variables, judged = [], [], []
    texts: dict[str, str] = {}
    for place, (name, argument) in enumerate(named):
        parameter = f"{name}_" if name.upper() in reserved else name
        texts[name] = parameter
        heads.append(parameter if place < required else f"[{parameter}]")
        if place >= required:
            default = definition.identity if argument.variadic else argument.default_text
            texts[name] = f"{name}_given"
            variables.append((texts[name], f"IF(ISOMITTED({parameter}),{default},{parameter})"))
        judged.append((f"{name}_n", _judged(definition, argument, texts[name])))
    values = {name: f"{name}_n" for name in texts} | _tables(definition, taxonomy, records)
    if definition.variadic:
        argument = named[0][1]
        filled = [f"SUM(1-{_skipped(argument, texts[name])})" for name, _ in named]
        filled[required:] = [
            f"IF(ISOMITTED({name}),0,{count})" for (name, _), count in list(zip(named, filled, strict=True))[required:]
        ]
        judged.append(("filled", "+".join(filled)))
        values[f"{argument.name}s"] = ",".join(texts.values())
    for name, step in definition.steps:
        judged.append((name, _fill(definition.dynamic.get(name, step), values, _sequence)))
        values[name] = name
    result = _fill(definition.dynamic.get("result", definition.expression), values, _sequence)
    if "fold" in definition.dynamic:
        result = definition.identity
        for text in texts.values():
            result = _fill(definition.dynamic["fold"], {"before": result, named[0][1].name: text})
    for error, condition in reversed(list(_conditions(definition, values))):
        result = f"IF({condition},{error},{result})"
    wrong = "+".join(_wrong_type(definition, argument, texts[name]) for name, argument in named)
    if not definition.aggregates:
        variables.append(("reach", "+".join(f"(IFERROR({text},0)=0)*0" for text in texts.values())))
        wrong = f"reach+{wrong}"
    return f"LAMBDA({','.join(heads)},{_let(variables, f'IF({wrong},{CellError.VALUE},{_let(judged, result)})')})"


def _judged(definition: Definition, argument: Argument, text: str) -> str:
    """One argument of a LAMBDA as its formula takes it: blanks and booleans as numbers, skipped cells neutral."""
    value = f"{text}+0" if argument.kind == "number" else text
    return f"IF({_skipped(argument, text)},{definition.identity},{value})" if argument.variadic else value


def _skipped(argument: Argument, text: str) -> str:
    """Whether a cell of a variadic argument is passed over; a single blank number is no gap in a range but a 0."""
    if argument.kind == "number":
        return f'({text}="")*(ROWS({text})*COLUMNS({text})>1)'
    return f'(({text}=0)+({text}="")>0)'


def _wrong_type(definition: Definition, argument: Argument, text: str) -> str:
    """A number above 0 where the argument is of the wrong type, or the error that it holds.

    Texts are found by how Excel sorts values (numbers, texts, FALSE, TRUE; a blank equals "" and FALSE), because
    ISTEXT does not look at the single cells of a range in every engine.
    """
    test = f'({text}>="")*({text}<FALSE)' if argument.kind == "number" else f"({text}=0)*0"
    if not definition.aggregates:
        return test
    return f"SUM({test})" + ("" if argument.whole_range else f"+(ROWS({text})*COLUMNS({text})>1)")


def _conditions(definition: Definition, values: Mapping[str, str]) -> Iterator[tuple[CellError, str]]:
    """The rules in order, those of one error together, as conditions."""
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


def _sequence(_: str, whole: str) -> str:
    return f"SEQUENCE(ROWS({whole}),COLUMNS({whole}))"


def _place(cell: str, whole: str) -> str:
    """A number that rises row by row over a range, for Excel versions without SEQUENCE.

    >>> _place("B2:B9", "B2:B9")
    '(ROW(B2:B9)*COLUMNS(B2:B9)+COLUMN(B2:B9))'
    >>> _place("{3,1;2,2}", "{3,1;2,2}")
    '{1,2;3,4}'
    """
    if _REFERENCE.match(cell):
        return f"(ROW({cell})*COLUMNS({whole})+COLUMN({cell}))"
    if cell.startswith("{"):
        width = cell.partition(";")[0].count(",") + 1
        numbers = [[str(row * width + column) for column in range(1, width + 1)] for row in range(cell.count(";") + 1)]
        return "{" + ";".join(map(",".join, numbers)) + "}"
    down = f"ROW(OFFSET($A$1,0,0,ROWS({whole}),1))"
    across = f"COLUMN(OFFSET($A$1,0,0,1,COLUMNS({whole})))"
    return f"({down}*COLUMNS({whole})+{across})"


def _fill(template: str, texts: Mapping[str, str], place: Callable[[str, str], str] = _place) -> str:
    """Put texts into the placeholders of a template, in brackets where the place needs them."""

    def text(match: re.Match[str]) -> str:
        found = texts[match["name"]]
        whole = texts.get(f"all:{match['name']}", found)
        if match["prefix"] == "place:":
            return place(found, whole)
        if match["prefix"] == "all:":
            found = whole
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


def _tables(definition: Definition, taxonomy: str | None, records: str | None) -> dict[str, str]:
    """The texts for the columns that a function looks up in the tables of its workbook."""
    if definition.needs_taxonomy:
        if taxonomy is None:
            raise UsageError(f"{definition.name} looks up the taxonomy of its workbook; give its range")
        first, structures = _column(taxonomy, 1)
        return {"taxonomy": taxonomy, "first": first, "structures": structures}
    if definition.needs_records:
        if records is None:
            raise UsageError(f"{definition.name} looks up the records of its workbook; give their range")
        return {name: _column(records, place)[1] for name, place in RECORDS.items()} | {"day": RECORDS_DAY}
    return {}


def _column(area: str, place: int) -> tuple[str, str]:
    """The first cell of a column of a range or name, and the whole column.

    >>> _column("Ledger!$B$20:$J$25", 5), _column("records", 2)
    (('Ledger!$F$20', 'Ledger!$F$20:$F$25'), ('INDEX(records,1,2)', 'INDEX(records,0,2)'))
    """
    match = _AREA.match(area)
    if match is None:
        return f"INDEX({area},1,{place})", f"INDEX({area},0,{place})"
    sheet, top, bottom = match["sheet"] or "", match["top"], match["bottom"]
    column = _moved(match["column"], place - 1)
    return f"{sheet}{column}{top}", f"{sheet}{column}{top}:{column}{bottom}"


def _moved(column: str, by: int) -> str:
    """The letters of the column so many to the right.

    >>> _moved("$B", 0), _moved("Y", 3), _moved("$ZZ", 1)
    ('$B', 'AB', '$AAA')
    """
    letters = column.lstrip("$").upper()
    number = by
    for place, letter in enumerate(reversed(letters)):
        number += (ord(letter) - 64) * 26**place
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return column[: column.count("$")] + text


def _let(variables: Sequence[tuple[str, str]], result: str) -> str:
    return f"LET({','.join(f'{name},{text}' for name, text in variables)},{result})" if variables else result
