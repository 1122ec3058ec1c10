"""What page, locate and crops cost: processor seconds and memory of A4 and A3 pages at 300 dpi, and how they grow."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from ocrfill.civil_status.book import Book
from ocrfill.layouts import load_layout
from ocrfill.training.synthetic import USUAL_SCAN, DrawingOptions, draw_pages

LAYOUT_OF_PAPER = {"A4": "ks_2006_2015", "A3": "kh_a3_14_columns"}
RESOLUTIONS_DPI, QUICK_RESOLUTIONS_DPI = (150, 300), (150,)

MEASURED_CODE = """
import json, re, sys, time
import cv2
cv2.setNumThreads(1)
from ocrfill.layouts import load_layout
from ocrfill.pipeline.locate import crop_strips, locate
from ocrfill.pipeline.preprocess import straighten
from ocrfill.pipeline.scans import open_scan
layout = load_layout(sys.argv[2])
page = open_scan(__import__("pathlib").Path(sys.argv[1])).page(1)
times = []
for _ in range(5):
    start = time.process_time()
    flat = straighten(page)
    located = locate(flat, layout.body)
    middle = time.process_time()
    crop_strips(flat, located)
    times.append((middle - start, time.process_time() - middle))
    del flat
peak = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) * 1024 / 1e6
print(json.dumps([min(a for a, _ in times), min(b for _, b in times), peak]))
"""


def costs(seed: int, *, quick: bool) -> dict[str, object]:
    """For each paper and resolution the least of five runs, in a process of its own."""
    figures: dict[str, object] = {}
    for paper, name in LAYOUT_OF_PAPER.items():
        for dpi in QUICK_RESOLUTIONS_DPI if quick else RESOLUTIONS_DPI:
            layout = load_layout(name)
            book = Book.parse(f"{layout.kind}.{layout.years[0]}.01", name)
            drawn = next(draw_pages(layout, book, 1, seed, DrawingOptions(USUAL_SCAN, "fonts", float(dpi))))
            with tempfile.TemporaryDirectory(prefix="ocrfill-bench-") as folder:
                file = Path(folder) / "page.jpg"
                file.write_bytes(drawn.jpeg)
                command = [sys.executable, "-c", MEASURED_CODE, str(file), name]
                told = subprocess.run(command, check=True, capture_output=True, text=True)
            located, cut, peak = json.loads(told.stdout)
            megapixels = drawn.truth.width * drawn.truth.height / 1e6
            figures[f"{paper}, {dpi} dpi"] = {
                "page and locate, cpu seconds": located,
                "crops, cpu seconds": cut,
                "all three, cpu seconds a megapixel": (located + cut) / megapixels,
                "peak memory mb": peak,
            }
    return figures
