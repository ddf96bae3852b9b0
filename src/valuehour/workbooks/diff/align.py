"""Which row of one sheet or table is which of another, when rows were inserted, removed or changed."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Hashable, Sequence

Pairs = list[tuple[int, int]]


def align(
    old: Sequence[Hashable],
    new: Sequence[Hashable],
    old_keys: Sequence[Hashable],
    new_keys: Sequence[Hashable],
    unlike: Callable[[int, int], bool] = lambda _old, _new: False,
) -> Pairs:
    """Pair the items of two sequences, in order; an item without a partner was removed or added.

    Equal items that occur once on both sides are paired first and everything between them is settled on its own:
    by equal ends, by keys (what a row is called, None for nothing), and what is left from the top down, unless two
    items are ``unlike``: then one went and another came.

    >>> align(["a", "b", "c"], ["a", "x", "b", "c"], "abc", "axbc")
    [(0, 0), (1, 2), (2, 3)]
    >>> align([3, 1], [4, 7, 1], ["Horizon", "Hours"], ["Horizon", "People", "Hours"])
    [(0, 0), (1, 2)]
    """
    pairs: Pairs = []
    for a, b, c, d in _gaps(old, new, (0, len(old), 0, len(new)), pairs):
        for gap in _gaps(old_keys, new_keys, (a, b, c, d), pairs):
            left = zip(range(gap[0], gap[1]), range(gap[2], gap[3]), strict=False)
            pairs += [(i, j) for i, j in left if not unlike(i, j)]
    return sorted(pairs)


Gap = tuple[int, int, int, int]


def _gaps(old: Sequence[Hashable], new: Sequence[Hashable], whole: Gap, pairs: Pairs) -> list[Gap]:
    """Pair what is certain within a stretch of both sequences; return the stretches that are left."""
    left: list[Gap] = []
    a, c = whole[0], whole[2]
    for i, j in [*_anchors(old, new, whole), (whole[1], whole[3])]:
        b, d = i, j
        while a < b and c < d and old[a] == new[c] and old[a] is not None:
            pairs.append((a, c))
            a, c = a + 1, c + 1
        while a < b and c < d and old[b - 1] == new[d - 1] and old[b - 1] is not None:
            b, d = b - 1, d - 1
            pairs.append((b, d))
        if a < b or c < d:
            left.append((a, b, c, d))
        if i < whole[1] and j < whole[3]:
            pairs.append((i, j))
        a, c = i + 1, j + 1
    return left


def _anchors(old: Sequence[Hashable], new: Sequence[Hashable], gap: Gap) -> Pairs:
    """Pairs of items that occur once on both sides, as many as keep their order."""
    a, b, c, d = gap
    often_old, often_new = Counter(old[a:b]), Counter(new[c:d])
    place = {item: j for j, item in enumerate(new[c:d], c) if often_new[item] == 1}
    found = [(i, place[old[i]]) for i in range(a, b) if often_old[old[i]] == 1 and old[i] in place]
    return _longest([pair for pair in found if old[pair[0]] is not None])


def _longest(pairs: Pairs) -> Pairs:
    """The longest part of pairs (ordered by their first) whose seconds increase."""
    ends: list[int] = []
    last: list[int] = []  # index of the pair that ends the best run of each length
    before: list[int] = []
    for index, (_, j) in enumerate(pairs):
        at = bisect_left(ends, j)
        before.append(last[at - 1] if at else -1)
        if at == len(ends):
            ends.append(j)
            last.append(index)
        else:
            ends[at], last[at] = j, index
    run: Pairs = []
    index = last[-1] if last else -1
    while index >= 0:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]
