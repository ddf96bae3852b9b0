"""Workbooks as planners leave them behind: everything that Excel can put into a file, as the XML that Excel writes.

Each kind of addition is one function that adds it to a built workbook, with what must be found again later: the parts
that hold it, and words by which it is known. The additions stand on one sheet of the template, beside and below its
table, and on a sheet Notes of the planner's own.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass

from valuehour.ooxml import (
    Package,
    Patch,
    column_letters,
    column_number,
    computed,
    dynamic_array_metadata,
    entered,
    parse_area,
    patch_cells,
)
from valuehour.ooxml.markup import append_child, elements
from valuehour.ooxml.sections import Sections
from valuehour.workbooks.drawn import drawn
from valuehour.workbooks.read import marks

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
XM = "http://schemas.microsoft.com/office/excel/2006/main"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
OWN = "Notes"
ROWS = re.compile(rb"<xdr:row>(\d+)</xdr:row>")
"""The rows at the corners of what floats over the cells, counted from 0."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where additions stand in the workbooks of one template."""

    sheet: str
    table: str
    figure: str
    """The head of a column of figures to type in."""
    result: str
    """The name of a result."""
    free: int
    """The first column that is free beside the table, whatever stands there."""


HOMES = {
    "value_model": Home("Workflows", "tblWorkflows", "Value", "out_value_per_hour", 14),
    "grouping_taxonomy": Home("Members", "tblMembers", "Share", "out_value_per_hour", 17),
    "workflow_outcomes": Home("Months", "tblMonths", "Cost", "out_spend", 20),
}


@dataclass(frozen=True, slots=True)
class Spot:
    """The same in one workbook: rows and columns of the table."""

    home: Home
    top: int
    first: int
    last: int
    left: str
    figure: str
    heads: tuple[str, ...]
    """The heads from the first column to that of the figures."""

    @property
    def sheet(self) -> str:
        """The sheet."""
        return self.home.sheet

    def free(self, number: int) -> str:
        """One of the free columns beside the table."""
        return column_letters(self.home.free + number)

    def beside(self, number: int) -> str:
        """The cells of a free column beside the records."""
        return f"{self.free(number)}{self.first}:{self.free(number)}{self.last}"

    def figures(self, absolute: bool = False) -> str:
        """The cells of the figures."""
        mark = "$" if absolute else ""
        return ":".join(f"{mark}{self.figure}{mark}{row}" for row in (self.first, self.last))


