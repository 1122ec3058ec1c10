"""The command line: each command is a module here, imported only when it is called."""

from __future__ import annotations

import logging
import os
import sys
from importlib import import_module

import click

from ocrfill import __version__
from ocrfill.errors import ExitCode, OcrfillError

COMMANDS = {
    "read": ("ocrfill.cli.read", "read"),
    "run": ("ocrfill.cli.run", "run"),
    "status": ("ocrfill.cli.status", "status"),
    "show": ("ocrfill.cli.show", "show"),
    "export": ("ocrfill.cli.export", "export"),
    "layout": ("ocrfill.cli.layout", "layout"),
    "evaluate": ("ocrfill.cli.evaluate", "evaluate"),
    "doctor": ("ocrfill.cli.doctor", "doctor"),
}


class Commands(click.Group):
    """A group that imports a command's module only when that command is wanted: `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name]
        command = getattr(import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{attribute} is not a command")
        return command


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ocrfill")
@click.option("-v", "--verbose", is_flag=True, help="Tell more on stderr about what is being done.")
def ocrfill(*, verbose: bool) -> None:
    r"""Pre-fill data entry for handwritten Vietnamese civil-status registers.

    \b
    Examples:
      ocrfill read page.jpg --layout ks_2006_2015 --json
      ocrfill run scans/KS.2006.01 --layout ks_2006_2015 --workspace work
      ocrfill export --workspace work --out out
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(levelname)s %(message)s")


def main() -> None:
    """Run the command line; every expected error ends in one message and its exit code."""
    try:
        code = ocrfill.main(prog_name="ocrfill", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; run the same command again to go on", err=True)
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # whoever read our output has gone (`| head`): nothing to say, and nothing may be flushed at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.OK)
    except OcrfillError as error:
        click.echo(f"ocrfill: {error}", err=True)
        sys.exit(error.exit_code)
    except Exception:
        logging.getLogger("ocrfill").exception("a fault in ocrfill itself; please report it with this text")
        sys.exit(ExitCode.BUG)
    sys.exit(code if isinstance(code, int) else ExitCode.OK)
