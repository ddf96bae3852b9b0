"""Which settings a server may run with: on one's own machine, and where others reach it."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

RETRY_CODES = [502, 503, 504]
"""Failures of the way to the server, which may be gone the next time; a 500 is a fault that comes again."""
NONCOMMERCIAL = "noncommercial"
SHOWN = 100
MEBI = 1 << 20

_HOSTNAME = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?(:\d{1,5})?"
)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Listening:
    """Where and how a server listens."""

    host: str
    certificate: bool = False

    @property
    def on_this_machine_only(self) -> bool:
        """Whether no other machine reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True)
class Fault:
    """A setting that is not allowed.

    >>> print(Fault("XLWINGS_ENVIRONMENT", "dev", "prod"))
    XLWINGS_ENVIRONMENT: found dev; allowed: prod
    """

    setting: str
    found: object
    allowed: str

    def __str__(self) -> str:
        shown = "nothing" if self.found in (None, "", [], {}) else str(self.found)
        shown = " ".join(shown.split())
        return (
            f"{self.setting}: found {shown if len(shown) <= SHOWN else f'{shown[:SHOWN]}...'}; allowed: {self.allowed}"
        )


def of_ours(settings: Any) -> bool:
    """Whether these are the settings of our project. xlwings Server goes on without them if they do not load."""
    return hasattr(settings, "batch_max_calls")


def faults(settings: Any, listening: Listening, *, production: bool) -> list[Fault]:
    """What is not allowed: in production everything that is unsafe where others reach the server."""
    found = list(_everywhere(settings))
    if production:
        return [*found, *_production(settings), *_transport(settings, listening)]
    if not listening.on_this_machine_only:
        found.append(Fault("--host", listening.host, "127.0.0.1; other machines are let in with --production only"))
    return found


def _everywhere(settings: Any) -> Iterator[Fault]:
    key = settings.license_key or os.environ.get("XLWINGS_LICENSE_KEY")
    if (problem := license_problem(key)) is not None:
        allowed = f"a licence key of xlwings Server, or {NONCOMMERCIAL} where the use is noncommercial"
        yield Fault("XLWINGS_LICENSE_KEY", problem, allowed)
    if settings.enable_socketio:
        yield Fault("XLWINGS_ENABLE_SOCKETIO", "true", "false; its connections would pass by every limit")
    for origin in settings.cors_allow_origins:
        if not _is_origin(origin):
            yield Fault("XLWINGS_CORS_ALLOW_ORIGINS", origin, "exact origins such as https://excel.example.com")
    if settings.batch_max_bytes > settings.body_max_bytes:
        allowed = f"at most VALUEHOUR_BODY_MAX_BYTES, {settings.body_max_bytes}"
        yield Fault("VALUEHOUR_BATCH_MAX_BYTES", settings.batch_max_bytes, allowed)
    if settings.support_url and not settings.support_url.startswith("https://"):
        yield Fault("VALUEHOUR_SUPPORT_URL", settings.support_url, "an address that begins with https://")


def license_problem(key: str | None) -> str | None:
    """What is wrong with a licence key of xlwings Server, without the key; None if nothing is."""
    if not key:
        return ""
    os.environ["XLWINGS_LICENSE_KEY"] = key
    try:
        import_module("xlwings")  # on a server it looks at its key before anything else
    except Exception as error:
        if type(error).__name__ != "LicenseError":  # the class itself cannot be imported then
            raise
        return str(error)
    return None


def _is_origin(origin: str) -> bool:
    """Whether this is one origin, exactly."""
    scheme, _, place = origin.partition("://")
    return scheme == "https" and bool(_HOSTNAME.fullmatch(place))


