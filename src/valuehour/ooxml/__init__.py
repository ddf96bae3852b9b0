"""A .xlsx package: parts as bytes, cells patched in place, content digest."""

from valuehour.ooxml.cells import Cell, CellValue, read_cells
from valuehour.ooxml.container import DEFAULT_LIMITS, Limits
from valuehour.ooxml.edit import patch_cells
from valuehour.ooxml.metadata import cell_record_count, dynamic_array_index, dynamic_array_metadata
from valuehour.ooxml.package import Package
from valuehour.ooxml.patch import KEEP, Keep, Patch, Value, cached, computed, entered, marked
from valuehour.ooxml.reference import Area, column_letters, column_number, format_cell, parse_area, parse_cell
from valuehour.ooxml.shift import shift_formula
from valuehour.ooxml.structure import DefinedName, Relationship, SheetRef, Table, TableColumn

__all__ = [
    "DEFAULT_LIMITS",
    "KEEP",
    "Area",
    "Cell",
    "CellValue",
    "DefinedName",
    "Keep",
    "Limits",
    "Package",
    "Patch",
    "Relationship",
    "SheetRef",
    "Table",
    "TableColumn",
    "Value",
    "cached",
    "cell_record_count",
    "column_letters",
    "column_number",
    "computed",
    "dynamic_array_index",
    "dynamic_array_metadata",
    "entered",
    "format_cell",
    "marked",
    "parse_area",
    "parse_cell",
    "patch_cells",
    "read_cells",
    "shift_formula",
]
