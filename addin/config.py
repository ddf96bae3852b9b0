"""The settings of valuehour beside those of xlwings Server, from the same places: environment, .env, pyproject.toml."""

from pathlib import Path

from pydantic import Field
from xlwings_server.config import Settings as XlwingsSettings

KIBI, MEBI = 1 << 10, 1 << 20


class Settings(XlwingsSettings):
    """A setting is ``VALUEHOUR_NAME`` in the environment and ``valuehour_name`` in pyproject.toml."""

    # Who stands behind this installation: shown in the manifest and in the task pane.
    provider_name: str = Field("valuehour", min_length=1, max_length=125, validation_alias="valuehour_provider_name")
    support_url: str = Field("", validation_alias="valuehour_support_url")

    # How much one request may ask for.
    batch_max_calls: int = Field(1000, ge=1, le=20_000, validation_alias="valuehour_batch_max_calls")
    batch_max_bytes: int = Field(4 * MEBI, ge=KIBI, validation_alias="valuehour_batch_max_bytes")
    body_max_bytes: int = Field(16 * MEBI, ge=KIBI, le=256 * MEBI, validation_alias="valuehour_body_max_bytes")
    body_seconds: float = Field(30, gt=0, le=600, validation_alias="valuehour_body_seconds")
    result_max_cells: int = Field(500_000, ge=1, le=2_000_000, validation_alias="valuehour_result_max_cells")

    # Names under which this server may be called besides hostname and those of this machine itself.
    hosts: list[str] = Field([], validation_alias="valuehour_hosts")

    # The keys of Entra ID as a file (JWKS), for a server that cannot reach Microsoft.
    entraid_keys_file: Path | None = Field(None, validation_alias="valuehour_entraid_keys_file")

    # What one must say oneself: that the use is noncommercial, that a reverse proxy in front speaks TLS.
    noncommercial: bool = Field(False, validation_alias="valuehour_noncommercial")
    tls_by_proxy: bool = Field(False, validation_alias="valuehour_tls_by_proxy")

    # Catalog files of one's own for GROUPINGS, separated as in PATH.
    catalog: str = Field("", validation_alias="valuehour_catalog")

    # A ledger whose figures LEDGER and its sisters read, and which names a role may read ("*": everybody).
    ledger_file: Path | None = Field(None, validation_alias="valuehour_ledger_file")
    ledger_names: dict[str, list[str]] = Field({}, validation_alias="valuehour_ledger_names")
