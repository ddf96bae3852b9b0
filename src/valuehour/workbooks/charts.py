"""The charts of a template: lines or points in a plane, and sorted bars of shares.

openpyxl writes a chart's XML from objects; what it leaves out (no automatic title, formats not linked to the
source, unwrapped text) is put into the tree as it is written.
"""

from __future__ import annotations

from typing import Any

from openpyxl.chart import BarChart, Reference, ScatterChart, Series
from openpyxl.chart.axis import ChartLines
from openpyxl.chart.data_source import AxDataSource, StrRef
from openpyxl.chart.label import DataLabel, DataLabelList
from openpyxl.chart.layout import Layout, ManualLayout
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText, Text
from openpyxl.chart.title import Title
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Paragraph,
    ParagraphProperties,
    RegularTextRun,
    RichTextProperties,
)
from openpyxl.drawing.text import Font as DrawingFont
from openpyxl.utils import coordinate_to_tuple
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.functions import Element

from valuehour.workbooks import look
from valuehour.workbooks.spec import Chart
from valuehour.workbooks.spec import Series as Described

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_EMU_PER_POINT = 12_700


def add(sheet: Worksheet, described: Chart) -> None:
    """Draw a described chart on a sheet."""
    chart = _lines(described) if described.kind == "lines" else _bars(described)
    chart.style, chart.roundedCorners, chart.legend, chart.varyColors = None, False, None, None
    chart.visible_cells_only = False
    chart.graphical_properties = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
    chart.title = _title(described.title)
    _finish(chart)
    first, last = described.anchor
    anchored: Any = chart
    anchored.anchor = TwoCellAnchor(editAs="oneCell", _from=_marker(first), to=_marker(last))
    sheet.add_chart(chart)


def _lines(described: Chart) -> ScatterChart:
    chart = ScatterChart()
    chart.scatterStyle = "lineMarker"
    for line in described.series:
        series = Series(Reference(range_string=line.values), Reference(range_string=line.categories))
        series.tx = SeriesLabel(strRef=StrRef(line.name))
        series.smooth = False
        series.marker = _marked(line)
        series.graphicalProperties = GraphicalProperties(ln=_line(line))
        if line.named == "last":
            series.dLbls = _named_at((line.points or described.points) - 1, line.colour)
        chart.series.append(series)
    for axis in (chart.x_axis, chart.y_axis):
        _axis(axis)
    chart.x_axis.number_format = described.x_format
    chart.x_axis.scaling.min = described.x_minimum
    chart.y_axis.number_format = described.y_format
    chart.y_axis.scaling.min, chart.y_axis.scaling.max = described.y_range
    chart.y_axis.majorUnit = described.y_step
    chart.y_axis.majorGridlines = _gridlines() if described.gridlines else None
    chart.y_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.x_axis.tickLblPos = "low"
    chart.layout = _plot(*(described.plot or (0.07, 0.13, 0.75, 0.76)))
    return chart


def _line(line: Described) -> LineProperties:
    if not line.width:
        return LineProperties(noFill=True)
    return LineProperties(
        w=int(line.width * _EMU_PER_POINT), solidFill=line.colour, prstDash=_dash(line.dash), cap="rnd"
    )


def _marked(line: Described) -> Marker:
    if line.marker is None:
        return Marker(symbol="none")
    properties = GraphicalProperties(solidFill=line.colour, ln=LineProperties(solidFill=line.colour))
    return Marker(symbol=line.marker, size=line.size, spPr=properties)


def _named_at(point: int, colour: str) -> DataLabelList:
    """The name of the series beside one point, nothing beside the others."""
    last = DataLabel(
        idx=point,
        dLblPos="r",
        showSerName=True,
        showVal=False,
        showLegendKey=False,
        showCatName=False,
        showPercent=False,
        showBubbleSize=False,
    )
    last.txPr = _text(colour, bold=True)
    return DataLabelList(
        dLbl=[last],
        showVal=False,
        showSerName=False,
        showLegendKey=False,
        showCatName=False,
        showPercent=False,
        showBubbleSize=False,
    )


