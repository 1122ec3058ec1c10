"""Places without lines: room to sign below headings, the column for notes; names on a line below a heading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ocrfill.authoring.draft.field_guessing import SIGNATURE_HINT, DraftField, FieldMaker, NamedGap, is_section
from ocrfill.authoring.draft.frame import RuledFrame
from ocrfill.authoring.draft.label_lines import PrintedLabel, PrintLine, WritingGap
from ocrfill.authoring.draft.label_vocabulary import bare_label, meaning_of, mended_label, person_of

MIN_EMPTY_BELOW_HEADING_MM = 11.0
"""A heading for signatures has so many millimetres of empty paper below it."""

MAX_HEADING_LINE_DISTANCE_MM = 7.5
"""Two lines of one heading lie so near, in millimetres."""

MIN_SIGNATURE_WIDTH_MM = 54.0
"""Room to sign is so wide, in millimetres, where no dotted line says more."""

BELOW_HEADING_MM, ABOVE_NAME_DOTS_MM, ABOVE_NEXT_PRINT_MM, ABOVE_FRAME_MM = 1.9, 5.6, 6.5, 3.6
"""Room to sign begins so far below its heading's base line and ends so far above the base line of a name's dots, of
the next print, or above the frame; in millimetres.
"""

NOTES_MARGINS_MM = (2.2, 2.7, 1.9, 2.9)
"""The notes begin so far right of the rule and below their heading, and end so far left of the frame and above it."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What the places lie on: the frame, if there is one, where the form ends below, and pixels a millimetre."""

    frame: RuledFrame | None
    bottom: float
    mm: float


@dataclass(frozen=True, slots=True)
class SignatureArea:
    """A place without lines: its field, and left, top, right, bottom in pixels."""

    name: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Heading:
    """Words over room to sign: one line or two, and the small print below them if there is any."""

    words: tuple[PrintedLabel, ...]

    @property
    def label(self) -> str:
        """The words without the mark that ends them."""
        return self.words[0].text.rstrip("/ ")

    @property
    def middle(self) -> float:
        """Half way between the outer edges, in pixels."""
        return (min(w.left for w in self.words) + max(w.right for w in self.words)) / 2

    @property
    def top(self) -> float:
        """The base line of the first line, in pixels."""
        return self.words[0].base

    @property
    def base(self) -> float:
        """The base line of the last line, in pixels."""
        return self.words[-1].base


def find_headings(lines: Sequence[PrintLine], ground: Ground) -> list[Heading]:
    """Words with nothing below them for a good while, no gap beside them."""
    bottom, mm = ground.bottom, ground.mm
    alone = [word for line in lines if not line.rooms for word in line.words if not word.dash]
    others = [token for line in lines for token in line.tokens]
    found: list[Heading] = []
    taken: set[PrintedLabel] = set()
    for word in alone:
        if word in taken or SIGNATURE_HINT in bare_label(word.text):
            continue
        chain = [word]
        while True:
            below = [
                w
                for w in alone
                if 0 < w.base - chain[-1].base < MAX_HEADING_LINE_DISTANCE_MM * mm
                and w.left < chain[-1].right
                and w.right > chain[-1].left
            ]
            if not below:
                break
            chain.append(min(below, key=lambda w: w.base))
        last = chain[-1]
        left, right = min(w.left for w in chain), max(w.right for w in chain)
        near = [
            t.base for t in others if t not in chain and t.base > last.base + mm and t.left < right and t.right > left
        ]
        if min([*near, bottom]) - last.base > MIN_EMPTY_BELOW_HEADING_MM * mm and not _is_question(word):
            found.append(Heading(tuple(chain)))
            taken.update(chain)
    return found


def _is_question(word: PrintedLabel) -> bool:
    return is_section(word) and bare_label(word.text).startswith("phần")


