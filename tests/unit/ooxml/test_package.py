from __future__ import annotations

import io
import os
import struct
import threading
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.unit.ooxml.handmade import LINKS, MAIN, TYPE, parts, saved, sheet, zipped
from valuehour.errors import WorkbookError
from valuehour.ooxml import Limits, Package

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def refused(source: bytes | Path, *words: str, limits: Limits | None = None) -> str:
    with pytest.raises(WorkbookError) as caught:
        Package.read(source, limits or Limits())
    message = str(caught.value)
    assert "\n" not in message
    for word in words:
        assert word in message
    return message


# What is no workbook says what it is ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ["empty"]),
        (OLE2 + "Workbook".encode("utf-16-le"), [".xls", "save it as .xlsx"]),
        (OLE2 + "EncryptedPackage".encode("utf-16-le"), ["password"]),
        (OLE2, ["OLE2"]),
        (b"%PDF-1.7\n\x00\x01", ["PDF"]),
        (b"month,cost\n2026-01,4\n", ["CSV"]),
        ("März;Kosten\n".encode("latin-1"), ["CSV"]),
        ("\ufeffa\tb\n".encode("utf-16"), ["CSV"]),
        (b"PK,cost\n1,2\n", ["CSV"]),
        (b'<?xml version="1.0"?><Workbook/>', ["XML"]),
        (b"\x00\x01\x02\x03", ["no zip file"]),
    ],
)
def test_a_file_that_is_no_workbook_is_named_for_what_it_is(data: bytes, words: list[str]) -> None:
    refused(data, "is not a workbook (.xlsx)", *words)


def test_a_missing_file_a_folder_and_a_large_file_are_named(tmp_path: Path) -> None:
    refused(tmp_path / "none.xlsx", "none.xlsx: does not exist")
    refused(tmp_path, "is a folder")
    large = tmp_path / "large.xlsx"
    large.write_bytes(zipped(parts()))
    refused(large, "large.xlsx", "allowed are 100 bytes", limits=Limits(file=100))
    refused(large.read_bytes(), "allowed are 100 bytes", limits=Limits(file=100))


def test_a_path_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file.xlsx"
    file.write_bytes(zipped(parts()))
    refused(file / "inner.xlsx", "inner.xlsx: cannot be read")


def test_a_truncated_file_is_refused_wherever_it_was_cut() -> None:
    whole = zipped(parts())
    for length in range(4, len(whole) - 1, 37):
        refused(whole[:length], "truncated or damaged")


def test_a_flipped_bit_in_a_part_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in parts().items():
            archive.writestr(name, data)
    whole = bytearray(buffer.getvalue())
    whole[whole.index(b"<sheetData/>") + 3] ^= 1
    refused(bytes(whole), "truncated or damaged")


