"""SciPy and scikit-learn take seconds to load: commands that calibrate nothing do without them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.builders.reviewed import reviewed_workspace
from support.paths import ROOT

from ocrfill.acceptance.calibrate import GuaranteeRequest, calibrate
from ocrfill.acceptance.policy_file import save_trust
from ocrfill.acceptance.reviewed_fields import reviewed_samples
from ocrfill.store import Store

pytestmark = pytest.mark.slow

SAMPLE = ROOT / "samples" / "KS.2006.01" / "0001.jpg"

CODE = """
import sys
from ocrfill.cli import ocrfill

ocrfill.main(sys.argv[1:], standalone_mode=False)
print("loaded:", *sorted({"scipy", "sklearn"} & set(sys.modules)), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """A workspace with trust by which values are accepted."""
    folder, _ = reviewed_workspace(tmp_path_factory.mktemp("trusted"), pages=40)
    with Store.open(folder) as store:
        trust = calibrate(reviewed_samples(store), GuaranteeRequest(0.1))
    assert any(above is not None for above in trust.cuts.values())
    save_trust(trust, folder)
    return folder


def loaded_by(*arguments):
    """Which of the two libraries a command has loaded when it ends."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, *map(str, arguments)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    (told,) = [line for line in done.stderr.splitlines() if line.startswith("loaded:")]
    return told.split()[1:]


def test_reading_accepting_telling_and_exporting_load_no_statistics(workspace, tmp_path):
    assert loaded_by("run", "--workspace", workspace) == []
    with Store.open(workspace) as store:
        (status,) = store.status()
    assert status.fields["accept"] > 100, "the run has accepted values"
    assert loaded_by("status", "--workspace", workspace) == []
    assert loaded_by("export", "--workspace", workspace, "--out", tmp_path, "--format", "xlsx,csv") == []


@pytest.mark.onnx
def test_reading_a_page_loads_no_statistics():
    assert loaded_by("read", SAMPLE, "--layout", "ks_2006_2015", "--reader", "hand", "--json") == []


def test_what_watches_sees_them_where_they_are_loaded(workspace):
    assert loaded_by("trust", "--workspace", workspace) == ["scipy", "sklearn"]
