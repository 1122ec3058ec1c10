"""What is known of printed labels: how they are spelt, what they ask for, whom they are about, which form they tell."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from rapidfuzz import fuzz, process
from ruamel.yaml import YAML

from ocrfill.civil_status.export_columns import known_columns
from ocrfill.civil_status.orthography import folded, words
from ocrfill.layouts.model import Kind

SECTION_START = "phần ghi về"
"""How the headings of sections begin."""

MIN_LABEL_SIMILARITY_PERCENT = 86.0
"""A label read with less likeness (0 to 100) to a known one is kept as it was read."""

MIN_WORD_SIMILARITY_PERCENT, MIN_JOINED_SIMILARITY_PERCENT = 55.0, 93.0
"""Each word must be so like (0 to 100) the known label's; where words ran together, all of them without spaces."""

MIN_SAME_LABEL_SIMILARITY_PERCENT = 95.0
"""A label so like (0 to 100) a known one is it: of twenty letters one is another, be it in a word of two."""

MAX_SHORT_LABEL_LETTERS, MIN_SHORT_SIMILARITY_PERCENT = 5, 75.0
"""Of labels with at most so many letters one letter in four may be misread."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a label asks for: the field's name without its person, its type as a layout has it, the export columns with
    the part that fills each, and whether it belongs to the entry as a whole.
    """

    stem: str
    type: Mapping[str, Any]
    columns: Mapping[str, str]
    of_entry: bool
    read: bool = True


@dataclass(frozen=True, slots=True)
class CheckboxGroup:
    """Boxes that belong together: the field's name, label, column and the codes of its options."""

    name: str
    label: str
    column: str | None
    options: Mapping[str, str]


def bare_label(text: str) -> str:
    """A label's words in small letters, without points, with single spaces."""
    return " ".join(words(text))


@cache
def _facts() -> Mapping[str, Any]:
    text = (resources.files("ocrfill.authoring.draft") / "data" / "meanings.yaml").read_text(encoding="utf-8")
    facts: Mapping[str, Any] = YAML(typ="safe", pure=True).load(text)
    return facts


@cache
def known_labels() -> Mapping[str, str]:
    """Known labels as they are printed, by their bare words."""
    text = (resources.files("ocrfill.authoring.draft") / "data" / "labels.json").read_text(encoding="utf-8")
    known = {bare_label(label): label for label in json.loads(text)["labels"]}
    asked = {bare_label(rest): rest for label in known.values() if (rest := without_section(label)) != label}
    return {**asked, **known}


@cache
def _without_marks() -> Mapping[str, str]:
    """Known labels by their letters alone; marks are misread most often."""
    return {folded(label): label for label in reversed(list(known_labels().values()))}


def without_section(text: str) -> str:
    """What a section is about, without the words that every section begins with."""
    found = re.match(rf"\s*{SECTION_START}\s+", text, re.IGNORECASE)
    return text if found is None else text[found.end() :]


def mended_label(text: str) -> tuple[str, bool]:
    """A label as it is surely printed, without a colon at its end, and whether it is a known one."""
    stripped = re.sub(r"^[\s.,~_'\"|-]+|[\s.,:;_'\"|-]+$", "", text)
    asked = bare_label(stripped)
    if asked in known_labels():
        return _as_read(known_labels()[asked], stripped), True
    if folded(asked) in _without_marks():
        return _as_read(_without_marks()[folded(asked)], stripped), True
    least = MIN_SHORT_SIMILARITY_PERCENT if len(asked) <= MAX_SHORT_LABEL_LETTERS else MIN_LABEL_SIMILARITY_PERCENT
    alike = process.extract(asked, list(known_labels()), scorer=fuzz.ratio, score_cutoff=least, limit=5)
    found = next(
        (label for label, like, _ in alike if like >= MIN_SAME_LABEL_SIMILARITY_PERCENT or _same_words(asked, label)),
        None,
    )
    return (stripped, False) if found is None else (_as_read(known_labels()[found], stripped), True)


