"""Where two workbooks differ: inputs, formulas and values, with inserted and moved parts told once."""

from valuehour.workbooks.diff.change import Change, Changes, Kind, told
from valuehour.workbooks.diff.find import diff

__all__ = ["Change", "Changes", "Kind", "diff", "told"]
