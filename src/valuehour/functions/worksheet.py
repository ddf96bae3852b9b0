"""Worksheet functions: one definition beside the Python body, from which every host's form is derived."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from types import MappingProxyType
from typing import Any, ParamSpec, TypeVar, cast

from valuehour.errors import UsageError
from valuehour.functions import expressions
from valuehour.functions.broadcasting import evaluate
from valuehour.functions.definition import Argument, Definition, Kind
from valuehour.functions.documentation import read_docstring
from valuehour.functions.judgement import judge, settle
from valuehour.functions.ranges import Cell, Range, Value
from valuehour.functions.records import Records
from valuehour.functions.rules import JUDGED_IN_ORDER, Rule

P = ParamSpec("P")
R = TypeVar("R")

_NAMES: set[str] = set()


@dataclass(frozen=True)
class Function(Definition):
    """A worksheet function in all its forms: Python, native Excel, LAMBDA, and what a worksheet calculates."""

    def native(self, arguments: Sequence[str], *, taxonomy: str | None = None, records: str | None = None) -> str:
        """The function as a plain Excel expression (display form) of these argument expressions.

        ``taxonomy`` and ``records`` are the ranges of the workbook's tables; without records there is nothing to look
        them up in, and the expression is ``#REF!``.
        """
        return expressions.native(self, arguments, taxonomy, records)

    def row_native(
        self, arguments: Mapping[str, str | tuple[str, str]], columns: Mapping[str, tuple[str, str]]
    ) -> dict[str, str]:
        """The function as plain formulas for one row of a table; see `expressions.row_native`."""
        return expressions.row_native(self, arguments, columns)

    def lambda_text(self, *, taxonomy: str | None = None, records: str | None = None) -> str:
        """The function as a LAMBDA (display form), with the whole order of judgement."""
        return expressions.lambda_text(self, taxonomy, records, _NAMES)

    def evaluate(
        self, *cells: Cell | Range, taxonomy: Sequence[Sequence[str]] | None = None, records: Records | None = None
    ) -> Value:
        """The function as a worksheet calculates it, over cells and ranges; bad cells come back as error cells.

        ``taxonomy`` and ``records`` are the host's; a function takes the one that it looks up. Without records what
        looks them up is ``#REF!``.
        """
        return evaluate(self, cells, {"taxonomy": taxonomy, "records": records})


def worksheet_function(
    *,
    family: str,
    expression: str,
    example: str,
    example_result: Value,
    rules: Sequence[Rule] = (),
    steps: Sequence[tuple[str, str]] = (),
    whole_ranges: Sequence[str] = (),
    kinds: dict[str, Kind] | None = None,
    returns_array: bool = False,
    each: str = "",
    joint: str = ",",
    expression_range: str = "",
    each_range: str = "",
    identity: str = "",
    dynamic: Mapping[str, str] | None = None,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Turn a bare formula body into a function that judges its arguments, and attach its definition.

    Parameters
    ----------
    expression : Excel
        The formula, element by element, with a placeholder in braces for each argument, step or column
        of a host's table.
    steps : name and Excel
        Parts of the formula that it uses more than once: named in a LAMBDA, written out in a native formula.
    each, joint, identity : Excel
        For a variadic argument: how one value enters the formula, what stands between two values, and the value
        that changes nothing.
    expression_range, each_range : Excel
        Used instead when a variadic argument may be a range.
    dynamic : name and Excel
        Used in a LAMBDA, where dynamic arrays are at hand, instead of the step of that name or of the whole
        ``result``; ``fold`` puts one variadic value after what came ``before``.
    """

    def decorate(body: Callable[P, R]) -> Callable[P, R]:
        texts = read_docstring(body.__doc__ or "")
        parameters = [p for p in inspect.signature(body).parameters.values() if p.kind is not p.KEYWORD_ONLY]
        keyword_only = [p.name for p in inspect.signature(body).parameters.values() if p.kind is p.KEYWORD_ONLY]
        name = body.__name__

        @wraps(body)
        def judged(*args: P.args, **kwargs: P.kwargs) -> R:
            extra = {key: kwargs[key] for key in keyword_only if key in kwargs}
            values: list[object] = [*args, *definition.defaults(len(args))]
            if definition.variadic and not kwargs:
                values = list(args)
                definition.check_count(len(values))
            elif len(kwargs) > len(extra) or not definition.counts[0] <= len(args) <= definition.counts[1]:
                bound = signature.bind(*args, **kwargs)  # names arguments, or says what is wrong as Python does
                bound.apply_defaults()
                values = list(bound.args)
            return cast(R, settle(_with(body, extra), judge(definition, values)))

        signature = inspect.signature(body)
        definition = Function(
            name=name.upper(),
            family=family,
            summary=texts.summary,
            arguments=tuple(
                Argument(
                    name=(word := parameter.name.removesuffix("s") if _is_variadic(parameter) else parameter.name),
                    description=texts.of(parameter.name).description,
                    unit=texts.of(parameter.name).unit,
                    domain=texts.of(parameter.name).domain,
                    kind=(kinds or {}).get(word, "number"),
                    optional=parameter.default is not parameter.empty,
                    default=None if parameter.default is parameter.empty else parameter.default,
                    variadic=_is_variadic(parameter),
                    whole_range=_is_variadic(parameter) or parameter.name in whole_ranges,
                )
                for parameter in parameters
            ),
            result=texts.result,
            unit=texts.unit,
            returns_array=returns_array,
            example=example,
            example_result=example_result,
            rules=tuple(sorted(rules, key=lambda rule: JUDGED_IN_ORDER.index(rule.error))),
            expression=expression,
            steps=tuple(steps),
            each=each,
            joint=joint,
            expression_range=expression_range,
            each_range=each_range,
            identity=identity,
            dynamic=MappingProxyType(dict(dynamic or {})),
            tables=tuple(keyword_only),
            python=judged,
            body=body,
        )
        _NAMES.add(definition.name)
        # A function has no attribute for this as far as types go; definition_of reads it back.
        judged.__dict__["definition"] = definition
        return judged

    return decorate


def definition_of(function: Callable[..., Any]) -> Function:
    """The definition of one of the functions of this package."""
    definition = getattr(function, "definition", None)
    if not isinstance(definition, Function):
        raise UsageError(f"{function!r} is not a worksheet function")
    return definition


def _is_variadic(parameter: inspect.Parameter) -> bool:
    return parameter.kind is parameter.VAR_POSITIONAL


def _with(body: Callable[..., R], extra: dict[str, object]) -> Callable[..., R]:
    return (lambda *values: body(*values, **extra)) if extra else body
