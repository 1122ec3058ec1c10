"""The groups of fields that promises are made for: kinds that are alike, and together enough to prove it."""

from __future__ import annotations

from enum import StrEnum


class Group(StrEnum):
    """`closed`: values of a list; `figures`: dates and numbers; `words`: names, places and free text."""

    CLOSED = "closed"
    FIGURES = "figures"
    WORDS = "words"


GROUP_OF_KIND: dict[str, Group] = {
    "choice": Group.CLOSED,
    "tick": Group.CLOSED,
    "date": Group.FIGURES,
    "date_words": Group.FIGURES,
    "moment": Group.FIGURES,
    "number": Group.FIGURES,
    "identity": Group.FIGURES,
    "name": Group.WORDS,
    "place": Group.WORDS,
    "signatory": Group.WORDS,
    "text": Group.WORDS,
}
"""Kind of field → its group."""

SAMPLE_SHARE_OF_GROUP = {Group.CLOSED: 0.2, Group.FIGURES: 0.45, Group.WORDS: 0.35}
"""How fields that are drawn by lot to prove promises are dealt out among the groups: values of lists are mostly right,
and a few hundred prove it.
"""
