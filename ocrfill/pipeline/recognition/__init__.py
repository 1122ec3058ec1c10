"""Readers: from the crops of a page to readings. A new reader is one class and one line in the table below."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast, get_args

from ocrfill.errors import BadInput
from ocrfill.layouts.model import WritingReader
from ocrfill.pipeline.recognition.checkbox import CheckboxReader
from ocrfill.pipeline.recognition.language.language_model import LanguageModel, weighted_model
from ocrfill.pipeline.recognition.model_files import SECOND_KIND, shipped_model
from ocrfill.pipeline.recognition.reader import Reader
from ocrfill.pipeline.recognition.tesseract import TesseractReader


def make_readers(
    languages: str = "vie", writing: WritingReader = "auto", model: Path | None = None
) -> Mapping[str, Reader]:
    """The table of readers: a field type's `reader` → who reads it. `languages` are Tesseract's ("vie", "vie+eng");
    `model` is the folder of the handwriting model (None: what came with ocrfill).

    Raises MissingProgram where Tesseract or a language of it is wanted and not installed, BadInput where the
    handwriting model is wanted and did not come with ocrfill.
    """
    return Readers(languages, writing, model)


class Readers(Mapping[str, Reader]):
    """A table of readers: `writing` and `tick`, which field types name, and those of `WritingReader`, which layouts may
    name; each of these is made when it is first asked for.
    """

    def __init__(self, languages: str, writing: WritingReader, model: Path | None) -> None:
        self._languages, self._model = languages, model
        own = make_writing_reader(writing, languages, model)
        self._made: dict[str, Reader] = {"writing": own, writing: own, "tick": CheckboxReader()}

    def __getitem__(self, key: str) -> Reader:
        if key not in self._made:
            if key not in get_args(WritingReader):
                raise KeyError(key)
            self._made[key] = make_writing_reader(cast(WritingReader, key), self._languages, self._model)
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(("writing", "tick", *get_args(WritingReader)))

    def __len__(self) -> int:
        return 2 + len(get_args(WritingReader))


def make_writing_reader(
    writing: WritingReader,
    languages: str = "vie",
    model: Path | None = None,
    knowledge: LanguageModel | None = None,
) -> Reader:
    """Who reads writing; `model` and `knowledge` are for the handwriting reader, see `make_hand_reader`."""
    if writing == "tesseract":
        return TesseractReader(languages)
    hand = make_hand_reader(model, knowledge)
    if writing == "hand":
        return hand
    from ocrfill.pipeline.recognition.routing import AutoReader  # noqa: PLC0415

    return AutoReader(TesseractReader(languages, twice=False), hand)


def make_hand_reader(model: Path | None = None, knowledge: LanguageModel | None = None) -> Reader:
    """The handwriting reader with the model in a folder; without one what came with ocrfill: a network, and a second
    one where there is such. Doubtful lines are looked at more than once. `knowledge`, if given, is what is known of
    every line, whatever its field. Raises BadInput where there is no model.
    """
    # ONNX Runtime takes a third of a second to load: only who asks for this reader waits for it
    from ocrfill.pipeline.recognition.cascade import CascadeReader  # noqa: PLC0415
    from ocrfill.pipeline.recognition.ctc_reader import HandReader  # noqa: PLC0415

    folder = model or shipped_model()
    if folder is None:
        raise BadInput("no handwriting model came with this ocrfill; copy its folder to models/hand, or use tesseract")
    reader = HandReader(folder, knowledge)
    second = None if model else shipped_model(SECOND_KIND)
    return CascadeReader(reader, None if second is None else HandReader(second, knowledge))


__all__ = [
    "CheckboxReader",
    "LanguageModel",
    "Reader",
    "Readers",
    "TesseractReader",
    "make_hand_reader",
    "make_readers",
    "make_writing_reader",
    "weighted_model",
]
