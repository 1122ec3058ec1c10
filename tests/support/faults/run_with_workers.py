"""`ocrfill run` with worker processes, of which the first is watched, or disturbed at one of its own system calls.

Workers are started with the Python that the variable FAULTS_PYTHON names: a script made by `watched_python`.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from pathlib import Path

from support.faults.system_calls import WATCHED, Injection

from ocrfill import cli

SCRIPT = """#!/bin/sh
case "$*" in
*spawn_main*)
    if [ -n "$FAULTS_MARK" ] && mkdir "$FAULTS_MARK" 2>/dev/null; then
        exec strace -D -qq -y -s 0 -e signal=none $FAULTS_WATCH -o "$FAULTS_LOG" {python} "$@"
    fi ;;
esac
exec {python} "$@"
"""


def watched_python(folder: Path) -> Path:
    """A program that is Python, and in a run's first worker Python under strace."""
    script = folder / "python"
    script.write_text(SCRIPT.format(python=sys.executable), encoding="utf-8")
    script.chmod(0o755)
    return script


def variables(script: Path, log: Path, mark: Path, injection: Injection | None = None) -> dict[str, str]:
    """What the script is told: whether to watch the first worker, or to disturb it. `mark` must not be there yet."""
    watch = (
        f"-f -e trace={WATCHED}" if injection is None else f"-e trace={injection.point.call} -e {injection.option()}"
    )
    return {
        "FAULTS_PYTHON": str(script),
        "FAULTS_LOG": str(log),
        "FAULTS_MARK": str(mark),
        "FAULTS_WATCH": watch,
    }


def main() -> None:
    """The command with its own words, errors and exit codes."""
    multiprocessing.set_executable(os.environ["FAULTS_PYTHON"])
    sys.argv[1:] = ["run", *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
