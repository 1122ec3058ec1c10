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

MIN_PYTHON_VERSION = (3, 11)

SET_UP = "install ocrfill again: ./scripts/prepare run"

ALL_COMMANDS = ("all commands",)
SCAN_COMMANDS = ("read", "run", "show", "cells", "layout", "train")
"""The commands that open scans."""

READING_COMMANDS = ("read", "run", "layout", "train")
"""The commands that read writing."""

WORKSPACE_COMMANDS = ("run", "status", "show", "review", "calibrate", "trust", "export", "train", "evaluate")
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


REQUIRED_LIBRARIES = (
    Library("alembic", "alembic", WORKSPACE_COMMANDS),
    Library("annotated-types", "annotated_types", ALL_COMMANDS),
    Library("click", "click", ALL_COMMANDS),
    Library("httpx", "httpx", ("review", "layout")),
    Library("jinja2", "jinja2", ("show", "review", "trust", "layout")),
    Library("label-studio-sdk", "label_studio_sdk", ("review", "layout")),
    Library("markupsafe", "markupsafe", ("show", "review", "trust", "layout")),
    Library("numpy", "numpy", SCAN_COMMANDS),
    Library("onnxruntime", "onnxruntime", READING_COMMANDS),
    Library("opencv-python-headless", "cv2", SCAN_COMMANDS),
    Library("openpyxl", "openpyxl", ("export",)),
    Library("pdf2image", "pdf2image", SCAN_COMMANDS),
    Library("pikepdf", "pikepdf", (*SCAN_COMMANDS, "export")),
    Library("pillow", "PIL", (*SCAN_COMMANDS, "export", "review")),
    Library("pydantic", "pydantic", ALL_COMMANDS),
    Library("pytesseract", "pytesseract", READING_COMMANDS),
    Library("rapidfuzz", "rapidfuzz", READING_COMMANDS),
    Library("ruamel-yaml", "ruamel.yaml", ALL_COMMANDS),
    Library("scikit-learn", "sklearn", ("calibrate", "trust")),
    Library("scipy", "scipy", ("calibrate", "trust", "layout")),
    Library("sqlalchemy", "sqlalchemy", WORKSPACE_COMMANDS),
    Library("pg8000", "pg8000", ("a store in PostgreSQL",), "postgres"),
    Library("onnx", "onnx", ("train",), "train"),
    Library("torch", "torch", ("train",), "train"),
    Library("optuna", "optuna", ("layout tune",), "tune"),
)
"""Every package that ocrfill asks for, as in pyproject.toml."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One thing looked for: what it is, the version found (None: missing), and what to do about it.

    `commands` are those that do not work without it; what is `optional` is missed by nobody who does not call them.
    """

    name: str
    purpose: str
    version: str | None
    advice: str = ""
    commands: tuple[str, ...] = ALL_COMMANDS
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


def _line(finding: Requirement, needed: list[Requirement]) -> str:
    if finding.version is not None:
        mark = click.style("ok     ", fg="green")
    else:
        mark = click.style("missing", fg="red") if finding in needed else click.style("without", fg="yellow")
    return f"{mark}  {finding.name:<24} {finding.version or '':<12} {finding.purpose}: {', '.join(finding.commands)}"


def _concerns(finding: Requirement, command: str) -> bool:
    return finding.commands == ALL_COMMANDS or any(name.split()[0] == command for name in finding.commands)


def examine() -> tuple[Requirement, ...]:
    """Everything ocrfill needs, found or not, in the order a user should mend it."""
    here = platform.python_version()
    python = Requirement(
        "Python",
        "runs ocrfill",
        here if sys.version_info[:2] >= MIN_PYTHON_VERSION else None,
        f"this is Python {here}; ocrfill needs {MIN_PYTHON_VERSION[0]}.{MIN_PYTHON_VERSION[1]} or newer",
    )
    environments = Requirement(
        "venv",
        "Label Studio in an environment of its own",
        "installed" if find_spec("ensurepip") is not None else None,
        "install it with: sudo apt-get install python3-venv",
        ("review", "layout edit"),
    )
    libraries = [
        Requirement(
            one.name,
            "library" if one.extra is None else f"library of the extra {one.extra}",
            one.version(),
            SET_UP if one.extra is None else f"only if you want it: {install_extra(one.extra)}",
            one.commands,
            optional=one.extra is not None,
        )
        for one in REQUIRED_LIBRARIES
    ]
    return (python, *_programs(), *_languages(), environments, *libraries, _model())


def _programs() -> list[Requirement]:
    users = {TESSERACT.command: READING_COMMANDS, POPPLER.command: SCAN_COMMANDS}
    found = []
    for program in PROGRAMS:
        version, advice = None, program.advice
        try:
            version = program.version()
        except MissingProgram as error:
            advice = str(error)
        found.append(Requirement(program.command, program.purpose, version, advice, users[program.command]))
    return found


def _languages() -> list[Requirement]:
    languages = tesseract_languages()
    return [
        Requirement(
            f"tesseract: {code}",
            "Tesseract's Vietnamese",
            "installed" if code in languages else None,
            f"install it with: sudo apt-get install {package}",
            READING_COMMANDS,
        )
        for code, package in LANGUAGE_PACKAGES.items()
    ]


def _model() -> Requirement:
    advice = "copy models/hand of the release or the repository beside the package"
    try:
        from ocrfill.pipeline.recognition.model_files import shipped_model  # noqa: PLC0415 - needs the libraries above

        folder = shipped_model()
    except ModuleNotFoundError as error:
        folder, advice = None, f"cannot be looked for without {error.name}; {SET_UP}"
    return Requirement(
        "handwriting model", "reads handwriting", None if folder is None else folder.name, advice, READING_COMMANDS
    )
