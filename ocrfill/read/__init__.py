"""Readers: from the crops of a page to readings. A new reader is one class and one line in the table below."""

from __future__ import annotations

from collections.abc import Mapping

from ocrfill.read.reader import Reader
from ocrfill.read.tesseract import TesseractReader
from ocrfill.read.tick import TickReader


def make_readers(languages: str = "vie") -> Mapping[str, Reader]:
    """The table of readers: a field type's `reader` → who reads it. `languages` are Tesseract's ("vie", "vie+eng").

    Raises MissingProgram where Tesseract or a language of it is not installed.
    """
    return {
        "writing": TesseractReader(languages),
        "tick": TickReader(),
    }


__all__ = ["Reader", "TesseractReader", "TickReader", "make_readers"]