def spot(package: Package) -> Spot:
    """Where additions stand in this workbook."""
    found = marks(package)
    assert found is not None
    home = HOMES[found["template"]]
    table = next(table for table in package.tables() if table.name == home.table)
    area = parse_area(table.ref)
    heads = [column.name for column in table.columns]
    at = heads.index(home.figure)
    left, figure = column_letters(area.left), column_letters(area.left + at)
    return Spot(home, area.top, area.top + 1, area.bottom, left, figure, tuple(heads[: at + 1]))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of addition: what adds it, and what must be found again."""

    add: Callable[[Package], None]
    parts: tuple[str, ...]
    """Parts that hold nothing else, and keep their bytes where nothing moves."""
    words: tuple[bytes, ...]
    """What must be found in the file."""


def _part(package: Package, sheet: str | None = None) -> str:
    return package.sheet(sheet or spot(package).sheet).part


def _into_sheet(package: Package, name: str, markup: str, sheet: str | None = None) -> None:
    """Put an element into a sheet, in the order of the schema; a list that is there takes it as a further entry."""
    part = _part(package, sheet)
    sections = Sections.of(package.parts[part], part)
    if name in sections.children and name != "conditionalFormatting":
        whole = sections.children[name][-1]
        inner = markup[markup.index(">") + 1 : markup.rindex("</")]
        close = whole.rindex(b"</")
        opening = re.sub(
            rb'count="(\d+)"', lambda m: b'count="%d"' % (int(m[1]) + 1), whole[: whole.index(b">") + 1], count=1
        )
        sections.children[name][-1] = opening + whole[whole.index(b">") + 1 : close] + inner.encode() + whole[close:]
    else:
        sections.children.setdefault(name, []).append(markup.encode())
    package.parts[part] = sections.to_bytes()


def _default(package: Package, extension: str, kind: str) -> None:
    types = package.parts["[Content_Types].xml"]
    if f'Extension="{extension}"'.encode() not in types:
        root = elements(types)[-1]
        entry = f'<Default Extension="{extension}" ContentType="{kind}"/>'
        package.parts["[Content_Types].xml"] = types[: root.open_end] + entry.encode() + types[root.open_end :]


def _link(package: Package, source: str, kind: str, target: str) -> str:
    """Add a relationship to a part that has its type by its extension."""
    folder, _, base = source.rpartition("/")
    rels = f"{folder}/_rels/{base}.rels" if folder else "_rels/.rels"
    data = package.parts.get(
        rels,
        f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'.encode(),
    )
    number = f"rIdP{len(elements(data))}"
    entry = f'<Relationship Id="{number}" Type="{kind}" Target="/{target}"/>'.encode()
    package.parts[rels] = append_child(data, elements(data)[-1], entry)
    return number


# The planner's own sheet --------------------------------------------------------------------------------------


def own_sheet(package: Package) -> None:
    """A sheet with formulas that refer to the template by cell, by name and by table column."""
    part = "xl/worksheets/notes.xml"
    empty = f'{HEAD}<worksheet xmlns="{MAIN}" xmlns:r="{LINKS}"><sheetData/></worksheet>'.encode()
    link = package.add_part(part, empty, f"{TYPES}.worksheet+xml", package.workbook_part, f"{LINKS}/worksheet")
    book = package.parts[package.workbook_part]
    holder = next(item for item in elements(book) if item.path == ("workbook", "sheets"))
    entry = f'<sheet xmlns:r="{LINKS}" name="{OWN}" sheetId="901" r:id="{link}"/>'
    package.parts[package.workbook_part] = append_child(book, holder, entry.encode())
    at = spot(package)
    patch_cells(
        package,
        OWN,
        {
            "A1": entered("Our notes"),
            "A2": computed(f"{at.sheet}!{at.left}{at.first}", ""),
            "A3": computed(f"SUM({at.home.table}[{at.home.figure}])", 0.0),
            "A4": computed(f"{at.home.result}*2", 0.0),
        },
    )


# Over the cells -----------------------------------------------------------------------------------------------


def _drawing(package: Package, sheet: str | None = None) -> str:
    sheet = sheet or spot(package).sheet
    part = _part(package, sheet)
    known = next((link.target for link in package.relationships(part) if link.kind == "drawing"), None)
    if known is not None:
        return known
    name = f"xl/drawings/{sheet.lower()}.xml"
    empty = f'{HEAD}<xdr:wsDr xmlns:xdr="{DRAWING}/spreadsheetDrawing" xmlns:a="{DRAWING}/main"></xdr:wsDr>'
    link = package.add_part(
        name, empty.encode(), "application/vnd.openxmlformats-officedocument.drawing+xml", part, f"{LINKS}/drawing"
    )
    _into_sheet(package, "drawing", f'<drawing xmlns:r="{LINKS}" r:id="{link}"/>', sheet)
    return name


def _anchor(package: Package, shape: str, row: int, column: int, sheet: str | None = None) -> None:
    name = _drawing(package, sheet)
    corner = "<xdr:col>{}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{}</xdr:row><xdr:rowOff>0</xdr:rowOff>"
    markup = (
        f"<xdr:twoCellAnchor><xdr:from>{corner.format(column, row)}</xdr:from>"
        f"<xdr:to>{corner.format(column + 2, row + 3)}</xdr:to>{shape}<xdr:clientData/></xdr:twoCellAnchor>"
    )
    data = package.parts[name]
    package.parts[name] = append_child(data, elements(data)[-1], markup.encode())


def text_box(package: Package) -> None:
    """A box with a few words beside the table."""
    _anchor(
        package,
        '<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="71" name="Text box"/><xdr:cNvSpPr '
        'txBox="1"/></xdr:nvSpPr>'
        '<xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="400000"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr>'
        '<xdr:txBody><a:bodyPr/><a:p><a:r><a:rPr lang="en-US"/><a:t>Ask Anna before changing this</a:t>'
        "</a:r></a:p></xdr:txBody></xdr:sp>",
        spot(package).first + 6,
        spot(package).home.free,
    )


def picture(package: Package) -> None:
    """A picture below the table."""
    _default(package, "png", "image/png")
    package.parts["xl/media/logo.png"] = PIXEL
    link = _link(package, _drawing(package), f"{LINKS}/image", "xl/media/logo.png")
    _anchor(
        package,
        '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="72" name="Our logo"/><xdr:cNvPicPr/></xdr:nvPicPr>'
        f'<xdr:blipFill><a:blip xmlns:r="{LINKS}" r:embed="{link}"/><a:stretch><a:fillRect/></a:stretch>'
        f"</xdr:blipFill>"
        '<xdr:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="900000" cy="400000"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr></xdr:pic>',
        spot(package).last + 19,
        1,
    )


def own_chart(package: Package) -> None:
    """A chart on the planner's sheet over cells of the template's table."""
    values = f"{spot(package).sheet}!{spot(package).figures(absolute=True)}"
    chart = (
        f'{HEAD}<c:chartSpace xmlns:c="{DRAWING}/chart" xmlns:a="{DRAWING}/main"><c:chart><c:plotArea><c:layout/>'
        '<c:barChart><c:barDir val="col"/><c:grouping val="clustered"/><c:varyColors val="0"/><c:ser><c:idx val="0"/>'
        f'<c:order val="0"/><c:val><c:numRef><c:f>{values}</c:f></c:numRef></c:val></c:ser><c:axId val="111"/>'
        '<c:axId val="112"/></c:barChart><c:catAx><c:axId val="111"/><c:scaling><c:orientation '
        'val="minMax"/></c:scaling>'
        '<c:delete val="0"/><c:axPos val="b"/><c:crossAx val="112"/></c:catAx><c:valAx><c:axId val="112"/><c:scaling>'
        '<c:orientation val="minMax"/></c:scaling><c:delete val="0"/><c:axPos val="l"/><c:crossAx '
        'val="111"/></c:valAx>'
        "</c:plotArea></c:chart></c:chartSpace>"
    )
    link = package.add_part(
        "xl/charts/ours.xml",
        chart.encode(),
        "application/vnd.openxmlformats-officedocument.drawingml.chart+xml",
        _drawing(package, OWN),
        f"{LINKS}/chart",
    )
    _anchor(
        package,
        '<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="73" name="Our chart"/>'
        '<xdr:cNvGraphicFramePr/></xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/>'
        "</xdr:xfrm>"
        f'<a:graphic><a:graphicData uri="{DRAWING}/chart"><c:chart xmlns:c="{DRAWING}/chart" xmlns:r="{LINKS}" '
        f'r:id="{link}"/></a:graphicData></a:graphic></xdr:graphicFrame>',
        5,
        3,
        OWN,
    )


# In and around the cells --------------------------------------------------------------------------------------


def beside(package: Package) -> None:
    """A column of their own beside the table, with a formula in each row."""
    at = spot(package)
    cells = {f"{at.free(0)}{at.top}": entered("Our factor")}
    for row in (at.first, at.first + 1):
        cells[f"{at.free(0)}{row}"] = computed(f"{at.figure}{row}*2", 0.0)
    patch_cells(package, at.sheet, cells)


def rich_text(package: Package) -> None:
    """A text of which one word is bold."""
    at = spot(package)
    patch_cells(package, at.sheet, {f"{at.free(1)}{at.top}": entered("PLACEHOLDER")})
    part = _part(package)
    package.parts[part] = package.parts[part].replace(
        b"<is><t>PLACEHOLDER</t></is>",
        b'<is><r><t xml:space="preserve">Agreed with </t></r><r><rPr><b/></rPr><t>Finance</t></r></is>',
    )


def painted(package: Package) -> None:
    """The style of a cell to fill, changed by hand."""
    styles = package.related_part("styles")
    assert styles is not None
    data = package.parts[styles]
    fills = next(item for item in elements(data) if item.path == ("styleSheet", "fills"))
    count = sum(item.path == ("styleSheet", "fills", "fill") for item in elements(data))
    data = append_child(
        data, fills, b'<fill><patternFill patternType="solid"><fgColor rgb="FFFFEE11"/></patternFill></fill>'
    )
    records = next(item for item in elements(data) if item.path == ("styleSheet", "cellXfs"))
    style = sum(item.path == ("styleSheet", "cellXfs", "xf") for item in elements(data))
    record = f'<xf numFmtId="0" fontId="0" fillId="{count}" borderId="0" xfId="0" applyFill="1"/>'
    data = append_child(data, records, record.encode())
    data = re.sub(rb'(<fills count=")\d+', rb"\g<1>%d" % (count + 1), data)
    data = re.sub(rb'(<cellXfs count=")\d+', rb"\g<1>%d" % (style + 1), data)
    package.parts[styles] = data
    at = spot(package)
    patch_cells(package, at.sheet, {f"{at.left}{at.first}": Patch(style=style)})


def own_rule(package: Package) -> None:
    """A conditional format of their own."""
    _into_sheet(
        package,
        "conditionalFormatting",
        f'<conditionalFormatting sqref="{spot(package).beside(0)}"><cfRule type="cellIs" '
        'priority="77" operator="greaterThan">'
        "<formula>4321</formula>"
        "</cfRule></conditionalFormatting>",
    )


def own_list(package: Package) -> None:
    """A dropdown of their own."""
    _into_sheet(
        package,
        "dataValidations",
        f'<dataValidations count="1"><dataValidation type="list" allowBlank="1" '
        f'sqref="{spot(package).beside(2)}"><formula1>'
        '"amber,green"</formula1>'
        "</dataValidation></dataValidations>",
    )


def sparklines(package: Package) -> None:
    """A small line in a cell, drawn from the table."""
    at = spot(package)
    _into_sheet(
        package,
        "extLst",
        f'<extLst><ext uri="{{05C60535-1F16-4fd2-B633-F4F36F0B64E0}}" xmlns:x14="{X14}"><x14:sparklineGroups '
        f'xmlns:xm="{XM}">'
        '<x14:sparklineGroup displayEmptyCellsAs="gap"><x14:sparklines><x14:sparkline>'
        f"<xm:f>{at.sheet}!{at.figures()}</xm:f><xm:sqref>{at.free(3)}{at.first}</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup>"
        "</x14:sparklineGroups></ext></extLst>",
    )


def new_rules(package: Package) -> None:
    """A rule that only newer Excels know: icons from another sheet's cell."""
    _into_sheet(
        package,
        "extLst",
        f'<extLst><ext uri="{{78C0D931-6437-407d-A8EE-F0AAD7539E65}}" xmlns:x14="{X14}"><x14:conditionalFormattings>'
        f'<x14:conditionalFormatting xmlns:xm="{XM}"><x14:cfRule type="expression" priority="78" '
        f'id="{{1AB2C3D4-0000-4000-8000-000000000001}}"><xm:f>{OWN}!$A$3&gt;0</xm:f></x14:cfRule><xm:sqref>'
        f"{spot(package).beside(0)}</xm:sqref>"
        "</x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst>",
    )


