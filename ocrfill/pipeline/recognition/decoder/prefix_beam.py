"""CTC prefix beam search: the likeliest texts of a line, where knowledge of the field may weigh each letter.

Texts are nodes of a tree, so that a letter costs one look-up; probabilities are kept as such, scaled at each step, so
that no logarithm is taken but for ranking. What is far behind is dropped at once: where the ink is clear, one text is
followed, not eight.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ocrfill.pipeline.recognition.language.language_model import LanguageModel

BEAM_WIDTH = 12
"""So many texts are kept at each step."""

MAX_BEHIND_NATS = 7.0
"""Texts so far behind the best one, in nats, are dropped."""

MIN_LETTER_PROBABILITY = 3e-4
"""Letters less likely than this at a step are not followed there."""

MIN_CLEAR_BLANK_PROBABILITY = 0.999
"""Where the blank is likelier than this, nothing else is looked at."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A text; `score` is its log probability under the network alone, `weight` what knowledge adds."""

    text: str
    score: float
    weight: float

    @property
    def total(self) -> float:
        """What it is ranked by."""
        return self.score + self.weight


class _Node:
    """A text as the way to it; `blank` and `letter` are its chances ending so, `step` says at which step they hold."""

    __slots__ = ("before", "blank", "children", "letter", "number", "state", "step", "weight")

    def __init__(self, before: _Node | None, number: int, state: Hashable, weight: float) -> None:
        self.before, self.number, self.state, self.weight = before, number, state, weight
        self.children: dict[int, _Node] | None = None
        self.blank = self.letter = 0.0
        self.step = -1


class _Step(NamedTuple):
    """The chance of the blank at a step, and the letters worth following there with theirs, the likeliest first."""

    time: int
    blank: float
    letters: list[tuple[int, float]]


_Kept = tuple[float, _Node, float, float]
"""A text's rank, its node, its chances of ending in a blank and in a letter."""

_rank = itemgetter(0)


def prefix_beam_search(
    scores: NDArray[np.float32],
    alphabet: str,
    knowledge: LanguageModel | None = None,
    *,
    beam: int = BEAM_WIDTH,
    behind: float = MAX_BEHIND_NATS,
    faint: float = MIN_LETTER_PROBABILITY,
) -> tuple[Hypothesis, ...]:
    """The likeliest texts, best first. `scores` (steps, classes) are log probabilities, class 0 the blank."""
    root = _Node(None, 0, knowledge.start if knowledge else None, 0.0)
    kept: list[_Kept] = [(0.0, root, 1.0, 0.0)]
    scale = 0.0
    for here in _steps(scores, faint):
        if not here.letters:
            kept = [(rank, node, (b + c) * here.blank, 0.0) for rank, node, b, c in kept]
        else:
            kept = _advanced(kept, here, alphabet, knowledge, behind)
        best = max(b + c for _, _, b, c in kept)
        scale += math.log(best)
        if here.letters:
            least = max(map(_rank, kept)) - behind
            kept = [one for one in kept if one[0] >= least]
            if len(kept) > beam:
                kept.sort(key=_rank, reverse=True)
                del kept[beam:]
        kept = [(rank, node, b / best, c / best) for rank, node, b, c in kept]
    found = [
        Hypothesis(
            _text(node, alphabet),
            math.log(b + c) + scale,
            node.weight + (knowledge.end(node.state) if knowledge else 0.0),
        )
        for _, node, b, c in kept
    ]
    return tuple(sorted(found, key=lambda one: one.total, reverse=True))


def _steps(scores: NDArray[np.float32], faint: float) -> list[_Step]:
    chances = np.exp(scores.astype(np.float64))
    blanks: list[float] = chances[:, 0].tolist()
    letters: list[list[tuple[int, float]]] = [[] for _ in blanks]
    times, numbers = np.nonzero(chances[:, 1:] > faint)
    likely = chances[times, numbers + 1].tolist()
    for time, number, chance in zip(times.tolist(), (numbers + 1).tolist(), likely, strict=True):
        letters[time].append((number, chance))
    for of_step in letters:
        of_step.sort(key=itemgetter(1), reverse=True)
    return [
        _Step(time, blank, of_step if blank < MIN_CLEAR_BLANK_PROBABILITY else [])
        for time, (blank, of_step) in enumerate(zip(blanks, letters, strict=True))
    ]


def _advanced(
    kept: list[_Kept], here: _Step, alphabet: str, knowledge: LanguageModel | None, behind: float
) -> list[_Kept]:
    """The texts after one more step, each with its rank: the log chance, scaled, and what knowledge adds."""
    log, exp = math.log, math.exp
    time, blank, letters = here.time, here.blank, here.letters
    touched: list[_Node] = []
    floor = max(map(_rank, kept)) - behind
    for rank, node, ends_blank, ends_letter in kept:
        both = ends_blank + ends_letter
        least = exp(floor - rank)
        if node.step != time:
            node.step, node.blank, node.letter = time, 0.0, 0.0
            touched.append(node)
        node.blank += both * blank
        last = node.number
        if node.children is None:
            node.children = {}
        children = node.children
        for number, chance in letters:
            if chance < least:
                break
            if number == last:
                node.letter += ends_letter * chance
                grown = ends_blank * chance
            else:
                grown = both * chance
            if not grown:
                continue
            child = children.get(number)
            if child is None:
                state, weight = node.state, node.weight
                if knowledge is not None:
                    state, more = knowledge.step(state, alphabet[number - 1])
                    weight += more
                    if grown < exp(floor - weight):  # not worth a node
                        continue
                child = children[number] = _Node(node, number, state, weight)
            if child.step != time:
                child.step, child.blank, child.letter = time, 0.0, 0.0
                touched.append(child)
            child.letter += grown
    return [
        (log(node.blank + node.letter) + node.weight, node, node.blank, node.letter)
        for node in touched
        if node.blank + node.letter > 0.0
    ]


def _text(node: _Node, alphabet: str) -> str:
    letters: list[str] = []
    at: _Node | None = node
    while at is not None and at.number:
        letters.append(alphabet[at.number - 1])
        at = at.before
    return "".join(reversed(letters))
