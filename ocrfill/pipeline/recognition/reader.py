"""What every reader does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ocrfill.document.page import Crop
from ocrfill.document.result import Reading
from ocrfill.pipeline.recognition.language.language_model import LanguageModel


class Reader(Protocol):
    """Reads lines of writing. It is handed to worker processes, so it must pickle.

    `name` goes into every reading, `version` says which program and model made it: the same version and the same
    crops give the same readings.
    """

    @property
    def name(self) -> str:
        """The name that readings bear."""

    @property
    def version(self) -> str:
        """What tells this reader from its other versions."""

    def read(self, crops: Sequence[Crop], knowledge: Sequence[LanguageModel | None] = ()) -> tuple[Reading, ...]:
        """One reading a crop, in order; text "" and score 0 where nothing could be read.

        `knowledge` is empty, or says of each crop what is known of its text; a reader may leave it aside.
        Raises PageError("read", …) where the page cannot be read at all.
        """
        ...
