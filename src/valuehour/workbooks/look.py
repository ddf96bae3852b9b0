"""How a workbook looks: palette, type, number formats and the named looks of cells.

One home for every colour and format; template descriptions name a look, never a colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

INK = "16243A"
TEXT = "1F2933"
MUTED = "5B6777"
BLUE = "2F74B5"
SLATE = "7D8999"
FAINT = "A7B1BE"
ALERT = "B23A0E"
ALERT_FILL = "FBE9DF"
OK = "0F6B5C"
INPUT_TEXT = "0B4F9E"
INPUT_FILL = "FFF8DC"
INPUT_BOX = "D9C77A"
RULE = "D9DFE7"
PANEL = "F3F5F8"
WHITE = "FFFFFF"
SUBTITLE = "C7D2E2"
CHIP = "2A3C58"

FONT = "Calibri"


class Role(StrEnum):
    """What a sheet is for; it colours the tab and the strip under the band."""

    GUIDE = "guide"
    INPUT = "input"
    CALCULATION = "calculation"
    RESULT = "result"
    CHECK = "check"


ROLE_COLOUR = {
    Role.GUIDE: SUBTITLE,
    Role.INPUT: "E0B93C",
    Role.CALCULATION: SLATE,
    Role.RESULT: BLUE,
    Role.CHECK: OK,
}
TAB_COLOUR = {**ROLE_COLOUR, Role.GUIDE: INK}


class Format(StrEnum):
    """Number formats; ``_m`` pads on the right because LibreOffice loses the right indent of numbers."""

    GENERAL = "General"
    WORD = "@_m"
    COUNT = '#,##0_m;-#,##0_m;"–"_m'
    WHOLE = "#,##0_m;-#,##0_m;0_m"
    MONEY = '#,##0_m;-#,##0_m;"–"_m '
    RATE = '#,##0.00_m;-#,##0.00_m;"–"_m'
    ROUNDED = '[=0]"–"_m;[<100]#,##0.00_m;#,##0_m'
    EXACT = "#,##0.00_m;-#,##0.00_m;0.00_m"
    UNITS = '#,##0.0000_m;-#,##0.0000_m;"–"_m'
    PERCENT = '0.0%_m;-0.0%_m;"–"_m'
    CHANGE = '+0.0%_m;-0.0%_m;"–"_m'
    PERCENT_TWO = '0.00%_m;-0.00%_m;"–"_m'
    PERCENT_FINE = '0.0000%_m;-0.0000%_m;"–"_m'
    FACTOR = '0.00"×"_m;-0.00"×"_m;"–"_m'
    FACTOR_FINE = '0.0000"×"_m;-0.0000"×"_m;"–"_m'
    YEARS = "0.##_m;-0.##_m;0_m"
    DATE = "d mmm yyyy"
    MONTH = 'mmm yyyy_m;;"–"_m'
    GAIN = "+#,##0;-#,##0;0"
    SHARE = "0%;-0%;"
    CARD_MONEY = '#,##0;-#,##0;"–"'
    CARD_PERCENT = '0.00%;-0.00%;"–"'
    CARD_SHARE = "0%;-0%;0%"
    CARD_FACTOR = '0.00"×";-0.00"×";"–"'
    CARD_COUNT = "#,##0;-#,##0;0"
    CARD_SMALL = "#,##0.00##;-#,##0.00##"
    CARD_CENTS = "#,##0.00;-#,##0.00;0.00"
    CARD_ALARM = '"▲ "#,##0.##;"▲ "-#,##0.##;"▲ "0'
    FAILED = 'General;General;General;"✗  "@'
    STATUS = 'General;General;General;"✓  "@'
    FIX_FIRST = 'General;General;General;"▲  "@'
    IMPROVE = 'General;General;General;"◆  "@'
    REVIEW = 'General;General;General;"○  "@'
    HEALTHY = 'General;General;General;"●  "@'


@dataclass(frozen=True, slots=True)
class Magnitude:
    """How an amount from ``start`` on is said in three significant figures: ``2.85 billion``, short ``2.85bn``."""

    start: float
    divisor: float
    decimals: int
    word: str
    short: str

    @property
    def code(self) -> str:
        """The number format of a card.

        >>> MAGNITUDES[1].code, MAGNITUDES[3].code
        ('#,##0.0,,"m";-#,##0.0,,"m"', '#,##0.00,,,"bn";-#,##0.00,,,"bn"')
        """
        figure = "#,##0" + ("." + "0" * self.decimals if self.decimals else "")
        figure += "," * (len(f"{self.divisor:.0f}") // 3) + f'"{self.short}"'
        return f"{figure};-{figure}"


MAGNITUDES = tuple(
    # Half a unit of the third figure below a power of ten rounds up to it.
    Magnitude(divisor * 10**digits * 0.9995, divisor, 2 - digits, word, short)
    for divisor, word, short in ((1e6, "million", "m"), (1e9, "billion", "bn"), (1e12, "trillion", "tn"))
    for digits in range(3)
)
"""From nearly a million on; smaller amounts are said in full."""


class Look(StrEnum):
    """What a cell is; the painter knows how each is drawn."""

    PLAIN = "plain"
    BAND = "band"
    TITLE = "title"
    SUBTITLE = "subtitle"
    CHIP = "chip"
    CONTEXT = "context"
    STRIP = "strip"
    MESSAGE = "message"
    SECTION = "section"
    CARD_LABEL = "card_label"
    CARD_FIGURE = "card_figure"
    CARD_UNIT = "card_unit"
    HEAD = "head"
    HEAD_FIGURE = "head_figure"
    HEAD_NARROW = "head_narrow"
    UNIT_ABOVE = "unit_above"
    LABEL = "label"
    LABEL_STRONG = "label_strong"
    LABEL_TOTAL = "label_total"
    INPUT = "input"
    INPUT_TEXT = "input_text"
    INPUT_FIGURE = "input_figure"
    CALCULATION = "calculation"
    RESULT = "result"
    TOTAL = "total"
    UNIT = "unit"
    NOTE = "note"
    NOTE_PLAIN = "note_plain"
    WRAPPED = "wrapped"
    LINK = "link"
    STATUS = "status"
    KEY_RESULT = "key_result"
    KEY_HELD = "key_held"
    KEY_ALERT = "key_alert"
    DATA = "data"
    DATA_HEAD = "data_head"


@dataclass(frozen=True, slots=True)
class Paint:
    """How one look is drawn: font, fill, borders (side -> (style, colour)), alignment."""

    size: int = 10
    bold: bool = False
    colour: str = TEXT
    underline: bool = False
    fill: str | None = None
    left: tuple[str, str] | None = None
    right: tuple[str, str] | None = None
    top: tuple[str, str] | None = None
    bottom: tuple[str, str] | None = None
    horizontal: str | None = "left"
    vertical: str = "center"
    indent: int = 1
    wrap: bool = False
    shrink: bool = False


_RULE = ("thin", RULE)
_BOX = ("thin", INPUT_BOX)
_INK_THIN = ("thin", INK)
_INK_MEDIUM = ("medium", INK)

PAINT: dict[Look, Paint] = {
    Look.PLAIN: Paint(),
    Look.BAND: Paint(fill=INK, colour=WHITE),
    Look.TITLE: Paint(size=20, bold=True, colour=WHITE, fill=INK),
    Look.SUBTITLE: Paint(size=11, colour=SUBTITLE, fill=INK),
    Look.CHIP: Paint(size=11, bold=True, colour=WHITE, fill=CHIP, horizontal="center", indent=0),
    Look.CONTEXT: Paint(size=9, colour=SUBTITLE, fill=INK, horizontal="center", indent=0, shrink=True),
    Look.STRIP: Paint(),
    Look.MESSAGE: Paint(size=14, bold=True, colour=INK),
    Look.SECTION: Paint(size=12, bold=True, colour=INK),
    Look.CARD_LABEL: Paint(size=9, colour=MUTED, fill=PANEL),
    Look.CARD_FIGURE: Paint(size=22, bold=True, colour=INK, fill=PANEL, shrink=True),
    Look.CARD_UNIT: Paint(size=9, colour=MUTED, fill=PANEL, shrink=True),
    Look.HEAD: Paint(bold=True, colour=INK, bottom=_INK_MEDIUM, vertical="bottom", wrap=True),
    Look.HEAD_FIGURE: Paint(
        bold=True, colour=INK, bottom=_INK_MEDIUM, horizontal="right", vertical="bottom", wrap=True
    ),
    Look.HEAD_NARROW: Paint(
        size=9, bold=True, colour=INK, bottom=_INK_MEDIUM, horizontal="right", vertical="bottom", indent=0, wrap=True
    ),
    Look.UNIT_ABOVE: Paint(size=9, colour=MUTED, horizontal="right", vertical="bottom"),
    Look.LABEL: Paint(bottom=_RULE),
    Look.LABEL_STRONG: Paint(bold=True, bottom=_RULE),
    Look.LABEL_TOTAL: Paint(bold=True, colour=INK, fill=PANEL, top=_INK_THIN, bottom=_INK_THIN),
    Look.INPUT: Paint(colour=INPUT_TEXT, fill=INPUT_FILL, left=_BOX, right=_BOX, top=_BOX, bottom=_BOX, shrink=True),
    Look.INPUT_TEXT: Paint(
        colour=INPUT_TEXT, fill=INPUT_FILL, left=_BOX, right=_BOX, top=_BOX, bottom=_BOX, size=9, wrap=True
    ),
    Look.INPUT_FIGURE: Paint(
        colour=INPUT_TEXT,
        fill=INPUT_FILL,
        left=_BOX,
        right=_BOX,
        top=_BOX,
        bottom=_BOX,
        horizontal="right",
        indent=0,
        shrink=True,
    ),
    Look.CALCULATION: Paint(bottom=_RULE, horizontal="right", indent=0, shrink=True),
    Look.RESULT: Paint(bold=True, colour=INK, bottom=_RULE, horizontal="right", indent=0, shrink=True),
    Look.TOTAL: Paint(
        bold=True,
        colour=INK,
        fill=PANEL,
        top=_INK_THIN,
        bottom=_INK_THIN,
        horizontal="right",
        indent=0,
        shrink=True,
    ),
    Look.UNIT: Paint(size=9, colour=MUTED, bottom=_RULE),
    Look.NOTE: Paint(size=9, colour=MUTED, bottom=_RULE),
    Look.NOTE_PLAIN: Paint(size=9, colour=MUTED),
    Look.WRAPPED: Paint(size=9, colour=MUTED, bottom=_RULE, wrap=True),
    Look.LINK: Paint(colour=BLUE, underline=True, bottom=_RULE),
    Look.STATUS: Paint(bold=True, colour=OK, bottom=_RULE),
    Look.KEY_RESULT: Paint(bold=True, colour=INK, fill=PANEL, left=("thick", INK), bottom=_RULE),
    Look.KEY_HELD: Paint(bold=True, colour=MUTED, fill=PANEL, left=("thick", FAINT), bottom=_RULE),
    Look.KEY_ALERT: Paint(bold=True, colour=ALERT, fill=ALERT_FILL, left=("thick", ALERT), bottom=_RULE),
    Look.DATA: Paint(size=9, colour=MUTED, horizontal=None, indent=0),
    Look.DATA_HEAD: Paint(size=9, bold=True, colour=MUTED, bottom=_RULE, horizontal=None, indent=0),
}
