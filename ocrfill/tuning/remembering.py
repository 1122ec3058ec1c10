"""Readers that remember what they read: settings that leave a line's picture as it was cost nothing again."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrfill.read import Knowledge, Reader
from ocrfill.read.auto import AutoReader
from ocrfill.read.cascade import CascadeReader
from ocrfill.read.hand import HandReader
from ocrfill.read.knowledge import Weighed
from ocrfill.read.models import shipped_model
from ocrfill.records import Crop, Reading


@dataclass(frozen=True)
class RememberingNetwork(HandReader):
    """The network, which looks at each line image once at each width."""

    seen: dict[tuple[bytes, float], NDArray[np.float32]] = field(default_factory=dict, compare=False, repr=False)

    def log_probabilities(self, images: Sequence[NDArray[np.uint8]], stretch: float = 1.0) -> list[NDArray[np.float32]]:
        keys = [(_digest(image), stretch) for image in images]
        new = {key: image for key, image in zip(keys, images, strict=True) if key not in self.seen}
        found = HandReader.log_probabilities(self, list(new.values()), stretch)
        self.seen.update(zip(new, found, strict=True))
        return [self.seen[key] for key in keys]


@dataclass(frozen=True)
class Remembering:
    """A reader that reads each crop once for each knowledge of it."""

    reader: Reader
    read_before: dict[tuple[bytes, Hashable], Reading] = field(default_factory=dict, compare=False, repr=False)
    _alive: dict[int, Knowledge] = field(default_factory=dict, compare=False, repr=False)
    """Knowledge by its identity: kept, so that no other gets the same."""

    @property
    def name(self) -> str:
        return self.reader.name

    @property
    def version(self) -> str:
        return self.reader.version

    def read(self, crops: Sequence[Crop], knowledge: Sequence[Knowledge | None] = ()) -> tuple[Reading, ...]:
        known = list(knowledge) or [None] * len(crops)
        keys = [(_digest(crop.image, crop.ink), self._identity(one)) for crop, one in zip(crops, known, strict=True)]
        new = {key: i for i, key in enumerate(keys) if key not in self.read_before}
        found = self.reader.read([crops[i] for i in new.values()], [known[i] for i in new.values()])
        self.read_before.update(zip(new, found, strict=True))
        return tuple(self.read_before[key] for key in keys)

    def _identity(self, knowledge: Knowledge | None) -> Hashable:
        """What tells a knowledge from others: itself, where it can be looked up, else which object it is."""
        if knowledge is None:
            return None
        inner, factor = (knowledge.knowledge, knowledge.factor) if isinstance(knowledge, Weighed) else (knowledge, 1.0)
        try:
            hash(inner)
        except TypeError:
            self._alive[id(inner)] = inner
            return id(inner), factor
        return inner, factor


def remembering_readers(tesseract: Reader | None, model: Path | None = None) -> dict[str, Reader]:
    """Readers by the names that layouts may give: `hand`, and with Tesseract `tesseract` and `auto`."""
    folder = model or shipped_model()
    if folder is None:
        raise FileNotFoundError("no handwriting model")
    hand = Remembering(CascadeReader(RememberingNetwork(folder), None))
    if tesseract is None:
        return {"hand": hand}
    typed = Remembering(tesseract)
    return {"hand": hand, "tesseract": typed, "auto": AutoReader(typed, hand)}


def _digest(*arrays: NDArray[np.generic]) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        digest.update(str(array.shape).encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.digest()
