"""The README followed literally in a fresh copy of the checkout: set-up, demo, and each command in order."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.label_studio_session import asked, label_studio_environment
from support.pages import code_lines, tracked
from support.paths import ROOT

from ocrfill.review.answers import TYPED_CONTROL
from ocrfill.review.server_access import load, need

pytestmark = [pytest.mark.label_studio, pytest.mark.tesseract, pytest.mark.onnx, pytest.mark.slow]

MINUTES = 20
"""How long one command may take: the first one installs."""


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """What git holds of this checkout, and nothing that was installed or made in it."""
    copy = tmp_path / "ocrfill"
    for name in sorted(tracked()):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, copy / name)
    yield copy
    if load(copy / "out" / "work") is not None:  # the server of a test that failed half way
        told(copy, "ocrfill review stop --workspace out/work")


def told(checkout: Path, line: str) -> str:
    """What a line of the README prints, typed into a shell whose environment is active; it must succeed."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV", "COV", "PYTEST"))}
    environment = inherited | {"OCRFILL_LABEL_STUDIO": str(label_studio_environment()), "BROWSER": "true"}
    active = f". .venv/bin/activate; {line}" if (checkout / ".venv" / "bin" / "activate").exists() else line
    ran = subprocess.run(
        ["bash", "-c", active],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60 * MINUTES,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert ran.returncode == 0, f"{line}\nended with {ran.returncode}:\n{ran.stdout[-2000:]}\n{ran.stderr[-3000:]}"
    return ran.stdout


def confirm_all(workspace: Path) -> int:
    """Confirm the value of every open task, as a person does with Ctrl+Enter; how many there were."""
    access = need(workspace)
    projects = asked(access, "/api/projects/?page_size=100")["results"]
    count = 0
    for project in projects:
        listed = asked(access, f"/api/tasks/?project={project['id']}&fields=all&page_size=1000")
        for task in listed["tasks"]:
            if task["is_labeled"]:
                continue
            text = {"from_name": TYPED_CONTROL, "to_name": "html", "type": "textarea", "id": "a"}
            value = {"value": {"text": [task["data"]["prefilled"]]}}
            asked(access, f"/api/tasks/{task['id']}/annotations/", {"result": [text | value], "lead_time": 2.0})
            count += 1
    return count


def test_every_command_of_the_readme_works_in_order_after_its_own_set_up(checkout: Path) -> None:
    lines = [line.split("  #")[0].strip() for line in code_lines(ROOT / "README.md") if line.strip()]
    assert lines[:2] == ["./scripts/demo", "./scripts/test"]
    typed = [line for line in lines if line != "./scripts/test" and not line.startswith(". ")]
    assert {"calibrate", "trust", "export", "review", "run", "read"} <= {shlex.split(line)[1] for line in typed[2:]}
    answered = 0
    for line in typed:
        if line.startswith("ocrfill review pull"):
            answered += confirm_all(checkout / "out" / "work")
        printed = told(checkout, line)
        if line.startswith("ocrfill read"):
            assert len(json.loads(printed)) >= 1
        if line.startswith("ocrfill trust"):
            assert (checkout / "out" / "trust.html").stat().st_size > 1000
    assert answered > 20
    delivered = sorted(file.name for file in (checkout / "out" / "delivery").iterdir())
    assert delivered == [f"KS.2006.01{end}" for end in (".contractor.xlsx", ".csv", ".jsonl", ".xlsx", ".zip")]
    rows = (checkout / "out" / "delivery" / "KS.2006.01.jsonl").read_text(encoding="utf-8").splitlines()
    fields = [field for row in rows for record in json.loads(row)["records"] for field in record["fields"]]
    assert sum(bool(field["raw"]) for field in fields) >= answered
