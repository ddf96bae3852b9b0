"""The settings under which tests import xlwings; import this before anything that imports xlwings.

xlwings decides when it is first imported what its decorators do (on a server they tell Office.js about a function), and
whether its server's part may run: for tests of software that is free, under its licence for noncommercial use.
"""

from __future__ import annotations

import os

os.environ.setdefault("XLWINGS_ON_SERVER", "true")
os.environ.setdefault("XLWINGS_LICENSE_KEY", "noncommercial")
