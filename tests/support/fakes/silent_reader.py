"""A reader where only places count: it reads nothing, at once."""

from __future__ import annotations

from collections.abc import Sequence

from ocrfill.document.page import Crop
from ocrfill.document.result import Reading
from ocrfill.pipeline.recognition.language.language_model import LanguageModel


class SilentReader:
    """Reads nothing anywhere."""

    name = "silent"
    version = "1"

    def read(self, crops: Sequence[Crop], knowledge: Sequence[LanguageModel | None] = ()) -> tuple[Reading, ...]:
        """An empty reading a crop."""
        del knowledge
        return tuple(Reading("", 0.0, self.name) for _ in crops)
