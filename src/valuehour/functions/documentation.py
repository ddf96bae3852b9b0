"""What a docstring says about a function, as data.

The docstring of a formula is its only description: the function list, the ``Functions`` sheet and the wizards of
the spreadsheet programs take their texts from here. Where Python runs without docstrings (``-OO``) the texts are
empty and the functions calculate all the same.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass

_HEADING = re.compile(r"^(?P<title>[A-Z][a-z]+)\n-+\n", re.MULTILINE)
_ENTRY = re.compile(
    r"^(?P<name>\*?\w+) : (?P<unit>[^,\n]+)(?:, (?P<domain>.+))?\n(?P<text>(?:[ ]{4}.+\n?)*)", re.MULTILINE
)


@dataclass(frozen=True)
class ParameterText:
    """Unit, domain and description of one parameter."""

    unit: str
    domain: str
    description: str


@dataclass(frozen=True)
class FunctionText:
    """The parts of a function's docstring that are shown to people in a spreadsheet."""

    summary: str
    parameters: dict[str, ParameterText]
    result: str
    unit: str

    def of(self, parameter: str) -> ParameterText:
        """The text of one parameter; empty where there is none."""
        return self.parameters.get(parameter, ParameterText("", "", ""))


def read_docstring(docstring: str) -> FunctionText:
    """Read the summary, the parameters and the result from a docstring.

    >>> text = read_docstring('''Return the speed.
    ...
    ...     Parameters
    ...     ----------
    ...     years : years, > 0
    ...         How long.
    ...
    ...     Returns
    ...     -------
    ...     money per year, not rounded
    ...     ''')
    >>> text.parameters["years"]
    ParameterText(unit='years', domain='> 0', description='How long.')
    >>> text.summary, text.result, text.unit
    ('The speed.', 'money per year, not rounded', 'money per year')
    """
    text = inspect.cleandoc(docstring) + "\n"
    headings = list(_HEADING.finditer(text))
    ends = [*(heading.start() for heading in headings[1:]), len(text)][: len(headings)]
    sections = {
        heading["title"]: text[heading.end() : end].strip("\n") + "\n"
        for heading, end in zip(headings, ends, strict=True)
    }
    parameters = {
        entry["name"].lstrip("*"): ParameterText(entry["unit"], entry["domain"] or "", " ".join(entry["text"].split()))
        for entry in _ENTRY.finditer(sections.get("Parameters", ""))
    }
    result = " ".join(sections.get("Returns", "").split())
    summary = text.partition("\n")[0].removeprefix("Return ")
    return FunctionText(summary[:1].upper() + summary[1:], parameters, result, result.partition(",")[0])