def protected_range(package: Package) -> None:
    """A range that stays open when the sheet is locked."""
    _into_sheet(
        package,
        "protectedRanges",
        f'<protectedRanges><protectedRange sqref="{spot(package).beside(0)}" name="OurRange"/></protectedRanges>',
    )


def comments(package: Package) -> None:
    """A threaded comment, with the note that older Excels show instead and its box."""
    part = _part(package)
    at = spot(package)
    ref = f"{at.figure}{at.first}"
    note = (
        f'{HEAD}<comments xmlns="{MAIN}"><authors><author>'
        f"tc={{5F1B0000-0000-4000-8000-000000000001}}</author></authors>"
        f'<commentList><comment ref="{ref}" authorId="0" shapeId="0"><text><t>[Threaded comment] Is this gross '
        "or net?</t></text>"
        "</comment></commentList></comments>"
    )
    package.add_part("xl/comments1.xml", note.encode(), f"{TYPES}.comments+xml", part, f"{LINKS}/comments")
    _default(package, "vml", "application/vnd.openxmlformats-officedocument.vmlDrawing")
    box = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shape id="_x0000_s1025" type="#_x0000_t202" '
        f'style="visibility:hidden"><v:textbox/><x:ClientData ObjectType="Note">'
        f"<x:Anchor>4, 15, {at.first - 2}, 10, 6, 31, {at.first + 2}, 9</x:Anchor><x:Row>{at.first - 1}</x:Row>"
        f"<x:Column>{column_number(at.figure) - 1}</x:Column></x:ClientData></v:shape></xml>"
    )
    package.parts["xl/drawings/vmlDrawing1.vml"] = box.encode()
    link = _link(package, part, f"{LINKS}/vmlDrawing", "xl/drawings/vmlDrawing1.vml")
    _into_sheet(package, "legacyDrawing", f'<legacyDrawing xmlns:r="{LINKS}" r:id="{link}"/>')
    spaces = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    thread = (
        f'{HEAD}<ThreadedComments xmlns="{spaces}"><threadedComment ref="{ref}" dT="2026-01-05T10:00:00.00" '
        'personId="{AAAA0000-0000-4000-8000-000000000001}" id="{5F1B0000-0000-4000-8000-000000000001}">'
        "<text>Is this gross or net?</text></threadedComment></ThreadedComments>"
    )
    microsoft = "http://schemas.microsoft.com/office/2017/10/relationships"
    package.add_part(
        "xl/threadedComments/threadedComment1.xml",
        thread.encode(),
        "application/vnd.ms-excel.threadedcomments+xml",
        part,
        f"{microsoft}/threadedComment",
    )
    person = (
        f'{HEAD}<personList xmlns="{spaces}"><person displayName="Anna" '
        f'id="{{AAAA0000-0000-4000-8000-000000000001}}" '
        'userId="anna" providerId="None"/></personList>'
    )
    package.add_part(
        "xl/persons/person.xml",
        person.encode(),
        "application/vnd.ms-excel.person+xml",
        package.workbook_part,
        f"{microsoft}/person",
    )