def _same_words(read: str, known: str) -> bool:
    """May the words read be the known ones, misread? A word that is another, marks aside, makes it another label."""
    ours, theirs = read.split(), known.split()
    if len(ours) != len(theirs):
        return fuzz.ratio(read.replace(" ", ""), known.replace(" ", "")) >= MIN_JOINED_SIMILARITY_PERCENT
    return all(
        fuzz.ratio(folded(a), folded(b)) >= MIN_WORD_SIMILARITY_PERCENT for a, b in zip(ours, theirs, strict=True)
    )


def _as_read(known: str, read: str) -> str:
    """The known label; its first letter small or great as it was read, where that is all that differs."""
    if read[:1].casefold() == known[:1].casefold():
        return read[:1] + known[1:]
    return known


def meaning_of(label: str, person: str, kind: Kind) -> Meaning | None:
    """What a label asks for of that person, in a register of that kind; None for one that is not known."""
    asked = f" {bare_label(label)} "
    for rule in _facts()["meanings"]:
        if "whole" in rule:
            fits = asked.strip() == rule["whole"]
        else:
            fits = all(f" {word} " in asked for word in rule["words"])
            fits = fits and not any(f" {word} " in asked for word in rule.get("not", ()))
        if fits:
            return _meaning(rule, label, person, kind)
    return None


def _meaning(rule: Mapping[str, Any], label: str, person: str, kind: Kind) -> Meaning:
    of_entry = "entry" in rule
    wanted: dict[str, str] = {}
    part = rule.get("part", "value")
    if "columns" in rule:
        wanted = {person + column: part for column, part in rule["columns"].items()}
    elif "entries" in rule:
        wanted = dict(rule["entries"])
    elif of_entry:
        wanted = {rule["entry"]: part}
    elif "column" in rule:
        wanted = {person + rule["column"]: part}
        if "or" in rule and not set(wanted) & known_columns(kind):
            wanted = {person + rule["or"]: part}
    if kind == "CMC" and rule.get("column") == "QuanHe":
        wanted = {"nycQHNguoiDuocNhan" if "được nhận" in bare_label(label) else "nycQHNguoiNhan": part}
    columns = {column: part for column, part in wanted.items() if column in known_columns(kind)}
    stem = rule.get("stem") or _snake(rule.get("entry") or rule["column"])
    type_ = dict(rule["type"])
    if type_["kind"] == "name" and not of_entry and person in _facts()["capitals"]:
        type_["capitals"] = True
    return Meaning(stem, type_, columns, of_entry or stem.startswith("giay_xac_nhan"), rule.get("read", True))


def _snake(column: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", column).lower()


def person_of(text: str, kind: Kind) -> str | None:
    """Whom a section or label is about: the prefix of the person's columns; the longest words that stand in it win."""
    asked = f" {bare_label(text)} "
    known: Mapping[str, str] = _facts()["persons"][kind]
    found = [(len(phrase), prefix) for phrase, prefix in known.items() if f" {phrase} " in asked]
    return max(found)[1] if found else None


def main_person(kind: Kind) -> str:
    """The person whom entries of this kind of register are about."""
    return str(_facts()["main"][kind])


def kind_of(texts: Sequence[str]) -> tuple[Kind | None, float]:
    """The kind of register that printed words tell, and how sure: its share of all that was told."""
    asked = " | ".join(f" {bare_label(text)} " for text in texts)
    told = {
        kind: sum(weight * asked.count(f" {phrase} ") for phrase, weight in phrases.items())
        for kind, phrases in _facts()["kinds"].items()
    }
    best = max(told, key=lambda kind: told[kind])
    total = sum(told.values())
    return (best, told[best] / total) if total else (None, 0.0)


def title_of(kind: Kind) -> str:
    """The title of a register of this kind."""
    return str(_facts()["titles"][kind])


def years_of(texts: Sequence[str]) -> tuple[tuple[int, int], str] | None:
    """The years and the act of the form that printed words tell; None where they tell none."""
    asked = " | ".join(f" {bare_label(text)} " for text in texts)
    for known in _facts()["years"]:
        if all(f" {word} " in asked for word in known["words"]):
            return (known["years"][0], known["years"][1]), known["origin"]
    return None


def checkbox_groups() -> tuple[CheckboxGroup, ...]:
    """The groups of boxes to tick that the forms of the state have."""
    return tuple(
        CheckboxGroup(group["name"], group["label"], group.get("column"), group["options"])
        for group in _facts()["ticks"]
    )
