"""The VBA of the add-in: one function for each worksheet function, and what Excel shows about it."""

from __future__ import annotations

from importlib.resources import files

from valuehour import __version__
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS, Argument, Function
from valuehour.hosts.classic.server import PROG_ID
from valuehour.hosts.help import argument_help, function_help

FUNCTIONS_MODULE = "ValuehourFunctions"
HELP_MODULE = "ValuehourHelp"

ERROR_NUMBERS = {
    CellError.NULL: 2000,
    CellError.DIV0: 2007,
    CellError.VALUE: 2015,
    CellError.REF: 2023,
    CellError.NAME: 2029,
    CellError.NUM: 2036,
    CellError.NA: 2042,
}
"""What CVErr makes each error of."""

WORKBOOK_CODE = """\
Private Sub Workbook_Open()
    DescribeFunctions
End Sub
"""


def functions_module() -> str:
    """The module of the functions, as a file that Excel also imports by itself (``.bas``)."""
    errors = "\n".join(
        f"        Case {literal(str(error))}: WithError = CVErr({number})" for error, number in ERROR_NUMBERS.items()
    )
    bridge = _source("bridge.bas").format(version=__version__, prog_id=PROG_ID, errors=errors)
    return _module(FUNCTIONS_MODULE, "\n".join([bridge, *map(wrapper, FUNCTIONS.values())]))


def help_module() -> str:
    """The module of the descriptions, which Excel is told when the add-in is loaded."""
    from valuehour.hosts.excel.shells import CATEGORY  # brings xlwings along

    described = "".join(map(_description, FUNCTIONS.values()))
    texts = _source("help.bas").format(version=__version__, category=CATEGORY)
    return _module(HELP_MODULE, f"{texts}Private Sub DescribeAll()\n{described}End Sub\n")


def wrapper(function: Function) -> str:
    """A worksheet function in VBA.

    >>> print(wrapper(FUNCTIONS["SIGNIFICANT"]))
    Public Function SIGNIFICANT(value As Variant, Optional digits As Variant) As Variant
        SIGNIFICANT = Calculated("SIGNIFICANT", Array(value, digits))
    End Function
    <BLANKLINE>
    """
    names = [_name(argument) for argument in function.arguments]
    head = f"Public Function {function.name}({', '.join(map(_parameter, function.arguments))}) As Variant"
    if function.variadic:
        body = (
            f"    Dim arguments As Variant\n    arguments = {names[0]}\n"
            f"    {function.name} = Calculated({literal(function.name)}, arguments)"
        )
    else:
        body = f"    {function.name} = Calculated({literal(function.name)}, Array({', '.join(names)}))"
    return f"{head}\n{body}\nEnd Function\n"


def literal(text: str) -> str:
    """A text as VBA writes it.

    >>> print(literal('the "odd" cent'))
    "the ""odd"" cent"
    """
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def _parameter(argument: Argument) -> str:
    if argument.variadic:
        return f"ParamArray {_name(argument)}() As Variant"
    return f"{'Optional ' if argument.optional else ''}{_name(argument)} As Variant"


def _name(argument: Argument) -> str:
    """VBA has one spelling for a name: an argument in small letters would rename the function of the same name."""
    return argument.name.upper() if argument.name.upper() in FUNCTIONS else argument.name


def _description(function: Function) -> str:
    texts = [literal(argument_help(argument)) for argument in function.arguments]
    described = ", _\n            ".join(texts)
    return (
        f"    Describe {literal(function.name)}, _\n        {literal(function_help(function))}, _\n"
        f"        Array({described})\n"
    )


def _module(name: str, text: str) -> str:
    return f'Attribute VB_Name = "{name}"\n{text}'.replace("\n", "\r\n")


def _source(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="ascii")