def dynamic_array(package: Package) -> None:
    """A formula that spills, on the planner's sheet."""
    mark = dynamic_array_metadata(package)
    patch_cells(
        package,
        OWN,
        {
            "G1": entered(3.0),
            "G2": entered(1.0),
            "G3": entered(2.0),
            "H1": computed("_xlfn._xlws.SORT(G1:G3)", 1.0, "H1:H3", mark),
            "H2": entered(2.0),
            "H3": entered(3.0),
        },
    )


# Beside the sheets --------------------------------------------------------------------------------------------


def pivot(package: Package) -> None:
    """A pivot table over the template's table, on the planner's sheet."""
    at = spot(package)
    fields = at.heads
    names = "".join(f'<cacheField name="{name}" numFmtId="0"><sharedItems/></cacheField>' for name in fields)
    cache = (
        f'{HEAD}<pivotCacheDefinition xmlns="{MAIN}" xmlns:r="{LINKS}" refreshOnLoad="1" recordCount="0">'
        f'<cacheSource type="worksheet"><worksheetSource ref="{at.left}{at.top}:{at.figure}{at.last}" '
        f'sheet="{at.sheet}"/></cacheSource><cacheFields count="{len(fields)}">{names}</cacheFields>'
        "</pivotCacheDefinition>"
    )
    link = package.add_part(
        "xl/pivotCache/pivotCacheDefinition1.xml",
        cache.encode(),
        f"{TYPES}.pivotCacheDefinition+xml",
        package.workbook_part,
        f"{LINKS}/pivotCacheDefinition",
    )
    book = package.parts[package.workbook_part]
    after = next(item for item in elements(book) if item.path == ("workbook", "calcPr"))
    entry = f'<pivotCaches><pivotCache xmlns:r="{LINKS}" cacheId="5" r:id="{link}"/></pivotCaches>'
    package.parts[package.workbook_part] = book[: after.end] + entry.encode() + book[after.end :]
    between = '<pivotField showAll="0"/>' * (len(fields) - 2)
    axis = '<pivotField axis="axisRow" showAll="0"><items count="1"><item t="default"/></items></pivotField>'
    table = (
        f'{HEAD}<pivotTableDefinition xmlns="{MAIN}" name="OurPivot" cacheId="5" dataCaption="Values">'
        f'<location ref="J1:K2" firstHeaderRow="1" firstDataRow="1" firstDataCol="1"/>'
        f'<pivotFields count="{len(fields)}">'
        f'{axis}{between}<pivotField dataField="1" showAll="0"/></pivotFields><rowFields count="1">'
        '<field x="0"/></rowFields><rowItems count="1"><i t="grand"><x/></i></rowItems><colItems count="1">'
        "<i/></colItems>"
        f'<dataFields count="1"><dataField name="Sum of {at.home.figure}" fld="{len(fields) - 1}" baseField="0" '
        'baseItem="0"/></dataFields>'
        "</pivotTableDefinition>"
    )
    package.add_part(
        "xl/pivotTables/pivotTable1.xml",
        table.encode(),
        f"{TYPES}.pivotTable+xml",
        _part(package, OWN),
        f"{LINKS}/pivotTable",
    )
    _link(
        package,
        "xl/pivotTables/pivotTable1.xml",
        f"{LINKS}/pivotCacheDefinition",
        "xl/pivotCache/pivotCacheDefinition1.xml",
    )


