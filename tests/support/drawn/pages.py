"""Drawn pages and books as `ocrfill.training.synthetic` draws them, each drawn once and kept on this user's disk.

Dozens of tests look at the same few pages, and a page takes a second to draw. What is kept is found by a hash of all
that a page depends on: the sources and data that draw, the libraries, and the arguments. The functions here are called
as those they stand for; tests of the drawing itself call those.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

import cv2
import numpy as np
from support.paths import ROOT, user_cache

from ocrfill.civil_status.book import Book
from ocrfill.evaluation.ground_truth import load_truth, save_truth
from ocrfill.layouts import Layout
from ocrfill.training import synthetic
from ocrfill.training.synthetic import DrawingOptions, DrawnPage
from ocrfill.training.synthetic.drawn_book import PNG_OPTIONS

SOURCES = (
    "errors.py",
    "civil_status",
    "document",
    "layouts",
    "evaluation/ground_truth.py",
    "pipeline/__init__.py",
    "pipeline/set_type.py",
    "training/synthetic",
)
"""Of the package: what a drawn page depends on. A test checks that nothing else is loaded by drawing."""

LIBRARIES = ("numpy", "opencv-python-headless", "pillow")

MOST_BYTES = 600_000_000
"""What the cache may take; what was not used for longest goes first."""


def draw_pages(layout: Layout, book: Book, pages: int, seed: int, drawing: DrawingOptions) -> Iterator[DrawnPage]:
    """As `synthetic.draw_pages`."""
    yield from _kept(layout, book, pages, seed, drawing)


def draw_book(layout: Layout, book: Book, pages: int, seed: int, drawing: DrawingOptions, *, out: Path) -> Path:
    """As `synthetic.draw_book`."""
    folder = out / book.key
    folder.mkdir(parents=True, exist_ok=True)
    for page in _kept(layout, book, pages, seed, drawing):
        stem = folder / Path(page.truth.image).stem
        stem.with_suffix(".jpg").write_bytes(page.jpeg)
        stem.with_suffix(".ink.png").write_bytes(cv2.imencode(".png", page.ink, PNG_OPTIONS)[1].tobytes())
        save_truth(page.truth, stem.with_suffix(".json"))
    return folder


def _kept(layout: Layout, book: Book, pages: int, seed: int, drawing: DrawingOptions) -> list[DrawnPage]:
    if drawing.ink:
        raise ValueError("pages in ink from files are not kept: the files may change")
    file = user_cache() / "drawn-pages" / f"{_key(repr((layout, book, pages, seed, drawing)))}.npz"
    found = _loaded(file)
    if found is None:
        found = list(synthetic.draw_pages(layout, book, pages, seed, drawing))
        _save(file, found)
    return found


def _key(arguments: str) -> str:
    if " at 0x" in arguments:
        raise ValueError("an argument has no lasting name")
    return hashlib.sha256(f"{_drawing_code()} {arguments}".encode()).hexdigest()[:32]


def drawing_sources() -> list[Path]:
    """All files that a drawn page depends on."""
    found = []
    for name in SOURCES:
        place = ROOT / "ocrfill" / name
        found += [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
    return sorted(file for file in found if file.suffix != ".pyc")


@cache
def _drawing_code() -> str:
    whole = hashlib.sha256()
    for file in (*drawing_sources(), Path(__file__)):
        content = file.read_bytes()
        whole.update(f"{file.relative_to(ROOT)} {len(content)}\n".encode())
        whole.update(content)
    libraries = [f"{name} {version(name)}" for name in LIBRARIES]
    return f"{whole.hexdigest()} {libraries} {sys.version_info[:2]} {platform.machine()}"


def _loaded(file: Path) -> list[DrawnPage] | None:
    """The pages of a file of the cache; None where it has none, or where the file is damaged: it is drawn anew then."""
    try:
        with np.load(file, allow_pickle=False) as parts:
            count = int(parts["count"])
            pages = [_page(parts, file, number) for number in range(count)]
        os.utime(file)
    except (FileNotFoundError, EOFError, zipfile.BadZipFile, ValueError, KeyError):
        return None
    return pages


def _page(parts: np.lib.npyio.NpzFile, file: Path, number: int) -> DrawnPage:
    image, ink, jpeg, truth = (parts[f"{number} {name}"] for name in ("image", "ink", "jpeg", "truth"))
    part = file.with_name(f"{file.stem}.{os.getpid()}.json")
    part.write_bytes(truth.tobytes())
    try:
        return DrawnPage(
            jpeg.tobytes(),
            cv2.imdecode(image, cv2.IMREAD_UNCHANGED),
            cv2.imdecode(ink, cv2.IMREAD_UNCHANGED),
            load_truth(part),
        )
    finally:
        part.unlink()


def _save(file: Path, pages: list[DrawnPage]) -> None:
    """Write a file of the cache, whole or not at all: two workers may draw the same pages at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    _make_room(file.parent)
    own = file.with_name(f"{file.stem}.{os.getpid()}.part.npz")
    parts: dict[str, np.ndarray] = {"count": np.array(len(pages))}
    for number, page in enumerate(pages):
        save_truth(page.truth, own)
        parts |= {
            f"{number} image": cv2.imencode(".png", page.image, (cv2.IMWRITE_PNG_COMPRESSION, 1))[1],
            f"{number} ink": cv2.imencode(".png", page.ink, (cv2.IMWRITE_PNG_COMPRESSION, 1))[1],
            f"{number} jpeg": np.frombuffer(page.jpeg, np.uint8),
            f"{number} truth": np.frombuffer(own.read_bytes(), np.uint8),
        }
    np.savez(own, **parts)
    own.replace(file)


def _make_room(folder: Path) -> None:
    found = []
    for file in folder.glob("*.npz"):
        if ".part." not in file.name:  # what another worker is writing
            with suppress(FileNotFoundError):  # another worker made room just now
                found.append((file.stat(), file))
    files = sorted(found, key=lambda one: one[0].st_mtime)
    left = sum(stat.st_size for stat, _ in files)
    for stat, file in files:
        if left < MOST_BYTES:
            return
        file.unlink(missing_ok=True)
        left -= stat.st_size
