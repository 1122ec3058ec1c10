"""Where handwriting models lie: those that came with ocrfill, and those that a workspace taught itself."""

from __future__ import annotations

from pathlib import Path

MODELS_FOLDER, FIRST_KIND, SECOND_KIND = Path("models"), "hand", "hand-second"
"""The folder of models, and in it those of the network for every line, and of the slower one for lines it doubts."""

HAND_MODELS_FOLDER = MODELS_FOLDER / FIRST_KIND
"""The handwriting reader's models, a numbered folder each; below the package, and below a workspace."""


def shipped_model(kind: str = FIRST_KIND) -> Path | None:
    """The newest model of a kind that came with ocrfill; None where there is none."""
    package = Path(__file__).resolve().parents[2]
    found = (newest_model(root / MODELS_FOLDER / kind) for root in (package, package.parent))
    return next((folder for folder in found if folder is not None), None)


def newest_model(root: Path) -> Path | None:
    """The model folder with the greatest number below a folder; None where there is none."""
    folders = (card.parent for card in root.glob("*/card.json") if card.parent.name.isdecimal())
    return max(folders, key=lambda folder: int(folder.name), default=None)