def slicer(package: Package) -> None:
    """A slicer for a table of the planner's own."""
    number = max(table.id for table in package.tables()) + 1
    table = (
        f'{HEAD}<table xmlns="{MAIN}" id="{number}" name="OurTable" displayName="OurTable" ref="A20:B22">'
        f'<autoFilter ref="A20:B22"/>'
        '<tableColumns count="2"><tableColumn id="1" name="Team"/><tableColumn id="2" name="People"/>'
        "</tableColumns></table>"
    )
    part = _part(package, OWN)
    patch_cells(
        package,
        OWN,
        {
            "A20": entered("Team"),
            "B20": entered("People"),
            "A21": entered("North"),
            "B21": entered(4.0),
            "A22": entered("South"),
            "B22": entered(5.0),
        },
    )
    link = package.add_part("xl/tables/ours.xml", table.encode(), f"{TYPES}.table+xml", part, f"{LINKS}/table")
    _into_sheet(
        package, "tableParts", f'<tableParts count="1"><tablePart xmlns:r="{LINKS}" r:id="{link}"/></tableParts>', OWN
    )
    x15 = "http://schemas.microsoft.com/office/spreadsheetml/2010/11/main"
    mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    cache = (
        f'{HEAD}<slicerCacheDefinition xmlns="{X14}" xmlns:mc="{mc}" xmlns:x="{MAIN}" mc:Ignorable="x" '
        f'name="Slicer_Team" '
        f'sourceName="Team"><extLst><x:ext uri="{{2F2917AC-EB37-4324-AD4E-5DD8C200BD13}}" xmlns:x15="{x15}">'
        f'<x15:tableSlicerCache tableId="{number}" column="1"/></x:ext></extLst></slicerCacheDefinition>'
    )
    microsoft = "http://schemas.microsoft.com/office/2007/relationships"
    cache_link = package.add_part(
        "xl/slicerCaches/slicerCache1.xml",
        cache.encode(),
        "application/vnd.ms-excel.slicerCache+xml",
        package.workbook_part,
        f"{microsoft}/slicerCache",
    )
    slicers = (
        f'{HEAD}<slicers xmlns="{X14}"><slicer name="Team" cache="Slicer_Team" caption="Our team slicer" '
        'rowHeight="241300"/></slicers>'
    )
    slicer_link = package.add_part(
        "xl/slicers/slicer1.xml", slicers.encode(), "application/vnd.ms-excel.slicer+xml", part, f"{microsoft}/slicer"
    )
    _into_sheet(
        package,
        "extLst",
        f'<extLst><ext uri="{{3A4CF648-6AED-40f4-86FF-DC5316D8AED3}}" xmlns:x15="{x15}"><x14:slicerList '
        f'xmlns:x14="{X14}">'
        f'<x14:slicer xmlns:r="{LINKS}" r:id="{slicer_link}"/></x14:slicerList></ext></extLst>',
        OWN,
    )
    book = package.parts[package.workbook_part]
    entry = (
        f'<extLst><ext uri="{{46BE6895-7355-4a93-B00E-2C351335B9C9}}" xmlns:x15="{x15}"><x15:slicerCaches '
        f'xmlns:x14="{X14}">'
        f'<x14:slicerCache xmlns:r="{LINKS}" r:id="{cache_link}"/></x15:slicerCaches></ext></extLst>'
    )
    package.parts[package.workbook_part] = append_child(book, elements(book)[-1], entry.encode())
    _anchor(
        package,
        '<xdr:graphicFrame macro=""><xdr:nvGraphicFramePr><xdr:cNvPr id="74" name="Team"/><xdr:cNvGraphicFramePr/>'
        '</xdr:nvGraphicFramePr><xdr:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/></xdr:xfrm><a:graphic>'
        "<a:graphicData "
        'uri="http://schemas.microsoft.com/office/drawing/2010/slicer"><sle:slicer '
        'xmlns:sle="http://schemas.microsoft.com/office/drawing/2010/slicer" name="Team"/></a:graphicData>'
        "</a:graphic>"
        "</xdr:graphicFrame>",
        20,
        4,
        OWN,
    )


