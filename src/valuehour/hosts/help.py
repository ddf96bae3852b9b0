"""What a function wizard shows: the texts of the definitions, in the length that Excel takes."""

from __future__ import annotations

from valuehour.functions import Argument, Function

LONGEST = 255
"""Excel cuts descriptions of functions and arguments off here."""


def function_help(function: Function) -> str:
    """What the function is, and the unit of its result.

    >>> from valuehour.functions import FUNCTIONS
    >>> function_help(FUNCTIONS["SUCCESS_RATE"])
    'The share of runs that succeeded. Result: fraction of runs, not rounded.'
    """
    return f"{function.summary} Result: {function.result}."


def argument_help(argument: Argument, place: int = 0) -> str:
    """What the argument is, its unit and domain, and what counts when it is left out.

    >>> from valuehour.functions import FUNCTIONS
    >>> argument_help(FUNCTIONS["VALUE_PER_HOUR"].arguments[2])
    'Leave at 1 for the whole organisation. (people, > 0) Left out: 1.'
    """
    domain = f", {argument.domain}" if argument.domain else ""
    default = f" Left out: {argument.default_text}." if argument.optional else ""
    if argument.variadic and place:
        default = " May be left out."
    return f"{argument.description} ({argument.unit}{domain}){default}"
