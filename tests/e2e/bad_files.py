"""Files that are no workbook, or one that must not be opened: by name, with a word that the refusal must hold."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from tests.workbooks import EXAMPLE, file_of

_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(file_of(EXAMPLE)))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in source.namelist():
            data = source.read(item)
            archive.writestr(item, change(data) if item == name else data)
    return stream.getvalue()


def _declaring(doctype: bytes) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        head, _, rest = data.partition(b"?>")
        return head + b"?>" + doctype + rest

    return change


def _bomb() -> bytes:
    return _with_part("xl/styles.xml", lambda data: data + b" " * 40_000_000)


def _encrypted_member() -> bytes:
    data = bytearray(file_of(EXAMPLE))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            data[at + offset] |= 1
            at = data.find(signature, at + 4)
    return bytes(data)


def _other_zip() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return stream.getvalue()


def _escaping() -> bytes:
    stream = io.BytesIO(file_of(EXAMPLE))
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("../../outside.xml", "<a/>")
    return stream.getvalue()


def _binary() -> bytes:
    """A workbook in Excel's binary form."""
    plain, binary = b"spreadsheetml.sheet.main+xml", b"ms-excel.sheet.binary.macroEnabled.main"
    kind = b"application/vnd.openxmlformats-officedocument." + plain
    return _with_part("[Content_Types].xml", lambda data: data.replace(kind, b"application/vnd." + binary))


BAD_FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "it is empty"),
    "csv renamed": (lambda: b"workflow,value\nHiring,12\n", "it is text, such as CSV"),
    "html renamed": (lambda: b"<html><table></table></html>", "it is plain XML or HTML"),
    "pdf": (lambda: b"%PDF-1.7\n%\xe2\xe3", "it is a PDF"),
    "noise": (lambda: bytes(range(256)) * 8, "it is no zip file"),
    "old xls": (lambda: _OLE2 + b"\0" * 600 + "Workbook".encode("utf-16-le"), "an old .xls file"),
    "password": (lambda: _OLE2 + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "binary workbook": (_binary, "a binary workbook (.xlsb)"),
    "encrypted zip": (_encrypted_member, "encrypted"),
    "other zip": (_other_zip, "workbook"),
    "cut in half": (lambda: file_of(EXAMPLE)[: len(file_of(EXAMPLE)) // 2], "truncated or damaged"),
    "last byte missing": (lambda: file_of(EXAMPLE)[:-1], "truncated or damaged"),
    "a flipped byte": (lambda: _flipped(file_of(EXAMPLE)), "damaged"),
    "zip bomb": (_bomb, "zip bomb"),
    "doctype": (
        lambda: _with_part("xl/workbook.xml", _declaring(b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>')),
        "DOCTYPE",
    ),
    "billion laughs": (
        lambda: _with_part(
            "xl/worksheets/sheet3.xml",
            _declaring(b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'),
        ),
        "DOCTYPE",
    ),
    "xml cut off": (lambda: _with_part("xl/worksheets/sheet2.xml", lambda data: data[:-30]), "sheet2.xml"),
    "a name that leaves the folder": (_escaping, "unsafe entry name"),
}


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :]
