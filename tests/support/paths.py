"""Where tests find what the checkout holds, and the data kept outside it."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

TESTS = ROOT / "tests"
SHARED = ROOT.parent / "shared"
"""Real handwriting and pages; absent on most machines."""


def user_cache() -> Path:
    """Where what tests make once is kept for this user."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ocrfill-tests"
