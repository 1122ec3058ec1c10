#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""How well every field is found on drawn pages: share of its own ink inside its strips, and of others' ink.

    scripts/measure_fields.py FOLDER... [--json FILE] [--overlays FOLDER]

A FOLDER is a drawn book (page images with truth and ink maps beside them), or a folder of such.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
from benchmarks.metrics.field_strips import MAX_FOREIGN_SHARE, MIN_KEPT_SHARE, FieldScore, measure_strips, straight_ink

from ocrfill.document.page import FieldBox, Located, Page
from ocrfill.evaluation.ground_truth import load_truth
from ocrfill.layouts import load_layout
from ocrfill.pipeline.locate import crop_strips, locate
from ocrfill.pipeline.preprocess import straighten


def measure(image: Path) -> tuple[list[FieldScore], Located, float, Page]:
    """All fields of one page, what was located, the processor seconds of page, locate and crops, the straight page."""
    truth = load_truth(image.with_suffix(".json"))
    pixels = cv2.imread(str(image))
    start = time.process_time()
    page = straighten(Page(image.name, 1, pixels, truth.dpi))
    located = locate(page, load_layout(truth.layout).body)
    cut = crop_strips(page, located)
    seconds = time.process_time() - start
    ink = straight_ink(cv2.imread(str(image.with_suffix(".ink.png")), 0), page.to_source, page.width, page.height)
    return measure_strips(truth, ink, located, cut, f"{image.parent.name}/{image.name}"), located, seconds, page


def overlay(page: Page, boxes: tuple[FieldBox, ...]) -> np.ndarray:
    """The page with all strips drawn on it, half size."""
    picture = page.image.copy()
    colours = ((0, 0, 255), (0, 160, 0), (255, 0, 0), (200, 0, 200), (0, 140, 255))
    for i, strip in ((i, strip) for i, box in enumerate(boxes) for strip in box.strips):
        b = strip.box
        cv2.rectangle(picture, (b.left, b.top), (b.right, b.bottom), colours[i % 5], 2)
        cv2.line(picture, (b.left, round(strip.baseline)), (b.right, round(strip.baseline)), colours[i % 5], 1)
    return cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--overlays", type=Path)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    pages = [p for f in options.folders for p in sorted(f.rglob("*.jpg")) if p.with_suffix(".json").exists()]
    scores: list[FieldScore] = []
    fits, times, worst = defaultdict(list), defaultdict(list), []
    for path in pages:
        of_page, located, seconds, page = measure(path)
        scores += of_page
        key = (of_page[0].layout, of_page[0].damage)
        fits[key].append(located.fit.score)
        times[key].append(seconds)
        bad = sum(not s.found for s in of_page if s.filled)
        worst.append((bad, str(path)))
        if options.overlays and bad:
            options.overlays.mkdir(parents=True, exist_ok=True)
            name = f"{bad:03d}-{of_page[0].damage}-{path.parent.name}-{path.stem}.png"
            cv2.imwrite(str(options.overlays / name), overlay(page, located.boxes))
    print("layout               damage      pages fields  boxed   kept  own only  found  fit min  seconds")
    tests = (
        lambda s: s.boxed >= MIN_KEPT_SHARE,
        lambda s: s.kept >= MIN_KEPT_SHARE,
        lambda s: s.foreign <= MAX_FOREIGN_SHARE,
        lambda s: s.found,
    )
    for key in sorted(fits):
        here = [s for s in scores if (s.layout, s.damage) == key and s.filled]
        shares = "  ".join(f"{100 * float(np.mean([test(s) for s in here])):6.2f}" for test in tests)
        rest = f"{min(fits[key]):6.3f}  {np.mean(times[key]):6.3f}"
        print(f"{key[0]:20} {key[1]:11} {len(fits[key]):5} {len(here):6} {shares}  {rest}")
    for bad, name in sorted(worst, reverse=True)[:5]:
        failures = [s for s in scores if name.endswith(s.page) and s.filled and not s.found]
        faults = "; ".join(f"{s.name} {s.boxed:.2f}/{s.kept:.2f}/{s.foreign:.2f}" for s in failures[:8])
        print(bad, name, faults, file=sys.stderr)
    if options.json:
        options.json.write_text(json.dumps([asdict(s) for s in scores]))


if __name__ == "__main__":
    main()
