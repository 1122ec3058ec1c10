"""What is known of lines of which no field type is told: the general, and a lexicon of one's own beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ocrfill.civil_status.person_names import composed_names
from ocrfill.civil_status.place_names import all_places
from ocrfill.pipeline.field_language import free_text_model
from ocrfill.pipeline.recognition.language.language_model import LanguageModel
from ocrfill.pipeline.recognition.language.phrase_counts import learn_word_model, read_phrases

GENERAL_WEIGHT = 0.2
"""What a name or place that comes with ocrfill counts against a phrase of the lexicon."""

ALL_YEARS = (1900, 2100)


@cache
def general_model() -> LanguageModel:
    """Names, places and phrases of registers of any time."""
    return free_text_model(ALL_YEARS)


def lexicon_model(path: Path) -> LanguageModel:
    """What a file with a phrase a line says of a text, beside the names and places that come with ocrfill.

    Raises BadInput where it cannot be read or is empty.
    """
    return learn_word_model(read_phrases(path), [*composed_names(), *all_places()], share=GENERAL_WEIGHT)
