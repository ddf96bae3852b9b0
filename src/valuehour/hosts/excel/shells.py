"""The functions as xlwings takes them: thin shells with the definitions' names, texts and arguments.

xlwings looks at a function's signature, and at what its decorators say. Both are made from the definitions here, so
that a new function, argument or text is in every host of Excel at once.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeAlias

import xlwings as xw

from valuehour.functions import FUNCTIONS, Argument, Function
from valuehour.hosts.excel.calls import Rows, calculate
from valuehour.hosts.excel.converter import Cells
from valuehour.hosts.help import argument_help, function_help

CATEGORY = "valuehour"

Shell: TypeAlias = Callable[..., Any]


def worksheet_functions(module: str, *, taxonomy: Callable[[], Rows], namespace: str | None = None) -> dict[str, Shell]:
    """Every worksheet function by its name, decorated for the host that xlwings finds itself in.

    Parameters
    ----------
    module : name
        The module whose attributes they become; hosts look for them there.
    taxonomy : callable
        Gives rows of structure and dimension; called when a cell first asks for them.
    namespace : text
        Where a host does not put a namespace in front of the names itself.
    """
    return {name: _shell(function, module, taxonomy, namespace) for name, function in FUNCTIONS.items()}


def _shell(function: Function, module: str, taxonomy: Callable[[], Rows], namespace: str | None) -> Shell:
    def call(*cells: Any) -> Any:
        return calculate(function, cells, taxonomy)

    call.__name__ = call.__qualname__ = function.name
    call.__module__ = module
    call.__doc__ = function_help(function)
    call.__annotations__ = {}  # xlwings would take them for converters
    # A function has no attribute for this as far as types go; inspect, and so xlwings, reads it back.
    call.__dict__["__signature__"] = inspect.Signature([_parameter(argument) for argument in function.arguments])
    decorated = xw.ret(Cells)(call)
    for argument in function.arguments:
        decorated = xw.arg(argument.name, Cells, doc=argument_help(argument))(decorated)
    return xw.func(category=CATEGORY, namespace=namespace)(decorated)


def _parameter(argument: Argument) -> inspect.Parameter:
    if argument.variadic:
        return inspect.Parameter(argument.name, inspect.Parameter.VAR_POSITIONAL)
    default = argument.default if argument.optional else inspect.Parameter.empty
    return inspect.Parameter(argument.name, inspect.Parameter.POSITIONAL_OR_KEYWORD, default=default)
