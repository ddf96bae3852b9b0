"""The server as a process: its project, its settings, and uvicorn, which listens."""

from __future__ import annotations

import io
import logging
import os
import socket
import ssl
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any

from valuehour.errors import ProgramError, UsageError
from valuehour.hosts.server import project
from valuehour.hosts.server.settings import Fault, Listening, faults, of_ours

APPLICATION = "valuehour.hosts.server.program:application"
FAILED_TO_START = 3
"""What a worker of uvicorn exits with if it never served."""
GRACE = 10
"""Seconds that requests under way have when the server is told to stop."""
HUNG = 30
"""Seconds without a sign of life after which a worker is replaced: on a busy machine its start alone may take ten."""


def prepare(env_file: Path | None) -> Any:
    """The settings of the project, from the environment, a file of them, and the project's own.

    Raises
    ------
    UsageError
        A setting has a value that it cannot have, a line each.
    """
    os.environ.setdefault(project.FOLDER, str(project.folder()))
    named: list[str] = []
    if env_file is not None:
        named = _named_in(env_file)
        os.environ["DOTENV_PATH"] = str(env_file.resolve())
    try:
        from xlwings_server.config import settings

        if not of_ours(settings):
            import config  # type: ignore[import-not-found]  # the project's, found by xlwings Server's own import

            config.Settings()
            raise ProgramError(f"{config.__file__}: its settings were not taken up by xlwings Server")
    except ValueError as error:
        raise UsageError("\n".join(_invalid(error))) from error
    known = {_setting(field.validation_alias or name) for name, field in type(settings).model_fields.items()}
    unknown = [
        name for name in named if name.upper().startswith(("VALUEHOUR_", "XLWINGS_")) and name.upper() not in known
    ]
    if unknown:
        raise UsageError("\n".join(f"--env {env_file}: there is no setting {name}" for name in unknown))
    return settings


def _named_in(env_file: Path) -> list[str]:
    """The names in a file of settings, every line of which must be a setting: none is passed over."""
    from dotenv.parser import parse_stream

    try:
        text = env_file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError(f"--env {env_file}: found bytes that are no UTF-8; allowed: lines NAME=VALUE") from None
    lines = list(parse_stream(io.StringIO(text)))
    faulty = [line.original.line for line in lines if line.error or (line.key is not None and line.value is None)]
    if faulty:
        raise UsageError(
            "\n".join(f"--env {env_file}: line {place} is no setting; allowed: NAME=VALUE" for place in faulty)
        )
    return [line.key for line in lines if line.key is not None]


def _invalid(error: ValueError) -> list[str]:
    """What pydantic found, a line each."""
    found: Any = getattr(error, "errors", None)
    if found is None:  # a list or table that is no JSON; the message names it in quotation marks
        _, quote, rest = str(error).partition('"')
        name = rest.partition('"')[0]
        config = sys.modules.get("config")  # where a setting of ours has got its name from
        field = None if config is None else config.Settings.model_fields.get(name)
        setting = _setting((field and field.validation_alias) or name)
        return [f"{setting}: found no JSON; allowed: lists and tables as JSON"] if quote else [str(error)]
    return [
        str(Fault(_setting("_".join(map(str, entry["loc"]))), entry["input"], str(entry["msg"]))) for entry in found()
    ]


def _setting(name: str) -> str:
    """The name of a setting in the environment; ours say it themselves."""
    return name.upper() if name.lower().startswith("valuehour_") else f"XLWINGS_{name.upper()}"


def serve(
    *,
    host: str,
    port: int,
    workers: int,
    production: bool,
    certificate: tuple[Path, Path] | None,
    env_file: Path | None,
) -> int:
    """Serve until told to stop; gives the exit code.

    Raises
    ------
    UsageError
        Settings are missing or unsafe, a line each.
    """
    settings = prepare(env_file)
    found = faults(settings, Listening(host, certificate is not None), production=production)
    if found:
        raise UsageError("\n".join(map(str, found)))
    _check_address(host, port)
    if certificate is not None:
        _check_certificate(*certificate)
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config(
        APPLICATION,
        factory=True,
        host=host,
        port=port,
        workers=workers,
        lifespan="on",
        ws="none",
        server_header=False,
        log_level=settings.log_level.lower(),
        ssl_certfile=certificate and certificate[0],
        ssl_keyfile=certificate and certificate[1],
        timeout_graceful_shutdown=GRACE,
        timeout_worker_healthcheck=HUNG,
    )
    if workers == 1:
        server = uvicorn.Server(config)
        with suppress(KeyboardInterrupt):  # told once more when everything has ended
            server.run()
        return 0 if server.started else 1
    supervisor = Multiprocess(config, sockets=[config.bind_socket()])
    supervisor.run()
    return 1 if any(process.exitcode == FAILED_TO_START for process in supervisor.processes) else 0


def _check_address(host: str, port: int) -> None:
    """See to it that one can listen there, before anything else is loaded."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        number = error.errno or 0
        reason = (os.strerror(number) if number > 0 else str(error.strerror)).lower()  # below: a name nobody knows
        allowed = "an address of this machine, and a port of it that is free"
        raise UsageError(f"--host {host} --port {port}: {reason}; allowed: {allowed}") from error


def _check_certificate(certificate: Path, key: Path) -> None:
    """See to it that certificate and key are what they should be; nobody is there to type a password."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except OSError as error:
        reason = str(getattr(error, "reason", None) or error.strerror).lower()
        allowed = "a certificate and its private key without password, as PEM"
        raise UsageError(f"--certfile {certificate} --keyfile {key}: {reason}; allowed: {allowed}") from error


def application() -> Any:
    """The application, for uvicorn. One that does not load is said in one line, and would not load the next time."""
    try:
        from xlwings_server.main import main_app
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = " ".join(str(error).split())
        complain = f"cannot start: {type(error).__name__}: {what} ({place.filename}, line {place.lineno})"
        logging.getLogger("valuehour.server").error(complain)
        raise SystemExit(FAILED_TO_START) from error
    return main_app
