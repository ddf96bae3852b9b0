"""The add-in as a file: xlwings' own template with our code in the place of all of its own."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Sequence
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from xml.sax.saxutils import escape

from valuehour import __version__
from valuehour.hosts.classic.code import FUNCTIONS_MODULE, HELP_MODULE, WORKBOOK_CODE, functions_module, help_module
from valuehour.ooxml import Package

NAME = "valuehour.xlam"
MODULE_NAME = "valuehour.bas"
UNVERIFIED = "not opened in Excel yet"

_TEMPLATE = "quickstart_addin_ribbon.xlam"
_PROJECT = "xl/vbaProject.bin"
_TEMPLATE_PROJECT = b"MyAddin"
_PROJECT_NAME = b"valuehour"
_NAME_RECORD = struct.Struct("<HI")
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"


def addin() -> bytes:
    """The add-in, as the content of a ``.xlam`` file.

    Returns
    -------
    the same bytes for the same versions of valuehour and xlwings
    """
    template = files("xlwings").joinpath(_TEMPLATE).read_bytes()
    package = Package.read(template, label=_TEMPLATE)
    project = _project(template)
    strings = package.related_part("sharedStrings")
    assert strings is not None, "xlwings' template has texts"
    package.remove_part(strings)
    (sheet,) = package.worksheets()
    package.parts.update(
        {
            _PROJECT: project,
            package.workbook_part: _workbook().encode(),
            sheet.part: _sheet().encode(),
            "customUI/customUI.xml": _ribbon().encode(),
            "docProps/core.xml": _properties().encode(),
        }
    )
    return package.to_bytes()


def _project(template: bytes) -> bytes:
    """The template's VBA project with our modules alone."""
    from pyopenvba import ExcelFile

    with tempfile.TemporaryDirectory(prefix="valuehour-classic-") as folder:
        path = Path(folder, NAME)
        path.write_bytes(template)
        with ExcelFile(path) as file:
            file.remove_reference("MSForms")
            project = file.vba_project()
            for module in project.module_names():
                if module not in ("ThisWorkbook", "Sheet2"):
                    project.delete_module(module)
            file.set_module("ThisWorkbook", WORKBOOK_CODE.replace("\n", "\r\n"))
            project.add_module(FUNCTIONS_MODULE, functions_module())
            project.add_module(HELP_MODULE, help_module())
            file.save()
        with ExcelFile(path) as file:
            return _renamed(file.vba_project_bytes())


def _renamed(project: bytes) -> bytes:
    """The project under our name, which stands in two of its streams."""
    from pyopenvba.cfb import CFB
    from pyopenvba.vba import compress, decompress

    streams = CFB.from_bytes(project)
    index = decompress(streams.get_stream_in_storage("VBA", "dir"))
    before, after = (_NAME_RECORD.pack(4, len(name)) + name for name in (_TEMPLATE_PROJECT, _PROJECT_NAME))
    streams.write_stream_in_storage("VBA", "dir", compress(index.replace(before, after, 1)))
    text = streams.get_stream("PROJECT").replace(b'Name="%s"' % _TEMPLATE_PROJECT, b'Name="%s"' % _PROJECT_NAME, 1)
    head, title, windows = text.partition(b"[Workspace]\r\n")
    lines = [line for line in windows.split(b"\r\n") if line]  # an added module comes after an empty line
    streams.write_stream("PROJECT", head + title + b"".join(b"%s\r\n" % line for line in lines))
    renamed: bytes = streams.to_bytes()
    return renamed


def is_ours(project: bytes) -> bool:
    """Whether a VBA project, perhaps signed since, is that of our add-in, of this version or another."""
    from pyopenvba.cfb import CFB, CFBError

    try:
        return {FUNCTIONS_MODULE, HELP_MODULE} <= set(CFB.from_bytes(project).list_streams_in_storage("VBA"))
    except (CFBError, KeyError):
        return False


def _workbook() -> str:
    return (
        f'{_DECLARATION}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}/relationships">'
        '<fileVersion appName="xl" lastEdited="7" lowestEdited="5" rupBuild="23530"/>'
        '<workbookPr codeName="ThisWorkbook"/>'
        '<bookViews><workbookView windowWidth="19200" windowHeight="10000"/></bookViews>'
        '<sheets><sheet name="valuehour" sheetId="2" r:id="rId3"/></sheets></workbook>'
    )


def _sheet() -> str:
    """What stands on the one sheet, which Excel never shows: whose this is, and on what terms."""
    rows = "".join(
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c></row>'
        for row, text in enumerate(_texts(), start=1)
        if text
    )
    head = f'{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetPr codeName="Sheet2"/>'
    return f"{head}<sheetData>{rows}</sheetData></worksheet>"


def _texts() -> Sequence[str]:
    return [
        f"valuehour {__version__}: worksheet functions for the value of business workflows, calculated in Python.",
        "",
        *_licence("valuehour", "licenses/LICENSE"),
        "",
        f"This file was made from the add-in template of xlwings {distribution('xlwings').version}, whose terms are:",
        "",
        *_licence("xlwings", "licenses/LICENSE.txt"),
    ]


def _licence(package: str, path: str) -> list[str]:
    found = distribution(package).read_text(path)
    assert found is not None, f"{package} is installed with its licence"
    return found.splitlines()


def _ribbon() -> str:
    return (
        '<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"><ribbon><tabs>'
        '<tab idMso="TabFormulas"><group id="valuehourGroup" label="valuehour">'
        f'<button id="valuehourAbout" label="About valuehour" size="large" onAction="{HELP_MODULE}.ShowAbout" '
        'imageMso="Help" screentip="About valuehour" supertip="The versions of the add-in and of Python, and whether '
        'Python answers."/></group></tab></tabs></ribbon></customUI>'
    )


def _properties() -> str:
    return (
        f"{_DECLARATION}<cp:coreProperties "
        'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>valuehour</dc:title>'
        f"<dc:description>Worksheet functions of valuehour {__version__}</dc:description></cp:coreProperties>"
    )
