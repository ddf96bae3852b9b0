"""Every rule of the file lint, shown by a fault put into a workbook that has none."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.formatting.rule import FormulaRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.table import Table, TableFormula

from tests.unit.ooxml.handmade import HEAD, LINKS, MAIN, PACKAGE, TYPE, parts, saved
from tests.workbooks import EXAMPLE, package_of
from valuehour.errors import WorkbookError
from valuehour.ooxml import Package, cached, dynamic_array_metadata, marked, patch_cells, read_cells
from valuehour.workbooks.lint import RULES, lint

SHEET = "xl/worksheets/sheet1.xml"
OTHER = "xl/worksheets/sheet2.xml"
BOOK = "xl/workbook.xml"
TABLE = "xl/tables/table1.xml"
SECOND = "xl/tables/table2.xml"
CHART = "xl/charts/chart1.xml"
CHAIN = "xl/calcChain.xml"
TYPES = "[Content_Types].xml"
LINKED = "xl/worksheets/_rels/sheet2.xml.rels"
LAMBDA = (
    "_xlfn.LAMBDA(_xlpm.total,_xlop.spread,_xlfn.LET(_xlpm.half,_xlpm.total/2,"
    'IF(_xlfn.ISOMITTED(_xlpm.spread),IF(_xlpm.half&lt;0,#REF!,_xlpm.half),_xlpm.half*_xlpm.spread&amp;"")))'
)
CELLS = (
    "<sheetData>"
    '<row r="1"><c r="A1" t="inlineStr"><is><t>Item</t></is></c><c r="B1" t="inlineStr"><is><t>Cost # [x]</t></is></c>'
    '<c r="C1" t="inlineStr"><is><t>Double</t></is></c><c r="D1" t="inlineStr"><is><t>Call</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>a</t></is></c><c r="B2"><v>1</v></c>'
    "<c r=\"C2\"><f>tblCost[[#This Row],[Cost '# '[x']]]*2</f><v>2</v></c>"
    '<c r="D2" cm="1"><f t="array" ref="D2">VALUE_PER_HOUR(B2,1)</f><v>3</v></c></row>'
    '<row r="3"><c r="A3" t="inlineStr"><is><t>b</t></is></c><c r="B3"><v>2</v></c>'
    "<c r=\"C3\"><f>tblCost[[#This Row],[Cost '# '[x']]]*2</f><v>4</v></c>"
    '<c r="D3" cm="1"><f t="array" ref="D3">VALUE_PER_HOUR(B3,1)</f><v>3</v></c></row>'
    '<row r="6"><c r="A6"><f>SUM(tblCost[Cost \'# \'[x\']])+1</f><v>4</v></c>'
    '<c r="B6" t="str"><f>IF(A6&gt;1,"yes",_xlfn.IFNA(A6,"no"))</f><v>yes</v></c>'
    '<c r="C6" cm="1"><f t="array" ref="C6:C7">_xlfn._xlws.SORT(tblCost[[Item]:[Double]])</f><v>1</v></c>'
    '<c r="D6"><f t="shared" ref="D6:D7" si="0">A6*2</f><v>8</v></c>'
    '<c r="E6"><f>-SUM(Other!$A$1:B2,{1,2;3,4},,INDEX(A1:A2,1):INDEX(A1:A2,2)) ^ 2%</f><v>1</v></c></row>'
    '<row r="7"><c r="C7"><v>2</v></c><c r="D7"><f t="shared" si="0"/><v>0</v></c>'
    '<c r="E7"><f>_xlfn.LAMBDA(_xlpm.x,_xlpm.x+1)(1)+COUNT(A6 A1:B9)+NETWORKDAYS.INTL(1,2)</f><v>1</v></c></row>'
    "</sheetData>"
)
AROUND = (
    '<conditionalFormatting sqref="A1:A9"><cfRule type="expression" priority="1"><formula>$B$2&gt;1</formula></cfRule>'
    "</conditionalFormatting>"
    '<dataValidations count="2"><dataValidation type="list" sqref="G1" promptTitle="Pick" prompt="one">'
    '<formula1>"low,high"</formula1></dataValidation><dataValidation type="decimal" sqref="G2:G3" errorTitle="No" '
    'error="a number"><formula1>0</formula1><formula2>$A$6</formula2></dataValidation></dataValidations>'
    '<hyperlinks><hyperlink ref="G9" location="Other!A1"/></hyperlinks>'
    "<extLst><ext><x14:dataValidations xmlns:x14='urn:x14' xmlns:xm='urn:xm'><x14:dataValidation type='list'>"
    "<x14:formula1><xm:f>Other!$A$1:$A$9</xm:f></x14:formula1><xm:sqref>H1</xm:sqref></x14:dataValidation>"
    "</x14:dataValidations></ext></extLst>"
)


def table(number: int, name: str, ref: str, columns: str) -> str:
    return (
        f'{HEAD}<table xmlns="{MAIN}" id="{number}" name="{name}" displayName="{name}" ref="{ref}" totalsRowShown="0">'
        f'<autoFilter ref="{ref}"/><tableColumns count="2">{columns}</tableColumns></table>'
    )


def relationships(*links: str) -> str:
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{"".join(links)}</Relationships>'


def good() -> dict[str, bytes]:
    """A workbook in which every rule has something to look at, and nothing to find."""
    space = f'<worksheet xmlns="{MAIN}" xmlns:r="{LINKS}">'
    some = parts(
        f"{HEAD}{space}{CELLS}{AROUND}</worksheet>",
        workbook_inside=(
            f'<definedNames><definedName name="VALUE_PER_HOUR">{LAMBDA}</definedName>'
            '<definedName name="in_total">Data!$B$2</definedName>'
            '<definedName name="in_total" localSheetId="0">Data!$B$3</definedName>'
            '<definedName name="_xlnm.Print_Area" localSheetId="0">Data!$A$1:$D$9</definedName>'
            '<definedName name="_xlfn.IFS" hidden="1">#NAME?</definedName></definedNames>'
        ),
        types="".join(
            f'<Override PartName="/{part}" ContentType="{TYPE}.{kind}+xml"/>'
            for part, kind in (
                ("xl/metadata.xml", "sheetMetadata"),
                (OTHER, "worksheet"),
                (TABLE, "table"),
                (SECOND, "table"),
                (CHAIN, "calcChain"),
            )
        ),
        links=(
            f'<Relationship Id="rId2" Type="{LINKS}/worksheet" Target="worksheets/sheet2.xml"/>'
            f'<Relationship Id="rId3" Type="{LINKS}/sheetMetadata" Target="metadata.xml"/>'
            f'<Relationship Id="rId4" Type="{LINKS}/calcChain" Target="calcChain.xml"/>'
        ),
        more={
            OTHER: (
                f'{HEAD}{space}<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Key</t></is></c></row></sheetData>'
                "</worksheet>"
            ),
            TABLE: table(
                1,
                "tblCost",
                "A1:D3",
                '<tableColumn id="1" name="Item"/><tableColumn id="2" name="Cost # [x]"/>'
                '<tableColumn id="3" name="Double"><calculatedColumnFormula>'
                "tblCost[[#This Row],[Cost '# '[x']]]*2</calculatedColumnFormula></tableColumn>"
                '<tableColumn id="4" name="Call"><calculatedColumnFormula array="1">'
                "VALUE_PER_HOUR(B2,1)</calculatedColumnFormula></tableColumn>",
            ),
            SECOND: table(2, "tblKeys", "A1:A2", '<tableColumn id="1" name="Key"/>'),
            "xl/worksheets/_rels/sheet1.xml.rels": relationships(
                f'<Relationship Id="rId1" Type="{LINKS}/table" Target="../tables/table1.xml"/>',
                f'<Relationship Id="rId2" Type="{LINKS}/hyperlink" Target="https://valuehour.example/"'
                ' TargetMode="External"/>',
            ),
            "xl/worksheets/_rels/sheet2.xml.rels": relationships(
                f'<Relationship Id="rId1" Type="{LINKS}/table" Target="../tables/table2.xml"/>'
            ),
            "xl/metadata.xml": (
                f'<metadata xmlns="{MAIN}"><metadataTypes count="1"><metadataType name="XLDAPR"/></metadataTypes>'
                '<cellMetadata count="1"><bk><rc t="1" v="0"/></bk></cellMetadata></metadata>'
            ),
            CHART: "<c:chart xmlns:c='urn:c'><c:f>Data!$A$2:$A$3</c:f><c:v>[not a reference]</c:v></c:chart>",
            CHAIN: f'<calcChain xmlns="{MAIN}"><c r="A6" i="1"/><c r="B6"/><c r="D7"/></calcChain>',
        },
    )
    second = '<sheet name="Data" sheetId="1" r:id="rId1"/><sheet name="Other" sheetId="5" r:id="rId2"/>'
    some[BOOK] = some[BOOK].replace(b'<sheet name="Data" sheetId="1" r:id="rId1"/>', second.encode())
    return some


def findings(some: dict[str, bytes]) -> list[tuple[str, str, str]]:
    package = Package(some)
    package.check()
    return [(found.rule, found.sheet, found.cell) for found in lint(package)]


def test_a_good_workbook_has_no_finding() -> None:
    assert [str(found) for found in lint(Package(good()))] == []


def formula(new: str) -> tuple[str, str, str]:
    """Put another formula into cell B6."""
    return SHEET, 'IF(A6&gt;1,"yes",_xlfn.IFNA(A6,"no"))', new.replace("&", "&amp;").replace("<", "&lt;")


def name(text: str) -> tuple[str, str, str]:
    """Let the name in_total mean something else."""
    return BOOK, ">Data!$B$2<", f">{text}<"


GONE = f'<Relationship Id="rId7" Type="{LINKS}/chart" Target="../charts/gone.xml"/>'

FAULTS: list[tuple[str, tuple[str, str, str], tuple[str, str]]] = [
    ("formula-syntax", formula("SUM(A1"), ("Data", "B6")),
    ("formula-syntax", formula("1+"), ("Data", "B6")),
    ("formula-syntax", formula("A1 5"), ("Data", "B6")),
    ("formula-syntax", formula("SUM(1+)"), ("Data", "B6")),
    ("formula-syntax", formula("*2"), ("Data", "B6")),
    ("formula-syntax", formula('"open'), ("Data", "B6")),
    ("formula-syntax", formula("(1,)"), ("Data", "B6")),
    ("formula-syntax", formula(""), ("Data", "B6")),
    ("formula-syntax", (TABLE, "VALUE_PER_HOUR(B2,1)<", "VALUE_PER_HOUR((B2,1)<"), ("Data", "tblCost")),
    ("formula-syntax", name("1+"), ("", "in_total")),
    ("formula-length", formula("A6" + "+A6" * 2800), ("Data", "B6")),
    ("formula-text-length", formula(f'"{"x" * 256}"'), ("Data", "B6")),
    ("function-prefix", formula("IFS(A6,1)"), ("Data", "B6")),
    ("function-prefix", formula("SUM(1,concat(A6))"), ("Data", "B6")),
    ("function-prefix", formula("_xlws.PY(1)"), ("Data", "B6")),
    ("function-prefix", (BOOK, "_xlfn.LET(", "LET("), ("", "VALUE_PER_HOUR")),
    ("function-prefix", (SHEET, "<formula>$B$2&gt;1<", "<formula>XOR($B$2,1)<"), ("Data", "A1:A9")),
    ("function-unknown", formula("_xlfn.SUM(A6)"), ("Data", "B6")),
    ("function-unknown", formula("_xlfn.NOSUCH(A6)"), ("Data", "B6")),
    ("variable-prefix", (BOOK, "_xlpm.total,", "total,"), ("", "VALUE_PER_HOUR")),
    ("variable-prefix", (BOOK, "_xlpm.half*_xlpm.spread", "half*_xlpm.spread"), ("", "VALUE_PER_HOUR")),
    ("variable-prefix", (SHEET, "LAMBDA(_xlpm.x,_xlpm.x+1)", "LAMBDA(_xlpm.x,x(_xlpm.x)+1)"), ("Data", "E7")),
    ("variable-optional", (BOOK, "_xlpm.half*_xlpm.spread", "_xlpm.half*_xlop.spread"), ("", "VALUE_PER_HOUR")),
    ("variable-optional", (BOOK, "LET(_xlpm.half", "LET(_xlop.half"), ("", "VALUE_PER_HOUR")),
    ("variable-undeclared", (BOOK, "_xlpm.half*_xlpm.spread", "_xlpm.half*_xlpm.other"), ("", "VALUE_PER_HOUR")),
    ("variable-undeclared", (BOOK, "_xlpm.half,_xlpm.total/2", "_xlpm.half,_xlpm.half/2"), ("", "VALUE_PER_HOUR")),
    ("variable-undeclared", formula("_xlpm.x"), ("Data", "B6")),
    ("variable-name", (SHEET, "LAMBDA(_xlpm.x,_xlpm.x+1)", "LAMBDA(_xlpm.x1,_xlpm.x1+1)"), ("Data", "E7")),
    ("variable-name", (SHEET, "LAMBDA(_xlpm.x,_xlpm.x+1)", "LAMBDA(_xlpm.c,_xlpm.c+1)"), ("Data", "E7")),
    ("variable-name", (SHEET, "LAMBDA(_xlpm.x,_xlpm.x+1)", "LAMBDA(_xlpm.x.y,_xlpm.x.y+1)"), ("Data", "E7")),
    ("spill-reference", formula("SUM(C6#)"), ("Data", "B6")),
    ("spill-reference", formula("SUM(Data!$C$6#,1)"), ("Data", "B6")),
    ("at-reference", formula("tblCost[@Double]"), ("Data", "B6")),
    ("at-reference", formula("tblCost[@[Double]:[Call]]"), ("Data", "B6")),
    ("at-reference", formula("@A6"), ("Data", "B6")),
    ("structured-escape", formula("SUM(tblCost[Cost # '[x']])"), ("Data", "B6")),
    ("structured-escape", formula("SUM(tblCost[[Cost '# [x]]])"), ("Data", "B6")),
    ("structured-escape", formula("SUM(tblCost[Cost 'x])"), ("Data", "B6")),
    ("structured-escape", formula("SUM(tblCost[Cost]x])"), ("Data", "B6")),
    ("structured-target", formula("SUM(tblGone[Item])"), ("Data", "B6")),
    ("structured-target", formula("SUM(tblCost[Gone])"), ("Data", "B6")),
    ("sheet-unknown", formula("Gone!A1"), ("Data", "B6")),
    ("sheet-unknown", formula("SUM('Go''ne'!A1)"), ("Data", "B6")),
    ("sheet-unknown", formula("SUM(Data:Gone!A1)"), ("Data", "B6")),
    ("sheet-unknown", name("Gone!$A$1"), ("", "in_total")),
    ("external-reference", formula("[1]Sheet1!A1"), ("Data", "B6")),
    ("external-reference", formula("'[1]My sheet'!A1"), ("Data", "B6")),
    ("external-reference", formula("[Book.xlsx]Sheet1!A1"), ("Data", "B6")),
    ("array-mark", (SHEET, '"D2" cm="1"', '"D2"'), ("Data", "D2")),
    ("array-mark", (SHEET, '"C6" cm="1"', '"C6"'), ("Data", "C6")),
    ("array-mark", formula("VALUE_PER_HOUR(1,2)"), ("Data", "B6")),
    ("array-mark", formula("_xldudf_VH_UPLIFT(1,2)"), ("Data", "B6")),
    ("array-mark", formula("UPLIFT(1,2)"), ("Data", "B6")),
    ("array-mark", formula("SUM(_xlfn.SEQUENCE(3))"), ("Data", "B6")),
    ("metadata", (SHEET, '"C6" cm="1"', '"C6" cm="2"'), ("Data", "C6")),
    ("shared-master", (SHEET, '<f t="shared" si="0"/>', '<f t="shared" si="1"/>'), ("Data", "D7")),
    ("value-missing", (SHEET, "</f><v>yes</v>", "</f>"), ("Data", "B6")),
    ("value-missing", (SHEET, '<f t="shared" si="0"/><v>0</v>', '<f t="shared" si="0"/><v/>'), ("Data", "D7")),
    ("value-error", (SHEET, '"B2"><v>1</v>', '"B2" t="e"><v>#DIV/0!</v>'), ("Data", "B2")),
    ("value-error", (SHEET, '"C7"><v>2</v>', '"C7" t="e"><v>#FIELD!</v>'), ("Data", "C7")),
    ("text-length", (SHEET, "<t>a</t>", f"<t>{'x' * 32768}</t>"), ("Data", "A2")),
    ("calculation-chain", (CHAIN, '"B6"', '"B7"'), ("Data", "B7")),
    ("calculation-chain", (CHAIN, '"D7"', '"A6" i="5"'), ("Other", "A6")),
    ("calculation-chain", (CHAIN, '"D7"', '"A6" i="9"'), ("sheet 9", "A6")),
    *(
        ("name-invalid", (BOOK, 'name="in_total">', f'name="{bad}">'), ("", bad))
        for bad in ("AB12", "R", "c", "R1C1", "rc", "2nd", "two words", "x" * 256, "a-b", "XFD1048576")
    ),
    ("name-function", (BOOK, 'name="in_total">', 'name="Sum">'), ("", "Sum")),
    ("name-function", (BOOK, 'name="in_total">', 'name="filter">'), ("", "filter")),
    ("name-function", (BOOK, 'name="in_total">', 'name="uplift">'), ("", "uplift")),
    ("name-duplicate", (BOOK, 'name="in_total" localSheetId="0"', 'name="IN_TOTAL"'), ("", "IN_TOTAL")),
    ("name-lost", name("Data!#REF!"), ("", "in_total")),
    ("name-lost", name("OFFSET(#REF!,1,1)"), ("", "in_total")),
    ("name-lost", name(""), ("", "in_total")),
    ("sheet-name", (BOOK, 'name="Other"', f'name="{"x" * 32}"'), ("", "x" * 32)),
    ("sheet-duplicate", (BOOK, 'name="Other"', 'name="DATA"'), ("", "DATA")),
    ("table-name", (SECOND, 'displayName="tblKeys"', 'displayName="tbl1"'), ("Other", "tbl1")),
    ("table-duplicate", (SECOND, 'displayName="tblKeys"', 'displayName="TBLCOST"'), ("Other", "TBLCOST")),
    ("table-duplicate", (SECOND, 'id="2" name', 'id="1" name'), ("Other", "tblKeys")),
    ("table-collision", (SECOND, 'displayName="tblKeys"', 'displayName="In_Total"'), ("Other", "In_Total")),
    ("table-column-duplicate", (TABLE, 'name="Item"', 'name="double"'), ("Data", "tblCost")),
    ("table-ref", (SECOND, 'ref="A1:A2" totals', 'ref="A1:B2" totals'), ("Other", "tblKeys")),
    ("table-ref", (SECOND, 'ref="A1:A2" totals', 'ref="" totals'), ("Other", "tblKeys")),
    ("table-header", (OTHER, "<t>Key</t>", "<t>key</t>"), ("Other", "A1")),
    ("table-header", (OTHER, ' t="inlineStr"><is><t>Key</t></is>', ">"), ("Other", "A1")),
    ("table-header", (OTHER, ' t="inlineStr"><is><t>Key</t></is>', "><v>7</v>"), ("Other", "A1")),
    (
        "table-header",
        (OTHER, ' t="inlineStr"><is>', ' t="str"><f>"Key"</f><v>Key</v></c><c r="B1" t="inlineStr"><is>'),
        ("Other", "A1"),
    ),
    ("table-array", (TABLE, ' array="1"', ""), ("Data", "D2")),
    ("table-array", (SHEET, 'ref="D3"', 'ref="D3:D4"'), ("Data", "D3")),
    ("table-array", (TABLE, 'ref="A1:D3" totals', 'ref="A1:D6" totals'), ("Data", "C6")),
    ("table-overlap", (SECOND, 'ref="A1:A2" totals', 'ref="A1:A2" totals'), ("Data", "A1:A2")),
    ("table-formula", (SHEET, "[Cost '# '[x']]]*2</f><v>4</v>", "[Cost '# '[x']]]*3</f><v>6</v>"), ("Data", "C3")),
    ("table-formula", (SHEET, "<f>tblCost[[#This Row],[Cost '# '[x']]]*2</f><v>4</v>", "<v>4</v>"), ("Data", "C3")),
    (
        "table-formula",
        (SHEET, "<c r=\"C3\"><f>tblCost[[#This Row],[Cost '# '[x']]]*2</f><v>4</v></c>", ""),
        ("Data", "C3"),
    ),
    ("table-formula", (SHEET, "VALUE_PER_HOUR(B3,1)", "VALUE_PER_HOUR(B2,1)+0"), ("Data", "D3")),
    ("list-length", (SHEET, '"low,high"', f'"{"a,b," * 64}"'), ("Data", "G1")),
    ("validation-title", (SHEET, 'promptTitle="Pick"', f'promptTitle="{"x" * 33}"'), ("Data", "G1")),
    ("validation-title", (SHEET, 'errorTitle="No"', f'errorTitle="{"x" * 33}"'), ("Data", "G2:G3")),
    ("validation-text", (SHEET, 'prompt="one"', f'prompt="{"x" * 256}"'), ("Data", "G1")),
    ("validation-text", (SHEET, 'error="a number"', f'error="{"x" * 256}"'), ("Data", "G2:G3")),
    ("table-reference", (SHEET, "<formula2>$A$6<", "<formula2>SUM(tblCost[Double])<"), ("Data", "G2:G3")),
    ("table-reference", (SHEET, "<formula>$B$2&gt;1<", "<formula>SUM(tblCost[Double])&gt;1<"), ("Data", "A1:A9")),
    ("table-reference", (SHEET, "<xm:f>Other!$A$1:$A$9<", "<xm:f>tblKeys[Key]<"), ("Data", "H1")),
    ("table-reference", (CHART, "Data!$A$2:$A$3", "tblCost[Double]"), ("", CHART)),
    (
        "external-target",
        ("xl/worksheets/_rels/sheet1.xml.rels", "https://valuehour.example/", "#Other!A1"),
        ("Data", "xl/worksheets/_rels/sheet1.xml.rels"),
    ),
    (
        "external-target",
        ("xl/worksheets/_rels/sheet1.xml.rels", f'{LINKS}/hyperlink"', f'{LINKS}/image"'),
        ("Data", "xl/worksheets/_rels/sheet1.xml.rels"),
    ),
    ("relationship-target", (LINKED, "</Relationships>", f"{GONE}</Relationships>"), ("Other", LINKED)),
    ("content-type", (TYPES, 'table2.xml" ContentType="', 'table2.xml" ContentType="x'), ("", SECOND)),
    ("content-type", (TYPES, f"/{OTHER}", f"/{SHEET}.gone"), ("Other", OTHER)),
    (
        "content-type-unused",
        (TYPES, "</Types>", '<Override PartName="/xl/charts/gone.xml" ContentType="x/y"/></Types>'),
        ("", "xl/charts/gone.xml"),
    ),
]


def with_second_table_on_the_first_sheet(some: dict[str, bytes]) -> None:
    first, second = "xl/worksheets/_rels/sheet1.xml.rels", "xl/worksheets/_rels/sheet2.xml.rels"
    link = f'<Relationship Id="rId9" Type="{LINKS}/table" Target="../tables/table2.xml"/></Relationships>'
    some[first] = some[first].replace(b"</Relationships>", link.encode())
    some[second] = relationships().encode()
    some[SECOND] = some[SECOND].replace(b'name="Key"', b'name="Item"')


PREPARED: dict[str, Callable[[dict[str, bytes]], None]] = {"table-overlap": with_second_table_on_the_first_sheet}

# What one fault brings with it: a calculated column whose range grows over other cells, a sheet that changes its name.
COMPANIONS = {
    "sheet-name": {"sheet-unknown"},
    "sheet-duplicate": {
        "sheet-unknown",
        "table-header",
        "calculation-chain",
        "table-formula",
        "table-array",
        "table-overlap",
    },
    "table-array": {"table-formula", "structured-target"},
    "table-column-duplicate": {"structured-target", "table-header"},
    "structured-escape": {"structured-target"},
    "formula-syntax": {"table-formula"},
    "content-type": {"content-type-unused"},
}


@pytest.mark.parametrize(
    ("rule", "change", "place"), FAULTS, ids=[f"{rule}-{number}" for number, (rule, *_) in enumerate(FAULTS)]
)
def test_each_fault_is_found_and_its_place_is_named(
    rule: str, change: tuple[str, str, str], place: tuple[str, str]
) -> None:
    some = good()
    if rule in PREPARED:
        PREPARED[rule](some)
    part, old, new = change
    assert some[part].decode().count(old) == 1
    some[part] = some[part].replace(old.encode(), new.encode())
    found = findings(some)
    assert (rule, *place) in found
    assert {other for other, *_ in found} <= {rule} | COMPANIONS.get(rule, set())


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("xl/metadata.xml", None),
        ("[Content_Types].xml", (f"{TYPE}.sheetMetadata+xml", "application/xml")),
        ("xl/_rels/workbook.xml.rels", ("sheetMetadata", "theme")),
        ("xl/metadata.xml", ('<bk><rc t="1" v="0"/></bk>', "")),
    ],
)
def test_marks_without_all_of_their_metadata_are_found(part: str, change: tuple[str, str] | None) -> None:
    some = good()
    if change is None:
        del some[part]
    else:
        some[part] = some[part].replace(change[0].encode(), change[1].encode())
    found = findings(some)
    assert [one for one in found if one[0] == "metadata"] == [("metadata", "Data", ref) for ref in ("D2", "D3", "C6")]
    # The parts say it too, where the metadata is gone or is called something else.
    assert {rule for rule, *_ in found} <= {"metadata", "relationship-target", "content-type", "content-type-unused"}


@pytest.mark.parametrize("kind", ["charts/chart", "drawings/drawing", "theme/theme"])
def test_a_part_that_is_gone_while_the_file_still_speaks_of_it_is_named(kind: str) -> None:
    package = package_of(EXAMPLE)
    part = next(name for name in package.parts if name.startswith(f"xl/{kind}"))
    source = next(name for name in package.parts if any(link.target == part for link in package.relationships(name)))
    folder, _, base = source.rpartition("/")
    del package.parts[part]
    named = {(found.rule, found.cell) for found in lint(package)}
    assert {("relationship-target", f"{folder}/_rels/{base}.rels"), ("content-type-unused", part)} <= named


def test_a_link_of_a_shape_to_a_place_in_the_file_is_no_missing_part() -> None:
    some = good()
    link = f'<Relationship Id="rId7" Type="{LINKS}/hyperlink" Target="#Other!A1"/></Relationships>'
    some[LINKED] = some[LINKED].replace(b"</Relationships>", link.encode())
    assert findings(some) == []


@pytest.mark.parametrize("character", [*"[]:*?/\\'"])
def test_sheet_names_with_characters_that_excel_refuses_are_found(character: str) -> None:
    some = good()
    some[BOOK] = some[BOOK].replace(b'name="Other"', f'name="Other{character}"'.encode())
    assert ("sheet-name", "", f"Other{character}") in findings(some)


def test_every_rule_has_a_fault_that_shows_it_and_words_for_the_documentation() -> None:
    assert {rule for rule, *_ in FAULTS} == set(RULES)
    for key, rule in RULES.items():
        assert rule.id == key
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", key)
        assert "\n" not in rule.finds + rule.allowed
        assert rule.finds
        assert rule.allowed


def test_a_finding_says_where_what_and_what_is_allowed_in_one_line() -> None:
    some = good()
    some[SHEET] = some[SHEET].replace(b"</f><v>yes</v>", b"</f>")
    (found,) = lint(Package(some))
    assert str(found) == (
        'Data!B6: =IF(A6>1,"yes",_xlfn.IFNA(A6,"no")) without a value; '
        "allowed: a cached value in every formula cell (value-missing)"
    )


def test_a_part_of_a_formula_in_quotes_is_not_taken_for_a_fault() -> None:
    some = good()
    harmless = "IF(A6=1,&quot;IFS( @A1 C6# [1]x tbl[# #REF! _xlop.x&quot;,#SPILL!)&amp;&quot;&quot;&quot;#&quot;"
    some[SHEET] = some[SHEET].replace(b'IF(A6&gt;1,"yes",_xlfn.IFNA(A6,"no"))', harmless.encode())
    assert findings(some) == []


def test_relative_column_formulas_are_compared_row_by_row() -> None:
    some = good()
    some[SHEET] = some[SHEET].replace(b"VALUE_PER_HOUR(B3,1)", b"VALUE_PER_HOUR(B4,1)")
    assert findings(some) == [("table-formula", "Data", "D3")]


def test_a_damaged_cell_stops_the_lint_with_its_place() -> None:
    some = good()
    some[SHEET] = some[SHEET].replace(b'"B2"><v>1</v>', b'"B2"><v>one</v>')
    with pytest.raises(WorkbookError, match="Data!B2: 'one' is no value"):
        lint(Package(some))


def test_a_workbook_of_openpyxl_is_clean_once_it_has_its_values_and_marks() -> None:
    book = Workbook()
    page = book.active
    page.title = "Data"
    for row in (["Item", "Cost", "Double", "Call"], ["a", 1], ["b", 2]):
        page.append(row)
    for row in (2, 3):
        page.cell(row, 3, "=tblCost[[#This Row],[Cost]]*2")
        page[f"D{row}"] = ArrayFormula(f"D{row}", f"=VALUE_PER_HOUR(B{row},1)")
    listed = Table(displayName="tblCost", ref="A1:D3")
    listed._initialise_columns()
    for column, title in zip(listed.tableColumns, ("Item", "Cost", "Double", "Call"), strict=True):
        column.name = title
    listed.tableColumns[2].calculatedColumnFormula = TableFormula(attr_text="tblCost[[#This Row],[Cost]]*2")
    listed.tableColumns[3].calculatedColumnFormula = TableFormula(array=True, attr_text="VALUE_PER_HOUR(B2,1)")
    page.add_table(listed)
    page["F1"] = "=SUM(tblCost[Cost])"
    page["F2"] = "=_xlfn.IFNA(F1,0)"
    check = DataValidation(type="list", formula1='"low,high"', promptTitle="Pick", prompt="one")
    check.add("G1")
    page.add_data_validation(check)
    page.conditional_formatting.add("A1:A3", FormulaRule(formula=["$B1>1"]))
    chart = BarChart()
    chart.add_data(Reference(page, min_col=2, min_row=1, max_row=3), titles_from_data=True)
    page.add_chart(chart, "I1")
    book.defined_names["in_cost"] = DefinedName("in_cost", attr_text="Data!$B$2")
    body = "_xlfn.LAMBDA(_xlpm.total_value,_xlpm.years,_xlpm.total_value/_xlpm.years)"
    book.defined_names["VALUE_PER_HOUR"] = DefinedName("VALUE_PER_HOUR", attr_text=body)
    package = Package.read(saved(book))
    assert {found.rule for found in lint(package)} == {"value-missing", "array-mark"}
    cm = dynamic_array_metadata(package)
    formulas = [cell for cell in read_cells(package, "Data") if cell.formula is not None]
    patch_cells(package, "Data", {cell.ref: cached(1) for cell in formulas})
    patch_cells(package, "Data", {cell.ref: marked(cell.ref, cm) for cell in formulas if cell.kind == "array"})
    assert [str(found) for found in lint(Package.read(package.to_bytes()))] == []
