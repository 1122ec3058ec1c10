"""`ocrfill run` within one process and with a stand-in for the readers, so that all that is written is written here.

As a program it takes what `ocrfill run` takes. The order of what is written is that of a run with many workers: their
parent alone writes.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from support.fakes.executor import HereExecutor
from support.fakes.reader import FakeReading, no_progress

from ocrfill import cli
from ocrfill.batch import BookOptions, execute_plan, plan_run
from ocrfill.cli.workspace import open_store


def read_here(workspace: Path, scans: Sequence[Path], *, retry: bool = False) -> int:
    """A run; says how many failures there are in the end."""
    order = plan_run(scans, None, BookOptions("ks_2006_2015"), retry_failed=retry)
    with open_store(workspace, create=True) as store:
        return len(execute_plan(order, store, FakeReading(), lambda _: HereExecutor(), no_progress).failures)


def main() -> None:
    """The command with its own words, errors and exit codes."""
    command = importlib.import_module("ocrfill.cli.run")  # the package's attribute of that name is the command
    command.WorkerPool = lambda *_: HereExecutor()
    command.PageReader = lambda *_: FakeReading()
    sys.argv[1:] = ["run", *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
