"""From the likeliest texts of a line to a reading: the best, the others, and how sure each is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from ocrfill.document.result import Alternative, Character, Reading
from ocrfill.pipeline.recognition.decoder.forced_alignment import align_characters
from ocrfill.pipeline.recognition.decoder.prefix_beam import Hypothesis

MAX_ALTERNATIVES = 4
"""Further texts that a reading keeps."""


def reading_of(found: Sequence[Hypothesis], scores: NDArray[np.float32], alphabet: str, reader: str) -> Reading:
    """The reading of a line, `found` best first.

    A text's score is its probability among all texts: those found, and the rest, to which falls the probability that
    the network left over, weighed as the worst of what was found. A letter's score is the share of texts that have it;
    for the rest stands what the ink says of it. None of these is calibrated.
    """
    texts = _tidy(found)
    chances = probabilities_of(texts)
    best = texts[0].text
    letters = align_characters(scores, best, alphabet)
    if len(letters) != len(best):
        return Reading(best, chances[0], reader)
    rest = 1.0 - sum(chances)
    kept = np.array([one.score for one in letters]) * max(rest, 0.0)
    for other, chance in zip(texts, chances, strict=True):
        for block in Indel.opcodes(best, other.text):
            if block.tag == "equal":
                kept[block.src_start : block.src_end] += chance
    return Reading(
        best,
        chances[0],
        reader,
        tuple(Character(c, min(float(score), 1.0)) for c, score in zip(best, kept, strict=True)),
        tuple(Alternative(t.text, p) for t, p in zip(texts[1:], chances[1 : MAX_ALTERNATIVES + 1], strict=False)),
    )


def probabilities_of(found: Sequence[Hypothesis]) -> list[float]:
    """The probability of each text among these and the rest."""
    top = max(one.total for one in found)
    masses = [math.exp(one.total - top) for one in found]
    left = max(1.0 - sum(math.exp(min(one.score, 0.0)) for one in found), 0.0)
    rest = left * math.exp(min(one.weight for one in found) - top)
    whole = sum(masses) + rest
    return [mass / whole for mass in masses]


def _tidy(found: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Without spaces at the ends or side by side; of texts that are then the same the first."""
    tidy: dict[str, Hypothesis] = {}
    for one in found:
        text = " ".join(one.text.split())
        tidy.setdefault(text, Hypothesis(text, one.score, one.weight))
    return list(tidy.values())
