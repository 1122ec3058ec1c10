"""Benchmark `tune`: settings found on 10 reviewed pages of a book, tried on 30 other pages of it.

The book is of a made-up form that does not come with ocrfill, in handwriting faces, damaged as scans are. It is read as
it is, once with badly chosen settings and once with the usual ones, and with the pen faded to a third of its darkness.
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

from ocrfill.layouts import Layout, Tuning, load_layout
from ocrfill.read import Reader, TesseractReader
from ocrfill.tuning.bench import Bench, Settings
from ocrfill.tuning.chance import interval
from ocrfill.tuning.choose import choose
from ocrfill.tuning.into_file import with_settings
from ocrfill.tuning.known_pages import KnownPage, drawn_pages
from ocrfill.tuning.remembering import remembering_readers
from ocrfill.tuning.search import search

FORM = Path(__file__).resolve().parent / "birth_note.yaml"
MAKE_SAMPLES = FORM.parent.parent / "make_samples.py"
REVIEWED, OTHERS = 10, 30
QUICK_REVIEWED, QUICK_OTHERS = 5, 2
TRIALS, QUICK_TRIALS = 20, 5

FADED = 0.33
"""What is left of the pen's darkness in a faded book."""

BAD = Settings(Tuning(ink=90, left=-4.0, rise=2.0, lexicon=0.0), {"so": "tesseract", "ngay_sinh": "tesseract"})
"""Settings badly chosen: for darker ink, for lines typed high, for narrow places, nothing known of texts, two fields
read as print."""

GOOD = Settings(Tuning(), {})
"""The usual settings, right for most books."""


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """Exact fields on the other pages before and after tuning, for each start."""
    del data
    cv2.setNumThreads(1)
    reviewed = QUICK_REVIEWED if quick else REVIEWED
    layout = load_layout(FORM)
    pages = drawn(layout, reviewed + (QUICK_OTHERS if quick else OTHERS), seed)
    readers = remembering_readers(TesseractReader("vie", twice=False))
    faded = [replace(page, page=replace(page.page, image=image)) for page, image in pages]
    usual = [page for page, _ in pages]
    return {
        "reviewed pages": reviewed,
        "other pages": len(pages) - reviewed,
        "settings tried": QUICK_TRIALS if quick else TRIALS,
        "badly chosen settings": tuned(layout, BAD, usual, readers, quick=quick),
        "faded pen, usual settings": tuned(layout, GOOD, faded, readers, quick=quick),
        "usual pen, usual settings": tuned(layout, GOOD, usual, readers, quick=quick),
    }


def drawn(layout: Layout, count: int, seed: int) -> list[tuple[KnownPage, np.ndarray]]:
    """Pages of a book with their truth, each with its picture in a faded pen."""
    with tempfile.TemporaryDirectory(prefix="ocrfill-bench-") as name:
        command = [str(MAKE_SAMPLES), "--layout", str(FORM), "--pages", str(count), "--seed", str(seed), "--out", name]
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        pages = drawn_pages(Path(name), layout)
        return [(page, with_faded_pen(page)) for page in pages]


def with_faded_pen(known: KnownPage) -> np.ndarray:
    """The page where all that the ink map calls written is paler; the paper behind it is what is bright around."""
    image = known.page.image
    pen = cv2.imread(str(Path(known.name).with_suffix(".ink.png")), cv2.IMREAD_GRAYSCALE) > 0
    near = cv2.dilate(pen.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    paper = cv2.morphologyEx(image, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8)).astype(np.float32)
    pale = paper - FADED * (paper - image)
    return np.where(near[..., None] if image.ndim == 3 else near, pale, image).astype(np.uint8)


def tuned(
    layout: Layout, start: Settings, pages: Sequence[KnownPage], readers: dict[str, Reader], *, quick: bool
) -> dict[str, object]:
    """Tune on the first pages, and read the others with the settings of before and of after."""
    reviewed, trials = (QUICK_REVIEWED, QUICK_TRIALS) if quick else (REVIEWED, TRIALS)
    bench = Bench(start.put_in(layout), pages[:reviewed], readers, "auto")
    choice = choose(bench, search(bench, start, trials=trials, seed=1))
    others = Bench(layout, pages[reviewed:], readers, "auto")
    before, after = (others.read(found.settings) for found in (choice.start, choice.kept))
    known = [len(outcome.right) for outcome in before]
    gains = [b.exact - a.exact for a, b in zip(before, after, strict=True)]
    low, high = interval(gains, known)
    lines = with_settings(FORM.read_text(encoding="utf-8"), choice.kept.settings).splitlines()
    return {
        "filled fields": sum(known),
        "exact before": sum(outcome.exact for outcome in before) / sum(known),
        "exact after": sum(outcome.exact for outcome in after) / sum(known),
        "gain, 95 %": f"{low:+.3f} to {high:+.3f}",
        "chance of the gain on held-out reviewed pages": choice.chance,
        "kept": next((line for line in lines if line.startswith("tuning:")), "the usual settings"),
    }
