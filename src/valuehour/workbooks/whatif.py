"""The scenarios of the what-if manager: values for the inputs of a sheet, under a name."""

from __future__ import annotations

from html import unescape
from typing import Any

from valuehour.ooxml import parse_cell
from valuehour.ooxml.markup import elements, set_attributes, splice
from valuehour.workbooks.astray import Astray


def without_gone(markup: bytes, sheet: str, astray: Astray) -> tuple[bytes, list[dict[str, Any]]]:
    """The scenarios of a sheet without inputs that are gone, and those as conflicts; a scenario of none goes too."""
    found = elements(markup)
    edits = []
    conflicts = []
    left = 0
    for scenario in (item for item in found if item.path == ("scenarios", "scenario")):
        inside = [item for item in found if scenario.start < item.start < scenario.end and item.name == "inputCells"]
        gone = []
        for item in inside:
            ref = item.attributes.get("r", "").replace("$", "")
            name = astray.cell(sheet, *parse_cell(ref))
            if name is None:
                continue
            gone.append(item)
            called = unescape(scenario.attributes.get("name", ""))
            value = item.attributes.get("val", "")
            conflicts.append(
                {
                    "sheet": sheet,
                    "cell": ref,
                    "found": f"{value!r} in the scenario {called!r}",
                    "allowed": f"an input of the new version; it has no {name}",
                }
            )
        if inside and len(gone) == len(inside):
            edits.append((scenario.start, scenario.end, b""))
            continue
        left += 1
        if gone:
            tag = markup[scenario.start : scenario.open_end]
            count = b"%d" % (len(inside) - len(gone))
            edits.append((scenario.start, scenario.open_end, set_attributes(tag, {b"count": count})))
            edits += [(item.start, item.end, b"") for item in gone]
    if not left:
        return b"", conflicts
    if any(not text for start, end, text in edits if markup[start:end].startswith(b"<scenario ")):
        # The numbers of the scenarios that are chosen and shown may be those of others now.
        root = found[-1]
        tag = markup[root.start : root.open_end]
        edits.append((root.start, root.open_end, set_attributes(tag, {b"current": b"0", b"show": b"0"})))
    return splice(markup, sorted(edits)), conflicts
