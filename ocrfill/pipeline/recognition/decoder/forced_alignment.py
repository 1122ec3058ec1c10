"""Texts laid along a line's scores: how likely each text is in all, and where each of its letters lies."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ZERO_LOG_PROB = -math.inf


def text_log_likelihoods(scores: NDArray[np.float32], texts: Sequence[str], alphabet: str) -> NDArray[np.float64]:
    """The log probability of each text: all its paths added up; -inf for one that has more letters than there are
    steps, and for one with letters the alphabet lacks.
    """
    found = np.full(len(texts), ZERO_LOG_PROB)
    numbers = {letter: number for number, letter in enumerate(alphabet, 1)}
    spelled = [i for i, text in enumerate(texts) if all(letter in numbers for letter in text)]
    if not spelled:
        return found
    ends = np.array([2 * len(texts[i]) for i in spelled])
    classes = np.zeros((len(spelled), int(ends.max()) + 1), int)
    for row, i in zip(classes, spelled, strict=True):
        row[1 : 2 * len(texts[i]) : 2] = [numbers[letter] for letter in texts[i]]
    skips = np.zeros(classes.shape)
    skips[:, 3::2] = classes[:, 3::2] != classes[:, 1:-2:2]
    emitted = np.exp(scores.astype(np.float64))[:, classes]
    chance = np.zeros(classes.shape)
    chance[:, :2] = emitted[0, :, :2]
    scale = np.zeros(len(spelled))
    for step in emitted[1:]:
        top = chance.max(axis=1)
        top[top == 0] = 1.0
        scale += np.log(top)
        chance /= top[:, None]
        moved = chance.copy()
        moved[:, 1:] += chance[:, :-1]
        moved[:, 2:] += chance[:, :-2] * skips[:, 2:]
        chance = moved * step
    rows = np.arange(len(spelled))
    whole = chance[rows, ends] + np.where(ends > 0, chance[rows, np.maximum(ends - 1, 0)], 0.0)
    with np.errstate(divide="ignore"):
        found[spelled] = np.log(whole) + scale
    return found


@dataclass(frozen=True, slots=True)
class AlignedCharacter:
    """A letter of a text: the steps it covers (first, last) on the text's best path, the probability of its best."""

    letter: str
    first: int
    last: int
    score: float


def align_characters(scores: NDArray[np.float32], text: str, alphabet: str) -> tuple[AlignedCharacter, ...]:
    """Where each letter of a text lies along the line; () for a text that has more letters than there are steps."""
    classes = [0] + [c for letter in text for c in (alphabet.index(letter) + 1, 0)]
    states, steps = len(classes), len(scores)
    emitted = scores[:, classes]
    best = np.full(states, ZERO_LOG_PROB)
    best[:2] = emitted[0, :2]
    back = np.zeros((steps, states), np.int8)
    skips = np.array([i >= 2 and i % 2 == 1 and classes[i] != classes[i - 2] for i in range(states)])
    moved = np.full((3, states), ZERO_LOG_PROB)
    for t in range(1, steps):
        moved[0] = best
        moved[1, 1:] = best[:-1]
        moved[2, 2:] = np.where(skips[2:], best[:-2], ZERO_LOG_PROB)
        back[t] = moved.argmax(axis=0)
        best = moved.max(axis=0) + emitted[t]
    state = states - 1 if states == 1 or best[-1] >= best[-2] else states - 2
    if best[state] == ZERO_LOG_PROB:
        return ()
    spans: list[list[int]] = [[] for _ in text]
    for t in range(steps - 1, -1, -1):
        if state % 2 == 1:
            spans[state // 2].append(t)
        state -= int(back[t, state])
    return tuple(
        AlignedCharacter(letter, span[-1], span[0], math.exp(min(float(emitted[span, 2 * i + 1].max()), 0.0)))
        for i, (letter, span) in enumerate(zip(text, spans, strict=True))
    )