def custom_xml(package: Package) -> None:
    """Data of another program, such as a document management system."""
    item = b'<?xml version="1.0"?>\n<record xmlns="urn:ours"><formula>Workflows!A1</formula><case>4711</case></record>'
    package.parts["customXml/item1.xml"] = item
    _link(package, package.workbook_part, f"{LINKS}/customXml", "customXml/item1.xml")
    space = "http://schemas.openxmlformats.org/officeDocument/2006/customXml"
    properties = (
        f'{HEAD}<ds:datastoreItem ds:itemID="{{B0B00000-0000-4000-8000-000000000001}}" xmlns:ds="{space}">'
        '<ds:schemaRefs><ds:schemaRef ds:uri="urn:ours"/></ds:schemaRefs></ds:datastoreItem>'
    )
    package.add_part(
        "customXml/itemProps1.xml",
        properties.encode(),
        "application/vnd.openxmlformats-officedocument.customXmlProperties+xml",
        "customXml/item1.xml",
        f"{LINKS}/customXmlProps",
    )


def ribbon(package: Package) -> None:
    """Buttons of their own in the ribbon."""
    package.parts["customUI/customUI14.xml"] = (
        b'<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"><ribbon><tabs><tab id="t" '
        b'label="Our tab"/>'
        b"</tabs></ribbon></customUI>"
    )
    _link(
        package,
        "",
        "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility",
        "customUI/customUI14.xml",
    )


