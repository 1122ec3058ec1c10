"""What a reviewer sees of a field: its lines on the upright page, its doubtful letters, and what else it may say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from rapidfuzz.distance import Levenshtein

from ocrfill.acceptance.second_reading import BOOK_READER
from ocrfill.civil_status.orthography import folded
from ocrfill.document.geometry import Polygon
from ocrfill.document.result import Field, PageResult, Reading
from ocrfill.layouts.fields import Choice, FieldType, Tick
from ocrfill.layouts.fields.choice import entries_of
from ocrfill.review.tasks import OPTION_KEYS, Frame

MIN_TRUSTED_SCORE = 0.7
"""The reader's own score under which a character is marked for a second look."""

MAX_OFFERED_VALUES = 4
"""Other values offered for a field without a list: more are read slower than a word is typed."""

MAX_NEAR_ENTRIES = 3
"""Entries of a long list that are offered because they look like what was read."""

COMMON_ENTRIES = {"dan_toc": ("Kinh",), "quoc_tich": ("Việt Nam",), "quan_he": ("Cha", "Mẹ")}
"""What stands in most entries of a long list's fields."""


def frames_of(field: Field, result: PageResult) -> tuple[Frame, ...]:
    """The lines of the field as shares of the upright page."""
    return tuple(_frame(strip, result) for strip in field.strips or (field.polygon,) if strip)


def _frame(polygon: Polygon, result: PageResult) -> Frame:
    """The least frame around a polygon of the scan, on the page as it stands when turned upright."""
    points = [(x / result.width, y / result.height) for x, y in polygon]
    if result.flipped:
        points = [(1 - x, y) for x, y in points]
    match result.turned:
        case 90:
            points = [(1 - y, x) for x, y in points]
        case 180:
            points = [(1 - x, 1 - y) for x, y in points]
        case 270:
            points = [(y, 1 - x) for x, y in points]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return max(0.0, min(xs)), max(0.0, min(ys)), min(1.0, max(xs)), min(1.0, max(ys))


def marks_of(value: str, readings: Sequence[Reading]) -> frozenset[int]:
    """The places in the value of characters that a reader trusts little.

    The value may differ from the reading (tidied, put into a date's form): what the two have in common is marked.
    """
    marks: set[int] = set()
    for part, reading in _parts(value, readings):
        text = "".join(c.text for c in reading.characters)
        low = [c.score < MIN_TRUSTED_SCORE for c in reading.characters for _ in c.text]
        for block in SequenceMatcher(None, text, value[part:], autojunk=False).get_matching_blocks():
            marks.update(part + block.b + i for i in range(block.size) if low[block.a + i])
    return frozenset(i for i in marks if not value[i].isspace())


def _parts(value: str, readings: Sequence[Reading]) -> Iterator[tuple[int, Reading]]:
    """Each reading with characters, and from where in the value on its text is looked for."""
    start = 0
    for reading in readings:
        if not reading.characters:
            continue
        at = value.find(reading.text, start) if reading.text else -1
        yield (start if at < 0 else at), reading
        start = at + len(reading.text) if at >= 0 else start


def whole_list(kind: FieldType) -> tuple[str, ...]:
    """The entries of a closed list that has no more than there are keys; else none. Each has always the same key."""
    entries = (
        tuple(kind.options) if isinstance(kind, Tick) else entries_of(kind.list) if isinstance(kind, Choice) else ()
    )
    return entries if len(entries) <= len(OPTION_KEYS) else ()


def options_of(field: Field, kind: FieldType, others: Iterable[str] = ()) -> tuple[str, ...]:
    """Values a key away, best first: `others` (what persons said), then a closed list or the readers' alternatives.

    A list longer than there are keys gives what the readers saw, the entries nearest to it, and the commonest.
    """
    said = [*others]
    read = [text for text in _read(field) if text]
    if entries := whole_list(kind):
        return tuple(dict.fromkeys((*entries, *said)))
    if isinstance(kind, Choice):
        parsed = [kind.parse((Reading(text, 1.0, ""),)).normalised for text in (field.raw, *read)]
        likely = [entry for entry in parsed if entry is not None]
        near = sorted(entries_of(kind.list), key=lambda entry: Levenshtein.distance(folded(entry), folded(field.raw)))
        return tuple(dict.fromkeys((*said, *likely, *near[:MAX_NEAR_ENTRIES], *COMMON_ENTRIES.get(kind.list, ()))))
    return tuple(dict.fromkeys((*said, *read)))[: MAX_OFFERED_VALUES + len(said)]


def _read(field: Field) -> Iterator[str]:
    """What readers made of the whole field: other readers first, then the more trusted change of one line.

    Where the book proposed the value, what was read comes before them. A text that only has a comma or a point more at
    its end than another is no help and is left out.
    """
    texts = [reading.text for reading in field.readings]
    if field.reader == BOOK_READER:
        yield " ".join(" ".join(texts).split())
    changes = [(2.0, i, other.text) for i, reading in enumerate(field.readings) for other in reading.others]
    changes += [
        (alternative.score, i, alternative.text)
        for i, reading in enumerate(field.readings)
        for alternative in reading.alternatives
    ]
    seen = {_bare(field.raw)}
    for _, i, text in sorted(changes, key=lambda change: -change[0]):
        whole = " ".join(" ".join((*texts[:i], text, *texts[i + 1 :])).split())
        if _bare(whole) not in seen:
            seen.add(_bare(whole))
            yield whole


def _bare(text: str) -> str:
    return text.rstrip(" ,.;:")
