"""`ocrfill doctor`: what is here, what is missing for which command, and the command that installs it."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict, dataclass
from importlib import metadata
from importlib.util import find_spec

import click

from ocrfill import __version__
from ocrfill.cli import COMMANDS
from ocrfill.errors import ExitCode, MissingProgram, install_extra
from ocrfill.pipeline.external_programs import LANGUAGE_PACKAGES, POPPLER, PROGRAMS, TESSERACT, tesseract_languages

OLDEST_PYTHON = (3, 11)

SET_UP = "install ocrfill again: ./scripts/prepare run"

ALL = ("all commands",)
SCANS = ("read", "run", "show", "cells", "layout", "train")
"""The commands that open scans."""

WRITING = ("read", "run", "layout", "train")
"""The commands that read writing."""

WORKSPACES = ("run", "status", "show", "review", "calibrate", "trust", "export", "train", "evaluate")
"""The commands that open a workspace."""


@dataclass(frozen=True, slots=True)
class Library:
    """A Python package: its name in the registry and as a module, the commands that need it, and its extra, if any."""

    name: str
    module: str
    commands: tuple[str, ...]
    extra: str | None = None

    def version(self) -> str | None:
        """The version that is installed; None where the package or its module is missing."""
        try:
            return metadata.version(self.name) if find_spec(self.module) is not None else None
        except (metadata.PackageNotFoundError, ModuleNotFoundError):
            return None


LIBRARIES = (
    Library("alembic", "alembic", WORKSPACES),
    Library("annotated-types", "annotated_types", ALL),
    Library("click", "click", ALL),
    Library("httpx", "httpx", ("review", "layout")),
    Library("jinja2", "jinja2", ("show", "review", "trust", "layout")),
    Library("label-studio-sdk", "label_studio_sdk", ("review", "layout")),
    Library("markupsafe", "markupsafe", ("show", "review", "trust", "layout")),
    Library("numpy", "numpy", SCANS),
    Library("onnxruntime", "onnxruntime", WRITING),
    Library("opencv-python-headless", "cv2", SCANS),
    Library("openpyxl", "openpyxl", ("export",)),
    Library("pdf2image", "pdf2image", SCANS),
    Library("pikepdf", "pikepdf", (*SCANS, "export")),
    Library("pillow", "PIL", (*SCANS, "export", "review")),
    Library("pydantic", "pydantic", ALL),
    Library("pytesseract", "pytesseract", WRITING),
    Library("rapidfuzz", "rapidfuzz", WRITING),
    Library("ruamel-yaml", "ruamel.yaml", ALL),
    Library("scikit-learn", "sklearn", ("calibrate", "trust")),
    Library("scipy", "scipy", ("calibrate", "trust", "layout")),
    Library("sqlalchemy", "sqlalchemy", WORKSPACES),
    Library("pg8000", "pg8000", ("a store in PostgreSQL",), "postgres"),
    Library("onnx", "onnx", ("train",), "train"),
    Library("torch", "torch", ("train",), "train"),
    Library("optuna", "optuna", ("layout tune",), "tune"),
)
"""Every package that ocrfill asks for, as in pyproject.toml."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked for: what it is, the version found (None: missing), and what to do about it.

    `commands` are those that do not work without it; what is `optional` is missed by nobody who does not call them.
    """

    name: str
    purpose: str
    version: str | None
    advice: str = ""
    commands: tuple[str, ...] = ALL
    optional: bool = False


@click.command()
@click.argument("command", required=False, type=click.Choice(list(COMMANDS)))
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(command: str | None, *, as_json: bool) -> int:
    """Check what ocrfill needs on this computer and say how to install what is missing.

    With a COMMAND only what that one needs.

    \b
    Examples:
      ocrfill doctor
      ocrfill doctor review
      ocrfill doctor --json
    """
    findings = tuple(f for f in examine() if command is None or _concerns(f, command))
    missing = [f for f in findings if f.version is None]
    needed = [f for f in missing if not f.optional or command in f.commands]
    if as_json:
        click.echo(json.dumps({"ocrfill": __version__, "findings": [asdict(f) for f in findings]}, ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(_line(finding, needed))
        for advice in dict.fromkeys(finding.advice for finding in missing):
            names = ", ".join(finding.name for finding in missing if finding.advice == advice)
            click.echo(f"\n{names}: {advice}")
        if not needed:
            click.echo(f"\nAll that {command or 'ocrfill'} needs is here.")
    return ExitCode.MISSING_PROGRAM if needed else ExitCode.OK


def _line(finding: Finding, needed: list[Finding]) -> str:
    if finding.version is not None:
        mark = click.style("ok     ", fg="green")
    else:
        mark = click.style("missing", fg="red") if finding in needed else click.style("without", fg="yellow")
    return f"{mark}  {finding.name:<24} {finding.version or '':<12} {finding.purpose}: {', '.join(finding.commands)}"


def _concerns(finding: Finding, command: str) -> bool:
    return finding.commands == ALL or any(name.split()[0] == command for name in finding.commands)


def examine() -> tuple[Finding, ...]:
    """Everything ocrfill needs, found or not, in the order a user should mend it."""
    here = platform.python_version()
    python = Finding(
        "Python",
        "runs ocrfill",
        here if sys.version_info[:2] >= OLDEST_PYTHON else None,
        f"this is Python {here}; ocrfill needs {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer",
    )
    environments = Finding(
        "venv",
        "Label Studio in an environment of its own",
        "installed" if find_spec("ensurepip") is not None else None,
        "install it with: sudo apt-get install python3-venv",
        ("review", "layout edit"),
    )
    libraries = [
        Finding(
            one.name,
            "library" if one.extra is None else f"library of the extra {one.extra}",
            one.version(),
            SET_UP if one.extra is None else f"only if you want it: {install_extra(one.extra)}",
            one.commands,
            optional=one.extra is not None,
        )
        for one in LIBRARIES
    ]
    return (python, *_programs(), *_languages(), environments, *libraries, _model())


def _programs() -> list[Finding]:
    users = {TESSERACT.command: WRITING, POPPLER.command: SCANS}
    found = []
    for program in PROGRAMS:
        version, advice = None, program.advice
        try:
            version = program.version()
        except MissingProgram as error:
            advice = str(error)
        found.append(Finding(program.command, program.purpose, version, advice, users[program.command]))
    return found


def _languages() -> list[Finding]:
    languages = tesseract_languages()
    return [
        Finding(
            f"tesseract: {code}",
            "Tesseract's Vietnamese",
            "installed" if code in languages else None,
            f"install it with: sudo apt-get install {package}",
            WRITING,
        )
        for code, package in LANGUAGE_PACKAGES.items()
    ]


def _model() -> Finding:
    advice = "copy models/hand of the release or the repository beside the package"
    try:
        from ocrfill.pipeline.recognition.model_files import shipped_model  # noqa: PLC0415 - needs the libraries above

        folder = shipped_model()
    except ModuleNotFoundError as error:
        folder, advice = None, f"cannot be looked for without {error.name}; {SET_UP}"
    return Finding("handwriting model", "reads handwriting", None if folder is None else folder.name, advice, WRITING)
