"""`ocrfill doctor` names what is missing and for which command, and a missing package never ends in a traceback."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.paths import ROOT

from ocrfill.cli import COMMANDS
from ocrfill.cli.doctor import ALL_COMMANDS, REQUIRED_LIBRARIES, Library, doctor, examine
from ocrfill.errors import ExitCode, install_extra

CORE = sorted({library.module.partition(".")[0] for library in REQUIRED_LIBRARIES if library.extra is None} - {"click"})

WITHOUT = """
import sys
gone = sys.argv.pop(1)

class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == gone:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Gone())
from ocrfill.cli import main
main()
"""
"""Runs `ocrfill` on a computer without a package."""


def without(module: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT, module, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_every_package_asked_for_is_looked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {(None, name(one)) for one in project["dependencies"]}
    asked |= {(extra, name(one)) for extra, of in project["optional-dependencies"].items() for one in of}
    assert {(library.extra, library.name) for library in REQUIRED_LIBRARIES} == asked


def name(requirement: str) -> str:
    return re.split(r"[<>=!~;\[ ]", requirement, maxsplit=1)[0]


def test_every_finding_is_of_commands_there_are():
    for finding in examine():
        for command in finding.commands:
            assert finding.commands == ALL_COMMANDS or finding.optional or command.split()[0] in COMMANDS


@pytest.mark.slow
@pytest.mark.parametrize("module", CORE)
def test_what_is_missing_is_named_with_its_commands(module: str):
    ran = without(module, "doctor", "--json")
    assert ran.returncode == ExitCode.MISSING_PROGRAM, ran.stderr
    findings = {finding["name"]: finding for finding in json.loads(ran.stdout)["findings"]}
    (missing,) = [library for library in REQUIRED_LIBRARIES if library.module.partition(".")[0] == module]
    assert findings[missing.name]["version"] is None
    assert findings[missing.name]["advice"] == "install ocrfill again: ./scripts/prepare run"
    assert findings[missing.name]["commands"]


def test_a_command_without_its_package_says_which_and_what_to_do():
    page = ROOT / "samples" / "KS.2006.01" / "0001.jpg"
    ran = without("onnxruntime", "read", page, "--layout", "ks_2006_2015", "--reader", "hand")
    assert ran.returncode == ExitCode.MISSING_PROGRAM
    assert "the Python package onnxruntime is missing" in ran.stderr
    assert "./scripts/prepare run" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_one_command_asks_only_for_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Library, "version", lambda self: None if self.name == "openpyxl" else "1")
    for command, code in (("export", ExitCode.MISSING_PROGRAM), ("status", ExitCode.OK)):
        ran = CliRunner().invoke(doctor, [command], standalone_mode=False)
        assert ran.return_value == code
        assert ("openpyxl" in ran.output) == (command == "export")


def test_an_extra_is_missed_only_by_who_wants_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Library, "version", lambda self: None if self.extra == "train" else "1")
    assert CliRunner().invoke(doctor, [], standalone_mode=False).return_value == ExitCode.OK
    ran = CliRunner().invoke(doctor, ["train"], standalone_mode=False)
    assert ran.return_value == ExitCode.MISSING_PROGRAM
    assert install_extra("train") in ran.output


def test_the_advised_command_runs_the_python_that_runs_ocrfill():
    assert install_extra("tune").startswith(f"{sys.executable} -m pip install ")
