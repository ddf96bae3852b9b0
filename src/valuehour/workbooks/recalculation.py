"""The cached values of a workbook that people have touched, brought up to date in place.

The engine calculates the native twin; only values that differ are written. What a planner typed beyond the engine
(references to other workbooks, LAMBDAs of their own, functions it does not know) keeps the value it had, and Excel is
told to calculate on opening.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from valuehour import engine
from valuehour.errors import CellError, FormulaError
from valuehour.ooxml import (
    Cell,
    CellValue,
    Package,
    Patch,
    SheetRef,
    cached,
    entered,
    format_cell,
    parse_area,
    patch_cells,
    read_cells,
)
from valuehour.ooxml.bulk import append_rows
from valuehour.ooxml.container import CONTENT_TYPES, DEFAULT_LIMITS, unpack
from valuehour.ooxml.markup import append_child, elements, set_attributes, splice, tag_prefix
from valuehour.workbooks.lean import grown_sheets, lean_results
from valuehour.workbooks.read import marks
from valuehour.workbooks.templates import TEMPLATES, template
from valuehour.workbooks.verify import ease, native_twin

# From this size on a sheet is taken as the engine returns it, which also writes values that stayed the same anew.
LARGE = 4_000_000

_BEYOND = re.compile(r"\[\d+\]|_xlfn\.LAMBDA\(|_xlpm\.", re.IGNORECASE)
_BEYOND_BYTES = re.compile(rb"\[\d+\]|_xlfn\.LAMBDA\(", re.IGNORECASE)

_MACRO_TYPE = re.compile(rb"application/vnd\.ms-excel\.\w+\.macroEnabled\.main\+xml", re.IGNORECASE)
_PLAIN_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
# What stands behind calcPr in a workbook part.
_AFTER_CALCULATION = frozenset(
    [
        "oleSize",
        "customWorkbookViews",
        "pivotCaches",
        "smartTagPr",
        "smartTagTypes",
        "webPublishing",
        "fileRecoveryPr",
        "webPublishObjects",
        "extLst",
    ]
)


def recalculate(package: Package) -> list[str]:
    """Bring every cached value up to date; return, as ``Sheet!Cell``, formulas that keep the value they had.

    Raises
    ------
    FormulaError
        The engine refuses a formula of the template.
    """
    found = marks(package)
    ours = found is not None and found["style"] != "native"
    if not ours and _take_lean_results(package):
        return []
    kept: dict[str, set[str]] = {}
    twin = native_twin(package) if ours else package.copy()
    likely = [sheet for sheet in twin.worksheets() if _BEYOND_BYTES.search(twin.parts[sheet.part])]
    _freeze(twin, kept, likely, lambda formula: _BEYOND.search(formula) is not None)
    try:
        calculated = _calculated(twin)
    except FormulaError:
        calculated = _calculated_with_ease(package, twin, kept)
    for sheet in package.worksheets():
        data, new = package.parts[sheet.part], calculated.parts[sheet.part]
        if data == new:
            continue
        if len(data) > LARGE and not ours and sheet.name not in kept and b"#NAME?" not in new:
            package.parts[sheet.part] = new
        else:
            _take_values(package, calculated, sheet, kept)
    places = [f"{sheet}!{ref}" for sheet, refs in kept.items() for ref in sorted(refs)]
    if places:
        _calculate_on_opening(package)
    return places


def _take_lean_results(package: Package) -> bool:
    """Where there are very many new rows: whether what formulas give could be had without writing them out first."""
    grown = grown_sheets(package)
    if not grown:
        return False
    hollow = package.copy()
    for sheet, part in grown.items():
        hollow.parts[sheet.part] = part.hollow()
    results = lean_results(hollow, grown)
    if results is None:
        return False
    for sheet, found in results.items():
        patch_cells(hollow, sheet, {cell.ref: cached(new) for cell, new in found if not _is(cell, new)})
    for sheet, part in grown.items():
        append_rows(hollow, sheet.name, part.after, part.rows)
    package.parts = hollow.parts
    return True


def _is(cell: Cell, value: CellValue) -> bool:
    return cell.has_value and type(value) is type(cell.value) and value == cell.value


def _calculated_with_ease(package: Package, twin: Package, kept: dict[str, set[str]]) -> Package:
    """What the engine makes of a workbook that it refused at first."""
    ease(twin)
    try:
        return _calculated(twin)
    except FormulaError:
        planners = _sheets_of_planners(package)
        if not planners:
            raise
        _freeze(twin, kept, planners, lambda _formula: True)
        return _calculated(twin)


def _calculated(twin: Package) -> Package:
    if twin.has_macros:
        # The engine takes no workbook that may run macros, and needs none of them.
        types = twin.parts[CONTENT_TYPES]
        twin.parts[CONTENT_TYPES] = _MACRO_TYPE.sub(_PLAIN_TYPE, types)
    data = engine.recalculate(twin.to_bytes(compressed=False))
    return Package(unpack(data, twin.label, DEFAULT_LIMITS), twin.label)


def _sheets_of_planners(package: Package) -> list[SheetRef]:
    """The sheets that no template of ours describes."""
    found = marks(package)
    described: set[str] = set()
    if found is not None and found["template"] in TEMPLATES:
        described = {sheet.name for sheet in template(found["template"]).sheets}
    return [sheet for sheet in package.worksheets() if sheet.name not in described]


def _freeze(twin: Package, kept: dict[str, set[str]], sheets: Iterable[SheetRef], unfit: Callable[[str], bool]) -> None:
    """Let the value of a formula stand in its place."""
    for sheet in sheets:
        cells = list(read_cells(twin, sheet))
        frozen = [cell for cell in cells if cell.formula is not None and unfit(cell.formula)]
        if not frozen:
            continue
        kept.setdefault(sheet.name, set()).update(cell.ref for cell in frozen)
        # An array can only be replaced as a whole.
        arrays = [parse_area(cell.array_ref) for cell in frozen if cell.array_ref is not None]
        refs = {cell.ref for cell in frozen} | {format_cell(*place) for area in arrays for place in area.cells()}
        values = {cell.ref: cell.value for cell in cells}
        patch_cells(twin, sheet, {ref: entered(values.get(ref)) for ref in refs})


def _take_values(package: Package, calculated: Package, sheet: SheetRef, kept: dict[str, set[str]]) -> None:
    """Write the values that differ beside the formulas."""
    stay = kept.get(sheet.name, set())
    news = {cell.ref: cell.value for cell in read_cells(calculated, sheet)}
    patches: dict[str, Patch] = {}
    for cell in read_cells(package, sheet):
        if cell.formula is None:
            continue
        new = news.get(cell.ref)
        if cell.ref in stay or (type(new) is type(cell.value) and new == cell.value):
            continue
        if new is CellError.NAME and cell.has_value and not isinstance(cell.value, CellError):
            kept.setdefault(sheet.name, set()).add(cell.ref)
            continue
        patches[cell.ref] = cached(new)
    if patches:
        patch_cells(package, sheet, patches)


def _calculate_on_opening(package: Package) -> None:
    part = package.workbook_part
    data = package.parts[part]
    found = elements(data)
    known = next((item for item in found if item.path == ("workbook", "calcPr")), None)
    if known is not None:
        tag = set_attributes(data[known.start : known.open_end], {b"fullCalcOnLoad": b"1"})
        package.parts[part] = splice(data, [(known.start, known.open_end, tag)])
        return
    root = found[-1]
    following = next((item for item in found if len(item.path) == 2 and item.name in _AFTER_CALCULATION), None)
    markup = b'<{p}calcPr fullCalcOnLoad="1"/>'
    if following is None:
        package.parts[part] = append_child(data, root, markup)
    else:
        new = markup.replace(b"{p}", tag_prefix(data, root.start))
        package.parts[part] = splice(data, [(following.start, following.start, new)])
