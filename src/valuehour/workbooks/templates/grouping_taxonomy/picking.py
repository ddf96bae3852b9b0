"""Picking a dimension: first its structure, then the dimension itself."""

from __future__ import annotations

from valuehour.workbooks.look import Look
from valuehour.workbooks.spec import Accepts, Cell, Input, row
from valuehour.workbooks.templates.entering import entry
from valuehour.workbooks.templates.grouping_taxonomy.dimensions import of_structure
from valuehour.workbooks.templates.splitting import Row


def picked(item: Input) -> Row:
    """An input across two columns, with what it is beside it."""
    return row(
        Cell(content=item.label, look=Look.LABEL),
        entry(item, across=2),
        None,
        Cell(content=item.unit, look=Look.UNIT),
    )


def structure(name: str) -> Input:
    """The structure to pick a dimension from."""
    return Input(
        name=name,
        label="Structure",
        unit="",
        accepts=Accepts(source="lst_structure_names", title="Structure", prompt="Pick the structure first."),
    )


def dimension(name: str, label: str, within: str) -> Input:
    """The dimension, one of those of the structure in the cell ``within``."""
    return Input(
        name=name,
        label=label,
        unit="",
        accepts=Accepts(
            source=of_structure(within), title="Dimension", prompt="A dimension of the structure in the row above."
        ),
    )
