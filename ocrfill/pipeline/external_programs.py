"""The programs outside Python that ocrfill calls: how to ask each for its version, and which package brings it."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass

from ocrfill.errors import MissingProgram

VERSION_TIMEOUT_SECONDS = 20
"""How long a program may take to say its version."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program: its command, the argument that makes it tell its version, its Debian package, what it is for."""

    command: str
    version_argument: str
    package: str
    purpose: str

    def version(self) -> str | None:
        """The version it tells, None where the program is not installed. Raises MissingProgram if it cannot run."""
        if shutil.which(self.command) is None:
            return None
        try:
            told = subprocess.run(
                [self.command, self.version_argument],
                capture_output=True,
                text=True,
                timeout=VERSION_TIMEOUT_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise MissingProgram(f"{self.command} is there but does not run: {error}; {self.advice}") from error
        found = re.search(r"\d+(?:\.\d+)+", told.stdout + told.stderr)
        return found[0] if found else "?"

    @property
    def advice(self) -> str:
        """The command that installs it on Debian and Ubuntu."""
        return f"install it with: sudo apt-get install {self.package}"


TESSERACT = Program("tesseract", "--version", "tesseract-ocr", "reads print and writing")
POPPLER = Program("pdftoppm", "-v", "poppler-utils", "draws PDF pages that are not plain scans")
PROGRAMS = (TESSERACT, POPPLER)

LANGUAGE_PACKAGES = {"vie": "tesseract-ocr-vie"}


def tesseract_languages() -> tuple[str, ...]:
    """The languages Tesseract has; empty where Tesseract is not installed."""
    if shutil.which(TESSERACT.command) is None:
        return ()
    told = subprocess.run(
        [TESSERACT.command, "--list-langs"],
        capture_output=True,
        text=True,
        timeout=VERSION_TIMEOUT_SECONDS,
        check=False,
    )
    return tuple(line.strip() for line in told.stdout.splitlines()[1:] if line.strip())
