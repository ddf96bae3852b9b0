"""What planners do to a workbook in Excel, as Excel writes it: type, rename a sheet, insert a row, add a sheet."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from html import escape, unescape

from openpyxl.formula.tokenizer import Token, Tokenizer

from tests.workbooks import cells_of
from valuehour import engine
from valuehour.ooxml import Cell, Package, Value, cached, computed, entered, parse_area, patch_cells
from valuehour.ooxml.patch import Patch

_FORMULA = re.compile(
    rb"<((?:\w+:)?(?:f|formula|formula1|formula2|definedName|calculatedColumnFormula))((?:\s[^<>]*)?)>([^<]*)</"
)
_CELL = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)")
_REFERENCE = re.compile(r"\$?[A-Z]{1,3}\$?\d+(:\$?[A-Z]{1,3}\$?\d+)?")
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_SHEET_LINK = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"


def overtype(package: Package, place: tuple[str, str], value: Value) -> None:
    """Type a value over whatever stands in a cell."""
    patch_cells(package, place[0], {place[1]: entered(value)})


def poison(package: Package, place: tuple[str, str], value: Value) -> None:
    """Change the value that stands beside a formula, and nothing else."""
    patch_cells(package, place[0], {place[1]: cached(value)})


def reformulate(package: Package, place: tuple[str, str], formula: str, value: Value) -> None:
    """Change a formula, with its value."""
    cell = cells_of(package)[place]
    patch_cells(package, place[0], {place[1]: computed(formula, value, cell.array_ref, cell.cm)})


def without_value(package: Package, place: tuple[str, str]) -> None:
    """Take away the value that stands beside a formula."""
    patch_cells(package, place[0], {place[1]: Patch(value=None)})


def recalculated(package: Package) -> Package:
    """Save it in a program that calculates; for workbooks in plain formulas."""
    return Package.read(engine.recalculate(package.to_bytes()))


def rename_sheet(package: Package, old: str, new: str) -> None:
    """Rename a sheet; every reference follows."""
    part = package.workbook_part
    before = package.parts[part]
    package.parts[part] = before.replace(f'name="{old}"'.encode(), f'name="{escape(new)}"'.encode())
    assert package.parts[part] != before
    reference = re.compile(rf"(?<![\w'])(?:{old}|'{old}')!".encode())
    quoted = "'" + new.replace("'", "''") + "'!"
    for name, data in package.parts.items():
        if name.endswith(".xml"):
            package.parts[name] = reference.sub(escape(quoted, quote=False).encode(), data)


def add_sheet(package: Package, name: str, formulas: dict[str, tuple[str, Value]]) -> None:
    """Add a sheet of their own, with formulas and their values."""
    part = "xl/worksheets/planner.xml"
    empty = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
    link = package.add_part(part, empty, _SHEET_TYPE, package.workbook_part, _SHEET_LINK)
    entry = (
        f'<sheet xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
        f'name="{escape(name)}" sheetId="900" r:id="{link}"/></sheets>'
    )
    book = package.workbook_part
    package.parts[book] = package.parts[book].replace(b"</sheets>", entry.encode())
    patch_cells(package, name, {ref: computed(formula, value) for ref, (formula, value) in formulas.items()})


def insert_row(package: Package, sheet: str, at: int) -> None:
    """Insert a row above row ``at``; cells, references, names, tables and rules follow, as in Excel.

    A row inserted into a table gets the formulas of the table's columns, and no values yet.
    """
    part = package.sheet(sheet).part
    tables = [table for table in package.tables() if table.sheet == sheet]
    for name, data in package.parts.items():
        if name.endswith(".xml") and name.startswith("xl/"):
            package.parts[name] = _FORMULA.sub(_following(sheet, at, name == part), data)
    data = package.parts[part]
    data = re.sub(rb'(<row\b[^<>]*?\sr=")(\d+)"', lambda m: m[1] + b'%d"' % _moved(int(m[2]), at), data)
    data = re.sub(
        rb'(<(?:c|mergeCell|hyperlink|dimension|conditionalFormatting|dataValidation|f)\b[^<>]*?\s(?:r|ref|sqref)=")([^"]*)"',
        lambda m: m[1] + _shifted(m[2].decode(), at).encode() + b'"',
        data,
    )
    package.parts[part] = data
    for table in tables:
        moved = _shifted(table.ref, at)
        package.parts[table.part] = package.parts[table.part].replace(
            f'ref="{table.ref}"'.encode(), f'ref="{moved}"'.encode()
        )
        area = parse_area(moved)
        if area.top < at <= area.bottom and moved != table.ref and area.top == parse_area(table.ref).top:
            above = {
                cell.column: cell
                for (name, _), cell in cells_of(package).items()
                if name == sheet and cell.row == at - 1
            }
            patch_cells(
                package,
                sheet,
                {
                    _at(cell, at): _like(cell)
                    for cell in above.values()
                    if cell.formula is not None and area.left <= cell.column <= area.right
                },
            )


def _at(cell: Cell, row: int) -> str:
    return f"{cell.ref.rstrip('0123456789')}{row}"


def _like(cell: Cell) -> Patch:
    assert cell.formula is not None
    return computed(cell.formula, 0, style=cell.style)


def _moved(row: int, at: int) -> int:
    return row + 1 if row >= at else row


def _shifted(text: str, at: int) -> str:
    return _CELL.sub(lambda match: f"{match[1]}{_moved(int(match[2]), at)}", text)


def _following(sheet: str, at: int, own: bool) -> Callable[[re.Match[bytes]], bytes]:
    def follow(match: re.Match[bytes]) -> bytes:
        pieces = []
        for token in Tokenizer("=" + unescape(match[3].decode())).items:
            text = token.value
            prefix, separator, reference = text.rpartition("!")
            here = prefix.strip("'") == sheet if separator else own
            if token.type == Token.OPERAND and here and _REFERENCE.fullmatch(reference):
                text = f"{prefix}{separator}{_shifted(reference, at)}"
            pieces.append(text)
        return b"<" + match[1] + match[2] + b">" + escape("".join(pieces), quote=False).encode() + b"</"

    return follow


def repacked(package: Package) -> bytes:
    """The same parts in another zip: other order, other compression, other dates."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in sorted(package.parts.items(), key=lambda item: item[0] != "[Content_Types].xml"):
            archive.writestr(zipfile.ZipInfo(name, (2024, 5, 6, 7, 8, 10)), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
