"""The same scans, layout and models give the same bytes, wherever and however they are read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support.paths import ROOT

pytestmark = [pytest.mark.tesseract, pytest.mark.onnx, pytest.mark.nightly]

KEY = "KS.2006.01"
PAGES = sorted((ROOT / "samples" / KEY).glob("*.jpg"))[:2]

OURS = ("PYTHONHASHSEED", "LC_ALL", "LANG", "TZ", "HOME", "TMPDIR", "XDG_CACHE_HOME", "OMP_THREAD_LIMIT", "COLUMNS")


@dataclass(frozen=True)
class Place:
    """A computer's ways that must not show in what is written."""

    name: str
    jobs: int
    umask: int
    backwards: bool
    variables: dict[str, str] = field(default_factory=dict)


PLACES = (
    Place("a", 1, 0o077, False, {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "UTC", "OMP_THREAD_LIMIT": "1"}),
    Place(
        "sổ hộ tịch 2 (b)?",
        2,
        0o000,
        True,
        {
            "PYTHONHASHSEED": "4711",
            "LC_ALL": "C.UTF-8",
            "LANG": "vi_VN.UTF-8",
            "TZ": "Asia/Ho_Chi_Minh",
            "COLUMNS": "40",
        },
    ),
)


def written(folder: Path, place: Place) -> dict[str, bytes]:
    """Everything that run, export and read write there."""
    home, scans = folder / f"home {place.jobs}", folder / "scans" / KEY
    for made in (home, scans, folder / f"tmp{place.jobs}"):
        made.mkdir(parents=True)
    for page in reversed(PAGES) if place.backwards else PAGES:  # as the file system lists them
        shutil.copy(page, scans)
        os.utime(scans / page.name, (10**9 * place.jobs, 10**9 * place.jobs))
    kept = {name: text for name, text in os.environ.items() if name not in OURS}
    variables = kept | place.variables | {"HOME": str(home), "TMPDIR": str(folder / f"tmp{place.jobs}")}

    def call(*words: str) -> bytes:
        done = subprocess.run(
            [sys.executable, "-m", "ocrfill", *words],
            cwd=folder,
            env=variables,
            umask=place.umask,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout

    call("run", f"scans/{KEY}", "--layout", "ks_2006_2015", "--workspace", "work", "--jobs", str(place.jobs))
    call("export", "--workspace", "work", "--out", "out")
    page = f"scans/{KEY}/{PAGES[0].name}"
    files = {"read.json": call("read", page, "--layout", "ks_2006_2015", "--json")}
    files["trace.jsonl"] = call("trace", "--workspace", "work", "--book", KEY, "--json")
    files["store"] = (folder / "work" / "ocrfill.sqlite").read_bytes()
    return files | {file.name: file.read_bytes() for file in (folder / "out").iterdir()}


def test_bytes_depend_on_scans_layout_and_models_alone(tmp_path: Path) -> None:
    one, other = (written(tmp_path / place.name, place) for place in PLACES)
    assert one.keys() == other.keys()
    assert {f"{KEY}.{kind}" for kind in ("xlsx", "contractor.xlsx", "zip", "csv", "jsonl")} < one.keys()
    assert [name for name in one if one[name] != other[name]] == []
    assert b"raw" in one["read.json"]