def test_other_zip_files_are_refused() -> None:
    refused(zipped({"a.txt": b"x"}), "[Content_Types].xml is missing")
    refused(
        zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}), "OpenDocument"
    )
    word = parts()
    word["[Content_Types].xml"] = word["[Content_Types].xml"].replace(b"spreadsheetml.sheet.main", b"document.main")
    refused(zipped(word), "main part xl/workbook.xml is of type", "document.main")
    binary = parts()
    binary["[Content_Types].xml"] = binary["[Content_Types].xml"].replace(
        f"{TYPE}.sheet.main+xml".encode(), b"application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    )
    refused(zipped(binary), ".xlsb")
    headless = parts()
    headless["_rels/.rels"] = headless["_rels/.rels"].replace(b"officeDocument", b"thumbnail")
    refused(zipped(headless), "names no workbook part")
    hollow = parts()
    del hollow["xl/workbook.xml"]
    refused(zipped(hollow), "xl/workbook.xml is missing")
    other = parts()
    other["xl/workbook.xml"] = b"<workbook/>"
    refused(zipped(other), "xl/workbook.xml is not a workbook part")


# What is dangerous is refused -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["/etc/passwd", "../out.xml", "xl/../../out.xml", "C:/out.xml", "..\\out.xml", "a//b"])
def test_entry_names_that_leave_the_package_are_refused(name: str) -> None:
    refused(zipped({**parts(), name: b"<a/>"}), "unsafe entry name")


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/worksheets/SHEET1.xml"])
def test_a_part_that_is_there_twice_is_refused(name: str) -> None:
    buffer = io.BytesIO(zipped(parts()))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(name, b"<a/>")
    refused(buffer.getvalue(), "twice", name)


def test_an_encrypted_member_is_refused() -> None:
    whole = bytearray(zipped(parts()))
    with zipfile.ZipFile(io.BytesIO(bytes(whole))) as archive:
        local = archive.getinfo("xl/workbook.xml").header_offset
    central = whole.rindex(b"xl/workbook.xml") - 46
    whole[local + 6] |= 1
    whole[central + 8] |= 1
    refused(bytes(whole), "xl/workbook.xml is encrypted")


def test_other_compression_methods_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        for name, data in parts().items():
            archive.writestr(name, data)
    refused(buffer.getvalue(), "zip method 14", "allowed are 0 (stored) and 8 (deflated)")


def test_a_zip_bomb_is_refused_before_it_fills_the_memory() -> None:
    bomb = zipped(parts(more={"xl/media/a.bin": b"\0" * (20 << 20), "xl/media/b.bin": b"\0" * (20 << 20)}))
    assert len(bomb) < 1 << 20
    refused(bomb, "xl/media/a.bin", "zip bomb")
    small = Limits(total=30 << 20, ratio=100_000)
    refused(bomb, "xl/media/b.bin", "more than 30 MB", limits=small)
    refused(bomb, "xl/media/a.bin", "more than 10 MB", limits=Limits(part=10 << 20, ratio=100_000))
    refused(bomb, "entries", "allowed are 3", limits=Limits(entries=3))


def test_a_zip_whose_directory_lies_about_a_size_is_refused() -> None:
    whole = bytearray(zipped(parts(more={"xl/media/a.bin": b"\0" * 5000})))
    central = whole.rindex(b"xl/media/a.bin") - 46
    struct.pack_into("<L", whole, central + 24, 100)
    refused(bytes(whole), "truncated or damaged")
    struct.pack_into("<L", whole, central + 24, 9000)
    refused(bytes(whole), "xl/media/a.bin holds 5000 bytes where the zip directory says 9000")


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;&x;">]>',
        '<!DOCTYPE a SYSTEM "http://localhost/x.dtd">',
        "<!DOCTYPE a>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused_in_every_part(doctype: str, encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{doctype}<a/>'
    refused(zipped(parts(more={"customXml/item1.xml": text.encode(encoding)})), "customXml/item1.xml", "DOCTYPE")


def test_a_document_type_in_a_drawing_of_the_old_kind_is_refused() -> None:
    refused(zipped(parts(more={"xl/drawings/v.vml": "<!DOCTYPE a><xml/>"})), "xl/drawings/v.vml", "DOCTYPE")
    Package.read(zipped(parts(more={"xl/drawings/v.vml": "<xml><br></xml>"})))


UNSAFE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a/>'


@pytest.mark.parametrize(
    "data",
    [
        UNSAFE.encode(),
        b"\xef\xbb\xbf \n<!DOCTYPE a><a/>",
        b"<!-- a --><!DOCTYPE a><a/>",
        UNSAFE.encode("utf-16"),
        UNSAFE.encode("utf-16-le"),
    ],
    ids=["declared", "after spaces", "after a comment", "utf-16", "utf-16 without mark"],
)
def test_a_document_type_is_refused_whatever_the_part_is_called(data: bytes) -> None:
    refused(zipped(parts(more={"xl/embeddings/item.bin": data})), "xl/embeddings/item.bin", "DOCTYPE")


def test_a_part_whose_type_is_xml_must_parse_whatever_it_is_called() -> None:
    types = f'<Override PartName="/xl/strings.dat" ContentType="{TYPE}.sharedStrings+xml; a=b"/>'
    refused(zipped(parts(types=types, more={"xl/strings.dat": b"<sst>"})), "xl/strings.dat", "not well-formed")
    Package.read(zipped(parts(types=types, more={"xl/strings.dat": b"<sst/>"})))


@pytest.mark.parametrize(("name", "kind"), [("xl/s.dat", "a/b"), ("xl/s.vml", "a/b"), ("xl/s.svg", "image/svg+xml")])
@pytest.mark.parametrize("data", [b"<sst>", b"<sst/>&", b"<!DOCTYPE sst><sst/>"])
def test_a_part_that_is_reached_as_shared_strings_must_parse_whatever_it_claims_to_be(
    name: str, kind: str, data: bytes
) -> None:
    types = f'<Override PartName="/{name}" ContentType="{kind}"/>'
    links = f'<Relationship Id="rId2" Type="{LINKS}/sharedStrings" Target="/{name}"/>'
    refused(zipped(parts(types=types, links=links, more={name: data})), name)
    Package.read(zipped(parts(types=types, links=links, more={name: b"<sst/>"})))


def test_a_picture_with_a_document_type_and_other_data_are_left_alone() -> None:
    types = '<Default Extension="svg" ContentType="image/svg+xml"/>'
    picture = b'<?xml version="1.0"?><!DOCTYPE svg><svg/>'
    more = {"xl/media/image1.svg": picture, "xl/printerSettings1.bin": b"\0<a>\xff", "xl/notes.txt": b"a <!DOCTYPE"}
    assert Package.read(zipped(parts(types=types, more=more))).parts["xl/media/image1.svg"] == picture


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a system without /dev/zero")
def test_a_device_without_end_is_refused() -> None:
    refused(Path("/dev/zero"), "/dev/zero: is larger than 1 MB", limits=Limits(file=1 << 20))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a system without named pipes")
def test_a_workbook_comes_through_a_pipe_unless_it_is_too_large(tmp_path: Path) -> None:
    whole = zipped(parts())
    for most, fits in ((len(whole), True), (len(whole) - 1, False)):
        pipe = tmp_path / f"{most}.xlsx"
        os.mkfifo(pipe)
        writer = threading.Thread(target=lambda to=pipe: to.write_bytes(whole))
        writer.start()
        if fits:
            assert Package.read(pipe, Limits(file=most)).parts == parts()
        else:
            refused(pipe, "is larger than", limits=Limits(file=most))
        writer.join()


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"<a><b></a>", "not well-formed"),
        (b"", "not well-formed"),
        (b"<a>\xff</a>", "not well-formed"),
        (b"<x:a/>", "not well-formed"),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>', "allowed are UTF-8 and UTF-16"),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "allowed are UTF-8 and UTF-16"),
        (b'<?xml version="1.0" encoding="utf-16"?><a/>', "not well-formed"),
        (b"<a>&x;</a>", "not well-formed"),
    ],
)
def test_xml_that_does_not_parse_is_named_by_part(data: bytes, word: str) -> None:
    refused(zipped(parts(more={"xl/theme/theme1.xml": data})), "xl/theme/theme1.xml", word)


