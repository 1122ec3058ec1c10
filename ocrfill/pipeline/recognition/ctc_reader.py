"""The handwriting reader: a CTC network run by ONNX Runtime on one thread, and a small beam search behind it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import onnxruntime
from annotated_types import Gt, Le
from numpy.typing import NDArray
from pydantic import TypeAdapter

from ocrfill.document.json_text import NotJson, parsed_json
from ocrfill.document.page import Crop
from ocrfill.document.result import Reading
from ocrfill.errors import BadInput
from ocrfill.pipeline.recognition.ctc_line import Line, framed, network_line, padded
from ocrfill.pipeline.recognition.decoder.prefix_beam import prefix_beam_search
from ocrfill.pipeline.recognition.hypotheses import reading_of
from ocrfill.pipeline.recognition.language.language_model import LanguageModel

MAX_STRETCH = 10.0
"""How many times wider a card may ask for lines; the network that comes with ocrfill asks for none of it."""

MAX_LINES_PER_CALL = 16
"""Lines of one width that the network reads in one call."""


@dataclass(frozen=True, slots=True)
class HandReader:
    """Reads Vietnamese handwriting. `folder` holds model.onnx, alphabet.txt and card.json.

    `knowledge`, if given, weighs the letters of every line, whatever is known of its field. A reading does not depend
    on the crops beside it: only lines of equal width are read together. Raises BadInput when made where the folder is
    no model, or damaged.
    """

    name: ClassVar[str] = "hand"
    folder: Path
    knowledge: LanguageModel | None = None

    def __post_init__(self) -> None:
        _load(self.folder)

    @property
    def version(self) -> str:
        """The model's version and the first figures of its checksum."""
        return _load(self.folder).version

    def read(self, crops: Sequence[Crop], knowledge: Sequence[LanguageModel | None] = ()) -> tuple[Reading, ...]:
        """Scores are probabilities under the network and what is known of the text, not calibrated; see
        `reading_of`.
        """
        written = [i for i, crop in enumerate(crops) if crop.ink.any()]
        readings = [Reading("", 0.0, self.name)] * len(crops)
        scores = self.log_probabilities([framed(crops[i]) for i in written])
        for i, found in zip(written, scores, strict=True):
            readings[i] = self.decoded(found, self.known(knowledge, i))
        return tuple(readings)

    def known(self, knowledge: Sequence[LanguageModel | None], number: int) -> LanguageModel | None:
        """What is known of a line: the reader's own knowledge, else what was told of the crop."""
        if self.knowledge is not None:
            return self.knowledge
        return knowledge[number] if knowledge else None

    def decoded(self, scores: NDArray[np.float32], knowledge: LanguageModel | None = None) -> Reading:
        """The reading of one line's log probabilities (steps, classes)."""
        return reading_of(prefix_beam_search(scores, self.alphabet, knowledge), scores, self.alphabet, self.name)

    @property
    def alphabet(self) -> str:
        """The letters of the network, in the order of its classes after the blank."""
        return _load(self.folder).alphabet

    def log_probabilities(self, images: Sequence[NDArray[np.uint8]], stretch: float = 1.0) -> list[NDArray[np.float32]]:
        """What the network says of grey line images, each `stretch` times as wide as usual: (steps, classes)."""
        wide = stretch * _load(self.folder).stretch
        lines = [padded(network_line(image, wide)) for image in images]
        found: list[NDArray[np.float32]] = [np.empty((0, 0), np.float32)] * len(lines)
        session = _load(self.folder).session
        for group in _groups(lines):
            stack = np.stack([lines[i] for i in group])[:, None]
            logits = session.run(None, {session.get_inputs()[0].name: stack})[0]
            top = logits.max(axis=-1, keepdims=True)
            scores = logits - top - np.log(np.exp(logits - top).sum(axis=-1, keepdims=True))
            for i, one in zip(group, scores, strict=True):
                found[i] = one
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Loaded:
    session: onnxruntime.InferenceSession
    alphabet: str
    version: str
    stretch: float


@dataclass(frozen=True, slots=True)
class _Card:
    """What is read of a model's card; `stretch` is how many times wider lines are drawn for it."""

    sha256: str
    version: str | int | float
    stretch: Annotated[float, Gt(0), Le(MAX_STRETCH)] = 1.0


_CARD: TypeAdapter[_Card] = TypeAdapter(_Card)


@cache
def _load(folder: Path) -> _Loaded:
    """The model of a folder, once a process. Raises BadInput."""
    try:
        model = (folder / "model.onnx").read_bytes()
        alphabet = (folder / "alphabet.txt").read_text(encoding="utf-8")
        card = _CARD.validate_python(parsed_json((folder / "card.json").read_bytes()))
    except OSError as error:
        raise BadInput(f"{folder} holds no handwriting model: {error.strerror}: {error.filename}") from error
    except NotJson as error:
        raise BadInput(f"{folder} holds no handwriting model: card.json: {error}") from error
    except ValueError as error:  # an alphabet that is no UTF-8, a card without its keys
        raise BadInput(f"{folder} holds no handwriting model: its card or alphabet is damaged") from error
    checksum = hashlib.sha256(model).hexdigest()
    if checksum != card.sha256:
        raise BadInput(f"{folder / 'model.onnx'} is not the file its card describes (SHA-256); fetch the model again")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return _Loaded(session, alphabet, f"{card.version} {checksum[:8]}", card.stretch)


def _groups(lines: Sequence[Line]) -> Iterator[list[int]]:
    """The numbers of lines of equal width, no more than are read at once."""
    by_width: dict[int, list[int]] = {}
    for i, line in enumerate(lines):
        by_width.setdefault(line.shape[1], []).append(i)
    for group in by_width.values():
        for start in range(0, len(group), MAX_LINES_PER_CALL):
            yield group[start : start + MAX_LINES_PER_CALL]
