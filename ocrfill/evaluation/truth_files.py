"""The truth files that stand beside drawn pages, found in a folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ocrfill.errors import BadInput
from ocrfill.evaluation.ground_truth import PageTruth, load_truth

TRUTH_FILE_KEY = '"ink_box"'
"""A key that each truth file with anything in it has, and no other JSON of ours."""


@dataclass(frozen=True, slots=True)
class TruePage:
    """A page image, where it lies, and what stands on it."""

    path: Path
    truth: PageTruth


def read_truth(folder: Path) -> tuple[TruePage, ...]:
    """All truth files in a folder and below it, in the order of their paths; other .json files are passed over.

    Raises BadInput where there is none, or one has faults.
    """
    found = tuple(_true_page(path) for path in sorted(folder.rglob("*.json")) if _is_truth(path))
    if not found:
        raise BadInput(
            f"no truth in {folder}: there must be a .json beside each page image, as scripts/make_samples.py draws them"
        )
    return found


def _true_page(path: Path) -> TruePage:
    truth = load_truth(path)
    return TruePage((path.parent / truth.image).resolve(), truth)


def _is_truth(path: Path) -> bool:
    try:
        return TRUTH_FILE_KEY in path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: byte {error.start} is not UTF-8") from error
