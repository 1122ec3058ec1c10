"""One look at every line, further looks at the lines it leaves in doubt: the same network on the line made narrower and
wider, and a second, slower network where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Crop
from ocrfill.document.result import Reading
from ocrfill.pipeline.recognition.ctc_line import LINE_HEIGHT_PX, framed
from ocrfill.pipeline.recognition.ctc_reader import HandReader
from ocrfill.pipeline.recognition.decoder.forced_alignment import text_log_likelihoods
from ocrfill.pipeline.recognition.decoder.prefix_beam import Hypothesis, prefix_beam_search
from ocrfill.pipeline.recognition.hypotheses import reading_of
from ocrfill.pipeline.recognition.language.language_model import LanguageModel

MIN_LEAD_NATS = 4.0
"""Nats by which a line's best text must lead its second for the first look alone to decide."""

STRETCH_FACTORS = (0.9, 1.15)
"""Widths, against its own, at which a doubtful line is looked at again."""

MAX_NARROW_LETTER_PX = 18.0
"""Pixels for each letter, at the network's height, below which writing counts as narrow: some four of its steps."""

NARROW_STRETCH_FACTORS = (0.9, 1.2, 1.5)
"""The same widths for a line of narrow writing. On dates in words of drawn books (not those of the benchmarks), 53 of
them narrow, 43 were right with these, 34 with the usual ones; on 169 narrow lines of other fields 154 and 154. They are
written in the faces that are held out of training, and so are lines that the benchmarks measure by."""

FAST_NETWORK_SHARE = 0.35
"""The fast network's share of a text's log probability where there is a second one, to which the rest falls."""

MIN_LOG_PROB = -60.0
"""Log probability of a text that has no path in one of the looks."""

TEXTS_PER_PASS = 8
"""Texts of each look that are weighed by all."""


@dataclass(frozen=True, slots=True, eq=False)
class NetworkPass:
    """What one look says of a line: log probabilities (steps, classes), and its share of the decision."""

    scores: NDArray[np.float32]
    alphabet: str
    share: float


@dataclass(frozen=True, slots=True)
class CascadeReader:
    """The likely texts of all looks at a line are weighed by all looks and by what is known; see `combined_hypotheses`.

    A text that only one way of looking at the line shows loses against one that all show.
    """

    name: ClassVar[str] = "hand"
    fast: HandReader
    slow: HandReader | None = None
    margin: float = MIN_LEAD_NATS
    share: float = FAST_NETWORK_SHARE
    stretches: Sequence[float] = STRETCH_FACTORS
    wider: Sequence[float] = NARROW_STRETCH_FACTORS

    @property
    def version(self) -> str:
        """What tells this reader from its other versions."""
        return self.fast.version if self.slow is None else f"{self.fast.version} + {self.slow.version}"

    def read(self, crops: Sequence[Crop], knowledge: Sequence[LanguageModel | None] = ()) -> tuple[Reading, ...]:
        """A reading for each crop, in order; `knowledge`, if given, is what is known of each."""
        written = [i for i, crop in enumerate(crops) if crop.ink.any()]
        images = {i: framed(crops[i]) for i in written}
        known = {i: self.fast.known(knowledge, i) for i in written}
        first = dict(zip(written, self.fast.log_probabilities([images[i] for i in written]), strict=True))
        found = {i: prefix_beam_search(first[i], self.fast.alphabet, known[i]) for i in written}
        doubted = [i for i in written if is_doubtful(found[i], self.margin)]
        narrow = [i for i in doubted if is_narrow(images[i], found[i][0].text)]
        usual = [i for i in doubted if i not in narrow]
        for numbers, stretches in ((usual, self.stretches), (narrow, self.wider)):
            again = self.looks([images[i] for i in numbers], [first[i] for i in numbers], stretches)
            for i, looks in zip(numbers, again, strict=True):
                found[i] = combined_hypotheses(looks, known[i], found[i])
        readings = [Reading("", 0.0, self.name)] * len(crops)
        for i in written:
            readings[i] = reading_of(found[i], first[i], self.fast.alphabet, self.name)
        return tuple(readings)

    def looks(
        self,
        images: Sequence[NDArray[np.uint8]],
        first: Sequence[NDArray[np.float32]],
        stretches: Sequence[float] | None = None,
    ) -> list[tuple[NetworkPass, ...]]:
        """All looks at each grey line image, beginning with the first, which has been taken; at these stretches, or at
        the reader's own.
        """
        if not images:
            return []
        widths = (1.0, *(self.stretches if stretches is None else stretches))
        networks: list[tuple[HandReader, Sequence[float], float]] = [
            (self.fast, widths, 1.0 if self.slow is None else self.share)
        ]
        if self.slow is not None:
            networks.append((self.slow, (1.0,), 1 - self.share))
        columns = [
            [
                NetworkPass(scores, reader.alphabet, share / len(wide))
                for scores in (
                    first if reader is self.fast and stretch == 1.0 else reader.log_probabilities(images, stretch)
                )
            ]
            for reader, wide, share in networks
            for stretch in wide
        ]
        return list(zip(*columns, strict=True))


def is_narrow(image: NDArray[np.uint8], text: str) -> bool:
    """Whether a grey line image that shows about this text is of narrow writing."""
    height, width = map(int, image.shape)
    letters = sum(not letter.isspace() for letter in text)
    return width * LINE_HEIGHT_PX / height < MAX_NARROW_LETTER_PX * letters


def combined_hypotheses(
    looks: Sequence[NetworkPass], known: LanguageModel | None, found: Sequence[Hypothesis] = ()
) -> tuple[Hypothesis, ...]:
    """The likely texts of all looks, each with the mean of its log probabilities by the looks' shares, best first.

    `found` is what was found already in the first look.
    """
    weights: dict[str, float] = {}
    for number, look in enumerate(looks):
        texts = found if found and not number else prefix_beam_search(look.scores, look.alphabet, known)
        weights |= {one.text: one.weight for one in texts[:TEXTS_PER_PASS]}
    scores = np.zeros(len(weights))
    for look in looks:
        scores += look.share * np.maximum(text_log_likelihoods(look.scores, list(weights), look.alphabet), MIN_LOG_PROB)
    ranked = [
        Hypothesis(text, float(score), weight) for (text, weight), score in zip(weights.items(), scores, strict=True)
    ]
    return tuple(sorted(ranked, key=lambda one: one.total, reverse=True))


def is_doubtful(found: Sequence[Hypothesis], margin: float) -> bool:
    """Whether the best text leads by less than the margin; texts that differ in outer or double spaces are one."""
    best = found[0].text.split()
    second = next((one for one in found[1:] if one.text.split() != best), None)
    return second is not None and found[0].total - second.total < margin
