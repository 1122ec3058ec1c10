"""How right a drafted layout is: its fields against those of the layout the pages were drawn from.

Places are compared as they come out on pages: both layouts are laid on the same page, and a field's strips must lie
on those of the true layout's field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ocrfill.civil_status.orthography import words
from ocrfill.document.geometry import Box
from ocrfill.document.page import FieldBox, Page
from ocrfill.layouts import FieldSpec, Layout
from ocrfill.layouts.fields import Choice, Tick
from ocrfill.pipeline.locate import locate

MIN_STRIP_OVERLAP_SHARE = 0.7
"""A strip is right where it shares at least this part of what it and the true strip cover together."""


@dataclass(frozen=True, slots=True)
class DraftedField:
    """Of a true field: the drafted one that lies there (None for none), and what of it is right.

    `overlap` is that of its worst strip, 0 where their numbers differ. `columns` says whether the same export columns
    are filled from the same parts.
    """

    name: str
    found: str | None
    overlap: float
    label: bool
    type: bool
    columns: bool

    @property
    def place(self) -> bool:
        return self.overlap >= MIN_STRIP_OVERLAP_SHARE

    @property
    def right(self) -> bool:
        return self.place and self.label and self.type


def compare_layouts(true: Layout, draft: Layout, pages: Sequence[Page]) -> tuple[DraftedField, ...]:
    """The true layout's fields, each with what the draft has in its place on straightened pages that show the form."""
    found = [(_strips(true, page), _strips(draft, page)) for page in pages]
    return tuple(_field(name, true, draft, found) for name in true.fields)


Strips = Mapping[str, tuple[tuple[Box, ...], ...]]
"""Of each field the boxes of its strips, record by record."""


def _strips(layout: Layout, page: Page) -> Strips:
    strips: dict[str, list[tuple[Box, ...]]] = {}
    boxes: Iterable[FieldBox] = sorted(locate(page, layout.body).boxes, key=lambda box: box.record)
    for box in boxes:
        strips.setdefault(box.name, []).append(tuple(strip.box for strip in box.strips))
    return {name: tuple(of) for name, of in strips.items()}


def _field(name: str, true: Layout, draft: Layout, pages: Sequence[tuple[Strips, Strips]]) -> DraftedField:
    shares = {
        other: sum(_shared(of_true[name], of_draft.get(other, ())) for of_true, of_draft in pages)
        for other in draft.fields
    }
    best = max(shares, key=lambda other: shares[other], default=None)
    if best is None or not shares[best]:
        return DraftedField(name, None, 0.0, label=False, type=False, columns=False)
    overlap = min(_worst(of_true[name], of_draft.get(best, ())) for of_true, of_draft in pages)
    spec, other = true.fields[name], draft.fields[best]
    return DraftedField(
        name, best, overlap, same_label(spec, other), same_type(spec, other), dict(spec.columns) == dict(other.columns)
    )


def same_label(true: FieldSpec, draft: FieldSpec) -> bool:
    """Are two labels one, but for capitals, points and dashes? What is not read (room to sign) bears no label of its
    own on the form: there the words of one among those of the other are enough.
    """
    one, other = words(true.label), words(draft.label)
    if true.read or draft.read:
        return one == other
    return set(one) <= set(other) or set(other) <= set(one)


def same_type(true: FieldSpec, draft: FieldSpec) -> bool:
    """Are two types one: the kind, the list of a choice, the options of boxes to tick, whether it is read?"""
    if true.type.kind != draft.type.kind or true.read != draft.read:
        return False
    if isinstance(true.type, Choice) and isinstance(draft.type, Choice):
        return true.type.list == draft.type.list
    if isinstance(true.type, Tick) and isinstance(draft.type, Tick):
        return [words(option) for option in true.type.options] == [words(option) for option in draft.type.options]
    return True


def _overlap(one: Box, other: Box) -> float:
    shared = one.intersection(other)
    if shared.is_empty():
        return 0.0
    area = shared.width * shared.height
    return area / (one.width * one.height + other.width * other.height - area)


def _shared(true: Sequence[Sequence[Box]], draft: Sequence[Sequence[Box]]) -> float:
    """How much the strips of two fields overlap in all."""
    return sum(_overlap(a, b) for one, other in zip(true, draft, strict=False) for a in one for b in other)


def _worst(true: Sequence[Sequence[Box]], draft: Sequence[Sequence[Box]]) -> float:
    """The overlap of the worst strip; 0 where records or strips are not as many."""
    if [len(strips) for strips in true] != [len(strips) for strips in draft]:
        return 0.0
    return min(
        (_overlap(a, b) for one, other in zip(true, draft, strict=True) for a, b in zip(one, other, strict=True)),
        default=0.0,
    )
