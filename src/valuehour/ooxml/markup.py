"""XML of a workbook part as bytes: safety check, text escapes, and where each element stands."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from xml.parsers import expat

from valuehour.errors import WorkbookError

# Names arrive from expat as "namespace local"; a space cannot occur in either.
SEPARATOR = " "

MAIN_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)

_ENCODINGS = ("utf-8", "utf-16", "utf-16le", "utf-16be")
_TAG = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>]+)\s*=\s*("[^"]*"|'[^']*')""")

# Characters that XML 1.0 cannot hold, and the carriage return, which XML readers turn into a line feed.
_UNSTORABLE = "\x00-\x08\x0b-\x0d\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_ESCAPE = re.compile(f"[{_UNSTORABLE}]|_(?=x[0-9A-Fa-f]{{4}}[_{_UNSTORABLE}])")
_UNSTORABLE_CHARACTER = re.compile(f"[{_UNSTORABLE}]")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class _RefusedError(Exception):
    """Raised inside an expat handler to stop the parser."""


def check_xml(data: bytes, where: str) -> None:
    """Refuse XML that does not parse, is neither UTF-8 nor UTF-16, or declares a document type.

    A document type is never needed in a workbook and is the way in for entity bombs and external entities.
    """

    def doctype(*_: object) -> None:
        raise _RefusedError("declares a document type (DOCTYPE), which workbooks never need and which is unsafe")

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in _ENCODINGS:
            raise _RefusedError(f"is encoded as {encoding!r}; allowed are UTF-8 and UTF-16")

    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    parser.StartDoctypeDeclHandler = doctype
    parser.EntityDeclHandler = doctype
    parser.XmlDeclHandler = declaration
    try:
        parser.Parse(data, True)
    except _RefusedError as error:
        raise WorkbookError(f"{where}: {error}") from None
    except expat.ExpatError as error:
        raise WorkbookError(f"{where}: is not well-formed XML ({error})") from None


def tree(data: bytes) -> ElementTree.Element:
    """Parse a small part into elements; tags and attributes in a namespace read ``namespace local``."""
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator=SEPARATOR)
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    parser.Parse(data, True)
    return builder.close()


def local(tag: str) -> str:
    """Return the local name of a tag.

    >>> local("urn:x sheet"), local("sheet")
    ('sheet', 'sheet')
    """
    return tag.rpartition(SEPARATOR)[2]


def is_utf8(data: bytes) -> bool:
    """Whether a checked part is UTF-8 (the alternative is UTF-16, which starts with a byte order mark or a zero)."""
    return not (data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4])


def escape_text(text: str) -> str:
    r"""Text as a cell stores it: what XML cannot hold becomes ``_xHHHH_``, and a literal ``_xHHHH_`` is shielded.

    >>> escape_text("a\x0bb"), escape_text("_x000B_")
    ('a_x000B_b', '_x005F_x000B_')
    """
    return _ESCAPE.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def has_unstorable(text: str) -> bool:
    """Whether a text holds a character that XML cannot hold as it is."""
    return _UNSTORABLE_CHARACTER.search(text) is not None


def unescape_text(text: str) -> str:
    r"""Return the text that a cell stores: the inverse of :func:`escape_text`.

    >>> unescape_text("a_x000B_b_x005F_x000B_") == "a\x0bb_x000B_"
    True
    """
    if "_x" not in text:
        return text
    plain = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    if re.search("[\ud800-\udfff]", plain):
        # Two escaped halves of one character make that character.
        plain = plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return plain


def to_xml(text: str) -> bytes:
    """Character data as UTF-8.

    >>> to_xml("a<b & c>d")
    b'a&lt;b &amp; c&gt;d'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").encode()


def to_attribute(text: str) -> bytes:
    """Return an attribute value as UTF-8, for double quotes; white space survives the reader's normalisation."""
    plain = to_xml(text).replace(b'"', b"&quot;")
    return plain.replace(b"\t", b"&#9;").replace(b"\n", b"&#10;").replace(b"\r", b"&#13;")


def tag_end(data: bytes, start: int) -> int:
    """Offset just after the tag that starts at ``start``; ``>`` inside quotes does not end it."""
    match = _TAG.match(data, start)
    if match is None:
        raise WorkbookError(f"no tag at byte {start}")
    return match.end()