# Writing ----------------------------------------------------------------------------------------------------


def test_the_same_parts_give_the_same_bytes_whatever_the_clock_and_order() -> None:
    some = parts(more={"xl/media/a.png": b"\x89PNG"})
    first = Package.read(zipped(some)).to_bytes()
    second = Package.read(zipped(dict(reversed(some.items())))).to_bytes()
    assert first == second == Package.read(first).to_bytes()
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        infos = archive.infolist()
        assert archive.testzip() is None
    assert infos[0].filename == "[Content_Types].xml"
    assert {(info.date_time, info.create_system, info.external_attr) for info in infos} == {
        ((1980, 1, 1, 0, 0, 0), 0, 0x20)
    }


def test_parts_come_back_byte_for_byte_and_in_the_order_of_the_file() -> None:
    some = parts(more={"xl/b.bin": bytes(range(256)), "xl/a.bin": b""})
    package = Package.read(zipped(some))
    assert list(package.parts.items()) == list(some.items())
    assert Package.read(package.to_bytes()).parts == some


def test_folder_entries_and_backslashes_of_other_zip_programs_are_understood() -> None:
    some = parts()
    odd = {"xl/": b"", **{name.replace("/", "\\"): data for name, data in some.items()}}
    assert Package.read(zipped(odd)).parts == some


def test_the_digest_sees_every_change_and_nothing_but_changes() -> None:
    some = parts(more={"xl/a.bin": b"12", "xl/b.bin": b""})
    digest = Package(some).digest()
    assert digest == Package(dict(reversed(some.items()))).digest()
    assert digest == Package.read(zipped(some)).digest()
    changes = [
        {"xl/a.bin": b"13"},
        {"xl/a.bin": b"1", "xl/b.bin": b"2"},
        {"xl/c.bin": b""},
    ]
    digests = {Package({**some, **change}).digest() for change in changes} | {digest}
    renamed = {("xl/z.bin" if name == "xl/a.bin" else name): data for name, data in some.items()}
    assert len(digests | {Package(renamed).digest()}) == 5
    before, after = Package(some).part_digests(), Package({**some, "xl/a.bin": b"13"}).part_digests()
    assert [name for name in before if before[name] != after[name]] == ["xl/a.bin"]


