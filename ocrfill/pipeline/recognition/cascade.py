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
from ocrfill.pipeline.recognition.ctc_line import HEIGHT, framed
from ocrfill.pipeline.recognition.ctc_reader import HandReader
from ocrfill.pipeline.recognition.decoder.forced_alignment import likelihoods
from ocrfill.pipeline.recognition.decoder.prefix_beam import Found, search
from ocrfill.pipeline.recognition.hypotheses import answer
from ocrfill.pipeline.recognition.language.language_model import Knowledge

MARGIN = 4.0
"""Nats by which a line's best text must lead its second for the first look alone to decide."""

STRETCHES = (0.9, 1.15)
"""Widths, against its own, at which a doubtful line is looked at again."""

NARROW = 18.0
"""Pixels for each letter, at the network's height, below which writing counts as narrow: some four of its steps."""

WIDER = (0.9, 1.2, 1.5)
"""The same widths for a line of narrow writing. On dates in words of drawn books (not those of the benchmarks), 53 of
them narrow, 43 were right with these, 34 with the usual ones; on 169 narrow lines of other fields 154 and 154. They are
written in the faces that are held out of training, and so are lines that the benchmarks measure by."""

SHARE = 0.35
"""The fast network's share of a text's log probability where there is a second one, to which the rest falls."""

UNLIKELY = -60.0
"""Log probability of a text that has no path in one of the looks."""

LIKELY = 8
"""Texts of each look that are weighed by all."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What one look says of a line: log probabilities (steps, classes), and its share of the decision."""

    scores: NDArray[np.float32]
    alphabet: str
    share: float


@dataclass(frozen=True, slots=True)
class CascadeReader:
    """The likely texts of all looks at a line are weighed by all looks and by what is known; see `combined`.

    A text that only one way of looking at the line shows loses against one that all show.
    """

    name: ClassVar[str] = "hand"
    fast: HandReader
    slow: HandReader | None = None
    margin: float = MARGIN
    share: float = SHARE
    stretches: Sequence[float] = STRETCHES
    wider: Sequence[float] = WIDER

    @property
    def version(self) -> str:
        """What tells this reader from its other versions."""
        return self.fast.version if self.slow is None else f"{self.fast.version} + {self.slow.version}"

    def read(self, crops: Sequence[Crop], knowledge: Sequence[Knowledge | None] = ()) -> tuple[Reading, ...]:
        """A reading for each crop, in order; `knowledge`, if given, is what is known of each."""
        written = [i for i, crop in enumerate(crops) if crop.ink.any()]
        images = {i: framed(crops[i]) for i in written}
        known = {i: self.fast.known(knowledge, i) for i in written}
        first = dict(zip(written, self.fast.log_probabilities([images[i] for i in written]), strict=True))
        found = {i: search(first[i], self.fast.alphabet, known[i]) for i in written}
        doubted = [i for i in written if doubtful(found[i], self.margin)]
        narrow = [i for i in doubted if is_narrow(images[i], found[i][0].text)]
        usual = [i for i in doubted if i not in narrow]
        for numbers, stretches in ((usual, self.stretches), (narrow, self.wider)):
            again = self.looks([images[i] for i in numbers], [first[i] for i in numbers], stretches)
            for i, looks in zip(numbers, again, strict=True):
                found[i] = combined(looks, known[i], found[i])
        readings = [Reading("", 0.0, self.name)] * len(crops)
        for i in written:
            readings[i] = answer(found[i], first[i], self.fast.alphabet, self.name)
        return tuple(readings)

    def looks(
        self,
        images: Sequence[NDArray[np.uint8]],
        first: Sequence[NDArray[np.float32]],
        stretches: Sequence[float] | None = None,
    ) -> list[tuple[Look, ...]]:
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
                Look(scores, reader.alphabet, share / len(wide))
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
    return width * HEIGHT / height < NARROW * letters


def combined(looks: Sequence[Look], known: Knowledge | None, found: Sequence[Found] = ()) -> tuple[Found, ...]:
    """The likely texts of all looks, each with the mean of its log probabilities by the looks' shares, best first.

    `found` is what was found already in the first look.
    """
    weights: dict[str, float] = {}
    for number, look in enumerate(looks):
        texts = found if found and not number else search(look.scores, look.alphabet, known)
        weights |= {one.text: one.weight for one in texts[:LIKELY]}
    scores = np.zeros(len(weights))
    for look in looks:
        scores += look.share * np.maximum(likelihoods(look.scores, list(weights), look.alphabet), UNLIKELY)
    ranked = [Found(text, float(score), weight) for (text, weight), score in zip(weights.items(), scores, strict=True)]
    return tuple(sorted(ranked, key=lambda one: one.total, reverse=True))


def doubtful(found: Sequence[Found], margin: float) -> bool:
    """Whether the best text leads by less than the margin; texts that differ in outer or double spaces are one."""
    best = found[0].text.split()
    second = next((one for one in found[1:] if one.text.split() != best), None)
    return second is not None and found[0].total - second.total < margin
