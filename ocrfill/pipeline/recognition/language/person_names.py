"""Names of persons, and of those who sign with their offices, as language models."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from ocrfill.civil_status.person_names import OFFICES, composed_names
from ocrfill.pipeline.recognition.language.language_model import Knowledge
from ocrfill.pipeline.recognition.language.phrase_counts import learn

CASE = 0.4
"""How much capitals count beside the ink: names begin with them, which places and phrases need not."""

MARKED, MARKED_OFFICE = -16.0, -6.0
"""Log chance of a mark after a word of a name, which none has, though the tail of an X may look like a comma; and where
an office may follow the name."""


@cache
def names() -> Knowledge:
    """Names of persons as a language model."""
    return replace(learn(composed_names()), case=CASE, mark=MARKED)


@cache
def signatories() -> Knowledge:
    """Names, and the offices of those who sign."""
    phrases = [*composed_names(), *(office for office in OFFICES for _ in range(100))]
    return replace(learn(phrases), case=CASE, mark=MARKED_OFFICE)
