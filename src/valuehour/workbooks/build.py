"""Build a workbook: describe, lay out, render, calculate, and put the values beside their formulas.

The values of every style are those of the native twin: the formulas stand in the same cells, and the engine runs
plain Excel formulas only. The bytes depend on nothing but the template, the catalog, the scenario and the style.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from valuehour import engine
from valuehour.models import Catalog
from valuehour.ooxml import CellValue, Package, Patch, dynamic_array_metadata, patch_cells, read_cells
from valuehour.workbooks.canonical import canonical
from valuehour.workbooks.data import Filling
from valuehour.workbooks.formula import Style
from valuehour.workbooks.layout import Plan, plan_sheet
from valuehour.workbooks.render import render
from valuehour.workbooks.spec import Content, Template
from valuehour.workbooks.templates import template

_DATE = "2026-01-01T00:00:00Z"
_CORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{title}</dc:title><dc:creator>valuehour</dc:creator>'
    "<cp:version>{version}</cp:version>"
    '<dcterms:created xsi:type="dcterms:W3CDTF">{date}</dcterms:created>'
    '<dcterms:modified xsi:type="dcterms:W3CDTF">{date}</dcterms:modified></cp:coreProperties>'
)
_APP = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Application>valuehour</Application></Properties>"
)
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_FONT_ORDER = (
    "b",
    "i",
    "strike",
    "condense",
    "extend",
    "outline",
    "shadow",
    "u",
    "vertAlign",
    "sz",
    "color",
    "name",
    "family",
    "charset",
    "scheme",
)
_FONT = re.compile(rb"<font>(.*?)</font>")
_FONT_CHILD = re.compile(rb"<(\w+)[^>]*></\1>")
_CHART_NAME = re.compile(r'<((?:\w+:)?)cNvPr id="(\d+)" name="Chart (\d+)"\s*/>')
# openpyxl calls blank cells numbers, and some readers take that for a 0. A number is what a cell is by default.
_NUMBER_TYPE = re.compile(rb'(<c\b[^<>]*?) t="n"(?=[ />])')

EMPTY = Filling({}, {})

Values = Mapping[str, Mapping[str, CellValue]]
"""The values of formula cells, by sheet and cell."""


@dataclass(frozen=True, slots=True)
class Built:
    """A built workbook and the template it was built from."""

    template: Template
    package: Package

    def to_bytes(self) -> bytes:
        """The .xlsx file."""
        return self.package.to_bytes()


def described(
    name: str, catalog: Catalog | None = None, filling: Filling = EMPTY, rows: Mapping[str, int] | None = None
) -> Template:
    """The template with enough rows for what fills it, and for what is still to come."""
    wanted = dict(rows or {})
    for table, records in filling.tables.items():
        wanted[table] = max(len(records), wanted.get(table, 0))
    return template(name, catalog, wanted)


def plans(described: Template, filling: Filling, style: Style) -> list[Plan]:
    """Every sheet of a template, laid out and filled."""
    named: dict[str, Content] = {f"in_{key}": value for key, value in filling.inputs.items()}
    named["valuehour_style"] = style.value
    return [plan_sheet(sheet, filling.tables, named) for sheet in described.sheets]


def build(
    name: str,
    *,
    style: Style = Style.NATIVE,
    filling: Filling = EMPTY,
    catalog: Catalog | None = None,
    rows: Mapping[str, int] | None = None,
) -> Built:
    """Build a template, empty or filled, in one function style, with the value of every formula beside it.

    ``rows`` gives tables, by name, more rows to fill than they come with.

    Raises
    ------
    UsageError
        There is no such template.
    FormulaError
        The engine refuses a formula of the template.
    """
    return build_in_styles(name, [style], filling=filling, catalog=catalog, rows=rows)[0]


def build_in_styles(
    name: str,
    styles: Sequence[Style],
    *,
    filling: Filling = EMPTY,
    catalog: Catalog | None = None,
    rows: Mapping[str, int] | None = None,
) -> list[Built]:
    """Build a template in several function styles, whose values are calculated once; see :func:`build`."""
    spec = described(name, catalog, filling, rows)
    native = render(spec, plans(spec, filling, Style.NATIVE), Style.NATIVE, bare=Style.NATIVE not in styles)
    values = formula_values(Package.read(engine.recalculate(native)))
    return [
        _with_values(
            spec, native if style is Style.NATIVE else render(spec, plans(spec, filling, style), style), values, style
        )
        for style in styles
    ]


def _with_values(spec: Template, source: bytes, values: Values, style: Style) -> Built:
    """What was rendered in a style, with the values that its native twin has."""
    package = _plain(Package.read(source))
    _describe_charts(package, spec)
    package.parts["docProps/core.xml"] = _CORE.format(title=spec.title, version=spec.version, date=_DATE).encode()
    package.parts["docProps/app.xml"] = _APP.encode()
    mark = dynamic_array_metadata(package) if style is not Style.NATIVE else None
    for sheet in package.worksheets():
        found = values.get(sheet.name, {})
        patches = {}
        for cell in read_cells(package, sheet):
            if cell.formula is None:
                continue
            if cell.kind == "array" and mark is not None:
                patches[cell.ref] = Patch(value=found[cell.ref], array_ref=cell.ref, cm=mark)
            else:
                patches[cell.ref] = Patch(value=found[cell.ref])
        if patches:
            patch_cells(package, sheet, patches)
    return Built(spec, package)


def formula_values(package: Package) -> Values:
    """The cached value of every formula cell, by sheet and cell."""
    return {
        sheet.name: {cell.ref: cell.value for cell in read_cells(package, sheet) if cell.formula is not None}
        for sheet in package.worksheets()
    }


def _plain(package: Package) -> Package:
    """Rewrite the XML in canonical form: what wrote it (with or without lxml) leaves no trace."""
    parts = {
        name: _DECLARATION + canonical(data) if name.endswith((".xml", ".rels")) else data
        for name, data in package.parts.items()
    }
    for sheet in package.worksheets():
        parts[sheet.part] = _NUMBER_TYPE.sub(rb"\1", parts[sheet.part])
    parts["xl/styles.xml"] = _ordered_fonts(parts["xl/styles.xml"])
    return Package(parts)


def _ordered_fonts(styles: bytes) -> bytes:
    """Put what a font says into the schema's order; openpyxl writes its own."""

    def ordered(match: re.Match[bytes]) -> bytes:
        children = sorted(_FONT_CHILD.finditer(match[1]), key=lambda child: _FONT_ORDER.index(child[1].decode()))
        return b"<font>" + b"".join(child[0] for child in children) + b"</font>"

    return _FONT.sub(ordered, styles)


def _describe_charts(package: Package, spec: Template) -> None:
    """Give each chart its alternative text; openpyxl has no door for it."""
    for sheet in spec.sheets:
        if not sheet.charts:
            continue
        part = package.sheet(sheet.name).part
        drawing = next(r.target for r in package.relationships(part) if r.kind == "drawing")

        def with_alt(match: re.Match[str], charts: tuple[str, ...] = tuple(chart.alt for chart in sheet.charts)) -> str:
            alt = charts[int(match[3]) - 1]
            return f'<{match[1]}cNvPr id="{match[2]}" name="Chart {match[3]}" descr={quoteattr(alt)}/>'

        text = package.parts[drawing].decode("utf-8")
        text = text.replace("></xdr:cNvPr>", "/>").replace("></cNvPr>", "/>")
        package.parts[drawing] = _CHART_NAME.sub(with_alt, text).encode()
