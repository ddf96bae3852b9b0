"""The templates, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from valuehour.catalog import load_catalog
from valuehour.errors import UsageError
from valuehour.models import Catalog
from valuehour.workbooks.spec import Template
from valuehour.workbooks.templates import grouping_taxonomy, value_model, workflow_outcomes

TEMPLATES: Mapping[str, Callable[[Catalog, Mapping[str, int]], Template]] = {
    value_model.NAME: value_model.template,
    grouping_taxonomy.NAME: grouping_taxonomy.template,
    workflow_outcomes.NAME: workflow_outcomes.template,
}


def template(name: str, catalog: Catalog | None = None, rows: Mapping[str, int] | None = None) -> Template:
    """The template of that name, described for a catalog (the package's own when none is given).

    ``rows`` gives tables, by name, more rows than they come with.
    """
    if name not in TEMPLATES:
        raise UsageError(f"there is no template {name!r}; there are: {', '.join(TEMPLATES)}")
    return TEMPLATES[name](catalog or load_catalog(), rows or {})
