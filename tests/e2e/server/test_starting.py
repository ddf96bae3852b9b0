"""``valuehour serve``: it starts only when everything is there and safe, and says what is not, a line each."""

from __future__ import annotations

import datetime
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.e2e.processes import COMMAND, environment
from tests.ledgers import Clock
from tests.served import PATIENCE, reserved_port
from tests.serving import BATCH, CALL, HEALTH, payload, project, serving
from valuehour.functions import FUNCTIONS
from valuehour.ledger.store import Ledger

WITHOUT_THE_EXTRA = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("xlwings_server", "uvicorn", "fastapi"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
from valuehour.cli import main
main()
"""
KEY = {"XLWINGS_LICENSE_KEY": "noncommercial"}


def started(
    where: Path, *options: object, command: list[str] = COMMAND, **settings: str
) -> subprocess.CompletedProcess[str]:
    """A server that does not start: it ends by itself."""
    bare = {name: value for name, value in environment().items() if not name.startswith(("XLWINGS", "VALUEHOUR"))}
    return subprocess.run(
        [*command, "serve", *map(str, options)],
        cwd=where,
        env=bare | settings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_without_a_licence_key_nothing_starts_and_the_setting_is_named(tmp_path: Path) -> None:
    done = started(tmp_path)

    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("valuehour: XLWINGS_LICENSE_KEY: found nothing; allowed: a licence key of xlwings Server")


def test_a_wrong_licence_key_is_not_shown(tmp_path: Path) -> None:
    done = started(tmp_path, XLWINGS_LICENSE_KEY="secret-and-wrong")

    assert done.returncode == 2
    assert "XLWINGS_LICENSE_KEY: found Invalid xlwings license key" in done.stderr
    assert "secret" not in done.stderr


def test_without_the_extra_the_way_to_install_it_is_named(tmp_path: Path) -> None:
    done = started(tmp_path, command=[sys.executable, "-c", WITHOUT_THE_EXTRA], **KEY)

    assert done.returncode == 2
    assert done.stderr == "valuehour: this needs xlwings_server; install it with: pip install 'valuehour[server]'\n"


def test_other_machines_are_not_let_in_without_production(tmp_path: Path) -> None:
    done = started(tmp_path, "--host", "0.0.0.0", **KEY)  # noqa: S104

    assert done.returncode == 2
    assert done.stderr.startswith("valuehour: --host: found 0.0.0.0; allowed: 127.0.0.1")


def test_production_lists_everything_that_is_unsafe_at_once(tmp_path: Path) -> None:
    unsafe = {
        "XLWINGS_ENVIRONMENT": "dev",
        "XLWINGS_CORS_ALLOW_ORIGINS": '["*"]',
        "XLWINGS_ENABLE_SOCKETIO": "true",
        "XLWINGS_CUSTOM_FUNCTIONS_RETRY_CODES": "[500]",
        "XLWINGS_CUSTOM_HEADERS": '{"Content-Security-Policy": "default-src *"}',
        "XLWINGS_LOG_LEVEL": "DEBUG",
        "VALUEHOUR_BATCH_MAX_CALLS": "20000",
    }
    done = started(tmp_path, "--production", "--host", "0.0.0.0", **KEY, **unsafe)  # noqa: S104

    lines = [line.removeprefix("valuehour: ") for line in done.stderr.splitlines()]
    assert done.returncode == 2
    assert all(": found " in line and "; allowed: " in line for line in lines)
    assert {line.partition(":")[0] for line in lines} == {
        *unsafe,
        "XLWINGS_LICENSE_KEY",
        "XLWINGS_HOSTNAME",
        "XLWINGS_AUTH_PROVIDERS",
        "XLWINGS_AUTH_ENTRAID_TENANT_ID",
        "XLWINGS_AUTH_ENTRAID_CLIENT_ID",
        "XLWINGS_AUTH_REQUIRED_ROLES",
        "--host",
    }


@pytest.mark.parametrize(
    ("setting", "value"),
    [("VALUEHOUR_BATCH_MAX_CALLS", "many"), ("XLWINGS_ENVIRONMENT", "nowhere"), ("VALUEHOUR_BODY_SECONDS", "-1")],
)
def test_a_value_that_a_setting_cannot_have_is_named(tmp_path: Path, setting: str, value: str) -> None:
    done = started(tmp_path, **KEY, **{setting: value})

    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("valuehour: ")]
    assert line.startswith(f"valuehour: {setting}: found {value}; allowed: ")
    assert "Traceback" not in done.stderr


BROKEN = {
    "a function is missing": (
        "custom_functions/__init__.py",
        "from valuehour.hosts.udfs import VALUE_PER_HOUR\n",
        [f"function {name}: missing from custom_functions" for name in FUNCTIONS if name != "VALUE_PER_HOUR"],
    ),
    "a script is there": (
        "custom_scripts/__init__.py",
        "def wipe(book):\n    pass\n",
        ["script wipe (function): custom_scripts must be empty, what stands there can be called"],
    ),
    "the router is broken": (
        "routers/custom.py",
        "import a_module_that_is_not_there\n",
        ["batching: routers/custom.py of the project did not load; the reason stands above"],
    ),
}


@pytest.mark.parametrize(("what", "workers"), [*((what, 1) for what in BROKEN), ("the router is broken", 2)])
def test_a_project_with_something_missing_does_not_start(tmp_path: Path, what: str, workers: int) -> None:
    name, content, faults = BROKEN[what]
    folder = project(tmp_path / "project")
    (folder / name).write_text(content, encoding="utf-8")

    done = started(tmp_path, "--workers", workers, **KEY, XLWINGS_PROJECT_DIR=str(folder))

    assert done.returncode not in (0, -signal.SIGKILL), done.stderr
    said = [line.partition("cannot start: ")[2] for line in done.stderr.splitlines() if "cannot start: " in line]
    assert len(said) == workers * len(faults), done.stderr
    for fault in faults:
        assert any(line.startswith(fault) for line in said), done.stderr
    assert HEALTH not in done.stderr


def test_a_catalog_and_a_ledger_that_cannot_be_read_stop_the_start(tmp_path: Path) -> None:
    (tmp_path / "catalog.toml").write_text("[[structure]]\nnonsense = 1\n", encoding="utf-8")
    settings = {
        "VALUEHOUR_CATALOG": str(tmp_path / "catalog.toml"),
        "VALUEHOUR_LEDGER_FILE": str(tmp_path / "missing.ledger"),
    }
    done = started(tmp_path, **KEY, **settings)

    assert done.returncode != 0
    said = [line.partition("cannot start: ")[2] for line in done.stderr.splitlines() if "cannot start: " in line]
    assert any(line.startswith("catalog: ") and "catalog.toml" in line for line in said), done.stderr
    assert any(line.startswith("ledger: ") and "missing.ledger" in line for line in said), done.stderr


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path, workers: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = started(tmp_path, "--port", port, "--workers", workers, **KEY)

    allowed = "allowed: an address of this machine, and a port of it that is free"
    assert done.returncode == 2
    assert done.stderr == f"valuehour: --host 127.0.0.1 --port {port}: address already in use; {allowed}\n"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"XLWINGS_LICENSE_KEY=noncommercial\nVALUEHOUR_BODY_SECONDS 5\n", "line 2 is no setting; allowed: NAME=VALUE"),
        (b"\n\nVALUEHOUR_BATCH_MAX_CALLS=7 #\n= 8\n", "line 4 is no setting; allowed: NAME=VALUE"),
        (b"VALUEHOUR_BODY_SECOND=5\n", "there is no setting VALUEHOUR_BODY_SECOND"),
        (b"XLWINGS_AUTH_REQUIRED_ROLE=x\n", "there is no setting XLWINGS_AUTH_REQUIRED_ROLE"),
        (b"\xff\xfe\x00", "found bytes that are no UTF-8; allowed: lines NAME=VALUE"),
    ],
)
def test_a_line_of_the_settings_that_would_be_passed_over_is_named(tmp_path: Path, content: bytes, line: str) -> None:
    (tmp_path / "settings.env").write_bytes(content)
    done = started(tmp_path, "--env", "settings.env", **KEY)

    assert done.returncode == 2
    assert done.stderr == f"valuehour: --env settings.env: {line}\n"


@pytest.mark.parametrize("setting", ["XLWINGS_CORS_ALLOW_ORIGINS", "VALUEHOUR_LEDGER_NAMES"])
def test_a_list_that_is_no_json_is_named(tmp_path: Path, setting: str) -> None:
    done = started(tmp_path, **KEY, **{setting: "[oops"})

    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == f"valuehour: {setting}: found no JSON; allowed: lists and tables as JSON"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("workers", [1, 2])
def test_a_project_that_does_not_load_ends_the_start(tmp_path: Path, workers: int) -> None:
    folder = project(tmp_path / "project")
    (folder / "custom_functions" / "__init__.py").write_text("\n1 / 0\n", encoding="utf-8")

    done = started(tmp_path, "--workers", workers, **KEY, XLWINGS_PROJECT_DIR=str(folder))

    assert done.returncode not in (0, -signal.SIGKILL), done.stderr
    line = f"cannot start: ZeroDivisionError: division by zero ({folder}/custom_functions/__init__.py, line 2)"
    assert line in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_come_from_a_file_and_the_environment_wins(tmp_path: Path) -> None:
    file = tmp_path / "settings.env"
    file.write_text("VALUEHOUR_BATCH_MAX_CALLS=7\nVALUEHOUR_RESULT_MAX_CELLS=99\n", encoding="utf-8")

    with serving("--env", file, VALUEHOUR_RESULT_MAX_CELLS="50") as server:
        assert server.request("GET", HEALTH).json["limits"]["calls"] == 7
        assert server.request("GET", HEALTH).json["limits"]["cells"] == 50


def test_a_figure_of_the_ledger_is_served_to_whom_the_settings_let_see_it(tmp_path: Path) -> None:
    path = tmp_path / "values.ledger"
    Ledger.create(path, "Values", Clock()).close()
    settings = {"VALUEHOUR_LEDGER_FILE": str(path), "VALUEHOUR_LEDGER_NAMES": json.dumps({"*": ["uplift.*"]})}

    with serving(**settings) as server:
        calls = [payload("LEDGER", "uplift.K", None), payload("VALUE_PER_HOUR", 8760, 1)]
        results = [entry["data"]["result"][0][0] for entry in server.post(BATCH, {"calls": calls}).json["results"]]

    assert results == [{"type": "Error", "errorType": "NotAvailable"}, 1.0]  # there is a ledger, without that figure


def test_half_a_character_in_a_name_is_no_failure_of_the_server(tmp_path: Path) -> None:
    path = tmp_path / "values.ledger"
    Ledger.create(path, "Values", Clock()).close()
    settings = {"VALUEHOUR_LEDGER_FILE": str(path), "VALUEHOUR_LEDGER_NAMES": json.dumps({"*": ["*"]})}

    with serving(**settings) as server:
        for name in ("LEDGER", "LEDGER_STATUS", "LEDGER_EVIDENCE"):
            (((cell,),),) = server.post(CALL, payload(name, "\ud83d")).json.values()
            assert cell["errorType"] == "NotAvailable"
        assert server.request("GET", HEALTH).json["last_error"] is None
        assert "Traceback" not in server.log


def test_it_stops_when_told_to_and_leaves_no_process_behind(tmp_path: Path) -> None:
    with serving("--workers", 2) as server:
        workers = server.workers()
        assert len(workers) == 2
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0
        assert not [pid for pid in workers if Path(f"/proc/{pid}").exists()]
        assert os.getpgid(0) != server.process.pid


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interrupt_from_the_keyboard_ends_it_and_is_no_failure(workers: int) -> None:
    with serving("--workers", workers) as server:
        others = server.workers()
        assert len(others) == (workers if workers > 1 else 0)
        os.killpg(server.process.pid, signal.SIGINT)

        assert server.process.wait(30) == 0
        assert not [pid for pid in others if Path(f"/proc/{pid}").exists()]
        assert "Traceback" not in server.log


def test_a_server_below_the_root_of_a_proxy_answers_there_only() -> None:
    with serving(XLWINGS_APP_PATH="/vh", XLWINGS_STATIC_URL_PATH="/vh/static") as server:
        call = payload("VALUE_PER_HOUR", 8760, 1)
        assert server.post(f"/vh{CALL}", call).json == {"result": [[1.0]]}
        assert server.post(f"/vh{BATCH}", {"calls": [call]}).status == 200
        assert server.request("GET", f"/vh{HEALTH}").json["batch"] == f"/vh{BATCH}"
        assert server.post("/vh/xlwings/custom-scripts-call/x", {}).status == 404
        assert server.post(CALL, call).status == 405


def test_a_certificate_makes_it_speak_tls(tmp_path: Path) -> None:
    certificate, key = self_signed(tmp_path)
    with reserved_port() as port:
        status, headers = asked_over_tls(port, certificate, key)

    assert status == 200
    assert "max-age" in headers["strict-transport-security"]


def asked_over_tls(port: int, certificate: Path, key: Path) -> tuple[int, dict[str, str]]:
    """What a server with this certificate answers when it is asked for its health."""
    command = [*COMMAND, "serve", "--port", str(port), "--certfile", str(certificate), "--keyfile", str(key)]
    process = subprocess.Popen(command, env=environment(**KEY), stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        trusting = ssl.create_default_context(cafile=str(certificate))
        deadline = time.monotonic() + PATIENCE
        while True:
            connection = http.client.HTTPSConnection("localhost", port, context=trusting, timeout=PATIENCE)
            try:
                connection.request("GET", HEALTH)
                response = connection.getresponse()
                return response.status, dict(response.getheaders())
            except OSError:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.1)
            finally:
                connection.close()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def self_signed(folder: Path, locked: serialization.KeySerializationEncryption | None = None) -> tuple[Path, Path]:
    """A certificate for localhost, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, locked or serialization.NoEncryption()
        )
    )
    return files


@pytest.mark.parametrize("what", ["no certificate", "a key with a password"])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_certificate_that_cannot_be_used_is_said_in_one_line(tmp_path: Path, what: str, workers: int) -> None:
    locked = serialization.BestAvailableEncryption(b"secret") if what == "a key with a password" else None
    certificate, key = self_signed(tmp_path, locked)
    if what == "no certificate":
        certificate.write_text("nonsense", encoding="utf-8")
    done = started(tmp_path, "--certfile", certificate, "--keyfile", key, "--workers", workers, **KEY)

    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"valuehour: --certfile {certificate} --keyfile {key}: ")
    assert line.endswith("; allowed: a certificate and its private key without password, as PEM")


def test_half_a_certificate_is_refused(tmp_path: Path) -> None:
    certificate, _ = self_signed(tmp_path)
    done = started(tmp_path, "--certfile", certificate, **KEY)

    assert done.returncode == 2
    assert done.stderr == "valuehour: --certfile and --keyfile go together; found one of them\n"
