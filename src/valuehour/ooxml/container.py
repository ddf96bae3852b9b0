"""The zip around a workbook: read with suspicion, written always the same way."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from valuehour.errors import WorkbookError
from valuehour.ooxml.parts import Parts

CONTENT_TYPES = "[Content_Types].xml"
_FIRST = (CONTENT_TYPES, "_rels/.rels", "xl/workbook.xml")
_LEVEL = 6
_FAST = 1
_STREAMED_LEVEL = 3  # streamed parts are long: half the time of level 6 for 8 % more bytes
_INFO_LEVEL = "compress_level" if hasattr(zipfile.ZipInfo, "compress_level") else "_compresslevel"
_ARCHIVE = 0x20  # the one attribute of an ordinary file where zip files come from; 0 would be replaced by zipfile
_DATE = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 20
_DAMAGED = (zipfile.BadZipFile, struct.error, NotImplementedError, ValueError)
"""What zipfile raises of bytes that are no whole archive: it reads fields before it judges them."""
_OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a workbook file may hold before it is refused; sizes in bytes."""

    file: int = 256 * _MIB
    total: int = 512 * _MIB
    part: int = 512 * _MIB
    entries: int = 10_000
    ratio: int = 300  # inflated : compressed, judged once a part is larger than `ratio_from`
    ratio_from: int = 16 * _MIB


DEFAULT_LIMITS = Limits()


def read_file(path: Path, limits: Limits) -> bytes:
    """Return the bytes of a file; refuse what is missing, no file, or larger than allowed."""
    try:
        if path.is_dir():
            raise WorkbookError(f"{path}: is a folder; give a workbook file (.xlsx)")
        size = path.stat().st_size
        if size > limits.file:
            raise WorkbookError(f"{path}: is {_mib(size)} large; allowed are {_mib(limits.file)}")
        # A device, a pipe or a file that grows holds more than its size says.
        with path.open("rb") as stream:
            data = stream.read(size + 1)
            if len(data) > size:
                data += stream.read(limits.file + 1 - len(data))
        if len(data) > limits.file:
            raise WorkbookError(f"{path}: is larger than {_mib(limits.file)}, which is what is allowed")
        return data
    except FileNotFoundError:
        raise WorkbookError(f"{path}: does not exist") from None
    except OSError as error:
        raise WorkbookError(f"{path}: cannot be read ({error.strerror})") from None


def unpack(data: bytes, label: str, limits: Limits) -> dict[str, bytes]:
    """Return the members of a zip by name, in the order of its directory; refuse everything suspicious.

    Sizes are counted while inflating: what the headers claim is never trusted.
    """
    if data[:4] not in (b"PK\x03\x04", b"PK\x05\x06"):
        raise WorkbookError(f"{label}: is not a workbook (.xlsx): {_looks_like(data)}")
    if len(data) > limits.file:
        raise WorkbookError(f"{label}: is {_mib(len(data))} large; allowed are {_mib(limits.file)}")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGED:
        raise WorkbookError(f"{label}: is a truncated or damaged zip file (its directory is missing)") from None
    try:
        with archive:
            return _members(archive, label, limits)
    except (*_DAMAGED, zlib.error, EOFError) as error:
        raise WorkbookError(f"{label}: is a truncated or damaged zip file ({error})") from None


def _members(archive: zipfile.ZipFile, label: str, limits: Limits) -> dict[str, bytes]:
    infos = archive.infolist()
    if len(infos) > limits.entries:
        raise WorkbookError(f"{label}: holds {len(infos)} entries; allowed are {limits.entries}")
    parts: dict[str, bytes] = {}
    seen: set[str] = set()
    total = 0
    for info in infos:
        name = info.orig_filename.replace("\\", "/")
        if name.endswith("/"):
            continue
        _check_name(name, label)
        # Part names are case-blind, so two spellings are one part and readers would disagree on which counts.
        if name.lower() in seen:
            raise WorkbookError(f"{label}: holds {name!r} twice; every part must be there once")
        seen.add(name.lower())
        if info.flag_bits & 0x1:
            raise WorkbookError(f"{label}: {name} is encrypted; save the workbook without a password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise WorkbookError(
                f"{label}: {name} uses zip method {info.compress_type}; allowed are 0 (stored) and 8 (deflated)"
            )
        parts[name] = _inflate(archive, info, f"{label}: {name}", limits, total)
        total += len(parts[name])
    return parts


def _check_name(name: str, label: str) -> None:
    steps = name.split("/")
    if name.startswith("/") or ":" in steps[0] or "\0" in name or any(step in ("", ".", "..") for step in steps):
        raise WorkbookError(f"{label}: holds the unsafe entry name {name!r}; names must stay inside the package")


