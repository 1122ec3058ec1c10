"""What may be known of a text before it is read: a weight for each letter, never a wall."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol, cast

_Both = tuple[tuple[Hashable, float], tuple[Hashable, float]]


class LanguageModel(Protocol):
    """What is known of a text, as an automaton over its letters.

    Weights are in nats and are added to the network's log probability. They must be finite: what the ink says clearly
    comes out as written, whatever is known. It is handed to worker processes, so it must pickle.
    """

    @property
    def start(self) -> Hashable:
        """The state before the first letter."""
        ...

    def step(self, state: Hashable, letter: str) -> tuple[Hashable, float]:
        """The state after one more letter, and the letter's weight."""
        ...

    def end(self, state: Hashable) -> float:
        """The weight of ending there."""
        ...


@dataclass(frozen=True, slots=True)
class WeightedModel:
    """What is known of a text, so many times as heavy."""

    knowledge: LanguageModel
    factor: float

    @property
    def start(self) -> Hashable:
        """The state before the first letter."""
        return self.knowledge.start

    def step(self, state: Hashable, letter: str) -> tuple[Hashable, float]:
        """The state after one more letter, and what the letter weighs, in nats."""
        after, weight = self.knowledge.step(state, letter)
        return after, weight * self.factor

    def end(self, state: Hashable) -> float:
        """What ending in this state weighs, in nats."""
        return self.knowledge.end(state) * self.factor


def weighted_model(knowledge: LanguageModel | None, factor: float) -> LanguageModel | None:
    """Knowledge made heavier or lighter; none for a factor of 0."""
    if knowledge is None or factor == 1.0:
        return knowledge
    return WeightedModel(knowledge, factor) if factor else None


@dataclass(frozen=True, slots=True)
class EitherModel:
    """Two ways in which a text may be known: of each beginning that way counts which fits it better."""

    first: LanguageModel
    second: LanguageModel

    @property
    def start(self) -> Hashable:
        """The state before the first letter."""
        return (self.first.start, 0.0), (self.second.start, 0.0)

    def step(self, state: Hashable, letter: str) -> tuple[Hashable, float]:
        """The state holds both ways' states, each with its weight so far."""
        (one, before_one), (two, before_two) = cast(_Both, state)
        one, weight_one = self.first.step(one, letter)
        two, weight_two = self.second.step(two, letter)
        after = (one, before_one + weight_one), (two, before_two + weight_two)
        return after, max(after[0][1], after[1][1]) - max(before_one, before_two)

    def end(self, state: Hashable) -> float:
        """What ending in this state weighs, in nats."""
        (one, before_one), (two, before_two) = cast(_Both, state)
        whole = max(before_one + self.first.end(one), before_two + self.second.end(two))
        return whole - max(before_one, before_two)


def text_weight(knowledge: LanguageModel, text: str) -> float:
    """The weight of a whole text."""
    state, total = knowledge.start, 0.0
    for letter in text:
        state, weight = knowledge.step(state, letter)
        total += weight
    return total + knowledge.end(state)
