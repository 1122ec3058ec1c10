"""A fast handwriting network for every line, a slower one where the fast one doubts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ocrfill.read.answer import answer
from ocrfill.read.beam import NEVER, Found, likelihood, search
from ocrfill.read.hand import HandReader
from ocrfill.read.hand_line import framed
from ocrfill.read.knowledge import Knowledge
from ocrfill.records import Crop, Reading

MARGIN = 2.5
"""Nats by which a line's best text must lead its second for the fast network alone to decide."""

SHARE = 0.35
"""The fast network's share of a text's log probability where both have been asked; the rest is the slow one's."""

UNLIKELY = -60.0
"""Log probability of a text that has no path in one of the networks."""


@dataclass(frozen=True, slots=True)
class CascadeReader:
    """Both networks' likely texts are weighed by both networks and by what is known; see `combined`."""

    name: ClassVar[str] = "hand"
    fast: HandReader
    slow: HandReader
    margin: float = MARGIN
    share: float = SHARE

    @property
    def version(self) -> str:
        return f"{self.fast.version} + {self.slow.version}"

    def read(self, crops: Sequence[Crop], knowledge: Sequence[Knowledge | None] = ()) -> tuple[Reading, ...]:
        written = [i for i, crop in enumerate(crops) if crop.ink.any()]
        images = {i: framed(crops[i]) for i in written}
        known = {i: self.fast.known(knowledge, i) for i in written}
        quick = dict(zip(written, self.fast.log_probabilities([images[i] for i in written]), strict=True))
        found = {i: search(quick[i], self.fast.alphabet, known[i]) for i in written}
        doubted = [i for i in written if doubtful(found[i], self.margin)]
        slow = dict(zip(doubted, self.slow.log_probabilities([images[i] for i in doubted]), strict=True))
        readings = [Reading("", 0.0, self.name)] * len(crops)
        for i in written:
            scores, alphabet, texts = quick[i], self.fast.alphabet, found[i]
            if i in slow:
                scores, alphabet = slow[i], self.slow.alphabet
                texts = self.combined(texts, quick[i], slow[i], known[i])
            readings[i] = answer(texts, scores, alphabet, self.name)
        return tuple(readings)

    def combined(
        self,
        found: Sequence[Found],
        quick: NDArray[np.float32],
        slow: NDArray[np.float32],
        known: Knowledge | None,
    ) -> tuple[Found, ...]:
        """The likely texts of both networks, each with both networks' weighed log probability, best first."""
        weights = {one.text: one.weight for one in found}
        weights |= {one.text: one.weight for one in search(slow, self.slow.alphabet, known)}
        texts = []
        for text, weight in weights.items():
            fast_score = max(likelihood(quick, text, self.fast.alphabet), UNLIKELY)
            slow_score = likelihood(slow, text, self.slow.alphabet)
            if slow_score > NEVER:
                texts.append(Found(text, self.share * fast_score + (1 - self.share) * slow_score, weight))
        return tuple(sorted(texts, key=lambda one: one.total, reverse=True))


def doubtful(found: Sequence[Found], margin: float) -> bool:
    """Whether the best text leads by less than the margin; texts that differ in outer or double spaces are one."""
    best = found[0].text.split()
    second = next((one for one in found[1:] if one.text.split() != best), None)
    return second is not None and found[0].total - second.total < margin