def find_signature_areas(
    headings: Sequence[Heading],
    lines: Sequence[PrintLine],
    placed: Sequence[NamedGap],
    maker: FieldMaker,
    ground: Ground,
) -> tuple[list[SignatureArea], list[NamedGap]]:
    """The places to sign below headings, and names on the dotted lines that no label asks for."""
    mm = ground.mm
    rooms = [room for line in lines for room in line.rooms]
    free = [room for room in rooms if not any(p.room is room for p in placed)]
    names = {i: _named(heading, headings, free) for i, heading in enumerate(headings)}
    places, signed = [], []
    for i, heading in enumerate(headings):
        room = names[i]
        beside = [
            other
            for k, other in names.items()
            if other is not None and k != i and abs(headings[k].top - heading.top) < 2 * mm
        ]
        middle = heading.middle if room is None else (room.left + room.right) / 2
        wide = MIN_SIGNATURE_WIDTH_MM * mm if room is None else max(room.right - room.left, MIN_SIGNATURE_WIDTH_MM * mm)
        low = _lowest(heading, room, beside, lines, ground)
        field_ = _signature(heading, maker)
        box = (middle - wide / 2, heading.base + BELOW_HEADING_MM * mm, middle + wide / 2, low)
        places.append(SignatureArea(field_.name, box))
        field_.doubts.append("how far the room to sign reaches is a guess")
        if room is not None:
            signed.append(NamedGap(room, _writer(heading, maker).name))
    return places, signed


def _named(heading: Heading, headings: Sequence[Heading], free: Sequence[WritingGap]) -> WritingGap | None:
    """The dotted line below a heading for the name of who signs."""
    below = [room for room in free if room.base > heading.base and room.left < heading.middle < room.right]
    first = min(below, key=lambda room: room.base, default=None)
    if first is None:
        return None
    between = [h for h in headings if heading.base < h.top < first.base and first.left < h.middle < first.right]
    return None if between else first


def _lowest(
    heading: Heading, room: WritingGap | None, beside: Sequence[WritingGap], lines: Sequence[PrintLine], ground: Ground
) -> float:
    bottom, mm = ground.bottom, ground.mm
    if room is not None:
        return room.base - ABOVE_NAME_DOTS_MM * mm
    below = [
        t.base
        for line in lines
        for t in line.tokens
        if t.base > heading.base + MIN_EMPTY_BELOW_HEADING_MM * mm and not isinstance(t, WritingGap)
    ]
    limits = [bottom - ABOVE_FRAME_MM * mm, *(base - ABOVE_NEXT_PRINT_MM * mm for base in below)]
    return min([*limits, *(other.base for other in beside)])


def _signature(heading: Heading, maker: FieldMaker) -> DraftField:
    label, _ = mended_label(heading.label)
    simple = bare_label(label)
    person = person_of(label, maker.kind)
    name = f"{person}_chu_ky" if person is not None else "chu_ky"
    shown = label if simple.startswith("chữ ký") else f"Chữ ký của {label[:1].lower()}{label[1:]}"
    made = maker.add(name, shown, {"kind": "signature"})
    made.read, made.section = False, ""
    return made


def _writer(heading: Heading, maker: FieldMaker) -> DraftField:
    label, known = mended_label(heading.label)
    meaning = meaning_of(label, maker.person, maker.kind)
    if meaning is None or meaning.type["kind"] != "name":
        made = maker.add("nguoi_ky_ten", label, {"kind": "name"})
        made.doubts.append("whose name stands on this line is a guess")
        return made
    return maker.make(label, surely=known)


def find_notes_area(
    lines: Sequence[PrintLine], left: float, frame: RuledFrame, maker: FieldMaker, mm: float
) -> tuple[SignatureArea, PrintedLabel] | None:
    """The column for notes: everything below its heading down to the frame."""
    for line in lines:
        for word in line.words:
            meaning = meaning_of(word.text, maker.person, maker.kind)
            if meaning is not None and "ghi_chu" in meaning.stem:
                made = maker.make(word.text, surely=word.known)
                right = next((x for x in (*frame.verticals, frame.right) if x > word.middle), frame.right)
                box = (
                    left + NOTES_MARGINS_MM[0] * mm,
                    word.base + NOTES_MARGINS_MM[1] * mm,
                    right - NOTES_MARGINS_MM[2] * mm,
                    frame.bottom - NOTES_MARGINS_MM[3] * mm,
                )
                return SignatureArea(made.name, box), word
    return None
