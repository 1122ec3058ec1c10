"""What is known of a field's words: how likely a word is after the two before it, learnt from a list of phrases.

Each letter is weighed by how many words begin so, and at a word's end the words before it have their say. A word the
list does not have costs more with each letter, but never too much for clear ink; tokens with figures cost the same
whatever they say.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ocrfill.errors import BadInput

WEIGHT = 0.35
"""How much the words count beside the ink."""

BONUS = 0.3
"""Added for each letter, or else short texts would win: every letter costs something."""

BACKING = 3.0
"""Counts needed before the words seen after a word are believed more than words at large."""

STRANGER, PER_LETTER = 0.05, 0.12
"""Share of words that no list has, and the chance of each of their letters."""

FIGURES = math.log(0.02)
"""Log chance of a token with figures."""

START = "<"


@dataclass(frozen=True, slots=True, eq=False)
class WordModel:
    """Counts of words alone, after one, and after two others; capitals and punctuation at a word's ends aside."""

    words: Counter[tuple[str, ...]]
    contexts: Counter[tuple[str, ...]]
    followers: Counter[tuple[str, ...]]
    beginnings: Counter[str]
    weight: float = WEIGHT
    bonus: float = BONUS
    known: dict[tuple[str, ...], float] = field(default_factory=dict)

    def letter(self, text: str, letter: str) -> float:
        if letter == " ":
            return self.bonus + self._ended(text)
        word = text[text.rfind(" ") + 1 :]
        return self.bonus + self.weight * (self._begun(word + letter) - self._begun(word))

    def end(self, text: str) -> float:
        return self._ended(text)

    def _begun(self, word: str) -> float:
        """Log chance that a word begins so; 0 for nothing."""
        start = bare(word)
        if not start:
            return 0.0
        if any(c.isdigit() for c in start):
            return FIGURES
        if (start,) not in self.known:
            at_large = self.beginnings[start] / max(self.beginnings[""], 1)
            self.known[start,] = math.log((1 - STRANGER) * at_large + STRANGER * PER_LETTER ** len(start))
        return self.known[start,]

    def _ended(self, text: str) -> float:
        """What the words before the text's last word add when it ends; 0 where it ends in a space."""
        if not text or text[-1] == " ":
            return 0.0
        words: list[str] = [START, START, *text.rsplit(" ", 3)[-3:]]
        word = words[-1]
        key = (_told(words[-3]), _told(words[-2]), bare(word))
        if key not in self.known:
            self.known[key] = self.weight * (self._chance(key) - self._begun(word))
        return self.known[key]

    def _chance(self, key: tuple[str, str, str]) -> float:
        """Log chance of the last word after the two before it, shorter histories filling in (Witten and Bell)."""
        word = key[-1]
        if not word or any(c.isdigit() for c in word):
            return FIGURES
        chance = PER_LETTER ** len(word)
        for history in ((), key[1:2], key[:2]):
            seen = self.contexts[history]
            if seen:
                doubt = self.followers[history] + BACKING if history else STRANGER * seen
                chance = (self.words[(*history, word)] + doubt * chance) / (seen + doubt)
        return math.log(chance)


def learn(phrases: Iterable[str], weight: float = WEIGHT, bonus: float = BONUS) -> WordModel:
    """A model of the words of phrases."""
    words: Counter[tuple[str, ...]] = Counter()
    for phrase in phrases:
        line = [START, START, *(word for word in map(bare, unicodedata.normalize("NFC", phrase).split()) if word)]
        for i in range(2, len(line)):
            for length in (1, 2, 3):
                words[tuple(line[i - length + 1 : i + 1])] += 1
    contexts: Counter[tuple[str, ...]] = Counter()
    followers: Counter[tuple[str, ...]] = Counter()
    beginnings: Counter[str] = Counter()
    for gram, count in words.items():
        contexts[gram[:-1]] += count
        followers[gram[:-1]] += 1
        if len(gram) == 1:
            for end in range(len(gram[0]) + 1):
                beginnings[gram[0][:end]] += count
    return WordModel(words, contexts, followers, beginnings, weight, bonus)


def read_lexicon(path: Path) -> WordModel:
    """A model of a UTF-8 text file with a phrase a line. Raises BadInput where it cannot be read or is empty."""
    try:
        phrases = [line for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"cannot read the lexicon {path}: {error}") from error
    if not phrases:
        raise BadInput(f"the lexicon {path} is empty; write a phrase a line")
    return learn(phrases)


def bare(word: str) -> str:
    """A word without capitals and without punctuation at its ends."""
    return word.strip(".,;:()-\"'").lower()


def _told(word: str) -> str:
    return word if word == START else bare(word)
