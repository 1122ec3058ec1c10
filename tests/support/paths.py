"""Where tests find what the checkout holds, and the data kept outside it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

TESTS = ROOT / "tests"
SHARED = ROOT.parent / "shared"
"""Real handwriting and pages; absent on most machines."""
