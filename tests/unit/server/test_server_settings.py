"""Which settings a server may run with; those of the project itself, with one of them changed at a time."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from valuehour.hosts.server.routes import rules
from valuehour.hosts.server.settings import Fault, Listening, faults

ADDIN = Path(__file__).parents[3] / "addin"
HERE = Listening("127.0.0.1")
POLICY = "default-src 'self'; script-src 'self'"

SAFE: dict[str, Any] = {
    "environment": "prod",
    "auth_providers": ["entraid"],
    "auth_entraid_tenant_id": "11111111-2222-4333-8444-555555555555",
    "auth_entraid_client_id": "AAAAAAAA-bbbb-4ccc-8ddd-eeeeeeeeeeee",
    "auth_required_roles": ["valuehour.user"],
    "hostname": "vh.example.com",
    "cors_allow_origins": ["https://excel.example.com", "https://excel.example.com:8443"],
    "custom_headers": {"content-security-policy": POLICY},
    "enable_socketio": False,
    "custom_functions_retry_codes": [502, 503, 504],
    "license_key": "noncommercial",
    "valuehour_noncommercial": True,
    "valuehour_support_url": "https://help.example.com/valuehour",
}


@pytest.fixture(scope="module")
def project() -> ModuleType:
    """The settings of the project: addin/config.py."""
    spec = importlib.util.spec_from_file_location("addin_config", ADDIN / "config.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def found(
    project: ModuleType, *, listening: Listening = HERE, production: bool = True, **changed: Any
) -> list[tuple[str, str]]:
    """Which settings are refused, and what was found."""
    settings = project.Settings(**(SAFE | changed))
    return [(fault.setting, str(fault.found)) for fault in faults(settings, listening, production=production)]


def test_safe_settings_are_taken(project: ModuleType) -> None:
    assert found(project) == []


@pytest.mark.parametrize(
    ("name", "value", "setting"),
    [
        ("environment", "dev", "XLWINGS_ENVIRONMENT"),
        ("auth_providers", [], "XLWINGS_AUTH_PROVIDERS"),
        ("auth_providers", ["custom"], "XLWINGS_AUTH_PROVIDERS"),
        ("auth_providers", ["entraid", "custom"], "XLWINGS_AUTH_PROVIDERS"),
        ("auth_entraid_tenant_id", None, "XLWINGS_AUTH_ENTRAID_TENANT_ID"),
        ("auth_entraid_tenant_id", "common", "XLWINGS_AUTH_ENTRAID_TENANT_ID"),
        ("auth_entraid_client_id", "", "XLWINGS_AUTH_ENTRAID_CLIENT_ID"),
        ("auth_entraid_multitenant", True, "XLWINGS_AUTH_ENTRAID_MULTITENANT"),
        ("auth_required_roles", [], "XLWINGS_AUTH_REQUIRED_ROLES"),
        ("hostname", None, "XLWINGS_HOSTNAME"),
        ("hostname", "https://vh.example.com", "XLWINGS_HOSTNAME"),
        ("hostname", "localhost", "XLWINGS_HOSTNAME"),
        ("hostname", "127.0.0.1", "XLWINGS_HOSTNAME"),
        ("hostname", "vh.example.com/app", "XLWINGS_HOSTNAME"),
        ("cors_allow_origins", ["*"], "XLWINGS_CORS_ALLOW_ORIGINS"),
        ("cors_allow_origins", ["https://*.example.com"], "XLWINGS_CORS_ALLOW_ORIGINS"),
        ("cors_allow_origins", ["http://excel.example.com"], "XLWINGS_CORS_ALLOW_ORIGINS"),
        ("cors_allow_origins", ["https://excel.example.com/"], "XLWINGS_CORS_ALLOW_ORIGINS"),
        ("cors_allow_origins", ["https://["], "XLWINGS_CORS_ALLOW_ORIGINS"),
        ("cors_allow_origins", ["null"], "XLWINGS_CORS_ALLOW_ORIGINS"),
        ("custom_headers", {}, "XLWINGS_CUSTOM_HEADERS"),
        ("custom_headers", {"Content-Security-Policy": "script-src 'self'"}, "XLWINGS_CUSTOM_HEADERS"),
        ("custom_headers", {"Content-Security-Policy": "default-src *"}, "XLWINGS_CUSTOM_HEADERS"),
        ("custom_headers", {"Content-Security-Policy": f"{POLICY} 'unsafe-eval'"}, "XLWINGS_CUSTOM_HEADERS"),
        ("custom_headers", {"Content-Security-Policy": "default-src 'unsafe-inline'"}, "XLWINGS_CUSTOM_HEADERS"),
        ("custom_headers", {"Content-Security-Policy": f"{POLICY}; connect-src *"}, "XLWINGS_CUSTOM_HEADERS"),
        ("enable_socketio", True, "XLWINGS_ENABLE_SOCKETIO"),
        ("custom_functions_retry_codes", [500, 502, 503, 504], "XLWINGS_CUSTOM_FUNCTIONS_RETRY_CODES"),
        ("custom_functions_retry_codes", [], "XLWINGS_CUSTOM_FUNCTIONS_RETRY_CODES"),
        ("add_security_headers", False, "XLWINGS_ADD_SECURITY_HEADERS"),
        ("cdn_officejs", True, "XLWINGS_CDN_OFFICEJS"),
        ("enable_wasm", True, "XLWINGS_ENABLE_WASM"),
        ("enable_examples", True, "XLWINGS_ENABLE_EXAMPLES"),
        ("enable_tests", True, "XLWINGS_ENABLE_TESTS"),
        ("log_level", "debug", "XLWINGS_LOG_LEVEL"),
        ("valuehour_noncommercial", False, "XLWINGS_LICENSE_KEY"),
        ("valuehour_batch_max_calls", 5001, "VALUEHOUR_BATCH_MAX_CALLS"),
        ("valuehour_body_max_bytes", 65 << 20, "VALUEHOUR_BODY_MAX_BYTES"),
        ("valuehour_body_seconds", 121, "VALUEHOUR_BODY_SECONDS"),
        ("valuehour_result_max_cells", 1_000_001, "VALUEHOUR_RESULT_MAX_CELLS"),
        ("valuehour_batch_max_bytes", 17 << 20, "VALUEHOUR_BATCH_MAX_BYTES"),
        ("valuehour_support_url", "http://help.example.com", "VALUEHOUR_SUPPORT_URL"),
        ("valuehour_ledger_file", "values.ledger", "VALUEHOUR_LEDGER_NAMES"),
    ],
)
def test_one_unsafe_setting_is_enough_to_be_refused_in_production(
    project: ModuleType, name: str, value: Any, setting: str
) -> None:
    assert [fault[0] for fault in found(project, **{name: value})] == [setting]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "vh.example.com"])  # noqa: S104
def test_nothing_travels_in_the_open(project: ModuleType, host: str) -> None:
    assert found(project, listening=Listening(host)) == [("--host", f"{host} without TLS")]
    assert found(project, listening=Listening(host, certificate=True)) == []
    assert found(project, listening=Listening(host), valuehour_tls_by_proxy=True) == []
    assert found(project, listening=Listening(host), production=False) == [("--host", host)]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "::1"])
def test_on_one_s_own_machine_nobody_has_to_sign_in(project: ModuleType, host: str) -> None:
    open_to_me = {"auth_providers": [], "auth_required_roles": [], "hostname": None, "valuehour_noncommercial": False}

    assert found(project, listening=Listening(host), production=False, **open_to_me) == []


@pytest.mark.parametrize("changed", [{"cors_allow_origins": ["*"]}, {"enable_socketio": True}])
def test_what_opens_the_machine_to_web_pages_is_refused_there_too(project: ModuleType, changed: dict[str, Any]) -> None:
    assert len(found(project, production=False, **changed)) == 1


def test_the_settings_of_the_project_itself_lack_only_what_nobody_can_know_for_others(
    project: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tomllib

    own = tomllib.loads((ADDIN / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["xlwings_server"]
    monkeypatch.delenv("XLWINGS_LICENSE_KEY", raising=False)
    settings = project.Settings(**own, license_key="noncommercial")

    assert {fault.setting for fault in faults(settings, HERE, production=True)} == {
        "XLWINGS_AUTH_PROVIDERS",
        "XLWINGS_AUTH_ENTRAID_TENANT_ID",
        "XLWINGS_AUTH_ENTRAID_CLIENT_ID",
        "XLWINGS_AUTH_REQUIRED_ROLES",
        "XLWINGS_HOSTNAME",
        "XLWINGS_LICENSE_KEY",  # that the use is noncommercial must be stated
    }


def test_every_setting_of_ours_is_explained_to_those_who_run_the_server(project: ModuleType) -> None:
    told = (ADDIN / "README.md").read_text(encoding="utf-8")
    aliases = [str(field.validation_alias) for field in project.Settings.model_fields.values()]
    ours = [alias.upper() for alias in aliases if alias.startswith("valuehour_")]

    assert len(ours) > 10
    assert [name for name in ours if f"`{name}`" not in told] == []


def test_a_fault_is_one_line_however_long_the_value() -> None:
    line = str(Fault("XLWINGS_HOSTNAME", "x\n" * 500, "a name"))

    assert "\n" not in line
    assert len(line) < 200


def test_further_names_of_the_server_may_have_ports_and_be_addresses(project: ModuleType) -> None:
    settings = project.Settings(**(SAFE | {"valuehour_hosts": ["10.0.0.7:8000", "[fd00::1]", "[FD00::2]:8000"]}))

    assert rules(settings).hosts[3:] == ("vh.example.com", "10.0.0.7", "[fd00::1]", "[fd00::2]")
