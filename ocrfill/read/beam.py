"""CTC prefix beam search: the likeliest texts of a line, where knowledge of the field may weigh each letter.

A weight is added to the network's log probability letter by letter. It pulls, it never forbids: what the ink says
clearly comes out as written.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

BEAM = 8
"""So many texts are kept at each step."""

FAINT = math.log(1e-4)
"""Letters less likely than this at a step are not followed there."""

MOST_LETTERS = 10
"""At most so many letters are followed at a step."""

NEVER = -math.inf


class Knowledge(Protocol):
    """What is known of a text: the log weight of a letter after the text so far, and of ending there."""

    def letter(self, text: str, letter: str) -> float: ...

    def end(self, text: str) -> float: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A text; `score` is its log probability under the network alone, `weight` what knowledge adds."""

    text: str
    score: float
    weight: float

    @property
    def total(self) -> float:
        return self.score + self.weight


def search(
    scores: NDArray[np.float32], alphabet: str, knowledge: Knowledge | None = None, beam: int = BEAM
) -> tuple[Found, ...]:
    """The likeliest texts, best first. `scores` (steps, classes) are log probabilities, class 0 the blank."""
    prefixes: dict[str, tuple[float, float]] = {"": (0.0, NEVER)}  # text -> log p ending in blank, in a letter
    weights = {"": 0.0}
    blanks = scores[:, 0].tolist()
    for step, blank in zip(scores, blanks, strict=True):
        letters = _letters(step)
        following: dict[str, tuple[float, float]] = {}
        for text, (after_blank, after_letter) in prefixes.items():
            both = _added(after_blank, after_letter)
            _put(following, text, both + blank, NEVER)
            last = text[-1:]
            for number, score in letters:
                letter = alphabet[number - 1]
                if letter == last:
                    _put(following, text, NEVER, after_letter + score)
                    grown, score_grown = text + letter, after_blank + score
                else:
                    grown, score_grown = text + letter, both + score
                if score_grown == NEVER:
                    continue
                if grown not in weights:
                    weights[grown] = weights[text] + (knowledge.letter(text, letter) if knowledge else 0.0)
                _put(following, grown, NEVER, score_grown)
        ranked = sorted(following.items(), key=lambda item: _added(*item[1]) + weights[item[0]], reverse=True)
        prefixes = dict(ranked[:beam])
    found = [
        Found(text, _added(*pair), weights[text] + (knowledge.end(text) if knowledge else 0.0))
        for text, pair in prefixes.items()
    ]
    return tuple(sorted(found, key=lambda one: one.total, reverse=True))


def _letters(step: NDArray[np.float32]) -> list[tuple[int, float]]:
    """The letters worth following at a step, and their log probabilities."""
    numbers = np.flatnonzero(step[1:] > FAINT) + 1
    if len(numbers) > MOST_LETTERS:
        numbers = numbers[np.argsort(-step[numbers], kind="stable")[:MOST_LETTERS]]
    return [(int(number), float(step[number])) for number in numbers]


def _put(texts: dict[str, tuple[float, float]], text: str, blank: float, letter: float) -> None:
    before = texts.get(text)
    texts[text] = (blank, letter) if before is None else (_added(before[0], blank), _added(before[1], letter))


def _added(one: float, other: float) -> float:
    """log(e^one + e^other)"""
    if one < other:
        one, other = other, one
    return one if other == NEVER else one + math.log1p(math.exp(other - one))


@dataclass(frozen=True, slots=True)
class Placed:
    """A letter of a text: the steps it covers (first, last) on the text's best path, the probability of its best."""

    letter: str
    first: int
    last: int
    score: float


def place(scores: NDArray[np.float32], text: str, alphabet: str) -> tuple[Placed, ...]:
    """Where each letter of a text lies along the line; () for a text that has more letters than there are steps."""
    classes = [0] + [c for letter in text for c in (alphabet.index(letter) + 1, 0)]
    states, steps = len(classes), len(scores)
    emitted = scores[:, classes]
    best = np.full(states, NEVER)
    best[:2] = emitted[0, :2]
    back = np.zeros((steps, states), np.int8)
    skips = np.array([i >= 2 and i % 2 == 1 and classes[i] != classes[i - 2] for i in range(states)])
    moved = np.full((3, states), NEVER)
    for t in range(1, steps):
        moved[0] = best
        moved[1, 1:] = best[:-1]
        moved[2, 2:] = np.where(skips[2:], best[:-2], NEVER)
        back[t] = moved.argmax(axis=0)
        best = moved.max(axis=0) + emitted[t]
    state = states - 1 if states == 1 or best[-1] >= best[-2] else states - 2
    if best[state] == NEVER:
        return ()
    spans: list[list[int]] = [[] for _ in text]
    for t in range(steps - 1, -1, -1):
        if state % 2 == 1:
            spans[state // 2].append(t)
        state -= int(back[t, state])
    return tuple(
        Placed(letter, span[-1], span[0], math.exp(min(float(emitted[span, 2 * i + 1].max()), 0.0)))
        for i, (letter, span) in enumerate(zip(text, spans, strict=True))
    )
