"""Lines to learn from out of a workspace: the strips of fields that a person has settled, with what stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement, groupby, pairwise
from math import comb
from pathlib import Path

import cv2
from rapidfuzz.distance import Levenshtein

from ocrfill.document.page import Crop, Image
from ocrfill.errors import PageError
from ocrfill.layouts import load_layout
from ocrfill.pipeline.read_page import page_crops
from ocrfill.pipeline.recognition.ctc_line import framed
from ocrfill.pipeline.scans import open_scan
from ocrfill.store import CorrectedField
from ocrfill.training.alphabet import spell

WRITTEN_KINDS = frozenset({"date", "date_words", "identity", "moment", "name", "number", "place", "signatory", "text"})
"""Field types whose settled value is what is written; of the others it may be the word of a closed list."""

MAX_EDITS_PER_LETTER = 0.8
"""Edits a letter by which a settled text of several strips may differ from what was read there: beyond, nobody can say
which words stand on which strip.
"""

MAX_SPLITS = 20_000
"""Ways of sharing out a text to strips that are tried at most; a field of more strips or words is left out."""


@dataclass(frozen=True, slots=True, eq=False)
class ReviewedLine:
    """A strip's writing as the reader sees it, and its text; `page` names scan and page, that pages stay apart."""

    image: Image
    text: str
    page: str


@dataclass(slots=True)
class SkippedFields:
    """How many settled fields gave no line, and why."""

    no_value: int = 0
    other_kind: int = 0
    strange: int = 0
    not_found: int = 0
    not_spelled: int = 0


def reviewed_lines(
    fields: Iterable[CorrectedField], layouts: Mapping[str, str], left: SkippedFields, step: Callable[[], None]
) -> Iterator[ReviewedLine]:
    """The lines of settled fields; `layouts` gives each book's layout, `step` is called after each page.

    What gives no line is counted in `left`. A page that can no longer be read or does not fit gives none.
    """
    for (book, scan, number), of_page in groupby(fields, lambda f: (f.book, f.scan, f.page)):
        wanted = [(one, text) for one in of_page if (text := _text(one, left)) is not None]
        if wanted:
            yield from _of_page(wanted, scan, number, layouts[book], left)
        step()


def _text(one: CorrectedField, left: SkippedFields) -> str | None:
    said = one.settled
    if said is None or not said.entered:
        left.no_value += 1
        return None
    if one.field.kind not in WRITTEN_KINDS:
        left.other_kind += 1
        return None
    text = spell(said.entered)
    if text is None:
        left.not_spelled += 1
    return text


def _of_page(
    wanted: Sequence[tuple[CorrectedField, str]], scan: str, number: int, layout: str, left: SkippedFields
) -> Iterator[ReviewedLine]:
    try:
        places = page_crops(open_scan(Path(scan)).page(number), load_layout(layout))
    except PageError:
        left.not_found += len(wanted)
        return
    for one, text in wanted:
        found = places.get((one.record, one.field.name), ())
        crops = [crop for crop in found if crop.ink.any()]
        read = [r.text for r, crop in zip(one.field.readings, found, strict=False) if crop.ink.any()]
        parts = split_over_strips(text, read) if len(read) == len(crops) else None
        if parts is None:
            left.not_found += 1
        elif Levenshtein.distance(text, " ".join(read)) > MAX_EDITS_PER_LETTER * len(text) and len(crops) > 1:
            left.strange += 1
        else:
            yield from _lines(crops, parts, f"{one.sha256} {number}")


def _lines(crops: Sequence[Crop], parts: Sequence[str], page: str) -> Iterator[ReviewedLine]:
    for crop, part in zip(crops, parts, strict=True):
        if part:
            yield ReviewedLine(framed(crop), part, page)


def split_over_strips(text: str, read: Sequence[str]) -> tuple[str, ...] | None:
    """A text divided at spaces into one part a strip, as near as can be to what was read there.

    None where there are no strips, or too many ways.
    """
    words = text.split()
    if not read:
        return None
    if len(read) == 1:
        return (text,)
    cuts = len(read) - 1
    if comb(len(words) + cuts, cuts) > MAX_SPLITS:
        return None
    best: tuple[int, tuple[str, ...]] | None = None
    for at in combinations_with_replacement(range(len(words) + 1), cuts):
        ends = (0, *at, len(words))
        parts = tuple(" ".join(words[a:b]) for a, b in pairwise(ends))
        cost = sum(Levenshtein.distance(part, seen) for part, seen in zip(parts, read, strict=True))
        if best is None or cost < best[0]:
            best = cost, parts
    return best[1] if best else None


def save_reviewed(lines: Iterable[ReviewedLine], folder: Path) -> int:
    """Write the lines as a folder with labels.tsv and, each page a writer, writers.tsv; says how many."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    labels, writers, count = [], [], 0
    for count, line in enumerate(lines, 1):
        name = f"images/{count:05d}.png"
        cv2.imwrite(str(folder / name), line.image)
        labels.append(f"{name}\t{line.text}\n")
        writers.append(f"{name}\t{line.page}\n")
    (folder / "writers.tsv").write_text("".join(writers), encoding="utf-8")
    (folder / "labels.tsv").write_text("".join(labels), encoding="utf-8")
    return count
