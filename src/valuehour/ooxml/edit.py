"""Cells written into a sheet in place: only the addressed bytes change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from valuehour.errors import WorkbookError
from valuehour.ooxml.cells import Cell, read_cells
from valuehour.ooxml.locate import FoundCell, SheetMap, Span, locate
from valuehour.ooxml.markup import is_self_closed, is_utf8, set_attributes, splice, tag_prefix, to_attribute
from valuehour.ooxml.package import Package
from valuehour.ooxml.patch import KEEP, Patch, formula_markup, value_markup
from valuehour.ooxml.reference import Area, format_cell, parse_area, parse_cell
from valuehour.ooxml.structure import SheetRef


def patch_cells(package: Package, sheet: str | SheetRef, patches: Mapping[str, Patch]) -> None:
    """Change the addressed cells of a sheet; every other byte of the package stays.

    Missing rows and cells are created in order, and the sheet's dimension grows when one lies outside. When a
    formula comes, changes or goes, the calculation chain is dropped, which Excel rebuilds. When the master of a
    shared formula is overwritten, its other members get their own text.

    Raises
    ------
    WorkbookError
        Nothing was changed: a value that a cell cannot hold, a cached value for a cell without formula, a part of
        an array overwritten, or a sheet that cannot be patched safely.
    """
    if not patches:
        return
    found = package.sheet(sheet) if isinstance(sheet, str) else sheet
    where = f"{package.label}: {found.name}"
    data = package.parts[found.part]
    if not is_utf8(data):
        raise WorkbookError(f"{where}: {found.part} is UTF-16; only UTF-8 sheets can be written in place")
    wanted: dict[int, dict[int, Patch]] = {}
    for ref, patch in patches.items():
        row, column = parse_cell(ref)
        if column in wanted.setdefault(row, {}):
            raise WorkbookError(f"{where}!{format_cell(row, column)}: is addressed twice")
        wanted[row][column] = patch
    editor = _Editor(data, locate(data, wanted, where), wanted, where)
    editor.run()
    if editor.orphans:
        editor.spell_out(read_cells(package, found))
    package.parts[found.part] = splice(data, editor.edits)
    if editor.formulas_changed:
        chain = package.related_part("calcChain")
        if chain is not None:
            package.remove_part(chain)


class _Editor:
    """Collects the byte edits of one sheet."""

    def __init__(self, data: bytes, sheet: SheetMap, wanted: dict[int, dict[int, Patch]], where: str) -> None:
        self.edits: list[tuple[int, int, bytes]] = []
        self.formulas_changed = False
        self.orphans: set[str] = set()  # indices of shared formulas whose master goes
        self._data = data
        self._sheet = sheet
        self._wanted = wanted
        self._where = where
        self._arrays = [area for area in sheet.arrays if area.size > 1]

    def run(self) -> None:
        new_areas = [
            parse_area(patch.array_ref)
            for columns in self._wanted.values()
            for patch in columns.values()
            if isinstance(patch.array_ref, str)
        ]
        self._filled = self._arrays + new_areas
        self._new_areas = new_areas
        created: list[tuple[int, int]] = []
        new_rows: dict[int, bytes] = {}
        for row in sorted(self._wanted):
            columns = self._wanted[row]
            known = self._sheet.rows.get(row)
            added: dict[int, bytes] = {}
            for column in sorted(columns):
                ref = format_cell(row, column)
                self._check_array(row, column, columns[column], ref)
                cell = known.cells.get(column) if known is not None else None
                if cell is not None:
                    self._change(cell, columns[column], ref)
                else:
                    added[column] = self._create(columns[column], ref)
            created += [(row, column) for column in added]
            if not added:
                continue
            if known is None:
                prefix = tag_prefix(self._data, self._sheet.data.start)
                new_rows[row] = b'<%srow r="%d">%s</%srow>' % (prefix, row, b"".join(added.values()), prefix)
            else:
                self._insert(known.span, known.before, added)
        self._insert(self._sheet.data, self._sheet.before, new_rows)
        self._widen(created)

    # Arrays -------------------------------------------------------------------------------------------------

    def _check_array(self, row: int, column: int, patch: Patch, ref: str) -> None:
        if patch.formula is KEEP:
            return
        for area in self._arrays:
            if (row, column) in area and not all(self._replaced(cell) for cell in area.cells()):
                raise WorkbookError(
                    f"{self._where}!{ref}: is part of the array {area}, which can only be overwritten as a whole"
                )

    def _replaced(self, cell: tuple[int, int]) -> bool:
        """Whether nothing of the old formula is left in a cell: it is overwritten, or a new array fills it."""
        patch = self._wanted.get(cell[0], {}).get(cell[1])
        return (patch is not None and patch.formula is not KEEP) or any(cell in area for area in self._new_areas)

    # One cell -----------------------------------------------------------------------------------------------

    def _change(self, cell: FoundCell, patch: Patch, ref: str) -> None:
        data, span = self._data, cell.span
        formula = cell.children.get("f")
        prefix = tag_prefix(data, span.start)
        new_formula = self._formula(patch, formula, prefix, cell, ref)
        has_formula = patch.formula is not None and (formula is not None or patch.formula is not KEEP)
        attributes: dict[bytes, bytes | None] = {}
        if patch.cm is not KEEP:
            attributes[b"cm"] = None if patch.cm is None else b"%d" % patch.cm
        if patch.style is not KEEP:
            attributes[b"s"] = b"%d" % patch.style
        replaced: list[tuple[int, int, bytes]] = []
        tail = b""
        if new_formula is not None:
            if formula is not None:
                replaced.append((formula.start, formula.end, new_formula))
            else:
                tail = new_formula
        if patch.value is not KEEP:
            if patch.result and not has_formula and not self._is_filled(ref):
                raise WorkbookError(f"{self._where}!{ref}: has no formula, so it takes no computed value")
            kind, markup = value_markup(patch.value, prefix, patch.result, f"{self._where}!{ref}")
            attributes[b"t"] = kind
            attributes[b"vm"] = None  # what made the old value a rich one is not true of the new one
            olds = sorted(
                (cell.children[tag] for tag in ("v", "is") if tag in cell.children), key=lambda old: old.start
            )
            replaced += [(old.start, old.end, b"") for old in olds]
            if olds and tail:
                replaced[-1] = (olds[-1].start, olds[-1].end, tail + markup)
                tail = b""
            elif olds:
                replaced[-1] = (olds[-1].start, olds[-1].end, markup)
            elif formula is not None:
                replaced.append((formula.end, formula.end, markup))
            else:
                tail += markup
        tag = set_attributes(data[span.start : span.open_end], attributes)
        if tail and is_self_closed(data, span.open_end):
            name = tag[1:].split(maxsplit=1)[0].rstrip(b"/")
            tag = tag[:-2].rstrip() + b">" + tail + b"</" + name + b">"
        else:
            tag += tail
        self.edits.append((span.start, span.open_end, tag))
        self.edits += replaced

    def _formula(self, patch: Patch, old: Span | None, prefix: bytes, cell: FoundCell, ref: str) -> bytes | None:
        """Return the new <f> element: None to leave it, empty to remove it."""
        shared = cell.formula_attributes.get("t") == "shared"
        if patch.formula is None:
            if old is not None:
                self.formulas_changed = True
                self._leave_shared(cell)
            return b""
        if patch.formula is not KEEP:
            self.formulas_changed = True
            if shared:
                self._leave_shared(cell)
            array_ref = None if patch.array_ref is KEEP else patch.array_ref
            return formula_markup(prefix, patch.formula, array_ref, f"{self._where}!{ref}")
        if patch.array_ref is KEEP:
            return None
        if old is None or shared:
            reason = "is part of a shared formula" if shared else "has no formula"
            raise WorkbookError(f"{self._where}!{ref}: {reason}, so it cannot become an array; give its formula")
        self.formulas_changed = True
        area = None if patch.array_ref is None else to_attribute(patch.array_ref)
        tag = self._data[old.start : old.open_end]
        changed = set_attributes(tag, {b"t": None if area is None else b"array", b"ref": area})
        return changed + self._data[old.open_end : old.end]

    def _leave_shared(self, cell: FoundCell) -> None:
        if cell.formula_attributes.get("t") == "shared" and "ref" in cell.formula_attributes:
            self.orphans.add(cell.formula_attributes.get("si", ""))

    def _create(self, patch: Patch, ref: str) -> bytes:
        prefix = tag_prefix(self._data, self._sheet.data.start)
        has_formula = isinstance(patch.formula, str)
        styled_only = patch.value is KEEP and patch.array_ref is KEEP
        if patch.formula is KEEP and not styled_only and not self._is_filled(ref):
            raise WorkbookError(f"{self._where}!{ref}: has no formula, so it takes no computed value")
        attributes: dict[bytes, bytes | None] = {b"r": ref.encode()}
        if patch.style is not KEEP:
            attributes[b"s"] = b"%d" % patch.style
        markup = b""
        if isinstance(patch.formula, str):
            array_ref = None if patch.array_ref is KEEP else patch.array_ref
            markup = formula_markup(prefix, patch.formula, array_ref, f"{self._where}!{ref}")
            self.formulas_changed = True
        if patch.value is not KEEP:
            attributes[b"t"], value = value_markup(
                patch.value, prefix, patch.result or has_formula, f"{self._where}!{ref}"
            )
            markup += value
        if isinstance(patch.cm, int):
            attributes[b"cm"] = b"%d" % patch.cm
        tag = set_attributes(b"<%sc>" % prefix, attributes)
        return tag[:-1] + b"/>" if not markup else b"%s%s</%sc>" % (tag, markup, prefix)

    def _is_filled(self, ref: str) -> bool:
        cell = parse_cell(ref)
        return any(cell in area for area in self._filled)

    # Rows and the sheet -------------------------------------------------------------------------------------

    def _insert(self, parent: Span, before: Mapping[int, int], new: Mapping[int, bytes]) -> None:
        """Put new children (by number) where they belong inside a row or the sheet data."""
        last = b"".join(new[number] for number in sorted(new) if number not in before)
        at: dict[int, list[bytes]] = {}
        for number in sorted(new):
            if number in before:
                at.setdefault(before[number], []).append(new[number])
        self.edits += [(offset, offset, b"".join(pieces)) for offset, pieces in at.items()]
        if not last:
            return
        if is_self_closed(self._data, parent.open_end):
            tag = self._data[parent.start : parent.open_end - 2].rstrip()
            name = tag[1:].split(maxsplit=1)[0]
            self.edits.append((parent.start, parent.end, tag + b">" + last + b"</" + name + b">"))
        else:
            self.edits.append((parent.close, parent.close, last))

    def _widen(self, created: list[tuple[int, int]]) -> None:
        if not created or self._sheet.dimension is None:
            return
        span, ref = self._sheet.dimension
        try:
            old = parse_area(ref)
        except WorkbookError:
            return
        if all(cell in old for cell in created):
            return
        rows, columns = zip(*created, strict=True)
        new = Area(min(old.top, *rows), min(old.left, *columns), max(old.bottom, *rows), max(old.right, *columns))
        tag = set_attributes(self._data[span.start : span.open_end], {b"ref": str(new).encode()})
        self.edits.append((span.start, span.open_end, tag))

    # Shared formulas ----------------------------------------------------------------------------------------

    def spell_out(self, cells: Iterable[Cell]) -> None:
        """Give the members that outlive the master of a shared formula their own text."""
        members = {
            (cell.row, cell.column): cell.formula
            for cell in cells
            if cell.kind == "shared" and cell.formula is not None
        }
        targets: dict[int, list[int]] = {}
        for row, column in members:
            targets.setdefault(row, []).append(column)
        for row, found in locate(self._data, targets, self._where).rows.items():
            for column, cell in found.cells.items():
                if cell.formula_attributes.get("si", "") in self.orphans and not self._replaced((row, column)):
                    old = cell.children["f"]
                    new = formula_markup(
                        tag_prefix(self._data, old.start),
                        members[row, column],
                        None,
                        f"{self._where}!{format_cell(row, column)}",
                    )
                    self.edits.append((old.start, old.end, new))
