"""Where each cell of one workbook stands in the other: sheets, bands of columns, rows, and the rows of tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from valuehour.ooxml import Area, Cell, Table
from valuehour.workbooks.diff.align import align
from valuehour.workbooks.diff.placed import Place, Side, body

Contents = tuple[tuple[int, Hashable], ...]
"""What was typed in a row, by column; a formula counts as one whatever it says."""
Line = dict[int, Cell]
"""The cells of one row by column, or of one column by row."""


@dataclass(slots=True)
class Strip:
    """Columns that stand together, set apart by empty ones, with the rows that belong to each other."""

    first: int
    last: int
    columns: dict[int, int]
    rows: dict[int, int] = field(default_factory=dict)
    bottom: int = 0
    gone: set[int] = field(default_factory=set)
    come: list[int] = field(default_factory=list)

    def away(self, column: int) -> tuple[int, int]:
        """How far a column is from the strip; of two equally far, the left one is nearer."""
        return max(self.first - column, column - self.last, 0), self.first


@dataclass(slots=True)
class TablePair:
    """A table that both workbooks have: bodies, columns by name, and rows that belong to each other."""

    old: tuple[Table, Area]
    new: tuple[Table, Area]
    columns: dict[int, int] = field(default_factory=dict)
    rows: dict[int, int] = field(default_factory=dict)
    gone: list[int] = field(default_factory=list)
    come: list[int] = field(default_factory=list)
    reordered: bool = False


@dataclass(slots=True)
class SheetPair:
    """A sheet that both workbooks have, with what belongs to each other on it."""

    old: str
    new: str
    tables: list[TablePair]
    strips: list[Strip]
    columns_gone: list[int]
    columns_come: list[int]

    def moved(self, row: int, column: int, *, forward: bool = True) -> Place | None:
        """Where a cell of the earlier sheet stands in the later one; None when it is gone.

        A cell that is gone gives way to the next one that stayed, as in a range whose first row was deleted, when
        ``forward``, else to the one before it.
        """
        for table in self.tables:
            if (row, column) in body(*table.old) and column in table.columns:
                target = _nearest(table.rows, row, body(*table.old), forward)
                return None if target is None else (target, table.columns[column])
        strip = min(self.strips, key=lambda known: known.away(column), default=None)
        if strip is None:
            return row, column
        across = strip.columns.get(column)
        if across is None:
            near = min(strip.columns, key=lambda known: abs(known - column))
            across = strip.columns[near] + column - near
            if column in self.columns_gone:
                return None
        if row in strip.rows:
            return strip.rows[row], across
        last = strip.bottom
        if row > last:
            return row + (strip.rows[last] - last if last else 0), across
        step = 1 if forward else -1
        near_row = next((r for r in range(row, (last if forward else 0) + step, step) if r in strip.rows), None)
        return None if near_row is None else (strip.rows[near_row], across)


def _nearest(rows: Mapping[int, int], row: int, area: Area, forward: bool) -> int | None:
    step, end = (1, area.bottom + 1) if forward else (-1, area.top - 1)
    return next((rows[r] for r in range(row, end, step) if r in rows), None)


def pair_sheets(old: Side, new: Side) -> dict[str, str]:
    """Earlier to later sheet names: the same name, else the same sheet under another name."""
    pairs = {name: name for name in old.sheets if name in new.sheets}
    left = {new.ids[name]: name for name in new.sheets if name not in pairs}
    for name in old.sheets:
        # Copies of one template number their sheets alike: another name with the same number is a renamed sheet only
        # when it still holds mostly the same words.
        other = left.get(old.ids[name])
        if name not in pairs and other is not None and _alike(old.sheets[name], new.sheets[other]):
            pairs[name] = other
    return pairs


def _alike(one: Mapping[Place, Cell], other: Mapping[Place, Cell]) -> bool:
    words = [{c.value for c in cells.values() if isinstance(c.value, str)} for cells in (one, other)]
    shared, most = len(words[0] & words[1]), max(len(words[0]), len(words[1]))
    return 2 * shared > most


def pair_sheet(old: Side, new: Side, old_name: str, new_name: str) -> SheetPair:
    """Find out what belongs to each other on a sheet."""
    tables = []
    for table, area in old.tables_on(old_name):
        other = new.tables.get(table.name.lower())
        if other is not None and other[0].sheet == new_name:
            tables.append(_pair_table(old, new, (table, area), other))
    mine = _outside(old, old_name, [table.old for table in tables])
    yours = _outside(new, new_name, [table.new for table in tables])
    columns, gone, come = _pair_columns(mine, yours, old, new, old_name, new_name, tables)
    strips = _strips(columns)
    for strip in strips:
        _pair_rows(strip, mine, yours)
    return SheetPair(old_name, new_name, tables, strips, gone, come)


def _outside(side: Side, sheet: str, tables: list[tuple[Table, Area]]) -> dict[Place, Cell]:
    inside: set[Place] = set()
    for table, area in tables:
        inside.update(body(table, area).cells())
    return {place: cell for place, cell in side.sheets[sheet].items() if place not in inside}


def _typed(cell: Cell) -> Hashable:
    return "=" if cell.formula is not None else cell.value


def _label(cells: Iterable[Cell]) -> str | None:
    """The first text that was typed."""
    return next((c.value for c in cells if c.formula is None and isinstance(c.value, str)), None)


def _unlike(old: Sequence[Contents], new: Sequence[Contents]) -> Callable[[int, int], bool]:
    """Whether two rows have nothing in common that was typed, although more than one thing was in each."""

    def judge(i: int, j: int) -> bool:
        mine, yours = ({entry for entry in line if entry[1] != "="} for line in (old[i], new[j]))
        return len(mine) > 1 and len(yours) > 1 and not mine & yours

    return judge


def _lines(cells: Mapping[Place, Cell], axis: int) -> dict[int, list[Cell]]:
    lines: dict[int, list[Cell]] = {}
    for place in sorted(cells, key=lambda place: (place[axis], place[1 - axis])):
        lines.setdefault(place[axis], []).append(cells[place])
    return lines


def _pair_columns(
    mine: Mapping[Place, Cell],
    yours: Mapping[Place, Cell],
    old: Side,
    new: Side,
    old_name: str,
    new_name: str,
    tables: list[TablePair],
) -> tuple[dict[int, int], list[int], list[int]]:
    lines = _lines(mine, 1), _lines(yours, 1)
    widths = [max((c for _, c in side.sheets[name]), default=0) for side, name in ((old, old_name), (new, new_name))]
    texts = [
        [tuple(cell.value for cell in found.get(c, ()) if isinstance(_typed(cell), str)) for c in range(1, width + 1)]
        for found, width in zip(lines, widths, strict=True)
    ]
    keys = [[column[0] if column and column[0] != "=" else None for column in side] for side in texts]
    pairs = {i + 1: j + 1 for i, j in align(texts[0], texts[1], keys[0], keys[1])}
    for table in tables:  # the columns of a table have names, which tell more
        for ours, theirs in table.columns.items():
            if ours not in pairs or (pairs[ours] != theirs and _fits(pairs, ours, theirs)):
                pairs[ours] = theirs
    used = [{c for _, c in side.sheets[name]} for side, name in ((old, old_name), (new, new_name))]
    gone = sorted(used[0] - pairs.keys())
    come = sorted(used[1] - set(pairs.values()))
    return {c: pairs[c] for c in sorted(pairs) if c in used[0] or pairs[c] in used[1]}, gone, come


def _fits(pairs: Mapping[int, int], ours: int, theirs: int) -> bool:
    return theirs not in pairs.values() and all((o < ours) == (t < theirs) for o, t in pairs.items() if o != ours)


def _strips(columns: Mapping[int, int]) -> list[Strip]:
    strips: list[Strip] = []
    for ours in sorted(columns):
        if strips and ours - 1 in strips[-1].columns:
            strips[-1].columns[ours] = columns[ours]
            strips[-1].last = ours
        else:
            strips.append(Strip(ours, ours, {ours: columns[ours]}))
    return strips


def _pair_rows(strip: Strip, mine: Mapping[Place, Cell], yours: Mapping[Place, Cell]) -> None:
    back = {theirs: ours for ours, theirs in strip.columns.items()}
    lines = (
        _lines({p: c for p, c in mine.items() if p[1] in strip.columns}, 0),
        _lines({p: c for p, c in yours.items() if p[1] in back}, 0),
    )
    heights = [max(found, default=0) for found in lines]
    seen = [
        [tuple((shift.get(c.column, c.column), _typed(c)) for c in found.get(r, ())) for r in range(1, height + 1)]
        for found, height, shift in zip(lines, heights, ({}, back), strict=True)
    ]
    labels = [
        [_label(found.get(r, ())) for r in range(1, height + 1)] for found, height in zip(lines, heights, strict=True)
    ]
    pairs = {i + 1: j + 1 for i, j in align(seen[0], seen[1], labels[0], labels[1], _unlike(seen[0], seen[1]))}
    strip.rows, strip.bottom = pairs, max(pairs, default=0)
    strip.gone = {row for row in lines[0] if row not in pairs}
    stayed = set(pairs.values())
    strip.come = [row for row in lines[1] if row not in stayed]


def _pair_table(old: Side, new: Side, mine: tuple[Table, Area], yours: tuple[Table, Area]) -> TablePair:
    pair = TablePair(mine, yours)
    heads = {column.name.lower(): yours[1].left + at for at, column in enumerate(yours[0].columns)}
    for at, column in enumerate(mine[0].columns):
        if column.name.lower() in heads:
            pair.columns[mine[1].left + at] = heads[column.name.lower()]
    back = {theirs: ours for ours, theirs in pair.columns.items()}
    lines = (_table_lines(old, *mine, {c: c for c in pair.columns}), _table_lines(new, *yours, back))
    key = _key_column(pair, lines)
    filled = [[row for row, line in side.items() if line] for side in lines]
    if key is not None:
        place = {lines[1][row][key].value: row for row in filled[1]}
        found = [(row, place[lines[0][row][key].value]) for row in filled[0] if lines[0][row][key].value in place]
        pair.reordered = any(a[1] > b[1] for a, b in pairwise(found))
        pair.rows = dict(found)
        _pair_renamed(pair, lines, filled, key)
    else:
        seen = [
            [tuple((c, _typed(x)) for c, x in side[r].items()) for r in some]
            for side, some in zip(lines, filled, strict=True)
        ]
        labels = [[_label(side[r].values()) for r in some] for side, some in zip(lines, filled, strict=True)]
        pair.rows = {
            filled[0][i]: filled[1][j]
            for i, j in align(seen[0], seen[1], labels[0], labels[1], _unlike(seen[0], seen[1]))
        }
    pair.gone = [row for row in filled[0] if row not in pair.rows]
    stayed = set(pair.rows.values())
    pair.come = [row for row in filled[1] if row not in stayed]
    # Rows that nobody filled follow in order.
    empty = [[row for row, line in side.items() if not line] for side in lines]
    pair.rows |= dict(zip(empty[0], empty[1], strict=False))
    return pair


def _table_lines(side: Side, table: Table, area: Area, names: Mapping[int, int]) -> dict[int, Line]:
    """The typed cells of each data row, by the column of the earlier table; a row of formulas only is an empty one."""
    inside = body(table, area)
    cells = side.sheets[table.sheet]
    return {
        row: {
            names[column]: cells[row, column]
            for column in range(inside.left, inside.right + 1)
            if column in names and (row, column) in cells and cells[row, column].formula is None
        }
        for row in range(inside.top, inside.bottom + 1)
    }


def _key_column(pair: TablePair, lines: tuple[dict[int, Line], dict[int, Line]]) -> int | None:
    """The first column that tells the rows apart in both tables, as texts or numbers that were typed."""
    for column in pair.columns:
        values = [[line[column].value if column in line else None for line in side.values() if line] for side in lines]
        if all(None not in side and max(Counter(side).values(), default=1) == 1 for side in values):
            shared = len(set(values[0]) & set(values[1]))
            # Numbers such as amounts may differ from each other by chance: a key is mostly the same on both sides.
            if all(isinstance(v, str) for v in values[0] + values[1]) or 2 * shared >= min(map(len, values)):
                return column
    return None


def _pair_renamed(
    pair: TablePair, lines: tuple[dict[int, Line], dict[int, Line]], filled: list[list[int]], key: int
) -> None:
    """Rows whose key is new, but that are the same otherwise as one other row."""
    taken = set(pair.rows.values())
    left = [row for row in filled[1] if row not in taken]
    rest = {row: tuple((c, _typed(x)) for c, x in lines[1][row].items() if c != key) for row in left}
    for row in filled[0]:
        if row in pair.rows:
            continue
        mine = tuple((c, _typed(x)) for c, x in lines[0][row].items() if c != key)
        same = [other for other in left if rest[other] == mine and mine]
        if len(same) == 1:
            pair.rows[row] = same[0]
            left.remove(same[0])
