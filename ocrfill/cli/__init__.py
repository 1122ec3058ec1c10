"""The command line: each command is a module here, imported only when it is called."""

from __future__ import annotations

import io
import logging
import os
import signal
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from types import FrameType
from typing import TextIO, TypeGuard

import click

from ocrfill import __version__
from ocrfill.errors import ExitCode, OcrfillError
from ocrfill.pipeline.scan_process import scan_process

COMMANDS = {
    "read": "Read pages and print what they say; keeps nothing.",
    "run": "Read a book's scans into a workspace; goes on where it stopped.",
    "status": "Tell how far a workspace is.",
    "show": "Draw what was read, and where, as a picture or an HTML page.",
    "review": "Put doubted fields before persons, in Label Studio, and fetch what they say.",
    "calibrate": "Learn from reviewed fields how sure values are, and accept what can be promised.",
    "trust": "Show what is promised, accepted and audited.",
    "export": "Write Excel, PDFs, CSV and JSON lines of the books.",
    "trace": "Tell where exported values come from: scan, place, reader, model, reviewer.",
    "trail": "Tell who saw or changed which records.",
    "purge": "Take a book out of a workspace for good, and show that it is gone.",
    "cells": "Find the cells of ruled tables, without a layout.",
    "layout": "List, check, draw and correct layouts of printed forms.",
    "train": "Teach the handwriting reader the hands of a workspace.",
    "evaluate": "Compare what was read with the truth.",
    "doctor": "Check what this computer lacks, and how to install it.",
}
"""Each command and what it does; the command `read` is `ocrfill.cli.read.read`."""


class ReaderGone(Exception):
    """Whoever read our output has gone; no OSError, of which click makes exit code 1."""


class Commands(click.Group):
    """A group that imports a command's module only when that command is called: `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, in the order of help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, its module imported; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"ocrfill.cli.{cmd_name}"), cmd_name)
        if not isinstance(command, click.Command):
            raise TypeError(f"ocrfill.cli.{cmd_name}.{cmd_name} is not a command")
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. Raises ReaderGone where nobody reads its output any more."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderGone from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in `--help`, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ocrfill")
@click.option("-v", "--verbose", is_flag=True, help="Tell more on stderr about what is being done.")
def ocrfill(*, verbose: bool) -> None:
    """Pre-fill data entry for handwritten Vietnamese civil-status registers.

    \b
    Examples:
      ocrfill read page.jpg --layout ks_2006_2015 --json
      ocrfill run scans/KS.2006.01 --layout ks_2006_2015 --workspace work
      ocrfill export --workspace work --out out
    """
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format="%(levelname)s %(message)s")


def main() -> None:
    """Run the command line; every expected error ends in one message and its exit code."""
    _end_in_order()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name need not be text
    try:
        with scan_process():
            code = ocrfill.main(prog_name="ocrfill", standalone_mode=False)
    except click.ClickException as error:
        _say(error.show)
        sys.exit(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted; run the same command again to go on")
        sys.exit(ExitCode.INTERRUPTED)
    except (BrokenPipeError, ReaderGone):
        _to_nowhere(sys.stdout)  # whoever read our output has gone (`| head`): nothing to say
        sys.exit(ExitCode.OK)
    except OcrfillError as error:
        _say(f"ocrfill: {error}")
        sys.exit(error.exit_code)
    except Exception as error:
        if _is_of_printing(error):
            _to_nowhere(sys.stdout)
            _say(
                f"ocrfill: what was to be printed cannot be written: {error.strerror}; make room where the output "
                "goes, and run the same command again"
            )
            sys.exit(ExitCode.OUTPUT)
        if package := _missing_package(error):
            _say(
                f"ocrfill: the Python package {package} is missing; install ocrfill again: ./scripts/prepare run "
                "(ocrfill doctor tells what else is missing)"
            )
            sys.exit(ExitCode.MISSING_PROGRAM)
        logging.getLogger("ocrfill").exception("a fault in ocrfill itself; please report it with this text")
        sys.exit(ExitCode.BUG)
    sys.exit(code if isinstance(code, int) else ExitCode.OK)


def _end_in_order() -> None:
    """A request to end (`kill`, a closed terminal) is treated as Ctrl+C, so that temporary files go; a second one ends
    the process at once. What a caller ignores (`nohup`) stays ignored.
    """

    def interrupt(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, interrupt)


def _is_of_printing(error: Exception) -> TypeGuard[OSError]:
    """Whether what went wrong is that a command's own words could not be written."""
    frames = traceback.extract_tb(error.__traceback__)
    return isinstance(error, OSError) and bool(frames) and frames[-1].filename == click.utils.__file__


def _say(last_words: str | Callable[[], None]) -> None:
    """Say on standard error why the command ends; where that takes nothing either, the exit code alone tells."""
    try:
        if isinstance(last_words, str):
            click.echo(last_words, err=True)
        else:
            last_words()
    except OSError:
        _to_nowhere(sys.stderr)


def _to_nowhere(stream: TextIO | None) -> None:
    """What is left in a stream is not tried again at exit, where it would end in another exit code."""
    if stream is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _missing_package(error: Exception) -> str | None:
    """The package that is not installed, where that is what went wrong; ocrfill's own modules are never missing."""
    if not isinstance(error, ModuleNotFoundError) or error.name is None:
        return None
    package = error.name.partition(".")[0]
    return None if package == "ocrfill" else package