def macros(package: Package) -> None:
    """Macros: the workbook says of itself that it may run them."""
    types = package.parts["[Content_Types].xml"]
    package.parts["[Content_Types].xml"] = types.replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    package.add_part(
        "xl/vbaProject.bin",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 not really a project",
        "application/vnd.ms-office.vbaProject",
        package.workbook_part,
        "http://schemas.microsoft.com/office/2006/relationships/vbaProject",
    )


def name_of_their_own(package: Package) -> None:
    """A name for cells of the table."""
    book = package.parts[package.workbook_part]
    holder = next(item for item in elements(book) if item.path == ("workbook", "definedNames"))
    entry = f'<definedName name="our_values">{spot(package).sheet}!{spot(package).figures(absolute=True)}</definedName>'
    package.parts[package.workbook_part] = append_child(book, holder, entry.encode())


def scenario(package: Package) -> None:
    """Values to try out, under a name."""
    at = spot(package)
    _into_sheet(
        package,
        "scenarios",
        f'<scenarios current="0" show="0" sqref="{at.free(0)}{at.first}"><scenario name="Our best case" count="1" '
        f'user="Anna"><inputCells r="{at.figure}{at.first + 1}" val="0.5"/></scenario></scenarios>',
    )


def redrawn(package: Package) -> None:
    """Another colour in a chart of the template."""
    part = next(item.part for item in drawn(package, "Summary") if item.part is not None)
    data = package.parts[part]
    package.parts[part] = re.sub(rb'(<a:srgbClr val=")[0-9A-F]{6}', rb"\g<1>C0FFEE", data)
    assert package.parts[part] != data


