"""Lines of labels and gaps read as fields: what each gap asks for, and whom it is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ocrfill.authoring.draft.label_lines import PrintedLabel, PrintLine, WritingGap
from ocrfill.authoring.draft.label_vocabulary import (
    SECTION_START,
    Meaning,
    bare_label,
    main_person,
    meaning_of,
    mended_label,
    person_of,
    without_section,
)
from ocrfill.civil_status.orthography import folded
from ocrfill.layouts.model import Kind

CONTINUING_LABELS = {"tháng", "năm", "giờ"}
"""Labels that go on with the field before them."""

SIGNATURE_HINT = "ký ghi rõ"
"""What small print under a heading for signatures says."""

MAX_CONTINUATION_PITCHES = 1.9
"""A gap without a label goes on with the field above where it is nearer than so many line distances."""

MIN_SURE_LABEL_SCORE = 0.9
"""A label read with at least this score is not marked, known or not."""

IDENTITY_PAPER_TYPE: Mapping[str, Any] = {"kind": "choice", "list": "giay_to"}


@dataclass(slots=True)
class DraftField:
    """A field in the making; `doubts` say what of it a person must look at."""

    name: str
    label: str
    type: dict[str, Any]
    columns: dict[str, str] = field(default_factory=dict)
    section: str = ""
    read: bool = True
    doubts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class NamedGap:
    """A gap and the name of its field."""

    room: WritingGap
    name: str


class FieldMaker:
    """Names fields and keeps whom the print is about at the moment."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.person = main_person(kind)
        self.section = ""
        self.fields: dict[str, DraftField] = {}

    def turn_to(self, text: str) -> None:
        """A section's heading: what follows is about its person."""
        about = without_section(text)
        self.section = about[:1].lower() + about[1:]
        self.person = person_of(text, self.kind) or self.person

    def make(self, label: str, *, surely: bool, person: str | None = None) -> DraftField:
        """A new field for a label."""
        meaning = meaning_of(label, person or self.person, self.kind)
        if meaning is not None and meaning.stem == "ho_ten":
            named = person_of(label, self.kind)
            if named is not None and named != self.person:
                self.person = named
                self.section = _last_words(label)
                meaning = meaning_of(label, named, self.kind)
        made = self._field(label, meaning, person or self.person)
        if not surely:
            made.doubts.append("the label was not read surely")
        return made

    def add(
        self, name: str, label: str, type_: Mapping[str, Any], columns: Mapping[str, str] | None = None
    ) -> DraftField:
        """A new field that no label tells; its columns only where they are free."""
        made = DraftField(self._free(name), label, dict(type_), section=self.section)
        self.fields[made.name] = made
        self._fill(made, columns or {})
        return made

    def _field(self, label: str, meaning: Meaning | None, person: str) -> DraftField:
        if meaning is None:
            made = DraftField(
                self._free(f"{_prefix(person)}_{_name_of(label)}"), label, {"kind": "text"}, section=self.section
            )
            made.doubts.append("what this label asks for is not known: name, type and column are guesses")
            self.fields[made.name] = made
            return made
        name = meaning.stem if meaning.of_entry else f"{_prefix(person)}_{meaning.stem}"
        section = "" if meaning.of_entry else self.section
        made = DraftField(self._free(name), label, dict(meaning.type), section=section, read=meaning.read)
        self.fields[made.name] = made
        self._fill(made, meaning.columns)
        return made

    def _fill(self, made: DraftField, columns: Mapping[str, str]) -> None:
        taken = {column for other in self.fields.values() for column in other.columns}
        double = sorted(set(columns) & taken)
        if double:
            made.doubts.append(f"another field fills {', '.join(double)} already: say which of them does")
        made.columns.update({column: part for column, part in columns.items() if column not in taken})

    def _free(self, name: str) -> str:
        number, free = 2, name
        while free in self.fields:
            free, number = f"{name}_{number}", number + 1
        return free


def _prefix(person: str) -> str:
    return {"parents": "cha_me"}.get(person, person)


def _last_words(label: str) -> str:
    """Whom a label of a name is about, in its own words: "người đi khai sinh", "cha"."""
    at = label.rfind("người")
    return label[at:] if at >= 0 else label.rsplit(maxsplit=1)[-1]


def _name_of(label: str) -> str:
    return "_".join(folded(word) for word in bare_label(label).split()[:4]) or "field"


def guess_fields(
    lines: Sequence[PrintLine], maker: FieldMaker, pitch: float, headings: set[PrintedLabel]
) -> list[NamedGap]:
    """The fields of a column's lines, in reading order; `headings` are words that stand over room to sign."""
    placed: list[NamedGap] = []
    pending: list[PrintedLabel] = []
    last: tuple[DraftField, float] | None = None
    for line in lines:
        words = [w for w in line.words if w not in headings and SIGNATURE_HINT not in bare_label(w.text)]
        if not line.rooms:
            pending = _turned(words, pending, maker)
            continue
        reader = _LineReader(maker, pending, last, pitch)
        placed += reader.read(line, headings)
        if reader.last is not None:
            last = (reader.last, line.base)
        pending = []
    return placed


def _turned(words: Sequence[PrintedLabel], pending: list[PrintedLabel], maker: FieldMaker) -> list[PrintedLabel]:
    """What waits for a gap after a line without one; a section turns to its person."""
    for word in words:
        if bare_label(word.text).startswith(SECTION_START) or (
            not pending and person_of(word.text, maker.kind) and is_section(word)
        ):
            maker.turn_to(word.text)
            pending = [word]
        elif word.dash:
            continue
        elif pending and (bare_label(pending[0].text).startswith(SECTION_START) or is_section(pending[0])):
            pending = [word]
        else:
            pending = [*pending, word]
    return pending


