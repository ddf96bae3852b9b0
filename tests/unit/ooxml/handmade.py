"""Workbooks written by hand or by openpyxl, for tests that need to know every byte."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from openpyxl import Workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def sheet(data: str, prefix: str = "") -> str:
    """A worksheet around the markup of its sheetData element."""
    space = f"xmlns:{prefix[:-1]}" if prefix else "xmlns"
    return f'{HEAD}<{prefix}worksheet {space}="{MAIN}">{data}</{prefix}worksheet>'


def parts(
    sheet_xml: str | bytes = "<sheetData/>",
    *,
    workbook_inside: str = "",
    more: Mapping[str, str | bytes] | None = None,
    types: str = "",
    links: str = "",
) -> dict[str, bytes]:
    """The parts of a workbook with the one sheet 'Data'; a bare sheetData is wrapped."""
    if isinstance(sheet_xml, str) and "worksheet" not in sheet_xml:
        sheet_xml = sheet(sheet_xml)
    texts: dict[str, str | bytes] = {
        "[Content_Types].xml": (
            f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPE}.worksheet+xml"/>{types}</Types>'
        ),
        "_rels/.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
        "xl/workbook.xml": (
            f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>'
            f'<sheet name="Data" sheetId="1" r:id="rId1"/></sheets>{workbook_inside}</workbook>'
        ),
        "xl/_rels/workbook.xml.rels": (
            f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{LINKS}/worksheet" Target="worksheets/sheet1.xml"/>{links}</Relationships>'
        ),
        "xl/worksheets/sheet1.xml": sheet_xml,
        **(more or {}),
    }
    return {name: text.encode() if isinstance(text, str) else text for name, text in texts.items()}


def zipped(members: Mapping[str, bytes]) -> bytes:
    """The members as a zip, in their order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def saved(book: Workbook) -> bytes:
    """What openpyxl writes for a workbook."""
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
