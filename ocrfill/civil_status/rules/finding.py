"""What rules take and give: an entry by the columns of the exports, and findings on its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What a rule says of a field's value. None changes it."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"


class Weight(StrEnum):
    """How much a rule's word counts: `hard` rests on what cannot be otherwise, `soft` on what is usual."""

    HARD = "hard"
    SOFT = "soft"


@dataclass(frozen=True, slots=True)
class ColumnValue:
    """What a field gives to a column: the field's name, the column's text, the writing, its coded form, "" for none."""

    field: str
    text: str
    raw: str
    coded: str = ""


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """A record as rules see it: column of the exports → what its field gives. Empty fields give an empty text.

    `years` are the first and last year the book can hold: the book's own where it is known, else those of its form.
    """

    kind: str
    years: tuple[int, int]
    columns: Mapping[str, ColumnValue]

    def text(self, column: str) -> str:
        """The column's text; "" where there is none."""
        said = self.columns.get(column)
        return said.text if said is not None else ""

    def coded(self, column: str) -> str:
        """The coded form of the field that fills the column, where it has one; else the column's text."""
        said = self.columns.get(column)
        return (said.coded or said.text) if said is not None else ""


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """A rule's word on one field, named by its column. `text` is for the clerk, one line; "" where it supports."""

    rule: str
    column: str
    verdict: Verdict
    weight: Weight
    text: str = ""


@dataclass(frozen=True, slots=True)
class RecordRule:
    """A rule within a record: its code, what it asks, where it comes from, and the function that asks it."""

    code: str
    asks: str
    source: str
    check: Callable[[RuleEntry], tuple[RuleFinding, ...]]


def supports(rule: str, weight: Weight, *columns: str) -> tuple[RuleFinding, ...]:
    """A finding for each column that the rule speaks for."""
    return tuple(RuleFinding(rule, column, Verdict.SUPPORTS, weight) for column in columns)


def contradicts(rule: str, weight: Weight, texts: Mapping[str, str]) -> tuple[RuleFinding, ...]:
    """One finding for each column, with its text."""
    return tuple(RuleFinding(rule, column, Verdict.CONTRADICTS, weight, text) for column, text in texts.items())
