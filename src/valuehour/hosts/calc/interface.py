"""What LibreOffice reads about the add-in before it loads it: the types of the functions and their texts."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from valuehour.functions import FUNCTIONS, Function
from valuehour.hosts.calc.component import INTERFACE
from valuehour.hosts.help import argument_help

SERVICE = "VH"
OFFICEJS_SERVICE = "VH.officejs"
"""The same functions under the names that Office.js add-ins leave in files."""
OFFICEJS_PREFIX = "_xldudf_VH_"

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def types() -> str:
    """The functions as UNO types. Names of parameters may not hold underscores there.

    Only ``any`` may be left out and takes whole ranges. Where a number or a text is declared, Calc goes through a range
    cell by cell, and refuses texts for numbers.
    """
    *modules, interface = INTERFACE.split(".")
    lines = [f"module {module} {{" for module in modules] + [f"interface {interface} {{"]
    for function in FUNCTIONS.values():
        parameters = [
            f"[in] {_type(function, place)} {name}" for place, (name, _, _) in enumerate(_parameters(function))
        ]
        if function.tables:
            parameters.append("[in] com::sun::star::beans::XPropertySet document")
        result = "sequence< sequence<any> >" if function.returns_array else "any"
        lines.append(f"    {result} {function.name}({', '.join(parameters)});")
    return "\n".join([*lines, "};", *("};" for _ in modules), ""])


def components(module: str) -> str:
    """Where the services are implemented."""
    services = "".join(
        f'  <implementation name="{name}"><service name="{name}"/></implementation>\n'
        for name in (SERVICE, OFFICEJS_SERVICE)
    )
    return (
        f'{_DECLARATION}<components xmlns="http://openoffice.org/2010/uno-components">\n'
        f'<component loader="com.sun.star.loader.Python" uri="{module}">\n{services}</component>\n</components>\n'
    )


def configuration() -> str:
    """The names, descriptions and argument help that the function wizard shows."""
    return (
        f'{_DECLARATION}<oor:component-data xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" oor:name="CalcAddIns" oor:package="org.openoffice.Office">\n'
        '<node oor:name="AddInInfo">\n'
        f"{_service(SERVICE, '')}{_service(OFFICEJS_SERVICE, OFFICEJS_PREFIX)}"
        "</node>\n</oor:component-data>\n"
    )


def _service(service: str, prefix: str) -> str:
    functions = "".join(_function(function, prefix) for function in FUNCTIONS.values())
    return f'<node oor:name="{service}" oor:op="replace"><node oor:name="AddInFunctions">\n{functions}</node></node>\n'


def _function(function: Function, prefix: str) -> str:
    name = f"{prefix}{function.name}"
    summary = function.summary if not prefix else f"{function.name} in workbooks for Office.js add-ins."
    parameters = "".join(
        _node(name, _text("DisplayName", shown) + _text("Description", help_)) + "\n"
        for name, shown, help_ in _parameters(function)
    )
    # The name in files of Excel is the one that users of Excel type.
    texts = (
        _text("DisplayName", name)
        + _text("Description", summary)
        + '<prop oor:name="Category"><value>Add-In</value></prop>'
        + _text("CompatibilityName", name)
    )
    return _node(function.name, f'{texts}<node oor:name="Parameters">\n{parameters}</node>') + "\n"


def _parameters(function: Function) -> Iterator[tuple[str, str, str]]:
    """The internal name, the name shown and the help of each parameter."""
    for place, (name, argument) in enumerate(function.named_arguments(function.counts[1])):
        optional = argument.optional or (argument.variadic and place > 0)
        first, *others = name.split("_")
        yield first + "".join(map(str.title, others)), f"[{name}]" if optional else name, argument_help(argument, place)


def _type(function: Function, place: int) -> str:
    if function.aggregates or place >= function.counts[0]:
        return "any"
    return "double" if function.arguments[place].kind == "number" else "string"


def _node(name: str, content: str) -> str:
    return f'<node oor:name="{name}" oor:op="replace">{content}</node>'


def _text(prop: str, text: str) -> str:
    return f'<prop oor:name={quoteattr(prop)}><value xml:lang="en-US">{escape(text)}</value></prop>'