def is_self_closed(data: bytes, end: int) -> bool:
    """Whether the tag that ends at ``end`` is of the form ``<a/>``."""
    return data[end - 2 : end] == b"/>"


def tag_prefix(data: bytes, start: int) -> bytes:
    """Return the namespace prefix of the tag at ``start`` with its colon, or nothing.

    >>> tag_prefix(b"<x:c r='A1'/>", 0), tag_prefix(b"<c/>", 0)
    (b'x:', b'')
    """
    match = re.compile(rb"<([^\s:/>]+:)?").match(data, start)
    return (match[1] or b"") if match else b""


def set_attributes(tag: bytes, values: dict[bytes, bytes | None]) -> bytes:
    r"""Change attributes of one opening tag, None removing one; everything else keeps its bytes.

    >>> set_attributes(b"<c r='A1' t='s'/>", {b"t": None, b"cm": b"1"})
    b'<c r=\'A1\' cm="1"/>'
    """
    pending = dict(values)

    def change(match: re.Match[bytes]) -> bytes:
        name = match[1]
        if name not in pending:
            return match[0]
        value = pending.pop(name)
        if value is None:
            return b""
        if match[2][1:-1] == value:
            return match[0]
        return match[0][: match.start(2) - match.start()] + b'"' + value + b'"'

    changed = _ATTRIBUTE.sub(change, tag)
    added = b"".join(b' %s="%s"' % item for item in pending.items() if item[1] is not None)
    if not added:
        return changed
    close = len(changed) - (2 if changed.endswith(b"/>") else 1)
    kept = changed[:close].rstrip()
    return kept + added + changed[len(kept) :]


@dataclass(frozen=True, slots=True)
class Element:
    """Where an element stands: its opening tag is ``start:open_end``, its closing tag ``close:end``."""

    path: tuple[str, ...]  # local names from the root down
    namespace: str
    attributes: dict[str, str]
    start: int
    open_end: int
    close: int
    end: int

    @property
    def name(self) -> str:
        """Local name."""
        return self.path[-1]


def elements(data: bytes) -> list[Element]:
    """Every element of a part with its byte offsets, in the order of the closing tags. For small parts."""
    found: list[Element] = []
    open_elements: list[tuple[tuple[str, ...], str, dict[str, str], int]] = []
    parser = expat.ParserCreate(namespace_separator=SEPARATOR)

    def start(name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(SEPARATOR)
        path = (*(open_elements[-1][0] if open_elements else ()), local)
        open_elements.append((path, namespace, attributes, parser.CurrentByteIndex))

    def end(_name: str) -> None:
        path, namespace, attributes, begin = open_elements.pop()
        open_end = tag_end(data, begin)
        if is_self_closed(data, open_end):
            close = stop = open_end
        else:
            close = parser.CurrentByteIndex
            stop = tag_end(data, close)
        found.append(Element(path, namespace, attributes, begin, open_end, close, stop))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)
    return found


def append_child(data: bytes, parent: Element, child: bytes) -> bytes:
    """Put ``child`` last inside ``parent``; ``{p}`` in it stands for the parent's namespace prefix."""
    prefix = tag_prefix(data, parent.start)
    markup = child.replace(b"{p}", prefix)
    if not is_self_closed(data, parent.open_end):
        return data[: parent.close] + markup + data[parent.close :]
    tag = data[parent.start : parent.open_end - 2].rstrip()
    name = tag[1:].split(maxsplit=1)[0]
    return data[: parent.start] + tag + b">" + markup + b"</" + name + b">" + data[parent.end :]


def splice(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Apply replacements of ``start:stop`` by new bytes; they must not overlap, and equal starts keep their order."""
    pieces: list[bytes] = []
    view = memoryview(data)
    position = 0
    for start, stop, new in sorted(edits, key=lambda edit: (edit[0], edit[1])):
        if start < position:
            raise ValueError(f"edits overlap at byte {start}")
        pieces.append(bytes(view[position:start]))
        pieces.append(new)
        position = stop
    pieces.append(bytes(view[position:]))
    return b"".join(pieces)
