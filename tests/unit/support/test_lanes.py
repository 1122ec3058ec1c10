"""How tests are run: skips that fail a run, a lane's time, what is kept for the night, who gets which test."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import servers
from support.lanes import group_of
from support.paths import ROOT, TESTS

pytestmark = pytest.mark.slow

SAMPLE = """
import pytest, time

def test_passes(): pass

@pytest.mark.nightly
def test_of_the_night(): raise AssertionError("run by day")
"""

SKIPS = {
    "none": "",
    "one": "def test_skips(): pytest.skip('no such program')",
    "shared": "@pytest.mark.shared_data\ndef test_skips(): pytest.skip('personal data')",
}


def run(folder: Path, *options: str, skips: str = "none", **environment: str) -> subprocess.CompletedProcess[str]:
    """A run of its own over a few tests."""
    (folder / "test_sample.py").write_text(SAMPLE + SKIPS[skips])
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n    nightly\n    shared_data\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "CI"))}
    path = os.pathsep.join((str(TESTS), str(ROOT)))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "support.lanes",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(folder),
    ]
    return subprocess.run(
        [*command, *options, str(folder)],
        capture_output=True,
        text=True,
        cwd=folder,
        env=kept | {"PYTHONPATH": path} | environment,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("skips", "options", "environment", "code"),
    [
        ("none", ["--no-skips", "--most-seconds", "60"], {}, 0),
        ("one", [], {}, 0),
        ("one", ["--no-skips", "-n", "2", "--dist", "loadscope"], {}, 1),
        ("one", [], {"CI": "true"}, 1),
        ("shared", ["--no-skips"], {}, 0),
        ("none", ["--most-seconds", "0"], {}, 1),
        ("none", ["--nightly"], {}, 1),
    ],
)
def test_a_run_fails_for_a_skip_or_for_its_time_and_leaves_the_nights_tests_out(
    tmp_path: Path, skips: str, options: list[str], environment: dict[str, str], code: int
) -> None:
    ran = run(tmp_path, *options, skips=skips, **environment)
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert ("skipped, and only shared_data may be" in ran.stdout) == (skips == "one" and code == 1)
    assert ("over the lane's 0 s" in ran.stdout) == ("0" in options)
    assert ("run by day" in ran.stdout) == ("--nightly" in options)


def test_tests_of_a_file_and_of_one_server_stay_together_and_long_ones_apart() -> None:
    assert group_of("tests/unit/a/test_b.py::test_c[d]") == group_of("tests/unit/a/test_b.py::test_e")
    assert group_of("tests/unit/a/test_b.py::test_c") != group_of("tests/unit/b/test_b.py::test_c")
    assert group_of("tests/browser/test_review.py::test_a") == group_of("tests/browser/test_layout_edit.py::test_b")
    killed = "tests/integration/test_run_killed.py"
    assert (ROOT / killed).exists()
    assert group_of(f"{killed}::test_a[1]") == group_of(f"{killed}::test_a[2]") != group_of(f"{killed}::test_b")


def test_a_server_that_cannot_start_says_why_to_all_who_wait(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(servers.NoServer, match="no such server"):
            servers.awaited(tmp_path, "no such server")
    assert len(list(tmp_path.glob("*.begun"))) == 1