def test_names_and_contents_cannot_trade_bytes_without_the_digest_changing() -> None:
    assert Package({"a": b"bc"}).digest() != Package({"ab": b"c"}).digest()
    assert Package({"a": b"", "b": b"x"}).digest() != Package({"a": b"x", "b": b""}).digest()


def test_writing_replaces_a_file_in_one_step_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "model.xlsx"
    path.write_bytes(b"old")
    path.chmod(0o640)
    package = Package(parts())
    package.write(path)
    assert path.read_bytes() == package.to_bytes()
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_left_over_of_a_killed_program_does_not_stop_writing(tmp_path: Path) -> None:
    left_over = tmp_path / f".model.xlsx.{os.getpid()}-0.tmp"
    left_over.write_bytes(b"half")
    Package(parts()).write(tmp_path / "model.xlsx")
    assert left_over.read_bytes() == b"half"
    assert len(list(tmp_path.iterdir())) == 2


def test_writing_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.xlsx", tmp_path / "link.xlsx"
    target.write_bytes(b"old")
    link.symlink_to(target)
    Package(parts()).write(link)
    assert link.is_symlink()
    assert target.read_bytes() == Package(parts()).to_bytes()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.xlsx"
    path.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkbookError, match=r"model\.xlsx: cannot be written.*No space"):
        Package(parts()).write(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_writing_where_there_is_no_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(WorkbookError, match="cannot be written"):
        Package(parts()).write(tmp_path / "none" / "model.xlsx")
    assert list(tmp_path.iterdir()) == []


# What the parts say -----------------------------------------------------------------------------------------


def test_sheets_come_in_tab_order_with_their_state() -> None:
    book = Workbook()
    book.active.title = "First"
    book.create_sheet("Hidden").sheet_state = "hidden"
    book.create_chartsheet("Picture")
    book.create_sheet("Zero", 0).sheet_state = "veryHidden"
    package = Package.read(saved(book))
    assert [(found.name, found.state, found.kind) for found in package.sheets()] == [
        ("Zero", "veryHidden", "worksheet"),
        ("First", "visible", "worksheet"),
        ("Hidden", "hidden", "worksheet"),
        ("Picture", "visible", "chartsheet"),
    ]
    assert [found.name for found in package.worksheets()] == ["Zero", "First", "Hidden"]
    assert package.sheet("FIRST") == package.sheets()[1]
    with pytest.raises(WorkbookError, match="has no sheet 'Other'; its sheets are Zero, First, Hidden, Picture"):
        package.sheet("Other")


def test_a_sheet_without_its_part_is_named() -> None:
    some = parts()
    del some["xl/worksheets/sheet1.xml"]
    with pytest.raises(WorkbookError, match="sheet 'Data' has no part"):
        Package.read(zipped(some)).sheets()


def test_a_workbook_without_sheets_or_with_broken_tables_is_named() -> None:
    some = parts()
    some["xl/workbook.xml"] = f'<workbook xmlns="{MAIN}"/>'.encode()
    with pytest.raises(WorkbookError, match="names no sheet"):
        Package(some).sheets()
    link = f'<Relationship Id="rId1" Type="{LINKS}/table" Target="../tables/table1.xml"/>'
    some = parts(more={"xl/worksheets/_rels/sheet1.xml.rels": f"<Relationships>{link}<other/></Relationships>"})
    with pytest.raises(WorkbookError, match=r"sheet 'Data' misses its table part xl/tables/table1\.xml"):
        Package(some).tables()
    some["xl/tables/table1.xml"] = f'<table xmlns="{MAIN}" id="one"/>'.encode()
    with pytest.raises(WorkbookError, match=r"xl/tables/table1\.xml: a number of the table is not a whole number"):
        Package(some).tables()


def test_a_part_that_goes_takes_its_own_relationships_along() -> None:
    package = Package(parts())
    package.add_part("xl/x.xml", b"<x/>", "application/x+xml", "xl/workbook.xml", f"{LINKS}/x")
    package.add_part("xl/y.xml", b"<y/>", "application/y+xml", "xl/x.xml", f"{LINKS}/y")
    package.remove_part("xl/x.xml")
    assert "xl/_rels/x.xml.rels" not in package.parts
    assert "xl/y.xml" in package.parts


def test_the_strict_dialect_is_read_too() -> None:
    strict = {
        name: data.replace(MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main").replace(
            LINKS.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships"
        )
        for name, data in parts().items()
    }
    assert [found.part for found in Package.read(zipped(strict)).sheets()] == ["xl/worksheets/sheet1.xml"]


def test_names_tables_strings_and_calculation_settings_are_found() -> None:
    table = (
        f'<table xmlns="{MAIN}" id="3" name="inner" displayName="tblCost" ref="A1:B4" totalsRowCount="1">'
        '<tableColumns count="2"><tableColumn id="1" name="a_x000a_b" totalsRowLabel="Sum"/>'
        '<tableColumn id="2" name="Cost"><calculatedColumnFormula array="1">A2*2</calculatedColumnFormula>'
        "<totalsRowFormula>SUM(1)</totalsRowFormula></tableColumn></tableColumns></table>"
    )
    strings = (
        f'<sst xmlns="{MAIN}"><si><t>plain</t></si><si><r><t>ri</t></r><r><t xml:space="preserve">ch </t></r>'
        "<rPh sb='0' eb='1'><t>guide</t></rPh></si><si/><si><t>a_x0041_</t></si></sst>"
    )
    package = Package.read(
        zipped(
            parts(
                workbook_inside=(
                    '<definedNames><definedName name="total">Data!$A$1</definedName>'
                    '<definedName name="local" localSheetId="0" hidden="1">Data!$B$1</definedName></definedNames>'
                    '<calcPr calcId="191029" fullCalcOnLoad="1"/>'
                ),
                links=f'<Relationship Id="rId7" Type="{LINKS}/sharedStrings" Target="/xl/sharedStrings.xml"/>',
                more={
                    "xl/sharedStrings.xml": strings,
                    "xl/tables/table1.xml": table,
                    "xl/worksheets/_rels/sheet1.xml.rels": (
                        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                        f'<Relationship Id="rId1" Type="{LINKS}/table" Target="../tables/table1.xml"/></Relationships>'
                    ),
                },
            )
        )
    )
    assert [(name.name, name.scope, name.text, name.hidden) for name in package.defined_names()] == [
        ("total", None, "Data!$A$1", False),
        ("local", "Data", "Data!$B$1", True),
    ]
    (found,) = package.tables()
    assert (found.id, found.name, found.internal_name) == (3, "tblCost", "inner")
    assert (found.ref, found.sheet) == ("A1:B4", "Data")
    assert (found.header_rows, found.totals_rows, found.part) == (1, 1, "xl/tables/table1.xml")
    assert [(c.name, c.formula, c.array, c.totals_formula, c.totals_label) for c in found.columns] == [
        ("a\nb", None, False, None, "Sum"),
        ("Cost", "A2*2", True, "SUM(1)", None),
    ]
    assert package.shared_strings() == ("plain", "rich ", "", "aA")
    assert package.calculation_properties() == {"calcId": "191029", "fullCalcOnLoad": "1"}
    package.parts["xl/sharedStrings.xml"] = strings.replace("plain", "fresh").encode()
    assert package.shared_strings()[0] == "fresh"


def test_adding_and_removing_a_part_touches_only_its_three_places() -> None:
    package = Package(parts())
    before = dict(package.parts)
    assert package.add_part("xl/x.xml", b"<x/>", "application/x+xml", "xl/workbook.xml", f"{LINKS}/x") == "rId2"
    assert package.related_part("x") == "xl/x.xml"
    assert package.content_type("xl/x.xml") == "application/x+xml"
    assert {name for name in package.parts if package.parts[name] != before.get(name)} == {
        "xl/x.xml",
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
    }
    with pytest.raises(WorkbookError, match="already holds"):
        package.add_part("xl/X.xml", b"<x/>", "application/x+xml", "xl/workbook.xml", f"{LINKS}/x")
    package.remove_part("xl/x.xml")
    assert package.parts == before


def test_a_copy_can_be_changed_without_the_first_one_changing() -> None:
    package = Package(parts(sheet("<sheetData/>")))
    copy = package.copy()
    copy.parts["xl/a.bin"] = b"x"
    assert "xl/a.bin" not in package.parts