KINDS: dict[str, Kind] = {
    "sheet of their own": Kind(own_sheet, (), (b"Our notes",)),
    "text box": Kind(text_box, (), (b"Ask Anna before changing this",)),
    "picture": Kind(picture, ("xl/media/logo.png",), (b"Our logo",)),
    "chart": Kind(own_chart, ("xl/charts/ours.xml",), (b"Our chart",)),
    "column beside the table": Kind(beside, (), (b"Our factor",)),
    "rich text": Kind(rich_text, (), (b"<r><rPr><b/></rPr><t>Finance</t></r>",)),
    "cell style": Kind(painted, (), (b"FFFFEE11",)),
    "conditional format": Kind(own_rule, (), (b"<formula>4321</formula>",)),
    "dropdown": Kind(own_list, (), (b'"amber,green"',)),
    "sparkline": Kind(sparklines, (), (b"x14:sparklineGroup ",)),
    "rule of newer Excels": Kind(new_rules, (), (b"{1AB2C3D4-0000-4000-8000-000000000001}",)),
    "protected range": Kind(protected_range, (), (b'name="OurRange"',)),
    "threaded comment": Kind(
        comments,
        (
            "xl/comments1.xml",
            "xl/threadedComments/threadedComment1.xml",
            "xl/persons/person.xml",
            "xl/drawings/vmlDrawing1.vml",
        ),
        (b"Is this gross or net?",),
    ),
    "dynamic array": Kind(dynamic_array, ("xl/metadata.xml",), (b"_xlfn._xlws.SORT(G1:G3)",)),
    "pivot table": Kind(
        pivot, ("xl/pivotCache/pivotCacheDefinition1.xml", "xl/pivotTables/pivotTable1.xml"), (b"OurPivot",)
    ),
    "slicer": Kind(
        slicer,
        ("xl/tables/ours.xml", "xl/slicerCaches/slicerCache1.xml", "xl/slicers/slicer1.xml"),
        (b"Our team slicer", b"sle:slicer"),
    ),
    "custom XML": Kind(custom_xml, ("customXml/item1.xml", "customXml/itemProps1.xml"), (b"<case>4711</case>",)),
    "ribbon": Kind(ribbon, ("customUI/customUI14.xml",), (b"Our tab",)),
    "name of their own": Kind(name_of_their_own, (), (b"our_values",)),
    "what-if scenario": Kind(scenario, (), (b'name="Our best case"',)),
    "look of a chart of the template": Kind(redrawn, (), (b"C0FFEE",)),
    "macros": Kind(macros, ("xl/vbaProject.bin",), (b"not really a project",)),
}
"""Every kind, in the order in which they are added."""


def enriched(package: Package, *, without: tuple[str, ...] = ()) -> Package:
    """A copy with every kind of addition but those."""
    result = package.copy()
    for name, kind in KINDS.items():
        if name not in without:
            kind.add(result)
    return Package.read(result.to_bytes(), label=package.label)


def reachable(package: Package) -> set[str]:
    """Every part that relationships lead to, from the package down."""
    found: set[str] = set()
    waiting = [""]
    while waiting:
        for link in package.relationships(waiting.pop()):
            if not link.external:
                assert link.target in package.parts, f"a relationship leads to {link.target}, which is not there"
                if link.target not in found:
                    found.add(link.target)
                    waiting.append(link.target)
    return found
