"""``valuehour serve``."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(short_help="Serve the functions to Excel (xlwings Server).")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port to listen on.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes that answer.")
@click.option("--production", is_flag=True, help="Let others in: starts only with settings that are safe for that.")
@click.option("--certfile", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Certificate for TLS.")
@click.option("--keyfile", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its private key.")
@click.option(
    "--env",
    "env_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of settings, a NAME=VALUE on each line.",
)
def serve(
    port: int,
    host: str,
    workers: int,
    production: bool,
    certfile: Path | None,
    keyfile: Path | None,
    env_file: Path | None,
) -> None:
    """Serve the functions, the task pane and the manifest to Excel on Windows, the Mac and the web.

    Without --production it listens on this machine only and asks nobody who they are. With it, every setting that is
    unsafe where others reach the server is listed, and nothing starts until none is left. All settings and how the
    add-in is deployed: addin/README.md. xlwings Server needs a licence key of its own.
    """
    from valuehour.errors import UsageError
    from valuehour.hosts.server import program

    if (certfile is None) != (keyfile is None):
        raise UsageError("--certfile and --keyfile go together; found one of them")
    certificate = None if certfile is None or keyfile is None else (certfile, keyfile)
    raise SystemExit(
        program.serve(
            host=host,
            port=port,
            workers=workers,
            production=production,
            certificate=certificate,
            env_file=env_file,
        )
    )
