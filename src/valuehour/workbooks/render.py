"""From a laid-out template to .xlsx bytes, written by openpyxl. No cached values yet: ``build`` adds them."""

from __future__ import annotations

import io
from collections.abc import Hashable, Iterator, Sequence
from copy import copy
from functools import cache
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.formatting.rule import DataBarRule, Rule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.styles.differential import DifferentialStyle
from openpyxl.styles.numbers import NumberFormat
from openpyxl.utils import absolute_coordinate, quote_sheetname
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.table import Table as ExcelTable
from openpyxl.worksheet.table import TableFormula
from openpyxl.worksheet.worksheet import Worksheet

from valuehour.functions import FUNCTIONS
from valuehour.ooxml.markup import escape_text
from valuehour.ooxml.reference import column_letters
from valuehour.workbooks import charts, look
from valuehour.workbooks.formula import Style, has_call, lambdas
from valuehour.workbooks.layout import PlacedTable, Plan, styled
from valuehour.workbooks.look import PAINT, Format, Look, Paint, Role
from valuehour.workbooks.spec import FIRST_DATE_SERIAL, LARGEST, MAX_TEXT, Accepts, Cell, Condition, Template

Painted = dict[Hashable, StyleArray]

CURRENT_CALCULATION = 191029
"""What Excel 2019 and newer write as the version of their calculation."""


def render(template: Template, plans: Sequence[Plan], style: Style, *, bare: bool = False) -> bytes:
    """Write the planned sheets as a workbook of one function style.

    A bare workbook holds what its calculation needs and nothing to look at: contents, names and tables.
    """
    book = Workbook()
    del book["Sheet"]
    book.properties.creator = "valuehour"
    book.properties.title = template.title
    _calculation(book, style)
    _normal_font(book)
    painted: Painted = {}
    for plan in plans:
        sheet = book.create_sheet(plan.sheet.name)
        _contents(sheet, plan, template, style, None if bare else painted)
        if not bare:
            _surroundings(sheet, plan)
    if style is Style.LAMBDA:
        for name, text in lambdas(template.taxonomy, template.records).items():
            book.defined_names[name] = DefinedName(name, attr_text=text, comment=FUNCTIONS[name].summary[:255])
    book.active = 0
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _calculation(book: Workbook, style: Style) -> None:
    """Have the workbook calculated when it is opened, unless a program without our functions would lose its values."""
    book.calculation.fullCalcOnLoad = None if style.needs_addin else True
    if style.needs_addin:
        book.calculation.calcId = CURRENT_CALCULATION  # an older one has Excel calculate on opening, too


def _normal_font(book: Workbook) -> None:
    font = Font(name=look.FONT, size=10, color=look.TEXT)
    untyped: Any = book
    untyped._named_styles["Normal"].font = font
    untyped._fonts[0] = font


def _contents(sheet: Worksheet, plan: Plan, template: Template, style: Style, painted: Painted | None) -> None:
    for (row, column), cell in sorted(plan.cells.items()):
        target: Any = sheet.cell(row, column)
        _fill_in(target, cell, template, style)
        if painted is not None:
            _paint(target, cell, plan.sheet.role, painted)
        if cell.name is not None:
            _name(sheet, cell.name, absolute_coordinate(target.coordinate))
    for name, ref in plan.sheet.ranges.items():
        _name(sheet, name, absolute_coordinate(ref))
    for placed in plan.tables:
        _table(sheet, placed)


def _surroundings(sheet: Worksheet, plan: Plan) -> None:
    described = plan.sheet
    for number, width in sorted(plan.widths.items()):
        sheet.column_dimensions[column_letters(number)].width = width
    for number, height in sorted(plan.heights.items()):
        sheet.row_dimensions[number].height = height
    for accepts, places in _accepting(plan).items():
        rule = _validation(accepts, min(row for row, _ in places))
        rule.sqref = MultiCellRange(_ranges(places))
        sheet.add_data_validation(rule)
    for range_ in plan.merges:
        first_row, first_column, last_row, last_column = range_
        sheet.merge_cells(start_row=first_row, start_column=first_column, end_row=last_row, end_column=last_column)
    for condition in _conditions(plan):
        sheet.conditional_formatting.add(condition.where, _rule(condition))
    data_bar: Any = DataBarRule
    for bar in described.bars:
        sheet.conditional_formatting.add(
            bar.where,
            data_bar("num", 0, "max", None, color=look.SUBTITLE, showValue=True, minLength=0, maxLength=100),
        )
    for chart in described.charts:
        charts.add(sheet, chart)
    _page(sheet, plan)


