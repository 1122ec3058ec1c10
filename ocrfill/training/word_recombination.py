"""Real words in new company: a reader that has begun to read finds each word on a training line, and words of one hand
are set side by side to other texts. Names, dates in words and numbers then come in real ink.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrfill.document.page import Image
from ocrfill.pipeline.recognition.ctc_line import LINE_HEIGHT_PX, network_line, padded
from ocrfill.pipeline.recognition.ctc_reader import HandReader
from ocrfill.pipeline.recognition.decoder.forced_alignment import AlignedCharacter, align_characters
from ocrfill.pipeline.recognition.line_images import LabelledLine, read_line_image
from ocrfill.training.line_texts import mixed_texts
from ocrfill.training.synthetic.facts.vocabulary import Vocabulary
from ocrfill.training.synthetic_lines import DrawnLine

SLICE_HEIGHT_PX = 64
"""Height of the slices in pixels."""

MIN_MEAN_PROBABILITY = 0.35
"""Least mean probability of a word's letters: below, the label or the place may be wrong."""

MIN_WORD_WIDTH_PX, MAX_TRAILING_PAPER_PX = 6, 8
"""Least width of a word, and most paper left behind it, in pixels."""

PAPER_GREY_LEVEL = 225.0
"""Grey level all slices' paper is brought to."""

FREE_WORDS_SHARE = 0.4
"""Share of lines that are any words in any order, not a text of a register."""

MIN_WORDS_PER_HAND = 60
"""Hands with fewer words than this are joined to one."""


@dataclass(frozen=True, slots=True, eq=False)
class WordSlice:
    """A word's part of a line image, the whole height of the line."""

    text: str
    image: Image


def cut_words(lines: Sequence[LabelledLine], reader: HandReader, alphabet: str) -> Iterator[tuple[str, WordSlice]]:
    """The words of the lines, each with its writer."""
    for line in lines:
        image = read_line_image(line.path, SLICE_HEIGHT_PX)
        scores = reader.log_probabilities([image])[0]
        letters = align_characters(scores, line.text, alphabet)
        scale = image.shape[0] / LINE_HEIGHT_PX * padded(network_line(image)).shape[1] / len(scores)
        for text, left, right in _words(letters, image, scale):
            yield line.writer, WordSlice(text, _evened(image[:, left:right]))


def _words(letters: Sequence[AlignedCharacter], image: Image, scale: float) -> Iterator[tuple[str, int, int]]:
    """Text, left and right of each word that was found for sure and has a gap on both sides."""
    spaces = [-1, *(i for i, one in enumerate(letters) if one.letter == " "), len(letters)]
    blank = _blank_columns(image)
    cuts: list[int | None] = [0]
    for space in spaces[1:-1]:
        low, high = (letters[space - 1].first + 0.3) * scale, (letters[space + 1].first + 1) * scale
        cuts.append(_widest_gap(blank, round(low), round(high)))
    cuts.append(_widest_gap(blank, round((letters[-1].last + 0.5) * scale), len(blank)) if letters else None)
    for (before, after), (left, right) in zip(pairwise(spaces), pairwise(cuts), strict=True):
        word = letters[before + 1 : after]
        if not word or left is None or right is None or right - left <= MIN_WORD_WIDTH_PX:
            continue
        if np.mean([one.score for one in word]) >= MIN_MEAN_PROBABILITY:
            yield "".join(one.letter for one in word), left, right


def _blank_columns(image: Image) -> NDArray[np.bool_]:
    """Which columns hold no ink, printed rules aside."""
    ink, paper = np.percentile(image, (1, 75))
    dark = image < (ink + 2 * paper) / 3
    dark[dark.mean(axis=1) > 0.4] = False
    return np.asarray(dark.sum(axis=0) <= 1, np.bool_)


def _widest_gap(blank: NDArray[np.bool_], low: int, high: int) -> int | None:
    """The middle of the widest run of blank columns in a range; of one that reaches its end, near its start."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], blank[low:high], [False])).astype(np.int8)))
    runs = [(int(right - left), int(left)) for left, right in zip(edges[::2], edges[1::2], strict=True)]
    width, left = max(runs, default=(0, 0))
    return low + left + min(width // 2, MAX_TRAILING_PAPER_PX) if width >= 2 else None


def _evened(image: Image) -> Image:
    paper = float(np.percentile(image, 75))
    return np.asarray(np.clip(image * (PAPER_GREY_LEVEL / max(paper, 1.0)), 0, 255), np.uint8)


def slices_by_writer(found: Iterable[tuple[str, WordSlice]]) -> dict[str, dict[str, list[WordSlice]]]:
    """Writer → word → its slices; writers with few words are joined under ""."""
    hands: dict[str, dict[str, list[WordSlice]]] = {}
    for writer, one in found:
        hands.setdefault(writer, {}).setdefault(one.text, []).append(one)
    for writer in [w for w, words in hands.items() if w and len(words) < MIN_WORDS_PER_HAND]:
        for text, cuts in hands.pop(writer).items():
            hands.setdefault("", {}).setdefault(text, []).extend(cuts)
    return hands


def recombined_lines(
    seed: int, hands: Mapping[str, Mapping[str, Sequence[WordSlice]]], phrases: Sequence[str] = ()
) -> Iterator[DrawnLine]:
    """Lines without end, each in words of one hand where it has them, else of any other; some texts are `phrases`."""
    rng = np.random.default_rng(seed)
    texts = mixed_texts(seed, phrases)
    everyone: dict[str, list[WordSlice]] = {}
    for of_hand in hands.values():
        for text, cuts in of_hand.items():
            everyone.setdefault(text, []).extend(cuts)
    vocabulary = Vocabulary(frozenset(everyone), digits=False)
    names, sizes = list(hands), np.array([len(of_hand) for of_hand in hands.values()], float)
    while True:
        hand = names[int(rng.choice(len(names), p=sizes / sizes.sum()))]
        own = hands[hand]
        if rng.random() < FREE_WORDS_SHARE:
            known = list(own)
            words = [known[int(i)] for i in rng.integers(len(known), size=int(rng.integers(1, 8)))]
        else:
            fitted = (vocabulary.fit(word) for word in next(texts).split())
            words = [word for group in fitted if group for word in group.split()]
        if words:
            chosen = [_any(own.get(word) or everyone[word], rng) for word in words]
            yield DrawnLine(_joined(chosen, rng), " ".join(words), hand or "several")


def _any(cuts: Sequence[WordSlice], rng: np.random.Generator) -> WordSlice:
    return cuts[int(rng.integers(len(cuts)))]


def _joined(words: Sequence[WordSlice], rng: np.random.Generator) -> Image:
    """The slices at one height side by side, a little paper between some."""
    parts: list[Image] = []
    for word in words:
        image = word.image
        if image.shape[0] != SLICE_HEIGHT_PX:
            size = (max(round(image.shape[1] * SLICE_HEIGHT_PX / image.shape[0]), 1), SLICE_HEIGHT_PX)
            image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        parts += [image, np.full((SLICE_HEIGHT_PX, int(rng.integers(0, 9))), round(PAPER_GREY_LEVEL), np.uint8)]
    return np.hstack(parts)
