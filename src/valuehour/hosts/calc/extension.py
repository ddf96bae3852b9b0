"""The extension as a file: generated from the definitions, with everything that it needs inside."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from valuehour import __version__
from valuehour.functions import FUNCTIONS
from valuehour.hosts.archive import archive, licence
from valuehour.hosts.calc import interface
from valuehour.hosts.calc.component import TAXONOMY_FILE
from valuehour.hosts.calc.vendored import PRIVATE, component, vendored
from valuehour.hosts.icon import png

NAME = "valuehour.oxt"
IDENTIFIER = "valuehour.calc"
OLDEST_LIBREOFFICE = "7.4"

_COMPONENT = "valuehour_calc.py"
_MEDIA_TYPES = {
    "types.idl": "application/vnd.sun.star.uno-typelibrary;type=RDB",
    "valuehour.components": "application/vnd.sun.star.uno-components",
    "CalcAddIns.xcu": "application/vnd.sun.star.configuration-data",
}
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def extension(taxonomy: Sequence[Sequence[str]], *, version: str = __version__) -> bytes:
    """The extension for LibreOffice 7.4 and newer, as the content of a ``.oxt`` file.

    Parameters
    ----------
    taxonomy : rows of structure and dimension
        What GROUPINGS looks up in workbooks that have no table of their own.

    Returns
    -------
    the same bytes for the same taxonomy and version; not compressed, because compressors differ
    """
    return archive(_files(taxonomy, version))


def _files(taxonomy: Sequence[Sequence[str]], version: str) -> Mapping[str, str | bytes]:
    return {
        "META-INF/manifest.xml": _manifest(),
        "description.xml": _description(version),
        "description/en.txt": _text(),
        "LICENSE": licence(),
        "icons/valuehour.png": png(42),
        "types.idl": interface.types(),
        "valuehour.components": interface.components(_COMPONENT),
        "CalcAddIns.xcu": interface.configuration(),
        _COMPONENT: component(),
        **{f"pythonpath/{path}": text for path, text in vendored().items()},
        f"pythonpath/{PRIVATE}/{TAXONOMY_FILE}": json.dumps([list(row) for row in taxonomy], ensure_ascii=False),
    }


def _manifest() -> str:
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{media_type}"/>\n'
        for path, media_type in _MEDIA_TYPES.items()
    )
    return (
        f'{_DECLARATION}<manifest:manifest xmlns:manifest="http://openoffice.org/2001/manifest">\n'
        f"{entries}</manifest:manifest>\n"
    )


def _description(version: str) -> str:
    return (
        f'{_DECLARATION}<description xmlns="http://openoffice.org/extensions/description/2006"\n'
        ' xmlns:lo="http://libreoffice.org/extensions/description/2011" xmlns:xlink="http://www.w3.org/1999/xlink">\n'
        f'<identifier value="{IDENTIFIER}"/>\n<version value="{escape(version)}"/>\n'
        '<display-name><name lang="en">valuehour: value per hour in Calc</name></display-name>\n'
        '<icon><default xlink:href="icons/valuehour.png"/></icon>\n'
        '<extension-description><src xlink:href="description/en.txt" lang="en"/></extension-description>\n'
        f'<dependencies><lo:LibreOffice-minimal-version value="{OLDEST_LIBREOFFICE}" '
        f'lo:name="LibreOffice {OLDEST_LIBREOFFICE}"/></dependencies>\n</description>\n'
    )


def _text() -> str:
    names = ", ".join(FUNCTIONS)
    return (
        f"{len(FUNCTIONS)} worksheet functions for the value of business workflows, growth, allocation and outcomes: "
        f"{names}.\n\nThey stand in the function wizard with their arguments explained, give the same results as "
        "valuehour's functions in Excel and in Python, and work offline. MIT licence; see the file LICENSE inside.\n"
    )
