"""What we patch is still what the file format's own schema asks for."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from tests import validator
from tests.unit.ooxml.handmade import LINKS, MAIN, TYPE, parts, saved, zipped
from valuehour.errors import CellError
from valuehour.ooxml import Package, cached, computed, dynamic_array_metadata, entered, marked, patch_cells


@pytest.mark.requires_validator
def test_a_patched_workbook_passes_the_open_xml_validator(tmp_path: Path) -> None:
    book = Workbook()
    page = book.active
    page.title = "Data"
    for row in range(1, 6):
        page.append([row, f"text {row}", f"=A{row}*2"])
    before = tmp_path / "before.xlsx"
    before.write_bytes(saved(book))
    package = Package.read(before)
    cm = dynamic_array_metadata(package)
    patch_cells(
        package,
        "Data",
        {
            "C1": cached(2.5),
            "C2": cached(" text "),
            "C3": cached(CellError.NA),
            "C4": marked("C4", cm),
            "C5": entered(" a\nb\x0b\U0001f642"),
            "A1": entered(None),
            "B1": entered(True),
            "E2": computed("_xlfn.SEQUENCE(2)", 1, "E2:E3", cm),
            "E3": cached(2),
            "A9": entered("ä", style=0),
        },
    )
    path = tmp_path / "patched.xlsx"
    package.write(path)
    # openpyxl's own styles are not to the validator's liking; nothing may come on top.
    assert validator.validate(path) == validator.validate(before)


@pytest.mark.requires_validator
def test_metadata_added_to_other_metadata_passes_the_open_xml_validator(tmp_path: Path) -> None:
    other = (
        f'<x:metadata xmlns:x="{MAIN}"><x:metadataTypes count="1"><x:metadataType name="XLRICHVALUE" '
        'minSupportedVersion="120000"/></x:metadataTypes><x:futureMetadata name="XLRICHVALUE" count="1"><x:bk/>'
        '</x:futureMetadata><x:valueMetadata count="1"><x:bk><x:rc t="1" v="0"/></x:bk></x:valueMetadata></x:metadata>'
    )
    some = parts(
        more={"xl/metadata.xml": other},
        types=f'<Override PartName="/xl/metadata.xml" ContentType="{TYPE}.sheetMetadata+xml"/>',
        links=f'<Relationship Id="rId5" Type="{LINKS}/sheetMetadata" Target="metadata.xml"/>',
    )
    package = Package.read(zipped(some))
    cm = dynamic_array_metadata(package)
    patch_cells(package, "Data", {"A1": computed("_xlfn.SEQUENCE(2)", 1, "A1:A2", cm), "A2": cached(2)})
    path = tmp_path / "patched.xlsx"
    package.write(path)
    assert validator.validate(path) == []
