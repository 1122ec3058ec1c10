"""Readers: from the crops of a page to readings. A new reader is one class and one line in the table below."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from ocrfill.errors import BadInput
from ocrfill.read.knowledge import Knowledge
from ocrfill.read.models import shipped_model
from ocrfill.read.reader import Reader
from ocrfill.read.tesseract import TesseractReader
from ocrfill.read.tick import TickReader

WritingReader = Literal["tesseract", "hand"]
"""Who reads writing: Tesseract, right for print, or ocrfill's own handwriting network."""


def make_readers(
    languages: str = "vie", writing: WritingReader = "tesseract", model: Path | None = None
) -> Mapping[str, Reader]:
    """The table of readers: a field type's `reader` → who reads it. `languages` are Tesseract's ("vie", "vie+eng");
    `model` is the folder of the handwriting model (None: the one that came with ocrfill).

    Raises MissingProgram where Tesseract or a language of it is wanted and not installed, BadInput where the
    handwriting model is wanted and did not come with ocrfill.
    """
    return {
        "writing": TesseractReader(languages) if writing == "tesseract" else make_hand_reader(model),
        "tick": TickReader(),
    }


def make_hand_reader(model: Path | None = None, knowledge: Knowledge | None = None) -> Reader:
    """The handwriting reader with the model in a folder (None: the one that came with ocrfill). `knowledge`, if given,
    is what is known of every line, whatever its field. Raises BadInput where there is no model.
    """
    # ONNX Runtime takes a third of a second to load: only who asks for this reader waits for it
    from ocrfill.read.hand import HandReader  # noqa: PLC0415

    folder = model or shipped_model()
    if folder is None:
        raise BadInput("no handwriting model came with this ocrfill; copy its folder to models/hand, or use tesseract")
    return HandReader(folder, knowledge)


__all__ = ["Knowledge", "Reader", "TesseractReader", "TickReader", "WritingReader", "make_hand_reader", "make_readers"]
