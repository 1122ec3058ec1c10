"""Names of persons, and of those who sign with their offices, as language models."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from ocrfill.civil_status.offices import OFFICE_TITLES
from ocrfill.civil_status.person_names import composed_names
from ocrfill.pipeline.recognition.language.language_model import LanguageModel
from ocrfill.pipeline.recognition.language.phrase_counts import learn_word_model

CASE_WEIGHT = 0.4
"""How much capitals count beside the ink: names begin with them, which places and phrases need not."""

NAME_MARK_LOG_PROB, OFFICE_MARK_LOG_PROB = -16.0, -6.0
"""Log chance of a mark after a word of a name, which none has, though the tail of an X may look like a comma; and where
an office may follow the name."""


@cache
def person_name_model() -> LanguageModel:
    """Names of persons as a language model."""
    return replace(learn_word_model(composed_names()), case=CASE_WEIGHT, mark=NAME_MARK_LOG_PROB)


@cache
def signatory_model() -> LanguageModel:
    """Names, and the offices of those who sign."""
    phrases = [*composed_names(), *(office for office in OFFICE_TITLES for _ in range(100))]
    return replace(learn_word_model(phrases), case=CASE_WEIGHT, mark=OFFICE_MARK_LOG_PROB)
