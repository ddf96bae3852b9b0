"""The styles of one workbook taken into another: fonts, fills, borders, formats, and what conditions draw."""

from __future__ import annotations

from dataclasses import dataclass

from valuehour.errors import WorkbookError
from valuehour.ooxml.markup import Element, append_child, elements, set_attributes, splice, tag_prefix, to_attribute
from valuehour.ooxml.package import Package

_FIRST_OWN_FORMAT = 164
_ORDER = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What the numbers of the source are in the target: cell styles, and what conditions draw."""

    cells: dict[int, int]
    conditions: dict[int, int]


def take_styles(target: Package, source: Package) -> Taken:
    """Append the source's cell styles to the target's; what is there already is used again."""
    part, theirs = target.related_part("styles"), source.related_part("styles")
    if part is None or theirs is None:
        raise WorkbookError(f"{target.label}: has no styles part")
    data, new = target.parts[part], source.parts[theirs]
    if tag_prefix(data, elements(data)[-1].start):
        raise WorkbookError(f"{target.label}: {part} is not written as Excel writes it, so no styles can be added")
    data, formats = _formats(data, new)
    ids = {}
    for holder in ("fonts", "fills", "borders"):
        data, ids[holder] = _take(data, holder, _children(new, holder))
    data, conditions = _take(data, "dxfs", [_with_format(item, formats) for item in _children(new, "dxfs")])
    records = []
    for record in _children(new, "cellXfs"):
        opening = record[: record.index(b">") + 1]
        values = elements(record)[-1].attributes
        changed = set_attributes(
            opening,
            {
                b"numFmtId": b"%d" % _format(int(values.get("numFmtId", "0")), formats),
                b"fontId": b"%d" % ids["fonts"][int(values.get("fontId", "0"))],
                b"fillId": b"%d" % ids["fills"][int(values.get("fillId", "0"))],
                b"borderId": b"%d" % ids["borders"][int(values.get("borderId", "0"))],
                b"xfId": b"0",
                # Without these a reader may draw the cell as its named style says.
                **{f"apply{what}".encode(): b"1" for what in ("NumberFormat", "Font", "Fill", "Border", "Alignment")},
            },
        )
        records.append(changed + record[len(opening) :])
    data, cells = _take(data, "cellXfs", records)
    target.parts[part] = data
    return Taken(cells, conditions)


def _children(data: bytes, holder: str) -> list[bytes]:
    found = [item for item in elements(data) if item.path == ("styleSheet", holder, item.name)]
    return [data[item.start : item.end] for item in sorted(found, key=lambda item: item.start)]


def _take(data: bytes, holder: str, news: list[bytes]) -> tuple[bytes, dict[int, int]]:
    """Append what is not there yet; the numbers of the news in the target."""
    numbers = {item: index for index, item in reversed(list(enumerate(_children(data, holder))))}
    count = len(_children(data, holder))
    found = {}
    added: list[bytes] = []
    for index, item in enumerate(news):
        if item not in numbers:
            numbers[item] = count + len(added)
            added.append(item)
        found[index] = numbers[item]
    return _append(data, holder, added, count) if added else data, found


def _append(data: bytes, holder: str, added: list[bytes], count: int) -> bytes:
    every = elements(data)
    place = next((item for item in every if item.path == ("styleSheet", holder)), None)
    markup = b"".join(added)
    number = b"%d" % (count + len(added))
    if place is not None:
        data = append_child(data, place, markup)
        tag = data[place.start : data.index(b">", place.start) + 1]
        return splice(data, [(place.start, place.start + len(tag), set_attributes(tag, {b"count": number}))])
    later = _ORDER[_ORDER.index(holder) + 1 :]
    following: Element | None = next(
        (item for item in sorted(every, key=lambda item: item.start) if len(item.path) == 2 and item.name in later),
        None,
    )
    at = every[-1].close if following is None else following.start
    new = b'<%s count="%s">%s</%s>' % (holder.encode(), number, markup, holder.encode())
    return splice(data, [(at, at, new)])


def _formats(data: bytes, new: bytes) -> tuple[bytes, dict[int, int]]:
    """Number formats by their text; the target's number for each of the source's."""

    def known(part: bytes) -> dict[str, int]:
        return {
            item.attributes["formatCode"]: int(item.attributes["numFmtId"])
            for item in elements(part)
            if item.path == ("styleSheet", "numFmts", "numFmt")
        }

    mine, theirs = known(data), known(new)
    free = max([_FIRST_OWN_FORMAT - 1, *mine.values(), *theirs.values()]) + 1
    numbers = {}
    added = []
    for code, number in theirs.items():
        if code not in mine:
            mine[code] = free
            added.append(b'<numFmt numFmtId="%d" formatCode="%s"/>' % (free, to_attribute(code)))
            free += 1
        numbers[number] = mine[code]
    return (_append(data, "numFmts", added, len(mine) - len(added)) if added else data), numbers


def _format(number: int, formats: dict[int, int]) -> int:
    return formats.get(number, number)


def _with_format(markup: bytes, formats: dict[int, int]) -> bytes:
    """A drawing of a condition carries its format with it; one number stands for one format."""
    edits = []
    for item in elements(markup):
        if item.name == "numFmt":
            number = _format(int(item.attributes["numFmtId"]), formats)
            tag = markup[item.start : item.open_end]
            edits.append((item.start, item.open_end, set_attributes(tag, {b"numFmtId": b"%d" % number})))
    return splice(markup, edits)