def _bars(described: Chart) -> BarChart:
    chart = BarChart()
    chart.type, chart.gapWidth, chart.overlap = "bar", 45, 100
    for bar in described.series:
        series = Series(Reference(range_string=bar.values), title=None)
        series.tx = SeriesLabel(strRef=StrRef(bar.name))
        series.cat = _categories(bar)
        series.invertIfNegative = False
        properties = GraphicalProperties()
        if bar.hatched:
            properties.pattFill = PatternFillProperties(
                prst="wdUpDiag", fgClr=_colour(bar.colour), bgClr=_colour(look.WHITE)
            )
        else:
            properties.solidFill = bar.colour
        properties.line = LineProperties(noFill=True)
        series.graphicalProperties = properties
        labels = DataLabelList(
            showVal=True,
            showSerName=False,
            showLegendKey=False,
            showCatName=False,
            showPercent=False,
        )
        labels.numFmt = look.Format.SHARE.value
        labels.txPr = _text(look.INK, bold=True)
        series.dLbls = labels
        chart.series.append(series)
    _axis(chart.x_axis)
    _axis(chart.y_axis)
    chart.y_axis.delete = True
    chart.y_axis.scaling.min = 0
    chart.x_axis.scaling.orientation = "maxMin"
    chart.x_axis.graphicalProperties = GraphicalProperties(ln=LineProperties(noFill=True))
    chart.x_axis.txPr = _text(look.TEXT, size=10)
    chart.layout = _plot(0.33, 0.13, 0.55, 0.84)
    return chart


def _dash(name: str | None) -> Any:
    return name


def _colour(value: str) -> Any:
    choice: Any = ColorChoice
    return choice(srgbClr=value)


def _categories(bar: Described) -> Any:
    return AxDataSource(strRef=StrRef(bar.categories))


def _axis(axis: Any) -> None:
    axis.delete = False
    axis.majorGridlines = None
    axis.majorTickMark = axis.minorTickMark = "none"
    axis.graphicalProperties = GraphicalProperties(ln=LineProperties(w=9_525, solidFill=look.FAINT))
    axis.txPr = _text(look.MUTED)
    axis.title = None


def _gridlines() -> Any:
    return ChartLines(spPr=GraphicalProperties(ln=LineProperties(w=9_525, solidFill=look.RULE)))


def _characters(colour: str, size: int, bold: bool) -> CharacterProperties:
    return CharacterProperties(
        sz=size * 100,
        b=bold,
        solidFill=colour,
        latin=DrawingFont(typeface=look.FONT),
        cs=DrawingFont(typeface=look.FONT),
    )


def _text(colour: str, *, size: int = 9, bold: bool = False) -> RichText:
    paragraph = ParagraphProperties(defRPr=_characters(colour, size, bold))
    return RichText(bodyPr=RichTextProperties(), p=[Paragraph(pPr=paragraph, endParaRPr=CharacterProperties())])


def _title(text: str) -> Title:
    properties = _characters(look.INK, 10, True)
    paragraph = Paragraph(pPr=ParagraphProperties(defRPr=properties), r=[RegularTextRun(rPr=properties, t=text)])
    return Title(
        tx=Text(rich=RichText(bodyPr=RichTextProperties(), p=[paragraph])),
        overlay=False,
        layout=Layout(manualLayout=ManualLayout(xMode="edge", yMode="edge", x=0.01, y=0.01)),
    )


def _plot(x: float, y: float, w: float, h: float) -> Layout:
    return Layout(manualLayout=ManualLayout(layoutTarget="inner", xMode="edge", yMode="edge", x=x, y=y, w=w, h=h))


def _marker(ref: str) -> AnchorMarker:
    row, column = coordinate_to_tuple(ref)
    return AnchorMarker(col=column - 1, row=row - 1)


def _finish(chart: Any) -> None:
    """Replace the method by which openpyxl writes the chart: a subclass of its chart classes is written blank."""
    write = chart._write

    def finished() -> Any:
        tree = write()
        body = tree.find("chart")
        tags = [element.tag for element in body]
        if "autoTitleDeleted" not in tags:
            body.insert(tags.index("plotArea"), Element("autoTitleDeleted", {"val": "0"}))
        for element in tree.iter("numFmt"):
            element.set("sourceLinked", "0")
        for element in tree.iter(f"{_DRAWING}bodyPr"):
            element.set("wrap", "none")
        return tree

    chart._write = finished