def _production(settings: Any) -> Iterator[Fault]:
    for check in _CHECKS:
        value = getattr(settings, check.field)
        if not check.is_fine(value):
            yield Fault(check.setting, value, check.allowed)
    if settings.license_key == NONCOMMERCIAL and not settings.noncommercial:
        allowed = "a paid key; noncommercial use is stated with VALUEHOUR_NONCOMMERCIAL=true"
        yield Fault("XLWINGS_LICENSE_KEY", NONCOMMERCIAL, allowed)
    headers = {name.lower(): value for name, value in settings.custom_headers.items()}
    policy = headers.get("content-security-policy", "")
    if (problem := _policy_problem(policy)) is not None:
        allowed = (
            "a Content-Security-Policy with default-src and without wildcards, unsafe-eval and unsafe-inline scripts"
        )
        yield Fault("XLWINGS_CUSTOM_HEADERS", problem, allowed)
    if settings.ledger_file is not None and not settings.ledger_names:
        yield Fault(
            "VALUEHOUR_LEDGER_NAMES", None, 'the names that each role may read, such as {"finance": ["value.*"]}'
        )


def _policy_problem(policy: str) -> str | None:
    directives: dict[str, list[str]] = {}
    for directive in policy.split(";"):
        name, *sources = directive.split() or [""]
        directives.setdefault(name.lower(), [source.lower() for source in sources])
    if "default-src" not in directives:
        return policy
    scripts = directives.get("script-src", directives["default-src"])
    for source in ("'unsafe-inline'", "'unsafe-eval'", "data:", "https:", "http:"):
        if source in scripts:
            return f"script-src {' '.join(scripts)}"
    for name, sources in directives.items():
        if "*" in sources:
            return f"{name} {' '.join(sources)}"
    return None


def _transport(settings: Any, listening: Listening) -> Iterator[Fault]:
    if not (listening.certificate or listening.on_this_machine_only or settings.tls_by_proxy):
        allowed = (
            "127.0.0.1 behind a reverse proxy, any host with --certfile and --keyfile, "
            "or any host where a proxy in front speaks TLS (VALUEHOUR_TLS_BY_PROXY=true)"
        )
        yield Fault("--host", f"{listening.host} without TLS", allowed)


@dataclass(frozen=True)
class _Check:
    field: str
    is_fine: Callable[[Any], bool]
    allowed: str

    @property
    def setting(self) -> str:
        """Its name in the environment."""
        ours = self.field.startswith(("batch_", "body_", "result_"))
        return f"{'VALUEHOUR' if ours else 'XLWINGS'}_{self.field.upper()}"


def _is_uuid(value: str | None) -> bool:
    return bool(_UUID.fullmatch((value or "").lower()))


_CHECKS = (
    _Check("environment", lambda value: value == "prod", "prod"),
    _Check("auth_providers", lambda value: value == ["entraid"], '["entraid"]'),
    _Check("auth_entraid_tenant_id", _is_uuid, "the tenant's id in Entra ID"),
    _Check("auth_entraid_client_id", _is_uuid, "the application's id in Entra ID"),
    _Check(
        "auth_entraid_multitenant", lambda value: not value, "false; with true the issuer of a token is not checked"
    ),
    _Check("auth_required_roles", bool, "at least one role of the application"),
    _Check(
        "hostname",
        lambda value: bool(_HOSTNAME.fullmatch((value or "").lower())),
        "the server's name, such as vh.example.com",
    ),
    _Check("custom_functions_retry_codes", lambda value: sorted(value) == RETRY_CODES, str(RETRY_CODES)),
    _Check("add_security_headers", bool, "true"),
    _Check("cdn_officejs", lambda value: not value, "false; Office.js is served from here"),
    _Check("enable_wasm", lambda value: not value, "false; without a server: see addin/README.md"),
    _Check("enable_examples", lambda value: not value, "false"),
    _Check("enable_tests", lambda value: not value, "false"),
    _Check(
        "log_level",
        lambda value: value.upper() not in ("DEBUG", "TRACE", "NOTSET"),
        "INFO, WARNING or ERROR; DEBUG logs tokens",
    ),
    _Check("batch_max_calls", lambda value: value <= 5000, "at most 5000"),
    _Check("body_max_bytes", lambda value: value <= 64 * MEBI, f"at most {64 * MEBI}"),
    _Check("body_seconds", lambda value: value <= 120, "at most 120"),
    _Check("result_max_cells", lambda value: value <= 1_000_000, "at most 1000000"),
)
