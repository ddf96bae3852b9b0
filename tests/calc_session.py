"""Questions to a running LibreOffice, asked by a Python that has its ``uno``: ``python calc_session.py PIPE TASK …``.

Tasks, whose answers are JSON: ``wizard`` prints what the function wizard knows; ``time ROWS RUNS FORMULA …`` prints the
seconds that calculating each formula in so many cells took, each time.
"""

import json
import sys
import time

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException


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


def new_sheet(context):
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    hidden = PropertyValue(Name="Hidden", Value=True)
    document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, (hidden,))
    return document, document.Sheets.getByIndex(0)


if __name__ == "__main__":
    _, name, task, *arguments = sys.argv
    {"wizard": wizard, "time": timed}[task](connect(name), *arguments)
