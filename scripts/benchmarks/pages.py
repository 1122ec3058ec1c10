"""Benchmark `pages`: how fast a book is read, where the time goes, and what memory it takes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytesseract
from PIL import Image

from ocrfill.document.page import Crop
from ocrfill.document.result import Reading
from ocrfill.layouts import Layout, load_layout
from ocrfill.pipeline.read_page import read_page
from ocrfill.pipeline.recognition import LanguageModel, Reader, make_readers
from ocrfill.pipeline.scans import find_scans, open_scan

LAYOUT_NAME = "ks_2006_2015"
BOOK_KEY = "KS.2006.01"
PAGE_COUNT, QUICK_PAGE_COUNT = 50, 3
STAGED_PAGE_COUNT, QUICK_STAGED_PAGE_COUNT = 10, 1
COMPARED_PAGE_COUNT, QUICK_COMPARED_PAGE_COUNT = 3, 1
SAMPLING_SECONDS = 0.05
MAKE_SAMPLES = Path(__file__).resolve().parent.parent / "make_samples.py"


def run(seed: int, data: Path, *, quick: bool) -> dict[str, object]:
    """The figures of a drawn book, damaged as scanned; the real handwriting in `data` is not used."""
    del data
    with tempfile.TemporaryDirectory(prefix="ocrfill-bench-") as folder:
        book = drawn_book(Path(folder), QUICK_PAGE_COUNT if quick else PAGE_COUNT, seed)
        layout = load_layout(LAYOUT_NAME)
        readers = make_readers(writing="tesseract")
        return {
            **whole_book(book, Path(folder) / "work", QUICK_PAGE_COUNT if quick else PAGE_COUNT),
            "seconds_a_page_by_stage": by_stage(
                book, layout, readers, QUICK_STAGED_PAGE_COUNT if quick else STAGED_PAGE_COUNT
            ),
            "tesseract": one_call_against_many(
                book, layout, readers["writing"], QUICK_COMPARED_PAGE_COUNT if quick else COMPARED_PAGE_COUNT
            ),
        }


def drawn_book(folder: Path, pages: int, seed: int) -> Path:
    command = [sys.executable, str(MAKE_SAMPLES), "--layout", LAYOUT_NAME, "--book", BOOK_KEY, "--pages", str(pages)]
    command += ["--seed", str(seed), "--damage", "as-scanned", "--out", str(folder / "scans")]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return folder / "scans" / BOOK_KEY


def whole_book(book: Path, workspace: Path, pages: int) -> dict[str, object]:
    """`ocrfill run` with one worker, as a process of its own: time, processor time and memory of its whole tree."""
    command = [sys.executable, "-m", "ocrfill", "run", str(book), "--layout", LAYOUT_NAME, "--jobs", "1"]
    started = time.monotonic()
    process = psutil.Popen([*command, "--workspace", str(workspace)], stdout=subprocess.DEVNULL)
    peak = 0
    spent: dict[int, float] = {}
    while process.poll() is None:
        peak = max(peak, watched(process, spent))
        time.sleep(SAMPLING_SECONDS)
    if process.returncode != 0:
        raise RuntimeError(f"ocrfill run ended with {process.returncode}")
    wall = time.monotonic() - started
    return {
        "pages": pages,
        "wall_seconds": wall,
        "pages_a_minute_per_core": 60 * pages / wall,
        "cpu_seconds_a_page": sum(spent.values()) / pages,
        "peak_memory_mb": peak / 1e6,
    }


def watched(process: psutil.Popen, spent: dict[int, float]) -> int:
    """The memory of the process and all below it, in bytes (shared pages once); adds their processor time so far."""
    memory = 0
    for one in (process, *process.children(recursive=True)):
        try:
            memory += one.memory_full_info().pss
            times = one.cpu_times()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue  # it ended between being listed and being asked
        spent[one.pid] = times.user + times.system
    return memory


def by_stage(book: Path, layout: Layout, readers: dict[str, Reader], pages: int) -> dict[str, float]:
    """Seconds a page in each stage, in this process; Tesseract runs outside, so these are wall seconds."""
    seconds: dict[str, float] = defaultdict(float)

    def clock(stage: str, took: float) -> None:
        seconds[stage] += took

    for path in find_scans([book]).scans[:pages]:
        started = time.perf_counter()
        page = open_scan(path).page(1)
        clock("scans", time.perf_counter() - started)
        read_page(page, layout, readers, clock)
    return {stage: took / pages for stage, took in seconds.items()}


class CropRecorder:
    """A reader that keeps the crops it is given."""

    name = "listening"
    version = "1"

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.crops: list[Crop] = []

    def read(self, crops: Sequence[Crop], knowledge: Sequence[LanguageModel | None] = ()) -> tuple[Reading, ...]:
        self.crops.extend(crops)
        return self.reader.read(crops)


def one_call_against_many(book: Path, layout: Layout, reader: Reader, pages: int) -> dict[str, float]:
    """The same crops read by one Tesseract process a page (ours) and by one process a field, in turns."""
    ours = theirs = 0.0
    crops = 0
    for path in find_scans([book]).scans[:pages]:
        listening = CropRecorder(reader)
        read_page(open_scan(path).page(1), layout, {**make_readers(writing="tesseract"), "writing": listening})
        crops += len(listening.crops)
        started = time.perf_counter()
        reader.read(listening.crops)
        ours += time.perf_counter() - started
        started = time.perf_counter()
        for crop in listening.crops:
            pytesseract.image_to_data(Image.fromarray(crop.image), lang="vie", config="--psm 7")
        theirs += time.perf_counter() - started
    return {
        "crops": crops,
        "one_call_a_page_ms_a_crop": 1000 * ours / crops,
        "one_call_a_field_ms_a_crop": 1000 * theirs / crops,
        "ratio": theirs / ours,
    }
