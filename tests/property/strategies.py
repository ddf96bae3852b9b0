"""Strategies for the functions, in one place."""

from __future__ import annotations

from hypothesis import strategies as st

from valuehour.errors import CellError

amounts = st.one_of(
    st.integers(-(10**9), 10**9).map(lambda cents: cents / 100),
    st.floats(-1e8, 1e8).map(lambda amount: amount if abs(amount) > 1e-300 else 0.0),
)
weights = st.one_of(
    st.integers(0, 1000).map(float),
    st.floats(0, 1e6, allow_subnormal=False),
    st.sampled_from([0.1, 0.2, 0.7, 1 / 3, 1e-9, 1e9]),
)
weight_lists = st.lists(weights, min_size=1, max_size=40).filter(lambda cells: sum(cells) > 0)
share_lists = st.lists(st.floats(0, 1), min_size=1, max_size=20).map(
    lambda cells: [cell / max(1.0, sum(cells)) for cell in cells]
)
decimals = st.integers(-3, 4)
rates = st.floats(-0.9, 2)
spans = st.floats(0.01, 40)
errors = st.sampled_from(list(CellError))
odd_cells = st.one_of(st.none(), st.booleans(), st.sampled_from(["", "text", "5"]), errors)
numbers = st.one_of(st.integers(-5, 5000), st.floats(-1e6, 1e6), st.sampled_from([0.0, -1.0, 1.0, 1e300, 1e-300]))
any_cells = st.one_of(numbers, numbers, odd_cells)


def ranges(cells: st.SearchStrategy[object], most: int = 4) -> st.SearchStrategy[list[list[object]]]:
    """Rectangles of cells."""
    return st.integers(1, most).flatmap(
        lambda width: st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1, max_size=most)
    )


scalars_or_ranges = st.one_of(any_cells, ranges(any_cells))