def _inflate(archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: str, limits: Limits, before: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    with archive.open(info) as member:
        while chunk := member.read(_CHUNK):
            size += len(chunk)
            if size > limits.part:
                raise WorkbookError(f"{where} inflates to more than {_mib(limits.part)}; that is the limit of a part")
            if before + size > limits.total:
                raise WorkbookError(f"{where} brings the file to more than {_mib(limits.total)}; that is the limit")
            if size > limits.ratio_from and size > limits.ratio * max(info.compress_size, 1):
                raise WorkbookError(f"{where} inflates to more than {limits.ratio} times its size: a zip bomb")
            chunks.append(chunk)
    if size != info.file_size:
        raise WorkbookError(f"{where} holds {size} bytes where the zip directory says {info.file_size}")
    return b"".join(chunks)


def _looks_like(data: bytes) -> str:
    if not data:
        return "it is empty"
    if data.startswith(_OLE2):
        if "EncryptedPackage".encode("utf-16-le") in data:
            return "it is protected by a password; open it in Excel, remove the password and save it again"
        if any(name.encode("utf-16-le") in data for name in ("Workbook", "Book")):
            return "it is an old .xls file (OLE2); open it in Excel and save it as .xlsx"
        return "it is an OLE2 file (the old Office format); save it as .xlsx"
    if data.startswith(b"%PDF"):
        return "it is a PDF"
    head = data[:4096]
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<?xml", b"<html", b"<!DOCTYPE", b"<table")):
        return "it is plain XML or HTML; open it in Excel and save it as .xlsx"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or not (b"\x00" in head or _is_binary(head)):
        return "it is text, such as CSV; open it in Excel and save it as .xlsx"
    return "it is no zip file"


def _is_binary(head: bytes) -> bool:
    return any(byte < 9 or 13 < byte < 32 for byte in head)


def _mib(size: int) -> str:
    return f"{size / _MIB:,.0f} MB" if size >= _MIB else f"{size:,} bytes"


def pack(parts: Parts, *, compressed: bool = True) -> bytes:
    """Return the parts as a zip: fixed dates, attributes and level; content types first, then by name.

    Equal parts give equal bytes wherever zlib is the same build. What is not kept is compressed a
    little only, which is faster. A streamed part is written a piece at a time.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in sorted(parts, key=lambda part: (_FIRST.index(part) if part in _FIRST else len(_FIRST), part)):
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            info.external_attr = _ARCHIVE
            if parts.streamed(name) is None:
                archive.writestr(info, parts[name], compresslevel=_LEVEL if compressed else _FAST)
                continue
            # What writestr takes as an argument; public since Python 3.13.
            setattr(info, _INFO_LEVEL, _STREAMED_LEVEL if compressed else _FAST)
            with archive.open(info, "w") as member:
                for chunk in parts.chunks(name):
                    member.write(chunk)
    return buffer.getvalue()


def part_digest(parts: Parts, name: str) -> str:
    """sha256 of one part."""
    digest = hashlib.sha256()
    for chunk in parts.chunks(name):
        digest.update(chunk)
    return digest.hexdigest()


def content_digest(parts: Parts) -> str:
    """sha256 over sorted names and bytes, each led by its length, so that no two contents share an encoding."""
    digest = hashlib.sha256()
    for name in sorted(parts):
        encoded = name.encode()
        digest.update(struct.pack(">QQ", len(encoded), sum(map(len, parts.chunks(name)))))
        digest.update(encoded)
        for chunk in parts.chunks(name):
            digest.update(chunk)
    return digest.hexdigest()


def write_file(path: Path, data: bytes) -> None:
    """Replace a file in one step: readers see the old or the new one, and a failure leaves the old one."""
    target = Path(os.path.realpath(path))
    temporary: Path | None = None
    try:
        descriptor, temporary = _create_beside(target)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o7777)
        temporary.replace(target)
        temporary = None
        _sync_folder(target.parent)
    except OSError as error:
        raise WorkbookError(f"{path}: cannot be written ({error.strerror})") from None
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _create_beside(target: Path) -> tuple[int, Path]:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    attempt = 0
    while True:
        path = target.with_name(f".{target.name}.{os.getpid()}-{attempt}.tmp")
        try:
            # 0o666 less the umask, as any program that creates a file.
            return os.open(path, flags, 0o666), path
        except FileExistsError:
            attempt += 1


def _sync_folder(folder: Path) -> None:
    # Makes the rename itself survive a power cut; where a system cannot, the file is complete anyway.
    with contextlib.suppress(OSError, AttributeError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
