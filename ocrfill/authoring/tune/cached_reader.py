"""Readers that remember what they read: settings that leave a line's picture as it was cost nothing again."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Crop
from ocrfill.document.result import Reading
from ocrfill.errors import BadInput
from ocrfill.pipeline.recognition import LanguageModel, Reader
from ocrfill.pipeline.recognition.cascade import CascadeReader
from ocrfill.pipeline.recognition.ctc_reader import HandReader
from ocrfill.pipeline.recognition.language.language_model import WeightedModel
from ocrfill.pipeline.recognition.model_files import shipped_model
from ocrfill.pipeline.recognition.routing import AutoReader

MAX_CACHED_BYTES = 256_000_000
"""What the network said is kept up to so many bytes, some 1,000 lines: the oldest goes first."""

MAX_CACHED_READINGS = 40_000
"""Readings kept, some 10 kB each."""


@dataclass(frozen=True)
class CachedNetworkReader(HandReader):
    """The network, which looks at each line image once at each width."""

    seen: dict[tuple[bytes, float], NDArray[np.float32]] = field(default_factory=dict, compare=False, repr=False)

    def log_probabilities(self, images: Sequence[NDArray[np.uint8]], stretch: float = 1.0) -> list[NDArray[np.float32]]:
        """The log probabilities of each image, shape (steps, classes); each image is looked at once."""
        keys = [(_digest(image), stretch) for image in images]
        new = {key: image for key, image in zip(keys, images, strict=True) if key not in self.seen}
        found = HandReader.log_probabilities(self, list(new.values()), stretch)
        here = {key: self.seen[key] for key in keys if key in self.seen} | dict(zip(new, found, strict=True))
        self.seen.update(here)
        size = sum(scores.nbytes for scores in self.seen.values())
        while size > MAX_CACHED_BYTES:
            size -= self.seen.pop(next(iter(self.seen))).nbytes
        return [here[key] for key in keys]


@dataclass(frozen=True)
class CachedReader:
    """A reader that reads each crop once for each knowledge of it."""

    reader: Reader
    read_before: dict[tuple[bytes, Hashable], Reading] = field(default_factory=dict, compare=False, repr=False)
    _alive: dict[int, LanguageModel] = field(default_factory=dict, compare=False, repr=False)
    """Knowledge by its identity: kept, so that no other gets the same."""

    @property
    def name(self) -> str:
        """The name that readings bear."""
        return self.reader.name

    @property
    def version(self) -> str:
        """What tells this reader from its other versions."""
        return self.reader.version

    def read(self, crops: Sequence[Crop], knowledge: Sequence[LanguageModel | None] = ()) -> tuple[Reading, ...]:
        """A reading for each crop, in order; `knowledge`, if given, is what is known of each."""
        known = list(knowledge) or [None] * len(crops)
        keys = [(_digest(crop.image, crop.ink), self._identity(one)) for crop, one in zip(crops, known, strict=True)]
        new = {key: i for i, key in enumerate(keys) if key not in self.read_before}
        found = self.reader.read([crops[i] for i in new.values()], [known[i] for i in new.values()])
        here = {key: self.read_before[key] for key in keys if key in self.read_before}
        here |= dict(zip(new, found, strict=True))
        self.read_before.update(here)
        while len(self.read_before) > MAX_CACHED_READINGS:
            del self.read_before[next(iter(self.read_before))]
        return tuple(here[key] for key in keys)

    def _identity(self, knowledge: LanguageModel | None) -> Hashable:
        """What tells a knowledge from others: itself, where it can be looked up, else which object it is."""
        if knowledge is None:
            return None
        inner, factor = (
            (knowledge.knowledge, knowledge.factor) if isinstance(knowledge, WeightedModel) else (knowledge, 1.0)
        )
        try:
            hash(inner)
        except TypeError:
            self._alive[id(inner)] = inner
            return id(inner), factor
        return inner, factor


def cached_readers(tesseract: Reader | None, model: Path | None = None) -> dict[str, Reader]:
    """Readers by the names that layouts may give: `hand`, and with Tesseract `tesseract` and `auto`. Raises BadInput
    where there is no handwriting model.
    """
    folder = model or shipped_model()
    if folder is None:
        raise BadInput("no handwriting model came with this ocrfill; copy its folder to models/hand")
    hand = CachedReader(CascadeReader(CachedNetworkReader(folder), None))
    if tesseract is None:
        return {"hand": hand}
    typed = CachedReader(tesseract)
    return {"hand": hand, "tesseract": typed, "auto": AutoReader(typed, hand)}


def _digest(*arrays: NDArray[np.generic]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.digest()
