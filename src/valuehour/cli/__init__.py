"""The command line: one module per group of commands; errors become one line and an exit code."""

from __future__ import annotations

import errno
import sys
from typing import Any

import click

from valuehour import __version__
from valuehour.cli import (
    addin,
    audit,
    build,
    cycle,
    diff,
    fill,
    functions,
    ledger,
    merge,
    outcomes,
    read,
    recalibrate,
    regenerate,
    serve,
    verify,
)
from valuehour.cli.output import complain
from valuehour.errors import ValuehourError

# What is installed with which extra.
EXTRAS = {
    "openpyxl": "workbooks",
    "formualizer": "workbooks",
    "duckdb": "outcomes",
    "pandas": "outcomes",
    "pyspark": "spark",
    "yaml": "yaml",
    "xlwings": "excel",
    "win32com": "excel",
    "jinja2": "excel",
    "pyopenvba": "excel",
    "xlwings_server": "server",
    "uvicorn": "server",
}


class Commands(click.Group):
    """The group of all commands; a person's mistake ends in one clear line, never in a traceback."""

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run the program; what click has to complain about takes one line too."""
        run: Any = super().main
        if not standalone_mode:
            return run(*args, standalone_mode=False, **extra)
        try:
            code = run(*args, standalone_mode=False, **extra)
        except click.ClickException as error:
            message = error.format_message().removesuffix(".").replace(". Did you mean", "; did you mean")
            if "\n" in message:  # no command was given: this is the help
                error.show()
            else:
                context = error.ctx if isinstance(error, click.UsageError) else None
                see = f"; see: {context.command_path} --help" if context else ""
                complain(message[:1].lower() + message[1:] + see)
            code = error.exit_code
        except click.Abort:
            complain("stopped")
            code = 130
        sys.exit(code)

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except ValuehourError as error:
            complain(error)
            ctx.exit(error.exit_code)
        except ModuleNotFoundError as error:
            extra = EXTRAS.get(error.name or "")
            if extra is None:
                raise
            complain(f"this needs {error.name}; install it with: pip install 'valuehour[{extra}]'")
            ctx.exit(ValuehourError.exit_code)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise  # whoever read our output has seen enough
            complain(f"{error.filename}: {error.strerror}" if error.filename else error.strerror or error)
            ctx.exit(ValuehourError.exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="valuehour")
def main() -> None:
    """Value-per-hour accounting for business workflows: build, check and read workbooks without a spreadsheet."""


for command in (
    build.build,
    verify.verify,
    read.read,
    fill.fill,
    fill.schema,
    merge.merge,
    regenerate.regenerate,
    diff.diff,
    audit.audit,
    outcomes.outcomes,
    functions.evaluate,
    functions.functions,
    ledger.ledger,
    recalibrate.recalibrate,
    cycle.cycle,
    addin.addin,
    serve.serve,
):
    main.add_command(command)

if hasattr(sys.stdout, "reconfigure"):
    # Arrows and ticks must not fail on a terminal or pipe of another encoding.
    sys.stdout.reconfigure(errors="replace")
