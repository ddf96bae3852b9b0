"""Install the extension and calculate with it as a user without rights: ``python as_other_user.py FOLDER``."""

import os
import sys
from pathlib import Path

import openpyxl

from valuehour.hosts.calc.extension import extension
from valuehour.hosts.calc.program import calc, find

NOBODY = 65534

if __name__ == "__main__":
    content = extension((("Time structure", "Year"),))
    book = openpyxl.Workbook()
    book.active["A1"] = "=VH.VALUE_PER_HOUR(8760,2)"
    folder = Path(sys.argv[1])
    if os.getuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    oxt, file = folder / "valuehour.oxt", folder / "sheet.xlsx"
    oxt.write_bytes(content)
    book.save(file)
    with calc(find()) as office:
        office.install(oxt)
        (path,) = office.convert([file], "xlsx", folder / "out")
    values = [cell.value for cell in openpyxl.load_workbook(path, data_only=True).active["A"]]
    print("administrator" if os.getuid() == 0 else "user", values)
