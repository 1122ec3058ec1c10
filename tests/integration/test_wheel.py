"""The wheel itself, in new environments: what is given away is what is tried."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.paths import ROOT

MISSING_PYTHON = 6


@pytest.mark.nightly
@pytest.mark.slow
@pytest.mark.tesseract
@pytest.mark.onnx
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_the_wheel_reads_a_page_from_a_new_environment(version: str) -> None:
    ran = subprocess.run([ROOT / "scripts" / "try_wheel", version], capture_output=True, text=True, check=False)
    if ran.returncode == MISSING_PYTHON and version != f"{sys.version_info[0]}.{sys.version_info[1]}":
        assert "no such Python is installed" in ran.stderr
        return
    assert ran.returncode == 0, ran.stderr
    assert f"Python {version}." in ran.stdout
