"""How a ledger lies in its SQLite file, and the guards that keep it append-only.

The document of an entry is stored once, as text; what queries need is generated from it, so that there is no second
truth to drift. The guards are triggers: they hold for every program that opens the file, also under ``INSERT OR
REPLACE`` in a program that leaves ``recursive_triggers`` off, because no insert is let through but the next entry.
They do not stop a program that drops them first; the chain and the checkpoints are there for that.
"""

from __future__ import annotations

APPLICATION_ID = 0x56484C31  # "VHL1"

TABLES = {
    "header": "CREATE TABLE header (document TEXT NOT NULL) STRICT",
    "entries": """CREATE TABLE entries (
  number INTEGER PRIMARY KEY,
  hash TEXT NOT NULL,
  document TEXT NOT NULL,
  kind TEXT GENERATED ALWAYS AS (json_extract(document, '$.kind')) VIRTUAL,
  name TEXT GENERATED ALWAYS AS (json_extract(document, '$.name')) VIRTUAL,
  effective TEXT GENERATED ALWAYS AS (json_extract(document, '$.effective')) VIRTUAL,
  recorded TEXT GENERATED ALWAYS AS (json_extract(document, '$.recorded')) VIRTUAL,
  reverses INTEGER GENERATED ALWAYS AS (json_extract(document, '$.reverses')) VIRTUAL
) STRICT""",
}

INDEXES = {
    "entries_by_name": (
        "CREATE INDEX entries_by_name ON entries (name, effective, number, recorded) WHERE kind = 'value'"
    ),
    "entries_of_order": "CREATE INDEX entries_of_order ON entries (kind, reverses) WHERE kind <> 'value'",
}


def _never(table: str, action: str) -> str:
    return (
        f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} BEGIN "
        f"SELECT RAISE(ABORT, 'a ledger is append-only: record a correction instead'); END"
    )


GUARDS = {
    "entries_no_update": _never("entries", "UPDATE"),
    "entries_no_delete": _never("entries", "DELETE"),
    "entries_next": (
        "CREATE TRIGGER entries_next BEFORE INSERT ON entries "
        "WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM entries) BEGIN "
        "SELECT RAISE(ABORT, 'a ledger is append-only: only the next number may be added'); END"
    ),
    "header_no_update": _never("header", "UPDATE"),
    "header_no_delete": _never("header", "DELETE"),
    "header_once": (
        "CREATE TRIGGER header_once BEFORE INSERT ON header WHEN (SELECT count(*) FROM header) > 0 BEGIN "
        "SELECT RAISE(ABORT, 'a ledger has one header'); END"
    ),
}

EVERYTHING = {**TABLES, **INDEXES, **GUARDS}
INSERT = "INSERT INTO entries (number, hash, document) VALUES (?, ?, ?)"
