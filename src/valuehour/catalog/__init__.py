"""The catalog: taxonomy, workflows and thresholds as data files, extended or overridden by a user's own.

A catalog file is TOML in UTF-8, at most 5 MB. Its tables are ``structures``, ``dimensions``, ``workflows`` and
``policy``; the key of an entry is its id::

    [dimensions.fleet]                      # a new dimension
    name = "Fleet"
    structure = "operations_structure"      # an id, name or alias of a structure
    definition = "The vehicles that are run together"
    members = ["Vans", { name = "Trucks", aliases = ["Lorries"] }]

    [dimensions.region]                     # one of ours: what is given replaces ours, the rest stays
    members = ["North", "South"]
    member_groups = []

    [policy.expensive_at]
    value = 2500

Files count in the order given. An entry with a known id changes that entry field by field, and a list is replaced as
a whole; an entry with a new id is added after the others of its structure. Thresholds can be changed, not added.
Nothing can be removed. A file that adds or changes an entry is added to that entry's ``sources``, and becomes the
source of each text of a workflow that it sets, unless it names sources itself.
"""

from valuehour.catalog.load import load_catalog

__all__ = ["load_catalog"]
