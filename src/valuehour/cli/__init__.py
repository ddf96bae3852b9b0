"""The command line: one module per group of commands; errors become one line and an exit code."""

from __future__ import annotations

import sys

import click

from valuehour import __version__
from valuehour.cli import build, functions, read, verify
from valuehour.errors import ValuehourError


class Commands(click.Group):
    """The group of all commands; a person's mistake ends in one clear line, never in a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except ValuehourError as error:
            for line in str(error).splitlines():
                click.echo(f"valuehour: {line}", err=True)
            ctx.exit(error.exit_code)
        except ModuleNotFoundError as error:
            if error.name not in ("openpyxl", "formualizer"):
                raise
            click.echo(
                f"valuehour: this needs {error.name}; install it with: pip install 'valuehour[workbooks]'", err=True
            )
            ctx.exit(ValuehourError.exit_code)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="valuehour")
def main() -> None:
    """Value-per-hour accounting for business workflows: build, check and read workbooks without a spreadsheet."""


for command in (build.build, verify.verify, read.read, functions.evaluate, functions.functions):
    main.add_command(command)

if hasattr(sys.stdout, "reconfigure"):
    # Arrows and ticks must not fail on a terminal or pipe of another encoding.
    sys.stdout.reconfigure(errors="replace")
