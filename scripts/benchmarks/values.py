"""Benchmark `values`: what is read right, on drawn books in print, in handwriting faces and in real hands."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from ocrfill.layouts import shipped_layouts

MAKE_SAMPLES = Path(__file__).resolve().parent.parent / "make_samples.py"
PAGE_COUNT, QUICK_PAGE_COUNT = 4, 1
QUICK_LAYOUTS = ("ks_2006_2015",)
REAL_LAYOUTS = ("ks_2006_2015", "kt_2006_2015", "kh_a3_14_columns")
REAL_INK = ("vn_kalapa_h64", "vn_cinnamon_h64", "digits_orand")
SHOWN_FIGURES = ("filled", "exact", "cer", "coded", "coded_exact", "called_empty", "called_filled")


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """Share of filled fields right to the last character and character error rate, for each kind of book.

    Real hands: words cut out of the line images in `data`, set again on forms; left out, and said, where it is absent.
    """
    layouts = QUICK_LAYOUTS if quick else shipped_layouts()
    pages = QUICK_PAGE_COUNT if quick else PAGE_COUNT
    figures: dict[str, object] = {
        "print, undamaged": measured(layouts, pages, seed, ["--damage", "clean", "--hand", "print"]),
        "print, undamaged, other printings": measured(layouts, pages, seed, ["--damage", "reprint", "--hand", "print"]),
        "handwriting faces, as scanned": measured(layouts, pages, seed, ["--damage", "as-scanned"]),
    }
    folders = [data / name for name in REAL_INK]
    if all(folder.is_dir() for folder in folders):
        ink = [word for folder in folders for word in ("--ink", str(folder))]
        real = QUICK_LAYOUTS if quick else REAL_LAYOUTS
        figures["real hands, as scanned"] = measured(real, pages, seed, ["--damage", "as-scanned", *ink])
    else:
        figures["real hands, as scanned"] = f"not measured: no real handwriting in {data.name}"
    return figures


def measured(layouts: tuple[str, ...], pages: int, seed: int, drawing: list[str]) -> dict[str, object]:
    """Draw a book of each layout, read them all, and compare with the truth."""
    with tempfile.TemporaryDirectory(prefix="ocrfill-bench-") as name:
        folder = Path(name)
        for layout in layouts:
            drawn = folder / "scans" / layout
            command = [str(MAKE_SAMPLES), "--layout", layout, "--pages", str(pages), "--seed", str(seed), *drawing]
            subprocess.run([sys.executable, *command, "--out", str(drawn)], check=True, capture_output=True)
            book = next(drawn.iterdir())
            work = ["run", str(book), "--layout", layout, "--workspace", str(folder / "work")]
            subprocess.run([sys.executable, "-m", "ocrfill", *work], check=True, capture_output=True)
        evaluate = ["evaluate", "pages", str(folder / "scans"), "--workspace", str(folder / "work"), "--json"]
        told = subprocess.run([sys.executable, "-m", "ocrfill", *evaluate], check=True, capture_output=True, text=True)
        figures = json.loads(told.stdout)
    kinds = {kind: found["exact"] for kind, found in figures["kinds"].items() if found["filled"]}
    return {
        "pages": figures["pages"]["read"],
        **{key: figures["all"][key] for key in SHOWN_FIGURES},
        "exact, by kind": kinds,
    }
