"""The keys that tokens of Entra ID are signed with: from a file where the server cannot reach the internet."""

from __future__ import annotations

import json
from typing import Any

from xlwings_server.config import settings


async def get_jwks_json() -> dict[str, Any] | None:
    """The keys in the file that the settings name; nothing lets xlwings Server ask Microsoft for them, once a day."""
    if settings.entraid_keys_file is None:
        return None
    keys: dict[str, Any] = json.loads(settings.entraid_keys_file.read_bytes())
    return keys
