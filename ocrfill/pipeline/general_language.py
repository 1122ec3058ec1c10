"""What is known of lines of which no field type is told: the general, and a lexicon of one's own beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ocrfill.civil_status.person_names import composed_names
from ocrfill.civil_status.place_names import country
from ocrfill.pipeline.field_language import texts
from ocrfill.pipeline.recognition.language.language_model import Knowledge
from ocrfill.pipeline.recognition.language.phrase_counts import learn, read_phrases

GENERAL = 0.2
"""What a name or place that comes with ocrfill counts against a phrase of the lexicon."""

ALWAYS = (1900, 2100)


@cache
def general() -> Knowledge:
    """Names, places and phrases of registers of any time."""
    return texts(ALWAYS)


def lexicon(path: Path) -> Knowledge:
    """What a file with a phrase a line says of a text, beside the names and places that come with ocrfill.

    Raises BadInput where it cannot be read or is empty.
    """
    return learn(read_phrases(path), [*composed_names(), *country()], share=GENERAL)