def _accepting(plan: Plan) -> dict[Accepts, list[tuple[int, int]]]:
    """The cells of a sheet by what they accept, down each column."""
    found: dict[Accepts, list[tuple[int, int]]] = {}
    for place, cell in sorted(plan.cells.items(), key=lambda item: (item[0][1], item[0][0])):
        if cell.accepts is not None:
            found.setdefault(cell.accepts, []).append(place)
    return found


def _ranges(places: Sequence[tuple[int, int]]) -> str:
    """Cells that stand one below the other as ranges; a long table would be slow to write cell by cell.

    >>> _ranges([(5, 2), (6, 2), (9, 2)])
    'B5:B6 B9'
    """
    runs: list[tuple[int, int, int]] = []
    for row, column in places:
        if runs and runs[-1][1:] == (row - 1, column):
            runs[-1] = (runs[-1][0], row, column)
        else:
            runs.append((row, row, column))
    spans = ((column_letters(column), first, last) for first, last, column in runs)
    return " ".join(f"{c}{first}" if first == last else f"{c}{first}:{c}{last}" for c, first, last in spans)


def _fill_in(target: Any, cell: Cell, template: Template, style: Style) -> None:
    content = cell.content
    formula = styled(cell, style, template.taxonomy)
    if formula is not None:
        # A call of a named LAMBDA or of an add-in is stored as an array formula of one cell, or Excel shows =@….
        target.value = ArrayFormula(target.coordinate, formula) if is_array(cell, style) else formula
    elif isinstance(content, str):
        target.value = escape_text(content)
        target.data_type = "s"
    elif content is not None:
        target.value = content
    if cell.link is not None:
        name, ref = cell.link
        target.hyperlink = Hyperlink(ref=target.coordinate, location=f"{quote_sheetname(name)}!{ref}")


def _paint(target: Any, cell: Cell, role: Role, painted: Painted) -> None:
    """Draw a cell. openpyxl hashes every font, fill and border it is given: what was drawn once is copied by number."""
    key = (cell.look, cell.look is Look.STRIP and role, cell.bar, cell.gutter, cell.format)
    if key in painted:
        target._style = copy(painted[key])
        return
    paint = PAINT[cell.look]
    fill = look.ROLE_COLOUR[role] if cell.look is Look.STRIP else paint.fill
    target.font = _font(paint)
    if fill is not None:
        target.fill = _fill(fill)
    target.border = _border(paint, cell.bar, cell.gutter)
    target.alignment = _alignment(paint)
    target.number_format = cell.format.value
    painted[key] = copy(target._style)


def _name(sheet: Worksheet, name: str, address: str) -> None:
    book: Any = sheet.parent
    book.defined_names[name] = DefinedName(name, attr_text=f"{quote_sheetname(sheet.title)}!{address}")


def is_array(cell: Cell, style: Style) -> bool:
    """Whether a formula of a description is stored as an array formula of one cell in this style."""
    return style is not Style.NATIVE and cell.formula is not None and has_call(cell.formula)


@cache
def _font(paint: Paint) -> Font:
    return Font(
        name=look.FONT,
        size=paint.size,
        bold=paint.bold or None,
        color=paint.colour,
        underline="single" if paint.underline else None,
    )


@cache
def _fill(colour: str) -> PatternFill:
    return PatternFill("solid", fgColor=colour, bgColor=colour)


