"""Where a command's own words cannot be written, it says so and ends with the code for output."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ocrfill.errors import ExitCode

pytestmark = pytest.mark.slow

FULL = "/dev/full"


def ended(*words: str, output: str = os.devnull, errors: str | int = subprocess.PIPE) -> subprocess.CompletedProcess:
    """A command whose standard output, and standard error where it is a file, lead there."""
    with open(output, "w") as out, open(errors if isinstance(errors, str) else os.devnull, "w") as err:  # noqa: PTH123
        return subprocess.run(
            [sys.executable, "-m", "ocrfill", *words],
            stdout=out,
            stderr=err if isinstance(errors, str) else errors,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.mark.skipif(not os.path.exists(FULL), reason="this system has no /dev/full")  # noqa: PTH110
@pytest.mark.parametrize("words", [("--help",), ("layout", "list")])
def test_a_full_disk_under_standard_output_is_told(words: tuple[str, ...]) -> None:
    done = ended(*words, output=FULL)
    assert done.returncode == ExitCode.OUTPUT
    assert done.stderr == (
        "ocrfill: what was to be printed cannot be written: No space left on device; make room where the output goes, "
        "and run the same command again\n"
    )


def test_where_nothing_can_be_said_the_exit_code_says_it() -> None:
    assert ended("layout", "list", output=FULL, errors=FULL).returncode == ExitCode.OUTPUT


def test_an_error_that_cannot_be_said_keeps_its_code() -> None:
    assert ended("layout", "no such command", errors=FULL).returncode == ExitCode.USAGE
    assert ended("status", "--workspace", "/no such place", errors=FULL).returncode == ExitCode.STORE
