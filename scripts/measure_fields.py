#!/usr/bin/env -S sh -c 'exec "$(dirname "$0")/../.venv/bin/python" "$0" "$@"'
"""How well every field is found on drawn pages: share of its own ink inside its strips, and of others' ink.

    scripts/measure_fields.py FOLDER... [--json FILE] [--overlays FOLDER --worst N]

A FOLDER is a drawn book (page images with truth and ink maps beside them), or a folder of such.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from ocrfill.geometry import Warp
from ocrfill.layouts import load_layout
from ocrfill.locate import crops, locate
from ocrfill.page import straighten
from ocrfill.records import Crop, FieldBox, Located, Page

ENOUGH, FOREIGN = 0.98, 0.02
"""A field is found when so much of its ink is inside, and at most so much of what is inside is another field's."""


@dataclass(frozen=True)
class FieldScore:
    """`boxed` and `kept`: share of the field's ink inside its strips' boxes, and left in its crops; `foreign`: share
    of the crops' ink that belongs to other fields; `ink_share` as the crops tell; `lost_to` is another record.
    """

    page: str
    layout: str
    damage: str
    record: int
    name: str
    filled: bool
    boxed: float
    kept: float
    foreign: float
    ink_share: float

    @property
    def found(self) -> bool:
        return self.kept >= ENOUGH and self.foreign <= FOREIGN


def warp_map(ink: np.ndarray, to_source: Warp, width: int, height: int) -> np.ndarray:
    """The ink map as it lies on the straightened page."""
    x, y = np.arange(0, width + 16, 8) + 3.5, np.arange(0, height + 16, 8) + 3.5
    places = to_source.apply(np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)).reshape(len(y), len(x), 2)
    places = cv2.resize(places.astype(np.float32), None, fx=8, fy=8)[:height, :width]
    return cv2.remap(ink, places, None, cv2.INTER_NEAREST)


def measure(image: Path) -> tuple[list[FieldScore], Located, float, Page]:
    """All fields of one page, what was located, the processor seconds of page, locate and crops, the straight page."""
    truth = json.loads(image.with_suffix(".json").read_text())
    pixels = cv2.imread(str(image))
    start = time.process_time()
    page = straighten(Page(image.name, 1, pixels, truth["dpi"]))
    located = locate(page, load_layout(truth["layout"]).body)
    cut = crops(page, located)
    seconds = time.process_time() - start
    ink = warp_map(cv2.imread(str(image.with_suffix(".ink.png")), 0), page.to_source, page.width, page.height)
    found_at = {(b.record, b.name): (b, c) for b, c in zip(located.boxes, cut, strict=True)}
    scores = []
    for record in truth["records"]:
        for field in record["fields"]:
            box, pieces = found_at[record["number"], field["name"]]
            unread = field["kind"] == "tick" or field.get("unread", False)
            shares = measure_field(ink, field["ink"], box, pieces, unread=unread)
            place = (f"{image.parent.name}/{image.name}", truth["layout"], truth["damage"], record["number"])
            scores.append(FieldScore(*place, field["name"], field["ink"] > 0, *shares))
    return scores, located, seconds, page


def measure_field(
    ink: np.ndarray, value: int, box: FieldBox, pieces: tuple[Crop, ...], *, unread: bool
) -> tuple[float, float, float, float]:
    """The shares of a field: boxed, kept, foreign, ink; of ticks and unread fields the boxes alone count."""
    own = (ink == value) if value else np.zeros(ink.shape, bool)
    boxed, kept = np.zeros(ink.shape, bool), np.zeros(ink.shape, bool)
    for strip, piece in zip(box.strips, pieces, strict=True):
        b = strip.box
        boxed[b.top : b.bottom, b.left : b.right] = True
        if not b.is_empty():
            kept[b.top : b.bottom, b.left : b.right] |= piece.ink
    near = boxed if unread else cv2.dilate(kept.astype(np.uint8), np.ones((5, 5))) > 0
    total = max(int(own.sum()), 1)
    foreign = 0.0 if unread else float(((ink != value) & (ink > 0) & kept).sum() / max(kept.sum(), 200))
    inside, left = (float((own & part).sum() / total) if value else 1.0 for part in (boxed, near))
    return inside, left, foreign, max((c.ink_share for c in pieces), default=0.0)


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
    tests = (lambda s: s.boxed >= ENOUGH, lambda s: s.kept >= ENOUGH, lambda s: s.foreign <= FOREIGN, lambda s: s.found)
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