@cache
def _border(paint: Paint, bar: str | None, gutter: bool) -> Border:
    sides: dict[str, Any] = {
        name: Side(style=side[0], color=side[1])
        for name in ("left", "right", "top", "bottom")
        if (side := getattr(paint, name)) is not None
    }
    if bar is not None:
        sides["left"] = Side(style="thick", color=look.INK if bar == "ink" else look.FAINT)
    if gutter:
        sides["right"] = Side(style="thick", color=look.WHITE)
    return Border(**sides)


@cache
def _alignment(paint: Paint) -> Alignment:
    return Alignment(
        horizontal=paint.horizontal,
        vertical=paint.vertical,
        indent=paint.indent,
        wrap_text=paint.wrap or None,
        shrink_to_fit=paint.shrink or None,
    )


def _validation(accepts: Accepts, first_row: int) -> DataValidation:
    title = accepts.title[:32]
    rule = DataValidation(
        allow_blank=True,
        showInputMessage=bool(accepts.prompt),
        showErrorMessage=not accepts.open,
        errorTitle="Not accepted here",
        error=f"Allowed: {accepts.allowed}."[:255],
        errorStyle="stop",
        promptTitle=title or None,
        prompt=accepts.prompt[:255] or None,
    )
    if accepts.choices or accepts.source:
        rule.type = "list"
        rule.formula1 = (accepts.source or "").replace("{row}", str(first_row)) or '"' + ",".join(accepts.choices) + '"'
    elif accepts.kind in ("number", "whole"):
        rule.type = "decimal" if accepts.kind == "number" else "whole"
        low, high = accepts.minimum, accepts.maximum
        if accepts.above is not None:
            rule.operator, rule.formula1 = "greaterThan", f"{accepts.above:.15G}"
        elif low is not None and high is not None:
            rule.operator, rule.formula1, rule.formula2 = "between", f"{low:.15G}", f"{high:.15G}"
        elif low is not None:
            rule.operator, rule.formula1 = "greaterThanOrEqual", f"{low:.15G}"
        else:
            rule.operator, rule.formula1, rule.formula2 = "between", f"{-LARGEST:.15G}", f"{LARGEST:.15G}"
    elif accepts.kind == "date":
        rule.type, rule.operator, rule.formula1 = "date", "greaterThanOrEqual", str(FIRST_DATE_SERIAL)
    else:
        rule.type, rule.operator, rule.formula1 = "textLength", "lessThanOrEqual", str(MAX_TEXT)
    return rule


def _table(sheet: Worksheet, placed: PlacedTable) -> None:
    table: Any = ExcelTable(name=placed.table.name, displayName=placed.table.name, ref=placed.ref)
    table._initialise_columns()
    table.autoFilter = None
    for column, described in zip(table.tableColumns, placed.table.columns, strict=True):
        column.name = described.head
        if described.formula is not None:
            first: Any = sheet.cell(
                placed.first_row + 1, placed.first_column + placed.table.columns.index(described)
            ).value
            array = isinstance(first, ArrayFormula)
            text = str(first.text if array else first)
            column.calculatedColumnFormula = TableFormula(attr_text=text[1:], array=array or None)
    sheet.add_table(table)


def _conditions(plan: Plan) -> Iterator[Condition]:
    """The sheet's own conditions, and those that every band and card carries."""
    yield from plan.sheet.conditions
    for (row, column), cell in sorted(plan.cells.items()):
        where = f"{column_letters(column)}{row}"
        if cell.look is Look.CHIP and cell.content is not None:
            yield Condition(where=where, formula="out_checks_failed>0", emphasis="alert")
    starts = [column for (row, column), cell in sorted(plan.cells.items()) if row == 8 and cell.bar is not None]
    for card, column in zip(plan.sheet.cards, starts, strict=True):
        letter = column_letters(column)
        figure = f"{letter}9"
        money = card.format is Format.CARD_MONEY
        if card.alarm is not None:
            yield Condition(where=f"{letter}8", formula=card.alarm, emphasis="alert")
            yield Condition(where=figure, formula=card.alarm, emphasis="alarm")
            yield Condition(where=f"{letter}10", formula=card.alarm, emphasis="alert")
        small = f"AND(ISNUMBER({figure}),N({figure})<>0,ABS(N({figure}))<policy_cents_below)"
        if money and card.held:
            yield from _magnitudes(figure, "out_locked=1,", "muted")
            yield Condition(where=figure, formula=f"AND(out_locked=1,{small})", emphasis="muted_small")
        if money:
            yield from _magnitudes(figure, "", "plain")
            yield Condition(where=figure, formula=small, emphasis="small")
        if card.held:
            yield Condition(where=figure, formula="out_locked=1", emphasis="muted")


