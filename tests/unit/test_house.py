"""The house: where things stand under ocrfill/, what they are called, and what each may load."""

import subprocess
import sys

import pytest


def loaded_by(module: str) -> set[str]:
    """Top packages, and rooms of ocrfill, that a fresh interpreter has loaded after importing the module alone."""
    code = f"import sys, {module}; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {".".join(name.split(".")[: 2 if name.startswith("ocrfill.") else 1]) for name in done.stdout.split()}


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("ocrfill.layouts", {"cv2", "sqlalchemy", "onnxruntime", "ocrfill.pipeline", "ocrfill.store"}),
        ("ocrfill.cli.read", {"sqlalchemy", "alembic", "label_studio_sdk", "torch", "ocrfill.store", "ocrfill.batch"}),
    ],
)
def test_an_import_loads_no_more_than_it_needs(module, never):
    loaded = loaded_by(module)
    assert {"ocrfill.layouts"} <= loaded, "nothing was loaded at all"
    assert not loaded & never
