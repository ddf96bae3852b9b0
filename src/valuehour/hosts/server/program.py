"""The server as a process: its project, its settings, and uvicorn, which listens."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from valuehour.errors import ProgramError, UsageError
from valuehour.hosts.server import project
from valuehour.hosts.server.settings import Fault, Listening, faults, of_ours

APPLICATION = "xlwings_server.main:main_app"
FAILED_TO_START = 3
"""What a worker of uvicorn exits with if it never served."""
GRACE = 10
"""Seconds that requests under way have when the server is told to stop."""


def prepare(env_file: Path | None) -> Any:
    """The settings of the project, from the environment, a file of them, and the project's own.

    Raises
    ------
    UsageError
        A setting has a value that it cannot have, a line each.
    """
    os.environ.setdefault(project.FOLDER, str(project.folder()))
    if env_file is not None:
        os.environ["DOTENV_PATH"] = str(env_file.resolve())
    try:
        from xlwings_server.config import settings

        if not of_ours(settings):
            import config  # type: ignore[import-not-found]  # the project's, found by xlwings Server's own import

            config.Settings()
            raise ProgramError(f"{config.__file__}: its settings were not taken up by xlwings Server")
    except ValueError as error:
        raise UsageError("\n".join(_invalid(error))) from error
    return settings


def _invalid(error: ValueError) -> list[str]:
    """What pydantic found, a line each."""
    found: Any = getattr(error, "errors", None)
    if found is None:
        return [str(error)]
    lines = []
    for entry in found():
        name = "_".join(map(str, entry["loc"])).upper()
        setting = name if name.startswith("VALUEHOUR_") else f"XLWINGS_{name}"
        lines.append(str(Fault(setting, entry["input"], str(entry["msg"]))))
    return lines


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
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    config = uvicorn.Config(
        APPLICATION,
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
    )
    if workers == 1:
        server = uvicorn.Server(config)
        server.run()
        return 0 if server.started else 1
    supervisor = Multiprocess(config, sockets=[config.bind_socket()])
    supervisor.run()
    return 1 if any(process.exitcode == FAILED_TO_START for process in supervisor.processes) else 0
