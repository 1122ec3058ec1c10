"""Boxes to tick with the words beside them, gathered into fields."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from ocrfill.authoring.draft.field_guessing import DraftField, FieldMaker
from ocrfill.authoring.draft.label_vocabulary import CheckboxGroup, bare_label, checkbox_groups, mended_label
from ocrfill.authoring.draft.printed_words import Run
from ocrfill.document.geometry import Box

MAX_WORD_DISTANCE_MM = 9.0
"""The words of a box begin so near to its right edge, in millimetres."""

MAX_LINE_DISTANCE_MM = 6.5
"""Words that go on below lie so near, in millimetres."""

MIN_OPTION_SIMILARITY_PERCENT = 85.0
"""Words as like a known option as this (0 to 100) are it."""


@dataclass(frozen=True, slots=True)
class DraftCheckbox:
    """A box to tick: its field, what it means, where it is printed."""

    name: str
    value: str
    box: Box


def find_checkbox_fields(
    boxes: Sequence[Box], runs: Sequence[Run], maker: FieldMaker, mm: float
) -> tuple[list[DraftCheckbox], set[Run]]:
    """The boxes to tick in the order of the page, and the words that belong to them."""
    texts, used = [], set()
    for box in boxes:
        words = _words_of(box, boxes, runs, mm)
        used.update(words)
        text, _ = mended_label(" ".join(run.text for run in words))
        texts.append(text)
    groups = [_group(text) for text in texts]
    made: dict[str, DraftField] = {}
    found = []
    for box, text, group in zip(boxes, texts, groups, strict=True):
        if not text:
            continue
        key = "tick" if group is None else group[0].name
        if key not in made:
            made[key] = _field(key, None if group is None else group[0], maker)
        field = made[key]
        value, code = (text, "") if group is None else (text, group[1])
        if value in field.type["options"]:
            field.doubts.append(f"two boxes seem to say {value!r}: only the first was taken")
            continue
        field.type["options"][value] = code
        found.append(DraftCheckbox(field.name, value, box))
    return found, used


def _words_of(box: Box, boxes: Sequence[Box], runs: Sequence[Run], mm: float) -> list[Run]:
    """The words to the right of a box and those they go on with below."""
    beside = [
        run
        for run in runs
        if 0 < run.box.left - box.right < MAX_WORD_DISTANCE_MM * mm and box.top - mm < run.base < box.bottom + 2 * mm
    ]
    found = sorted(beside, key=lambda run: run.box.left)[:1]
    while found:
        last = found[-1]
        below = [
            run
            for run in runs
            if 0 < run.base - last.base < MAX_LINE_DISTANCE_MM * mm
            and abs(run.box.left - found[0].box.left) < 2 * mm
            and not any(
                0 < run.box.left - b.right < MAX_WORD_DISTANCE_MM * mm and b.top - mm < run.base < b.bottom + 2 * mm
                for b in boxes
            )
        ]
        if not below:
            break
        found.append(min(below, key=lambda run: run.base))
    return found


def _group(text: str) -> tuple[CheckboxGroup, str] | None:
    asked = bare_label(text)
    for group in checkbox_groups():
        for option, code in group.options.items():
            if fuzz.ratio(asked, bare_label(option)) >= MIN_OPTION_SIMILARITY_PERCENT:
                return group, code
    return None


def _field(key: str, group: CheckboxGroup | None, maker: FieldMaker) -> DraftField:
    if group is None:
        made = maker.add(key, "Đánh dấu", {"kind": "tick", "options": {}})
        made.doubts.append("what these boxes ask together is not known: give name, label, codes and column")
    else:
        columns = {} if group.column is None else {group.column: "code"}
        made = maker.add(key, group.label, {"kind": "tick", "options": {}}, columns)
    made.section = ""
    return made
