"""Scan files: pictures of every coding and PDFs, damaged; guided by coverage too."""

from __future__ import annotations

import os
import random
import re
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from support.fuzzing.pdfs import odd_pdf, pdfs
from support.fuzzing.picture_parts import damaged
from support.fuzzing.pictures import PICTURES
from support.fuzzing.plain_words import assert_known_words
from support.fuzzing.target import Target

import ocrfill.pipeline.scans
from ocrfill.errors import BadInput, PageError
from ocrfill.pipeline.scans import open_scan

MAX_PAGES_TRIED = 3

PIXEL_FORMS = ("LAB", "HSV", "F", "PA", "La", "RGBa", "BGR", "CMYK", "YCbCr", "RGBX")
"""Pillow's names, which a message may tell."""


@cache
def our_words() -> frozenset[str]:
    """Every word that stands in the modules of scans, and those of the system's own errors."""
    folder = Path(ocrfill.pipeline.scans.__file__).parent
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.py")]
    texts += [os.strerror(number) for number in range(1, 135)]
    texts += PIXEL_FORMS
    return frozenset(re.findall(r"[^\W\d_]+", " ".join(texts)))


class ScanFiles(Target):
    """`open_scan`, and of its pages the image and the JPEG."""

    max_mb = 3600  # an animated WebP of the most pixels is held four times by its decoder
    suffix = ".scan"
    kinds: tuple[str, ...] = tuple(PICTURES)

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        cv2.setNumThreads(1)
        self.words = our_words()
        self.file = folder / "input"

    def seeds(self, kind: str) -> tuple[bytes, ...]:
        """Sound files of a kind."""
        return PICTURES[kind]()

    def draw(self, chance: random.Random) -> bytes:
        kind = chance.choice(self.kinds)
        return damaged(chance, kind, chance.choice(self.seeds(kind)))

    def check(self, given: bytes) -> None:
        self.file.write_bytes(given)
        try:
            scan = open_scan(self.file)
        except BadInput as error:
            assert_known_words(str(error), self.words, self.file)
            return
        assert scan.pages >= 1
        for number in range(1, min(scan.pages, MAX_PAGES_TRIED) + 1):
            try:
                page = scan.page(number)
                assert page.image.dtype == np.uint8
                assert page.image.size > 0
                assert 0 < page.dpi < float("inf")
            except PageError as error:
                assert_known_words(str(error), self.words, self.file)
            try:
                jpeg = scan.jpeg(number)
                assert jpeg is None or jpeg.startswith(b"\xff\xd8")
            except PageError as error:
                assert_known_words(str(error), self.words, self.file)


class JpegScans(ScanFiles):
    kinds = ("jpeg",)


class PngScans(ScanFiles):
    kinds = ("png",)


class TiffScans(ScanFiles):
    kinds = ("tiff",)


class BmpScans(ScanFiles):
    kinds = ("bmp",)


class WebpScans(ScanFiles):
    kinds = ("webp",)


class PdfScans(ScanFiles):
    kinds = ("pdf",)

    def seeds(self, kind: str) -> tuple[bytes, ...]:
        return pdfs()

    def draw(self, chance: random.Random) -> bytes:
        return odd_pdf(chance, chance.choice(pdfs()))
