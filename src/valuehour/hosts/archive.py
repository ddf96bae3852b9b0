"""Add-ins that are zip archives: the same bytes on every machine, with our licence inside."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from importlib.metadata import distribution

_DATE = (2026, 1, 1, 0, 0, 0)


def archive(content: Mapping[str, str | bytes]) -> bytes:
    """Files by their paths as a zip archive; not compressed, because compressors differ."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as packed:
        for path, data in content.items():
            entry = zipfile.ZipInfo(path, _DATE)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, data)
    return stream.getvalue()


def licence() -> str:
    """The text of our licence."""
    found = distribution("valuehour").read_text("licenses/LICENSE")
    assert found is not None, "valuehour is installed with its licence"
    return found
