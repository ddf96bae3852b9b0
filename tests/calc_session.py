"""Questions to a running LibreOffice, asked by a Python that has its ``uno``: ``python calc_session.py PIPE TASK …``.

Tasks, whose answers are JSON: ``wizard`` prints what the function wizard knows; ``time ROWS RUNS FORMULA …`` prints the
seconds that calculating each formula in so many cells took, each time; ``basic FILE`` loads modules of VBA into a
document and prints what their macros give.
"""

import json
import sys
import time
from pathlib import Path

import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.script import XInvocation


def connect(pipe):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    end = time.monotonic() + 60
    while True:
        try:
            return resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
        except NoConnectException:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def wizard(context):
    """The names, descriptions and arguments; those of the arguments once the add-in is loaded."""
    sheet = new_sheet(context)[1]
    sheet.getCellByPosition(0, 0).setFormula("=VALUE_PER_HOUR(8760;1)")
    known = context.ServiceManager.createInstanceWithContext("com.sun.star.sheet.FunctionDescriptions", context)
    found = {}
    for place in range(known.getCount()):
        values = {value.Name: value.Value for value in known.getByIndex(place)}
        found[values["Name"]] = {
            "description": values["Description"],
            "arguments": [[argument.Name, argument.IsOptional] for argument in values["Arguments"] or ()],
        }
    print(json.dumps({"value": sheet.getCellByPosition(0, 0).Value, "functions": found}))


def timed(context, rows, runs, *formulas):
    """Each formula in a document of its own, calculated in turns: what slows the machine down slows all of them."""
    documents = [filled(context, formula, int(rows)) for formula in formulas]
    seconds = [[] for _ in documents]
    for _ in range(int(runs)):
        for document, times in zip(documents, seconds, strict=True):
            start = time.perf_counter()
            document.calculateAll()
            times.append(time.perf_counter() - start)
    for document in documents:
        document.close(True)
    print(json.dumps(seconds))


def filled(context, formula, rows):
    document, sheet = new_sheet(context)
    data = tuple((float(40_000 + row % 997), float(1 + row % 7)) for row in range(rows))
    sheet.getCellRangeByPosition(0, 0, 1, rows - 1).setDataArray(data)
    cells = sheet.getCellRangeByPosition(2, 0, 2, rows - 1)
    cells.setFormulaArray(tuple((formula.replace("{row}", str(row + 1)),) for row in range(rows)))
    if not all(isinstance(value, float) and value > 0 for (value,) in cells.getDataArray()):
        raise ValueError(f"{formula} gives {cells.getDataArray()[0][0]!r}")
    return document


class Server(unohelper.Base, XInvocation):
    """An object that answers each call with the next of some results, and keeps the calls."""

    def __init__(self, results):
        self.results = results
        self.calls = []

    def getIntrospection(self):  # noqa: N802  as UNO has it
        return None

    def hasMethod(self, _):  # noqa: N802  as UNO has it
        return True

    def hasProperty(self, _):  # noqa: N802  as UNO has it
        return False

    def invoke(self, name, arguments, *_):
        self.calls.append([name, *arguments])
        return self.results.pop(0), (), ()


def basic(context, path):
    """Modules, a macro that takes the object, and macros that give texts; the texts, and the calls of the object."""
    asked = json.loads(Path(path).read_text(encoding="utf-8"))
    document, sheet = new_sheet(context, PropertyValue(Name="MacroExecutionMode", Value=4))
    for cell, value in asked["cells"].items():
        place = sheet.getCellRangeByName(cell)
        if isinstance(value, str):
            place.setString(value)
        else:
            place.setValue(value)
    document.BasicLibraries.VBACompatibilityMode = True
    library = document.BasicLibraries.getByName("Standard")
    for name, text in asked["modules"].items():
        library.insertByName(name, text)
    server = Server(asked["results"])

    def run(macro, *arguments):
        place = f"vnd.sun.star.script:Standard.{macro}?language=Basic&location=document"
        return document.getScriptProvider().getScript(place).invoke(arguments, (), ())[0]

    run(asked["setter"], server)
    texts = {macro: run(macro) for macro in asked["macros"]}
    document.close(True)
    print(json.dumps({"texts": texts, "calls": server.calls}))


def new_sheet(context, *settings):
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    hidden = PropertyValue(Name="Hidden", Value=True)
    document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, (hidden, *settings))
    return document, document.Sheets.getByIndex(0)


if __name__ == "__main__":
    _, name, task, *arguments = sys.argv
    {"wizard": wizard, "time": timed, "basic": basic}[task](connect(name), *arguments)
