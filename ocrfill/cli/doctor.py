"""`ocrfill doctor`: what is here, what is missing, and the command that installs it."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict, dataclass
from importlib import metadata

import click

from ocrfill import __version__
from ocrfill.errors import ExitCode
from ocrfill.pipeline.external_programs import LANGUAGE_PACKAGES, PROGRAMS, tesseract_languages

LIBRARIES = ("numpy", "opencv-python-headless", "pikepdf", "pytesseract")
OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked for: what it is, the version found (None: missing), and what to do about it."""

    name: str
    purpose: str
    version: str | None
    advice: str = ""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(*, as_json: bool) -> int:
    """Check what ocrfill needs on this computer and say how to install what is missing.

    \b
    Example:
      ocrfill doctor
    """
    findings = examine()
    missing = [f for f in findings if f.version is None]
    if as_json:
        click.echo(json.dumps({"ocrfill": __version__, "findings": [asdict(f) for f in findings]}, ensure_ascii=False))
    else:
        for finding in findings:
            mark = click.style("ok     ", fg="green") if finding.version else click.style("missing", fg="red")
            click.echo(f"{mark}  {finding.name:<24} {finding.version or '':<12} {finding.purpose}")
        for finding in missing:
            click.echo(f"\n{finding.name}: {finding.advice}")
        click.echo("" if missing else "\nAll that ocrfill needs is here.")
    return ExitCode.MISSING_PROGRAM if missing else ExitCode.OK


def examine() -> tuple[Finding, ...]:
    """Everything ocrfill needs, found or not, in the order a user should mend it."""
    here = platform.python_version()
    python = Finding(
        "Python",
        "runs ocrfill",
        here if sys.version_info[:2] >= OLDEST_PYTHON else None,
        f"this is Python {here}; ocrfill needs {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer",
    )
    programs = [Finding(p.command, p.purpose, p.version(), p.advice) for p in PROGRAMS]
    languages = tesseract_languages()
    language = [
        Finding(
            f"tesseract: {code}",
            "Tesseract's Vietnamese",
            "installed" if code in languages else None,
            f"install it with: sudo apt-get install {package}",
        )
        for code, package in LANGUAGE_PACKAGES.items()
    ]
    again = "install ocrfill again: ./scripts/prepare run"
    libraries = [Finding(name, "library", _library(name), again) for name in LIBRARIES]
    return (python, *programs, *language, *libraries)


def _library(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
