"""An Excel in memory with the classic add-in: ``python -m tests.classic_excel ADDIN CATALOG…``, a process of its own.

The VBA is run by pyOpenVBA's interpreter, from the file. What it asks Windows for is our server, under xlwings' own
code; see ``pywin32.py``. Questions come as lines of JSON on standard input, and answers go to standard output.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import shlex
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from tests.pywin32 import LEFT_OUT, NUMBER_OF_ERROR, ComError, Windows, windows_with_xlwings
from valuehour.hosts.classic import install, server

ERRORS = {"#NULL!": 2000, "#DIV/0!": 2007, "#VALUE!": 2015, "#REF!": 2023, "#NAME?": 2029, "#NUM!": 2036, "#N/A": 2042}
FURTHER_ERRORS = {"#SPILL!": 2045, "#CALC!": 2050}


def main(addin: Path, *catalogs: Path) -> None:
    """Answer questions until there are no more."""
    os.environ.pop("XLWINGS_ON_SERVER", None)
    answers = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # xlwings has something to say, too
        excel = Excel(addin, windows_with_xlwings(), catalogs)
        for line in sys.stdin:
            question, *details = json.loads(line)
            print(json.dumps(getattr(excel, question)(*details)), file=answers, flush=True)


class Excel:
    """The add-in in an Excel, and an empty workbook beside it."""

    def __init__(self, addin: Path, windows: Windows, catalogs: Sequence[Path]) -> None:
        from pyopenvba.apps.excel import ExcelApplication
        from xlwings import com_server

        self.stock = list(com_server.XLPython._public_methods_)
        self.windows = windows
        self.starts = self.searches = 0
        self.remotes: list[Any] = []
        self.refused: set[str] = set()
        self.app = ExcelApplication.open(addin)
        self.app.add_workbook()
        self.app.interpreter.host.create = self.create
        self.installed = self.keys = install.plan({}, catalogs).keys

    def create(self, name: str) -> Any:
        """CreateObject: look the class up, start its program, and hand its object out."""
        from pyopenvba.interpreter import VBARuntimeError

        clsid = self.keys.get(f"Software\\Classes\\{name}\\CLSID", "")
        command = self.keys.get(f"Software\\Classes\\CLSID\\{clsid}\\LocalServer32", "")
        try:
            _, known, arguments = command.partition(f" -E -P -B -m {server.__name__}")
            if known:
                self.starts += 1
                server.serve([*shlex.split(arguments), server.STARTED_BY_WINDOWS])
            self.remotes.append(remote(self.windows.activate(clsid), self.refused))
            return self.remotes[-1]
        except ComError as error:
            self.searches += 1
            raise VBARuntimeError(429, str(error)) from None

    def call(self, name: str, arguments: Sequence[Any]) -> Any:
        """The result of a function, called as a cell calls it."""
        given = [self.argument(place, argument) for place, argument in enumerate(arguments)]
        return sent(self.app.interpreter.run(name, given))

    def take_python_away(self) -> None:
        """End the program behind the add-in, and forget how to start it."""
        self.keys = {}
        self.end_python()

    def give_python_back(self) -> None:
        """The opposite."""
        self.keys = self.installed

    def end_python(self) -> None:
        """What happens when somebody ends the program in the task manager."""
        for each in self.remotes:
            each.target = None

    def refuse(self, *names: str) -> None:
        """Let calls of these functions be more than memory holds; Python itself stays well."""
        self.refused.clear()
        self.refused.update(names)

    def count_starts(self) -> int:
        """How often the program behind the add-in was started."""
        return self.starts

    def count_searches(self) -> int:
        """How often Windows looked for it in vain."""
        return self.searches

    def wait(self, seconds: float) -> None:
        """Let time pass on the clock that VBA sees."""
        self.app.interpreter.freeze(self.app.interpreter.clock() + timedelta(seconds=seconds))

    def about(self) -> str:
        """What the button "About valuehour" shows."""
        from pyopenvba.interpreter import NOTHING

        self.app.interpreter.run("ShowAbout", [NOTHING])
        return str(self.app.dialogs[-1][1])

    def open_addin(self, hidden: bool) -> list[dict[str, Any]]:
        """What Excel is told about the functions when it loads the add-in; some versions refuse it while hidden."""
        from pyopenvba.interpreter import VBAObject, VBARuntimeError

        told: list[dict[str, Any]] = []
        book = self.app.workbooks()[0]
        state = SimpleNamespace(IsAddin=True, Saved=False)

        class Application(VBAObject):
            def vba_get(self, name: str, args: Any = (), named: Any = None) -> Any:
                assert name == "MacroOptions"
                if hidden and state.IsAddin:
                    raise VBARuntimeError(1004, "Cannot edit a macro on a hidden workbook.")
                texts = list(named.pop("ArgumentDescriptions").items)
                told.append({**named, "arguments": texts})

        class ThisWorkbook(VBAObject):
            def vba_get(self, name: str, args: Any = (), named: Any = None) -> Any:
                return book.name if name == "Name" else getattr(state, name)

            def vba_set(self, name: str, value: Any, *_: Any, **__: Any) -> None:
                assert hasattr(state, name)
                setattr(state, name, value)

        objects = {"application": Application(), "thisworkbook": ThisWorkbook()}
        usual = self.app.interpreter.host.global_object
        with mock.patch.object(
            self.app.interpreter.host, "global_object", lambda name: objects.get(name.lower()) or usual(name)
        ):
            self.app.interpreter.run("DescribeFunctions")
        assert state.IsAddin
        return told

    def stock_wrappers(self) -> str:
        """The VBA that xlwings itself would write for our functions."""
        from xlwings.udfs import generate_vba_wrapper

        text = io.StringIO()
        module = importlib.import_module(server.MODULE)
        generate_vba_wrapper(server.MODULE, module, text, SimpleNamespace(Name="valuehour.xlam"))
        return text.getvalue()

    def offered_names(self, names: Sequence[str]) -> list[str]:
        """Which of these names the object that Windows hands out has."""
        target = self.windows.activate(server.CLSID)
        found = []
        for name in names:
            with contextlib.suppress(ComError):
                getattr(target, name)
                found.append(name)
        return found

    def stock_names(self) -> list[str]:
        """The names of the object that xlwings hands out."""
        return self.stock

    def python_about(self) -> str:
        """What the program says of itself and of what failed last."""
        return str(self.remotes[-1].target.About())

    def ask_python(self, name: str, arguments: Sequence[Any]) -> Any:
        """Ask the program itself, past the add-in."""
        return self.remotes[-1].target.Calculate(name, tuple(arguments))

    def argument(self, place: int, argument: Any) -> Any:
        """What a cell hands over: a range where there are cells, an array or a value where there are none."""
        from pyopenvba.interpreter import MISSING

        kind, value = argument
        if kind == "left out":
            return MISSING
        if kind == "value":
            return received(value)
        if kind == "areas":
            return self.app.evaluate(f'Range("{value}")')
        if kind in ("array", "row"):
            return array(value)
        sheet = self.app.sheet(1)
        for down, row in enumerate(value):
            for across, cell in enumerate(row):
                typed = f"'{cell}" if isinstance(cell, str) else received(cell)  # a text stays a text
                sheet.set_value(f"{column(8 * place + across)}{down + 1}", typed)
        first, last = f"{column(8 * place)}1", f"{column(8 * place + len(value[0]) - 1)}{len(value)}"
        return self.app.evaluate(f'Range("{first}:{last}")')


def array(value: list[Any]) -> Any:
    """An array that stands in a formula: a single row of constants has one dimension."""
    from pyopenvba.interpreter import VBAArray

    if not isinstance(value[0], list):
        return VBAArray([(1, len(value))], items=[received(cell) for cell in value])
    height, width = len(value), len(value[0])
    cells = [received(value[row][place]) for place in range(width) for row in range(height)]
    return VBAArray([(1, height), (1, width)], items=cells)


def column(number: int) -> str:
    """The letters of a column, from 0."""
    return chr(65 + number) if number < 26 else chr(64 + number // 26) + chr(65 + number % 26)


def remote(target: Any, refused: set[str]) -> Any:
    """An object of another program, as VBA sees it."""
    from pyopenvba.interpreter import VBAObject, VBARuntimeError

    class Remote(VBAObject):
        def __init__(self) -> None:
            self.target = target

        def vba_get(self, name: str, args: Any = (), named: Any = None) -> Any:
            if self.target is None:
                raise VBARuntimeError(462, "The remote server machine does not exist or is unavailable")
            if not refused.isdisjoint(arg for arg in args if isinstance(arg, str)):
                raise VBARuntimeError(7, "Out of memory")
            try:
                return from_com(getattr(self.target, name)(*map(to_com, args)))
            except ComError as error:
                raise VBARuntimeError(438, str(error)) from None

    return Remote()


def to_com(value: Any) -> Any:
    """A value of VBA as pywin32 hands it to Python."""
    from pyopenvba.interpreter import EMPTY, MISSING, VBAArray, VBAErrorValue

    if isinstance(value, VBAArray):
        cells = [to_com(item) for item in value.items]
        if value.dimensions == 1:
            return tuple(cells)
        (top, bottom), _ = value.bounds
        height = bottom - top + 1
        return tuple(tuple(cells[row::height]) for row in range(height))
    if isinstance(value, VBAErrorValue):
        return NUMBER_OF_ERROR + value.number
    if value is MISSING:
        return LEFT_OUT
    if value is EMPTY:
        return None
    assert isinstance(value, bool | float | str), value
    return value


def from_com(value: Any) -> Any:
    """A result of Python as VBA sees it."""
    from pyopenvba.interpreter import EMPTY, VBAArray

    if isinstance(value, list):
        height, width = len(value), len(value[0])
        cells = [from_com(value[row][place]) for place in range(width) for row in range(height)]
        return VBAArray([(0, height - 1), (0, width - 1)], items=cells)
    return EMPTY if value is None else value


def received(cell: Any) -> Any:
    """A cell of a call as VBA holds it."""
    from pyopenvba.interpreter import EMPTY, VBAErrorValue

    if isinstance(cell, dict):
        return VBAErrorValue({**ERRORS, **FURTHER_ERRORS}[cell["error"]])
    if cell is None:
        return EMPTY
    return float(cell) if type(cell) is int else cell


def sent(value: Any) -> Any:
    """A result of VBA for JSON: an error cell is told from the text that names it."""
    from pyopenvba.interpreter import EMPTY, VBAArray, VBAErrorValue

    if isinstance(value, VBAArray):
        cells = [sent(item) for item in value.items]
        (top, bottom), _ = value.bounds
        height = bottom - top + 1
        return [cells[row::height] for row in range(height)]
    if isinstance(value, VBAErrorValue):
        return {"error": next(text for text, number in ERRORS.items() if number == value.number)}
    return None if value is EMPTY else value


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
