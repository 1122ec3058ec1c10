"""What may be known of a text before it is read: a weight for each letter, never a wall."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol


class Knowledge(Protocol):
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


def weigh(knowledge: Knowledge, text: str) -> float:
    """The weight of a whole text."""
    state, total = knowledge.start, 0.0
    for letter in text:
        state, weight = knowledge.step(state, letter)
        total += weight
    return total + knowledge.end(state)