def is_section(word: PrintedLabel) -> bool:
    """A line that names a person and asks for nothing."""
    return bare_label(word.text).startswith("người ")


class _LineReader:
    """Reads one line with gaps."""

    def __init__(
        self, maker: FieldMaker, pending: Sequence[PrintedLabel], above: tuple[DraftField, float] | None, pitch: float
    ) -> None:
        self.maker, self.above, self.pitch = maker, above, pitch
        self.pending = list(pending)
        self.last: DraftField | None = None
        self.placed: list[NamedGap] = []

    def read(self, line: PrintLine, headings: set[PrintedLabel]) -> list[NamedGap]:
        waiting: list[PrintedLabel] = []
        for token in line.tokens:
            if isinstance(token, PrintedLabel):
                if token not in headings:
                    waiting.append(token)
                continue
            made = self._asked(waiting, line) if waiting else self._unasked(line)
            waiting = []
            if made is not None:
                self.last = made
                self.placed.append(NamedGap(token, made.name))
        if waiting and self.last is not None and bare_label(waiting[-1].text) == "phút":
            self.last.label += " … phút"
        return self.placed

    def _asked(self, words: Sequence[PrintedLabel], line: PrintLine) -> DraftField | None:
        """The field of a gap behind printed words."""
        if all(word.dash for word in words):
            return self._unasked(line) if self.last is None else self._second(self.last)
        asked = [word for word in words if not word.dash]
        text = _joined([*(self.pending if self._goes_on(asked) else []), *asked])
        label, known = mended_label(text)
        made = None if self.last is None else self._after(self.last, label)
        if made is None and bare_label(label) in ("ngày cấp", "cấp ngày") and "gbt" in self._above_name():
            made = self.maker.add("gbt_ngay", label, {"kind": "date"}, {"gbtNgay": "value"})
        return made or self.maker.make(label, surely=known or min(word.score for word in asked) > MIN_SURE_LABEL_SCORE)

    def _after(self, last: DraftField, label: str) -> DraftField | None:
        """The field of words that go on with the field before them on the line: parts of a day or an hour."""
        simple = bare_label(label)
        if simple in CONTINUING_LABELS:
            last.label += f" … {label}"
            if last.type["kind"] == "date":
                last.type["split"] = True
            return last
        if simple == "phút ngày":
            last.label += " … phút"
            lead = last.label.split(" … ")[0].removesuffix(" lúc")
            columns = {f"{self.maker.person}NgayChet": "value"}
            return self.maker.add(f"{_prefix(self.maker.person)}_ngay_chet", f"{lead} ngày", {"kind": "date"}, columns)
        if simple == "ngày":
            lead = last.label.removesuffix(" số")
            return self.maker.add("ngay_dang_ky", f"{lead} … ngày", {"kind": "date"}, {"ngayDangKy": "value"})
        return None

    def _above_name(self) -> str:
        above = self.last or (self.above[0] if self.above else None)
        return "" if above is None else above.name

    def _goes_on(self, words: Sequence[PrintedLabel]) -> bool:
        """Do the words go on with a label begun on the line above?"""
        if not self.pending:
            return False
        first = self.pending[0]
        if bare_label(first.text).startswith(SECTION_START) or is_section(first):
            return False
        return words[0].text[:1].islower() or first.text.endswith("/")

    def _second(self, first: DraftField) -> DraftField | None:
        """The field of a gap that a dash parts from the one before it."""
        kind = first.type["kind"]
        if kind == "identity":
            number = {c: p for c, p in first.columns.items() if p == "number"}
            papers = {c: "code" for c, p in first.columns.items() if p == "paper"}
            stem = first.name.removesuffix("giay_to")
            first.columns.clear()
            section = first.section
            renamed = self.maker.fields.pop(first.name)
            first.name, first.type, first.section = f"{stem}loai_giay_to", dict(IDENTITY_PAPER_TYPE), f"{section}, loại"
            self.maker.fields[first.name] = renamed
            first.columns.update(papers)
            for placed in self.placed:
                placed.name = first.name if placed.name == f"{stem}giay_to" else placed.name
            made = self.maker.add(f"{stem}so_giay_to", first.label, {"kind": "identity"}, number)
            made.section = f"{section}, số"
            return made
        if kind == "signatory":
            first.type, first.section = {"kind": "name"}, "họ tên"
            first.columns.clear()
            first.columns["nguoiKy"] = "value"
            made = self.maker.add("chuc_vu_nguoi_ky", first.label, {"kind": "text"}, {"chucVuNguoiKy": "value"})
            made.section = "chức vụ"
            return made
        first.doubts.append("a dash parts two gaps: both were given to this field")
        return first

    def _unasked(self, line: PrintLine) -> DraftField | None:
        """The field of a gap without words before it: asked for above, or going on from there."""
        if self.last is not None:
            return self.last
        if self.pending:
            text = _joined(self.pending)
            self.pending = []
            label, known = mended_label(without_section(text))
            return self.maker.make(label, surely=known)
        if self.above is not None and line.base - self.above[1] < MAX_CONTINUATION_PITCHES * self.pitch:
            return self.above[0]
        return None


def _joined(words: Sequence[PrintedLabel]) -> str:
    text = ""
    for word in words:
        text += word.text if not text or text.endswith("/") else f" {word.text}"
    return text
