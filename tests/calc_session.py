"""Questions to a running LibreOffice, asked by a Python that has its ``uno``: ``python calc_session.py PIPE TASK …``.

Tasks: ``wizard`` prints what the function wizard knows of our functions, as JSON; ``time FORMULA ROWS RUNS`` prints the
seconds that calculating that formula in so many cells took, each time.
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
            "arguments": [[argument.Name, argument.IsOptional] for argument in values["Arguments"]],
        }
    print(json.dumps({"value": sheet.getCellByPosition(0, 0).Value, "functions": found}))


def timed(context, formula, rows, runs):
    document, sheet = new_sheet(context)
    count = int(rows)
    data = tuple((float(40_000 + row % 997), float(1 + row % 7)) for row in range(count))
    sheet.getCellRangeByPosition(0, 0, 1, count - 1).setDataArray(data)
    formulas = tuple((formula.replace("{row}", str(row + 1)),) for row in range(count))
    cells = sheet.getCellRangeByPosition(2, 0, 2, count - 1)
    cells.setFormulaArray(formulas)
    seconds = []
    for _ in range(int(runs)):
        start = time.perf_counter()
        document.calculateAll()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds, "last": cells.getDataArray()[-1][0]}))
    document.close(True)


def new_sheet(context):
    desktop = context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    hidden = PropertyValue(Name="Hidden", Value=True)
    document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, (hidden,))
    return document, document.Sheets.getByIndex(0)


if __name__ == "__main__":
    _, name, task, *arguments = sys.argv
    {"wizard": wizard, "time": timed}[task](connect(name), *arguments)
