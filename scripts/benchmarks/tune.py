"""Benchmark `tune`: settings found on 10 reviewed pages of a book, tried on 30 other pages of it.

The book is of a made-up form that does not come with ocrfill, in handwriting faces, damaged as scans are. It is read as
it is, once with badly chosen settings and once with the usual ones, and with the pen faded to a third and to a fifth of
its darkness: with the usual settings the last is taken for blank paper.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from ocrfill.authoring.tune.cached_reader import cached_readers
from ocrfill.authoring.tune.ground_truth_pages import GroundTruthPage, drawn_pages
from ocrfill.authoring.tune.objective import TuningObjective, TuningSettings
from ocrfill.authoring.tune.search import search_settings
from ocrfill.authoring.tune.selection import select_settings
from ocrfill.authoring.tune.significance import bootstrap_interval
from ocrfill.authoring.tune.write_settings import with_settings
from ocrfill.layouts import Layout, Tuning, load_layout
from ocrfill.pipeline.recognition import Reader, TesseractReader

FORM_FILE = Path(__file__).resolve().parent / "birth_note.yaml"
MAKE_SAMPLES = FORM_FILE.parent.parent / "make_samples.py"
REVIEWED_PAGES, OTHER_PAGES = 10, 30
QUICK_REVIEWED_PAGES, QUICK_OTHER_PAGES = 5, 2
TRIAL_COUNT, QUICK_TRIAL_COUNT = 20, 5

FADED_INK_SHARES = {"faded pen": 0.33, "all but faded pen": 0.2}
"""What is left of the pen's darkness in faded books."""

BAD_SETTINGS = TuningSettings(
    Tuning(ink=90, left=-4.0, rise=2.0, lexicon=0.0), {"so": "tesseract", "ngay_sinh": "tesseract"}
)
"""Settings badly chosen: for darker ink, for lines typed high, for narrow places, nothing known of texts, two fields
read as print."""

USUAL_SETTINGS = TuningSettings(Tuning(), {})
"""The usual settings, right for most books."""


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """Exact fields on the other pages before and after tuning, for each start."""
    del data
    cv2.setNumThreads(1)
    reviewed = QUICK_REVIEWED_PAGES if quick else REVIEWED_PAGES
    layout = load_layout(FORM_FILE)
    books = drawn(layout, reviewed + (QUICK_OTHER_PAGES if quick else OTHER_PAGES), seed)
    readers = cached_readers(TesseractReader("vie", twice=False))
    usual = books["usual pen"]
    return {
        "reviewed pages": reviewed,
        "other pages": len(usual) - reviewed,
        "settings tried": QUICK_TRIAL_COUNT if quick else TRIAL_COUNT,
        "badly chosen settings": tuned(layout, BAD_SETTINGS, usual, readers, quick=quick),
        **{
            f"{pen}, usual settings": tuned(layout, USUAL_SETTINGS, pages, readers, quick=quick)
            for pen, pages in books.items()
        },
    }


def drawn(layout: Layout, count: int, seed: int) -> dict[str, list[GroundTruthPage]]:
    """Pages of a book with their truth, by the pen they are written with."""
    with tempfile.TemporaryDirectory(prefix="ocrfill-bench-") as name:
        command = [
            str(MAKE_SAMPLES),
            "--layout",
            str(FORM_FILE),
            "--pages",
            str(count),
            "--seed",
            str(seed),
            "--out",
            name,
        ]
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        pages = drawn_pages(Path(name), layout)
        faded = {pen: [with_faded_pen(page, left) for page in pages] for pen, left in FADED_INK_SHARES.items()}
        return {"usual pen": pages, **faded}


def with_faded_pen(known: GroundTruthPage, left: float) -> GroundTruthPage:
    """The page where of all that the ink map calls written this share of darkness is left; the paper behind it is what
    is bright around.
    """
    image = known.page.image
    pen = cv2.imread(str(Path(known.name).with_suffix(".ink.png")), cv2.IMREAD_GRAYSCALE) > 0
    near = cv2.dilate(pen.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    paper = cv2.morphologyEx(image, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8)).astype(np.float32)
    pale = paper - left * (paper - image)
    seen = np.where(near[..., None] if image.ndim == 3 else near, pale, image).astype(np.uint8)
    return replace(known, page=replace(known.page, image=seen))


def tuned(
    layout: Layout, start: TuningSettings, pages: Sequence[GroundTruthPage], readers: dict[str, Reader], *, quick: bool
) -> dict[str, object]:
    """Tune on the first pages, and read the others with the settings of before and of after."""
    reviewed, trials = (QUICK_REVIEWED_PAGES, QUICK_TRIAL_COUNT) if quick else (REVIEWED_PAGES, TRIAL_COUNT)
    bench = TuningObjective(start.put_in(layout), pages[:reviewed], readers, "auto")
    choice = select_settings(bench, search_settings(bench, start, trials=trials, seed=1))
    others = TuningObjective(layout, pages[reviewed:], readers, "auto")
    before, after = (others.read(found.settings) for found in (choice.start, choice.kept))
    known = [len(outcome.right) for outcome in before]
    gains = [b.exact - a.exact for a, b in zip(before, after, strict=True)]
    low, high = bootstrap_interval(gains, known)
    lines = with_settings(FORM_FILE.read_text(encoding="utf-8"), choice.kept.settings).splitlines()
    return {
        "filled fields": sum(known),
        "exact before": sum(outcome.exact for outcome in before) / sum(known),
        "exact after": sum(outcome.exact for outcome in after) / sum(known),
        "gain, 95 %": f"{low:+.3f} to {high:+.3f}",
        "chance of the gain on held-out reviewed pages": choice.chance,
        "kept": next((line for line in lines if line.startswith("tuning:")), "the usual settings"),
    }
