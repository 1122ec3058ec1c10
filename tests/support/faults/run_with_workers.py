"""`ocrfill run` with processes apart, of which one is watched, or disturbed at one of its own system calls: the first
opens files and counts their pages, the second reads them.

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
    number=1
    until mkdir "$FAULTS_MARK-$number" 2>/dev/null; do number=$((number + 1)); done
    if [ "$number" = "$FAULTS_WHICH" ]; then
        exec strace -D -qq -y -s 0 -e signal=none $FAULTS_WATCH -o "$FAULTS_LOG" {python} "$@"
    fi ;;
esac
exec {python} "$@"
"""


def watched_python(folder: Path) -> Path:
    """A program that is Python, and in one of a run's processes apart Python under strace."""
    script = folder / "python"
    script.write_text(SCRIPT.format(python=sys.executable), encoding="utf-8")
    script.chmod(0o755)
    return script


def variables(which: int, script: Path, log: Path, mark: Path, injection: Injection | None = None) -> dict[str, str]:
    """What the script is told: which process (from 1) to watch, or to disturb. Beside `mark` it counts them: no file
    whose name begins so may be there yet.
    """
    watch = (
        f"-f -e trace={WATCHED}" if injection is None else f"-e trace={injection.point.call} -e {injection.option()}"
    )
    return {
        "FAULTS_PYTHON": str(script),
        "FAULTS_LOG": str(log),
        "FAULTS_MARK": str(mark),
        "FAULTS_WHICH": str(which),
        "FAULTS_WATCH": watch,
    }


def main() -> None:
    """The command with its own words, errors and exit codes."""
    multiprocessing.set_executable(os.environ["FAULTS_PYTHON"])
    sys.argv[1:] = ["run", *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    main()