def _magnitudes(figure: str, also: str, emphasis: Literal["muted", "plain"]) -> Iterator[Condition]:
    """A large figure with the number format of its magnitude, the largest first."""
    for place in reversed(range(len(look.MAGNITUDES))):
        reaches = f"AND({also}ISNUMBER({figure}),ABS(N({figure}))>=INDEX(lst_magnitudes,{place + 1}))"
        yield Condition(where=figure, formula=reaches, emphasis=emphasis, magnitude=place)


# Excel reads one number format per id, so each code of a conditional format has an id of its own.
_CONDITIONAL_CODES = {
    "ok": (190, Format.STATUS),
    "failed": (191, Format.FAILED),
    "alarm": (192, Format.CARD_ALARM),
    "small": (198, Format.CARD_SMALL),
    "muted_small": (198, Format.CARD_SMALL),
    "fix_first": (194, Format.FIX_FIRST),
    "improve": (195, Format.IMPROVE),
    "review": (196, Format.REVIEW),
    "healthy": (197, Format.HEALTHY),
}

_FIRST_MAGNITUDE_FORMAT = 200


def _rule(condition: Condition) -> Rule:
    emphasis = condition.emphasis
    style = DifferentialStyle()
    if emphasis in ("alert", "failed", "alarm", "fix_first"):
        style.font = Font(color=look.ALERT, bold=True)
        style.fill = PatternFill("solid", fgColor=look.ALERT_FILL, bgColor=look.ALERT_FILL)
    elif emphasis in ("ok", "healthy"):
        style.font = Font(color=look.OK, bold=True)
    elif emphasis == "quiet":
        style.font = Font(color=look.FAINT)
    elif emphasis == "improve":
        style.font = Font(color=look.INK, bold=True)
    elif emphasis in ("muted", "muted_small", "review"):
        style.font = Font(color=look.MUTED, bold=True)
    if emphasis in _CONDITIONAL_CODES:
        number, code = _CONDITIONAL_CODES[emphasis]
        style.numFmt = NumberFormat(numFmtId=number, formatCode=code.value)
    if condition.magnitude is not None:
        number, text = _FIRST_MAGNITUDE_FORMAT + condition.magnitude, look.MAGNITUDES[condition.magnitude].code
        style.numFmt = NumberFormat(numFmtId=number, formatCode=text)
    return Rule(type="expression", formula=[condition.formula], dxf=style, stopIfTrue=True)


def _page(sheet: Worksheet, plan: Plan) -> None:
    described = plan.sheet
    view = sheet.sheet_view
    view.showGridLines = False
    view.zoomScale = 100
    view.tabSelected = None
    sheet.freeze_panes = "A5"
    sheet.sheet_properties.tabColor = look.TAB_COLOUR[described.role]
    properties: Any = sheet.sheet_properties
    properties.pageSetUpPr.fitToPage = True
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 1 if described.one_page else 0
    sheet.print_options.horizontalCentered = True
    margins = sheet.page_margins
    margins.left = margins.right = 0.4
    margins.top, margins.bottom, margins.header, margins.footer = 0.45, 0.6, 0.2, 0.3
    sheet.print_title_rows = "1:4"
    sheet.print_area = f"A1:{column_letters(plan.last_column + 1)}{plan.last_row + 1}"
    for side, text in (("left", "&F  ·  &A"), ("right", "Page &P of &N")):
        part = getattr(sheet.oddFooter, side)
        part.text, part.size, part.font, part.color = text, 8, look.FONT, look.MUTED
    if described.protected:
        sheet.protection.enable()
        sheet.protection.formatColumns = False
        sheet.protection.formatRows = False
